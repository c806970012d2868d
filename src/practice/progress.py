"""How long work reports on itself, whoever is looking."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called as work goes on; a face turns the calls into a bar."""

    def __call__(self, task: str, done: float, total: float | None) -> None:
        """Say that ``done`` of ``total`` units (None: unknown) of ``task`` are finished."""


def silent(task: str, done: float, total: float | None) -> None:
    """Report nothing.

    Examples
    --------
    >>> silent("download", 1, 2)
    """
