"""What beats what beyond luck."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from practice import metrics
from practice.board import Ladder, Rung, beats
from practice.board.ladder import LADDER, paired_error, reaches, to_step
from practice.metrics.drawing import draw


class Answers:
    """Rows whose answers are 0, and what predictions for them are worth."""

    def __init__(self, rows: int, metric: str = "accuracy") -> None:
        self.rows, self.metric = rows, metrics.get(metric)
        self.plan = draw(np.arange(rows), seed=1)

    def rung(self, wrong: NDArray[Any]) -> Rung:
        truth = np.zeros(self.rows)
        value = self.metric.score(truth, wrong)
        return Rung(value, self.metric.replicates(truth, wrong, self.plan))


def half(rows: int) -> NDArray[np.float64]:
    """Return predictions of which every second is wrong."""
    return (np.arange(rows) % 2).astype(float)


def mended(rows: int, count: int) -> NDArray[np.float64]:
    """Return the same with so many of the wrong ones put right."""
    found = half(rows)
    found[np.flatnonzero(found)[:count]] = 0
    return found


def test_the_constants_are_those_of_the_documentation() -> None:
    assert Ladder(step=0.01, z=2.0, floor=0.5) == LADDER


def test_the_error_is_that_of_the_paired_difference() -> None:
    answers = Answers(400)
    new, best = answers.rung(mended(400, 100)), answers.rung(half(400))
    # 100 of 400 differences are 1/1, the others 0: sd sqrt(.25 * .75).
    expected = math.sqrt(0.25 * 0.75 / 400)
    assert paired_error(new, best, 400) == pytest.approx(expected, rel=0.06)
    assert paired_error(new, best, 400) == paired_error(best, new, 400)


def test_the_error_has_a_floor() -> None:
    answers = Answers(300)
    best = answers.rung(half(300))
    alone = 0.5 / math.sqrt(300)
    near = answers.rung(mended(300, 2))
    assert paired_error(near, best, 300) == pytest.approx(alone / 2, rel=0.06)
    assert paired_error(near, best, 300, Ladder(floor=0)) < alone / 4


@pytest.mark.parametrize("rows", [20, 50, 113, 300, 1000])
@pytest.mark.parametrize("count", [1, 2])
def test_two_rows_put_right_beat_nothing(rows: int, count: int) -> None:
    answers = Answers(rows)
    new, best = answers.rung(mended(rows, count)), answers.rung(half(rows))
    assert not beats(new, best, True, rows=rows)


def test_four_rows_would_without_the_floor() -> None:
    answers = Answers(300)
    new, best = answers.rung(mended(300, 5)), answers.rung(half(300))
    assert reaches(new.value, to_step(best.value, 0.01), True)
    assert beats(new, best, True, rows=300, ladder=Ladder(floor=0))
    assert not beats(new, best, True, rows=300)


def test_a_real_gain_is_seen_one_way_only() -> None:
    answers = Answers(300)
    new, best = answers.rung(mended(300, 30)), answers.rung(half(300))
    assert beats(new, best, True, rows=300)
    assert not beats(best, new, True, rows=300)


def test_smaller_is_better_too() -> None:
    answers = Answers(300, "mae")
    new, best = answers.rung(mended(300, 30)), answers.rung(half(300))
    assert beats(new, best, False, rows=300)
    assert not beats(new, best, True, rows=300)
    assert not beats(answers.rung(mended(300, 2)), best, False, rows=300)


def test_an_error_of_0_never_updates() -> None:
    answers = Answers(300)
    best = answers.rung(half(300))
    assert best.replicates is not None
    assert paired_error(best, best, 300) == 0
    assert not beats(best, best, True, rows=300)
    # All replicates better by the same: no row tells the two apart, whatever the scores say.
    shifted = Rung(best.value + 0.3, best.replicates + 0.3)
    assert paired_error(shifted, best, 300) == 0
    assert not beats(shifted, best, True, rows=300)


def test_without_replicates_the_error_is_the_largest_of_a_mean() -> None:
    assert paired_error(Rung(0.6), Rung(0.5), 100) == 0.05
    assert paired_error(Rung(30.0), Rung(40.0), 100) == 2.0
    assert not beats(Rung(0.6), Rung(0.5), True, rows=100)
    assert beats(Rung(0.61), Rung(0.5), True, rows=100)
    answers = Answers(100)
    assert paired_error(answers.rung(half(100)), Rung(0.5), 100) == 0.05


def test_replicates_without_a_score_are_left_out() -> None:
    answers = Answers(300)
    new, best = answers.rung(mended(300, 30)), answers.rung(half(300))
    assert new.replicates is not None
    holes = new.replicates.copy()
    holes[::3] = np.nan
    whole = paired_error(new, best, 300)
    assert paired_error(Rung(new.value, holes), best, 300) == pytest.approx(whole, rel=0.1)
    holes[40:] = np.nan
    assert paired_error(Rung(new.value, holes), best, 300) == 1 / (2 * math.sqrt(300))


def test_no_repr_tells_a_score() -> None:
    assert "0.123" not in repr(Rung(0.123, np.array([0.123])))
