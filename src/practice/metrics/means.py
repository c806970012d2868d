"""Families of metrics that average over rows, or that take a column of numbers as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, number_pair, outcome_pair
from practice.metrics.plan import Plan

__all__ = ["Column", "Pair", "RowMean", "limited", "mean", "numbers", "outcomes"]

Pair = tuple[NDArray[Any], NDArray[Any]]

# Cells worked on at a time: a few arrays of this size stay in a processor's cache.
_CELLS = 32768
# Squares of values whose mean square is outside these may have over- or underflowed.
_SMALL, _LARGE = 1e-280, 1e300
_ALONE = 20  # replicates of a quick way that may be computed by themselves


def numbers(metric: Metric, sample: Sample) -> Pair:
    """Prepare answers and predictions that are finite numbers of one shape.

    Parameters
    ----------
    metric : Metric
    sample : Sample

    Returns
    -------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)
    """
    return number_pair(sample)


def limited(check: Callable[[Metric, Floats, Floats], None]) -> Callable[[Metric, Sample], Pair]:
    """Return a preparation of numbers that a metric has no meaning for everywhere.

    Parameters
    ----------
    check : callable
        ``(metric, y_true, y_pred)``; raises MetricError.

    Returns
    -------
    callable
        As :func:`numbers`, and checked.
    """

    def prepare(metric: Metric, sample: Sample) -> Pair:
        y_true, y_pred = number_pair(sample)
        check(metric, y_true, y_pred)
        return y_true, y_pred

    return prepare


def outcomes(metric: Metric, sample: Sample) -> Pair:
    """Prepare what happened and the predictions for it; see :func:`inputs.outcome_pair`.

    Answers of one column per class, of which each row has exactly one 1, become class codes unless
    the metric's parameter ``multilabel`` says otherwise.

    Parameters
    ----------
    metric : Metric
    sample : Sample

    Returns
    -------
    y_true, y_pred : ndarray
    """
    y_true, y_pred = outcome_pair(metric, sample)
    multilabel = metric.parameters.get("multilabel")
    if y_true.ndim == 1 or multilabel:
        return y_true, y_pred
    one_each = y_true.sum(axis=1) == 1
    if multilabel is None and not one_each.all():
        return y_true, y_pred
    if not one_each.all():
        row = int((~one_each).argmax())
        raise MetricError("a row of answers does not have exactly one class", row=row)
    return y_true.argmax(axis=1), y_pred


@dataclass(frozen=True)
class RowMean:
    """Metrics that are the weighted mean of a value per row.

    The function takes ``(y_true, y_pred, **parameters)``, some rows of them, and returns a value
    per row, shape (rows,), or per cell, shape (rows, columns): the score is then the mean over
    columns. It may return ``(value, size)`` where rows differ in how much they count.

    Parameters
    ----------
    prepare : callable
        ``(metric, sample) -> (y_true, y_pred)``: checks the arrays and shapes them.
    root : bool
        The score is the root of the mean square of the values, which may be as large or small as
        float64 goes, as may their mean.
    required : callable or None
        ``(y_true, y_pred)`` to the cells of which each column has to have one: without, as may
        happen in a replicate, there is no score.
    """

    prepare: Callable[[Metric, Sample], Pair]
    root: bool = False
    required: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]] | None = None

    def score(self, metric: Metric, sample: Sample) -> float:
        """Return the mean over rows, then over columns."""
        y_true, y_pred = self.prepare(metric, sample)
        average = self._average(metric, y_true, y_pred, sample.weight)
        low, high = (_SMALL, _LARGE) if self.root else (-np.inf, _LARGE)
        safe = (average > low) & (average < high)
        if safe.all():
            return float(np.mean(np.sqrt(average) if self.root else average))
        largest = self._largest(metric, y_true, y_pred)
        unit = np.where(~safe & (largest > 0) & np.isfinite(largest), largest, 1.0)
        average = self._average(metric, y_true, y_pred, sample.weight, unit)
        return float(mean((np.sqrt(average) if self.root else average) * unit))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats:
        """Return weighted sums of the values of all rows over those of their sizes."""
        y_true, y_pred = self.prepare(metric, sample)
        made = [(value, size) for _, value, size in self._chunks(metric, y_true, y_pred)]
        value = np.concatenate([each for each, _ in made]).astype(np.float64, copy=False)
        # A power of two changes no digit, and leaves room for squares and sums.
        unit = np.ldexp(1.0, np.frexp(np.abs(value).max(axis=0))[1])
        value = np.square(value / unit) if self.root else value / unit
        size = None if made[0][1] is None else np.concatenate([each for _, each in made])
        if sample.weight is not None:
            size = sample.weight if size is None else (size.T * sample.weight).T
        if size is None:
            total, whole = plan.sums(value), plan.totals()
        else:
            total, whole = plan.sums((value.T * size.T).T), plan.sums(size)
        average = (total.T / whole.T).T
        scores = (np.sqrt(average) if self.root else average) * unit
        if self.required is not None:
            there = plan.sums(self.required(y_true, y_pred)) > 0
            scores = np.where(there, scores, np.nan)
        return np.asarray(scores.reshape(plan.replicates, -1).mean(axis=1))

    def _chunks(
        self, metric: Metric, y_true: NDArray[Any], y_pred: NDArray[Any]
    ) -> Iterator[tuple[slice, NDArray[Any], NDArray[Any] | None]]:
        """Yield rows, their values, and their sizes where the function gives any."""
        step = max(1, _CELLS * len(y_pred) // y_pred.size)
        for start in range(0, len(y_true), step):
            rows = slice(start, start + step)
            try:
                made = metric.function(y_true[rows], y_pred[rows], **metric.parameters)
            except MetricError as error:
                if error.row is None:
                    raise
                raise MetricError(error.message, error.hint, row=start + error.row) from None
            value, size = made if isinstance(made, tuple) else (made, None)
            yield rows, value, size

    def _average(
        self,
        metric: Metric,
        y_true: NDArray[Any],
        y_pred: NDArray[Any],
        weight: Floats | None,
        unit: Floats | None = None,
    ) -> Floats:
        """Return the mean (of squares, if ``root``) per column, of values in units of ``unit``."""
        totals, sizes = [], []
        for rows, value, size in self._chunks(metric, y_true, y_pred):
            if unit is not None:
                value = value / unit
            if self.root:
                value = np.square(value)
            each = None if weight is None else weight[rows]
            if size is not None:
                each = size if each is None else (size.T * each).T
            if each is None:
                totals.append(value.sum(axis=0))
                sizes.append(np.float64(len(value)))
            else:  # not a product of matrices: threads would cost more than they save here
                totals.append((value.T * each.T).T.sum(axis=0))
                sizes.append(each.sum(axis=0))
        size_sum = np.sum(sizes, axis=0)
        if not np.all(size_sum > 0):
            raise MetricError(f"no row of the answers counts for {metric.name}")
        return np.asarray(np.sum(totals, axis=0) / size_sum)

    def _largest(self, metric: Metric, y_true: NDArray[Any], y_pred: NDArray[Any]) -> Floats:
        """Return the largest absolute value per column, of rows that count."""
        largest = []
        for _, value, size in self._chunks(metric, y_true, y_pred):
            counted = value if size is None else np.where(size > 0, value, 0.0)
            largest.append(np.abs(counted).max(axis=0))
        return np.asarray(np.max(largest, axis=0), dtype=np.float64)


@dataclass(frozen=True)
class Column:
    """Metrics of whole columns of numbers: variances, correlations, order statistics.

    The function takes ``(y_true, y_pred, weight, **parameters)``, float64 arrays of shape (rows,)
    with ``weight`` None where every row counts 1, and returns a number. Several columns: the mean.

    Parameters
    ----------
    prepare : callable
        As in :class:`RowMean`.
    resample : callable or None
        ``(y_true, y_pred, weight, plan, **parameters)`` to the value of each replicate, shape
        (replicates,), NaN where it has to be computed by itself; or to None, where there is no
        quick way.
    """

    prepare: Callable[[Metric, Sample], Pair] = numbers
    resample: Callable[..., Floats | None] | None = None

    def score(self, metric: Metric, sample: Sample) -> float:
        """Return the mean over columns."""
        values = [
            metric.function(true, predicted, sample.weight, **metric.parameters)
            for true, predicted in self._columns(metric, sample)
        ]
        return mean(np.array(values))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats | None:
        """Return the mean over columns of each replicate, where the metric has a quick way."""
        if self.resample is None:
            return None
        values = []
        for true, predicted in self._columns(metric, sample):
            metric.function(true, predicted, sample.weight, **metric.parameters)  # may refuse
            made = self.resample(true, predicted, sample.weight, plan, **metric.parameters)
            if made is None or np.count_nonzero(np.isnan(made)) > _ALONE:
                return None
            for replicate in np.flatnonzero(np.isnan(made)).tolist():
                drawn = plan.drawn(replicate, replicate + 1)[0]
                made[replicate] = _alone(metric, true, predicted, sample.weight, drawn)
            values.append(made)
        return np.asarray(np.mean(values, axis=0))

    def _columns(self, metric: Metric, sample: Sample) -> Iterator[tuple[Floats, Floats]]:
        """Yield answers and predictions of each column, contiguous."""
        y_true, y_pred = self.prepare(metric, sample)
        if y_true.ndim == 1:
            y_true, y_pred = y_true[:, np.newaxis], y_pred[:, np.newaxis]
        for true, predicted in zip(y_true.T, y_pred.T, strict=True):
            yield np.ascontiguousarray(true), np.ascontiguousarray(predicted)


def _alone(
    metric: Metric, true: Floats, predicted: Floats, weight: Floats | None, drawn: NDArray[np.uint8]
) -> float:
    """Return the value of one column in one replicate; NaN where it is refused."""
    kept = np.flatnonzero(drawn)
    each = drawn[kept].astype(np.float64)
    if weight is not None:
        each *= weight[kept]
    try:
        if len(kept):
            return float(metric.function(true[kept], predicted[kept], each, **metric.parameters))
    except MetricError:
        pass
    return float("nan")


def mean(values: Floats, weight: Floats | None = None) -> float:
    """Return a weighted mean whose sum may not overflow where the mean does not.

    Parameters
    ----------
    values : ndarray, shape (rows,)
    weight : ndarray, shape (rows,), or None

    Returns
    -------
    float

    Examples
    --------
    >>> with np.errstate(over="ignore"):
    ...     mean(np.array([2.0**1023, 2.0**1023])) == 2.0**1023
    True
    >>> mean(np.array([1.0, 4.0]), np.array([2.0, 1.0]))
    2.0
    """
    average = values.mean() if weight is None else (weight * values).sum() / weight.sum()
    if not np.isfinite(average):
        largest = np.abs(values).max()
        if np.isfinite(largest):
            return mean(values / largest, weight) * float(largest)
    return float(average)
