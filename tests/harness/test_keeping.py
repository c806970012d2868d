"""Backups: everything comes back, from either kind of database into either, or nothing does."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from practice import harness
from practice.errors import PracticeError
from practice.harness.keeping import backup, restore
from practice.harness.storing import storage
from practice.settings import Settings, from_environment
from practice.store import blobs, open_store, verify_chain

SLUG = "breast-cancer"


def home(folder: Path) -> Settings:
    return from_environment({"PRACTICE_HOME": str(folder)})


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home with a season and a submission."""
    here = home(tmp_path_factory.mktemp("played") / "home")
    workspace = tmp_path_factory.mktemp("workspace")
    harness.start(here, SLUG, workspace)
    sample = workspace / "data" / "sample_submission.csv"
    harness.submit(here, SLUG, sample, entrant="ann", message="é")
    for run in (here.runs / "x-tree-tpe-1", here.arena / "x-tree-1" / "runs" / "tpe+none-hidden-0"):
        run.mkdir(parents=True)
        (run / "trials.jsonl").touch(mode=0o600)
    return here


@pytest.fixture(scope="module")
def kept(played: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kept") / "all.tar.gz"
    backup(played, file)
    return file


def contents(here: Settings) -> dict[str, bytes]:
    return {
        str(path.relative_to(here.home)): path.read_bytes()
        for name in ("blobs", "vault", "data", "runs", "arena")
        for path in sorted((here.home / name).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_everything_comes_back(played: Settings, kept: Path, tmp_path: Path) -> None:
    there = home(tmp_path / "new")
    done = restore(there, kept)
    assert done.seasons == 1
    assert contents(there) == contents(played)
    with open_store(played) as one, open_store(there) as other:
        assert other.seasons() == one.seasons()
        season = one.seasons()[0].id
        assert other.attempts(season) == one.attempts(season)
        assert done.submissions == len(one.attempts(season)) > 1
        assert other.events() == one.events()
        assert verify_chain(other.events()) is None
    assert harness.leaderboard(there, SLUG) == harness.leaderboard(played, SLUG)


def test_one_can_go_on_after_it(kept: Path, tmp_path: Path) -> None:
    there = home(tmp_path / "new")
    restore(there, kept)
    sample = next(there.data.glob("*/sample_submission.csv"))
    done = harness.submit(there, SLUG, sample, entrant="bob")
    with open_store(there) as store:
        assert max(each.id for each in store.attempts(store.seasons()[0].id)) == done.id
        assert verify_chain(store.events()) is None


def test_the_file_and_what_comes_of_it_are_private(kept: Path, tmp_path: Path) -> None:
    assert kept.stat().st_mode & 0o077 == 0
    there = home(tmp_path / "new")
    restore(there, kept)
    for path in there.home.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.name.endswith(".lock"), path


def test_a_home_with_seasons_is_left_alone(played: Settings, kept: Path) -> None:
    before = contents(played)
    with pytest.raises(PracticeError, match="holds seasons already: nothing was changed"):
        restore(played, kept)
    assert contents(played) == before


def test_a_backup_never_overwrites(played: Settings, kept: Path) -> None:
    before = kept.read_bytes()
    with pytest.raises(PracticeError, match="is there already"):
        backup(played, kept)
    assert kept.read_bytes() == before


def repacked(kept: Path, to: Path, change: dict[str, bytes | None], **more: bytes) -> Path:
    """Write a backup again with some members changed (None: left out) and others added."""
    with tarfile.open(kept) as old, tarfile.open(to, "w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            raw = change.get(member.name, stream.read())
            if raw is not None:
                member.size = len(raw)
                new.addfile(member, io.BytesIO(raw))
        for name, raw in more.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            new.addfile(member, io.BytesIO(raw))
    return to


def refused(kept: Path, folder: Path) -> str:
    there = home(folder / "new")
    with pytest.raises(PracticeError) as caught:
        restore(there, kept)
    with open_store(there) as store:
        assert store.seasons() == ()
    assert contents(there) == {}
    assert not list(there.home.glob(".practice-*"))
    return caught.value.message


def test_a_changed_submission_is_found(played: Settings, kept: Path, tmp_path: Path) -> None:
    name = next(path.name for path in sorted(played.blobs.iterdir()) if len(path.name) == 64)
    changed = repacked(kept, tmp_path / "b.tar", {f"blobs/{name}": b"id,y\n"})
    assert f"a submission is damaged: {name[:12]}" in refused(changed, tmp_path)


def test_a_changed_event_is_found(played: Settings, kept: Path, tmp_path: Path) -> None:
    import sqlite3

    with tarfile.open(kept) as archive:
        archive.extract("practice.db", tmp_path, filter="data")
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("UPDATE event SET entrant = 'eve' WHERE seq = 3")
    connection.close()
    raw = (tmp_path / "practice.db").read_bytes()
    changed = repacked(kept, tmp_path / "b.tar", {"practice.db": raw})
    assert "event 3 is not what it was" in refused(changed, tmp_path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "blobs/../../evil", "cache/x"])
def test_a_file_that_belongs_elsewhere_is_refused(kept: Path, tmp_path: Path, name: str) -> None:
    changed = repacked(kept, tmp_path / "b.tar", {}, **{name: b"x"})
    refused(changed, tmp_path)
    assert not (tmp_path / "evil").exists()


def test_a_newer_format_is_refused_in_words(kept: Path, tmp_path: Path) -> None:
    manifest = json.dumps({"format": 2, "practice": "9.9"}).encode()
    changed = repacked(kept, tmp_path / "b.tar", {"manifest.json": manifest})
    assert "newer version of practice (9.9)" in refused(changed, tmp_path)


@pytest.mark.parametrize("size", [0, 10, 2000])
def test_a_file_that_is_cut_off_is_refused(kept: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(kept.read_bytes()[:size])
    assert "no backup, or a damaged one" in refused(cut, tmp_path)


def test_a_file_that_is_no_tar_or_not_there_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "x.tar"
    other.write_text("hello")
    told = refused(other, tmp_path)
    assert told == f"{other}: no backup, or a damaged one (file could not be opened successfully)"
    assert refused(tmp_path / "none.tar", tmp_path) == f"there is no file {tmp_path / 'none.tar'}"


def test_storage_names_what_nothing_needs_and_removes_only_that(
    played: Settings, kept: Path, tmp_path: Path
) -> None:
    there = home(tmp_path / "new")
    restore(there, kept)
    before = contents(there)
    young = blobs.put(there.blobs, b"young")
    old = there.blobs / blobs.put(there.blobs, b"old orphan")
    (there.vault / "gone-1").mkdir()
    (there.vault / "gone-1" / "key").write_bytes(b"k" * 10)
    there.cache.mkdir(exist_ok=True)
    (there.cache / "abc.part").write_bytes(b"p" * 7)
    long_ago = time.time() - 3 * 86400
    for path in (old, there.vault / "gone-1", there.cache / "abc.part"):
        os.utime(path, (long_ago, long_ago))
    rooms = {room.name: room for room in storage(there)}
    unused = {name: (room.unused_files, room.unused_bytes) for name, room in rooms.items()}
    assert unused == {
        "database": (0, 0),
        "submissions": (1, 10),
        "answers": (1, 10),
        "data": (0, 0),
        "downloads": (1, 7),
        "temporary": (0, 0),
    }
    assert storage(there, prune=True) == tuple(rooms.values())
    assert {**before, f"blobs/{young}": b"young"} == contents(there)
    assert all(room.unused_files == 0 for room in storage(there))
    assert harness.leaderboard(there, SLUG) == harness.leaderboard(played, SLUG)


def test_a_backup_moves_between_sqlite_and_postgresql(
    played: Settings, kept: Path, tmp_path: Path, postgres_url: str
) -> None:
    there = replace(home(tmp_path / "pg"), database_url=postgres_url)
    restore(there, kept)
    again = tmp_path / "again.tar"
    backup(there, again)
    back = home(tmp_path / "back")
    restore(back, again)
    assert harness.leaderboard(back, SLUG) == harness.leaderboard(played, SLUG)
    sample = next(there.data.glob("*/sample_submission.csv"))
    assert harness.submit(there, SLUG, sample, entrant="bob").status == "scored"
