"""A season from the start to the board, typed as a person types it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.settings import Settings

SUBMITTED = {
    *("id", "competition", "entrant", "status", "metric", "public_score", "rank", "entrants"),
    *("error", "problems"),
}
WORKSPACE = Path("toy")


def test_a_newcomer_is_told_what_to_type(
    toy: Callable[..., Settings], run: Callable[..., Any]
) -> None:
    toy()
    done = run()
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Nothing is started yet.\n")
    assert "practice quickstart" in done.out
    assert "practice list" in done.out
    assert run("--json").json == {"entrant": "login", "competitions": []}


def test_list(toy: Callable[..., Settings], run: Callable[..., Any]) -> None:
    toy()
    done = run("list")
    assert done.code == 0
    assert any(line.split()[:3] == ["toy", "Toy", "accuracy"] for line in done.out.splitlines())
    (row,) = [
        each for each in run("list", "--json").json["competitions"] if each["competition"] == "toy"
    ]
    assert (row["metric"], row["started"], row["offline"]) == ("accuracy", False, True)
    assert {
        each["competition"] for each in csv.DictReader(io.StringIO(run("list", "--csv").out))
    } >= {"toy"}


def test_show(started: Settings, run: Callable[..., Any]) -> None:
    done = run("show", "toy")
    assert done.code == 0
    assert "Does it rain?" in done.out
    assert "accuracy, greater is better" in done.out
    assert "5 a day, 2 final selections" in done.out
    assert "it is the target" in done.out
    found = run("show", "toy", "--json").json
    assert found["dropped"] == [{"column": "leak", "reason": "it is the target"}]
    assert [Path(each).name for each in found["files"]] == [
        *("folds.csv", "sample_submission.csv", "test.csv", "train.csv")
    ]
    gone = run("show", "toyy")
    assert gone.code == 1
    assert gone.err.startswith("error: no competition 'toyy'")


def test_start_and_again(toy: Callable[..., Settings], run: Callable[..., Any]) -> None:
    toy()
    done = run("start", "toy")
    assert done.code == 0
    assert done.out.startswith("toy is started: Toy\n")
    assert "30 to train on, 30 hidden (15 public, 15 private)" in done.out
    assert str(Path.cwd() / "toy") in done.out
    assert done.err == "next: cd toy && python starter.py\n"
    again = run("start", "toy")
    assert again.code == 0
    assert again.out.startswith("toy is started already; nothing was changed.\n")
    assert run("start", "toy", "--json").json["already"] is True
    elsewhere = run("start", "toy", "other", "--json").json
    assert elsewhere["workspace"] == str(Path.cwd() / "other")


def test_check_costs_nothing(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    file = predict(WORKSPACE)
    done = run("check", file)
    assert (done.code, done.out) == (0, "mine.csv may be submitted: 30 rows.\n")
    assert done.err == f"next: practice submit {file}\n"
    assert run("check", file, "--json").json["ok"] is True
    assert run("submissions", "toy", "--json").json["submissions"] == []


def test_check_says_every_fault(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    file = Path(predict(WORKSPACE))
    lines = file.read_text().splitlines()
    lines[3] = lines[3].split(",")[0] + ",maybe"
    file.write_text("\n".join([*lines[:-1], "x1,0"]) + "\n")
    done = run("check", str(file))
    assert done.code == 1
    assert done.out.startswith("mine.csv would be refused: ")
    assert "row 3, column rain:" in done.out
    assert "maybe" in done.out
    assert "x1" in done.out
    found = run("check", str(file), "--json")
    assert (found.code, found.json["ok"]) == (1, False)
    assert {"row", "column", "value", "message", "hint"} == set(found.json["problems"][0])
    gone = run("check", "toy/gone.csv")
    assert gone.code == 2
    assert gone.err.startswith("error: toy/gone.csv does not exist\n")


def test_submit_prints_score_place_changes_and_attempts(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    first = run("submit", predict(WORKSPACE, 10), "-m", "first", "--as", "ada")
    assert first.code == 0
    lines = [" ".join(line.split()) for line in first.out.splitlines()]
    assert lines[0].startswith("Public score 0.")
    assert lines[0].endswith("(accuracy, greater is better)")
    assert "Place 1 of 1 (1 person)" in lines
    assert any(line.startswith("Attempts 4 left until ") for line in lines)
    assert "Stored submission 1 of ada" in lines
    assert first.err == "next: practice leaderboard toy\n"
    run("submit", predict(WORKSPACE, 20), "--as", "bob")
    better = run("submit", predict(WORKSPACE), "--as", "ada")
    lines = [" ".join(line.split()) for line in better.out.splitlines()]
    assert lines[0] == "Public score 1.00000 (accuracy, greater is better)"
    assert "Place 1 of 2 (2 people)" in lines
    assert any(line.startswith("Own best before this 0.") for line in lines)
    assert any(line.endswith(", better") for line in lines)
    again = run("submit", predict(WORKSPACE), "--as", "ada")
    assert "the same bytes as submission 3" in again.out
    assert "before this 1.00000: equal" in again.out


def test_submit_as_json(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    words = ("--params", "depth=3", "--params", "kind=gbdt", "--tag", "a", "--tag", "b", "--json")
    done = run("submit", predict(WORKSPACE), *words)
    assert (done.code, done.err) == (0, "")
    assert set(done.json) >= SUBMITTED
    assert (done.json["status"], done.json["public_score"], done.json["entrant"]) == (
        *("scored", 1.0, "login"),
    )
    assert done.json["private_score"] is None
    (row,) = run("submissions", "toy", "--json").json["submissions"]
    assert (row["params"], row["tags"]) == ({"depth": 3, "kind": "gbdt"}, ["a", "b"])


def test_submit_from_standard_input(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    content = Path(predict(WORKSPACE)).read_bytes()
    done = run("submit", "-", "-c", "toy", "--json", stdin=content)
    assert (done.code, done.json["status"]) == (0, "scored")
    assert run("check", "-", "-c", "toy", "--json", stdin=content).json["ok"] is True


def test_a_refused_submission_says_why_and_costs_nothing(
    started: Settings, run: Callable[..., Any]
) -> None:
    Path("toy/bad.csv").write_text("id,rain\n1,2\n")
    done = run("submit", "toy/bad.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: refused: ")
    assert "kept as submission 1; no attempt was used, 5 left until " in done.err
    found = run("submit", "toy/bad.csv", "--json")
    assert (found.code, found.err) == (1, "")
    assert set(found.json) >= SUBMITTED
    assert found.json["status"] == "refused"
    assert found.json["public_score"] is None
    assert found.json["error"]
    assert found.json["problems"]


def test_a_workspace_of_another_build_is_named(started: Settings, run: Callable[..., Any]) -> None:
    Path("toy/bad.csv").write_text("id,rain\n1,2\n")
    assert "holds the rows of build" not in run("submit", "toy/bad.csv").err
    marker = Path("toy/.practice.json")
    said = json.loads(marker.read_text())
    marker.write_text(json.dumps({**said, "build": "toy-old"}))
    for verb in ("submit", "check"):
        done = run(verb, "toy/bad.csv")
        assert done.code == 1
        assert f"holds the rows of build toy-old, the board those of {said['build']}" in done.err
        assert "practice start toy DIR writes a workspace for it" in done.err


def test_a_submission_that_stores_nothing_has_the_same_keys(
    started: Settings, run: Callable[..., Any]
) -> None:
    Path("x.csv").write_text("id,rain\n")
    for words, code in ((("gone.csv", "-c", "toy"), 2), (("x.csv", "-c", "other"), 1)):
        done = run("submit", *words, "--json")
        assert done.code == code
        assert set(done.json) >= SUBMITTED | {"hint"}
        assert done.json["id"] is None
        assert done.json["error"]


def test_the_limit_is_said(
    toy: Callable[..., Settings], run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    toy(limit=1)
    run("start", "toy")
    assert run("submit", predict(WORKSPACE)).code == 0
    done = run("submit", predict(WORKSPACE, 1))
    assert done.code == 1
    assert "allowance of 1" in done.err
    assert "practice check" in done.err
    found = run("submit", predict(WORKSPACE, 1), "--json")
    assert (found.code, found.json["status"]) == (1, "refused")
    assert found.json["attempts_left"] == 0


def test_the_board(started: Settings, run: Callable[..., Any], predict: Callable[..., str]) -> None:
    assert "Nobody is on the board yet." in run("leaderboard", "toy").out
    run("submit", predict(WORKSPACE, 9), "--as", "ada", "-m", "mine")
    run("submit", predict(WORKSPACE, 0), "--as", "bob")
    run("submit", predict(WORKSPACE, 20), "--as", "bob")
    done = run("leaderboard", "toy", "--as", "ada")
    assert (done.code, done.err) == (0, "")
    assert "15 public rows" in done.out
    assert "rivate" not in done.out
    (mine,) = [line for line in done.out.splitlines() if line.startswith("▶  ")]
    assert mine.split()[:4] == ["▶", "2", "(2-2)", "ada"]
    found = run("leaderboard", "toy", "--json").json
    assert set(found) >= {"competition", "metric", "greater_is_better", "revealed", "entries"}
    assert [entry["entrant"] for entry in found["entries"]] == ["bob", "ada"]
    assert {entry["private_score"] for entry in found["entries"]} == {None}
    assert set(found["entries"][0]) >= {
        *("rank", "entrant", "kind", "public_score", "private_score", "submissions"),
        *("submitted_at", "message"),
    }
    assert len(run("leaderboard", "toy", "--all", "--json").json["entries"]) == 3
    rows = list(csv.DictReader(io.StringIO(run("leaderboard", "toy", "--csv").out)))
    assert [row["entrant"] for row in rows] == ["bob", "ada"]


def test_notes_and_withdrawals(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    run("submit", predict(WORKSPACE, 3))
    assert run("note", "1", "a second thought").out == "Submission 1 of toy: a second thought\n"
    assert "a second thought" in run("submissions", "toy").out
    assert run("withdraw", "1").out == "Submission 1 of toy is withdrawn.\n"
    assert run("withdraw", "1", "--json").json["withdrawn"] is True
    (row,) = run("submissions", "toy", "--json").json["submissions"]
    assert (row["withdrawn"], row["note"]) == (True, "a second thought")
    other = run("withdraw", "1", "--as", "eve")
    assert (other.code, other.err) == (
        1,
        "error: 'eve' has no submission 1\ntry: practice submissions\n",
    )


def test_the_board_as_a_picture(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str], tmp_path: Path
) -> None:
    none = run("leaderboard", "toy", "--chart")
    assert none.code == 1
    assert "nothing to draw" in none.err
    run("submit", predict(WORKSPACE, 9), "--as", "ada")
    done = run("leaderboard", "toy", "--chart", "--as", "ada")
    assert "with 95 % intervals" in done.out
    assert done.out.count("ada") >= 3
    pytest.importorskip("altair", reason="needs the extra charts")
    for ending, begins in (("png", b"\x89PNG"), ("svg", b"<svg"), ("html", b"<!DOCTYPE html>")):
        file = tmp_path / f"board.{ending}"
        assert run("leaderboard", "toy", f"--{ending}", str(file)).code == 0
        assert file.read_bytes()[:200].lstrip().startswith(begins)
    wrong = run("leaderboard", "toy", "--png", "board.jpg")
    assert (wrong.code, "does not end with .png" in wrong.err) == (2, True)


def test_the_statistics_of_the_board(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    none = run("leaderboard", "toy", "--stats", "--as", "ada").out
    assert none.endswith("\nNo intervals: there are no scores yet.\n")
    run("submit", predict(WORKSPACE, 9), "--as", "ada")
    run("submit", predict(WORKSPACE, 0), "--as", "bob")
    done = run("leaderboard", "toy", "--stats", "--as", "ada")
    assert "95 % intervals from 1000 resamples of 15 rows" in done.out
    assert "To own best" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    first, second = run("leaderboard", "toy", "--as", "ada", "--json").json["entries"]
    assert (first["entrant"], first["to_above"]) == ("bob", None)
    assert second["to_above"]["to"] == "bob"
    assert second["to_own_best"] is None
    assert first["to_own_best"]["difference"] == -second["to_above"]["difference"]
    assert first["share_won"] + second["share_won"] >= 1
