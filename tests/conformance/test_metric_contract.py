"""What every registered metric owes its callers, whatever it measures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError
from practice.metrics import Metric

Case = tuple[Metric, NDArray[Any], NDArray[Any], NDArray[Any], tuple[str, ...] | None]

ROWS = 40

# Metrics that cannot be had without parameters, and further forms of some that can.
PARAMETERS: dict[str, list[dict[str, Any]]] = {
    "f_beta": [{"beta": 2.0}, {"beta": 0.5, "average": "macro"}],
    "partial_roc_auc": [{"min_tpr": 0.8}],
    "top_k_error": [{"k": 1}, {"k": 3}],
    "tweedie_deviance": [{"power": power} for power in (-1.0, 0.0, 1.0, 1.5, 2.0, 3.0)],
    "f1": [{"average": a} for a in ("binary", "macro", "micro", "weighted", "samples")],
    "jaccard": [{"average": a} for a in ("binary", "macro", "samples")],
    "precision": [{"average": a} for a in ("binary", "macro", "samples")],
    "recall": [{"average": a} for a in ("binary", "macro", "samples")],
    "hamming_loss": [{}, {"multilabel": True}],
    "cohen_kappa": [{"weights": weights} for weights in (None, "linear", "quadratic")],
    "roc_auc": [{"average": average} for average in ("macro", "weighted", "micro")],
    "log_loss": [{}, {"normalize": False}, {"weights": "1,2,3"}],
    "pinball": [{}, {"alpha": 0.9}],
}

# Metrics that see columns as one distribution, or one ranking, over them.
TABLES = {"kl_divergence", "lwlrap"}


def metric_forms() -> list[Metric]:
    return [
        metrics.get(name, **parameters)
        for name in metrics.names()
        for parameters in PARAMETERS.get(name, [{}])
    ]


def cases(metric: Metric) -> Iterator[Case]:
    """Yield answers, fair predictions, perfect predictions and class names."""
    rng = np.random.default_rng(20)
    if metric.takes == "labels":
        true = _lists(rng, single=metric.name == "top_k_error")
        guess = np.array([" ".join([t.split()[-1], "c1", "x"]) for t in true[::-1]])
        yield metric, true, guess, true, None
    elif metric.takes == "label":
        true = rng.integers(0, 2 if metric.parameters.get("average") == "binary" else 4, ROWS)
        guess = np.where(rng.random(ROWS) < 0.6, true, true[::-1])
        names = tuple(str(code) for code in range(int(true.max()) + 1))
        yield metric, true, guess, true, None
        yield metric, true.astype(np.int8), guess.astype(np.int8), true.astype(np.int8), names
        yield metric, true.astype(str), guess.astype(str), true.astype(str), None
        two = np.column_stack([true, true[::-1]])
        yield metric, two, np.column_stack([guess, guess]), two, None
    elif metric.per_class or metric.takes == "probability":
        yield from _outcomes(metric, rng)
    else:
        true = rng.gamma(2.0, 3.0, ROWS) if metric.name != "probabilistic_f1" else None
        true = rng.integers(0, 2, ROWS).astype(np.float64) if true is None else true
        guess = np.abs(true + rng.normal(size=ROWS)) + 0.01
        yield metric, true, guess, true, None
        yield metric, true, np.round(guess) + 1, true, None
        two = np.column_stack([true, true[::-1]])
        yield metric, two, np.column_stack([guess, guess]), two, None


def _lists(rng: np.random.Generator, *, single: bool) -> NDArray[Any]:
    sizes = np.ones(ROWS, dtype=int) if single else rng.integers(1, 4, ROWS)
    return np.array([" ".join(f"c{c}" for c in rng.permutation(5)[:size]) for size in sizes])


def _outcomes(metric: Metric, rng: np.random.Generator) -> Iterator[Case]:
    codes = np.concatenate([np.arange(3), rng.integers(0, 3, ROWS - 3)])
    one_hot = np.eye(3)[codes]
    chances = 0.5 * rng.dirichlet(np.ones(3), ROWS) + 0.5 * one_hot[::-1]
    if metric.name not in TABLES and "weights" not in metric.parameters:
        true = (codes == 1).astype(np.int8)
        yield metric, true, chances[:, 1], true.astype(float), None
        yield metric, true.astype(bool), np.round(chances[:, 1], 1), true.astype(float), None
    if metric.per_class:
        yield metric, codes, chances, one_hot, None
        yield metric, codes.astype(np.int8), chances, one_hot, ("a", "b", "c")
    yield metric, one_hot, chances, one_hot, None


FORMS = [
    pytest.param(case, id=f"{metric.name}-{metric.parameters}-{number}")
    for metric in metric_forms()
    for number, case in enumerate(cases(metric))
]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """Fail on any warning, numpy's among them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def near(value: float, other: float) -> bool:
    return abs(value - other) <= 1e-12 * max(1.0, abs(other))


