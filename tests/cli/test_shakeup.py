"""``practice shakeup``: the forecast before the reveal, the story after it."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import practice
from practice.analysis.shakeup import number, shakeup
from practice.charts import text
from practice.charts.shakeup import slopes
from practice.settings import Settings

WORKSPACE = Path("toy")
AFTER = ("private_rank", "private_score", "moved", "held", "luck")
WHOLE = ("number", "places_held", "places_forecast", "scores_held", "scores_forecast")


@pytest.fixture
def board(started: Settings, run: Callable[..., Any], predict: Callable[..., str]) -> Settings:
    """Put five entrants on the board of ``toy``."""
    for name, wrong in (("ada", 6), ("bob", 3), ("cy", 9), ("dora", 12), ("eve", 15)):
        assert run("submit", predict(WORKSPACE, wrong), "--as", name).code == 0
    return started


def test_the_number_is_that_of_kaggles_users() -> None:
    assert number([0, 0]) == 0
    assert number([1, -1]) == 0.5
    assert number([3, 1, -1, -3]) == 0.5
    assert number([]) is None


def test_the_first_line_says_where_one_ends(board: Settings, run: Callable[..., Any]) -> None:
    found = run("shakeup", "toy", "--as", "ada", "--json").json
    (mine,) = (row for row in found["rows"] if row["entrant"] == "ada")
    assert (mine["rank"], mine["public_rank"], mine["finals"]) == (2, 2, 1)
    assert mine["rank_low"] <= mine["rank_high"]
    assert mine["share"] >= 0.89
    done = run("shakeup", "toy", "--as", "ada")
    between = f"between {mine['rank_low']} and {mine['rank_high']}"
    first = done.out.splitlines()[0]
    assert re.fullmatch(rf"your place 2 ends {between} in (89|9\d|100) % of worlds", first)
    assert "15 public rows are few" in done.err
    assert max(map(len, done.out.splitlines())) <= 80
    stranger = run("shakeup", "toy", "--as", "zoe").out.splitlines()[0]
    assert stranger.startswith("bob's place 1 ends ")


def test_before_the_reveal_nothing_private_is_read(
    board: Settings, run: Callable[..., Any]
) -> None:
    before = run("shakeup", "toy", "--json")
    assert all(row[name] is None for row in before.json["rows"] for name in AFTER)
    assert all(before.json[name] is None for name in WHOLE)
    (database,) = board.home.glob("*.db")
    with sqlite3.connect(database) as connection:
        done = connection.execute("UPDATE score SET value = 1 - value WHERE split = 'private'")
        assert done.rowcount == 5
    assert run("shakeup", "toy", "--json").out == before.out


def test_the_finals_that_are_selected_count(
    board: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    assert run("submit", predict(WORKSPACE, 20), "--as", "bob").code == 0
    rows = run("submissions", "toy", "--as", "bob", "--json").json["submissions"]
    worse = min(rows, key=lambda row: row["public_score"])

    def bob() -> dict[str, Any]:
        found = shakeup(board, "toy")
        return {row.entrant: row for row in found.rows}["bob"].__dict__

    default = bob()
    assert run("select", str(worse["id"]), "--as", "bob").code == 0
    selected = bob()
    assert (default["finals"], selected["finals"]) == (2, 1)
    assert default["rank"] == selected["rank"] == 1  # of the public board, which stays
    assert selected["forecast"] < default["forecast"]


def test_after_the_reveal_it_tells_who_moved(board: Settings, run: Callable[..., Any]) -> None:
    before = {row.entrant: row for row in shakeup(board, "toy").rows}
    run("reveal", "toy", "--yes")
    found = run("shakeup", "toy", "--as", "bob", "--json").json
    entries = {row["entrant"]: row for row in run("leaderboard", "toy", "--json").json["entries"]}
    for row in found["rows"]:
        name, entry = row["entrant"], entries[row["entrant"]]
        assert row["private_rank"] == row["rank"] == entry["rank"]
        assert row["private_score"] == entry["private_score"]
        assert row["moved"] == entry["public_rank"] - entry["rank"]
        assert row["forecast"] == before[name].forecast  # not made with hindsight
        assert row["held"] == (row["rank_low"] <= row["rank"] <= row["rank_high"])
        assert (row["luck"] > 0) == (row["private_score"] > row["forecast"])
        inside = row["forecast_low"] <= row["private_score"] <= row["forecast_high"]
        assert row["score_held"] == inside
    moves = [row["moved"] for row in found["rows"]]
    assert found["number"] == sum(map(abs, moves)) / 25
    assert found["places_held"] == sum(row["held"] for row in found["rows"])
    assert (found["places_forecast"], found["scores_forecast"]) == (5, 5)
    assert found["scores_held"] == sum(row["score_held"] for row in found["rows"])
    done = run("shakeup", "toy", "--as", "bob")
    assert re.match(r"your place \d (became \d|stayed), (not )?as forecast: \d", done.out)
    assert f"Shake-up     {found['number']:.3f} (0 nobody moves" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_missed_scores_are_marked_as_missed_places_are(
    board: Settings, run: Callable[..., Any]
) -> None:
    run("reveal", "toy", "--yes")
    (database,) = board.home.glob("*.db")
    with sqlite3.connect(database) as connection:
        sunk = "UPDATE score SET value = 0.01 WHERE split = 'private' AND submission = 2"
        assert connection.execute(sunk).rowcount == 1  # that of bob
    found = run("shakeup", "toy", "--json").json
    bob = next(row for row in found["rows"] if row["entrant"] == "bob")
    assert (bob["score_held"], bob["held"]) == (False, False)
    assert found["scores_held"] < found["scores_forecast"]
    done = run("shakeup", "toy", "--as", "ada")
    line = next(line for line in done.out.splitlines() if " bob " in line)
    assert re.search(r"0\.\d{5} to [01]\.\d{5} !  \d.* !", line)
    assert "! not as forecast" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("feedback", ["rounded:1", "ladder", "blind"])
def test_other_policies_tell_nothing_before_the_reveal(
    feedback: str,
    toy: Callable[..., Settings],
    run: Callable[..., Any],
    predict: Callable[..., str],
) -> None:
    toy(feedback=feedback)
    run("start", "toy")
    run("submit", predict(WORKSPACE, 3), "--as", "ada")
    run("submit", predict(WORKSPACE, 9), "--as", "bob")
    found = run("shakeup", "toy", "--as", "ada", "--json").json
    assert found["why"] == f"feedback {feedback} does not tell what a forecast follows from"
    assert all(row["forecast"] is None and row["rank_low"] is None for row in found["rows"])
    first = run("shakeup", "toy", "--as", "ada").out.splitlines()[0]
    if feedback == "blind":
        assert found["rows"] == []
        assert first == f"no forecast for toy: {found['why']}"
    else:
        assert first == f"your place 1 may end anywhere: {found['why']}"
    refused = run("shakeup", "toy", "--chart")
    assert refused.code == 1
    assert refused.err.startswith(f"error: there is nothing to draw of toy: {found['why']}")
    run("reveal", "toy", "--yes")
    after = run("shakeup", "toy", "--as", "ada", "--json").json
    assert after["why"] == ""
    assert all(row["luck"] is not None for row in after["rows"])
    assert (after["number"] is None) == (feedback == "blind")


def test_an_empty_board_has_no_forecast(started: Settings, run: Callable[..., Any]) -> None:
    assert run("shakeup", "toy").out.startswith("no forecast for toy: nobody has a score yet")
    assert run("shakeup", "toy", "--chart").code == 1
    assert run("shakeup", "nothing").code == 1


def test_tables_for_other_programs(board: Settings, run: Callable[..., Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("shakeup", "toy", "--csv").out)))
    assert [row["entrant"] for row in rows] == ["bob", "ada", "cy", "dora", "eve"]
    assert rows[0]["private_score"] == ""
    table = practice.competition("toy").shakeup()
    assert list(table.columns) == list(rows[0])
    assert table["rank_low"].tolist() == [int(row["rank_low"]) for row in rows]
    assert table.attrs["revealed"] is False


def test_pictures_before_and_after(
    board: Settings, run: Callable[..., Any], tmp_path: Path
) -> None:
    told = shakeup(board, "toy")
    bars = slopes(told, "ada")
    assert bars.categories == ("bob", "ada", "cy", "dora", "eve")
    mine = next(each for each in bars.series if each.name == "you")
    row = told.rows[1]
    assert (mine.y, mine.low, mine.high) == ((2,), (row.rank_low,), (row.rank_high,))
    assert "●" in run("shakeup", "toy", "--as", "ada", "--chart").out
    run("reveal", "toy", "--yes")
    after = shakeup(board, "toy")
    lines = slopes(after, "ada")
    assert [each.name for each in lines.series if not each.muted] == ["ada"]
    for each, row in zip(lines.series, after.rows, strict=True):
        assert each.y == (row.public_rank, row.private_rank)
    drawn = text(lines, 80, 11).splitlines()
    assert max(map(len, drawn)) <= 80
    ends = [line.split()[-2:] for line in drawn if re.search(r"\d [a-z]+$", line)]
    assert [end[1] for end in ends] == [row.entrant for row in after.rows]  # the first on top
    if importlib.util.find_spec("altair") and importlib.util.find_spec("vl_convert"):
        done = run("shakeup", "toy", "--png", str(tmp_path / "x.png"))
        assert done.code == 0
        assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert run("shakeup", "toy", "--png", str(tmp_path / "x.gif")).code == 2
