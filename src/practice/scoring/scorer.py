"""Scoring predictions that were read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import DefinitionError, MetricError
from practice.scoring.answers import one_column_per_class
from practice.scoring.labels import number_of
from practice.scoring.records import Answers, Target

if TYPE_CHECKING:
    from practice.definition import MetricSpec
    from practice.metrics import Metric

__all__ = ["SCORER_VERSION", "bind", "kept_rows", "score"]

# Part of every stored score; raised whenever the same file could get another score than before.
SCORER_VERSION = 1


def bind(spec: MetricSpec, answers: Answers) -> Metric:
    """Return the metric of a definition with its parameters.

    A metric with a parameter ``pos_label`` gets the positive class of the target, unless the
    definition says otherwise.

    Parameters
    ----------
    spec : MetricSpec
    answers : Answers

    Returns
    -------
    Metric

    Raises
    ------
    NotFoundError, UsageError
        Where there is no metric of that name, or it does not have these parameters.
    DefinitionError
        Where the definition names a file.

    Examples
    --------
    >>> from practice.definition import MetricSpec
    >>> target = Target("spam", "label", np.array([0, 1], np.int8), ("ham", "spam"), "spam")
    >>> answers = Answers(None, ("id",), (target,), np.array([True, False]))
    >>> bind(MetricSpec("f1"), answers).parameters["pos_label"]
    'spam'
    """
    from practice import metrics

    if spec.name is None:
        raise DefinitionError(
            f"[metric] file = {spec.file!r}: this needs a metric by name",
            "submissions are scored by the file; solutions and tuning need a name",
        )
    metric = metrics.get(spec.name, **spec.parameters)
    positive = answers.targets[0].positive if answers.targets else None
    if "pos_label" in metric.parameters and "pos_label" not in spec.parameters and positive:
        return metrics.get(spec.name, **spec.parameters, pos_label=positive)
    return metric


def score(
    answers: Answers,
    predictions: Mapping[str, NDArray[Any]],
    metric: Metric,
    rows: NDArray[np.bool_] | None = None,
) -> float:
    """Score predictions.

    Parameters
    ----------
    answers : Answers
    predictions : mapping of str to ndarray
        As :func:`practice.scoring.read` returns them: aligned to ``answers.ids``, a column for
        each target (or each class) in their order.
    metric : Metric
    rows : ndarray of bool, shape (rows,), optional
        The rows to score; default: all. A row without an answer is never scored.

    Returns
    -------
    float

    Raises
    ------
    MetricError
        Where the metric cannot score them. ``row`` is a position in ``answers.ids``; the text has
        neither ids nor answers.

    Examples
    --------
    >>> from practice import metrics
    >>> target = Target("y", "label", np.array([0, 1, -1], np.int8), ("no", "yes"), "yes")
    >>> answers = Answers(None, ("id",), (target,), np.array([True, True, False]))
    >>> score(answers, {"y": np.array([0.1, 0.2, 0.9])}, metrics.get("roc_auc"))
    1.0
    """
    kept = kept_rows(answers, rows)

    def chosen(values: NDArray[Any]) -> NDArray[Any]:
        # Six times as fast as values[kept] where rows are picked here and there.
        return values if kept is None else np.compress(kept, values, axis=0)

    predicted = [chosen(values) for values in predictions.values()]
    if one_column_per_class(answers.targets, metric):
        y_true = chosen(answers.targets[0].values)
        y_pred = np.column_stack(predicted)
        labels = answers.targets[0].labels
    else:
        labels = _shared_labels(answers.targets) if metric.takes == "label" else None
        y_true = _stacked([_truth(t, chosen(t.values), metric) for t in answers.targets])
        y_pred = _stacked(predicted)
    weight = answers.extras.get("weight")
    try:
        return metric.score(
            y_true, y_pred, weight=None if weight is None else chosen(weight), labels=labels
        )
    except MetricError as error:
        row = error.row
        if row is not None and kept is not None:
            row = int(np.flatnonzero(kept)[row])
        raise MetricError(error.message, error.hint, row) from None


def kept_rows(answers: Answers, rows: NDArray[np.bool_] | None = None) -> NDArray[np.bool_] | None:
    """Return which rows are scored.

    Parameters
    ----------
    answers : Answers
    rows : ndarray of bool, shape (rows,), optional
        Those asked for; default: all.

    Returns
    -------
    ndarray of bool, shape (rows,), or None
        False where an answer is missing; None where every row is scored.

    Raises
    ------
    MetricError
        Where no row is.
    """
    kept = rows
    for target in answers.targets:
        absent = _absent(target)
        if absent is not None:
            kept = ~absent if kept is None else kept & ~absent
    if kept is not None and not kept.any():
        raise MetricError("there are no rows to score")
    return kept


def _absent(target: Target) -> NDArray[np.bool_] | None:
    """Return where a target is missing, None where it nowhere is."""
    if target.type == "text" or not len(target.values):
        return None
    if target.type == "number":
        # One sum tells whether there is a NaN, at a quarter of the cost of looking at each.
        return np.isnan(target.values) if np.isnan(target.values.sum()) else None
    return target.values < 0 if target.values.min() < 0 else None


def _shared_labels(targets: tuple[Target, ...]) -> tuple[str, ...] | None:
    """Return the labels that codes of all targets refer to, None where they hold no labels."""
    if any(target.type != "label" for target in targets):
        return None
    if len({target.labels for target in targets}) > 1:
        raise MetricError("the targets do not have the same labels", "score them one by one")
    return targets[0].labels


def _truth(target: Target, values: NDArray[Any], metric: Metric) -> NDArray[Any]:
    """Return the answers of one target as the metric takes them."""
    if target.type != "label" or metric.takes == "label":
        return values
    labels = target.labels or ()
    if metric.takes in ("labels", "text"):
        named: NDArray[Any] = np.array(labels, dtype=object)[values]
        return named
    numbers = [float(n) for n in map(number_of, labels) if n is not None]
    numeric = len(numbers) == len(labels)
    of_classes = metric.takes == "probability" or metric.per_class or target.positive is not None
    if len(labels) == 2 and (of_classes or not numeric):
        happened: NDArray[np.bool_] = values == labels.index(target.positive or labels[1])
        return happened
    if not numeric:
        raise MetricError(f"{metric.name} takes numbers, but the labels are not numbers")
    numbered: NDArray[np.float64] = np.array(numbers)[values]
    return numbered


def _stacked(columns: list[NDArray[Any]]) -> NDArray[Any]:
    return columns[0] if len(columns) == 1 else np.column_stack(columns)
