"""Label metrics against scikit-learn, and what they do with labels of all types."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.preprocessing import MultiLabelBinarizer

from practice import metrics
from practice.errors import MetricError

Labels = NDArray[Any]


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


def quiet(function: Callable[..., Any], *args: Any, **keywords: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(function(*args, **keywords))


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Labels, Labels, NDArray[np.float64]]:
    """Answers that favour some classes, predictions that may miss or invent classes, weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, classes = draw(st.integers(1, 200)), draw(st.integers(1, 12))
    chance = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.1, 1.0, 10.0]))))
    y_true = rng.choice(classes, rows, p=chance)
    y_pred = np.where(rng.random(rows) < 0.6, y_true, rng.integers(0, classes + 1, rows))
    return y_true, y_pred, rng.uniform(0.5, 2.0, rows)


AVERAGES = ["macro", "micro", "weighted"]


@settings(max_examples=150, deadline=None)
@given(data=labelled(), average=st.sampled_from(AVERAGES), weighted=st.booleans())
def test_averages_are_those_of_scikit_learn(
    data: tuple[Labels, Labels, NDArray[np.float64]], average: str, weighted: bool
) -> None:
    y_true, y_pred, weights = data
    weight = weights if weighted else None
    for name, theirs, ours in (
        ("f1", sk.f1_score, {}),
        ("f_beta", sk.fbeta_score, {"beta": 0.7}),
        ("precision", sk.precision_score, {}),
        ("recall", sk.recall_score, {}),
        ("jaccard", sk.jaccard_score, {}),
    ):
        expected = quiet(theirs, y_true, y_pred, average=average, sample_weight=weight, **ours)
        metric = metrics.get(name, average=average, **ours)
        assert close(metric.score(y_true, y_pred, weight=weight), expected), name
        # Named classes, in another order, with some that never occur.
        names = [str(code) for code in range(20)][::-1]
        codes = (19 - y_true).astype(np.int8), (19 - y_pred).astype(np.int8)
        assert close(metric.score(*codes, weight=weight, labels=names), expected), name


@settings(max_examples=150, deadline=None)
@given(data=labelled(), weighted=st.booleans())
def test_label_metrics_are_those_of_scikit_learn(
    data: tuple[Labels, Labels, NDArray[np.float64]], weighted: bool
) -> None:
    y_true, y_pred, weights = data
    weight = weights if weighted else None
    for name, theirs in (
        ("accuracy", sk.accuracy_score),
        ("balanced_accuracy", sk.balanced_accuracy_score),
        ("matthews_corrcoef", sk.matthews_corrcoef),
        ("hamming_loss", sk.hamming_loss),
    ):
        expected = quiet(theirs, y_true, y_pred, sample_weight=weight)
        assert close(metrics.get(name).score(y_true, y_pred, weight=weight), expected), name


@settings(max_examples=150, deadline=None)
@given(
    data=labelled(),
    weights=st.sampled_from([None, "linear", "quadratic"]),
    weighted=st.booleans(),
)
def test_kappa_is_that_of_scikit_learn(
    data: tuple[Labels, Labels, NDArray[np.float64]], weights: str | None, weighted: bool
) -> None:
    y_true, y_pred, row_weights = data
    weight = row_weights if weighted else None
    metric = metrics.get("cohen_kappa", weights=weights)
    if len(np.unique(np.concatenate([y_true, y_pred]))) == 1:
        with pytest.raises(MetricError, match="all answers and predictions are the same label"):
            metric.score(y_true, y_pred, weight=weight)
        return
    expected = quiet(sk.cohen_kappa_score, y_true, y_pred, weights=weights, sample_weight=weight)
    assert close(metric.score(y_true, y_pred, weight=weight), expected)
    if weights == "quadratic":
        ratings = quiet(
            sk.cohen_kappa_score,
            y_true,
            y_pred,
            weights=weights,
            sample_weight=weight,
            labels=list(range(13)),
        )
        own = metrics.get("quadratic_weighted_kappa")
        assert close(own.score(y_true, y_pred, weight=weight), ratings)
        names = [str(rating) for rating in range(13)]
        assert close(own.score(y_true, y_pred, weight=weight, labels=names), ratings)


