"""Bringing a database to the schema that this version of the package knows."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, update

from practice.errors import StoreError
from practice.store.connecting import WRITING, Address, set_limits
from practice.store.files import cannot, fsync_folder
from practice.store.migrations import Migration
from practice.store.schema import meta

__all__ = ["ADVISORY_LOCK", "check_version", "migrate"]

_HAS_VERSION = {
    "sqlite": "SELECT count(*) FROM pragma_table_info('meta') WHERE name = 'schema_version'",
    "postgresql": "SELECT count(*) FROM information_schema.columns WHERE table_name = 'meta' "
    "AND column_name = 'schema_version' AND table_schema = current_schema()",
}
_MAKES = re.compile(r"CREATE TABLE (\w+)")
ADVISORY_LOCK = 0x70726163  # "prac": any number that all our processes share


def migrate(
    engine: Engine, address: Address, migrations: Sequence[Migration], timeout: float
) -> None:
    """Make the tables, or change them to the newest schema, unless that is what they have.

    All in one transaction, under a lock: other processes wait and find the work done. A SQLite
    file that holds something is copied first, to ``<name>.v<version>-<time>.bak``.

    Parameters
    ----------
    engine : Engine
    address : Address
    migrations : sequence of Migration
    timeout : float
        Seconds to wait for others who change it.

    Raises
    ------
    StoreError
        The schema is newer than ``migrations``, or the database is another program's, or says a
        schema that it does not have.
    """
    newest = migrations[-1].number
    with engine.connect() as connection:
        if _pending(connection, address, newest) is None:
            return
    with _alone(engine, timeout) as connection:
        version = _pending(connection, address, newest)
        if version is None:  # another process has done it meanwhile
            return
        due = [each for each in migrations if each.number > version]
        _check_said(connection, address, version, due)
        if version > 0 and address.path is not None:
            copy = _copy(address.path, version)
            try:
                _run(connection, address, due)
            except BaseException:
                with suppress(OSError):  # nothing changed, so the copy says nothing new
                    copy.unlink()
                raise
        else:
            _run(connection, address, due)


def _pending(connection: Connection, address: Address, newest: int) -> int | None:
    """Return the version of the schema where it is old (0: no tables), None where it is new."""
    version = _version(connection, address)
    if version > newest:
        raise _too_new(address, version, newest)
    return version if version < newest else None


def check_version(connection: Connection, address: Address, newest: int) -> None:
    """Refuse to write where another program has changed the schema since it was opened.

    Raises
    ------
    StoreError
    """
    version = connection.execute(select(meta.c.schema_version)).scalar_one()
    if version != newest:
        raise _too_new(address, version, newest)


def _too_new(address: Address, version: int, newest: int) -> StoreError:
    return StoreError(
        f"the database {address.label} was made by a newer version of practice "
        f"(schema {version}; this one knows {newest})",
        "upgrade practice: pip install --upgrade practice",
    )


def _of_another(address: Address) -> StoreError:
    return StoreError(
        f"the database {address.label} belongs to another program",
        "set PRACTICE_DATABASE_URL to a database of its own",
    )


def _version(connection: Connection, address: Address) -> int:
    """Return the version of the schema; 0: the database is empty."""
    if connection.exec_driver_sql(_HAS_VERSION[connection.dialect.name]).scalar_one():
        return int(connection.execute(select(meta.c.schema_version)).scalar_one())
    if address.path is not None:
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        if tables:
            raise _of_another(address)
    return 0


def _check_said(
    connection: Connection, address: Address, version: int, due: Sequence[Migration]
) -> None:
    """Refuse a database with a table that only a newer schema than it says makes."""
    statements = [text for each in due for text in getattr(each, connection.dialect.name)]
    made = {match[1] for text in statements if (match := _MAKES.match(text))}
    if there := sorted(made.intersection(inspect(connection).get_table_names())):
        if not connection.exec_driver_sql(_HAS_VERSION[connection.dialect.name]).scalar_one():
            raise _of_another(address)
        raise StoreError(
            f"the database {address.label} says that its schema is {version}, but holds the table "
            f"{there[0]} of a newer one: meta.schema_version is not what was written",
            "practice restore FILE, in a new PRACTICE_HOME, brings back a backup",
        )


@contextmanager
def _alone(engine: Engine, timeout: float) -> Iterator[Connection]:
    """Open a transaction that no other process can change the schema beside."""
    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        if connection.dialect.name == "postgresql":
            with connection.begin():
                set_limits(connection, timeout)
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
                yield connection
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA foreign_keys = OFF")  # cannot be changed inside a transaction
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def _run(connection: Connection, address: Address, due: Sequence[Migration]) -> None:
    for migration in due:
        for statement in getattr(migration, connection.dialect.name):
            connection.exec_driver_sql(statement)
        connection.execute(update(meta).values(schema_version=migration.number))
    if address.path is None:
        return
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise StoreError(
            f"the database {address.label} holds rows that refer to missing ones: left as it was",
            "practice doctor",
        )


def _copy(path: Path, version: int) -> Path:
    """Copy a SQLite database beside itself, durably; the name appears when it is whole."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.v{version}-{stamp}.bak")
    temporary = target.with_suffix(".tmp")
    try:
        handle = os.open(temporary, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            with (
                closing(sqlite3.connect(path)) as source,
                closing(sqlite3.connect(temporary)) as copy,
            ):
                source.backup(copy)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(target)
        fsync_folder(path.parent)
    except OSError as error:
        raise cannot(f"copy the database to {target}", error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return target
