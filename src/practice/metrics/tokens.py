"""Cells split at white space, and their tokens as codes: in bulk, without a loop over rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tokens", "alike", "distinct", "encode_tokens", "name_tokens", "places", "split"]

# Cells of a padded table worked on at a time, so that it stays in a processor's cache.
_CELLS = 1 << 16


@dataclass(frozen=True)
class Tokens:
    """The tokens of a column, those of all rows one after the other.

    Parameters
    ----------
    lengths : ndarray of int64, shape (rows,)
        How many tokens each row has.
    words : pyarrow.LargeStringArray or ndarray, shape (tokens,)
        Texts, or codes in their place.
    """

    lengths: NDArray[np.int64]
    words: Any

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the tokens of each row begin, shape (rows + 1,)."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Row of each token, shape (tokens,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Place of each token in its row, from 0, shape (tokens,)."""
        return np.arange(len(self.words)) - np.repeat(self.starts[:-1], self.lengths)

    def padded(self, rows: NDArray[Any], width: int, filler: int) -> NDArray[Any]:
        """Return the first ``width`` codes of some rows, ``filler`` where a row is shorter.

        Parameters
        ----------
        rows : ndarray of int, shape (n,)
        width, filler : int

        Returns
        -------
        ndarray of int, shape (n, width)
        """
        if not len(self.words):
            return np.full((len(rows), width), filler)
        place = self.starts[rows][:, np.newaxis] + np.arange(width)
        table = self.words[np.minimum(place, len(self.words) - 1)]
        return np.where(np.arange(width) < self.lengths[rows][:, np.newaxis], table, filler)


def split(cells: list[str]) -> Tokens:
    """Split cells at white space, as ``str.split`` does.

    Parameters
    ----------
    cells : list of str

    Returns
    -------
    Tokens

    Examples
    --------
    >>> tokens = split(["b a", "", " c  d "])
    >>> tokens.lengths.tolist(), tokens.words.to_pylist()
    ([2, 0, 2], ['b', 'a', 'c', 'd'])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # Made from buffers: ``pa.array`` and ``to_numpy`` would import pandas.
    joined = "".join(cells)
    encoded = joined.encode("utf-8", "surrogatepass")
    each: Any = cells
    if len(encoded) != len(joined):
        each = (cell.encode("utf-8", "surrogatepass") for cell in cells)
    ends = np.cumsum(np.fromiter(map(len, each), np.int64, len(cells)))
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(encoded)]
    texts = pa.Array.from_buffers(pa.large_string(), len(cells), buffers)
    trimmed = pc.utf8_trim_whitespace(texts)
    lists = pc.utf8_split_whitespace(trimmed)
    lengths = np.diff(np.from_dlpack(lists.offsets)).astype(np.int64)
    words = lists.flatten()
    empty = np.from_dlpack(pc.binary_length(trimmed)) == 0
    if empty.any():  # such a cell is one empty token
        present = np.flatnonzero(~np.repeat(empty, lengths))
        present_buffers = [None, pa.py_buffer(present)]
        words = words.take(pa.Array.from_buffers(pa.int64(), len(present), present_buffers))
        lengths[empty] = 0
    return Tokens(lengths, words)


def encode_tokens(*columns: Tokens) -> tuple[list[Tokens], int]:
    """Replace the texts of columns by codes; equal texts have equal codes in all of them.

    Parameters
    ----------
    *columns : Tokens

    Returns
    -------
    columns : list of Tokens
        Their ``words`` are integers from 0.
    size : int
        How many different ones there are.

    Examples
    --------
    >>> (left, right), size = encode_tokens(split(["b a"]), split(["c a"]))
    >>> left.words.tolist(), right.words.tolist(), size
    ([0, 1], [2, 1], 3)
    """
    coded, dictionary = name_tokens(*columns)
    return coded, len(dictionary)


def name_tokens(*columns: Tokens) -> tuple[list[Tokens], Any]:
    """Replace the texts of columns by codes, as :func:`encode_tokens` does, and keep their names.

    Parameters
    ----------
    *columns : Tokens

    Returns
    -------
    columns : list of Tokens
    names : pyarrow.Array
        The text of each code, in the order in which they first occur.

    Examples
    --------
    >>> name_tokens(split(["b a"]), split(["c a"]))[1].to_pylist()
    ['b', 'a', 'c']
    """
    import pyarrow as pa

    made = pa.concat_arrays([column.words for column in columns]).dictionary_encode()
    codes = np.from_dlpack(made.indices)
    bounds = np.cumsum([len(column.words) for column in columns])[:-1]
    parts = zip(columns, np.split(codes, bounds), strict=True)
    return [Tokens(column.lengths, part) for column, part in parts], made.dictionary


def alike(lengths: NDArray[np.int64], cells: int = _CELLS) -> Iterator[NDArray[np.intp]]:
    """Yield rows of about the same length, so that a table padded to the longest wastes little.

    Parameters
    ----------
    lengths : ndarray of int, shape (rows,)
    cells : int
        About how many a table may have; a single row may have more.

    Yields
    ------
    ndarray of int
        Positions of rows; each row comes once.

    Examples
    --------
    >>> [rows.tolist() for rows in alike(np.array([1, 9, 1]), cells=4)]
    [[0, 2], [1]]
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        most = max(1, cells // max(1, int(lengths[order[start]])))
        longest = lengths[order[start : start + most]]  # so far, as lengths ascend
        fit = np.searchsorted(longest * np.arange(1, len(longest) + 1), cells, side="right")
        stop = start + max(1, int(fit))
        yield order[start:stop]
        start = stop


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return integers ascending, without repeats.

    ``np.unique`` without counts looks each up in a table, many times slower than a sort.

    Parameters
    ----------
    values : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ascending = np.sort(values)
    fresh = np.ones(len(values), np.bool_)
    fresh[1:] = ascending[1:] != ascending[:-1]
    return np.asarray(ascending[fresh])


def places(true: Tokens, predicted: Tokens) -> Iterator[tuple[NDArray[np.intp], NDArray[Any]]]:
    """Say where the tokens of each row of answers come first in the row of predictions.

    Parameters
    ----------
    true, predicted : Tokens
        Codes of one kind.

    Yields
    ------
    rows : ndarray of int, shape (n,)
    place : ndarray of int, shape (n, width)
        For each token of these rows its place in the prediction, from 0; -1 where it is not there,
        where it is a repeat, and where the row has no more tokens.

    Examples
    --------
    >>> (a, b), _ = encode_tokens(split(["x y x"]), split(["y x"]))
    >>> [place.tolist() for _, place in places(a, b)]
    [[[1, 0, -1]]]
    """
    for rows in alike(np.maximum(true.lengths, predicted.lengths)):
        due = true.padded(rows, max(1, int(true.lengths[rows].max())), -1)
        made = predicted.padded(rows, max(1, int(predicted.lengths[rows].max())), -2)
        place = np.full(due.shape, -1)
        own = np.arange(len(rows))
        for column in range(due.shape[1]):
            same = made == due[:, column, np.newaxis]
            first = same.argmax(axis=1)
            fresh = ~(due[:, :column] == due[:, column, np.newaxis]).any(axis=1)
            place[:, column] = np.where(same[own, first] & fresh, first, -1)
        yield rows, place
