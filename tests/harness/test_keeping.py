"""Backups: everything comes back, from either kind of database into either, or nothing does."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest

from practice import harness
from practice.errors import PracticeError
from practice.harness.keeping import backup, restore
from practice.harness.storing import storage
from practice.harness.verifying import verify
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


def first_format(kept: Path) -> dict[str, bytes | None]:
    """Return what makes a backup one of the first format, which held no digests."""
    with tarfile.open(kept) as archive:
        stream = archive.extractfile("manifest.json")
        assert stream is not None
        manifest = json.loads(stream.read())
    return {"manifest.json": json.dumps(manifest | {"format": 1}).encode(), "digests.json": None}


def names_in(kept: Path) -> list[str]:
    with tarfile.open(kept) as archive:
        return archive.getnames()


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
    assert f"blobs/{name}: not what was backed up; nothing was" in refused(changed, tmp_path)


def test_a_changed_event_is_found(played: Settings, kept: Path, tmp_path: Path) -> None:
    with tarfile.open(kept) as archive:
        archive.extract("practice.db", tmp_path, filter="data")
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("UPDATE event SET entrant = 'eve' WHERE seq = 3")
    connection.close()
    raw = (tmp_path / "practice.db").read_bytes()
    changed = repacked(kept, tmp_path / "b.tar", {"practice.db": raw})
    assert "practice.db: not what was backed up" in refused(changed, tmp_path)
    old = repacked(kept, tmp_path / "old.tar", {"practice.db": raw, **first_format(kept)})
    assert "event 3: not what was written, moved or gone" in refused(old, tmp_path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "blobs/../../evil", "cache/x"])
def test_a_file_that_belongs_elsewhere_is_refused(kept: Path, tmp_path: Path, name: str) -> None:
    changed = repacked(kept, tmp_path / "b.tar", {}, **{name: b"x"})
    refused(changed, tmp_path)
    assert not (tmp_path / "evil").exists()


def test_a_newer_format_is_refused_in_words(kept: Path, tmp_path: Path) -> None:
    manifest = json.dumps({"format": 3, "practice": "9.9"}).encode()
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


def test_a_file_cut_off_between_members_is_refused(kept: Path, tmp_path: Path) -> None:
    names = names_in(kept)
    assert (names[0], names[1], names[-1]) == ("manifest.json", "practice.db", "digests.json")
    for left in (1, 2, len(names) // 2, len(names) - 1):
        gone: dict[str, bytes | None] = dict.fromkeys(names[left:])
        told = refused(repacked(kept, tmp_path / "cut.tar", gone), tmp_path)
        expected = "practice.db is missing" if left == 1 else "its end: missing: the file was cut"
        assert expected in told, left


@pytest.mark.parametrize("old", [False, True], ids=["with digests", "first format"])
def test_each_lost_file_is_named_or_counted(kept: Path, tmp_path: Path, old: bool) -> None:
    for name in names_in(kept)[2:-1]:
        gone: dict[str, bytes | None] = {name: None, **(first_format(kept) if old else {})}
        told = refused(repacked(kept, tmp_path / "b.tar", gone), tmp_path)
        assert (
            f"its files: {len(names_in(kept)) - 4} instead of" if old else f"{name}: mis"
        ) in told


def test_changed_answers_are_found(kept: Path, tmp_path: Path) -> None:
    name = next(name for name in names_in(kept) if name.endswith("solution.parquet"))
    changed = repacked(kept, tmp_path / "b.tar", {name: b"junk"})
    assert f"{name}: not what was backed up" in refused(changed, tmp_path)
    old = repacked(kept, tmp_path / "old.tar", {name: b"junk", **first_format(kept)})
    assert f"{name}: not what it was (event 1)" in refused(old, tmp_path)


def test_digests_made_anew_do_not_hide_what_does_not_fit(kept: Path, tmp_path: Path) -> None:
    name = next(name for name in names_in(kept) if name.startswith("blobs/"))
    with tarfile.open(kept) as archive:
        stream = archive.extractfile("digests.json")
        assert stream is not None
        digests = json.loads(stream.read())
    digests[name] = hashlib.sha256(b"id,y\n").hexdigest()
    change: dict[str, bytes | None] = {
        name: b"id,y\n",
        "digests.json": json.dumps(digests).encode(),
    }
    told = refused(repacked(kept, tmp_path / "b.tar", change), tmp_path)
    assert f"its file {name[:18]}... is not what it was" in told


def test_a_backup_of_the_first_format_comes_back(kept: Path, tmp_path: Path) -> None:
    old = repacked(kept, tmp_path / "old.tar", first_format(kept))
    there, new = home(tmp_path / "new"), home(tmp_path / "newer")
    assert restore(there, old).found is None
    restore(new, kept)
    assert contents(there) == contents(new)


@pytest.mark.parametrize(
    "manifest",
    ["[]", "{}", "7", '{"format": "2"}', '{"format": 2}', "{", "[" * 100_000, '{"format": 1}'],
)
def test_a_damaged_manifest_is_refused_in_words(kept: Path, tmp_path: Path, manifest: str) -> None:
    changed = repacked(kept, tmp_path / "b.tar", {"manifest.json": manifest.encode()})
    told = refused(changed, tmp_path)
    assert "backup" in told or told.endswith("its manifest.json is damaged")


def test_damaged_digests_or_counts_are_refused_in_words(kept: Path, tmp_path: Path) -> None:
    changed = repacked(kept, tmp_path / "b.tar", {"digests.json": b"[]"})
    assert refused(changed, tmp_path).endswith("its digests.json is damaged")
    other = json.loads(first_format(kept)["manifest.json"] or b"") | {"submissions": 1}
    change = {**first_format(kept), "manifest.json": json.dumps(other).encode()}
    told = refused(repacked(kept, tmp_path / "c.tar", change), tmp_path)
    assert "submissions instead of 1" in told


def test_a_file_that_is_in_it_twice_is_refused(kept: Path, tmp_path: Path) -> None:
    name = next(name for name in names_in(kept) if name.startswith("blobs/"))
    changed = repacked(kept, tmp_path / "b.tar", {}, **{name: b"x"})
    assert f"it holds {name!r} twice" in refused(changed, tmp_path)


def test_a_database_that_is_none_is_refused_in_words(kept: Path, tmp_path: Path) -> None:
    changed = repacked(kept, tmp_path / "b.tar", {"practice.db": b"junk" * 999})
    told = refused(changed, tmp_path)
    assert told == f"{changed}: the database practice.db is not a database"


def test_a_damaged_backup_comes_back_when_asked_for(kept: Path, tmp_path: Path) -> None:
    name = next(name for name in names_in(kept) if name.startswith("blobs/"))
    damaged = repacked(kept, tmp_path / "b.tar", {name: None})
    there = home(tmp_path / "new")
    done = restore(there, damaged, anyway=True)
    assert done.found is not None
    assert (done.found.where, done.found.message) == (name, "missing")
    found = verify(there).found
    assert found is not None
    assert found.message == f"its file {name[:18]}... is gone"


def test_a_home_that_does_not_fit_is_kept_as_it_is(kept: Path, tmp_path: Path) -> None:
    here, there = home(tmp_path / "here"), home(tmp_path / "there")
    restore(here, kept)
    with sqlite3.connect(here.home / "practice.db") as connection:
        connection.execute("UPDATE submission SET message = 'won' WHERE message = 'é'")
    connection.close()
    file = tmp_path / "again.tar"
    made = backup(here, file)
    assert made.found == verify(here).found
    assert made.found is not None
    told = refused(file, tmp_path)
    assert f"{made.found.where}: {made.found.message}; nothing was restored" in told
    done = restore(there, file, anyway=True)
    assert (done.found, verify(there).found) == (made.found, made.found)


def test_another_build_in_its_place_is_not_mixed_with_it(kept: Path, tmp_path: Path) -> None:
    there = home(tmp_path / "new")
    restore(there, kept)
    (there.home / "practice.db").unlink()
    key = next(there.vault.glob("*/key"))
    right = key.read_bytes()
    key.write_bytes(b"k" * len(right))
    with pytest.raises(PracticeError, match="is not what the backup holds: nothing was changed"):
        restore(there, kept)
    assert key.read_bytes() == b"k" * len(right)
    key.write_bytes(right)
    restore(there, kept)
    assert verify(there).found is None


def test_there_is_no_backup_without_the_database(kept: Path, tmp_path: Path) -> None:
    there = home(tmp_path / "new")
    restore(there, kept)
    (there.home / "practice.db").unlink()
    with pytest.raises(PracticeError, match=r"practice\.db: gone, and submissions that it named"):
        backup(there, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()
    assert not (there.home / "practice.db").exists()


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
