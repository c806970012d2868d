"""What every test shares: a home of its own, and the mark for tests on real data."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from practice import settings as practice_settings
from practice.settings import Settings

# What a mark needs: the variable that names a folder, and what is in it.
NEEDS = {
    "mirror": ("PRACTICE_MIRROR", "needs real raw files"),
    "metric_cases": ("PRACTICE_METRIC_CASES", "needs answers with a known score"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark, (variable, what) in NEEDS.items():
            if item.get_closest_marker(mark):
                item.user_properties.append((mark, "yes"))  # lets a report count them
                if not os.environ.get(variable):
                    item.add_marker(pytest.mark.skip(reason=f"{what}: set {variable} to a folder"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty PRACTICE_HOME."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("PRACTICE_HOME", str(folder))
    for name in ("PRACTICE_DATABASE_URL", "PRACTICE_COMPETITIONS", "PRACTICE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    practice_settings.load.cache_clear()
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """Return the settings that the test's environment gives."""
    return practice_settings.from_environment(os.environ)


def _postgres_programs() -> Path | None:
    """Return the folder of the server's programs, which is often not on the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (asked := shutil.which("pg_config")) is not None:
        said = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, Path(said.stdout.strip()))
    if (found := shutil.which("initdb")) is not None:
        folders.append(Path(found).resolve().parent)
    return next((f for f in folders if (f / "initdb").is_file() and (f / "pg_ctl").is_file()), None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """Run a PostgreSQL server on a socket of its own; call it with a database for the address."""
    pytest.importorskip("psycopg", reason="needs psycopg: pip install 'practice[postgres]'")
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("needs the programs of a PostgreSQL server (initdb, pg_ctl)")
    folder = Path(tempfile.mkdtemp(prefix="practice-pg-"))  # short: a socket's path is limited
    owner = None
    if os.name == "posix" and os.geteuid() == 0:  # the server refuses to run as root
        owner = "postgres"
        try:
            shutil.chown(folder, owner)
        except LookupError:
            folder.rmdir()
            pytest.skip("needs a user 'postgres' to run PostgreSQL as, because root may not")

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        with (folder / "log").open("ab") as log:
            subprocess.run(
                command, user=owner, cwd=folder, stdout=log, stderr=log, timeout=60, check=True
            )

    try:
        run("initdb", "-U", "practice", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "-w", "-o", options, "start")
        try:
            yield lambda name: f"postgresql+psycopg://practice@/{name}?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


_database_numbers = count(1)


@pytest.fixture
def postgres_url(postgres_server: Callable[[str], str]) -> Iterator[str]:
    """Return the address of an empty PostgreSQL database."""
    import psycopg

    name = f"test_{next(_database_numbers)}"
    admin = postgres_server("postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_server(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
