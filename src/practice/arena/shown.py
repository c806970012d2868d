"""What is shown beside a verdict and decides nothing: a bootstrap interval, the share of wins."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from practice.arena.scores import ROUNDING

__all__ = ["bca", "hierarchical_means", "share_better"]

Values = NDArray[np.float64]

RESAMPLES = 2000
SEED = 0  # so that a comparison reads the same every time


def hierarchical_means(differences: Values, generator: np.random.Generator) -> Values:
    """Resample splits, then the seeds of each that was drawn, and average.

    Parameters
    ----------
    differences : ndarray of shape (splits, seeds)
        NaN where there is none; a split without any does not count.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of shape (2000,)
        Means over splits of means over seeds.
    """
    splits = [split[np.isfinite(split)] for split in differences]
    splits = [split for split in splits if len(split)]
    chosen = generator.integers(len(splits), size=(RESAMPLES, len(splits)))
    total = np.zeros(RESAMPLES)
    for position, split in enumerate(splits):
        # A split that is drawn twice has its seeds drawn twice.
        draws, _ = np.nonzero(chosen == position)
        seeds = generator.integers(len(split), size=(len(draws), len(split)))
        total += np.bincount(draws, weights=split[seeds].mean(axis=1), minlength=RESAMPLES)
    means: Values = total / len(splits)
    return means


def bca(differences: Values, level: float = 0.95) -> tuple[float, float] | None:
    """Return the bias-corrected and accelerated bootstrap interval [1]_ of a mean, for display.

    Splits are resampled before seeds. With few pairs it covers too little (85 % at 6, 91 % at 20),
    so no verdict hangs on it.

    Parameters
    ----------
    differences : ndarray of shape (splits, seeds)
        Paired differences, NaN where there is none.
    level : float

    Returns
    -------
    tuple of float or None
        Lower and upper end; None below two pairs.

    References
    ----------
    .. [1] Efron, "Better bootstrap confidence intervals", Journal of the American Statistical
       Association 82, 1987.

    Examples
    --------
    >>> low, high = bca(np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]]))
    >>> 2.0 < low < 4.0 < high < 7.0
    True
    """
    values = differences[np.isfinite(differences)]
    if len(values) < 2:
        return None
    splits = np.array(
        [split[np.isfinite(split)].mean() for split in differences if np.isfinite(split).any()]
    )
    mean = float(splits.mean())
    units = (splits if len(splits) > 1 else values) - mean  # what is drawn first
    drawn = hierarchical_means(differences, np.random.default_rng(SEED))
    if np.ptp(drawn) <= ROUNDING * abs(mean):
        return mean, mean
    spread = float((units**2).sum())
    skew = float((units**3).sum()) / (6 * spread**1.5) if spread else 0.0
    normal = NormalDist()
    below = float(((drawn < mean).mean() + (drawn <= mean).mean()) / 2)
    bias = normal.inv_cdf(min(max(below, 0.5 / RESAMPLES), 1 - 0.5 / RESAMPLES))
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        moved = bias + normal.inv_cdf(share)
        ends.append(normal.cdf(bias + moved / (1 - skew * moved)))
    low, high = np.quantile(drawn, ends)
    return float(low), float(high)


def share_better(
    differences: Values, error: float | None, level: float = 0.95
) -> tuple[float, float, float] | None:
    """Return how often a strategy comes out ahead, with Wilson's interval [1]_.

    The interval is that of as many independent pairs as the standard error of the mean stands for:
    pairs on one split that go the same way are fewer than they look.

    Parameters
    ----------
    differences : ndarray
        Paired differences, NaN where there is none; equal scores count one half.
    error : float or None
        Standard error of their mean.
    level : float

    Returns
    -------
    tuple of float or None
        Share, lower and upper end; None without a pair.

    References
    ----------
    .. [1] Wilson, "Probable inference, the law of succession, and statistical inference", Journal
       of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> share_better(np.array([1.0, 2.0, 0.0, -1.0]), None)[0]
    0.625
    """
    values = differences[np.isfinite(differences)]
    count = len(values)
    if not count:
        return None
    share = float(((values > 0) + 0.5 * (values == 0)).mean())
    effective = float(count)
    if error and count > 1:
        effective = min(effective, max(1.0, float(values.var(ddof=1)) / error**2))
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    centre = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    half = math.sqrt(share * (1 - share) / effective * z2 + (z2 / (2 * effective)) ** 2)
    half /= 1 + z2 / effective
    return share, max(0.0, centre - half), min(1.0, centre + half)
