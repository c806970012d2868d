"""A season from start to reveal and retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from practice import harness
from practice.errors import NotFoundError, RefusedError, UsageError
from practice.harness import clock
from practice.settings import Settings

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock


def test_start_writes_a_workspace_and_again_changes_nothing(toy: Toy, tmp_path: Path) -> None:
    settings = toy()
    first = harness.start(settings, "toy", tmp_path / "ws")
    assert (first.already, first.season, first.train_rows, first.test_rows) == (False, 1, 200, 200)
    assert first.public_rows == 100
    assert {path.name for path in first.files} >= {"train.csv", "test.csv", "starter.py"}
    before = {path: path.read_bytes() for path in first.files}
    second = harness.start(settings, "toy", tmp_path / "ws")
    assert second.already
    assert {path: path.read_bytes() for path in second.files} == before
    assert second.build == first.build


def test_an_unknown_competition_is_said_with_what_is_near(toy: Toy) -> None:
    with pytest.raises(NotFoundError, match="toi"):
        harness.start(toy(), "toi")
    with pytest.raises(NotFoundError) as caught:
        harness.leaderboard(toy(), "toy")
    assert caught.value.hint == "practice start toy"


def test_a_submission_is_scored_stored_and_placed(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    worse = harness.submit(settings, "toy", predict(settings, 60), entrant="ann", message="a")
    best = harness.submit(settings, "toy", predict(settings, 0), entrant="bob")
    assert (best.status, best.public_score, best.rank, best.entrants) == ("scored", 1.0, 1, 2)
    assert worse.rank == 1
    assert worse.private_score is None
    better = harness.submit(settings, "toy", predict(settings, 20), entrant="ann")
    assert better.own_best is not None
    assert better.own_best.better is True
    assert better.own_best.score == worse.public_score
    assert better.attempts_left == 3
    board = harness.leaderboard(settings, "toy")
    assert [(e.rank, e.entrant, e.submissions) for e in board.entries] == [
        (1, "bob", 1),
        (2, "ann", 2),
    ]
    assert all(entry.private_score is None for entry in board.entries)
    every = harness.leaderboard(settings, "toy", every=True)
    assert [(e.rank, e.submission) for e in every.entries] == [(1, 2), (2, 3), (None, 1)]
    rows = harness.submissions(settings, "toy", "ann")
    assert [(row.id, row.message, row.private_score) for row in rows] == [
        (1, "a", None),
        (3, "", None),
    ]


def test_refused_and_failed_attempts_are_stored_and_cost_nothing(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    refused = harness.submit(settings, "toy", b"id,rain\n1,maybe\n", entrant="ann")
    assert (refused.status, refused.public_score, refused.rank) == ("refused", None, None)
    assert refused.attempts_left == 1
    assert refused.problems
    assert not harness.check(settings, "toy", b"id,rain\n").ok
    assert harness.check(settings, "toy", predict(settings)).rows == 200
    scored = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert (scored.status, scored.attempts_left) == ("scored", 0)
    over = harness.submit(settings, "toy", predict(settings, 3), entrant="ann")
    assert over.status == "refused"
    assert over.error == "'ann' has used the daily allowance of 1 today"
    assert over.public_score is None
    assert "00:00 UTC" in over.problems[0].hint
    states = [row.status for row in harness.submissions(settings, "toy", "ann")]
    assert states == ["refused", "scored", "refused"]


def test_the_daily_limit_is_reset_at_midnight_utc(
    toy: Toy, predict: Predict, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    at(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC))
    first = harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    assert first.attempts_reset_at == datetime(2026, 6, 1, tzinfo=UTC)
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").status == "refused"
    at(datetime(2026, 6, 1, 0, 0, 0, tzinfo=UTC))
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").status == "scored"


def test_after_the_deadline_nothing_is_taken(
    toy: Toy, predict: Predict, tmp_path: Path, at: Callable[[datetime], None]
) -> None:
    settings = toy(deadline="deadline = 2026-05-01T12:00:00Z")
    at(datetime(2026, 5, 1, 11, 59, tzinfo=UTC))
    harness.start(settings, "toy", tmp_path / "ws")
    assert harness.submit(settings, "toy", predict(settings, 5), entrant="ann").status == "scored"
    at(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    late = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert (late.status, late.error) == (
        "refused",
        "the deadline of 'toy' was 2026-05-01 12:00+00:00",
    )
    assert harness.status(settings, "ann")[0].next == "practice reveal toy"


def test_reference_entries_have_no_limit_and_are_stored_once(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (1, 2, 2, 3):
        done = harness.submit(
            settings, "toy", predict(settings, wrong), entrant="baseline:x", kind="reference"
        )
        assert (done.status, done.attempts_left, done.entrants) == ("scored", None, 0)
    assert len(harness.submissions(settings, "toy")) == 3
    mine = harness.submit(settings, "toy", predict(settings, 5), entrant="ann")
    assert (mine.rank, mine.ranked, mine.entrants) == (2, 2, 1)
    assert mine.baseline is not None
    assert (mine.baseline.to, mine.baseline.better) == ("baseline:x", False)
    with pytest.raises(RefusedError, match="reserved"):
        harness.submit(settings, "toy", predict(settings), entrant="baseline:x")


def test_selection_reveal_and_late_submissions(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (0, 10, 20):
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    harness.submit(settings, "toy", predict(settings, 5), entrant="bob")
    default = harness.select(settings, (), entrant="ann", slug="toy")
    assert (default.chosen, [row.id for row in default.submissions]) == (False, [1, 2])
    chosen = harness.select(settings, (3,), entrant="ann")
    assert (chosen.chosen, [row.id for row in chosen.submissions]) == (True, [3])
    revealed = harness.reveal(settings, "toy")
    assert not revealed.already
    assert [(m.entrant, m.public_rank, m.private_rank, m.moved) for m in revealed.moves] == [
        ("bob", 2, 1, 1),
        ("ann", 1, 2, -1),
    ]
    assert revealed.board.revealed
    assert all(entry.private_score is not None for entry in revealed.board.entries)
    late = harness.submit(settings, "toy", predict(settings, 1), entrant="cy")
    assert late.late
    assert late.rank is None
    assert late.private_score is not None
    assert late.attempts_left is None
    board = harness.leaderboard(settings, "toy")
    assert [(e.rank, e.entrant) for e in board.entries] == [(1, "bob"), (2, "ann"), (None, "cy")]
    assert harness.reveal(settings, "toy").already
    for verb in (
        lambda: harness.select(settings, (1,), entrant="ann"),
        lambda: harness.withdraw(settings, 1, entrant="ann"),
    ):
        with pytest.raises(RefusedError, match="revealed"):
            verb()


def test_a_bad_selection_is_refused_in_words(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (0, 1, 2):
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    harness.submit(settings, "toy", b"", entrant="ann")
    with pytest.raises(RefusedError, match="3 submissions named, 'toy' allows 2"):
        harness.select(settings, (1, 2, 3), entrant="ann")
    with pytest.raises(NotFoundError, match="'bob' has no submission 1"):
        harness.select(settings, (1,), entrant="bob")
    with pytest.raises(RefusedError, match="submission 4 is refused"):
        harness.select(settings, (4,), entrant="ann")
    with pytest.raises(UsageError):
        harness.select(settings, (), entrant="ann")
    harness.withdraw(settings, 2, entrant="ann")
    with pytest.raises(RefusedError, match="submission 2 is withdrawn"):
        harness.select(settings, (2,), entrant="ann")


def test_a_withdrawn_submission_leaves_board_and_selection(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    harness.submit(settings, "toy", predict(settings, 0), entrant="ann")
    harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    harness.select(settings, (1, 2), entrant="ann")
    assert harness.withdraw(settings, 1, entrant="ann").withdrawn
    board = harness.leaderboard(settings, "toy")
    assert [(e.rank, e.submission) for e in board.entries] == [(1, 2)]
    assert [r.id for r in harness.select(settings, (), entrant="ann", slug="toy").submissions] == [
        2
    ]
    assert harness.note(settings, 1, "a mistake", entrant="ann").note == "a mistake"
    assert harness.submissions(settings, "toy")[0].note == "a mistake"
    with pytest.raises(NotFoundError):
        harness.note(settings, 1, "not mine", entrant="bob")


def test_retry_opens_an_empty_board_and_names_who_knows_too_much(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    harness.submit(settings, "toy", predict(settings), entrant="ann")
    with pytest.raises(RefusedError, match="still running"):
        harness.retry(settings, "toy")
    harness.reveal(settings, "toy")
    again = harness.retry(settings, "toy")
    assert (again.season, again.contaminated) == (2, ("ann",))
    assert harness.leaderboard(settings, "toy").entries == ()
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").rank == 1


@pytest.mark.parametrize(
    ("feedback", "said"), [("rounded:1", 0.9), ("ladder", 0.93), ("blind", None)]
)
def test_only_released_values_are_shown(
    toy: Toy, predict: Predict, tmp_path: Path, feedback: str, said: float | None
) -> None:
    settings = toy(feedback=feedback)
    harness.start(settings, "toy", tmp_path / "ws")
    # 13 of the first 27 rows are on the public side or thereabouts: the exact score is no multiple
    # of the step, so a leak would show.
    done = harness.submit(settings, "toy", predict(settings, 14), entrant="ann")
    shown = {done.public_score, harness.leaderboard(settings, "toy").entries[0].public_score}
    shown |= {row.public_score for row in harness.submissions(settings, "toy")}
    assert len(shown) == 1
    if said is None:
        assert shown == {None}
        assert done.rank is None
    else:
        (value,) = shown
        assert value is not None
        digits = 1 if feedback.startswith("rounded") else 2
        assert value == round(value, digits)
    assert done.secondary == {}


def test_the_status_says_what_is_new(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy()
    assert harness.status(settings, "ann") == ()
    harness.start(settings, "toy", tmp_path / "ws")
    assert harness.status(settings, "ann")[0].next == "cd toy && python starter.py"
    harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    harness.submit(settings, "toy", predict(settings, 2), entrant="bob")
    (row,) = harness.status(settings, "ann")
    assert (row.rank, row.ranked, row.attempts_left, row.leader) == (2, 2, 4, "bob")
    assert row.news == ("bob took place 1",)
