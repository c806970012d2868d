"""``baseline`` and ``tune`` through the harness, on a competition that needs no download."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from practice import harness
from practice.errors import NotFoundError, PracticeError
from practice.settings import Settings
from practice.solutions import baseline, load
from practice.tuning import Budget, tune

SLUG = "breast-cancer"


@pytest.fixture
def started(settings: Settings, tmp_path: Path) -> Settings:
    harness.start(settings, SLUG, tmp_path / "workspace")
    return settings


def board(settings: Settings) -> dict[str, harness.Entry]:
    return {entry.entrant: entry for entry in harness.leaderboard(settings, SLUG).entries}


def test_a_dataset_is_what_participants_read(started: Settings) -> None:
    dataset = load(SLUG, started)
    folder = started.data / dataset.build
    train, test, folds = (pd.read_csv(folder / f"{n}.csv") for n in ("train", "test", "folds"))
    labels = [int(label) for label in dataset.target.labels or ()]
    assert [labels[code] for code in dataset.y] == train["malignant"].tolist()
    assert dataset.plain.roles.numbers == tuple(train.columns.drop([dataset.id, "malignant"]))
    assert dataset.plain.train["mean_radius"].tolist() == train["mean_radius"].tolist()
    assert dataset.plain.test["mean_radius"].tolist() == test["mean_radius"].tolist()
    for fold, (fitting, validating) in enumerate(dataset.splits):
        assert folds.index[folds["fold"] == fold].tolist() == validating.tolist()
        assert sorted([*fitting, *validating]) == list(range(len(train)))


def test_baselines_are_opponents(started: Settings) -> None:
    calls: list[tuple[str, float, float | None]] = []
    reports = baseline(
        SLUG, started, ["dummy", "linear"], progress=lambda *call: calls.append(call)
    )
    assert [report.entrant for report in reports] == ["baseline:dummy", "baseline:linear"]
    dummy, linear = reports
    assert dummy.error is None
    assert linear.cv_mean is not None
    assert linear.cv_mean > 0.9
    assert len(linear.fold_scores) == 5
    assert linear.params == {"C": 0.1, "numbers": "standard", "seed": 0}
    assert linear.public_score is not None
    assert dummy.public_score is not None
    assert linear.public_score > 0.9 > 0.6 > dummy.public_score > 0.4
    entry = board(started)["baseline:linear"]
    assert entry.kind == "reference"
    assert entry.rank is not None
    assert entry.private_score is None
    assert ("cross-validation of linear", 5, 5) in calls


def test_a_second_run_submits_nothing_new(started: Settings) -> None:
    (first,) = baseline(SLUG, started, ["tree"])
    before = board(started)["baseline:tree"].submissions
    (second,) = baseline(SLUG, started, ["tree"])
    assert second.submission == first.submission
    assert board(started)["baseline:tree"].submissions == before


def test_cross_validation_alone_leaves_the_board(settings: Settings) -> None:
    (report,) = baseline(SLUG, settings, ["tree"], submit=False)
    assert report.cv_mean is not None
    assert (report.public_score, report.rank, report.submission) == (None, None, None)
    with pytest.raises(NotFoundError):
        harness.leaderboard(settings, SLUG)


def test_what_was_never_started_in_words(settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="is not started here") as caught:
        baseline(SLUG, settings, ["dummy"])
    assert caught.value.hint == f"practice start {SLUG}"
    with pytest.raises(NotFoundError, match="is not started here"):
        tune(SLUG, settings, budget=Budget(trials=1), entrant="tuned:lightgbm")


def test_unknown_names_in_words(started: Settings) -> None:
    with pytest.raises(NotFoundError, match="no solution 'linaer'; did you mean 'linear'"):
        baseline(SLUG, started, ["linaer"])
    with pytest.raises(NotFoundError, match="no competition"):
        baseline("breast-cancre", started, submit=False)


def test_without_openmp_the_other_baselines_go_on(
    started: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def failing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", failing)
    lightgbm, tree = baseline(SLUG, started, ["lightgbm", "tree"])
    assert lightgbm.error is not None
    assert "LightGBM cannot be loaded" in lightgbm.error
    assert "apt-get install libgomp1" in (lightgbm.hint or "")
    assert lightgbm.cv_mean is None
    assert tree.public_score is not None
    with pytest.raises(PracticeError, match="LightGBM cannot be loaded"):
        baseline(SLUG, started, ["lightgbm"])


def test_a_short_tuning_goes_on_the_board(started: Settings) -> None:
    report = tune(SLUG, started, budget=Budget(trials=4), entrant="tuned:lightgbm")
    assert (report.entrant, report.trials) == ("tuned:lightgbm", 4)
    assert report.best_loss <= report.default_loss
    assert set(report.params) >= {"num_leaves", "rounds"}
    entry = board(started)["tuned:lightgbm"]
    assert entry.kind == "reference"
    assert report.submission is not None
