"""Metrics of clusterings and of generated samples against scikit-learn and exact sums."""

from __future__ import annotations

from fractions import Fraction
from math import comb, log
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError

THEIRS = {
    "adjusted_rand": sk.adjusted_rand_score,
    "adjusted_mutual_info": sk.adjusted_mutual_info_score,
    "v_measure": sk.v_measure_score,
}


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


@st.composite
def clusterings(draw: st.DrawFn) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two clusterings that agree in none to all of their rows, of even or uneven clusters."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = draw(st.sampled_from([1, 2, 3, 10, 100, 1000]))
    power = draw(st.sampled_from([1.0, 3.0]))
    true, other = (
        (draw(st.integers(1, 12)) * rng.random(rows) ** power).astype(int) for _ in range(2)
    )
    return true, np.where(rng.random(rows) < draw(st.sampled_from([0.0, 0.5, 1.0])), true, other)


@pytest.mark.parametrize("name", THEIRS)
@settings(max_examples=120, deadline=None)
@given(data=clusterings())
def test_clusterings_are_scored_as_by_scikit_learn(
    name: str, data: tuple[NDArray[Any], NDArray[Any]]
) -> None:
    true, predicted = data
    metric, expected = metrics.get(name), THEIRS[name](true, predicted)
    score = metric.score(true, predicted)
    assert close(score, expected)
    # Neither the type of names nor the names themselves count, nor their order.
    for form in (str, float, np.int8, object):
        assert close(metric.score(true.astype(form), predicted.astype(form)), score)
    assert close(metric.score(true * 10**15 - 7, -predicted), score)
    assert close(metric.score(true.astype(np.float32), predicted), score)
    assert close(metric.score(true[::-1], predicted[::-1]), score)
    assert close(metric.score(predicted, true), score)


@pytest.mark.parametrize("name", THEIRS)
def test_clusterings_at_their_limits(name: str) -> None:
    score = metrics.get(name).score
    assert score(["a", "a", "b"], ["x", "x", "y"]) == 1
    assert score(["a"], ["b"]) == score(["a", "a"], ["b", "b"]) == 1
    assert score(["a", "b", "c"], ["z", "y", "x"]) == 1  # each row by itself
    assert score(["a", "a", "b", "b"], ["x", "x", "x", "x"]) == 0
    assert abs(score(["a", "a", "a", "a"], ["w", "x", "y", "z"])) < 1e-12


def test_the_rand_index_by_hand() -> None:
    # 2 pairs together in the answers, 1 in the predictions and both, 4 apart in both:
    # 2 (1 * 4 - 1 * 0) / ((1 + 1) (1 + 4) + (1 + 0) (0 + 4)).
    score = metrics.get("adjusted_rand").score(["a", "a", "b", "b"], ["1", "1", "2", "3"])
    assert close(score, 8 / 14)
    opposed = metrics.get("adjusted_rand").score(["a", "a", "b", "b"], ["1", "2", "1", "2"])
    assert opposed == -0.5


