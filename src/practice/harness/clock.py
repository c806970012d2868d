"""What time it is; the one place that asks, so that tests can say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["day_start", "next_day", "now"]


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def day_start(moment: datetime) -> datetime:
    """Return 00:00 UTC of the day, when the daily limit was last reset.

    Examples
    --------
    >>> day_start(datetime(2026, 5, 1, 23, 59, tzinfo=UTC)).isoformat()
    '2026-05-01T00:00:00+00:00'
    """
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def next_day(moment: datetime) -> datetime:
    """Return the next 00:00 UTC, when the daily limit is reset.

    Examples
    --------
    >>> next_day(datetime(2026, 5, 31, 23, 59, tzinfo=UTC)).isoformat()
    '2026-06-01T00:00:00+00:00'
    """
    return day_start(moment) + timedelta(days=1)
