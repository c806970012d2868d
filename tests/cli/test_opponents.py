"""``baseline`` and ``quickstart``: real solutions on real data that needs no download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENTRANTS = ["baseline:dummy", "baseline:linear", "baseline:lightgbm", "tuned:lightgbm"]


@pytest.fixture
def cancer(run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", "breast-cancer").code == 0


def counts(run: Callable[..., Any]) -> dict[str, int]:
    board = run("leaderboard", "breast-cancer", "--json").json
    return {entry["entrant"]: entry["submissions"] for entry in board["entries"]}


def test_baselines_are_cross_validated_and_submitted_once(
    cancer: None, run: Callable[..., Any]
) -> None:
    words = ("baseline", "breast-cancer", "--solution", "dummy", "--solution", "linear")
    done = run(*words)
    assert done.code == 0
    assert done.out.startswith("breast-cancer: f1, greater is better ↑\n")
    assert [line.split()[0] for line in done.out.splitlines()[4:]] == ["dummy", "linear"]
    assert " ± " in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    before = counts(run)
    assert before["baseline:dummy"] >= 1
    found = run(*words, "--json").json
    assert [report["entrant"] for report in found["reports"]] == ENTRANTS[:2]
    assert all(report["public_score"] > 0 for report in found["reports"])
    assert counts(run) == before
    rows = list(csv.DictReader(io.StringIO(run(*words, "--csv", "--no-submit").out)))
    assert [row["solution"] for row in rows] == ["dummy", "linear"]
    assert [row["public_score"] for row in rows] == ["", ""]


def test_a_baseline_that_does_not_exist(cancer: None, run: Callable[..., Any]) -> None:
    done = run("baseline", "breast-cancer", "--solution", "nonsense")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: no solution 'nonsense'\ntry: solutions: dummy, ")
    other = run("baseline", "titanic")
    assert (other.code, other.err) == (
        1,
        "error: 'titanic' is not started here\ntry: practice start titanic\n",
    )


def test_quickstart_after_the_reveal(cancer: None, run: Callable[..., Any]) -> None:
    run("reveal", "breast-cancer", "--yes")
    before = counts(run)
    done = run("quickstart")
    assert done.code == 0
    assert done.err == "the season is over; practice retry breast-cancer opens the next\n"
    assert counts(run) == before


@pytest.mark.slow
def test_quickstart_twice(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("quickstart")
    assert done.code == 0, done.err
    assert done.out.lstrip().startswith("Public board of breast-cancer\n")
    for entrant in ENTRANTS:
        assert f" {entrant} " in done.out
        assert entrant in done.err
    assert "  cd breast-cancer\n" in done.out
    assert (tmp_path / "breast-cancer" / "starter.py").is_file()
    before = counts(run)
    again = run("quickstart", "--json")
    assert again.code == 0
    assert [step["entrant"] for step in again.json["steps"]] == ENTRANTS
    assert all(step["already"] and step["submission"] for step in again.json["steps"])
    assert counts(run) == before
    third = run("quickstart")
    assert third.err == "everything is there already; nothing was submitted again\n"


WITHOUT = """
import sys
class Refusing:
    def find_spec(self, name, *rest):
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")
sys.meta_path.insert(0, Refusing())
from practice.cli.app import command
command().main(["quickstart", "--json"], prog_name="practice")
"""


def test_quickstart_goes_on_without_lightgbm(
    spawn: Callable[..., Any], tmp_path: Path, home: Path
) -> None:
    done = spawn("-c", WITHOUT, cwd=tmp_path)
    assert done.code == 1
    steps = {step["entrant"]: step for step in json.loads(done.out)["steps"]}
    assert list(steps) == ENTRANTS
    assert [entrant for entrant in ENTRANTS if steps[entrant]["error"]] == ENTRANTS[2:]
    assert "libgomp" in steps["baseline:lightgbm"]["hint"] + steps["baseline:lightgbm"]["error"]
    assert steps["baseline:linear"]["submission"]
