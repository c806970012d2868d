"""Metrics that count rows whose label is right or wrong."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample, Takes
from practice.metrics.coding import cells, comparable
from practice.metrics.counts import Counting, Counts, divide
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair, RowMean
from practice.metrics.parameters import Must
from practice.metrics.registry import register


def _same_type(metric: Metric, sample: Sample) -> Pair:
    """Prepare labels that can be compared cell by cell."""
    columns = comparable(sample)
    if len(columns) == 1:
        return columns[0]
    return np.column_stack([c[0] for c in columns]), np.column_stack([c[1] for c in columns])


@register(
    "accuracy",
    family=RowMean(_same_type),
    greater_is_better=True,
    takes="label",
    range=(0.0, 1.0),
    aliases=("Categorization Accuracy", "Accuracy Score", "acc"),
)
def accuracy(y_true: NDArray[Any], y_pred: NDArray[Any]) -> NDArray[np.bool_]:
    """Share of rows whose predicted label is the true one.

    Parameters
    ----------
    y_true, y_pred : ndarray, shape (rows,) or (rows, columns)
        Labels of one type.

    Returns
    -------
    ndarray of bool
        Whether each is right; several columns: the mean over columns is the score.

    Warnings
    --------
    Where one class is frequent, predicting it always scores its share; look at balanced_accuracy,
    f1 or matthews_corrcoef as well.

    Notes
    -----
    accuracy = (rows with p = y) / (all rows)

    References
    ----------
    scikit-learn, ``accuracy_score``; Kaggle, "Categorization Accuracy".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("accuracy").score(["cat", "dog", "dog", "cat"], ["cat", "dog", "cat", "cat"])
    0.75
    """
    return np.asarray(y_true == y_pred)


@register(
    "balanced_accuracy",
    family=Counting(),
    greater_is_better=True,
    takes="label",
    range=(0.0, 1.0),
    aliases=("Balanced Accuracy Score", "Mean Per-Class Accuracy", "Unweighted Average Recall"),
)
def balanced_accuracy(counts: Counts) -> Floats:
    """Mean over the true classes of the share of their rows that is right.

    Parameters
    ----------
    counts : Counts

    Returns
    -------
    ndarray of float64

    Warnings
    --------
    A rare class weighs as much as a frequent one, so a few of its rows move the score; classes that
    are only predicted do not count.

    Notes
    -----
    balanced accuracy = mean_k (rows of class k predicted as k) / (rows of class k)

    References
    ----------
    K. H. Brodersen et al., ICPR 2010, 3121-3124; scikit-learn, ``balanced_accuracy_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("balanced_accuracy").score(["a", "a", "a", "b"], ["a", "a", "a", "a"])
    0.5
    """
    recalls = divide(counts.hits, counts.true)
    return np.asarray(recalls.sum(axis=-1) / (counts.true > 0).sum(axis=-1))


def _hamming_takes(*, multilabel: bool) -> Takes:
    return "labels" if multilabel else "label"


@register(
    "hamming_loss",
    family=Counting(),
    greater_is_better=False,
    takes=_hamming_takes,
    range=(0.0, 1.0),
    aliases=("Hamming", "Hamming Distance"),
)
def hamming_loss(counts: Counts, *, multilabel: bool = False) -> Floats:
    """Share of labels that are wrong.

    Parameters
    ----------
    counts : Counts
    multilabel : bool
        Cells are lists of labels separated by spaces. All labels that are true or predicted in any
        row, or that the competition names, can be right or wrong in each row.

    Returns
    -------
    ndarray of float64
        Several target columns: the mean over columns is the score.

    Warnings
    --------
    With multilabel most labels of most rows are absent, so predicting none at all is already nearly
    right.

    Notes
    -----
    Hamming loss = (wrong labels) / (rows x labels), with one label a row where cells are no lists

    References
    ----------
    G. Tsoumakas and I. Katakis, International Journal of Data Warehousing and Mining 3 (2007) 1-13;
    scikit-learn, ``hamming_loss``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("hamming_loss").score(["a", "b", "b", "c"], ["a", "b", "c", "c"])
    0.25
    >>> metrics.get("hamming_loss", multilabel=True).score(["a b", "c"], ["a", "c"])
    0.166...
    """
    if not multilabel:
        return np.asarray(1 - counts.hits.sum(axis=-1) / counts.rows)
    wrong = (counts.true + counts.predicted - 2 * counts.hits).sum(axis=-1)
    return divide(wrong, counts.rows * counts.true.shape[-1])


def _label_and_list(metric: Metric, sample: Sample) -> Pair:
    """Prepare true labels and lists of predicted ones, as texts."""
    true = cells(sample.y_true, "an answer", sample.labels)
    if any(len(label.split()) != 1 for label in true):
        row = next(row for row, label in enumerate(true) if len(label.split()) != 1)
        raise MetricError("an answer is not one label without spaces", row=row)
    predicted = cells(sample.y_pred, "a prediction", sample.labels)
    return np.array([label.strip() for label in true], dtype=object), np.array(predicted, object)


@register(
    "top_k_error",
    family=RowMean(_label_and_list),
    greater_is_better=False,
    takes="labels",
    range=(0.0, 1.0),
    aliases=("Top K Classification Error",),
    presets={
        "Top-1 Error": {"k": 1},
        "Top-3 Error": {"k": 3},
        "Top-5 Error": {"k": 5},
        "Top-5 Classification Error": {"k": 5},
    },
)
def top_k_error(
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    *,
    k: Annotated[int, Must("of 1 or more", lambda value: value >= 1)],
) -> NDArray[np.bool_]:
    """Share of rows whose true label is not among the first ``k`` predicted ones.

    Parameters
    ----------
    y_true : ndarray of str, shape (rows,)
        One label to a cell.
    y_pred : ndarray of str, shape (rows,)
        Labels separated by spaces, the likeliest first; a repeat keeps its place.
    k : int
        How many labels of a list are looked at.

    Returns
    -------
    ndarray of bool, shape (rows,)

    Warnings
    --------
    The order within the first k does not matter, and a list shorter than k only loses: give k
    labels.

    Notes
    -----
    top-k error = (rows with y not in p_1 ... p_k) / (all rows)

    References
    ----------
    O. Russakovsky et al., International Journal of Computer Vision 115 (2015) 211-252;
    scikit-learn, 1 - ``top_k_accuracy_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("top_k_error", k=2).score(["a", "b", "c"], ["a b c", "c b a", "a b c"])
    0.333...
    """
    pairs = zip(y_true.tolist(), y_pred.tolist(), strict=True)
    return np.array([label not in listed.split()[:k] for label, listed in pairs], dtype=np.bool_)
