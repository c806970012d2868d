"""What every store promises, asked of a real SQLite and a real PostgreSQL."""

from __future__ import annotations

import math
import os
import random
import struct
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from practice.errors import NotFoundError, RefusedError, StoreError
from practice.settings import Settings
from practice.store import (
    Attempt,
    NewAttempt,
    NewScore,
    OutOfFold,
    Replicates,
    Season,
    Store,
    Transaction,
    open_store,
    verify_chain,
)

AT = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
BLOB = "ab" * 32


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Return settings that lead to an empty home, with either database."""
    if request.param == "postgresql":
        return replace(settings, database_url=request.getfixturevalue("postgres_url"))
    return settings


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    with open_store(place) as store:
        yield store


def open_season(tx: Transaction, slug: str = "toy") -> Season:
    tx.add_build(f"{slug}-1", slug, "hash", {"rows": 10})
    return tx.open_season(
        slug=slug,
        build=f"{slug}-1",
        title="Toy",
        metric={"name": "rmse", "file": None, "parameters": {}},
        greater_is_better=False,
        rules={"rules": {"daily_limit": 5}},
        at=AT,
        deadline=None,
    )


def new(season: Season, entrant: str = "ann", **fields: Any) -> NewAttempt:
    return NewAttempt(
        **{
            "season": season.id,
            "entrant": entrant,
            "blob": BLOB,
            "file": "predictions.csv",
            "status": "scored",
            "submitted_at": AT,
            "scores": (
                NewScore("public", "rmse", 0.25, 1),
                NewScore("private", "rmse", 0.75, 1),
            ),
            "released": 0.25,
            **fields,
        }
    )


@pytest.fixture
def season(store: Store) -> Season:
    """Return a running season with the entrants ann, bob and baseline:dummy."""
    with store.write() as tx:
        season = open_season(tx)
        tx.entrant("ann", "person")
        tx.entrant("bob", "person")
        tx.entrant("baseline:dummy", "reference")
    return season


def submit(store: Store, season: Season, entrant: str = "ann", **fields: Any) -> Attempt:
    with store.write() as tx:
        return tx.add_attempt(new(season, entrant, **fields))


# What is asked of an empty store


def test_an_empty_store_answers_every_question(store: Store) -> None:
    assert store.seasons() == ()
    assert store.season("toy") is None
    assert store.attempts(1) == ()
    assert store.attempt(1) is None
    assert store.selections(1) == {}
    assert store.entrants() == ()
    assert store.events() == ()


# Seasons and entrants


def test_a_season_comes_back_as_it_was_opened(store: Store) -> None:
    deadline = datetime(2026, 2, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    metric = {"name": "f1", "parameters": {"average": "macro", "beta": 0.1}, "secondary": []}
    rules = {"rules": {"feedback": "rounded:2"}, "submission": {"columns": ["y", "ÿ"]}}
    with store.write() as tx:
        tx.add_build("b1", "toy", "d1", {})
        opened = tx.open_season("toy", "b1", "A “toy”", metric, True, rules, AT, deadline)
        assert tx.season("toy") == opened
    expected = Season(
        id=opened.id,
        slug="toy",
        build="b1",
        number=1,
        metric=metric,
        greater_is_better=True,
        rules=rules,
        title="A “toy”",
        opened_at=AT,
        deadline=datetime(2026, 2, 1, tzinfo=UTC),
        revealed_at=None,
    )
    assert opened == expected
    assert store.season("toy") == expected
    assert store.season("toy").greater_is_better is True  # type: ignore[union-attr]


def test_seasons_count_up_for_each_competition(store: Store) -> None:
    with store.write() as tx:
        opened = [open_season(tx, slug) for slug in ("toy", "tea", "toy", "toy")]
    assert [(s.slug, s.number) for s in opened] == [("toy", 1), ("tea", 1), ("toy", 2), ("toy", 3)]
    assert store.seasons() == tuple(opened)
    assert store.seasons("toy") == (opened[0], opened[2], opened[3])
    assert store.season("toy") == opened[3]
    assert store.seasons("ten") == ()


def test_a_build_is_written_once(store: Store) -> None:
    with store.write() as tx:
        tx.add_build("b1", "toy", "d1", {"rows": 1})
    with store.write() as tx:
        tx.add_build("b1", "toy", "d1", {"rows": 1})
        tx.add_build("b2", "toy", "d2", {"rows": 2})
        for build in ("b1", "b2"):
            tx.open_season("toy", build, "Toy", {}, False, {}, AT, None)
    assert [season.build for season in store.seasons()] == ["b1", "b2"]


def test_a_season_of_an_unknown_build_is_not_opened(store: Store) -> None:
    def write() -> None:
        with store.write() as tx:
            tx.add_build("b1", "toy", "d1", {})
            tx.open_season("toy", "b2", "Toy", {}, False, {}, AT, None)

    with pytest.raises(StoreError) as refused:
        write()
    assert "foreign key" in refused.value.message.lower()
    assert store.seasons() == ()


def test_an_entrant_is_made_once(store: Store) -> None:
    with store.write() as tx:
        ann = tx.entrant("ann", "person")
        assert tx.entrant("ann", "person") == ann
        dummy = tx.entrant("baseline:dummy", "reference")
    assert store.entrants() == (ann, dummy)
    assert (ann.name, ann.kind, dummy.kind) == ("ann", "person", "reference")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("baseline:dummy", "person"),
        ("ann", "reference"),
        ("tuned:anything", "person"),  # a colon is for references, whether or not they exist
    ],
)
def test_a_reserved_name_is_refused(store: Store, season: Season, name: str, kind: Any) -> None:
    with pytest.raises(RefusedError, match="is reserved") as refused, store.write() as tx:
        tx.entrant(name, kind)
    assert refused.value.message == f"the name {name!r} is reserved"


# Submissions and scores


def test_an_attempt_comes_back_as_it_was_written(store: Store, season: Season) -> None:
    given = new(
        season,
        submitted_at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5))),
        message="first try\nwith “quotes”, 🎉 and '; DROP TABLE score; --",
        params={"lr": 0.1, "deep": {"list": [1, None, True], "tiny": 5e-324}, "ÿ": "ÿ"},
        tags=("b", "a"),
        git_commit="c0ffee",
        git_dirty=False,
        seconds=0.1 + 0.2,
        released=1 / 3,
        scores=(
            NewScore("public", "rmse", 2.2250738585072014e-308, 3),
            NewScore("private", "rmse", 1.7976931348623157e308, 3),
        ),
        secondary={"mae": -0.1, "r2": None},
    )
    with store.write() as tx:
        stored = tx.add_attempt(given)
        assert tx.attempts(season.id) == (stored,)
    assert stored == Attempt(
        id=stored.id,
        season=season.id,
        entrant="ann",
        kind="person",
        blob=BLOB,
        file="predictions.csv",
        status="scored",
        error=None,
        problems=(),
        message="first try\nwith “quotes”, 🎉 and '; DROP TABLE score; --",
        params={"lr": 0.1, "deep": {"list": [1, None, True], "tiny": 5e-324}, "ÿ": "ÿ"},
        tags=("b", "a"),
        git_commit="c0ffee",
        git_dirty=False,
        submitted_at=datetime(2026, 1, 2, 8, 4, 5, 6, tzinfo=UTC),
        seconds=0.1 + 0.2,
        late=False,
        withdrawn_at=None,
        note="",
        released=1 / 3,
        public=2.2250738585072014e-308,
        private=1.7976931348623157e308,
        secondary={"mae": -0.1, "r2": None},
    )
    assert (type(stored.git_dirty), type(stored.late), type(stored.id)) == (bool, bool, int)
    assert stored.submitted_at.utcoffset() == timedelta(0)
    assert store.attempts(season.id) == (stored,)
    assert store.attempt(stored.id) == (season, stored)


def test_texts_that_no_database_takes_are_written_readably(store: Store, season: Season) -> None:
    stored = submit(store, season, file="caf\udce9\0.csv", message="a\0b", tags=("\0", "\ud800"))
    assert (stored.file, stored.message) == ("caf\\udce9\\x00.csv", "a\\x00b")
    assert stored.tags == ("\0", "\ud800")  # JSON has words for them
    assert store.attempts(season.id) == (stored,)


def test_values_of_numpy_are_written_as_numbers(store: Store, season: Season) -> None:
    np = pytest.importorskip("numpy")
    params = {"n": np.int64(3), "x": np.float32(0.5), "v": np.arange(2), "p": Path("a")}
    assert submit(store, season, params=params).params == {"n": 3, "x": 0.5, "v": [0, 1], "p": "a"}


def test_refused_and_failed_attempts_are_kept_without_scores(store: Store, season: Season) -> None:
    problems = ({"row": 3, "column": "y", "value": "x", "message": "not a number", "hint": ""},)
    bare: dict[str, Any] = {"scores": (), "released": None}
    refused = submit(store, season, status="refused", error="no", problems=problems, **bare)
    failed = submit(store, season, status="failed", error="one class", **bare)
    assert store.attempts(season.id) == (refused, failed)
    assert (refused.status, refused.error, refused.problems) == ("refused", "no", problems)
    assert (failed.status, failed.error, failed.problems) == ("failed", "one class", ())
    assert (refused.public, refused.private, refused.released, refused.secondary) == (
        None,
        None,
        None,
        {},
    )


def test_attempts_come_by_id_and_can_be_asked_for_by_entrant(store: Store) -> None:
    with store.write() as tx:
        toy, tea = open_season(tx, "toy"), open_season(tx, "tea")
        for name in ("ann", "bob"):
            tx.entrant(name, "person")
        made = [
            tx.add_attempt(new(season, name))
            for season, name in ((toy, "bob"), (toy, "ann"), (tea, "ann"), (toy, "bob"))
        ]
    assert [each.id for each in made] == sorted({each.id for each in made})
    assert store.attempts(toy.id) == (made[0], made[1], made[3])
    assert store.attempts(toy.id, "bob") == (made[0], made[3])
    assert store.attempts(tea.id, "bob") == ()
    assert store.attempts(toy.id, "nobody") == ()
    assert store.attempt(made[2].id) == (tea, made[2])


@pytest.mark.parametrize("id", [0, -1, 999_999, 2**63 - 1, 2**63, 10**30])
def test_an_id_that_is_none_is_not_found(store: Store, season: Season, id: int) -> None:
    assert store.attempt(id) is None
    with pytest.raises(NotFoundError, match=f"there is no submission {id}"), store.write() as tx:
        tx.withdraw(id, AT)
    with pytest.raises(NotFoundError, match=f"there is no submission {id}"), store.write() as tx:
        tx.note(id, "note")


def test_an_attempt_of_a_stranger_is_not_written(store: Store, season: Season) -> None:
    with pytest.raises(NotFoundError, match="nobody of the name 'eve'"):
        submit(store, season, "eve")
    assert store.attempts(season.id) == ()


def test_rescoring_adds_rows_and_the_newest_version_counts(store: Store, season: Season) -> None:
    first = submit(store, season, secondary={"mae": 1.0})
    with store.write() as tx:
        scores = [
            NewScore("private", "rmse", 0.5, 3),
            NewScore("public", "rmse", 0.125, 3),
            NewScore("secondary", "mae", 2.0, 3),
        ]
        tx.add_scores(first.id, scores, AT + timedelta(days=1))
        tx.add_scores(first.id, [NewScore("public", "rmse", 9.0, 2)], AT + timedelta(days=2))
    (now,) = store.attempts(season.id)
    assert now == replace(first, public=0.125, private=0.5, secondary={"mae": 2.0})
    assert now.released == 0.25


def resampled(plan: str = "plan", *values: float) -> Replicates:
    return Replicates(plan, struct.pack(f"<{len(values)}d", *values))


def test_replicates_come_back_bit_by_bit(store: Store, season: Season) -> None:
    given = resampled("a", 0.1, math.nan, -0.0, 5e-324, math.inf)
    scores = (
        NewScore("public", "rmse", 0.25, 1, given),
        NewScore("private", "rmse", 0.75, 1, Replicates("b", b"")),
    )
    first = submit(store, season, scores=scores)
    other = submit(store, season, "bob")
    assert store.replicates(season.id, "public") == {first.id: given}
    with store.write() as tx:
        tx.reveal(season.id, AT)
    assert store.replicates(season.id, "private") == {first.id: Replicates("b", b"")}
    assert store.replicates(season.id, "public", first.id) == {first.id: given}
    assert store.replicates(season.id, "public", other.id) == {}
    assert store.replicates(season.id + 1, "public") == {}


def test_replicates_are_those_of_the_newest_score(store: Store, season: Season) -> None:
    old, new_ = resampled("a", 0.5), resampled("a", 0.25)
    first = submit(store, season, scores=(NewScore("public", "rmse", 0.25, 1, old),))
    with store.write() as tx:
        tx.add_scores(first.id, [NewScore("public", "rmse", 0.125, 2)], AT)
    assert store.replicates(season.id, "public") == {}
    with store.write() as tx:
        tx.add_replicates(first.id, "public", new_)
        tx.add_replicates(first.id, "public", old)  # it has some: they stay
    assert store.replicates(season.id, "public") == {first.id: new_}


def test_replicates_of_no_score_are_not_written(store: Store, season: Season) -> None:
    first = submit(store, season, status="refused", scores=(), released=None)
    with pytest.raises(NotFoundError, match="has no private score"), store.write() as tx:
        tx.add_replicates(first.id, "private", resampled("a", 0.5))
    assert store.plans(season.id, "private") == {}


def test_private_replicates_are_not_given_out_before_the_reveal(
    store: Store, season: Season
) -> None:
    score = NewScore("private", "rmse", 0.75, 1, resampled("b", 0.5))
    first = submit(store, season, scores=(score,))
    assert store.plans(season.id, "private") == {first.id: "b"}
    assert store.plans(season.id, "public") == {}
    with pytest.raises(RefusedError, match="'toy' is not revealed") as refused:
        store.replicates(season.id, "private")
    assert refused.value.hint == "practice reveal toy"
    with pytest.raises(RefusedError), store.write() as tx:
        tx.replicates(season.id, "private")
    with store.write() as tx:
        tx.reveal(season.id, AT)
    assert store.replicates(season.id, "private") == {first.id: resampled("b", 0.5)}


def test_replicates_do_not_show_in_a_log(store: Store, season: Season) -> None:
    given = NewScore("private", "rmse", 0.75, 1, resampled("a", 0.1234567))
    assert struct.pack("<d", 0.1234567) == given.replicates.data  # type: ignore[union-attr]
    assert "data" not in repr(given)


def test_out_of_fold_predictions_come_back(store: Store, season: Season) -> None:
    given = OutOfFold("cd" * 32, 0.1, (0.1, -0.0, 1e300), 7)
    first = submit(store, season, out_of_fold=given)
    submit(store, season)
    assert store.out_of_fold(season.id) == {first.id: given}
    assert store.out_of_fold(season.id + 1) == {}


def test_a_score_that_is_stored_cannot_be_written_again(store: Store, season: Season) -> None:
    first = submit(store, season)
    with pytest.raises(StoreError) as refused, store.write() as tx:
        tx.add_scores(first.id, [NewScore("public", "rmse", 0.123456789, 1)], AT)
    assert "0.123456789" not in refused.value.message
    assert store.attempts(season.id) == (first,)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_never_written(season: Season, value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        NewScore("public", "rmse", value, 1)
    with pytest.raises(ValueError, match="not finite"):
        new(season, released=value)


def test_a_score_of_no_known_rows_is_never_written() -> None:
    with pytest.raises(ValueError, match="not 'train'"):
        NewScore("train", "rmse", 0.5, 1)


def test_scores_do_not_show_in_a_log(store: Store, season: Season) -> None:
    given = new(season, released=None, secondary={"mae": 0.625})
    stored = submit(store, season, released=None, secondary={"mae": 0.625})
    for shown in (repr(given), repr(stored)):
        assert not any(score in shown for score in ("0.25", "0.75", "0.625"))


def test_a_refused_row_does_not_show_its_scores(store: Store, season: Season) -> None:
    with pytest.raises(StoreError) as refused, store.write() as tx:
        tx.add_scores(10**6, [NewScore("private", "rmse", 0.987654321, 1)], AT)
    error: BaseException | None = refused.value
    assert "foreign key" in refused.value.message.lower()
    assert "0.987654321" not in f"{error} {refused.value.hint}"
    assert refused.value.__suppress_context__


def test_withdrawing_and_noting(store: Store, season: Season) -> None:
    first, second = submit(store, season), submit(store, season)
    with store.write() as tx:
        tx.withdraw(first.id, AT)
        tx.note(first.id, "overfit")
        tx.note(second.id, "old")
    with store.write() as tx:
        tx.withdraw(first.id, AT + timedelta(days=1))
        tx.note(second.id, "new")
    assert store.attempts(season.id) == (
        replace(first, withdrawn_at=AT, note="overfit"),
        replace(second, note="new"),
    )


def test_a_reveal_keeps_its_time(store: Store) -> None:
    with store.write() as tx:
        toy, tea = open_season(tx, "toy"), open_season(tx, "tea")
        tx.reveal(toy.id, AT)
    with store.write() as tx:
        tx.reveal(toy.id, AT + timedelta(days=1))
    assert store.seasons() == (replace(toy, revealed_at=AT), tea)


def test_the_limit_counts_scored_attempts_that_are_not_late(store: Store, season: Season) -> None:
    moment = timedelta(microseconds=1)
    bare: dict[str, Any] = {"scores": (), "released": None}
    submit(store, season, submitted_at=AT - moment)
    submit(store, season)
    withdrawn = submit(store, season, submitted_at=AT + moment)
    submit(store, season, late=True)
    submit(store, season, status="refused", **bare)
    submit(store, season, status="failed", **bare)
    submit(store, season, "bob")
    with store.write() as tx:
        other = open_season(tx, "tea")
        tx.add_attempt(new(other))
        tx.withdraw(withdrawn.id, AT)
        assert tx.attempts_since(season.id, "ann", AT) == 2
        assert tx.attempts_since(season.id, "ann", AT - moment) == 3
        assert tx.attempts_since(season.id, "ann", AT + moment) == 1
        assert tx.attempts_since(season.id, "ann", AT + 2 * moment) == 0
        zone = timezone(timedelta(hours=9))
        assert tx.attempts_since(season.id, "ann", AT.astimezone(zone)) == 2
        assert tx.attempts_since(season.id, "bob", AT) == 1
        assert tx.attempts_since(season.id, "eve", AT) == 0


# Selections


def test_a_choice_replaces_the_one_before(store: Store, season: Season) -> None:
    ids = [submit(store, season).id for _ in range(3)]
    bobs = submit(store, season, "bob").id
    with store.write() as tx:
        tx.select(season.id, "ann", (ids[2], ids[0]), AT)
        tx.select(season.id, "bob", (bobs,), AT)
        assert tx.selections(season.id) == {"ann": (ids[0], ids[2]), "bob": (bobs,)}
    with store.write() as tx:
        tx.select(season.id, "ann", (ids[1], ids[1]), AT)
    assert store.selections(season.id) == {"ann": (ids[1],), "bob": (bobs,)}
    with store.write() as tx:
        tx.select(season.id, "ann", (), AT)
    assert store.selections(season.id) == {"bob": (bobs,)}


def test_only_ones_own_submissions_of_the_season_can_be_chosen(
    store: Store, season: Season
) -> None:
    own = submit(store, season).id
    bobs = submit(store, season, "bob").id
    with store.write() as tx:
        old = tx.add_attempt(new(open_season(tx, "tea"))).id
        tx.select(season.id, "ann", (own,), AT)
    for id in (bobs, old, 10**9, 0):
        with pytest.raises(NotFoundError), store.write() as tx:
            tx.select(season.id, "ann", (own, id), AT)
    with pytest.raises(NotFoundError), store.write() as tx:
        tx.select(season.id, "eve", (), AT)
    assert store.selections(season.id) == {"ann": (own,)}


# Events


PAYLOADS: list[dict[str, Any]] = [
    {},
    {"b": 1, "a": [0.1, None, True, {"z": "ÿ\0\ud800", "y": []}]},
    {"1": 1, "10": 2, "9": 3},
    {"numbers": [0.1 + 0.2, 5e-324, -0.0, 10**30]},
]


def test_events_come_back_as_a_chain(store: Store, season: Season) -> None:
    with store.write() as tx:
        made = [tx.append("test", AT, season.id, "ann", payload) for payload in PAYLOADS]
        assert tx.events() == tuple(made)
    with store.write() as tx:
        made.append(tx.append("test", AT.astimezone(timezone(timedelta(hours=3))), None, None, {}))
    assert store.events() == tuple(made)
    assert [event.seq for event in made] == [1, 2, 3, 4, 5]
    assert [event.payload for event in made[:-1]] == PAYLOADS
    assert made[-1].at.utcoffset() == timedelta(0)
    assert verify_chain(store.events()) is None
    assert store.events(season.id) == tuple(made[:-1])
    assert store.events(season.id + 1) == ()


def test_events_of_some_kinds(store: Store, season: Season) -> None:
    with store.write() as tx:
        made = [tx.append(kind, AT, season.id, None, {}) for kind in ("season", "note", "files")]
    assert store.events(kinds=["season", "files"]) == (made[0], made[2])
    assert store.events(season.id + 1, ["season"]) == ()


def test_rows_as_they_are_stored(store: Store, season: Season) -> None:
    replicates = Replicates("p1", b"\x00\xff" * 8)
    score = NewScore("private", "rmse", 0.1, 1, replicates)
    made = submit(store, season, late=True, params={"b": 1, "a": "ÿ"}, scores=(score,))
    (row,) = store.stored("submission", id=made.id)
    assert list(row)[:3] == ["id", "season", "entrant"]
    assert (row["late"], row["git_dirty"], row["released"]) == (1, None, 0.25)
    assert type(row["late"]) is int
    assert row["params"] == '{"b":1,"a":"\\u00ff"}'
    assert row["submitted_at"] == "2026-01-01T12:30:15.123456+00:00"
    assert store.stored("submission", id=made.id + 1) == ()
    assert store.stored("replicates")[0]["data"] == replicates.data
    names = [each["name"] for each in store.stored("entrant", kind="person")]
    assert names == ["ann", "bob"]


def test_a_changed_event_is_found(store: Store, season: Season, place: Settings) -> None:
    with store.write() as tx:
        for number in range(1, 6):
            tx.append("submission", AT, season.id, "ann", {"submission": number})
    statements = {
        "UPDATE event SET payload = '{\"submission\":7}' WHERE seq = 3": 3,
        "UPDATE event SET entrant = 'bob' WHERE seq = 2": 2,
        "UPDATE event SET at = '2026-01-01T00:00:00.000000+00:00' WHERE seq = 5": 5,
        "UPDATE event SET season = NULL WHERE seq = 4": 4,
        "UPDATE event SET kind = 'reveal' WHERE seq = 1": 1,
        "UPDATE event SET hash = previous WHERE seq = 2": 2,
        "DELETE FROM event WHERE seq = 3": 3,
        "DELETE FROM event WHERE seq = 1": 1,
    }
    for statement, found in statements.items():
        with changed(place, statement):
            assert verify_chain(store.events()) == found, statement
    assert verify_chain(store.events()) is None


@contextmanager
def changed(place: Settings, statement: str) -> Iterator[None]:
    """Change a row behind the store's back, and put all rows back as they were."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(place.database_url)
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM event").mappings().all()
        assert connection.exec_driver_sql(statement).rowcount == 1
    yield
    columns = (sqlalchemy.column(name) for name in rows[0])
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM event")
        connection.execute(sqlalchemy.insert(sqlalchemy.table("event", *columns)), rows)
    engine.dispose()


