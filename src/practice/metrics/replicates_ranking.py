"""One sort of scores, weighed anew in each replicate of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.metrics.plan import Plan

__all__ = ["Sorting", "sorting"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sorting:
    """Positive and negative rows by score, and where each score of a positive row stands.

    Parameters
    ----------
    up, down : ndarray of int
        Positive and negative rows, scores ascending.
    first : ndarray of int, shape (steps,)
        Where in ``up`` each distinct score begins.
    below, until : ndarray of int, shape (steps,)
        How many of ``down`` have a lower score, and at most the same.
    weight : ndarray of float64, shape (rows,), or None
    """

    up: NDArray[np.intp]
    down: NDArray[np.intp]
    first: NDArray[np.intp]
    below: NDArray[np.intp]
    until: NDArray[np.intp]
    weight: Values | None

    def weigh(self, plan: Plan, start: int, stop: int) -> tuple[Values, Values, Values, Values]:
        """Return what each step weighs in some replicates.

        Parameters
        ----------
        plan : Plan
        start, stop : int
            The first replicate, and the one after the last.

        Returns
        -------
        gain, below, level : ndarray of float64, shape (stop - start, steps)
            As in :class:`practice.metrics.curves.Steps`; ``level`` may be one row for all.
        negatives : ndarray of float64, shape (stop - start,)
        """
        gain = self._drawn(plan, self.up, start, stop)
        if len(self.first) < len(self.up):
            gain = np.add.reduceat(gain, self.first, axis=1, dtype=self._type)
        down = self._drawn(plan, self.down, start, stop)
        reached = np.zeros((stop - start, len(self.down) + 1), self._type)
        np.cumsum(down, axis=1, dtype=self._type, out=reached[:, 1:])
        below = np.take(reached, self.below, axis=1).astype(np.float64)
        level = np.zeros((1, len(self.first)))
        if self.tied:
            level = np.take(reached, self.until, axis=1) - below
        return gain.astype(np.float64), below, level, reached[:, -1].astype(np.float64)

    @cached_property
    def tied(self) -> bool:
        """True where a positive and a negative row have the same score."""
        return not np.array_equal(self.below, self.until)

    @property
    def _type(self) -> type[np.generic]:
        # Counts of up to 50,000 rows fit, and half the bytes are half the time.
        return np.int32 if self.weight is None else np.float64

    def _drawn(
        self, plan: Plan, rows: NDArray[np.intp], start: int, stop: int
    ) -> NDArray[np.uint8] | Values:
        places = rows if plan.column is None else plan.column[rows]
        drawn = np.take(plan.counts[start:stop], places, axis=1)
        return drawn if self.weight is None else drawn * self.weight[rows]


def sorting(positive: NDArray[Any], score: Values, weight: Values | None) -> Sorting:
    """Sort positive and negative rows apart and look each positive score up among the negatives.

    Parameters
    ----------
    positive : ndarray of bool, shape (rows,)
    score : ndarray, shape (rows,)
    weight : ndarray of float64, shape (rows,), or None

    Returns
    -------
    Sorting

    Examples
    --------
    >>> made = sorting(np.array([True, False, True]), np.array([0.9, 0.5, 0.5]), None)
    >>> made.up.tolist(), made.below.tolist(), made.until.tolist()
    ([2, 0], [0, 1], [1, 1])
    >>> gain, *_ = made.weigh(Plan(np.array([[0, 1, 2]], np.uint8)), 0, 1)
    >>> gain.tolist()
    [[2.0, 0.0]]
    """
    up, down = np.flatnonzero(positive), np.flatnonzero(~positive)
    up, down = up[np.argsort(score[up])], down[np.argsort(score[down])]
    rising, falling = score[up], score[down]
    first = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]])[: len(up)])
    below = np.searchsorted(falling, rising[first], side="left")
    until = np.searchsorted(falling, rising[first], side="right")
    return Sorting(up, down, first, below, until, weight)
