"""Systems that tune by themselves, on folds of their own: judged by hold-outs only."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError, UsageError
from practice.solutions import encoding
from practice.solutions.boosting import booster_parameters, load_lightgbm
from practice.solutions.decisions import Decision, apply, decide, learned, restored
from practice.tuning.outer import held_score

if TYPE_CHECKING:
    import pandas as pd

    from practice.solutions.base import Floats
    from practice.solutions.data import Dataset
    from practice.tuning.outer import Outer

__all__ = ["SYSTEMS", "SystemRun", "must_run", "must_take", "run_system"]

_ROUNDS = 1000  # of boosting, at most, before early stopping
_PATIENCE = 50
_LIBRARIES = {
    "flaml-automl": ("flaml.automl", "AutoML"),
    "lightgbm-tuner-cv": ("optuna_integration.lightgbm", "LightGBMTunerCV"),
}
_SESSION = 1.0  # seconds of processor time that are worth another session


@dataclass(frozen=True)
class SystemRun:
    """What a system found in its time.

    Parameters
    ----------
    system : str
    outer, seed : int
    held : float
        The competition's metric on the rows held out, in its direction.
    claimed : float
        The loss that the system itself reports, on validation rows of its own choice: those of two
        systems cannot be compared.
    cpu_seconds, seconds : float
        Of search and last fit.
    configuration : dict
    error : str
        Why it failed, in one line; the rest is then that of the untuned default.
    """

    system: str
    outer: int
    seed: int
    held: float
    claimed: float
    cpu_seconds: float
    seconds: float
    configuration: dict[str, Any]
    error: str = ""


@dataclass(frozen=True)
class _Found:
    """What a search ends with: how to fit its choice on some training rows."""

    fit: Callable[[NDArray[np.intp]], Callable[[pd.DataFrame], Floats]]
    claimed: float
    configuration: dict[str, Any]


@dataclass(frozen=True)
class _Task:
    """What a system gets: the matrix that trees want, categories as such, and the target."""

    train: pd.DataFrame
    test: pd.DataFrame
    target: NDArray[Any]
    dataset: Dataset
    seed: int
    deadline: float

    @property
    def classes(self) -> bool:
        return self.dataset.goal.learn == "classes"

    @property
    def left(self) -> float:
        """Seconds of processor time."""
        return self.deadline - time.process_time()


def run_system(
    name: str, dataset: Dataset, outer: Outer, cpu_seconds: float, seed: int = 0
) -> SystemRun:
    """Let a system tune on the rows of an outer split, and judge it by those held out.

    Parameters
    ----------
    name : str
        A key of :data:`SYSTEMS`.
    dataset : Dataset
        The whole competition.
    outer : Outer
    cpu_seconds : float
        Processor time of this process that its search may take.
    seed : int
        A search that is timed need not find the same again.

    Returns
    -------
    SystemRun

    Raises
    ------
    UsageError
        There is no such system.
    PracticeError
        Its library is not installed, or it does not take columns of text.

    Examples
    --------
    >>> run_system("magic", None, None, 1.0)
    Traceback (most recent call last):
    ...
    practice.errors.UsageError: there is no system 'magic'
    """
    must_run(name)
    cpu, wall = time.process_time(), time.perf_counter()
    task = _task(outer.inner, seed, cpu + cpu_seconds)
    with _quiet():
        found = SYSTEMS[name](task)
        decision = _decision(task, found)
        scores = found.fit(np.arange(len(task.target)))(task.test)
    predictions = apply(dataset.goal, decision, restored(dataset.goal, scores))
    return SystemRun(
        system=name,
        outer=outer.number,
        seed=seed,
        held=held_score(dataset, outer.held, predictions),
        claimed=found.claimed,
        cpu_seconds=time.process_time() - cpu,
        seconds=time.perf_counter() - wall,
        configuration=found.configuration,
    )


def must_run(name: str) -> None:
    """Raise what keeps a system from running, before anything has run.

    Raises
    ------
    UsageError
        There is no such system.
    PracticeError
        Its library is not installed.

    Examples
    --------
    >>> must_run("magic")
    Traceback (most recent call last):
    ...
    practice.errors.UsageError: there is no system 'magic'
    """
    if name not in SYSTEMS:
        raise UsageError(f"there is no system {name!r}", f"there are: {', '.join(SYSTEMS)}")
    _library(name)


def must_take(dataset: Dataset) -> None:
    """Raise where the data are not for systems.

    Raises
    ------
    PracticeError
        There are columns of text.
    """
    if dataset.plain.roles.texts:
        raise PracticeError(
            f"{dataset.competition.slug} has columns of text, which systems do not take",
            "compare strategies on it: practice compare --strategies tpe,random",
        )


def _library(name: str) -> Any:
    """Import what a system is, by name: it is an extra."""
    module, offered = _LIBRARIES[name]
    try:
        return getattr(import_module(module), offered)
    except (ImportError, AttributeError):
        raise PracticeError(
            f"system {name!r} needs libraries that are not installed",
            'install the extra: pip install "practice[systems]"',
        ) from None


def _task(dataset: Dataset, seed: int, deadline: float) -> _Task:
    import pandas as pd

    must_take(dataset)
    table = dataset.plain
    load_lightgbm()
    encoder = encoding.for_trees(table.roles)
    train = pd.DataFrame(encoder.fit_transform(table.train)).add_prefix("x")
    test = pd.DataFrame(encoder.transform(table.test)).add_prefix("x")
    for name in train.columns[: len(table.roles.categories)]:
        levels = pd.CategoricalDtype(sorted(train[name].dropna().unique()))
        train[name], test[name] = train[name].astype(levels), test[name].astype(levels)
    target = learned(dataset.goal, dataset.y)
    return _Task(train, test, target, dataset, seed, deadline)


def _decision(task: _Task, found: _Found) -> Decision:
    """Fit threshold or cut points on out-of-fold predictions of the competition's folds."""
    dataset, goal = task.dataset, task.dataset.goal
    if goal.decision in ("none", "argmax"):
        return Decision(goal.decision)
    parts = [
        restored(goal, found.fit(fitting)(task.train.iloc[validating]))
        for fitting, validating in dataset.splits
    ]
    rows = np.concatenate([validating for _, validating in dataset.splits])
    return decide(goal, np.concatenate(parts), dataset.y[rows], dataset.judge(rows))