def test_an_event_that_cannot_be_told_exactly_is_not_written(store: Store, season: Season) -> None:
    with pytest.raises(ValueError, match="JSON"), store.write() as tx:
        tx.append("test", AT, season.id, None, {"score": math.nan})
    assert store.events() == ()


@pytest.mark.parametrize(
    "write",
    [
        lambda tx, season, at: tx.append("test", at, season.id, None, {}),
        lambda tx, season, at: tx.reveal(season.id, at),
        lambda tx, season, at: tx.add_attempt(new(season, submitted_at=at)),
        lambda tx, season, at: tx.attempts_since(season.id, "ann", at),
    ],
)
def test_a_time_without_a_zone_is_not_written(
    store: Store, season: Season, write: Callable[[Transaction, Season, datetime], object]
) -> None:
    with pytest.raises(ValueError, match="without a time zone"), store.write() as tx:
        write(tx, season, datetime(2026, 1, 1))
    assert store.events() == ()
    assert store.attempts(season.id) == ()


# Transactions


@pytest.mark.parametrize("kind", [RuntimeError, RefusedError, KeyboardInterrupt, SystemExit])
def test_an_exception_undoes_everything(
    store: Store, season: Season, kind: type[BaseException]
) -> None:
    def write_and_fail() -> None:
        with store.write() as tx:
            tx.entrant("eve", "person")
            tx.add_attempt(new(season, "eve"))
            tx.reveal(season.id, AT)
            tx.append("reveal", AT, season.id, None, {})
            raise kind("stop")

    with pytest.raises(kind):
        write_and_fail()
    assert store.attempts(season.id) == ()
    assert store.events() == ()
    assert len(store.entrants()) == 3
    assert store.season("toy") == season
    submit(store, season)  # the lock is free


