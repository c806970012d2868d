"""Parquet, in typed blocks for the fast pass and as rows of text for the slow one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from practice.scoring._rows import Chunk
from practice.scoring._source import Source, UnreadableError
from practice.scoring._typed import AnomalyError, Block, id_block, located, value_block
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder
from practice.scoring.records import Column, Problem

__all__ = ["ParquetRows", "parquet_blocks"]

_TYPED_ROWS = 1 << 20
_TEXT_ROWS = 1 << 14


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    """Open a file whose own account of its size is within the limit."""
    with source.open() as stream:
        try:
            file = parquet.ParquetFile(pa.PythonFile(stream, mode="r"))
            metadata, _ = file.metadata, file.schema_arrow.names
            groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
        except (pa.ArrowException, OSError, ValueError):
            raise _damaged(source) from None
        if sum(group.total_byte_size for group in groups) > source.limit:
            message = f"{source.name} holds more than {source.limit >> 20} MB"
            raise UnreadableError(Problem(None, None, None, message, "one row per id is due"))
        yield file


def _damaged(source: Source) -> UnreadableError:
    message = f"{source.name} is damaged or cut off"
    return UnreadableError(Problem(None, None, None, message, "write the Parquet file anew"))


def parquet_blocks(source: Source, wanted: Wanted, integer: bool) -> Iterator[Block]:
    """Read the columns that are due.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    integer : bool
        True where ids are integers.

    Yields
    ------
    Block

    Raises
    ------
    AnomalyError, UnreadableError, pyarrow.ArrowException
        Where the slow pass has to look.
    """
    with _opened(source) as file:
        positions = located(file.schema_arrow.names, wanted)
        ids = positions[: len(wanted.id_columns)]
        columns = list(zip(positions[len(ids) :], wanted.columns, wanted.coders, strict=True))
        for batch in _batches(file, source, _TYPED_ROWS):
            if batch.num_rows:
                yield Block(
                    _ids(batch, ids, integer),
                    [_values(batch.column(at), column, coder) for at, column, coder in columns],
                )


def _batches(file: Any, source: Source, rows: int) -> Iterator[Any]:
    """Yield batches whose buffers and texts are what they say they are."""
    try:
        for batch in file.iter_batches(batch_size=rows):
            batch.validate(full=True)
            yield batch
    except (pa.ArrowException, OSError):
        raise _damaged(source) from None


def _ids(batch: Any, positions: list[int], integer: bool) -> Any:
    parts = [batch.column(at) for at in positions]
    if any(part.null_count for part in parts):
        raise AnomalyError
    if integer and len(parts) == 1 and pa.types.is_integer(parts[0].type):
        return parts[0].cast(pa.int64())
    return id_block([_string(part) for part in parts], integer)


def _string(array: Any) -> Any:
    """Return texts as such; other types are for the slow pass."""
    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise AnomalyError
    return pa.concat_arrays([array.cast(pa.string())])  # no slice


def _values(array: Any, column: Column, coder: LabelCoder | None) -> Any:
    if array.null_count:
        raise AnomalyError
    kind = array.type
    if column.kind in ("number", "probability"):
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise AnomalyError
        array = array.cast(pa.float64())
    elif coder is None or not pa.types.is_integer(kind):
        array = _string(array)
    return value_block(array, column, coder)


class ParquetRows:
    """Reads a Parquet file row by row as the text its cells would have in csv.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
    source : Source

    Attributes
    ----------
    unknown : int
        0: no row is broken.
    """

    unknown = 0

    def __init__(self, file: Any, source: Source) -> None:
        self._file = file
        self._source = source

    @classmethod
    @contextmanager
    def opened(cls, source: Source) -> Iterator[ParquetRows]:
        """Open a source; raises :class:`UnreadableError`."""
        with _opened(source) as file:
            yield cls(file, source)

    def header(self) -> tuple[list[str], bool]:
        """Return the names of the columns, and that they are legible."""
        return list(self._file.schema_arrow.names), True

    def chunks(self, width: int, most: int) -> Iterator[Chunk]:
        """Read the rows.

        Parameters
        ----------
        width : int
            Columns of the file.
        most : int
            Rows that it may have.

        Yields
        ------
        Chunk
        """
        rows = self._file.metadata.num_rows
        if rows > most:
            message = f"there are {rows} rows; they were not read"
            raise UnreadableError(Problem(None, None, None, message, "one row per id is due"))
        number = 1
        for batch in _batches(self._file, self._source, max(1, _TEXT_ROWS // max(1, width))):
            columns = [_texts(batch.column(at)) for at in range(width)]
            numbers = list(range(number, number + batch.num_rows))
            yield Chunk(numbers, [list(cells) for cells in zip(*columns, strict=True)])
            number += batch.num_rows


def _texts(array: Any) -> list[str]:
    """Return the cells of a column as text, an empty one for null."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.cast(kind.value_type)
    elif not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        try:
            array = array.cast(pa.string())
        except pa.ArrowException:
            return [f"<{kind}>"] * len(array)
    return ["" if cell is None else str(cell) for cell in array.to_pylist()]
