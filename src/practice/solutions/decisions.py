"""What is learned for a metric, and how scores become the predictions that it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError

if TYPE_CHECKING:
    from practice.build.vault import TargetInfo
    from practice.metrics import Metric

__all__ = ["Decision", "Goal", "Judge", "apply", "decide", "goal_for", "learned", "restored"]

Judge = Callable[[NDArray[Any]], float]

_CANDIDATES = 200  # thresholds and cut points tried, at quantiles of the out-of-fold scores
_SWEEPS = 10  # rounds of coordinate ascent over the cut points, at most


@dataclass(frozen=True)
class Goal:
    """What models learn for a competition, and what is handed in.

    Parameters
    ----------
    learn : {"classes", "number"}
        Probabilities of classes, or a number.
    classes : int
        Classes of the target; 0 where it is a number.
    positive : int or None
        Code of the positive class.
    log : bool
        Numbers are learned as log(1 + y), because the metric compares logarithms.
    floor : float or None
        Least number that may be handed in.
    decision : {"none", "argmax", "threshold", "cuts"}
        How scores become predictions.
    """

    learn: Literal["classes", "number"]
    classes: int
    positive: int | None = None
    log: bool = False
    floor: float | None = None
    decision: Literal["none", "argmax", "threshold", "cuts"] = "none"


@dataclass(frozen=True)
class Decision:
    """How scores become predictions.

    Parameters
    ----------
    kind : {"none", "argmax", "threshold", "cuts"}
        Scores as they are; the most probable class; the positive class from ``values[0]`` on; the
        class of the interval between cut points that the number falls into.
    values : tuple of float
        The threshold, or the ascending cut points.
    """

    kind: Literal["none", "argmax", "threshold", "cuts"]
    values: tuple[float, ...] = ()


def goal_for(target: TargetInfo, metric: Metric) -> Goal:
    """Say what to learn for a target under a metric.

    Raises
    ------
    PracticeError
        The metric wants one number for a target of more than two classes.

    Examples
    --------
    >>> from practice import metrics
    >>> from practice.build.vault import TargetInfo
    >>> goal_for(TargetInfo("price", "number"), metrics.get("rmsle")).log
    True
    >>> churn = TargetInfo("churn", "label", ("No", "Yes"), "Yes")
    >>> [goal_for(churn, metrics.get(name)).decision for name in ("roc_auc", "f1")]
    ['none', 'threshold']
    """
    if target.type == "number" or target.labels is None:
        logs = metric.name == "rmsle"
        return Goal("number", 0, log=logs, floor=0.0 if logs else None)
    classes = len(target.labels)
    positive = target.labels.index(target.positive) if target.positive is not None else None
    if metric.name == "quadratic_weighted_kappa":
        return Goal("number", classes, decision="cuts")
    if metric.takes != "label":
        if classes > 2 and not metric.per_class:
            raise PracticeError(
                f"no ready-made solution for {metric.name} of {classes} classes",
                'where the labels are numbers, say task = "regression"',
            )
        return Goal("classes", classes, positive)
    # Accuracy is best served by the likelier class; other measures of two classes are not.
    tuned = classes == 2 and metric.name != "accuracy"
    return Goal("classes", classes, positive, decision="threshold" if tuned else "argmax")


def learned(goal: Goal, y: NDArray[Any]) -> NDArray[Any]:
    """Return the target on the scale that models learn.

    Examples
    --------
    >>> learned(Goal("number", 0, log=True), np.array([0.0, np.e - 1])).tolist()
    [0.0, 1.0]
    """
    if goal.learn == "classes":
        return y.astype(np.int64)
    values = y.astype(np.float64)
    return np.log1p(values) if goal.log else values


def restored(goal: Goal, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take scores back from the scale that models learn.

    Examples
    --------
    >>> restored(Goal("number", 0, log=True, floor=0.0), np.array([-1.0, 0.0])).tolist()
    [0.0, 0.0]
    """
    values = np.expm1(scores) if goal.log else scores
    return values if goal.floor is None else np.maximum(values, goal.floor)


