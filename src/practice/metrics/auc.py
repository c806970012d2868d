"""Metrics of how well scores separate positive rows from negative ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

import numpy as np

from practice.errors import MetricError, UsageError
from practice.metrics import replicates_columns, slopes
from practice.metrics.curves import Ranked, Ranking, Steps
from practice.metrics.inputs import Floats
from practice.metrics.means import Column
from practice.metrics.parameters import Must
from practice.metrics.registry import register


def _area(made: Steps) -> Floats:
    """Return the area under the ROC curve."""
    beaten = (made.gain * (made.below + made.level / 2)).sum(axis=-1)
    return np.asarray(beaten / (made.positives * made.negatives))


@register(
    "roc_auc",
    family=Ranking(slopes.area),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    per_class=True,
    aliases=(
        "AUC",
        "ROC",
        "AUC ROC",
        "AUROC",
        "ROC AUC Score",
        "Area Under Receiver Operating Characteristic Curve",
        "Area Under the ROC Curve",
        "Mean Columnwise ROC AUC",
        "Mean Columnwise AUC",
        "Column-wise ROC AUC",
    ),
)
def roc_auc(ranked: Ranked, *, average: Literal["macro", "weighted", "micro"] = "macro") -> Floats:
    """Chance that a positive row is scored above a negative one, ties counting one half.

    Parameters
    ----------
    ranked : Ranked
    average : {"macro", "weighted", "micro"}
        Of several columns, or of several classes each against the rest: the mean, the mean weighted
        by how often each is positive, or all cells ranked together.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a column of answers has one class only.

    Warnings
    --------
    Only the order of the scores counts: predict probabilities, not labels, which give away what
    lies between. With few positive rows a few of them decide.

    Notes
    -----
    AUC = (pairs with s(positive) > s(negative) + half the pairs with s equal) / (all pairs)

    References
    ----------
    J. A. Hanley and B. J. McNeil, Radiology 143 (1982) 29-36; scikit-learn, ``roc_auc_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("roc_auc").score([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    if average == "micro":
        return _area(ranked.pooled())
    columns = list(ranked.columns())
    areas = np.stack([_area(column) for column in columns])
    if average == "macro":
        return np.asarray(areas.mean(axis=0))
    share = np.stack([column.positives for column in columns])
    return np.asarray((areas * share).sum(axis=0) / share.sum(axis=0))


@register(
    "average_precision",
    family=Ranking(slopes.precision),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    per_class=True,
    aliases=("AP", "Average Precision Score", "PR AUC", "Mean Columnwise Average Precision"),
)
def average_precision(ranked: Ranked) -> Floats:
    """Precision at each score of a positive row, averaged by the recall gained there.

    Parameters
    ----------
    ranked : Ranked
        Several columns, or several classes each against the rest: the mean.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a column of answers has no positive row.

    Warnings
    --------
    A random ranking scores the share of positive rows, not one half, so scores of data sets with
    different shares cannot be compared.

    Notes
    -----
    AP = sum_n (R_n - R_(n-1)) P_n, with precision P_n and recall R_n of the rows scored at least as
    high as the n-th highest score

    References
    ----------
    C. D. Manning, P. Raghavan and H. Schuetze, Introduction to Information Retrieval, Cambridge
    2008, chapter 8; scikit-learn, ``average_precision_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("average_precision").score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.833...
    """
    values = []
    for made in ranked.columns(both=False):
        positive = np.cumsum(made.gain[..., ::-1], axis=-1)[..., ::-1]
        negative = made.negatives[..., np.newaxis] - made.below
        # In a replicate there may be no row as high as a score.
        rows = positive + negative
        precision = np.divide(positive, rows, out=np.zeros_like(rows), where=rows > 0)
        values.append((made.gain * precision).sum(axis=-1) / made.positives)
    return np.asarray(np.mean(values, axis=0))


def _bands(values: tuple[float, ...]) -> bool:
    ascending = all(low < high for low, high in pairwise(values))
    return len(values) > 1 and ascending and values[0] >= 0 and values[-1] <= 1


def _band(made: Steps, low: float, high: float) -> Floats:
    """Return the area right of the ROC curve between two true positive rates."""
    until = np.cumsum(made.gain[..., ::-1], axis=-1)[..., ::-1] / made.positives[..., np.newaxis]
    height = made.gain / made.positives[..., np.newaxis]
    start, stop = np.clip(until - height, low, high), np.clip(until, low, high)
    # Within a step the curve is a straight line: take what is right of it at the middle.
    left = made.level * (until - (start + stop) / 2) / np.where(height > 0, height, 1.0)
    area = ((stop - start) * (made.below + left)).sum(axis=-1)
    return np.asarray(area / made.negatives)


def _band_knots(
    *, tpr: tuple[float, ...], weights: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return what counts of the interval from 0 to each border of a band."""
    counted = np.cumsum(np.diff(tpr) * weights)
    return tpr, (0.0, *(counted / counted[-1]).tolist())


@register(
    "weighted_roc_auc",
    family=Ranking(slopes.banded(_band_knots)),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    per_class=True,
    aliases=("Weighted AUC", "Alaska Weighted AUC"),
)
def weighted_roc_auc(
    ranked: Ranked,
    *,
    tpr: Annotated[tuple[float, ...], Must("that ascend within 0 to 1", _bands)] = (0.0, 0.4, 1.0),
    weights: tuple[Annotated[float, Must("of 0 or more", lambda value: value >= 0)], ...] = (
        2.0,
        1.0,
    ),
) -> Floats:
    """Area under the ROC curve with horizontal bands that count differently.

    Parameters
    ----------
    ranked : Ranked
        Several columns, or several classes each against the rest: the mean.
    tpr : tuple of float
        True positive rates between which the bands lie.
    weights : tuple of float
        One per band.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    UsageError
        Where there is not one weight per band, or all are 0.
    MetricError
        Where a column of answers has one class only.

    Warnings
    --------
    Only the order of the scores counts; with the default bands the highest scored positive rows
    weigh twice as much as the others.

    Notes
    -----
    score = sum_b w_b A_b / sum_b w_b (t_(b+1) - t_b), with A_b the area between the ROC curve and
    FPR = 1 for true positive rates from t_b to t_(b+1)

    References
    ----------
    R. Cogranne, Q. Giboulot and P. Bas, "ALASKA 2: Challenging Academic Research on Steganalysis
    with Realistic Images", WIFS 2020; Kaggle, "ALASKA2 Image Steganalysis".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("weighted_roc_auc").score([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8])
    0.821...
    """
    if len(weights) != len(tpr) - 1 or not any(weights):
        raise UsageError(
            "weighted_roc_auc needs a weight for each band between two tpr, one above 0"
        )
    bands = [
        (low, high, weight) for (low, high), weight in zip(pairwise(tpr), weights, strict=True)
    ]
    whole = sum(weight * (high - low) for low, high, weight in bands)
    values = [
        np.sum([weight * _band(made, low, high) for low, high, weight in bands], axis=0)
        for made in ranked.columns()
    ]
    return np.asarray(np.mean(values, axis=0) / whole)


def _partial_range(*, min_tpr: float) -> tuple[float, float]:
    return 0.0, 1.0 - min_tpr


def _partial_knots(*, min_tpr: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return (min_tpr, 1.0), (0.0, 1.0 - min_tpr)


@register(
    "partial_roc_auc",
    family=Ranking(slopes.banded(_partial_knots)),
    greater_is_better=True,
    takes="number",
    range=_partial_range,
    per_class=True,
    aliases=("Partial AUC", "pAUC"),
    presets={"pAUC above 80% TPR": {"min_tpr": 0.8}},
)
def partial_roc_auc(
    ranked: Ranked,
    *,
    min_tpr: Annotated[float, Must("from 0 to below 1", lambda value: 0 <= value < 1)],
) -> Floats:
    """Area under the ROC curve above a true positive rate.

    Parameters
    ----------
    ranked : Ranked
        Several columns, or several classes each against the rest: the mean.
    min_tpr : float
        The area is at most 1 - min_tpr.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a column of answers has one class only.

    Warnings
    --------
    It is not scaled to 1: the best is 1 - min_tpr. Only the lowest scored positive rows count.

    Notes
    -----
    pAUC = area between the ROC curve and FPR = 1 for true positive rates from min_tpr to 1

    References
    ----------
    D. K. McClish, Medical Decision Making 9 (1989) 190-195; Kaggle, "ISIC 2024 - Skin Cancer
    Detection with 3D-TBP" (min_tpr=0.8).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("partial_roc_auc", min_tpr=0.5).score([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8])
    0.25
    """
    return np.asarray(np.mean([_band(made, min_tpr, 1.0) for made in ranked.columns()], axis=0))


@register(
    "gini_normalized",
    family=Column(resample=replicates_columns.gini_normalized),
    greater_is_better=True,
    takes="number",
    range=(-1.0, 1.0),
    aliases=("Normalized Gini", "Normalized Gini Coefficient", "Normalized Gini Index", "Gini"),
)
def gini_normalized(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Gini coefficient of the answers ranked by prediction, relative to a perfect ranking.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    float
        2 AUC - 1 where answers are 0 and 1. Several columns: the mean is the score.

    Raises
    ------
    MetricError
        Where all answers are equal.

    Warnings
    --------
    Only the order of the predictions counts. Rows of equal prediction share the mean of their
    orders, where Kaggle takes them in the order of the file.

    Notes
    -----
    G(y, p) / G(y, y), with G(y, p) = sum_i (L_i / L_n - i / n) / n, L_i the sum of the answers of
    the i rows predicted highest; rows of equal prediction share the mean of their orders

    References
    ----------
    C. Gini, Variabilita e mutabilita, Bologna 1912; Kaggle, "Normalized Gini Index", where tied
    rows are taken in the order of the file.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("gini_normalized").score([0.0, 1.0, 3.0], [0.1, 0.9, 0.5])
    0.333...
    """
    if y_true.min() == y_true.max():
        raise MetricError("all answers are equal: gini_normalized has no meaning")
    weights = np.ones(len(y_true)) if weight is None else weight
    centred = y_true / np.abs(y_true).max()
    centred = centred - centred @ weights / weights.sum()
    return _concentration(centred, y_pred, weights) / _concentration(centred, y_true, weights)


def _concentration(centred: Floats, by: Floats, weight: Floats) -> float:
    """Return the area below the running sum of centred answers, highest ``by`` first."""
    order = np.argsort(-by)
    ranked = by[order]
    last = np.flatnonzero(np.concatenate([ranked[1:] != ranked[:-1], [True]]))
    reached = np.concatenate([[0.0], np.cumsum((centred * weight)[order])[last]])
    rows = np.concatenate([[0.0], np.cumsum(weight[order])[last]])
    return float(np.diff(rows) @ (reached[1:] + reached[:-1]) / 2)
