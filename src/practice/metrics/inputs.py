"""Checks and shapes that families share: numbers, probabilities, 0/1 answers, class codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample

__all__ = [
    "Floats",
    "check_codes",
    "floats",
    "number_pair",
    "outcome_pair",
    "probability_pair",
    "refuse_where",
]

Floats = NDArray[np.float64]


def refuse_where(wrong: NDArray[np.bool_], message: str) -> None:
    """Raise an error that has the first row where ``wrong`` is true, if there is one.

    Parameters
    ----------
    wrong : ndarray of bool, shape (rows,) or (rows, columns)
    message : str

    Raises
    ------
    MetricError

    Examples
    --------
    >>> refuse_where(np.array([False, True]), "a prediction is negative")
    Traceback (most recent call last):
    practice.errors.MetricError: a prediction is negative
    """
    if wrong.any():
        by_row = wrong if wrong.ndim == 1 else wrong.any(axis=1)
        raise MetricError(message, row=int(by_row.argmax()))


def floats(values: NDArray[Any], what: str) -> Floats:
    """Return finite numbers as float64; a table of one column as a column.

    Parameters
    ----------
    values : ndarray, shape (rows,) or (rows, columns)
        Numbers, booleans, or objects that are numbers.
    what : str
        "answer" or "prediction", for messages.

    Returns
    -------
    ndarray of float64
        The array itself where it is one already.

    Raises
    ------
    MetricError
        Where a value is not a number, missing or infinite.
    """
    if values.dtype.kind not in "biufO":
        raise MetricError(f"the {what}s are not numbers")
    try:
        numbers = values.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise MetricError(f"the {what}s are not all numbers") from None
    if not np.isfinite(numbers).all():
        refuse_where(np.isnan(numbers), f"a {what} is missing".replace("a a", "an a"))
        refuse_where(np.isinf(numbers), f"a {what} is infinite".replace("a a", "an a"))
    return flat(numbers)


def flat(values: NDArray[Any]) -> NDArray[Any]:
    """Return a table of one column as a column, anything else as it is."""
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def number_pair(sample: Sample) -> tuple[Floats, Floats]:
    """Return answers and predictions as finite numbers of one shape.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Raises
    ------
    MetricError
        Where a value is not a finite number or the shapes differ.
    """
    y_true, y_pred = floats(sample.y_true, "answer"), floats(sample.y_pred, "prediction")
    if y_true.shape != y_pred.shape:
        raise MetricError(f"answers have {_width(y_true)} columns, predictions {_width(y_pred)}")
    return y_true, y_pred


def probability_pair(sample: Sample) -> tuple[Floats, Floats]:
    """Return answers as numbers and predictions as numbers in [0, 1], of one shape.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Raises
    ------
    MetricError
    """
    y_true, y_pred = number_pair(sample)
    _check_probabilities(y_pred)
    return y_true, y_pred


def outcome_pair(metric: Metric, sample: Sample) -> tuple[NDArray[Any], Floats]:
    """Return what happened, and a score or probability for each thing that might have.

    Parameters
    ----------
    metric : Metric
        Where it takes probabilities, predictions have to be in [0, 1].
    sample : Sample

    Returns
    -------
    y_true : ndarray
        bool, of the shape of ``y_pred``: whether it happened; or integer class codes, shape
        (rows,), where ``y_pred`` has a column per class.
    y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Raises
    ------
    MetricError
        Where answers are not 0 or 1, or not codes of classes.
    """
    y_true, y_pred = flat(sample.y_true), floats(sample.y_pred, "prediction")
    if metric.takes == "probability":
        _check_probabilities(y_pred)
    if y_true.ndim == 1 and y_pred.ndim == 2:
        classes = y_pred.shape[1]
        if sample.labels is not None and len(sample.labels) != classes:
            raise MetricError(f"{len(sample.labels)} classes, but {classes} columns of predictions")
        return check_codes(y_true, classes, "answer"), y_pred
    if y_true.shape != y_pred.shape:
        raise MetricError(f"answers have {_width(y_true)} columns, predictions {_width(y_pred)}")
    return _happened(y_true), y_pred


def check_codes(values: NDArray[Any], classes: int, what: str) -> NDArray[Any]:
    """Return integer codes in ``range(classes)``, refusing anything else.

    Parameters
    ----------
    values : ndarray
        Integers, booleans, or whole floats.
    classes : int
    what : str
        "answer" or "prediction", for messages.

    Returns
    -------
    ndarray of an integer type
    """
    article = "an" if what == "answer" else "a"
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    elif values.dtype.kind in "fO":
        numbers = floats(values, what)
        refuse_where(numbers != np.floor(numbers), f"{article} {what} is not a class code")
        values = np.clip(numbers, -1, classes).astype(np.int64)
    elif values.dtype.kind not in "iu":
        raise MetricError(f"the {what}s are not class codes")
    if int(values.min()) < 0 or int(values.max()) >= classes:
        wrong = (values < 0) | (values >= classes)
        refuse_where(wrong, f"{article} {what} is not one of the {classes} classes")
    return values


def _happened(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return 0/1 answers as booleans."""
    if values.dtype.kind == "b":
        return values
    if values.dtype.kind not in "iufO":
        raise MetricError("the answers must be 0 or 1")
    if values.dtype.kind in "fO":
        values = floats(values, "answer")
        refuse_where((values != 0) & (values != 1), "an answer is neither 0 nor 1")
    elif int(values.min()) < 0 or int(values.max()) > 1:
        refuse_where((values != 0) & (values != 1), "an answer is neither 0 nor 1")
    return values.astype(np.bool_)


def _check_probabilities(values: Floats) -> None:
    if values.min() < 0 or values.max() > 1:
        refuse_where((values < 0) | (values > 1), "a prediction is not a probability in [0, 1]")


def _width(values: NDArray[Any]) -> int:
    return 1 if values.ndim == 1 else values.shape[1]
