"""Metrics of rankings against scikit-learn, SciPy and direct counts of pairs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError, UsageError

Floats = NDArray[np.float64]


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


@st.composite
def ranked(draw: st.DrawFn, columns: int = 1) -> tuple[NDArray[Any], Floats, Floats]:
    """0/1 answers with both classes, scores of any scale with or without ties, weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = draw(st.integers(2, 200))
    y_true = (rng.random((rows, columns)) < draw(st.sampled_from([0.02, 0.3, 0.5, 0.97]))) * 1
    y_true[rng.permutation(rows)[:2]] = np.array([[0], [1]])
    score = rng.normal(size=(rows, columns)) + draw(st.sampled_from([0.0, 1.0, -1.0])) * y_true
    if draw(st.booleans()):
        score = np.round(score)
    score *= draw(st.sampled_from([1.0, 1e-300, 1e300]))
    weight = rng.uniform(0.5, 2.0, rows)
    return (y_true[:, 0], score[:, 0], weight) if columns == 1 else (y_true, score, weight)


@settings(max_examples=200, deadline=None)
@given(data=ranked(), weighted=st.booleans(), dtype=st.sampled_from([np.int8, bool, float]))
def test_areas_are_those_of_scikit_learn(
    data: tuple[NDArray[Any], Floats, Floats], weighted: bool, dtype: type
) -> None:
    y_true, score, weights = data
    weight = weights if weighted else None
    for name, theirs in (
        ("roc_auc", sk.roc_auc_score),
        ("average_precision", sk.average_precision_score),
    ):
        expected = theirs(y_true, score, sample_weight=weight)
        metric = metrics.get(name)
        assert close(metric.score(y_true.astype(dtype), score, weight=weight), expected), name
        two = metric.score(y_true.astype(dtype)[:, np.newaxis], score[:, np.newaxis], weight=weight)
        assert close(two, expected), name
    area = sk.roc_auc_score(y_true, score, sample_weight=weight)
    gini = metrics.get("gini_normalized").score(y_true, score, weight=weight)
    assert abs(gini - (2 * area - 1)) < 1e-12
    whole = metrics.get("weighted_roc_auc", tpr=[0, 0.2, 1], weights=[3, 3])
    assert abs(whole.score(y_true, score, weight=weight) - area) < 1e-12
    whole = metrics.get("partial_roc_auc", min_tpr=0)
    assert abs(whole.score(y_true, score, weight=weight) - area) < 1e-12


@settings(max_examples=60, deadline=None)
@given(
    data=ranked(columns=3),
    average=st.sampled_from(["macro", "weighted", "micro"]),
    weighted=st.booleans(),
)
def test_averages_over_columns_are_those_of_scikit_learn(
    data: tuple[NDArray[Any], Floats, Floats], average: str, weighted: bool
) -> None:
    y_true, score, weights = data
    weight = weights if weighted else None
    expected = sk.roc_auc_score(y_true, score, sample_weight=weight, average=average)
    assert close(
        metrics.get("roc_auc", average=average).score(y_true, score, weight=weight), expected
    )
    expected = sk.average_precision_score(y_true, score, sample_weight=weight)
    assert close(metrics.get("average_precision").score(y_true, score, weight=weight), expected)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
def test_each_class_against_the_rest_is_as_in_scikit_learn(average: str) -> None:
    rng = np.random.default_rng(2)
    for rows in (8, 100, 1000):
        y_true = np.concatenate([np.arange(4), rng.integers(0, 4, rows)])
        score = np.round(rng.dirichlet(np.ones(4), len(y_true)), 2) + 0.01
        score /= score.sum(axis=1, keepdims=True)
        weight = rng.uniform(0.5, 2.0, len(y_true))
        metric = metrics.get("roc_auc", average=average)
        for w in (None, weight):
            expected = sk.roc_auc_score(
                y_true, score, multi_class="ovr", average=average, sample_weight=w
            )
            assert close(metric.score(y_true, score, weight=w), expected)
            names = metric.score(y_true.astype(np.int8), score, weight=w, labels=list("abcd"))
            assert close(names, expected)
            assert close(metric.score(np.eye(4)[y_true], score, weight=w), expected)
        if average == "macro":
            expected = sk.average_precision_score(y_true, score, sample_weight=weight)
            ours = metrics.get("average_precision").score(y_true, score, weight=weight)
            assert close(ours, expected)


