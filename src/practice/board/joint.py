"""Scores of one board together: what sets any two of them apart, and how far luck reaches."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from practice.board.intervals import LEVEL, Drawn, student
from practice.board.ties import ABSOLUTE, RELATIVE

__all__ = ["Joint", "join"]

_ENOUGH = 50  # replicates in common; of fewer an error would be known to no better than 10 %
_SINGLE = NormalDist().inv_cdf(0.5 + LEVEL / 2)
_LEAST = 250  # replicates that errors are taken from, on the largest of boards
_SAME = 1e-9  # of two scores' own variances: that of a difference below it is rounding noise, so 0
_SAMPLE = 128  # entries whose pairs are all compared in every replicate
_PRODUCTS = 500_000_000  # of replicates, for all pairs: above, a product of matrices takes too long
_SMALL = 5_000_000  # below, starting threads takes longer than the product itself

Values = NDArray[np.float64]

# One entry with wild predictions must not take the luck of all others with it.
_LARGEST = 1e140  # whose square is a number, with room for sums
_WILD = 1e18  # times the deviations of the entry that varies least


@dataclass(frozen=True)
class Joint:
    """Scores with their replicates, all turned so that more is better.

    Parameters
    ----------
    values : ndarray of float64, shape (entries,)
    deviations : ndarray of float64, shape (entries, replicates)
        Replicates less their mean; 0 for an entry that has none, or whose replicates differ by
        rounding alone.
    known : ndarray of bool, shape (entries,)
        Which entries have replicates.
    errors : ndarray of float64, shape (entries, entries)
        Standard error of each difference, by the bootstrap; 0 for the same predictions, infinite
        where one of the two has no replicates.
    blur : ndarray of float64, shape (entries,)
        The least error that a difference can be told to have; see :meth:`margins`.
    drawn : Drawn
    beyond : float
        Errors by which the farthest of all pairs would differ by luck alone, once in twenty times.
    below : float
        Errors by which the best could stand below another by luck alone, once in twenty times.
    single : float
        Errors of one pair that was chosen in advance.
    """

    values: Values
    deviations: Values = field(repr=False)
    known: NDArray[np.bool_]
    errors: Values = field(repr=False)
    blur: Values = field(repr=False)
    drawn: Drawn
    beyond: float
    below: float
    single: float

    def margin(self, one: int, other: int, times: float) -> float:
        """Return the same of two entries as :meth:`margins`."""
        least = (
            max(RELATIVE * abs(float(self.values[each])), ABSOLUTE) + times * float(self.blur[each])
            for each in (one, other)
        )
        return max(times * float(self.errors[one, other]), *least)

    def margins(self, times: float, shown: NDArray[np.intp] | None = None) -> Values:
        """Return by how much one entry must be better than another to be so beyond luck.

        Parameters
        ----------
        times : float
            How many errors.
        shown : ndarray of int, shape (m,), optional
            The entries that are compared, all where left out.

        Returns
        -------
        ndarray of float64, shape (m, m)
            More than rounding, and than the blur of an error that is 0 beside those of both scores:
            predictions that are the same but for their last digits are tied.
        """
        errors, blur, values = self.errors, self.blur, self.values
        if shown is not None:
            errors, blur, values = errors[np.ix_(shown, shown)], blur[shown], values[shown]
        least = np.maximum(RELATIVE * np.abs(values), ABSOLUTE) + times * blur
        made: Values = errors * times
        return np.maximum(made, np.maximum.outer(least, least), out=made)


def join(
    values: Values, replicates: Values, drawn: Drawn, *, greater_is_better: bool, bounded: bool
) -> Joint:
    """Bring scores and replicates together.

    Parameters
    ----------
    values : ndarray of float64, shape (entries,)
    replicates : ndarray of float, shape (entries, replicates)
        Of one plan, number by number; NaN where a score is undefined, all of a row where an entry
        has none. An entry with less than half of those that another has counts as one without, and
        replicates that are not there for all others are left out.
    drawn : Drawn
    greater_is_better, bounded : bool
        Whether more is better, and whether a score has a lowest and a highest value.

    Returns
    -------
    Joint

    Notes
    -----
    All pairs are judged at once by the largest of the studentised differences [1]_, taken over the
    joint replicates; Student's t stands in for the normal distribution, for the sake of few rows.
    On a board of more than 128 entries the largest is taken over an even sample of them and, as if
    pairs were independent, carried over to the number of all; above 700 entries their errors are
    taken from every second replicate, or fewer, and at least 250.

    References
    ----------
    .. [1] J. P. Romano and M. Wolf, Econometrica 73 (2005) 1237-1282, section 4.

    Examples
    --------
    Three entries of which the last two are the same.

    >>> replicates = np.random.default_rng(1).normal(size=(2, 1000))[[0, 1, 1]] / 50
    >>> joint = join(
    ...     np.array([0.9, 0.8, 0.8]),
    ...     replicates,
    ...     Drawn(rows=2500, units=2500),
    ...     greater_is_better=True,
    ...     bounded=True,
    ... )
    >>> joint.errors.round(3).tolist()[1:]
    [[0.028, 0.0, 0.0], [0.028, 0.0, 0.0]]
    """
    turned = _tame(np.array(values if greater_is_better else np.negative(values), dtype=np.float64))
    deviations, known = _deviations(replicates)
    if not greater_is_better:
        np.negative(deviations, out=deviations)
    errors, blur = _paired(deviations, known)
    beyond, below = _farthest(deviations, errors, known)
    far = [
        student(z, drawn.freedom(bounded)) * drawn.inflation
        for z in (max(beyond, _SINGLE), below, _SINGLE)
    ]
    return Joint(turned, deviations, known, errors, blur, drawn, *far)


def _deviations(replicates: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return replicates less their mean, of those that all entries with replicates have."""
    table = _tame(np.asarray(replicates, dtype=np.float64))
    finite = np.isfinite(table)
    if finite.all():
        known = np.full(len(table), table.shape[1] >= _ENOUGH)
    else:
        counts = finite.sum(axis=1)
        known = counts * 2 >= max(int(counts.max(initial=0)), 2 * _ENOUGH)
        common = finite[known].all(axis=0)
        known &= int(common.sum()) >= _ENOUGH
        table = np.where(known[:, None], table[:, common], 0.0)
    if not known.any():
        return np.zeros((len(table), 1)), known
    means = table.mean(axis=1, keepdims=True)
    moved = table - means
    widest = np.maximum(moved.max(axis=1), -moved.min(axis=1))
    moved[widest <= np.maximum(RELATIVE * np.abs(means[:, 0]), ABSOLUTE)] = 0.0
    wild = _WILD * _unit(moved)
    if widest.max() > wild:
        np.clip(moved, -wild, wild, out=moved)
    return moved, known


