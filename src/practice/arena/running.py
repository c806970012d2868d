"""Running a comparison: begun or gone on with, here or on a cluster, to the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from practice.arena.asking import Question, begin
from practice.arena.cells import Field
from practice.arena.holding import HIDDEN, hidden_rows
from practice.arena.recording import Task, ended, load, tasks_of
from practice.arena.records import Cell, Comparison, Results
from practice.arena.workers import Seen, run_here, usual_workers
from practice.errors import StoreError
from practice.settings import Settings
from practice.solutions.data import Dataset
from practice.tuning.records import Row

__all__ = ["Status", "best_of", "compare_one"]

_LOCK = "lock"


@dataclass(frozen=True)
class Status:
    """How far a comparison is.

    Parameters
    ----------
    comparison : Comparison
    done, total : int
        Runs that have ended, and all of them.
    share : float
        Of all budgets, what is spent: from 0 to 1.
    best : (str, float) or None
        As :func:`best_of` returns it.
    """

    comparison: Comparison
    done: int
    total: int
    share: float
    best: tuple[str, float] | None


Watch = Callable[[Status], None]


def compare_one(
    settings: Settings,
    dataset: Dataset,
    question: Question,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    fresh: bool = False,
    watch: Watch | None = None,
) -> Results:
    """Compare strategies on a competition; what was begun before is gone on with.

    Parameters
    ----------
    settings : Settings
    dataset : Dataset
        As :func:`practice.solutions.data.load` returns it.
    question : Question
    workers : int, optional
        Processes on this machine; default: as many as there are processors for.
    cluster : str, optional
        Address of a Dask scheduler whose workers do the runs instead.
    fresh : bool
        Begin anew where the same was asked before.
    watch : callable, optional
        Called with the status after every trial and run.

    Returns
    -------
    Results
        The same for the same question, data and versions, times apart, wherever it runs.

    Raises
    ------
    StoreError
        What the comparison was begun with has changed, or another process is running it.
    RefusedError
        The hidden rows are asked for before the reveal.
    UsageError
        ``cluster`` is no address.
    PracticeError
        A strategy, solution or library is missing; the default configuration cannot be judged;
        the cluster cannot be reached.
    """
    hidden = hidden_rows(dataset, settings) if question.hidden else None
    with ExitStack() as stack:
        client = None
        if cluster is not None:  # before anything is written: nothing may answer there
            from practice.arena.reaching import reached

            client = stack.enter_context(reached(cluster))
        folder, comparison = begin(settings, dataset, question, hidden, fresh=fresh)
        stack.enter_context(_alone(folder))
        stored = load(folder)
        left = [task for task in tasks_of(comparison) if not ended(folder, comparison, task)]
        if hidden is None and any(task.outer == HIDDEN for task in left):
            hidden = hidden_rows(dataset, settings)
        seen = _seen(stored, watch)
        if left:
            field = Field(dataset, comparison, hidden)
            if client is not None:
                from practice.arena.cluster import run_there

                run_there(client, folder, field, left, seen)
            else:
                run_here(folder, field, left, workers or usual_workers(), seen)
    return load(folder)


def best_of(cells: Sequence[Cell], comparison: Comparison) -> tuple[str, float] | None:
    """Return the strategy that leads so far, and its mean score on the rows held out.

    Only over splits and seeds that all strategies have done; None where there are none.
    """
    held: dict[tuple[int, int], dict[str, float]] = {}
    for cell in cells:
        held.setdefault((cell.outer, cell.seed), {})[cell.strategy] = cell.final.held
    whole = [each for each in held.values() if len(each) == len(comparison.strategies)]
    if not whole:
        return None
    means = {name: sum(e[name] for e in whole) / len(whole) for name in comparison.strategies}
    pick = max if comparison.greater_is_better else min
    name = pick(means, key=lambda each: means[each])
    return name, means[name]


def _seen(stored: Results, watch: Watch | None) -> Seen:
    """Turn what single runs say into what is told of all."""
    comparison, cells = stored.comparison, list(stored.cells)
    total = len(tasks_of(comparison))
    running: dict[Task, float] = {}

    def tell() -> None:
        if watch is not None:
            share = (len(cells) + sum(running.values())) / total
            watch(Status(comparison, len(cells), total, share, best_of(cells, comparison)))

    def row(task: Task, row: Row) -> None:
        running[task] = min(1.0, row.total_work / comparison.work)
        tell()

    def cell(task: Task, cell: Cell) -> None:
        running.pop(task, None)
        cells.append(cell)
        tell()

    tell()
    return Seen(row, cell)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from the comparison."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError(
            f"{folder.name} is being run by another process", "wait for it, or --show what it has"
        ) from None
    try:
        yield
    finally:
        lock.release()
