"""The fast pass: typed blocks of rows, or an anomaly that the slow pass puts into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import as_texts, cells_of_one_width, join_parts, values
from practice.scoring._header import match_header
from practice.scoring._integers import as_integers
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder
from practice.scoring.records import Column

__all__ = ["AnomalyError", "Block", "id_block", "located", "value_block"]


_LOWEST, _HIGHEST = float(np.finfo(np.float64).min), float(np.finfo(np.float64).max)


class AnomalyError(Exception):
    """Something the fast pass leaves to the slow one; it need not be a fault."""


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a file.

    Parameters
    ----------
    ids : pyarrow.Array
        int64 or string.
    values : list of ndarray
        One for each column: float64, label codes, or objects of str.
    """

    ids: Any
    values: list[NDArray[Any]]


def located(cells: Sequence[str], wanted: Wanted) -> list[int]:
    """Return the positions of the columns that are due.

    Parameters
    ----------
    cells : sequence of str
        The header.
    wanted : Wanted

    Returns
    -------
    list of int

    Raises
    ------
    AnomalyError
        Where the header is not as it should be.
    """
    header = match_header(cells, wanted.due, wanted.others)
    if header.problems:
        raise AnomalyError
    return [header.positions[name] for name in wanted.due]


def id_block(parts: Sequence[Any], integer: bool) -> Any:
    """Make ids of the string columns that hold them.

    Parameters
    ----------
    parts : sequence of pyarrow.StringArray
        One; several for a composite id.
    integer : bool
        True where ids are integers.

    Returns
    -------
    pyarrow.Array
        int64 or string.

    Raises
    ------
    AnomalyError
        Where an integer id is not written as one.
    """
    ids = join_parts(parts)
    if not integer:
        return ids
    integers = as_integers(ids)
    if integers is None:
        raise AnomalyError
    return integers


def value_block(array: Any, column: Column, coder: LabelCoder | None) -> NDArray[Any]:
    """Check the cells of a prediction column.

    Parameters
    ----------
    array : pyarrow.Array
        float64 for numbers, strings (or integers) for labels, strings for texts; at least one row,
        no nulls.
    column : Column
    coder : LabelCoder or None

    Returns
    -------
    ndarray, shape (rows,)

    Raises
    ------
    AnomalyError
        Where a value may not be there.
    """
    if coder is not None:
        return _codes(array, column, coder)
    if column.kind in ("labels", "text"):
        return as_texts(array)
    numbers = values(array)
    low, high = (0, 1) if column.kind == "probability" else (_LOWEST, _HIGHEST)
    if not (numbers.min() >= low and numbers.max() <= high):  # nor is NaN within
        raise AnomalyError
    return numbers


def _codes(array: Any, column: Column, coder: LabelCoder) -> NDArray[Any]:
    codes = _codes_of_letters(array, coder)
    if codes is None:
        encoded = array.dictionary_encode()
        known = coder.codes([str(label) for label in encoded.dictionary.to_pylist()])
        codes = known[values(encoded.indices)]
    if codes.min() < 0 and not column.missing:
        raise AnomalyError
    return codes


def _codes_of_letters(array: Any, coder: LabelCoder) -> NDArray[Any] | None:
    """Return the codes of labels of one letter or digit, which need no hash table."""
    cells = cells_of_one_width(array) if pa.types.is_string(array.type) else None
    if cells is None or cells[0] > 1:
        return None
    letters = np.unique(cells[1]) if coder.learns else np.arange(128, dtype=np.uint8)
    known = coder.codes([chr(letter) for letter in letters.tolist()])
    if known.max() > np.iinfo(np.int8).max:
        return None
    table = np.full(256, -1, np.int8)
    table[letters] = known
    codes = np.frombuffer(cells[1].tobytes().translate(table.tobytes()), np.int8)
    return codes.astype(known.dtype, copy=False)
