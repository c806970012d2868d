"""Metrics of the errors of predicted numbers; several target columns: the mean over columns."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from practice.errors import UsageError
from practice.metrics import replicates_columns
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, floats, number_pair, refuse_where
from practice.metrics.means import Column, Pair, RowMean, limited, numbers
from practice.metrics.parameters import Must
from practice.metrics.registry import register

_ROUNDING = 1e-12


def _above_minus_one(metric: Metric, y_true: Floats, y_pred: Floats) -> None:
    refuse_where(y_true <= -1, f"an answer is -1 or less: {metric.name} has no meaning")
    refuse_where(y_pred <= -1, f"a prediction is -1 or less: {metric.name} has no meaning")


@register(
    "rmse",
    family=RowMean(numbers, root=True),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Root Mean Squared Error", "Root Mean Square Error", "RMSD", "MCRMSE"),
)
def rmse(y_true: Floats, y_pred: Floats) -> Floats:
    """Root of the mean squared error.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    ndarray of float64
        Errors, in the unit of the target; several columns: the mean of their roots is the score.

    Warnings
    --------
    A few large errors decide it; the best constant is the mean. Several columns count by their
    scale: the mean of their roots is taken.

    Notes
    -----
    RMSE = sqrt(mean((y - p)^2))

    References
    ----------
    scikit-learn, ``root_mean_squared_error``; Kaggle, "Root Mean Squared Error" and "MCRMSE".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("rmse").score([1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
    1.732...
    """
    return y_true - y_pred


@register(
    "rmsle",
    family=RowMean(limited(_above_minus_one), root=True),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=(
        "Root Mean Squared Logarithmic Error",
        "Root Mean Squared Log Error",
        "Mean Columnwise RMSLE",
    ),
)
def rmsle(y_true: Floats, y_pred: Floats) -> Floats:
    """Root of the mean squared error of the logarithms of 1 + value.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)
        Above -1.

    Returns
    -------
    ndarray of float64
        Errors; several columns: the mean of their roots is the score.

    Raises
    ------
    MetricError
        Where a value is -1 or less.

    Warnings
    --------
    Predicting too low costs more than too high by as much. Fit the logarithm of 1 + target, and
    keep predictions above -1, which are refused.

    Notes
    -----
    RMSLE = sqrt(mean((ln(1 + y) - ln(1 + p))^2))

    References
    ----------
    Kaggle, "Root Mean Squared Logarithmic Error"; scikit-learn, ``root_mean_squared_log_error``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("rmsle").score([0.0, 3.0], [0.0, 1.0])
    0.490...
    """
    return np.log1p(y_true) - np.log1p(y_pred)


@register(
    "mae",
    family=RowMean(numbers),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Absolute Error", "Mean Columnwise MAE", "MCMAE"),
)
def mae(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean absolute error.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    ndarray of float64
        In the unit of the target.

    Warnings
    --------
    The best constant is the median, not the mean: models fitted to squares lose. It is in the unit
    of the target.

    Notes
    -----
    MAE = mean(|y - p|)

    References
    ----------
    scikit-learn, ``mean_absolute_error``; Kaggle, "Mean Absolute Error".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("mae").score([1.0, 2.0], [2.0, 4.0])
    1.5
    """
    return np.abs(y_true - y_pred)


@register(
    "mse",
    family=RowMean(numbers),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Squared Error", "Mean Square Error"),
)
def mse(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean squared error.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)

    Returns
    -------
    ndarray of float64
        In the square of the target's unit.

    Warnings
    --------
    A few large errors decide it; it is in the square of the target's unit.

    Notes
    -----
    MSE = mean((y - p)^2)

    References
    ----------
    scikit-learn, ``mean_squared_error``; Kaggle, "Mean Squared Error".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("mse").score([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return np.square(y_true - y_pred)


@register(
    "median_absolute_error",
    family=Column(resample=replicates_columns.median_absolute_error),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("MedAE", "Median AE"),
)
def median_absolute_error(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Absolute error that half of the rows do not exceed.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    float
        In the unit of the target; the mean of the two middle errors where there are two.

    Warnings
    --------
    Half of the rows may be as wrong as they like.

    Notes
    -----
    MedAE = median(|y - p|)

    References
    ----------
    scikit-learn, ``median_absolute_error``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("median_absolute_error").score([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 5.0, 9.0])
    1.5
    """
    errors = np.abs(y_true - y_pred)
    if weight is None:
        middle = [(len(errors) - 1) // 2, len(errors) // 2]
        low, high = np.partition(errors, middle)[middle]
    else:
        order = np.argsort(errors)
        reached = np.cumsum(weight[order])
        half = reached[-1] / 2
        # Sums of weights that are half of all but for rounding are half of all.
        low = errors[order[np.searchsorted(reached, half * (1 - _ROUNDING))]]
        high = errors[order[np.searchsorted(reached, half * (1 + _ROUNDING))]]
    return float(low + (high - low) / 2)


@register(
    "max_error",
    family=Column(),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    unit="none",
    weighted=False,
    aliases=("Maximum Error", "Maximum Absolute Error"),
)
def max_error(y_true: Floats, y_pred: Floats, weight: Floats | None) -> float:
    """Largest absolute error.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None
        Always None.

    Returns
    -------
    float
        In the unit of the target. Several columns: the mean is the score.

    Warnings
    --------
    One row decides it; it has no standard error, and weights mean nothing for it.

    Notes
    -----
    max error = max(|y - p|)

    References
    ----------
    scikit-learn, ``max_error``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("max_error").score([1.0, 2.0], [1.5, 4.0])
    2.0
    """
    return float(np.abs(y_true - y_pred).max())


def _quantiles(metric: Metric, sample: Sample) -> Pair:
    """Prepare answers, and as many columns of predictions as there are quantiles."""
    alpha = metric.parameters["alpha"]
    if not isinstance(alpha, tuple):
        return number_pair(sample)
    y_true, y_pred = floats(sample.y_true, "answer"), floats(sample.y_pred, "prediction")
    columns = 1 if y_pred.ndim == 1 else y_pred.shape[1]
    if columns != len(alpha):
        raise UsageError(f"pinball of {len(alpha)} quantiles, but {columns} columns of predictions")
    if y_true.ndim == 1:
        y_true = np.broadcast_to(y_true[:, np.newaxis], (len(y_true), columns))
    if y_true.shape != (len(y_pred), columns):
        raise UsageError(f"{columns} quantiles take one column of answers, or {columns}")
    return y_true, y_pred.reshape(-1, columns)


def _levels(*, alpha: float | tuple[float, ...]) -> tuple[str, ...]:
    return tuple(f"{level:g}" for level in alpha) if isinstance(alpha, tuple) else ()


Share = Annotated[float, Must("from 0 to 1", lambda value: 0 <= value <= 1)]


@register(
    "pinball",
    family=RowMean(_quantiles),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    outputs=_levels,
    aliases=("Pinball Loss", "Mean Pinball Loss", "Quantile Loss"),
)
def pinball(y_true: Floats, y_pred: Floats, *, alpha: Share | tuple[Share, ...] = 0.5) -> Floats:
    """Mean error of predicted quantiles: errors above count ``1 - alpha``, below ``alpha``.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)
    alpha : float or tuple of float
        The quantile; or one for each column of predictions of the same answers.

    Returns
    -------
    ndarray of float64
        In the unit of the target; several columns: the mean over columns is the score.

    Raises
    ------
    UsageError
        Where there are not as many columns of predictions as quantiles.

    Warnings
    --------
    For alpha=0.5 it is half the mean absolute error. Quantiles that cross are not refused.

    Notes
    -----
    pinball = mean(max(alpha (y - p), (alpha - 1) (y - p)))

    References
    ----------
    R. Koenker and G. Bassett, Econometrica 46 (1978) 33-50; scikit-learn, ``mean_pinball_loss``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("pinball", alpha=0.9).score([10.0, 10.0], [8.0, 12.0])
    1.0
    >>> metrics.get("pinball", alpha=[0.25, 0.75]).score([10.0], [[5.0, 20.0]])
    1.875
    """
    level = np.asarray(alpha)
    error = y_true - y_pred
    return np.maximum(level * error, (level - 1) * error)
