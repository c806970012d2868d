"""``practice replay``: recorded once on real data, replayed in several forms."""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.settings import Settings
from practice.tuning import load_run
from practice.tuning.records import ROWS, finals, read_rows

SLUG = "breast-cancer"
TREE = ("replay", SLUG, "--solution", "tree", "--seeds", "2")
Run = Callable[..., Any]


@pytest.fixture
def cancer(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", SLUG).code == 0


def test_nothing_recorded_says_the_command_that_records(cancer: None, run: Run) -> None:
    done = run("replay", SLUG)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: no curves of lightgbm on breast-cancer are recorded yet\n"
        "try: practice replay breast-cancer --record 200\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (("--solution", "dummy"), 1, "solution 'dummy' has nothing to tune", "--solution one of "),
        (
            ("--solution", "dummy", "--record", "20"),
            1,
            "solution 'dummy' has nothing to tune",
            "--solution one of ",
        ),
        (("--solution", "nobody"), 1, "no solution 'nobody'", ""),
        (("--strategies", "none,none"), 2, "strategy 'none' is named twice", "name it once"),
    ],
)
def test_what_cannot_be_replayed_is_refused_before_anything_is_recorded(
    cancer: None,
    run: Run,
    settings: Settings,
    words: tuple[str, ...],
    code: int,
    message: str,
    hint: str,
) -> None:
    done = run("replay", SLUG, *words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"error: {message}")
    assert f"\ntry: {hint}" in done.err
    assert not settings.runs.exists()


def test_it_records_and_replays_in_one_go_and_records_on(
    cancer: None, run: Run, settings: Settings
) -> None:
    done = run(*TREE, "--record", "16", "--trials", "5", "--strategies", "none,median,qmc")
    assert done.code == 0
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "breast-cancer: tree replayed, 2 seeds of 5 trials"
    rows = [line.split() for line in lines if "tabular " in line or "surrogate " in line]
    assert [row[:2] for row in rows[:3]] == [
        ["random+none", "tabular"],
        ["random+median", "tabular"],
        ["qmc", "surrogate"],
    ]
    assert "recorded in breast-cancer-tree-random+none-1" in done.err
    folder = settings.runs / "breast-cancer-tree-random+none-1"
    before = load_run(folder).rows
    distinct = {str(row.configuration) for row in before}  # of whole numbers, some come again
    assert f"  Recorded     {len(distinct)} configurations" in lines
    assert run(*TREE, "--record", "20", "--trials", "5", "--strategies", "none").code == 0
    after = load_run(folder).rows
    assert after[: len(before)] == before
    assert [len(finals(rows)) for rows in (before, after)] == [16, 20]
    assert [path.name for path in settings.runs.iterdir()] == [folder.name]


def test_a_recording_that_is_stopped_goes_on_with_the_same_command(
    cancer: None, run: Run, settings: Settings
) -> None:
    folder = settings.runs / "breast-cancer-lightgbm-random+none-1"
    words = ("replay", SLUG, "--record", "5000")
    process = subprocess.Popen(
        [sys.executable, "-m", "practice.cli", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (folder / ROWS).is_file() or len(finals(read_rows(folder / ROWS))) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "try: practice replay breast-cancer --record 5000" in err
    assert "Traceback" not in err
    before = finals(load_run(folder).rows)
    more = str(max(len(before), 10) + 1)
    done = run("replay", SLUG, "--record", more, "--strategies", "none", "--seeds", "1")
    assert done.code == 0
    after = finals(load_run(folder).rows)
    assert len(after) == int(more)
    assert after[: len(before)] == before


def test_json_and_csv_say_the_same(cancer: None, run: Run) -> None:
    words = (*TREE, "--record", "16", "--work", "4", "--strategies", "none,halving")
    found = run(*words, "--json").json
    assert (found["competition"], found["drawn"]) == (SLUG, found["recorded"])
    assert (found["work"], found["trials"], found["agreement"]) == (4.0, None, None)
    done = run(*words, "--csv")
    table = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["strategy"] for row in table] == ["random+none", "halving"]
    for row, each in zip(table, found["strategies"], strict=True):
        assert float(row["regret_100"]) == each["regret_100"]
        assert float(row["work"]) == each["work"]
    assert [band["strategy"] for band in found["anytime"]] == ["random+none", "halving"]


def test_it_is_drawn(cancer: None, run: Run, tmp_path: Path) -> None:
    words = (*TREE, "--record", "16", "--trials", "5", "--strategies", "none,qmc", "--chart")
    done = run(*words)
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Tabular: recorded curves" in done.out
    assert "Surrogate: predicted from recorded curves" in done.out
    assert "● random+none   ▲ qmc" in done.out
    if all(importlib.util.find_spec(name) for name in ("altair", "vl_convert")):
        assert run(*words, "--png", str(tmp_path / "x.png")).code == 0
        assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--json", "--csv"), "--json and --csv exclude each other"),
        (("--strategies", "none,,qmc"), "--strategies has an empty name"),
        (("--record", "12", "--seeds", "0"), "--seeds 0 is not above 0"),
        (("--record", "12", "--trials", "0"), "--trials 0 is not above 0"),
        (("--record", "12", "--trials", "3", "--work", "3"), "--trials and --work exclude"),
        (("--record", "9"), "--record 9 is below 10"),
        (("--png", "x.jpg"), "does not end with .png"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_done(
    words: tuple[str, ...], message: str, home: Path, run: Run
) -> None:
    done = run("replay", SLUG, *words)
    assert done.code == 2
    assert message in done.err + done.out
    assert not (home / "runs").exists()
