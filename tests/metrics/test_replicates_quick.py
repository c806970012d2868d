"""Replicates: quick ways against the loop on the same rows, and at scale against exact drawing."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError, UsageError
from practice.metrics import replicates as module
from practice.metrics.drawing import draw
from practice.metrics.plan import Plan

MB = 1 << 20
NUMBERS = (
    "rmse",
    "mae",
    "smape",
    "rmspe",
    "r2",
    "explained_variance",
    "pearson",
    "spearman",
    "median_absolute_error",
    "gini_normalized",
)


def looped(metric: metrics.Metric, y_true: Any, y_pred: Any, plan: Plan, **options: Any) -> Any:
    """Score each replicate with its counts as weights; NaN where it is refused."""
    weight = options.pop("weight", None)
    values = []
    for counts in plan.drawn(0, plan.replicates):
        each = counts.astype(float) if weight is None else counts * weight
        try:
            values.append(metric.score(y_true, y_pred, weight=each, **options))
        except MetricError:
            values.append(np.nan)
    return np.array(values)


def same(values: Any, others: Any) -> bool:
    assert np.array_equal(np.isnan(values), np.isnan(others))
    apart = np.abs(values - others) / np.maximum(1.0, np.abs(others))
    return bool(np.nanmax(apart, initial=0.0) <= 1e-10)


sizes = st.integers(1, 60)


@st.composite
def plans(draw_: st.DrawFn, rows: int) -> Plan:
    """Draw a plan with a column for each row, or one of blocks, or some rows of another."""
    seed, kind = draw_(st.integers(0, 2**32)), draw_(st.sampled_from(["rows", "blocks", "some"]))
    bits = np.random.default_rng(seed)
    if kind == "rows":
        return Plan(bits.poisson(1.0, (20, rows)).astype(np.uint8))
    if kind == "some":
        return Plan(bits.poisson(1.0, (20, rows + 5)).astype(np.uint8)).take(
            bits.permutation(rows + 5)[:rows]
        )
    blocks = max(1, rows // 4)
    column = bits.integers(0, blocks, rows).astype(np.uint16)
    return Plan(bits.poisson(1.0, (20, blocks)).astype(np.uint8), column)


@st.composite
def weights(draw_: st.DrawFn, rows: int) -> NDArray[np.float64] | None:
    """No weights, or some, a few of them 0."""
    if draw_(st.booleans()):
        return None
    some = np.array(draw_(st.lists(st.integers(0, 5), min_size=rows, max_size=rows)), float)
    return some if some.any() else some + 1.0


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(NUMBERS))
def test_numbers(data: st.DataObject, name: str) -> None:
    rows = data.draw(sizes)
    scale = data.draw(st.sampled_from([1e-150, 1.0, 1e150]))
    number = st.integers(-6, 6).map(lambda n: n * scale)
    pair = [np.array(data.draw(st.lists(number, min_size=rows, max_size=rows))) for _ in range(2)]
    plan, weight, metric = data.draw(plans(rows)), data.draw(weights(rows)), metrics.get(name)
    try:
        metric.score(*pair, weight=weight)
    except MetricError as error:
        with pytest.raises(MetricError, match=error.message):
            metric.replicates(*pair, plan, weight=weight, budget=np.inf)
        return
    values = metric.replicates(*pair, plan, weight=weight, budget=np.inf)
    assert values is not None
    others = looped(metric, *pair, plan, weight=weight)
    unit = scale if name in ("rmse", "mae", "median_absolute_error") else 1.0
    assert same(values / unit, others / unit)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), form=st.sampled_from([
    ("accuracy", {}), ("f1", {"average": "macro"}), ("f1", {"average": "weighted"}),
    ("matthews_corrcoef", {}), ("balanced_accuracy", {}), ("cohen_kappa", {"weights": "linear"}),
    ("quadratic_weighted_kappa", {}),
]))  # fmt: skip
def test_labels(data: st.DataObject, form: tuple[str, dict[str, Any]]) -> None:
    rows, classes = data.draw(sizes), data.draw(st.sampled_from([2, 3, 70]))
    code = st.integers(0, classes - 1)
    pair = [np.array(data.draw(st.lists(code, min_size=rows, max_size=rows))) for _ in range(2)]
    plan, weight = data.draw(plans(rows)), data.draw(weights(rows))
    options = {"weight": weight, "labels": tuple(map(str, range(classes)))}
    metric = metrics.get(form[0], **form[1])
    try:
        metric.score(*pair, **options)
    except MetricError:
        with pytest.raises(MetricError):
            metric.replicates(*pair, plan, **options)
        return
    values = metric.replicates(*pair, plan, **options, budget=np.inf)
    assert values is not None
    assert same(values, looped(metric, *pair, plan, **options))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), form=st.sampled_from([
    ("roc_auc", {}), ("average_precision", {}), ("weighted_roc_auc", {}),
    ("partial_roc_auc", {"min_tpr": 0.4}),
]))  # fmt: skip
def test_rankings_with_ties(data: st.DataObject, form: tuple[str, dict[str, Any]]) -> None:
    rows = data.draw(st.integers(2, 60))
    score = np.array(data.draw(st.lists(st.integers(-4, 4), min_size=rows, max_size=rows)), float)
    happened = np.array(data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows)))
    happened[:2] = True, False
    counts = np.random.default_rng(rows).poisson(1.0, (20, rows)).astype(np.uint8)
    weight = data.draw(weights(rows))
    if weight is not None:
        weight += 0.5
    metric = metrics.get(form[0], **form[1])
    values = metric.replicates(happened, score, counts, weight=weight)
    assert values is not None
    assert same(values, looped(metric, happened, score, Plan(counts), weight=weight))


def test_many_labels_and_few() -> None:
    """Each way of counting: pairs of labels, labels, blocks of rows."""
    bits = np.random.default_rng(1)
    metric = metrics.get("f1", average="macro")
    for rows, classes in ((400, 3), (6000, 90), (52_000, 5), (52_000, 70)):
        true = bits.integers(0, classes, rows)
        guess = np.where(bits.random(rows) < 0.2, true, bits.integers(0, classes, rows))
        plan = draw(np.arange(rows), seed=2, replicates=6, strata=true)
        labels = tuple(map(str, range(classes)))
        values = metric.replicates(true, guess, plan, labels=labels)
        assert values is not None
        assert same(values, looped(metric, true, guess, plan, labels=labels))


def test_a_replicate_without_a_score_is_nan() -> None:
    counts = np.array([[1, 1, 1], [2, 0, 1], [0, 3, 0], [0, 0, 0]], np.uint8)
    auc = metrics.get("roc_auc").replicates([1, 0, 1], [0.3, 0.2, 0.1], counts)
    assert auc is not None
    assert np.array_equal(auc, [0.5, np.nan, np.nan, np.nan], equal_nan=True)
    r2 = metrics.get("r2").replicates([1.0, 2.0, 4.0], [1.0, 2.0, 3.0], counts)
    assert r2 is not None
    assert np.isnan(r2).tolist() == [False, False, True, True]
    f1 = metrics.get("f1").replicates([1, 0, 1], [1, 0, 0], counts)
    assert f1 is not None
    assert np.array_equal(f1, [2 / 3, 0.8, 0.0, np.nan], equal_nan=True)


def test_a_metric_that_must_not_be_drawn_has_none() -> None:
    ones = np.ones((3, 4), np.uint8)
    assert metrics.get("max_error").replicates([1.0] * 4, [2.0] * 4, ones) is None
    assert metrics.get("adjusted_rand").replicates(list("aabb"), list("abab"), ones) is None


def test_a_plan_for_other_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="2 rows, but a plan for 3"):
        metrics.get("mae").replicates([1.0, 2.0], [1.0, 2.0], np.ones((2, 3), np.uint8))


def test_a_refusal_names_the_row_among_all() -> None:
    ones = np.ones((2, 3), np.uint8)
    with pytest.raises(MetricError, match="an answer is missing") as caught:
        metrics.get("mae").replicates([1.0, 2.0, np.nan], [1.0] * 3, ones, weight=[0, 1, 1])
    assert caught.value.row == 2
    with pytest.raises(MetricError, match="only one class among the answers"):
        metrics.get("roc_auc").replicates([1, 1, 1], [0.1, 0.2, 0.3], ones)


def test_a_loop_keeps_to_its_budget() -> None:
    metric = metrics.get("concordance_index")
    bits = np.random.default_rng(3)
    pair = bits.normal(size=(2, 50))
    counts = bits.poisson(1.0, (400, 50)).astype(np.uint8)
    assert metric.replicates(*pair, counts, budget=0.0) is None
    values = metric.replicates(*pair, counts, budget=np.inf)
    assert values is not None
    assert not np.isnan(values).any()


def test_a_loop_that_ends_early_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count(0.0, 0.01)  # a second for every hundred replicates
    monkeypatch.setattr(module, "perf_counter", lambda: next(ticks))
    bits = np.random.default_rng(4)
    pair = bits.normal(size=(2, 30))
    counts = 1 + bits.poisson(1.0, (600, 30)).astype(np.uint8)
    values = metrics.get("concordance_index").replicates(*pair, counts, budget=3.0)
    assert values is not None
    assert not np.isnan(values[:299]).any()
    assert np.isnan(values[301:]).all()


def test_a_metric_without_weights_is_looped_over_repeated_rows() -> None:
    metric = metrics.get("haversine")
    bits = np.random.default_rng(5)
    true = bits.normal(size=(20, 2))
    guess = true + bits.normal(size=(20, 2)) / 1000
    counts = bits.poisson(1.0, (5, 20)).astype(np.uint8)
    rows = [np.repeat(np.arange(20), each) for each in counts]
    values = metric.replicates(true, guess, counts)
    assert values is not None
    assert same(values, np.array([metric.score(true[some], guess[some]) for some in rows]))


@pytest.mark.parametrize("name", ["rmse", "accuracy", "f1", "roc_auc", "average_precision", "r2"])
def test_memory_stays_small(name: str) -> None:
    bits = np.random.default_rng(6)
    true = bits.integers(0, 2, 20_000)
    guess = (true + bits.normal(size=20_000)).round(3)
    metric, plan = metrics.get(name), draw(np.arange(20_000), seed=1)
    if metric.takes == "label":
        guess = (guess > 0.5).astype(int)
    tracemalloc.start()
    try:
        assert metric.replicates(true, guess, plan) is not None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * MB


def exact(metric: metrics.Metric, true: Any, guess: Any, plan: Plan) -> float:
    values = metric.replicates(true, guess, plan)
    assert values is not None
    return float(values.std())


@pytest.mark.slow
@pytest.mark.parametrize("stratified", [True, False])
@pytest.mark.parametrize("name", ["rmse", "f1", "roc_auc", "average_precision"])
def test_blocks_have_the_standard_errors_of_rows(name: str, stratified: bool) -> None:
    """20,000 replicates of each; blocks against rows drawn one by one."""
    rows, replicates = 60_000, 20_000
    bits = np.random.default_rng(7)
    true = (bits.random(rows) < 0.2).astype(int)
    guess = true + bits.standard_t(5, rows)
    metric = metrics.get(name)
    if name == "f1":
        guess = (guess > 0.7).astype(int)
    classes = true if stratified else np.zeros(rows, int)
    blocks = draw(np.arange(rows), seed=8, replicates=replicates, strata=classes)
    assert blocks.coarse
    quick = exact(metric, true, guess, blocks)
    parts = []
    for seed in range(20):  # a thousand at a time: 60 MB of counts
        counts = np.zeros((replicates // 20, rows), np.uint8)
        draws = np.random.default_rng(seed)
        for one in np.unique(classes):
            own = np.flatnonzero(classes == one)
            for row in counts:
                row[own] = np.bincount(draws.integers(0, len(own), len(own)), minlength=len(own))
        parts.append(metric.replicates(true, guess, counts))
    slow = float(np.concatenate(parts).std())
    assert abs(quick / slow - 1) < 0.03


def test_slopes_follow_the_score() -> None:
    """A linear replicate is near the score of the same rows, far nearer than scores vary."""
    rows = 52_000
    bits = np.random.default_rng(9)
    true = (bits.random(rows) < 0.3).astype(int)
    plan = draw(np.arange(rows), seed=10, replicates=25, strata=true)
    weight = bits.integers(1, 4, rows).astype(float)
    for guess in (true + bits.normal(size=rows), (true + bits.normal(size=rows)).round(1)):
        for name, parameters in (
            ("roc_auc", {}),
            ("average_precision", {}),
            ("weighted_roc_auc", {}),
            ("partial_roc_auc", {"min_tpr": 0.8}),
        ):
            metric = metrics.get(name, **parameters)
            values = metric.replicates(true, guess, plan, weight=weight)
            assert values is not None
            others = looped(metric, true, guess, plan, weight=weight)
            assert np.abs(values - others).max() < 0.15 * others.std()


def test_slopes_of_several_classes() -> None:
    rows = 51_000
    bits = np.random.default_rng(11)
    true = bits.choice(3, rows, p=[0.6, 0.3, 0.1])
    chances = bits.dirichlet(np.ones(3), rows) + 0.5 * np.eye(3)[true]
    plan = draw(np.arange(rows), seed=12, replicates=20, strata=None)
    for average in ("macro", "weighted", "micro"):
        metric = metrics.get("roc_auc", average=average)
        values = metric.replicates(true, chances, plan)
        assert values is not None
        others = looped(metric, true, chances, plan)
        assert np.abs(values - others).max() < 0.15 * others.std()
    with pytest.raises(MetricError, match="only one class among the answers"):
        metrics.get("roc_auc").replicates(np.ones(rows), chances[:, 0], plan)
