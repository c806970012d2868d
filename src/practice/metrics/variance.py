"""Metrics that compare errors with the spread of the answers."""

from __future__ import annotations

import numpy as np

from practice.errors import MetricError
from practice.metrics import replicates_columns
from practice.metrics.inputs import Floats
from practice.metrics.means import Column, mean
from practice.metrics.registry import register

__all__ = ["comfortable"]

# Squares of numbers with exponents of two beyond this are brought near 1 before they are taken.
_EXPONENT = 400


@register(
    "r2",
    family=Column(resample=replicates_columns.r2),
    greater_is_better=True,
    takes="number",
    range=(-np.inf, 1.0),
    aliases=("R2 Score", "R Squared", "Coefficient of Determination"),
)
def r2(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Share of the answers' variance that the predictions explain.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    float
        0 for predicting the mean of the answers. Several columns: the mean is the score.

    Raises
    ------
    MetricError
        Where there are fewer than two rows, or all answers are equal.

    Warnings
    --------
    The mean of the answers scores 0, worse predictions are negative without limit; with little
    variance among the answers, as in small groups, it means little.

    Notes
    -----
    R2 = 1 - sum((y - p)^2) / sum((y - mean(y))^2)

    References
    ----------
    S. Wright, Journal of Agricultural Research 20 (1921) 557-585; scikit-learn, ``r2_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("r2").score([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """
    largest = _check_spread(y_true, "r2")
    near = _exponent(y_true, y_pred, largest=largest)
    error = _scaled(y_true, near) - _scaled(y_pred, near)
    return 1.0 - _share(error, near, y_true, largest, weight)


@register(
    "explained_variance",
    family=Column(resample=replicates_columns.explained_variance),
    greater_is_better=True,
    takes="number",
    range=(-np.inf, 1.0),
    aliases=("Explained Variance Score",),
)
def explained_variance(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Share of the answers' variance that is gone from the errors, whatever their mean.

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
        Where there are fewer than two rows, or all answers are equal.

    Warnings
    --------
    It does not see a constant error: predictions that are all too high by 10 can score 1. Look at
    r2 as well.

    Notes
    -----
    EV = 1 - var(y - p) / var(y)

    References
    ----------
    scikit-learn, ``explained_variance_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("explained_variance").score([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    1.0
    """
    largest = _check_spread(y_true, "explained_variance")
    near = _exponent(y_true, y_pred, largest=largest)
    error = _scaled(y_true, near) - _scaled(y_pred, near)
    error -= mean(error, weight)
    return 1.0 - _share(error, near, y_true, largest, weight)


def _share(
    error: Floats, near: int, y_true: Floats, largest: float, weight: Floats | None
) -> float:
    """Return the mean square of errors, which are scaled, in variances of the answers.

    Answers and errors are scaled each by themselves: one wild prediction would else make the
    variance of the answers vanish.
    """
    own = _exponent(y_true, largest=largest)
    true = _scaled(y_true, own)
    spread = _mean_square(true - mean(true, weight), weight)
    if not spread:
        raise MetricError("all answers that have a weight are equal: there is no spread to explain")
    with np.errstate(over="ignore"):  # what is too large for a number is refused in words
        return float(np.ldexp(_mean_square(error, weight) / spread, 2 * (near - own)))


def _mean_square(values: Floats, weight: Floats | None) -> float:
    """Return the mean of squares; the values are overwritten, which saves a third of the time."""
    return mean(np.multiply(values, values, out=values), weight)


def comfortable(column: Floats) -> Floats:
    """Scale a column by a power of two, exactly, where its squares might overflow.

    Parameters
    ----------
    column : ndarray of float64

    Returns
    -------
    ndarray of float64
        The column itself where nothing is to be done.

    Examples
    --------
    >>> comfortable(np.array([2.0**1000, 0.0])).tolist()
    [0.5, 0.0]
    """
    return _scaled(column, _exponent(column))


def _scaled(column: Floats, exponent: int) -> Floats:
    return np.ldexp(column, -exponent) if exponent else column


def _exponent(*columns: Floats, largest: float | None = None) -> int:
    """Return the power of two that brings columns near 1; 0 where they need not be.

    ``largest`` is the largest value of the first column, by size, where it is known.
    """
    unknown = columns if largest is None else columns[1:]
    sizes = [max(float(column.max()), -float(column.min())) for column in unknown]
    largest = max([*sizes, *([] if largest is None else [largest])])
    exponent = int(np.frexp(largest)[1])
    return exponent if abs(exponent) > _EXPONENT else 0


def _check_spread(y_true: Floats, name: str) -> float:
    """Refuse answers without a spread; return the largest of them, by size."""
    if len(y_true) < 2:
        raise MetricError(f"{name} needs at least two rows")
    low, high = float(y_true.min()), float(y_true.max())
    if low == high:
        raise MetricError(f"all answers are equal: {name} has no meaning")
    return max(high, -low)
