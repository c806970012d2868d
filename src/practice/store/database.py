"""The store: opened once, read by anybody, written by one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from practice.settings import Settings
from practice.store.connecting import (
    WRITING,
    Address,
    begin_writing,
    engine_for,
    find,
    prepare,
)
from practice.store.failures import in_words
from practice.store.migrating import check_version, migrate
from practice.store.migrations import MIGRATIONS, Migration
from practice.store.reading import Reads
from practice.store.transaction import Transaction

__all__ = ["Store", "open_store"]


class Store(Reads):
    """The database of a home; SQLite and PostgreSQL keep the same promises.

    - What was written is durable when the ``with`` block of :meth:`write` has ended: it survives
      ``kill -9``, a full disk and a power cut. What was not leaves no trace.
    - Writers of all processes take turns; one that waits longer than the timeout is told so.
      Readers never wait for writers where the file system allows write-ahead logging.
    - Rows of scores and events never change. Events are a chain of hashes.
    - Texts, times and floats come back as they were given.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(self, engine: Engine, address: Address, timeout: float, version: int) -> None:
        self._engine = engine
        self._address = address
        self._timeout = timeout
        self._version = version

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with in_words(self._address.label), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction; it is committed at the end and undone on any exception.

        Yields
        ------
        Transaction
            Nobody else writes before the block ends, so what is read inside still holds when it
            is written.

        Raises
        ------
        StoreError
            Locked for too long, read-only, disk full, server gone; nothing was written then.
        """
        with in_words(self._address.label), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITING: True})
            with connection.begin():
                begin_writing(connection, self._timeout)
                check_version(connection, self._address, self._version)
                yield Transaction(connection)

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_store(
    settings: Settings,
    *,
    timeout: float = 30.0,
    migrations: Sequence[Migration] = MIGRATIONS,
) -> Store:
    """Open the store of a home; home, database and tables are made where missing.

    Parameters
    ----------
    settings : Settings
    timeout : float
        Seconds to wait while another process writes.
    migrations : sequence of Migration
        The schema to bring the database to.

    Returns
    -------
    Store

    Raises
    ------
    StoreError
        The address is wrong, the driver missing, the server down, the database locked, read-only,
        damaged, another program's, or of a newer version of the package.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC, datetime
    >>> from practice.settings import from_environment
    >>> moment = datetime(2026, 1, 1, tzinfo=UTC)
    >>> with (
    ...     tempfile.TemporaryDirectory() as folder,
    ...     open_store(from_environment({"PRACTICE_HOME": folder})) as store,
    ... ):
    ...     with store.write() as tx:
    ...         ann = tx.entrant("ann", "person")
    ...         event = tx.append("entrant", moment, None, ann.name, {})
    ...     [entrant.name for entrant in store.entrants()], store.events() == (event,)
    (['ann'], True)
    """
    address = find(settings)
    prepare(settings, address)
    engine = engine_for(address, timeout)
    try:
        with in_words(address.label):
            migrate(engine, address, migrations, timeout)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, address, timeout, migrations[-1].number)
