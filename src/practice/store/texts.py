"""How values are written as text, the same in SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

__all__ = ["from_moment", "to_json", "to_moment", "to_storable"]


def to_storable(text: str) -> str:
    r"""Return a text that every database takes: no NUL, no half of a surrogate pair.

    File names that are not UTF-8 and pasted messages may hold either.

    Examples
    --------
    >>> to_storable("naïve.csv"), to_storable("a\0b"), to_storable("caf\udce9.csv")
    ('naïve.csv', 'a\\x00b', 'caf\\udce9.csv')
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def from_moment(at: datetime) -> str:
    """Write a time so that the order of texts is the order of times.

    Raises
    ------
    ValueError
        The time is naive.

    Examples
    --------
    >>> from datetime import timedelta, timezone
    >>> from_moment(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    '2026-01-01T00:00:00.000000+00:00'
    """
    if at.tzinfo is None:
        raise ValueError("a time without a time zone cannot be stored")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def to_moment(text: str) -> datetime:
    """Read what :func:`from_moment` wrote.

    Examples
    --------
    >>> to_moment("2026-01-01T00:00:00.000000+00:00")
    datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(text)


def _plain(value: object) -> Any:
    """Return what JSON can say of a value it does not know: numbers of numpy, else its text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def to_json(value: Any, *, canonical: bool = False) -> str:
    """Write a value as ASCII JSON; values of numpy become numbers, anything unknown its text.

    Parameters
    ----------
    value : object
    canonical : bool
        Sort keys and refuse NaN and infinity, so that equal values give equal texts.

    Raises
    ------
    ValueError
        NaN or infinity in a canonical text.

    Examples
    --------
    >>> to_json({"b": 1, "a": 0.5}), to_json({"b": 1, "a": 0.5}, canonical=True)
    ('{"b":1,"a":0.5}', '{"a":0.5,"b":1}')
    """
    return json.dumps(
        value,
        separators=(",", ":"),
        sort_keys=canonical,
        allow_nan=not canonical,
        default=_plain,
    )
