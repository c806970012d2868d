"""The chain of events: each holds the hash of the one before, so no row changes unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from practice.store.records import Event
from practice.store.texts import from_moment, to_json, to_moment, to_storable

__all__ = ["GENESIS", "link", "verify_chain"]

GENESIS = "0" * 64  # what the first event has as the hash of the one before


def _digest(
    previous: str,
    seq: int,
    at: datetime,
    kind: str,
    season: int | None,
    entrant: str | None,
    payload: dict[str, Any],
) -> str:
    said = to_json([seq, from_moment(at), kind, season, entrant, payload], canonical=True)
    return hashlib.sha256((previous + said).encode("ascii")).hexdigest()


def link(
    last: Event | None,
    kind: str,
    at: datetime,
    season: int | None,
    entrant: str | None,
    payload: dict[str, Any],
) -> Event:
    """Return the event that follows ``last``; its hash is over what will be read back.

    Parameters
    ----------
    last : Event or None
        None: the chain begins.
    kind : str
    at : datetime
        Aware.
    season : int or None
    entrant : str or None
    payload : dict
        What JSON can say.

    Returns
    -------
    Event

    Examples
    --------
    >>> from datetime import UTC
    >>> first = link(None, "reveal", datetime(2026, 1, 1, tzinfo=UTC), 1, None, {})
    >>> first.seq, first.previous == GENESIS, len(first.hash)
    (1, True, 64)
    """
    seq, previous = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    at = to_moment(from_moment(at))
    kind = to_storable(kind)
    entrant = None if entrant is None else to_storable(entrant)
    payload = json.loads(to_json(payload, canonical=True))
    digest = _digest(previous, seq, at, kind, season, entrant, payload)
    return Event(seq, at, kind, season, entrant, payload, previous, digest)


def verify_chain(events: Sequence[Event]) -> int | None:
    """Check all events of a store, in order.

    Parameters
    ----------
    events : sequence of Event
        All of them; those of one season alone are no chain.

    Returns
    -------
    int or None
        The ``seq`` that the first changed, missing or moved event should have; None: all is well.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from datetime import UTC
    >>> first = link(None, "season", datetime(2026, 1, 1, tzinfo=UTC), 1, None, {"build": "b"})
    >>> second = link(first, "reveal", datetime(2026, 1, 2, tzinfo=UTC), 1, None, {})
    >>> verify_chain([first, second]) is None
    True
    >>> verify_chain([replace(first, payload={"build": "c"}), second]), verify_chain([second])
    (1, 1)
    """
    previous = GENESIS
    for seq, event in enumerate(events, start=1):
        digest = _digest(
            previous, seq, event.at, event.kind, event.season, event.entrant, event.payload
        )
        if (event.seq, event.previous, event.hash) != (seq, previous, digest):
            return seq
        previous = event.hash
    return None
