"""The database and the files that submissions came in; SQLAlchemy is loaded when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from practice.store import blobs
from practice.store.chain import verify_chain
from practice.store.records import (
    Attempt,
    Entrant,
    Event,
    NewAttempt,
    NewScore,
    OutOfFold,
    Replicates,
    Season,
)
from practice.store.texts import to_json

if TYPE_CHECKING:
    from practice.store.connecting import database_file
    from practice.store.database import Store, open_store
    from practice.store.stored import latest_schema, schema_keys, tables
    from practice.store.transaction import Transaction

__all__ = [
    "Attempt",
    "Entrant",
    "Event",
    "NewAttempt",
    "NewScore",
    "OutOfFold",
    "Replicates",
    "Season",
    "Store",
    "Transaction",
    "blobs",
    "database_file",
    "latest_schema",
    "open_store",
    "schema_keys",
    "tables",
    "to_json",
    "verify_chain",
]


def __getattr__(name: str) -> Any:
    """Load SQLAlchemy when the first name that needs it is asked for."""
    if name in ("Store", "open_store"):
        from practice.store import database

        return getattr(database, name)
    if name == "database_file":
        from practice.store import connecting

        return connecting.database_file
    if name == "Transaction":
        from practice.store.transaction import Transaction

        return Transaction
    if name in ("latest_schema", "schema_keys", "tables"):
        from practice.store import stored

        return getattr(stored, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
