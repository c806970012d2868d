"""``practice verify`` as it is called."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_verify_says_what_fits_and_what_does_not(
    run: Run, home: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", "breast-cancer").code == 0
    sample = tmp_path / "breast-cancer" / "data" / "sample_submission.csv"
    assert run("submit", str(sample), "-c", "breast-cancer", "--as", "ann").code == 0
    done = run("verify")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("everything fits: ")
    assert " submissions, " in done.out
    said = json.loads(run("verify", "breast-cancer", "--json").out)
    assert (said["ok"], said["found"], said["unreceipted"]) == (True, None, 0)
    assert done.out.split()[-1] == said["head"]
    assert run("verify", "--head", said["head"][:16]).code == 0
    lost = run("verify", "--head", "0" * 16)
    assert lost.code == 1
    assert lost.out == (
        "does not fit: chain of events: it does not hold the head 0000000000000000\n"
    )
    with sqlite3.connect(home / "practice.db") as connection:
        connection.execute("UPDATE submission SET message = 'won' WHERE file LIKE 'sample%'")
    connection.close()
    changed = run("verify", "--json")
    assert changed.code == 1
    found = json.loads(changed.out)["found"]
    assert found["message"].startswith("submission.message does not fit its receipt (event ")


def test_verify_of_an_empty_home(run: Run) -> None:
    done = run("verify")
    assert (done.code, done.out) == (
        0,
        "everything fits: 0 submissions, 0 scores, 0 events, 0 files\n",
    )
    unknown = run("verify", "breast-cancer")
    assert (unknown.code, unknown.out) == (1, "")
    assert "practice start breast-cancer" in unknown.err
