from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from practice.errors import PracticeError
from practice.solutions import cross_validate, get
from practice.solutions.boosting import DEFAULTS, quiet
from practice.solutions.data import Dataset
from practice.solutions.decisions import learned
from practice.solutions.parallel import pool
from practice.tuning import LIGHTGBM, Evaluator, search
from practice.tuning.run import solution_of
from practice.tuning.space import default_point, suggest

Small = Callable[[str], Dataset]
TASKS = ["binary", "multiclass", "regression"]
ROUGH = {"bagging_fraction": 0.6, "feature_fraction": 0.5, "min_data_in_leaf": 3, "num_leaves": 9}


def losses_of(dataset: Dataset, oof: np.ndarray) -> list[float]:
    """Return each fold's log loss, or root mean squared error on the learned scale."""
    y = learned(dataset.goal, dataset.y)
    found = []
    for _, rows in dataset.splits:
        if dataset.goal.learn == "classes":
            probabilities = np.clip(oof[rows, y[rows]], 1e-15, 1)
            found.append(float(-np.log(probabilities).mean()))
        else:
            answers = y[rows].astype(np.float32)  # LightGBM keeps labels so
            wrong = np.log1p(oof[rows]) - answers if dataset.goal.log else oof[rows] - answers
            found.append(float(np.sqrt((wrong**2).mean())))
    return found


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("changes", [{}, ROUGH])
def test_the_fast_loss_is_that_of_a_plain_cross_validation(
    small: Small, task: str, changes: dict[str, float]
) -> None:
    dataset = small(task)
    rounds = 30
    parameters = {**DEFAULTS, **changes}
    with pool(4, quiet) as threads:
        evaluation = Evaluator(dataset, threads, seed=3, max_rounds=rounds).evaluate(parameters)
    solution = get("lightgbm").with_parameters(**changes, rounds=rounds)
    cv = cross_validate(dataset, solution, seed=3)
    assert len(evaluation.curve) == rounds
    assert evaluation.curve[-1] == pytest.approx(np.mean(losses_of(dataset, cv.oof)), abs=1e-12)


def test_it_stops_on_the_mean_curve(small: Small) -> None:
    with pool(4, quiet) as threads:
        evaluator = Evaluator(small("binary"), threads, max_rounds=400, patience=20, chunk=10)
        found = evaluator.evaluate({**DEFAULTS, "learning_rate": 0.3})
    assert found.loss == found.curve.min() == found.curve[found.rounds - 1]
    assert found.rounds + 20 <= len(found.curve) < found.rounds + 20 + 10
    assert len(found.curve) < 400


def test_bins_allow_any_leaf_size(small: Small) -> None:
    with pool(4, quiet) as threads:
        evaluator = Evaluator(small("binary"), threads, max_rounds=25)
        large = evaluator.evaluate({**DEFAULTS, "min_data_in_leaf": 80})
        small_leaves = evaluator.evaluate({**DEFAULTS, "min_data_in_leaf": 2})
    assert large.loss != small_leaves.loss


@pytest.mark.parametrize("task", TASKS)
def test_a_search_is_repeated_to_the_bit_on_any_number_of_processors(
    small: Small, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    dataset = small(task)
    found = []
    for processors in (1, 3):
        monkeypatch.setattr("joblib.cpu_count", lambda processors=processors: processors)
        found.append(search(dataset, 6, seed=4))
    assert found[0].losses == found[1].losses
    assert found[0].parameters == found[1].parameters
    assert search(dataset, 6, seed=5).losses[1:] != found[0].losses[1:]


def test_the_first_trial_is_lightgbm_as_it_comes(small: Small) -> None:
    dataset = small("binary")
    found = search(dataset, 1)
    assert found.default_parameters == found.parameters
    assert {**found.parameters, "rounds": 100} == dict(DEFAULTS)


def test_more_trials_go_on_from_fewer(small: Small) -> None:
    dataset = small("regression")
    few, more = search(dataset, 4), search(dataset, 12)
    assert more.losses[:4] == few.losses
    assert min(more.losses) <= min(few.losses)
    assert cross_validate(dataset, solution_of(more)).mean > 0


def test_a_budget_in_seconds_still_tries_the_default(small: Small) -> None:
    calls: list[tuple[float, float | None]] = []
    found = search(
        small("binary"),
        50,
        seconds=0.0,
        progress=lambda _, done, total: calls.append((done, total)),
    )
    assert len(found.losses) == 1
    assert calls == [(0, 50), (1, 50), (50, 50)]


def test_progress_is_called_after_every_trial(small: Small) -> None:
    calls: list[tuple[str, float, float | None]] = []
    search(small("binary"), 3, progress=lambda *call: calls.append(call))
    assert calls[:4] == [("tuning of lightgbm", done, 3) for done in range(4)]


def test_nothing_is_printed(small: Small, capfd: pytest.CaptureFixture[str]) -> None:
    search(small("binary"), 4)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_data_without_columns_in_words(small: Small) -> None:
    dataset = small("binary")
    for name in ("p", "q", "r", "s", "town"):
        del dataset.plain.train[name]
    from dataclasses import replace

    from practice.solutions.columns import Roles

    bare = replace(dataset, plain=replace(dataset.plain, roles=Roles()))
    with pytest.raises(PracticeError, match="finds no column to learn from"):
        search(bare, 2)


def test_the_space_is_seven_parameters_that_hold_the_default() -> None:
    assert len(LIGHTGBM) == 7
    point = default_point(LIGHTGBM)
    for p in LIGHTGBM:
        assert p.low <= point[p.name] <= p.high
    chosen = suggest(optuna.trial.FixedTrial(point), LIGHTGBM)
    assert chosen == {name: DEFAULTS[name] for name in chosen}
    assert isinstance(chosen["num_leaves"], int)
