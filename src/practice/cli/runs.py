"""The progress of a comparison: runs that have ended, who leads, the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from practice.cli import output
from practice.cli.trials import seconds_left

if TYPE_CHECKING:
    from practice.arena import Comparison, Status

__all__ = ["asked", "told", "watching"]


def asked(comparison: Comparison, done: int) -> str:
    """Say what is compared, how the repeats are split up, and what is there already."""
    from practice.arena.recording import splits_said

    strategies, seeds = len(comparison.strategies), len(comparison.seeds)
    runs = strategies * len(comparison.outer) * seeds
    begun = f"; {'all' if done == runs else done} have ended" if done else ""
    return (
        f"{comparison.id}: {strategies} strategies on {splits_said(comparison)}, "
        f"{_many(seeds, 'seed')} each, against {comparison.reference}: {runs} runs{begun}"
    )


def _many(count: int, what: str) -> str:
    """Count things.

    Examples
    --------
    >>> _many(1, "seed"), _many(5, "seed")
    ('1 seed', '5 seeds')
    """
    return f"{count} {what}{'s' * (count != 1)}"


def told(status: Status, left: float | None) -> str:
    """Describe where a comparison is, in one line."""
    parts = [f"{status.done} of {status.total} runs"]
    if status.best is not None:
        name, mean = status.best
        parts.append(f"best {name} {output.number(mean)}")
    if left is not None:
        parts.append(f"{int(left) // 60}:{int(left) % 60:02} left")
    return ", ".join(parts)


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Callable[[Status], None]]:
    """Say what is compared, and show a bar while the block runs where stderr is a terminal.

    Parameters
    ----------
    quiet : bool

    Yields
    ------
    callable
        To be called with every status.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    first: dict[str, tuple[float, float]] = {}
    bar = Progress(
        BarColumn(bar_width=12),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=sys.stderr),
        transient=True,
        disable=quiet or not sys.stderr.isatty(),
    )
    with bar as shown:
        task = shown.add_task("", total=1.0)

        def watch(status: Status) -> None:
            id = status.comparison.id
            if id not in first:
                first[id] = status.share, time.monotonic()
                if not quiet:
                    output.say(asked(status.comparison, status.done))
            share, began = first[id]
            left = seconds_left(share, status.share, time.monotonic() - began)
            shown.update(task, completed=status.share, description=told(status, left))

        yield watch
