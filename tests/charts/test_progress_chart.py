"""The picture of progress over time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from practice.charts import text, vega_lite
from practice.charts.progress import over_time
from practice.harness import Board, Entry, SubmissionRow

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def row(number: int, score: float | None, private: float | None = None, **more: object) -> object:
    said = {"status": "scored", "withdrawn": False, "late": False, **more}
    return SubmissionRow(
        id=number,
        entrant="ann",
        public_score=score,
        private_score=private,
        selected=False,
        submitted_at=NOON,
        file="s.csv",
        message="",
        params={},
        tags=(),
        git_commit=None,
        git_dirty=None,
        note="",
        error=None,
        **said,  # type: ignore[arg-type]
    )


def board(*, up: bool = True) -> Board:
    entries = (
        Entry(1, "baseline:forest", "reference", 0.8, None, 1, NOON, ""),
        Entry(2, "ann", "person", 0.7, None, 3, NOON, ""),
        Entry(None, "baseline:broken", "reference", None, None, 1, NOON, ""),
    )
    return Board("toy", "Toy", "f1", up, False, 1, "full", 50, 50, 1, entries)


def named(rows: list[object], *, up: bool = True) -> dict[str, object]:
    return {each.name: each for each in over_time(board(up=up), rows).series}  # type: ignore[arg-type]


def test_the_best_so_far_goes_in_steps() -> None:
    found = named([row(5, 0.5), row(6, 0.7), row(7, 0.6)])
    best, points = found["best so far"], found["public score"]
    assert (best.x, best.y) == ((1, 2, 2, 3, 3), (0.5, 0.5, 0.7, 0.7, 0.7))
    assert (points.x, points.y) == ((1, 2, 3), (0.5, 0.7, 0.6))
    falling = named([row(5, 0.5), row(6, 0.7), row(7, 0.4)], up=False)["best so far"]
    assert falling.y == (0.5, 0.5, 0.5, 0.5, 0.4)


def test_reference_entries_are_lines_with_their_names() -> None:
    found = named([row(5, 0.5), row(6, 0.7)])
    line = found["baseline:forest"]
    assert (line.x, line.y, line.texts) == ((1, 2), (0.8, 0.8), ("", "baseline:forest"))
    assert line.muted
    assert "baseline:broken" not in found
    assert "ann" not in found


def test_what_does_not_count_is_left_out() -> None:
    rows = [
        row(5, 0.5),
        row(6, 0.9, withdrawn=True),
        row(7, None, status="refused"),
        row(8, 0.6),
        row(9, 0.99, late=True),
    ]
    found = named(rows)
    assert found["public score"].y == (0.5, 0.6)
    assert found["best so far"].y == (0.5, 0.5, 0.6)


def test_private_scores_are_drawn_after_the_reveal() -> None:
    found = named([row(5, 0.5, 0.45), row(6, 0.7, 0.65)])
    assert found["private score"].y == (0.45, 0.65)


def test_the_direction_of_better_is_said_and_a_terminal_is_not_too_narrow() -> None:
    chart = over_time(board(up=False), [row(5, 0.5)])  # type: ignore[list-item]
    assert chart.y.better == "smaller"
    assert max(map(len, text(chart, 80, 12).splitlines())) <= 80
    pytest.importorskip("altair")
    assert vega_lite(chart)["hconcat"]


@pytest.mark.parametrize("rows", [[], [row(5, None)], [row(5, None, status="failed")]])
def test_without_a_score_there_is_no_picture(rows: list[object]) -> None:
    with pytest.raises(ValueError, match="no score"):
        over_time(board(), rows)  # type: ignore[arg-type]
