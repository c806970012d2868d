from __future__ import annotations

import builtins
import gzip
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from practice.definition import SplitSpec
from practice.errors import DefinitionError, NotFoundError, PracticeError, UsageError
from practice.solutions import available, cross_validate, get, names, predict_test, submission_text
from practice.solutions.boosting import load_lightgbm
from practice.solutions.data import Dataset
from practice.solutions.registry import must_suit
from practice.solutions.run import packed, predict_test_by_folds

Toy = Callable[..., Dataset]

FEATURES = "def features(frame):\n    return frame.assign(twice=2 * frame['a'])\n"
TABLE = ("dummy", "linear", "lightgbm", "knn", "tree", "forest", "extratrees", "features")
TEXT = ("dummy", "linear", "lightgbm", "knn", "nb")


def small(name: str) -> Any:
    solution = get(name)
    return solution.with_parameters(trees=20) if "trees" in solution.parameters else solution


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("name", TABLE)
def test_every_solution_on_every_task(toy: Toy, task: str, name: str) -> None:
    dataset = toy(task, features=FEATURES)
    solution = small(name)
    cv = cross_validate(dataset, solution)
    floor = cross_validate(dataset, get("dummy"))
    assert len(cv.fold_scores) == 3
    assert cv.mean == pytest.approx(np.mean(cv.fold_scores))
    assert cv.spread == pytest.approx(np.std(cv.fold_scores, ddof=1))
    if name != "dummy":
        better = cv.mean > floor.mean if dataset.metric.greater_is_better else cv.mean < floor.mean
        assert better
    predictions = predict_test(dataset, solution, cv.decision)
    frame = pd.read_csv(io.StringIO(submission_text(dataset, predictions)), dtype=str)
    assert frame.columns.tolist() == ["id", "y"]
    assert frame["id"].tolist() == dataset.sample["id"].tolist()
    if dataset.target.labels is not None:
        assert set(frame["y"]) <= set(dataset.target.labels)
    else:
        assert np.isfinite(frame["y"].astype(float)).all()


@pytest.mark.parametrize("name", TEXT)
def test_every_solution_for_text(toy: Toy, name: str) -> None:
    dataset = toy("binary", text=True, rows=240)
    assert dataset.plain.roles.texts == ("sms",)
    assert available(dataset) == TEXT
    cv = cross_validate(dataset, get(name))
    dummy = cross_validate(dataset, get("dummy")).mean
    assert name == "dummy" or cv.mean > dummy + 0.2


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("name", TABLE)
def test_the_same_seed_gives_the_same_bytes(toy: Toy, task: str, name: str) -> None:
    dataset = toy(task, features=FEATURES)
    solution = small(name)
    seen = set()
    for _ in range(2):
        cv = cross_validate(dataset, solution, seed=3)
        text = submission_text(dataset, predict_test(dataset, solution, cv.decision, seed=3))
        seen.add((packed(text), cv.oof.tobytes(), cv.fold_scores))
    assert len(seen) == 1
    assert gzip.decompress(packed(text)).decode() == text


