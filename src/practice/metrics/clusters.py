"""Metrics of clusterings: which rows are together, whatever the clusters are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.coding import cells
from practice.metrics.inputs import Floats, flat, refuse_where
from practice.metrics.registry import register

_EPSILON = float(np.finfo(np.float64).eps)
# Up to so many codes a row, counting in a table is quicker than sorting.
_SPARSE = 4


@dataclass(frozen=True)
class Overlaps:
    """How two clusterings of the same rows overlap.

    Parameters
    ----------
    true, predicted : ndarray of int64
        Rows of each class of the answers, of each cluster of the predictions.
    cells : ndarray of int64
        Rows of each pair of class and cluster that share any.
    row_of, column_of : ndarray of int
        Class and cluster of each of ``cells``.
    rows : int
    """

    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    cells: NDArray[np.int64]
    row_of: NDArray[np.intp]
    column_of: NDArray[np.intp]
    rows: int

    @property
    def same(self) -> bool:
        """True where both are the same clustering, up to the names of clusters."""
        return len(self.cells) == len(self.true) == len(self.predicted)

    @property
    def mutual_information(self) -> float:
        """In nats."""
        if len(self.true) == 1 or len(self.predicted) == 1:
            return 0.0
        n = self.rows
        outer = self.true[self.row_of].astype(np.float64) * self.predicted[self.column_of]
        logs = np.log(self.cells) - np.log(n) + (2 * np.log(n) - np.log(outer))
        value = float((self.cells / n * logs).sum())
        return max(0.0, value) if value > _EPSILON else 0.0


@dataclass(frozen=True)
class Overlapping:
    """Metrics computed from :class:`Overlaps`: ``(overlaps, **parameters) -> float``."""

    def score(self, metric: Metric, sample: Sample) -> float:
        """Count the overlaps, then call the function."""
        true = _codes(metric, sample.y_true, "an answer")
        predicted = _codes(metric, sample.y_pred, "a prediction")
        return float(metric.function(_overlaps(true, predicted), **metric.parameters))


def _codes(metric: Metric, values: NDArray[Any], what: str) -> NDArray[np.int64]:
    """Return codes from 0 for the clusters of a column; not every code need occur."""
    column = flat(values)
    if column.ndim != 1:
        raise MetricError(f"{metric.name} takes one column of clusters")
    if column.dtype.kind in "iu":
        low, high = int(column.min()), int(column.max())
        if high - low < _SPARSE * len(column):
            return column.astype(np.int64) - low
        return np.asarray(np.unique(column, return_inverse=True)[1], np.int64)
    known: dict[str, int] = {}
    each = (known.setdefault(name, len(known)) for name in cells(column, what))
    codes = np.fromiter(each, np.int64, len(column))
    refuse_where(codes == known.get("", -1), f"{what} is missing")
    return codes


def _overlaps(true: NDArray[np.int64], predicted: NDArray[np.int64]) -> Overlaps:
    counts = [np.bincount(codes) for codes in (true, predicted)]
    width = len(counts[1])
    joint = true * width + predicted
    if len(counts[0]) * width <= _SPARSE * len(true):
        table = np.bincount(joint)
        pairs = np.flatnonzero(table)
        shared = table[pairs]
    else:
        pairs, shared = np.unique(joint, return_counts=True)
    # Codes that do not occur are left out.
    rows, columns = (np.cumsum(each > 0) - 1 for each in counts)
    sizes = [each[each > 0] for each in counts]
    return Overlaps(
        sizes[0], sizes[1], shared, rows[pairs // width], columns[pairs % width], len(true)
    )


def _entropy(sizes: NDArray[np.int64], rows: int) -> float:
    if len(sizes) == 1:
        return 0.0
    return float(-(sizes / rows * (np.log(sizes) - np.log(rows))).sum())


@register(
    "adjusted_rand",
    family=Overlapping(),
    greater_is_better=True,
    takes="text",
    range=(-0.5, 1.0),
    unit="none",
    weighted=False,
    aliases=("Adjusted Rand Index", "Adjusted Rand Score", "ARI"),
)
def adjusted_rand(overlaps: Overlaps) -> float:
    """Agreement on which pairs of rows are together, beyond that of chance.

    Parameters
    ----------
    overlaps : Overlaps
        Of two columns of clusters with any names.

    Returns
    -------
    float
        1 for the same clustering, about 0 for a random one.

    Raises
    ------
    MetricError
        Where a cluster is missing.

    Warnings
    --------
    Large clusters have most of the pairs and decide the score. Resampled rows repeat pairs, which
    makes any clustering look better: there is no interval from a bootstrap.

    Notes
    -----
    ARI = 2 (a d - b c) / ((a + b) (b + d) + (a + c) (c + d)), with a pairs of rows together in
    both, d in neither, b only in the answers, c only in the predictions

    References
    ----------
    L. Hubert and P. Arabie, Journal of Classification 2 (1985) 193-218; scikit-learn,
    ``adjusted_rand_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("adjusted_rand").score(["a", "a", "b", "b"], ["1", "1", "2", "3"])
    0.571...
    """
    # Python's integers: products of counts of pairs overflow 64 bits.
    squares = int(np.square(overlaps.cells).sum())
    true, predicted = (int(np.square(s).sum()) for s in (overlaps.true, overlaps.predicted))
    together, only_true, only_predicted = (
        squares - overlaps.rows,
        true - squares,
        predicted - squares,
    )
    apart = overlaps.rows**2 - squares - only_true - only_predicted
    if only_true == only_predicted == 0:
        return 1.0
    agreement = 2 * (together * apart - only_true * only_predicted)
    return agreement / (
        (together + only_true) * (only_true + apart)
        + (together + only_predicted) * (only_predicted + apart)
    )


@register(
    "v_measure",
    family=Overlapping(),
    greater_is_better=True,
    takes="text",
    range=(0.0, 1.0),
    unit="none",
    weighted=False,
    aliases=("V-Measure Score", "Normalized Mutual Information", "NMI"),
)
def v_measure(overlaps: Overlaps) -> float:
    """Harmonic mean of how pure the clusters are and how whole the classes.

    Parameters
    ----------
    overlaps : Overlaps
        Of two columns of clusters with any names.

    Returns
    -------
    float

    Raises
    ------
    MetricError
        Where a cluster is missing.

    Warnings
    --------
    It is not adjusted for chance: many small clusters score well above 0 without any information.

    Notes
    -----
    V = 2 h c / (h + c), with homogeneity h = MI / H(true) and completeness c = MI / H(predicted),
    MI the mutual information and H the entropy; 1 for an entropy of 0

    References
    ----------
    A. Rosenberg and J. Hirschberg, EMNLP-CoNLL 2007, 410-420; scikit-learn, ``v_measure_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("v_measure").score(["a", "a", "b", "b"], ["1", "1", "1", "2"])
    0.343...
    """
    shared = overlaps.mutual_information
    true, predicted = (_entropy(s, overlaps.rows) for s in (overlaps.true, overlaps.predicted))
    pure = shared / true if true else 1.0
    whole = shared / predicted if predicted else 1.0
    return min(1.0, 2 * pure * whole / (pure + whole)) if pure + whole > 0 else 0.0


@register(
    "adjusted_mutual_info",
    family=Overlapping(),
    greater_is_better=True,
    takes="text",
    range=(-np.inf, 1.0),
    unit="none",
    weighted=False,
    aliases=("Adjusted Mutual Information", "AMI"),
)
def adjusted_mutual_info(overlaps: Overlaps) -> float:
    """Information that two clusterings share, beyond that of chance.

    Parameters
    ----------
    overlaps : Overlaps
        Of two columns of clusters with any names.

    Returns
    -------
    float
        1 for the same clustering, about 0 for a random one.

    Raises
    ------
    MetricError
        Where a cluster is missing.

    Warnings
    --------
    Better than the adjusted Rand index where clusters differ much in size. Resampled rows repeat
    pairs, which makes any clustering look better: there is no interval from a bootstrap.

    Notes
    -----
    AMI = (MI - E[MI]) / ((H(true) + H(predicted)) / 2 - E[MI]), with the mutual information MI, its
    mean E over all clusterings with clusters of the same sizes, and the entropies H

    References
    ----------
    N. X. Vinh, J. Epps and J. Bailey, Journal of Machine Learning Research 11 (2010) 2837-2854;
    scikit-learn, ``adjusted_mutual_info_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("adjusted_mutual_info").score(["a", "a", "b", "b"], ["1", "1", "2", "3"])
    0.571...
    """
    if overlaps.same:
        return 1.0
    if len(overlaps.true) == 1 or len(overlaps.predicted) == 1:
        return 0.0
    expected = _expected_information(overlaps)
    entropies = [_entropy(s, overlaps.rows) for s in (overlaps.true, overlaps.predicted)]
    over = _away_from_zero(sum(entropies) / 2 - expected)
    return _away_from_zero(overlaps.mutual_information - expected) / over


def _away_from_zero(value: float) -> float:
    return min(value, -_EPSILON) if value < 0 else max(value, _EPSILON)


def _expected_information(overlaps: Overlaps) -> float:
    """Return the mean mutual information of random clusterings with clusters of these sizes."""
    n = overlaps.rows
    # Summed in extended precision: differences of these are wanted to the last digit of a double.
    logs = np.log(np.arange(1, n + 1, dtype=np.longdouble))
    factorial = np.concatenate([np.zeros(1, np.longdouble), np.cumsum(logs)])
    true, times = np.unique(overlaps.true, return_counts=True)
    predicted, often = np.unique(overlaps.predicted, return_counts=True)
    total = 0.0
    for a, many in zip(true.tolist(), times.tolist(), strict=True):
        for b, more in zip(predicted.tolist(), often.tolist(), strict=True):
            total += many * more * _expected_cell(a, b, n, factorial)
    return total


def _expected_cell(a: int, b: int, n: int, factorial: NDArray[Any]) -> float:
    """Return what a class of ``a`` and a cluster of ``b`` rows add, by the hypergeometric law."""
    mean = a * b / n
    # Beyond this from the mean the law has less than 1e-25 of its weight (Bernstein).
    reach = 12 * np.sqrt(mean * (1 - a / n) * (n - b) / max(1, n - 1)) + 60
    low = max(1, a + b - n, int(mean - reach))
    shared = np.arange(low, min(a, b, int(mean + reach) + 1) + 1)
    if not len(shared):
        return 0.0
    constant = factorial[a] + factorial[b] + factorial[n - a] + factorial[n - b] - factorial[n]
    weight = constant - (
        factorial[shared]
        + factorial[a - shared]
        + factorial[b - shared]
        + factorial[n - a - b + shared]
    )
    gain: Floats = np.log(n * shared.astype(np.float64) / a / b)
    return float((shared / n * gain * np.exp(weight.astype(np.float64))).sum())
