"""Csv text as rows of cells, with the row of every structural fault.

The dialect is RFC 4180 as pandas reads it: commas, double quotes around a cell (doubled inside),
lines that end in LF, CRLF or CR; empty lines are skipped; a quote inside an unquoted cell is a
character like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from practice.scoring._faults import Faults
from practice.scoring._source import UnreadableError
from practice.scoring.records import Problem

__all__ = ["BOM", "LONGEST_ROW", "Chunk", "QuoteError", "RowReader", "split_cells"]

BOM = b"\xef\xbb\xbf"
LONGEST_ROW = 16 << 20  # bytes; a run-length mask of a large image has a few million
_READ = 1 << 18  # bytes
_CHUNK = 1 << 20
_MOST_BLANK = 1_000_000  # lines
_QUOTED = re.compile(r'(?:[^"]+|"")*+')


class QuoteError(Exception):
    """A quoted cell that does not end as it should."""


class _LongRowError(Exception):
    """A line that no table has."""


@dataclass
class Chunk:
    """Consecutive rows.

    Parameters
    ----------
    numbers : list of int
        Row numbers, 1 for the first below the header.
    rows : list of list of str
        The cells of each, as many as the header has.
    partial : list of list of str
        Rows with another number of cells, whose id may still be known.
    """

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    partial: list[list[str]] = field(default_factory=list)


def split_cells(text: str, more: Callable[[], str | None]) -> list[str]:
    r"""Split a row into its cells.

    Parameters
    ----------
    text : str
        One line with its end.
    more : callable
        Returns the next line while a quote is open, None at the end of the file.

    Returns
    -------
    list of str

    Raises
    ------
    QuoteError

    Examples
    --------
    >>> split_cells('1,"a ""b"", c",\n', lambda: None)
    ['1', 'a "b", c', '']
    """
    if '"' not in text:
        return text.rstrip("\r\n").split(",")
    cells = []
    at = 0
    while True:
        if text.startswith('"', at):
            parts = []
            at += 1
            while (end := _end_of_quoted(text, at)) == len(text):
                parts.append(text[at:])
                following = more()
                if following is None:
                    raise QuoteError("a quote is opened and never closed")
                text, at = following, 0
            parts.append(text[at:end])
            cells.append("".join(parts).replace('""', '"'))
            at = end + 1
            if at < len(text) and text[at] not in ",\r\n":
                raise QuoteError("text follows a closing quote")
        else:
            end = text.find(",", at)
            end = end if end >= 0 else len(text.rstrip("\r\n"))
            cells.append(text[at:end])
            at = end
        if not text.startswith(",", at):
            return cells
        at += 1


def _end_of_quoted(text: str, at: int) -> int:
    """Return where the closing quote is, the length of the text if it is not there."""
    match = _QUOTED.match(text, at)
    assert match is not None  # the pattern matches the empty text
    return match.end()


class RowReader:
    """Reads a csv stream row by row.

    Parameters
    ----------
    stream : binary file
    faults : Faults
        Where structural faults are noted.

    Attributes
    ----------
    unknown : int
        Rows so broken that their id is not known.
    """

    def __init__(self, stream: BinaryIO, faults: Faults) -> None:
        self._lines = _physical_lines(stream)
        self._held: list[bytes] = []  # lines to read again, last first
        self._faults = faults
        self._number = self._blank = 0
        self.unknown = 0

    def header(self) -> tuple[list[str], bool] | None:
        """Read the first row that is not blank.

        Returns
        -------
        tuple of (list of str, bool), or None
            The cells, and whether they could be told apart: if not, a fault is noted and the line
            is one cell. None where there is no row.
        """
        while (line := self._next()) is not None:
            if line.strip():
                cells = self._cells(line, None)
                if cells is not None:
                    return cells, True
                return [line.decode(errors="backslashreplace").strip()], False
        return None

    def chunks(self, width: int, most: int) -> Iterator[Chunk]:
        """Read the rows below the header.

        Parameters
        ----------
        width : int
            Cells of the header.
        most : int
            Rows after which to stop, with a fault.

        Yields
        ------
        Chunk
            Of about 1 MB.
        """
        chunk, size = Chunk(), 0
        try:
            while (line := self._next()) is not None:
                if line.strip(b" \t\r\n"):
                    self._add(chunk, line, width, most)
                    size += len(line)
                else:
                    self._note_blank()
                if size > _CHUNK:
                    yield chunk
                    chunk, size = Chunk(), 0
        except UnreadableError:
            yield chunk
            raise
        yield chunk

    def _note_blank(self) -> None:
        self._blank += 1
        if self._blank > _MOST_BLANK:
            message = f"there are more than {_MOST_BLANK} blank lines; the rest was not read"
            raise UnreadableError(Problem(None, None, None, message, "write the file anew"))

    def _add(self, chunk: Chunk, line: bytes, width: int, most: int) -> None:
        """Put the row that begins with a line into a chunk."""
        if self._number == most:
            message = f"there are more than {most} rows; the rest was not read"
            raise UnreadableError(Problem(None, None, None, message, "one row per id is due"))
        self._number += 1
        if b'"' not in line and line.count(b",") != width - 1:
            cells = self._short(line, width)
        else:
            cells = self._cells(line, self._number)
        if cells is None:
            self.unknown += 1
        elif len(cells) == width:
            chunk.numbers.append(self._number)
            chunk.rows.append(cells)
        else:
            chunk.partial.append(cells)
            self._note_width(line, len(cells), width)

    def _next(self) -> bytes | None:
        if self._held:
            return self._held.pop()
        try:
            return next(self._lines, None)
        except _LongRowError:
            message = f"the row is longer than {LONGEST_ROW >> 20} MB"
            hint = "rows end in a line feed; is this csv?"
            raise UnreadableError(Problem(self._number + 1, None, None, message, hint)) from None

    def _short(self, line: bytes, width: int) -> list[str] | None:
        """Split a row with a wrong number of cells no further than its id can be."""
        text = self._decode(line, self._number)
        return None if text is None else text.rstrip("\r\n").split(",", width)

    def _note_width(self, line: bytes, cells: int, width: int) -> None:
        text = line.decode(errors="backslashreplace").strip()
        hint = f"each row has {width} cells, separated by commas, as the header has"
        if cells < width and ";" in text:
            hint = "separate cells by commas, not semicolons"
        elif cells > width and re.fullmatch(r"[^,]*(,-?\d+,\d+)+", text):
            hint = "write numbers with a point, not a decimal comma"
        more = "too few" if cells < width else "too many"
        self._faults.add(f"{more} cells in the row", hint=hint, row=self._number, value=text)

    def _decode(self, line: bytes, number: int | None) -> str | None:
        if b"\0" in line:
            text = line.decode(errors="backslashreplace").strip().replace("\0", "\\0")
            self._faults.add(
                "NUL byte in the row", hint="write the file anew", row=number, value=text
            )
            return None
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._faults.add(
                "not UTF-8 text",
                hint="save the file as UTF-8: to_csv(..., encoding='utf-8')",
                row=number,
                value=line.decode(errors="backslashreplace").strip(),
            )
            return None

    def _cells(self, line: bytes, number: int | None) -> list[str] | None:
        """Split a row that may go on over several lines; None where it is broken."""
        taken: list[bytes] = []
        size = len(line)

        def more() -> str | None:
            nonlocal size
            following = self._next()
            if following is None:
                return None
            taken.append(following)
            size += len(following)
            if size > LONGEST_ROW or b"\0" in following:
                return None
            return following.decode()

        text = self._decode(line, number)
        if text is None:
            return None
        try:
            return split_cells(text, more)
        except (QuoteError, UnicodeDecodeError) as error:
            self._held += reversed(taken)  # what follows may be rows of its own
            message = str(error) if isinstance(error, QuoteError) else "not UTF-8 text in quotes"
            hint = 'put quotes around the whole cell and write a quote in it as ""'
            self._faults.add(message, hint=hint, row=number, value=text.strip())
            return None


def _physical_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines with their ends (LF, CRLF or CR); raise where one is far too long."""
    rest = stream.read(_READ).removeprefix(BOM)
    while block := stream.read(max(_READ, len(rest))):
        rest += block
        # A CR at the end of what was read may be the first half of CRLF.
        cut = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, len(rest) - 1)) + 1
        yield from rest[:cut].splitlines(keepends=True)
        rest = rest[cut:]
        if len(rest) > LONGEST_ROW:
            raise _LongRowError
    yield from rest.splitlines(keepends=True)
