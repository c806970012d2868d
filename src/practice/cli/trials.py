"""The progress of a search: the best so far, what it cost, the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from practice.cli import output

if TYPE_CHECKING:
    from practice.tuning import Budget, Row

__all__ = ["progress_of", "seconds_left", "told", "watching"]


def progress_of(row: Row, budget: Budget) -> float:
    """Return the share of a budget that is spent after a row: of what runs out first.

    Examples
    --------
    >>> from practice.tuning import Budget, Row
    >>> progress_of(Row(9, 5, "folds", "complete", {}, 0.5, total_work=5.0), Budget(20, 100))
    0.25
    """
    ended = row.trial + (row.state not in ("running", "over"))
    parts = [
        (row.total_work, budget.work),
        (ended, budget.trials),
        (row.total_cpu_seconds, budget.cpu_seconds),
        (row.total_seconds, budget.seconds),
    ]
    return min(1.0, max(spent / limit for spent, limit in parts if limit is not None))


def seconds_left(first: float, now: float, seconds: float) -> float | None:
    """Say how long the rest takes at the pace of this session.

    Parameters
    ----------
    first, now : float
        Shares of the budget spent when the session began, and by now.
    seconds : float
        In between.

    Examples
    --------
    >>> seconds_left(0.0, 0.25, 10.0), seconds_left(0.5, 0.5, 10.0)
    (30.0, None)
    """
    return None if now <= first else seconds * (1 - now) / (now - first)


def told(row: Row, best: Row | None, left: float | None) -> str:
    """Describe where a search is, in one line.

    Examples
    --------
    >>> from practice.tuning import Row
    >>> row = Row(9, 5, "folds", "complete", {}, 0.51234, total_work=5.0)
    >>> told(row, row, 75.0)
    'trial 9, best loss 0.51234 (trial 9), work 5.0, about 1:15 left'
    """
    parts = [f"trial {row.trial}"]
    if best is not None:
        parts.append(f"best loss {output.number(best.score)} (trial {best.trial})")
    parts.append(f"work {row.total_work:.1f}")
    if left is not None:
        parts.append(f"about {int(left) // 60}:{int(left) % 60:02} left")
    return ", ".join(parts)


@contextmanager
def watching(budget: Budget, *, quiet: bool = False) -> Iterator[Callable[[Row], None] | None]:
    """Show a bar while the block runs; nothing where stderr is no terminal.

    Parameters
    ----------
    budget : Budget
    quiet : bool

    Yields
    ------
    callable or None
        To be called with every row.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    began = time.monotonic()
    first: list[float] = []
    best: list[Row] = []
    bar = Progress(
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=sys.stderr),
        transient=True,
    )
    with bar as shown:
        task = shown.add_task("trial 0", total=1.0)

        def watch(row: Row) -> None:
            share = progress_of(row, budget)
            if not first:
                first.append(share)
            score = best[0].score if best else None
            if row.counts and row.score is not None and (score is None or row.score < score):
                best[:] = [row]
            left = seconds_left(first[0], share, time.monotonic() - began)
            text = told(row, best[0] if best else None, left)
            shown.update(task, completed=share, description=text)

        yield watch
