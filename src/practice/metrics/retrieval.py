"""Metrics of ranked lists of items against the set of items that should be there."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from practice.metrics.base import Metric, Sample
from practice.metrics.coding import cells
from practice.metrics.counts import divide
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair, RowMean
from practice.metrics.parameters import Must
from practice.metrics.registry import register
from practice.metrics.tokens import Tokens, encode_tokens, places, split

Cut = Annotated[int, Must("of 1 or more", lambda value: value >= 1)]
Sizes = NDArray[np.int64]
Hits = NDArray[np.bool_]


def _lists(sample: Sample, k: int | None = None) -> tuple[Tokens, Tokens]:
    """Return answers and predictions as codes, predictions cut after ``k``."""
    true = split(cells(sample.y_true, "an answer"))
    predicted = split(cells(sample.y_pred, "a prediction"))
    (true, predicted), _ = encode_tokens(true, predicted)
    if k is not None and int(predicted.lengths.max()) > k:
        kept = predicted.words[predicted.ranks < k]
        predicted = Tokens(np.minimum(predicted.lengths, k), kept)
    return true, predicted


def _hits(metric: Metric, sample: Sample) -> Pair:
    """Prepare how many different items each answer has, and which places of a prediction hit."""
    true, predicted = _lists(sample, metric.parameters["k"])
    sizes = np.zeros(sample.rows, np.int64)
    hits = np.zeros((sample.rows, max(1, int(predicted.lengths.max()))), np.bool_)
    for rows, place in places(true, predicted):
        found, _ = np.nonzero(place >= 0)
        hits[rows[found], place[place >= 0]] = True
        due = np.sort(true.padded(rows, place.shape[1], -1), axis=1)
        fresh = np.diff(due, axis=1, prepend=-1) > 0
        sizes[rows] = fresh.sum(axis=1)
    return sizes, hits


def _first_hit(metric: Metric, sample: Sample) -> Pair:
    """Prepare whether there is anything to find, and the place of the first hit, from 1; or 0."""
    true, predicted = _lists(sample)
    first = np.zeros(sample.rows, np.int64)
    for rows, place in places(true, predicted):
        nearest = np.where(place >= 0, place, np.iinfo(np.int64).max).min(axis=1)
        first[rows] = np.where((place >= 0).any(axis=1), nearest + 1, 0)
    return true.lengths > 0, first


@register(
    "map_at_k",
    family=RowMean(_hits),
    greater_is_better=True,
    takes="labels",
    range=(0.0, 1.0),
    aliases=(
        "MAP@{K}",
        "MAP at {K}",
        "Mean Average Precision @ {K}",
        "Mean Average Precision at {K}",
        "Mean Average Precision at K",
        "MAP@K",
    ),
)
def map_at_k(y_true: Sizes, y_pred: Hits, *, k: Cut) -> Floats:
    """Mean of the precision at each first hit among the first ``k`` items.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many different items each answer has: a list separated by spaces.
    y_pred : ndarray of bool, shape (rows, places)
        Which places of a prediction, a list separated by spaces with the best first, hold an item
        of the answer for the first time. A repeat keeps its place and scores once.
    k : int
        What comes after it is cut.

    Returns
    -------
    ndarray of float64, shape (rows,)
        0 for an answer without items.

    Warnings
    --------
    Only the order of hits counts: leaving places empty gains nothing, so give ``k`` items. With
    one true item it is the mean of 1 / its place.

    Notes
    -----
    MAP@k = mean over rows of sum_(i <= k, i a first hit) P(i) / min(distinct true items, k), with
    P(i) the first hits up to place i divided by i

    References
    ----------
    C. D. Manning, P. Raghavan and H. Schuetze, Introduction to Information Retrieval, Cambridge
    2008, chapter 8; Kaggle, "Mean Average Precision at K" (B. Hamner, Metrics, ``mapk``).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("map_at_k", k=3).score(["a", "b c"], ["x a y", "b x c"])
    0.666...
    """
    place = np.arange(1, y_pred.shape[1] + 1)
    precision = np.cumsum(y_pred, axis=1) / place
    return divide((y_pred * precision).sum(axis=1), np.minimum(y_true.astype(np.float64), k))


@register(
    "ndcg_at_k",
    family=RowMean(_hits),
    greater_is_better=True,
    takes="labels",
    range=(0.0, 1.0),
    aliases=(
        "NDCG@{K}",
        "NDCG at {K}",
        "Normalized Discounted Cumulative Gain @ {K}",
        "Normalized Discounted Cumulative Gain",
        "NDCG@K",
    ),
)
def ndcg_at_k(y_true: Sizes, y_pred: Hits, *, k: Cut) -> Floats:
    """Hits among the first ``k`` items, discounted by place, relative to the best that could be.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many different items each answer has: a list separated by spaces.
    y_pred : ndarray of bool, shape (rows, places)
        Which places of a prediction, a list separated by spaces with the best first, hold an item
        of the answer for the first time. A repeat keeps its place and scores once.
    k : int
        What comes after it is cut.

    Returns
    -------
    ndarray of float64, shape (rows,)
        0 for an answer without items.

    Warnings
    --------
    All items of an answer are worth the same: the order of the answer does not matter. The first
    places count most, the second already 0.63 of the first.

    Notes
    -----
    NDCG@k = mean over rows of sum_(i <= k, i a first hit) 1 / log2(i + 1), divided by the sum of
    1 / log2(i + 1) for i up to min(distinct true items, k)

    References
    ----------
    K. Jarvelin and J. Kekalainen, ACM Transactions on Information Systems 20 (2002) 422-446;
    scikit-learn, ``ndcg_score`` of 0/1 relevances.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("ndcg_at_k", k=3).score(["a", "b c"], ["x a y", "b c x"])
    0.815...
    """
    most = min(k, max(int(y_true.max()), y_pred.shape[1]))
    discount = 1 / np.log2(np.arange(2, most + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])[np.minimum(y_true, most)]
    return divide((y_pred * discount[: y_pred.shape[1]]).sum(axis=1), ideal)


@register(
    "precision_at_k",
    family=RowMean(_hits),
    greater_is_better=True,
    takes="labels",
    range=(0.0, 1.0),
    aliases=("Precision@{K}", "Precision at {K}", "P@{K}", "Precision@K", "P@K"),
)
def precision_at_k(y_true: Sizes, y_pred: Hits, *, k: Cut) -> Floats:
    """Share of the first ``k`` places that hold an item of the answer.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many different items each answer has: a list separated by spaces.
    y_pred : ndarray of bool, shape (rows, places)
        Which places of a prediction, a list separated by spaces with the best first, hold an item
        of the answer for the first time. A repeat keeps its place and scores once.
    k : int
        What comes after it is cut; a shorter list is as one with wrong items at its end.

    Returns
    -------
    ndarray of float64, shape (rows,)

    Warnings
    --------
    A row with fewer than ``k`` true items cannot reach 1, so the best possible score may be far
    below it; the order within the first ``k`` does not matter.

    Notes
    -----
    P@k = mean over rows of (first hits among the first k) / k

    References
    ----------
    C. D. Manning, P. Raghavan and H. Schuetze, Introduction to Information Retrieval, Cambridge
    2008, chapter 8.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("precision_at_k", k=2).score(["a", "b c"], ["x a y", "b c x"])
    0.75
    """
    return np.asarray(y_pred.sum(axis=1) / k)


@register(
    "recall_at_k",
    family=RowMean(_hits),
    greater_is_better=True,
    takes="labels",
    range=(0.0, 1.0),
    aliases=("Recall@{K}", "Recall at {K}", "R@{K}", "Recall@K", "R@K"),
)
def recall_at_k(y_true: Sizes, y_pred: Hits, *, k: Cut) -> Floats:
    """Share of the items of an answer that are among the first ``k`` predicted.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many different items each answer has: a list separated by spaces.
    y_pred : ndarray of bool, shape (rows, places)
        Which places of a prediction, a list separated by spaces with the best first, hold an item
        of the answer for the first time. A repeat keeps its place and scores once.
    k : int
        What comes after it is cut.

    Returns
    -------
    ndarray of float64, shape (rows,)
        0 for an answer without items.

    Warnings
    --------
    A row with more than ``k`` true items cannot reach 1; the order within the first ``k`` does not
    matter.

    Notes
    -----
    R@k = mean over rows of (first hits among the first k) / (distinct true items)

    References
    ----------
    C. D. Manning, P. Raghavan and H. Schuetze, Introduction to Information Retrieval, Cambridge
    2008, chapter 8; Kaggle, "OTTO - Multi-Objective Recommender System" (k=20).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("recall_at_k", k=1).score(["a", "b c"], ["x a y", "b c x"])
    0.25
    """
    return divide(y_pred.sum(axis=1).astype(np.float64), y_true.astype(np.float64))


@register(
    "mrr",
    family=RowMean(_first_hit),
    greater_is_better=True,
    takes="labels",
    range=(0.0, 1.0),
    aliases=("Mean Reciprocal Rank",),
)
def mrr(y_true: Hits, y_pred: Sizes) -> Floats:
    """Mean of 1 / the place of the first item that is in the answer.

    Parameters
    ----------
    y_true : ndarray of bool, shape (rows,)
        Whether an answer, a list separated by spaces, has any item.
    y_pred : ndarray of int, shape (rows,)
        Place of the first item of a prediction, a list separated by spaces with the best first,
        that is in the answer; 0 where none is.

    Returns
    -------
    ndarray of float64, shape (rows,)
        0 where no item is in the answer.

    Warnings
    --------
    Whatever comes after the first hit does not count, and lists are not cut: a long list costs
    nothing.

    Notes
    -----
    MRR = mean over rows of 1 / (place of the first hit), 0 without a hit

    References
    ----------
    E. M. Voorhees, "The TREC-8 Question Answering Track Report", NIST SP 500-246 (1999) 77-82.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("mrr").score(["a", "b c"], ["x a y", "x y"])
    0.25
    """
    return np.where(y_true & (y_pred > 0), 1 / np.maximum(y_pred, 1), 0.0)
