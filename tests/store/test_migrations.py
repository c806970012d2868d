"""Databases of every released schema, and how one becomes the next."""

from __future__ import annotations

import math
import os
import re
import sqlite3
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from practice.errors import StoreError
from practice.settings import Settings
from practice.store import Entrant, OutOfFold, Replicates, Store, open_store, verify_chain
from practice.store.migrations import MIGRATIONS, Migration

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIXTURES = Path(__file__).parent / "fixtures"

# What a later version might do: a new column, and a table made anew because SQLite cannot change a
# column in place. Other tables refer to it, so it also shows that foreign keys survive.
SECOND = Migration(
    number=2,
    sqlite=(
        "ALTER TABLE season ADD COLUMN subtitle TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE new_entrant (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('person', 'reference', 'team')))""",
        "INSERT INTO new_entrant SELECT id, name, kind FROM entrant",
        "DROP TABLE entrant",
        "ALTER TABLE new_entrant RENAME TO entrant",
    ),
    postgresql=(
        "ALTER TABLE season ADD COLUMN subtitle TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE entrant DROP CONSTRAINT entrant_kind_check",
        "ALTER TABLE entrant ADD CHECK (kind IN ('person', 'reference', 'team'))",
    ),
)
BROKEN = Migration(
    number=2,
    sqlite=("DROP TABLE selection", "INSERT INTO nothing VALUES (1)"),
    postgresql=("DROP TABLE selection", "INSERT INTO nothing VALUES (1)"),
)
ORPHANING = Migration(2, sqlite=("DELETE FROM entrant WHERE name = 'ann'",), postgresql=())


def restore(settings: Settings, version: int) -> Path:
    """Write a database of a released schema into the home."""
    file = settings.home / "practice.db"
    with closing(sqlite3.connect(file)) as connection:
        script = (FIXTURES / f"schema-{version}.sql").read_text(encoding="utf-8")
        connection.executescript(script)
    return file


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def backups(settings: Settings) -> list[Path]:
    return sorted(settings.home.glob("*.bak*"))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "postgresql":
        return replace(settings, database_url=request.getfixturevalue("postgres_url"))
    return settings


def enter(store: Store, *names: str) -> None:
    with store.write() as tx:
        for name in names:
            tx.entrant(name, "person")
            tx.append("test", AT, None, name, {})


# Released schemas


def test_there_is_a_fixture_for_every_schema() -> None:
    numbers = [migration.number for migration in MIGRATIONS]
    assert numbers == list(range(1, len(MIGRATIONS) + 1))
    found = {path.name for path in FIXTURES.glob("schema-*.sql")}
    assert found == {f"schema-{number}.sql" for number in numbers}


def test_a_released_migration_still_makes_what_it_made(settings: Settings, tmp_path: Path) -> None:
    for migration in MIGRATIONS:
        with open_store(
            replace(settings, database_url=f"sqlite:///{tmp_path / 'new.db'}"),
            migrations=MIGRATIONS[: migration.number],
        ):
            pass
        statements = [line for line in dump(tmp_path / "new.db") if line.startswith("CREATE")]
        kept = (FIXTURES / f"schema-{migration.number}.sql").read_text(encoding="utf-8")
        assert all(statement in kept for statement in statements)
        assert len(statements) == kept.count("\nCREATE ")


