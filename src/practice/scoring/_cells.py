"""Checking the cells of a prediction column, and what they are worth."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from practice.scoring._faults import Faults, shown
from practice.scoring.labels import LabelCoder, is_missing, is_number
from practice.scoring.records import Column, Problem

__all__ = ["Cells", "cells_of"]

_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_LISTED = 10  # labels that a hint names


class Cells(Protocol):
    """The cells of one column, looks_at chunk by chunk."""

    def add(self, numbers: Sequence[int], cells: Sequence[str]) -> None:
        """Check cells.

        Parameters
        ----------
        numbers : sequence of int
            Their rows.
        cells : sequence of str
        """

    def values(self) -> NDArray[Any]:
        """Return the values of all cells, in order."""

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with them."""


def cells_of(column: Column, coder: LabelCoder | None) -> Cells:
    """Make what checks a column.

    Parameters
    ----------
    column : Column
    coder : LabelCoder or None
        Where the column is of kind "label".

    Returns
    -------
    Cells

    Examples
    --------
    >>> cells = cells_of(Column("y", "number"), None)
    >>> cells.add([1, 2], ["0.5", "0,5"])
    >>> cells.problems()[0].hint
    'write a point as the decimal mark'
    """
    if coder is not None:
        return _LabelCells(column, coder)
    if column.kind in ("number", "probability"):
        return _NumberCells(column)
    return _TextCells(column)


class _NumberCells:
    def __init__(self, column: Column) -> None:
        self._column = column
        self._faults = Faults()
        self._outside = Faults()  # probabilities; their hint needs the whole column
        self._parts: list[NDArray[np.float64]] = []

    def add(self, numbers: Sequence[int], cells: Sequence[str]) -> None:
        made = np.empty(len(cells))
        for at, cell in enumerate(cells):
            value = float(cell) if is_number(cell) else math.nan
            made[at] = value
            if not math.isfinite(value):
                self._refuse(numbers[at], cell)
        self._parts.append(made)
        if self._column.kind == "probability":
            for at in np.flatnonzero(np.isfinite(made) & ((made < 0) | (made > 1))).tolist():
                self._outside.add(
                    "not a probability between 0 and 1",
                    hint="?",
                    column=self._column.name,
                    row=numbers[at],
                    value=cells[at],
                )

    def _refuse(self, row: int, cell: str) -> None:
        due = "probability" if self._column.kind == "probability" else "number"
        text = cell.strip()
        hint = ""
        if is_missing(cell):
            if self._column.missing:
                return
            message, hint = f"missing where a {due} is due", "fill it in: every row is scored"
        elif _INFINITE.fullmatch(text):
            message, hint = f"infinite where a {due} is due", "clip it to a finite number"
        elif is_number(cell):
            message, hint = "too large for a number", "the largest is about 1.8e308"
        else:
            message, hint = "not a number", _number_hint(text)
        self._faults.add(message, hint=hint, column=self._column.name, row=row, value=cell)

    def values(self) -> NDArray[np.float64]:
        return np.concatenate([np.empty(0), *self._parts])

    def problems(self) -> tuple[Problem, ...]:
        found = self._outside.problems()
        hint = _outside_hint(self.values()) if found else ""
        return (
            *self._faults.problems(),
            *(Problem(p.row, p.column, p.value, p.message, hint) for p in found),
        )


def _number_hint(text: str) -> str:
    if _THOUSANDS.fullmatch(text):
        return "write numbers without thousands separators"
    if _COMMA.fullmatch(text):
        return "write a point as the decimal mark"
    if text.endswith("%"):
        return "write a fraction: 0.5 for 50%"
    if text.lower() in ("true", "false"):
        return "write 1 for True and 0 for False"
    return ""


def _outside_hint(values: NDArray[np.float64]) -> str:
    """Say how numbers outside [0, 1] usually come about."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if low >= -1e-6 and high <= 1 + 1e-6:
        return "clip them to [0, 1]"
    if low < 0:
        return "raw scores become probabilities by 1 / (1 + exp(-x))"
    if high <= 100 and np.count_nonzero(finite > 1) * 2 > len(finite):
        return "divide percentages by 100"
    return "predict probabilities, or clip what you predict to [0, 1]"


class _LabelCells:
    def __init__(self, column: Column, coder: LabelCoder) -> None:
        self._column = column
        self._coder = coder
        self._faults = Faults()
        self._parts: list[NDArray[np.signedinteger]] = []

    def add(self, numbers: Sequence[int], cells: Sequence[str]) -> None:
        codes = self._coder.codes(cells)
        self._parts.append(codes)
        for at in np.flatnonzero(codes < 0).tolist():
            self._refuse(numbers[at], cells[at])

    def _refuse(self, row: int, cell: str) -> None:
        labels = self._column.labels or ()
        if is_missing(cell):
            if self._column.missing:
                return
            message, hint = "missing where a label is due", "fill it in: every row is scored"
        else:
            message = "not a label of the training data"
            hint = _label_hint(cell, labels)
        self._faults.add(message, hint=hint, column=self._column.name, row=row, value=cell)

    def values(self) -> NDArray[np.signedinteger]:
        return np.concatenate([self._coder.codes([]), *self._parts])

    def problems(self) -> tuple[Problem, ...]:
        return self._faults.problems()


def _label_hint(cell: str, labels: Sequence[str]) -> str:
    text = cell.strip().casefold()
    same = [label for label in labels if label.strip().casefold() == text]
    if same:
        return f"write {same[0]!r} for {shown(cell)!r}"
    if set(labels) == {"0", "1"} and text in ("true", "false"):
        return "write 1 for True and 0 for False"
    listed = f"labels: {', '.join(labels[:_LISTED])}" + (", ..." if len(labels) > _LISTED else "")
    if is_number(cell) and math.isfinite(float(cell)) and not float(cell).is_integer():
        return f"{listed}; a label is due, not a probability or a mean"
    return listed


class _TextCells:
    def __init__(self, column: Column) -> None:
        self._column = column
        self._cells: list[str] = []

    def add(self, numbers: Sequence[int], cells: Sequence[str]) -> None:
        self._cells += cells

    def values(self) -> NDArray[np.object_]:
        made = np.empty(len(self._cells), dtype=object)
        made[:] = self._cells
        return made

    def problems(self) -> tuple[Problem, ...]:
        return ()
