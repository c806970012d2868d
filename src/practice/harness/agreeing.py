"""Whether what events say in words is what the rows say, and their receipts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from practice.harness.covering import Work
from practice.harness.ledger import Finding, thing
from practice.harness.receipts import cell_digest
from practice.store import Event
from practice.store.stored import Cell
from practice.store.texts import from_moment

__all__ = ["agreeing"]

_OF_ONE = ("submission", "withdrawal", "note", "replicates")  # events of one submission
_OF_SUBMISSION = ("submission", "score", "replicates", "out_of_fold")  # tables, its id first
# The cells that say when something happened, as the event itself does.
_TIMES = {
    "season": "opened_at",
    "reveal": "revealed_at",
    "submission": "submitted_at",
    "withdrawal": "withdrawn_at",
}

_Said = tuple[str, object, object]  # what, in the event, in the row


def agreeing(work: Work, events: Sequence[Event]) -> Iterator[Finding]:
    """Compare entrant, season, time, file, status and selection of events with the rows.

    Receipts alone do not tell: whoever makes the chain anew can make them anew, too.

    Parameters
    ----------
    work : Work
        Whose rows have been read, and fit their receipts.
    events : sequence of Event
    """
    for event in events:
        try:
            yield from _fitting(work, event)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            yield Finding(f"event {event.seq}", "does not say what such an event says")


def _fitting(work: Work, event: Event) -> Iterator[Finding]:
    said = event.payload
    row, where, told = None, "", [*_of_receipt(event)]
    if event.kind in _OF_ONE:
        where = thing("submission", key := json.dumps([said["submission"]]))
        row = work.rows["submission"][key]
        told += [*_of_submission(work, event, row)]
    elif event.kind in ("season", "reveal"):
        where = thing("season", key := json.dumps([event.season]))
        row = work.rows["season"][key]
        told += [("build", said.get("build", row["build"]), row["build"])]
    elif event.kind == "selection" and "receipt" in said:
        where = f"selection of {event.entrant!r}"
        told += [*_of_selection(work, event)]
    if row is not None and "receipt" in said and event.kind in _TIMES:
        told.append(("time", from_moment(event.at), row[_TIMES[event.kind]]))
    for what, by_event, by_row in told:
        if by_event != by_row:
            where = where or f"event {event.seq}"
            yield Finding(where, f"its {what} is not the one that event {event.seq} names")
            return


def _of_receipt(event: Event) -> Iterator[_Said]:
    """Compare the words of an event with its own receipt."""
    said, receipt = event.payload, event.payload.get("receipt", {})
    if event.kind in _OF_ONE:
        for table in _OF_SUBMISSION:
            for key in receipt.get(table, {}):
                yield "submission", said["submission"], json.loads(key)[0]
        if event.kind == "submission" and receipt:
            key = json.dumps([said["submission"]])
            digest = cell_digest("submission", key, "status", said["status"], None)
            yield "status", digest, receipt["submission"][key]["status"]
    elif event.kind in ("season", "reveal", "rescore"):
        for key in receipt.get("season", {}):
            yield "season", event.season, json.loads(key)[0]


def _of_submission(work: Work, event: Event, row: dict[str, Cell]) -> Iterator[_Said]:
    said = event.payload
    yield "entrant", event.entrant, work.rows["entrant"][json.dumps([row["entrant"]])]["name"]
    yield "season", event.season, row["season"]
    if event.kind == "submission":
        yield "file", said["blob"], row["blob"]
    beside = work.rows["out_of_fold"].get(json.dumps([said["submission"]]))
    if event.kind == "submission" and beside is not None:  # a rescore may have removed it
        yield "file of out-of-fold predictions", said["out_of_fold"], beside["blob"]


def _of_selection(work: Work, event: Event) -> Iterator[_Said]:
    receipt = event.payload["receipt"]["selection"]
    chosen = sorted(json.loads(key)[2] for key, cells in receipt.items() if cells is not None)
    yield "list of submissions", sorted(event.payload["submissions"]), chosen
    for key in receipt:
        season, entrant, _ = json.loads(key)
        yield "season", event.season, season
        name = work.rows["entrant"][json.dumps([entrant])]["name"]
        yield "entrant", event.entrant, name
