"""Averages over classes, labels or rows of a ratio of counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from practice.errors import MetricError, UsageError
from practice.metrics.base import Takes
from practice.metrics.coding import Coded
from practice.metrics.counts import Counts, divide
from practice.metrics.inputs import Floats

__all__ = ["Average", "averaged", "label_or_lists"]

Average = Literal["binary", "macro", "micro", "weighted", "samples"]
Ratio = Callable[[Floats, Floats, Floats], Floats]


def averaged(
    counts: Counts, ratio: Ratio, average: Average, pos_label: object, metric: str
) -> Floats:
    """Average a ratio of counts over classes or rows.

    Parameters
    ----------
    counts : Counts
    ratio : callable
        ``(hits, true, predicted)``, each of shape (..., classes), to the same shape.
    average : {"binary", "macro", "micro", "weighted", "samples"}
        The class ``pos_label`` alone; the mean over classes that are true or predicted; of pooled
        counts; the mean weighted by how often a class is true; the mean over rows.
    pos_label : object
    metric : str
        Its name, for messages.

    Returns
    -------
    ndarray of float64, shape (...)

    Raises
    ------
    MetricError
        Where ``average`` is "binary" and there are not two classes, one of them ``pos_label``.
    """
    hits, true, predicted = counts.hits, counts.true, counts.predicted
    if average == "binary" and counts.column is not None:
        code = _positive(counts.column, pos_label, metric)
        if code is None:
            return np.zeros(hits.shape[:-1])
        return ratio(hits[..., code], true[..., code], predicted[..., code])
    if average == "micro":
        return ratio(hits.sum(axis=-1), true.sum(axis=-1), predicted.sum(axis=-1))
    share = true
    if average == "macro":
        share = ((true + predicted) > 0).astype(np.float64)
    elif average == "samples" and counts.share is not None:
        share = counts.share
    values = ratio(hits, true, predicted)
    return divide((values * share).sum(axis=-1), share.sum(axis=-1))


def label_or_lists(*, average: Average, unknown: str, multilabel: bool, **_: Any) -> Takes:
    """Say what a metric with averages takes: lists where a parameter speaks of them.

    Parameters
    ----------
    average, unknown, multilabel
        Parameters of the metric.

    Returns
    -------
    {"label", "labels"}

    Raises
    ------
    UsageError
        Where lists are asked for, and ``average`` is "binary".
    """
    if not (multilabel or average == "samples" or unknown == "ignore"):
        return "label"
    if average == "binary":
        raise UsageError(
            'lists of labels have no positive class: average="binary" does not apply',
            hint='average="micro", "macro", "weighted" or "samples"',
        )
    return "labels"


def _positive(column: Coded, pos_label: object, metric: str) -> int | None:
    """Return the code of the positive class; None where no row is of it and none predicted."""
    if len(column.classes) > 2:
        raise MetricError(
            f'{metric} with average="binary" is for two classes, here are {len(column.classes)}',
            hint='average="macro", "micro" or "weighted"',
        )
    code = column.find(pos_label)
    if code is None and (column.named or len(column.classes) == 2):
        known = f"; the classes are {', '.join(column.classes)}" if column.named else ""
        raise MetricError(
            f"{metric}: the positive class {pos_label!r} is not among the labels{known}",
            hint="pos_label names the positive class",
        )
    return code
