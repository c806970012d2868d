"""Regret, ranks and budgets to reach, from runs of which everything is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from practice.arena import curves
from practice.arena.records import Cell, Comparison, Point, Results

Scores = tuple[tuple[float, float, float], ...]  # work, cv, held


def asked(*strategies: str, outer: int = 1, seeds: int = 1, greater: bool = False) -> Comparison:
    return Comparison(
        "c1", "toy", "lightgbm", strategies, strategies[0], tuple(range(outer)),
        tuple(range(seeds)), 8.0, 500, "log_loss", greater, (10,) * outer, ("",) * outer,
        "2026-01-01T00:00:00+00:00", "0" * 64, {}, {},
    )  # fmt: skip


def ran(strategy: str, scores: Scores, outer: int = 0, seed: int = 0, error: str = "") -> Cell:
    points = tuple(
        Point(number, {}, work, work, cv, cv, held, held)
        for number, (work, cv, held) in enumerate(scores)
    )
    return Cell(strategy, outer, seed, points, {}, 8.0, 8.0, 8.0, 1.0, error)


A: Scores = ((1, 1.0, 2.0), (2, 0.5, 1.5), (4, 0.2, 3.0))
B: Scores = ((1, 1.0, 2.0), (8, 0.4, 1.0))
TWO = Results(asked("a", "b"), (ran("a", A), ran("b", B)))
AT = np.array([1.0, 2.0, 4.0, 8.0])


def test_regret_is_1_at_the_default_and_0_at_the_best_known() -> None:
    found = curves.regrets(TWO, "cv", AT)
    assert found["a"].tolist() == [[1.0, 0.3 / 0.8, 0.0, 0.0]]
    assert found["b"].tolist() == [[1.0, 1.0, 1.0, 0.2 / 0.8]]


def test_regret_on_held_out_rows_follows_the_pick_and_is_clipped() -> None:
    found = curves.regrets(TWO, "held", AT)
    assert found["a"].tolist() == [[1.0, 0.5, curves.WORST, curves.WORST]]
    assert found["b"].tolist() == [[1.0, 1.0, 1.0, 0.0]]


def test_greater_scores_turn_everything_round() -> None:
    turned = tuple(
        ran(name, tuple((work, -cv, -held) for work, cv, held in scores))
        for name, scores in (("a", A), ("b", B))
    )
    there = Results(asked("a", "b", greater=True), turned)
    for where in ("cv", "held"):
        for name, values in curves.regrets(TWO, where, AT).items():
            assert curves.regrets(there, where, AT)[name] == pytest.approx(values)
    assert curves.reach(there) == curves.reach(TWO)


def test_where_the_default_is_the_best_known_all_else_is_worst() -> None:
    results = Results(asked("a"), (ran("a", ((1, 1.0, 0.5), (2, 0.9, 0.7))),))
    assert curves.regrets(results, "held", AT)["a"].tolist() == [[0.0, 1.5, 1.5, 1.5]]


def test_the_best_known_is_that_of_the_same_outer_split() -> None:
    other: Scores = ((1, 11.0, 2.0), (2, 10.0, 1.0))
    cells = (ran("a", A), ran("a", other, outer=1))
    found = curves.regrets(Results(asked("a", outer=2), cells), "cv", AT)["a"]
    assert found[1].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_failed_run_stays_with_its_default() -> None:
    results = Results(asked("a", "b"), (ran("a", A), ran("b", B, error="it broke")))
    assert curves.regrets(results, "cv", AT)["b"].tolist() == [[1.0] * 4]
    assert [each.cv for each in curves.finals(results)] == [0.2, 1.0]


def test_repeats_that_one_strategy_has_not_ended_are_left_out() -> None:
    cells = (ran("a", A), ran("a", A, seed=1), ran("b", B))
    results = Results(asked("a", "b", seeds=2), cells)
    assert curves.repeats(results) == ((0, 0),)
    assert curves.regrets(results, "cv", AT)["a"].shape == (1, 4)


def test_the_grid_runs_from_the_last_default_to_the_whole_budget() -> None:
    late = ran("b", ((2, 1.0, 2.0), (8, 0.4, 1.0)))
    found = curves.grid(Results(asked("a", "b"), (ran("a", A), late)), 3)
    assert found.tolist() == [2.0, pytest.approx(4.0), 8.0]
    with pytest.raises(ValueError, match="no repeat"):
        curves.grid(Results(asked("a", "b"), (ran("a", A),)))


def test_ranks_share_where_scores_are_equal_and_see_what_regret_clips() -> None:
    found = curves.ranks(TWO, "cv", AT)
    assert found["a"].tolist() == [1.5, 1.0, 1.0, 1.0]
    assert found["b"].tolist() == [1.5, 2.0, 2.0, 2.0]
    worse = ran("b", ((1, 1.0, 2.0), (8, 0.4, 9.0)))
    both = Results(asked("a", "b"), (ran("a", A), worse))
    clipped = curves.regrets(both, "held", AT[-1:])
    assert clipped["a"] == clipped["b"] == curves.WORST
    assert curves.ranks(both, "held", AT[-1:])["a"].tolist() == [1.0]


def test_what_it_takes_to_reach_the_reference() -> None:
    slow: Scores = ((1, 1.0, 2.0), (2, 0.4, 1.0), (6, 0.1, 1.0))
    fast: Scores = ((1, 1.0, 2.0), (2, 0.2, 1.0))
    cells = tuple(
        ran(name, scores, seed=seed)
        for name, each in {"a": (A, A, A), "b": (slow, fast, B), "c": (B, B, fast)}.items()
        for seed, scores in enumerate(each)
    )
    a, b, c = curves.reach(Results(asked("a", "b", "c", seeds=3), cells))
    assert a == curves.Reach("a", 1.0, 4.0, 1.0)
    assert b == curves.Reach("b", 2 / 3, 6.0, 4 / 6)
    assert c == curves.Reach("c", 1 / 3, None, None)


def test_bands_hold_the_median_and_widen_with_the_splits() -> None:
    rng = np.random.default_rng(0)
    luck = np.repeat(rng.normal(size=8), 4)  # of a split, and all its seeds share it
    values = (luck + 0.01 * rng.normal(size=32))[:, None]
    splits = np.repeat(np.arange(8), 4).tolist()
    median, low, high = curves.banded(values, splits)
    assert low[0] <= median[0] <= high[0]
    _, narrow_low, narrow_high = curves.banded(values, [0] * 32)
    assert high[0] - low[0] > 1.3 * (narrow_high[0] - narrow_low[0])
    again = curves.banded(values, splits)
    assert [part.tolist() for part in again] == [median.tolist(), low.tolist(), high.tolist()]


def test_the_anytime_curve_has_a_band_for_every_strategy() -> None:
    first, second = curves.anytime(TWO, "cv", count=3)
    assert (first.strategy, second.strategy) == ("a", "b")
    assert list(first.middle) == pytest.approx([1.0, 0.3 / 0.8, 0.0])
    assert first.low == first.middle == first.high  # one repeat is all there is to draw from
