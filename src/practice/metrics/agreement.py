"""Agreement beyond chance: correlation of labels, and kappa."""

from __future__ import annotations

from typing import Literal

import numpy as np

from practice.errors import MetricError
from practice.metrics.counts import Counting, Counts, Crossing, Table, divide
from practice.metrics.inputs import Floats
from practice.metrics.registry import register


@register(
    "matthews_corrcoef",
    family=Counting(),
    greater_is_better=True,
    takes="label",
    range=(-1.0, 1.0),
    aliases=(
        "MCC",
        "Matthews Correlation Coefficient",
        "Matthews Correlation",
        "Phi Coefficient",
    ),
)
def matthews_corrcoef(counts: Counts) -> Floats:
    """Correlation between true and predicted labels, of two classes or more.

    Parameters
    ----------
    counts : Counts

    Returns
    -------
    ndarray of float64
        0 where all predictions, or all answers, are one class.

    Warnings
    --------
    All four cells of the confusion matrix count, so the best threshold is rarely 0.5; a constant
    prediction scores 0.

    Notes
    -----
    MCC = (c s - sum_k t_k p_k) / sqrt((s^2 - sum_k p_k^2) (s^2 - sum_k t_k^2)), with s rows, c of
    them right, t_k of class k and p_k predicted as class k

    References
    ----------
    B. W. Matthews, Biochimica et Biophysica Acta 405 (1975) 442-451; J. Gorodkin, Computational
    Biology and Chemistry 28 (2004) 367-374; scikit-learn, ``matthews_corrcoef``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("matthews_corrcoef").score([1, 1, 1, 0], [1, 0, 1, 1])
    -0.333...
    """
    right, true, predicted = counts.hits, counts.true, counts.predicted
    rows = true.sum(axis=-1)
    shared = right.sum(axis=-1) * rows - (true * predicted).sum(axis=-1)
    spread = _unlike(true, rows) * _unlike(predicted, rows)
    return np.clip(divide(shared, np.sqrt(spread)), -1.0, 1.0)


def _unlike(count: Floats, rows: Floats) -> Floats:
    """Return the weight of pairs of rows of different classes; exactly 0 where there is one."""
    several = (count > 0).sum(axis=-1) > 1
    return np.where(several, np.square(rows) - np.square(count).sum(axis=-1), 0.0)


@register(
    "quadratic_weighted_kappa",
    family=Crossing(),
    greater_is_better=True,
    takes="label",
    range=(-1.0, 1.0),
    aliases=("QWK", "Quadratic Kappa", "Weighted Kappa", "Quadratic Weighted Cohen Kappa"),
)
def quadratic_weighted_kappa(table: Table) -> Floats:
    """Agreement of ratings beyond chance, a disagreement counting by its square.

    Parameters
    ----------
    table : Table
        The classes are numbers, or texts of numbers.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a rating is not a number, or all answers and predictions are the same rating.

    Warnings
    --------
    A rounded regression does well only with cut points fitted on out-of-fold predictions; a
    constant prediction scores 0. With very unbalanced ratings a few distant errors decide.

    Notes
    -----
    kappa = 1 - sum_ij (v_i - v_j)^2 O_ij / sum_ij (v_i - v_j)^2 E_ij, with the rating values v, the
    confusion matrix O and E_ij = (row sum i) (column sum j) / n; a rating that no one gives changes
    nothing

    References
    ----------
    J. Cohen, Psychological Bulletin 70 (1968) 213-220; Kaggle, "Quadratic Weighted Kappa"; equal to
    scikit-learn's ``cohen_kappa_score(weights="quadratic")`` where ``labels`` are all ratings,
    equally spaced.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("quadratic_weighted_kappa").score([1, 2, 3, 5], [1, 3, 3, 5])
    0.941...
    """
    try:
        values = np.array([float(label) for label in table.classes])
    except ValueError:
        raise MetricError(
            "quadratic_weighted_kappa takes ratings, but the labels are not numbers"
        ) from None
    return kappa(table.cells, np.square(values[:, np.newaxis] - values))


@register(
    "cohen_kappa",
    family=Crossing(),
    greater_is_better=True,
    takes="label",
    range=(-1.0, 1.0),
    aliases=("Kappa", "Cohen's Kappa", "Cohen Kappa Score"),
    presets={"Linear Weighted Kappa": {"weights": "linear"}},
)
def cohen_kappa(table: Table, *, weights: Literal["linear", "quadratic"] | None = None) -> Floats:
    """Agreement of labels beyond chance.

    Parameters
    ----------
    table : Table
    weights : {"linear", "quadratic"} or None
        A disagreement counts by the distance of the two classes in their order, by its square, or
        always the same.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where all answers and predictions are the same label.

    Warnings
    --------
    The weighted forms go by the order of the classes among those that occur, or as the competition
    names them, not by their values.

    Notes
    -----
    kappa = 1 - sum_ij w_ij O_ij / sum_ij w_ij E_ij, with the confusion matrix O and
    E_ij = (row sum i) (column sum j) / n; w_ij = 1 for i != j, or |i - j|, or (i - j)^2

    References
    ----------
    J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46 and Psychological Bulletin
    70 (1968) 213-220; scikit-learn, ``cohen_kappa_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("cohen_kappa").score(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    0.5
    """
    index = np.arange(len(table.classes), dtype=np.float64)
    distance = np.abs(index[:, np.newaxis] - index)
    if weights is None:
        distance = (distance > 0).astype(np.float64)
    elif weights == "quadratic":
        distance = np.square(distance)
    return kappa(table.cells, distance)


def kappa(cells: Floats, cost: Floats) -> Floats:
    """Return Cohen's kappa of confusion matrices for a matrix of costs.

    Parameters
    ----------
    cells : ndarray, shape (..., classes, classes)
    cost : ndarray, shape (classes, classes)
        0 on the diagonal.

    Returns
    -------
    ndarray of float64, shape (...)

    Raises
    ------
    MetricError
        Where chance alone would agree perfectly: all labels are the same.

    Examples
    --------
    >>> float(kappa(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])))
    0.5
    """
    true, predicted = cells.sum(axis=-1), cells.sum(axis=-2)
    observed = (cells * cost).sum(axis=(-1, -2)) * cells.sum(axis=(-1, -2))
    expected = (true @ cost * predicted).sum(axis=-1)
    if not np.all(expected > 0):
        raise MetricError("all answers and predictions are the same label: kappa has no meaning")
    return np.asarray(1 - observed / expected)
