"""Csv in typed blocks: cut at row ends, parsed by Arrow in several threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from practice.scoring._arrow import whole
from practice.scoring._rows import BOM, LONGEST_ROW, QuoteError, split_cells
from practice.scoring._source import Source
from practice.scoring._typed import AnomalyError, Block, id_block, located, value_block
from practice.scoring._wanted import Wanted

__all__ = ["csv_blocks"]

_BLOCK = 4 << 20  # bytes
_THREADS = min(8, os.cpu_count() or 1)
_QUOTE, _LF, _CR, _COMMA = b'"\n\r,'


@dataclass(frozen=True)
class _Rows:
    """Whole rows: the bytes from ``start`` to ``end`` of a buffer."""

    buffer: bytearray
    start: int
    end: int

    def holds(self, sought: bytes) -> bool:
        return self.buffer.find(sought, self.start, self.end) >= 0

    def count(self, sought: bytes) -> int:
        return self.buffer.count(sought, self.start, self.end)

    @property
    def bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.buffer, np.uint8)[self.start : self.end]


def csv_blocks(source: Source, wanted: Wanted, integer: bool) -> Iterator[Block]:
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
        In the order of the file; memory is bounded by a few blocks.

    Raises
    ------
    AnomalyError, UnreadableError, pyarrow.ArrowInvalid
        Where the slow pass has to look.
    """
    with source.open() as stream, ThreadPoolExecutor(_THREADS) as pool:
        pieces = _pieces(stream)
        first = next(pieces, None)
        if first is None:
            raise AnomalyError
        cells, body = _header(first)
        parser = _Parser(wanted, len(cells), located(cells, wanted), integer)
        waiting: deque[Future[tuple[Any, list[Any]]]] = deque()
        for piece in chain([body] if body.end > body.start else [], pieces):
            waiting.append(pool.submit(parser.parse, piece))
            if len(waiting) > _THREADS:
                yield from parser.block(waiting.popleft())
        while waiting:
            yield from parser.block(waiting.popleft())


def _pieces(stream: BinaryIO) -> Iterator[_Rows]:
    """Cut a stream into pieces of whole rows."""
    rest = b""
    while True:
        buffer = bytearray(max(_BLOCK, 2 * len(rest)))
        buffer[: len(rest)] = rest
        with memoryview(buffer) as view:
            got = stream.readinto(view[len(rest) :])  # type: ignore[attr-defined]
        end = len(rest) + got
        if got == 0:
            if end:
                yield _Rows(buffer, 0, end)
            return
        cut = _last_row_end(_Rows(buffer, 0, end))
        with memoryview(buffer) as view:
            rest = bytes(view[cut:end])
        if cut:
            yield _Rows(buffer, 0, cut)
        elif end >= LONGEST_ROW:
            raise AnomalyError


def _last_row_end(rows: _Rows) -> int:
    """Return where the last whole row ends, 0 where none does."""
    if not rows.holds(b'"'):
        return rows.buffer.rfind(b"\n", 0, rows.end) + 1
    quotes = np.flatnonzero(rows.bytes == _QUOTE)
    end = rows.end
    for at in range(len(quotes), -1, -1):  # so many quotes stand before the stretch looked at
        start = int(quotes[at - 1]) if at else 0
        if at % 2 == 0 and (found := rows.buffer.rfind(b"\n", start, end)) >= 0:
            return found + 1
        end = start
    return 0


def _header(rows: _Rows) -> tuple[list[str], _Rows]:
    """Return the cells of the header and the rows below it."""
    start = len(BOM) if rows.buffer.startswith(BOM) else 0
    end = rows.buffer.find(b"\n", start, rows.end) + 1 or rows.end
    line = bytes(rows.buffer[start:end])
    if not line.strip() or line.count(b'"') % 2 or b"\0" in line or b"\r" in line.rstrip(b"\r\n"):
        raise AnomalyError
    try:
        return split_cells(line.decode(), lambda: None), _Rows(rows.buffer, end, rows.end)
    except (QuoteError, UnicodeDecodeError):
        raise AnomalyError from None


