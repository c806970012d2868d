"""Rows as the database keeps them: nothing parsed, so that no change of a byte goes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from practice.store import schema
from practice.store.migrations import MIGRATIONS

__all__ = ["Cell", "latest_schema", "rows_as_stored", "schema_keys", "tables"]

Cell = str | int | float | bytes | None


def tables() -> tuple[str, ...]:
    """Return the names of all tables, each after those that its rows refer to.

    Examples
    --------
    >>> tables()[:3]
    ('meta', 'competition', 'build')
    """
    return tuple(schema.METADATA.tables)


def schema_keys(table: str) -> tuple[str, ...]:
    """Return the columns that tell the rows of a table apart.

    Examples
    --------
    >>> schema_keys("selection")
    ('season', 'entrant', 'submission')
    """
    return tuple(column.name for column in schema.METADATA.tables[table].primary_key)


def latest_schema() -> int:
    """Return the number of the schema that this version of the package works with."""
    return MIGRATIONS[-1].number


def rows_as_stored(
    connection: Connection, name: str, equal: dict[str, Any]
) -> tuple[dict[str, Cell], ...]:
    """Return rows of a table, in order of their keys.

    Parameters
    ----------
    connection : Connection
    name : str
        Of the table.
    equal : dict
        What columns must hold.

    Returns
    -------
    tuple of dict
        A cell by column. JSON and times stay text, truth values are 0 and 1 on every database, and
        bytes that are no UTF-8 become lone surrogates.
    """
    table = schema.METADATA.tables[name]
    columns = (type_coerce(column, NullType()).label(column.name) for column in table.c)
    query = select(*columns).where(*(table.c[key] == value for key, value in equal.items()))
    with _any_bytes(connection):
        found = connection.execute(query.order_by(*table.primary_key)).all()
    return tuple(
        {column.name: _plain(cell) for column, cell in zip(table.c, row, strict=True)}
        for row in found
    )


def _plain(cell: Any) -> Cell:
    """Return what both databases give alike."""
    if isinstance(cell, bool):
        return int(cell)
    plain: Cell = bytes(cell) if isinstance(cell, memoryview) else cell
    return plain


@contextmanager
def _any_bytes(connection: Connection) -> Iterator[None]:
    """Have SQLite hand out damaged text, too; PostgreSQL never holds any."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    before = driver.text_factory
    driver.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = before
