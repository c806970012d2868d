"""The runner: budgets, the deadline rule, duplicates, failures, and going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from practice.errors import MetricError, PracticeError, UsageError
from practice.tuning import (
    Budget,
    EvaluationFailed,
    Exhausted,
    Journal,
    Parameter,
    Problem,
    Row,
    Rung,
    Space,
    finals,
    incumbents,
    make,
    run,
    shared_points,
)
from practice.tuning.records import ROWS, read_rows, same
from practice.tuning.stopping import Finish
from practice.tuning.strategy import Composed

SPACE = Space((Parameter("x", -3.0, 3.0), Parameter("n", 1, 4, whole=True)), {"x": 2.0, "n": 2})


class Parabola:
    """An evaluator of no cost: five folds, a rung each, half a full trial of work."""

    space = SPACE
    folds = 5

    def __init__(self, fails: Callable[[dict[str, Any]], bool] = lambda _: False) -> None:
        self.seen: list[dict[str, Any]] = []
        self._fails = fails

    def evaluate(self, configuration: Any, order: str) -> Iterator[Rung]:
        self.seen.append(dict(configuration))
        scores: list[float] = []
        for fold in range(5):
            if fold == 2 and self._fails(configuration):
                raise EvaluationFailed("no")
            scores.append((configuration["x"] - 0.1 * fold) ** 2 + configuration["n"] / 10)
            share = (fold + 1) / 5
            mean = sum(scores) / len(scores)
            yield Rung(
                fold + 1, share, "folds", mean, tuple(scores), None, share / 2, 0.01, fold == 4
            )

    def metric_scores(self) -> tuple[float, ...]:
        if self.seen[-1]["n"] == 4:
            raise MetricError("one class only")
        return (1.0,) * 5

    def described(self) -> dict[str, Any]:
        return {}


def problem(seed: int = 0) -> Problem:
    return Problem(SPACE, seed, 5)


def go(
    name: str = "random+none",
    budget: Budget = Budget(trials=20),  # noqa: B008
    *,
    journal: Journal | None = None,
    evaluator: Parabola | None = None,
    strategy: Any = None,
    watch: Any = None,
    seed: int = 0,
) -> tuple[Row, ...]:
    with journal or Journal(None) as opened:
        return run(
            evaluator or Parabola(),
            strategy or make(name, problem(seed)),
            budget,
            opened,
            shared_points(SPACE, seed),
            watch,
        )


class Listed:
    """Proposes what it was given."""

    def __init__(self, points: list[dict[str, Any]]) -> None:
        self.points = list(points)
        self.told: list[Row] = []

    def ask(self) -> dict[str, Any]:
        if not self.points:
            raise Exhausted
        return self.points.pop(0)

    def tell(self, row: Row) -> None:
        self.told.append(row)

    def described(self) -> dict[str, Any]:
        return {"name": "listed"}


def test_the_default_comes_first_and_ten_points_are_shared() -> None:
    found = {
        name: [row.configuration for row in finals(go(name))] for name in ("random", "tpe", "cmaes")
    }
    assert all(rows[0] == SPACE.default for rows in found.values())
    assert found["random"][:11] == found["tpe"][:11] == found["cmaes"][:11]
    assert len({str(rows[11:]) for rows in found.values()}) == 3


def test_a_run_is_repeated_to_the_bit_and_depends_on_its_seed() -> None:
    first, again, other = go("tpe"), go("tpe"), go("tpe", seed=1)
    assert [same(row) for row in first] == [same(row) for row in again]
    assert [r.configuration for r in finals(first)[1:]] != [
        r.configuration for r in finals(other)[1:]
    ]


def test_every_rung_is_a_row_and_the_last_has_the_outcome() -> None:
    rows = go(budget=Budget(trials=2))
    assert [(row.trial, row.rung, row.state) for row in rows[:5]] == [
        (0, 1, "running"),
        (0, 2, "running"),
        (0, 3, "running"),
        (0, 4, "running"),
        (0, 5, "complete"),
    ]
    assert len(rows) == 10
    assert rows[4].metric_scores == (1.0,) * 5
    assert rows[4].total_work == 0.5
    assert rows[7].total_work == pytest.approx(0.8)
    assert rows[4].total_cpu_seconds >= 0.01


@pytest.mark.parametrize(
    ("budget", "trials", "over"),
    [
        (Budget(work=5), 10, False),  # half a full trial each: the tenth ends on the line
        (Budget(work=5.2), 10, True),
        (Budget(work=4.99), 9, True),
        (Budget(trials=7), 7, False),
        (Budget(work=100, trials=3), 3, False),
    ],
)
def test_a_trial_counts_if_it_ended_inside(budget: Budget, trials: int, over: bool) -> None:
    strategy = Composed(Listed(SPACE.grid(5)), Finish())
    rows = go(budget=budget, strategy=strategy)
    assert len(finals(rows)) == trials
    assert (rows[-1].state == "over") is over
    assert len(strategy.proposer.told) == trials  # type: ignore[attr-defined]
    assert incumbents(rows)[-1].trial < trials


def test_budgets_of_time_end_a_run() -> None:
    rows = go(budget=Budget(cpu_seconds=0.105))
    assert 1 <= len(finals(rows)) <= 10
    assert finals(rows)[-1].total_cpu_seconds <= 0.105
    rows = go(budget=Budget(seconds=0.05))
    assert finals(rows)[-1].total_seconds <= 0.05


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "a run needs a budget"),
        ({"work": 0}, "--work 0 is not above 0"),
        ({"cpu_seconds": -1.0}, "--cpu-seconds -1.0 is not above 0"),
        ({"trials": float("nan")}, "--trials nan is not above 0"),
        ({"seconds": float("inf")}, "--seconds inf is not above 0"),
    ],
)
def test_budgets_that_are_none_in_words(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Budget(**given)


def test_a_duplicate_is_told_its_scores_at_no_work() -> None:
    point = {"x": 0.123456789, "n": 1}
    near = {"x": 0.12345678, "n": 1}  # the same to six digits
    evaluator = Parabola()
    strategy = Composed(Listed([point, near, SPACE.default, {"x": 0.2, "n": 1}]), Finish())
    rows = finals(go(strategy=strategy, evaluator=evaluator, budget=Budget(trials=50)))
    assert [row.state for row in rows[11:]] == ["complete", "duplicate", "duplicate", "complete"]
    assert rows[12].score == rows[11].score
    assert rows[12].work == 0.0
    assert rows[12].total_work == rows[11].total_work
    assert len(evaluator.seen) == 13
    assert [row.trial for row in strategy.proposer.told] == list(range(15))  # type: ignore[attr-defined]


def test_a_space_that_is_searched_through_ends_the_run() -> None:
    strategy = Composed(Listed([dict(SPACE.default)] * 1000), Finish())
    rows = finals(go(strategy=strategy, budget=Budget(work=1000)))
    assert len(rows) == 11 + 200
    rows = finals(go("grid+none", Budget(work=1000)))
    assert len(rows) == 11 + 9


def test_a_failed_trial_is_told_without_a_score_and_the_run_goes_on() -> None:
    evaluator = Parabola(fails=lambda c: c["n"] == 3)
    strategy = Composed(
        Listed([{"x": 0.2, "n": 3}, {"x": 0.2, "n": 3}, {"x": 0.2, "n": 1}]), Finish()
    )
    rows = go(strategy=strategy, evaluator=evaluator)
    last = finals(rows)[11:]
    assert [row.state for row in last] == ["failed", "duplicate", "complete"]
    assert (last[0].score, last[0].error, last[0].fold_scores) == (None, "no", ())
    assert last[0].work == pytest.approx(0.2)  # what it cost before it failed
    assert incumbents(rows)[-1].trial == 13


def test_a_metric_that_cannot_be_computed_leaves_the_loss() -> None:
    strategy = Composed(Listed([{"x": 0.2, "n": 4}]), Finish())
    evaluator = Parabola()
    (row,) = finals(go(strategy=strategy, evaluator=evaluator))[11:]
    assert row.state == "complete"
    assert row.metric_scores == ()


def test_a_configuration_outside_the_space_in_words() -> None:
    with pytest.raises(UsageError, match=r"x = 4\.0 is outside its range"):
        go(strategy=Composed(Listed([{"x": 4.0, "n": 1}]), Finish()))


# -- going on --------------------------------------------------------------------------------------


class Stop(Exception):  # noqa: N818
    """Stands for Ctrl-C."""


def interrupted(name: str, path: Path, after: int, budget: Budget) -> None:
    seen = 0

    def watch(row: Row) -> None:
        nonlocal seen
        seen += 1
        if seen == after:
            raise Stop

    with pytest.raises(Stop):
        go(name, budget, journal=Journal(path), watch=watch)


@pytest.mark.parametrize("after", [1, 5, 33, 57, 58])
def test_a_run_goes_on_as_if_it_had_never_stopped(tmp_path: Path, after: int) -> None:
    path, budget = tmp_path / ROWS, Budget(work=9)
    interrupted("tpe", path, after, budget)
    interrupted("tpe", path, 3, budget)  # and a second time
    rows = go("tpe", budget, journal=Journal(path))
    assert [same(row) for row in rows] == [same(row) for row in go("tpe", budget)]
    assert read_rows(path) == rows


def test_the_budget_is_a_total_also_for_what_was_over(tmp_path: Path) -> None:
    path = tmp_path / ROWS
    small = go("tpe+none", Budget(work=4.2), journal=Journal(path))
    assert small[-1].state == "over"
    again = go("tpe+none", Budget(work=4.2), journal=Journal(path))
    assert [same(row) for row in again] == [same(row) for row in small]
    more = go("tpe+none", Budget(work=9), journal=Journal(path))
    assert [same(row) for row in more] == [same(row) for row in go("tpe+none", Budget(work=9))]
    assert go("tpe+none", Budget(trials=3), journal=Journal(path)) == more


def test_times_add_up_over_sessions(tmp_path: Path) -> None:
    path = tmp_path / ROWS
    first = go(budget=Budget(trials=5), journal=Journal(path))[-1]
    second = finals(go(budget=Budget(trials=6), journal=Journal(path)))[-1]
    assert second.total_cpu_seconds >= first.total_cpu_seconds + 0.01
    assert second.total_seconds > first.total_seconds


def test_a_strategy_that_does_not_repeat_itself_in_words(tmp_path: Path) -> None:
    path = tmp_path / ROWS
    go("random", Budget(trials=14), journal=Journal(path))
    with pytest.raises(PracticeError, match="trial 11 would not be what was recorded") as caught:
        go("qmc", Budget(trials=20), journal=Journal(path))
    assert "without --resume" in caught.value.hint
    with pytest.raises(PracticeError, match="the strategy does not repeat itself"):
        go("random", Budget(trials=20), journal=Journal(path), seed=1)


def test_an_interrupt_that_falls_into_a_destructor_is_not_lost(tmp_path: Path) -> None:
    import os
    import signal

    class Falls:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    def watch(row: Row) -> None:
        if row.trial == 4 and row.rung == 2:
            Falls()

    path = tmp_path / ROWS
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        go(journal=Journal(path), watch=watch)
    assert signal.getsignal(signal.SIGINT) is before
    assert (read_rows(path)[-1].trial, read_rows(path)[-1].rung) == (4, 2)
    rows = go(journal=Journal(path))
    assert [same(row) for row in rows] == [same(row) for row in go()]
