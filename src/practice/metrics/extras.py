"""Further columns that a metric needs beside answers and predictions.

A metric may have parameters that name columns of the solution, such as ``group``, ``height`` or
``series``; ``Metric.needs`` lists those that are bound. Who scores passes ``extras``, a mapping of
column name to array, shape (rows,), in the order of the answers.

A metric that compares with the training data (``Metric.training``) also finds there, whatever the
columns are called where they come from,

- ``train:values``, shape (training rows,): the numbers of all training series;
- ``train:series``, shape (training rows,): which series each is of, written as in the solution.

The rows of a series stand in the order of time; the series may be mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from practice.errors import MetricError

__all__ = ["SERIES", "TRAINING", "VALUES", "pick"]

VALUES, SERIES = "train:values", "train:series"
TRAINING = (VALUES, SERIES)


def pick(
    metric: str,
    wanted: Mapping[str, str],
    training: bool,
    extras: Mapping[str, ArrayLike],
    rows: int,
    kept: NDArray[np.intp] | None = None,
) -> dict[str, NDArray[Any]]:
    """Return the columns that a metric needs, by its parameters.

    Parameters
    ----------
    metric : str
        Its name, for messages.
    wanted : mapping of str to str
        Parameter to name of the column.
    training : bool
        Whether the training series are needed too.
    extras : mapping of str to array_like
        Columns by name.
    rows : int
        How many rows each of ``wanted`` has.
    kept : ndarray of int or None
        Rows to return of them; None: all.

    Returns
    -------
    dict of str to ndarray
        By parameter; the training series by their names in ``extras``.

    Raises
    ------
    MetricError
        Where a column is not there, or not as long as it should be.

    Examples
    --------
    >>> pick("haversine", {"group": "phone"}, False, {"phone": ["a", "b"]}, 2)["group"].tolist()
    ['a', 'b']
    """
    found = {}
    for parameter, column in wanted.items():
        if column not in extras:
            raise MetricError(
                f"{metric} needs a column {column!r} of the solution",
                f"its parameter {parameter} names the column",
            )
        values = np.asarray(extras[column])
        if values.shape != (rows,):
            raise MetricError(f"{rows} rows, but a column {column!r} of shape {values.shape}")
        found[parameter] = values if kept is None else values[kept]
    if training:
        if any(name not in extras for name in TRAINING):
            raise MetricError(
                f"{metric} compares with the training series, which are not there",
                "it is for competitions that name their training series",
            )
        found.update({name: np.asarray(extras[name]) for name in TRAINING})
        if found[VALUES].ndim != 1 or found[VALUES].shape != found[SERIES].shape:
            raise MetricError("the training series do not have a value for each of their rows")
    return found
