"""What can go wrong with a database file, and what is promised about the file itself."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from practice.errors import StoreError
from practice.settings import Settings, from_environment
from practice.store import Store, open_store, verify_chain

AT = datetime(2026, 1, 1, tzinfo=UTC)


def fill(store: Store, events: int, text: str = "") -> None:
    """Write events, each in a transaction of its own."""
    for _ in range(events):
        with store.write() as tx:
            tx.append("test", AT, None, None, {"text": text})


def at_home(folder: Path) -> Settings:
    return from_environment({"PRACTICE_HOME": str(folder)})


def refusal(settings: Settings, **options: Any) -> StoreError:
    """Return what opening a store is refused with."""
    with pytest.raises(StoreError) as refused:
        open_store(settings, **options)
    assert "\n" not in refused.value.message
    return refused.value


# The file


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no modes")
def test_only_the_owner_may_read_home_and_database(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(at_home(tmp_path / "a" / "home")) as store:
            fill(store, 1)
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "a").rglob("*")}
    finally:
        os.umask(before)
    assert modes == {
        "home": 0o700,
        "practice.db": 0o600,
        "practice.db-wal": 0o600,
        "practice.db-shm": 0o600,
    }


def test_a_database_is_durable_and_enforces_its_keys(settings: Settings) -> None:
    with open_store(settings) as store, store.write() as tx, tx._reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.skipif(os.name == "nt", reason="needs a lock method that Windows has not")
def test_where_wal_is_refused_the_rollback_journal_stays(tmp_path: Path) -> None:
    from practice.store.connecting import prefer_wal

    file = f"file:{tmp_path / 'practice.db'}?vfs=unix-dotfile"  # no shared memory, like NFS
    connection = sqlite3.connect(file, uri=True, isolation_level=None)
    assert prefer_wal(connection, 1.0) == "delete"
    connection.execute("CREATE TABLE works (yes)")
    connection.close()


def test_wal_waits_for_others_who_use_the_file(tmp_path: Path) -> None:
    from practice.store.connecting import prefer_wal

    other = sqlite3.connect(tmp_path / "practice.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    connection = sqlite3.connect(tmp_path / "practice.db", timeout=0.01, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        prefer_wal(connection, 0.05)
    other.execute("ROLLBACK")
    assert prefer_wal(connection, 5.0) == "wal"
    connection.close()
    other.close()


def test_a_store_works_without_wal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers and writers then wait for each other; nothing else changes."""
    from practice.store import connecting

    monkeypatch.setattr(connecting, "prefer_wal", lambda connection, timeout: "delete")
    with open_store(settings) as store:
        fill(store, 3)
        assert [event.seq for event in store.events()] == [1, 2, 3]
        assert not Path(f"{settings.home}/practice.db-wal").exists()


@pytest.mark.parametrize(
    "name", ["with space", "question?mark", "per%20cent", "ha#sh", "ünï", "@:"]
)
def test_a_home_of_any_name_works(tmp_path: Path, name: str) -> None:
    with open_store(at_home(tmp_path / name)) as store:
        fill(store, 1)
    assert (tmp_path / name / "practice.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_database_may_lie_elsewhere(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(replace(settings, database_url="sqlite:///other.db")) as store:
        monkeypatch.chdir("/")
        fill(store, 1)
    assert (tmp_path / "other.db").is_file()
    assert not (settings.home / "practice.db").exists()


# Addresses


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("practice.db", "PRACTICE_DATABASE_URL is not a database address"),
        ("postgresql://ann:secret@db:port/x", "PRACTICE_DATABASE_URL is not a database address"),
        (
            "mysql://ann:secret@db/x",
            "PRACTICE_DATABASE_URL names 'mysql', which practice does not know",
        ),
        (
            "postgresql+asyncpg://db/x",
            "PRACTICE_DATABASE_URL names 'postgresql+asyncpg', which practice does not know",
        ),
        ("sqlite://", "PRACTICE_DATABASE_URL does not name a SQLite file"),
        ("sqlite:///:memory:", "PRACTICE_DATABASE_URL does not name a SQLite file"),
        ("sqlite:////x.db?mode=ro", "PRACTICE_DATABASE_URL does not name a SQLite file"),
    ],
)
def test_an_address_that_makes_no_sense(settings: Settings, address: str, message: str) -> None:
    error = refusal(replace(settings, database_url=address))
    assert error.message == message
    assert error.hint == "sqlite:////folder/practice.db or postgresql+psycopg://user@host/database"


def test_a_folder_that_is_missing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "practice.db"
    error = refusal(replace(settings, database_url=f"sqlite:///{file}"))
    assert error.message == f"cannot make the database {file}: No such file or directory"


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    error = refusal(at_home(tmp_path / "home"))
    assert error.message == (
        f"cannot make the folder {tmp_path / 'home'}: there is a file where a folder should be"
    )
    assert error.hint == "set PRACTICE_HOME to a folder"


# Files that are no database of ours


def test_a_file_that_is_no_database(settings: Settings) -> None:
    file = settings.home / "practice.db"
    file.write_text("id,y\n" * 1000)
    error = refusal(settings)
    assert error.message == f"the database {file} is not a database"
    assert error.hint == "move the file away; practice makes a new one"
    assert file.read_text() == "id,y\n" * 1000


def test_a_folder_in_place_of_the_database(settings: Settings) -> None:
    (settings.home / "practice.db").mkdir()
    error = refusal(settings)
    assert error.message == f"the database {settings.home / 'practice.db'} cannot be opened"


@pytest.mark.parametrize("table", ["recipes (name)", "meta (key, value)"])
def test_a_database_of_another_program(settings: Settings, table: str) -> None:
    file = settings.home / "practice.db"
    with sqlite3.connect(file) as connection:
        connection.execute(f"CREATE TABLE {table}")
    connection.close()
    error = refusal(settings)
    assert error.message == f"the database {file} belongs to another program"
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    connection.close()


