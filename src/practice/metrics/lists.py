"""Metrics of the labels of a row, ranked by their scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, outcome_pair
from practice.metrics.means import Pair, RowMean
from practice.metrics.registry import register


def _label_columns(metric: Metric, sample: Sample) -> Pair:
    """Prepare 0/1 answers and scores, a column of each per label."""
    y_true, y_pred = outcome_pair(metric, sample)
    if y_pred.ndim != 2:
        raise MetricError(f"{metric.name} needs a column of predictions per label")
    if y_true.ndim == 1:
        y_true = y_true[:, np.newaxis] == np.arange(y_pred.shape[1])
    return y_true, y_pred


@register(
    "lwlrap",
    family=RowMean(_label_columns),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    per_class=True,
    several="joint",
    aliases=("Label-Weighted Label-Ranking Average Precision", "Label Ranking Average Precision"),
)
def lwlrap(y_true: NDArray[np.bool_], y_pred: Floats) -> tuple[Floats, Floats]:
    """Mean, over all true labels, of the precision among the labels scored at least as high.

    Parameters
    ----------
    y_true : ndarray of bool, shape (rows, labels)
    y_pred : ndarray of float64, shape (rows, labels)
        Any scores; ties count against.

    Returns
    -------
    value, size : ndarray of float64, shape (rows,)
        Mean precision of a row's true labels, and how many it has; a row without any does not
        count.

    Raises
    ------
    MetricError
        Where no row has a label.

    Warnings
    --------
    Only the order of the labels within a row counts, and equal scores are as bad as the worst
    order: a constant prediction scores little.

    Notes
    -----
    lwlrap = mean over true (row, label) of (true labels with s >= s_label) / (labels with
    s >= s_label)

    References
    ----------
    E. Fonseca et al., "Audio tagging with noisy labels and minimal supervision", DCASE 2019;
    scikit-learn, ``label_ranking_average_precision_score`` weighted by labels a row.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("lwlrap").score([[1, 0, 1], [0, 1, 0]], [[0.9, 0.5, 0.1], [0.2, 0.8, 0.3]])
    0.888...
    """
    order = np.argsort(-y_pred, axis=1)
    scores = np.take_along_axis(y_pred, order, axis=1)
    true = np.take_along_axis(y_true, order, axis=1)
    width = scores.shape[1]
    ends = np.ones(scores.shape, dtype=np.bool_)
    ends[:, :-1] = scores[:, 1:] != scores[:, :-1]
    # For each place the last one of the same score: the nearest end at or after it.
    last = np.where(ends, np.arange(width), width)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    reached = np.take_along_axis(np.cumsum(true, axis=1), last, axis=1)
    size = true.sum(axis=1).astype(np.float64)
    total = np.where(true, reached / (last + 1), 0.0).sum(axis=1)
    return total / np.maximum(size, 1.0), size
