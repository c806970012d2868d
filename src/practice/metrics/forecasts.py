"""Metrics of forecasts relative to naive ones."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from practice.errors import MetricError
from practice.metrics.groups import Grouped, Groups, one_column
from practice.metrics.inputs import Floats, floats, refuse_where
from practice.metrics.parameters import Must
from practice.metrics.registry import register
from practice.metrics.relative import smape
from practice.metrics.series import Series, training_series

Period = Annotated[int, Must("of 1 or more", lambda value: value >= 1)]


def _scales(metric: str, training: Series, groups: Groups, period: int) -> Floats:
    scale = training.scale(period)[groups.codes]
    refuse_where(np.isnan(scale), f"{metric}: a row is of a series no longer than the period")
    refuse_where(
        scale == 0, f"{metric}: a row is of a series that repeats itself, which leaves no scale"
    )
    return scale


@register(
    "mase",
    family=Grouped("series", one_column),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    unit="groups",
    several="none",
    needs=("series",),
    training=True,
    aliases=("Mean Absolute Scaled Error",),
)
def mase(
    y_true: Floats, y_pred: Floats, groups: Groups, *, period: Period, series: str = "series"
) -> Floats:
    """Mean absolute error, relative to that of the seasonal naive method within the training data.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    groups : Groups
    period : int
        Steps of a season: 1 without one, 7 for days, 12 for months.
    series : str
        Column of the solution with the series of each row.

    Returns
    -------
    ndarray of float64, shape (groups,)
        A value per series; their mean is the score.

    Raises
    ------
    MetricError
        Where a series has no training values, no more than a period of them, or repeats itself.

    Warnings
    --------
    A series counts the same whatever its length. Below 1 is better than the naive method one step
    ahead, which several steps ahead is hard; a nearly constant training series makes it very large.

    Notes
    -----
    MASE = mean over series of mean(|y - p|) / mean(|x_t - x_(t - period)|), with the training
    values x

    References
    ----------
    R. J. Hyndman and A. B. Koehler, International Journal of Forecasting 22 (2006) 679-688;
    S. Makridakis, E. Spiliotis and V. Assimakopoulos, ibid. 36 (2020) 54-74 (M4).

    Examples
    --------
    >>> from practice import metrics
    >>> extras = {"series": ["a", "a"], "train:values": [1.0, 3.0, 5.0], "train:series": ["a"] * 3}
    >>> metrics.get("mase", period=1).score([7.0, 9.0], [6.0, 6.0], extras=extras)
    1.0
    """
    scale = _scales("mase", training_series(groups), groups, period)
    return groups.mean(np.abs(y_true - y_pred) / scale)


def _mean_ratio(means: Floats) -> Floats:
    """Return the mean of two ratios, of the means of SMAPE and MASE to those of the naive one."""
    return np.asarray((means[..., ::2] / means[..., 1::2]).mean(axis=-1))


def _owa_needs(*, period: int, **_: Any) -> tuple[str, ...]:
    return ("series", "step") if period > 1 else ("series",)


@register(
    "owa",
    family=Grouped("series", one_column, _mean_ratio),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    unit="groups",
    several="none",
    needs=_owa_needs,
    training=True,
    aliases=("Overall Weighted Average", "M4 OWA"),
)
def owa(
    y_true: Floats,
    y_pred: Floats,
    groups: Groups,
    *,
    period: Period,
    series: str = "series",
    step: str = "step",
) -> Floats:
    """Mean of SMAPE and MASE, each relative to that of the seasonally adjusted naive forecast.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    groups : Groups
    period : int
        Steps of a season: 1 without one.
    series : str
        Column of the solution with the series of each row.
    step : str
        Column of the solution that says how many steps a row is after the end of its training
        series, from 1; needed where ``period`` is above 1.

    Returns
    -------
    ndarray of float64, shape (series, 4)
        SMAPE and MASE of each, after each that of the naive forecast.

    Raises
    ------
    MetricError
        As for ``mase``; where the naive forecast is without error.

    Warnings
    --------
    1 is as good as the naive forecast (Naive2), which is no low bar. It is a ratio of averages over
    all series, so the score of some series says little about that of all.

    Notes
    -----
    OWA = (SMAPE / SMAPE_naive + MASE / MASE_naive) / 2, each a mean over series; the naive forecast
    is the last training value, divided by its seasonal factor and multiplied by that of the step,
    where the series is seasonal (autocorrelation test at 90 %, classical multiplicative
    decomposition)

    References
    ----------
    S. Makridakis, E. Spiliotis and V. Assimakopoulos, International Journal of Forecasting 36
    (2020) 54-74 (M4). A series with a value of 0 or less counts as not seasonal.

    Examples
    --------
    >>> from practice import metrics
    >>> extras = {"series": ["a", "a"], "train:values": [1.0, 3.0, 5.0], "train:series": ["a"] * 3}
    >>> metrics.get("owa", period=1).score([7.0, 9.0], [5.0, 5.0], extras=extras)
    1.0
    """
    training = training_series(groups)
    scale = _scales("owa", training, groups, period)
    steps = np.ones(len(y_true), np.intp)
    if period > 1:
        given = floats(groups.extras["step"], "step")
        refuse_where((given < 1) | (given % 1 != 0), "a step is not a whole number above 0")
        steps = given.astype(np.intp)
    naive = training.naive(groups.codes, steps, period)
    scaled = [np.abs(y_true - made) / scale for made in (y_pred, naive)]
    percent = [smape(y_true, made) for made in (y_pred, naive)]
    values = np.column_stack([groups.mean(each) for each in (*percent, *scaled)])
    if not values[:, 1].any():  # nor then the other
        raise MetricError("owa: the naive forecast is without error, which leaves no ratio")
    return values
