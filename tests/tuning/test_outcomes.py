"""What is read from a run's rows: default against best, what mattered, where it may be luck."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from practice.errors import PracticeError, StoreError
from practice.tuning import Manifest, Parameter, Row, Space, outcome_of
from practice.tuning.exporting import exporter, study_name
from practice.tuning.manifest import canonical_hash
from practice.tuning.outcome import Outcome, cautions, importances, paired

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
    assert found.improved
    worse = outcome_of(rows(), greater_is_better=False)
    assert worse.gain is not None
    assert worse.gain.better == 0
    assert worse.gain.mean == -found.gain.mean
    assert (worse.gain.low, worse.gain.high) == (-found.gain.high, -found.gain.low)
    assert not worse.improved


def test_a_gain_is_positive_where_it_is_better_whichever_way_the_metric_points() -> None:
    first, second = [0.5, 0.6, 0.7, 0.4], [0.3, 0.5, 0.75, 0.2]
    up, down = paired(first, second, True), paired(first, second, False)
    assert (up.mean, up.better) == (pytest.approx(-0.1125), 1)
    assert (down.mean, down.better) == (pytest.approx(0.1125), 3)
    assert down.low < down.mean < down.high


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
    assert said(found) == ()
    (small,) = said(found, 999)
    assert small.startswith("with 999 training rows the best of 80 scores is luck in part")
    assert said(found, 999, 3) == ()
    assert found.gain is not None
    noisy = replace(found, gain=replace(found.gain, low=-0.1))
    (noise,) = said(noisy)
    assert "within the noise between folds" in noise
    assert noisy.improved
    stands = replace(found, best=found.default)
    assert said(stands) == ("no configuration was better than the default",)
    assert not stands.improved


@pytest.mark.parametrize(
    ("mean", "what"), [(-0.03, "accuracy got worse"), (0.0, "accuracy is no better")]
)
def test_a_loss_in_the_metric_is_never_called_a_gain(mean: float, what: str) -> None:
    found = outcome_of(rows(), greater_is_better=True)
    assert found.gain is not None
    worse = replace(found, gain=replace(found.gain, mean=mean, low=-0.1, high=0.05))
    assert said(worse) == (
        f"{what} although the log loss fell, which is what the search minimises",
    )
    assert not worse.improved
    unknown = replace(found, gain=None)  # the metric cannot be computed on a fold
    assert said(unknown) == ()
    assert unknown.improved


def said(found: Outcome, count: int = 5000, repeats: int = 1) -> tuple[str, ...]:
    return cautions(found, count, repeats, "accuracy", "log loss")


def test_runs_without_a_result_in_words() -> None:
    with pytest.raises(PracticeError, match="the budget ended before the default"):
        outcome_of([], True)
    failed = Row(0, 1, "folds", "failed", {}, None, error="no luck")
    with pytest.raises(PracticeError, match="default configuration cannot be evaluated: no luck"):
        outcome_of([failed], True)
    stopped = Row(0, 1, "folds", "stopped", {}, 0.5, (0.5,))
    with pytest.raises(PracticeError, match="the strategy gave up the default configuration") as at:
        outcome_of([stopped], True)
    assert "row.trial == 0" in at.value.hint


# -- in Optuna's storage ---------------------------------------------------------------------------


def manifest(seed: int = 0) -> Manifest:
    identity = {"seed": seed}
    hashed = canonical_hash(identity)
    return Manifest("toy-1", "", "toy", "tree", "tpe", seed, hashed, identity, {})


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
    write = exporter(url, manifest(), SPACE)
    for row in lines[:3]:
        write(row)
    write = exporter(url, manifest(), SPACE, before=lines[:3])  # another session
    for row in lines[3:]:
        write(row)
    study = optuna.load_study(study_name=study_name(manifest()), storage=url)
    assert [trial.state for trial in study.trials] == [
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
        TrialState.COMPLETE,
    ]
    assert [trial.user_attrs["trial"] for trial in study.trials] == [0, 1, 2, 3]
    assert study.trials[0].intermediate_values == {2: 0.4, 5: 0.5}
    assert study.trials[0].params == default == study.trials[0].user_attrs["configuration"]
    assert study.trials[0].user_attrs["fold_scores"] == [0.5] * 5
    assert study.best_value == 0.5


def test_what_was_evaluated_is_kept_where_a_range_cannot_hold_it(tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    space = Space((Parameter("penalty", 1e-8, 10.0, log=True, zero=True),), {"penalty": 0.0})
    exporter(url, manifest(), space)(Row(0, 5, "folds", "complete", {"penalty": 0.0}, 0.5))
    (trial,) = optuna.load_study(study_name=study_name(manifest()), storage=url).trials
    assert trial.params == {"penalty": 1e-8}
    assert trial.user_attrs["configuration"] == {"penalty": 0.0}


def test_runs_of_one_name_have_a_study_each(tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    row = Row(0, 5, "folds", "complete", dict(SPACE.default), 0.5)
    for seed, trials in ((1, 1), (77, 2)):
        write = exporter(url, manifest(seed), SPACE)
        for trial in range(trials):
            write(replace(row, trial=trial))
    found = [
        optuna.load_study(study_name=study_name(manifest(seed)), storage=url) for seed in (1, 77)
    ]
    assert [len(study.trials) for study in found] == [1, 2]
    assert [study.user_attrs["manifest"] for study in found] == [
        manifest(seed).hash for seed in (1, 77)
    ]


def test_a_study_of_something_else_is_refused_in_words(tmp_path: Path) -> None:
    import optuna

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    name = study_name(manifest())
    study = optuna.create_study(study_name=name, storage=url)
    study.set_user_attr("manifest", manifest(77).hash)
    with pytest.raises(StoreError, match=f"a study '{name}' that is not of this run") as caught:
        exporter(url, manifest(), SPACE)
    assert "--optuna-storage" in caught.value.hint
    unmarked = f"sqlite:///{tmp_path / 'other.db'}"
    optuna.create_study(study_name=name, storage=unmarked).add_trial(
        optuna.trial.create_trial(value=0.5)
    )
    with pytest.raises(StoreError, match="that is not of this run"):
        exporter(unmarked, manifest(), SPACE)


def test_a_storage_that_cannot_be_used_in_words_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be used") as caught:
        exporter("sqlite:////nowhere/at/all.db", manifest(), SPACE)
    assert "/nowhere/at/all.db" in caught.value.message
    with pytest.raises(StoreError) as caught:
        exporter("nonsense://ann:secret@host/x", manifest(), SPACE)
    assert "secret" not in caught.value.message
