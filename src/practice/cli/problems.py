"""The faults of a file, each with its place, its values and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from practice.cli import output
from practice.cli.output import Screen

if TYPE_CHECKING:
    from practice.scoring.records import Problem

__all__ = ["place", "print_problems"]


def place(problem: Problem) -> str:
    """Say where a fault is.

    Examples
    --------
    >>> from practice.scoring.records import Problem
    >>> place(Problem(12, "target", "x", "not a number"))
    'row 12, column target'
    >>> place(Problem(None, None, None, "the file is empty"))
    ''
    """
    parts = []
    if problem.row is not None:
        parts.append(f"row {problem.row}")
    if problem.column is not None:
        parts.append(f"column {problem.column}")
    return ", ".join(parts)


def print_problems(screen: Screen, title: str, problems: Sequence[Problem]) -> None:
    """Print a title and below it every fault."""
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    screen.print(f"{output.clean(title)}: {count}", "fail")
    for problem in problems:
        where = place(problem)
        text = f"{where}: {problem.message}" if where else problem.message
        screen.print(f"  - {output.clean(text)}")
        if problem.value is not None and problem.value not in problem.message:
            screen.print(f"    found: {output.clean(problem.value)}")
        if problem.hint:
            screen.print(f"    try: {output.clean(problem.hint)}")
