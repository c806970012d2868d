"""Submission files, kept by content."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from practice.errors import StoreError
from practice.store import blobs

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "blobs"


def age(path: Path, by: timedelta) -> None:
    """Make a file look as if it had been written earlier."""
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != ".lock"}


@pytest.mark.parametrize(
    "content", [b"", b"id,y\n1,0\n", bytes(range(256)) * 10_000], ids=["empty", "small", "large"]
)
def test_bytes_and_files_are_kept_under_their_hash(
    folder: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "predictions.csv"
    file.write_bytes(content)
    name = blobs.put(folder, file)
    assert name == hashlib.sha256(content).hexdigest()
    assert blobs.path(folder, name) == folder / name
    assert blobs.path(folder, name).read_bytes() == content
    assert blobs.put(folder, content) == name
    assert names(folder) == {name}
    assert file.read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no modes")
def test_only_the_owner_may_read_them(folder: Path) -> None:
    before = os.umask(0)
    try:
        name = blobs.put(folder, b"x")
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)}
    assert modes == {folder: 0o700, folder.parent: 0o700}
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_blob_that_is_there_stays_as_it_is(folder: Path) -> None:
    name = blobs.put(folder, b"predictions")
    before = (folder / name).stat()
    blobs.put(folder, b"predictions")
    after = (folder / name).stat()
    assert (after.st_ino, after.st_ctime_ns >= before.st_ctime_ns) == (before.st_ino, True)


def test_a_blob_that_was_cut_off_is_replaced(folder: Path) -> None:
    name = blobs.put(folder, b"predictions")
    (folder / name).write_bytes(b"pred")
    assert blobs.put(folder, b"predictions") == name
    assert (folder / name).read_bytes() == b"predictions"
    assert names(folder) == {name}


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_names_a_blob(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a sha256"):
        blobs.path(folder, name)


def test_a_source_that_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    with pytest.raises(StoreError) as refused:
        blobs.put(folder, missing)
    assert refused.value.message == f"cannot read {missing}: No such file or directory"
    with pytest.raises(StoreError) as refused:
        blobs.put(folder, tmp_path)
    assert refused.value.message == f"cannot read {tmp_path}: Is a directory"
    assert names(folder) == set()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    with pytest.raises(StoreError) as refused:
        blobs.put(tmp_path / "home" / "blobs", b"x")
    assert "there is a file where a folder should be" in refused.value.message
    assert refused.value.hint == "set PRACTICE_HOME to a folder"


def test_a_read_only_folder(folder: Path, freeze: Callable[[Path], None]) -> None:
    name = blobs.put(folder, b"old")
    freeze(folder)
    with pytest.raises(StoreError) as refused:
        blobs.put(folder, b"new")
    assert refused.value.message == (
        f"cannot write into {folder}: it is read-only or belongs to somebody else"
    )
    assert refused.value.hint == "make it writable, or set PRACTICE_HOME to a folder that is"
    assert names(folder) == {name}
    assert (folder / name).read_bytes() == b"old"


def test_a_full_disk_leaves_nothing_behind(tiny_disk: Path) -> None:
    kept = blobs.put(tiny_disk, b"old")
    with pytest.raises(StoreError) as refused:
        blobs.put(tiny_disk, bytes(2 << 20))
    assert refused.value.message == f"cannot write into {tiny_disk}: the disk is full"
    assert refused.value.hint == "free some space, then try again"
    assert names(tiny_disk) == {kept}
    assert (tiny_disk / kept).read_bytes() == b"old"
    assert blobs.put(tiny_disk, b"new") == hashlib.sha256(b"new").hexdigest()


RUN = "import sys; from pathlib import Path; from practice.store import blobs; "


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_write_that_fails_leaves_nothing_behind(folder: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16)); "
    code = RUN + limit + "blobs.put(Path(sys.argv[1]), bytes(1 << 20))"
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last == f"practice.errors.StoreError: cannot write into {folder}: the disk is full"
    assert names(folder) == set()


def test_a_put_that_is_killed_leaves_a_temporary_file_that_goes_later(
    folder: Path, tmp_path: Path
) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs a named pipe")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = RUN + "blobs.put(Path(sys.argv[1]), Path(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", code, folder, pipe])
    with pipe.open("wb") as end:  # opens when the other side reads
        end.write(bytes(3 << 20))
        end.flush()
        process.kill()
        process.wait()
    (left,) = names(folder)
    assert left.startswith(".put-")
    assert blobs.collect(folder, set(), DAY) == 0  # it may still be under way
    name = blobs.put(folder, b"x")
    assert names(folder) == {left, name}
    age(folder / left, 2 * DAY)
    blobs.put(folder, b"y")
    assert left not in names(folder)


def test_collecting_removes_what_is_old_and_not_kept(folder: Path) -> None:
    kept, orphan, fresh = (blobs.put(folder, content) for content in (b"k", b"o", b"f"))
    (folder / ".put-old").write_bytes(b"half")
    (folder / "README").write_bytes(b"somebody else's")
    for name in (kept, orphan, ".put-old", "README"):
        age(folder / name, 2 * DAY)
    assert blobs.collect(folder, {kept}, DAY) == 2
    assert names(folder) == {kept, fresh, "README"}
    assert blobs.collect(folder, {kept}, DAY) == 0
    assert blobs.collect(folder / "missing", set(), DAY) == 0


def test_an_old_orphan_that_is_put_again_is_not_collected(folder: Path) -> None:
    name = blobs.put(folder, b"again")
    age(folder / name, 2 * DAY)
    blobs.put(folder, b"again")
    assert blobs.collect(folder, set(), DAY) == 0
    assert (folder / name).read_bytes() == b"again"


def test_putting_while_others_collect_loses_nothing(folder: Path) -> None:
    """Each put must leave its blob there, however often it was old enough to go before."""
    code = RUN + (
        "from datetime import timedelta\n"
        "while True: blobs.collect(Path(sys.argv[1]), set(), timedelta(seconds=5))"
    )
    name = blobs.put(folder, b"contested")
    process = subprocess.Popen([sys.executable, "-c", code, folder])
    try:
        for _ in range(300):
            with suppress(FileNotFoundError):  # collected already
                age(folder / name, DAY)
            blobs.put(folder, b"contested")
            assert (folder / name).read_bytes() == b"contested"
    finally:
        process.kill()
        process.wait()
