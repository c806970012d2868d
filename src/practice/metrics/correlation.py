"""Metrics of how predicted numbers move with the answers, whatever their scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics import replicates_columns
from practice.metrics.inputs import Floats
from practice.metrics.means import Column, mean
from practice.metrics.registry import register
from practice.metrics.variance import comfortable


@register(
    "pearson",
    family=Column(resample=replicates_columns.pearson),
    greater_is_better=True,
    takes="number",
    range=(-1.0, 1.0),
    aliases=("Pearson Correlation", "Pearson Correlation Coefficient", "Pearson r", "Correlation"),
)
def pearson(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Linear correlation of answers and predictions.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    float
        Several columns: the mean is the score.

    Raises
    ------
    MetricError
        Where all answers, or all predictions, are equal.

    Warnings
    --------
    Shift and scale do not matter, so a high value does not make predictions close; a few extreme
    rows decide. A constant prediction is refused.

    Notes
    -----
    r = sum((y - mean y) (p - mean p)) / sqrt(sum((y - mean y)^2) sum((p - mean p)^2))

    References
    ----------
    K. Pearson, Proceedings of the Royal Society of London 58 (1895) 240-242; SciPy, ``pearsonr``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("pearson").score([1.0, 2.0, 3.0], [10.0, 20.0, 60.0])
    0.944...
    """
    _check_varies(y_true, y_pred, "pearson")
    return _correlation(y_true, y_pred, weight)


@register(
    "spearman",
    family=Column(resample=replicates_columns.spearman),
    greater_is_better=True,
    takes="number",
    range=(-1.0, 1.0),
    aliases=(
        "Spearman Correlation",
        "Spearman's Rho",
        "Spearman's Rank Correlation Coefficient",
        "Mean Columnwise Spearman",
        "Mean Columnwise Spearman's Correlation Coefficient",
    ),
)
def spearman(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Correlation of the ranks of answers and predictions, equal values sharing the mean rank.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    float
        Several columns: the mean is the score.

    Raises
    ------
    MetricError
        Where all answers, or all predictions, are equal.

    Warnings
    --------
    Only the order counts; ties share the mean rank. A constant prediction is refused, as is a
    constant column of several.

    Notes
    -----
    rho = pearson(rank(y), rank(p))

    References
    ----------
    C. Spearman, American Journal of Psychology 15 (1904) 72-101; SciPy, ``spearmanr``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("spearman").score([1.0, 2.0, 3.0], [10.0, 20.0, 60.0])
    1.0
    """
    _check_varies(y_true, y_pred, "spearman")
    return _correlation(_ranks(y_true, weight), _ranks(y_pred, weight), weight)


@register(
    "concordance_index",
    family=Column(),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    aliases=("C-Index", "Harrell's C", "Concordance"),
)
def concordance_index(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Share of pairs with different answers whose predictions are in the same order.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None
        A pair counts by the product of its weights.

    Returns
    -------
    float
        Equal predictions count one half. Several columns: the mean is the score.

    Raises
    ------
    MetricError
        Where all answers are equal.

    Warnings
    --------
    Only the order counts, and a constant prediction scores one half. Censored times are not known
    to it.

    Notes
    -----
    C = (pairs with y_i < y_j and p_i < p_j + half of those with p_i = p_j) / (pairs with y_i < y_j)

    References
    ----------
    F. E. Harrell et al., Journal of the American Medical Association 247 (1982) 2543-2546.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("concordance_index").score([1.0, 2.0, 3.0], [0.1, 0.7, 0.5])
    0.666...
    """
    if y_true.min() == y_true.max():
        raise MetricError("all answers are equal: concordance_index has no meaning")
    weights = np.ones(len(y_true)) if weight is None else weight
    true = np.unique(y_true, return_inverse=True)[1]
    predicted = np.unique(y_pred, return_inverse=True)[1]
    both = np.unique(true * (predicted.max() + 1) + predicted, return_inverse=True)[1]
    # Equal answers stand with predictions descending, so that none of their pairs ascends.
    order = np.lexsort((-predicted, true))
    ascending = _ascending_pairs(predicted[order], weights[order])
    tied = _equal_pairs(predicted, weights) - _equal_pairs(both, weights)
    every = _equal_pairs(np.zeros_like(true), weights) - _equal_pairs(true, weights)
    return float((ascending + tied / 2) / every)


def _check_varies(y_true: Floats, y_pred: Floats, name: str) -> None:
    for values, what in ((y_true, "answers"), (y_pred, "predictions")):
        if values.min() == values.max():
            raise MetricError(f"all {what} are equal: {name} has no meaning")


def _correlation(left: Floats, right: Floats, weight: Floats | None) -> float:
    left, right = comfortable(left), comfortable(right)
    left, right = left - mean(left, weight), right - mean(right, weight)
    size = np.sqrt(mean(np.square(left), weight)) * np.sqrt(mean(np.square(right), weight))
    return float(np.clip(mean(left * right, weight) / size, -1.0, 1.0))


def _ranks(values: Floats, weight: Floats | None) -> Floats:
    """Return the weight of smaller values plus half of that of equal ones."""
    codes = np.unique(values, return_inverse=True)[1]
    each = np.bincount(codes, weight).astype(np.float64)
    return np.asarray((np.cumsum(each) - each / 2)[codes])


def _equal_pairs(codes: NDArray[np.intp], weight: Floats) -> float:
    """Return the weight of pairs of rows with equal codes."""
    return float((np.square(np.bincount(codes, weight)).sum() - np.square(weight).sum()) / 2)


def _ascending_pairs(codes: NDArray[np.intp], weight: Floats) -> float:
    """Return the weight of pairs of which the later row has the higher code.

    A pair ascends where the codes agree in their leading bits and the first bit in which they do
    not is 0 in the earlier row and 1 in the later. The rows are sorted one bit at a time, stably,
    so that rows which agree so far stand together, in their order.
    """
    total = 0.0
    for bit in reversed(range(int(codes.max()).bit_length())):
        zeros = np.cumsum(np.where(codes >> bit & 1, 0.0, weight))
        group = codes >> (bit + 1)
        first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        before = np.concatenate([[0.0], zeros])[first]  # of the groups above
        earlier = zeros - np.repeat(before, np.diff(first, append=len(codes)))
        total += float((earlier * weight)[codes >> bit & 1 == 1].sum())
        order = np.argsort(codes >> bit, kind="stable")
        codes, weight = codes[order], weight[order]
    return total
