"""What a board says of luck: intervals, places, marks, wins, differences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from practice import metrics
from practice.board import joint as pairs
from practice.board.intervals import Drawn, score_intervals, student
from practice.board.joint import Joint, join
from practice.board.luck import (
    difference,
    optimism,
    rank_intervals,
    shares_won,
)
from practice.board.uncertainty import Scale, uncertainty
from practice.metrics.drawing import draw

MANY = Drawn(rows=100_000, units=100_000)
UNIT = (0.0, 1.0)
LOSS = (0.0, math.inf)
SHARE = Scale(greater_is_better=True, bounds=UNIT, proportion=True)
AUC = Scale(greater_is_better=True, bounds=UNIT)
ERROR = Scale(greater_is_better=False, bounds=LOSS)


def noise(entries: int, shared: float = 0.0, seed: int = 1) -> NDArray[np.float64]:
    """Return deviations of standard deviation .01, correlated as said."""
    bits = np.random.default_rng(seed)
    own = bits.normal(size=(entries, 1000))
    return 0.01 * (math.sqrt(shared) * bits.normal(size=1000) + math.sqrt(1 - shared) * own)


def joined(values: list[float], deviations: NDArray[Any], drawn: Drawn = MANY) -> Joint:
    table = np.array(values)[:, None] + deviations
    return join(np.array(values), table, drawn, greater_is_better=True, bounded=True)


def one(value: float, error: float, drawn: Drawn, bounds: tuple[float, float], **kind: Any) -> Any:
    low, high = score_intervals(np.array([value]), np.array([error]), drawn, bounds=bounds, **kind)
    return float(low[0]), float(high[0])


# Quantiles and intervals


@pytest.mark.parametrize("z", [1.0, 1.96, 2.58, 3.5])
@pytest.mark.parametrize("freedom", [4, 9, 24, 49, 999])
def test_student_is_that_of_the_tables(z: float, freedom: int) -> None:
    exact = stats.t.isf(stats.norm.sf(z), freedom)
    assert student(z, freedom) == pytest.approx(exact, rel=0.07 if freedom == 4 else 0.01)


def test_student_of_one_freedom_is_finite() -> None:
    assert 12 < student(1.96, 1.0) < 18
    assert math.isfinite(student(40.0, 1.0))


@pytest.mark.parametrize("right", [0, 1, 500, 998, 1000])
def test_a_proportion_has_wilsons_interval(right: int) -> None:
    share, rows = right / 1000, 100_000
    expected = stats.binomtest(right * 100, rows).proportion_ci(method="wilson")
    error = math.sqrt(share * (1 - share) / rows)
    assert one(share, error, MANY, UNIT, proportion=True) == pytest.approx(
        tuple(expected), abs=2e-6
    )


def test_a_proportion_needs_no_replicates() -> None:
    known = one(0.8, math.sqrt(0.8 * 0.2 / 200), Drawn(200, 200), UNIT, proportion=True)
    assert one(0.8, math.nan, Drawn(200, 200), UNIT, proportion=True) == pytest.approx(
        known, abs=1e-3
    )
    assert all(math.isnan(end) for end in one(0.8, math.nan, Drawn(200, 200), UNIT))


def test_fixed_classes_do_not_make_a_proportion_surer_than_rows_do() -> None:
    low, high = one(0.7, 0.0, Drawn(100, 100), UNIT, proportion=True)
    assert low == pytest.approx(0.604, abs=0.002)
    assert high == pytest.approx(0.781, abs=0.002)
    constant = one(0.5, 0.0, Drawn(100, 100), UNIT)  # its ROC AUC: replicates say nothing of it
    assert all(math.isnan(end) for end in constant)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_perfect_score_is_not_certain(value: float) -> None:
    low, high = one(value, 0.0, Drawn(50, 50), UNIT)
    assert value in (low, high)
    assert high - low == pytest.approx(0.075, abs=0.002)
    few = one(value, 0.0, Drawn(50, 10), UNIT)
    assert few[1] - few[0] > 0.25


def test_bounds_are_kept() -> None:
    assert one(0.95, 0.05, Drawn(50, 50), UNIT)[1] <= 1
    assert one(-0.9, 0.1, Drawn(50, 50), (-1.0, 1.0))[0] >= -1
    assert one(0.1, 0.2, Drawn(50, 50), LOSS)[0] > 0
    low, high = one(0.9, 0.2, Drawn(50, 50), (-math.inf, 1.0))
    assert low < 0.7 < 0.9 < high < 1
    low, high = one(3.0, 1.0, MANY, (-math.inf, math.inf))
    assert (low, high) == pytest.approx((1.04, 4.96), abs=0.001)


def test_an_error_of_nothing_has_no_interval() -> None:
    for value, bounds in (
        (0.0, LOSS),
        (2.0, LOSS),
        (-2.0, (-math.inf, 1.0)),
        (2.0, (-math.inf, math.inf)),
    ):
        assert all(math.isnan(end) for end in one(value, 0.0, Drawn(50, 50), bounds))


def test_few_units_widen() -> None:
    def width(drawn: Drawn, bounds: tuple[float, float]) -> float:
        low, high = one(0.5, 0.02, drawn, bounds)
        return high - low

    for bounds in (UNIT, LOSS):
        widths = [width(Drawn(5000, units), bounds) for units in (5000, 200, 20, 5)]
        assert widths == sorted(widths)
        assert widths[0] < 1.01 * 2 * 1.96 * 0.02 < widths[-1]
    assert width(Drawn(50, 50), LOSS) > 1.05 * width(Drawn(50, 50), UNIT)
    assert width(Drawn(50, 12, neighbours=True), UNIT) > width(Drawn(50, 12), UNIT)


# Places, marks, wins


def test_places_and_marks_follow_their_definition() -> None:
    joint = joined([0.95, 0.94, 0.93, 0.80, 0.799], noise(5))
    first, last = rank_intervals(joint)
    sure = joint.beyond * joint.errors
    gap = joint.values[:, None] - joint.values
    assert first.tolist() == (1 + (gap < -sure).sum(axis=1)).tolist() == [1, 1, 1, 4, 4]
    assert last.tolist() == (5 - (gap > sure).sum(axis=1)).tolist() == [3, 3, 3, 5, 5]


def test_the_farthest_of_two_is_the_normal_quantile() -> None:
    joint = joined([0.9, 0.9], noise(2))
    assert joint.beyond == pytest.approx(1.96, abs=0.12)
    assert joint.single == pytest.approx(1.96, abs=0.001)


def test_the_farthest_of_many_is_tukeys() -> None:
    joint = joined([0.9] * 25, noise(25, shared=0.9))
    assert joint.beyond == pytest.approx(
        stats.studentized_range.isf(0.05, 25, 1e6) / math.sqrt(2), rel=0.02
    )


def test_of_a_large_board_a_sample_tells_how_far_luck_reaches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deviations = noise(400, shared=0.5)
    sampled = joined([0.9] * 400, deviations)
    monkeypatch.setattr(pairs, "_SAMPLE", 400)
    whole = joined([0.9] * 400, deviations)
    assert sampled.beyond == pytest.approx(whole.beyond, rel=0.04)
    assert sampled.beyond >= 0.99 * whole.beyond


def test_fewer_replicates_on_a_larger_board_change_little(monkeypatch: pytest.MonkeyPatch) -> None:
    deviations = noise(30)
    whole = joined([0.9] * 30, deviations)
    monkeypatch.setattr(pairs, "_PRODUCTS", 30 * 30 * 500)
    half = joined([0.9] * 30, deviations)
    apart = ~np.eye(30, dtype=bool)
    assert half.errors[apart] == pytest.approx(whole.errors[apart], rel=0.15)
    assert half.errors[apart].tolist() != whole.errors[apart].tolist()


def test_small_products_are_those_of_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    deviations = noise(30)
    small = joined([0.9] * 30, deviations)
    monkeypatch.setattr(pairs, "_SMALL", 0)
    assert joined([0.9] * 30, deviations).errors == pytest.approx(small.errors, rel=1e-9)


def test_copies_are_tied_exactly() -> None:
    deviations = noise(4)[[0, 0, 0, 1, 2, 3]]
    joint = joined([0.9, 0.9, 0.9, 0.93, 0.95, 0.7], deviations)
    assert joint.errors[:3, :3].tolist() == np.zeros((3, 3)).tolist()
    first, last = rank_intervals(joint)
    assert len({(low, high) for low, high in zip(first[:3], last[:3], strict=True)}) == 1
    found = difference(joint, 0, 2)
    assert (found.value, found.low, found.high, found.real) == (0.0, 0.0, 0.0, False)


def test_a_gap_that_every_row_shows_is_real() -> None:
    joint = joined([0.9, 0.8], noise(1)[[0, 0]])
    assert difference(joint, 0, 1).real
    assert [ends.tolist() for ends in rank_intervals(joint)] == [[1, 2], [1, 2]]


def test_rounding_is_no_gap() -> None:
    joint = joined([0.1 + 0.2, 0.3], noise(1)[[0, 0]])
    assert rank_intervals(joint)[1].tolist() == [2, 2]


def test_predictions_that_differ_in_the_last_digits_are_tied() -> None:
    deviations = noise(3)[[0, 0, 1, 2]]
    deviations[1] *= 1 + 1e-12
    values = np.array([0.9 + 2.2e-16, 0.9, 0.93, 0.7])
    joint = joined(values.tolist(), deviations)
    found = difference(joint, 0, 1)
    assert (found.value, found.low, found.high, found.real) == (0.0, 0.0, 0.0, False)
    first, last = rank_intervals(joint)
    assert (first[0], last[0]) == (first[1], last[1])
    whole = uncertainty(values[:2], (values[:, None] + deviations)[:2], "ab", MANY, AUC)
    assert [(row.rank_low, row.rank_high) for row in whole.rows] == [(1, 2), (1, 2)]
    assert [row.share_won for row in whole.rows] == [0.5, 0.5]
    swapped = uncertainty(values[1::-1], (values[:, None] + deviations)[1::-1], "ab", MANY, AUC)
    assert [row.entry for row in whole.rows] == [row.entry for row in swapped.rows] == [0, 1]


def test_a_gap_below_what_its_error_can_be_told_to_is_no_gap() -> None:
    deviations = noise(1)[[0, 0]]
    deviations[1] *= 1 + 1e-6
    joint = joined([0.9, 0.9 + 1e-8], deviations)
    assert joint.errors[0, 1] == 0
    found = difference(joint, 1, 0)
    assert found.value == pytest.approx(1e-8)
    assert found.low is not None
    assert found.low < 0 < found.value
    assert not found.real
    assert rank_intervals(joint)[0].tolist() == [1, 1]
    wide = difference(joined([0.9, 0.9 + 1e-5], deviations), 1, 0)
    assert wide.real


def test_one_huge_loss_does_not_tie_the_others() -> None:
    values = np.array([0.5, 0.6, 1e13])
    table = values[:, None] * (1 + noise(1)[[0, 0, 0]])
    board = uncertainty(values, table, "abc", MANY, ERROR)
    assert [(row.rank_low, row.rank_high) for row in board.rows] == [(1, 1), (2, 2), (3, 3)]


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.floats(0, 0.9), st.integers(0, 1000))
def test_the_mark_says_what_the_places_say(entries: int, shared: float, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0.8, 0.015, entries)
    table = values[:, None] + noise(entries, shared, seed)
    board = uncertainty(values, table, ["a"] * entries, MANY, AUC)
    assert board.rows[0].not_worse_than_best
    assert all(row.not_worse_than_best == (row.rank_low == 1) for row in board.rows)


def test_places_are_among_those_shown() -> None:
    joint = joined([0.95, 0.90, 0.85, 0.80, 0.75], noise(5, shared=0.9))
    shown = np.array([3, 1])
    assert [ends.tolist() for ends in rank_intervals(joint, shown)] == [[2, 1], [2, 1]]


def test_wins_are_counted_by_entrant() -> None:
    deviations = noise(2)[[0, 0, 0, 1]]
    alone = shares_won(joined([0.9, 0.9], noise(2)), ["ada", "bob"])
    copied = shares_won(joined([0.9] * 4, deviations), ["ada", "ada", "ada", "bob"])
    assert copied == pytest.approx(alone)
    taken = shares_won(joined([0.9] * 4, deviations), ["ada", "eve", "eve", "bob"])
    assert taken["ada"] == taken["eve"] == pytest.approx(alone["ada"] / 2)
    assert sum(taken.values()) == pytest.approx(1)


def test_an_entrant_enters_with_the_best_of_each_replicate() -> None:
    deviations = noise(3)
    drawn = 0.9 + deviations
    expected = float((drawn[:2].max(axis=0) > drawn[2]).mean())
    found = shares_won(
        joined([0.9] * 3, deviations - deviations.mean(axis=1, keepdims=True)), "aab"
    )
    assert found["a"] == pytest.approx(expected, abs=0.02)
    assert found["a"] == pytest.approx(2 / 3, abs=0.05)


# Differences and optimism


def test_a_chosen_pair_has_a_narrower_interval() -> None:
    joint = joined([0.9, 0.88, *[0.85] * 23], noise(25))
    seen, chosen = difference(joint, 0, 1), difference(joint, 0, 1, chosen=True)
    assert seen.value == chosen.value == pytest.approx(0.02)
    assert chosen.high - chosen.value == pytest.approx(1.96 * joint.errors[0, 1], rel=0.001)
    assert seen.low < chosen.low < chosen.high < seen.high
    assert difference(joint, 1, 0).value == -seen.value


def test_the_interval_of_a_difference_agrees_with_the_places() -> None:
    joint = joined(np.linspace(0.8, 0.9, 12).tolist(), noise(12, shared=0.6))
    first, _ = rank_intervals(joint)
    for entry in range(12):
        better = [other for other in range(12) if difference(joint, other, entry).value > 0]
        real = sum(difference(joint, other, entry).real for other in better)
        assert first[entry] == 1 + real


def test_optimism_of_equals_is_that_of_the_best_of_several() -> None:
    assert optimism(joined([0.9], noise(1))) == pytest.approx(0, abs=1e-12)
    several = [optimism(joined([0.9] * entries, noise(entries))) for entries in (2, 10, 100)]
    expected = [0.01 * best for best in (0.564, 1.539, 2.508)]
    assert several == pytest.approx(expected, rel=0.08)


def test_copies_are_no_looks() -> None:
    few = joined([0.9, 0.91, 0.92], noise(3))
    many = joined([0.9, 0.91, *[0.92] * 20], noise(3)[[0, 1, *[2] * 20]])
    assert optimism(many) == pytest.approx(optimism(few), rel=1e-9)


def test_hopeless_entries_are_no_looks() -> None:
    few, hopeless = joined([0.9, 0.9], noise(2)), joined([0.9, 0.9, *[0.5] * 30], noise(32))
    assert optimism(hopeless) == pytest.approx(optimism(few), rel=0.1)


def test_optimism_is_a_lower_bound_on_average() -> None:
    bits = np.random.default_rng(7)
    for spread in (0.0, 0.003, 0.006):
        truth = 0.8 + spread * np.arange(10)
        told, true = [], []
        for _ in range(150):
            own = 0.01 * bits.normal(size=(10, 401))
            values = truth + own[:, 0]
            told.append(optimism(joined(values.tolist(), own[:, 1:])))
            best = int(values.argmax())
            true.append(values[best] - truth[best])
        assert np.mean(told) < np.mean(true) + 0.0008


# Entries without replicates


def test_without_replicates_an_entry_may_be_anywhere() -> None:
    replicates = np.array([0.9, 0.8, 0.7])[:, None] + noise(3)
    replicates[1] = np.nan
    board = uncertainty(np.array([0.9, 0.8, 0.7]), replicates, "abc", MANY, AUC, own=1)
    first, unknown, last = board.rows
    assert (unknown.rank_low, unknown.rank_high) == (1, 3)
    assert (unknown.score_low, unknown.score_high, unknown.not_worse_than_best) == (None,) * 3
    assert (first.rank_low, first.rank_high) == (1, 2)
    assert (last.rank_low, last.rank_high) == (2, 3)
    assert first.to_own_best is not None
    assert (first.to_own_best.low, first.to_own_best.high, first.to_own_best.real) == (
        None,
        None,
        False,
    )
    assert unknown.share_won == 0.0


@pytest.mark.parametrize("kept", [0, 49])
def test_too_few_replicates_are_none(kept: int) -> None:
    replicates = 0.9 + noise(2)
    replicates[:, kept:] = np.nan
    board = uncertainty(np.array([0.9, 0.8]), replicates, "ab", MANY, AUC)
    assert [(row.rank_low, row.rank_high) for row in board.rows] == [(1, 2)] * 2
    assert [row.score_low for row in board.rows] == [None, None]
    assert [row.share_won for row in board.rows] == [None, None]
    assert (board.optimism, board.replicates) == (None, 0)


def test_only_replicates_in_common_count() -> None:
    replicates = np.array([0.9, 0.8])[:, None] + noise(2)
    replicates[0, :300], replicates[1, 800:] = np.nan, np.inf
    board = uncertainty(np.array([0.9, 0.8]), replicates, "ab", MANY, AUC)
    assert board.replicates == 500
    assert [row.not_worse_than_best for row in board.rows] == [True, False]


def test_an_entry_with_few_replicates_does_not_take_those_of_others() -> None:
    replicates = np.array([0.9, 0.8, 0.7])[:, None] + noise(3)
    replicates[2, 100:] = np.nan
    board = uncertainty(np.array([0.9, 0.8, 0.7]), replicates, "abc", MANY, AUC)
    assert board.replicates == 1000
    assert [row.not_worse_than_best for row in board.rows] == [True, False, None]


# The board as a whole


def test_a_board_of_one_and_of_none() -> None:
    board = uncertainty(np.array([0.9]), 0.9 + noise(1), ["ada"], Drawn(200, 200), AUC)
    row = board.rows[0]
    assert (row.rank_low, row.rank_high, row.not_worse_than_best, row.share_won) == (
        1,
        1,
        True,
        1.0,
    )
    assert (row.to_above, row.to_own_best, row.to_baseline) == (None, None, None)
    nothing = uncertainty(np.zeros(0), np.zeros((0, 1000)), [], Drawn(200, 200), AUC)
    assert (nothing.rows, nothing.optimism) == ((), None)


def test_each_row_is_compared_with_whom_it_should() -> None:
    values = np.array([0.95, 0.90, 0.85, 0.80, 0.78])
    replicates = values[:, None] + noise(5)
    board = uncertainty(
        values, replicates, "abcde", MANY, AUC, shown=[0, 1, 2, 3], baselines=[1, 4], own=2
    )
    rows = board.rows
    assert [row.entry for row in rows] == [0, 1, 2, 3]
    above = [None if row.to_above is None else round(row.to_above.value, 3) for row in rows]
    assert above == [None, -0.05, -0.05, -0.05]
    best = [None if row.to_own_best is None else round(row.to_own_best.value, 3) for row in rows]
    assert best == [0.1, 0.05, None, -0.05]
    line = [None if row.to_baseline is None else round(row.to_baseline.value, 3) for row in rows]
    assert line == [0.05, 0.12, -0.05, 0.02]


def test_a_loss_is_a_gain_turned_round() -> None:
    values = np.array([0.9, 0.86, 0.85, 0.7])
    replicates = values[:, None] + noise(4, shared=0.5)
    gain = uncertainty(values, replicates, "abcd", MANY, AUC, own=0)
    lower = Scale(greater_is_better=False, bounds=UNIT)
    loss = uncertainty(1 - values, 1 - replicates, "abcd", MANY, lower, own=0)
    for up, down in zip(gain.rows, loss.rows, strict=True):
        assert (up.entry, up.rank_low, up.rank_high) == (down.entry, down.rank_low, down.rank_high)
        assert (up.not_worse_than_best, up.share_won) == (down.not_worse_than_best, down.share_won)
        assert up.score_low == pytest.approx(1 - down.score_high)
        if up.to_own_best is not None:
            assert up.to_own_best.low == pytest.approx(down.to_own_best.low)
    assert gain.optimism == pytest.approx(loss.optimism)


def test_the_interval_of_the_leader_makes_up_for_luck() -> None:
    values = np.full(25, 0.8) - 1e-6 * np.arange(25)
    board = uncertainty(values, values[:, None] + noise(25), ["a"] * 25, MANY, AUC)
    leader, other = board.rows[0], board.rows[1]
    moved = (other.score_low + other.score_high - leader.score_low - leader.score_high) / 2
    assert board.optimism == pytest.approx(0.0197, rel=0.05)
    assert moved == pytest.approx(board.optimism, rel=0.05)


def test_the_luck_of_the_leader_is_turned_with_a_loss() -> None:
    values = np.full(10, 0.3) + 1e-6 * np.arange(10)
    board = uncertainty(values, values[:, None] + noise(10), ["a"] * 10, MANY, ERROR)
    leader, other = board.rows[0], board.rows[1]
    moved = (leader.score_low + leader.score_high - other.score_low - other.score_high) / 2
    assert board.optimism == pytest.approx(0.0154, rel=0.08)
    assert moved == pytest.approx(board.optimism, rel=0.1)


def test_the_error_of_the_leader_is_drawn_towards_that_of_others() -> None:
    deviations = noise(3, shared=0.99)
    deviations[0] /= 4
    values = np.array([0.5002, 0.5001, 0.5])
    board = uncertainty(values, values[:, None] + deviations, "abc", MANY, AUC)
    widths = [row.score_high - row.score_low for row in board.rows]
    assert widths[0] == pytest.approx(widths[1] / 2, rel=0.05)


def test_all_that_share_the_first_score_have_the_interval_of_the_leader() -> None:
    values = np.full(10, 0.8)
    values[3:] -= 1e-4
    deviations = noise(9)[[0, 0, *range(1, 9)]]
    deviations[0] /= 3
    deviations[1] /= 3
    for scale in (AUC, SHARE):
        board = uncertainty(values, values[:, None] + deviations, ["a"] * 10, MANY, scale)
        ends = [(row.score_low, row.score_high) for row in board.rows]
        assert ends[0] == ends[1]
        middles = [(low + high) / 2 for low, high in ends]
        assert middles[2] == pytest.approx(middles[0], abs=1e-3)
        assert middles[3] - middles[2] > board.optimism / 2


def test_replicates_that_do_not_vary_give_no_interval() -> None:
    values = np.array([0.8, 0.54])
    replicates = values[:, None] + noise(2)
    replicates[1] = 0.54 + 1e-16 * np.arange(1000) % 3
    for scale in (AUC, Scale(greater_is_better=True, bounds=(-math.inf, math.inf))):
        board = uncertainty(values, replicates, "ab", MANY, scale)
        assert [row.score_low is None for row in board.rows] == [False, True]
        assert (board.rows[1].score_high, board.rows[1].rank_low) == (None, 2)
        assert board.rows[1].to_above is not None
        assert board.rows[1].to_above.real
    share = uncertainty(values, replicates, "ab", MANY, SHARE).rows[1]
    assert share.score_low is not None
    assert share.score_low < 0.54


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(7)), st.booleans())
def test_the_order_of_entries_does_not_matter(order: list[int], loss: bool) -> None:
    values = np.array([0.5, 0.52, 0.52, 0.6, 0.61, 0.7, 0.4])
    deviations = noise(7, shared=0.4)
    deviations[2] = deviations[1]
    names = np.array(list("aabcdde"))
    scale = ERROR if loss else AUC
    drawn = Drawn(300, 60)
    straight = uncertainty(values, values[:, None] + deviations, names.tolist(), drawn, scale)
    turned = uncertainty(
        values[order], (values[:, None] + deviations)[order], names[order].tolist(), drawn, scale
    )
    found = {order[row.entry]: row for row in turned.rows}
    for row in straight.rows:
        other = found[row.entry]
        assert (row.rank_low, row.rank_high) == (other.rank_low, other.rank_high)
        assert row.not_worse_than_best == other.not_worse_than_best
        assert row.share_won == pytest.approx(other.share_won)


def test_real_predictions_of_few_rows() -> None:
    answers = np.arange(50) % 2
    plan = draw(np.arange(50), seed=3, strata=answers)
    flips = [np.where(np.arange(50) < wrong, 1 - answers, answers) for wrong in (0, 3, 3, 25)]
    accuracy = metrics.get("accuracy")
    values = np.array([accuracy.score(answers, flip) for flip in flips])
    replicates = np.array([accuracy.replicates(answers, flip, plan) for flip in flips])
    board = uncertainty(values, replicates, "abcd", Drawn(50, 50), SHARE, baselines=[3])
    places = [(row.rank_low, row.rank_high) for row in board.rows]
    assert places == [(1, 3), (1, 3), (1, 3), (4, 4)]
    assert [row.not_worse_than_best for row in board.rows] == [True, True, True, False]
    assert 0.85 < board.rows[0].score_low < 0.95 < 0.999 < board.rows[0].score_high <= 1
    assert board.rows[2].to_above.value == 0


@pytest.mark.parametrize("size", [1e6, 1e45, 1e200])
def test_a_wild_entry_leaves_the_others_as_they_are(size: float) -> None:
    values = [1.0, 1.01, 1.03, 1.2]
    table = np.array(values)[:, None] + noise(4, shared=0.8)
    wild = size * (1 + noise(1, seed=2))
    names = ["a", "b", "c", "d", "wild"]
    with np.errstate(all="raise", under="ignore"):
        without = uncertainty(np.array(values), table, names[:4], MANY, ERROR)
        board = uncertainty(np.array([*values, size]), np.vstack([table, wild]), names, MANY, ERROR)
    assert [(row.rank_low, row.rank_high) for row in board.rows[:4]] == [
        (row.rank_low, row.rank_high) for row in without.rows
    ]
    assert [row.not_worse_than_best for row in board.rows] == [
        *(row.not_worse_than_best for row in without.rows),
        False,
    ]
    assert (board.rows[4].rank_low, board.rows[4].rank_high) == (5, 5)
    assert board.optimism == pytest.approx(without.optimism, rel=1e-9)
