"""Win, loss, tie, undecided or too few runs: what may be said of strategies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice.arena.paired import Ahead, ahead
from practice.arena.records import Comparison, Results
from practice.arena.scores import scores_of
from practice.arena.shown import bca, share_better
from practice.errors import UsageError

__all__ = [
    "Judgement",
    "Verdict",
    "decimals",
    "holm",
    "judge",
    "must_be_rope",
    "needed",
    "sentence",
    "verdict",
    "wilcoxon_p",
]

Verdict = Literal["win", "loss", "tie", "undecided", "too few runs"]

LEVEL = 0.05  # of a test


@dataclass(frozen=True)
class Judgement:
    """What a comparison says of a strategy against its reference, more being better.

    Parameters
    ----------
    strategy, reference : str
    verdict : {"win", "loss", "tie", "undecided", "too few runs"}
    pairs, differing : int
        Pairs of runs; those whose scores are not equal.
    needed : int
        Differing pairs below which there is no verdict.
    difference : float or None
        Mean paired difference of the score on held-out rows; None without a pair.
    error, low, high : float or None
        Its standard error and 95 % interval, on which the verdict rests.
    bca_low, bca_high : float or None
        The bootstrap's interval, for display.
    rope : float
        Differences up to here count as nothing (region of practical equivalence).
    p, holm : float or None
        Of Wilcoxon's signed-rank test; adjusted for all strategies that are compared.
    better, better_low, better_high : float or None
        Share of pairs in which the strategy is ahead, ties counting half; its 95 % interval.
    rows_error : float or None
        Standard error of the difference from the held-out rows alone.
    doubt_of_rows : float or None
        Share of the squared error that is the held-out rows'.
    """

    strategy: str
    reference: str
    verdict: Verdict
    pairs: int
    differing: int
    needed: int
    difference: float | None
    error: float | None
    low: float | None
    high: float | None
    bca_low: float | None
    bca_high: float | None
    rope: float
    p: float | None
    holm: float | None
    better: float | None
    better_low: float | None
    better_high: float | None
    rows_error: float | None
    doubt_of_rows: float | None


def must_be_rope(rope: float | None) -> None:
    """Refuse what is no region of practical equivalence.

    Raises
    ------
    UsageError
        It is negative or not a finite number.

    Examples
    --------
    >>> must_be_rope(None), must_be_rope(0.01)
    (None, None)
    """
    if rope is not None and not (math.isfinite(rope) and rope >= 0):
        raise UsageError(f"the ROPE is a size of differences, 0 or more, not {rope}", "--rope 0.01")


def judge(results: Results, rope: float | None = None) -> tuple[Judgement, ...]:
    """Judge every strategy of a comparison against its reference.

    Parameters
    ----------
    results : Results
        Complete or not.
    rope : float, optional
        Differences up to here count as nothing, in the unit of the metric; at least the standard
        error that the held-out rows give the difference. 0: no difference counts as nothing.
        Default: that standard error.

    Returns
    -------
    tuple of Judgement
        In the order of the strategies, without the reference.

    Raises
    ------
    UsageError
        The ROPE is negative or not a number.
    """
    must_be_rope(rope)
    asked, scores = results.comparison, scores_of(results)
    others = [name for name in asked.strategies if name != asked.reference]
    found = [ahead(results, name, asked.reference, scores=scores) for name in others]
    tests = [wilcoxon_p(each.differences) for each in found]
    adjusted = holm(tests)
    return tuple(
        _judgement(asked, name, each, rope, (p, adjusted_p))
        for name, each, p, adjusted_p in zip(others, found, tests, adjusted, strict=True)
    )


def _judgement(
    asked: Comparison,
    strategy: str,
    found: Ahead,
    rope: float | None,
    tests: tuple[float | None, float | None],
) -> Judgement:
    nothing = 0.0 if rope == 0 else max(rope or 0.0, found.rows_error or 0.0)
    least = needed(len(asked.strategies) - 1)
    shown = bca(found.differences) or (None, None)
    better = share_better(found.differences, found.error) or (None, None, None)
    return Judgement(
        strategy=strategy,
        reference=asked.reference,
        verdict=verdict(found, nothing, least),
        pairs=found.pairs,
        differing=found.differing,
        needed=least,
        difference=found.value if found.pairs else None,
        error=found.error,
        low=found.low,
        high=found.high,
        bca_low=shown[0],
        bca_high=shown[1],
        rope=nothing,
        p=tests[0],
        holm=tests[1],
        better=better[0],
        better_low=better[1],
        better_high=better[2],
        rows_error=found.rows_error,
        doubt_of_rows=found.doubt_of_rows,
    )


def verdict(found: Ahead, rope: float, least: int) -> Verdict:
    """Say what an interval and a region of practical equivalence allow to say [1]_.

    Parameters
    ----------
    found : Ahead
    rope : float
    least : int
        As :func:`needed` counts it.

    Returns
    -------
    {"win", "loss", "tie", "undecided", "too few runs"}
        Wholly beyond the region a win or a loss, wholly inside a tie. So many pairs that are all
        equal are a tie as well.

    References
    ----------
    .. [1] Kruschke, "Rejecting or accepting parameter values in Bayesian estimation", Advances in
       Methods and Practices in Psychological Science 1, 2018.
    """
    if found.pairs >= least and not found.differing:
        return "tie"
    if found.differing < least or found.low is None or found.high is None:
        return "too few runs"
    if found.low > rope:
        return "win"
    if found.high < -rope:
        return "loss"
    return "tie" if -rope <= found.low and found.high <= rope else "undecided"


def needed(comparisons: int) -> int:
    """Count the pairs below which Wilcoxon's test with Holm's correction can never reject.

    Parameters
    ----------
    comparisons : int

    Returns
    -------
    int
        The least n with ``2 / 2**n <= 0.05 / comparisons``.

    Examples
    --------
    >>> needed(1), needed(4)
    (6, 8)
    """
    return math.ceil(math.log2(2 * max(1, comparisons) / LEVEL))


def wilcoxon_p(differences: NDArray[np.float64]) -> float | None:
    """Test by signed ranks whether paired differences lie around zero; zeros are dropped.

    The distribution of the sum of ranks is exact, with equal sizes too: scipy's is then either
    normal or takes half a second at 13 pairs. The test takes pairs as independent, whatever they
    share.

    Parameters
    ----------
    differences : ndarray
        NaN where there is none.

    Returns
    -------
    float or None
        Two-sided p-value; None without a difference.

    Examples
    --------
    >>> wilcoxon_p(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    0.03125
    """
    values = differences[np.isfinite(differences) & (differences != 0)]
    if not len(values):
        return None
    from scipy.stats import rankdata

    sizes = np.abs(values)
    # Sizes that are equal on paper share a rank; twice a rank is a whole number.
    ranks = np.rint(2 * rankdata(np.round(sizes / sizes.max(), 12))).astype(np.int64)
    chances = np.ones(1)  # of every sum, signs being tossed
    for rank in ranks:
        chances = (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0))) / 2
    total = int(ranks[values > 0].sum())
    tail = min(chances[: total + 1].sum(), chances[total:].sum())
    return min(1.0, 2 * float(tail))


def holm(tests: Sequence[float | None]) -> list[float | None]:
    """Adjust p-values for their number by Holm's step-down method [1]_.

    Parameters
    ----------
    tests : sequence of float or None
        None is not a test that rejects, but counts.

    Returns
    -------
    list of float or None

    References
    ----------
    .. [1] Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
       Statistics 6, 1979.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted: list[float | None] = [None] * len(tests)
    highest = 0.0
    known = sorted((p, position) for position, p in enumerate(tests) if p is not None)
    for rank, (p, position) in enumerate(known):
        highest = max(highest, min(1.0, (len(tests) - rank) * p))
        adjusted[position] = highest
    return adjusted


def sentence(found: Judgement, comparison: Comparison) -> str:
    """Say a judgement in one sentence that can be quoted.

    Parameters
    ----------
    found : Judgement
    comparison : Comparison

    Returns
    -------
    str
        Positive numbers speak for the strategy, whatever the direction of the metric.
    """
    names, place = (found.strategy, found.reference), f"on {comparison.slug}"
    runs = f"{found.pairs} paired run{'' if found.pairs == 1 else 's'}"
    if found.verdict == "too few runs" or found.difference is None:
        return (
            f"{names[0]} against {names[1]} {place}: too few runs for a verdict, "
            f"{found.differing} of {runs} differ and {found.needed} are needed."
        )
    if found.low is None or found.high is None or not found.differing:
        return f"{names[0]} ties with {names[1]} {place}: equal scores in {runs}."
    unit = comparison.metric.replace("_", " ")
    digits = decimals(found.high - found.low)
    said = {
        "win": f"{names[0]} beats {names[1]} {place}",
        "loss": f"{names[0]} loses to {names[1]} {place}",
        "tie": f"{names[0]} ties with {names[1]} {place}",
    }.get(found.verdict, f"{names[0]} against {names[1]} {place} is undecided")
    holm_p = "" if found.holm is None else f", Holm p {_p(found.holm)}"
    inside = f", within {found.rope:.{digits}f}" if found.verdict == "tie" else ""
    if found.verdict == "undecided" and found.rope and not found.low <= 0 <= found.high:
        inside = f", not surely more than {found.rope:.{digits}f}"
    doubt = ""
    if found.doubt_of_rows is not None:
        doubt = f"; {100 * found.doubt_of_rows:.0f} % of the doubt is the hidden test's"
    return (
        f"{said}: {found.difference:+.{digits}f} {unit}{inside} (95 % CI {found.low:+.{digits}f} "
        f"to {found.high:+.{digits}f}, {runs}{holm_p}){doubt}."
    )


def decimals(width: float | None) -> int:
    """Return the decimals that show an interval of a width with three figures.

    Examples
    --------
    >>> decimals(0.0042), decimals(1500.0)
    (5, 0)
    """
    return max(0, min(12, 2 - math.floor(math.log10(width)))) if width else 4


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"
