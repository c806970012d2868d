"""The columns to predict: what their cells are, and whether the hidden rows can be scored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.build.split import PRIVATE, PUBLIC, TRAIN
from practice.build.text import NUMBER
from practice.build.vault import TargetInfo
from practice.definition import Competition
from practice.errors import BuildError

__all__ = ["check_cells", "codes", "describe", "sorted_labels"]

_LABELS = ("binary", "multiclass")
_NUMBERS = ("regression", "forecast")
_PARTS = (("train", TRAIN), ("public", PUBLIC), ("private", PRIVATE))


def sorted_labels(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the different labels, sorted: as numbers where all are numbers, else as text.

    Examples
    --------
    >>> sorted_labels(["10", "9", "10"]), sorted_labels(["b", "10", "a"])
    (('9', '10'), ('10', 'a', 'b'))
    """
    found = set(cells)
    if all(NUMBER.fullmatch(each) for each in found):
        return tuple(sorted(found, key=lambda each: (float(each), each)))
    return tuple(sorted(found))


def codes(cells: Sequence[str], labels: Sequence[str]) -> NDArray[Any]:
    """Return the place of each cell among the labels, in the smallest signed integer type.

    Examples
    --------
    >>> codes(["b", "a"], ["a", "b"])
    array([1, 0], dtype=int8)
    """
    place = {label: code for code, label in enumerate(labels)}
    return np.array([place[cell] for cell in cells], np.min_scalar_type(-len(labels)))


def check_cells(competition: Competition, column: str, cells: Sequence[str]) -> None:
    """Refuse a target column with cells that are no answer.

    Raises
    ------
    BuildError
        Labels that are empty, numbers that are not finite numbers: how many, and where first.
    """
    if competition.task in _LABELS:
        wrong = [row for row, cell in enumerate(cells) if not cell.strip()]
        what = "are empty"
    elif competition.task in _NUMBERS:
        wrong = [row for row, cell in enumerate(cells) if not _finite(cell)]
        what = "are not finite numbers"
    else:
        return
    if wrong:
        raise BuildError(
            f"target {column!r}: {len(wrong)} of {len(cells)} cells {what} "
            f"(first: {cells[wrong[0]]!r})",
            "say in data.na which cells mean missing, and their rows are left out",
        )


def _finite(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None and math.isfinite(float(cell))


def describe(
    competition: Competition, column: str, cells: Sequence[str], part: NDArray[np.int8]
) -> TargetInfo:
    """Say how a target is stored, once it is known which rows are for training.

    Of two classes the last is the positive one where the definition names none.

    Parameters
    ----------
    competition : Competition
    column : str
    cells : sequence of str, shape (rows,)
    part : ndarray of int8, shape (rows,)

    Returns
    -------
    TargetInfo

    Raises
    ------
    BuildError
        A class that only hidden rows have, a binary target with more classes than two, one of two
        classes that a part lacks, or a positive class that is none of them.
    """
    if competition.task in _NUMBERS:
        return TargetInfo(column, "number")
    if competition.task not in _LABELS:
        return TargetInfo(column, "text")
    of = {
        name: {cells[row] for row in np.flatnonzero(part == code).tolist()} for name, code in _PARTS
    }
    labels = sorted_labels(of["train"])
    if (of["public"] | of["private"]) - of["train"]:
        raise BuildError(
            f"target {column!r}: a class has hidden rows and no training rows",
            "use kind = 'stratified' in [split], or join rare classes in prepare.py",
        )
    if len(labels) < 2 or (competition.task == "binary" and len(labels) > 2):
        raise BuildError(
            f"target {column!r} is {competition.task} but has {len(labels)} classes in the "
            f"training data: {', '.join(labels[:5])}{' ...' if len(labels) > 5 else ''}"
        )
    if len(labels) > 2:
        return TargetInfo(column, "label", labels)
    for name in ("public", "private"):
        if len(of[name]) != 2:
            raise BuildError(
                f"target {column!r}: the {name} part does not have both classes",
                "use kind = 'stratified' in [split], or a larger test",
            )
    positive = competition.data.positive or labels[-1]
    if positive not in labels:
        raise BuildError(
            f"data.positive is {positive!r}, but {column!r} holds {labels[0]!r} and {labels[1]!r}"
        )
    return TargetInfo(column, "label", labels, positive)
