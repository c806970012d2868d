"""The tables, as queries see them; :mod:`practice.store.migrations` makes them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

from practice.store.texts import from_moment, to_json, to_moment, to_storable

__all__ = [
    "METADATA",
    "build",
    "competition",
    "entrant",
    "event",
    "meta",
    "out_of_fold",
    "replicates",
    "score",
    "season",
    "selection",
    "submission",
]


class _Words(TypeDecorator[str]):
    """Text from outside, made storable."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else to_storable(value)


class _Moment(TypeDecorator[datetime]):
    """A time as ISO 8601 text: UTC, microseconds, sorts as times do."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else from_moment(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else to_moment(value)


class _Json(TypeDecorator[Any]):
    """A value as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class _JsonTuple(_Json):
    """A tuple as JSON text."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else tuple(json.loads(value))


METADATA = MetaData()

meta = Table(
    "meta",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer),
)
competition = Table("competition", METADATA, Column("slug", Text, primary_key=True))
build = Table(
    "build",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("slug", Text),
    Column("data_hash", Text),
    Column("info", _Json),
)
season = Table(
    "season",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("slug", _Words),
    Column("build", Text),
    Column("number", Integer),
    Column("metric", _Json),
    Column("greater_is_better", Boolean),
    Column("rules", _Json),
    Column("title", _Words),
    Column("opened_at", _Moment),
    Column("deadline", _Moment),
    Column("revealed_at", _Moment),
)
entrant = Table(
    "entrant",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("name", _Words),
    Column("kind", Text),
)
submission = Table(
    "submission",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("season", BigInteger),
    Column("entrant", BigInteger),
    Column("blob", Text),
    Column("file", _Words),
    Column("status", Text),
    Column("error", _Words),
    Column("problems", _JsonTuple),
    Column("message", _Words),
    Column("params", _Json),
    Column("tags", _JsonTuple),
    Column("git_commit", _Words),
    Column("git_dirty", Boolean),
    Column("submitted_at", _Moment),
    Column("seconds", Double),
    Column("late", Boolean),
    Column("withdrawn_at", _Moment),
    Column("note", _Words),
    Column("released", Double),
)
score = Table(
    "score",
    METADATA,
    Column("submission", BigInteger, primary_key=True, autoincrement=False),
    Column("split", Text, primary_key=True),
    Column("metric", _Words, primary_key=True),
    Column("scorer_version", Integer, primary_key=True, autoincrement=False),
    Column("value", Double),
    Column("at", _Moment),
)
replicates = Table(
    "replicates",
    METADATA,
    Column("submission", BigInteger, primary_key=True, autoincrement=False),
    Column("split", Text, primary_key=True),
    Column("metric", _Words, primary_key=True),
    Column("scorer_version", Integer, primary_key=True, autoincrement=False),
    Column("plan", Text),
    Column("data", LargeBinary),
)
out_of_fold = Table(
    "out_of_fold",
    METADATA,
    Column("submission", BigInteger, primary_key=True, autoincrement=False),
    Column("blob", Text),
    Column("value", Double),
    Column("folds", _JsonTuple),
    Column("row_count", BigInteger),
)
selection = Table(
    "selection",
    METADATA,
    Column("season", BigInteger, primary_key=True, autoincrement=False),
    Column("entrant", BigInteger, primary_key=True, autoincrement=False),
    Column("submission", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _Moment),
)
event = Table(
    "event",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", _Moment),
    Column("kind", _Words),
    Column("season", BigInteger),
    Column("entrant", _Words),
    Column("payload", _Json),
    Column("previous", Text),
    Column("hash", Text),
)
