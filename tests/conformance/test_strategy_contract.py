"""What every strategy owes the runner; one's own too: ``PRACTICE_STRATEGY=own.py pytest <this>``.

The suite needs no competition: losses are those of a made-up surface over every kind of parameter.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from practice.errors import PracticeError
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
    Strategy,
    finals,
    incumbents,
    make,
    names,
    run,
    shared_points,
)
from practice.tuning.records import same

SPACE = Space(
    (
        Parameter("rate", 0.001, 1.0, log=True),
        Parameter("leaves", 2, 64, log=True, whole=True),
        Parameter("penalty", 1e-6, 10.0, log=True, zero=True),
        Parameter("share", 0.1, 1.0),
        Parameter("kind", choices=("a", "b", "c")),
    ),
    {"rate": 0.1, "leaves": 31, "penalty": 0.0, "share": 1.0, "kind": "a"},
)
NUMBERS = Space(SPACE.parameters[:4], {k: v for k, v in SPACE.default.items() if k != "kind"})
NEEDS = {"gp": "torch", "flaml-cfo": "flaml", "flaml-blendsearch": "flaml"}
TRIALS = 40


class Surface:
    """An evaluator of a made-up loss; every sixth configuration fails."""

    folds = 5

    def __init__(self, space: Space) -> None:
        self.space = space

    def loss(self, configuration: Any) -> float:
        places = self.space.places(configuration)
        return float(0.1 + np.sum((places - 0.3) ** 2))

    def evaluate(self, configuration: Any, order: str) -> Iterator[Rung]:
        loss = self.loss(configuration)
        for step in range(1, 6):
            if step == 3 and configuration["leaves"] % 6 == 0:
                raise EvaluationFailed("made to fail")
            folds = tuple(loss + 0.01 * k for k in range(5))
            share = step / 5
            yield Rung(step, share, "folds", loss, folds[:step], None, share, 0.0, step == 5)

    def metric_scores(self) -> tuple[float, ...]:
        return ()

    def described(self) -> dict[str, Any]:
        return {}


def asked() -> list[object]:
    """Return the strategies to try: all, or the file that the environment names."""
    own = os.environ.get("PRACTICE_STRATEGY")
    if own:
        return [own]
    found: list[object] = [*(f"random+{stop}" for stop in ("none", "median")), "tpe+hyperband"]
    for name in names():
        needed = NEEDS.get(name)
        missing = needed is not None and find_spec(needed) is None
        skip = pytest.mark.skipif(missing, reason=f"needs {needed}")
        found.append(pytest.param(name, marks=skip))
    return found


pytestmark = pytest.mark.parametrize("name", asked())


def play(
    name: str, seed: int = 0, space: Space = SPACE, before: list[Row] | None = None
) -> tuple[Row, ...]:
    with Journal(None, list(before or [])) as journal:
        strategy = make(name, Problem(space, seed, 5))
        points = shared_points(space, seed)
        return run(Surface(space), strategy, Budget(trials=TRIALS), journal, points)


def told(strategy: Strategy, trials: int, seed: int = 0) -> list[dict[str, Any]]:
    """Ask and tell without a runner; return what was asked for."""
    surface = Surface(SPACE)
    found = []
    for trial, point in enumerate(shared_points(SPACE, seed)):
        strategy.tell(_ended(trial, dict(point), surface.loss(point)))
    for trial in range(11, 11 + trials):
        configuration = SPACE.canonical(strategy.ask())
        found.append(configuration)
        strategy.tell(_ended(trial, configuration, surface.loss(configuration)))
    return found


def _ended(trial: int, configuration: dict[str, Any], loss: float) -> Row:
    return Row(trial, 5, "folds", "complete", configuration, loss, (loss,) * 5, 1.0)


def test_every_configuration_belongs_to_the_space(name: str) -> None:
    for row in finals(play(name)):
        assert SPACE.canonical(row.configuration) == row.configuration


def test_the_same_seed_gives_the_same_run(name: str) -> None:
    first = [same(row) for row in play(name)]
    random.seed(99)
    np.random.seed(99)
    assert [same(row) for row in play(name)] == first


def test_another_seed_gives_another_run(name: str) -> None:
    runs = [[r.configuration for r in finals(play(name, seed))][11:] for seed in (0, 1)]
    assert runs[0] != runs[1]


@pytest.mark.parametrize("cut", [5, 11, 23])
def test_a_strategy_that_is_told_again_goes_on_alike(name: str, cut: int) -> None:
    whole = play(name)
    before = [row for row in whole if row.trial < cut]
    assert [same(row) for row in play(name, before=before)] == [same(row) for row in whole]


def test_the_first_points_are_shared(name: str) -> None:
    found = [row.configuration for row in finals(play(name))][:11]
    assert found == shared_points(SPACE, 0)


def test_it_can_be_told_what_it_did_not_ask_for_and_what_failed(name: str) -> None:
    strategy = make(name, Problem(SPACE, 0, 5))
    default = dict(SPACE.default)
    strategy.tell(_ended(0, default, 0.5))
    strategy.tell(Row(1, 2, "folds", "failed", {**default, "leaves": 5}, None))
    strategy.tell(Row(2, 2, "folds", "stopped", {**default, "leaves": 6}, 0.7, (0.6, 0.8), 0.4))
    strategy.tell(Row(3, 5, "folds", "duplicate", default, 0.5, (0.5,) * 5, 1.0))
    for trial in range(4, 9):
        asked = SPACE.canonical(strategy.ask())
        strategy.tell(Row(trial, 2, "folds", "failed", asked, None))
    assert SPACE.canonical(strategy.ask())


def test_a_first_complete_trial_is_never_stopped(name: str) -> None:
    rows = finals(play(name))
    assert rows[0].state == "complete"
    assert incumbents(rows)


def test_equal_losses_do_no_harm(name: str) -> None:
    strategy = make(name, Problem(SPACE, 3, 5))
    for trial, point in enumerate(shared_points(SPACE, 3)):
        strategy.tell(_ended(trial, dict(point), 0.25))
    for trial in range(11, 31):
        strategy.tell(_ended(trial, SPACE.canonical(strategy.ask()), 0.25))


def test_it_finds_something_better_than_the_default(name: str) -> None:
    found = incumbents(play(name, space=NUMBERS))
    assert found[-1].score is not None
    assert found[-1].score < Surface(NUMBERS).loss(NUMBERS.default)


def test_stopping_takes_any_row(name: str) -> None:
    strategy = make(name, Problem(SPACE, 0, 5))
    assert strategy.order in ("rounds", "folds")
    row = Row(0, 1, strategy.order, "running", dict(SPACE.default), 0.5, (0.5,), 0.2)
    assert strategy.should_stop(row) in (True, False)


def test_it_describes_itself_as_json(name: str) -> None:
    described = make(name, Problem(SPACE, 0, 5)).described()
    assert json.loads(json.dumps(described)) == described
    assert described


def test_it_ends_a_tiny_space_in_words_or_repeats_itself(name: str) -> None:
    tiny = Space((Parameter("leaves", 1, 2, whole=True),), {"leaves": 1})
    strategy = make(name, Problem(tiny, 0, 5))
    strategy.tell(_ended(0, {"leaves": 1}, 0.5))
    for trial in range(1, 12):
        try:
            asked = tiny.canonical(strategy.ask())
        except (Exhausted, PracticeError):
            return
        strategy.tell(_ended(trial, asked, float(asked["leaves"])))  # type: ignore[arg-type]
    assert trial == 11
