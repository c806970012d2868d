"""Weights of a blend: equal ones, hill climbing, a fit; and what a fit is worth on other folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["METHODS", "Fitted", "Method", "climb", "combine", "equal", "fit", "nested", "ranks"]

Values = NDArray[np.float64]
Method = Literal["mean", "rank", "climb", "weights"]
METHODS: tuple[Method, ...] = ("mean", "rank", "climb", "weights")
Judge = Callable[[Values], float]
Fitter = Callable[[int, Judge], Values]

_STEPS, _PATIENCE = 50, 10  # of hill climbing: at most, and without a new best
_BETTER = 1e-12  # a gain below it is rounding noise
_REACH, _PRECISION, _TRIES = 0.2, 1e-3, 200  # of the fit: first step, last step, scores


@dataclass(frozen=True)
class Fitted:
    """Weights, and what they are worth.

    Parameters
    ----------
    weights : ndarray of float64, shape (members,)
        From all folds; 0 or more, adding up to 1.
    of_fold : dict of int to ndarray
        Those fitted on all other folds, by fold.
    """

    weights: Values
    of_fold: dict[int, Values]


def equal(count: int, value: Judge) -> Values:
    """Return the same weight for each, whatever their value.

    Examples
    --------
    >>> equal(4, lambda weights: 0.0).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return np.full(count, 1 / count)


def climb(count: int, value: Judge) -> Values:
    """Return weights by hill climbing with replacement.

    Parameters
    ----------
    count : int
        How many members there are.
    value : callable
        What weights, shape (count,), are worth; more is better.

    Returns
    -------
    ndarray of float64, shape (count,)
        From the best member on, the member that helps most is added again and again, in up to 50
        steps; the best mean on the way counts.

    References
    ----------
    R. Caruana, A. Niculescu-Mizil, G. Crew and A. Ksikes, "Ensemble Selection from Libraries of
    Models", ICML 2004.

    Examples
    --------
    >>> target = np.array([0.75, 0.25, 0.0])
    >>> climb(3, lambda weights: -float(np.square(weights - target).sum())).tolist()
    [0.75, 0.25, 0.0]
    """
    counts = np.zeros(count)
    best, best_value, waited = counts, -np.inf, 0
    for size in range(1, _STEPS + 1):
        tried = [value((counts + one) / size) for one in np.eye(count)]
        chosen = int(np.argmax(tried))
        counts = counts + np.eye(count)[chosen]
        waited += 1
        if tried[chosen] > best_value + _BETTER:
            best, best_value, waited = counts / size, tried[chosen], 0
        if waited >= _PATIENCE or count == 1:
            break
    return best


def fit(count: int, value: Judge) -> Values:
    """Return the best weights that a search without derivatives finds from those of a climb on.

    Parameters
    ----------
    count : int
    value : callable
        What weights, shape (count,), are worth; more is better. It may have steps, as accuracy and
        ROC AUC do.

    Returns
    -------
    ndarray of float64, shape (count,)
        0 or more, adding up to 1; never worth less than equal ones or than those of :func:`climb`.

    References
    ----------
    M. J. D. Powell, "A direct search optimization method that models the objective and constraint
    functions by linear interpolation", Advances in Optimization and Numerical Analysis (1994)
    51-67: COBYLA.

    Examples
    --------
    >>> target = np.array([0.7, 0.3, 0.0])
    >>> fit(3, lambda weights: -float(np.square(weights - target).sum())).round(2).tolist()
    [0.7, 0.3, 0.0]
    """
    from scipy.optimize import minimize

    starts = [climb(count, value), np.full(count, 1 / count)]
    if count == 1:
        return starts[0]

    def whole(free: Values) -> Values:
        weights = np.clip(np.append(free, 1 - free.sum()), 0, None)
        shares: Values = weights / weights.sum()
        return shares

    found = minimize(
        lambda free: -value(whole(free)),
        starts[0][:-1],
        method="COBYLA",
        constraints=[{"type": "ineq", "fun": lambda free: np.append(free, 1 - free.sum())}],
        options={"rhobeg": _REACH, "tol": _PRECISION, "maxiter": _TRIES},
    )
    tried = [*starts, whole(found.x)]
    best = int(np.argmax([value(weights) for weights in tried]))
    return tried[best]


def nested(
    count: int, folds: Sequence[int], score: Callable[[Values, int], float], fitter: Fitter
) -> Fitted:
    """Fit weights, on all folds and on all but each.

    Parameters
    ----------
    count : int
    folds : sequence of int
    score : callable
        Of weights and a fold: their score on it, turned so that more is better.
    fitter : callable
        :func:`equal`, :func:`climb` or :func:`fit`.

    Returns
    -------
    Fitted
        ``of_fold`` is empty where there is one fold only.

    Examples
    --------
    The second fold likes the second member; whoever is to be judged on it has not seen that.

    >>> likes = {0: np.array([1.0, 0.0]), 1: np.array([0.0, 1.0])}
    >>> found = nested(2, [0, 1], lambda weights, fold: float(weights @ likes[fold]), climb)
    >>> found.of_fold[1].tolist()
    [1.0, 0.0]
    """
    known: dict[tuple[bytes, int], float] = {}  # folds share most of the weights they try

    def of(weights: Values, fold: int) -> float:
        key = weights.tobytes(), fold
        if key not in known:
            known[key] = score(weights, fold)
        return known[key]

    def among(some: Sequence[int]) -> Values:
        return fitter(count, lambda weights: float(np.mean([of(weights, each) for each in some])))

    weights = among(folds)
    if len(folds) < 2:
        return Fitted(weights, {})
    rest = {fold: [each for each in folds if each != fold] for fold in folds}
    return Fitted(weights, {fold: among(others) for fold, others in rest.items()})


def combine(members: Values, weights: Values) -> Values:
    """Return the weighted mean of members.

    Parameters
    ----------
    members : ndarray of float64, shape (members, rows, columns)
    weights : ndarray of float64, shape (members,)

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Summed in the order of the members, those of weight 0 left out.
    """
    total = np.zeros(members.shape[1:])
    for member, weight in zip(members, weights.tolist(), strict=True):
        if weight:
            total += weight * member
    return total


def ranks(values: Values, part: NDArray[np.int64] | None = None) -> Values:
    """Return the rank of each value in its column, from just above 0 to 1.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, columns)
    part : ndarray of int, shape (rows,), optional
        Ranks are given within each part: a fold's model has a scale of its own.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Equal values share the mean of their ranks.

    Examples
    --------
    >>> ranks(np.array([[0.1], [0.9], [0.9], [7.0]])).ravel().tolist()
    [0.25, 0.625, 0.625, 1.0]
    """
    from scipy.stats import rankdata

    made = np.empty(values.shape)
    parts = np.zeros(len(values), np.int64) if part is None else part
    for each in np.unique(parts):
        rows = parts == each
        made[rows] = rankdata(values[rows], axis=0) / rows.sum()
    return made
