"""Families of metrics that see only how often each class was right, true and predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.coding import Coded, Lists, encode, encode_lists
from practice.metrics.inputs import Floats
from practice.metrics.plan import Plan
from practice.metrics.replicates import defined
from practice.metrics.replicates_counts import crossed, label_tallies, list_tallies

__all__ = ["Counting", "Counts", "Crossing", "Table", "divide"]

# With up to this many classes one pass over the cells of a confusion matrix is fastest.
_FEW = 64
_ROWS = 65536  # worked on at a time, so that widened codes stay in a processor's cache
_MOST = 2000  # classes of a full confusion matrix


@dataclass(frozen=True)
class Counts:
    """Weighted counts; leading axes, if any, are samples of the same rows.

    Parameters
    ----------
    hits, true, predicted : ndarray of float64, shape (..., classes)
        Weight of the rows of a class that were predicted as it, that are of it, that were
        predicted as it. Where a metric averages over rows, ``classes`` are the rows.
    rows : ndarray of float64, shape (...)
        Weight of all rows.
    share : ndarray of float64, shape (..., classes), or None
        How much each counts, where a metric averages over rows.
    column : Coded or None
        The labels counted; None for lists of labels.
    """

    hits: Floats
    true: Floats
    predicted: Floats
    rows: Floats
    share: Floats | None = None
    column: Coded | None = None


@dataclass(frozen=True)
class Table:
    """A weighted confusion matrix.

    Parameters
    ----------
    cells : ndarray of float64, shape (..., classes, classes)
        Answers down, predictions across.
    classes : tuple
        What rows and columns stand for.
    """

    cells: Floats
    classes: tuple[Any, ...]


@dataclass(frozen=True)
class Counting:
    """Metrics computed from :class:`Counts`: ``(counts, **parameters) -> ndarray, shape (...)``.

    Several columns of labels: the mean over columns.
    """

    def score(self, metric: Metric, sample: Sample) -> float:
        """Count, then call the function."""
        if metric.takes == "labels":
            ignore = metric.parameters.get("unknown") == "ignore"
            lists = encode_lists(sample, ignore_unknown=ignore)
            by_row = metric.parameters.get("average") == "samples"
            counts = [(count_rows if by_row else count_lists)(lists, sample)]
        else:
            counts = [count(column, sample.weight) for column in encode(sample)]
        return float(np.mean([metric.function(each, **metric.parameters) for each in counts]))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats:
        """Count in each replicate, then call the function of all counts."""
        weight = sample.weight
        if metric.takes != "labels":
            values = [
                _scored(metric, label_tallies(column, weight, plan), column, sample, plan)
                for column in encode(sample)
            ]
            return np.asarray(np.mean(values, axis=0))
        ignore = metric.parameters.get("unknown") == "ignore"
        lists = encode_lists(sample, ignore_unknown=ignore)
        if metric.parameters.get("average") == "samples":
            return _mean_of_rows(metric, count_rows(lists, sample), plan)
        return _scored(metric, list_tallies(lists, weight, plan), None, sample, plan)


@dataclass(frozen=True)
class Crossing:
    """Metrics computed from a :class:`Table`: ``(table, **parameters) -> ndarray, shape (...)``.

    Several columns of labels: the mean over columns.
    """

    def score(self, metric: Metric, sample: Sample) -> float:
        """Cross answers with predictions, then call the function."""
        values = []
        for column in encode(sample):
            if len(column.classes) > _MOST:
                raise MetricError(f"{metric.name} is for at most {_MOST} different labels")
            table = Table(cross(column, sample.weight), column.classes)
            values.append(metric.function(table, **metric.parameters))
        return float(np.mean(values))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats | None:
        """Cross in each replicate, then call the function of all tables."""
        values = []
        for column in encode(sample):
            if len(column.classes) > _FEW:
                return None
            cells = crossed(column, sample.weight, plan)

            def scored(
                some: slice, cells: Floats = cells, classes: tuple[Any, ...] = column.classes
            ) -> Floats:
                made: Floats = metric.function(Table(cells[some], classes), **metric.parameters)
                return made

            values.append(defined(scored, plan.replicates, lambda: self.score(metric, sample)))
        return np.asarray(np.mean(values, axis=0))


def _scored(
    metric: Metric,
    tallies: tuple[Floats, Floats, Floats],
    column: Coded | None,
    sample: Sample,
    plan: Plan,
) -> Floats:
    """Call the function of a counting metric for the counts of each replicate."""
    rows = plan.totals(sample.weight)

    def scored(some: slice) -> Floats:
        hits, true, predicted = (tally[some] for tally in tallies)
        counts = Counts(hits, true, predicted, rows[some], column=column)
        made: Floats = metric.function(counts, **metric.parameters)
        return made

    values = defined(scored, plan.replicates, lambda: metric.family.score(metric, sample))
    return np.where(rows > 0, values, np.nan)


def _mean_of_rows(metric: Metric, counts: Counts, plan: Plan) -> Floats:
    """Call the function once for each row by itself, then average the rows of each replicate."""
    share = np.ones(len(counts.hits)) if counts.share is None else counts.share
    alone = Counts(
        counts.hits[:, np.newaxis],
        counts.true[:, np.newaxis],
        counts.predicted[:, np.newaxis],
        np.ones(len(share)),
        share=np.ones((len(share), 1)),
    )
    values = metric.function(alone, **metric.parameters)
    return np.asarray(plan.sums(values * share) / plan.totals(share))


def cross(column: Coded, weight: Floats | None) -> Floats:
    """Count how often each class was predicted as each.

    Parameters
    ----------
    column : Coded
    weight : ndarray, shape (rows,), or None

    Returns
    -------
    ndarray of float64, shape (classes, classes)
        Answers down, predictions across.

    Examples
    --------
    >>> column = Coded(np.array([0, 1, 1]), np.array([0, 0, 1]), ("a", "b"), named=True)
    >>> cross(column, None).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    classes = len(column.classes)
    total = np.zeros(classes * classes)
    # A pass adds to every cell of the matrix once, so passes are as long as the matrix is large.
    step = max(_ROWS, classes * classes)
    for start in range(0, len(column.true), step):
        rows = slice(start, start + step)
        cell = column.true[rows].astype(np.intp)
        cell *= classes
        cell += column.predicted[rows]
        each = None if weight is None else weight[rows]
        total += np.bincount(cell, each, minlength=classes * classes)
    return total.reshape(classes, classes)


