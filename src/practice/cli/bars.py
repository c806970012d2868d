"""Progress of long work as bars on stderr; silent where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from practice.progress import Progress, silent

__all__ = ["bars"]


@contextmanager
def bars(*, quiet: bool = False) -> Iterator[Progress]:
    """Show bars while the block runs, the finished ones until another begins.

    Parameters
    ----------
    quiet : bool
        Show nothing (with ``--json``).

    Yields
    ------
    Progress
        To be handed to long work.

    Examples
    --------
    >>> with bars(quiet=True) as progress:
    ...     progress("download", 1, 2)
    """
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    with RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    ) as shown:
        tasks = {}

        def progress(task: str, done: float, total: float | None) -> None:
            if total == 0:
                return
            if task not in tasks:
                for each in shown.tasks:
                    shown.update(each.id, visible=not each.finished)
                tasks[task] = shown.add_task(task, total=total)
            shown.update(tasks[task], completed=done, total=total)

        yield progress
