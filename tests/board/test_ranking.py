from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from practice.board import finals, public_board, revealed_board

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fake:
    """A submission as ranking reads it."""

    id: int
    entrant: str
    released: float | None
    private: float | None = None
    kind: Literal["person", "reference"] = "person"
    status: Literal["scored", "refused", "failed"] = "scored"
    error: str | None = None
    late: bool = False
    withdrawn_at: datetime | None = None

    @property
    def submitted_at(self) -> datetime:
        return START + timedelta(minutes=self.id)


def places(table: tuple[object, ...]) -> list[tuple[int | None, str, int]]:
    return [(row.rank, row.entrant, row.shown.id) for row in table]  # type: ignore[attr-defined]


def test_the_best_submission_speaks_for_its_entrant() -> None:
    rows = [Fake(1, "ann", 0.7), Fake(2, "bob", 0.8), Fake(3, "ann", 0.9), Fake(4, "ann", 0.6)]
    table = public_board(rows, True)
    assert places(table) == [(1, "ann", 3), (2, "bob", 2)]
    assert [row.submissions for row in table] == [3, 1]


def test_smaller_is_better_where_the_metric_says_so() -> None:
    rows = [Fake(1, "ann", 0.7), Fake(2, "bob", 0.8)]
    assert places(public_board(rows, False)) == [(1, "ann", 1), (2, "bob", 2)]


def test_equal_scores_go_to_the_earlier_submission() -> None:
    rows = [Fake(1, "ann", 0.6), Fake(2, "bob", 0.8), Fake(3, "ann", 0.8), Fake(4, "cy", 0.8)]
    assert places(public_board(rows, True)) == [(1, "bob", 2), (2, "ann", 3), (3, "cy", 4)]


def test_ranks_use_full_precision() -> None:
    rows = [Fake(1, "ann", 0.80000000001), Fake(2, "bob", 0.80000000002)]
    assert places(public_board(rows, True)) == [(1, "bob", 2), (2, "ann", 1)]


def test_rounding_gives_no_place() -> None:
    for up in (True, False):
        sums = [Fake(1, "ann", 0.3), Fake(2, "bob", 0.1 + 0.2), Fake(3, "cy", 0.3 - 1e-16)]
        assert places(public_board(sums, up)) == [(1, "ann", 1), (2, "bob", 2), (3, "cy", 3)]
    own = [Fake(4, "ann", 0.3), Fake(5, "ann", 0.1 + 0.2), Fake(6, "ann", 0.2)]
    assert places(public_board(own, True)) == [(1, "ann", 4)]
    assert [row.id for row in finals(own, (), 2, True)] == [4, 5]
    ended = [Fake(1, "ann", 0.5, 0.3), Fake(2, "bob", 0.6, 0.1 + 0.2)]
    assert places(revealed_board(ended, {}, 2, True)) == [(1, "ann", 1), (2, "bob", 2)]


def test_what_has_no_score_stands_below_the_line_with_its_reason() -> None:
    rows = [
        Fake(1, "ref", None, status="failed", error="only one class"),
        Fake(2, "bob", None, status="refused"),
        Fake(3, "cy", 0.5, withdrawn_at=START),
        Fake(4, "dee", 0.9, late=True),
        Fake(5, "eve", 0.1),
    ]
    table = public_board(rows, True)
    assert places(table)[0] == (1, "eve", 5)
    assert [(row.rank, row.entrant, row.note) for row in table[1:]] == [
        (None, "ref", "failed: only one class"),
        (None, "bob", "refused"),
        (None, "cy", "withdrawn"),
        (None, "dee", "late: after the reveal"),
    ]


def test_a_withdrawn_best_leaves_the_second_best() -> None:
    rows = [Fake(1, "ann", 0.7), Fake(2, "ann", 0.9, withdrawn_at=START)]
    assert places(public_board(rows, True)) == [(1, "ann", 1)]


def test_blind_feedback_ranks_nobody() -> None:
    table = public_board([Fake(1, "ann", None), Fake(2, "bob", None)], True)
    assert [(row.rank, row.note) for row in table] == [
        (None, "scores are hidden until the reveal")
    ] * 2


def test_finals_are_the_chosen_ones_else_the_best_public() -> None:
    rows = [Fake(i, "ann", score) for i, score in enumerate([0.1, 0.9, 0.5, 0.9], start=1)]
    assert [row.id for row in finals(rows, (3,), 2, True)] == [3]
    assert [row.id for row in finals(rows, (), 2, True)] == [2, 4]
    assert [row.id for row in finals(rows, (), 2, False)] == [1, 3]
    blind = [Fake(i, "ann", None) for i in (1, 2, 3)]
    assert [row.id for row in finals(blind, (), 2, True)] == [3, 2]


def test_the_private_board_counts_only_finals() -> None:
    rows = [
        Fake(1, "ann", 0.9, 0.2),
        Fake(2, "ann", 0.8, 0.3),
        Fake(3, "ann", 0.1, 0.99),  # the best private score, but neither chosen nor best public
        Fake(4, "bob", 0.5, 0.6),
        Fake(5, "bob", 0.7, 0.4),
    ]
    table = revealed_board(rows, {"bob": (5,)}, 2, True)
    assert places(table) == [(1, "bob", 5), (2, "ann", 2)]
    assert [row.public_rank for row in table] == [2, 1]


def test_a_late_submission_never_moves_the_private_board() -> None:
    rows = [Fake(1, "ann", 0.5, 0.5), Fake(2, "bob", 0.4, 0.4), Fake(3, "bob", 1.0, 1.0, late=True)]
    assert places(revealed_board(rows, {}, 2, True)) == [(1, "ann", 1), (2, "bob", 2)]


scores = st.one_of(st.none(), st.sampled_from([0.1, 0.5, 0.5, 0.9]))
boards = st.lists(st.tuples(st.sampled_from("abcde"), scores), max_size=30).map(
    lambda rows: [Fake(i, name, score, score) for i, (name, score) in enumerate(rows, start=1)]
)


@given(boards, st.booleans())
def test_every_entrant_has_one_row_and_ranks_count_from_one(rows: list[Fake], up: bool) -> None:
    for table in (public_board(rows, up), revealed_board(rows, {}, 2, up)):
        assert sorted(row.entrant for row in table) == sorted({row.entrant for row in rows})
        ranks = [row.rank for row in table if row.rank is not None]
        assert ranks == list(range(1, len(ranks) + 1))
        shown = [row.shown.released for row in table if row.rank is not None]
        assert shown == sorted(shown, reverse=up)  # type: ignore[type-var]


@given(boards, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_nothing(rows: list[Fake], up: bool, draw: object) -> None:
    shuffled = list(rows)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert places(public_board(shuffled, up)) == places(public_board(rows, up))
