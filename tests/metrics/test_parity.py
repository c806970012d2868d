"""Every function that scikit-learn has, too: float32, magnitudes, rare classes, one table."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as sk
from numpy.typing import NDArray

from practice import metrics

Data = tuple[NDArray[Any], NDArray[Any]]

# The metric, its parameters, scikit-learn's function and its keywords, whether it takes weights.
NUMBERS: list[tuple[str, dict[str, Any], Callable[..., Any], dict[str, Any], bool]] = [
    ("rmse", {}, sk.root_mean_squared_error, {}, True),
    ("mse", {}, sk.mean_squared_error, {}, True),
    ("mae", {}, sk.mean_absolute_error, {}, True),
    ("median_absolute_error", {}, sk.median_absolute_error, {}, True),
    ("max_error", {}, sk.max_error, {}, False),
    ("mape", {}, sk.mean_absolute_percentage_error, {}, True),
    ("r2", {}, sk.r2_score, {}, True),
    ("explained_variance", {}, sk.explained_variance_score, {}, True),
    ("pinball", {"alpha": 0.3}, sk.mean_pinball_loss, {"alpha": 0.3}, True),
]
POSITIVE: list[tuple[str, dict[str, Any], Callable[..., Any], dict[str, Any], bool]] = [
    ("rmsle", {}, sk.root_mean_squared_log_error, {}, True),
    ("poisson_deviance", {}, sk.mean_poisson_deviance, {}, True),
    ("gamma_deviance", {}, sk.mean_gamma_deviance, {}, True),
    ("tweedie_deviance", {"power": 1.5}, sk.mean_tweedie_deviance, {"power": 1.5}, True),
]
LABELS: list[tuple[str, dict[str, Any], Callable[..., Any], dict[str, Any]]] = [
    ("accuracy", {}, sk.accuracy_score, {}),
    ("balanced_accuracy", {}, sk.balanced_accuracy_score, {}),
    ("hamming_loss", {}, sk.hamming_loss, {}),
    ("matthews_corrcoef", {}, sk.matthews_corrcoef, {}),
    ("cohen_kappa", {}, sk.cohen_kappa_score, {}),
    ("cohen_kappa", {"weights": "linear"}, sk.cohen_kappa_score, {"weights": "linear"}),
    *(
        (name, {**more, "average": average}, function, {**more, "average": average})
        for name, function, more in (
            ("f1", sk.f1_score, {}),
            ("f_beta", sk.fbeta_score, {"beta": 2.0}),
            ("precision", sk.precision_score, {}),
            ("recall", sk.recall_score, {}),
            ("jaccard", sk.jaccard_score, {}),
        )
        for average in ("macro", "micro", "weighted")
    ),
]
CHANCES: list[tuple[str, Callable[..., Any]]] = [
    ("roc_auc", sk.roc_auc_score),
    ("average_precision", sk.average_precision_score),
    ("brier", sk.brier_score_loss),
]


def close(ours: float, theirs: float) -> None:
    assert abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)), (ours, theirs)


def quiet(function: Callable[..., Any], *args: Any, **keywords: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(function(*args, **keywords))


def numbers(seed: int, rows: int, dtype: type, *, low: float = -1.0) -> Data:
    draw = np.random.default_rng(seed)
    true = np.round(draw.uniform(low, 9.0, rows), 1).astype(dtype)  # with ties
    return true, (true + draw.normal(size=rows)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [2, 3, 17, 5000])
@pytest.mark.parametrize(("name", "given", "theirs", "keywords", "weighted"), NUMBERS)
def test_errors(
    name: str,
    given: dict[str, Any],
    theirs: Callable[..., Any],
    keywords: dict[str, Any],
    weighted: bool,
    rows: int,
    dtype: type,
) -> None:
    true, guess = numbers(rows, rows, dtype)
    true[0], true[-1] = 0.5, 7.5
    exact = true.astype(np.float64), guess.astype(np.float64)  # scikit-learn may stay in float32
    metric = metrics.get(name, **given)
    close(metric.score(true, guess), theirs(*exact, **keywords))
    if weighted:
        weight = np.random.default_rng(1).uniform(0.1, 5.0, rows)
        expected = theirs(*exact, sample_weight=weight, **keywords)
        close(metric.score(true, guess, weight=weight), expected)


@pytest.mark.parametrize("scale", [1e-150, 1e-30, 1e30, 1e150])
@pytest.mark.parametrize(("name", "given", "theirs", "keywords", "weighted"), NUMBERS)
def test_errors_of_any_magnitude_scale_with_it(
    name: str,
    given: dict[str, Any],
    theirs: Callable[..., Any],
    keywords: dict[str, Any],
    weighted: bool,
    scale: float,
) -> None:
    true, guess = numbers(5, 200, np.float64)
    true = np.where(true == 0, 0.5, true)  # for the relative ones
    power = {"mse": 2, "r2": 0, "explained_variance": 0, "mape": 0}.get(name, 1)
    if power == 2 and scale in (1e-150, 1e150):
        scale **= 0.5  # the score itself would not be a number
    expected = theirs(true, guess, **keywords)
    if name == "mape":  # which divides by 2.2e-16 where an answer is smaller
        expected = theirs(true * scale, guess * scale)
    ours = metrics.get(name, **given).score(true * scale, guess * scale)
    assert ours / scale**power == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "given", "theirs", "keywords", "weighted"), POSITIVE)
def test_errors_of_positive_numbers(
    name: str,
    given: dict[str, Any],
    theirs: Callable[..., Any],
    keywords: dict[str, Any],
    weighted: bool,
    dtype: type,
) -> None:
    assert weighted
    true, guess = numbers(3, 1000, dtype, low=0.1)
    true, guess = np.maximum(true, dtype(0.1)), np.abs(guess) + dtype(0.1)
    exact = true.astype(np.float64), guess.astype(np.float64)
    weight = np.random.default_rng(1).uniform(0.1, 5.0, 1000)
    metric = metrics.get(name, **given)
    close(metric.score(true, guess), theirs(*exact, **keywords))
    close(
        metric.score(true, guess, weight=weight), theirs(*exact, sample_weight=weight, **keywords)
    )


@pytest.mark.parametrize("rare", [0.5, 0.05, 0.002])
@pytest.mark.parametrize(("name", "given", "theirs", "keywords"), LABELS)
def test_labels_with_rare_missing_and_invented_classes(
    name: str,
    given: dict[str, Any],
    theirs: Callable[..., Any],
    keywords: dict[str, Any],
    rare: float,
) -> None:
    draw = np.random.default_rng(round(1 / rare))
    true = np.where(draw.random(2000) < rare, draw.integers(1, 4, 2000), 0)
    guess = np.where(draw.random(2000) < 0.8, true, draw.integers(0, 6, 2000))
    guess[guess == 2] = 0  # one class is never predicted, two are never true
    weight = draw.uniform(0.1, 5.0, 2000)
    metric = metrics.get(name, **given)
    close(metric.score(true, guess), quiet(theirs, true, guess, **keywords))
    close(
        metric.score(true, guess, weight=weight),
        quiet(theirs, true, guess, sample_weight=weight, **keywords),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rare", [0.5, 0.02])
@pytest.mark.parametrize(("name", "theirs"), CHANCES)
def test_probabilities(name: str, theirs: Callable[..., Any], rare: float, dtype: type) -> None:
    draw = np.random.default_rng(7)
    true = (draw.random(3000) < rare).astype(int)
    chance = np.clip(np.round(draw.normal(true * 0.2 + 0.4, 0.2), 2), 0, 1).astype(dtype)
    weight = draw.uniform(0.1, 5.0, 3000)
    exact = chance.astype(np.float64)
    metric = metrics.get(name)
    close(metric.score(true, chance), theirs(true, exact))
    close(metric.score(true, chance, weight=weight), theirs(true, exact, sample_weight=weight))


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_log_loss_with_the_epsilon_of_scikit_learn(dtype: type, classes: int) -> None:
    draw = np.random.default_rng(classes)
    true = np.concatenate([np.arange(classes), draw.integers(0, classes, 1000)])
    chance = draw.dirichlet(np.full(classes, 0.3), len(true)).astype(dtype)
    chance[7] = np.eye(classes)[(true[7] + 1) % classes]  # surely wrong
    exact = chance.astype(np.float64)
    exact /= exact.sum(axis=1, keepdims=True)
    metric = metrics.get("log_loss", eps=float(np.finfo(np.float64).eps))
    given = chance if classes > 2 else chance[:, 1]
    reference = (
        exact if classes > 2 else np.column_stack([1 - chance[:, 1].astype(float), chance[:, 1]])
    )
    weight = draw.uniform(0.1, 5.0, len(true))
    close(metric.score(true, given), sk.log_loss(true, reference))
    close(
        metric.score(true, given, weight=weight), sk.log_loss(true, reference, sample_weight=weight)
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rows", [3, 50, 4000])
def test_correlations(rows: int, dtype: type) -> None:
    true, guess = numbers(rows, rows, dtype)
    true[0], true[-1], guess[0] = 0.5, 7.5, -9
    exact = true.astype(np.float64), guess.astype(np.float64)
    close(metrics.get("pearson").score(true, guess), scipy.stats.pearsonr(*exact).statistic)
    close(metrics.get("spearman").score(true, guess), scipy.stats.spearmanr(*exact).statistic)