def test_what_is_not_committed_is_seen_by_nobody_else(
    store: Store, season: Season, place: Settings
) -> None:
    with open_store(place) as other:
        with store.write() as tx:
            made = tx.add_attempt(new(season))
            assert tx.attempts(season.id) == (made,)
            assert store.attempts(season.id) == ()
            assert other.attempts(season.id) == ()  # readers do not wait
        assert other.attempts(season.id) == (made,)


def test_what_was_written_is_there_when_opened_again(place: Settings) -> None:
    with open_store(place) as store, store.write() as tx:
        season = open_season(tx)
        tx.entrant("ann", "person")
        attempt = tx.add_attempt(new(season))
        event = tx.append("submission", AT, season.id, "ann", {"submission": attempt.id})
    with open_store(place) as store:
        assert store.seasons() == (season,)
        assert store.attempts(season.id) == (attempt,)
        assert store.events() == (event,)


def test_a_writer_that_waits_too_long_is_told_so(
    store: Store, season: Season, place: Settings
) -> None:
    with open_store(place, timeout=0.2) as impatient:
        with store.write() as tx:
            with pytest.raises(StoreError) as refused, impatient.write():
                pytest.fail("two writers at once")
            made = tx.add_attempt(new(season))
        assert "has been locked by another program for too long" in refused.value.message
        assert "try again" in refused.value.hint
        assert impatient.attempts(season.id) == (made,)
        assert submit(impatient, season).id == made.id + 1


