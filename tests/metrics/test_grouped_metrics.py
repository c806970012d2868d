"""Metrics of forecasts, places, directions and certainty against plain references."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError, UsageError
from practice.metrics.parameters import parameters_of
from practice.metrics.registry import definition
from practice.metrics.samples import TYPICAL, example

Floats = NDArray[np.float64]
seeds = st.integers(0, 2**32 - 1)


def typical(name: str) -> metrics.Metric:
    """Return a metric, with typical values of parameters that are due."""
    more = {"quantiles": (0.1, 0.25, 0.5, 0.75, 0.9)} if name == "crps" else {}
    known = parameters_of(definition(name).function)
    due = {key: TYPICAL[key] for key, parameter in known.items() if parameter.required}
    return metrics.get(name, **due, **more)


NUMERIC = [name for name in metrics.names() if typical(name).takes in ("number", "probability")]


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


def series(seed: int) -> tuple[Floats, Floats, list[str], Floats, list[str]]:
    """Return answers, predictions and series of some rows, and the training series, mixed."""
    rng = np.random.default_rng(seed)
    names = [f"s{number}" for number in range(int(rng.integers(1, 6)))]
    training = [name for name in names for _ in range(int(rng.integers(14, 40)))]
    training = [training[at] for at in rng.permutation(len(training))]
    values = rng.gamma(3.0, 4.0, len(training)) + 1
    rows = [*names, *rng.choice(names, 20).tolist()]
    scale = 10.0 ** rng.integers(-3, 4)
    y_true, y_pred = (rng.gamma(3.0, 4.0, len(rows)) * scale for _ in range(2))
    return y_true, y_pred, rows, values * scale, training


def by_series(values: Floats, names: list[str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for value, name in zip(values.tolist(), names, strict=True):
        found[name].append(value)
    return found


def mean(values: Any) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, period=st.sampled_from([1, 2, 7, 12]))
def test_mase_is_the_mean_over_series_of_scaled_errors(seed: int, period: int) -> None:
    y_true, y_pred, rows, values, training = series(seed)
    extras = {"series": rows, "train:values": values, "train:series": training}
    errors, history = by_series(np.abs(y_true - y_pred), rows), by_series(values, training)
    expected = mean(
        mean(errors[name])
        / mean(abs(late - soon) for soon, late in zip(past, past[period:], strict=False))
        for name, past in history.items()
    )
    metric = metrics.get("mase", period=period)
    assert close(metric.score(y_true, y_pred, extras=extras), expected)
    float32 = metric.score(y_true.astype(np.float32), y_pred.astype(np.float32), extras=extras)
    assert abs(float32 - expected) < 1e-5 * expected
    twice = np.full(len(rows), 2.0)
    assert close(metric.score(y_true, y_pred, extras=extras, weight=twice), expected)


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_owa_without_a_season_is_relative_to_the_last_value(seed: int) -> None:
    y_true, y_pred, rows, values, training = series(seed)
    extras = {"series": rows, "train:values": values, "train:series": training}
    history = by_series(values, training)
    last = np.array([history[name][-1] for name in rows])

    def smape(made: Floats) -> float:
        each = 200 * np.abs(y_true - made) / (np.abs(y_true) + np.abs(made))
        return mean(mean(of) for of in by_series(each, rows).values())

    def mase(made: Floats) -> float:
        each = by_series(np.abs(y_true - made), rows)
        return mean(
            mean(each[name]) / mean(abs(b - a) for a, b in pairwise(past))
            for name, past in history.items()
        )

    expected = (smape(y_pred) / smape(last) + mase(y_pred) / mase(last)) / 2
    assert close(metrics.get("owa", period=1).score(y_true, y_pred, extras=extras), expected)
    assert close(metrics.get("owa", period=1).score(y_true, last, extras=extras), 1.0)


def test_the_naive_forecast_of_a_seasonal_series_follows_the_season() -> None:
    season = np.array([10.0, 20.0, 40.0, 30.0])
    past = np.concatenate([season * (1.0 + 0.02 * (cycle % 2)) for cycle in range(12)])
    extras = {
        "series": ["a"] * 4,
        "step": [1, 2, 3, 4],
        "train:values": past,
        "train:series": ["a"] * len(past),
    }
    metric = metrics.get("owa", period=4)
    # The last cycle was 2 % above the season, and so is the naive forecast of the next.
    truth = season * 1.3
    assert metric.score(truth, season * 1.02, extras=extras) == pytest.approx(1.0, abs=0.05)
    assert metric.score(truth, np.full(4, 30.6), extras=extras) > 1.5
    assert metric.score(truth, truth, extras=extras) == 0.0
    with pytest.raises(MetricError, match="a step is not a whole number above 0") as caught:
        metric.score(truth, truth, extras={**extras, "step": [1, 2, 0, 4]})
    assert caught.value.row == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train:values": [1.0, math.nan, 3.0]}, "training value"),
        ({"train:series": ["b"] * 3}, "a series without training values"),
        ({"train:values": [2.0, 2.0, 2.0]}, "repeats itself"),
        ({"train:values": [2.0], "train:series": ["a"]}, "no more than a period"),
        ({"series": [None, "a"]}, "a series"),
    ],
)
def test_series_that_give_no_scale_are_refused(change: dict[str, Any], message: str) -> None:
    extras = {"series": ["a", "a"], "train:values": [1.0, 2.0, 4.0], "train:series": ["a"] * 3}
    metric = metrics.get("mase", period=1)
    assert metric.score([1, 2], [2, 2], extras=extras) == pytest.approx(0.5 / 1.5)
    with pytest.raises(MetricError) as caught:
        metric.score([1, 2], [2, 2], extras={**extras, **change})
    words = caught.value.message
    assert message in words or "training" in words or "series" in words


@settings(max_examples=60, deadline=None)
@given(seed=seeds, weighted=st.booleans())
def test_group_log_mae_averages_logarithms(seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 200))
    group = rng.integers(0, 7, rows).astype(str)
    y_true = rng.normal(size=rows) * 10.0 ** rng.integers(-150, 150)
    y_pred = np.where(rng.random(rows) < 0.2, y_true, y_true * rng.normal(size=rows))
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    logs = []
    for name in np.unique(group):
        of = group == name
        error = np.average(
            np.abs(y_true - y_pred)[of], weights=None if weight is None else weight[of]
        )
        logs.append(math.log(max(error, 1e-9)))
    metric = metrics.get("group_log_mae", group="g")
    assert close(metric.score(y_true, y_pred, weight=weight, extras={"g": group}), mean(logs))


def great_circle(one: Floats, other: Floats) -> float:
    """Return the distance by the angle between unit vectors, in metres."""
    vectors = []
    for latitude, longitude in (one, other):
        north, east = math.radians(latitude), math.radians(longitude)
        vectors.append(
            np.array(
                [
                    math.cos(north) * math.cos(east),
                    math.cos(north) * math.sin(east),
                    math.sin(north),
                ]
            )
        )
    apart = math.atan2(float(np.linalg.norm(np.cross(*vectors))), float(np.dot(*vectors)))
    return 6_371_000 * apart


@settings(max_examples=40, deadline=None)
@given(seed=seeds, grouped=st.booleans())
def test_haversine_is_the_mean_of_percentiles(seed: int, grouped: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 60))
    y_true = np.column_stack([rng.uniform(-90, 90, rows), rng.uniform(-180, 180, rows)])
    y_pred = np.clip(y_true + rng.normal(size=(rows, 2)), -90, 90)
    phone = rng.integers(0, 4, rows).astype(str) if grouped else np.full(rows, "x")
    distances = np.array([great_circle(*pair) for pair in zip(y_true, y_pred, strict=True)])
    expected = mean(
        (np.percentile(distances[phone == name], 50) + np.percentile(distances[phone == name], 95))
        / 2
        for name in np.unique(phone)
    )
    metric = metrics.get("haversine", **({"group": "phone"} if grouped else {}))
    ours = metric.score(y_true, y_pred, extras={"phone": phone})
    assert abs(ours - expected) <= 1e-9 * max(1.0, expected)


def test_known_distances() -> None:
    metric = metrics.get("haversine", percentiles=[50])
    quarter = 6_371_000 * math.pi / 2
    assert metric.score([[90.0, 0.0]], [[0.0, 123.0]]) == pytest.approx(quarter)
    assert metric.score([[10.0, 179.5]], [[10.0, -180.5]]) == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(MetricError, match="latitude of a prediction") as caught:
        metric.score([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [91.0, 0.0]])
    assert caught.value.row == 1
    with pytest.raises(MetricError, match="takes two target columns, not 1"):
        metric.score([1.0], [1.0])


@settings(max_examples=60, deadline=None)
@given(seed=seeds, weighted=st.booleans())
def test_angles_are_those_between_unit_vectors(seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 100))
    y_true, y_pred = (
        np.column_stack([rng.uniform(0, 2 * np.pi, rows), rng.uniform(0, np.pi, rows)])
        for _ in range(2)
    )
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None

    def vector(angles: Floats) -> Floats:
        azimuth, zenith = angles.T
        return np.column_stack(
            [np.cos(azimuth) * np.sin(zenith), np.sin(azimuth) * np.sin(zenith), np.cos(zenith)]
        )

    true, predicted = vector(y_true), vector(y_pred)
    sine = np.linalg.norm(np.cross(true, predicted), axis=1)
    angles = np.arctan2(sine, (true * predicted).sum(axis=1))
    expected = float(np.average(angles, weights=weight))
    assert close(metrics.get("mean_angular_error").score(y_true, y_pred, weight=weight), expected)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, weighted=st.booleans())
def test_laplace_log_likelihood_is_that_of_scipy_within_its_limits(
    seed: int, weighted: bool
) -> None:
    import scipy.stats

    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 100))
    y_true = rng.normal(2500, 600, rows)
    y_pred = np.column_stack([y_true + rng.laplace(0, 300, rows), rng.uniform(0, 500, rows)])
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    sigma = np.maximum(y_pred[:, 1], 70)
    delta = np.minimum(np.abs(y_true - y_pred[:, 0]), 1000)
    logs = scipy.stats.laplace.logpdf(delta, scale=sigma / math.sqrt(2))
    expected = float(np.average(logs, weights=weight))
    metric = metrics.get("laplace_log_likelihood")
    assert close(metric.score(y_true, y_pred, weight=weight), expected)
    with pytest.raises(MetricError):
        metric.score(y_true, y_pred[:, 0])


@settings(max_examples=60, deadline=None)
@given(seed=seeds, weighted=st.booleans())
def test_crps_of_quantiles_is_twice_the_pinball_loss(seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    rows, levels = int(rng.integers(1, 100)), (0.1, 0.5, 0.75)
    y_true = rng.normal(size=rows)
    y_pred = np.sort(rng.normal(size=(rows, 3)), axis=1)
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    expected = 2 * mean(
        metrics.get("pinball", alpha=level).score(y_true, y_pred[:, at], weight=weight)
        for at, level in enumerate(levels)
    )
    metric = metrics.get("crps", quantiles=levels)
    assert metric.outputs == ("0.1", "0.5", "0.75")
    assert close(metric.score(y_true, y_pred, weight=weight), expected)


@settings(max_examples=60, deadline=None)
@given(seed=seeds)
def test_crps_of_thresholds_is_a_mean_of_squares(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, thresholds = int(rng.integers(1, 50)), [-1.0, 0.0, 0.5, 2.0]
    y_true = rng.choice([-1.0, 0.0, 0.3, 5.0], rows)
    y_pred = np.sort(rng.random((rows, 4)), axis=1)
    expected = mean(
        (y_pred[row, at] - (y_true[row] <= value)) ** 2
        for row in range(rows)
        for at, value in enumerate(thresholds)
    )
    metric = metrics.get("crps", thresholds=thresholds)
    assert close(metric.score(y_true, y_pred), expected)


def test_distributions_that_are_none_are_refused() -> None:
    metric = metrics.get("crps", thresholds=[0, 1])
    for wrong, message in (
        ([[0.5, 1.2]], "not a probability"),
        ([[0.5, 0.2]], "descend"),
        ([[0.5, 0.6, 0.7]], "2"),
    ):
        with pytest.raises(MetricError, match=message):
            metric.score([0.5], wrong)
    with pytest.raises(UsageError, match="either quantiles"):
        metrics.get("crps")
    with pytest.raises(UsageError, match="ascend"):
        metrics.get("crps", quantiles=[0.5, 0.1])


@pytest.mark.parametrize("name", NUMERIC)
def test_nothing_missing_or_infinite_is_scored(name: str) -> None:
    metric = typical(name)
    made = example(metric)
    fair: Floats = np.array(made.fair, dtype=np.float64)
    for bad in (math.nan, math.inf, -math.inf):
        guess = fair.copy()
        guess.reshape(len(guess), -1)[3, 0] = bad
        with pytest.raises(MetricError) as caught:
            metric.score(made.y_true, guess, extras=made.extras)
        assert caught.value.row in (3, None)
        assert caught.value.message
    with pytest.raises(MetricError):
        metric.score(np.asarray(made.y_true)[:0], fair[:0], extras=made.extras)
    with pytest.raises(MetricError):
        metric.score(made.y_true, fair[:-1], extras=made.extras)
