"""The fast pass: typed blocks of rows, or an anomaly that the slow pass puts into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import as_integers, as_texts, join_parts, values
from practice.scoring._header import match_header
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder, code_type
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
        float64 for numbers, integers or a dictionary of strings for labels, string for texts; at
        least one row, no nulls.
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
    if pa.types.is_dictionary(array.type):
        codes: NDArray[Any] = coder.codes(array.dictionary.to_pylist())[values(array.indices)]
        if codes.min() < 0 and not column.missing:
            raise AnomalyError
        return codes
    labels, consecutive = values(array), coder.integers
    if consecutive is None or labels.min() < consecutive[0] or labels.max() > consecutive[1]:
        raise AnomalyError
    if consecutive[0]:
        labels = labels.astype(np.int64) - consecutive[0]
    return labels.astype(code_type(len(coder.labels)), copy=False)