def test_many_threads_share_a_store(store: Store, season: Season) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                submit(store, season)
                store.attempts(season.id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.attempts(season.id)) == 20


# Processes


WORKER = """
    import sys
    from datetime import UTC, datetime
    from practice.settings import load
    from practice.store import NewAttempt, NewScore, open_store

    AT = datetime(2026, 1, 1, tzinfo=UTC)

    def say(text):
        print(text, flush=True)

    def hear():
        return sys.stdin.readline()

    def submit(tx, season):
        scores = NewScore("public", "rmse", 0.25, 1), NewScore("private", "rmse", 0.75, 1)
        made = tx.add_attempt(
            NewAttempt(season.id, "ann", "ab" * 32, "f.csv", "scored", AT, scores=scores)
        )
        tx.append("submission", AT, season.id, "ann", {"submission": made.id})
        return made.id
"""


@pytest.fixture
def start(place: Settings) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start Python processes that share the store; call it with what they do."""
    started: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "PRACTICE_HOME": str(place.home),
        "PRACTICE_DATABASE_URL": place.database_url,
    }

    def start(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WORKER) + textwrap.dedent(code)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def together(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Let processes that wait for a line go on at once, and return what they say at the end."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        said.append(output.strip())
    return said


def test_processes_that_write_at_once_all_succeed(
    store: Store, season: Season, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    code = """
        with open_store(load()) as store:
            season = store.season("toy")
            say("ready"); hear()
            for _ in range(20):
                with store.write() as tx:
                    say(submit(tx, season))
    """
    said = together([start(code) for _ in range(3)])
    told = [int(line) for each in said for line in each.split()]
    assert len(told) == 60
    assert sorted(told) == [attempt.id for attempt in store.attempts(season.id)]
    assert [event.seq for event in store.events()] == list(range(1, 61))
    assert verify_chain(store.events()) is None


def test_of_processes_at_a_limit_of_one_exactly_one_succeeds(
    store: Store, season: Season, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    code = """
        with open_store(load()) as store:
            season = store.season("toy")
            say("ready"); hear()
            with store.write() as tx:
                if tx.attempts_since(season.id, "ann", AT) < 1:
                    submit(tx, season)
                    say("accepted")
                else:
                    say("refused")
    """
    said = together([start(code) for _ in range(3)])
    assert sorted(said) == ["accepted", "refused", "refused"]
    assert len(store.attempts(season.id)) == 1


def test_processes_that_open_an_empty_home_at_once_all_succeed(
    place: Settings, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    code = """
        import practice.store.database
        say("ready"); hear()
        with open_store(load()) as store, store.write() as tx:
            say(len(tx.append("test", AT, None, None, {}).hash))
    """
    assert together([start(code) for _ in range(4)]) == ["64"] * 4
    with open_store(place) as store:
        assert [event.seq for event in store.events()] == [1, 2, 3, 4]
        assert verify_chain(store.events()) is None


def test_a_writer_killed_inside_a_transaction_leaves_nothing_and_no_lock(
    store: Store, season: Season, start: Callable[[str], subprocess.Popen[str]], place: Settings
) -> None:
    process = start(
        """
        with open_store(load()) as store, store.write() as tx:
            submit(tx, store.season("toy"))
            say("inside"); hear()
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.kill()
    process.wait()
    with open_store(place, timeout=10) as after:
        assert after.attempts(season.id) == ()
        assert after.events() == ()
        made = submit(after, season)
    assert store.attempts(season.id) == (made,)


