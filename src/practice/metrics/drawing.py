"""Drawing a resampling plan from raw random bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.metrics.plan import Kind, Plan

__all__ = ["MOST_ROWS", "REPLICATES", "draw", "stretch"]

REPLICATES = 1000
MOST_ROWS = 50_000  # of a plan with a column for each row
_BLOCKS = 16_384  # columns of a larger one, more where that leaves a class fewer than these:
_BLOCKS_OF_A_CLASS = 64


def draw(
    units: NDArray[Any],
    *,
    seed: int,
    replicates: int = REPLICATES,
    strata: NDArray[Any] | None = None,
    contiguous: bool = False,
    kind: Kind = "rows",
    id: str = "",
) -> Plan:
    """Draw a plan, the same on every machine and under every version of numpy.

    Each class of units is resampled to its number of units. Up to 50,000 rows a column of the plan
    is a row. Above, units are dealt at random to at most 16,384 blocks, as evenly among the classes
    as their sizes allow, and whole blocks are drawn: a bootstrap of blocks has the standard error
    of one of units, within a relative 1 / sqrt(2 blocks) that the dealing leaves to chance.

    Parameters
    ----------
    units : ndarray of int, shape (rows,)
        Rows of one unit are drawn together; from 0 on.
    seed : int
    replicates : int
    strata : ndarray of int, shape (units,), optional
        The class of each unit; from 0 on.
    contiguous : bool
        Draw stretches of neighbouring units (in their order, the last being a neighbour of the
        first) of about the cube root of their number: the circular block bootstrap.
    kind, id
        As in :class:`Plan`.

    Returns
    -------
    Plan

    Notes
    -----
    Only raw 64-bit outputs of PCG64 are used, of which numpy keeps the stream: from 32 bits ``u``
    the unit ``u * units >> 32``. No unit is likelier than another by more than units / 2^32.

    References
    ----------
    B. Efron, Annals of Statistics 7 (1979) 1-26; D. N. Politis and J. P. Romano, "A circular
    block-resampling procedure for stationary data", in: Exploring the Limits of Bootstrap, Wiley
    1992, 263-270; P. Hall, J. L. Horowitz and B.-Y. Jing, Biometrika 82 (1995) 561-574, for blocks
    of the cube root of the length.

    Examples
    --------
    >>> plan = draw(np.arange(6), seed=1, replicates=2, strata=np.array([0, 0, 0, 1, 1, 1]))
    >>> plan.counts[:, :3].sum(axis=1).tolist(), plan.counts[:, 3:].sum(axis=1).tolist()
    ([3, 3], [3, 3])
    """
    bits = np.random.PCG64(seed)
    number = int(units.max()) + 1
    if contiguous:
        size = 1 if len(units) <= MOST_ROWS else -(-number // _BLOCKS)
        columns = number // size
        of_unit = np.minimum(np.arange(number) // size, columns - 1)
        length = max(1, round(stretch(number) * columns / number))
        counts = _stretches(bits, columns, length, replicates)
    else:
        classes = np.zeros(number, np.int64) if strata is None else strata
        of_unit, classes = (
            (np.arange(number), classes) if len(units) <= MOST_ROWS else _dealt(bits, classes)
        )
        counts = _resampled(bits, classes, replicates)
    if len(units) > MOST_ROWS:
        return Plan(counts, of_unit.astype(np.uint16)[units], kind, id)
    if not np.array_equal(units, np.arange(number)):
        counts = np.take(counts, units, axis=1)
    return Plan(counts, None, kind, id)


def stretch(units: int) -> int:
    """Return how many neighbouring units are drawn together: the cube root of their number.

    Examples
    --------
    >>> stretch(1000)
    10
    """
    return max(1, round(math.cbrt(units)))


def _below(bits: np.random.PCG64, limits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw a number from 0 to each limit - 1."""
    raw = bits.random_raw((len(limits) + 1) // 2)
    drawn = raw.astype("<u8", copy=False).view("<u4")[: len(limits)].astype(np.int64)
    drawn *= limits
    drawn >>= 32
    return drawn


def _resampled(bits: np.random.PCG64, classes: NDArray[Any], replicates: int) -> NDArray[np.uint8]:
    """Draw from each class of columns as many as it has."""
    columns = len(classes)
    order = np.argsort(classes, kind="stable")
    sizes = np.bincount(classes)
    limits = np.repeat(sizes, sizes)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    several = np.count_nonzero(sizes) > 1
    counts = np.empty((replicates, columns), np.uint8)
    for replicate in range(replicates):
        drawn = _below(bits, limits)
        if several:
            drawn = order.take(drawn + starts)
        counts[replicate] = np.bincount(drawn, minlength=columns)
    return counts


def _stretches(
    bits: np.random.PCG64, columns: int, length: int, replicates: int
) -> NDArray[np.uint8]:
    """Draw stretches of neighbouring columns, the last one cut so that they add up to all."""
    number = -(-columns // length)
    last = columns - (number - 1) * length
    limits = np.full(number, columns, np.int64)
    counts = np.empty((replicates, columns), np.uint8)
    for replicate in range(replicates):
        first = _below(bits, limits)
        begun = np.bincount(first[:-1], minlength=columns)
        reached = np.cumsum(np.concatenate([begun[columns - length :], begun]))
        covered = reached[length:] - reached[:-length]
        covered[(first[-1] + np.arange(last)) % columns] += 1
        counts[replicate] = covered
    return counts


def _dealt(
    bits: np.random.PCG64, classes: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Deal units to blocks: return the block of each unit, and the class of each block."""
    sizes = np.bincount(classes)
    blocks = _allotted(sizes, min(MOST_ROWS, max(_BLOCKS, _BLOCKS_OF_A_CLASS * len(sizes))))
    shuffled = np.argsort(bits.random_raw(len(classes)), kind="stable")
    order = shuffled[np.argsort(classes[shuffled].astype(np.uint16), kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(classes)) - np.repeat(starts, sizes)
    block = place % np.repeat(blocks, sizes) + np.repeat(np.cumsum(blocks) - blocks, sizes)
    of_unit = np.empty(len(classes), np.int64)
    of_unit[order] = block
    return of_unit, np.repeat(np.arange(len(sizes)), blocks)


def _allotted(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Share out blocks evenly: a class with fewer units than its share has a block for each.

    The blocks of a class are of one size, but for what is left over: were some of one unit and some
    of two, a class would not be drawn to its size.
    """
    blocks = np.zeros_like(sizes)
    left, order = total, np.argsort(sizes, kind="stable")
    for place, one in enumerate(order.tolist()):
        share = min(int(sizes[one]), left // (len(order) - place))
        if share:
            blocks[one] = sizes[one] // -(-sizes[one] // share)
        left -= share
    return blocks
