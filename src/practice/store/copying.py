"""All rows of one database written into another, whichever of the two kinds each is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, insert, select, text

from practice.errors import StoreError
from practice.store import schema
from practice.store.database import Store
from practice.store.failures import in_words

__all__ = ["copy_rows"]

_AT_ONCE = 1000  # rows

# As rows refer to rows; ``meta`` belongs to the database itself.
_TABLES = tuple(table for name, table in schema.METADATA.tables.items() if name != "meta")


def copy_rows(source: Store, target: Store) -> int:
    """Copy everything that a store holds into one that holds nothing.

    Parameters
    ----------
    source : Store
        Read as it is at one moment; others may go on writing.
    target : Store
        Gets all rows in one transaction, or none.

    Returns
    -------
    int
        Rows copied.

    Raises
    ------
    StoreError
        Where ``target`` holds something.
    """
    rows = 0
    with _one_moment(source) as reading, target.write() as transaction:
        writing = transaction._connection
        for table in _TABLES:
            if writing.execute(select(func.count()).select_from(table)).scalar_one():
                raise StoreError("the database is not empty", "set PRACTICE_HOME to a new folder")
        for table in _TABLES:
            found = reading.execute(select(table).order_by(*table.primary_key))
            for some in found.mappings().partitions(_AT_ONCE):
                writing.execute(insert(table), [dict(row) for row in some])
                rows += len(some)
        _count_on(writing)
    return rows


@contextmanager
def _one_moment(store: Store) -> Iterator[Connection]:
    """Open a connection to which all tables stay as they are at its first question."""
    with in_words(store._address.label), store._engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows behind those that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in (schema.season, schema.entrant, schema.submission):
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                f"greatest((SELECT max(id) FROM {table.name}), 1), "
                f"(SELECT max(id) FROM {table.name}) IS NOT NULL)"
            )
        )