def test_scores_are_compared_exactly_in_their_own_type() -> None:
    rng = np.random.default_rng(4)
    y_true = rng.integers(0, 2, 500)
    score = rng.normal(size=500).astype(np.float32)
    expected = sk.roc_auc_score(y_true, score.astype(np.float64))
    assert close(metrics.get("roc_auc").score(y_true, score), expected)
    whole = rng.integers(-5, 5, 500)
    assert close(metrics.get("roc_auc").score(y_true, whole), sk.roc_auc_score(y_true, whole))
    assert metrics.get("roc_auc").score([0, 1], [0.0, -0.0]) == 0.5


def test_half_a_million_rows_against_scikit_learn() -> None:
    rng = np.random.default_rng(8)
    y_true = rng.random(500_000) < 0.3
    for score in (rng.normal(size=500_000) + y_true, np.round(rng.normal(size=500_000), 1)):
        for name, theirs in (
            ("roc_auc", sk.roc_auc_score),
            ("average_precision", sk.average_precision_score),
        ):
            assert close(metrics.get(name).score(y_true, score), theirs(y_true, score))


def band(y_true: NDArray[Any], score: Floats, low: float, high: float) -> float:
    """Area right of the ROC curve between two true positive rates, from the curve's points."""
    fpr, tpr, _ = sk.roc_curve(y_true, score, drop_intermediate=False)
    heights = np.linspace(low, high, 200_001)
    middle = (heights[1:] + heights[:-1]) / 2
    # Of points of equal height the curve runs along the last: start from there.
    order = np.searchsorted(tpr, middle, side="left")
    share = (middle - tpr[order - 1]) / (tpr[order] - tpr[order - 1])
    right = 1 - (fpr[order - 1] + share * (fpr[order] - fpr[order - 1]))
    return float(right.mean() * (high - low))


def test_bands_of_the_roc_curve() -> None:
    rng = np.random.default_rng(9)
    for rows in (5, 40, 300):
        y_true = np.concatenate([[0, 1], rng.integers(0, 2, rows)])
        score = np.round(rng.normal(size=rows + 2) + y_true, 1)
        ours = metrics.get("partial_roc_auc", min_tpr=0.8).score(y_true, score)
        assert ours == pytest.approx(band(y_true, score, 0.8, 1.0), abs=1e-5)
        ours = metrics.get("weighted_roc_auc").score(y_true, score)
        low, high = band(y_true, score, 0.0, 0.4), band(y_true, score, 0.4, 1.0)
        assert ours == pytest.approx((2 * low + high) / 1.4, abs=1e-5)
    assert metrics.get("partial_roc_auc", min_tpr=0.8).score([0, 1], [0, 1]) == pytest.approx(0.2)
    assert metrics.get("weighted_roc_auc").score([0, 1], [0.0, 1.0]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "parameters", [{"weights": [1]}, {"weights": [1, 1, 1]}, {"weights": "0,0"}]
)
def test_bands_and_weights_have_to_match(parameters: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="a weight for each band"):
        metrics.get("weighted_roc_auc", **parameters).score([0, 1], [0, 1])


def test_normalized_gini_of_amounts() -> None:
    rng = np.random.default_rng(10)
    y_true = rng.gamma(1.0, 100.0, 60)
    score = rng.permutation(60).astype(float)

    def gini(by: Floats) -> float:  # Kaggle's, for scores without ties
        ranked = y_true[np.argsort(-by)]
        return float((np.cumsum(ranked) / ranked.sum()).sum() - 61 / 2) / 60

    metric = metrics.get("gini_normalized")
    assert close(metric.score(y_true, score), gini(score) / gini(y_true))
    assert close(metric.score(y_true, -y_true), -1.0)
    assert close(metric.score(y_true * 1e300, score), gini(score) / gini(y_true))
    # Tied rows share the mean over their orders.
    amounts = np.array([3.0, 1.0, 0.0])
    both = [metric.score(amounts, np.array(by)) for by in ([2.0, 1.0, 0.0], [1.0, 2.0, 0.0])]
    assert close(metric.score(amounts, np.array([1.0, 1.0, 0.0])), float(np.mean(both)))


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), weighted=st.booleans(), ties=st.booleans())
def test_concordance_is_the_share_of_pairs_in_order(seed: int, weighted: bool, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(2, 70))
    y_true, y_pred = rng.normal(size=rows), rng.normal(size=rows)
    if ties:
        y_true, y_pred = np.round(y_true), np.round(y_pred)
    y_true[0] = 9.0
    weight = rng.uniform(0.5, 2.0, rows) if weighted else np.ones(rows)
    pair = np.multiply.outer(weight, weight) * (y_true[:, None] < y_true)
    order = (y_pred[:, None] < y_pred) + (y_pred[:, None] == y_pred) / 2
    ours = metrics.get("concordance_index").score(
        y_true, y_pred, weight=weight if weighted else None
    )
    assert close(ours, float((pair * order).sum() / pair.sum()))


