"""Counts by class in each replicate of a plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from practice.metrics.coding import Coded, Lists
from practice.metrics.plan import Plan

__all__ = ["crossed", "label_tallies", "list_tallies"]

Values = NDArray[np.float64]

_CELLS = 4096  # kinds of pairs of labels that are tallied in one go, a column for each
_LOOKUP = 1 << 20  # kinds of pairs that might occur, where a table tells which do


def crossed(column: Coded, weight: Values | None, plan: Plan) -> Values:
    """Count how often each class was predicted as each.

    Parameters
    ----------
    column : Coded
    weight : ndarray of float64, shape (rows,), or None
    plan : Plan

    Returns
    -------
    ndarray of float64, shape (replicates, classes, classes)
        Answers down, predictions across.

    Examples
    --------
    >>> column = Coded(np.array([0, 1, 1]), np.array([0, 0, 1]), ("a", "b"), named=True)
    >>> crossed(column, None, Plan(np.array([[1, 0, 2]], np.uint8))).tolist()
    [[[1.0, 0.0], [0.0, 2.0]]]
    """
    classes = len(column.classes)
    made = plan.tallies(_pairs(column), classes * classes, weight)
    return made.reshape(-1, classes, classes)


def label_tallies(
    column: Coded, weight: Values | None, plan: Plan
) -> tuple[Values, Values, Values]:
    """Count a column of labels by class.

    Parameters
    ----------
    column : Coded
    weight : ndarray of float64, shape (rows,), or None
    plan : Plan

    Returns
    -------
    hits, true, predicted : ndarray of float64, shape (replicates, classes)

    Examples
    --------
    >>> column = Coded(np.array([0, 1, 1]), np.array([0, 0, 1]), ("a", "b"), named=True)
    >>> hits, _, predicted = label_tallies(column, None, Plan(np.array([[1, 0, 2]], np.uint8)))
    >>> hits.tolist(), predicted.tolist()
    ([[1.0, 2.0]], [[1.0, 2.0]])
    """
    classes = len(column.classes)
    present, codes = _occurring(_pairs(column), classes * classes)
    if len(present) > (3 * classes if plan.coarse else _CELLS):
        right = np.flatnonzero(column.true == column.predicted)
        some = None if weight is None else weight[right]
        return (
            plan.take(right).tallies(column.true[right], classes, some),
            plan.tallies(column.true, classes, weight),
            plan.tallies(column.predicted, classes, weight),
        )
    cells = plan.tallies(codes, len(present), weight)
    true, predicted = np.divmod(present, classes)
    right = np.flatnonzero(true == predicted)
    hits = np.zeros((plan.replicates, classes))
    hits[:, true[right]] = cells[:, right]
    return hits, _joined(cells, true, classes), _joined(cells, predicted, classes)


def list_tallies(lists: Lists, weight: Values | None, plan: Plan) -> tuple[Values, Values, Values]:
    """Count lists of labels by label.

    Parameters
    ----------
    lists : Lists
    weight : ndarray of float64, shape (rows,), or None
    plan : Plan

    Returns
    -------
    hits, true, predicted : ndarray of float64, shape (replicates, labels)
    """
    number, width = len(lists.labels), max(1, len(lists.labels))
    both = np.intersect1d(lists.true, lists.predicted, assume_unique=True)

    def tally(pairs: NDArray[np.int64]) -> Values:
        rows, labels = np.divmod(pairs, width)
        return plan.take(rows).tallies(labels, number, None if weight is None else weight[rows])

    return tally(both), tally(lists.true), tally(lists.predicted)


def _pairs(column: Coded) -> NDArray[np.intp]:
    """Return the pair of true and predicted class of each row as a code."""
    pairs: NDArray[np.intp] = column.true.astype(np.intp)
    pairs *= len(column.classes)
    pairs += column.predicted
    return pairs


def _occurring(pairs: NDArray[np.intp], number: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs that occur, ascending, and the place of each row's among them."""
    if number > _LOOKUP:
        return np.unique(pairs, return_inverse=True)
    present = np.flatnonzero(np.bincount(pairs, minlength=number))
    place = np.zeros(number, np.intp)
    place[present] = np.arange(len(present))
    return present, place[pairs]


def _joined(cells: Values, code: NDArray[np.intp], number: int) -> Values:
    """Sum columns of equal code."""
    order = np.argsort(code, kind="stable")
    present, starts = np.unique(code[order], return_index=True)
    made = np.zeros((len(cells), number))
    made[:, present] = np.add.reduceat(cells[:, order], starts, axis=1)
    return made
