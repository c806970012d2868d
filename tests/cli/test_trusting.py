"""Out-of-fold predictions on the command line, and what ``trust`` and the pictures make of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import practice
from practice.settings import Settings

Run = Callable[..., Any]
Predict = Callable[..., str]
ENDINGS = (("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!DOCTYPE html>"))


def out_of_fold(wrong: int, file: str = "oof.csv") -> str:
    """Predict the training rows right, but for the first of each fold, so many times over."""
    with Path("toy/data/train.csv").open(newline="") as stream:
        truth = {row["id"]: int(row["rain"]) for row in csv.DictReader(stream)}
    with Path("toy/data/folds.csv").open(newline="") as stream:
        folds = [(row["id"], row["fold"]) for row in csv.DictReader(stream)]
    lines, seen = ["id,rain"], dict.fromkeys("01234", 0)
    for key, fold in folds:
        lines.append(f"{key},{truth[key] if seen[fold] >= wrong else 1 - truth[key]}")
        seen[fold] += 1
    path = Path("toy") / file
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def submitted(toy: Callable[..., Settings], run: Run, predict: Predict) -> None:
    """Submit nine times, better each time by both scores."""
    toy(limit=99)
    assert run("start", "toy").code == 0
    for wrong in range(8, -1, -1):
        file = predict(Path("toy"), wrong)
        done = run("submit", file, "--oof", out_of_fold(wrong // 2), "-m", f"{wrong} wrong")
        assert done.code == 0, done.err


def test_the_score_of_the_folds_stands_beside_the_public_one(
    started: Settings, run: Run, predict: Predict
) -> None:
    file, oof = predict(Path("toy"), 3), out_of_fold(1)
    done = run("submit", file, "--oof", oof)
    assert done.code == 0
    assert "Folds" in done.out
    assert "(standard error), the mean of 5 folds, 30 rows" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    found = run("submit", file, "--oof", oof, "--json").json["cross_validation"]
    assert found["rows"] == 30
    assert found["score"] == pytest.approx(sum(found["folds"]) / 5)
    assert found["score"] < 1
    table = run("submissions", "toy")
    assert table.out.splitlines()[0].split()[:3] == ["Id", "Public", "CV"]
    (first, _) = run("submissions", "toy", "--json").json["submissions"]
    assert first["cross_validation"] == found["score"]
    assert run("submit", file, "--json").json["cross_validation"] is None


def test_a_file_with_faults_costs_nothing(
    started: Settings, run: Run, predict: Predict, tmp_path: Path
) -> None:
    file = predict(Path("toy"))
    bad = tmp_path / "bad.csv"
    bad.write_text(Path(out_of_fold(0)).read_text() + "77777,1\n")
    done = run("submit", file, "--oof", str(bad))
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: bad.csv is refused: 1 problem\n"
        "  - row 31, column id: unknown id\n"
        "    found: 77777\n"
        "    try: write the ids as folds.csv has them\n"
        "nothing was stored; no attempt was used\n"
    )
    found = run("submit", file, "--oof", str(bad), "--json")
    assert found.code == 1
    assert found.json["status"] == "refused"
    assert found.json["problems"][0]["value"] == "77777"
    assert found.json["error"] == "bad.csv: unknown id"
    gone = run("submit", file, "--oof", "none.csv")
    assert (gone.code, gone.err.splitlines()[0]) == (2, "error: none.csv does not exist")
    assert run("submissions", "toy", "--json").json["submissions"] == []


def test_standard_input_is_one_file(started: Settings, run: Run, predict: Predict) -> None:
    oof = Path(out_of_fold(0)).read_text()
    done = run("submit", predict(Path("toy")), "--oof", "-", stdin=oof)
    assert done.code == 0
    both = run("submit", "-", "--oof", "-", "-c", "toy", stdin=oof)
    assert both.code == 2
    assert both.err.startswith("error: FILE and --oof cannot both be standard input\n")


def test_a_data_frame_of_predictions(started: Settings, run: Run, predict: Predict) -> None:
    toy = practice.competition("toy", "ann")
    done = toy.submit(predict(Path("toy")), oof=pd.read_csv(out_of_fold(1)))
    assert done.cross_validation is not None
    assert done.cross_validation.rows == 30
    with pytest.raises(practice.PracticeError, match=r"^oof \(DataFrame\): "):
        toy.submit(predict(Path("toy")), oof=pd.read_csv(out_of_fold(1)).head(3))


def test_trust_says_both_scores_the_gains_and_the_verdict(submitted: None, run: Run) -> None:
    done = run("trust", "toy")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "Cross-validation against the public board of toy"
    assert lines[1] == "accuracy, greater is better ↑, submissions of login"
    assert lines[3].split("  ")[0] == "Id"
    assert "Gain by CV" in lines[3]
    assert "≈" in done.out  # a gain of one row
    assert "100 % of 30 pairs ordered alike (9 submissions near your best)" in done.out
    assert max(map(len, lines)) <= 80
    found = run("trust", "toy", "--json").json
    assert (found["verdict"], found["compared"], found["alike"]) == ("trust", 9, 1)
    table = list(csv.DictReader(io.StringIO(run("trust", "toy", "--csv").out)))
    assert [row["message"] for row in table] == [f"{wrong} wrong" for wrong in range(8, -1, -1)]
    assert [int(row["submission"]) for row in table] == list(range(1, 10))
    assert json.loads(table[1]["board_gain"])["real"] is False
    assert run("reveal", "toy", "--yes").code == 0
    after = run("trust", "toy").out
    assert after.startswith("Cross-validation against the private board of toy\n")
    assert " % by the public board, likewise\n" in after


def test_the_pictures_are_written_and_drawn(submitted: None, run: Run, tmp_path: Path) -> None:
    for verb, title in (
        ("trust", "toy: cross-validation against the public board"),
        ("submissions", "toy: progress over time"),
    ):
        files = {ending: tmp_path / f"{verb}.{ending}" for ending, _ in ENDINGS}
        options = [word for ending, path in files.items() for word in (f"--{ending}", str(path))]
        done = run(verb, "toy", "--chart", *options)
        assert done.code == 0
        assert title in done.out
        assert max(map(len, done.out.splitlines())) <= 80
        for ending, begins in ENDINGS:
            assert files[ending].read_bytes().startswith(begins)
        assert run(verb, "toy", "--png", "a.svg").code == 2


def test_there_is_nothing_to_compare(started: Settings, run: Run, predict: Predict) -> None:
    assert run("submit", predict(Path("toy"))).code == 0
    done = run("trust", "toy")
    assert (done.code, done.out) == (
        0,
        "No submission of login has out-of-fold predictions yet.\n",
    )
    assert "next: practice submit FILE --oof OOF -c toy" in done.err
    drawn = run("trust", "toy", "--chart")
    assert drawn.code == 1
    assert drawn.err.startswith("error: no submission to toy has both scores: nothing to draw\n")
    assert run("trust", "toy", "--json").json["verdict"] == "too few"
    assert run("trust", "toy", "--json", "--csv").code == 2


def test_progress_is_of_one_entrant(started: Settings, run: Run) -> None:
    done = run("submissions", "toy", "--all", "--chart")
    assert (done.code, done.err.splitlines()[0]) == (
        2,
        "error: a picture shows the progress of one entrant",
    )
    empty = run("submissions", "toy", "--chart")
    assert empty.code == 1
    assert empty.err.startswith("error: no submission to toy has a score that is told")


def test_blind_feedback_says_that_there_is_nothing_to_compare(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    toy(feedback="blind")
    assert run("start", "toy").code == 0
    assert run("submit", predict(Path("toy")), "--oof", out_of_fold(1)).code == 0
    done = run("trust", "toy")
    assert done.code == 0
    assert "Nothing to compare: feedback blind tells no score before the reveal." in done.out
    for verb in ("trust", "leaderboard", "submissions"):
        drawn = run(verb, "toy", "--chart")
        assert drawn.code == 1
        assert drawn.err.endswith("try: practice reveal toy ends the season and tells them\n"), verb
    told = run("trust", "toy", "--json").json
    assert told["points"][0]["score"] is None


def test_what_the_starter_writes_is_taken_as_it_is(
    home: Path, run: Run, spawn: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", "breast-cancer").code == 0
    workspace = tmp_path / "breast-cancer"
    wrote = spawn("starter.py", cwd=workspace)
    assert "then: practice submit submission.csv --oof oof.csv" in wrote.out
    mean = next(line for line in wrote.out.splitlines() if "over the folds" in line).split()[1]
    files = [str(workspace / name) for name in ("submission.csv", "oof.csv")]
    found = run("submit", files[0], "--oof", files[1], "--json").json["cross_validation"]
    assert f"{found['score']:.4f}" == mean