@pytest.mark.parametrize("name", ["linear", "lightgbm", "forest", "knn"])
def test_the_number_of_processors_changes_nothing(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    dataset = toy("binary")
    results = []
    for processors in (1, 3):
        monkeypatch.setattr("joblib.cpu_count", lambda processors=processors: processors)
        results.append(cross_validate(dataset, small(name)).oof)
    assert results[0].tobytes() == results[1].tobytes()


def test_another_seed_grows_another_forest(toy: Toy) -> None:
    dataset = toy("binary")
    one, other = (cross_validate(dataset, small("forest"), seed=s).oof for s in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("task", "metric", "parameters"),
    [
        ("binary", "roc_auc", {}),
        ("binary", "log_loss", {}),
        ("binary", "average_precision", {}),
        ("binary", "accuracy", {}),
        ("binary", "matthews_corrcoef", {}),
        ("multiclass", "f1", {"average": "macro"}),
        ("multiclass", "quadratic_weighted_kappa", {}),
        ("regression", "rmsle", {}),
        ("regression", "mae", {}),
        ("regression", "r2", {}),
        ("regression", "smape", {}),
    ],
)
def test_every_metric(toy: Toy, task: str, metric: str, parameters: dict[str, Any]) -> None:
    dataset = toy(task, metric=metric, parameters=parameters)
    assert dataset.metric.name == metric
    good = cross_validate(dataset, get("linear")).mean
    bad = cross_validate(dataset, get("dummy")).mean
    assert good > bad if dataset.metric.greater_is_better else good < bad


def test_what_a_dummy_hands_in(toy: Toy) -> None:
    expected = {"roc_auc": 0.5, "quadratic_weighted_kappa": 0.0, "matthews_corrcoef": 0.0}
    for number, (metric, value) in enumerate(expected.items()):
        task = "multiclass" if metric == "quadratic_weighted_kappa" else "binary"
        dataset = toy(task, metric=metric, name=f"toy{number}")
        cv = cross_validate(dataset, get("dummy"))
        assert cv.fold_scores == (value,) * 3
        assert len(np.unique(predict_test(dataset, get("dummy"), cv.decision))) == 1
    dataset = toy("binary", metric="f1")
    cv = cross_validate(dataset, get("dummy"))
    assert set(predict_test(dataset, get("dummy"), cv.decision)) == {1}  # all positive


def test_a_fold_is_judged_by_a_decision_that_has_not_seen_it(toy: Toy) -> None:
    dataset = toy("binary")
    solution = get("linear")
    cv = cross_validate(dataset, solution)
    _, first = dataset.splits[0]
    changed = dataset.y.copy()
    others = np.setdiff1d(np.arange(len(changed)), first)
    # Scores of the first fold's rows as they are: only the others may move the threshold.
    from practice.solutions.decisions import apply, decide

    decision = decide(dataset.goal, cv.oof[others], changed[others], dataset.judge(others))
    own = dataset.judge(first)(apply(dataset.goal, decision, cv.oof[first]))
    assert own == cv.fold_scores[0]


def test_folds_in_time_train_on_the_past_only(toy: Toy) -> None:
    folds = np.repeat([-1, 0, 1, 2], 30)
    dataset = toy("regression", rows=160, folds=folds, split=SplitSpec("time", purge=10))
    assert [(len(a), int(a.max()), int(b.min())) for a, b in dataset.splits] == [
        (20, 19, 30),
        (50, 49, 60),
        (80, 79, 90),
    ]
    cv = cross_validate(dataset, get("linear"))
    assert np.isnan(cv.oof[:30]).all()
    assert np.isfinite(cv.oof[30:]).all()


def test_progress_is_called_after_every_fold(toy: Toy) -> None:
    calls: list[tuple[str, float, float | None]] = []
    cross_validate(toy(), get("tree"), progress=lambda *call: calls.append(call))
    assert calls == [("cross-validation of tree", done, 3) for done in range(4)]


def test_a_class_that_a_fold_does_not_train_on_gets_no_probability(toy: Toy) -> None:
    frame = pd.DataFrame({"x": [f"{i}.5" for i in range(80)], "y": ["a", "b"] * 40})
    frame.loc[79, "y"] = "c"
    dataset = toy("multiclass", frame=frame)
    fold = next(i for i, (_, valid) in enumerate(dataset.splits) if len(dataset.y) - 1 in valid)
    cv = cross_validate(dataset, get("lightgbm"))
    others = cross_validate(dataset, get("linear"))
    assert np.isfinite(cv.oof).all()
    assert others.oof[dataset.splits[fold][1], 2].max() == 0.0


def test_too_few_rows_of_a_class_in_words(toy: Toy) -> None:
    frame = pd.DataFrame({"x": [f"{i}.5" for i in range(80)], "y": ["no"] * 79 + ["yes"]})
    with pytest.raises(PracticeError, match=r"fold 3 trains on one class only, .*'yes'.*\(1\)"):
        cross_validate(toy("binary", frame=frame), get("linear"))


def test_a_constant_target_in_words(toy: Toy) -> None:
    frame = pd.DataFrame({"x": [f"{i}.5" for i in range(80)], "y": ["1.0"] * 80})
    with pytest.raises(PracticeError, match="target 'y' has one value in all 60 training rows"):
        cross_validate(toy("regression", frame=frame), get("dummy"))


def test_no_features_in_words_but_a_dummy(toy: Toy) -> None:
    frame = pd.DataFrame({"x": ["same"] * 80, "y": ["no", "yes", "no", "no"] * 20})
    dataset = toy("binary", frame=frame)
    assert cross_validate(dataset, get("dummy")).mean > 0
    with pytest.raises(PracticeError, match="'linear' finds no column to learn from"):
        cross_validate(dataset, get("linear"))


def test_too_few_rows_for_a_solution_in_words(toy: Toy) -> None:
    dataset = toy("binary", rows=16)
    with pytest.raises(PracticeError, match="'knn' cannot be fitted on fold 1 of toy: Expected"):
        cross_validate(dataset, get("knn"))


def test_a_task_without_solutions_in_words(toy: Toy) -> None:
    with pytest.raises(PracticeError, match="no ready-made solution for the task 'ranking'"):
        toy("ranking", metric="f1")


def test_unknown_names() -> None:
    with pytest.raises(NotFoundError, match="no solution 'forrest'; did you mean 'forest'"):
        get("forrest")
    with pytest.raises(UsageError, match="'knn' has no parameter 'trees'"):
        get("knn").with_parameters(trees=3)
    assert names() == (*TABLE[:7], "nb", "features")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("features", False, "toy has no features.py"),
        ("nb", False, "'nb' is not for toy, which has no text"),
        ("forest", True, "'forest' is not for toy, which is about text"),
    ],
)
def test_solutions_that_do_not_suit_text_or_table(
    toy: Toy, name: str, text: bool, message: str
) -> None:
    dataset = toy("binary", text=text, rows=240)
    with pytest.raises(PracticeError, match=message):
        must_suit(get(name), dataset)


