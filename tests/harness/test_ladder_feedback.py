"""The Ladder on a real board: replicates come from the stored files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from practice import harness
from practice.harness.judging import Contest, judge, open_case
from practice.settings import Settings
from practice.store import blobs, open_store

Toy = Callable[..., Settings]


@pytest.fixture
def board(toy: Toy, tmp_path: Path) -> Settings:
    """Start a toy of 100 public rows under the Ladder."""
    settings = toy(feedback="ladder", limit=99)
    harness.start(settings, "toy", tmp_path / "ws")
    return settings


@pytest.fixture
def submit(board: Settings) -> Callable[..., float | None]:
    """Return a function that submits with so many wrong public answers and says what is told."""
    with open_store(board) as store:
        season = store.season("toy")
    assert season is not None
    answers = open_case(season, board).answers
    ids = [int(id) for id in answers.ids.to_pylist()]
    truth = dict(zip(ids, answers.targets[0].values.tolist(), strict=True))
    public = [id for id, flag in zip(ids, answers.public.tolist(), strict=True) if flag]
    assert len(public) == 100

    def go(wrong: int, entrant: str = "ann", other: int = 0) -> float | None:
        """Get the last ``wrong`` public answers wrong, and the first ``other`` ones."""
        missed = {*public[len(public) - wrong :], *public[:other]}
        lines = [f"{id},{1 - truth[id] if id in missed else truth[id]}\n" for id in ids]
        file = ("id,rain\n" + "".join(lines)).encode()
        return harness.submit(board, "toy", file, entrant=entrant).public_score

    return go


def test_two_rows_put_right_are_not_told(submit: Callable[..., float | None]) -> None:
    # Of 100 rows one is a step, so the step alone would tell each of these.
    assert submit(50) == 0.5
    assert [submit(wrong) for wrong in (49, 48, 48, 47)] == [0.5] * 4


def test_a_real_gain_is_told_and_then_held(submit: Callable[..., float | None]) -> None:
    assert [submit(wrong) for wrong in (50, 30, 29, 50, 10)] == [0.5, 0.7, 0.7, 0.7, 0.9]


def test_the_gain_is_counted_from_the_submission_that_holds_the_best(
    submit: Callable[..., float | None],
) -> None:
    # Three rows are no gain beyond luck, but the next three are counted from the first.
    assert [submit(wrong) for wrong in (50, 47, 44, 41, 38)] == [0.5, 0.5, 0.56, 0.56, 0.62]


def test_other_mistakes_count_against_a_gain(submit: Callable[..., float | None]) -> None:
    # Ten rows better, but 30 right and 20 wrong that were not: paired, less than two errors.
    assert submit(50) == 0.5
    assert submit(20, other=20) == 0.5
    assert submit(40, entrant="bob") == 0.6


def test_everybody_has_a_ladder_of_their_own(submit: Callable[..., float | None]) -> None:
    assert submit(10, entrant="bob") == 0.9
    assert submit(50, entrant="ann") == 0.5


def test_a_withdrawal_buys_no_new_look(
    submit: Callable[..., float | None], board: Settings
) -> None:
    assert submit(30) == 0.7
    (row,) = harness.submissions(board, "toy", "ann")
    harness.withdraw(board, row.id, entrant="ann")
    assert submit(50) == 0.7
    assert submit(5) == 0.95


def test_the_same_bytes_are_no_new_best(submit: Callable[..., float | None]) -> None:
    assert [submit(50), submit(50)] == [0.5, 0.5]


def test_after_the_reveal_everything_is_told(
    submit: Callable[..., float | None], board: Settings
) -> None:
    assert submit(50) == 0.5
    harness.reveal(board, "toy")
    assert submit(49) == 0.51


def test_what_is_stored_and_what_is_computed_anew_say_the_same(
    submit: Callable[..., float | None], board: Settings
) -> None:
    submit(50)
    submit(30)
    with open_store(board) as store:
        season = store.season("toy")
        assert season is not None
        held, better = store.attempts(season.id, "ann")
        stored = store.replicates(season.id, "public")
    assert len(stored[held.id].data) == 8000
    case = open_case(season, board)
    scores = {
        each.id: judge(case, blobs.path(board.blobs, each.blob), each.file).public
        for each in (held, better)
    }
    new, old = scores[better.id], scores[held.id]
    assert new is not None
    assert old is not None
    assert (new.replicates, old.replicates) == (stored[better.id], stored[held.id])
    for known in (stored[held.id], None):  # None: stored before there were replicates
        assert Contest(case, board.blobs).beats(new, held, known)
    for known in (stored[better.id], None):
        assert not Contest(case, board.blobs).beats(old, better, known)


def test_the_paired_comparison_loads_nothing_heavy(
    submit: Callable[..., float | None], board: Settings, tmp_path: Path
) -> None:
    submit(50)
    sample = next(board.data.iterdir()) / "sample_submission.csv"
    lines = sample.read_text().splitlines()
    (tmp_path / "mine.csv").write_text("\n".join([lines[0], *(f"{x[:-1]}0" for x in lines[1:])]))
    code = f"""
import sys
from pathlib import Path
from practice import harness, settings
done = harness.submit(settings.load(), "toy", Path({str(tmp_path / "mine.csv")!r}), entrant="ann")
assert done.status == "scored", done
print(sorted({{"pandas", "sklearn", "scipy", "lightgbm", "altair"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr
