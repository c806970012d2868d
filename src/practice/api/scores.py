"""Scoring two arrays, tables or files against each other, without a competition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from practice.api.tables import content, is_table
from practice.errors import UsageError

__all__ = ["score"]

_OF_ROWS = ("sample_weight", "mask", "group")  # options that are a value for each row


def score(
    solution: Any,
    submission: Any,
    metric: str,
    *,
    id: str | Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    prediction: str | Sequence[str] | None = None,
    **parameters: Any,
) -> float:
    """Score predictions against answers, without a competition.

    Parameters
    ----------
    solution, submission : array-like, DataFrame or path
        Two arrays of the same rows in the same order; or two tables, each a data frame or a file
        (csv, csv.gz, zip, parquet), which are matched on their ids and checked as
        ``practice score`` does it.
    metric : str
        Such as "f1" or "rmse".
    id, target, prediction : str or sequence of str, optional
        Columns of two tables; default: the id and the columns they share, or each one's only other.
    **parameters
        Those of the metric, such as ``average="macro"``, and options of any metric:
        ``sample_weight``, ``mask``, ``group``, ``ignore``, ``columns`` (and ``extra_ids`` of
        tables). Of tables the first three name columns of the solution; of arrays they are arrays
        of as many rows, and ``columns`` are positions.

    Returns
    -------
    float

    Raises
    ------
    MetricError
        It is not defined for these numbers.
    NotFoundError
        No metric of that name.
    UsageError
        The metric has no such parameter, or only one of the two is a table.

    Examples
    --------
    >>> import practice
    >>> practice.score([1, 2, 3], [1, 2, 5], "mae")
    0.6666666666666666
    >>> practice.score([1, 2, 3], [1, 2, 5], "mae", sample_weight=[1, 1, 2])
    1.0
    """
    tables = [is_table(each) for each in (solution, submission)]
    if not any(tables):
        return _of_arrays(solution, submission, metric, parameters)
    from practice.scoring import score_files

    if not all(tables):
        raise UsageError(
            "one of the two is a table and the other an array", "give two tables, or two arrays"
        )
    done = score_files(
        content(solution)[0],
        content(submission)[0],
        metric,
        id=_names(id),
        target=_names(target),
        prediction=_names(prediction),
        parameters=parameters,
    )
    return done.score


def _of_arrays(solution: Any, submission: Any, metric: str, given: dict[str, Any]) -> float:
    """Score arrays, with what belongs to the rows given as arrays, too."""
    import numpy as np

    from practice.metrics import options
    from practice.metrics.parameters import parameters_of
    from practice.metrics.registry import definition, find

    own = parameters_of(definition(find(metric)[0]).function)
    beside = {name: given.pop(name) for name in _OF_ROWS if name in given and name not in own}
    positions = given.pop("columns", None)
    bound, used = options.split(metric, {**given, **{name: name for name in beside}})
    if used.extra_ids != "refuse":
        raise UsageError("arrays have no ids: no extra_ids for them", "leave it out")
    y_true, y_pred = np.asarray(solution), np.asarray(submission)
    if positions is not None:
        y_true, y_pred = y_true[:, list(positions)], y_pred[:, list(positions)]
    arrays = {name: np.asarray(values) for name, values in beside.items()}
    for name, values in arrays.items():
        if values.shape != (len(y_true),):
            raise UsageError(f"{name}: {len(y_true)} rows, but an array of shape {values.shape}")
    kept = np.ones(len(y_true), np.bool_)
    if "mask" in arrays:
        kept &= options.booleans(arrays["mask"], "mask")
    if used.ignore is not None:
        kept &= ~(y_true == used.ignore).reshape(len(y_true), -1).any(axis=1)
    y_true, y_pred = (y_true, y_pred) if kept.all() else (y_true[kept], y_pred[kept])
    weight = arrays["sample_weight"][kept] if "sample_weight" in arrays else None
    if "group" in arrays:
        groups = arrays["group"][kept]
        return options.mean_over_groups(bound, y_true, y_pred, groups, name="group", weight=weight)
    return bound.score(y_true, y_pred, weight=weight)


def _names(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    return (given,) if isinstance(given, str) else None if given is None else tuple(given)
