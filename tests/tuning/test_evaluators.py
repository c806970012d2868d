"""Evaluators: the scores of a plain cross-validation, faster, and the same in every order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from practice.definition import MetricSpec
from practice.errors import UsageError
from practice.solutions import cross_validate, get
from practice.solutions.boosting import DEFAULTS, booster_parameters, quiet
from practice.solutions.data import Dataset
from practice.solutions.decisions import learned
from practice.solutions.parallel import pool
from practice.tuning import (
    BoostingEvaluator,
    EvaluationFailed,
    Evaluator,
    Parameter,
    Rung,
    Space,
    for_estimator,
    for_solution,
)
from practice.tuning.repeated import repeated

Small = Callable[[str], Dataset]
TASKS = ["binary", "multiclass", "regression"]
DEFAULT = {name: value for name, value in DEFAULTS.items() if name != "rounds"}
ROUGH = {
    **DEFAULT,
    "bagging_fraction": 0.6,
    "feature_fraction": 0.5,
    "min_data_in_leaf": 3,
    "num_leaves": 9,
}


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with pool(4, quiet) as opened:
        yield opened


def boosting(
    dataset: Dataset, threads: ThreadPoolExecutor, **more: int | None
) -> BoostingEvaluator:
    return BoostingEvaluator(dataset, get("lightgbm"), threads, seed=3, **more)


def all_rungs(evaluator: Evaluator, configuration: dict, order: str = "rounds") -> list[Rung]:
    return list(evaluator.evaluate(configuration, order))


def numbers_only(dataset: Dataset) -> np.ndarray:
    """Return the matrix that LightGBM sees, with the category last as scikit-learn can take it."""
    return dataset.plain.train[["p", "q", "r", "s"]].to_numpy()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("configuration", [DEFAULT, ROUGH], ids=["default", "rough"])
def test_fixed_rounds_score_as_scikit_learn_does(
    small: Small, threads: ThreadPoolExecutor, task: str, configuration: dict[str, float]
) -> None:
    from dataclasses import replace

    import lightgbm

    from practice.solutions.columns import Roles

    dataset = small(task)
    roles = Roles(numbers=("p", "q", "r", "s"))
    dataset = replace(dataset, plain=replace(dataset.plain, roles=roles))
    if task == "regression":  # LightGBM keeps labels as float32
        y = dataset.y.astype(np.float32).astype(np.float64)
        competition = replace(dataset.competition, metric=MetricSpec("rmse"))
        dataset = replace(dataset, y=y, competition=competition)
    evaluator = boosting(dataset, threads, rounds=60, patience=None)
    found = all_rungs(evaluator, configuration)[-1]
    parameters = booster_parameters(dataset.goal, configuration, 3)
    for name in ("objective", "num_class", "metric", "num_threads"):
        parameters.pop(name, None)
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    model = kind(n_estimators=60, n_jobs=1, **parameters)
    scoring = "neg_root_mean_squared_error" if task == "regression" else "neg_log_loss"
    y = learned(dataset.goal, dataset.y)
    scores = cross_val_score(model, numbers_only(dataset), y, scoring=scoring, cv=dataset.splits)
    np.testing.assert_allclose(found.fold_scores, -scores, rtol=0, atol=1e-12)
    assert found.score == pytest.approx(-scores.mean(), abs=1e-12)


@pytest.mark.parametrize("patience", [None, 25])
@pytest.mark.parametrize("configuration", [DEFAULT, ROUGH], ids=["default", "rough"])
def test_folds_in_turn_end_where_folds_together_end(
    small: Small,
    threads: ThreadPoolExecutor,
    patience: int | None,
    configuration: dict[str, float],
) -> None:
    evaluator = boosting(small("multiclass"), threads, rounds=120, patience=patience)
    together = all_rungs(evaluator, configuration, "rounds")
    metric = evaluator.metric_scores()
    in_turn = all_rungs(evaluator, configuration, "folds")
    assert evaluator.metric_scores() == metric
    assert (together[-1].score, together[-1].fold_scores) == (
        in_turn[-1].score,
        in_turn[-1].fold_scores,
    )
    assert together[-1].rounds == in_turn[-1].rounds
    assert [rung.rung for rung in in_turn] == [2, 4]
    assert [rung.rung for rung in together] == [25 * (i + 1) for i in range(len(together) - 1)] + [
        together[-1].rung
    ]
    assert [rung.last for rung in together] == [False] * (len(together) - 1) + [True]
    for rungs in (together, in_turn):
        work = [rung.work for rung in rungs]
        assert work == sorted(work)
    assert together[-1].work == pytest.approx(together[-1].rung / 120)
    assert 1 >= in_turn[-1].work >= together[-1].work


def test_it_stops_on_the_mean_curve(small: Small, threads: ThreadPoolExecutor) -> None:
    dataset = small("binary")
    evaluator = boosting(dataset, threads, rounds=400, patience=20, chunk=10)
    fast = {**DEFAULT, "learning_rate": 0.3}
    found = all_rungs(evaluator, fast)
    last = found[-1]
    assert last.rounds is not None
    assert last.rounds + 20 <= last.rung < last.rounds + 30
    assert last.rung < 400
    scores = [rung.score for rung in found]
    assert scores == sorted(scores, reverse=True)
    fixed = boosting(dataset, threads, rounds=last.rounds, patience=None)
    assert all_rungs(fixed, fast)[-1].fold_scores == pytest.approx(last.fold_scores, abs=1e-12)


@pytest.mark.parametrize("task", TASKS)
def test_the_metric_beside_is_that_of_a_plain_cross_validation(
    small: Small, threads: ThreadPoolExecutor, task: str
) -> None:
    dataset = small(task)
    evaluator = boosting(dataset, threads, rounds=100)
    last = all_rungs(evaluator, ROUGH, "folds")[-1]
    plain = get("lightgbm").with_parameters(**ROUGH, rounds=last.rounds)
    expected = cross_validate(dataset, plain, seed=3).fold_scores
    assert evaluator.metric_scores() == pytest.approx(expected, abs=1e-12)


def test_bins_allow_any_leaf_size_and_no_trial_touches_the_next(
    small: Small, threads: ThreadPoolExecutor
) -> None:
    evaluator = boosting(small("binary"), threads, rounds=50)
    first = all_rungs(evaluator, DEFAULT)[-1]
    large = all_rungs(evaluator, {**DEFAULT, "min_data_in_leaf": 80})[-1]
    again = all_rungs(evaluator, DEFAULT)[-1]
    assert first.score == again.score != large.score


def test_the_same_bits_on_any_number_of_processors(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = small("multiclass")
    found = []
    for processors in (1, 3):
        monkeypatch.setattr("joblib.cpu_count", lambda processors=processors: processors)
        with pool(4, quiet) as threads:
            found.append(all_rungs(boosting(dataset, threads, rounds=50), ROUGH))
    assert [rung.fold_scores for rung in found[0]] == [rung.fold_scores for rung in found[1]]


def test_nothing_is_printed(
    small: Small, threads: ThreadPoolExecutor, capfd: pytest.CaptureFixture[str]
) -> None:
    all_rungs(boosting(small("binary"), threads, rounds=100), {**DEFAULT, "min_data_in_leaf": 100})
    assert capfd.readouterr() == ("", "")


def test_what_lightgbm_refuses_is_a_failed_trial(small: Small, threads: ThreadPoolExecutor) -> None:
    evaluator = boosting(small("binary"), threads)
    with pytest.raises(EvaluationFailed, match="LightGBM cannot be trained"):
        all_rungs(evaluator, {**DEFAULT, "num_leaves": -3})


# -- fitted in one go ------------------------------------------------------------------------------


def table(rows: int = 150) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(rows, 4))
    y = (X[:, 0] + rng.normal(size=rows) > 0).astype(int)
    at = np.arange(rows)
    return X, y, [(at[at % 5 != k], at[at % 5 == k]) for k in range(5)]


@pytest.mark.parametrize(
    ("estimator", "name", "value", "scoring"),
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), "logisticregression__C", 0.3,
         "neg_log_loss"),
        (RandomForestClassifier(10, random_state=0), "min_samples_leaf", 4, "neg_log_loss"),
        (Ridge(), "alpha", 3.0, "neg_root_mean_squared_error"),
    ],
)  # fmt: skip
def test_any_estimator_scores_as_cross_val_score_has_it(
    threads: ThreadPoolExecutor, estimator: object, name: str, value: float, scoring: str
) -> None:
    X, y, splits = table()
    target = X[:, 1] + y if scoring.endswith("error") else y
    space = Space((Parameter(name, 0.01, 50),), {name: 1.0})
    evaluator = for_estimator(estimator, space, X, target, splits, threads)
    rungs = all_rungs(evaluator, {name: value})
    model = estimator.set_params(**{name: value})
    expected = -cross_val_score(model, X, target, scoring=scoring, cv=splits)
    np.testing.assert_allclose(rungs[-1].fold_scores, expected, rtol=0, atol=1e-12)
    assert [(r.rung, r.share, r.last) for r in rungs] == [
        (2, 0.4, False),
        (4, 0.8, False),
        (5, 1.0, True),
    ]
    assert rungs[-1].work == 1.0
    assert evaluator.metric_scores() == ()


@pytest.mark.parametrize("name", ["linear", "forest", "knn", "tree"])
def test_a_solution_scores_as_its_baseline_does(
    small: Small, threads: ThreadPoolExecutor, name: str
) -> None:
    dataset = small("binary")
    evaluator = for_solution(dataset, get(name), threads)
    rungs = all_rungs(evaluator, dict(evaluator.space.default))
    assert evaluator.metric_scores() == cross_validate(dataset, get(name)).fold_scores
    assert len(rungs[-1].fold_scores) == 4


def test_what_cannot_be_fitted_is_a_failed_trial(threads: ThreadPoolExecutor) -> None:
    X, y, splits = table()
    space = Space((Parameter("C", -1.0, 1.0),), {"C": 0.5})
    evaluator = for_estimator(LogisticRegression(), space, X, y, splits, threads)
    with pytest.raises(EvaluationFailed, match="it cannot be fitted"):
        all_rungs(evaluator, {"C": -1.0})


# -- repeated --------------------------------------------------------------------------------------


def test_repeats_are_further_folds_that_validate_every_row_once(
    small: Small, threads: ThreadPoolExecutor
) -> None:
    dataset = small("binary")
    thrice = repeated(dataset, 3, seed=0)
    assert thrice.splits[:4] == dataset.splits
    assert len(thrice.splits) == 12
    for block in range(0, 12, 4):
        rows = np.concatenate([valid for _, valid in thrice.splits[block : block + 4]])
        assert sorted(rows) == list(range(240))
    assert not np.array_equal(thrice.splits[0][1], thrice.splits[4][1])
    shares = [dataset.y[valid].mean() for _, valid in thrice.splits[4:]]
    assert max(shares) - min(shares) < 0.05
    evaluator = for_solution(thrice, get("linear"), threads)
    all_rungs(evaluator, dict(evaluator.space.default))
    scores = evaluator.metric_scores()
    assert len(scores) == 12
    assert scores[:4] == cross_validate(dataset, get("linear")).fold_scores


def test_rows_with_equal_features_stay_together(small: Small) -> None:
    dataset = small("regression")
    frame = dataset.plain.train
    frame.iloc[1::2] = frame.iloc[::2].to_numpy()
    for fitting, validating in repeated(dataset, 2, seed=1).splits[4:]:
        assert not {row // 2 for row in fitting} & {row // 2 for row in validating}


def test_folds_that_cannot_be_drawn_again_in_words(small: Small) -> None:
    from dataclasses import replace

    dataset = small("binary")
    with pytest.raises(UsageError, match="--repeats 0 is below 1"):
        repeated(dataset, 0, 0)
    with pytest.raises(UsageError, match="--repeats 101 is above 100"):
        repeated(dataset, 101, 0)
    in_time = replace(dataset, splits=dataset.splits[1:])
    with pytest.raises(UsageError, match="its folds cannot be drawn again"):
        repeated(in_time, 2, 0)
