"""What is read from a run's rows: default against best, what mattered, where it may be luck."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from practice.errors import NotFoundError, PracticeError, StoreError
from practice.tuning import Parameter, Row, Space, outcome_of
from practice.tuning.exporting import exporter
from practice.tuning.outcome import cautions, importances, paired

SPACE = Space(
    (
        Parameter("matters", 0.01, 1.0, log=True),
        Parameter("idle"),
        Parameter("kind", choices=("a", "b")),
    ),
    {"matters": 0.1, "idle": 0.5, "kind": "a"},
)  # fmt: skip


def rows(count: int = 80) -> list[Row]:
    rng = np.random.default_rng(3)
    found = []
    for trial in range(count):
        configuration = SPACE.at(rng.random(3)) if trial else dict(SPACE.default)
        place = SPACE.parameters[0].place(configuration["matters"])
        loss = 0.2 + (place - 0.8) ** 2
        best = all(loss < row.score for row in found if row.score is not None)
        found.append(
            Row(
                trial, 5, "folds", "complete", dict(configuration), loss, (loss,) * 5, 1.0,
                metric_scores=tuple(1 - loss + 0.01 * k for k in range(5)) if best else (),
            )
        )  # fmt: skip
    return found


def test_the_best_is_compared_with_the_default_on_the_same_folds() -> None:
    found = outcome_of(rows(), greater_is_better=True)
    assert found.default.trial == 0
    assert found.best.score == min(row.score for row in rows() if row.score is not None)
    assert found.gain is not None
    assert found.gain.mean == pytest.approx((found.default.score or 0) - (found.best.score or 0))
    assert (found.gain.better, found.gain.folds) == (5, 5)
    assert found.counts == {"complete": 80}
    worse = outcome_of(rows(), greater_is_better=False).gain
    assert worse is not None
    assert worse.better == 0


def test_the_interval_is_wider_than_that_of_independent_folds() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 5))
    found = paired(first.tolist(), second.tolist(), True)
    difference = second - first
    naive = t.ppf(0.975, 4) * difference.std(ddof=1) / np.sqrt(5)
    # Nadeau and Bengio: 1/5 + 1/4 instead of 1/5.
    assert (found.high - found.low) / 2 == pytest.approx(naive * np.sqrt((1 / 5 + 1 / 4) * 5))
    assert found.mean == pytest.approx(difference.mean())
    # Drawn twice, more folds lessen the first part only: 1/10 + 1/4.
    twice = paired([*first, *first], [*second, *second], True, repeats=2)
    spread = np.std([*difference, *difference], ddof=1)
    expected = t.ppf(0.975, 9) * spread * np.sqrt(1 / 10 + 1 / 4)
    assert (twice.high - twice.low) / 2 == pytest.approx(expected)
    assert paired([1.0], [2.0], True).high == np.inf


def test_what_matters_is_found() -> None:
    found = importances(rows(), SPACE)
    assert next(iter(found)) == "matters"
    assert found["matters"] > 0.8
    assert sum(found.values()) == pytest.approx(1)
    assert importances(rows(29), SPACE) == {}
    flat = [replace(row, score=0.5) for row in rows()]
    assert importances(flat, SPACE) == {}
    stopped = [replace(row, state="stopped", order="rounds") for row in rows()]
    assert importances(stopped, SPACE) == {}
    failed = [replace(row, state="failed", score=None) for row in rows()]
    assert importances(failed, SPACE) == {}


def test_cautions_name_small_data_noise_and_a_default_that_stands() -> None:
    found = outcome_of(rows(), greater_is_better=True)
    assert cautions(found, 5000, 1) == ()
    (small,) = cautions(found, 999, 1)
    assert small.startswith("with 999 training rows the best of 80 scores is luck in part")
    assert cautions(found, 999, 3) == ()
    assert found.gain is not None
    noisy = replace(found, gain=replace(found.gain, low=-0.1))
    (noise,) = cautions(noisy, 5000, 1)
    assert "within the noise between folds" in noise
    (none,) = cautions(replace(found, best=found.default), 5000, 1)
    assert none == "no configuration was better than the default"


def test_runs_without_a_result_in_words() -> None:
    with pytest.raises(PracticeError, match="the budget ended before the default"):
        outcome_of([], True)
    failed = Row(0, 1, "folds", "failed", {}, None, error="no luck")
    with pytest.raises(PracticeError, match="default configuration cannot be evaluated: no luck"):
        outcome_of([failed], True)


# -- in Optuna's storage ---------------------------------------------------------------------------


def test_trials_are_written_with_state_rungs_and_parameters(tmp_path: Path) -> None:
    import optuna
    from optuna.trial import TrialState

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    default = dict(SPACE.default)
    lines = [
        Row(0, 2, "folds", "running", default, 0.4, (0.4,) * 2),
        Row(0, 5, "folds", "complete", default, 0.5, (0.5,) * 5, work=1.0),
        Row(1, 2, "folds", "stopped", {**default, "idle": 0.1}, 0.9, (0.9,) * 2),
        Row(2, 2, "folds", "running", {**default, "idle": 0.2}, 0.6, (0.6,) * 2),
        Row(2, 3, "folds", "failed", {**default, "idle": 0.2}, None),
        Row(3, 5, "folds", "duplicate", default, 0.5, (0.5,) * 5),
        Row(4, 2, "folds", "over", {**default, "kind": "b"}, 0.3, (0.3,) * 2),
    ]
    write = exporter(url, "toy-1", SPACE)
    for row in lines[:3]:
        write(row)
    write = exporter(url, "toy-1", SPACE, before=lines[:3])  # another session
    for row in lines[3:]:
        write(row)
    study = optuna.load_study(study_name="toy-1", storage=url)
    assert [trial.state for trial in study.trials] == [
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
        TrialState.COMPLETE,
    ]
    assert [trial.user_attrs["trial"] for trial in study.trials] == [0, 1, 2, 3]
    assert study.trials[0].intermediate_values == {2: 0.4, 5: 0.5}
    assert study.trials[0].params == default
    assert study.trials[0].user_attrs["fold_scores"] == [0.5] * 5
    assert study.best_value == 0.5


def test_a_storage_that_cannot_be_used_in_words_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be used") as caught:
        exporter("sqlite:////nowhere/at/all.db", "toy", SPACE)
    assert "/nowhere/at/all.db" in caught.value.message
    with pytest.raises(StoreError) as caught:
        exporter("nonsense://ann:secret@host/x", "toy", SPACE)
    assert "secret" not in caught.value.message


def test_unknown_runs_in_words(tmp_path: Path) -> None:
    from practice.tuning import newest

    with pytest.raises(NotFoundError, match="no tuning run of toy with tree tpe to go on with"):
        newest(tmp_path, "toy", "tree", "tpe", 0)
