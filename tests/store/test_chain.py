"""The chain of events, over whatever JSON can say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from practice.store import Event, verify_chain
from practice.store.chain import GENESIS, link

AT = datetime(2026, 1, 1, tzinfo=UTC)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(st.text() | st.integers().map(str), values, max_size=4)


def chain(payloads: list[dict[str, Any]]) -> list[Event]:
    events: list[Event] = []
    for number, payload in enumerate(payloads):
        last = events[-1] if events else None
        at = AT + timedelta(seconds=number)
        events.append(link(last, "test", at, number % 2 or None, "ann", payload))
    return events


@settings(deadline=None)
@given(st.lists(payloads, max_size=4))
def test_what_is_read_back_verifies(given_: list[dict[str, Any]]) -> None:
    events = chain(given_)
    stored = [replace(e, payload=json.loads(json.dumps(e.payload))) for e in events]
    assert verify_chain(stored) is None


@settings(deadline=None)
@given(payloads, payloads)
def test_another_payload_is_found(first: dict[str, Any], second: dict[str, Any]) -> None:
    events = chain([{}, first, {}])
    changed = replace(events[1], payload=second)
    same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert verify_chain([events[0], changed, events[2]]) == (None if same else 2)


def test_an_empty_chain_is_whole() -> None:
    assert verify_chain([]) is None


def test_moved_missing_and_repeated_events_are_found() -> None:
    one, two, three = chain([{"n": 1}, {"n": 2}, {"n": 3}])
    assert verify_chain([one, two, three]) is None
    assert verify_chain([one, three]) == 2
    assert verify_chain([two, one, three]) == 1
    assert verify_chain([one, two, two, three]) == 3
    assert verify_chain([replace(one, previous="f" * 64), two, three]) == 1


def test_an_event_made_anew_with_a_right_hash_breaks_the_next() -> None:
    one, two, three = chain([{"n": 1}, {"n": 2}, {"n": 3}])
    forged = link(one, "test", two.at, two.season, two.entrant, {"n": 20})
    assert verify_chain([one, forged, three]) == 3


def test_the_hash_is_what_the_documentation_says() -> None:
    from hashlib import sha256

    event = link(None, "reveal", AT, 3, "ånn", {"b": [1.0, True], "a": None})
    said = '[1,"2026-01-01T00:00:00.000000+00:00","reveal",3,"\\u00e5nn",{"a":null,"b":[1.0,true]}]'
    assert event.hash == sha256((GENESIS + said).encode("ascii")).hexdigest()
