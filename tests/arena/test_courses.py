"""Where strategies stood at shares of their budget, from runs of which all is known by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from practice.arena.course import courses
from practice.arena.records import Cell, Comparison, Point, Results

ASKED = Comparison(
    "c1", "toy", "lightgbm", ("a", "b"), "a", (1,), (0,), 8.0, 500, "log_loss", False, (10,),
    ("",), "2026-01-01T00:00:00+00:00", "0" * 64, {}, {},
)  # fmt: skip


def ran(strategy: str, scores: tuple[tuple[float, float, float], ...], seed: int = 0) -> Cell:
    points = tuple(
        Point(number, {}, work, work, cv, cv, held, held)
        for number, (work, cv, held) in enumerate(scores)
    )
    return Cell(strategy, 1, seed, points, {}, 8.0, 8.0, 8.0, 1.0)


A = ran("a", ((1, 1.0, 2.0), (2, 0.6, 1.5), (4, 0.2, 3.0)))
B = ran("b", ((1, 1.0, 2.0), (8, 0.4, 1.0)))


def test_scores_and_regrets_are_those_at_a_quarter_a_half_and_all_of_the_budget() -> None:
    a, b, held_a, held_b = courses(Results(ASKED, (A, B)))
    assert [(each.strategy, each.where) for each in (a, b, held_a, held_b)] == [
        ("a", "cv"),
        ("b", "cv"),
        ("a", "held"),
        ("b", "held"),
    ]
    assert a.scores == (0.6, 0.2, 0.2)
    assert a.regrets == pytest.approx((0.5, 0.0, 0.0))
    assert b.scores == (1.0, 1.0, 0.4)
    assert b.regrets == pytest.approx((1.0, 1.0, 0.25))
    assert held_a.scores == (1.5, 3.0, 3.0)
    assert held_a.regrets == (0.5, 1.5, 1.5)
    assert held_b.regrets == (1.0, 1.0, 0.0)


def test_the_area_is_the_mean_regret_over_the_budget() -> None:
    a, b, held_a, held_b = courses(Results(ASKED, (A, B)))
    assert a.area == pytest.approx((2 * 1.0 + 2 * 0.5) / 8)
    assert b.area == 1.0  # what is found with the last of the budget comes too late
    assert held_a.area == pytest.approx((2 * 1.0 + 2 * 0.5 + 4 * 1.5) / 8)
    assert held_b.area == 1.0


def test_means_are_taken_over_repeats_that_all_have_ended() -> None:
    asked = replace(ASKED, seeds=(0, 1, 2))
    flat = ((1.0, 1.0, 2.0),)
    cells = (A, ran("a", flat, 1), ran("a", flat, 2), B, ran("b", flat, 1))
    a = courses(Results(asked, cells))[0]
    assert a.scores == pytest.approx((0.8, 0.6, 0.6))
    assert a.area == pytest.approx((3 / 8 + 1) / 2)


def test_a_metric_that_grows_keeps_its_direction() -> None:
    turned = tuple(
        replace(cell, points=tuple(replace(p, cv=-p.cv, held=-p.held) for p in cell.points))
        for cell in (A, B)
    )
    found = courses(Results(replace(ASKED, greater_is_better=True), turned))
    for there, here in zip(found, courses(Results(ASKED, (A, B))), strict=True):
        assert there.scores == tuple(-score for score in here.scores)
        assert (there.regrets, there.area) == (here.regrets, here.area)


def test_there_is_no_course_without_a_repeat_or_without_a_budget_in_trials() -> None:
    assert courses(Results(ASKED, (A,))) == ()
    assert courses(Results(replace(ASKED, work=0.0), (A, B))) == ()
