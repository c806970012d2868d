"""Paired differences: intervals that know what splits, seeds and rows share."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from practice.arena.paired import ahead, common_and_rows, variance
from practice.arena.records import Results
from practice.arena.shown import bca, hierarchical_means, share_better

Make = Callable[..., Results]
TABLES = arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(2, 5)),
    elements=st.integers(-50, 50).map(float),
)


def test_splits_that_scatter_like_seeds_are_pooled_with_them() -> None:
    table = np.array([[1.0, 3.0], [2.0, 4.0], [0.0, 2.0], [3.0, 5.0]])
    # W = 2, B = 2 * var(2, 3, 1, 4) = 10 / 3, E = 3 * 2 / (10 / 3) = 1.8
    found = variance(table)
    assert found is not None
    assert found.freedom == pytest.approx(4.8)
    assert found.value == pytest.approx((1.8 * 2 + 3 * 10 / 3) / 4.8 / 8)


def test_splits_that_scatter_less_than_seeds_count_for_no_less() -> None:
    found = variance(np.array([[1.0, 3.0], [1.0, 3.0], [1.0, 3.0]]))
    assert found is not None
    assert (found.value, found.freedom) == (2 / 6, 4.0)


def test_seeds_that_do_nothing_leave_the_t_interval_of_the_splits() -> None:
    means = np.array([1.0, 2.0, 4.0, 5.0])
    found = variance(np.repeat(means[:, None], 5, axis=1))
    assert found is not None
    assert found.freedom == 3.0
    assert found.value == pytest.approx(means.var(ddof=1) / 4)


def test_rows_that_explain_the_scatter_of_splits_let_the_seeds_count() -> None:
    table = np.array([[1.0, 1.2], [2.0, 2.2], [4.0, 4.2], [5.0, 5.2]])
    between = 2 * np.var([1.1, 2.1, 4.1, 5.1], ddof=1)
    for common in (0.0, 0.5, between):
        found = variance(table, common)
        counted = 3 * min(1.0, (0.02 + 2 * common) / between)
        assert found is not None
        assert found.freedom == pytest.approx(3 + counted)
        assert found.value == pytest.approx((counted * 0.02 + 3 * between) / (3 + counted) / 8)


def test_one_seed_per_split_is_students_t(make: Make) -> None:
    values = np.array([0.1, 0.4, 0.2, 0.35, 0.15, 0.3])
    found = ahead(make(np.stack([np.zeros((6, 1)), values[:, None]])), "tpe", "random")
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_one_split_is_students_t(make: Make) -> None:
    values = np.array([0.1, 0.4, 0.2, 0.35, 0.15, 0.3])
    found = ahead(make(np.stack([np.zeros((1, 6)), values[None]])), "tpe", "random")
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_rows_of_a_single_split_are_added_to_the_scatter_of_its_seeds() -> None:
    alone, with_rows = variance(np.array([[1.0, 3.0]])), variance(np.array([[1.0, 3.0]]), 4.0, 4.5)
    assert alone is not None
    assert with_rows is not None
    assert (alone.value, with_rows.value) == (1.0, 5.0)
    assert with_rows.freedom == pytest.approx(25.0)  # Satterthwaite: 1 / (1 / 5) ** 2


def test_no_error_is_below_that_of_the_rows() -> None:
    found = variance(np.array([[1.0, 1.0], [1.0, 1.0]]), 0.0, 0.04)
    assert found is not None
    assert found.value == 0.04


@pytest.mark.parametrize("table", [np.zeros((0, 3)), np.array([[1.0]]), np.full((2, 2), np.nan)])
def test_fewer_than_two_pairs_tell_nothing(table: np.ndarray) -> None:
    assert variance(table) is None


@given(TABLES, st.integers(-5, 5), st.sampled_from([0.5, 2.0, -4.0]))
def test_shifts_and_units_change_nothing(table: np.ndarray, shift: int, unit: float) -> None:
    before, after = variance(table), variance(unit * (table + shift))
    assert before is not None
    assert after is not None
    assert after.value == pytest.approx(unit**2 * before.value, abs=1e-9)
    assert after.freedom == pytest.approx(before.freedom)
    pooled = table.var(axis=1, ddof=1).mean() / table.size
    assert before.value >= pooled * (1 - 1e-12)
    assert len(table) - 1 <= before.freedom <= len(table) + 2


def test_the_order_of_splits_does_not_matter() -> None:
    table = np.array([[1.0, 3.0, np.nan], [2.0, 5.0, 1.0], [0.0, np.nan, np.nan]])
    assert variance(table) == variance(table[::-1])


def test_rows_are_split_into_what_seeds_share_and_the_whole() -> None:
    rows = np.array([-1.0, 1.0])
    split = np.stack([3 * rows, rows])
    # Variances 18 and 2, covariance 6; of the mean 8.
    assert common_and_rows([split]) == (6.0, 8.0)
    assert common_and_rows([split, split]) == (6.0, 4.0)
    assert common_and_rows([np.stack([rows, -rows])]) == (0.0, 0.0)
    assert common_and_rows([split[:1]]) == (None, 18.0)


def test_the_share_of_the_doubt_is_that_of_the_rows(make: Make) -> None:
    held = np.zeros((2, 2, 2))
    held[1] = [[0.1, 0.3], [0.5, 0.7]]
    rows = np.array([-0.1, 0.1])
    drawn = np.zeros((2, 2, 2, 2))
    drawn[1] = held[1][..., None] + rows
    found = ahead(make(held, replicates=drawn), "tpe", "random")
    assert found.rows_error == pytest.approx(0.1)  # two splits of variance 0.02
    assert found.error is not None
    assert found.doubt_of_rows == pytest.approx(0.01 / found.error**2)
    mirrored = ahead(make(held, replicates=drawn, greater_is_better=False), "tpe", "random")
    assert mirrored.value == -found.value
    assert mirrored.doubt_of_rows == pytest.approx(found.doubt_of_rows)


def test_replicates_that_miss_a_run_are_not_used(make: Make) -> None:
    held = np.arange(8.0).reshape(2, 2, 2)
    results = make(held, replicates=np.ones((2, 2, 2, 5)))
    assert ahead(results, "tpe", "random").rows_error == 0.0
    del results.replicates["tpe", 1, 0]
    assert ahead(results, "tpe", "random").rows_error is None


def test_only_pairs_of_runs_that_ended_count(make: Make) -> None:
    held = np.zeros((2, 2, 3))
    held[1] = [[1.0, 2.0, 3.0], [4.0, np.nan, np.nan]]
    found = ahead(make(held), "tpe", "random")
    assert (found.pairs, found.value) == (4, 3.0)  # splits weigh the same: (2 + 4) / 2


def test_scores_that_are_equal_on_paper_are_equal(make: Make) -> None:
    held = np.full((2, 2, 3), 0.3)
    held[1] = 0.1 + 0.2
    found = ahead(make(held), "tpe", "random")
    assert (found.differing, found.value, found.low, found.high) == (0, 0.0, 0.0, 0.0)


def test_without_a_pair_nothing_is_known(make: Make) -> None:
    found = ahead(make(np.full((2, 2, 2), np.nan)), "tpe", "random")
    assert (found.pairs, found.error, found.low) == (0, None, None)
    assert math.isnan(found.value)


def test_the_displayed_interval_of_one_split_is_scipys_bca() -> None:
    values = np.random.default_rng(8).exponential(size=20)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    found = bca(np.append(values, np.nan)[None])
    assert found == pytest.approx((expected.low, expected.high), rel=0.03)
    assert found == bca(values[None])


def test_the_displayed_interval_at_its_ends() -> None:
    assert bca(np.full((2, 2), 0.5)) == (0.5, 0.5)
    assert bca(np.array([[0.5]])) is None
    assert bca(np.array([[np.nan, 0.5], [np.nan, np.nan]])) is None


def test_splits_are_resampled_before_seeds() -> None:
    generator = np.random.default_rng(0)
    apart = np.array([[-1.0] * 5, [-1.0] * 5, [1.0] * 5, [1.0] * 5])
    drawn = hierarchical_means(apart, generator)
    assert set(drawn.tolist()) == {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert drawn.var() == pytest.approx(1 / 4, rel=0.1)
    within = np.array([[-1.0, 1.0, np.nan]] * 4)
    assert hierarchical_means(within, generator).var() == pytest.approx(1 / 8, rel=0.1)


def test_the_share_of_wins_has_wilsons_interval() -> None:
    values = np.array([1.0] * 15 + [-1.0] * 5)
    expected = stats.binomtest(15, 20).proportion_ci(method="wilson")
    assert share_better(values, None) == pytest.approx((0.75, expected.low, expected.high))
    # An error twice that of 20 independent pairs: five of them.
    found = share_better(values, 2 * math.sqrt(values.var(ddof=1) / 20))
    fifth = stats.binomtest(3, 4).proportion_ci(method="wilson")
    assert found is not None
    assert found[0] == 0.75
    assert found[2] - found[1] < fifth.high - fifth.low
    assert found[2] - found[1] > expected.high - expected.low
    assert share_better(np.array([np.nan]), None) is None
