"""Metrics of lists of items against a reference in plain Python, scikit-learn and SciPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from practice import metrics
from practice.errors import MetricError, UsageError

AT_K = ("map_at_k", "ndcg_at_k", "precision_at_k", "recall_at_k")


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


def average_precision(true: list[str], predicted: list[str], k: int) -> float:
    """Kaggle's mapk for one row, with repeats in the answer counted once."""
    if not true:
        return 0.0
    total, hits = 0.0, 0
    for place, item in enumerate(predicted[:k]):
        if item in true and item not in predicted[:place]:
            hits += 1
            total += hits / (place + 1)
    return total / min(len(set(true)), k)


def gain(true: list[str], predicted: list[str], k: int) -> float:
    ideal = sum(1 / math.log2(place + 2) for place in range(min(len(set(true)), k)))
    found = sum(
        1 / math.log2(place + 2)
        for place, item in enumerate(predicted[:k])
        if item in true and item not in predicted[:place]
    )
    return found / ideal if ideal else 0.0


def precision(true: list[str], predicted: list[str], k: int) -> float:
    return len(set(true) & set(predicted[:k])) / k


def recall(true: list[str], predicted: list[str], k: int) -> float:
    return len(set(true) & set(predicted[:k])) / len(set(true)) if true else 0.0


def reciprocal(true: list[str], predicted: list[str], k: int) -> float:
    places = [place for place, item in enumerate(predicted, start=1) if item in true]
    return 1 / places[0] if places else 0.0


def miss(true: list[str], predicted: list[str], k: int) -> float:
    return float(true[0] not in predicted[:k])