def test_concordance_of_outcomes_is_the_area() -> None:
    rng = np.random.default_rng(12)
    y_true, score = rng.integers(0, 2, 30_000), np.round(rng.normal(size=30_000), 2)
    ours = metrics.get("concordance_index").score(y_true, score)
    assert close(ours, sk.roc_auc_score(y_true, score))


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1.0, 1e-300, 1e300, 1e6]))
def test_correlations_are_those_of_scipy(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(3, 100))
    y_true = rng.normal(size=rows) + (10.0 if scale == 1e6 else 0.0)
    y_pred = np.round(y_true + rng.normal(size=rows), 1)
    y_pred[0] += 1.0
    expected = scipy.stats.pearsonr(y_true, y_pred).statistic
    assert abs(metrics.get("pearson").score(y_true * scale, y_pred) - expected) < 1e-12
    assert abs(metrics.get("pearson").score(y_true, y_pred * scale) - expected) < 1e-12
    expected = scipy.stats.spearmanr(y_true, y_pred).statistic
    assert close(metrics.get("spearman").score(y_true * scale, y_pred), expected)


def test_weighted_correlation_is_that_of_numpy() -> None:
    rng = np.random.default_rng(13)
    y_true, weight = rng.normal(size=80), rng.uniform(0.5, 2.0, 80)
    y_pred = y_true + rng.normal(size=80)
    covariance = np.cov(y_true, y_pred, aweights=weight)
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert close(metrics.get("pearson").score(y_true, y_pred, weight=weight), expected)


def test_columns_are_averaged() -> None:
    rng = np.random.default_rng(14)
    y_true = rng.normal(size=(50, 3))
    y_pred = y_true + rng.normal(size=(50, 3))
    for name in ("pearson", "spearman", "concordance_index", "gini_normalized"):
        metric = metrics.get(name)
        each = [metric.score(y_true[:, j], y_pred[:, j]) for j in range(3)]
        assert close(metric.score(y_true, y_pred), float(np.mean(each)))


def test_lwlrap_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(15)
    for ties in (False, True):
        y_true = rng.random((60, 9)) < 0.3
        y_true[0] = False
        score = rng.normal(size=(60, 9))
        score = np.round(score) if ties else score
        size = y_true.sum(axis=1)
        expected = sk.label_ranking_average_precision_score(
            y_true[1:], score[1:], sample_weight=size[1:]
        )
        assert close(metrics.get("lwlrap").score(y_true, score), expected)
        weight = rng.uniform(0.5, 2.0, 60)
        expected = sk.label_ranking_average_precision_score(
            y_true[1:], score[1:], sample_weight=(size * weight)[1:]
        )
        assert close(metrics.get("lwlrap").score(y_true, score, weight=weight), expected)
    codes = rng.integers(0, 9, 60)
    assert metrics.get("lwlrap").score(codes, score) == metrics.get("lwlrap").score(
        np.eye(9)[codes], score
    )
    with pytest.raises(MetricError, match="no row of the answers counts for lwlrap"):
        metrics.get("lwlrap").score(np.zeros((3, 2)), np.ones((3, 2)))
    with pytest.raises(MetricError, match="a column of predictions per label"):
        metrics.get("lwlrap").score([0, 1], [0.5, 0.2])


