"""One row per strategy: costs, gap, overtuning, regret, ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from practice.arena.records import Results
from practice.arena.summary import mean_ranks, overtuning, summarise

Make = Callable[..., Results]


def test_costs_are_those_of_a_run(make: Make) -> None:
    row = summarise(make(np.full((2, 2, 2), 0.5)))[0]
    assert (row.strategy, row.runs, row.errors) == ("random", 4, 0)
    assert (row.complete, row.stopped, row.failed, row.duplicate) == (18.0, 3.0, 1.0, 2.0)
    assert (row.work, row.cpu_seconds, row.seconds) == (20.0, 8.0, 4.0)
    assert row.overhead == pytest.approx(0.1)


def test_settings_are_those_of_arguments_and_versions(make: Make) -> None:
    results = make(np.full((2, 2, 2), 0.5), names=("random", "tpe"))
    assert [row.settings for row in summarise(results)] == ["", ""]  # the record does not tell

    def settings(arguments: dict[str, int], optuna: str) -> list[str]:
        each = [{"name": "random"}, {"name": "tpe", "arguments": arguments}]
        identity = {"strategies": each, "versions": {"optuna": optuna}}
        asked = replace(results.comparison, identity=identity)
        return [row.settings for row in summarise(replace(results, comparison=asked))]

    first = settings({"group": 0}, "5.0.0")
    assert [len(each) for each in first] == [8, 8]
    other = settings({"group": 1}, "5.0.0")
    assert (other[0] == first[0], other[1] == first[1]) == (True, False)
    assert not set(first) & set(settings({"group": 0}, "4.9.0"))


@pytest.mark.parametrize(("greater", "gap"), [(True, 0.05), (False, -0.05)])
def test_the_gap_is_positive_where_cross_validation_promised_too_much(
    make: Make, greater: bool, gap: float
) -> None:
    results = make(np.full((1, 1, 2), 0.5), greater_is_better=greater)
    cells = tuple(
        replace(cell, points=(cell.points[0], replace(cell.points[1], cv=0.55)))
        for cell in results.cells
    )
    row = summarise(replace(results, cells=cells))[0]
    assert (row.cv, row.held) == (pytest.approx(0.55), pytest.approx(0.5))
    assert row.gap == pytest.approx(gap)


@pytest.mark.parametrize("greater", [True, False])
def test_overtuning_is_what_later_picks_lost(make: Make, greater: bool) -> None:
    results = make(np.array([[[0.7, 0.6]]]), default=0.5, greater_is_better=greater)
    cells = []
    for cell, path in zip(results.cells, ([0.5, 0.9, 0.7], [0.5, 0.6]), strict=True):
        held = path if greater else [1 - value for value in path]
        points = tuple(replace(cell.points[0], held=value) for value in held)
        cells.append(replace(cell, points=points))
    row = summarise(replace(results, cells=tuple(cells)))[0]
    assert row.overtuning == pytest.approx(0.1)  # 0.2 and nothing
    assert row.relative_overtuning == pytest.approx(0.25)  # a half and nothing
    assert row.oracle == pytest.approx((0.2 + 0.3) / 2)
    assert row.regret == pytest.approx((0.5 + 0.75) / 2)
    assert row.worse == 0.0


def test_a_path_without_gain_has_no_relative_overtuning() -> None:
    assert overtuning([0.5, 0.4, 0.3]) == (pytest.approx(0.2), None)
    assert overtuning([0.5]) == (0.0, None)
    assert overtuning([float("nan")]) == (0.0, None)


def test_runs_that_failed_count_as_the_default(make: Make) -> None:
    results = make(np.array([[[0.2, 0.9]]]), default=0.5)
    broken = replace(results.cells[1], error="no memory", trials={})
    row = summarise(replace(results, cells=(results.cells[0], broken)))[0]
    assert (row.runs, row.errors, row.complete) == (2, 1, 9.0)
    assert row.held == pytest.approx(0.35)
    assert row.worse == 0.5
    assert row.overtuning == pytest.approx(0.15)  # of the run that did not fail


def test_ranks_are_scipys_and_skip_what_not_all_have_run() -> None:
    held = np.random.default_rng(0).integers(0, 4, (3, 2, 5)).astype(float)
    blocks = held.reshape(3, -1)
    expected = np.mean([stats.rankdata(-column) for column in blocks.T[1:]], axis=0)
    held[1, 0, 0] = np.nan
    found = mean_ranks(held)
    assert found is not None
    assert found.tolist() == pytest.approx(expected.tolist())
    assert mean_ranks(np.full((2, 1, 1), np.nan)) is None


def test_a_strategy_that_has_not_run_has_no_numbers(make: Make) -> None:
    held = np.full((2, 1, 2), 0.5)
    held[1] = np.nan
    row = summarise(make(held))[1]
    assert (row.runs, row.complete) == (0, 0.0)
    values = [row.work, row.overhead, row.cv, row.held, row.gap, row.overtuning, row.regret]
    assert [*values, row.worse, row.rank, row.oracle, row.relative_overtuning] == [None] * 11
