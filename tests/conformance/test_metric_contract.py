"""What every registered metric owes its callers, whatever it measures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError
from practice.metrics import Metric
from practice.metrics.extras import TRAINING
from practice.metrics.registry import MODULES
from practice.metrics.samples import example

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
    # Answers have three items: with more places, or fewer, not even the answer itself scores 1.
    "map_at_k": [{"k": k} for k in (1, 3, 5)],
    "ndcg_at_k": [{"k": k} for k in (1, 3, 5)],
    "precision_at_k": [{"k": 1}, {"k": 3}],
    "recall_at_k": [{"k": 3}, {"k": 5}],
    "levenshtein": [{}, {"unit": "tokens"}, {"normalize": "total"}],
    "dice": [{}, {"average": "global"}, {"order": "row"}],
    "f_beta_mask": [{"beta": 0.5}, {"beta": 2.0}],
    "iou_precision": [{}, {"thresholds": (0.0, 0.3)}],
    "crps": [{"quantiles": (0.1, 0.5, 0.9)}, {"thresholds": (0.0, 10.0, 20.0)}],
    "laplace_log_likelihood": [{}, {"min_sigma": 10.0, "max_delta": 100.0}],
    "haversine": [{}, {"group": "group"}, {"percentiles": (10.0,)}],
    "group_log_mae": [{"group": "group"}],
    "mase": [{"period": 1}, {"period": 7}],
    "owa": [{"period": 1}, {"period": 7}],
}

# Metrics that see columns as one distribution, or one ranking, over them.
TABLES = {"kl_divergence", "lwlrap"}

# Metrics of lists and numbers with a form of their own, for which a sample is made.
_SAMPLED = (
    *("retrieval", "orders", "texts", "masks", "boxes"),
    *("likelihood", "spatial", "log_errors", "forecasts", "clusters", "generated"),
)
FORMED = {name for module in _SAMPLED for name in MODULES[module]}


@dataclass(frozen=True)
class Case:
    """A metric with answers, fair and perfect predictions, and what else it is told."""

    metric: Metric
    true: NDArray[Any]
    guess: NDArray[Any]
    perfect: NDArray[Any]
    labels: tuple[str, ...] | None = None
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def score(self, weight: Any = None) -> float:
        return self.metric.score(
            self.true, self.guess, labels=self.labels, extras=self.extras, weight=weight
        )

    def take(self, rows: NDArray[np.intp]) -> Case:
        """Return the case with some of its rows; the training series stay."""
        extras = {n: v if n in TRAINING else v[rows] for n, v in self.extras.items()}
        return replace(self, true=self.true[rows], guess=self.guess[rows], extras=extras)


def metric_forms() -> list[Metric]:
    return [
        metrics.get(name, **parameters)
        for name in metrics.names()
        for parameters in PARAMETERS.get(name, [{}])
    ]


def cases(metric: Metric) -> Iterator[Case]:
    rng = np.random.default_rng(20)
    if metric.name in FORMED:
        made = example(metric)
        yield Case(
            metric, made.y_true, made.fair, _perfect(metric, made.y_true), extras=made.extras
        )
    elif metric.takes == "labels":
        true = _lists(rng, single=metric.name == "top_k_error")
        guess = np.array([" ".join([t.split()[-1], "c1", "x"]) for t in true[::-1]])
        yield Case(metric, true, guess, true)
    elif metric.takes == "label":
        true = rng.integers(0, 2 if metric.parameters.get("average") == "binary" else 4, ROWS)
        guess = np.where(rng.random(ROWS) < 0.6, true, true[::-1])
        names = tuple(str(code) for code in range(int(true.max()) + 1))
        yield Case(metric, true, guess, true)
        small = true.astype(np.int8)
        yield Case(metric, small, guess.astype(np.int8), small, names)
        yield Case(metric, true.astype(str), guess.astype(str), true.astype(str))
        two = np.column_stack([true, true[::-1]])
        yield Case(metric, two, np.column_stack([guess, guess]), two)
    elif metric.per_class or metric.takes == "probability":
        yield from _outcomes(metric, rng)
    else:
        true = rng.gamma(2.0, 3.0, ROWS) if metric.name != "probabilistic_f1" else None
        true = rng.integers(0, 2, ROWS).astype(np.float64) if true is None else true
        guess = np.abs(true + rng.normal(size=ROWS)) + 0.01
        yield Case(metric, true, guess, true)
        yield Case(metric, true, np.round(guess) + 1, true)
        two = np.column_stack([true, true[::-1]])
        yield Case(metric, two, np.column_stack([guess, guess]), two)


def _perfect(metric: Metric, true: NDArray[Any]) -> NDArray[Any]:
    """Return the best predictions for answers of a form of their own."""
    if metric.name == "points_in_boxes_f1":
        boxes = [cell.split() for cell in true]
        return np.array([f"{b[0]} {int(b[1]) + 9} {int(b[2]) + 9}" for b in boxes], object)
    if metric.name == "laplace_log_likelihood":
        return np.column_stack([true, np.zeros(len(true))])
    if metric.name == "crps" and metric.takes == "number":
        return np.repeat(true[:, np.newaxis], 3, axis=1)
    if metric.name == "crps":
        return (true[:, np.newaxis] <= metric.parameters["thresholds"]).astype(np.float64)
    return true


def _lists(rng: np.random.Generator, *, single: bool) -> NDArray[Any]:
    sizes = np.ones(ROWS, dtype=int) if single else rng.integers(1, 4, ROWS)
    return np.array([" ".join(f"c{c}" for c in rng.permutation(5)[:size]) for size in sizes])


def _outcomes(metric: Metric, rng: np.random.Generator) -> Iterator[Case]:
    codes = np.concatenate([np.arange(3), rng.integers(0, 3, ROWS - 3)])
    one_hot = np.eye(3)[codes]
    chances = 0.5 * rng.dirichlet(np.ones(3), ROWS) + 0.5 * one_hot[::-1]
    if metric.name not in TABLES and "weights" not in metric.parameters:
        true = (codes == 1).astype(np.int8)
        yield Case(metric, true, chances[:, 1], true.astype(float))
        yield Case(metric, true.astype(bool), np.round(chances[:, 1], 1), true.astype(float))
    if metric.per_class:
        yield Case(metric, codes, chances, one_hot)
        yield Case(metric, codes.astype(np.int8), chances, one_hot, ("a", "b", "c"))
    yield Case(metric, one_hot, chances, one_hot)


FORMS = [
    pytest.param(case, id=f"{metric.name}-{metric.parameters}-{number}")
    for metric in metric_forms()
    for number, case in enumerate(cases(metric))
]
WEIGHTED = [form for form in FORMS if form.values[0].metric.weighted]
UNWEIGHTED = [form for form in FORMS if not form.values[0].metric.weighted]
COLUMNS = [form for form in FORMS if form.values[0].metric.columns]
ONE_COLUMN = [form for form in FORMS if form.values[0].metric.several == "none"]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """Fail on any warning, numpy's among them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def near(value: float, other: float) -> bool:
    return abs(value - other) <= 1e-12 * max(1.0, abs(other))


