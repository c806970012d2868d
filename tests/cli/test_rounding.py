"""Equal up to rounding is equal, and what does not vary has no interval, wherever it is shown."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.settings import Settings

Run = Callable[..., Any]
DESK = Path("toy")
LAST_DIGITS = 1 + 1e-14


def submission(times: float, file: str) -> str:
    """Predict probabilities that differ from row to row."""
    ids = [row["id"] for row in csv.DictReader((DESK / "data" / "test.csv").open(newline=""))]
    lines = [f"{key},{(0.2 + 0.01 * (int(key) % 7)) * times!r}\n" for key in ids]
    path = DESK / file
    path.write_text("id,rain\n" + "".join(lines))
    return str(path)


def out_of_fold(times: float, file: str) -> str:
    rows = csv.DictReader((DESK / "data" / "train.csv").open(newline=""))
    lines = [f"{row['id']},{(0.3 + 0.01 * (int(row['id']) % 5)) * times!r}\n" for row in rows]
    path = DESK / file
    path.write_text("id,rain\n" + "".join(lines))
    return str(path)


@pytest.fixture
def twice(toy: Callable[..., Settings], run: Run) -> Settings:
    """Submit once more what differs in the last digits, and is the better for it."""
    made = toy(metric="log_loss")
    assert run("start", "toy").code == 0
    for times, at in ((LAST_DIGITS, 1), (1.0, 2)):
        file, oof = submission(times, f"s{at}.csv"), out_of_fold(times, f"o{at}.csv")
        assert run("submit", file, "--oof", oof, "--as", "bob").code == 0
    return made


def scores(run: Run) -> list[float]:
    rows = run("submissions", "toy", "--as", "bob", "--json").json["submissions"]
    return [row["public_score"] for row in sorted(rows, key=lambda row: row["id"])]


def test_the_scores_do_differ_in_the_last_digits(twice: Settings, run: Run) -> None:
    one, other = scores(run)
    assert 0 < abs(one - other) < 1e-13


def test_submit_says_equal(twice: Settings, run: Run) -> None:
    done = run("submit", submission(2 - LAST_DIGITS, "s3.csv"), "--as", "bob")
    line = next(line for line in done.out.splitlines() if "Own best" in line)
    assert line.endswith(": equal")


def test_the_earlier_one_stands_on_the_board(twice: Settings, run: Run) -> None:
    for times, name in ((2 - LAST_DIGITS, "ann"), (1.0, "cy")):
        assert run("submit", submission(times, f"{name}.csv"), "--as", name).code == 0
    entries = run("leaderboard", "toy", "--as", "bob", "--json").json["entries"]
    assert [(row["rank"], row["submission"]) for row in entries] == [(1, 1), (2, 3), (3, 4)]
    assert {(row["rank_low"], row["rank_high"]) for row in entries} == {(1, 3)}
    assert all(row["not_worse_than_best"] for row in entries)
    for end in ("score_low", "score_high"):
        assert [row[end] for row in entries] == pytest.approx([entries[0][end]] * 3, rel=1e-9)
    for row in entries[1:]:
        gap = row["to_above"]
        assert (gap["difference"], gap["low"], gap["high"], gap["real"]) == (0.0, 0.0, 0.0, False)


def test_diff_finds_both_the_same(twice: Settings, run: Run) -> None:
    for pair in (("1", "2"), ("2", "1")):
        found = run("diff", *pair, "--as", "bob", "--json").json["public"]
        assert (found["difference"], found["low"], found["high"]) == (0.0, 0.0, 0.0)
        assert found["real"] is False
        assert "Public: both the same\n" in run("diff", *pair, "--as", "bob").out


def test_trust_sees_no_gain(twice: Settings, run: Run) -> None:
    found = run("trust", "toy", "--as", "bob", "--json").json
    second = found["points"][1]
    for gain in (second["gain"], second["board_gain"]):
        assert (gain["value"], gain["low"], gain["high"], gain["real"]) == (0.0, 0.0, 0.0, False)
    assert found["pairs"] == 0
    done = run("trust", "toy", "--as", "bob")
    assert "+0.00000 ±0.00000  +0.00000 ±0.00000" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_advice_chooses_the_earlier_one(twice: Settings, run: Run) -> None:
    found = run("select", "--advise", "toy", "--as", "bob", "--json").json
    assert found["picks"] == [1, 2]
    assert [row["submission"] for row in found["candidates"]] == [1, 2]


def test_a_constant_has_no_interval_anywhere(toy: Callable[..., Settings], run: Run) -> None:
    toy(metric="roc_auc")
    assert run("start", "toy").code == 0
    ids = [row["id"] for row in csv.DictReader((DESK / "data" / "test.csv").open(newline=""))]
    constant = DESK / "constant.csv"
    constant.write_text("id,rain\n" + "".join(f"{key},0.4\n" for key in ids))
    assert run("submit", str(constant), "--as", "bob").code == 0
    assert run("submit", submission(1.0, "other.csv"), "--as", "bob").code == 0
    assert run("submit", str(constant), "--as", "ann").code == 0
    entries = run("leaderboard", "toy", "--as", "ann", "--json").json["entries"]
    mine = next(row for row in entries if row["entrant"] == "ann")
    assert (mine["score_low"], mine["score_high"]) == (None, None)
    rows = run("shakeup", "toy", "--as", "ann", "--json").json["rows"]
    mine = next(row for row in rows if row["entrant"] == "ann")
    assert (mine["forecast"], mine["forecast_low"], mine["forecast_high"]) == (0.5, None, None)
    found = run("select", "--advise", "toy", "--as", "bob", "--json").json["candidates"]
    errors = {row["submission"]: row["error"] for row in found}
    assert errors[1] is None
    assert errors[2] > 0
    run("reveal", "toy", "--yes")
    rows = run("shakeup", "toy", "--as", "ann", "--json").json["rows"]
    mine = next(row for row in rows if row["entrant"] == "ann")
    assert (mine["private_score"], mine["score_held"], mine["luck"]) == (0.5, None, None)