def apply(goal: Goal, decision: Decision, scores: NDArray[np.float64]) -> NDArray[Any]:
    """Turn scores into predictions.

    Parameters
    ----------
    goal : Goal
    decision : Decision
    scores : ndarray
        Probabilities of shape (rows, classes), or numbers of shape (rows,).

    Returns
    -------
    ndarray
        Class codes (int64) of shape (rows,) after a decision; else the numbers, the probability of
        the positive class, or all probabilities where there is no such class.

    Examples
    --------
    >>> two = Goal("classes", 2, positive=0, decision="threshold")
    >>> apply(two, Decision("threshold", (0.3,)), np.array([[0.4, 0.6], [0.2, 0.8]])).tolist()
    [0, 1]
    >>> wine = Goal("number", 3, decision="cuts")
    >>> apply(wine, Decision("cuts", (0.5, 1.2)), np.array([0.1, 0.5, 1.3])).tolist()
    [0, 1, 2]
    """
    if decision.kind == "argmax":
        most: NDArray[np.int64] = np.argmax(scores, axis=1)
        return most
    if decision.kind == "threshold":
        positive = 1 if goal.positive is None else goal.positive
        codes: NDArray[np.int64] = np.where(
            scores[:, positive] >= decision.values[0], positive, 1 - positive
        )
        return codes
    if decision.kind == "cuts":
        return np.searchsorted(np.array(decision.values), scores, side="right").astype(np.int64)
    if scores.ndim == 2 and goal.positive is not None:
        return scores[:, goal.positive]
    return scores


def decide(goal: Goal, oof: NDArray[np.float64], y: NDArray[Any], judge: Judge) -> Decision:
    """Choose threshold or cut points that serve the metric best.

    Parameters
    ----------
    goal : Goal
    oof : ndarray
        Out-of-fold scores: (rows, classes) or (rows,).
    y : ndarray, shape (rows,)
        Class codes, or numbers.
    judge : callable
        The metric of predictions for these rows; more is better.

    Returns
    -------
    Decision

    Examples
    --------
    Two of the three positives score below one half:

    >>> two = Goal("classes", 2, positive=1, decision="threshold")
    >>> p = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    >>> y = np.array([0, 0, 1, 1, 1])
    >>> decide(two, np.column_stack([1 - p, p]), y, lambda codes: (codes == y).mean()).values
    (0.25,)
    """
    if goal.decision == "threshold":
        positive = 1 if goal.positive is None else goal.positive
        return _threshold(goal, oof, oof[:, positive], judge)
    if goal.decision == "cuts":
        return _cuts(goal, oof, y, judge)
    return Decision(goal.decision)


def _grid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values between neighbouring distinct scores, thinned to quantiles."""
    distinct = np.unique(scores)
    between = (distinct[1:] + distinct[:-1]) / 2
    if len(between) <= _CANDIDATES:
        return between
    quantiles = np.quantile(scores, np.linspace(0, 1, _CANDIDATES + 2)[1:-1])
    return np.unique(between[np.clip(np.searchsorted(between, quantiles), 0, len(between) - 1)])


def _threshold(
    goal: Goal, oof: NDArray[np.float64], scores: NDArray[np.float64], judge: Judge
) -> Decision:
    """Return the best threshold; of equals, the one nearest to one half."""
    candidates = np.concatenate([[0.0, 0.5], _grid(scores)])
    values = [judge(apply(goal, Decision("threshold", (float(t),)), oof)) for t in candidates]
    best = max(values)
    equals = [float(t) for t, value in zip(candidates, values, strict=True) if value == best]
    return Decision("threshold", (min(equals, key=lambda t: (abs(t - 0.5), t)),))


def _cuts(goal: Goal, oof: NDArray[np.float64], y: NDArray[Any], judge: Judge) -> Decision:
    """Return cut points by coordinate ascent from those that give every class its share."""
    shares = np.bincount(y.astype(np.int64), minlength=goal.classes).cumsum()[:-1] / len(y)
    grid = _grid(oof)
    if len(grid) == 0:  # one score for all rows: leave it to rounding
        return Decision("cuts", tuple(float(c) + 0.5 for c in range(goal.classes - 1)))
    nearest = np.searchsorted(grid, np.quantile(oof, shares))
    cuts = grid[np.clip(nearest, 0, len(grid) - 1)]
    best = judge(apply(goal, Decision("cuts", tuple(cuts)), oof))
    for _ in range(_SWEEPS):
        before = best
        for i in range(len(cuts)):
            low = cuts[i - 1] if i else -np.inf
            high = cuts[i + 1] if i + 1 < len(cuts) else np.inf
            for candidate in grid[(grid >= low) & (grid <= high)]:
                tried = cuts.copy()
                tried[i] = candidate
                value = judge(apply(goal, Decision("cuts", tuple(tried)), oof))
                if value > best:
                    best, cuts = value, tried
        if best == before:
            break
    return Decision("cuts", tuple(float(c) for c in cuts))
