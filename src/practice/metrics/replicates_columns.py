"""Replicates of metrics of whole columns: from moments, or from one sort.

Each function takes ``(y_true, y_pred, weight, plan)``, float64 arrays of shape (rows,), and returns
the value of each replicate, NaN where it has to be computed by itself: where the column it divides
by hardly varies, so that digits would be lost, or does not. Those that sort have no quick way over
blocks of rows, and return None.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from practice.metrics.plan import Plan

__all__ = [
    "explained_variance",
    "gini_normalized",
    "median_absolute_error",
    "pearson",
    "r2",
    "spearman",
]

Values = NDArray[np.float64]
Weight = Values | None

# A variance below this share of the mean square lost more digits than may be lost.
_LOST = 1e-4
_ROUNDING = 1e-12


def r2(y_true: Values, y_pred: Values, weight: Weight, plan: Plan) -> Values:
    """Return R2 of each replicate.

    Examples
    --------
    >>> plan = Plan(np.array([[1, 1, 1], [2, 0, 1]], np.uint8))
    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]), None, plan)
    array([0.5  , 0.625])
    """
    unit = _unit(y_true, y_pred)
    true = _centred(y_true / unit)
    errors = np.square((y_true - y_pred) / unit)
    error, middle, square = _means(weight, plan, errors, true, np.square(true))
    return np.asarray(1.0 - error / _variance(middle, square))


def explained_variance(y_true: Values, y_pred: Values, weight: Weight, plan: Plan) -> Values:
    """Return the explained variance of each replicate."""
    unit = _unit(y_true, y_pred)
    true, errors = _centred(y_true / unit), _centred((y_true - y_pred) / unit)
    bias, error, middle, square = _means(
        weight, plan, errors, np.square(errors), true, np.square(true)
    )
    return np.asarray(1.0 - (error - np.square(bias)) / _variance(middle, square))


def pearson(y_true: Values, y_pred: Values, weight: Weight, plan: Plan) -> Values:
    """Return the linear correlation of each replicate."""
    left, right = _centred(y_true / _unit(y_true)), _centred(y_pred / _unit(y_pred))
    columns = left, right, np.square(left), np.square(right), left * right
    one, other, square, squared, both = _means(weight, plan, *columns)
    size = np.sqrt(_variance(one, square)) * np.sqrt(_variance(other, squared))
    return np.asarray(np.clip((both - one * other) / size, -1.0, 1.0))


def _means(weight: Weight, plan: Plan, *columns: Values) -> Values:
    """Return the weighted mean of each column in each replicate."""
    table = np.stack(columns) if weight is None else np.stack(columns) * weight
    return np.asarray(plan.sums(table.T).T / plan.totals(weight))


def _variance(middle: Values, square: Values) -> Values:
    """Return variances from means and mean squares; NaN for those that lost digits."""
    variance = square - np.square(middle)
    return np.where(variance > _LOST * square, variance, np.nan)


def _centred(values: Values) -> Values:
    return np.asarray(values - values.mean())


def _unit(*columns: Values) -> float:
    """Return a power of two that brings numbers near 1, so that their squares are numbers too."""
    largest = max(float(np.abs(column).max()) for column in columns)
    return float(np.ldexp(1.0, int(np.frexp(largest)[1])))


def spearman(y_true: Values, y_pred: Values, weight: Weight, plan: Plan) -> Values | None:
    """Return the rank correlation of each replicate."""
    if plan.coarse:
        return None
    pair = [np.unique(values, return_inverse=True)[1] for values in (y_true, y_pred)]
    made = np.full(plan.replicates, np.nan)
    for replicate, each in enumerate(plan.each(weight)):
        ranks = []
        whole = each.sum()
        for codes in pair:
            held = np.bincount(codes, each)
            if np.count_nonzero(held) < 2:
                break
            rank = (np.cumsum(held) - held / 2)[codes]
            ranks.append(rank - each @ rank / whole)
        else:
            left, right = ranks
            weighed = each * left
            size = np.sqrt(weighed @ left) * np.sqrt((each * right) @ right)
            made[replicate] = weighed @ right / size
    return np.asarray(np.clip(made, -1.0, 1.0))


def median_absolute_error(
    y_true: Values, y_pred: Values, weight: Weight, plan: Plan
) -> Values | None:
    """Return the median absolute error of each replicate."""
    if plan.coarse:
        return None
    errors = np.abs(y_true - y_pred)
    order = np.argsort(errors)
    errors = errors[order]
    made = np.full(plan.replicates, np.nan)
    some = plan.take(order)
    for replicate, each in enumerate(some.each(None if weight is None else weight[order])):
        reached = np.cumsum(each)
        if reached[-1] > 0:
            half = reached[-1] / 2 * np.array([1 - _ROUNDING, 1 + _ROUNDING])
            low, high = errors[np.searchsorted(reached, half)]
            made[replicate] = low + (high - low) / 2
    return made


def gini_normalized(y_true: Values, y_pred: Values, weight: Weight, plan: Plan) -> Values | None:
    """Return the normalised Gini coefficient of each replicate."""
    if plan.coarse:
        return None
    y_true = y_true / _unit(y_true)
    sweeps = []
    for by in (y_pred, y_true):
        order = np.argsort(-by)
        ranked = by[order]
        sweeps.append((order, np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))))
    made = np.full(plan.replicates, np.nan)
    by_answer = y_true[sweeps[1][0]]
    for replicate, each in enumerate(plan.each(weight)):
        held = np.flatnonzero(each[sweeps[1][0]])
        if not len(held) or by_answer[held[0]] == by_answer[held[-1]]:
            continue
        whole = each.sum()
        centred = (y_true - each @ y_true / whole) * each
        areas = []
        for order, last in sweeps:
            reached = np.append(0.0, np.cumsum(centred[order])[last])
            rows = np.append(0.0, np.cumsum(each[order])[last])
            areas.append(np.diff(rows) @ (reached[1:] + reached[:-1]) / 2)
        made[replicate] = areas[0] / areas[1]
    return made