def test_what_a_killed_process_said_was_done_is_done(
    store: Store, season: Season, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    code = """
        with open_store(load()) as store:
            season = store.season("toy")
            while True:
                with store.write() as tx:
                    made = submit(tx, season)
                say(made)
    """
    told: set[int] = set()
    choice = random.Random(7)
    for _ in range(5):
        process = start(code)
        assert process.stdout is not None
        for _ in range(choice.randrange(1, 30)):
            told.add(int(process.stdout.readline()))
        threading.Event().wait(choice.random() / 100)
        process.kill()
        told.update(int(line) for line in process.stdout.read().split())
    with store.write() as tx:  # behind whatever a killed process still had under way
        attempts, events = tx.attempts(season.id), tx.events()
    assert told <= {attempt.id for attempt in attempts}
    assert len(attempts) - len(told) <= 5  # stored, and killed before it was said
    assert {(attempt.public, attempt.private) for attempt in attempts} == {(0.25, 0.75)}
    payloads = [event.payload for event in events]
    assert payloads == [{"submission": attempt.id} for attempt in attempts]
    assert verify_chain(events) is None


# Tables


def test_queries_and_tables_agree(store: Store, place: Settings) -> None:
    import sqlalchemy

    from practice.store import schema

    engine = sqlalchemy.create_engine(place.database_url)
    found = sqlalchemy.inspect(engine)
    assert set(found.get_table_names()) == set(schema.METADATA.tables)
    for name, table in schema.METADATA.tables.items():
        assert [column["name"] for column in found.get_columns(name)] == table.columns.keys()
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key]
    engine.dispose()


