"""``practice backup`` and ``practice restore`` as they are called."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from practice.settings import Settings

Run = Callable[..., Any]
MISFIT = "submission 1: submission.message does not fit its receipt (event 3)"


def test_a_backup_comes_back(
    started: Settings, run: Run, predict: Callable[..., str], home: Path
) -> None:
    run("submit", predict(Path("toy"), 4), "--as", "ada")
    made = run("backup", "all.tar")
    assert (made.code, made.out.splitlines()[1:]) == (
        0,
        ["  Holds        1 submissions of 1 season"],
    )
    shutil.rmtree(home)
    assert run("restore", "all.tar", "--json").json["found"] is None
    assert run("verify").code == 0


def test_what_does_not_fit_is_said_and_brought_back_only_when_asked_for(
    started: Settings, run: Run, predict: Callable[..., str], home: Path
) -> None:
    run("submit", predict(Path("toy"), 4), "--as", "ada")
    with sqlite3.connect(home / "practice.db") as connection:
        connection.execute("UPDATE submission SET message = 'won'")
    connection.close()
    made = run("backup", "all.tar")
    assert made.code == 0
    assert f"does not fit: {MISFIT}\n" in made.out
    shutil.rmtree(home)
    done = run("restore", "all.tar")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error: all.tar: {MISFIT}; nothing was restored\n"
        "try: practice restore all.tar --anyway takes it as it is\n"
    )
    assert run("leaderboard", "toy").code == 1
    done = run("restore", "all.tar", "--anyway")
    assert (done.code, done.err) == (0, "next: practice verify\n")
    assert done.out.splitlines()[-1] == f"does not fit: {MISFIT}"
    assert f"does not fit: {MISFIT}\n" in run("verify").out


def test_a_file_that_is_no_backup_says_what_is_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"")
    done = run("restore", str(tmp_path / "x.tar"), "--anyway")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("try: practice backup FILE makes such a file\n")
