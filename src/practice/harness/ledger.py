"""What the events say, all together, that rows and files of the store must be now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from practice.store import Event, to_json, verify_chain
from practice.store.stored import Cell
from practice.store.texts import from_moment, to_moment

__all__ = ["Finding", "Ledger", "Told", "read_chain", "read_ledger", "thing"]

# The cells that may change, and the events that say so; every other cell is written once.
_CHANGES = {
    ("submission", "withdrawn_at"): "withdrawal",
    ("submission", "note"): "note",
    ("submission", "status"): "rescore",
    ("submission", "error"): "rescore",
    ("submission", "released"): "rescore",
    ("out_of_fold", "value"): "rescore",
    ("out_of_fold", "folds"): "rescore",
    ("season", "metric"): "rescore",
    ("season", "greater_is_better"): "rescore",
    ("season", "revealed_at"): "reveal",
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit: where, and what of it; never a private score or an answer."""

    where: str
    message: str


@dataclass(frozen=True)
class Told:
    """A digest, the event that gives it, and the build under whose key it may be."""

    digest: str
    seq: int
    build: str
    practice: str = ""  # the version of the package, for files


@dataclass
class Ledger:
    """Everything that events name.

    Parameters
    ----------
    cells : dict
        By table and key of a row: what its columns must be.
    files, references : dict
        By place: what a file must be.
    keys : dict
        The secret keys that reveals have published, by build.
    old : dict
        By table: what events of earlier versions name, which hold no receipts.
    """

    cells: dict[tuple[str, str], dict[str, Told]] = field(default_factory=dict)
    files: dict[str, Told] = field(default_factory=dict)
    references: dict[str, Told] = field(default_factory=dict)
    keys: dict[str, Told] = field(default_factory=dict)
    old: dict[str, dict[Any, int]] = field(default_factory=dict)
    builds: dict[int | None, str] = field(default_factory=dict)

    def is_old(self, table: str, row: dict[str, Cell], names: dict[Cell, Cell]) -> bool:
        """Say whether a row is of an event without a receipt; ``names`` are the entrants'."""
        if table in ("score", "replicates", "out_of_fold"):
            return row["submission"] in self.old.get("submission", ())
        if table == "entrant":
            return row["name"] in self.old.get("entrant", ())
        if table == "selection":
            chosen = (row["season"], names.get(row["entrant"]), row["submission"])
            return chosen in self.old.get("selection", ())
        return row["slug" if table == "competition" else "id"] in self.old.get(table, ())


def thing(table: str, key: str) -> str:
    """Return what people call a row.

    Examples
    --------
    >>> thing("score", '[3,"public","rmse",1]'), thing("entrant", "[2]")
    ('submission 3', 'entrant 2')
    """
    parts = json.loads(key)
    if table in ("score", "replicates", "out_of_fold"):
        return f"submission {parts[0]}"
    if table == "selection":
        return f"submission {parts[2]} in the selection of entrant {parts[1]}"
    return f"{table} {parts[0]}"


def read_chain(rows: Sequence[dict[str, Cell]]) -> tuple[tuple[Event, ...], Finding | None]:
    """Read the events, and name the first that is not what it was.

    Parameters
    ----------
    rows : sequence of dict
        As stored.

    Returns
    -------
    tuple of Event
        Up to the first that cannot be one.
    Finding or None
    """
    events: list[Event] = []
    for row in rows:
        event = _event(row)
        if event is None:
            break
        events.append(event)
    broken = verify_chain(events)
    if broken is None and len(events) < len(rows):
        broken = len(events) + 1
    if broken is None:
        return tuple(events), None
    return tuple(events), Finding(f"event {broken}", "not what was written, moved or gone")


def _event(row: dict[str, Cell]) -> Event | None:
    """Return an event; None where any byte of it is not as it is written."""
    values: dict[str, Any] = dict(row)
    try:
        values["at"] = to_moment(values["at"])
        values["payload"] = json.loads(values["payload"])
        said = to_json(values["payload"], canonical=True)
        if (said, from_moment(values["at"])) != (row["payload"], row["at"]):
            return None
        to_json([row["seq"], row["kind"], row["season"], row["entrant"]], canonical=True)
    except (ValueError, TypeError, RecursionError):
        return None
    return Event(**values)


def read_ledger(events: Sequence[Event], ledger: Ledger) -> Iterator[Finding]:
    """Enter what the events say; yield where one says of a cell or file what another denies.

    Parameters
    ----------
    events : sequence of Event
        All of them.
    ledger : Ledger
        Empty; filled when all findings have been asked for.
    """
    for event in events:
        try:
            yield from _entered(event, ledger)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield Finding(f"event {event.seq}", "does not say what such an event says")


def _entered(event: Event, ledger: Ledger) -> Iterator[Finding]:
    """Enter what one event says."""
    said = event.payload
    if event.kind == "season":
        ledger.builds[event.season] = said.get("build", "")
    build = ledger.builds.get(event.season, "")
    told = Told("", event.seq, build, said.get("practice", ""))
    if "key" in said:
        ledger.keys[build] = replace(told, digest=said["key"])
    yield from _files(ledger, said, told)
    if "receipt" in said:
        yield from _cells(ledger, said["receipt"], event, told)
    else:
        _enter_old(ledger, event)


def _files(ledger: Ledger, said: dict[str, Any], told: Told) -> Iterator[Finding]:
    for name, digest in said.get("files", {}).items():
        before = ledger.files.get(name)
        same = before is None or before.digest == digest or before.practice != told.practice
        ledger.files[name] = replace(told, digest=digest)
        if before is not None and not same:
            yield Finding(name, f"changed between event {before.seq} and event {told.seq}")
    for name, digest in said.get("references", {}).items():
        ledger.references[name] = replace(told, digest=digest)


def _cells(ledger: Ledger, receipt: dict[str, Any], event: Event, told: Told) -> Iterator[Finding]:
    for table, rows in receipt.items():
        for key, columns in rows.items():
            if columns is None:
                ledger.cells.pop((table, key), None)
                continue
            known = ledger.cells.setdefault((table, key), {})
            for column, digest in columns.items():
                before = known.get(column)
                known[column] = replace(told, digest=digest)
                free = table == "selection" or _CHANGES.get((table, column)) == event.kind
                if before is not None and before.digest != digest and not free:
                    message = f"{table}.{column} changed between event {before.seq} and event"
                    yield Finding(thing(table, key), f"{message} {told.seq}")


def _enter_old(ledger: Ledger, event: Event) -> None:
    """Enter what an event of an earlier version names."""
    named: dict[str, list[Any]] = {"entrant": [event.entrant]}
    if event.kind == "season":
        named |= {"season": [event.season], "build": [event.payload.get("build")]}
    elif event.kind == "submission":
        named["submission"] = [event.payload["submission"]]
    elif event.kind == "selection":
        who = (event.season, event.entrant)
        chosen = ledger.old.setdefault("selection", {})
        for gone in [each for each in chosen if each[:2] == who]:
            del chosen[gone]
        named["selection"] = [(*who, each) for each in event.payload["submissions"]]
    for table, keys in named.items():
        ledger.old.setdefault(table, {}).update(dict.fromkeys(keys, event.seq))
