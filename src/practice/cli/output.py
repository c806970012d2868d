"""What goes to the terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TextIO

import typer

__all__ = [
    "Col",
    "Marks",
    "Screen",
    "cells",
    "clean",
    "iso",
    "marks",
    "number",
    "plain",
    "print_csv",
    "print_json",
    "print_table",
    "say",
    "signed",
    "size",
    "stderr",
    "stdout",
    "when",
]

READABLE, NARROWEST = 20, 8  # columns left of a text that is cut: at first, and at the utmost
GAP = "  "  # between columns
PAIR = 12  # columns of the name in front of a text
STYLES: dict[str, dict[str, Any]] = {
    "bold": {"bold": True},
    "dim": {"dim": True},
    "title": {"bold": True, "fg": "cyan"},
    "ok": {"fg": "green"},
    "warn": {"fg": "yellow"},
    "fail": {"bold": True, "fg": "red"},
}


class Screen:
    """A stream with a width and, on a terminal, styles.

    Rich would do it too, at a tenth of a short command's time; it draws bars and Markdown only.

    Parameters
    ----------
    stream : TextIO
    width : int, optional
        Default: the terminal's, ``COLUMNS``, or 80.
    """

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self.stream = stream
        self.width = width or shutil.get_terminal_size((80, 24)).columns
        self.unicode = (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")
        terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = terminal and not os.environ.get("NO_COLOR")

    def print(self, text: str = "", style: str = "", end: str = "\n") -> None:
        """Write a text; lines are never broken, so that they can be copied."""
        if self.colour and style:
            text = typer.style(text, **STYLES[style])
        typer.echo(text + end, file=self.stream, nl=False, color=self.colour)

    def beside(self, parts: Iterable[str], style: str = "") -> None:
        """Write short texts side by side, in as many lines as the width asks for."""
        lines: list[str] = []
        for part in parts:
            if lines and cells(lines[-1]) + 3 + cells(part) <= self.width:
                lines[-1] += f"   {part}"
            else:
                lines.append(part)
        for line in lines:
            self.print(line, style)

    def pair(self, name: str, text: str) -> None:
        """Write a name and what it stands for, in two columns."""
        self.print(f"  {name:<{PAIR}} {text}")


def stdout() -> Screen:
    """Return the screen for results."""
    return Screen(sys.stdout)


def stderr() -> Screen:
    """Return the screen for progress, hints and errors."""
    return Screen(sys.stderr)


def say(text: str) -> None:
    """Write a hint or a piece of news on stderr."""
    stderr().print(text, "dim")


def plain(value: Any) -> Any:
    """Turn a record into what JSON can hold, under the record's field names.

    Parameters
    ----------
    value : object
        A dataclass, mapping, sequence, datetime, path, number, text or None.

    Returns
    -------
    object
        Datetimes in UTC as ISO 8601 with Z, paths as text, numbers that are not finite as None.

    Examples
    --------
    >>> plain({"at": datetime(2026, 1, 5, 14, tzinfo=UTC), "score": float("nan"), "ids": (1, 2)})
    {'at': '2026-01-05T14:00:00Z', 'score': None, 'ids': [1, 2]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    return [plain(item) for item in value]


def iso(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with Z; one without a zone is taken as UTC.

    Examples
    --------
    >>> iso(datetime(2026, 1, 5, 14, 30))
    '2026-01-05T14:30:00Z'
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def print_json(value: Any) -> None:
    """Print one JSON object; never NaN, and ASCII only so that any pipe can carry it."""
    sys.stdout.write(json.dumps(plain(value), indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def print_csv(record: type, rows: Iterable[Any]) -> None:
    """Print records as CSV; the header holds the field names.

    Parameters
    ----------
    record : type
        The dataclass of the rows, so that an empty table has its header too.
    rows : iterable of records
    """
    names = [field.name for field in fields(record)]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(plain(getattr(row, name))) for name in names])
    sys.stdout.flush()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ";".join(value)
    return value if isinstance(value, str) else json.dumps(value)


def clean(text: str) -> str:
    r"""Make somebody's text safe for one line of a terminal.

    Examples
    --------
    >>> clean("first try\nwith \x1b[31mcolour")
    'first try with ?[31mcolour'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def number(value: float | None) -> str:
    """Write a score for reading.

    Examples
    --------
    >>> number(0.947368), number(52.123456), number(1234567.8), number(0.0000123), number(None)
    ('0.94737', '52.12346', '1.23457e+06', '1.23e-05', '-')
    """
    if value is None:
        return "-"
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}" if abs(value) < 1 else f"{value:.6g}"
    return f"{value:.5f}"


def signed(value: float) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.012), signed(-3.5)
    ('+0.01200', '-3.50000')
    """
    return ("-" if value < 0 else "+") + number(abs(value))


def size(count: int) -> str:
    """Write a number of bytes for people.

    Examples
    --------
    >>> size(0), size(1536), size(5_000_000)
    ('0 kB', '2 kB', '5 MB')
    """
    for unit, worth in (("GB", 10**9), ("MB", 10**6)):
        if count >= worth:
            return f"{count / worth:.3g} {unit}"
    return f"{-(-count // 1000)} kB"


def when(moment: datetime | None, *, day: bool = False) -> str:
    """Write a moment in the zone of this machine, to the minute or to the day."""
    if moment is None:
        return "-"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone():{'%Y-%m-%d' if day else '%Y-%m-%d %H:%M'}}"


@dataclass(frozen=True)
class Marks:
    """Signs of the tables, in what the terminal can write."""

    own: str
    reference: str
    up: str
    down: str
    star: str
    about: str
    within: str

    def better(self, greater: bool) -> str:
        """Return the arrow that points to better scores."""
        return self.up if greater else self.down


def marks(screen: Screen) -> Marks:
    """Choose the signs by the encoding of a screen.

    Examples
    --------
    >>> import io
    >>> marks(Screen(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))).reference
    '+'
    """
    if screen.unicode:
        return Marks("▶", "◆", "↑", "↓", "★", "≈", "±")
    return Marks(">", "+", "^", "v", "*", "~", "+-")


@dataclass(frozen=True)
class Col:
    """A column of a table.

    Parameters
    ----------
    header : str
    justify : {"left", "right"}
        Numbers go right.
    flex : int
        Above 0: cut with an ellipsis where the console is too narrow, the highest first.
    """

    header: str
    justify: Literal["left", "right"] = "left"
    flex: int = 0


def print_table(
    screen: Screen,
    columns: Sequence[Col],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str] | None = None,
) -> None:
    """Print a table that fits the screen.

    Parameters
    ----------
    screen : Screen
    columns : sequence of Col
        Columns without a header and without content are left out.
    rows : sequence of sequence of str
        A text per column.
    styles : sequence of str, optional
        A style per row.
    """
    used = [i for i, c in enumerate(columns) if c.header or any(row[i] for row in rows)]
    kept = [columns[i] for i in used]
    texts = [[clean(row[i]) for i in used] for row in rows]
    header = [column.header for column in kept]
    widths = _widths(kept, [header, *texts], screen.width)
    dash, more = ("─", "…") if screen.unicode else ("-", "~")

    def line(row: Sequence[str]) -> str:
        parts = map(_fitted, row, widths, [column.justify for column in kept], [more] * len(row))
        return GAP.join(parts).rstrip()

    screen.print(line(header), "bold")
    screen.print(GAP.join(dash * width for width in widths), "dim")
    for position, row in enumerate(texts):
        screen.print(line(row), styles[position] if styles else "")


def _fitted(text: str, width: int, justify: str, more: str) -> str:
    """Cut or fill a text to a width in terminal cells."""
    if cells(text) > width:
        while cells(text) > width - 1:
            text = text[:-1]
        text += more
    space = " " * (width - cells(text))
    return space + text if justify == "right" else text + space


def cells(text: str) -> int:
    """Count the terminal cells of a text; a Chinese character takes two.

    Examples
    --------
    >>> cells("data"), cells("数据")
    (4, 4)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _widths(columns: Sequence[Col], rows: Sequence[Sequence[str]], total: int) -> list[int]:
    """Take what is too much from the columns that may be cut."""
    widths = [max(cells(row[i]) for row in rows) for i in range(len(columns))]
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - total
    flexible = [i for i, column in enumerate(columns) if column.flex]
    for floor in (READABLE, NARROWEST):
        for i in sorted(flexible, key=lambda i: -columns[i].flex):
            taken = min(max(0, excess), max(0, widths[i] - floor))
            widths[i] -= taken
            excess -= taken
    return widths