@pytest.mark.parametrize("name", ["roc_auc", "weighted_roc_auc", "partial_roc_auc"])
def test_one_class_among_the_answers_is_refused(name: str) -> None:
    metric = metrics.get(name, **({"min_tpr": 0.5} if name == "partial_roc_auc" else {}))
    for y_true in ([1, 1], [0, 0], [False, False]):
        with pytest.raises(MetricError, match=r"^only one class among the answers$"):
            metric.score(y_true, [0.1, 0.2])
    with pytest.raises(MetricError, match="only one class among the answers"):
        metric.score([1, 1, 0], [0.1, 0.2, 0.3], weight=[1, 1, 0])
    with pytest.raises(MetricError, match="only one class among the answers of column 2"):
        metric.score([[0, 1], [1, 1]], [[0.1, 0.2], [0.3, 0.4]])
    with pytest.raises(MetricError, match="answers, class c against the rest"):
        metric.score([0, 1], [[0.1, 0.2, 0.7], [0.3, 0.4, 0.3]], labels=["a", "b", "c"])
    with pytest.raises(MetricError, match="answers, class 2 against the rest"):
        metric.score([0, 1], [[0.1, 0.2, 0.7], [0.3, 0.4, 0.3]])


def test_average_precision_needs_a_positive_row_alone() -> None:
    metric = metrics.get("average_precision")
    assert metric.score([1, 1], [0.1, 0.2]) == 1.0
    with pytest.raises(MetricError, match="no positive row among the answers"):
        metric.score([0, 0], [0.1, 0.2])
    with pytest.raises(MetricError, match="only one class among the answers"):
        metrics.get("roc_auc", average="micro").score([[1, 1]], [[0.1, 0.2]])


@pytest.mark.parametrize("name", ["pearson", "spearman"])
def test_constant_columns_have_no_correlation(name: str) -> None:
    metric = metrics.get(name)
    with pytest.raises(MetricError, match=f"all predictions are equal: {name} has no meaning"):
        metric.score([1.0, 2.0], [0.1, 0.1])
    with pytest.raises(MetricError, match=f"all answers are equal: {name} has no meaning"):
        metric.score([0.1, 0.1, 0.1], [0.1, 0.2, 0.1])


@pytest.mark.parametrize("name", ["concordance_index", "gini_normalized"])
def test_constant_answers_have_no_order(name: str) -> None:
    with pytest.raises(MetricError, match=f"all answers are equal: {name} has no meaning"):
        metrics.get(name).score([2.0, 2.0], [0.1, 0.2])


def test_refused_answers_and_scores() -> None:
    metric = metrics.get("roc_auc")
    cases: list[tuple[Any, Any, str, int | None]] = [
        ([0, 2], [0.1, 0.2], "an answer is neither 0 nor 1", 1),
        ([-1, 1], [0.1, 0.2], "an answer is neither 0 nor 1", 0),
        ([0.0, 0.5], [0.1, 0.2], "an answer is neither 0 nor 1", 1),
        ([0.0, np.nan], [0.1, 0.2], "an answer is missing", 1),
        (["0", "1"], [0.1, 0.2], "the answers must be 0 or 1", None),
        ([0, 1], [0.1, np.nan], "a prediction is missing", 1),
        ([0, 1], [np.inf, 0.1], "a prediction is infinite", 0),
        ([0, 1], ["a", "b"], "the predictions are not numbers", None),
        ([0, 1], np.array([0.1, "b"], dtype=object), "the predictions are not all numbers", None),
        ([0, 3], [[0.1, 0.2], [0.1, 0.2]], "an answer is not one of the 2 classes", 1),
        ([0.0, 0.5], [[0.1, 0.2], [0.1, 0.2]], "an answer is not a class code", 1),
        ([[0, 1], [1, 0]], [0.1, 0.2], "answers have 2 columns, predictions 1", None),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for y_true, y_pred, message, row in cases:
            with pytest.raises(MetricError, match=message) as caught:
                metric.score(y_true, y_pred)
            assert caught.value.row == row
    with pytest.raises(MetricError, match="3 classes, but 2 columns of predictions"):
        metric.score([0, 1], [[0.1, 0.2], [0.1, 0.2]], labels=["a", "b", "c"])
