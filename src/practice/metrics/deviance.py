"""Deviances of predicted means: what a likelihood makes of an error."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from practice.metrics.base import Metric
from practice.metrics.inputs import Floats, refuse_where
from practice.metrics.means import RowMean, limited
from practice.metrics.parameters import Must
from practice.metrics.registry import register

Power = Annotated[float, Must("of 0 or less, or of 1 or more", lambda p: p <= 0 or p >= 1)]


def _domain(metric: Metric, y_true: Floats, y_pred: Floats) -> None:
    """Refuse what the distribution of a power cannot give."""
    power = {"poisson_deviance": 1.0, "gamma_deviance": 2.0}.get(metric.name)
    power = metric.parameters["power"] if power is None else power
    if power != 0:
        refuse_where(y_pred <= 0, f"a prediction is 0 or less: {metric.name} has no meaning")
    if 1 <= power < 2:
        refuse_where(y_true < 0, f"an answer is negative: {metric.name} has no meaning")
    elif power >= 2:
        refuse_where(y_true <= 0, f"an answer is 0 or less: {metric.name} has no meaning")


@register(
    "poisson_deviance",
    family=RowMean(limited(_domain)),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Poisson Deviance",),
)
def poisson_deviance(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean deviance of the Poisson distribution, for counts.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows,) or (rows, columns)
        0 or more.
    y_pred : ndarray of float64, of the same shape
        Above 0.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where an answer is negative or a prediction 0 or less.

    Warnings
    --------
    Predictions have to be above 0; the best constant is the mean.

    Notes
    -----
    D = mean(2 (y ln(y / p) - y + p)), with 0 ln 0 = 0

    References
    ----------
    P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd ed., Chapman and Hall 1989;
    scikit-learn, ``mean_poisson_deviance``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("poisson_deviance").score([2, 0, 1, 4], [0.5, 0.5, 2.0, 2.0])
    1.426...
    """
    ratio = np.where(y_true > 0, y_true / y_pred, 1.0)
    return np.maximum(2 * (y_true * np.log(ratio) - y_true + y_pred), 0.0)


@register(
    "gamma_deviance",
    family=RowMean(limited(_domain)),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Gamma Deviance",),
)
def gamma_deviance(y_true: Floats, y_pred: Floats) -> Floats:
    """Mean deviance of the gamma distribution, for amounts; it sees ratios alone.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)
        Above 0.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a value is 0 or less.

    Warnings
    --------
    Only ratios count: an error of 10 % costs the same at any size. Values of 0 or less are refused.

    Notes
    -----
    D = mean(2 (ln(p / y) + y / p - 1))

    References
    ----------
    P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd ed., Chapman and Hall 1989;
    scikit-learn, ``mean_gamma_deviance``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("gamma_deviance").score([2.0, 0.5, 1.0, 4.0], [0.5, 0.5, 2.0, 2.0])
    1.056...
    """
    return np.maximum(2 * (np.log(y_pred / y_true) + y_true / y_pred - 1), 0.0)


@register(
    "tweedie_deviance",
    family=RowMean(limited(_domain)),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    aliases=("Mean Tweedie Deviance",),
)
def tweedie_deviance(y_true: Floats, y_pred: Floats, *, power: Power) -> Floats:
    """Mean deviance of a Tweedie distribution, whose variance grows as a power of the mean.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,) or (rows, columns)
        Predictions above 0 (any for ``power`` 0); answers 0 or more for a power from 1 to below 2,
        above 0 from 2 on.
    power : float
        0 normal, 1 Poisson, between 1 and 2 compound Poisson, 2 gamma, 3 inverse Gaussian.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    MetricError
        Where a value is outside the distribution's domain.

    Warnings
    --------
    The power says which values are allowed and how errors of large values count; deviances of
    different powers cannot be compared.

    Notes
    -----
    D = mean(2 (max(y, 0)^(2 - q) / ((1 - q) (2 - q)) - y p^(1 - q) / (1 - q) +
    p^(2 - q) / (2 - q))) for the power q; its limits for 1 and 2

    References
    ----------
    B. Jorgensen, Journal of the Royal Statistical Society B 49 (1987) 127-162; scikit-learn,
    ``mean_tweedie_deviance``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("tweedie_deviance", power=1.5).score([2, 0, 1, 4], [0.5, 0.5, 2.0, 2.0])
    1.778...
    """
    if power == 0:
        return np.square(y_true - y_pred)
    if power == 1:
        return poisson_deviance(y_true, y_pred)
    if power == 2:
        return gamma_deviance(y_true, y_pred)
    own = np.maximum(y_true, 0.0) ** (2 - power) / ((1 - power) * (2 - power))
    cross = y_true * y_pred ** (1 - power) / (1 - power)
    return np.maximum(2 * (own - cross + y_pred ** (2 - power) / (2 - power)), 0.0)
