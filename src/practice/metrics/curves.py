"""A family of metrics that see how scores rank positive rows among negative ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, outcome_pair
from practice.metrics.plan import Plan
from practice.metrics.replicates_ranking import Sorting, sorting
from practice.metrics.slopes import Slopes, ordered

__all__ = ["Ranked", "Ranking", "Steps", "steps"]

_WORTH_A_THREAD = 200_000  # rows; below, a thread costs more than it saves


@dataclass(frozen=True)
class Steps:
    """A ranking, seen from each distinct score of a positive row, ascending.

    Everything that a ROC or a precision-recall curve knows follows from these, whatever lies
    between. Leading axes, if any, are samples of the same rows.

    Parameters
    ----------
    gain : ndarray of float64, shape (..., steps)
        Weight of the positive rows of that score.
    below, level : ndarray of float64, shape (..., steps)
        Weight of the negative rows of a lower score, and of the same score.
    positives, negatives : ndarray of float64, shape (...)
        Weight of all of them.
    """

    gain: Floats
    below: Floats
    level: Floats
    positives: Floats
    negatives: Floats


@dataclass(frozen=True)
class Ranked:
    """Answers and scores, column by column.

    Parameters
    ----------
    y_true : ndarray
        bool, of the shape of ``y_pred``; or class codes, shape (rows,).
    y_pred : ndarray of float64, shape (rows,) or (rows, columns)
    weight : ndarray of float64, shape (rows,), or None
    labels : tuple of str or None
        Names of the classes.
    """

    y_true: NDArray[Any]
    y_pred: Floats
    weight: Floats | None
    labels: tuple[str, ...] | None

    def columns(self, *, both: bool = True) -> Iterator[Steps]:
        """Yield the ranking of each column; of each class against the rest.

        Parameters
        ----------
        both : bool
            Refuse a column that has no negative rows; one without positive rows always is.

        Yields
        ------
        Steps

        Raises
        ------
        MetricError
        """
        for where, positive, score in self.rankings():
            yield _checked(steps(positive, score, self.weight), where, both=both)

    def rankings(self) -> Iterator[tuple[str, NDArray[np.bool_], Floats]]:
        """Yield of each column, or class, what to call it, which rows are positive, and scores."""
        if self.y_pred.ndim == 1:
            yield "", self.y_true, self.y_pred
            return
        for number, score in enumerate(self.y_pred.T):
            if self.y_true.ndim == 1:
                name = str(number) if self.labels is None else self.labels[number]
                yield f", class {name} against the rest", self.y_true == number, score
            else:
                yield f" of column {number + 1}", self.y_true[:, number], score

    def pooled(self) -> Steps:
        """Return the ranking of the cells of all columns together.

        Returns
        -------
        Steps
        """
        positive, score, row = self.cells()
        weight = None if self.weight is None else self.weight[row]
        return _checked(steps(positive, score, weight), "", both=True)

    def cells(self) -> tuple[NDArray[np.bool_], Floats, NDArray[np.intp]]:
        """Return the cells of all columns: whether positive, their score, and their row."""
        positive, width = self.y_true, self.y_pred.size // len(self.y_pred)
        if positive.ndim < self.y_pred.ndim:
            positive = positive[:, np.newaxis] == np.arange(width)
        row = np.repeat(np.arange(len(self.y_pred)), width)
        return positive.ravel(), self.y_pred.ravel(), row


@dataclass(frozen=True)
class Weighed:
    """Some replicates of a ranking, for a function that takes :class:`Ranked`.

    Parameters
    ----------
    sortings : tuple of Sorting
        Of each column; or of the cells of all columns together, alone.
    plan : Plan
        For the rows of the sortings.
    start, stop : int
        The first replicate, and the one after the last.
    """

    sortings: tuple[Sorting, ...]
    plan: Plan
    start: int
    stop: int

    def columns(self, *, both: bool = True) -> Iterator[Steps]:
        """Yield the ranking of each column; where it may not be scored, what comes of it is NaN."""
        for each in self.sortings:
            gain, below, level, negatives = each.weigh(self.plan, self.start, self.stop)
            yield Steps(gain, below, level, gain.sum(axis=1), negatives)

    def pooled(self) -> Steps:
        """Return the ranking of the cells of all columns together."""
        return next(self.columns())


def _checked(made: Steps, where: str, *, both: bool) -> Steps:
    """Refuse a ranking without positive rows, or, where ``both``, without negative ones."""
    if both and not (made.positives > 0 and made.negatives > 0):
        raise MetricError(f"only one class among the answers{where}")
    if not made.positives > 0:
        raise MetricError(f"no positive row among the answers{where}")
    return made


@dataclass(frozen=True)
class Ranking:
    """Metrics computed from rankings: ``(ranked, **parameters) -> ndarray, shape (...)``.

    Parameters
    ----------
    slopes : callable or None
        ``(levels, **parameters)`` to the :class:`~practice.metrics.slopes.Slopes` of one column.
    """

    slopes: Callable[..., Slopes] | None = None

    def score(self, metric: Metric, sample: Sample) -> float:
        """Check the arrays, then call the function."""
        y_true, y_pred = outcome_pair(metric, sample)
        ranked = Ranked(y_true, y_pred, sample.weight, sample.labels)
        return float(metric.function(ranked, **metric.parameters))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats | None:
        """Sort once and weigh anew; over blocks of rows, follow the slopes."""
        y_true, y_pred = outcome_pair(metric, sample)
        ranked = Ranked(y_true, y_pred, sample.weight, sample.labels)
        micro = metric.parameters.get("average") == "micro"
        if plan.coarse:
            values = None if self.slopes is None else self._along_slopes(metric, ranked, plan)
        else:
            metric.function(ranked, **metric.parameters)  # may refuse
            values = np.empty(plan.replicates)
            sortings, plan = _sorted(ranked, plan, micro)
            for start, stop in plan.chunks():
                weighed = Weighed(sortings, plan, start, stop)
                values[start:stop] = metric.function(weighed, **metric.parameters)
        return values

    def _along_slopes(self, metric: Metric, ranked: Ranked, plan: Plan) -> Floats:
        """Return the scores of a plan of blocks, by the slopes of the metric."""
        average = metric.parameters.get("average")
        if average == "micro":
            positive, score, row = ranked.cells()
            weight = None if ranked.weight is None else ranked.weight[row]
            return self._column(metric, positive, score, weight, plan.take(row))
        values, shares = [], []
        for _, positive, score in ranked.rankings():
            values.append(self._column(metric, positive, score, ranked.weight, plan))
            if average == "weighted":
                happened = positive if ranked.weight is None else positive * ranked.weight
                shares.append(plan.sums(happened))
        if not np.isfinite(values).all():
            metric.function(ranked, **metric.parameters)  # refuses
        return np.asarray(np.average(values, axis=0, weights=shares or None))

    def _column(
        self,
        metric: Metric,
        positive: NDArray[np.bool_],
        score: Floats,
        weight: Floats | None,
        plan: Plan,
    ) -> Floats:
        assert self.slopes is not None
        rows = ordered(positive, score, weight)
        slopes = self.slopes(rows.levels, **metric.parameters)
        change = rows.by_row(slopes)
        if weight is not None:
            change *= weight[rows.order]
        return np.asarray(slopes.value + plan.take(rows.order).sums(change) - change.sum())


def _sorted(ranked: Ranked, plan: Plan, pooled: bool) -> tuple[tuple[Sorting, ...], Plan]:
    """Sort the columns, or all their cells, and return the plan for what was sorted."""
    if not pooled:
        rankings = ranked.rankings()
        return tuple(sorting(true, score, ranked.weight) for _, true, score in rankings), plan
    positive, score, row = ranked.cells()
    weight = None if ranked.weight is None else ranked.weight[row]
    return (sorting(positive, score, weight),), plan.take(row)


def steps(positive: NDArray[np.bool_], score: Floats, weight: Floats | None) -> Steps:
    """Sort positive and negative scores apart and look each positive one up among the negatives.

    Parameters
    ----------
    positive : ndarray of bool, shape (rows,)
    score : ndarray, shape (rows,)
    weight : ndarray, shape (rows,), or None

    Returns
    -------
    Steps

    Examples
    --------
    >>> made = steps(np.array([True, False, True]), np.array([0.9, 0.5, 0.5]), None)
    >>> made.gain.tolist(), made.below.tolist(), made.level.tolist()
    ([1.0, 1.0], [0.0, 1.0], [1.0, 0.0])
    """
    if len(score) < _WORTH_A_THREAD:
        distinct, above = _levels(score, weight, positive)
        levels, starts = _levels(score, weight, ~positive)
    else:  # numpy sorts both sides at once, each in a thread
        with ThreadPoolExecutor(1) as beside:
            waiting = beside.submit(_levels, score, weight, positive)
            levels, starts = _levels(score, weight, ~positive)
            distinct, above = waiting.result()
    place = np.searchsorted(levels, distinct)
    tied = np.append(levels, np.nan)[place] == distinct
    below, until = starts[place], starts[place + tied]
    positives, negatives = np.asarray(above[-1]), np.asarray(starts[-1])
    return Steps(np.diff(above), below, until - below, positives, negatives)


def _levels(
    score: Floats, weight: Floats | None, chosen: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the distinct chosen scores, ascending, and the weight before each.

    The weights are one more: the last is that of all.
    """
    score = np.compress(chosen, score)  # three times as fast as score[chosen]
    if weight is None:
        up, total = np.sort(score), None
    else:
        order = np.argsort(score)
        up = score[order]
        total = np.concatenate([[0.0], np.cumsum(np.compress(chosen, weight)[order])])
    new = np.ones(len(up) + 1, np.bool_)  # the end stands for one more level
    np.not_equal(up[1:], up[:-1], out=new[1:-1])
    first = np.flatnonzero(new)
    before = first.astype(np.float64) if total is None else total[first]
    return up[first[:-1]], before
