"""The interval of one score, on few rows as well as on many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "Drawn", "distance", "score_intervals", "student"]

LEVEL = 0.95  # of every interval on a board

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """What was drawn for the replicates, and how far their spread can be trusted.

    Parameters
    ----------
    rows : int
        Rows that were scored.
    units : float
        How many things they make up that are drawn: as many rows, their groups (where these differ
        in size, ``rows ** 2`` over the sum of the squared sizes [1]_), or as many stretches of
        neighbours as it takes to cover them.
    neighbours : bool
        True where the units are stretches of neighbouring rows.

    References
    ----------
    .. [1] L. Kish, Survey Sampling, Wiley 1965, section 8.2.

    Examples
    --------
    >>> Drawn(rows=50, units=50).inflation.__round__(3)
    1.01
    """

    rows: int
    units: float
    neighbours: bool = False

    @classmethod
    def of(cls, units: NDArray[Any], neighbours: bool = False) -> Drawn:
        """Return what a plan drew, from what :func:`practice.metrics.drawing.draw` drew it of.

        Parameters
        ----------
        units : ndarray of int, shape (rows,)
            Rows of one unit are drawn together; from 0 on.
        neighbours : bool
            True where stretches of neighbouring units were drawn.

        Returns
        -------
        Drawn

        Examples
        --------
        >>> Drawn.of(np.array([0, 0, 0, 1, 2]))
        Drawn(rows=5, units=2.272..., neighbours=False)
        """
        rows, sizes = len(units), np.bincount(units)
        length = max(1, round(len(sizes) ** (1 / 3))) if neighbours else 1
        return cls(rows, rows**2 / float((sizes**2).sum()) / length, neighbours)

    def freedom(self, bounded: bool) -> float:
        """Return the degrees of freedom of a standard error.

        Parameters
        ----------
        bounded : bool
            True where a score has a lowest and a highest value. Else single rows weigh more, and
            the error is as uncertain as the variance of values with a kurtosis of 9, that of an
            exponential distribution and of the difference of two squared normal errors: a fourth of
            ``units - 1`` for single rows, more where a unit is a mean of several.
        """
        freedom = self.units - 1.0
        if not bounded:
            freedom /= 1 + 3 * self.units / self.rows
        return max(freedom, 1.0)

    @property
    def inflation(self) -> float:
        """What the standard deviation of replicates falls short by.

        A bootstrap divides by n, not by n - 1. One of stretches misses what rows on both sides of
        their ends have in common, in proportion to the number of stretches.
        """
        seams = self.units / (4 * self.rows) if self.neighbours else 0.0
        return math.sqrt((1 + seams) * self.units / max(self.units - 1, 1))


def student(z: float, freedom: float) -> float:
    """Turn a quantile of the normal distribution into that of Student's t, with the same tail.

    Parameters
    ----------
    z : float
        At least 0.
    freedom : float
        Degrees of freedom, at least 1.

    Returns
    -------
    float
        Within 0.5 % from 4 degrees of freedom on, for a z of 2.

    References
    ----------
    D. L. Wallace, "Bounds on normal approximations to Student's and the chi-square
    distributions", Annals of Mathematical Statistics 30 (1959) 1121-1130, formula 2.9 inverted.

    Examples
    --------
    The tables have 2.776, 2.262 and 1.962.

    >>> [round(student(1.95996, freedom), 3) for freedom in (4, 9, 999)]
    [2.79, 2.263, 1.962]
    """
    scaled = z * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(min(scaled * scaled / freedom, 700.0)))


def score_intervals(
    values: Values,
    errors: Values,
    drawn: Drawn,
    *,
    bounds: tuple[float, float],
    proportion: bool = False,
    flattered: Values | float = 0.0,
    level: float = LEVEL,
) -> tuple[Values, Values]:
    """Return the interval of each score, for a submission that was chosen in advance.

    Parameters
    ----------
    values : ndarray of float64, shape (submissions,)
    errors : ndarray of float64, shape (submissions,)
        The standard deviations of the replicates; NaN where there are none. A proportion has an
        interval without them.
    drawn : Drawn
    bounds : tuple of float
        Lowest and highest value that a score can have; either may be infinite.
    proportion : bool
        True where the score is a share of rows, such as accuracy. Where rows are drawn (or pairs,
        at most) it is then not known better than from so many independent ones, though the plan
        fixes the classes.
    flattered : ndarray of float64, shape (submissions,), or float
        By how much each value is expected to be too high, see :func:`practice.board.luck.optimism`;
        the interval is that of the value less this, its error relative to the bounds kept.
    level : float

    Returns
    -------
    tuple of ndarray of float64, shape (submissions,)
        Lower and upper ends; NaN where there is no interval: without replicates, and where these do
        not vary.

    Notes
    -----
    With both bounds, Wilson's score interval for a proportion of the effective number of rows
    ``p (1 - p) / error ** 2`` [1]_ [2]_; with one, an interval of the logarithm of the distance
    from it; without any, the value plus and minus. All with the quantile of Student's t for
    :meth:`Drawn.freedom`. At a bound, where all replicates are equal, Wilson's interval for so many
    units; elsewhere an error of 0 has none: a constant has an ROC AUC of 0.5 on any rows, and its
    F1 follows from class sizes that the replicates take as given.

    References
    ----------
    .. [1] E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    .. [2] E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998) 193-201, for the effective
       number of rows.

    Examples
    --------
    >>> once = np.array([1.0]), np.array([0.0]), Drawn(rows=50, units=50)
    >>> [float(end[0].round(3)) for end in score_intervals(*once, bounds=(0.0, 1.0))]
    [0.925, 1.0]
    """
    low, high = bounds
    bounded = math.isfinite(low) and math.isfinite(high)
    times = student(NormalDist().inv_cdf(0.5 + level / 2), drawn.freedom(bounded))
    # A proportion, and a bound, say by themselves how far they can be trusted.
    inside = (values > low) & (values < high) & (not proportion)
    errors = np.where(inside & (errors == 0), np.nan, errors) * drawn.inflation
    with np.errstate(all="ignore"):
        if bounded:
            number = _effective(errors, distance(values, bounds), drawn, proportion)
            share = np.clip((values - flattered - low) / (high - low), 0, 1)
            ends = _wilson(share, number, times)
            return low + (high - low) * ends[0], low + (high - low) * ends[1]
        if math.isfinite(low):
            ratio = _ratio(times * errors, values - low)
            moved = np.maximum(values - flattered - low, 0.0)
            return low + moved / ratio, low + moved * ratio
        if math.isfinite(high):
            ratio = _ratio(times * errors, high - values)
            moved = np.maximum(high - (values - flattered), 0.0)
            return high - moved * ratio, high - moved / ratio
    moved = values - flattered
    return moved - times * errors, moved + times * errors


def distance(values: Values, bounds: tuple[float, float]) -> Values:
    """Return what errors of a score shrink with as it comes near a bound.

    Parameters
    ----------
    values : ndarray of float64, shape (submissions,)
    bounds : tuple of float

    Returns
    -------
    ndarray of float64, shape (submissions,)
        The distance from the bound, the geometric mean of both distances, or 1.

    Examples
    --------
    >>> distance(np.array([0.5, 0.9]), (0.0, 1.0)).tolist()
    [0.5, 0.3]
    """
    low, high = bounds
    below = values - low if math.isfinite(low) else np.ones(len(values))
    above = high - values if math.isfinite(high) else np.ones(len(values))
    bounded = math.isfinite(low) and math.isfinite(high)
    return np.asarray(np.sqrt(below * above) if bounded else below * above)


def _ratio(margin: Values, distance: Values) -> Values:
    return np.where(distance > 0, np.exp(margin / distance), np.nan)


def _effective(errors: Values, distances: Values, drawn: Drawn, proportion: bool) -> Values:
    """Return how many independent rows would know a share as well; NaN where nothing says so."""
    number = np.where(distances > 0, (distances / errors) ** 2, drawn.units)
    if proportion:
        most = drawn.rows if 2 * drawn.units > drawn.rows else math.inf
        return np.where(np.isnan(errors), drawn.units, np.minimum(number, most))
    return np.where(np.isnan(errors), np.nan, number)


def _wilson(share: Values, number: Values, times: float) -> tuple[Values, Values]:
    square = times * times
    middle = (share + square / (2 * number)) / (1 + square / number)
    half = times * np.sqrt(share * (1 - share) / number + square / (4 * number**2))
    half /= 1 + square / number
    low = np.where(share <= 0, np.where(np.isnan(number), np.nan, 0.0), middle - half)
    high = np.where(share >= 1, np.where(np.isnan(number), np.nan, 1.0), middle + half)
    return low, high