@settings(max_examples=60, deadline=None)
@given(data=labelled(), weighted=st.booleans())
def test_binary_f1_is_that_of_scikit_learn(
    data: tuple[Labels, Labels, NDArray[np.float64]], weighted: bool
) -> None:
    y_true, y_pred, weights = data
    y_true, y_pred = y_true % 2, y_pred % 2
    weight = weights if weighted else None
    for name, theirs, ours in (
        ("f1", sk.f1_score, {}),
        ("f_beta", sk.fbeta_score, {"beta": 3.0}),
        ("precision", sk.precision_score, {}),
        ("recall", sk.recall_score, {}),
        ("jaccard", sk.jaccard_score, {}),
    ):
        expected = quiet(theirs, y_true, y_pred, sample_weight=weight, **ours)
        metric = metrics.get(name, **ours)
        assert close(metric.score(y_true, y_pred, weight=weight), expected)
        coded = metric.score(
            y_true.astype(np.int8), y_pred.astype(np.int8), weight=weight, labels=["0", "1"]
        )
        assert close(coded, expected)


def test_many_classes_and_long_columns_are_counted_alike() -> None:
    rng = np.random.default_rng(5)
    for classes in (2, 64, 65, 300):
        y_true = rng.integers(0, classes, 150_000)
        y_pred = np.where(rng.random(150_000) < 0.5, y_true, rng.integers(0, classes, 150_000))
        weight = rng.uniform(0.5, 2.0, 150_000)
        names = [str(code) for code in range(classes)]
        codes = y_true.astype(np.int16), y_pred.astype(np.int16)
        for w in (None, weight):
            expected = sk.f1_score(y_true, y_pred, average="macro", sample_weight=w)
            assert close(metrics.get("f1_macro").score(*codes, weight=w, labels=names), expected)
            expected = sk.cohen_kappa_score(y_true, y_pred, sample_weight=w)
            assert close(metrics.get("kappa").score(*codes, weight=w, labels=names), expected)
            expected = sk.accuracy_score(y_true, y_pred, sample_weight=w)
            assert close(metrics.get("accuracy").score(*codes, weight=w, labels=names), expected)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    average=st.sampled_from(["macro", "micro", "weighted", "samples"]),
    unknown=st.sampled_from(["count", "ignore"]),
    weighted=st.booleans(),
)
def test_lists_of_labels_are_scored_as_scikit_learn_does(
    seed: int, average: str, unknown: str, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows, width = int(rng.integers(1, 30)), int(rng.integers(1, 8))
    true = rng.random((rows, width)) < 0.4
    predicted = np.where(rng.random(true.shape) < 0.7, true, ~true)
    extra = rng.random((rows, 2)) < 0.3  # labels that no answer has
    seen = true.any(axis=0)
    words = np.array([f"t{i}" for i in range(width)] + ["new1", "new2"])
    texts = [" ".join(rng.permutation(words[:width][row])) for row in true]
    guesses = [
        "  ".join([*words[np.concatenate([row, more])], *words[:width][row][:1]])  # one repeated
        for row, more in zip(predicted, extra, strict=True)
    ]
    weight = rng.uniform(0.5, 2.0, rows) if weighted else None
    if unknown == "ignore":
        kept, left = predicted & seen, np.zeros((rows, 0), dtype=bool)
    else:
        kept, left = predicted, extra
    y_true = np.column_stack([true, np.zeros_like(left)]).astype(int)
    y_pred = np.column_stack([kept, left]).astype(int)
    used = (y_true + y_pred).any(axis=0)  # scikit-learn would average over columns of zeros too
    assume(used.sum() != 1)  # scikit-learn takes one column for labels 0 and 1
    y_true, y_pred = y_true[:, used], y_pred[:, used]
    for name, theirs, more_parameters in (
        ("f1", sk.f1_score, {}),
        ("f_beta", sk.fbeta_score, {"beta": 2.0}),
        ("precision", sk.precision_score, {}),
        ("recall", sk.recall_score, {}),
        ("jaccard", sk.jaccard_score, {}),
    ):
        metric = metrics.get(
            name, average=average, unknown=unknown, multilabel=True, **more_parameters
        )
        ours = metric.score(texts, guesses, weight=weight)
        if not used.any():
            assert ours == 0.0
            continue
        expected = quiet(
            theirs, y_true, y_pred, average=average, sample_weight=weight, **more_parameters
        )
        assert close(ours, expected), name


def test_hamming_loss_of_lists_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    words = np.array(list("abcdef"))
    true = [words[rng.random(6) < 0.4] for _ in range(50)]
    predicted = [words[rng.random(6) < 0.4] for _ in range(50)]
    weight = rng.uniform(0.5, 2.0, 50)
    coder = MultiLabelBinarizer().fit([list(words)])
    metric = metrics.get("hamming_loss", multilabel=True)
    for w in (None, weight):
        expected = sk.hamming_loss(
            coder.transform(true), coder.transform(predicted), sample_weight=w
        )
        ours = metric.score([" ".join(t) for t in true], [" ".join(p) for p in predicted], weight=w)
        assert close(ours, expected)
    assert metric.score(["a", ""], ["", ""], labels=["a", "b", "c", "d"]) == 0.125
    assert metric.score(["", ""], ["", ""]) == 0.0


def test_labels_named_by_the_caller_are_the_known_ones() -> None:
    metric = metrics.get("f1", average="micro", unknown="ignore")
    assert metric.score(["a", "a"], ["a b", "a"]) == 1.0
    assert metric.score(["a", "a"], ["a b", "a"], labels=["a", "b"]) == 0.8
    with pytest.raises(MetricError, match="an answer has a label that is not among") as caught:
        metric.score(["a", "b"], ["a", "b"], labels=["a"])
    assert caught.value.row == 1


@pytest.mark.parametrize("k", [1, 2, 4])
def test_top_k_error_is_that_of_scikit_learn(k: int) -> None:
    rng = np.random.default_rng(11)
    y_true = np.concatenate([np.arange(5), rng.integers(0, 5, 200)])
    scores = rng.random((205, 5))
    weight = rng.uniform(0.5, 2.0, 205)
    lists = [" ".join(f"c{c}" for c in row) for row in np.argsort(-scores, axis=1)]
    truth = [f"c{c}" for c in y_true]
    metric = metrics.get("top_k_error", k=k)
    for w in (None, weight):
        expected = 1 - sk.top_k_accuracy_score(y_true, scores, k=k, sample_weight=w)
        assert close(metric.score(truth, lists, weight=w), expected)
        codes = metric.score(y_true, lists, weight=w, labels=[f"c{c}" for c in range(5)])
        assert close(codes, expected)


def test_a_repeat_keeps_its_place_in_a_list() -> None:
    assert metrics.get("top_k_error", k=2).score(["a", "b"], ["b b a", ""]) == 1.0
    assert metrics.get("top_k_error", k=3).score(["a", "b"], ["b b a", ""]) == 0.5


def test_mean_over_columns_of_labels() -> None:
    y_true = np.array([[0, 1], [1, 1], [1, 0], [0, 0]])
    y_pred = np.array([[0, 1], [1, 0], [0, 0], [0, 1]])
    columns = [(y_true[:, j], y_pred[:, j]) for j in range(2)]
    for name, theirs in (
        ("accuracy", sk.accuracy_score),
        ("f1", sk.f1_score),
        ("matthews_corrcoef", sk.matthews_corrcoef),
        ("cohen_kappa", sk.cohen_kappa_score),
        ("balanced_accuracy", sk.balanced_accuracy_score),
    ):
        expected = float(np.mean([theirs(*column) for column in columns]))
        assert close(metrics.get(name).score(y_true, y_pred), expected)
        assert close(metrics.get(name).score(y_true, y_pred, labels=["0", "1"]), expected)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        (["1", "2", "3"], [1, 2, 4], 2 / 3),
        ([1, 2, 3], np.array(["1", "2", "4"], dtype=object), 2 / 3),
        ([True, False], ["True", "True"], 0.5),
        ([True, False], [1, 1], 0.5),
        ([1.0, 2.0], ["1", "2"], 1.0),
        ([1, 2], [1.0, 3.0], 0.5),
        (np.array([1, "b", 2.0], dtype=object), np.array(["1", "b", 2], dtype=object), 1.0),
        (np.array([1, 2], dtype=np.int8), np.array([1, 3], dtype=np.uint64), 0.5),
    ],
)
def test_labels_of_different_types_compare_by_text(
    y_true: Any, y_pred: Any, expected: float
) -> None:
    assert metrics.get("accuracy").score(y_true, y_pred) == pytest.approx(expected)
    assert metrics.get("f1_micro").score(y_true, y_pred) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("pos_label", "y_true", "y_pred", "labels"),
    [
        (1, [1, 1, 0, 0], [1, 0, 0, 0], None),
        ("1", [1, 1, 0, 0], [1, 0, 0, 0], None),
        (1, ["1", "1", "0", "0"], ["1", "0", "0", "0"], None),
        (1.0, [1, 1, 0, 0], [1, 0, 0, 0], None),
        (1, [True, True, False, False], [True, False, False, False], None),
        (1, [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], None),
        (1, [1, 1, 0, 0], [1, 0, 0, 0], ["0", "1"]),
        ("1", [0, 0, 1, 1], [0, 1, 1, 1], ["1", "0"]),
        ("yes", [1, 1, 0, 0], [1, 0, 0, 0], ["no", "yes"]),
        (True, [1, 1, 0, 0], [1, 0, 0, 0], ["False", "True"]),
    ],
)
def test_the_positive_class_is_found_by_its_text(
    pos_label: Any, y_true: Any, y_pred: Any, labels: list[str] | None
) -> None:
    metric = metrics.get("f1", pos_label=pos_label)
    assert metric.score(y_true, y_pred, labels=labels) == pytest.approx(2 / 3)


