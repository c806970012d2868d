"""Edit distances of many pairs of sequences at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.metrics.tokens import Tokens, alike, distinct

__all__ = ["characters", "edit_distances"]

_BITS = 64
_ONE = np.uint64(1)
_ALL = ~np.uint64(0)
# Entries of the table of matches, and rows, worked on at a time.
_ENTRIES, _ROWS = 1 << 21, 1 << 14
_WORDS = 4


def characters(cells: list[str]) -> Tokens:
    """Return the characters of cells as codes.

    Parameters
    ----------
    cells : list of str

    Returns
    -------
    Tokens
        ``words`` are code points.

    Examples
    --------
    >>> characters(["ab", "", "c"]).words.tolist()
    [97, 98, 99]
    """
    lengths = np.fromiter(map(len, cells), np.int64, len(cells))
    text = "".join(cells).encode("utf-32-le", "surrogatepass")
    return Tokens(lengths, np.frombuffer(text, np.uint32).astype(np.int32))


def edit_distances(left: Tokens, right: Tokens) -> NDArray[np.int64]:
    """Count the insertions, deletions and substitutions that turn one sequence into another.

    Parameters
    ----------
    left, right : Tokens
        Codes of one kind.

    Returns
    -------
    ndarray of int64, shape (rows,)

    Notes
    -----
    The columns of the table of dynamic programming are bit vectors (G. Myers, Journal of the ACM 46
    (1999) 395-415, in the form of H. Hyyro, Nordic Journal of Computing 10 (2003) 29-39), here of
    many rows at a time.

    Examples
    --------
    >>> edit_distances(characters(["kitten", ""]), characters(["sitting", "ab"])).tolist()
    [3, 2]
    """
    shorter, longer = (
        np.minimum(left.lengths, right.lengths),
        np.maximum(left.lengths, right.lengths),
    )
    distance = longer.copy()
    swap = left.lengths > right.lengths
    for chosen, pattern, text in ((~swap, left, right), (swap, right, left)):
        some = np.flatnonzero(chosen & (shorter > 0))
        words = -(-shorter[some] // _BITS)
        # Long ones to the next power of two: a few rows at a time would be slow.
        words = np.where(words > _WORDS, 2 ** np.ceil(np.log2(words)).astype(np.int64), words)
        for size in distinct(words):
            group = some[words == size]
            for part in alike(longer[group], _ROWS * 32):
                _fill(distance, group[part], pattern, text, int(size))
    return distance


def _fill(
    distance: NDArray[np.int64], rows: NDArray[np.intp], pattern: Tokens, text: Tokens, words: int
) -> None:
    """Write the distances of rows whose patterns take ``words`` words of bits."""
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        some = some[np.argsort(-text.lengths[some], kind="stable")]
        lengths, until = pattern.lengths[some], text.lengths[some]
        due = pattern.padded(some, int(lengths.max()), -1)
        made = text.padded(some, int(until[0]), -1)
        due, made, size = _local(due, made, words)
        fit = max(1, _ENTRIES // (size * words))
        for low in range(0, len(some), fit):
            part = slice(low, low + fit)
            texts = np.ascontiguousarray(made[part, : int(until[low])].T)
            table = _matches(due[part], size, words)
            distance[some[part]] = _advance(table, texts, lengths[part], until[part])


def _local(
    pattern: NDArray[Any], text: NDArray[Any], words: int
) -> tuple[NDArray[Any], NDArray[np.intp], int]:
    """Return small codes from 1 for the symbols of patterns, 0 for others; and how many there are.

    One code for all rows where the table of matches then fits, else codes of each row by itself.
    """
    rows, longest = pattern.shape
    present = np.zeros(int(pattern.max()) + 1, np.bool_)
    present[pattern[pattern >= 0]] = True
    size = 1 + int(present.sum())
    if size <= longest + 1 or rows * size * words <= _ENTRIES:
        codes = np.where(present, np.cumsum(present), 0)
        known = (text >= 0) & (text < len(codes))
        made = np.where(known, codes[np.where(known, text, 0)], 0)
        return np.where(pattern >= 0, codes[pattern], -1), made, size
    span = max(int(pattern.max()), int(text.max())) + 2
    base = np.arange(rows)[:, np.newaxis] * span + 1
    order = np.argsort((base + pattern).ravel(), kind="stable")
    keys = (base + pattern).ravel()[order]

    def first(symbols: NDArray[Any]) -> NDArray[np.intp]:
        """Return the first place of a symbol in the pattern of its row, from 1; 0 without one."""
        wanted = base + symbols
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[found] == wanted, order[found] % longest + 1, 0)

    return np.where(pattern >= 0, first(pattern), -1), first(text), longest + 1


def _matches(symbols: NDArray[Any], size: int, words: int) -> NDArray[np.uint64]:
    """Return, for each row and symbol, the bits of the places that hold it, (n, size, words)."""
    table = np.zeros((len(symbols), size, words), np.uint64)
    for place in range(symbols.shape[1]):
        there = np.flatnonzero(symbols[:, place] >= 0)
        bit = _ONE << np.uint64(place % _BITS)
        table[there, symbols[there, place], place // _BITS] |= bit
    return table


def _advance(
    table: NDArray[np.uint64],
    texts: NDArray[np.intp],
    lengths: NDArray[np.int64],
    until: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Read the texts, (longest, n), symbol by symbol; those of later rows end first."""
    rows, _, words = table.shape
    word, last = (lengths - 1) // _BITS, ((lengths - 1) % _BITS).astype(np.uint64)
    positive, negative = np.full((rows, words), _ALL), np.zeros((rows, words), np.uint64)
    score, own = lengths.copy(), np.arange(rows)
    for place, symbols in enumerate(texts):
        n = int(np.searchsorted(-until, -place, side="left"))  # rows with more than ``place``
        vp, vn = positive[:n], negative[:n]
        match = table[own[:n], symbols[:n]]
        diagonal = (_add(match & vp, vp) ^ vp) | match | vn
        rise, fall = vn | ~(vp | diagonal), vp & diagonal
        for step, sign in ((rise, 1), (fall, -1)):
            bits = step[:, 0] if words == 1 else step[own[:n], word[:n]]
            score[:n] += sign * ((bits >> last[:n]) & _ONE).astype(np.int64)
        rise, fall = _shift(rise), _shift(fall)
        rise[:, 0] |= _ONE  # the first row of the table ascends
        positive[:n], negative[:n] = fall | ~(diagonal | rise), diagonal & rise
    return score


def _add(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Add numbers of several words, the lowest first, carrying from word to word."""
    total = left + right
    if total.shape[1] == 1:
        return total
    carry = (total < left)[:, :-1]
    while carry.any():
        raised = total[:, 1:] + carry
        over = raised < total[:, 1:]
        total[:, 1:] = raised
        carry = np.zeros_like(carry)
        carry[:, 1:] = over[:, :-1]
    return total


def _shift(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Move the bits of numbers of several words up by one."""
    moved: NDArray[Any] = bits << _ONE
    moved[:, 1:] |= bits[:, :-1] >> np.uint64(_BITS - 1)
    return moved
