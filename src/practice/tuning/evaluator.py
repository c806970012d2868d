"""From a configuration of LightGBM to its cross-validated loss, round by round."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from practice.solutions import encoding
from practice.solutions.boosting import booster_parameters, load_lightgbm, training_set
from practice.solutions.decisions import learned

if TYPE_CHECKING:
    from practice.solutions.base import Floats
    from practice.solutions.data import Dataset

__all__ = ["Evaluation", "Evaluator"]


@dataclass(frozen=True)
class Evaluation:
    """What a configuration is worth.

    Parameters
    ----------
    loss : float
        Least mean over folds of log loss (classes) or root mean squared error (numbers, on the
        scale that is learned); less is better.
    rounds : int
        The round at which it was reached.
    curve : ndarray of float64, shape (rounds trained,)
        The mean loss after every round.
    """

    loss: float
    rounds: int
    curve: Floats


class Evaluator:
    """Trains a configuration on all folds together and stops on the mean of their losses.

    The bins of every fold's rows are made once. Folds advance side by side, in chunks of rounds,
    one thread per booster; so the result does not depend on how many processors there are. The
    number of rounds is chosen on the rows that judge it: its loss is slightly too good, and equally
    so for every configuration.

    Parameters
    ----------
    dataset : Dataset
    threads : ThreadPoolExecutor
        Each of its threads has called :func:`practice.solutions.boosting.quiet`.
    seed : int
    max_rounds, patience, chunk : int
        Rounds at most; rounds without a new least loss before stopping; rounds between looks.
    """

    def __init__(
        self,
        dataset: Dataset,
        threads: ThreadPoolExecutor,
        seed: int = 0,
        *,
        max_rounds: int = 1000,
        patience: int = 50,
        chunk: int = 25,
    ) -> None:
        self._goal = dataset.goal
        self._threads = threads
        self._seed = seed
        self._max_rounds = max_rounds
        self._patience = patience
        self._chunk = chunk
        target = learned(dataset.goal, dataset.y)
        frame, roles = dataset.plain.train, dataset.plain.roles
        categories = len(roles.categories)

        def bins(fold: int) -> tuple[Any, Any]:
            fitting, validating = dataset.splits[fold]
            encoder = encoding.for_trees(roles)
            matrix = encoder.fit_transform(frame.iloc[fitting])
            train = training_set(matrix, target[fitting], categories).construct()
            matrix = encoder.transform(frame.iloc[validating])
            return train, training_set(matrix, target[validating], categories, train).construct()

        self._folds = list(threads.map(bins, range(len(dataset.splits))))

    def evaluate(self, parameters: Mapping[str, Any]) -> Evaluation:
        """Train until the mean loss no longer falls.

        Parameters
        ----------
        parameters : mapping of str to object
            As :func:`practice.solutions.boosting.booster_parameters` takes them.

        Returns
        -------
        Evaluation
        """
        lightgbm = load_lightgbm()
        given = booster_parameters(self._goal, parameters, self._seed)

        def begin(fold: tuple[Any, Any]) -> Any:
            train, valid = fold
            return lightgbm.Booster(given, train).add_valid(valid, "valid")

        boosters = list(self._threads.map(begin, self._folds))
        curve = np.empty(0)
        while len(curve) < self._max_rounds:
            rounds = min(self._chunk, self._max_rounds - len(curve))
            losses = list(self._threads.map(_advance, boosters, [rounds] * len(boosters)))
            curve = np.concatenate([curve, np.mean(losses, axis=0)])
            if len(curve) - 1 - curve.argmin() >= self._patience:
                break
        best = int(curve.argmin())
        return Evaluation(float(curve[best]), best + 1, curve)


def _advance(booster: Any, rounds: int) -> list[float]:
    """Train further rounds; return the validation loss after each."""
    losses = []
    for _ in range(rounds):
        booster.update()
        losses.append(float(booster.eval_valid()[0][2]))
    return losses
