"""The slow pass: every cell as text, every fault in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import SEPARATOR, int64_array, text_array
from practice.scoring._cells import Cells, cells_of
from practice.scoring._faults import Faults
from practice.scoring._header import Header, match_header
from practice.scoring._ids import match_ids, places_of
from practice.scoring._parquet import ParquetRows
from practice.scoring._rows import Chunk, RowReader
from practice.scoring._source import Source, UnreadableError, refusal
from practice.scoring._wanted import Wanted
from practice.scoring.records import Answers, Problem, SubmissionRefusedError

__all__ = ["Scan", "header_of", "read_text", "scan"]

_ANY = 1 << 40  # rows


@dataclass
class Scan:
    """What a pass over a file found.

    Parameters
    ----------
    ids : pyarrow.StringArray or None
        Ids of the rows that could be read; None where an id column is missing.
    rows : ndarray of int64
        Their row numbers.
    values : dict of str to ndarray
        Their cells, by column.
    partial : pyarrow.StringArray
        Ids of rows with a wrong number of cells.
    unknown : int
        Rows whose id cannot be read.
    before, after : tuple of Problem
        Faults to name before those of the ids, and after them.
    complete : bool
        True where the file was read to its end.
    """

    ids: Any | None
    rows: NDArray[np.int64]
    values: dict[str, NDArray[Any]]
    partial: Any
    unknown: int
    before: tuple[Problem, ...]
    after: tuple[Problem, ...]
    complete: bool


def read_text(source: Source, wanted: Wanted, answers: Answers) -> dict[str, NDArray[Any]]:
    """Read predictions, or say everything that is wrong with them.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    answers : Answers

    Returns
    -------
    dict of str to ndarray
        By column, aligned to ``answers.ids``.

    Raises
    ------
    SubmissionRefusedError
        With all faults.
    """
    due = len(answers.ids)
    found = scan(source, wanted, most=_ANY if wanted.strangers else 4 * due + 10_000)
    if wanted.strangers and found.ids is not None:
        found = _of_known(found, found.ids, answers)
    problems = found.before
    places = np.empty(0, np.int64)
    if found.ids is not None and found.complete:
        places, of_ids = match_ids(found.ids, found.rows, found.partial, found.unknown, answers)
        problems += of_ids
    problems += found.after
    if problems:
        raise SubmissionRefusedError(problems)
    aligned = {}
    for name, column in found.values.items():
        aligned[name] = np.empty_like(column)
        aligned[name][places] = column
    return aligned


def _of_known(found: Scan, ids: Any, answers: Answers) -> Scan:
    """Leave out the rows of ids that the answers do not have."""
    kept = np.flatnonzero(places_of(ids, answers.ids.cast(pa.string())) >= 0)
    partial = places_of(found.partial, answers.ids.cast(pa.string())) >= 0
    return replace(
        found,
        ids=ids.take(int64_array(kept)),
        rows=found.rows[kept],
        values={name: column[kept] for name, column in found.values.items()},
        partial=found.partial.take(int64_array(np.flatnonzero(partial))),
    )


def scan(source: Source, wanted: Wanted, most: int) -> Scan:
    """Read the columns that are due as text and check every cell.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    most : int
        Rows after which to stop.

    Returns
    -------
    Scan

    Raises
    ------
    SubmissionRefusedError
        Where there is no table to speak of.
    """
    faults = Faults()
    try:
        with _rows(source, faults) as reader:
            header, width = _header(reader, wanted, faults, source)
            looks_at = _Gathered(header, wanted)
            stopped: tuple[Problem, ...] = ()
            try:
                for chunk in reader.chunks(width, most):
                    looks_at.add(chunk)
            except UnreadableError as error:
                stopped = (error.problem,)
    except UnreadableError as error:
        raise SubmissionRefusedError((error.problem,)) from None
    before = (*header.problems, *faults.problems())
    rows = np.concatenate([np.empty(0, np.int64), *looks_at.rows])
    if not (rows.size or before or stopped):
        raise refusal(f"{source.name} has a header and no rows", "every id has one row")
    return Scan(
        looks_at.ids(),
        rows,
        {name: cells.values() for name, cells in looks_at.cells.items()},
        pa.concat_arrays([text_array([]), *looks_at.partial]),
        reader.unknown,
        before,
        (*(p for cells in looks_at.cells.values() for p in cells.problems()), *stopped),
        complete=not stopped,
    )


def header_of(source: Source, due: Sequence[str] = ()) -> list[str]:
    """Read the names of a file's columns.

    Parameters
    ----------
    source : Source
    due : sequence of str
        Names of which one at least should be there.

    Returns
    -------
    list of str

    Raises
    ------
    SubmissionRefusedError
        Where there are none to read.
    """
    faults = Faults()
    try:
        with _rows(source, faults) as reader:
            found = reader.header()
    except UnreadableError as error:
        raise SubmissionRefusedError((error.problem,)) from None
    if found is None:
        raise refusal(f"{source.name} is empty", "a header and a row per id are due")
    cells, legible = found
    header = match_header(cells, due, others=True)
    if header.whole:
        raise SubmissionRefusedError(header.problems)
    if not legible:
        raise SubmissionRefusedError(faults.problems())
    return cells


@contextmanager
def _rows(source: Source, faults: Faults) -> Iterator[RowReader | ParquetRows]:
    if source.kind == "parquet":
        with ParquetRows.opened(source) as rows:
            yield rows
    else:
        with source.open() as stream:
            yield RowReader(stream, faults)


def _header(
    reader: RowReader | ParquetRows, wanted: Wanted, faults: Faults, source: Source
) -> tuple[Header, int]:
    """Return where the columns stand, and how many cells a row has."""
    found = reader.header()
    if found is None:
        raise refusal(f"{source.name} is empty", f"columns due: {', '.join(wanted.due)}")
    cells, legible = found
    header = match_header(cells, wanted.due, wanted.others)
    if header.whole:
        raise SubmissionRefusedError(header.problems)
    if not legible:
        raise SubmissionRefusedError(faults.problems())
    return header, len(cells)


@dataclass
class _Gathered:
    """Rows as they come."""

    header: Header
    wanted: Wanted
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    partial: list[Any] = field(default_factory=list)
    cells: dict[str, Cells] = field(default_factory=dict)
    _ids: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        for column, coder in zip(self.wanted.columns, self.wanted.coders, strict=True):
            if column.name in self.header.positions:
                self.cells[column.name] = cells_of(column, coder)

    def add(self, chunk: Chunk) -> None:
        self.rows.append(np.array(chunk.numbers, np.int64))
        positions = self.header.positions
        at = [positions[name] for name in self.wanted.id_columns if name in positions]
        if len(at) == len(self.wanted.id_columns):
            self._ids.append(_ids(chunk.rows, at))
            known = [cells for cells in chunk.partial if len(cells) > max(at)]
            self.partial.append(_ids(known, at))
        for name, cells in self.cells.items():
            place = positions[name]
            cells.add(chunk.numbers, [row[place] for row in chunk.rows])

    def ids(self) -> Any | None:
        known = all(name in self.header.positions for name in self.wanted.id_columns)
        return pa.concat_arrays([text_array([]), *self._ids]) if known else None


def _ids(rows: Sequence[Sequence[str]], at: Sequence[int]) -> Any:
    if len(at) == 1:
        return text_array([row[at[0]] for row in rows])
    return text_array([SEPARATOR.join(row[place] for place in at) for row in rows])
