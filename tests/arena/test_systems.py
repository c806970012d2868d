"""Systems that tune by themselves: equal processor time, judged by held-out rows alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from practice.arena import lane
from practice.arena.lane import DEFAULT, Entry, race, read_lane, run_strategy
from practice.arena.systems import SYSTEMS, run_system
from practice.errors import PracticeError, StoreError, UsageError
from practice.solutions import get
from practice.solutions.data import Dataset
from practice.solutions.run import cross_validate, predict_test_by_folds
from practice.tuning import Budget
from practice.tuning.outer import held_score, outer_splits

Small = Callable[..., Dataset]
# FLAML's AutoML wants xgboost, which is large; its searchers alone do not.
NEEDS = {"flaml-automl": ("flaml", "xgboost"), "lightgbm-tuner-cv": ("optuna_integration",)}
TUNER = "lightgbm-tuner-cv"


def need(system: str) -> None:
    for name in NEEDS[system]:
        pytest.importorskip(name)


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_is_judged_by_rows_it_never_saw(small: Small, system: str, task: str) -> None:
    need(system)
    dataset = small(task)
    outer = outer_splits(dataset, 1)[0]
    seconds = 60.0 if system == TUNER else 1.0  # it ends by itself, long before
    found = run_system(system, dataset, outer, seconds, seed=3)
    assert (found.system, found.outer, found.seed) == (system, outer.number, 3)
    # Other answers for the held-out rows change how it is judged, and nothing it does.
    y = dataset.y.copy()
    y[outer.held] = np.roll(y[outer.held], 1)
    other = run_system(system, replace(dataset, y=y), outer, seconds, seed=3)
    if system == TUNER:  # the other is timed, and need not find the same again
        assert other.configuration == found.configuration
        assert other.claimed == found.claimed
    assert other.held != found.held


def test_the_tuner_is_stopped_after_its_time(small: Small) -> None:
    need(TUNER)
    dataset = small("binary")
    outer = outer_splits(dataset, 1)[0]
    short = run_system(TUNER, dataset, outer, 1e-6)
    assert len(short.configuration) == 8  # the first trial's, and the rounds that it took
    assert short.configuration["num_leaves"] == 31


def test_a_strategy_is_judged_as_a_system_is(small: Small) -> None:
    dataset = small("binary")
    outer = outer_splits(dataset, 1)[0]
    found = run_strategy("random", dataset, outer, Budget(trials=3), 5)
    solution = get("lightgbm").with_parameters(**found.configuration)
    decision = cross_validate(outer.inner, solution, 5).decision
    predictions = predict_test_by_folds(outer.inner, solution, decision, 5)
    assert found.held == held_score(dataset, outer.held, predictions)


def test_runs_that_are_there_are_not_run_again(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry(("random", "tpe"), 1.0, 2)
    one = race(tmp_path, small("regression"), entry)
    assert one.complete
    assert [cell.strategy for cell in one.cells] == ["random", "random", "tpe", "tpe"]
    assert all(cell.default.trial == 0 and cell.final.trial == 1 for cell in one.cells)
    (path,) = tmp_path.glob("*/lane.jsonl")
    assert {run.system for run in read_lane(path)} == {DEFAULT, "random", "tpe"}
    monkeypatch.delattr(lane, "run_strategy")
    again = race(tmp_path, small("regression"), entry)
    assert again.cells == one.cells


def test_one_that_fails_counts_as_the_default_and_says_why(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError("no rows left\nat all")

    plain = lane.run_strategy
    monkeypatch.setattr(
        lane, "run_strategy", lambda name, *rest: (broken if name == "tpe" else plain)(name, *rest)
    )
    one = race(tmp_path, small("regression"), Entry(("random", "tpe"), 1.0, 2))
    failed = [cell for cell in one.cells if cell.strategy == "tpe"]
    assert [cell.error for cell in failed] == ["ZeroDivisionError: no rows left"] * 2
    assert [cell.final for cell in failed] == [cell.default for cell in failed]
    assert not any(cell.error for cell in one.cells if cell.strategy == "random")
    monkeypatch.setattr(lane, "run_strategy", broken)
    with pytest.raises(ZeroDivisionError):  # without a default there is nothing to count
        race(tmp_path / "other", small("regression"), Entry(("random",), 1.0, 1))


def test_a_torn_line_is_run_again(small: Small, tmp_path: Path) -> None:
    entry = Entry(("random",), 1.0, 1)
    race(tmp_path, small("regression"), entry)
    (path,) = tmp_path.glob("*/lane.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert len(read_lane(path)) == 1
    race(tmp_path, small("regression"), entry)
    assert len(read_lane(path)) == 2
    path.write_bytes(b'{"system": 1}\n')
    with pytest.raises(StoreError, match=r"lane.jsonl:1: no run"):
        read_lane(path)


def test_what_cannot_be_asked(small: Small) -> None:
    for wrong in (("tpe", "tpe"), ("tpe", DEFAULT)):
        with pytest.raises(UsageError, match="a name twice"):
            Entry(wrong)
    with pytest.raises(UsageError, match="--cpu-seconds"):
        Entry(("tpe",), float("nan"))
    with pytest.raises(UsageError, match="--repeats"):
        Entry(("tpe",), 3.0, 0)
    dataset = small("binary")
    text = replace(dataset.plain, roles=replace(dataset.plain.roles, texts=("town",)))
    outer = outer_splits(replace(dataset, plain=text), 1)[0]
    with pytest.raises(PracticeError, match="columns of text"):
        run_system(TUNER, dataset, outer, 1.0)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("tpe", "tpee"), "no strategy 'tpee'; did you mean 'tpe'?"),
        (("tpe", TUNER), "has columns of text, which systems do not take"),
    ],
)
def test_nothing_runs_where_one_of_them_cannot(
    small: Small, tmp_path: Path, names: tuple[str, ...], message: str
) -> None:
    need(TUNER)
    dataset = small("binary")
    text = replace(dataset.plain, roles=replace(dataset.plain.roles, texts=("town",)))
    with pytest.raises(PracticeError) as refused:
        race(tmp_path, replace(dataset, plain=text), Entry(names, 1.0, 1))
    assert message in refused.value.message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_missing_library_is_named_with_its_extra(
    small: Small, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("practice.arena.systems.import_module", missing)
    dataset = small("binary")
    with pytest.raises(PracticeError) as refused:
        run_system(system, dataset, outer_splits(dataset, 1)[0], 1.0)
    assert refused.value.hint == 'install the extra: pip install "practice[systems]"'
