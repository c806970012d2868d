"""Reading a submission: typed and fast, or as text with all its faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import fingerprints, int64_array, values
from practice.scoring._csv import csv_blocks
from practice.scoring._ids import places_of
from practice.scoring._parquet import parquet_blocks
from practice.scoring._source import Source, UnreadableError, open_source, size_limit
from practice.scoring._typed import AnomalyError, Block
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder, code_type
from practice.scoring.records import Answers, Column, Layout
from practice.scoring.text import read_text

__all__ = ["read", "read_source", "read_typed", "typed_blocks"]


def read(
    file: Path | bytes, layout: Layout, answers: Answers, *, name: str | None = None
) -> dict[str, NDArray[Any]]:
    r"""Read a submission file and check it.

    Csv, csv.gz, a zip with one csv in it and Parquet are told apart by their content. Rows are
    matched on id; the order of rows and columns does not matter.

    Parameters
    ----------
    file : Path or bytes
        A path, or the content of a file.
    layout : Layout
        What the table must look like.
    answers : Answers
        The hidden rows.
    name : str, optional
        What messages call the file; default: the path's last part.

    Returns
    -------
    dict of str to ndarray
        Predictions aligned to ``answers.ids``, in the order of ``layout.columns``: float64 for
        numbers and probabilities, integer codes into the column's labels, objects of str for
        lists of labels and texts.

    Raises
    ------
    SubmissionRefusedError
        With all faults of the file.
    NotFoundError
        Where there is no such file.
    PracticeError
        Where it may not be read.

    Examples
    --------
    >>> from practice.scoring._arrow import int64_array
    >>> answers = Answers(int64_array(np.array([7, 8])), ("id",), (), np.array([True, False]))
    >>> layout = Layout(("id",), (Column("y", "number"),))
    >>> read(b"id,y\n8,0.25\n7,1\n", layout, answers)
    {'y': array([1.  , 0.25])}
    """
    source = open_source(file, name, size_limit(len(answers.ids), layout))
    return read_source(source, Wanted.of(layout), answers)


def read_source(source: Source, wanted: Wanted, answers: Answers) -> dict[str, NDArray[Any]]:
    """Read predictions by the fast pass, or where it finds anything odd by the slow one.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    answers : Answers

    Returns
    -------
    dict of str to ndarray
        As of :func:`read`.

    Raises
    ------
    SubmissionRefusedError
    """
    try:
        return read_typed(source, wanted, answers)
    except (AnomalyError, UnreadableError, pa.ArrowException):
        return read_text(source, wanted, answers)


def typed_blocks(source: Source, wanted: Wanted, integer: bool) -> Iterator[Block]:
    """Read a file of either kind in typed blocks.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    integer : bool
        True where ids are integers.

    Returns
    -------
    iterator of Block

    Raises
    ------
    AnomalyError, UnreadableError, pyarrow.ArrowException
        Where the slow pass has to look.
    """
    blocks = parquet_blocks if source.kind == "parquet" else csv_blocks
    return blocks(source, wanted, integer)


def read_typed(source: Source, wanted: Wanted, answers: Answers) -> dict[str, NDArray[Any]]:
    """Read predictions by the fast pass.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    answers : Answers

    Returns
    -------
    dict of str to ndarray
        As of :func:`read`.

    Raises
    ------
    AnomalyError, UnreadableError, pyarrow.ArrowException
        Where the slow pass has to look.
    """
    if wanted.strangers:
        return _typed_of_known(source, wanted, answers)
    rows = len(answers.ids)
    columns = zip(wanted.columns, wanted.coders, strict=True)
    made = {column.name: np.empty(rows, _value_type(column, coder)) for column, coder in columns}
    order = _Order(answers.ids)
    at = 0
    for block in typed_blocks(source, wanted, order.integer):
        end = at + len(block.ids)
        if end > rows:
            raise AnomalyError
        order.add(block.ids)
        for column, values_ in zip(made.values(), block.values, strict=True):
            column[at:end] = values_
        at = end
    if at != rows:
        raise AnomalyError
    places = order.places()
    if places is None:
        return made
    for name, column in made.items():
        made[name] = np.empty_like(column)
        made[name][places] = column
    return made


def _typed_of_known(source: Source, wanted: Wanted, answers: Answers) -> dict[str, NDArray[Any]]:
    """Read predictions, leaving out the rows of ids that the answers do not have."""
    blocks = list(typed_blocks(source, wanted, pa.types.is_integer(answers.ids.type)))
    if not blocks:
        raise AnomalyError
    places = places_of(pa.concat_arrays([block.ids for block in blocks]), answers.ids)
    kept = np.flatnonzero(places >= 0)
    if not np.array_equal(np.sort(places[kept]), np.arange(len(answers.ids))):
        raise AnomalyError
    made = {}
    columns = zip(*(block.values for block in blocks), strict=True)
    for column, values_ in zip(wanted.columns, columns, strict=True):
        found = np.concatenate(values_)[kept]
        made[column.name] = np.empty_like(found)
        made[column.name][places[kept]] = found
    return made


def _value_type(column: Column, coder: LabelCoder | None) -> Any:
    if coder is not None:
        return np.int32 if column.labels is None else code_type(len(coder.labels))
    return np.float64 if column.kind in ("number", "probability") else object


_SPARSE = 4  # cells of a table for each id, at most


class _Order:
    """Compares ids with those of the answers as they come; joins only where the order differs."""

    def __init__(self, ids: Any) -> None:
        self.integer = pa.types.is_integer(ids.type)
        self._known = ids
        self._equal = 0  # ids at the beginning that stand in the order of the answers
        self._others: list[Any] = []

    def add(self, ids: Any) -> None:
        if not self._others:
            due = self._known.slice(self._equal, len(ids))
            same = np.array_equal(values(ids), values(due)) if self.integer else ids.equals(due)
            if same:
                self._equal += len(ids)
                return
        self._others.append(ids)

    def places(self) -> NDArray[np.int64] | None:
        """Return the place of each row among the answers, None where the order is the same.

        To be asked once there are as many ids as answers.
        """
        if not self._others:
            return None
        ids = pa.concat_arrays([self._known.slice(0, self._equal), *self._others])
        if not self.integer:
            return self._by_fingerprint(ids)
        given, known = values(ids), values(self._known)
        if int(known.max()) - int(known.min()) < _SPARSE * len(known):
            return self._by_table(given, known)
        return self._by_sorting(given, known)

    def _by_table(self, given: NDArray[Any], known: NDArray[Any]) -> NDArray[np.int64]:
        """Look integers that lie close together up in a table, one cell for each."""
        low, high = known.min(), known.max()
        if given.min() < low or given.max() > high:
            raise AnomalyError
        table = np.full(int(high) - int(low) + 1, -1, np.int64)
        table[known - low] = np.arange(len(known))
        places: NDArray[np.int64] = table[given - low]
        seen = np.zeros(len(known), np.bool_)
        seen[places] = True
        if places.min() < 0 or not seen.all():
            raise AnomalyError
        return places

    def _by_sorting(self, given: NDArray[Any], known: NDArray[Any]) -> NDArray[np.int64]:
        """Match integers by sorting both sides, faster than a hash table."""
        order = np.argsort(given)
        rising = bool((known[1:] > known[:-1]).all())
        known_order = np.arange(len(known)) if rising else np.argsort(known)
        if not np.array_equal(given[order], known[known_order]):
            raise AnomalyError
        places = np.empty(len(given), np.int64)
        places[order] = known_order
        return places

    def _by_fingerprint(self, ids: Any) -> NDArray[np.int64]:
        """Match texts by sorting fingerprints, twice as fast as a hash table; then compare."""
        given, known = fingerprints(ids), fingerprints(self._known)
        if given is None or known is None:
            raise AnomalyError
        order, known_order = np.argsort(given), np.argsort(known)
        rows = np.empty(len(known), np.int64)  # of the file, in the order of the answers
        rows[known_order] = order
        if not ids.take(int64_array(rows)).equals(self._known):
            raise AnomalyError
        places = np.empty(len(given), np.int64)
        places[order] = known_order
        return places
