"""Predictions as numbers that can be averaged, and back as a file that can be submitted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import RefusedError
from practice.scoring.records import Column

__all__ = ["as_csv", "as_numbers", "as_predictions"]

Values = NDArray[np.float64]


def as_numbers(predictions: Mapping[str, NDArray[Any]], columns: Sequence[Column]) -> Values:
    """Return predictions as numbers; a label is a vote.

    Parameters
    ----------
    predictions : mapping of str to ndarray, shape (rows,)
        As :func:`practice.scoring.read` returns them.
    columns : sequence of Column

    Returns
    -------
    ndarray of float64, shape (rows, width)
        A column of numbers as it is; of labels a column for each of them, 1 where it is predicted.

    Raises
    ------
    RefusedError
        Texts and lists of labels have no mean.

    Examples
    --------
    >>> column = Column("kind", "label", ("cat", "dog"))
    >>> as_numbers({"kind": np.array([1, 0, 1])}, [column]).tolist()
    [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    """
    parts = []
    for column in columns:
        values = predictions[column.name]
        if column.kind in ("number", "probability"):
            parts.append(np.asarray(values, np.float64)[:, None])
        elif column.kind == "label" and column.labels is not None:
            parts.append(np.equal.outer(values, np.arange(len(column.labels))).astype(np.float64))
        else:
            raise RefusedError(
                f"column {column.name!r} holds texts or lists of labels, which have no mean",
                "practice blend combines numbers, probabilities and labels",
            )
    return np.concatenate(parts, axis=1)


def as_predictions(
    values: Values, columns: Sequence[Column], tie: Values
) -> dict[str, NDArray[Any]]:
    """Return the mean of predictions as predictions: of votes the label with most of them.

    Parameters
    ----------
    values, tie : ndarray of float64, shape (rows, width)
        The means, and the votes that decide where several labels have the most.
    columns : sequence of Column

    Returns
    -------
    dict of str to ndarray, shape (rows,)

    Examples
    --------
    >>> column = Column("kind", "label", ("cat", "dog"))
    >>> votes = np.array([[0.25, 0.75], [0.5, 0.5]])
    >>> as_predictions(votes, [column], np.array([[1.0, 0.0], [0.0, 1.0]]))["kind"].tolist()
    [1, 1]
    """
    made: dict[str, NDArray[Any]] = {}
    at = 0
    for column in columns:
        if column.labels is None or column.kind != "label":
            made[column.name] = values[:, at]
            at += 1
            continue
        here = slice(at, at + len(column.labels))
        votes, at = np.round(values[:, here], 9), here.stop
        leading = votes + 1e-10 * tie[:, here]
        made[column.name] = np.where(votes.any(axis=1), leading.argmax(axis=1), -1)
    return made


def as_csv(
    ids: Sequence[Any],
    id_columns: Sequence[str],
    predictions: Mapping[str, NDArray[Any]],
    columns: Sequence[Column],
) -> bytes:
    r"""Write predictions as a submission.

    Parameters
    ----------
    ids : sequence of int or str, shape (rows,)
    id_columns : sequence of str
        One name; of several the ids are joined by U+001F.
    predictions : mapping of str to ndarray, shape (rows,)
    columns : sequence of Column

    Returns
    -------
    bytes

    Examples
    --------
    >>> column = Column("kind", "label", ("cat", "dog"))
    >>> as_csv([7, 9], ["id"], {"kind": np.array([1, 0])}, [column])
    b'id,kind\n7,dog\n9,cat\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*id_columns, *(column.name for column in columns)])
    keys = [[each] if len(id_columns) == 1 else str(each).split("\x1f") for each in ids]
    cells = [_cells(predictions[column.name], column) for column in columns]
    writer.writerows([*key, *row] for key, row in zip(keys, zip(*cells, strict=True), strict=True))
    return text.getvalue().encode()


def _cells(values: NDArray[Any], column: Column) -> list[str]:
    if column.kind == "label" and column.labels is not None:
        names = (*column.labels, "")  # -1, a missing one, is the last
        return [names[code] for code in values.tolist()]
    return ["" if value != value else repr(value) for value in values.tolist()]
