"""The picture of a board."""

from __future__ import annotations

import pytest

from practice.charts import text
from practice.charts.board import scores
from practice.harness import Board, Entry


def entry(rank: int | None, name: str, score: float | None, **more: object) -> Entry:
    kind = "reference" if ":" in name else "person"
    return Entry(rank, name, kind, score, None, 1, None, "", **more)  # type: ignore[arg-type]


def board(*entries: Entry, up: bool = True) -> Board:
    return Board("toy", "Toy", "f1", up, False, 1, "full", 50, 50, 1, entries)


def test_rows_stand_in_the_order_of_the_board_with_their_intervals() -> None:
    shown = scores(
        board(
            entry(1, "ada", 0.9, score_low=0.8, score_high=0.95),
            entry(2, "baseline:tree", 0.7, score_low=0.6, score_high=0.8),
            entry(3, "bob", 0.0),
            entry(None, "eve", None),
        ),
        "bob",
    )
    assert shown.categories == ("ada", "baseline:tree", "bob")
    named = {each.name: each for each in shown.series if each.name}
    assert set(named) == {"you", "others", "reference entries"}
    assert (named["others"].y, named["others"].low, named["others"].high) == (
        (0.9,),
        (0.8,),
        (0.95,),
    )
    assert (named["you"].x, named["you"].low) == (("bob",), (0.0,))
    assert "50 rows" in shown.title
    drawn = text(shown, 80, 8, unicode=True)
    places = [drawn.index(name) for name in ("ada", "baseline:tree", "bob")]
    assert places == sorted(places)
    assert max(map(len, drawn.splitlines())) <= 80


def test_the_direction_of_better_is_said() -> None:
    assert scores(board(entry(1, "ada", 0.9), up=False)).y.better == "smaller"


def test_a_board_without_scores_is_no_picture() -> None:
    with pytest.raises(ValueError, match="without scores"):
        scores(board(entry(1, "ada", None)))
