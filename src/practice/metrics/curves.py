"""A family of metrics that see how scores rank positive rows among negative ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, outcome_pair

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
        if self.y_pred.ndim == 1:
            yield _checked(steps(self.y_true, self.y_pred, self.weight), "", both=both)
            return
        for number, score in enumerate(self.y_pred.T):
            if self.y_true.ndim == 1:
                name = str(number) if self.labels is None else self.labels[number]
                where, positive = f", class {name} against the rest", self.y_true == number
            else:
                where, positive = f" of column {number + 1}", self.y_true[:, number]
            yield _checked(steps(positive, score, self.weight), where, both=both)

    def pooled(self) -> Steps:
        """Return the ranking of the cells of all columns together.

        Returns
        -------
        Steps
        """
        weight, positive, width = self.weight, self.y_true, self.y_pred.size // len(self.y_pred)
        if weight is not None:
            weight = np.repeat(weight, width)
        if positive.ndim < self.y_pred.ndim:
            positive = positive[:, np.newaxis] == np.arange(width)
        return _checked(steps(positive.ravel(), self.y_pred.ravel(), weight), "", both=True)


def _checked(made: Steps, where: str, *, both: bool) -> Steps:
    """Refuse a ranking without positive rows, or, where ``both``, without negative ones."""
    if both and not (made.positives > 0 and made.negatives > 0):
        raise MetricError(f"only one class among the answers{where}")
    if not made.positives > 0:
        raise MetricError(f"no positive row among the answers{where}")
    return made


@dataclass(frozen=True)
class Ranking:
    """Metrics computed from rankings: ``(ranked, **parameters) -> ndarray, shape (...)``."""

    def score(self, metric: Metric, sample: Sample) -> float:
        """Check the arrays, then call the function."""
        y_true, y_pred = outcome_pair(metric, sample)
        ranked = Ranked(y_true, y_pred, sample.weight, sample.labels)
        return float(metric.function(ranked, **metric.parameters))


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
