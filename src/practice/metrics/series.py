"""Training series that forecasts are compared with: their scale, and the naive forecast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.extras import SERIES, VALUES
from practice.metrics.groups import Groups, encode_groups
from practice.metrics.inputs import Floats, floats

__all__ = ["Series", "training_series"]

_SIGNIFICANT = 1.645  # a normal variable is beyond it in one case of ten


@dataclass(frozen=True)
class Series:
    """Series one after the other, each in the order of time.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
    codes : ndarray of int, shape (n,)
        Series of each value, ascending from 0.
    count : int
        Number of series.
    """

    values: Floats
    codes: NDArray[np.intp]
    count: int

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """Values of each series, shape (count,)."""
        return np.bincount(self.codes, minlength=self.count)

    @cached_property
    def place(self) -> NDArray[np.intp]:
        """Place of each value in its series, from 0, shape (n,)."""
        return np.arange(len(self.values)) - (np.cumsum(self.lengths) - self.lengths)[self.codes]

    def total(self, values: Floats, of: NDArray[np.intp] | slice = slice(None)) -> Floats:
        """Return the sum of a value for some of the places, by series."""
        return np.bincount(self.codes[of], values, minlength=self.count).astype(np.float64)

    def scale(self, period: int) -> Floats:
        """Return the mean absolute difference of values one period apart, shape (count,).

        Parameters
        ----------
        period : int

        Returns
        -------
        ndarray of float64
            NaN where a series is not longer than the period.
        """
        later = np.flatnonzero(self.place >= period)
        change = np.abs(self.values[later] - self.values[later - period])
        return np.asarray(self.total(change, later) / self.total(np.ones(len(later)), later))

    def seasonal(self, period: int) -> NDArray[np.bool_]:
        """Say which series are seasonal, by their autocorrelation at the period.

        Parameters
        ----------
        period : int

        Returns
        -------
        ndarray of bool, shape (count,)
            As in the M4 competition: of three periods or more, the period among the lags that R
            looks at, and the correlation beyond what chance leaves in 90 of 100 cases.
        """
        n = np.maximum(self.lengths, 1)
        centred = self.values - (self.total(self.values) / n)[self.codes]
        power, squares = self.total(np.square(centred)), np.zeros(self.count)
        correlation = np.zeros(self.count)
        for lag in range(1, period + 1):
            squares += np.square(correlation)
            later = np.flatnonzero(self.place >= lag)
            shared = self.total(centred[later] * centred[later - lag], later)
            correlation = np.divide(shared, power, out=np.zeros(self.count), where=power > 0)
        limit = _SIGNIFICANT / np.sqrt(n) * np.sqrt(1 + 2 * squares)
        lags = np.minimum(n - 1, np.floor(10 * np.log10(n)))
        least = np.full(self.count, np.inf)
        np.minimum.at(least, self.codes, self.values)
        long = (n >= 3 * period) & (lags >= period)
        seasonal: NDArray[np.bool_] = long & (np.abs(correlation) > limit) & (least > 0)
        return seasonal

    def factors(self, period: int) -> Floats:
        """Return multiplicative seasonal factors by classical decomposition.

        Parameters
        ----------
        period : int

        Returns
        -------
        ndarray of float64, shape (count, period)
            Of the places of a series modulo the period; 1 where it is not seasonal.
        """
        factors = np.ones((self.count, period))
        some = self.seasonal(period) if period > 1 else np.zeros(self.count, np.bool_)
        half, n = period // 2, self.lengths[self.codes]
        inner = np.flatnonzero(some[self.codes] & (self.place >= half) & (self.place + half < n))
        trend = np.zeros(len(inner))
        for apart in range(-half, half + 1):
            # An even period has no middle: the two values at its ends count one half.
            share = 0.5 if period % 2 == 0 and abs(apart) == half else 1.0
            trend += share / period * self.values[inner + apart]
        cell = self.codes[inner] * period + self.place[inner] % period
        total = np.bincount(cell, self.values[inner] / trend, minlength=factors.size)
        number = np.bincount(cell, minlength=factors.size)
        figure = (total / np.maximum(number, 1)).reshape(factors.shape)[some]
        factors[some] = figure / figure.mean(axis=1, keepdims=True)
        return factors

    def naive(self, codes: NDArray[np.intp], steps: NDArray[np.intp], period: int) -> Floats:
        """Forecast the last value of a series, seasonally adjusted where it is seasonal.

        Parameters
        ----------
        codes, steps : ndarray of int, shape (rows,)
            Series, and how many steps after its end, from 1.
        period : int

        Returns
        -------
        ndarray of float64, shape (rows,)
        """
        factors = self.factors(period)
        last = (np.cumsum(self.lengths) - 1)[codes]
        ahead = (self.place[last] + steps) % period
        adjusted = self.values[last] / factors[codes, self.place[last] % period]
        return np.asarray(adjusted * factors[codes, ahead])


def training_series(groups: Groups) -> Series:
    """Return the training series of groups of rows, with the codes of the groups.

    Parameters
    ----------
    groups : Groups
        Made from the column that names the series of each row.

    Returns
    -------
    Series
        Of the groups alone.

    Raises
    ------
    MetricError
        Where a series has no training values, or one of them is not a finite number.
    """
    values = floats(groups.extras[VALUES], "training value")
    rows, training = encode_groups(
        (np.asarray(groups.names), "a series"), (groups.extras[SERIES], "a training series")
    )
    count = int(rows.max()) + 1
    order = np.argsort(training, kind="stable")
    order = order[training[order] < count]
    made = Series(values[order], training[order], count)
    absent = made.lengths[rows] == 0
    if absent.any():
        raise MetricError("a row is of a series without training values", row=int(absent.argmax()))
    return made
