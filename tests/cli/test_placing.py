"""``practice place``: one's row on a board that Kaggle's client downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.settings import Settings

HEADER = "Rank,TeamId,TeamName,LastSubmissionDate,Score,SubmissionCount,TeamMemberUserNames"
WORKSPACE = Path("toy")


@pytest.fixture
def board(tmp_path: Path) -> str:
    """Write a board of 100 teams from .01 to 1.00 and two benchmarks."""
    rows = [f'{rank},{rank},"Team {rank}",2026-01-01,{(101 - rank) / 100:.2f},1,user{rank}'
            for rank in range(1, 101)]  # fmt: skip
    rows += ['0,900,"Zeros",2026-01-01,0.33,1,', '0,901,"Ones",2026-01-01,0.44,1,']
    path = tmp_path / "toy-privateleaderboard-2026-02-01T00_00_00.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8-sig")
    return str(path)


def test_ones_own_row_is_placed_with_its_interval(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str], board: str
) -> None:
    run("submit", predict(WORKSPACE, 3), "--as", "ada")
    (row,) = run("leaderboard", "toy", "--json").json["entries"]
    found = run("place", "toy", board, "--as", "ada", "--json").json
    assert found["score"] == row["public_score"]
    assert found["interval"] == [row["score_low"], row["score_high"]]
    better = sum(round(score / 100, 2) > round(row["public_score"], 2) for score in range(1, 101))
    assert (found["rank"], found["teams"], found["benchmarks"]) == (1 + better, 100, 2)
    first, last = found["rank_interval"]
    assert first <= found["rank"] <= found["rank_last"] <= last
    assert first < last
    done = run("place", "toy", board, "--as", "ada")
    assert f"would have been {found['rank']}" in done.out
    assert "(private)" in done.out
    assert "Team 5" not in done.out
    assert "user5" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_any_score_can_be_placed(run: Callable[..., Any], started: Settings, board: str) -> None:
    found = run("place", "toy", board, "--score", "0.915", "--json").json
    assert (found["rank"], found["rank_last"], found["interval"]) == (9, 10, None)
    assert (found["medal"], found["medals"]) == (
        "gold",
        {"gold": 10, "silver": 20, "bronze": 40},
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("toy", "none.csv", "--score", "0.5"), 1, "none.csv: No such file"),
        (("toy", "{board}"), 1, "has no score on the board of toy"),
        (("toy", "{board}", "--score", "nan"), 2, "--score must be a finite number"),
        (("unknown", "{board}", "--score", "0.5"), 1, "unknown"),
    ],
)
def test_what_cannot_be_placed_is_said(
    words: tuple[str, ...],
    code: int,
    message: str,
    run: Callable[..., Any],
    started: Settings,
    board: str,
) -> None:
    done = run("place", *(word.format(board=board) for word in words))
    assert (done.code, done.out) == (code, "")
    assert message in done.err
