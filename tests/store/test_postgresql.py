"""What can go wrong with a PostgreSQL server, in words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from practice.errors import StoreError
from practice.settings import Settings
from practice.store import Store, open_store, verify_chain

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def place(settings: Settings, postgres_url: str) -> Settings:
    return replace(settings, database_url=postgres_url)


@pytest.fixture
def run(place: Settings) -> Iterator[Callable[[str], None]]:
    """Run a statement as the owner of the database."""
    import psycopg

    with psycopg.connect(place.database_url.replace("+psycopg", ""), autocommit=True) as admin:
        yield lambda statement: admin.execute(statement)  # type: ignore[arg-type,func-returns-value]


def fill(store: Store) -> None:
    with store.write() as tx:
        tx.append("test", AT, None, None, {})


def refusal(settings: Settings, timeout: float = 30.0) -> StoreError:
    """Return what opening a store is refused with."""
    with pytest.raises(StoreError) as refused:
        open_store(settings, timeout=timeout)
    assert "\n" not in refused.value.message
    assert "secret" not in refused.value.message + refused.value.hint
    return refused.value


def test_a_server_that_is_down(settings: Settings) -> None:
    pytest.importorskip("psycopg")
    address = "postgresql://ann:secret@127.0.0.1:1/class"  # port 1 belongs to nobody
    error = refusal(replace(settings, database_url=address))
    assert error.message == (
        "the database postgresql+psycopg://ann:***@127.0.0.1:1/class "
        "cannot be reached: Connection refused"
    )
    assert error.hint == "check that the server runs and that PRACTICE_DATABASE_URL names it"


def test_a_host_that_does_not_exist(settings: Settings) -> None:
    pytest.importorskip("psycopg")
    error = refusal(replace(settings, database_url="postgresql://ann:secret@db.invalid/class"))
    assert error.message.startswith(
        "the database postgresql+psycopg://ann:***@db.invalid/class cannot be reached: "
    )


def test_a_database_that_does_not_exist(settings: Settings, postgres_url: str) -> None:
    wrong = postgres_url.replace("/test_", "/no_test_")
    error = refusal(replace(settings, database_url=wrong))
    assert "cannot be reached: FATAL:" in error.message
    assert error.message.endswith("does not exist")


def test_a_driver_that_is_missing(settings: Settings) -> None:
    code = """if True:
        import sys

        sys.modules["psycopg"] = None  # what an import then finds
        from dataclasses import replace
        from practice.errors import StoreError
        from practice.settings import load
        from practice.store import open_store

        try:
            open_store(replace(load(), database_url="postgresql://ann:secret@db/class"))
        except StoreError as error:
            print(error.message, error.hint, sep="\\n")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "PRACTICE_DATABASE_URL names PostgreSQL, and its driver psycopg cannot be loaded",
        'pip install "practice[postgres]"',
    ]


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_name_of_the_driver_is_understood(place: Settings, name: str) -> None:
    address = place.database_url.replace("postgresql+psycopg", name)
    with open_store(replace(place, database_url=address)) as store:
        fill(store)
        assert len(store.events()) == 1


def test_the_home_is_made_for_blobs(place: Settings, tmp_path: Path) -> None:
    with open_store(replace(place, home=tmp_path / "home")):
        pass
    assert (tmp_path / "home").is_dir()
    assert list((tmp_path / "home").iterdir()) == []


def test_a_database_that_is_read_only(place: Settings, run: Callable[[str], None]) -> None:
    with open_store(place) as store:
        fill(store)
    name = place.database_url.partition("/test_")[2].partition("?")[0]
    run(f"ALTER DATABASE test_{name} SET default_transaction_read_only = on")
    with open_store(place) as store:
        assert len(store.events()) == 1
        with pytest.raises(StoreError, match="cannot be written: it is read-only"):
            fill(store)


def test_a_server_whose_disk_is_full_loses_nothing_that_was_accepted(
    place: Settings, run: Callable[[str], None]
) -> None:
    with open_store(place) as store:
        fill(store)
        run(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        run("CREATE TRIGGER fail BEFORE INSERT ON event EXECUTE FUNCTION fail()")
        with pytest.raises(StoreError) as refused:
            fill(store)
        assert refused.value.message.endswith("cannot grow: the disk is full")
        assert refused.value.hint == "free some space, then try again"
        run("DROP TRIGGER fail ON event")
        fill(store)
        assert [event.seq for event in store.events()] == [1, 2]
        assert verify_chain(store.events()) is None


def test_a_connection_that_is_cut_loses_nothing_that_was_accepted(
    place: Settings, run: Callable[[str], None]
) -> None:
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'practice' AND datname = current_database()"
    )
    with open_store(place) as store:
        fill(store)
        run(cut)  # an idle connection: nobody notices
        fill(store)

        def write() -> None:
            with store.write() as tx:
                tx.append("test", AT, None, None, {})
                run(cut)

        with pytest.raises(StoreError) as refused:
            write()
        assert refused.value.message.endswith("was shut down meanwhile")
        fill(store)
        assert [event.seq for event in store.events()] == [1, 2, 3]
        assert verify_chain(store.events()) is None


def test_a_database_that_somebody_else_is_changing(
    place: Settings, run: Callable[[str], None]
) -> None:
    from practice.store.migrating import ADVISORY_LOCK

    run(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
    error = refusal(place, timeout=0.1)
    assert error.message.endswith("has been locked by another program for too long")
    run(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})")
    with open_store(place, timeout=0.1) as store:
        fill(store)


def test_tables_of_another_program(place: Settings, run: Callable[[str], None]) -> None:
    run("CREATE TABLE meta (key TEXT, value TEXT)")
    error = refusal(place)
    assert error.message.endswith(" belongs to another program")


def test_a_user_who_may_not_write(
    place: Settings, run: Callable[[str], None], postgres_url: str
) -> None:
    with open_store(place) as store:
        fill(store)
    role = "reader_of_" + postgres_url.partition("/test_")[2].partition("?")[0]
    run(f"CREATE ROLE {role} LOGIN")
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        address = postgres_url.replace("practice@", f"{role}@")
        with open_store(replace(place, database_url=address)) as store:
            assert len(store.events()) == 1
            with pytest.raises(StoreError, match="may not be changed by this user"):
                fill(store)
    finally:
        run(f"DROP OWNED BY {role}")
        run(f"DROP ROLE {role}")
