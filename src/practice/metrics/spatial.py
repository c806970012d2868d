"""Metrics of predicted directions and places."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample, Unit
from practice.metrics.groups import Grouped, Groups
from practice.metrics.inputs import Floats, number_pair, refuse_where
from practice.metrics.means import Pair, RowMean
from practice.metrics.parameters import Must
from practice.metrics.registry import register

_EARTH = 6_371_000.0  # metres


def _two_columns(metric: Metric, sample: Sample) -> Pair:
    y_true, y_pred = number_pair(sample)
    if y_true.ndim != 2 or y_true.shape[1] != 2:
        width = 1 if y_true.ndim == 1 else y_true.shape[1]
        raise MetricError(f"{metric.name} takes two target columns, not {width}")
    return y_true, y_pred


@register(
    "mean_angular_error",
    family=RowMean(_two_columns),
    greater_is_better=False,
    takes="number",
    range=(0.0, float(np.pi)),
    several="joint",
    aliases=("Mean Angular Distance", "Angular Error", "Mean Angular Distance Error"),
)
def mean_angular_error(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean angle between the predicted and the true direction.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows, 2)
        Azimuth and zenith in radians, in this order.

    Returns
    -------
    ndarray of float64, shape (rows,)
        In radians, up to pi.

    Raises
    ------
    MetricError
        Where there are not two columns.

    Warnings
    --------
    The order of the columns matters: azimuth first. Directions without any information score pi / 2
    on average.

    Notes
    -----
    error = mean(arccos(u . v)), with the unit vectors u and v of
    (cos(azimuth) sin(zenith), sin(azimuth) sin(zenith), cos(zenith)); computed as
    2 atan2(|u - v|, |u + v|), which is exact for small angles too

    References
    ----------
    Kaggle, "IceCube - Neutrinos in Deep Ice".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("mean_angular_error").score([[0.0, 0.5], [1.0, 1.0]], [[0.0, 0.25], [1.0, 1.0]])
    0.125
    """
    true, predicted = _vector(y_true), _vector(y_pred)
    apart = np.linalg.norm(true - predicted, axis=0)
    return np.asarray(2 * np.arctan2(apart, np.linalg.norm(true + predicted, axis=0)))


def _vector(angles: Floats) -> Floats:
    """Return unit vectors, shape (3, rows)."""
    azimuth, zenith = angles.T
    level = np.sin(zenith)
    return np.stack([np.cos(azimuth) * level, np.sin(azimuth) * level, np.cos(zenith)])


def _coordinates(metric: Metric, sample: Sample) -> Pair:
    """Prepare latitudes and longitudes in degrees."""
    y_true, y_pred = _two_columns(metric, sample)
    for values, what in ((y_true, "an answer"), (y_pred, "a prediction")):
        refuse_where(np.abs(values[:, 0]) > 90, f"the latitude of {what} is not from -90 to 90")
    return y_true, y_pred


def _haversine_unit(*, group: str | None, **_: Any) -> Unit:
    return "rows" if group is None else "groups"


@register(
    "haversine",
    family=Grouped("group", _coordinates),
    greater_is_better=False,
    takes="number",
    range=(0.0, float(np.pi * _EARTH)),
    unit=_haversine_unit,
    several="joint",
    weighted=False,
    needs=("group",),
    aliases=("Haversine Distance", "Great Circle Distance"),
)
def haversine(
    y_true: Floats,
    y_pred: Floats,
    groups: Groups,
    *,
    percentiles: tuple[
        Annotated[float, Must("from 0 to 100", lambda value: 0 <= value <= 100)], ...
    ] = (50.0, 95.0),
    group: str | None = None,
) -> Floats:
    """Percentiles of the distance on the earth, their mean, and the mean of these over groups.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows, 2)
        Latitude and longitude in degrees, in this order.
    groups : Groups
    percentiles : tuple of float
        Of the distances of a group, interpolated between the two nearest.
    group : str or None
        Column of the solution with the group of each row; None: all rows are one.

    Returns
    -------
    ndarray of float64, shape (groups,)
        In metres, on a sphere of radius 6 371 000 metres.

    Raises
    ------
    MetricError
        Where there are not two columns, or a latitude is beyond the poles.

    Warnings
    --------
    The order of the columns matters: latitude first. Distances beyond the highest percentile do not
    count at all, so a few rows may be as wrong as they like.

    Notes
    -----
    d = 2 r asin(sqrt(sin^2((b2 - b1) / 2) + cos(b1) cos(b2) sin^2((l2 - l1) / 2))), with latitudes
    b and longitudes l; score = mean over groups of the mean of the percentiles of d

    References
    ----------
    R. W. Sinnott, Sky and Telescope 68 (1984) 159; Kaggle, "Google Smartphone Decimeter Challenge".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("haversine").score([[0.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]])
    111194.9...
    """
    distance = _distance(np.radians(y_true), np.radians(y_pred))
    order = np.lexsort((distance, groups.codes))
    ordered = distance[order]
    size = np.bincount(groups.codes)
    first = np.cumsum(size) - size
    values = []
    for percentile in percentiles:
        place = (size - 1) * (percentile / 100)
        low = np.floor(place).astype(np.intp)
        below, above = ordered[first + low], ordered[first + np.minimum(low + 1, size - 1)]
        values.append(below + (above - below) * (place - low))
    return np.asarray(np.mean(values, axis=0))


def _distance(true: Floats, predicted: Floats) -> Floats:
    north, east = np.sin((predicted - true) / 2).T
    chord = np.square(north) + np.cos(true[:, 0]) * np.cos(predicted[:, 0]) * np.square(east)
    return np.asarray(2 * _EARTH * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))