def test_every_metric_is_in_the_contract() -> None:
    assert {form.values[0].metric.name for form in FORMS} == set(metrics.names())


@pytest.mark.parametrize("case", FORMS)
def test_a_score_is_a_finite_float_within_the_range(case: Case) -> None:
    score = case.score()
    assert type(score) is float
    assert math.isfinite(score)
    assert case.metric.range[0] <= score <= case.metric.range[1]


@pytest.mark.parametrize("case", FORMS)
def test_a_perfect_prediction_gives_the_best_of_the_range(case: Case) -> None:
    metric = case.metric
    best = metric.range[1] if metric.greater_is_better else metric.range[0]
    score = replace(case, guess=case.perfect).score()
    assert abs(score - best) < 1e-9
    fair = case.score()
    assert fair <= score if metric.greater_is_better else fair >= score


@pytest.mark.parametrize("case", FORMS)
def test_the_order_of_rows_does_not_matter(case: Case) -> None:
    order = np.random.default_rng(21).permutation(len(case.true))
    assert near(case.take(order).score(), case.score())


@pytest.mark.parametrize("case", WEIGHTED)
def test_equal_weights_are_no_weights(case: Case) -> None:
    score = case.score()
    for weight in (1, 1.0, 0.37):
        assert near(case.score(np.full(len(case.true), weight)), score)


@pytest.mark.parametrize("case", WEIGHTED)
def test_integer_weights_are_repeated_rows(case: Case) -> None:
    weight = np.random.default_rng(22).integers(0, 4, len(case.true))
    weight[:3] = 1  # so that every class stays
    repeated = case.take(np.repeat(np.arange(len(weight)), weight))
    assert near(case.score(weight), repeated.score())


@pytest.mark.parametrize("case", UNWEIGHTED)
def test_weights_without_a_meaning_are_refused(case: Case) -> None:
    with pytest.raises(MetricError, match=f"{case.metric.name} does not take weights"):
        case.score(np.ones(len(case.true)))


@pytest.mark.parametrize("case", ONE_COLUMN)
def test_several_columns_without_a_meaning_are_refused(case: Case) -> None:
    two = [np.column_stack([each, each]) for each in (case.true, case.guess)]
    with pytest.raises(MetricError, match="one column"):
        replace(case, true=two[0], guess=two[1]).score()


@pytest.mark.parametrize("case", FORMS)
def test_missing_values_are_refused_with_their_row(case: Case) -> None:
    for which in ("true", "guess"):
        values = _with_room_for_missing(getattr(case, which))
        values[7] = np.nan if values.dtype.kind == "f" else None
        with pytest.raises(MetricError, match="is missing") as caught:
            replace(case, **{which: values}).score()
        assert caught.value.row == 7


def _with_room_for_missing(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    return values.astype(object)


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_that_is_needed_and_not_there_is_named(case: Case) -> None:
    for name in case.metric.columns:
        others = {key: values for key, values in case.extras.items() if key != name}
        missing = "training series" if name in TRAINING else f"a column '{name}'"
        with pytest.raises(MetricError, match=missing):
            replace(case, extras=others).score()


@pytest.mark.parametrize("case", FORMS)
def test_inputs_are_not_changed(case: Case) -> None:
    weight = np.linspace(0.0, 1.0, len(case.true)) if case.metric.weighted else None
    arrays = [case.true, case.guess, *case.extras.values()]
    if weight is not None:
        arrays.append(weight)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    case.score(weight)
    for array, copy in zip(arrays, before, strict=True):
        assert np.array_equal(array, copy)


@pytest.mark.parametrize("metric", metric_forms(), ids=lambda m: f"{m.name}-{m.parameters}")
def test_nothing_to_score_is_refused(metric: Metric) -> None:
    with pytest.raises(MetricError, match="there are no rows to score"):
        metric.score([], [])
    with pytest.raises(MetricError, match="2 answers, but 3 predictions"):
        metric.score(["1", "2"], ["1", "2", "3"])
