"""Where a board ends: exact small cases, and how often the forecast is true."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from practice.board.forecast import Forecast, forecast
from practice.board.intervals import Drawn
from practice.board.joint import Joint, join
from practice.board.uncertainty import Scale

FILE = Path(__file__).parents[2] / "benchmarks" / "shakeup.py"
ROWS = 500
OPEN = Scale(greater_is_better=True, bounds=(-math.inf, math.inf))


def joined(values: list[float], noise: np.ndarray, up: bool = True) -> Joint:
    return join(
        np.array(values), noise, Drawn(ROWS, ROWS), greater_is_better=up, bounded=OPEN.bounded
    )


def draws(entries: int, error: float = 0.02, shared: float = 0.0) -> np.ndarray:
    bits = np.random.default_rng(3)
    own = bits.normal(size=(entries, 1000)) * math.sqrt(1 - shared)
    return error * (own + math.sqrt(shared) * bits.normal(size=(1, 1000)))


def each(made: tuple[Forecast, ...] | None) -> tuple[Forecast, ...]:
    assert made is not None
    return made


def test_somebody_alone_keeps_the_place_and_has_two_draws_of_noise() -> None:
    for private, widened in ((500, math.sqrt(2)), (125, math.sqrt(5))):
        (one,) = each(forecast(joined([0.8], draws(1)), [[0]], private, OPEN))
        assert (one.rank_low, one.rank_high, one.share) == (1, 1, 1.0)
        assert one.score == pytest.approx(0.8, abs=0.002)
        assert one.error == pytest.approx(0.02 * widened, rel=0.06)
        assert (one.score_low + one.score_high) / 2 == pytest.approx(0.8, abs=0.004)


def test_scores_without_noise_stay() -> None:
    made = each(forecast(joined([0.8, 0.9], np.zeros((2, 1000))), [[0], [1]], 500, OPEN))
    assert [(one.score, one.rank_low, one.rank_high) for one in made] == [
        (pytest.approx(0.8), 2, 2),
        (pytest.approx(0.9), 1, 1),
    ]
    assert made[0].luck(0.9, greater_is_better=True) is None


def test_the_best_of_a_close_field_is_expected_to_fall_back_and_outliers_are_not() -> None:
    values = [0.80 + 0.004 * place for place in range(9)] + [0.2]
    made = each(forecast(joined(values, draws(10)), [[one] for one in range(10)], 500, OPEN))
    middle = float(np.mean(values[:9]))
    assert middle < made[8].score < values[8] - 0.008
    assert values[0] + 0.008 < made[0].score < middle
    assert made[9].score == pytest.approx(0.2, abs=0.002)
    assert (made[9].rank_low, made[9].rank_high) == (10, 10)


def test_a_field_far_wider_than_its_noise_is_not_shrunk() -> None:
    values = [0.5 + 0.05 * place for place in range(9)]
    noise = draws(9, error=0.001)
    made = each(forecast(joined(values, noise), [[one] for one in range(9)], 500, OPEN))
    assert [one.score for one in made] == pytest.approx(values, abs=0.001)
    assert (
        [one.rank_low for one in made] == [one.rank_high for one in made] == list(range(9, 0, -1))
    )


def test_a_score_without_noise_of_its_own_stays() -> None:
    values = [0.618, *(0.70 + 0.015 * place for place in range(9))]
    noise = draws(10, error=0.03, shared=0.5)
    noise[0] = 0.0
    made = each(forecast(joined(values, noise), [[one] for one in range(10)], 500, OPEN))
    constant = made[0]
    assert (constant.score, constant.score_low, constant.score_high) == (0.618, 0.618, 0.618)
    assert constant.error == 0
    assert constant.luck(0.61, greater_is_better=True) is None
    # Those beside it are of the field still.
    assert made[9].score < values[9] - 0.002
    assert made[1].score > values[1] + 0.002


def test_hardly_any_noise_shrinks_hardly() -> None:
    values = [0.78, *(0.80 + 0.002 * place for place in range(9))]
    noise = draws(10, error=0.03, shared=0.5)
    noise[0] /= 30
    made = each(forecast(joined(values, noise), [[one] for one in range(10)], 500, OPEN))
    assert made[0].score == pytest.approx(0.78, abs=0.0005)
    assert made[0].error == pytest.approx(0.001 * math.sqrt(2), rel=0.2)


def test_rounding_puts_no_copy_before_the_other() -> None:
    noise = draws(3)[[0, 0, 1, 2]]
    noise[1] *= 1 + 1e-13
    joint = joined([0.8, 0.8 + 2.2e-16, 0.81, 0.79], noise)
    one, copy = each(forecast(joint, [[0], [1], [2], [3]], 500, OPEN))[:2]
    assert (one.rank_high, copy.rank_low) == (3, 2)
    later, first = each(forecast(joint, [[1], [0], [2], [3]], 500, OPEN))[:2]
    assert (later.rank_high, first.rank_low) == (3, 2)


def test_copies_end_together_the_first_before_the_second() -> None:
    noise = draws(3)[[0, 0, 1, 2]]
    joint = joined([0.8, 0.8, 0.81, 0.79], noise)
    made = each(forecast(joint, [[0], [1], [2], [3]], 500, OPEN))
    one, copy = (asdict(each) for each in made[:2])
    assert {name: one[name] for name in ("score", "error", "score_low", "score_high")} == {
        name: copy[name] for name in ("score", "error", "score_low", "score_high")
    }
    assert (made[0].rank_high, made[1].rank_low) == (3, 2)


def test_the_better_of_two_finals_counts() -> None:
    joint = joined([0.8, 0.8, 0.8], draws(3))
    both, one = each(forecast(joint, [[0, 1], [2]], 500, OPEN))
    assert both.score > one.score + 0.01


def test_smaller_is_better_mirrors() -> None:
    values, noise, finals = [0.80, 0.82, 0.85], draws(3), [[0], [1], [2]]
    up = each(forecast(joined(values, noise), finals, 300, OPEN))
    falling = Scale(greater_is_better=False, bounds=OPEN.bounds)
    negative = [-value for value in values]
    down = each(forecast(joined(negative, -noise, up=False), finals, 300, falling))
    for one, other in zip(up, down, strict=True):
        assert (one.rank_low, one.rank_high) == (other.rank_low, other.rank_high)
        assert one.score == pytest.approx(-other.score)
        assert one.score_low == pytest.approx(-other.score_high)
        assert one.luck(0.9, greater_is_better=True) == pytest.approx(
            other.luck(-0.9, greater_is_better=False)
        )


def test_scores_stay_within_their_bounds() -> None:
    scale = Scale(greater_is_better=True, bounds=(0.0, 1.0))
    (one, _) = each(forecast(joined([0.99, 0.9], draws(2, 0.1)), [[0], [1]], 500, scale))
    assert one.score_high == 1.0


def test_without_replicates_there_is_no_forecast() -> None:
    noise = draws(2)
    noise[1] = np.nan
    joint = joined([0.8, 0.7], noise)
    assert forecast(joint, [[0], [1]], 500, OPEN) is None
    assert forecast(joint, [], 500, OPEN) is None
    assert forecast(joint, [[0]], 500, OPEN) is not None


def test_the_same_board_has_the_same_forecast() -> None:
    joint, finals = joined([0.8, 0.81, 0.79], draws(3)), [[0], [1], [2]]
    assert forecast(joint, finals, 500, OPEN) == forecast(joint, finals, 500, OPEN)
    for one in each(forecast(joint, finals, 500, OPEN)):
        assert one.share >= 0.89
        assert 1 <= one.rank_low <= one.rank_high <= 3


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("practice_shakeup", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("design", "metric", "share"),
    [("close", "accuracy", 0.5), ("normal", "rmse", 0.3), ("equal", "roc_auc", 0.5)],
)
def test_forecasts_are_true_as_often_as_they_should_be(
    simulation: ModuleType, design: str, metric: str, share: float
) -> None:
    told = simulation.cell(design, metric, 400, share, 120)
    assert 0.85 <= told["place"] <= 0.95
    assert 0.84 <= told["score"] <= 0.95
    assert told["place, leader"] >= 0.80
    assert told["score, leader"] >= 0.80
    # The percentiles of public replicates fail the same.
    assert told["naive score, leader"] < 0.80
    assert min(told["naive score"], told["naive place"]) < 0.84


@pytest.mark.parametrize("size", [1e6, 1e45, 1e200])
def test_a_wild_entry_leaves_the_forecast_of_the_others(size: float) -> None:
    values = [-0.50, -0.51, -0.53, -0.55, -0.60]
    table = np.array(values)[:, None] + draws(5, shared=0.8)
    wild = -size * (1 + draws(1))
    with np.errstate(all="raise", under="ignore"):
        without = each(forecast(joined(values, table), [[at] for at in range(5)], 500, OPEN))
        every = [[at] for at in range(6)]
        made = each(forecast(joined([*values, -size], np.vstack([table, wild])), every, 500, OPEN))
    assert [(one.rank_low, one.rank_high) for one in made[:5]] == [
        (one.rank_low, one.rank_high) for one in without
    ]
    assert [one.score for one in made[:5]] == pytest.approx(
        [one.score for one in without], abs=2e-3
    )
    assert (made[5].rank_low, made[5].rank_high) == (6, 6)