def test_a_database_of_schema_1_opens_as_it_was(settings: Settings) -> None:
    file = restore(settings, 1)
    before = dump(file)
    with open_store(settings) as store:
        toy, tea, again = store.seasons()
        assert (toy.slug, toy.number, toy.opened_at) == ("toy", 1, AT)
        assert toy.revealed_at == AT + 8 * HOUR
        assert (tea.slug, tea.deadline, tea.revealed_at) == ("tea", AT + 24 * HOUR, None)
        assert (again.slug, again.number) == ("toy", 2)
        assert toy.metric["name"] == "roc_auc"
        assert toy.rules["rules"]["daily_limit"] == 5
        assert toy.greater_is_better is True
        assert store.entrants() == (
            Entrant(1, "baseline:dummy", "reference"),
            Entrant(2, "ann", "person"),
            Entrant(3, "bob", "person"),
        )
        attempts = store.attempts(toy.id)
        assert [(a.status, a.released, a.public, a.private, a.late) for a in attempts] == [
            ("scored", 0.5, 0.5, 0.5, False),
            ("scored", 0.75, 0.75, 0.625, False),
            ("refused", None, None, None, False),
            ("scored", 0.875, 0.8125, 0.5625, False),  # scored anew by version 2
            ("failed", None, None, None, False),
            ("scored", 1.0, 1.0, 1.0, True),
        ]
        first = attempts[1]
        assert (first.message, first.params, first.tags) == (
            "first – try",
            {"lr": 0.1},
            ("gbm", "v1"),
        )
        assert (first.git_commit, first.git_dirty, first.seconds) == ("c0ffee", True, 0.125)
        assert first.secondary == {"log_loss": 0.25, "f1": None}
        assert first.note == "keep"
        assert attempts[2].problems[0]["message"] == "id 7 is missing"
        assert attempts[3].withdrawn_at == AT + 6 * HOUR
        assert store.selections(toy.id) == {"ann": (2,)}
        assert len(store.events()) == 12
        assert verify_chain(store.events()) is None
        assert store.replicates(toy.id, "public") == store.out_of_fold(toy.id) == {}
    (copy,) = backups(settings)
    assert dump(copy) == before
    with open_store(settings) as store:
        enter(store, "eve")
        assert verify_chain(store.events()) is None


def test_a_database_of_schema_2_opens_as_it_was(settings: Settings) -> None:
    file = restore(settings, 2)
    before = dump(file)
    with open_store(settings) as store:
        season = store.seasons()[0].id
        (public,) = store.replicates(season, "public").items()
        assert (public[0], public[1].plan) == (2, "plan-a")
        first, second, third = struct.unpack("<3d", public[1].data)
        assert (first, math.isnan(second), third) == (0.75, True, 0.5)
        assert store.replicates(season, "private") == {2: Replicates("plan-b", b"")}
        assert store.out_of_fold(season) == {2: OutOfFold("00" * 31 + "09", 0.5, (0.25, 0.75), 20)}
        assert verify_chain(store.events()) is None
    assert dump(file) == before
    assert backups(settings) == []


# From one schema to the next


def test_a_migration_keeps_what_was_there(place: Settings) -> None:
    with open_store(place, migrations=MIGRATIONS[:1]) as store:
        enter(store, "ann", "bob")
        before = store.entrants(), store.events()
    for _ in range(2):  # the second time there is nothing to do
        with open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store:
            assert (store.entrants(), store.events()) == before
            with store.write() as tx, tx._reading() as connection:
                connection.exec_driver_sql("INSERT INTO entrant (name, kind) VALUES ('x', 'team')")
                connection.exec_driver_sql("SELECT subtitle FROM season")
                connection.exec_driver_sql("DELETE FROM entrant WHERE name = 'x'")
    with open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store:
        enter(store, "eve")
        assert [entrant.name for entrant in store.entrants()] == ["ann", "bob", "eve"]


def test_a_new_database_gets_every_migration_and_no_copy(place: Settings) -> None:
    with (
        open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store,
        store.write() as tx,
        tx._reading() as connection,
    ):
        connection.exec_driver_sql("SELECT subtitle FROM season")
    assert backups(place) == []


def test_foreign_keys_hold_after_a_table_was_made_anew(settings: Settings) -> None:
    restore(settings, 1)

    def remove_ann() -> None:
        with store.write() as tx, tx._reading() as connection:
            connection.exec_driver_sql("DELETE FROM entrant WHERE name = 'ann'")

    with open_store(settings, migrations=(MIGRATIONS[0], SECOND)) as store:
        assert len(store.attempts(1)) == 6
        with pytest.raises(StoreError, match="FOREIGN KEY constraint failed"):
            remove_ann()


def test_a_copy_is_made_before_a_change(settings: Settings) -> None:
    file = restore(settings, 1)
    before = dump(file)
    with open_store(settings, migrations=(MIGRATIONS[0], SECOND)):
        pass
    (copy,) = backups(settings)
    assert re.fullmatch(r"practice\.db\.v1-\d{8}T\d{6}Z\.bak", copy.name)
    assert dump(copy) == before
    assert dump(file) != before
    if os.name != "nt":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    left = {path.name for path in settings.home.iterdir()}
    assert left == {"practice.db", copy.name}

    file.write_bytes(copy.read_bytes())  # what one does to go back
    with open_store(settings, migrations=MIGRATIONS[:1]) as store:
        assert len(store.attempts(1)) == 6


