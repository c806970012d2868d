"""Places, ties, percentiles and medals on a board of Kaggle's."""

from __future__ import annotations

import numpy as np
import pytest

from practice.analysis.kaggle_board import KaggleBoard
from practice.analysis.placing import Medals, gives_medals, medals, place


def board(scores: list[float], decimals: int = 5, file: str = "x.csv") -> KaggleBoard:
    return KaggleBoard(file, "public", np.array(scores), np.array([]), decimals, 0)


@pytest.mark.parametrize(
    ("teams", "expected"),
    [
        (1, (0, 0, 0)),
        (9, (0, 1, 3)),
        (10, (1, 2, 4)),
        (99, (9, 19, 39)),
        (100, (10, 20, 40)),
        (249, (10, 49, 99)),
        (250, (10, 50, 100)),
        (500, (11, 50, 100)),
        (999, (11, 50, 100)),
        (1000, (12, 50, 100)),
        (5000, (20, 250, 500)),
        (1999, (13, 99, 199)),
    ],
)
def test_medals_follow_kaggles_table(teams: int, expected: tuple[int, int, int]) -> None:
    assert medals(teams) == Medals(*expected)


def test_a_tie_at_the_shown_precision_is_a_range_of_places() -> None:
    shown = board([0.91, 0.90, 0.90, 0.88], decimals=2)
    placed = place(shown, 0.8996, greater_is_better=True)
    assert (placed.rank, placed.rank_last, placed.teams) == (2, 4, 4)
    assert (placed.percentile, placed.top) == (75.0, 50.0)


def test_smaller_can_be_better() -> None:
    shown = board([0.1, 0.2, 0.3])
    placed = place(shown, 0.15, greater_is_better=False, interval=(0.05, 0.35))
    assert (placed.rank, placed.rank_last, placed.interval) == (2, 2, (1, 4))


def test_behind_everybody_is_one_more_than_the_teams() -> None:
    placed = place(board([3.0, 2.0]), 1.0, greater_is_better=True)
    assert (placed.rank, placed.top, placed.percentile, placed.medal) == (3, 100.0, 0.0, None)


def test_the_lines_are_the_scores_of_the_last_team_with_each_medal() -> None:
    shown = board([float(100 - team) for team in range(100)])
    placed = place(shown, 90.5, greater_is_better=True)
    assert placed.lines == {"gold": 91.0, "silver": 81.0, "bronze": 61.0, "median": 50.5}
    assert (placed.rank, placed.medal) == (11, "silver")


def test_a_medal_is_given_behind_those_of_equal_score() -> None:
    shown = board([float(100 - team) for team in range(100)])
    placed = place(shown, 91.0, greater_is_better=True)
    assert (placed.rank, placed.rank_last, placed.medal) == (10, 11, "silver")


@pytest.mark.parametrize(
    ("file", "given"),
    [
        ("titanic-publicleaderboard-2026-01-01T00_00_00.csv", False),
        ("titanic-two-publicleaderboard.csv", True),
        ("playground-series-s5e1-privateleaderboard.csv", False),
        ("tabular-playground-series-dec-2021-publicleaderboard.csv", False),
        ("titanic.zip", False),
        ("board.csv", True),
    ],
)
def test_beginners_and_playgrounds_get_no_medals(file: str, given: bool) -> None:
    assert gives_medals(file) is given
    shown = board([0.9, 0.8] * 50, file=file)
    assert (place(shown, 1.0, greater_is_better=True).medal == "gold") is given


def test_numbers_of_any_size_have_a_place() -> None:
    scores = np.array([1e300, 0.85, 0.0])
    board = KaggleBoard("x.csv", None, scores, np.array([]), 15, 0)
    for score, ranks in ((0.5, (3, 3)), (0.85, (2, 3)), (1e300, (1, 2)), (1e301, (1, 1))):
        placed = place(board, score, greater_is_better=True)
        assert (placed.rank, placed.rank_last) == ranks
