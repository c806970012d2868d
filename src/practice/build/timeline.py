"""Rows in time: reading times, keeping ties together, leaving a gap at a border."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.build.text import NUMBER
from practice.errors import BuildError

__all__ = ["Timeline", "duration", "timeline"]

_UNITS = {"d": "days", "h": "hours", "min": "minutes", "s": "seconds"}
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Timeline:
    """When each row happened.

    Parameters
    ----------
    of : ndarray of int64, shape (rows,)
        The place of each row's time among the different times, 0 the earliest.
    values : ndarray, shape (times,)
        The different times, ascending: microseconds (int64) of dates, else numbers.
    dates : bool
    """

    of: NDArray[np.int64]
    values: NDArray[Any]
    dates: bool

    def before(self, rows: NDArray[np.intp], border: int, purge: int | str) -> NDArray[np.intp]:
        """Return those of ``rows`` that lie before a border, less the purge.

        Parameters
        ----------
        rows : ndarray of int
            Rows whose place is below ``border``.
        border : int
            The place of the first time behind the border.
        purge : int or str
            The last so many rows are left out (and all that tie with one of them), or those that
            lie nearer than a time such as "7d" to the border.

        Returns
        -------
        ndarray of int

        Raises
        ------
        BuildError
            The purge is a time and the column holds numbers.
        """
        places = self.of[rows]
        if isinstance(purge, str):
            limit = int(
                np.searchsorted(self.values, self.values[border] - self._gap(purge), "right")
            )
        elif purge == 0:
            return rows
        elif purge >= len(rows):
            limit = 0
        else:
            limit = int(np.partition(places, len(rows) - purge)[len(rows) - purge])
        return rows[places < limit]

    def _gap(self, purge: str) -> int:
        if not self.dates:
            raise BuildError(
                f"purge {purge!r} is a time, but the time column holds numbers",
                "give purge in [split] as a number of rows",
            )
        unit, number = duration(purge)
        return timedelta(**{unit: number}) // timedelta(microseconds=1)


def duration(purge: str) -> tuple[str, int]:
    """Return the unit and the number of a purge that is a time.

    Raises
    ------
    BuildError
        It is none.

    Examples
    --------
    >>> duration("30min")
    ('minutes', 30)
    """
    found = re.fullmatch(r"(\d+)(d|h|min|s)", purge)
    if found is None:
        raise BuildError(f"purge {purge!r} is no time such as '7d', '24h', '30min' or '10s'")
    return _UNITS[found[2]], int(found[1])


def timeline(cells: Sequence[str], column: str) -> Timeline:
    """Read a column of times: all numbers, or all dates in the ISO 8601 form.

    Parameters
    ----------
    cells : sequence of str, shape (rows,)
    column : str
        Its name, for messages.

    Returns
    -------
    Timeline

    Raises
    ------
    BuildError
        A cell is neither, or the two kinds (or dates with and without a zone) are mixed.

    Examples
    --------
    >>> timeline(["2024-02-01", "2024-01-31 12:00", "2024-02-01 00:00:00"], "day").of.tolist()
    [1, 0, 1]
    """
    texts = list(dict.fromkeys(cells))
    dates = not all(NUMBER.fullmatch(each) for each in texts)
    read = [_date(t, column, cells) if dates else _number(t, column, cells) for t in texts]
    zoned = {isinstance(each, datetime) and each.tzinfo is not None for each in read}
    if len(zoned) > 1:
        raise BuildError(
            f"time column {column!r} mixes dates with and without a time zone",
            "make them alike in prepare.py",
        )
    stamps = [_microseconds(each) if isinstance(each, datetime) else each for each in read]
    values, places = np.unique(np.array(stamps), return_inverse=True)
    of = dict(zip(texts, places.tolist(), strict=True))
    return Timeline(np.array([of[cell] for cell in cells], np.int64), values, dates)


def _number(text: str, column: str, cells: Sequence[str]) -> int | float:
    whole = int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
    number = float(text) if whole is None else whole
    if not math.isfinite(number):
        raise _fault(text, column, cells)
    return number


def _date(text: str, column: str, cells: Sequence[str]) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _fault(text, column, cells) from None


def _fault(text: str, column: str, cells: Sequence[str]) -> BuildError:
    return BuildError(
        f"time column {column!r}, row {list(cells).index(text) + 1} of the raw data: {text!r} is "
        "neither a number nor a date such as 2024-01-31 or 2024-01-31 12:00:00",
        "rewrite the column in prepare.py",
    )


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) // timedelta(microseconds=1)
