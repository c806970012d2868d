"""How far one strategy is ahead of another, and how far that could be luck."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.records import Results
from practice.arena.scores import ROUNDING, Scores, scores_of

__all__ = ["Ahead", "Variance", "ahead", "common_and_rows", "variance"]

Values = NDArray[np.float64]

PRIOR = 3  # splits that the seeds may count for, at most
KNOWN = 1000.0  # degrees of freedom at which a variance counts as known


@dataclass(frozen=True)
class Variance:
    """The squared standard error of a mean over splits and seeds.

    Parameters
    ----------
    value : float
    freedom : float
        Degrees of freedom of Student's t that goes with it.
    """

    value: float
    freedom: float


@dataclass(frozen=True)
class Ahead:
    """The paired difference of two strategies on the held-out rows, more being better.

    Parameters
    ----------
    differences : ndarray of shape (splits, seeds)
        NaN where one of the two runs has not ended.
    value : float
        Mean over splits of the mean over seeds; NaN without a pair.
    error : float or None
        Its standard error; None where there are too few pairs to tell.
    low, high : float or None
        The ends of its interval.
    freedom : float or None
        Degrees of freedom of the interval.
    rows_error : float or None
        The part of ``error`` that the held-out rows make; None without replicates.
    """

    differences: Values
    value: float
    error: float | None
    low: float | None
    high: float | None
    freedom: float | None
    rows_error: float | None

    @property
    def pairs(self) -> int:
        """Number of pairs of runs."""
        return int(np.isfinite(self.differences).sum())

    @property
    def differing(self) -> int:
        """Number of pairs of runs whose scores differ."""
        return int(np.count_nonzero(np.nan_to_num(self.differences)))

    @property
    def doubt_of_rows(self) -> float | None:
        """Share of the squared standard error that the held-out rows make."""
        if self.rows_error is None or not self.error:
            return None
        return (self.rows_error / self.error) ** 2


def ahead(
    results: Results,
    strategy: str,
    reference: str,
    level: float = 0.95,
    scores: Scores | None = None,
) -> Ahead:
    """Compare two strategies in pairs of runs on the same split with the same seed.

    Parameters
    ----------
    results : Results
    strategy, reference : str
    level : float
        Of the interval.
    scores : Scores, optional
        Of ``results``, where they are at hand.

    Returns
    -------
    Ahead
        Of ``strategy`` before ``reference``.
    """
    scores = scores or scores_of(results)
    one, other = (scores.strategies.index(name) for name in (strategy, reference))
    first, second = scores.held[one], scores.held[other]
    differences = first - second
    same = np.abs(differences) <= ROUNDING * np.maximum(np.abs(first), np.abs(second))
    differences[same] = 0.0
    common, rows = common_and_rows(_replicates(results, strategy, reference, differences))
    found = variance(differences, common or 0.0, rows or 0.0)
    means = [np.nanmean(split) for split in differences if np.isfinite(split).any()]
    value = float(np.mean(means)) if means else math.nan
    rows_error = None if rows is None else math.sqrt(rows)
    if found is None:
        return Ahead(differences, value, None, None, None, None, rows_error)
    from scipy.stats import t

    error = math.sqrt(found.value)
    half = float(t.ppf((1 + level) / 2, found.freedom)) * error
    return Ahead(differences, value, error, value - half, value + half, found.freedom, rows_error)


def variance(differences: Values, common: float = 0.0, rows: float = 0.0) -> Variance | None:
    r"""Estimate the squared standard error of the mean of paired differences.

    Differences on one split share its rows, those to learn from and those held out, so splits are
    drawn before seeds. With the mean squares within splits :math:`W` and between them :math:`B`
    (of :math:`S` splits with :math:`K` seeds each),

    .. math:: E = \min(3, S - 1) \min(1, (W + K C) / B), \quad
        M = \max(W, \frac{E W + (S - 1) B}{E + S - 1}), \quad V = M / (S K)

    with :math:`E + S - 1` degrees of freedom: a moderated variance [1]_. C is the variance that the
    held-out rows give to all differences on a split alike. Where splits scatter no more than seeds
    and those rows make them, the seeds help to estimate how much; the more splits scatter, the less
    the seeds count, down to Student's t of the splits' means.

    Of a single split :math:`V = W / K + C`, with Satterthwaite's degrees of freedom.

    Parameters
    ----------
    differences : ndarray of shape (splits, seeds)
        NaN where there is none. With unequal numbers, K is their harmonic mean.
    common : float
        C. The scatter of several splits contains it, so there it is not added.
    rows : float
        The squared standard error that the held-out rows alone make; V is at least that.

    Returns
    -------
    Variance or None
        None where fewer than two pairs tell nothing of their scatter.

    References
    ----------
    .. [1] Smyth, "Linear models and empirical Bayes methods for assessing differential expression
       in microarray experiments", Statistical Applications in Genetics and Molecular Biology 3,
       2004.

    Examples
    --------
    >>> variance(np.array([[1.0, 5.0], [3.0, 5.0]]))
    Variance(value=1.25, freedom=2.0)
    >>> variance(np.array([[1.0, 2.0, 3.0]]))
    Variance(value=0.333..., freedom=2.0)
    """
    splits = [split[np.isfinite(split)] for split in differences]
    splits = [split for split in splits if len(split)]
    count, within_freedom = len(splits), sum(len(split) - 1 for split in splits)
    if not count or (count == 1 and not within_freedom):
        return None
    seeds = count / sum(1 / len(split) for split in splits)
    within = sum(float(((split - split.mean()) ** 2).sum()) for split in splits)
    within /= max(1, within_freedom)
    if count == 1:
        value = within / seeds + common
        share = within / seeds / value if value else 1.0
        freedom = within_freedom / share**2 if share else math.inf
        return Variance(max(value, rows), min(KNOWN, freedom))
    between = seeds * float(np.var([split.mean() for split in splits], ddof=1))
    prior = 0.0
    if within_freedom:
        explained = within + seeds * common
        prior = min(PRIOR, count - 1) * (explained / between if between > explained else 1.0)
    pooled = (prior * within + (count - 1) * between) / (prior + count - 1)
    mean_square = max(within, pooled)
    return Variance(max(mean_square / (count * seeds), rows), prior + count - 1.0)


def common_and_rows(
    replicates: list[Values] | None,
) -> tuple[float | None, float | None]:
    """Split what the held-out rows do into what all runs on a split share, and the whole.

    Parameters
    ----------
    replicates : list of ndarray of shape (seeds, replicates), or None
        For every split, the paired differences under each replicate of its rows.

    Returns
    -------
    common : float or None
        Mean covariance, over the rows, of the differences of two seeds on one split; at least 0.
        None where no split has two seeds.
    rows : float or None
        Variance, over the rows, of the mean of all differences. The rows of different splits are
        different ones, so their variances add.

    Examples
    --------
    >>> common_and_rows([np.array([[1.0, 3.0], [1.0, 3.0]])])
    (2.0, 2.0)
    >>> common_and_rows(None)
    (None, None)
    """
    if not replicates:
        return None, None
    means, shared = [], []
    for split in replicates:
        seeds = len(split)
        means.append(float(split.mean(axis=0).var(ddof=1)))
        if seeds > 1:
            own = float(split.var(axis=1, ddof=1).mean())
            shared.append((seeds * means[-1] - own) / (seeds - 1))
    common = max(0.0, float(np.mean(shared))) if shared else None
    return common, sum(means) / len(means) ** 2


def _replicates(
    results: Results, strategy: str, reference: str, differences: Values
) -> list[Values] | None:
    """Return the paired differences under every replicate; None where some pair has none."""
    asked = results.comparison
    sign = 1.0 if asked.greater_is_better else -1.0
    found = []
    for outer, row in zip(asked.outer, differences, strict=True):
        seeds = [seed for seed, d in zip(asked.seeds, row, strict=True) if np.isfinite(d)]
        keys = [((strategy, outer, seed), (reference, outer, seed)) for seed in seeds]
        if not all(key in results.replicates for pair in keys for key in pair):
            return None
        if keys:
            drawn = np.array([results.replicates[a] - results.replicates[b] for a, b in keys])
            drawn = sign * drawn[:, np.isfinite(drawn).all(axis=0)]
            if drawn.shape[1] < 2:
                return None
            found.append(drawn)
    return found or None
