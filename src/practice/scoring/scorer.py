"""Scoring predictions that were read and checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import DefinitionError, MetricError
from practice.metrics import options
from practice.metrics.extras import TRAINING
from practice.metrics.options import Options
from practice.scoring.answers import one_column_per_class
from practice.scoring.labels import LabelCoder, is_missing, number_of
from practice.scoring.records import Answers, Target

if TYPE_CHECKING:
    from practice.definition import MetricSpec
    from practice.metrics import Metric

__all__ = [
    "PLAIN",
    "SIZES",
    "arguments",
    "bind",
    "bound",
    "kept_rows",
    "rows_among",
    "score",
]

PLAIN = Options()
SIZES = ("height", "width", "step")  # parameters of metrics that name a column of numbers


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
    return bound(spec, answers)[0]


def bound(spec: MetricSpec, answers: Answers) -> tuple[Metric, Options]:
    """Return the metric of a definition and how it is used, as :func:`bind` does.

    Parameters
    ----------
    spec : MetricSpec
    answers : Answers

    Returns
    -------
    metric : Metric
    options : Options
    """
    if spec.name is None:
        raise DefinitionError(
            f"[metric] file = {spec.file!r}: this needs a metric by name",
            "submissions are scored by the file; solutions and tuning need a name",
        )
    metric, used = options.split(spec.name, spec.parameters)
    positive = answers.targets[0].positive if answers.targets else None
    if "pos_label" in metric.parameters and "pos_label" not in spec.parameters and positive:
        return options.split(spec.name, {**spec.parameters, "pos_label": positive})
    return metric, used


def score(
    answers: Answers,
    predictions: Mapping[str, NDArray[Any]],
    metric: Metric,
    rows: NDArray[np.bool_] | None = None,
    used: Options = PLAIN,
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
    used : Options, optional
        Weights, mask, groups: their columns are among ``answers.extras``.

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
    kept = kept_rows(answers, rows, used)
    with rows_among(kept):
        pair, more = arguments(answers, predictions, metric, kept, used)
        if used.group is None:
            return metric.score(*pair, **more)
        groups = answers.extras[used.group]
        groups = groups if kept is None else np.compress(kept, groups)
        return options.mean_over_groups(metric, *pair, groups, name=used.group, **more)


def arguments(
    answers: Answers,
    predictions: Mapping[str, NDArray[Any]],
    metric: Metric,
    kept: NDArray[np.bool_] | None,
    used: Options = PLAIN,
) -> tuple[tuple[NDArray[Any], NDArray[Any]], dict[str, Any]]:
    """Return what a metric is to be called with.

    Parameters
    ----------
    answers : Answers
    predictions : mapping of str to ndarray
    metric : Metric
    kept : ndarray of bool, shape (rows,), or None
        The rows to score, as :func:`kept_rows` gives them.
    used : Options, optional

    Returns
    -------
    pair : tuple of ndarray
        Answers and predictions.
    more : dict of str to object
        Weights, labels and extras, by the name of the argument.

    Raises
    ------
    MetricError
    """

    def chosen(values: NDArray[Any]) -> NDArray[Any]:
        # Six times as fast as values[kept] where rows are picked here and there.
        return values if kept is None else np.compress(kept, values, axis=0)

    at = options.chosen_columns(used, [target.name for target in answers.targets])
    targets = tuple(answers.targets[i] for i in at)
    given = list(predictions.values())
    if used.columns:
        given = [given[i] for i in at]
    predicted = [chosen(values) for values in given]
    if one_column_per_class(targets, metric):
        y_true = chosen(targets[0].values)
        y_pred = np.column_stack(predicted)
        labels = targets[0].labels
    else:
        labels = _shared_labels(targets) if metric.takes == "label" else None
        y_true = _stacked([_truth(t, chosen(t.values), metric) for t in targets])
        y_pred = _stacked(predicted)
    weight = None
    if used.sample_weight is not None:
        weight = chosen(_numbers(_extra(answers, used.sample_weight), used.sample_weight))
    extras = {
        name: _extra(answers, name) if name in TRAINING else chosen(_extra(answers, name))
        for name in metric.columns
    }
    for need in SIZES:
        if need in metric.needs:
            name = str(metric.parameters[need])
            extras[name] = _numbers(extras[name], name)
    return (y_true, y_pred), {"weight": weight, "labels": labels, "extras": extras}


def _numbers(column: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where there is none."""
    if column.dtype.kind != "O":
        return column
    try:
        return np.array([math.nan if is_missing(cell) else float(cell) for cell in column.tolist()])
    except ValueError:
        raise MetricError(f"the column {name!r} beside the answers holds no numbers") from None


def _extra(answers: Answers, name: str) -> NDArray[Any]:
    if name not in answers.extras:
        raise MetricError(f"there is no column {name!r} beside the answers")
    return answers.extras[name]


@contextmanager
def rows_among(kept: NDArray[np.bool_] | None) -> Iterator[None]:
    """Let a refusal name the row among all rows, not among those that were kept."""
    try:
        yield
    except MetricError as error:
        row = error.row
        if row is not None and kept is not None:
            row = int(np.flatnonzero(kept)[row])
        raise MetricError(error.message, error.hint, row) from None


def kept_rows(
    answers: Answers, rows: NDArray[np.bool_] | None = None, used: Options = PLAIN
) -> NDArray[np.bool_] | None:
    """Return which rows are scored.

    Parameters
    ----------
    answers : Answers
    rows : ndarray of bool, shape (rows,), optional
        Those asked for; default: all.
    used : Options, optional

    Returns
    -------
    ndarray of bool, shape (rows,), or None
        False where an answer that is scored is missing or the one to ignore, where the mask is
        false, and where the weight is 0; None where every row is scored.

    Raises
    ------
    MetricError
        Where no row is.
    """
    kept = rows
    for at in options.chosen_columns(used, [target.name for target in answers.targets]):
        for left_out in (_absent(answers.targets[at]), _ignored(answers.targets[at], used.ignore)):
            if left_out is not None:
                kept = ~left_out if kept is None else kept & ~left_out
    for name, rule in ((used.mask, options.booleans), (used.sample_weight, _counting)):
        if name is not None:
            stays = rule(_extra(answers, name), name)
            kept = stays if kept is None else kept & stays
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


def _ignored(target: Target, ignore: str | int | float | bool | None) -> NDArray[np.bool_] | None:
    """Return where a target is the value to ignore, None where there is no such value."""
    if ignore is None:
        return None
    if target.type == "label":
        wanted = LabelCoder(target.labels).code(str(ignore))
        return target.values == wanted if wanted >= 0 else None
    if target.type == "number":
        value = number_of(str(ignore))
        return None if value is None else np.asarray(target.values == float(value))
    return np.asarray(target.values == str(ignore))


def _counting(weight: NDArray[Any], name: str) -> NDArray[np.bool_]:
    return np.asarray(_numbers(weight, name) != 0)


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
