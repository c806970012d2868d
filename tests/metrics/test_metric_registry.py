"""The registry: names, aliases, parameters, what each metric declares, and what it imports."""

from __future__ import annotations

import doctest
import importlib
import inspect
import math
import os
import subprocess
import sys

import pytest

from practice import metrics
from practice.errors import NotFoundError, UsageError
from practice.metrics import registry
from practice.metrics.means import RowMean, numbers

REQUIRED = {
    "f_beta": {"beta": 2.0},
    "partial_roc_auc": {"min_tpr": 0.8},
    "top_k_error": {"k": 2},
    "tweedie_deviance": {"power": 1.5},
    "map_at_k": {"k": 5},
    "ndcg_at_k": {"k": 5},
    "precision_at_k": {"k": 5},
    "recall_at_k": {"k": 5},
    "f_beta_mask": {"beta": 2.0},
    "group_log_mae": {"group": "kind"},
    "mase": {"period": 1},
    "owa": {"period": 1},
    "crps": {"thresholds": (0.0, 1.0)},
}
NAMES = metrics.names()


def test_names_are_those_the_definitions_list() -> None:
    assert set(NAMES) == {
        "accuracy",
        "adjusted_mutual_info",
        "adjusted_rand",
        "average_precision",
        "balanced_accuracy",
        "brier",
        "cohen_kappa",
        "concordance_index",
        "crps",
        "dice",
        "explained_variance",
        "f1",
        "f_beta",
        "f_beta_mask",
        "frechet_distance",
        "gamma_deviance",
        "gini_normalized",
        "group_log_mae",
        "hamming_loss",
        "haversine",
        "iou_precision",
        "jaccard",
        "jaccard_words",
        "kendall_tau",
        "kl_divergence",
        "laplace_log_likelihood",
        "levenshtein",
        "log_loss",
        "lwlrap",
        "mae",
        "map_at_k",
        "mape",
        "mase",
        "matthews_corrcoef",
        "max_error",
        "mean_angular_error",
        "median_absolute_error",
        "mrr",
        "mse",
        "ndcg_at_k",
        "owa",
        "partial_roc_auc",
        "pearson",
        "pinball",
        "points_in_boxes_f1",
        "poisson_deviance",
        "precision",
        "precision_at_k",
        "probabilistic_f1",
        "quadratic_weighted_kappa",
        "r2",
        "recall",
        "recall_at_k",
        "rmse",
        "rmsle",
        "rmspe",
        "roc_auc",
        "smape",
        "spearman",
        "top_k_error",
        "tweedie_deviance",
        "v_measure",
        "weighted_roc_auc",
    }
    assert list(NAMES) == sorted(NAMES)


LOWER = {
    "brier",
    "crps",
    "frechet_distance",
    "gamma_deviance",
    "group_log_mae",
    "hamming_loss",
    "haversine",
    "kl_divergence",
    "levenshtein",
    "log_loss",
    "mae",
    "mape",
    "mase",
    "max_error",
    "mean_angular_error",
    "median_absolute_error",
    "mse",
    "owa",
    "pinball",
    "poisson_deviance",
    "rmse",
    "rmsle",
    "rmspe",
    "smape",
    "top_k_error",
    "tweedie_deviance",
}


UNITS = {
    **dict.fromkeys(("group_log_mae", "mase", "owa"), "groups"),
    **dict.fromkeys(("adjusted_mutual_info", "adjusted_rand", "v_measure"), "none"),
    **dict.fromkeys(("frechet_distance", "max_error"), "none"),
}
UNWEIGHTED = {name for name, unit in UNITS.items() if unit == "none"} | {"haversine"}


