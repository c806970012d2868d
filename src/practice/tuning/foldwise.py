"""The evaluator of everything that is fitted in one go: solutions, scikit-learn estimators."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.solutions.base import Floats, Solution
from practice.solutions.decisions import Goal, learned, restored
from practice.tuning.evaluator import EvaluationFailed, Order, Rung, loss, turns
from practice.tuning.records import Configuration
from practice.tuning.repeated import fold_metrics
from practice.tuning.space import Space
from practice.tuning.spaces import space_for

if TYPE_CHECKING:
    from practice.solutions.data import Dataset

__all__ = ["FoldwiseEvaluator", "for_estimator", "for_solution"]

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


class FoldwiseEvaluator:
    """Fits a model per fold; the only place to stop is between folds.

    Parameters
    ----------
    space : Space
    splits : sequence of (fitting, validating)
        Row numbers of every fold.
    y : ndarray, shape (rows,)
        Class codes, or numbers on the scale that is learned.
    goal : Goal
    predict : callable
        ``predict(configuration, fold)`` fits on a fold's training rows and returns the scores of
        the others: probabilities of shape (rows, classes), or numbers.
    threads : ThreadPoolExecutor
    description : dict
        What scores depend on besides data, folds and space.
    judge : callable, optional
        ``judge(scores)`` returns the competition's metric per fold of the scores of all folds.
    """

    def __init__(
        self,
        space: Space,
        splits: Sequence[Split],
        y: NDArray[Any],
        goal: Goal,
        predict: Callable[[Configuration, int], Floats],
        threads: ThreadPoolExecutor,
        description: dict[str, Any],
        judge: Callable[[Sequence[Floats]], tuple[float, ...]] | None = None,
    ) -> None:
        self.space = space
        self.folds = len(splits)
        self._splits, self._y, self._goal = splits, y, goal
        self._predict, self._threads = predict, threads
        self._description, self._judge = description, judge
        self._last: list[Floats] | None = None

    def described(self) -> dict[str, Any]:
        """Return the description given."""
        return self._description

    def evaluate(self, configuration: Configuration, order: Order) -> Iterator[Rung]:
        """Fit fold after fold; see :class:`~practice.tuning.evaluator.Evaluator`."""
        self._last = None
        found: list[Floats] = []
        scores: list[float] = []
        cpu = 0.0

        def one(fold: int) -> tuple[Floats, float]:
            began = time.thread_time()
            predicted = self._predict(configuration, fold)
            return predicted, time.thread_time() - began

        for group in turns(self.folds):
            try:
                for predicted, seconds in self._threads.map(one, group):
                    validating = self._splits[len(found)][1]
                    scores.append(loss(self._goal, self._y[validating], predicted))
                    found.append(predicted)
                    cpu += seconds
            except (ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
                said = str(error).strip().splitlines() or [type(error).__name__]
                raise EvaluationFailed(f"it cannot be fitted: {said[0]}") from error
            if not np.isfinite(scores).all():
                raise EvaluationFailed(f"the loss of fold {len(scores)} is not finite")
            share = len(found) / self.folds
            if share == 1:
                self._last = found
            yield Rung(
                rung=len(found),
                share=share,
                order="folds",
                score=float(np.mean(scores)),
                fold_scores=tuple(scores),
                rounds=None,
                work=share,
                cpu_seconds=cpu,
                last=share == 1,
            )

    def metric_scores(self) -> tuple[float, ...]:
        """Judge what every fold predicted; see :class:`~practice.tuning.evaluator.Evaluator`."""
        assert self._last is not None, "no evaluation was brought to its end"
        if self._judge is None:
            return ()
        return self._judge([restored(self._goal, scores) for scores in self._last])


def for_solution(
    dataset: Dataset, solution: Solution, threads: ThreadPoolExecutor, seed: int = 0
) -> FoldwiseEvaluator:
    """Return the evaluator of a ready-made solution.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
    threads : ThreadPoolExecutor
    seed : int
        Of the models: the same for every configuration and fold.

    Returns
    -------
    FoldwiseEvaluator

    Raises
    ------
    PracticeError
        The solution has nothing to tune.
    """
    table = dataset.table_for(solution)
    target = learned(dataset.goal, dataset.y)

    def predict(configuration: Configuration, fold: int) -> Floats:
        fitting, validating = dataset.splits[fold]
        parameters = solution.with_parameters(**configuration).parameters_for(table.roles)
        model = solution.make(dataset.goal, table.roles, parameters)
        model.fit(table.train.iloc[fitting], target[fitting], seed)
        return model.predict(table.train.iloc[validating])

    return FoldwiseEvaluator(
        space_for(solution, table.roles),
        dataset.splits,
        target,
        dataset.goal,
        predict,
        threads,
        {"kind": "solution", "solution": solution.name, "seed": seed},
        lambda scores: fold_metrics(dataset, solution, scores),
    )


def for_estimator(
    estimator: Any,
    space: Space,
    X: Any,  # noqa: N803 (scikit-learn's name)
    y: NDArray[Any],
    splits: Sequence[Split],
    threads: ThreadPoolExecutor,
) -> FoldwiseEvaluator:
    """Return the evaluator of any scikit-learn estimator or pipeline.

    Parameters
    ----------
    estimator : estimator
        Cloned for every fit; the space's names are parameters of its ``set_params``. A classifier
        must have ``predict_proba`` and sees codes 0, 1, 2, ... as ``y``.
    space : Space
    X : ndarray, sparse matrix or DataFrame, shape (rows, columns)
    y : ndarray, shape (rows,)
        Class codes (integers), or numbers.
    splits : sequence of (fitting, validating)
    threads : ThreadPoolExecutor

    Returns
    -------
    FoldwiseEvaluator

    Examples
    --------
    >>> from practice.solutions.parallel import pool
    >>> from practice.tuning.space import Parameter
    >>> from sklearn.linear_model import Ridge
    >>> rng = np.random.default_rng(0)
    >>> X, rows = rng.normal(size=(60, 3)), np.arange(60)
    >>> splits = [(rows[rows % 3 != k], rows[rows % 3 == k]) for k in range(3)]
    >>> space = Space((Parameter("alpha", 1e-3, 10, log=True),), {"alpha": 1.0})
    >>> with pool(3) as threads:
    ...     evaluator = for_estimator(Ridge(), space, X, X[:, 0], splits, threads)
    ...     [rung.rung for rung in evaluator.evaluate(space.default, "folds")]
    [2, 3]
    """
    from sklearn.base import clone, is_classifier

    classes = int(y.max()) + 1 if is_classifier(estimator) else 0
    goal = Goal("classes", classes) if classes else Goal("number", 0)

    def rows_of(rows: NDArray[np.intp]) -> Any:
        return X.iloc[rows] if hasattr(X, "iloc") else X[rows]

    def predict(configuration: Configuration, fold: int) -> Floats:
        fitting, validating = splits[fold]
        model = clone(estimator).set_params(**configuration)
        model.fit(rows_of(fitting), y[fitting])
        if not classes:
            return np.asarray(model.predict(rows_of(validating)), dtype=np.float64)
        scores = np.zeros((len(validating), classes))
        scores[:, model.classes_] = model.predict_proba(rows_of(validating))
        return scores

    description = {"kind": "estimator", "estimator": repr(estimator)}
    return FoldwiseEvaluator(space, splits, y, goal, predict, threads, description)
