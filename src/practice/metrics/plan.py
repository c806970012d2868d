"""Resampling plans: how often each row is drawn in each replicate of a bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Plan"]

Kind = Literal["rows", "classes", "groups", "time"]

_CELLS = 1 << 18  # counts that are widened to float64 at a time: they stay in a processor's cache
_SINGLY = 6  # up to so many products of a matrix and a vector beat one with a thin matrix
_CODES = 64  # tallied at a time over blocks


@dataclass(frozen=True)
class Plan:
    """How often each row counts in each replicate.

    Parameters
    ----------
    counts : ndarray of uint8, shape (replicates, columns)
        A column is a row, or a block of rows that are drawn together.
    column : ndarray of an integer type, shape (rows,), or None
        The column of each row; None: row ``i`` is column ``i``.
    kind : {"rows", "classes", "groups", "time"}
        What was drawn: rows, rows within their class, whole groups, contiguous stretches.
    id : str
        Names the plan; statistics of two scores go together only under the same plan.

    Examples
    --------
    >>> plan = Plan(np.array([[1, 1, 1], [0, 3, 0]], np.uint8))
    >>> plan.sums(np.array([1.0, 2.0, 4.0])).tolist()
    [7.0, 6.0]
    >>> plan.take(np.array([0, 1])).totals().tolist()
    [2.0, 3.0]
    """

    counts: NDArray[np.uint8]
    column: NDArray[Any] | None = None
    kind: Kind = "rows"
    id: str = ""

    @property
    def replicates(self) -> int:
        """Number of replicates."""
        return len(self.counts)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.counts.shape[1] if self.column is None else len(self.column)

    @property
    def coarse(self) -> bool:
        """True where there are fewer columns than rows."""
        return int(self.counts.shape[1]) < self.rows

    def take(self, rows: NDArray[Any]) -> Plan:
        """Return the plan for some of its rows, or for rows in another order or repeated.

        Parameters
        ----------
        rows : ndarray of bool, shape (rows,), or of int
            A mask, or positions.

        Returns
        -------
        Plan
        """
        places = np.flatnonzero(rows) if rows.dtype.kind == "b" else rows
        return replace(self, column=places if self.column is None else self.column[places])

    def drawn(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return how often each row counts in some replicates.

        Parameters
        ----------
        start, stop : int
            The first replicate, and the one after the last.

        Returns
        -------
        ndarray of uint8, shape (stop - start, rows)
        """
        counts = self.counts[start:stop]
        return counts if self.column is None else np.take(counts, self.column, axis=1)

    def each(self, weight: NDArray[np.float64] | None = None) -> Iterator[NDArray[np.float64]]:
        """Yield the weight of each row, one replicate after the other.

        Parameters
        ----------
        weight : ndarray of float64, shape (rows,), or None

        Yields
        ------
        ndarray of float64, shape (rows,)
        """
        for counts in self.counts:
            drawn = counts if self.column is None else counts.take(self.column)
            yield drawn.astype(np.float64) if weight is None else drawn * weight

    def chunks(self, cells: int = _CELLS) -> Iterator[tuple[int, int]]:
        """Yield first and last + 1 of so many replicates that their rows are about ``cells``."""
        step = max(1, cells // max(1, self.rows))
        for start in range(0, self.replicates, step):
            yield start, min(start + step, self.replicates)

    def sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values over the rows of each replicate.

        Parameters
        ----------
        values : ndarray, shape (rows,) or (rows, columns)

        Returns
        -------
        ndarray of float64, shape (replicates,) or (replicates, columns)
        """
        table = values.reshape(len(values), -1)
        by_column = [self._by_column(each) for each in table.T]
        made = _product(self.counts, by_column)
        return np.asarray(made.reshape(self.replicates, *values.shape[1:]))

    def totals(self, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the weight of all rows of each replicate.

        Parameters
        ----------
        weight : ndarray of float64, shape (rows,), or None
            None: every row counts 1.

        Returns
        -------
        ndarray of float64, shape (replicates,)
        """
        if weight is None and self.column is None:
            return np.asarray(self.counts.sum(axis=1, dtype=np.uint32), dtype=np.float64)
        return self.sums(np.ones(self.rows) if weight is None else weight)

    def tallies(
        self, codes: NDArray[Any], number: int, weight: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the weight of the rows of each code, in each replicate.

        Parameters
        ----------
        codes : ndarray of an integer type, shape (rows,)
            From 0 to ``number`` - 1.
        number : int
        weight : ndarray of float64, shape (rows,), or None

        Returns
        -------
        ndarray of float64, shape (replicates, number)

        Examples
        --------
        >>> plan = Plan(np.array([[1, 1, 1], [0, 3, 0]], np.uint8))
        >>> plan.tallies(np.array([0, 1, 0]), 2).tolist()
        [[2.0, 1.0], [0.0, 3.0]]
        """
        made = np.zeros((self.replicates, number))
        if not len(codes):
            return made
        if self.coarse:
            for first in range(0, number, _CODES):
                made[:, first : first + _CODES] = self._block_tallies(codes, first, number, weight)
            return made
        order = np.argsort(codes, kind="stable")
        present, starts = np.unique(codes[order], return_index=True)
        places = order if self.column is None else self.column[order]
        sorted_weight = None if weight is None else weight[order]
        for replicate, counts in enumerate(self.counts):
            drawn = counts.take(places)
            if sorted_weight is None:
                made[replicate, present] = np.add.reduceat(drawn, starts, dtype=np.int32)
            else:
                made[replicate, present] = np.add.reduceat(drawn * sorted_weight, starts)
        return made

    def _block_tallies(
        self, codes: NDArray[Any], first: int, number: int, weight: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Tally the codes from ``first`` on: once per block, then blocks by replicates."""
        width, column = min(_CODES, number - first), self.column
        assert column is not None
        if number > _CODES:
            chosen = np.flatnonzero((codes >= first) & (codes < first + width))
            codes, column = codes[chosen], column[chosen]
            weight = None if weight is None else weight[chosen]
        cell = codes.astype(np.intp)
        cell -= first
        cell *= self.counts.shape[1]
        cell += column
        table = np.bincount(cell, weight, minlength=width * self.counts.shape[1])
        return _product(self.counts, list(table.reshape(width, -1).astype(np.float64)))

    def _by_column(self, values: NDArray[Any]) -> NDArray[np.float64]:
        if self.column is None:
            return np.ascontiguousarray(values, dtype=np.float64)
        made = np.bincount(self.column, values, minlength=self.counts.shape[1])
        return made.astype(np.float64, copy=False)


def _product(counts: NDArray[np.uint8], vectors: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Multiply counts with vectors, in float64, without widening all counts at once."""
    replicates, columns = counts.shape
    made = np.empty((replicates, len(vectors)))
    step = max(1, _CELLS // max(1, columns))
    wide = np.empty((step, columns))
    table = np.stack(vectors, axis=1) if len(vectors) > _SINGLY else None
    for start in range(0, replicates, step):
        some = counts[start : start + step]
        part = wide[: len(some)]
        part[:] = some
        if table is not None:
            np.matmul(part, table, out=made[start : start + step])
            continue
        for place, vector in enumerate(vectors):
            made[start : start + step, place] = part @ vector
    return made
