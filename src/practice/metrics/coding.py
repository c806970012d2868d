"""Labels of any type, one or several to a cell, as integer codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Sample
from practice.metrics.inputs import check_codes, flat, refuse_where
from practice.metrics.tokens import distinct, name_tokens, split

__all__ = ["Coded", "Lists", "cells", "comparable", "encode", "encode_lists", "text"]


@dataclass(frozen=True)
class Coded:
    """One column of labels as codes.

    Parameters
    ----------
    true, predicted : ndarray of an integer type, shape (rows,)
    classes : tuple
        What the codes stand for: texts, or numbers where all labels are numbers.
    named : bool
        True where the caller named the classes, False where they are those that occur.
    """

    true: NDArray[Any]
    predicted: NDArray[Any]
    classes: tuple[Any, ...]
    named: bool

    def find(self, label: object) -> int | None:
        """Return the code of a class; ``1``, ``1.0`` and ``"1"`` are the same class."""
        for code, name in enumerate(self.classes):
            if name == label or text(name) == text(label):
                return code
        return None


@dataclass(frozen=True)
class Lists:
    """Cells with several labels each, as pairs of row and label without repeats.

    Parameters
    ----------
    true, predicted : ndarray of int64
        ``row * len(labels) + label``, ascending.
    labels : tuple of str
        Those of the answers (or those the caller named), then those only predicted.
    known : int
        How many of ``labels`` are not only predicted.
    """

    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    labels: tuple[str, ...]
    known: int


def text(label: object) -> str:
    """Write a label as a file would: a whole float without its ``.0``.

    Parameters
    ----------
    label : object

    Returns
    -------
    str

    Examples
    --------
    >>> text(2.0), text(True), text("x")
    ('2', 'True', 'x')
    """
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def comparable(sample: Sample) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return the columns of answers and predictions such that equal labels compare equal.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    list of (ndarray, ndarray)
        A pair per column, shape (rows,): codes where the classes are named, else numbers where all
        labels are numbers, else texts.

    Raises
    ------
    MetricError
        Where shapes differ, a label is missing, or a code names no class.
    """
    y_true, y_pred = flat(sample.y_true), flat(sample.y_pred)
    if y_true.shape != y_pred.shape:
        raise MetricError("answers and predictions do not have the same number of columns")
    if sample.labels is not None:
        y_true = check_codes(y_true, len(sample.labels), "answer")
        y_pred = check_codes(y_pred, len(sample.labels), "prediction")
    else:
        y_true, y_pred = _present(y_true, "an answer"), _present(y_pred, "a prediction")
        if not (_numeric(y_true) and _numeric(y_pred)):
            y_true, y_pred = _texts(y_true), _texts(y_pred)
    if y_true.ndim == 1:
        return [(y_true, y_pred)]
    return list(zip(y_true.T, y_pred.T, strict=True))


def encode(sample: Sample) -> list[Coded]:
    """Return the columns of answers and predictions as codes.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    list of Coded
        One per column.

    Raises
    ------
    MetricError
        As :func:`comparable`.

    Examples
    --------
    >>> (column,) = encode(Sample(np.array(["b", "a"]), np.array(["b", "c"])))
    >>> column.true.tolist(), column.predicted.tolist(), column.classes
    ([1, 0], [1, 2], ('a', 'b', 'c'))
    """
    columns = []
    for true, predicted in comparable(sample):
        if sample.labels is not None:
            columns.append(Coded(true, predicted, sample.labels, named=True))
            continue
        classes, codes = np.unique(np.concatenate([true, predicted]), return_inverse=True)
        columns.append(
            Coded(codes[: len(true)], codes[len(true) :], tuple(classes.tolist()), named=False)
        )
    return columns


def cells(values: NDArray[Any], what: str, labels: Sequence[str] | None = None) -> list[str]:
    """Return a column of texts; integer codes through ``labels`` where these are given.

    Parameters
    ----------
    values : ndarray, shape (rows,)
    what : str
        "an answer" or "a prediction", for messages.
    labels : sequence of str, optional

    Returns
    -------
    list of str

    Raises
    ------
    MetricError
        Where a cell is missing, or there are several columns.
    """
    values = flat(values)
    if values.ndim != 1:
        raise MetricError("lists of labels come in one column, not several")
    if labels is not None and values.dtype.kind in "iu":
        return [labels[code] for code in check_codes(values, len(labels), what.split()[-1])]
    listed: list[Any] = values.tolist()
    if set(map(type, listed)) == {str}:  # none is missing, and each is its own text
        return listed
    return [text(cell) for cell in _present(values, what).tolist()]


def encode_lists(sample: Sample, *, ignore_unknown: bool) -> Lists:
    """Return cells of labels separated by spaces as pairs of row and label.

    Parameters
    ----------
    sample : Sample
        ``labels``, where given, are all the answers know.
    ignore_unknown : bool
        Leave out predicted labels that the answers do not know.

    Returns
    -------
    Lists

    Examples
    --------
    >>> lists = encode_lists(Sample(np.array(["a b", ""]), np.array(["a", "c"])),
    ...                      ignore_unknown=False)
    >>> lists.labels, lists.true.tolist(), lists.predicted.tolist()
    (('a', 'b', 'c'), [0, 1], [0, 5])
    """
    true = split(cells(sample.y_true, "an answer"))
    predicted = split(cells(sample.y_pred, "a prediction"))
    # Codes count up as labels first occur: the known ones come first.
    classes = split([_single(label, at) for at, label in enumerate(sample.labels or ())])
    (_, true, predicted), names = name_tokens(classes, true, predicted)
    row = np.repeat(np.arange(sample.rows), true.lengths)
    known = len(sample.labels or ())
    if sample.labels is None:
        known = int(true.words.max(initial=-1)) + 1
    elif true.words.max(initial=-1) >= known:
        bad = int(row[np.argmax(true.words >= known)])
        raise MetricError("an answer has a label that is not among the classes", row=bad)
    guessed = np.repeat(np.arange(sample.rows), predicted.lengths), predicted.words
    if ignore_unknown:
        kept = predicted.words < known
        guessed = guessed[0][kept], guessed[1][kept]
        names = names.slice(0, known)
    true_pairs = distinct(row * len(names) + true.words.astype(np.int64))
    predicted_pairs = distinct(guessed[0] * len(names) + guessed[1].astype(np.int64))
    return Lists(true_pairs, predicted_pairs, tuple(names.to_pylist()), known)


def _single(label: str, at: int) -> str:
    """Return a label that no cell has in place of one that is not one word: no cell has that."""
    return label if len(label.split()) == 1 else f"\0{at}"


def _numeric(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biuf"


def _present(values: NDArray[Any], what: str) -> NDArray[Any]:
    """Return labels none of which is missing."""
    if values.dtype.kind == "f":
        refuse_where(~np.isfinite(values), f"{what} is missing or infinite")
    elif values.dtype.kind == "O":
        missing = np.fromiter(map(_missing, values.flat), dtype=np.bool_, count=values.size)
        refuse_where(missing.reshape(values.shape), f"{what} is missing")
    return values


def _missing(label: object) -> bool:
    if label is None:
        return True
    try:
        return bool(label != label)  # as NaN and NaT do
    except (TypeError, ValueError):  # pandas' NA has no truth value
        return True


def _texts(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "U":
        return values
    return np.array([text(label) for label in values.ravel().tolist()]).reshape(values.shape)
