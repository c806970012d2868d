"""Metrics of predicted orders of given items."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.coding import cells
from practice.metrics.inputs import Floats, refuse_where
from practice.metrics.means import Pair
from practice.metrics.ratios import RowRatio
from practice.metrics.registry import register
from practice.metrics.tokens import distinct, encode_tokens, places, split


def _inversions(metric: Metric, sample: Sample) -> Pair:
    """Prepare how many items each row has, and how many pairs of them stand the wrong way round."""
    true = split(cells(sample.y_true, "an answer"))
    predicted = split(cells(sample.y_pred, "a prediction"))
    (true, predicted), _ = encode_tokens(true, predicted)
    refuse_where(
        true.lengths != predicted.lengths,
        "a prediction does not have each item of its answer once: it has too many or too few",
    )
    inverted = np.zeros(sample.rows, np.int64)
    for rows, place in places(true, predicted):
        absent = (place < 0) & (np.arange(place.shape[1]) < true.lengths[rows][:, np.newaxis])
        if absent.any():
            row = int(rows[absent.any(axis=1)].min())
            due = true.words[true.starts[row] : true.starts[row + 1]]
            if len(distinct(due)) < len(due):
                raise MetricError("an answer has an item twice", row=row)
            raise MetricError("a prediction does not have each item of its answer once", row=row)
        inverted[rows] = _descents(place, true.lengths[rows])
    return true.lengths, inverted


def _descents(place: NDArray[Any], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count, in each row, the pairs of places of which the earlier is the greater."""
    ascending = np.where(np.arange(place.shape[1]) < lengths[:, np.newaxis], place, place.shape[1])
    columns = np.ascontiguousarray(ascending.T)
    total = np.zeros(len(place), np.int64)
    for apart in range(1, len(columns)):
        total += (columns[:-apart] > columns[apart:]).sum(axis=0)
    return total


@register(
    "kendall_tau",
    family=RowRatio(_inversions),
    greater_is_better=True,
    takes="labels",
    range=(-1.0, 1.0),
    aliases=("Kendall Tau", "Kendall Tau Correlation", "Kendall's Tau", "Pooled Kendall Tau"),
)
def kendall_tau(y_true: NDArray[np.int64], y_pred: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Pairs in the right order less pairs in the wrong order, of all rows together.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many items each answer has: their right order, separated by spaces.
    y_pred : ndarray of int, shape (rows,)
        How many pairs of items a prediction, the same items in some order, has the wrong way round.

    Returns
    -------
    part, whole : ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where a prediction does not have each item of its answer once, or no row has two items.

    Warnings
    --------
    Rows are pooled, not averaged: a row counts by its number of pairs, so that one of 100 items
    weighs as much as a hundred of 10. The items in their given order often score well above 0.

    Notes
    -----
    tau = 1 - 4 (pairs in the wrong order, of all rows) / sum over rows of n (n - 1)

    References
    ----------
    M. G. Kendall, Biometrika 30 (1938) 81-93; Kaggle, "Google AI4Code"; SciPy, ``kendalltau`` for
    one row.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("kendall_tau").score(["a b c", "d e"], ["a c b", "d e"])
    0.5
    """
    pairs = (y_true * (y_true - 1)).astype(np.float64)
    return pairs - 4 * y_pred, pairs
