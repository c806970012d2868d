"""Strategies over several competitions: each competition is one observation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.records import Results
from practice.arena.scores import normalised_regret, scores_of
from practice.arena.verdict import LEVEL, holm, needed, wilcoxon_p
from practice.errors import UsageError

__all__ = [
    "ENOUGH",
    "Friedman",
    "Pair",
    "Several",
    "Standing",
    "cliques",
    "compare_several",
    "friedman",
]

Values = NDArray[np.float64]

ENOUGH = 6  # competitions, for a critical-difference diagram
RESAMPLES = 2000
SEED = 0
SAMPLES = 5000  # of a posterior
EQUIVALENT = 0.01  # of normalised regret, as Benavoli et al. take one percent


@dataclass(frozen=True)
class Standing:
    """A strategy over all competitions.

    Parameters
    ----------
    strategy : str
    regret, low, high : float
        Mean normalised regret; its 95 % interval, by a hierarchical bootstrap.
    rank : float
        Mean rank of its regret among the strategies, 1 the best.
    """

    strategy: str
    regret: float
    low: float
    high: float
    rank: float


@dataclass(frozen=True)
class Pair:
    """Two strategies over all competitions.

    Parameters
    ----------
    first, second : str
    p, holm : float or None
        Of Wilcoxon's signed-rank test on the competitions; adjusted for all pairs.
    first_better, equivalent, second_better : float or None
        Posterior probabilities of the Bayesian signed-rank test; None without baycomp.
    """

    first: str
    second: str
    p: float | None
    holm: float | None
    first_better: float | None
    equivalent: float | None
    second_better: float | None


@dataclass(frozen=True)
class Friedman:
    """Whether strategies differ at all.

    Parameters
    ----------
    chi2, p : float
        Friedman's statistic, corrected for ties.
    f, f_p : float
        Iman and Davenport's, which is less conservative.
    """

    chi2: float
    p: float
    f: float
    f_p: float


@dataclass(frozen=True)
class Several:
    """What several competitions say of the same strategies.

    Parameters
    ----------
    competitions : tuple of str
    standings : tuple of Standing
        The best mean rank first.
    regret : ndarray of shape (competitions, strategies)
        Mean normalised regret, in the order of ``standings``.
    wins : ndarray of shape (strategies, strategies)
        How often the row's strategy is ahead of the column's, on the same split with the same
        seed, ties counting half; every competition has the same weight.
    friedman : Friedman or None
        None below three strategies or two competitions.
    pairs : tuple of Pair
    cliques : tuple of tuple of str, or None
        The bars of a critical-difference diagram: strategies next to each other in mean rank, none
        of which differ significantly. None below six competitions.
    notes : tuple of str
        What could not be done, and why.
    """

    competitions: tuple[str, ...]
    standings: tuple[Standing, ...]
    regret: Values
    wins: Values
    friedman: Friedman | None
    pairs: tuple[Pair, ...]
    cliques: tuple[tuple[str, ...], ...] | None
    notes: tuple[str, ...]


def compare_several(results: Sequence[Results]) -> Several:
    """Compare strategies over competitions.

    The tests are those of [1]_ and [2]_: Friedman, then signed ranks for every pair, because mean
    ranks make the verdict on two strategies depend on who else was there.

    Parameters
    ----------
    results : sequence of Results
        Of different competitions, with the same strategies.

    Returns
    -------
    Several

    Raises
    ------
    UsageError
        A competition is there twice, strategies differ, or a strategy has not run.

    References
    ----------
    .. [1] Demšar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7, 2006.
    .. [2] Benavoli, Corani and Mangili, "Should we really use post-hoc tests based on mean-ranks?",
       JMLR 17, 2016.
    """
    names, regrets, helds = _same(results)
    regret = np.array([[np.nanmean(run) for run in one] for one in regrets])
    from scipy.stats import rankdata

    ranks = rankdata(regret.round(12), axis=1).mean(axis=0)
    order = np.argsort(ranks, kind="stable")
    low, high = _bootstrap(regrets)
    standings = tuple(
        Standing(names[i], float(regret[:, i].mean()), low[i], high[i], float(ranks[i]))
        for i in order
    )
    ordered = tuple(names[i] for i in order)
    pairs, notes = _pairs(ordered, regret[:, order])
    competitions = tuple(one.comparison.slug for one in results)
    enough = len(competitions) >= ENOUGH
    if not enough:
        missing = f"a critical-difference diagram needs {ENOUGH} competitions, not"
        notes.append(f"{missing} {len(competitions)}")
    return Several(
        competitions,
        standings,
        regret[:, order],
        np.mean([_wins(held[order]) for held in helds], axis=0),
        friedman(regret),
        pairs,
        cliques(ordered, pairs) if enough else None,
        tuple(notes),
    )


def _same(results: Sequence[Results]) -> tuple[tuple[str, ...], list[Values], list[Values]]:
    """Return the strategies, and for every competition regrets and scores in their order."""
    if not results:
        raise UsageError("no comparison to judge")
    names = results[0].comparison.strategies
    seen: set[str] = set()
    regrets, helds = [], []
    for one in results:
        slug = one.comparison.slug
        if slug in seen:
            raise UsageError(f"{slug} is there twice", "give one comparison per competition")
        seen.add(slug)
        if set(one.comparison.strategies) != set(names):
            raise UsageError(
                f"the strategies of {slug} are not those of {results[0].comparison.slug}",
                "compare the same strategies on every competition",
            )
        scores = scores_of(one)
        order = [scores.strategies.index(name) for name in names]
        regret = normalised_regret(scores)[order]
        for name, runs in zip(names, regret, strict=True):
            if not np.isfinite(runs).any():
                raise UsageError(f"{name} has no run on {slug}", "finish the comparison first")
        regrets.append(regret)
        helds.append(scores.held[order])
    return names, regrets, helds


def _bootstrap(regrets: list[Values]) -> tuple[list[float], list[float]]:
    """Resample competitions, then splits, then seeds; the same for every strategy."""
    generator = np.random.default_rng(SEED)
    count = len(regrets)
    chosen = generator.integers(count, size=(RESAMPLES, count))
    total = np.zeros((len(regrets[0]), RESAMPLES))
    for position, regret in enumerate(regrets):
        # A competition that is drawn twice is resampled twice.
        draw, _ = np.nonzero(chosen == position)
        splits = generator.integers(regret.shape[1], size=(len(draw), regret.shape[1], 1))
        shape = (len(draw), regret.shape[1], regret.shape[2])
        seeds = generator.integers(regret.shape[2], size=shape)
        sample = regret[:, splits, seeds]
        known = np.isfinite(sample)
        runs = known.sum(axis=(2, 3))
        means = np.where(known, sample, 0.0).sum(axis=(2, 3)) / np.maximum(runs, 1)
        means = np.where(runs, means, np.nanmean(regret, axis=(1, 2))[:, None])
        for strategy, values in enumerate(means):
            total[strategy] += np.bincount(draw, weights=values, minlength=RESAMPLES)
    low, high = np.quantile(total / count, [0.025, 0.975], axis=1)
    return [float(value) for value in low], [float(value) for value in high]


def _pairs(names: tuple[str, ...], regret: Values) -> tuple[tuple[Pair, ...], list[str]]:
    """Test every pair of strategies; regrets are of shape (competitions, strategies)."""
    couples = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    tests = [wilcoxon_p((regret[:, j] - regret[:, i]).round(12)) for i, j in couples]
    posteriors = [_signed_rank(regret[:, i], regret[:, j]) for i, j in couples]
    notes = []
    if couples and len(regret) < needed(len(couples)):
        what = "a pair" if len(couples) == 1 else f"{len(couples)} pairs"
        verb = "needs" if len(couples) == 1 else "need"
        need = f"{needed(len(couples))} competitions to tell any apart"
        notes.append(f"{what} of strategies {verb} {need}, not {len(regret)}")
    if couples and all(found is None for found in posteriors) and len(regret) > 1:
        notes.append("the Bayesian signed-rank test needs baycomp: pip install 'practice[stats]'")
    pairs = tuple(
        Pair(names[i], names[j], p, adjusted, *(found or (None, None, None)))
        for (i, j), p, adjusted, found in zip(couples, tests, holm(tests), posteriors, strict=True)
    )
    return pairs, notes


def _signed_rank(first: Values, second: Values) -> tuple[float, float, float] | None:
    """Return P(first better), P(equivalent), P(second better); less regret is better."""
    if len(first) < 2:
        return None
    try:
        from baycomp import SignedRankTest
    except ImportError:
        return None
    left, rope, right = SignedRankTest.probs(
        -first, -second, rope=EQUIVALENT, nsamples=SAMPLES, random_state=SEED
    )
    return float(left), float(rope), float(right)


def friedman(regret: Values) -> Friedman | None:
    """Test whether strategies differ at all, by ranks [1]_, [2]_.

    Parameters
    ----------
    regret : ndarray of shape (competitions, strategies)

    Returns
    -------
    Friedman or None
        None below three strategies or two competitions, or where all are equal everywhere.

    References
    ----------
    .. [1] Friedman, "The use of ranks to avoid the assumption of normality implicit in the
       analysis of variance", Journal of the American Statistical Association 32, 1937.
    .. [2] Iman and Davenport, "Approximations of the critical region of the Friedman statistic",
       Communications in Statistics 9, 1980.

    Examples
    --------
    >>> found = friedman(np.array([[1.0, 2, 3], [1, 2, 3], [1, 3, 2], [2, 1, 3]]))
    >>> round(found.chi2, 3), round(found.f, 3)
    (4.5, 3.857)
    """
    count, strategies = regret.shape
    rounded = regret.round(12)
    if count < 2 or strategies < 3 or bool((np.ptp(rounded, axis=1) == 0).all()):
        return None
    from scipy.stats import f as f_distribution
    from scipy.stats import friedmanchisquare

    found = friedmanchisquare(*rounded.T)
    chi2, most = float(found.statistic), count * (strategies - 1)
    if chi2 >= most * (1 - 1e-12):
        return Friedman(chi2, float(found.pvalue), math.inf, 0.0)
    f = (count - 1) * chi2 / (most - chi2)
    p = float(f_distribution.sf(f, strategies - 1, (strategies - 1) * (count - 1)))
    return Friedman(chi2, float(found.pvalue), f, p)


def cliques(names: tuple[str, ...], pairs: Sequence[Pair]) -> tuple[tuple[str, ...], ...]:
    """Group strategies that lie next to each other and do not differ significantly.

    Parameters
    ----------
    names : tuple of str
        The best mean rank first.
    pairs : sequence of Pair

    Returns
    -------
    tuple of tuple of str
        Of two or more, none inside another.

    Examples
    --------
    >>> tests = {("a", "b"): 0.5, ("b", "c"): 0.2, ("a", "c"): 0.01}
    >>> cliques(("a", "b", "c"), [Pair(*k, p, p, None, None, None) for k, p in tests.items()])
    (('a', 'b'), ('b', 'c'))
    """
    apart = {
        frozenset((pair.first, pair.second))
        for pair in pairs
        if pair.holm is not None and pair.holm < LEVEL
    }
    found: list[tuple[str, ...]] = []
    reached = 0
    for start in range(len(names)):
        end = start + 1
        while end < len(names) and all(
            frozenset((names[end], name)) not in apart for name in names[start:end]
        ):
            end += 1
        if end - start > 1 and end > reached:
            found.append(names[start:end])
            reached = end
    return tuple(found)


def _wins(held: Values) -> Values:
    """Count how often each is ahead of each, of shape (strategies, strategies)."""
    runs = held.reshape(len(held), -1)
    first, second = runs[:, None], runs[None]
    known = np.isfinite(first) & np.isfinite(second)
    points = (first > second) + 0.5 * (first == second)
    counts = known.sum(axis=2)
    won = np.where(known, points, 0.0).sum(axis=2)
    shares: Values = np.divide(won, counts, out=np.full(counts.shape, 0.5), where=counts > 0)
    return shares