def test_a_positive_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(MetricError, match=r"the positive class 1 is not among the labels$"):
        metrics.get("f1").score(["a", "b"], ["a", "a"])
    with pytest.raises(MetricError, match="not among the labels; the classes are ham, spam") as e:
        metrics.get("recall").score([0, 1], [0, 0], labels=["ham", "spam"])
    assert e.value.hint == "pos_label names the positive class"
    with pytest.raises(MetricError, match='"binary" is for two classes, here are 3') as e:
        metrics.get("precision").score([0, 1, 2], [0, 1, 2])
    assert "macro" in e.value.hint
    with pytest.raises(MetricError, match="here are 3"):
        metrics.get("jaccard").score([0, 1], [0, 1], labels=["0", "1", "2"])


def test_no_positive_row_anywhere_scores_0() -> None:
    assert metrics.get("f1").score([0, 0], [0, 0]) == 0.0
    assert metrics.get("f1").score([0, 0], [0, 0], labels=["0", "1"]) == 0.0


def test_macro_takes_the_union_of_true_and_predicted_classes() -> None:
    assert metrics.get("f1_macro").score(["a", "a"], ["a", "b"]) == pytest.approx(1 / 3)
    names = ["a", "b", "c", "d"]
    assert metrics.get("f1_macro").score([0, 0], [0, 1], labels=names) == pytest.approx(1 / 3)


