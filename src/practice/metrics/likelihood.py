"""Metrics of predictions that say how sure they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np

from practice.errors import MetricError, UsageError
from practice.metrics.base import Metric, Sample, Takes
from practice.metrics.inputs import Floats, floats, refuse_where
from practice.metrics.means import Pair, RowMean
from practice.metrics.parameters import Must
from practice.metrics.registry import register

Positive = Annotated[float, Must("above 0", lambda value: value > 0)]
Share = Annotated[float, Must("above 0 and below 1", lambda value: 0 < value < 1)]


def _outputs(metric: Metric, sample: Sample) -> Pair:
    """Prepare one column of answers, and the columns of predictions that the metric names."""
    y_true, y_pred = floats(sample.y_true, "answer"), floats(sample.y_pred, "prediction")
    if y_true.ndim != 1:
        raise MetricError(f"{metric.name} takes one column of answers, not {y_true.shape[1]}")
    y_pred = y_pred.reshape(len(y_true), -1)
    if y_pred.shape[1] != len(metric.outputs):
        raise MetricError(
            f"{metric.name} takes {len(metric.outputs)} columns of predictions "
            f"({', '.join(metric.outputs)}), not {y_pred.shape[1]}"
        )
    return y_true, y_pred


def _laplace_range(*, min_sigma: float, max_delta: float) -> tuple[float, float]:
    return -np.inf, float(-np.log(np.sqrt(2) * min_sigma))


@register(
    "laplace_log_likelihood",
    family=RowMean(_outputs),
    greater_is_better=True,
    takes="number",
    range=_laplace_range,
    several="none",
    outputs=("value", "confidence"),
    aliases=("Modified Laplace Log Likelihood", "Laplace Log Likelihood"),
)
def laplace_log_likelihood(
    y_true: Floats, y_pred: Floats, *, min_sigma: Positive = 70.0, max_delta: Positive = 1000.0
) -> Floats:
    """Mean log likelihood of a Laplace distribution with the predicted value and spread.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows,)
    y_pred : ndarray of float64, shape (rows, 2)
        The value, and its standard deviation (the "confidence"), in the unit of the target.
    min_sigma : float
        A smaller standard deviation counts as this one.
    max_delta : float
        A larger error counts as this one.

    Returns
    -------
    ndarray of float64, shape (rows,)
        In nats.

    Warnings
    --------
    A smaller "confidence" is a surer prediction. Where errors are d on average, sqrt(2) d is the
    best constant for it; scores are negative for any min_sigma above 0.71.

    Notes
    -----
    score = mean(-sqrt(2) min(|y - p|, max_delta) / s - ln(sqrt(2) s)), with
    s = max(confidence, min_sigma)

    References
    ----------
    Kaggle, "OSIC Pulmonary Fibrosis Progression".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("laplace_log_likelihood").score([2000.0], [[2100.0, 100.0]])
    -6.365...
    """
    sigma = np.maximum(y_pred[:, 1], min_sigma)
    delta = np.minimum(np.abs(y_true - y_pred[:, 0]), max_delta)
    return np.asarray(-np.sqrt(2) * delta / sigma - np.log(np.sqrt(2) * sigma))


def _names(
    *, quantiles: tuple[float, ...] | None, thresholds: tuple[float, ...] | None
) -> tuple[str, ...]:
    return tuple(f"{level:g}" for level in quantiles or thresholds or ())


def _crps_takes(
    *, quantiles: tuple[float, ...] | None, thresholds: tuple[float, ...] | None
) -> Takes:
    if (quantiles is None) == (thresholds is None):
        raise UsageError(
            "crps takes either quantiles, the levels of the columns, or thresholds, at which the "
            "columns have the probability of a value no greater"
        )
    return "number" if quantiles else "probability"


def _crps_range(
    *, quantiles: tuple[float, ...] | None, thresholds: tuple[float, ...] | None
) -> tuple[float, float]:
    return 0.0, np.inf if quantiles else 1.0


def _ascending_rows(metric: Metric, sample: Sample) -> Pair:
    """Prepare as :func:`_outputs`; cumulative probabilities may not descend."""
    y_true, y_pred = _outputs(metric, sample)
    if metric.parameters["thresholds"] is not None:
        refuse_where((y_pred < 0) | (y_pred > 1), "a prediction is not a probability in [0, 1]")
        refuse_where(y_pred[:, 1:] < y_pred[:, :-1], "the probabilities of a row descend")
    return y_true, y_pred


def _ascend(values: tuple[float, ...]) -> bool:
    return all(low < high for low, high in pairwise(values))


@register(
    "crps",
    family=RowMean(_ascending_rows),
    greater_is_better=False,
    takes=_crps_takes,
    range=_crps_range,
    several="none",
    outputs=_names,
    aliases=("Continuous Ranked Probability Score",),
)
def crps(
    y_true: Floats,
    y_pred: Floats,
    *,
    quantiles: Annotated[tuple[Share, ...], Must("that ascend", _ascend)] | None = None,
    thresholds: Annotated[tuple[float, ...], Must("that ascend", _ascend)] | None = None,
) -> Floats:
    """Distance of a predicted distribution from the step at what happened.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows,)
    y_pred : ndarray of float64, shape (rows, columns)
        Quantiles in the unit of the target; or the probabilities that the value is at most each
        threshold.
    quantiles : tuple of float or None
        The levels of the columns.
    thresholds : tuple of float or None
        The values at which the columns have cumulative probabilities.

    Returns
    -------
    ndarray of float64, shape (rows,)
        For quantiles in the unit of the target.

    Raises
    ------
    UsageError
        Where not exactly one of ``quantiles`` and ``thresholds`` is given.
    MetricError
        Where there are not as many columns, or probabilities of a row descend.

    Warnings
    --------
    Of thresholds the mean is taken, not the integral: those far from any answer make the score
    small. Of quantiles it is exact only as they become many.

    Notes
    -----
    CRPS = mean over rows and thresholds v of (F(v) - [y <= v])^2; or mean over rows and levels a of
    2 max(a (y - q_a), (a - 1) (y - q_a)), twice the pinball loss

    References
    ----------
    T. Gneiting and A. E. Raftery, Journal of the American Statistical Association 102 (2007)
    359-378; Kaggle, "NFL Big Data Bowl" and "Second Annual Data Science Bowl" (thresholds).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("crps", thresholds=[0, 1, 2]).score([1.0], [[0.0, 0.5, 1.0]])
    0.083...
    >>> metrics.get("crps", quantiles=[0.25, 0.75]).score([10.0], [[5.0, 20.0]])
    3.75
    """
    if thresholds is not None:
        happened = y_true[:, np.newaxis] <= np.array(thresholds)
        return np.asarray(np.square(y_pred - happened).mean(axis=1))
    level: Any = np.array(quantiles)
    error = y_true[:, np.newaxis] - y_pred
    return np.asarray(2 * np.maximum(level * error, (level - 1) * error).mean(axis=1))
