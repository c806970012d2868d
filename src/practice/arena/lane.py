"""The systems' lane: equal processor time for all, judged by hold-outs only."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice.arena.asking import OUTER
from practice.arena.records import Cell, Comparison, Point, Results
from practice.arena.systems import SYSTEMS, SystemRun, must_run, must_take, run_system
from practice.errors import StoreError, UsageError
from practice.progress import Progress, silent
from practice.solutions.registry import get
from practice.tuning.boosting import ROUNDS
from practice.tuning.final import finish, usual_final
from practice.tuning.manifest import (
    canonical_hash,
    described_data,
    environment,
    folds_hash,
    now,
    versions,
)
from practice.tuning.outcome import parameters_of
from practice.tuning.outer import available, held_score, outer_splits
from practice.tuning.records import Journal, incumbents
from practice.tuning.repeated import usual_repeats
from practice.tuning.runner import Budget
from practice.tuning.searching import Plan, search
from practice.tuning.spaces import space_for
from practice.tuning.strategies import make
from practice.tuning.strategy import Problem

if TYPE_CHECKING:
    from practice.solutions.data import Dataset
    from practice.tuning.outer import Outer

__all__ = ["DEFAULT", "ROWS", "Entry", "race", "read_lane", "run_strategy"]

ROWS = "lane.jsonl"

DEFAULT = "default"  # the untuned configuration, beside the others


@dataclass(frozen=True)
class Entry:
    """What the lane is asked: who takes part, on what, for how long.

    Parameters
    ----------
    names : tuple of str
        Systems and strategies; the first is what the others are compared with, and the untuned
        default is always there.
    cpu_seconds : float
        Of each search.
    repeats : int
        Pairs of an outer split and a seed, at least.

    Raises
    ------
    UsageError
        A name twice, or a number that is too small.
    """

    names: tuple[str, ...]
    cpu_seconds: float = 30.0
    repeats: int = 8

    def __post_init__(self) -> None:
        if len(set(self.names)) < len(self.names) or DEFAULT in self.names:
            raise UsageError(f"{', '.join(self.names)}: a name twice", "name each once")
        if not 1 <= self.cpu_seconds < math.inf:
            raise UsageError(f"--cpu-seconds {self.cpu_seconds} is below 1", "--cpu-seconds 30")
        if self.repeats < 1:
            raise UsageError(f"--repeats {self.repeats} is below 1", "--repeats 8")


def race(arena: Path, dataset: Dataset, entry: Entry, progress: Progress = silent) -> Results:
    """Give systems and strategies the same processor time on the same outer splits.

    Parameters
    ----------
    arena : Path
        ``settings.arena``; runs are written there as they end, and those of the same data, folds,
        versions and time are not run again.
    dataset : Dataset
    entry : Entry
    progress : Progress, optional

    Returns
    -------
    Results
        Cross-validation in it is what each says of itself, and cannot be compared.

    Raises
    ------
    PracticeError
        A library is missing, or the data are not for these systems.
    StoreError
        The records cannot be read or written.
    """
    names = (DEFAULT, *entry.names)
    _must_run(entry, dataset)
    count = max(1, min(OUTER, available(dataset), entry.repeats))
    splits = outer_splits(dataset, count)
    seeds = tuple(range(math.ceil(entry.repeats / count)))
    identity = {
        "data": described_data(dataset),
        "folds": folds_hash(dataset),
        "metric": dataset.metric.name,
        "cpu_seconds": entry.cpu_seconds,
        "versions": dict(versions()),
    }
    slug = dataset.competition.slug
    folder = arena / f"{slug}-systems-{canonical_hash(identity)[:8]}"
    path = folder / ROWS
    done = {(run.outer, run.seed, run.system): run for run in read_lane(path)}
    asked = [(split, seed, name) for seed in seeds for split in splits for name in names]
    task = "systems and strategies in equal time"
    for number, (split, seed, name) in enumerate(asked):
        progress(task, number, len(asked))
        key = (split.number, seed, name)
        if key not in done:
            default = done.get((split.number, seed, DEFAULT))
            done[key] = _run(name, dataset, split, seed, entry.cpu_seconds, default)
            _append(path, done[key])
    progress(task, len(asked), len(asked))
    comparison = _comparison(folder.name, dataset, entry, splits, seeds, identity)
    cells = [
        _cell(done[split.number, seed, name], done[split.number, seed, DEFAULT])
        for name in entry.names
        for split in splits
        for seed in seeds
    ]
    return Results(comparison, tuple(cells))


def _run(
    name: str,
    dataset: Dataset,
    split: Outer,
    seed: int,
    cpu_seconds: float,
    default: SystemRun | None,
) -> SystemRun:
    """Run one of them; where it fails it gets the score of the default."""
    try:
        if name in SYSTEMS:
            return run_system(name, dataset, split, cpu_seconds, seed)
        return run_strategy(name, dataset, split, Budget(cpu_seconds=cpu_seconds), seed)
    except Exception as error:  # other people's code may raise anything
        if default is None:
            raise
        lines = str(error).splitlines() or [""]
        said = f"{type(error).__name__}: {lines[0]}"
        return replace(default, system=name, cpu_seconds=0.0, seconds=0.0, error=said)


def _comparison(
    name: str,
    dataset: Dataset,
    entry: Entry,
    splits: Sequence[Outer],
    seeds: tuple[int, ...],
    identity: dict[str, Any],
) -> Comparison:
    return Comparison(
        id=name,
        slug=dataset.competition.slug,
        solution="lightgbm",
        strategies=entry.names,
        reference=entry.names[0],
        outer=tuple(split.number for split in splits),
        seeds=seeds,
        work=0.0,
        rounds=ROUNDS,
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        held_rows=tuple(len(split.held) for split in splits),
        plans=("",) * len(splits),
        created=now(),
        hash=canonical_hash(identity),
        identity=identity,
        environment=environment(),
    )


def _must_run(entry: Entry, dataset: Dataset) -> None:
    """Raise what keeps a system or strategy from running, before others take their time."""
    space = space_for(get("lightgbm"), dataset.plain.roles)
    for name in entry.names:
        if name in SYSTEMS:
            must_run(name)
            must_take(dataset)
        else:
            make(name, Problem(space, 0, len(dataset.splits) - 1))


def _cell(run: SystemRun, default: SystemRun) -> Cell:
    points = tuple(
        Point(at, each.configuration, 0.0, each.cpu_seconds, each.claimed, each.claimed, each.held,
              each.held)
        for at, each in enumerate((default, run))
    )  # fmt: skip
    spent = (0.0, run.cpu_seconds, run.seconds, 0.0)
    return Cell(run.system, run.outer, run.seed, points, {}, *spent, run.error)


def run_strategy(
    name: str, dataset: Dataset, outer: Outer, budget: Budget, seed: int = 0
) -> SystemRun:
    """Let a strategy tune LightGBM on the rows of an outer split, and judge it as a system.

    It does what ``practice tune`` does: cross-validation drawn again where rows are few, and the
    mean of the folds' models in the end.

    Parameters
    ----------
    name : str
        As :func:`practice.tuning.strategies.make` takes it, or :data:`DEFAULT`.
    dataset : Dataset
        The whole competition.
    outer : Outer
    budget : Budget
        Of the search; the last fit comes on top.
    seed : int

    Returns
    -------
    SystemRun
        ``claimed`` is the mean loss of the folds.
    """
    cpu, wall = time.process_time(), time.perf_counter()
    only = Budget(trials=1)  # trial 0 is the default configuration
    plan = Plan(seed=seed)
    if name != DEFAULT:
        plan = Plan(strategy=name, seed=seed, repeats=usual_repeats(outer.inner))
    with Journal(None) as journal:
        rows = search(outer.inner, plan, only if name == DEFAULT else budget, journal)
    best = incumbents(rows)[-1]
    final = "refit" if name == DEFAULT else usual_final(outer.inner)
    predictions = finish(outer.inner, plan, best, final).predictions
    assert best.score is not None
    return SystemRun(
        system=name,
        outer=outer.number,
        seed=seed,
        held=held_score(dataset, outer.held, predictions),
        claimed=best.score,
        cpu_seconds=time.process_time() - cpu,
        seconds=time.perf_counter() - wall,
        configuration=parameters_of(best),
    )


def read_lane(path: Path) -> tuple[SystemRun, ...]:
    """Read the runs that ended; a torn last line is dropped.

    Raises
    ------
    StoreError
        A line that is complete is no run.

    Examples
    --------
    >>> read_lane(Path("no-such-file"))
    ()
    """
    return tuple(_lines(path)) if path.is_file() else ()


def _lines(path: Path) -> Iterator[SystemRun]:
    content = path.read_bytes()
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            yield SystemRun(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path}:{number}: no run: {error}", "remove the file") from None


def _append(path: Path, run: SystemRun) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.read_bytes() if path.is_file() else b""
        with path.open("r+b" if whole else "wb") as file:
            file.truncate(whole.rfind(b"\n") + 1)
            file.seek(0, 2)
            file.write(json.dumps(asdict(run), allow_nan=False).encode() + b"\n")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from None
