"""Run-length masks as sorted intervals: read, checked and intersected without painting a pixel.

A cell has pairs of numbers, ``start length start length ...``: the pixels of a mask, counted from 1
along the columns of the image or along its rows. Which of the two does not matter to counts of
pixels: answer and prediction are read the same way, so their common pixels are those of their
intervals. An empty cell and ``-`` are the empty mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.coding import cells
from practice.metrics.inputs import Floats, floats, refuse_where
from practice.metrics.tokens import Tokens, split

__all__ = ["Runs", "common_pixels", "image_sizes", "read_runs"]

# Ten digits: pixel numbers of millions of images still add up within 64 bits.
_NUMBER = "^[0-9]{1,10}$"
_LIMIT = "10^10"


@dataclass(frozen=True)
class Runs:
    """The runs of the masks of a column, ascending in each row.

    Parameters
    ----------
    counts : ndarray of int64, shape (rows,)
        Runs of each mask.
    start, stop : ndarray of int64, shape (runs,)
        First pixel of a run, and the pixel after its last.
    """

    counts: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of each run."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def pixels(self) -> Floats:
        """Pixels of each mask, shape (rows,)."""
        size = self.stop - self.start
        return np.bincount(self.rows, size, minlength=len(self.counts)).astype(np.float64)

    @property
    def ends(self) -> NDArray[np.int64]:
        """Pixel after the last of each mask, shape (rows,); 0 for an empty one."""
        last = np.cumsum(self.counts)
        some = self.counts > 0
        ends = np.zeros(len(self.counts), np.int64)
        ends[some] = self.stop[last[some] - 1]
        return ends


def read_runs(values: NDArray[Any], what: str, sizes: Floats | None = None) -> Runs:
    """Read a column of run-length masks.

    Parameters
    ----------
    values : ndarray of str, shape (rows,)
    what : str
        "an answer" or "a prediction", for messages.
    sizes : ndarray, shape (rows,), or None
        Pixels of each image, where they are known.

    Returns
    -------
    Runs

    Raises
    ------
    MetricError
        Where a cell is missing, has something else than whole numbers, an odd number of them, a
        start or length of 0, runs that overlap, are not in ascending order or leave the image.

    Examples
    --------
    >>> runs = read_runs(np.array(["1 3 10 2", "-"]), "an answer")
    >>> runs.pixels.tolist(), runs.ends.tolist()
    ([5.0, 0.0], [12, 0])
    """
    tokens = split(["" if cell.strip() == "-" else cell for cell in cells(values, what)])
    numbers = _numbers(tokens, what)
    refuse_where(
        tokens.lengths % 2 == 1,
        f"{what} has an odd number of numbers: a mask is pairs of start and length",
    )
    counts, start = tokens.lengths // 2, numbers[::2]
    stop = start + numbers[1::2]
    runs = Runs(counts, start, stop)
    _refuse_run(runs, start == 0, f"a run of {what} starts at 0: pixels are counted from 1")
    _refuse_run(runs, stop == start, f"a run of {what} has a length of 0")
    rows = runs.rows
    same = rows[1:] == rows[:-1]
    back = np.concatenate([[False], same & (start[1:] < start[:-1])])[: len(rows)]
    _refuse_run(runs, back, f"the runs of {what} are not in ascending order")
    over = np.concatenate([[False], same & (start[1:] < stop[:-1])])[: len(rows)]
    _refuse_run(runs, over, f"two runs of {what} overlap")
    if sizes is not None:
        refuse_where(runs.ends - 1 > sizes, f"a run of {what} ends outside of its image")
    return runs


def common_pixels(left: Runs, right: Runs) -> Floats:
    """Count the pixels that two masks of each row share.

    Parameters
    ----------
    left, right : Runs

    Returns
    -------
    ndarray of float64, shape (rows,)

    Examples
    --------
    >>> both = [read_runs(np.array([cell]), "an answer") for cell in ("1 4 8 2", "3 6")]
    >>> common_pixels(*both).tolist()
    [3.0]
    """
    # One after the other on a single line, the masks of different rows do not meet.
    span = np.maximum(left.ends, right.ends) + 1
    base = np.cumsum(span) - span
    rows = right.rows
    start, stop = left.start + base[left.rows], left.stop + base[left.rows]
    before = np.concatenate([[0], np.cumsum(stop - start)])

    def covered(place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many pixels of ``left`` come before each place."""
        run = np.searchsorted(start, place, side="right")
        if not len(start):
            return np.zeros(len(place), np.int64)
        missing = np.maximum(stop[run - 1] - place, 0)
        return np.where(run > 0, before[run] - missing, 0)

    shared = covered(right.stop + base[rows]) - covered(right.start + base[rows])
    return np.bincount(rows, shared, minlength=len(right.counts)).astype(np.float64)


def image_sizes(height: NDArray[Any], width: NDArray[Any]) -> Floats:
    """Return the number of pixels of each image.

    Parameters
    ----------
    height, width : ndarray, shape (rows,)

    Returns
    -------
    ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where one is not a whole number above 0.
    """
    sides = [floats(height, "height"), floats(width, "width")]
    for side, name in zip(sides, ("height", "width"), strict=True):
        refuse_where((side < 1) | (side % 1 != 0), f"a {name} is not a whole number above 0")
    return np.asarray(sides[0] * sides[1])


def _numbers(tokens: Tokens, what: str) -> NDArray[np.int64]:
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pc.match_substring_regex(tokens.words, _NUMBER)
    if pc.all(whole).as_py() is False:
        wrong = whole.to_pylist().index(False)
        raise MetricError(
            f"{what} has something else than whole numbers below {_LIMIT}",
            row=int(tokens.rows[wrong]),
        )
    return np.from_dlpack(tokens.words.cast(pa.int64())).astype(np.int64, copy=False)


def _refuse_run(runs: Runs, wrong: NDArray[np.bool_], message: str) -> None:
    if wrong.any():
        raise MetricError(message, row=int(runs.rows[wrong.argmax()]))