def _tame(values: Values) -> Values:
    """Bring numbers whose squares are too large for one within the largest that can be used."""
    large = (np.abs(values) > _LARGEST) & np.isfinite(values)
    return np.where(large, np.copysign(_LARGEST, values), values) if large.any() else values


def _unit(moved: Values) -> float:
    """Return the size of the deviations of the entry that varies least, of those that do."""
    widest = np.abs(moved).max(axis=1)
    return float(widest[widest > 0].min(initial=_LARGEST))


def _paired(deviations: Values, known: NDArray[np.bool_]) -> tuple[Values, Values]:
    """Return the error of every difference, from one product of matrices, and what they blur."""
    pairs = len(deviations) ** 2
    step = max(-(-pairs * deviations.shape[1] // _PRODUCTS), 1)
    taken = deviations[:, :: min(step, max(deviations.shape[1] // _LEAST, 1))]
    small = pairs * taken.shape[1] < _SMALL
    products: Values = np.einsum("ik,jk->ij", taken, taken) if small else taken @ taken.T
    products /= taken.shape[1]
    own = products.diagonal().copy()
    both = own[:, None] + own[None, :]
    squares = both - 2 * products
    squares[squares <= _SAME * both] = 0.0
    errors = np.sqrt(squares, out=squares)
    errors[~known] = errors[:, ~known] = math.inf
    np.fill_diagonal(errors, 0.0)
    return errors, np.sqrt(2 * _SAME * own)


def _farthest(deviations: Values, errors: Values, known: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how many errors the farthest pair, and the farthest above one entry, are apart."""
    entries = np.flatnonzero(known)
    if len(entries) < 2:
        return _SINGLE, _SINGLE
    some = entries
    if len(entries) > _SAMPLE:
        some = entries[np.linspace(0, len(entries) - 1, _SAMPLE).round().astype(np.intp)]
    apart = errors[np.ix_(some, some)]
    unit = _unit(deviations[some])  # small floats have few exponents
    apart /= unit
    per_error = np.divide(1.0, apart, out=np.zeros_like(apart), where=apart > 0).astype(np.float32)
    moved = (deviations[some] / unit).astype(np.float32)
    above = np.empty((len(some), moved.shape[1]), np.float32)  # in errors: the best of the others
    for place, (one, weights) in enumerate(zip(moved, per_error, strict=True)):
        above[place] = ((moved - one) * weights[:, None]).max(axis=0)
    beyond = float(np.quantile(above.max(axis=0), LEVEL))
    below = float(np.quantile(above, LEVEL, axis=1).max())
    if len(some) < len(entries):
        growth = len(entries) / len(some)
        beyond, below = _of_more(beyond, growth**2, 2), _of_more(below, growth, 1)
    return beyond, min(below, beyond)


def _of_more(z: float, times: float, tails: int) -> float:
    """Return the quantile of the largest of so many times as many comparisons."""
    normal = NormalDist()
    tail = tails * normal.cdf(-z)
    number = math.log(LEVEL) / math.log1p(-tail)
    return -normal.inv_cdf(-math.expm1(math.log(LEVEL) / (number * times)) / tails)
