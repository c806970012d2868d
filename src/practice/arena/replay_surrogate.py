"""A stand-in for training where strategies propose what was never recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.arena.replay_curves import Recorded
from practice.tuning.evaluator import Order, Rung
from practice.tuning.records import Configuration
from practice.tuning.space import key

__all__ = ["SurrogateEvaluator", "agreement"]

_TREES = 100
_FOLDS = 5


class SurrogateEvaluator:
    """Predicts the final loss of any configuration from the recorded ones.

    Extremely randomised trees over the places of the parameters: at a recorded configuration they
    say what was recorded, and nowhere less than the best of it. The curve is that of the nearest
    recorded configuration, moved so that it ends at the prediction; its cost is the recorded one.

    Parameters
    ----------
    recorded : Recorded
    """

    def __init__(self, recorded: Recorded) -> None:
        self.space, self.folds = recorded.space, recorded.folds
        self._places = _places(recorded)
        scores = np.array([curve.score for curve in recorded.curves])
        # The trees themselves: a prediction of one row takes 3 ms through the forest.
        self._trees = [tree.tree_ for tree in _fitted(self._places, scores).estimators_]
        self._recorded = recorded
        self._shown: dict[tuple[int, Order], tuple[Rung, ...]] = {}
        self._known: dict[Any, float] = {}

    def final(self, configuration: Configuration) -> float:
        """Return the loss that a full evaluation would end with."""
        place = key(configuration)
        if place not in self._known:
            row = self.space.places(configuration).astype(np.float32)[None]
            self._known[place] = sum(float(t.predict(row)[0, 0]) for t in self._trees) / _TREES
        return self._known[place]

    def evaluate(self, configuration: Configuration, order: Order) -> Iterator[Rung]:
        """Show the nearest curve, moved; see :class:`practice.tuning.evaluator.Evaluator`."""
        distances = ((self._places - self.space.places(configuration)) ** 2).sum(axis=1)
        nearest = int(distances.argmin())
        place = nearest, order
        if place not in self._shown:
            self._shown[place] = self._recorded.curves[nearest].in_order(order)
        rungs = self._shown[place]
        moved = self.final(configuration) - rungs[-1].score
        for rung in rungs:
            yield replace(
                rung,
                score=rung.score + moved,
                fold_scores=tuple(score + moved for score in rung.fold_scores),
            )

    def metric_scores(self) -> tuple[float, ...]:
        """Return nothing: losses alone are predicted."""
        return ()

    def described(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "surrogate"}


def agreement(recorded: Recorded) -> float:
    """Return how well predictions order configurations that they were not fitted on.

    Parameters
    ----------
    recorded : Recorded

    Returns
    -------
    float
        Spearman's rank correlation of predicted and recorded final losses, in 5-fold
        cross-validation: 1 where the order is the same, 0 where it is chance.
    """
    from scipy.stats import spearmanr

    places = _places(recorded)
    scores = np.array([curve.score for curve in recorded.curves])
    fold = np.arange(len(scores)) % _FOLDS
    predicted = np.empty(len(scores))
    for number in range(_FOLDS):
        outside = fold == number
        forest = _fitted(places[~outside], scores[~outside])
        predicted[outside] = forest.predict(places[outside])
    return float(spearmanr(predicted, scores).statistic)


def _places(recorded: Recorded) -> NDArray[np.float64]:
    return np.array([recorded.space.places(curve.configuration) for curve in recorded.curves])


def _fitted(places: NDArray[np.float64], scores: NDArray[np.float64]) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(_TREES, random_state=0, n_jobs=1).fit(places, scores)