@pytest.mark.parametrize("name", NAMES)
def test_each_metric_declares_itself(name: str) -> None:
    metric = metrics.get(name, **REQUIRED.get(name, {}))
    assert metric.name == name
    assert metric.greater_is_better is (name not in LOWER)
    assert metric.takes in {"label", "number", "probability", "labels", "text"}
    assert metric.unit == UNITS.get(name, "rows")
    assert metric.weighted is (name not in UNWEIGHTED)
    assert metric.several in {"mean", "joint", "none"}
    assert set(metric.needs) <= set(metric.parameters)
    assert metric.warning.endswith(".")
    low, high = metric.range
    assert low < high
    assert math.isfinite(high if metric.greater_is_better else low)
    assert metric.formula
    assert metric.source
    assert metric.summary.endswith(".")
    assert len(metric.summary) < 100
    assert metric.aliases


@pytest.mark.parametrize("name", NAMES)
def test_each_function_is_documented_with_an_example(name: str) -> None:
    text = inspect.getdoc(registry.definition(name).function) or ""
    for section in ("Parameters", "Returns", "Warnings", "Notes", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text, section
    examples = doctest.DocTestParser().get_examples(text)
    assert any(f'"{name}"' in example.source for example in examples)
    for parameter in registry.parameters_of(registry.definition(name).function):
        assert parameter in text.split("Returns")[0]


@pytest.mark.parametrize("module", registry.MODULES)
def test_each_module_registers_what_the_table_says(module: str) -> None:
    loaded = importlib.import_module(f"practice.metrics.{module}")
    own = [
        name for name in NAMES if registry.definition(name).function.__module__ == loaded.__name__
    ]
    assert tuple(own) == registry.MODULES[module]


@pytest.mark.parametrize("name", NAMES)
def test_every_alias_finds_its_metric(name: str) -> None:
    required = REQUIRED.get(name, {})
    for alias in (name, *metrics.get(name, **required).aliases):
        for spelling in (alias, alias.lower(), alias.replace(" ", "_"), alias.replace(" ", "")):
            assert metrics.get(spelling, **required).name == name


@pytest.mark.parametrize(
    ("alias", "name", "parameters"),
    [
        ("Categorization Accuracy", "accuracy", {}),
        ("AUC", "roc_auc", {"average": "macro"}),
        ("Area Under Receiver Operating Characteristic Curve", "roc_auc", {"average": "macro"}),
        ("Mean F-Score", "f1", {"average": "samples"}),
        ("Macro F1 Score", "f1", {"average": "macro"}),
        ("f1_macro", "f1", {"average": "macro"}),
        ("f1-micro-multilabel", "f1", {"average": "micro", "multilabel": True}),
        ("Root Mean Squared Logarithmic Error", "rmsle", {}),
        ("logloss", "log_loss", {"eps": 1e-15, "normalize": True}),
        ("MultiClass Log Loss", "log_loss", {}),
        ("mcrmse", "rmse", {}),
        ("Quadratic Weighted Kappa", "quadratic_weighted_kappa", {}),
        ("Normalized Gini Index", "gini_normalized", {}),
        ("Top-5 Classification Error", "top_k_error", {"k": 5}),
        ("R2 Score", "r2", {}),
        ("F2", "f_beta", {"beta": 2.0}),
        ("MAP@5", "map_at_k", {"k": 5}),
        ("MAP@12", "map_at_k", {"k": 12}),
        ("map_at_5", "map_at_k", {"k": 5}),
        ("Mean Average Precision @ 5", "map_at_k", {"k": 5}),
        ("NDCG@10", "ndcg_at_k", {"k": 10}),
        ("Recall@20", "recall_at_k", {"k": 20}),
        ("Levenshtein Mean", "levenshtein", {"normalize": None, "unit": "characters"}),
        ("Mean Columnwise RMSLE", "rmsle", {}),
        ("mean_columnwise_spearman", "spearman", {}),
        ("dice_mean", "dice", {"average": "mean"}),
        ("Global Dice", "dice", {"average": "global"}),
        ("Kendall Tau Correlation", "kendall_tau", {}),
        ("Word-Level Jaccard", "jaccard_words", {}),
        ("Modified Laplace Log Likelihood", "laplace_log_likelihood", {}),
        ("Continuous Ranked Probability Score", "crps", {"thresholds": (1.0, 2.0)}),
        ("Frechet Inception Distance", "frechet_distance", {}),
        ("Adjusted Rand Index", "adjusted_rand", {}),
    ],
)
def test_names_of_kaggle(alias: str, name: str, parameters: dict[str, object]) -> None:
    given = {"thresholds": "1,2"} if name == "crps" else {}
    metric = metrics.get(alias, **given)
    assert metric.name == name
    assert parameters.items() <= metric.parameters.items()


def test_parameters_given_win_over_those_an_alias_stands_for() -> None:
    assert metrics.get("Macro F1", average="micro").parameters["average"] == "micro"


def test_an_unknown_name_brings_close_matches() -> None:
    with pytest.raises(NotFoundError, match="no metric 'rmes'") as caught:
        metrics.get("rmes")
    assert "rmse" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        metrics.get("xyzzy")
    assert caught.value.hint == f"metrics: {', '.join(NAMES)}"


@pytest.mark.parametrize(
    ("name", "given", "bound"),
    [
        ("f1", {"average": "macro"}, {"average": "macro"}),
        ("f1", {"pos_label": "spam"}, {"pos_label": "spam"}),
        ("f1", {"pos_label": 2}, {"pos_label": 2}),
        ("f1", {"average": "micro", "multilabel": "true"}, {"multilabel": True}),
        ("log_loss", {"eps": "1e-7", "normalize": "False"}, {"eps": 1e-7, "normalize": False}),
        ("log_loss", {"weights": "2, 1"}, {"weights": (2.0, 1.0)}),
        ("log_loss", {"weights": [2, 1]}, {"weights": (2.0, 1.0)}),
        ("log_loss", {"multilabel": "none"}, {"multilabel": None}),
        ("log_loss", {"multilabel": "true"}, {"multilabel": True}),
        ("weighted_roc_auc", {"tpr": "[0, .5, 1]"}, {"tpr": (0.0, 0.5, 1.0)}),
        ("pinball", {"alpha": "0.9"}, {"alpha": 0.9}),
        ("pinball", {"alpha": "0.1,0.9"}, {"alpha": (0.1, 0.9)}),
        ("top_k_error", {"k": "5"}, {"k": 5}),
        ("top_k_error", {"k": 5.0}, {"k": 5}),
        ("f_beta", {"beta": 1}, {"beta": 1.0}),
        ("cohen_kappa", {"weights": None}, {"weights": None}),
        ("cohen_kappa", {"weights": "none"}, {"weights": None}),
        ("tweedie_deviance", {"power": "-1"}, {"power": -1.0}),
    ],
)
def test_parameters_are_typed(
    name: str, given: dict[str, object], bound: dict[str, object]
) -> None:
    parameters = metrics.get(name, **given).parameters
    for key, value in bound.items():
        assert parameters[key] == value
        assert type(parameters[key]) is type(value)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("accuracy", {"k": 1}, "metric accuracy has no parameter 'k'; parameters: it has none"),
        (
            "f1",
            {"avg": "macro"},
            "metric f1 has no parameter 'avg'; parameters: average, pos_label, unknown, multilabel",
        ),
        (
            "f1",
            {"average": "mean"},
            "metric f1: average must be binary, macro, micro, weighted or samples, not 'mean'",
        ),
        ("f1", {"multilabel": "yes"}, "metric f1: multilabel must be true or false, not 'yes'"),
        (
            "log_loss",
            {"eps": 0.5},
            "metric log_loss: eps must be a number above 0 and below 0.5, not 0.5",
        ),
        ("log_loss", {"eps": "nan"}, "metric log_loss: eps must be a number above 0 and below 0.5"),
        ("log_loss", {"eps": "tiny"}, "metric log_loss: eps must be a number above 0"),
        ("log_loss", {"eps": True}, "metric log_loss: eps must be a number above 0"),
        ("log_loss", {"normalize": 1}, "metric log_loss: normalize must be true or false, not 1"),
        (
            "log_loss",
            {"weights": "1,-1"},
            "metric log_loss: weights must be numbers above 0 separated by commas or none",
        ),
        (
            "top_k_error",
            {},
            "metric top_k_error needs the parameter k: a whole number of 1 or more",
        ),
        (
            "top_k_error",
            {"k": 0},
            "metric top_k_error: k must be a whole number of 1 or more, not 0",
        ),
        ("top_k_error", {"k": "2.5"}, "metric top_k_error: k must be a whole number of 1 or more"),
        ("top_k_error", {"k": 2.5}, "metric top_k_error: k must be a whole number of 1 or more"),
        (
            "tweedie_deviance",
            {"power": 0.5},
            "power must be a number of 0 or less, or of 1 or more",
        ),
        (
            "weighted_roc_auc",
            {"tpr": "1,0"},
            "tpr must be numbers separated by commas that ascend within 0 to 1",
        ),
        (
            "weighted_roc_auc",
            {"tpr": "0"},
            "tpr must be numbers separated by commas that ascend within 0 to 1",
        ),
        ("pinball", {"alpha": 1.5}, "alpha must be a number from 0 to 1 or numbers from 0 to 1"),
        ("f1", {"pos_label": None}, "pos_label must be a text, a whole number, a number or"),
        ("f1", {"unknown": "ignore"}, "lists of labels have no positive class"),
        ("jaccard", {"multilabel": True}, "lists of labels have no positive class"),
    ],
)
def test_wrong_parameters_are_refused(name: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        metrics.get(name, **given)
    assert caught.value.message.find(message) >= 0, caught.value.message


def test_what_a_metric_takes_follows_its_parameters() -> None:
    assert metrics.get("f1").takes == "label"
    assert metrics.get("f1", average="samples").takes == "labels"
    assert metrics.get("f1", average="micro", unknown="ignore").takes == "labels"
    assert metrics.get("f1", average="macro", multilabel=True).takes == "labels"
    assert metrics.get("hamming_loss").takes == "label"
    assert metrics.get("hamming_loss", multilabel=True).takes == "labels"
    assert metrics.get("partial_roc_auc", min_tpr=0.8).range == (0.0, pytest.approx(0.2))


def test_a_taken_name_or_alias_is_refused() -> None:
    metrics.get("rmse")
    for name, aliases in (("RMSE", ()), ("my_error", ("Root Mean Squared Error",))):
        with pytest.raises(ValueError, match="belongs to rmse"):
            registry.register(
                name,
                family=RowMean(numbers),
                greater_is_better=False,
                takes="number",
                range=(0.0, math.inf),
                aliases=aliases,
            )(abs)
    assert "my_error" not in metrics.names()


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    return done.stdout.strip()


def test_importing_and_scoring_stays_light() -> None:
    out = run(
        "import sys; from practice import metrics\n"
        "metrics.get('accuracy').score([1, 0], [1, 1])\n"
        "metrics.get('rmse').score([1.0, 0.0], [1.0, 1.0])\n"
        "metrics.get('roc_auc').score([1, 0], [0.3, 0.2])\n"
        "print([m for m in ('pandas', 'sklearn', 'scipy', 'pyarrow') if m in sys.modules])"
    )
    assert out == "[]"


def test_no_metric_needs_more_than_numpy() -> None:
    out = run(
        "import sys; from practice import metrics; from practice.metrics import registry\n"
        "[registry.definition(name) for name in metrics.names()]\n"
        "print([m for m in ('pandas', 'sklearn', 'scipy', 'pyarrow') if m in sys.modules])"
    )
    assert out == "[]"


def test_a_metric_imports_its_own_module_alone() -> None:
    out = run(
        "import sys; from practice import metrics; metrics.names(); metrics.get('ROC-AUC')\n"
        "from practice.metrics.registry import MODULES\n"
        "print([m for m in MODULES if 'practice.metrics.' + m in sys.modules])"
    )
    assert out == "['auc']"
