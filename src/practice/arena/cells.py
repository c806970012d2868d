"""One run of a comparison: the search, and what it found judged on rows that it never saw."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from practice.arena.holding import Hidden, Hold, holds_of
from practice.arena.judging import judge_once, put
from practice.arena.recording import FINAL, JUDGED, Task, run_folder, write_cell
from practice.arena.records import Cell, Comparison, Point
from practice.errors import NotFoundError, PracticeError, StoreError
from practice.solutions.data import Dataset
from practice.solutions.registry import get
from practice.tuning.outcome import parameters_of
from practice.tuning.records import ROWS, Journal, Row, finals, incumbents, read_rows
from practice.tuning.runner import Budget
from practice.tuning.searching import Plan, search, search_in

__all__ = ["Field", "Watch", "run_cell"]

Watch = Callable[[Row], None]


@dataclass(frozen=True)
class Field:
    """All that a run needs, sent once to every process that runs some.

    Parameters
    ----------
    dataset : Dataset
    comparison : Comparison
    hidden : Hidden or None
        Only after the reveal, and where it is asked for.
    """

    dataset: Dataset
    comparison: Comparison
    hidden: Hidden | None = None

    @cached_property
    def holds(self) -> dict[int, Hold]:
        """The outer splits by number."""
        return holds_of(self.dataset, self.comparison.outer, self.hidden)

    def __reduce__(self) -> tuple[type[Field], tuple[Any, ...]]:
        # The splits are cut out where they are needed: sent along they would double the data.
        return Field, (self.dataset, self.comparison, self.hidden)


def run_cell(folder: Path, field: Field, task: Task, watch: Watch) -> Cell:
    """Run a strategy, or go on with its run, and judge what it found.

    Parameters
    ----------
    folder : Path
        Of the comparison.
    field : Field
    task : Task
    watch : callable
        Called with every row of the search.

    Returns
    -------
    Cell
        Written, too, with the predictions.

    Raises
    ------
    StoreError
        The records cannot be written, or what the run was begun with has changed.
    PracticeError
        Even the default configuration cannot be judged.
    """
    comparison, hold = field.comparison, field.holds[task.outer]
    run = run_folder(folder, comparison, task)
    rows, error = _searched(run, comparison, hold, task, watch)
    default = rows[0] if rows else _default(comparison, hold, task.seed)
    if not default.counts:
        why = f": {default.error}" if default.error else " inside the budget"
        raise PracticeError(
            f"{comparison.slug}: the default of {comparison.solution} cannot be evaluated{why}",
            f"practice tune {comparison.slug} --solution {comparison.solution}",
        )
    first = _point(folder, comparison, hold, task, default)
    points = [first]
    try:
        for row in incumbents(rows)[1:]:
            points += [_point(folder, comparison, hold, task, row)]
    except StoreError:
        raise
    except PracticeError as failure:
        error = error or failure.message
    last = rows[-1] if rows else default
    trained = sum(row.cpu_seconds for row in rows or [default])
    cell = Cell(
        strategy=task.strategy,
        outer=task.outer,
        seed=task.seed,
        points=tuple(points),
        trials=dict(Counter(row.state for row in rows)),
        work=last.total_work,
        cpu_seconds=last.total_cpu_seconds,
        seconds=last.total_seconds,
        overhead_seconds=max(0.0, last.total_cpu_seconds - trained),
        error=" ".join(error.split()),
    )
    _write(folder, run, comparison, hold, cell)
    return cell


def _searched(
    run: Path, comparison: Comparison, hold: Hold, task: Task, watch: Watch
) -> tuple[tuple[Row, ...], str]:
    """Search; return the trials that ended, and why the search failed, if it did."""
    plan = Plan(comparison.solution, task.strategy, task.seed, comparison.rounds)
    budget = Budget(work=comparison.work)
    begun = (run / ROWS).is_file()
    try:
        return finals(search_in(run, hold.outer.inner, plan, budget, watch)), ""
    except (StoreError, NotFoundError):  # the latter: a file that is not here proves nothing
        raise
    except PracticeError as failure:
        if begun:  # a strategy that does not repeat itself can be run, but not gone on with
            shutil.rmtree(run)
            return _searched(run, comparison, hold, task, watch)
        return finals(read_rows(run / ROWS)), failure.message


def _default(comparison: Comparison, hold: Hold, seed: int) -> Row:
    """Return the default's row for a strategy that cannot even begin."""
    plan = Plan(comparison.solution, "random+none", seed, comparison.rounds)
    with Journal(None) as journal:
        return search(hold.outer.inner, plan, Budget(trials=1), journal)[-1]


def _point(folder: Path, comparison: Comparison, hold: Hold, task: Task, row: Row) -> Point:
    solution, found = get(comparison.solution), parameters_of(row)
    judged = judge_once(folder / JUDGED, hold, solution, task.seed, found)
    assert row.score is not None
    return Point(
        trial=row.trial,
        configuration=found,
        work=row.total_work,
        cpu_seconds=row.total_cpu_seconds,
        loss=row.score,
        cv=judged.cv,
        held=judged.held,
        ensemble=judged.ensemble,
    )


def _write(folder: Path, run: Path, comparison: Comparison, hold: Hold, cell: Cell) -> None:
    """Store predictions and their replicates, and then the cell, which says that it has ended."""
    solution = get(comparison.solution)
    arrays: dict[str, Any] = {}
    for name, point in (("default", cell.default), ("final", cell.final)):
        judged = judge_once(folder / JUDGED, hold, solution, cell.seed, point.configuration)
        arrays[name] = judged.predictions
    replicates = hold.replicates(arrays["final"])
    if replicates is not None:
        arrays["replicates"] = replicates
    put(run / FINAL, arrays)
    write_cell(run, cell)
