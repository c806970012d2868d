"""The evaluator of LightGBM: bins made once, folds side by side, stopped on their mean."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from practice.solutions import encoding
from practice.solutions.base import Floats, Solution
from practice.solutions.boosting import booster_parameters, load_lightgbm, training_set
from practice.solutions.decisions import learned, restored
from practice.tuning.evaluator import EvaluationFailed, Order, Rung, turns
from practice.tuning.records import Configuration
from practice.tuning.repeated import fold_metrics
from practice.tuning.spaces import space_for

if TYPE_CHECKING:
    from practice.solutions.data import Dataset

__all__ = ["PATIENCE", "ROUNDS", "BoostingEvaluator"]

ROUNDS = 500
PATIENCE = 25


@dataclass
class _Fold:
    """A fold in training: its sets, its booster, the loss after each round, what it cost."""

    train: Any
    valid: Any
    booster: Any = None
    curve: list[float] = field(default_factory=list)
    rounds: int = 0
    cpu_seconds: float = 0.0


class BoostingEvaluator:
    """Trains LightGBM on all folds together and stops on the mean of their losses.

    The bins of every fold's training rows are made once, and validation rows are binned with them.
    Each booster has one thread; folds run side by side, in chunks of rounds. The number of rounds
    is chosen on the rows that judge it: the loss is slightly too good, and equally so for every
    configuration.

    Where folds are done in turn, later folds join as those before them leave off, and the mean of
    all decides in the end: the last rung's scores are those of all folds together.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
        One that is made of LightGBM.
    threads : ThreadPoolExecutor
        Each of its threads has called :func:`practice.solutions.boosting.quiet`.
    seed : int
        Of the boosters: the same for every configuration and fold.
    rounds : int
        At most; a full trial is this many for every fold.
    patience : int or None
        Rounds without a lesser mean loss after which training stops; looked at after each chunk.
        None: all rounds, and the score is that of the last, as scikit-learn's ``cross_val_score``
        has it.
    chunk : int
        Rounds between looks.
    """

    def __init__(
        self,
        dataset: Dataset,
        solution: Solution,
        threads: ThreadPoolExecutor,
        seed: int = 0,
        *,
        rounds: int = ROUNDS,
        patience: int | None = PATIENCE,
        chunk: int = 25,
    ) -> None:
        table = dataset.table_for(solution)
        self.space = space_for(solution, table.roles)
        self.folds = len(dataset.splits)
        self._dataset, self._solution = dataset, solution
        self._threads, self._seed = threads, seed
        self._rounds, self._patience, self._chunk = rounds, patience, chunk
        target = learned(dataset.goal, dataset.y)
        categories = len(table.roles.categories)

        def bins(fold: int) -> tuple[Any, Any]:
            fitting, validating = dataset.splits[fold]
            encoder = encoding.for_trees(table.roles)
            matrix = encoder.fit_transform(table.train.iloc[fitting])
            train = training_set(matrix, target[fitting], categories).construct()
            matrix = encoder.transform(table.train.iloc[validating])
            return train, training_set(matrix, target[validating], categories, train).construct()

        self._sets = list(threads.map(bins, range(self.folds)))
        self._last: tuple[list[_Fold], int] | None = None

    def described(self) -> dict[str, Any]:
        """Return kind, solution, seed and the rules of stopping."""
        return {
            "kind": "lightgbm",
            "solution": self._solution.name,
            "seed": self._seed,
            "rounds": self._rounds,
            "patience": self._patience,
            "chunk": self._chunk,
        }

    def evaluate(self, configuration: Configuration, order: Order) -> Iterator[Rung]:
        """Train until the mean loss no longer falls; see :class:`Evaluator`."""
        self._last = None
        given = booster_parameters(self._dataset.goal, configuration, self._seed)
        folds = [_Fold(train, valid) for train, valid in self._sets]
        groups = [list(range(self.folds))] if order == "rounds" else turns(self.folds)
        done: list[_Fold] = []
        for group in groups:
            done += [folds[i] for i in group]
            whole = len(done) == self.folds
            for rounds, best, ended in self._advance(given, done):
                if order == "folds" and not ended:
                    continue
                if whole and ended:
                    self._last = (done, best)
                yield self._rung(done, order, rounds, best, whole and ended)

    def _advance(
        self, given: dict[str, Any], folds: Sequence[_Fold]
    ) -> Iterator[tuple[int, int, bool]]:
        """Train folds side by side; yield rounds done, the best round, whether that is all."""
        rounds = 0
        while rounds < self._rounds:
            rounds = min(rounds + self._chunk, self._rounds)
            behind = [fold for fold in folds if fold.rounds < rounds]
            self._train(given, behind, rounds)
            if self._patience is None:
                yield rounds, rounds, rounds == self._rounds
                continue
            mean = np.mean([fold.curve[:rounds] for fold in folds], axis=0)
            best = int(mean.argmin()) + 1
            ended = rounds == self._rounds or rounds - best >= self._patience
            yield rounds, best, ended
            if ended:
                return

    def _train(self, given: dict[str, Any], folds: Sequence[_Fold], rounds: int) -> None:
        lightgbm = load_lightgbm()
        every = self._patience is not None

        def one(fold: _Fold) -> None:
            began = time.thread_time()
            if fold.booster is None:
                fold.booster = lightgbm.Booster(given, fold.train).add_valid(fold.valid, "valid")
            # Not stopped on "no further split": with bagging a later round may find one.
            while fold.rounds < rounds:
                fold.booster.update()
                fold.rounds += 1
                if every or fold.rounds == rounds:
                    fold.curve.append(float(fold.booster.eval_valid()[0][2]))
            fold.cpu_seconds += time.thread_time() - began

        try:
            list(self._threads.map(one, folds))
        except (lightgbm.basic.LightGBMError, ValueError) as error:
            raise EvaluationFailed(f"LightGBM cannot be trained: {error}") from error

    def _rung(
        self, done: Sequence[_Fold], order: Order, rounds: int, best: int, last: bool
    ) -> Rung:
        every = self._patience is not None
        scores = tuple(fold.curve[best - 1 if every else -1] for fold in done)
        mean = float(np.mean(scores))
        if not np.isfinite(mean):
            raise EvaluationFailed(f"the loss after {rounds} rounds is not finite")
        rung, full = (rounds, self._rounds) if order == "rounds" else (len(done), self.folds)
        return Rung(
            rung=rung,
            share=rung / full,
            order=order,
            score=mean,
            fold_scores=scores,
            rounds=best,
            work=sum(fold.rounds for fold in done) / (self._rounds * self.folds),
            cpu_seconds=sum(fold.cpu_seconds for fold in done),
            last=last,
        )

    def metric_scores(self) -> tuple[float, ...]:
        """Predict every fold with its booster and judge; see :class:`Evaluator`."""
        assert self._last is not None, "no evaluation was brought to its end"
        folds, rounds = self._last
        goal = self._dataset.goal

        def predict(fold: _Fold) -> Floats:
            matrix = fold.valid.data
            scores = np.asarray(
                fold.booster.predict(matrix, num_iteration=rounds, num_threads=1), dtype=np.float64
            )
            if goal.learn == "classes" and scores.ndim == 1:
                scores = np.column_stack([1 - scores, scores])
            return restored(goal, scores)

        scores = list(self._threads.map(predict, folds))
        return fold_metrics(self._dataset, self._solution, scores)
