"""A short tuning of LightGBM: Optuna's TPE from the default configuration on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from practice import harness
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.solutions.boosting import load_lightgbm, quiet
from practice.solutions.data import Dataset, load
from practice.solutions.parallel import pool
from practice.solutions.registry import get
from practice.solutions.report import place
from practice.solutions.run import cross_validate, must_be_learnable
from practice.tuning.evaluator import Evaluator
from practice.tuning.space import LIGHTGBM, default_point, suggest

if TYPE_CHECKING:
    from practice.solutions.base import Solution

__all__ = ["ENTRANT", "Search", "TuneReport", "message_for", "search", "solution_of", "tune"]

ENTRANT = "tuned:lightgbm"


@dataclass(frozen=True)
class Search:
    """What a search over configurations found.

    Parameters
    ----------
    parameters : dict
        The best configuration, rounds included.
    losses : tuple of float
        Cross-validated loss of every trial in order; the first is the default configuration.
    default_parameters : dict
        The default configuration with the rounds that early stopping gave it.
    seconds : float
    """

    parameters: dict[str, Any]
    losses: tuple[float, ...]
    default_parameters: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class TuneReport:
    """Outcome of a tuning.

    Parameters
    ----------
    competition, entrant : str
    metric : str
    greater_is_better : bool
    trials : int
        Configurations tried, the default among them.
    default_cv, best_cv : float
        Mean of the metric over folds, of the default configuration and of the best one; both stop
        early on the same folds.
    best_spread : float
        Standard deviation over folds of the best one.
    default_loss, best_loss : float
        What the search minimises: log loss or root mean squared error over the same folds.
    params : dict
        The best configuration.
    seconds : float
        Wall time of everything.
    public_score : float or None
        None where nothing was submitted.
    rank, submission : int or None
    """

    competition: str
    entrant: str
    metric: str
    greater_is_better: bool
    trials: int
    default_cv: float
    best_cv: float
    best_spread: float
    default_loss: float
    best_loss: float
    params: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    public_score: float | None = None
    rank: int | None = None
    submission: int | None = None


def search(
    dataset: Dataset,
    trials: int,
    seconds: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Search:
    """Look for the configuration of LightGBM with the least cross-validated loss.

    Parameters
    ----------
    dataset : Dataset
    trials : int
        Configurations to try. The result depends on data, versions, seed and this number alone.
    seconds : float, optional
        No trial begins after that time; the default configuration is always tried.
    seed : int
        Of sampler and boosters.
    progress : Progress, optional
        Called after every trial.

    Returns
    -------
    Search

    Raises
    ------
    PracticeError
        LightGBM cannot be loaded, or the data cannot be learned from.
    """
    import optuna

    load_lightgbm()  # says in words where it cannot be loaded, before any worker tries
    must_be_learnable(dataset, get("lightgbm"))
    began = time.perf_counter()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(default_point(LIGHTGBM))
    configurations: list[Mapping[str, Any]] = []
    losses: list[float] = []
    task = "tuning of lightgbm"
    progress(task, 0, trials)
    with pool(len(dataset.splits), quiet) as threads:
        evaluator = Evaluator(dataset, threads, seed)
        while len(losses) < max(1, trials):
            if losses and seconds is not None and time.perf_counter() - began >= seconds:
                break
            trial = study.ask()
            configuration = suggest(trial, LIGHTGBM)
            evaluation = evaluator.evaluate(configuration)
            study.tell(trial, evaluation.loss)
            configurations.append({**configuration, "rounds": evaluation.rounds})
            losses.append(evaluation.loss)
            progress(task, len(losses), trials)
    progress(task, trials, trials)
    best = min(range(len(losses)), key=losses.__getitem__)
    return Search(
        dict(configurations[best]),
        tuple(losses),
        dict(configurations[0]),
        time.perf_counter() - began,
    )


def solution_of(found: Search) -> Solution:
    """Return LightGBM with the configuration that a search found."""
    return get("lightgbm").with_parameters(**found.parameters)


def message_for(trials: int) -> str:
    """Return what a board says of a tuned entry.

    Examples
    --------
    >>> message_for(60)
    'LightGBM, best of 60'
    """
    return f"LightGBM, best of {trials}"


def tune(
    slug: str,
    settings: Settings,
    trials: int = 30,
    seconds: float | None = None,
    submit: bool = True,
    progress: Progress = silent,
    seed: int = 0,
) -> TuneReport:
    """Tune LightGBM for a competition and put it on the board as ``tuned:lightgbm``.

    Parameters
    ----------
    slug : str
        A competition that was started.
    settings : Settings
    trials, seconds, seed
        As in :func:`search`.
    submit : bool
        False: tune only.
    progress : Progress, optional

    Returns
    -------
    TuneReport

    Raises
    ------
    NotFoundError
        No such competition, or not started.
    PracticeError
        LightGBM cannot be loaded, or the data cannot be learned from.
    """
    began = time.perf_counter()
    if submit:
        harness.leaderboard(settings, slug)  # says where it was never started, before any work
    dataset = load(slug, settings, progress)
    plain = get("lightgbm")
    found = search(dataset, trials, seconds, seed, progress)
    default = cross_validate(dataset, plain.with_parameters(**found.default_parameters), seed)
    best = cross_validate(dataset, solution_of(found), seed)
    placed = None
    if submit:
        message = message_for(len(found.losses))
        placed = place(dataset, solution_of(found), best, settings, ENTRANT, message, seed)
    return TuneReport(
        competition=slug,
        entrant=ENTRANT,
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        trials=len(found.losses),
        default_cv=default.mean,
        best_cv=best.mean,
        best_spread=best.spread,
        default_loss=found.losses[0],
        best_loss=min(found.losses),
        params={**best.parameters, "seed": seed, "trials": len(found.losses)},
        seconds=time.perf_counter() - began,
        public_score=placed.public_score if placed else None,
        rank=placed.rank if placed else None,
        submission=placed.id if placed else None,
    )
