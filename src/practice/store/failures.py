"""What databases say when something fails, in words a user can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from practice.errors import StoreError

__all__ = ["in_words"]

_LOCKED = (
    "has been locked by another program for too long",
    "end the other program or wait for it, then try again",
)
_FULL = ("cannot grow: the disk is full", "free some space, then try again")
_READ_ONLY = (
    "cannot be written: it is read-only",
    "make file and folder writable, or set PRACTICE_HOME to a folder that is",
)
_UNREACHABLE = (
    "cannot be reached",
    "check that the server runs and that PRACTICE_DATABASE_URL names it",
)

# The first entry that an error code starts with counts; the codes are those of sqlite.org/rescode
# and of appendix A of the PostgreSQL manual.
_SQLITE = (
    ("SQLITE_BUSY", _LOCKED),
    ("SQLITE_LOCKED", _LOCKED),
    ("SQLITE_PROTOCOL", _LOCKED),
    ("SQLITE_FULL", _FULL),
    ("SQLITE_READONLY", _READ_ONLY),
    (
        "SQLITE_CANTOPEN",
        ("cannot be opened", "check that its folder is there and that you may write into it"),
    ),
    ("SQLITE_NOTADB", ("is not a database", "move the file away; practice makes a new one")),
    (
        "SQLITE_CORRUPT",
        ("is damaged", "put back a copy, for instance a practice.db.*.bak beside it"),
    ),
    (
        "SQLITE_IOERR",
        ("cannot be read or written: the disk is full or fails", "free some space, then try again"),
    ),
)
_POSTGRESQL = (
    ("55P03", _LOCKED),
    ("40", ("was busy with another program", "try again")),
    ("53100", _FULL),
    ("53", ("has no room for another program", "try again, or raise the server's limits")),
    ("25006", _READ_ONLY),
    ("42501", ("may not be changed by this user", "ask the owner of the database for the right")),
    ("57P", ("was shut down meanwhile", "start the server again; practice submissions")),
)


@contextmanager
def in_words(label: str) -> Iterator[None]:
    """Turn errors of a database into a StoreError; rows and passwords stay out of it.

    Parameters
    ----------
    label : str
        What messages call the database.

    Raises
    ------
    StoreError

    Examples
    --------
    >>> with in_words("/data/practice.db"):
    ...     raise sqlite3.DatabaseError("no such table: season")
    Traceback (most recent call last):
    practice.errors.StoreError: the database /data/practice.db failed: no such table: season
    """
    try:
        yield
    except DBAPIError as error:
        raise _translated(label, error.orig, error.connection_invalidated) from None
    except sqlite3.Error as error:
        raise _translated(label, error, False) from None
    except StatementError as error:  # a value that cannot be written: our caller's mistake
        raise (error.orig or error) from None
    except SQLAlchemyError as error:
        raise _failed(label, error) from None


def _translated(label: str, error: BaseException | None, lost: bool) -> StoreError:
    if isinstance(error, sqlite3.Error):
        return _look_up(label, error, _SQLITE, getattr(error, "sqlite_errorname", ""))
    code = getattr(error, "sqlstate", None)
    if code is not None:
        return _look_up(label, error, _POSTGRESQL, code)
    if lost:
        return StoreError(
            f"the connection to the database {label} was lost",
            "practice submissions shows what was stored before",
        )
    # No code: there was no server to give one, or it refused the connection.
    what, hint = _UNREACHABLE
    return StoreError(f"the database {label} {what}: {_reason(error)}", hint)


def _look_up(
    label: str,
    error: BaseException | None,
    known: tuple[tuple[str, tuple[str, str]], ...],
    code: str,
) -> StoreError:
    for prefix, (what, hint) in known:
        if code.startswith(prefix):
            return StoreError(f"the database {label} {what}", hint)
    return _failed(label, error)


def _failed(label: str, error: BaseException | None) -> StoreError:
    return StoreError(f"the database {label} failed: {_first_line(error)}", "practice doctor")


def _first_line(error: BaseException | None) -> str:
    """Return what is wrong; further lines of PostgreSQL show values of the row."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _reason(error: BaseException | None) -> str:
    """Return why a connection was refused: ``Connection refused``, ``FATAL: ...``."""
    first = _first_line(error)
    return first.rpartition(" failed: ")[2] or first
