"""Metrics of errors relative to the size of what was to be predicted."""

from __future__ import annotations

import numpy as np

from practice.metrics.inputs import Floats
from practice.metrics.means import RowMean, numbers
from practice.metrics.registry import register


@register(
    "smape",
    family=RowMean(numbers),
    greater_is_better=False,
    takes="number",
    range=(0.0, 200.0),
    aliases=("Symmetric Mean Absolute Percentage Error", "Symmetric MAPE"),
)
def smape(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean absolute error relative to the mean size of answer and prediction, in percent.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    ndarray of float64
        In percent; 0 where both are 0.

    Warnings
    --------
    In percent, 0 to 200. A prediction other than 0 for an answer of 0 costs 200 whatever its size,
    and too low costs more than too high.

    Notes
    -----
    SMAPE = 100 mean(2 |y - p| / (|y| + |p|))

    References
    ----------
    S. Makridakis and M. Hibon, International Journal of Forecasting 16 (2000) 451-476; Kaggle,
    "SMAPE".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("smape").score([100.0, 0.0], [300.0, 0.0])
    50.0
    """
    gap, size = np.abs(y_true - y_pred), np.abs(y_true) + np.abs(y_pred)
    if not np.isfinite(size).all():  # near the largest float64: halves have the same ratio
        gap = np.abs(y_true / 2 - y_pred / 2)
        size = np.abs(y_true / 2) + np.abs(y_pred / 2)
    return np.asarray(200.0 * np.divide(gap, size, out=np.zeros_like(size), where=size > 0))


@register(
    "mape",
    family=RowMean(numbers),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Absolute Percentage Error",),
)
def mape(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean absolute error relative to the answer, as a fraction.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    ndarray of float64
        1 is 100 percent; very large where an answer is 0.

    Warnings
    --------
    Predicting too low is cheaper than too high; an answer of 0 makes the score astronomically
    large.

    Notes
    -----
    MAPE = mean(|y - p| / max(|y|, 2.2e-16))

    References
    ----------
    A. de Myttenaere et al., Neurocomputing 192 (2016) 38-48; scikit-learn,
    ``mean_absolute_percentage_error``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("mape").score([10.0, 20.0], [11.0, 15.0])
    0.175
    """
    return np.abs(y_true - y_pred) / np.maximum(np.abs(y_true), np.finfo(np.float64).eps)


@register(
    "rmspe",
    family=RowMean(numbers, root=True),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Root Mean Square Percentage Error", "Root Mean Squared Percentage Error"),
)
def rmspe(y_true: Floats, y_pred: Floats) -> tuple[Floats, Floats]:
    """Root of the mean squared error relative to the answer, as a fraction.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    value, size : ndarray of float64
        Relative errors; size 0 where the answer is 0, which leaves the row out.

    Raises
    ------
    MetricError
        Where all answers are 0.

    Warnings
    --------
    Small answers decide it, and rows whose answer is 0 do not count; the best predictions are below
    the mean.

    Notes
    -----
    RMSPE = sqrt(mean(((y - p) / y)^2)) over rows with y other than 0

    References
    ----------
    Kaggle, "Rossmann Store Sales" and "Optiver Realized Volatility Prediction".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("rmspe").score([10.0, 20.0, 0.0], [11.0, 15.0, 3.0])
    0.190...
    """
    counts = y_true != 0
    return (y_true - y_pred) / np.where(counts, y_true, 1.0), counts.astype(np.float64)
