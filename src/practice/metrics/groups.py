"""A family of metrics that judge each group of rows, or each series, before they average."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.coding import text
from practice.metrics.inputs import Floats, flat, number_pair, refuse_where
from practice.metrics.means import Pair, mean
from practice.metrics.plan import Plan

__all__ = ["Grouped", "Groups", "encode_groups", "one_column"]


@dataclass(frozen=True)
class Groups:
    """Which rows belong together.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Group of each row, from 0; each group has a row.
    weight : ndarray of float64, shape (rows,), or None
    names : ndarray, shape (rows,), or None
        What the codes stand for, as the column has them.
    extras : mapping of str to ndarray
        As in :class:`~practice.metrics.base.Sample`.
    """

    codes: NDArray[np.intp]
    weight: Floats | None
    names: NDArray[Any] | None
    extras: Mapping[str, NDArray[Any]]

    @cached_property
    def total(self) -> Floats:
        """Weight of the rows of each group, shape (groups,)."""
        return np.bincount(self.codes, self.weight).astype(np.float64)

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean of a value per row in each group.

        Parameters
        ----------
        values : ndarray, shape (rows,)

        Returns
        -------
        ndarray of float64, shape (groups,)
        """
        counted = values if self.weight is None else values * self.weight
        return np.asarray(np.bincount(self.codes, counted) / self.total)


@dataclass(frozen=True)
class Grouped:
    """Metrics that are the mean over groups of a value per group.

    The function takes ``(y_true, y_pred, groups, **parameters)`` and returns a value per group,
    shape (groups,), or several, shape (groups, values).

    Parameters
    ----------
    by : str
        The parameter that names the column with the group of each row; all rows are one group where
        it is None.
    prepare : callable
        ``(metric, sample) -> (y_true, y_pred)``: checks the arrays and shapes them.
    combine : callable or None
        From the means over groups of several values, shape (..., values), to the score, shape
        (...).
    """

    by: str
    prepare: Callable[[Metric, Sample], Pair]
    combine: Callable[[Floats], Floats] | None = None

    def score(self, metric: Metric, sample: Sample) -> float:
        """Call the function on the groups and average."""
        values = self._values(metric, sample, self._groups(sample))
        if self.combine is None:
            return mean(values)
        return float(self.combine(values.mean(axis=0)))

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats | None:
        """Return the mean over the groups of each replicate, a group counting as often as drawn."""
        groups = self._groups(sample)
        if groups.names is None:
            return None
        values = self._values(metric, sample, groups)
        # Groups are drawn whole: one of its rows says how often. The value stays what it is.
        first = np.zeros(sample.rows, np.bool_)
        first[np.unique(groups.codes, return_index=True)[1]] = True
        table = np.zeros((sample.rows, values.size // len(values)))
        table[first] = values.reshape(len(values), -1)[groups.codes[first]]
        means = plan.sums(table) / plan.sums(first.astype(np.float64))[:, np.newaxis]
        return np.asarray(means[:, 0] if self.combine is None else self.combine(means))

    def _groups(self, sample: Sample) -> Groups:
        column = sample.extras.get(self.by)
        codes = np.zeros(sample.rows, np.intp)
        if column is not None:
            (codes,) = encode_groups((column, f"a {self.by}"))
        return Groups(codes, sample.weight, column, sample.extras)

    def _values(self, metric: Metric, sample: Sample, groups: Groups) -> Floats:
        pair = self.prepare(metric, sample)
        return np.asarray(metric.function(*pair, groups, **metric.parameters))


def one_column(metric: Metric, sample: Sample) -> Pair:
    """Prepare one column of finite numbers for answers and predictions.

    Parameters
    ----------
    metric : Metric
    sample : Sample

    Returns
    -------
    y_true, y_pred : ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where there are several columns.
    """
    y_true, y_pred = number_pair(sample)
    if y_true.ndim != 1:
        raise MetricError(f"{metric.name} takes one column of answers, not {y_true.shape[1]}")
    return y_true, y_pred


def encode_groups(*columns: tuple[NDArray[Any], str]) -> list[NDArray[np.intp]]:
    """Return columns of names as codes; equal names have equal codes in all of them.

    Parameters
    ----------
    *columns : (ndarray, str)
        Numbers or texts, and what one of them is called in messages.

    Returns
    -------
    list of ndarray of int
        From 0; those of the first column are all below its number of different names.

    Raises
    ------
    MetricError
        Where a name is missing.

    Examples
    --------
    >>> encode_groups((np.array(["b", "a", "b"]), "a group"))[0].tolist()
    [0, 1, 0]
    """
    names = [_present(flat(column), what) for column, what in columns]
    numeric = all(name.dtype.kind in "biuf" for name in names)
    codes: dict[Any, int] = {}
    made = []
    for name in names:
        listed = name.tolist() if numeric else map(text, name.tolist())
        each = (codes.setdefault(value, len(codes)) for value in listed)
        made.append(np.fromiter(each, np.intp, len(name)))
    return made


def _present(names: NDArray[Any], what: str) -> NDArray[Any]:
    if names.dtype.kind == "f":
        refuse_where(np.isnan(names), f"{what} is missing")
    elif names.dtype.kind == "O":
        missing = (name is None or name is not name or name != name for name in names.tolist())
        refuse_where(np.fromiter(missing, np.bool_, len(names)), f"{what} is missing")
    return names