def _flaml(task: _Task) -> _Found:
    """Search with FLAML's AutoML over LightGBM, validated as it chooses."""
    automl = _library("flaml-automl")
    found: Any = None
    # Its clock is wall time: where others keep the processor busy, it goes on from its best.
    while found is None or task.left > _SESSION:
        known = {} if found is None else found.best_config_per_estimator
        found = automl()
        found.fit(
            task.train,
            task.target,
            task="classification" if task.classes else "regression",
            metric="log_loss" if task.classes else "rmse",
            time_budget=max(_SESSION, task.left),
            estimator_list=["lgbm"],
            starting_points=known,
            n_jobs=1,
            seed=task.seed,
            verbose=0,
        )
    from sklearn.base import clone

    estimator = found.model.estimator

    def fit(rows: NDArray[np.intp]) -> Callable[[pd.DataFrame], Floats]:
        model = clone(estimator).fit(task.train.iloc[rows], task.target[rows])
        predict: Callable[[pd.DataFrame], Floats]
        predict = model.predict_proba if task.classes else model.predict
        return predict

    configuration = {name: float(value) for name, value in found.best_config.items()}
    return _Found(fit, float(found.best_loss), configuration)


class _SpentError(Exception):
    """The time is over."""


def _lightgbm_tuner(task: _Task) -> _Found:
    """Search with Optuna's stepwise LightGBMTunerCV on the competition's folds."""
    tuner_class = _library("lightgbm-tuner-cv")
    lightgbm = load_lightgbm()
    fixed = booster_parameters(task.dataset.goal, {"bagging_fraction": 1.0}, task.seed)
    for name in ("bagging_fraction", "bagging_freq"):  # its own to choose
        fixed.pop(name)
    early = [lightgbm.early_stopping(_PATIENCE, verbose=False)]
    folds = list(task.dataset.splits)

    def stop(study: Any, trial: Any) -> None:
        if task.left <= 0:
            raise _SpentError

    tuner = tuner_class(
        fixed,
        _whole(task, np.arange(len(task.target))),
        num_boost_round=_ROUNDS,
        folds=folds,
        callbacks=early,
        optuna_callbacks=[stop],
        optuna_seed=task.seed,
        show_progress_bar=False,
    )
    with suppress(_SpentError):
        tuner.run()
    best = {**fixed, **tuner.best_params}
    # It keeps no number of rounds of its best: its last trial of it, again.
    again = lightgbm.cv(
        dict(best),
        _whole(task, np.arange(len(task.target))),
        num_boost_round=_ROUNDS,
        folds=folds,
        callbacks=early,
        return_cvbooster=True,
    )
    rounds = int(again["cvbooster"].best_iteration)

    def fit(rows: NDArray[np.intp]) -> Callable[[pd.DataFrame], Floats]:
        booster = lightgbm.train(dict(best), _whole(task, rows), num_boost_round=rounds)

        def predict(frame: pd.DataFrame) -> Floats:
            scores = np.asarray(booster.predict(frame, num_threads=1), dtype=np.float64)
            two = task.classes and scores.ndim == 1
            return np.column_stack([1 - scores, scores]) if two else scores

        return predict

    chosen = {name: best[name] for name in best if name not in fixed}
    return _Found(fit, float(tuner.best_score), {**chosen, "rounds": rounds})


def _whole(task: _Task, rows: NDArray[np.intp]) -> Any:
    """Return training rows as LightGBM's tuner takes them, raw and not yet binned."""
    return load_lightgbm().Dataset(
        task.train.iloc[rows],
        label=task.target[rows],
        params={"feature_pre_filter": False, "verbosity": -1},
        free_raw_data=False,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to what is said in words: systems log much and warn of what nobody here can change."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logger = logging.getLogger("flaml")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
        optuna.logging.set_verbosity(level)


SYSTEMS: Mapping[str, Callable[[_Task], _Found]] = MappingProxyType(
    {"flaml-automl": _flaml, "lightgbm-tuner-cv": _lightgbm_tuner}
)
"""Search of each system, by name."""
