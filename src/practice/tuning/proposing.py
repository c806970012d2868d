"""Proposers of our own making: random search and grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from practice.tuning.records import Configuration, Row
from practice.tuning.strategy import Exhausted, Problem

__all__ = ["Grid", "Random"]


class Random:
    """Draws every configuration independently.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem) -> None:
        self._space = problem.space
        self._rng = np.random.default_rng([problem.seed, 1])

    def ask(self) -> Configuration:
        """Draw."""
        return self._space.at(self._rng.random(len(self._space.parameters)))

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        """Return the name."""
        return {"name": "random"}


class Grid:
    """Tries all combinations of a few values per parameter, in random order.

    Parameters
    ----------
    problem : Problem
    levels : int
        Values per range; a parameter with choices has all of them.
    """

    def __init__(self, problem: Problem, levels: int = 3) -> None:
        self._levels = levels
        self._points = problem.space.grid(levels)
        rng = np.random.default_rng([problem.seed, 2])
        self._order: list[int] = rng.permutation(len(self._points)).tolist()

    def ask(self) -> Configuration:
        """Take the next combination."""
        if not self._order:
            raise Exhausted
        return self._points[self._order.pop()]

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": "grid", "levels": self._levels}
