"""Metrics of predicted numbers against scikit-learn, at all magnitudes, and what they refuse."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError, UsageError

Floats = NDArray[np.float64]


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


@st.composite
def pairs(draw: st.DrawFn, low: float = -1e6, rows: int = 60) -> tuple[Floats, Floats, Floats]:
    """Answers, predictions and weights of one shape, with repeats and zeros."""
    size = draw(st.integers(2, rows))
    shape = draw(st.sampled_from([(size,), (size, 1), (size, 3)]))
    value = st.floats(low, 1e6, allow_subnormal=False) | st.sampled_from([0.0, 1.0, 2.5])
    y_true = draw(hnp.arrays(np.float64, shape, elements=value))
    y_pred = draw(hnp.arrays(np.float64, shape, elements=value))
    weight = draw(hnp.arrays(np.float64, size, elements=st.floats(0.5, 2.0)))
    return y_true, y_pred, weight


def column_mean(
    theirs: Callable[..., float], y_true: Floats, y_pred: Floats, **keywords: Any
) -> float:
    """Mean over columns of a score that takes one column."""
    if y_true.ndim == 1:
        return float(theirs(y_true, y_pred, **keywords))
    columns = zip(y_true.T, y_pred.T, strict=True)
    return float(np.mean([theirs(true, predicted, **keywords) for true, predicted in columns]))


@settings(max_examples=200, deadline=None)
@given(data=pairs(), weighted=st.booleans())
def test_errors_are_those_of_scikit_learn(
    data: tuple[Floats, Floats, Floats], weighted: bool
) -> None:
    y_true, y_pred, weights = data
    weight = weights if weighted else None
    for name, theirs in (
        ("rmse", sk.root_mean_squared_error),
        ("mse", sk.mean_squared_error),
        ("mae", sk.mean_absolute_error),
        ("mape", sk.mean_absolute_percentage_error),
        ("median_absolute_error", sk.median_absolute_error),
    ):
        expected = theirs(y_true, y_pred, sample_weight=weight)
        assert close(metrics.get(name).score(y_true, y_pred, weight=weight), expected), name
    expected = column_mean(sk.max_error, y_true, y_pred)
    assert close(metrics.get("max_error").score(y_true, y_pred), expected)
    for alpha in (0.1, 0.5, 0.9):
        expected = sk.mean_pinball_loss(y_true, y_pred, alpha=alpha, sample_weight=weight)
        metric = metrics.get("pinball", alpha=alpha)
        assert close(metric.score(y_true, y_pred, weight=weight), expected)


@settings(max_examples=200, deadline=None)
@given(data=pairs(), weighted=st.booleans())
def test_explained_variance_is_that_of_scikit_learn(
    data: tuple[Floats, Floats, Floats], weighted: bool
) -> None:
    y_true, y_pred, weights = data
    weight = weights if weighted else None
    columns = y_true.reshape(len(y_true), -1)
    for name, theirs in (("r2", sk.r2_score), ("explained_variance", sk.explained_variance_score)):
        metric = metrics.get(name)
        if np.any(columns.min(axis=0) == columns.max(axis=0)):
            with pytest.raises(MetricError, match=f"all answers are equal: {name}"):
                metric.score(y_true, y_pred, weight=weight)
            continue
        if np.any(np.ptp(columns, axis=0) < 1e-3):
            continue  # scikit-learn itself loses digits here
        expected = theirs(y_true, y_pred, sample_weight=weight)
        assert abs(metric.score(y_true, y_pred, weight=weight) - expected) <= 1e-12 * max(
            1.0, abs(expected)
        ), name


@settings(max_examples=150, deadline=None)
@given(data=pairs(low=0.0), weighted=st.booleans())
def test_logarithmic_errors_and_deviances_are_those_of_scikit_learn(
    data: tuple[Floats, Floats, Floats], weighted: bool
) -> None:
    y_true, y_pred, weights = data
    weight = weights if weighted else None
    expected = sk.root_mean_squared_log_error(y_true, y_pred, sample_weight=weight)
    assert close(metrics.get("rmsle").score(y_true, y_pred, weight=weight), expected)
    y_pred = y_pred + 0.25
    for power in (-1.0, 0.0, 1.0, 1.5, 2.0, 3.0):
        true = y_true + 0.5 if power >= 2 else y_true
        expected = column_mean(
            sk.mean_tweedie_deviance, true, y_pred, sample_weight=weight, power=power
        )
        metric = metrics.get("tweedie_deviance", power=power)
        ours = metric.score(true, y_pred, weight=weight)
        # Differences of powers of this size: their last digits are lost on either side.
        size = max(1.0, y_pred.max() ** (2 - power), true.max() ** (2 - power))
        assert abs(ours - expected) <= 1e-12 * max(size, expected)
        named = {1.0: "poisson_deviance", 2.0: "gamma_deviance"}.get(power)
        if named:
            assert metrics.get(named).score(true, y_pred, weight=weight) == ours


def smape(y_true: Floats, y_pred: Floats) -> float:
    total = 0.0
    for true, predicted in zip(y_true, y_pred, strict=True):
        if true != 0 or predicted != 0:
            total += 200 * abs(true - predicted) / (abs(true) + abs(predicted))
    return total / len(y_true)


@settings(max_examples=100, deadline=None)
@given(data=pairs(rows=20))
def test_relative_errors(data: tuple[Floats, Floats, Floats]) -> None:
    y_true, y_pred = np.round(data[0], 3), np.round(data[1], 3)
    assert (
        abs(metrics.get("smape").score(y_true, y_pred) - column_mean(smape, y_true, y_pred)) < 1e-9
    )
    metric = metrics.get("rmspe")
    columns = y_true.reshape(len(y_true), -1)
    if not np.all((columns != 0).any(axis=0)):
        with pytest.raises(MetricError, match="no row of the answers counts for rmspe"):
            metric.score(y_true, y_pred)
        return

    def rmspe(true: Floats, predicted: Floats) -> float:
        kept = true != 0
        largest = np.abs((true - predicted)[kept] / true[kept]).max()
        if largest == 0:
            return 0.0
        ratio = (true - predicted)[kept] / true[kept] / largest
        return float(np.sqrt(np.mean(ratio**2)) * largest)

    assert metric.score(y_true, y_pred) == pytest.approx(
        column_mean(rmspe, y_true, y_pred), rel=1e-12
    )


def test_smape_is_in_percent_and_a_pair_of_zeros_counts_0() -> None:
    metric = metrics.get("smape")
    assert metric.score([0.0, 0.0], [0.0, 0.0]) == 0.0
    assert metric.score([0.0, 1.0], [5.0, 1.0]) == 100.0
    assert metric.score([1e308], [-1e308]) == 200.0
    assert metric.score([1e308], [1.5e308]) == pytest.approx(40.0)
    assert metric.score([5e-324], [0.0]) == 200.0


def test_several_quantiles_of_one_target() -> None:
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.normal(size=40), rng.normal(size=(40, 3))
    weight = rng.uniform(0.5, 2.0, 40)
    expected = np.mean(
        [
            sk.mean_pinball_loss(y_true, y_pred[:, j], alpha=alpha, sample_weight=weight)
            for j, alpha in enumerate((0.1, 0.5, 0.9))
        ]
    )
    metric = metrics.get("pinball", alpha="0.1,0.5,0.9")
    assert close(metric.score(y_true, y_pred, weight=weight), float(expected))
    repeated = np.repeat(y_true[:, np.newaxis], 3, axis=1)
    assert close(metric.score(repeated, y_pred, weight=weight), float(expected))
    assert close(
        metrics.get("pinball", alpha=[0.9]).score(y_true, y_pred[:, 0]),
        sk.mean_pinball_loss(y_true, y_pred[:, 0], alpha=0.9),
    )
    with pytest.raises(UsageError, match="pinball of 3 quantiles, but 2 columns of predictions"):
        metric.score(y_true, y_pred[:, :2])
    with pytest.raises(UsageError, match="3 quantiles take one column of answers, or 3"):
        metric.score(y_pred[:, :2], y_pred)


def root_mean_square(errors: list[Fraction]) -> float:
    """Root of the mean of squares of exact numbers, whatever their size."""
    largest = max(abs(error) for error in errors)
    if largest == 0:
        return 0.0
    mean = sum((error / largest) ** 2 for error in errors) / len(errors)
    return float(largest) * math.sqrt(mean)


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(
        st.tuples(
            st.floats(-8e307, 8e307, allow_nan=False), st.floats(-8e307, 8e307, allow_nan=False)
        ),
        min_size=1,
        max_size=20,
    ),
    scale=st.sampled_from([1.0, 1e-200, 1e-300]),
)
def test_rmse_and_mae_at_all_magnitudes(data: list[tuple[float, float]], scale: float) -> None:
    y_true, y_pred = np.array(data).T * scale
    errors = [
        Fraction(float(true)) - Fraction(float(predicted))
        for true, predicted in zip(y_true, y_pred, strict=True)
    ]
    assert metrics.get("rmse").score(y_true, y_pred) == pytest.approx(
        root_mean_square(errors), rel=1e-12, abs=1e-322
    )
    assert metrics.get("mae").score(y_true, y_pred) == pytest.approx(
        float(sum(map(abs, errors)) / len(errors)), rel=1e-12, abs=1e-322
    )


def test_huge_and_tiny_values_neither_over_nor_underflow() -> None:
    rmse = metrics.get("rmse")
    assert rmse.score([1e200, 3e200], [0.0, 0.0]) == pytest.approx(math.sqrt(5) * 1e200)
    assert rmse.score([1e-300, 3e-300], [0.0, 0.0]) == pytest.approx(math.sqrt(5) * 1e-300)
    two = rmse.score([[1e200, 1.0], [1e200, 1.0]], [[0.0, 3.0], [0.0, 3.0]])
    assert two == pytest.approx(5e199)
    assert metrics.get("mae").score([1.7e308] * 3, [0.0] * 3) == pytest.approx(1.7e308)
    for name in ("r2", "explained_variance"):
        metric = metrics.get(name)
        values, guesses = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
        for scale in (1e-300, 1e-200, 1e200, 1e300):
            assert close(
                metric.score(values * scale, guesses * scale), metric.score(values, guesses)
            )
    assert metrics.get("median_absolute_error").score([1.7e308] * 2, [0.0] * 2) == 1.7e308
    with pytest.raises(MetricError, match="mse of these values is too large for a number"):
        metrics.get("mse").score([1e200], [0.0])
    with pytest.raises(MetricError, match="rmse of these values is too large for a number"):
        rmse.score([1.7e308], [-1.7e308])


@pytest.mark.parametrize("name", ["r2", "explained_variance"])
def test_one_wild_prediction_leaves_the_spread_of_the_answers(name: str) -> None:
    metric = metrics.get(name)
    answers = np.array([1.0, 2.0, 4.0])
    wild = metric.score(answers, np.array([2.0**460, 2.0, 4.0]))
    tame = metric.score(answers, np.array([2.0**60, 2.0, 4.0]))
    assert wild == pytest.approx(tame * 2.0**800, rel=1e-12)
    with pytest.raises(MetricError, match=f"{name} of these values is too large for a number"):
        metric.score(answers, np.array([1e200, 2.0, 4.0]))


def test_float32_and_integers_are_computed_in_float64() -> None:
    rng = np.random.default_rng(6)
    single = rng.normal(size=(2, 1000)).astype(np.float32)
    double = single.astype(np.float64)
    small = rng.integers(-128, 127, (2, 1000)).astype(np.int8)
    large = small.astype(np.float64)
    for name in ("rmse", "mae", "r2", "pearson", "smape", "median_absolute_error"):
        metric = metrics.get(name)
        assert metric.score(*single) == metric.score(*double)
        assert metric.score(*small) == metric.score(*large)
    assert metrics.get("rmse").score(np.float16([300.0]), np.float16([0.0])) == 300.0


def test_long_columns_against_scikit_learn() -> None:
    rng = np.random.default_rng(7)
    y_true, weight = rng.normal(size=300_000), rng.uniform(0.5, 2.0, 300_000)
    y_pred = y_true + rng.normal(size=300_000)
    for w in (None, weight):
        for name, theirs in (
            ("rmse", sk.root_mean_squared_error),
            ("mae", sk.mean_absolute_error),
            ("r2", sk.r2_score),
            ("median_absolute_error", sk.median_absolute_error),
        ):
            expected = theirs(y_true, y_pred, sample_weight=w)
            assert close(metrics.get(name).score(y_true, y_pred, weight=w), expected)
            ours = metrics.get(name).score(y_true.reshape(-1, 3), y_pred.reshape(-1, 3))
            expected = theirs(y_true.reshape(-1, 3), y_pred.reshape(-1, 3))
            assert close(ours, expected)


@pytest.mark.parametrize("rows", [3, 100_000])
def test_values_without_a_logarithm_are_refused_with_their_row(rows: int) -> None:
    metric = metrics.get("rmsle")
    fine, bad = np.ones(rows), np.ones(rows)
    bad[rows - 2] = -1.0
    with pytest.raises(MetricError, match="a prediction is -1 or less: rmsle has no") as caught:
        metric.score(fine, bad)
    assert caught.value.row == rows - 2
    with pytest.raises(MetricError, match="an answer is -1 or less: rmsle has no") as caught:
        metric.score(bad, fine)
    assert caught.value.row == rows - 2
    assert metric.score(fine, np.full(rows, -0.999)) == pytest.approx(math.log(2) - math.log(1e-3))


def test_a_row_is_named_as_the_caller_counts_it() -> None:
    weight = [0.0, 1.0, 1.0, 0.0, 1.0]
    with pytest.raises(MetricError, match="a prediction is -1 or less") as caught:
        metrics.get("rmsle").score([1.0] * 5, [-3.0, 1.0, 1.0, -3.0, -2.0], weight=weight)
    assert caught.value.row == 4


@pytest.mark.parametrize(
    ("name", "parameters", "y_true", "y_pred", "message"),
    [
        ("poisson_deviance", {}, [1.0, -1.0], [1.0, 1.0], "an answer is negative"),
        ("poisson_deviance", {}, [1.0, 0.0], [1.0, 0.0], "a prediction is 0 or less"),
        ("gamma_deviance", {}, [1.0, 0.0], [1.0, 1.0], "an answer is 0 or less"),
        ("gamma_deviance", {}, [1.0, 1.0], [1.0, -2.0], "a prediction is 0 or less"),
        ("tweedie_deviance", {"power": 1.5}, [1.0, -1.0], [1.0, 1.0], "an answer is negative"),
        ("tweedie_deviance", {"power": 3}, [1.0, 0.0], [1.0, 1.0], "an answer is 0 or less"),
        ("tweedie_deviance", {"power": -1}, [1.0, 1.0], [1.0, 0.0], "a prediction is 0 or less"),
    ],
)
def test_deviances_refuse_what_their_distribution_cannot_give(
    name: str, parameters: dict[str, float], y_true: Any, y_pred: Any, message: str
) -> None:
    with pytest.raises(MetricError, match=message) as caught:
        metrics.get(name, **parameters).score(y_true, y_pred)
    assert caught.value.row == 1


def test_the_normal_deviance_takes_any_number() -> None:
    assert metrics.get("tweedie_deviance", power=0).score([-1.0, 2.0], [-3.0, 2.0]) == 2.0


@pytest.mark.parametrize("name", ["r2", "explained_variance"])
def test_variance_needs_two_rows(name: str) -> None:
    with pytest.raises(MetricError, match=f"{name} needs at least two rows"):
        metrics.get(name).score([1.0], [1.0])
    with pytest.raises(MetricError, match=f"{name} needs at least two rows"):
        metrics.get(name).score([1.0, 2.0], [1.0, 1.0], weight=[1, 0])
    with pytest.raises(MetricError, match="all answers are equal"):
        metrics.get(name).score([[1.0, 2.0], [2.0, 2.0]], [[1.0, 2.0], [2.0, 2.0]])


@pytest.mark.parametrize("name", ["rmse", "mae", "r2", "smape", "pinball", "pearson"])
def test_refused_numbers(name: str) -> None:
    metric = metrics.get(name)
    cases: list[tuple[Any, Any, str, int | None]] = [
        ([], [], "there are no rows to score", None),
        (np.zeros((0, 2)), np.zeros((0, 2)), "there are no rows to score", None),
        (np.zeros((2, 0)), np.zeros((2, 0)), "there are no rows to score", None),
        (1.0, 1.0, "the answers must be a column or a table, not 0-d", None),
        ([1.0, 2.0], [1.0], "2 answers, but 1 predictions", None),
        ([1.0, 2.0], [[1.0], [1.0, 2.0]], "the predictions have rows of different lengths", None),
        ([1.0, 2.0], [[1.0, 2.0], [1.0, 2.0]], "answers have 1 columns, predictions 2", None),
        ([1.0, np.nan], [1.0, 2.0], "an answer is missing", 1),
        ([1.0, 2.0], [np.nan, 2.0], "a prediction is missing", 0),
        ([1.0, 2.0], [1.0, -np.inf], "a prediction is infinite", 1),
        ([[1.0, 2.0], [1.0, np.inf]], [[1.0, 2.0]] * 2, "an answer is infinite", 1),
        ([1.0, 2.0], ["a", "b"], "the predictions are not numbers", None),
        ([1.0, 2.0], [1j, 2j], "the predictions are not numbers", None),
        (np.array([1.0, None], dtype=object), [1.0, 2.0], "an answer is missing", 1),
        (np.array([1.0, "x"], dtype=object), [1.0, 2.0], "the answers are not all numbers", None),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for y_true, y_pred, message, row in cases:
            with pytest.raises(MetricError, match=message) as caught:
                metric.score(y_true, y_pred)
            assert caught.value.row == row


@pytest.mark.parametrize(
    ("weight", "message", "row"),
    [
        ([1.0, -1.0], "a weight is negative, missing or infinite", 1),
        ([np.nan, 1.0], "a weight is negative, missing or infinite", 0),
        ([np.inf, 1.0], "a weight is negative, missing or infinite", 0),
        ([0.0, 0.0], "all weights are 0", None),
        ([1.0], r"2 rows, but weights of shape \(1,\)", None),
        ([[1.0], [1.0]], r"2 rows, but weights of shape \(2, 1\)", None),
        (["a", "b"], "the weights must be numbers", None),
    ],
)
def test_refused_weights(weight: Any, message: str, row: int | None) -> None:
    with pytest.raises(MetricError, match=message) as caught:
        metrics.get("rmse").score([1.0, 2.0], [1.0, 2.0], weight=weight)
    assert caught.value.row == row


def test_weights_of_any_size_scale_out() -> None:
    y_true, y_pred, weight = [1.0, 2.0, 4.0], [2.0, 2.0, 1.0], np.array([1.0, 2.0, 3.0])
    for name in ("rmse", "mae", "r2", "median_absolute_error", "pearson", "spearman"):
        metric = metrics.get(name)
        expected = metric.score(y_true, y_pred, weight=weight)
        for scale in (1e-300, 1e300):
            assert metric.score(y_true, y_pred, weight=weight * scale) == pytest.approx(expected)