def test_words_have_no_bayes_for_a_number(toy: Toy) -> None:
    dataset = toy("regression", text=True, rows=240)
    assert available(dataset) == ("dummy", "linear", "lightgbm", "knn")
    with pytest.raises(PracticeError, match="'nb' is not for toy, which asks for a number"):
        must_suit(get("nb"), dataset)
    assert cross_validate(dataset, get("linear")).mean < cross_validate(dataset, get("dummy")).mean


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def features(frame:\n", "features.py fails: SyntaxError"),
        ("import nowhere_at_all\n", "features.py fails: ModuleNotFoundError"),
        ("x = 1\n", "has no function 'features'"),
        ("def features(frame):\n    return frame['zzz']\n", r"features\(frame\) fails: KeyError"),
        ("def features(frame):\n    return frame.head(3)\n", "must return a DataFrame with the"),
        ("def features(frame):\n    return None\n", "must return a DataFrame with the"),
        (
            "def features(frame):\n    return frame.assign(**{f'n{len(frame)}': 1})\n",
            "other columns of the training rows than of the test rows",
        ),
    ],
)
def test_faults_of_features_py_in_words(toy: Toy, code: str, message: str) -> None:
    with pytest.raises(PracticeError, match=message):
        toy("binary", features=code)


def test_features_py_sees_neither_id_nor_target_and_cannot_spoil_the_table(toy: Toy) -> None:
    code = (
        "def features(frame):\n"
        "    assert list(frame.columns) == ['a', 'b', 'c', 'town'], list(frame.columns)\n"
        "    frame['a'] = 0\n"
        "    return frame.assign(n=range(len(frame)))\n"
    )
    dataset = toy("binary", features=code)
    assert dataset.plain.train["a"].nunique() > 2
    assert dataset.engineered is not None
    assert dataset.engineered.roles.numbers == ("b", "c", "n")


def test_groups_and_missing_cells(toy: Toy) -> None:
    dataset = toy("binary", data={"group": "town", "na": ("0",)})
    assert dataset.plain.roles == get_roles(("a", "b", "c"))
    assert dataset.plain.train["b"].isna().any()


def get_roles(numbers: tuple[str, ...]) -> Any:
    from practice.solutions.columns import Roles

    return Roles(numbers=numbers)


def test_damaged_files_in_words(toy: Toy) -> None:
    frame = pd.DataFrame({"x": [f"{i}.5" for i in range(80)], "y": ["1.0"] * 79 + ["lots"]})
    with pytest.raises(PracticeError, match="row 60: 'lots' is no value of the target 'y'"):
        toy("regression", frame=frame)


def without_libgomp(monkeypatch: pytest.MonkeyPatch, missing: str = "libgomp.so.1") -> None:
    real = builtins.__import__

    def failing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "lightgbm":
            raise OSError(f"{missing}: cannot open shared object file: No such file or directory")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", failing)


@pytest.mark.parametrize(
    ("missing", "fix"),
    [("libgomp.so.1", "apt-get install libgomp1"), ("libomp.dylib", "brew install libomp")],
)
def test_without_openmp_the_one_fix_is_said(
    monkeypatch: pytest.MonkeyPatch, missing: str, fix: str
) -> None:
    without_libgomp(monkeypatch, missing)
    with pytest.raises(PracticeError, match="LightGBM cannot be loaded") as caught:
        load_lightgbm()
    assert fix in caught.value.hint


def test_without_openmp_everything_else_goes_on(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = toy("binary")
    without_libgomp(monkeypatch)
    assert cross_validate(dataset, get("linear")).mean > 0.5
    with pytest.raises(PracticeError, match="LightGBM cannot be loaded"):
        cross_validate(dataset, get("lightgbm"))


def test_definition_errors_are_practice_errors() -> None:
    assert issubclass(DefinitionError, PracticeError)


def test_the_ensemble_of_the_folds_is_the_mean_of_their_models(toy: Toy) -> None:
    dataset = toy("regression")
    solution = get("tree")
    decision = cross_validate(dataset, solution).decision
    expected = []
    for fitting, _ in dataset.splits:
        model = solution.make(dataset.goal, dataset.plain.roles, solution.parameters)
        model.fit(dataset.plain.train.iloc[fitting], dataset.y[fitting], 0)
        expected.append(model.predict(dataset.plain.test))
    found = predict_test_by_folds(dataset, solution, decision)
    np.testing.assert_array_equal(found, np.mean(expected, axis=0))
    assert not np.array_equal(found, predict_test(dataset, solution, decision))
