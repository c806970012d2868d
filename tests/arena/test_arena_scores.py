"""Scores as arrays: direction, failures, what is missing, normalised regret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from practice.arena.records import Cell, Point, Results
from practice.arena.scores import normalised_regret, scores_of

Make = Callable[..., Results]
HELD = np.array([[[0.3, 0.5], [0.2, 0.6]], [[0.4, 0.1], [0.2, 0.7]]])


def with_cell(results: Results, position: int, **changes: object) -> Results:
    cells = list(results.cells)
    cells[position] = replace(cells[position], **changes)
    return replace(results, cells=tuple(cells))


@pytest.mark.parametrize(("greater", "sign"), [(True, 1), (False, -1)])
def test_more_is_better_whatever_the_metric(make: Make, greater: bool, sign: int) -> None:
    scores = scores_of(make(HELD, greater_is_better=greater, default=0.5))
    assert scores.held.tolist() == (sign * HELD).tolist()
    assert scores.default.tolist() == np.full((2, 2, 2), sign * 0.5).tolist()
    assert scores.best.tolist() == ([0.5, 0.7] if greater else [-0.1, -0.2])


def test_a_run_that_failed_scores_as_the_default(make: Make) -> None:
    results = with_cell(make(HELD, default=0.25), 1, error="out of memory")
    scores = scores_of(results)
    assert scores.held[0, 0].tolist() == [0.3, 0.25]
    assert scores.oracle[0, 0, 1] == 0.5  # what it met counts as known


def test_a_run_without_a_point_has_the_default_of_its_split(make: Make) -> None:
    results = with_cell(make(HELD, default=0.25), 3, points=(), error="could not start")
    scores = scores_of(results)
    assert scores.held[0, 1, 1] == scores.default[0, 1, 1] == scores.oracle[0, 1, 1] == 0.25


def test_a_find_that_cannot_be_scored_counts_as_the_default(make: Make) -> None:
    results = make(HELD, default=0.25)
    bad: Cell = results.cells[0]
    worse: Point = replace(bad.points[1], held=float("nan"))
    scores = scores_of(with_cell(results, 0, points=(bad.points[0], worse)))
    assert scores.held[0, 0, 0] == 0.25


def test_runs_that_have_not_ended_are_missing(make: Make) -> None:
    held = HELD.copy()
    held[1, 0, 1] = np.nan
    scores = scores_of(make(held))
    assert np.argwhere(np.isnan(scores.held)).tolist() == [[1, 0, 1]]
    assert np.isnan(normalised_regret(scores)[1, 0, 1])
    assert scores.best.tolist() == [0.5, 0.7]


def test_regret_is_0_at_the_best_known_and_1_at_the_default(make: Make) -> None:
    held = np.array([[[1.0, 3.0, 5.0, 9.0]]])
    regret = normalised_regret(scores_of(make(held, default=5.0, greater_is_better=False)))
    assert regret.tolist() == [[[0.0, 0.5, 1.0, 1.5]]]


def test_where_the_default_is_the_best_known_it_has_no_regret(make: Make) -> None:
    held = np.array([[[5.0, 5.1]]])
    regret = normalised_regret(scores_of(make(held, default=5.0, greater_is_better=False)))
    assert regret.tolist() == [[[0.0, 1.5]]]
