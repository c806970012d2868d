"""A search: an evaluator, a strategy and a budget put together, recorded, and resumed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from practice.errors import StoreError, UsageError
from practice.solutions.boosting import load_lightgbm, quiet
from practice.solutions.data import Dataset
from practice.solutions.parallel import pool
from practice.solutions.registry import get, must_suit
from practice.solutions.run import must_be_learnable
from practice.tuning import foldwise
from practice.tuning.boosting import ROUNDS, BoostingEvaluator
from practice.tuning.evaluator import Evaluator
from practice.tuning.manifest import (
    FOLDS,
    MANIFEST,
    Manifest,
    canonical_hash,
    described_data,
    environment,
    folds_hash,
    now,
    read_manifest,
    save_folds,
    versions,
    write_manifest,
)
from practice.tuning.records import ROWS, Journal, Row
from practice.tuning.repeated import repeated
from practice.tuning.runner import Budget, run
from practice.tuning.space import shared_points
from practice.tuning.strategies import DEFAULT, make
from practice.tuning.strategy import Problem, Strategy

__all__ = [
    "SESSIONS",
    "SHARED",
    "Plan",
    "evaluator_for",
    "new_folder",
    "plan_of",
    "search",
    "search_in",
]

SHARED = 10  # points after the default that all strategies with one seed share
SESSIONS = "sessions.jsonl"
LOCK = "lock"
LARGEST_SEED = 2**31 - 1  # of LightGBM's; the other libraries take larger ones
_BOOSTED = ("lightgbm", "features")


@dataclass(frozen=True)
class Plan:
    """What is searched, how, and from which seed.

    Parameters
    ----------
    solution : str
    strategy : str
        As :func:`practice.tuning.strategies.make` takes it.
    seed : int
        Of the strategy, and of the models; 0 to 2147483647.
    rounds : int
        Of boosting, at most.
    repeats : int
        Times that the cross-validation is drawn (:func:`practice.tuning.repeated.repeated`).

    Raises
    ------
    UsageError
        The seed is outside its range.
    """

    solution: str = "lightgbm"
    strategy: str = DEFAULT
    seed: int = 0
    rounds: int = ROUNDS
    repeats: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= LARGEST_SEED:
            raise UsageError(f"--seed {self.seed} is not between 0 and {LARGEST_SEED}", "--seed 0")


@contextmanager
def evaluator_for(dataset: Dataset, plan: Plan) -> Iterator[Evaluator]:
    """Open the evaluator of a plan's solution, with a pool of threads over folds.

    Parameters
    ----------
    dataset : Dataset
        Its folds are taken as they are.
    plan : Plan

    Yields
    ------
    Evaluator

    Raises
    ------
    NotFoundError
        There is no such solution.
    PracticeError
        It has nothing to tune, does not suit the competition, or cannot learn from the data.
    """
    solution = get(plan.solution)
    must_suit(solution, dataset)
    must_be_learnable(dataset, solution)
    if solution.name not in _BOOSTED:
        with pool(len(dataset.splits)) as threads:
            yield foldwise.for_solution(dataset, solution, threads, plan.seed)
        return
    load_lightgbm()  # says in words where it cannot be loaded, before any worker tries
    with pool(len(dataset.splits), quiet) as threads:
        yield BoostingEvaluator(dataset, solution, threads, plan.seed, rounds=plan.rounds)


def search(
    dataset: Dataset,
    plan: Plan,
    budget: Budget,
    journal: Journal,
    watch: Callable[[Row], None] | None = None,
) -> tuple[Row, ...]:
    """Search without a manifest: for a run whose records somebody else keeps.

    Parameters
    ----------
    dataset : Dataset
    plan : Plan
    budget : Budget
    journal : Journal
        Open.
    watch : callable, optional
        Called with every row.

    Returns
    -------
    tuple of Row
    """
    dataset = repeated(dataset, plan.repeats, plan.seed)
    with evaluator_for(dataset, plan) as evaluator:
        strategy, points = _strategy(evaluator, plan), _points(evaluator, plan)
        return run(evaluator, strategy, budget, journal, points, watch)


def search_in(
    folder: Path,
    dataset: Dataset,
    plan: Plan,
    budget: Budget,
    watch: Callable[[Row], None] | None = None,
    begun: Callable[[Manifest], None] | None = None,
) -> tuple[Row, ...]:
    """Search with records in a folder; a folder that has records already is gone on with.

    Parameters
    ----------
    folder : Path
        ``PRACTICE_HOME/runs/<id>``.
    dataset : Dataset
    plan : Plan
    budget : Budget
        In total.
    watch : callable, optional
    begun : callable, optional
        Called with the run's manifest before anything is evaluated or, of a new run, written.

    Returns
    -------
    tuple of Row

    Raises
    ------
    StoreError
        What the run was begun with (data, folds, space, strategy, versions) has changed since, or
        another process is running it.
    """
    dataset = repeated(dataset, plan.repeats, plan.seed)
    with evaluator_for(dataset, plan) as evaluator:
        strategy, points = _strategy(evaluator, plan), _points(evaluator, plan)
        identity = _identity(dataset, plan, evaluator, strategy)
        old = (folder / MANIFEST).is_file()
        manifest = read_manifest(folder) if old else _manifest(folder.name, plan, identity)
        if old:
            _must_agree(manifest.identity, identity, folder)
        if begun is not None:
            begun(manifest)
        if not old:
            write_manifest(manifest, folder)
            save_folds(dataset, folder / FOLDS)
        with _alone(folder), _logged(folder, budget), Journal(folder / ROWS) as journal:
            return run(evaluator, strategy, budget, journal, points, watch)


def _strategy(evaluator: Evaluator, plan: Plan) -> Strategy:
    return make(plan.strategy, Problem(evaluator.space, plan.seed, evaluator.folds))


def _points(evaluator: Evaluator, plan: Plan) -> list[dict[str, Any]]:
    return [dict(point) for point in shared_points(evaluator.space, plan.seed, SHARED)]


def _identity(
    dataset: Dataset, plan: Plan, evaluator: Evaluator, strategy: Strategy
) -> dict[str, Any]:
    return {
        "competition": dataset.competition.slug,
        "data": described_data(dataset),
        "folds": {"count": evaluator.folds, "sha256": folds_hash(dataset)},
        "space": evaluator.space.described(),
        "evaluator": evaluator.described(),
        "metric": {
            "name": dataset.metric.name,
            "greater_is_better": dataset.metric.greater_is_better,
            "objective": "log loss" if dataset.goal.learn == "classes" else "rmse",
        },
        "strategy": {"name": plan.strategy, **strategy.described()},
        "seed": plan.seed,
        "repeats": plan.repeats,
        "shared_points": SHARED,
        "versions": dict(versions()),
    }


def _manifest(name: str, plan: Plan, identity: dict[str, Any]) -> Manifest:
    return Manifest(
        id=name,
        created=now(),
        competition=identity["competition"],
        solution=plan.solution,
        strategy=plan.strategy,
        seed=plan.seed,
        hash=canonical_hash(identity),
        identity=identity,
        environment=environment(),
    )


def _must_agree(old: dict[str, Any], new: dict[str, Any], folder: Path) -> None:
    """Refuse to go on with a run that would not be one run."""
    for name in new:
        before, after = old.get(name), new[name]
        if before == after:
            continue
        if name == "versions" and isinstance(before, dict):
            changed = [k for k in sorted({*before, *after}) if before.get(k) != after.get(k)]
            name = f"the version of {', '.join(changed)}"
        raise StoreError(
            f"{folder.name} cannot be gone on with: {name} changed since it began",
            "practice tune without --resume begins another run",
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from the run."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError(
            f"{folder.name} is being run by another process", "wait for it, or begin another run"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _logged(folder: Path, budget: Budget) -> Iterator[None]:
    """Note when a session begins and how it ends."""
    _session(folder, {"began": now(), "budget": asdict(budget)})
    ended = "interrupted"
    try:
        yield
        ended = "done"
    finally:
        _session(folder, {"ended": now(), "how": ended})


def _session(folder: Path, fields: dict[str, Any]) -> None:
    """Add a line to the log of sessions."""
    with (folder / SESSIONS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({**fields, "load": environment()["load"]}) + "\n")


def new_folder(runs: Path, slug: str, plan: Plan) -> Path:
    """Return a folder that does not exist yet, named after what is run."""
    strategy = re.sub(r"[^a-z0-9+-]+", "-", Path(plan.strategy).stem.lower()).strip("-")
    number = 1
    while (runs / f"{slug}-{plan.solution}-{strategy}-{number}").exists():
        number += 1
    return runs / f"{slug}-{plan.solution}-{strategy}-{number}"


def plan_of(manifest: Manifest) -> Plan:
    """Return the plan that a run was begun with."""
    evaluator = manifest.identity["evaluator"]
    return Plan(
        manifest.solution,
        manifest.strategy,
        manifest.seed,
        evaluator.get("rounds", ROUNDS),
        manifest.identity["repeats"],
    )