# Scoring anew


def test_what_became_of_a_submission_can_be_replaced(store: Store, season: Season) -> None:
    attempt = submit(store, season)
    with store.write() as tx:
        tx.rejudge(attempt.id, "failed", "no score", None)
    (failed,) = store.attempts(season.id)
    assert failed == replace(
        attempt, status="failed", error="no score", released=None, public=None, private=None
    )
    assert store.scored_by(season.id) == {}
    with store.write() as tx:
        tx.add_scores(attempt.id, (NewScore("public", "rmse", 0.5, 3),), AT)
        tx.rejudge(attempt.id, "scored", None, 0.5)
    assert store.scored_by(season.id) == {attempt.id: 3}
    assert store.attempts(season.id) == (replace(attempt, released=0.5, public=0.5),)
    with store.write() as tx, pytest.raises(NotFoundError):
        tx.rejudge(99, "scored", None, 0.5)


def test_metrics_beside_are_those_of_the_newest_scorer(store: Store, season: Season) -> None:
    attempt = submit(store, season, secondary={"mae": 0.1, "r2": 0.2})
    with store.write() as tx:
        tx.add_scores(attempt.id, (NewScore("secondary", "mae", 0.3, 2),), AT)
    assert store.attempts(season.id)[0].secondary == {"mae": 0.3}


def test_the_metric_of_a_season_can_be_replaced(store: Store, season: Season) -> None:
    with store.write() as tx:
        tx.change_metric(season.id, {"name": "r2", "changes": 1}, True)
    changed = replace(season, metric={"name": "r2", "changes": 1}, greater_is_better=True)
    assert store.seasons() == (changed,)