REFERENCE = {
    "map_at_k": average_precision,
    "ndcg_at_k": gain,
    "precision_at_k": precision,
    "recall_at_k": recall,
    "mrr": reciprocal,
    "top_k_error": miss,
}


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]], np.ndarray]:
    """Rows of items with repeats and empty ones, of even or very uneven lengths; weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, words = draw(st.integers(1, 60)), draw(st.sampled_from([1, 3, 12, 400]))
    longest = draw(st.sampled_from([1, 4, 15]))
    pair = []
    for _ in range(2):
        sizes = rng.integers(0, longest + 1, rows)
        if draw(st.booleans()):
            sizes[rng.integers(rows)] = 150
        pair.append([[f"w{n}" for n in rng.integers(0, words, size)] for size in sizes])
    return pair[0], pair[1], rng.uniform(0.1, 3.0, rows)


@pytest.mark.parametrize("name", REFERENCE)
@settings(max_examples=60, deadline=None)
@given(data=lists(), k=st.sampled_from([1, 2, 5, 20, 10**9, 10**30]), weighted=st.booleans())
def test_lists_are_scored_as_by_the_definition(
    name: str, data: tuple[Any, Any, np.ndarray], k: int, weighted: bool
) -> None:
    true, predicted, weight = data
    if name == "top_k_error":
        true = [[*row, "w0"][:1] for row in true]
    values = [REFERENCE[name](*row, k) for row in zip(true, predicted, strict=True)]
    expected = np.average(values, weights=weight if weighted else None)
    metric = metrics.get(name) if name == "mrr" else metrics.get(name, k=k)
    cells = [[" ".join(row) for row in rows] for rows in (true, predicted)]
    assert close(metric.score(*cells, weight=weight if weighted else None), float(expected))
    padded = [["  " + cell.replace(" ", " \t ") + " " for cell in each] for each in cells]
    assert metric.score(*padded) == metric.score(*cells)


def test_map_by_hand() -> None:
    # Row 1: hits at 1 and 3: (1 + 2/3) / 2. Row 2: b at 2, its repeat at 3 scores nothing: 1/2 / 1.
    # Row 3: three true items but k = 2, one hit at 2: 1/2 / 2. Row 4: nothing to find.
    true, predicted = ["a c", "b", "a b c", ""], ["a x c", "x b b", "x a b c", "a"]
    rows = [5 / 6, 1 / 2]
    assert close(metrics.get("map_at_k", k=3).score(true[:2], predicted[:2]), sum(rows) / 2)
    assert close(metrics.get("map_at_k", k=2).score(true[2:], predicted[2:]), (1 / 4 + 0) / 2)


def test_a_repeat_keeps_its_place_and_scores_once() -> None:
    # "a a b": the second a takes place 2, so b is at 3.
    both, b_only = ["a b"], ["b"]
    assert metrics.get("map_at_k", k=3).score(both, ["a a b"]) == (1 + 2 / 3) / 2
    assert close(metrics.get("ndcg_at_k", k=3).score(b_only, ["a a b"]), 1 / math.log2(4))
    assert metrics.get("precision_at_k", k=2).score(both, ["a a b"]) == 1 / 2
    assert metrics.get("recall_at_k", k=2).score(both, ["a a b"]) == 1 / 2
    assert metrics.get("mrr").score(b_only, ["a a b"]) == 1 / 3
    assert metrics.get("map_at_k", k=2).score(b_only, ["a a b"]) == 0  # past k is cut
    assert metrics.get("recall_at_k", k=5).score(["a a a"], ["a"]) == 1  # distinct true items


@pytest.mark.parametrize("name", AT_K)
def test_empty_lists_count_zero(name: str) -> None:
    metric = metrics.get(name, k=3)
    assert metric.score(["", "", "a"], ["", "a", ""]) == 0
    assert metrics.get("mrr").score(["", "", "a"], ["", "a", ""]) == 0
    assert metrics.get("top_k_error", k=3).score(["a", "b"], ["", "  "]) == 1


def test_a_bigger_k_is_read_from_the_name() -> None:
    for alias, name, k in (("MAP@12", "map_at_k", 12), ("NDCG@20", "ndcg_at_k", 20)):
        metric = metrics.get(alias)
        assert (metric.name, metric.parameters) == (name, {"k": k})
    for name in (*AT_K, "top_k_error"):
        with pytest.raises(UsageError, match="of 1 or more"):
            metrics.get(name, k=0)
        with pytest.raises(UsageError, match="k"):
            metrics.get(name)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 12))
def test_ndcg_is_that_of_scikit_learn(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    rows, items = int(rng.integers(1, 40)), int(rng.integers(2, 12))
    relevant = rng.random((rows, items)) < rng.uniform(0.1, 0.9)
    order = np.argsort(rng.random((rows, items)), axis=1)
    score = np.zeros((rows, items))
    np.put_along_axis(score, order, np.arange(items, 0, -1.0)[np.newaxis], axis=1)
    weight = rng.uniform(0.5, 2.0, rows)
    true = [" ".join(map(str, np.flatnonzero(row))) for row in relevant]
    predicted = [" ".join(map(str, row)) for row in order]
    for w in (None, weight):
        expected = sk.ndcg_score(relevant, score, k=k, sample_weight=w)
        assert close(metrics.get("ndcg_at_k", k=k).score(true, predicted, weight=w), expected)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 6))
def test_top_k_error_is_that_of_scikit_learn(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    rows, classes = int(rng.integers(1, 80)), 7
    true, score = rng.integers(0, classes, rows), rng.random((rows, classes))
    listed = [" ".join(map(str, row)) for row in np.argsort(-score, axis=1)]
    weight = rng.uniform(0.5, 2.0, rows)
    ours = metrics.get("top_k_error", k=k).score(true.astype(str), listed, weight=weight)
    theirs = sk.top_k_accuracy_score(
        true, score, k=k, sample_weight=weight, labels=np.arange(classes)
    )
    assert close(ours, 1 - theirs)


@pytest.mark.parametrize("true", ["b c", "", "  "])
def test_top_k_error_takes_one_true_label(true: str) -> None:
    with pytest.raises(MetricError, match="an answer is not one label without spaces") as caught:
        metrics.get("top_k_error", k=2).score(["a", true], ["a", "b"])
    assert caught.value.row == 1


# Orders


def inversions(true: list[str], predicted: list[str]) -> int:
    place = [predicted.index(item) for item in true]
    return sum(place[i] > place[j] for i in range(len(place)) for j in range(i + 1, len(place)))


def orders(seed: int, rows: int, longest: int) -> tuple[list[list[str]], list[list[str]]]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, longest + 1, rows)
    sizes[0] = max(2, longest)
    true = [[f"c{n}" for n in rng.permutation(size)] for size in sizes]
    return true, [list(rng.permutation(row)) if row else [] for row in true]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40), longest=st.sampled_from([2, 7, 60]))
def test_kendall_tau_pools_the_pairs_of_all_rows(seed: int, rows: int, longest: int) -> None:
    true, predicted = orders(seed, rows, longest)
    cells = [[" ".join(row) for row in each] for each in (true, predicted)]
    wrong = np.array([inversions(*row) for row in zip(true, predicted, strict=True)])
    pairs = np.array([len(row) * (len(row) - 1) for row in true])
    weight = np.random.default_rng(seed).uniform(0.5, 2.0, rows)
    metric = metrics.get("kendall_tau")
    assert close(metric.score(*cells), 1 - 4 * wrong.sum() / pairs.sum())
    weighted = 1 - 4 * (weight * wrong).sum() / (weight * pairs).sum()
    assert close(metric.score(*cells, weight=weight), weighted)
    one = scipy.stats.kendalltau(
        np.arange(len(true[0])), [predicted[0].index(item) for item in true[0]]
    )
    assert close(metric.score(cells[0][:1], cells[1][:1]), float(one.statistic))


def test_kendall_tau_by_hand() -> None:
    # One of 3 pairs wrong, and of the second row its only one: 1 - 4 * 2 / (6 + 2).
    assert metrics.get("kendall_tau").score(["a b c", "d e"], ["b a c", "e d"]) == 0
    assert metrics.get("kendall_tau").score(["a b c"], ["c b a"]) == -1


def test_a_long_order_is_counted_exactly() -> None:
    items = [str(n) for n in range(1500)]
    metric = metrics.get("kendall_tau")
    assert metric.score([" ".join(items), ""], [" ".join(reversed(items)), ""]) == -1
    swapped = [*items[1:], items[0]]
    assert close(metric.score([" ".join(items)], [" ".join(swapped)]), 1 - 4 * 1499 / (1500 * 1499))


@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ("a b", "a", "it has too many or too few"),
        ("a b", "a b b", "it has too many or too few"),
        ("a b", "", "it has too many or too few"),
        ("a b", "a c", "a prediction does not have each item of its answer once"),
        ("a b", "a a", "a prediction does not have each item of its answer once"),
        ("a a", "a a", "an answer has an item twice"),
    ],
)
def test_what_is_not_a_permutation_is_refused(true: str, predicted: str, message: str) -> None:
    with pytest.raises(MetricError, match=message) as caught:
        metrics.get("kendall_tau").score(["x", "y z w", true], ["x", "z y w", predicted])
    assert caught.value.row == 2
    with pytest.raises(MetricError) as caught:  # the row of what was given, not of what counts
        metrics.get("kendall_tau").score(
            ["", "y z", true], ["", "z y", predicted], weight=[0, 1, 1]
        )
    assert caught.value.row == 2


@pytest.mark.parametrize("cells", [["a", "b"], ["", ""]])
def test_without_a_pair_there_is_no_tau(cells: list[str]) -> None:
    with pytest.raises(MetricError, match="no row of the answers counts for kendall_tau"):
        metrics.get("kendall_tau").score(cells, cells)


# Label rankings


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    ties=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
    scale=st.sampled_from([1.0, 1e-30, 1e30]),
)
def test_lwlrap_is_that_of_scikit_learn(seed: int, ties: bool, dtype: type, scale: float) -> None:
    rng = np.random.default_rng(seed)
    rows, labels = int(rng.integers(1, 80)), int(rng.integers(2, 9))
    true = rng.random((rows, labels)) < rng.uniform(0.1, 0.9)
    true[0, 0] = True
    score = rng.normal(size=(rows, labels))
    score = ((np.round(score) if ties else score) * scale).astype(dtype)
    for weight in (np.ones(rows), rng.uniform(0.5, 2.0, rows)):
        size = weight * true.sum(axis=1)
        expected = sk.label_ranking_average_precision_score(true, score, sample_weight=size)
        ours = metrics.get("lwlrap").score(true.astype(int), score, weight=weight)
        assert close(ours, expected)


def test_lwlrap_counts_ties_against() -> None:
    metric = metrics.get("lwlrap")
    assert metric.score([[1, 0, 0, 0]], [[0.5, 0.5, 0.5, 0.5]]) == 0.25
    assert metric.score([[1, 0, 1, 0]], [[0.5, 0.5, 0.5, 0.5]]) == 0.5
    assert metric.score([[1, 0]], [[0.0, -0.0]]) == 0.5
    # A row without labels does not count; one with two counts twice.
    assert metric.score([[0, 0], [1, 1], [0, 1]], [[0, 1], [0, 1], [1, 0]]) == (1 + 1 + 0.5) / 3


def test_lwlrap_refuses_what_it_cannot_rank() -> None:
    metric = metrics.get("lwlrap")
    with pytest.raises(MetricError, match="no row of the answers counts for lwlrap"):
        metric.score([[0, 0], [0, 0]], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(MetricError, match="lwlrap needs a column of predictions per label"):
        metric.score([0, 1], [0.1, 0.9])
    with pytest.raises(MetricError, match="an answer is neither 0 nor 1") as caught:
        metric.score([[0, 1], [0, 2]], [[0.0, 1.0], [1.0, 0.0]])
    assert caught.value.row == 1
    with pytest.raises(MetricError, match="a prediction is infinite") as caught:
        metric.score([[0, 1], [0, 1]], [[0.0, 1.0], [np.inf, 0.0]])
    assert caught.value.row == 1