def _quotes_are_cell_ends(rows: _Rows) -> bool:
    """Say whether every quote opens or closes a cell or is doubled inside one.

    Then the quote characters before a position tell whether it is inside quotes, which
    :func:`_last_row_end` counts on, and Arrow reads the cells as the slow pass does.
    """
    data = rows.bytes
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2:
        return False
    around = np.empty(len(data) + 2, np.uint8)
    around[0] = around[-1] = _LF
    around[1:-1] = data
    before, after = around[quotes[0::2]], around[quotes[1::2] + 2]
    opens = (before == _COMMA) | (before == _LF)
    closes = (after == _COMMA) | (after == _LF) | (after == _CR)
    # A quote doubled inside a cell looks like one that closes it and one that opens it again.
    doubled = quotes[1:-1:2] + 1 == quotes[2::2]
    opens[1:] |= doubled
    closes[:-1] |= doubled
    return bool(opens.all() and closes.all())


class _Parser:
    """Parses rows; the threads share it."""

    def __init__(self, wanted: Wanted, width: int, positions: list[int], integer: bool) -> None:
        self._wanted, self._integer = wanted, integer
        self._names = [str(at) for at in range(width)]
        self._ids = [str(at) for at in positions[: len(wanted.id_columns)]]
        self._columns = [str(at) for at in positions[len(wanted.id_columns) :]]
        # Integer ids are checked byte by byte, so whether they are UTF-8 does not matter.
        self._types = dict.fromkeys(self._ids, pa.binary() if integer else pa.string())
        for name, column in zip(self._columns, wanted.columns, strict=True):
            number = column.kind in ("number", "probability")
            self._types[name] = pa.float64() if number else pa.string()

    def parse(self, rows: _Rows) -> tuple[Any, list[Any]]:
        """Return ids and values; those from which labels are learned are still Arrow arrays."""
        if rows.holds(b"\0") or (rows.holds(b"\r") and rows.count(b"\r") != rows.count(b"\r\n")):
            raise AnomalyError
        if rows.buffer.startswith(BOM, rows.start):  # Arrow would skip it
            raise AnomalyError
        quoted = rows.holds(b'"')
        if quoted and not _quotes_are_cell_ends(rows):
            raise AnomalyError
        table = self._table(rows, quoted)
        parts = [whole(table.column(name)).view(pa.string()) for name in self._ids]
        ids = id_block(parts, self._integer)
        if not len(ids):
            return ids, []
        made = []
        for name, column, coder in zip(
            self._columns, self._wanted.columns, self._wanted.coders, strict=True
        ):
            array = whole(table.column(name))
            learns = coder is not None and coder.learns
            made.append(array if learns else value_block(array, column, coder))
        return ids, made

    def _table(self, rows: _Rows, quoted: bool) -> Any:
        return csv.read_csv(
            pa.py_buffer(memoryview(rows.buffer)[rows.start : rows.end]),
            csv.ReadOptions(
                use_threads=False,
                block_size=rows.end - rows.start + 1,
                column_names=self._names,
            ),
            csv.ParseOptions(quote_char='"' if quoted else False, newlines_in_values=quoted),
            csv.ConvertOptions(
                column_types=self._types,
                include_columns=list(self._types),
                null_values=[],
                strings_can_be_null=False,
            ),
        )

    def block(self, parsed: Future[tuple[Any, list[Any]]]) -> Iterator[Block]:
        """Yield the block, if it has rows; labels are learned here, in the order of the file."""
        ids, made = parsed.result()
        if len(ids):
            columns = zip(made, self._wanted.columns, self._wanted.coders, strict=True)
            yield Block(
                ids,
                [v if k is None or not k.learns else value_block(v, c, k) for v, c, k in columns],
            )