def test_a_copy_holds_what_is_still_in_the_write_ahead_log(settings: Settings) -> None:
    with open_store(settings, migrations=MIGRATIONS[:1]) as store:
        enter(store, "ann")
        with open_store(settings, migrations=(MIGRATIONS[0], SECOND)):
            pass
    (copy,) = backups(settings)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM entrant").fetchall() == [("ann",)]


def test_a_migration_that_fails_changes_nothing(place: Settings) -> None:
    with open_store(place, migrations=MIGRATIONS[:1]) as store:
        enter(store, "ann")
    for _ in range(2):
        with pytest.raises(StoreError, match="nothing"):
            open_store(place, migrations=(MIGRATIONS[0], BROKEN))
    with open_store(place, migrations=MIGRATIONS[:1]) as store:
        assert [entrant.name for entrant in store.entrants()] == ["ann"]
        assert store.selections(1) == {}
        enter(store, "bob")
    assert backups(place) == []


def test_a_migration_that_orphans_rows_changes_nothing(settings: Settings) -> None:
    file = restore(settings, 1)
    before = dump(file)
    with pytest.raises(StoreError, match="rows that refer to missing ones: left as it was"):
        open_store(settings, migrations=(MIGRATIONS[0], ORPHANING))
    assert dump(file) == before
    assert backups(settings) == []


def test_a_disk_too_full_for_a_copy_changes_nothing(settings: Settings, tiny_disk: Path) -> None:
    small = replace(settings, home=tiny_disk, database_url=f"sqlite:///{tiny_disk / 'practice.db'}")
    file = restore(small, 1)
    before = dump(file)
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes((1 << 20) - file.stat().st_size - 96 * 1024))
    with pytest.raises(StoreError, match="full") as refused:
        open_store(small, migrations=(MIGRATIONS[0], SECOND))
    assert refused.value.hint == "free some space, then try again"
    assert dump(file) == before
    assert {path.name for path in tiny_disk.iterdir()} <= {
        "ballast",
        "practice.db",
        "practice.db-wal",
        "practice.db-shm",
    }
    ballast.unlink()
    with open_store(small, migrations=(MIGRATIONS[0], SECOND)) as store:
        assert len(store.attempts(1)) == 6


# Newer schemas


def test_a_newer_schema_is_refused(place: Settings) -> None:
    with open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store:
        enter(store, "ann")
    with pytest.raises(StoreError) as refused:
        open_store(place, migrations=MIGRATIONS[:1])
    assert refused.value.message.endswith(
        "was made by a newer version of practice (schema 2; this one knows 1)"
    )
    assert refused.value.hint == "upgrade practice: pip install --upgrade practice"


def test_an_old_program_stops_writing_when_a_newer_one_changed_the_schema(place: Settings) -> None:
    with open_store(place, migrations=MIGRATIONS[:1]) as old:
        enter(old, "ann")
        with open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store:
            enter(store, "bob")
        with pytest.raises(StoreError, match="made by a newer version of practice"):
            enter(old, "eve")
    with open_store(place, migrations=(MIGRATIONS[0], SECOND)) as store:
        assert [entrant.name for entrant in store.entrants()] == ["ann", "bob"]


# Processes


MIGRATE = """if True:
    import sys
    from practice.settings import load
    from practice.store import open_store
    from practice.store.migrations import MIGRATIONS, Migration
    import practice.store.database

    add = ("ALTER TABLE season ADD COLUMN subtitle TEXT NOT NULL DEFAULT ''",)
    print("ready", flush=True)
    sys.stdin.readline()
    with open_store(load(), migrations=(MIGRATIONS[0], Migration(2, add, add))) as store:
        print(len(store.entrants()))
"""


@pytest.fixture
def start(place: Settings) -> Callable[[], subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PRACTICE_HOME": str(place.home),
        "PRACTICE_DATABASE_URL": place.database_url,
    }
    return lambda: subprocess.Popen(
        [sys.executable, "-c", MIGRATE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_processes_that_migrate_at_once_all_succeed(
    place: Settings, start: Callable[[], subprocess.Popen[str]]
) -> None:
    with open_store(place, migrations=MIGRATIONS[:1]) as store:
        enter(store, "ann", "bob")
    processes = [start() for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert said == ["2", "2", "2"]
    assert len(backups(place)) == (1 if "sqlite" in place.database_url else 0)