@pytest.mark.parametrize("case", FORMS)
def test_a_score_is_a_finite_float_within_the_range(case: Case) -> None:
    metric, true, guess, _, labels = case
    score = metric.score(true, guess, labels=labels)
    assert type(score) is float
    assert math.isfinite(score)
    assert metric.range[0] <= score <= metric.range[1]


@pytest.mark.parametrize("case", FORMS)
def test_a_perfect_prediction_gives_the_best_of_the_range(case: Case) -> None:
    metric, true, guess, perfect, labels = case
    best = metric.range[1] if metric.greater_is_better else metric.range[0]
    score = metric.score(true, perfect, labels=labels)
    assert abs(score - best) < 1e-9
    fair = metric.score(true, guess, labels=labels)
    assert fair <= score if metric.greater_is_better else fair >= score


@pytest.mark.parametrize("case", FORMS)
def test_the_order_of_rows_does_not_matter(case: Case) -> None:
    metric, true, guess, _, labels = case
    order = np.random.default_rng(21).permutation(ROWS)
    score = metric.score(true, guess, labels=labels)
    assert near(metric.score(true[order], guess[order], labels=labels), score)


@pytest.mark.parametrize("case", FORMS)
def test_equal_weights_are_no_weights(case: Case) -> None:
    metric, true, guess, _, labels = case
    score = metric.score(true, guess, labels=labels)
    for weight in (1, 1.0, 0.37):
        equal = np.full(ROWS, weight)
        assert near(metric.score(true, guess, labels=labels, weight=equal), score)


@pytest.mark.parametrize("case", FORMS)
def test_integer_weights_are_repeated_rows(case: Case) -> None:
    metric, true, guess, _, labels = case
    weight = np.random.default_rng(22).integers(0, 4, ROWS)
    weight[:3] = 1  # so that every class stays
    repeated = metric.score(
        np.repeat(true, weight, axis=0), np.repeat(guess, weight, axis=0), labels=labels
    )
    assert near(metric.score(true, guess, labels=labels, weight=weight), repeated)


@pytest.mark.parametrize("case", FORMS)
def test_missing_values_are_refused_with_their_row(case: Case) -> None:
    metric, true, guess, _, labels = case
    for which in (0, 1):
        pair = [_with_room_for_missing(true), _with_room_for_missing(guess)]
        pair[which][7] = np.nan if pair[which].dtype.kind == "f" else None
        with pytest.raises(MetricError, match="is missing") as caught:
            metric.score(pair[0], pair[1], labels=labels)
        assert caught.value.row == 7


def _with_room_for_missing(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    return values.astype(object)


@pytest.mark.parametrize("case", FORMS)
def test_inputs_are_not_changed(case: Case) -> None:
    metric, true, guess, _, labels = case
    weight = np.linspace(0.0, 1.0, ROWS)
    before = [true.copy(), guess.copy(), weight.copy()]
    for array in (true, guess, weight):
        array.setflags(write=False)
    metric.score(true, guess, labels=labels, weight=weight)
    for array, copy in zip((true, guess, weight), before, strict=True):
        assert np.array_equal(array, copy)


@pytest.mark.parametrize("metric", metric_forms(), ids=lambda m: f"{m.name}-{m.parameters}")
def test_nothing_to_score_is_refused(metric: Metric) -> None:
    with pytest.raises(MetricError, match="there are no rows to score"):
        metric.score([], [])
    with pytest.raises(MetricError, match="2 answers, but 3 predictions"):
        metric.score(["1", "2"], ["1", "2", "3"])
