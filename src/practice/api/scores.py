"""Scoring two arrays, tables or files against each other, without a competition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from practice.api.tables import content, is_table
from practice.errors import UsageError

__all__ = ["score"]


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
        Those of the metric, such as ``average="macro"``.

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
    """
    tables = [is_table(each) for each in (solution, submission)]
    if not any(tables):
        import numpy as np

        from practice import metrics

        bound = metrics.get(metric, **parameters)
        return bound.score(np.asarray(solution), np.asarray(submission))
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


def _names(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    return (given,) if isinstance(given, str) else None if given is None else tuple(given)