def count(column: Coded, weight: Floats | None) -> Counts:
    """Count a column of labels by class.

    Parameters
    ----------
    column : Coded
    weight : ndarray, shape (rows,), or None

    Returns
    -------
    Counts
    """
    rows = np.float64(len(column.true) if weight is None else weight.sum())
    classes = len(column.classes)
    if classes <= _FEW:
        cells = cross(column, weight)
        hits, true, predicted = cells.diagonal(), cells.sum(axis=1), cells.sum(axis=0)
    else:
        right = column.true == column.predicted
        chosen = None if weight is None else weight[right]
        hits = _tally(column.true[right], classes, chosen)
        true = _tally(column.true, classes, weight)
        predicted = _tally(column.predicted, classes, weight)
    return Counts(hits, true, predicted, np.asarray(rows), column=column)


def count_lists(lists: Lists, sample: Sample) -> Counts:
    """Count lists of labels by label.

    Parameters
    ----------
    lists : Lists
    sample : Sample

    Returns
    -------
    Counts
    """
    width = max(1, len(lists.labels))
    weight = np.ones(sample.rows) if sample.weight is None else sample.weight
    both = np.intersect1d(lists.true, lists.predicted, assume_unique=True)
    hits, true, predicted = (
        _tally(pairs % width, len(lists.labels), weight[pairs // width])
        for pairs in (both, lists.true, lists.predicted)
    )
    return Counts(hits, true, predicted, np.asarray(weight.sum()))


def count_rows(lists: Lists, sample: Sample) -> Counts:
    """Count lists of labels by row, each row with its weight as its share.

    Parameters
    ----------
    lists : Lists
    sample : Sample

    Returns
    -------
    Counts
        ``classes`` are the rows.
    """
    width = max(1, len(lists.labels))
    weight = np.ones(sample.rows) if sample.weight is None else sample.weight
    both = np.intersect1d(lists.true, lists.predicted, assume_unique=True)
    hits, true, predicted = (
        _tally(pairs // width, sample.rows, None) for pairs in (both, lists.true, lists.predicted)
    )
    return Counts(hits, true, predicted, np.asarray(weight.sum()), share=weight)


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with 0 where the denominator is 0.

    Parameters
    ----------
    numerator, denominator : ndarray

    Returns
    -------
    ndarray

    Examples
    --------
    >>> divide(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    nothing = denominator == 0
    return np.asarray(np.where(nothing, 0.0, numerator / np.where(nothing, 1.0, denominator)))


def _tally(codes: NDArray[Any], classes: int, weight: Floats | None) -> Floats:
    return np.bincount(codes, weight, minlength=classes).astype(np.float64)