def test_a_database_that_is_damaged(settings: Settings) -> None:
    file = settings.home / "practice.db"
    with open_store(settings) as store:
        fill(store, 50, "x" * 500)
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))

    def use() -> None:
        with open_store(settings) as store:
            store.events()
            store.entrants()
            fill(store, 1)

    with pytest.raises(StoreError) as refused:
        use()
    assert refused.value.message == f"the database {file} is damaged"
    assert "practice.db.*.bak" in refused.value.hint


# Disks


def test_a_read_only_home(settings: Settings, freeze: Callable[[Path], None]) -> None:
    with open_store(settings) as store:
        fill(store, 1)
    freeze(settings.home)
    error = refusal(settings)
    file = settings.home / "practice.db"
    assert (error.message, error.hint) in (
        (  # a file system that is mounted so
            f"the database {file} cannot be opened",
            "check that its folder is there and that you may write into it",
        ),
        (  # a folder whose mode says so
            f"the database {file} cannot be written: it is read-only",
            "make file and folder writable, or set PRACTICE_HOME to a folder that is",
        ),
    )


def test_an_empty_read_only_home(settings: Settings, freeze: Callable[[Path], None]) -> None:
    freeze(settings.home)
    error = refusal(settings)
    assert error.message == (
        f"cannot make the database {settings.home / 'practice.db'}: "
        "it is read-only or belongs to somebody else"
    )


def test_a_read_only_file_can_be_read(settings: Settings, freeze: Callable[[Path], None]) -> None:
    file = settings.home / "practice.db"
    with open_store(settings) as store:
        fill(store, 1)
    freeze(file)
    with open_store(settings) as store:
        assert len(store.events()) == 1
        with pytest.raises(StoreError) as refused:
            fill(store, 1)
    assert refused.value.message == f"the database {file} cannot be written: it is read-only"


def write_until_refused(store: Store) -> tuple[int, StoreError]:
    """Return how many events were accepted before the disk was full, and what was said then."""
    accepted = len(store.events())
    while True:
        try:
            fill(store, 1, "x" * 20_000)
        except StoreError as error:
            return accepted, error
        accepted += 1


def test_a_full_disk_loses_nothing_that_was_accepted(tiny_disk: Path) -> None:
    settings = at_home(tiny_disk)
    file = tiny_disk / "practice.db"
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    with open_store(settings) as store:
        fill(store, 3)
        accepted, error = write_until_refused(store)
        assert error.message in (
            f"the database {file} cannot grow: the disk is full",
            f"the database {file} cannot be read or written: the disk is full or fails",
        )
        assert error.hint == "free some space, then try again"
        assert accepted > 3
        assert len(store.events()) == accepted
        assert verify_chain(store.events()) is None
        again, _ = write_until_refused(store)  # smaller or equal pieces may still have fitted
        ballast.unlink()
        fill(store, 1)
        assert len(store.events()) == again + 1
    with open_store(settings) as store:
        assert len(store.events()) == again + 1
        assert verify_chain(store.events()) is None


def test_a_disk_that_is_full_from_the_start(tiny_disk: Path) -> None:
    ballast = tiny_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(2 << 20))
    error = refusal(at_home(tiny_disk))
    assert "full" in error.message
    assert error.hint == "free some space, then try again"
    ballast.unlink()
    with open_store(at_home(tiny_disk)) as store:
        fill(store, 1)


def test_a_database_that_may_not_grow_loses_nothing_that_was_accepted(settings: Settings) -> None:
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    with open_store(settings):
        pass
    pages = 60

    def limit(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Pool, "connect", limit)
    try:
        with open_store(settings) as store:
            accepted, error = write_until_refused(store)
            file = settings.home / "practice.db"
            assert error.message == f"the database {file} cannot grow: the disk is full"
            assert 0 < accepted == len(store.events())
    finally:
        event.remove(Pool, "connect", limit)
    with open_store(settings) as store:
        assert len(store.events()) == accepted
        fill(store, 1)
        assert verify_chain(store.events()) is None


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_write_that_fails_loses_nothing_that_was_accepted(settings: Settings) -> None:
    with open_store(settings) as store:
        fill(store, 2)
    code = """if True:
        import resource
        from datetime import UTC, datetime
        from practice.errors import StoreError
        from practice.settings import load
        from practice.store import open_store

        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        with open_store(load()) as store:
            try:
                while True:
                    with store.write() as tx:
                        at = datetime(2026, 1, 1, tzinfo=UTC)
                        event = tx.append("test", at, None, None, {"text": "x" * 20_000})
                    print(event.seq, flush=True)
            except StoreError as error:
                print(error.message)
    """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    *told, last = done.stdout.splitlines()
    file = settings.home / "practice.db"
    assert last == (f"the database {file} cannot be read or written: the disk is full or fails")
    with open_store(settings) as store:
        assert [event.seq for event in store.events()] == [1, 2, *(int(seq) for seq in told)]
        assert len(told) > 2
        fill(store, 1)
        assert verify_chain(store.events()) is None


# Imports


def test_records_and_blobs_load_no_database() -> None:
    code = (
        "import sys; from practice.store import Attempt, NewAttempt, NewScore, blobs, verify_chain;"
        "print([m for m in ('sqlalchemy', 'sqlite3', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_store_in_sqlite_loads_neither_psycopg_nor_numpy(settings: Settings) -> None:
    code = (
        "import sys; from practice.settings import load; from practice.store import open_store;"
        "open_store(load()).seasons();"
        "print([m for m in ('psycopg', 'numpy', 'pandas', 'sqlalchemy.orm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
