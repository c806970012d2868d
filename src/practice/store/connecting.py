"""Engines for SQLite and PostgreSQL, set up so that what is committed is durable."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from practice.errors import StoreError
from practice.settings import Settings
from practice.store.files import cannot, fsync_folder, make_private

__all__ = [
    "WRITING",
    "Address",
    "begin_writing",
    "database_file",
    "engine_for",
    "find",
    "prefer_wal",
    "prepare",
    "set_limits",
]

WRITING = "practice_writing"  # execution option of a connection whose transactions write

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_HINT = "sqlite:////folder/practice.db or postgresql+psycopg://user@host/database"


@dataclass(frozen=True)
class Address:
    """Where the database is.

    Parameters
    ----------
    url : URL
    path : Path or None
        The file of a SQLite database.
    label : str
        What messages call it; without a password.
    """

    url: URL
    path: Path | None
    label: str


def find(settings: Settings) -> Address:
    """Read the address of the database from the settings.

    Raises
    ------
    StoreError
        It is no address, or one of a database that practice cannot use.

    Examples
    --------
    >>> from practice.settings import from_environment
    >>> address = "postgresql://ann:secret@db/class"
    >>> find(from_environment({"PRACTICE_DATABASE_URL": address})).label
    'postgresql+psycopg://ann:***@db/class'
    """
    own = settings.home / "practice.db"
    if settings.database_url == f"sqlite:///{own}":  # a home may hold "?", an address may not
        return Address(URL.create("sqlite", database=str(own)), own, str(own))
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError):  # not shown: it may hold a password
        raise StoreError("PRACTICE_DATABASE_URL is not a database address", _HINT) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _find_sqlite(url)
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        url = url.set(drivername="postgresql+psycopg")
        return Address(url, None, url.render_as_string(hide_password=True))
    raise StoreError(
        f"PRACTICE_DATABASE_URL names {url.drivername!r}, which practice does not know", _HINT
    )


def _find_sqlite(url: URL) -> Address:
    if url.host or url.database in (None, "", ":memory:") or url.query:
        raise StoreError("PRACTICE_DATABASE_URL does not name a SQLite file", _HINT)
    path = Path(str(url.database)).absolute()
    return Address(url.set(database=str(path)), path, str(path))


def database_file(settings: Settings) -> Path | None:
    """Return the file of a SQLite database, there or not; None for a server's.

    Raises
    ------
    StoreError
        The address is wrong.

    Examples
    --------
    >>> from practice.settings import from_environment
    >>> database_file(from_environment({"PRACTICE_HOME": "/data"})).as_posix()
    '/data/practice.db'
    """
    return find(settings).path


def prepare(settings: Settings, address: Address) -> None:
    """Make the home, and a SQLite file that only its owner can read, where they are missing.

    Raises
    ------
    StoreError
    """
    make_private(settings.home)
    if address.path is None or address.path.exists():
        return
    try:
        os.close(os.open(address.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        fsync_folder(address.path.parent)
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise cannot(f"make the database {address.path}", error) from None


def engine_for(address: Address, timeout: float) -> Engine:
    """Return an engine; it connects at its first use.

    Parameters
    ----------
    address : Address
    timeout : float
        Seconds to wait for a lock.

    Raises
    ------
    StoreError
        The driver of PostgreSQL is missing.
    """
    if address.path is not None:
        return _sqlite(address.url, timeout)
    defaults = {"connect_timeout": "10", "application_name": "practice", "client_encoding": "utf8"}
    try:
        return create_engine(
            address.url.update_query_dict({**defaults, **address.url.query}),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,  # a server process outlives a restart of the database
            hide_parameters=True,
        )
    except ImportError:
        raise StoreError(
            "PRACTICE_DATABASE_URL names PostgreSQL, and its driver psycopg cannot be loaded",
            'pip install "practice[postgres]"',
        ) from None


def _sqlite(url: URL, timeout: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": timeout}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # transactions begin below, not when Python sees fit
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        prefer_wal(connection, timeout)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def prefer_wal(connection: sqlite3.Connection, timeout: float) -> str:
    """Switch a database to write-ahead logging; where that is refused it stays as it is.

    Network file systems refuse it for want of shared memory; there the rollback journal
    ("delete"), as durable and slower, stays in use.

    Parameters
    ----------
    connection : sqlite3.Connection
    timeout : float
        Seconds to wait for others who use the file; SQLite itself does not wait here.

    Returns
    -------
    str
        The journal mode in force.

    Examples
    --------
    >>> prefer_wal(sqlite3.connect(":memory:"), 1.0)
    'memory'
    """
    until = time.monotonic() + timeout
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    while mode != "wal":
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _BUSY and time.monotonic() < until:
                time.sleep(0.01)
                continue
        break
    return mode


def begin_writing(connection: Connection, timeout: float) -> None:
    """Let nobody else write until the transaction that has just begun ends.

    SQLite did so as it began; in PostgreSQL writers queue for the one row of ``meta``, which
    stands for the head of the chain of events.
    """
    if connection.dialect.name == "postgresql":
        set_limits(connection, timeout)
        connection.execute(text("SELECT id FROM meta FOR UPDATE"))


def set_limits(connection: Connection, timeout: float) -> None:
    """Have a transaction in PostgreSQL wait only so long, and be durable when it is committed."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout TO {max(1, round(timeout * 1000))}")
    connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