def test_constant_predictions_have_no_correlation() -> None:
    metric = metrics.get("matthews_corrcoef")
    assert metric.score([0, 1, 1], [1, 1, 1]) == 0.0
    assert metric.score([1, 1, 1], [0, 1, 1]) == 0.0
    assert metric.score([1, 1], [1, 1]) == 0.0
    weights = np.random.default_rng(0).random(1000) + 1e-3
    answers = np.random.default_rng(1).integers(0, 3, 1000)
    assert metric.score(answers, np.zeros(1000, dtype=int), weight=weights) == 0.0


def test_kappa_is_by_rating_value() -> None:
    metric = metrics.get("quadratic_weighted_kappa")
    few = metric.score([0, 0, 4, 4], [0, 4, 4, 4])
    named = metric.score([0, 0, 4, 4], [0, 4, 4, 4], labels=["0", "1", "2", "3", "4"])
    assert few == named
    # Ratings 1, 2 and 10: an error between 2 and 10 costs 64 times one between 1 and 2.
    y_true, y_pred = np.array([1, 2, 10, 10]), np.array([2, 2, 10, 2])
    observed = np.mean((y_true - y_pred) ** 2)
    expected = np.mean((y_true[:, None] - y_pred) ** 2)
    assert close(metric.score(y_true, y_pred), 1 - observed / expected)
    assert close(metric.score(y_true.astype(str), y_pred.astype(str)), 1 - observed / expected)
    with pytest.raises(MetricError, match="the labels are not numbers"):
        metric.score(["good", "bad"], ["good", "good"])
    with pytest.raises(MetricError, match="at most 2000 different labels"):
        metric.score(np.arange(3000), np.arange(3000))


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "matthews_corrcoef", "kappa"])
def test_refused_label_columns(name: str) -> None:
    metric = metrics.get(name)
    cases: list[tuple[Any, Any, list[str] | None, str, int | None]] = [
        ([], [], None, "there are no rows to score", None),
        ([1, 2], [1], None, "2 answers, but 1 predictions", None),
        ([1.0, np.nan], [1.0, 2.0], None, "an answer is missing or infinite", 1),
        ([1.0, 2.0], [np.inf, 2.0], None, "a prediction is missing or infinite", 0),
        (np.array(["a", None], dtype=object), ["a", "b"], None, "an answer is missing", 1),
        (
            ["a", "b"],
            np.array(["a", float("nan")], dtype=object),
            None,
            "a prediction is missing",
            1,
        ),
        ([0, 1], [0, -1], ["a", "b"], "a prediction is not one of the 2 classes", 1),
        ([2, 1], [0, 1], ["a", "b"], "an answer is not one of the 2 classes", 0),
        (["a", "b"], ["a", "b"], ["a", "b"], "the answers are not class codes", None),
        ([0, 1], [0.0, 0.5], ["a", "b"], "a prediction is not a class code", 1),
        ([[0, 1], [1, 1]], [0, 1], None, "the same number of columns", None),
        (np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), None, "a column or a table, not 3-d", None),
    ]
    for y_true, y_pred, labels, message, row in cases:
        with pytest.raises(MetricError, match=message) as caught:
            metric.score(y_true, y_pred, labels=labels)
        assert caught.value.row == row


def test_missing_values_of_pandas_are_refused() -> None:
    pd = pytest.importorskip("pandas")
    for values in (pd.array([1, None], dtype="Int64"), pd.Series(["a", None], dtype="string")):
        with pytest.raises(MetricError, match="an answer is missing") as caught:
            metrics.get("accuracy").score(np.asarray(values, dtype=object), [1, 2])
        assert caught.value.row == 1


def test_refused_lists() -> None:
    metric = metrics.get("f1", average="samples")
    with pytest.raises(MetricError, match="a prediction is missing") as caught:
        metric.score(["a", "b"], np.array(["a", None], dtype=object))
    assert caught.value.row == 1
    with pytest.raises(MetricError, match="lists of labels come in one column"):
        metric.score([["a", "b"]], [["a", "b"]])
    with pytest.raises(MetricError, match="an answer is not one label") as caught:
        metrics.get("top_k_error", k=1).score(["a", "b c"], ["a", "b"])
    assert caught.value.row == 1


def test_lists_of_integers_are_read_as_texts() -> None:
    assert metrics.get("f1", average="samples").score([1, 2], ["1", "2 3"]) == pytest.approx(5 / 6)
