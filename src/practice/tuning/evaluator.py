"""The contract of evaluators: from a configuration to fold scores and cost, rung by rung."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError
from practice.solutions.base import Floats
from practice.solutions.decisions import Goal
from practice.tuning.records import Configuration
from practice.tuning.space import Space

__all__ = ["TOGETHER", "EvaluationFailed", "Evaluator", "Order", "Rung", "loss", "turns"]

Order = Literal["rounds", "folds"]

TOGETHER = 2  # folds that are done at once where folds are done in turn, whatever the processors


class EvaluationFailed(PracticeError):  # noqa: N818 (what became of a trial)
    """A configuration could not be evaluated; the run goes on with the next."""


@dataclass(frozen=True)
class Rung:
    """What is known of a configuration at a point of its evaluation.

    Parameters
    ----------
    rung : int
        Rounds of boosting done by all folds, or folds done.
    share : float
        ``rung`` as a share of what a full evaluation reaches.
    order : {"rounds", "folds"}
        What ``rung`` counts.
    score : float
        Mean of ``fold_scores``: a loss, less is better.
    fold_scores : tuple of float
        Loss of the folds reached, at the round at which their mean was least so far.
    rounds : int or None
        That round; None where there are no rounds.
    work : float
        Spent so far, in full trials: all folds, all rounds.
    cpu_seconds : float
        Processor time spent so far.
    last : bool
        The evaluation ends here.
    """

    rung: int
    share: float
    order: Order
    score: float
    fold_scores: tuple[float, ...]
    rounds: int | None
    work: float
    cpu_seconds: float
    last: bool


class Evaluator(Protocol):
    """Evaluates configurations of a space on the same folds.

    Obligations: the same configuration gives the same rungs to the bit, processor time apart,
    whatever was evaluated before and however many processors there are; work never falls from rung
    to rung; the scores of the last rung are the same in either order, so that strategies that stop
    trials and strategies that do not compete for the same score; the caller ends an evaluation by
    asking for no further rung; nothing outside the training rows is read.
    """

    space: Space
    folds: int

    def evaluate(self, configuration: Configuration, order: Order) -> Iterator[Rung]:
        """Evaluate a configuration.

        Parameters
        ----------
        configuration : mapping
            Of the evaluator's space.
        order : {"rounds", "folds"}
            All folds together, a few rounds at a time; or folds in turn. An evaluator without
            rounds takes the folds in turn in either case.

        Yields
        ------
        Rung

        Raises
        ------
        EvaluationFailed
            It cannot be fitted, or a score is not finite.
        """

    def metric_scores(self) -> tuple[float, ...]:
        """Return the competition's own metric per fold of what was evaluated last, to its end.

        Where predictions need a decision, a fold's is fitted on the out-of-fold scores of the
        others. Empty where there is no such metric.
        """

    def described(self) -> dict[str, Any]:
        """Return what scores depend on besides data, folds and space, as JSON can hold it."""


def loss(goal: Goal, y: NDArray[Any], scores: Floats) -> float:
    """Return the smooth loss that is minimised.

    Parameters
    ----------
    goal : Goal
    y : ndarray, shape (rows,)
        Class codes, or numbers on the scale that is learned.
    scores : ndarray
        Probabilities of shape (rows, classes), or numbers of shape (rows,).

    Returns
    -------
    float
        Log loss in nats (probabilities clipped as scikit-learn clips them), or root mean squared
        error.

    Examples
    --------
    >>> loss(Goal("number", 0), np.array([1.0, 2.0]), np.array([1.0, 4.0])) ** 2
    2.0000000000000004
    """
    if goal.learn == "number":
        return float(np.sqrt(np.mean((scores - y) ** 2)))
    tiny = np.finfo(np.float64).eps
    met = np.clip(scores[np.arange(len(y)), y.astype(np.int64)], tiny, 1 - tiny)
    return float(-np.log(met).mean())


def turns(folds: int) -> list[list[int]]:
    """Return which folds are done at once where folds are done in turn.

    Examples
    --------
    >>> turns(5)
    [[0, 1], [2, 3], [4]]
    """
    return [list(range(i, min(i + TOGETHER, folds))) for i in range(0, folds, TOGETHER)]
