"""How a rank metric changes with the weight of each row: what its replicates are made of at scale.

A score is a function of the weights of the rows. Near equal weights it is its value plus, for each
row, a slope times the change of the row's weight (the infinitesimal jackknife), so that a replicate
costs one row of a product of matrices, however many rows there are. What is left out is smaller
than the standard error by a factor of the order of 1 / sqrt(rows).

References
----------
L. A. Jaeckel, "The infinitesimal jackknife", Bell Laboratories 1972; B. Efron, The Jackknife, the
Bootstrap and Other Resampling Plans, SIAM 1982, chapter 6; E. R. DeLong, D. M. DeLong and
D. L. Clarke-Pearson, Biometrics 44 (1988) 837-845, for the area under the ROC curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Levels", "Ordered", "Slopes", "area", "banded", "ordered", "precision"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Levels:
    """The distinct scores, ascending.

    Parameters
    ----------
    positive, negative : ndarray of float64, shape (levels,)
        Weight of the positive and of the negative rows of each score.
    """

    positive: Values
    negative: Values

    def share_above(self) -> tuple[Values, Values]:
        """Return the share of the positives scored higher, and of those scored at least as high."""
        until = np.cumsum(self.positive[::-1])[::-1]
        return (until - self.positive) / until[0], until / until[0]


@dataclass(frozen=True)
class Slopes:
    """A score, and its derivative by the weight of one row more of each level.

    Parameters
    ----------
    value : float
    positive, negative : ndarray of float64, shape (levels,)
    """

    value: float
    positive: Values
    negative: Values


@dataclass(frozen=True)
class Ordered:
    """Rows by their score, ascending.

    Parameters
    ----------
    levels : Levels
    order : ndarray of int, shape (rows,)
        The rows.
    level : ndarray of int, shape (rows,)
        The level of each of ``order``.
    happened : ndarray of bool, shape (rows,)
        Whether each of ``order`` is positive.
    """

    levels: Levels
    order: NDArray[np.int64]
    level: NDArray[np.int64]
    happened: NDArray[np.bool_]

    def by_row(self, slopes: Slopes) -> Values:
        """Return the slope of each of ``order``."""
        high, low = slopes.positive[self.level], slopes.negative[self.level]
        return np.where(self.happened, high, low)


def ordered(positive: NDArray[np.bool_], score: Values, weight: Values | None) -> Ordered:
    """Sort rows by score.

    Parameters
    ----------
    positive : ndarray of bool, shape (rows,)
    score : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    Ordered

    Notes
    -----
    The sort is of 64-bit integers that hold the leading bits of a score and, in the others, its
    row: several times as fast as numpy's ``argsort``. Scores that agree to about eight digits are
    one level, which a linear approximation does not notice.

    Examples
    --------
    >>> made = ordered(np.array([True, False, True]), np.array([0.9, 0.5, 0.5]), None)
    >>> made.levels.positive.tolist(), made.levels.negative.tolist(), made.order.tolist()
    ([1.0, 1.0], [1.0, 0.0], [1, 2, 0])
    """
    keys = (score + 0.0).view(np.int64)  # -0.0 is 0.0
    keys ^= (keys >> np.int64(63)) & np.int64(0x7FFFFFFFFFFFFFFF)  # in the order of the scores
    low = np.int64((1 << len(score).bit_length()) - 1)
    keys &= ~low
    keys |= np.arange(len(score))
    keys.sort()
    order = keys & low
    keys &= ~low
    new = np.empty(len(keys), np.bool_)
    new[0] = False
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    level = np.cumsum(new, dtype=np.int64, out=keys)
    happened = positive[order]
    number = int(level[-1]) + 1
    every = np.bincount(level, None if weight is None else weight[order], minlength=number)
    up = np.bincount(level, happened if weight is None else happened * weight[order], number)
    positives = up.astype(np.float64)
    return Ordered(Levels(positives, every - positives), order, level, happened)


def area(of: Levels, **_: Any) -> Slopes:
    """Return the slopes of the area under the ROC curve: each row's placement less the mean.

    Parameters
    ----------
    of : Levels

    Returns
    -------
    Slopes

    Examples
    --------
    >>> area(Levels(np.array([0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0])))
    Slopes(value=0.875, positive=array([...]), negative=array([...]))
    """
    above, until = of.share_above()
    reached = np.cumsum(of.negative)
    won = (above + until) / 2
    value = float(of.negative @ won / reached[-1])
    beaten = (reached - of.negative / 2) / reached[-1]
    return Slopes(value, (beaten - value) / of.positive.sum(), (won - value) / reached[-1])


def banded(
    knots: Callable[..., tuple[tuple[float, ...], tuple[float, ...]]],
) -> Callable[..., Slopes]:
    """Return the slopes of an area under the ROC curve that counts differently by its height.

    Parameters
    ----------
    knots : callable
        From the metric's parameters to true positive rates, ascending, and what counts of the
        interval from 0 to each: the ends of straight lines.

    Returns
    -------
    callable
        ``(levels, **parameters)`` to :class:`Slopes`.

    Notes
    -----
    The area is the mean over negative rows of what counts of the interval from 0 to the share of
    the positives scored above the row; where positives have its very score, the mean over the
    straight line that the curve is there.
    """

    def slopes(of: Levels, **parameters: Any) -> Slopes:
        rates, counted = (np.asarray(each) for each in knots(**parameters))
        above, until = of.share_above()
        start, stop = (np.interp(rate, rates, counted) for rate in (above, until))
        height = until - above
        tied = height > 0
        width = np.where(tied, height, 1.0)
        steep = _steepness(above, rates, counted)
        won = np.where(
            tied,
            (_integral(until, rates, counted) - _integral(above, rates, counted)) / width,
            start,
        )
        by_above = np.where(tied, (won - start) / width, steep / 2)
        by_until = np.where(tied, (stop - won) / width, steep / 2)
        negatives, positives = of.negative.sum(), of.positive.sum()
        share = of.negative / negatives
        value = float(share @ won)
        passed = np.cumsum(share * (by_above + by_until))
        gained = passed - share * by_above - share @ (by_above * above + by_until * until)
        return Slopes(value, gained / positives, (won - value) / negatives)

    return slopes


def _steepness(at: Values, rates: Values, counted: Values) -> Values:
    """Return the slope of the line through the knots."""
    each = np.concatenate([[0.0], np.diff(counted) / np.diff(rates), [0.0]])
    return np.asarray(each[np.searchsorted(rates, at, side="right")])


def _integral(at: Values, rates: Values, counted: Values) -> Values:
    """Return the area below the line through the knots, from the first of them."""
    whole = np.concatenate([[0.0], np.cumsum(np.diff(rates) * (counted[1:] + counted[:-1]) / 2)])
    place = np.clip(np.searchsorted(rates, at, side="right") - 1, 0, len(rates) - 1)
    height = (np.interp(at, rates, counted) + counted[place]) / 2
    return np.asarray(whole[place] + (at - rates[place]) * height)


def precision(of: Levels, **_: Any) -> Slopes:
    """Return the slopes of average precision.

    Parameters
    ----------
    of : Levels

    Returns
    -------
    Slopes

    Examples
    --------
    >>> precision(Levels(np.array([0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0]))).value
    0.833...
    """
    right = np.cumsum(of.positive[::-1])[::-1]
    every = right + np.cumsum(of.negative[::-1])[::-1]
    reached = right / every
    value = float(of.positive @ reached / right[0])
    # One row more at a level changes the precision of that level and of all below.
    lifted = np.cumsum(of.positive * (every - right) / np.square(every))
    lowered = np.cumsum(of.positive * right / np.square(every))
    return Slopes(value, (reached - value + lifted) / right[0], -lowered / right[0])
