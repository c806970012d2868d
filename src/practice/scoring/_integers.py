"""Ids that are integers, read from their text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import cells_of_one_width, int64_array, values

__all__ = ["as_integers"]

_ZERO, _NINE = ord("0"), ord("9")
_WORD = 8  # digits read at once
# Pairs of digits, then of pairs, then of fours are put together in all rows at once; see
# D. Lemire, "Quickly parsing eight digits" (2018).
_STEPS = (
    (0x0F0F0F0F0F0F0F0F, 2561, 8),
    (0x00FF00FF00FF00FF, 6553601, 16),
    (0x0000FFFF0000FFFF, 42949672960001, 32),
)


def as_integers(texts: Any) -> Any | None:
    r"""Read ids as integers where every one is written as ``-?(0|[1-9]\d*)`` writes it.

    Parameters
    ----------
    texts : pyarrow.StringArray

    Returns
    -------
    pyarrow.Int64Array or None
        None where an id is empty, has a sign +, leading zeros, spaces, a point or another base, or
        does not fit 64 bits.

    Examples
    --------
    >>> from practice.scoring._arrow import text_array
    >>> as_integers(text_array(["3", "-12"])).to_pylist()
    [3, -12]
    >>> as_integers(text_array(["3", "012"])) is None
    True
    """
    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    cells = np.frombuffer(data or b"", np.uint8)[limits[0] : limits[-1]]
    if cells.max(initial=0) > _NINE:  # a letter: 0x7, 1e3
        return None
    short = _short_numbers(texts)
    if short is not None:
        return int64_array(short)
    try:
        integers = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    return integers if not len(integers) or _are_canonical(texts, integers, len(cells)) else None


def _short_numbers(texts: Any) -> NDArray[np.int64] | None:
    """Return integers of one length, as consecutive ones mostly are, twice as fast as Arrow."""
    cells = cells_of_one_width(texts)
    if cells is None or cells[0] > _WORD:
        return None
    width, data = cells
    if data.min() < _ZERO or (width > 1 and data[::width].min() == _ZERO):
        return None
    padded = np.concatenate([data, np.zeros(_WORD, np.uint8)])
    words = np.ndarray((len(texts),), "<u8", padded, strides=(width,))
    found: NDArray[np.uint64] = words << np.uint64(8 * (_WORD - width))
    for mask, factor, shift in _STEPS:
        found &= np.uint64(mask)
        found *= np.uint64(factor)
        found >>= np.uint64(shift)
    return found.view(np.int64)


def _are_canonical(texts: Any, integers: Any, length: int) -> bool:
    """Say whether texts without letters are written as their integers are: 7, not 007 or -0."""
    numbers = values(integers)
    if numbers.min() < 0:
        return bool(integers.cast(pa.string()).equals(texts))
    # What is not canonical is longer than it should be, and adding lengths is ten times as fast as
    # writing the numbers out again.
    return length == _digits(numbers)


def _digits(numbers: NDArray[Any]) -> int:
    """Return how many digits it takes to write numbers of 0 and more."""
    total, power, largest = len(numbers), 10, int(numbers.max())
    while power <= largest:
        total += int(np.count_nonzero(numbers >= power))
        power *= 10
    return total
