"""Killed, crowded and out of disk: nothing half-done, nothing accepted lost."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from practice import harness
from practice.settings import Settings, from_environment

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]

# A real process: it says "ready" when everything is imported, waits for a line, acts, and says
# what it was told.
CHILD = """
import json, os, sys
from pathlib import Path
import practice.harness as harness, practice.settings as settings
import practice.build, practice.scoring, practice.store, pyarrow.csv, pyarrow.parquet, sqlalchemy
if sys.argv[1] == "start":
    import pandas
print("ready", flush=True)
sys.stdin.readline()
home = settings.load()
from practice.errors import PracticeError
try:
    if sys.argv[1] == "start":
        done = harness.start(home, "toy", Path(sys.argv[2]))
        print(json.dumps({"season": done.season}), flush=True)
    else:
        done = harness.submit(home, "toy", Path(sys.argv[2]), entrant=sys.argv[3])
        print(json.dumps({"id": done.id, "status": done.status}), flush=True)
except PracticeError as error:
    print(json.dumps({"error": error.message, "hint": error.hint}), flush=True)
"""


def spawn(*words: str, home: Path | None = None) -> subprocess.Popen[str]:
    environ = dict(os.environ) if home is None else {**os.environ, "PRACTICE_HOME": str(home)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n", child.communicate()[1]
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def answer(child: subprocess.Popen[str]) -> dict[str, object]:
    out, err = child.communicate(timeout=60)
    assert "Traceback" not in err, err
    return json.loads(out)


def killed(child: subprocess.Popen[str], after: float) -> str:
    """Let a child act, kill it after so many seconds, and return what it had said by then."""
    go(child)
    time.sleep(after)
    child.kill()
    return child.communicate()[0]


@pytest.mark.slow
def test_start_killed_at_any_moment_leaves_nothing_half_done(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    base = toy()
    draw = random.Random(0)
    began = time.perf_counter()
    harness.start(base, "toy", tmp_path / "whole")
    whole = time.perf_counter() - began
    (build,) = (path.name for path in base.data.iterdir())
    wanted = {
        path.name: path.read_bytes() for path in sorted((tmp_path / "whole" / "data").iterdir())
    }
    for turn in range(25):
        home, workspace = tmp_path / f"home{turn}", tmp_path / f"ws{turn}"
        killed(spawn("start", str(workspace), home=home), draw.random() * whole * 1.5)
        settings = from_environment({**os.environ, "PRACTICE_HOME": str(home)})
        done = harness.start(settings, "toy", workspace)
        assert (done.build, done.season) == (build, 1)
        found = {path.name: path.read_bytes() for path in (workspace / "data").iterdir()}
        assert found == wanted
        assert [path.name for path in settings.vault.iterdir()] == [build]
        assert [path.name for path in settings.data.iterdir()] == [build]
        assert harness.submit(settings, "toy", predict(settings), entrant="ann").public_score == 1.0
        leftovers = [
            p for p in tmp_path.iterdir() if p.name.startswith((f".ws{turn}", f"ws{turn}"))
        ]
        assert leftovers == [workspace]


@pytest.mark.slow
def test_submit_killed_at_any_moment_loses_nothing_it_had_said(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1000)
    harness.start(settings, "toy", tmp_path / "ws")
    draw = random.Random(1)
    file = tmp_path / "submission.csv"
    file.write_bytes(predict(settings, 3))
    child = spawn("submit", str(file), "ann")
    began = time.perf_counter()
    go(child)
    said = [answer(child)["id"]]
    whole = time.perf_counter() - began
    for turn in range(30):
        file.write_bytes(predict(settings, turn))
        out = killed(spawn("submit", str(file), "ann"), draw.random() * whole * 1.3)
        if out:
            said.append(json.loads(out)["id"])
        rows = harness.submissions(settings, "toy", "ann")
        assert {row.id for row in rows} >= set(said)
        assert all(row.status == "scored" and row.public_score is not None for row in rows)
    assert len(said) > 1, "every child was killed before it could finish"
    assert len(said) < 31, "no child was killed in time"
    last = harness.submit(settings, "toy", predict(settings), entrant="bob")
    assert (last.status, last.rank) == ("scored", 1)


def test_two_processes_at_once_both_succeed(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    file = tmp_path / "submission.csv"
    file.write_bytes(predict(settings))
    pair = [spawn("submit", str(file), name) for name in ("ann", "bob")]
    for child in pair:
        go(child)
    said = [answer(child) for child in pair]
    assert [each["status"] for each in said] == ["scored", "scored"]
    assert {each["id"] for each in said} == {1, 2}
    assert len(harness.leaderboard(settings, "toy").entries) == 2


def test_with_a_limit_of_one_exactly_one_succeeds(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    crowd = []
    for wrong in range(4):
        file = tmp_path / f"{wrong}.csv"
        file.write_bytes(predict(settings, wrong))
        crowd.append(spawn("submit", str(file), "ann"))
    for child in crowd:
        go(child)
    said = sorted(str(answer(child)["status"]) for child in crowd)
    assert said == ["refused", "refused", "refused", "scored"]


def test_two_processes_starting_at_once_make_one_season(toy: Toy, tmp_path: Path) -> None:
    settings = toy()
    pair = [spawn("start", str(tmp_path / name)) for name in ("a", "b")]
    for child in pair:
        go(child)
    assert [answer(child) for child in pair] == [{"season": 1}, {"season": 1}]
    assert harness.leaderboard(settings, "toy").season == 1


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a file system of a few hundred kilobytes, or skip where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this test may not mount a tmpfs here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def submit_until_full(settings: Settings, predict: Predict, tmp_path: Path) -> list[object]:
    """Submit from real processes until one is told that it cannot; return the ids said."""
    said: list[object] = []
    for turn in range(60):
        file = tmp_path / "submission.csv"
        padding = b"\n" * 30_000  # blank lines at the end are fine, and fill the disk
        file.write_bytes(predict(settings, turn) + padding)
        child = spawn("submit", str(file), "ann", home=settings.home)
        go(child)
        told = answer(child)
        if "error" in told:
            assert "full" in str(told["error"]) or "space" in str(told["error"]), told
            assert told["hint"]
            return said
        said.append(told["id"])
    raise AssertionError("the disk was never full")


@pytest.mark.slow
def test_a_full_disk_is_said_and_loses_nothing(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    toy(limit=1000)
    home = tmp_path / "disk"
    with small_disk(home, "900k"):
        settings = from_environment({**os.environ, "PRACTICE_HOME": str(home)})
        harness.start(settings, "toy", tmp_path / "ws")
        said = submit_until_full(settings, predict, tmp_path)
        assert said
        rows = harness.submissions(settings, "toy", "ann")
        assert [row.id for row in rows] == said
        assert all(row.public_score is not None for row in rows)


def test_a_write_that_fails_is_said_and_loses_nothing(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    harness.submit(settings, "toy", predict(settings, 1), entrant="ann")
    file = tmp_path / "submission.csv"
    file.write_bytes(predict(settings) + b"\n" * 300_000)
    child = spawn("submit", str(file), "ann")
    # No file of this process may grow beyond 64 kB: the copy of the submission cannot be written.
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (65536, 65536))
    go(child)
    told = answer(child)
    assert "error" in told, told
    assert [row.id for row in harness.submissions(settings, "toy")] == [1]
    assert harness.submit(settings, "toy", file, entrant="ann").status == "scored"
