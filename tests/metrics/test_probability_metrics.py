"""Metrics of probabilities against scikit-learn and their formulas, and what they refuse."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.special
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from practice import metrics
from practice.errors import MetricError

SKLEARN_EPS = 2.220446049250313e-16


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), weighted=st.booleans(), dtype=st.sampled_from([np.int8, bool])
)
def test_binary_losses_are_those_of_scikit_learn(seed: int, weighted: bool, dtype: type) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 100))
    y_true = rng.integers(0, 2, rows)
    y_pred = rng.random(rows) ** rng.choice([0.01, 1, 100])
    y_pred[rng.random(rows) < 0.1] = rng.choice([0.0, 1.0, 1e-300])
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    expected = sk.log_loss(y_true, y_pred, sample_weight=weight, labels=[0, 1])
    metric = metrics.get("log_loss", eps=SKLEARN_EPS)
    assert close(metric.score(y_true.astype(dtype), y_pred, weight=weight), expected)
    assert close(metric.score(y_true[:, None], y_pred[:, None], weight=weight), expected)
    expected = sk.brier_score_loss(y_true, y_pred, sample_weight=weight, pos_label=1)
    assert close(metrics.get("brier").score(y_true, y_pred, weight=weight), expected)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), weighted=st.booleans(), classes=st.integers(2, 6))
def test_multiclass_losses_are_those_of_scikit_learn(
    seed: int, weighted: bool, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 100))
    y_true = rng.integers(0, classes, rows)
    y_pred = rng.dirichlet(np.full(classes, 0.1), rows)
    y_pred[:1] = np.eye(classes)[0]
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    names = [f"c{code}" for code in range(classes)]
    one_hot = np.eye(classes)[y_true]
    expected = sk.log_loss(y_true, y_pred, sample_weight=weight, labels=range(classes))
    for normalize in (True, False):
        metric = metrics.get("log_loss", eps=SKLEARN_EPS, normalize=normalize)
        assert close(metric.score(y_true, y_pred, weight=weight), expected)
        codes = y_true.astype(np.int8)
        assert close(metric.score(codes, y_pred, weight=weight, labels=names), expected)
        assert close(metric.score(one_hot, y_pred, weight=weight), expected)
    scaled = y_pred * rng.uniform(0.1, 1.0, (rows, 1))
    assert close(
        metrics.get("log_loss", eps=SKLEARN_EPS).score(y_true, scaled, weight=weight), expected
    )
    expected = sk.brier_score_loss(y_true, y_pred, sample_weight=weight, labels=range(classes))
    for answers in (y_true, one_hot):
        assert close(metrics.get("brier").score(answers, y_pred, weight=weight), expected)


def test_probabilities_are_clipped_as_kaggle_does() -> None:
    metric = metrics.get("log_loss")
    assert metric.score([1, 1], [0.0, 1.0]) == pytest.approx(-np.log(1e-15) / 2)
    assert metric.score([0], [1.0]) == pytest.approx(-np.log(1 - (1 - 1e-15)), rel=1e-12)
    assert metric.score([0], [[0.0, 1.0]]) == pytest.approx(-np.log(1e-15))


def test_labels_of_their_own_are_averaged_over_columns() -> None:
    rng = np.random.default_rng(21)
    y_true, y_pred = rng.integers(0, 2, (30, 3)), rng.random((30, 3))
    y_true[0] = 1
    each = [sk.log_loss(y_true[:, j], y_pred[:, j]) for j in range(3)]
    assert close(metrics.get("log_loss").score(y_true, y_pred), float(np.mean(each)))
    squares = np.mean((y_true - y_pred) ** 2)
    assert close(metrics.get("brier").score(y_true, y_pred), float(squares))


def test_one_label_a_row_means_classes_unless_told_otherwise() -> None:
    y_true, y_pred = (
        np.eye(3)[[0, 2, 1]],
        np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]]),
    )
    true_class = -np.mean(np.log([0.5, 0.8, 0.7]))
    cells = -np.mean(np.log(np.where(y_true == 1, y_pred, 1 - y_pred)))
    assert close(metrics.get("log_loss").score(y_true, y_pred), float(true_class))
    assert close(metrics.get("log_loss", multilabel=False).score(y_true, y_pred), float(true_class))
    assert close(metrics.get("log_loss", multilabel=True).score(y_true, y_pred), float(cells))
    y_true[1] = [0, 1, 1]
    with pytest.raises(MetricError, match="does not have exactly one class") as caught:
        metrics.get("log_loss", multilabel=False).score(y_true, y_pred)
    assert caught.value.row == 1


def test_weighted_forms_of_log_loss() -> None:
    rng = np.random.default_rng(22)
    y_true, y_pred = rng.integers(0, 2, (40, 3)), rng.random((40, 3))
    y_true[0] = 1
    loss = -np.log(np.where(y_true == 1, y_pred, 1 - y_pred))
    by_column = metrics.get("log_loss", weights=[1, 2, 7])
    assert close(by_column.score(y_true, y_pred), float(loss.mean(axis=0) @ [1, 2, 7] / 10))
    size = np.where(y_true == 1, 2.0, 1.0) * np.array([1, 2, 7])
    both = metrics.get("log_loss", weights=[1, 2, 7], positive_weight=2)
    assert close(both.score(y_true, y_pred), float((loss * size).sum() / size.sum()))
    one = metrics.get("log_loss", positive_weight=3)
    size = np.where(y_true[:, 0] == 1, 3.0, 1.0)
    expected = float(loss[:, 0] @ size / size.sum())
    assert close(one.score(y_true[:, 0], y_pred[:, 0]), expected)
    codes, chances = rng.integers(0, 3, 40), rng.dirichlet(np.ones(3), 40)
    size = np.array([1.0, 2.0, 7.0])[codes]
    expected = float(-np.log(chances[np.arange(40), codes]) @ size / size.sum())
    assert close(by_column.score(codes, chances), expected)
    with pytest.raises(MetricError, match="3 weights for 1 columns"):
        by_column.score([0, 1], [0.5, 0.5])


def test_divergence_is_the_sum_of_relative_entropies() -> None:
    rng = np.random.default_rng(23)
    votes = rng.integers(0, 5, (50, 4))
    votes[:, 0] += 1
    y_pred = rng.dirichlet(np.full(4, 0.5), 50)
    true = votes / votes.sum(axis=1, keepdims=True)
    expected = scipy.special.rel_entr(true, np.clip(y_pred, 1e-15, 1 - 1e-15)).sum(axis=1)
    metric = metrics.get("kl_divergence")
    assert close(metric.score(votes, y_pred), float(expected.mean()))
    weight = rng.uniform(0.5, 2.0, 50)
    ours = metric.score(votes, y_pred, weight=weight)
    assert close(ours, float(np.average(expected, weights=weight)))
    wrong = np.zeros((1, 2))
    wrong[0, 1] = 1.0
    assert metric.score([[1, 0]], wrong) == pytest.approx(-np.log(1e-15))
    assert metrics.get("kl_divergence", eps=1e-3).score([[1, 0]], wrong) == pytest.approx(
        -np.log(1e-3)
    )


def test_probabilistic_f1_of_counts() -> None:
    rng = np.random.default_rng(24)
    y_true, y_pred = rng.integers(0, 2, 60), rng.random(60)
    y_true[0] = 1
    metric = metrics.get("probabilistic_f1")
    hits, chosen = float(y_pred @ y_true), float(y_pred.sum())
    precision, recall = hits / chosen, hits / y_true.sum()
    assert close(metric.score(y_true, y_pred), 2 * precision * recall / (precision + recall))
    hard = (y_pred > 0.5).astype(float)
    assert close(metric.score(y_true, hard), sk.f1_score(y_true, hard))
    assert metric.score([1, 0], [0.0, 0.0]) == 0.0
    assert metric.score([1, 0], [1.5, -0.5]) == 1.0
    with pytest.raises(MetricError, match="no positive row among the answers"):
        metric.score([0, 0], [0.5, 0.5])
    with pytest.raises(MetricError, match="one column of predictions per column of answers"):
        metric.score([0, 1], [[0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize("name", ["log_loss", "brier", "kl_divergence"])
def test_only_probabilities_are_taken(name: str) -> None:
    metric = metrics.get(name)
    answers = [[1, 0], [0, 1]]
    for bad in (-0.2, 1.2):
        with pytest.raises(MetricError, match="a prediction is not a probability in") as caught:
            metric.score(answers, [[0.5, 0.5], [bad, 1 - bad]])
        assert caught.value.row == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MetricError, match="a prediction is missing") as caught:
            metric.score(answers, [[0.5, 0.5], [np.nan, 1.0]])
    assert caught.value.row == 1


@pytest.mark.parametrize("rows", [2, 70_000])
def test_rows_of_probabilities_have_to_add_up(rows: int) -> None:
    codes, chances = np.zeros(rows, dtype=int), np.full((rows, 2), 0.5)
    chances[rows - 1] = 0.0
    with pytest.raises(MetricError, match="the probabilities of a row are all 0") as caught:
        metrics.get("log_loss").score(codes, chances)
    assert caught.value.row == rows - 1
    chances[rows - 1] = [1.0, 1.0]
    for name, answers, parameters in (
        ("log_loss", codes, {"normalize": False}),
        ("kl_divergence", np.ones((rows, 2)), {}),
    ):
        with pytest.raises(MetricError, match="do not add up to 1") as caught:
            metrics.get(name, **parameters).score(answers, chances)
        assert caught.value.row == rows - 1
        near = np.full((rows, 2), 0.500001)
        assert metrics.get(name, **parameters).score(answers, near) >= 0 - 1e-5


@pytest.mark.parametrize(
    ("answers", "message", "row"),
    [
        ([[1, 0], [0, 0]], "the answers of a row are all 0", 1),
        ([[1, 0], [2, -1]], "an answer is negative", 1),
        ([1, 0], "answers have 1 columns, predictions 2", None),
    ],
)
def test_answers_without_a_distribution_are_refused(answers: Any, message: str, row: int) -> None:
    with pytest.raises(MetricError, match=message) as caught:
        metrics.get("kl_divergence").score(answers, [[0.5, 0.5], [0.5, 0.5]])
    assert caught.value.row == row
    with pytest.raises(MetricError, match="a column of predictions per class"):
        metrics.get("kl_divergence").score([1.0, 1.0], [1.0, 1.0])