def test_the_rand_index_is_exact_where_pairs_overflow() -> None:
    rows = 400_000
    true, predicted = np.arange(rows) % 2, np.arange(rows) // (rows // 2)
    pairs = Fraction(comb(rows // 4, 2) * 4)
    each = Fraction(comb(rows // 2, 2) * 2)
    chance = each * each / comb(rows, 2)
    expected = float((pairs - chance) / (each - chance))
    assert close(metrics.get("adjusted_rand").score(true, predicted), expected)


def expected_information(true: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Mean mutual information of the hypergeometric law, from exact binomials."""
    n, total = len(true), 0.0
    for a in np.bincount(true).tolist():
        for b in np.bincount(predicted).tolist():
            for both in range(max(1, a + b - n), min(a, b) + 1):
                chance = Fraction(comb(a, both) * comb(n - a, b - both), comb(n, b))
                total += float(chance) * both / n * log(n * both / (a * b))
    return total


@pytest.mark.parametrize("rows", [30, 200, 600])
def test_information_is_adjusted_by_its_exact_mean(rows: int) -> None:
    rng = np.random.default_rng(rows)
    true, predicted = rng.integers(0, rows // 6, rows), rng.integers(0, rows // 4, rows)
    true, predicted = (np.unique(each, return_inverse=True)[1] for each in (true, predicted))
    mean = expected_information(true, predicted)
    entropy = [-(s / rows * np.log(s / rows)).sum() for s in map(np.bincount, (true, predicted))]
    shared = sk.mutual_info_score(true, predicted)
    expected = (shared - mean) / (sum(entropy) / 2 - mean)
    ours = metrics.get("adjusted_mutual_info").score(true, predicted)
    assert abs(ours - expected) < 1e-11
    assert abs(metrics.get("adjusted_mutual_info").score(np.arange(rows), predicted)) < 1e-11


def test_large_clusterings_are_scored_as_by_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 6, 200_000)
    predicted = np.where(rng.random(200_000) < 0.4, true, rng.integers(0, 9, 200_000))
    for name, theirs in THEIRS.items():
        assert close(metrics.get(name).score(true, predicted), theirs(true, predicted))


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("absent", [None, np.nan, ""])
def test_a_missing_cluster_is_refused_with_its_row(name: str, absent: object) -> None:
    column = np.array(["a", "b", absent], object)
    for pair, what in (((column, ["1", "1", "2"]), "an answer"), (([1, 1, 2], column), "a pred")):
        with pytest.raises(MetricError, match=f"{what}.* is missing") as caught:
            metrics.get(name).score(*pair)
        assert caught.value.row == 2
    with pytest.raises(MetricError, match="a prediction is missing") as caught:
        metrics.get(name).score([1.0, 2.0], [1.0, np.nan])
    assert caught.value.row == 1


@pytest.mark.parametrize("name", THEIRS)
def test_clusterings_have_no_weights_columns_or_replicates(name: str) -> None:
    metric = metrics.get(name)
    with pytest.raises(MetricError, match="does not take weights"):
        metric.score([1, 2], [1, 2], weight=[1, 1])
    with pytest.raises(MetricError, match=f"{name} takes one column of clusters"):
        metric.score([[1, 2]], [[1, 2]])
    assert metric.replicates([1, 2], [1, 2], np.ones((3, 2), np.uint8)) is None


# Generated samples


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.integers(1, 6),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_frechet_distance_is_that_of_the_root_of_covariances(
    seed: int, features: int, scale: float, dtype: type
) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(features + 20, 100))
    samples = [
        (
            scale * (rng.normal(size=(rows, features)) @ rng.normal(size=(features, features)) + i)
        ).astype(dtype)
        for i in (0.0, 0.5)
    ]
    wide = [sample.astype(np.float64) for sample in samples]
    covariance = [np.atleast_2d(np.cov(sample.T)) for sample in wide]
    root = scipy.linalg.sqrtm(covariance[0] @ covariance[1]).real
    apart = np.square(wide[0].mean(axis=0) - wide[1].mean(axis=0)).sum()
    expected = apart + np.trace(covariance[0] + covariance[1] - 2 * root)
    metric = metrics.get("frechet_distance")
    ours = metric.score(*samples)
    # The root of a product that is nearly singular loses digits; ours takes none.
    assert abs(ours - expected) <= 1e-6 * (np.trace(covariance[0]) + np.trace(covariance[1]))
    assert abs(metric.score(samples[0], samples[1][::-1]) - ours) <= 1e-9 * max(scale**2, ours)
    assert metric.score(samples[0], samples[0]) <= 1e-12 * np.trace(covariance[0])


def test_frechet_distance_of_one_feature_is_exact() -> None:
    metric = metrics.get("frechet_distance")
    assert metric.score([0.0, 2.0], [3.0, 5.0]) == 9
    # Standard deviations 2 and 4 (times a root of 2), the same mean: (sqrt 32 - sqrt 8)^2.
    assert close(metric.score([-2.0, 2.0], [-4.0, 4.0]), (32**0.5 - 8**0.5) ** 2)
    offset = metric.score([1e8, 1e8 + 2], [1e8 + 3, 1e8 + 5])
    assert abs(offset - 9) < 1e-6


def test_frechet_distance_with_fewer_rows_than_features() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.normal(size=(2, 5, 20))
    forward = metrics.get("frechet_distance").score(one, other)
    assert close(metrics.get("frechet_distance").score(other, one), forward)
    assert metrics.get("frechet_distance").score(one, one[::-1]) < 1e-12
    turn = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    assert close(metrics.get("frechet_distance").score(one @ turn, other @ turn), forward)


def test_what_is_no_sample_is_refused() -> None:
    metric = metrics.get("frechet_distance")
    with pytest.raises(MetricError, match="frechet_distance needs at least two rows"):
        metric.score([[1.0, 2.0]], [[1.0, 2.0]])
    with pytest.raises(MetricError, match="answers have 2 columns, predictions 3"):
        metric.score(np.zeros((4, 2)), np.zeros((4, 3)))
    with pytest.raises(MetricError, match="a prediction is infinite") as caught:
        metric.score(np.zeros((4, 1)), [[0.0], [1.0], [2.0], [np.inf]])
    assert caught.value.row == 3
    rng = np.random.default_rng(6)
    for scale in (1e200, 1e308):
        with pytest.raises(MetricError, match="too large for a number"):
            metric.score(scale * rng.uniform(-1, 1, (9, 4)), scale * rng.uniform(-1, 1, (9, 4)))
    one, other = rng.normal(size=(2, 30, 4))
    plain = metric.score(one, other)
    assert close(metric.score(2.0**500 * one, 2.0**500 * other) / 2.0**1000, plain)
    assert metric.score(np.full((5, 3), 1e-300), np.full((5, 3), 2e-300)) == 0
    assert metric.replicates(np.eye(3), np.eye(3), np.ones((2, 3), np.uint8)) is None
