"""The record of a metric, and what happens around every score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from practice.errors import MetricError, UsageError
from practice.metrics.extras import TRAINING, pick
from practice.metrics.plan import Plan
from practice.metrics.replicates import BUDGET, resample

__all__ = ["Family", "Metric", "Sample", "Several", "Takes", "Unit"]

Takes = Literal["label", "number", "probability", "labels", "text"]
Unit = Literal["rows", "groups", "none"]
Several = Literal["mean", "joint", "none"]

# Weights beyond these are brought near 1 first: their sums and products would over- or underflow.
_LIGHT, _HEAVY = 1e-100, 1e100


@dataclass(frozen=True)
class Sample:
    """Answers and predictions on their way into a family, rows of weight 0 left out.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (rows,) or (rows, columns)
        At least one row, equally many rows in both.
    weight : ndarray of float64, shape (rows,), or None
        All above 0; None: every row counts 1.
    labels : tuple of str or None
        Class names; label answers and predictions are then integer codes into them.
    extras : mapping of str to ndarray
        Further columns of the solution, shape (rows,), by the parameter of the metric that names
        them; and the training series, see :mod:`practice.metrics.extras`.
    """

    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    weight: NDArray[np.float64] | None = None
    labels: tuple[str, ...] | None = None
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.y_true)


class Family(Protocol):
    """How the function of a metric becomes a score.

    Each family is a small frozen dataclass that checks and shapes the arrays, reduces the rows to
    what its functions work on (weighted counts, sums of row values, one sorted ranking), and calls
    the function. The reduction is the only step that sees weights, so that resampling a score is
    the same reduction under many weights.
    """

    def score(self, metric: Metric, sample: Sample) -> float:
        """Return the score of a sample; may be infinite or NaN where it is out of range."""


@dataclass(frozen=True)
class Metric:
    """A metric with its parameters bound.

    Parameters
    ----------
    name : str
    greater_is_better : bool
    takes : {"label", "number", "probability", "labels", "text"}
        What a cell of a prediction is: one label, a finite number, a number in [0, 1], labels
        separated by spaces, any text.
    per_class : bool
        True where multiclass predictions are one column per class.
    unit : {"rows", "groups", "none"}
        What may be resampled to judge the score's uncertainty.
    range : tuple of float
        Lowest and highest value a score can have.
    summary, formula, source : str
        First line, "Notes" and "References" of the function's docstring.
    aliases : tuple of str
        Other names, such as Kaggle's.
    function : callable
        What defines the metric; its arguments are those of the family.
    family : Family
    parameters : dict of str to object
        A value for every parameter of the function.
    warning : str
        "Warnings" of the function's docstring: what to watch for.
    needs : tuple of str
        Parameters that name columns of the solution which the metric cannot do without.
    training : bool
        True where the metric compares with the series of the training data.
    outputs : tuple of str
        Names for the columns of a prediction, where one target takes several that are not its
        classes: a value and a confidence, one per quantile. Empty: one column per target.
    several : {"mean", "joint", "none"}
        What several target columns mean: the mean over columns, one thing (the classes of a
        distribution, the two coordinates of a place), nothing: the metric takes one.
    weighted : bool
        False where weights of rows have no meaning.

    Examples
    --------
    >>> from practice import metrics
    >>> metric = metrics.get("f1", average="macro")
    >>> metric.greater_is_better, metric.parameters["average"]
    (True, 'macro')
    >>> metric.score(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    0.733...
    """

    name: str
    greater_is_better: bool
    takes: Takes
    per_class: bool
    unit: Unit
    range: tuple[float, float]
    summary: str
    formula: str
    source: str
    aliases: tuple[str, ...]
    function: Callable[..., Any]
    family: Family
    parameters: dict[str, Any]
    warning: str = ""
    needs: tuple[str, ...] = ()
    training: bool = False
    outputs: tuple[str, ...] = ()
    several: Several = "mean"
    weighted: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what the metric has to find in the ``extras`` of a score."""
        named = tuple(str(self.parameters[need]) for need in self.needs)
        return (*named, *TRAINING) if self.training else named

    def score(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        weight: ArrayLike | None = None,
        labels: Sequence[str] | None = None,
        extras: Mapping[str, ArrayLike] | None = None,
    ) -> float:
        """Score predictions against answers.

        Parameters
        ----------
        y_true, y_pred : array_like, shape (rows,) or (rows, columns)
            "label": labels of any one type, or integer codes into ``labels`` where these are given;
            "number" and "probability": numbers; "labels" and "text": texts. Where ``per_class``,
            ``y_true`` may be integer class codes and ``y_pred`` a column per class.
        weight : array_like, shape (rows,), optional
            How much each row counts; 0 or more. A row of weight 0 might as well not be there.
        labels : sequence of str, optional
            Names of the classes.
        extras : mapping of str to array_like, optional
            Further columns of the solution, shape (rows,), by their names: at least those in
            :attr:`columns`. The training series have a shape of their own.

        Returns
        -------
        float
            Finite, in the unit of the metric's formula.

        Raises
        ------
        MetricError
            Where there is nothing to score: missing or infinite values, shapes that do not match,
            values the metric has no meaning for, a column it needs that is not there.

        Examples
        --------
        >>> from practice import metrics
        >>> metrics.get("mae").score([1.0, 2.0], [1.0, 4.0], weight=[3, 1])
        0.5
        """
        sample, kept = self._sample(y_true, y_pred, weight, labels, extras)
        with _rows_of(kept):
            value = float(self.family.score(self, sample))
        if not math.isfinite(value):
            raise MetricError(f"{self.name} of these values is too large for a number")
        return value

    def replicates(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        plan: Plan | NDArray[np.uint8],
        *,
        weight: ArrayLike | None = None,
        labels: Sequence[str] | None = None,
        extras: Mapping[str, ArrayLike] | None = None,
        budget: float = BUDGET,
    ) -> NDArray[np.float64] | None:
        """Score predictions under each replicate of a resampling plan.

        Parameters
        ----------
        y_true, y_pred, weight, labels, extras
            As for :meth:`score`. What the metric reads from all rows together (which classes there
            are, whether columns are classes of one label) holds for each replicate.
        plan : Plan, or ndarray of uint8, shape (replicates, rows)
            How often each row counts; in a replicate it has its weight times that.
        budget : float
            Seconds after which a metric without a quick way stops; see
            :func:`practice.metrics.replicates.looped`.

        Returns
        -------
        ndarray of float64, shape (replicates,), or None
            What :meth:`score` gives for the rows of each replicate; NaN where it refuses them, or
            where the budget ended before. Above 50,000 rows rank metrics are linearised, see
            :mod:`practice.metrics.slopes`. None where a bootstrap of the metric is biased
            (``unit`` "none"), where it needs whole groups and the plan draws rows, or where the
            budget does not reach.

        Raises
        ------
        MetricError
            Where the predictions cannot be scored.
        UsageError
            Where the plan is for another number of rows.

        Examples
        --------
        >>> from practice import metrics
        >>> counts = np.array([[1, 1, 1], [2, 1, 0]], np.uint8)
        >>> metrics.get("mae").replicates([1.0, 2.0, 3.0], [2.0, 2.0, 5.0], counts).tolist()
        [1.0, 0.666...]
        """
        if isinstance(plan, np.ndarray):
            plan = Plan(plan, kind="groups")
        sample, kept = self._sample(y_true, y_pred, weight, labels, extras)
        if plan.rows != len(np.asarray(y_true)):
            raise UsageError(f"{len(np.asarray(y_true))} rows, but a plan for {plan.rows}")
        if self.unit == "none" or (self.unit == "groups" and plan.kind != "groups"):
            return None
        with _rows_of(kept):
            return resample(self, sample, plan if kept is None else plan.take(kept), budget)

    def _sample(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        weight: ArrayLike | None,
        labels: Sequence[str] | None,
        extras: Mapping[str, ArrayLike] | None,
    ) -> tuple[Sample, NDArray[np.intp] | None]:
        """Return the rows that count with all that the family sees, and which they are."""
        names = None if labels is None else tuple(map(str, labels))
        pair = _array(y_true, "answers"), _array(y_pred, "predictions")
        if weight is not None and not self.weighted:
            raise MetricError(f"{self.name} does not take weights: they have no meaning for it")
        sample, kept = _sample(*pair, weight, names)
        if self.needs or self.training:
            wanted = {need: self.parameters[need] for need in self.needs}
            found = pick(self.name, wanted, self.training, extras or {}, len(pair[0]), kept)
            sample = replace(sample, extras=found)
        return sample, kept


@contextmanager
def _rows_of(kept: NDArray[np.intp] | None) -> Iterator[None]:
    """Compute without numpy's warnings; errors name a row of the arrays as they were given."""
    try:
        with np.errstate(all="ignore"):
            yield
    except MetricError as error:
        if kept is None or error.row is None:
            raise
        raise MetricError(error.message, error.hint, row=int(kept[error.row])) from None


def _array(values: ArrayLike, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise MetricError(f"the {what} have rows of different lengths") from None
    if array.ndim not in (1, 2):
        raise MetricError(f"the {what} must be a column or a table, not {array.ndim}-d")
    return array


def _sample(
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    weight: ArrayLike | None,
    labels: tuple[str, ...] | None,
) -> tuple[Sample, NDArray[np.intp] | None]:
    """Check lengths and weights; return the sample, and its rows where some were left out."""
    if len(y_true) != len(y_pred):
        raise MetricError(f"{len(y_true)} answers, but {len(y_pred)} predictions")
    if not y_true.size or not y_pred.size:
        raise MetricError("there are no rows to score")
    if weight is None:
        return Sample(y_true, y_pred, None, labels), None
    weights = _weights(weight, len(y_true))
    if weights.min() > 0:
        return Sample(y_true, y_pred, weights, labels), None
    kept = np.flatnonzero(weights)
    return Sample(y_true[kept], y_pred[kept], weights[kept], labels), kept


def _weights(weight: ArrayLike, rows: int) -> NDArray[np.float64]:
    try:
        weights = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise MetricError("the weights must be numbers") from None
    if weights.shape != (rows,):
        raise MetricError(f"{rows} rows, but weights of shape {weights.shape}")
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        raise MetricError("a weight is negative, missing or infinite", row=int(wrong[0]))
    heaviest = float(weights.max())
    if heaviest == 0:
        raise MetricError("all weights are 0: there are no rows to score")
    return weights if _LIGHT < heaviest < _HEAVY else weights / heaviest
