"""A chain that was made anew must say the same as the rows; a database must be there at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from practice import harness
from practice.errors import NotFoundError, StoreError
from practice.harness.receipts import cell_digest
from practice.harness.verifying import verify
from practice.settings import Settings, from_environment
from practice.store import Event, open_store
from practice.store.chain import link
from practice.store.texts import from_moment, to_json

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]

LATE = "2031-01-01T00:00:00.000000+00:00"


@pytest.fixture
def played(toy: Toy, predict: Predict, tmp_path: Path) -> Settings:
    """Play a season of ann (submissions 1 and 2) and bob (3) to its end."""
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    for name, wrong in (("ann", 1), ("ann", 2), ("bob", 3)):
        harness.submit(settings, "toy", predict(settings, wrong), entrant=name)
    harness.select(settings, (1,), entrant="ann")
    harness.note(settings, 3, "hm", entrant="bob")
    harness.withdraw(settings, 2, entrant="ann")
    harness.reveal(settings, "toy")
    assert verify(settings).found is None
    return settings


def rewrite(settings: Settings, change: Callable[[Event], Event]) -> None:
    """Change events and make the chain anew, as whoever owns the machine can."""
    with open_store(settings) as store:
        events = [change(event) for event in store.events()]
    last = None
    with closing(sqlite3.connect(settings.home / "practice.db")) as connection:
        for event in events:
            last = link(last, event.kind, event.at, event.season, event.entrant, event.payload)
            said = to_json(event.payload, canonical=True)
            row = {**vars(last), "at": from_moment(last.at), "payload": said}
            columns = ", ".join(f"{name} = :{name}" for name in row)
            connection.execute(f"UPDATE event SET {columns} WHERE seq = :seq", row)
        connection.commit()


def change_cell(settings: Settings, table: str, id: int, column: str, value: object) -> None:
    """Change a cell, its digest in every receipt, and make the chain anew."""
    with closing(sqlite3.connect(settings.home / "practice.db")) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, id))
        connection.commit()
    key = f"[{id}]"

    def change(event: Event) -> Event:
        cells = event.payload.get("receipt", {}).get(table, {}).get(key) or {}
        if column in cells:
            cells[column] = cell_digest(table, key, column, value, None)
        return event

    rewrite(settings, change)


def found(settings: Settings) -> tuple[str, str]:
    finding = verify(settings).found
    assert finding is not None, "not found"
    return finding.where, finding.message


def test_a_chain_made_anew_without_a_change_fits(played: Settings) -> None:
    rewrite(played, lambda event: event)
    assert verify(played).found is None


def test_another_entrant_of_a_submission_is_found(played: Settings) -> None:
    change_cell(played, "submission", 1, "entrant", 2)
    assert found(played) == ("submission 1", "its entrant is not the one that event 3 names")


def test_another_name_of_an_entrant_is_found(played: Settings) -> None:
    change_cell(played, "entrant", 2, "name", "eve")
    assert found(played) == ("submission 3", "its entrant is not the one that event 5 names")


@pytest.mark.parametrize(
    ("table", "id", "column", "event"),
    [
        ("submission", 1, "submitted_at", 3),
        ("submission", 2, "withdrawn_at", 8),
        ("season", 1, "opened_at", 1),
        ("season", 1, "revealed_at", 9),
    ],
)
def test_another_time_is_found(
    played: Settings, table: str, id: int, column: str, event: int
) -> None:
    change_cell(played, table, id, column, LATE)
    where = f"{table} {id}"
    assert found(played) == (where, f"its time is not the one that event {event} names")


def test_another_file_is_found(played: Settings) -> None:
    with open_store(played) as store:
        blob = store.stored("submission", id=1)[0]["blob"]
    change_cell(played, "submission", 3, "blob", blob)
    assert found(played) == ("submission 3", "its file is not the one that event 5 names")


def test_another_status_is_found(played: Settings) -> None:
    change_cell(played, "submission", 3, "status", "refused")
    assert found(played) == ("submission 3", "its status is not the one that event 5 names")


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("season", {"build": "toy-0"}, "season 1: its build is not the one that event 1 names"),
        ("submission", {"submission": 1}, "event 4: does not say what such an event says"),
        ("submission", {"submission": 99}, "event 3: does not say what such an event says"),
        ("submission", {"submission": []}, "event 3: does not say what such an event says"),
        ("submission", {"receipt": []}, "event 3: does not say what such an event says"),
        ("note", {"submission": 1}, "submission 1: its submission is not the one that event 7"),
        ("selection", {"submissions": [2]}, "selection of 'ann': its list of submissions is not"),
        ("selection", {"submissions": 7}, "event 6: does not say what such an event says"),
    ],
)
def test_an_event_that_says_something_else_is_found(
    played: Settings, kind: str, said: dict[str, Any], expected: str
) -> None:
    def change(event: Event) -> Event:
        return replace(event, payload=event.payload | said) if event.kind == kind else event

    rewrite(played, change)
    assert ": ".join(found(played)).startswith(expected)


@pytest.mark.parametrize(
    ("kind", "where"),
    [("submission", "submission 1"), ("note", "submission 3"), ("selection", "selection of 'cy'")],
)
def test_an_event_of_another_entrant_is_found(played: Settings, kind: str, where: str) -> None:
    rewrite(played, lambda each: replace(each, entrant="cy") if each.kind == kind else each)
    assert found(played)[0] == where
    assert found(played)[1].startswith("its entrant is not the one that event ")


# Databases that are gone, or are not what they say


@pytest.mark.parametrize("state", ["gone", "empty"])
def test_a_lost_database_is_found_and_not_made(played: Settings, state: str) -> None:
    file = played.home / "practice.db"
    for path in played.home.glob("practice.db*"):
        path.unlink()
    if state == "empty":
        file.touch()
    expected = ("practice.db", f"{state}, and submissions that it named are still there")
    assert found(played) == expected
    for path in played.blobs.iterdir():
        path.unlink()
    assert found(played) == ("practice.db", expected[1].replace("submissions", "builds"))
    assert [path.stat().st_size for path in played.home.glob("practice.db*")] == (
        [0] if state == "empty" else []
    )


def test_a_new_home_fits_and_stays_empty(tmp_path: Path) -> None:
    settings = from_environment({"PRACTICE_HOME": str(tmp_path / "home")})
    done = verify(settings)
    assert (done.found, done.submissions, done.events, done.head) == (None, 0, 0, "")
    lost = verify(settings, head="0" * 16).found
    assert lost is not None
    assert lost.message == "it does not hold the head 0000000000000000"
    with pytest.raises(NotFoundError, match="'toy' is not started here"):
        verify(settings, "toy")
    assert not settings.home.exists()


@pytest.mark.parametrize("version", [1, 0])
def test_a_schema_that_the_database_does_not_have_is_found(played: Settings, version: int) -> None:
    with closing(sqlite3.connect(played.home / "practice.db")) as connection:
        connection.execute("UPDATE meta SET schema_version = ?", (version,))
        connection.commit()
    expected = f"says that its schema is {version}, but holds the table"
    with pytest.raises(StoreError, match=expected):
        verify(played)
    with pytest.raises(StoreError, match=expected):
        harness.leaderboard(played, "toy")
    assert not list(played.home.glob("*.bak"))
