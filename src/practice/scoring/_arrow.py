"""Arrow arrays to numpy and back, without importing pandas.

``pyarrow`` imports pandas on ``pa.array``, ``pa.scalar``, ``Array.to_numpy`` and ``np.asarray``;
the functions here go through DLPack and raw buffers, so that a submission is scored without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = [
    "SEPARATOR",
    "as_texts",
    "bool_values",
    "cells_of_one_width",
    "fingerprints",
    "int64_array",
    "join_parts",
    "text_array",
    "values",
    "whole",
]

SEPARATOR = "\x1f"  # between the parts of a composite id
_LONGEST_PRINT = 256  # bytes
_PRIMES = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9], np.uint64)
_MASKS = np.array([(1 << 8 * kept) - 1 for kept in range(9)], np.uint64)  # the first bytes


def values(array: Any) -> NDArray[Any]:
    """Return the numbers of an Arrow array or chunked array, copying only where it is chunked.

    Parameters
    ----------
    array : pyarrow.Array or pyarrow.ChunkedArray
        Integers or floats without nulls.

    Returns
    -------
    ndarray, shape (rows,)
        Read-only where nothing was copied.

    Examples
    --------
    >>> values(int64_array(np.array([3, 4])))
    array([3, 4])
    """
    if isinstance(array, pa.ChunkedArray):
        if array.num_chunks == 1:
            return np.from_dlpack(array.chunk(0))
        kind = np.dtype(str(array.type).replace("double", "float64"))
        parts = [np.from_dlpack(chunk) for chunk in array.chunks]
        return np.concatenate([np.empty(0, kind), *parts], dtype=kind)
    return np.from_dlpack(array)


def bool_values(array: Any) -> NDArray[np.bool_]:
    """Return the values of a boolean Arrow array or chunked array (packed bits) as bytes.

    Parameters
    ----------
    array : pyarrow.Array or pyarrow.ChunkedArray
        Booleans without nulls.

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    parts = [np.empty(0, np.bool_)]
    for chunk in chunks:
        packed = np.frombuffer(chunk.buffers()[1] or b"", np.uint8)
        bits = np.unpackbits(packed, bitorder="little")
        parts.append(bits[chunk.offset : chunk.offset + len(chunk)].view(np.bool_))
    return parts[1] if len(parts) == 2 else np.concatenate(parts)


def text_array(texts: Sequence[str]) -> Any:
    """Make an Arrow array of strings.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    pyarrow.StringArray

    Examples
    --------
    >>> text_array(["a", "", "bc"]).to_pylist()
    ['a', '', 'bc']
    """
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int32, len(encoded)), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def int64_array(numbers: NDArray[Any]) -> Any:
    """Make an Arrow array of 64-bit integers.

    Parameters
    ----------
    numbers : ndarray of integers, shape (rows,)

    Returns
    -------
    pyarrow.Int64Array
    """
    whole = np.ascontiguousarray(numbers, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)])


def as_texts(array: Any) -> NDArray[np.object_]:
    """Return the strings of an Arrow array as numpy objects.

    Parameters
    ----------
    array : pyarrow.Array or pyarrow.ChunkedArray

    Returns
    -------
    ndarray of object, shape (rows,)
        ``str``, or None where null.
    """
    texts: Iterable[Any] = array.to_pylist()
    made = np.empty(len(array), dtype=object)
    made[:] = texts
    return made


def join_parts(parts: Sequence[Any]) -> Any:
    r"""Join the columns of a composite id, row by row.

    Parameters
    ----------
    parts : sequence of pyarrow.StringArray

    Returns
    -------
    pyarrow.StringArray

    Examples
    --------
    >>> join_parts([text_array(["a"]), text_array(["1"])]).to_pylist()
    ['a\x1f1']
    """
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, text_array([SEPARATOR])[0])


def whole(chunked: Any) -> Any:
    """Return a chunked array as one array, copying only where it has several chunks.

    Parameters
    ----------
    chunked : pyarrow.ChunkedArray

    Returns
    -------
    pyarrow.Array
    """
    return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()


def cells_of_one_width(texts: Any) -> tuple[int, NDArray[np.uint8]] | None:
    """Return the bytes of strings that are all of one length.

    Parameters
    ----------
    texts : pyarrow.StringArray

    Returns
    -------
    width : int
        Bytes of each string, 1 or more.
    data : ndarray of uint8, shape (rows * width,)
        Of all of them, one after the other.

    Or None, where lengths differ or are 0.

    Examples
    --------
    >>> cells_of_one_width(text_array(["ab", "cd"]))
    (2, array([ 97,  98,  99, 100], dtype=uint8))
    >>> cells_of_one_width(text_array(["a", "cd"])) is None
    True
    """
    rows = len(texts)
    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + rows + 1]
    start, end = int(limits[0]), int(limits[-1])
    width = (end - start) // rows if rows else 0
    if width == 0 or not (np.diff(limits) == width).all():
        return None
    return width, np.frombuffer(data, np.uint8)[start:end]


def fingerprints(texts: Any) -> NDArray[np.uint64] | None:
    """Return a 64-bit fingerprint of each string; equal strings have equal ones.

    Parameters
    ----------
    texts : pyarrow.StringArray
        Without nulls.

    Returns
    -------
    ndarray of uint64, shape (rows,), or None
        None where a string is so long that this would take its time.

    Examples
    --------
    >>> prints = fingerprints(text_array(["a", "b", "a"]))
    >>> bool(prints[0] == prints[2]), bool(prints[0] == prints[1])
    (True, False)
    """
    rows = len(texts)
    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + rows + 1]
    start, length = limits[:-1].astype(np.int64), np.diff(limits).astype(np.uint64)
    longest = int(length.max(initial=0))
    if longest > _LONGEST_PRINT:
        return None
    held = np.frombuffer(data or b"", np.uint8)[: limits[-1]]
    padded = np.concatenate([held, np.zeros(8, np.uint8)])
    # The eight bytes from each position on, as a number.
    words = np.ndarray((len(held) + 1,), np.uint64, padded, strides=(1,))
    found: NDArray[np.uint64] = length * _PRIMES[0]
    for at in range(0, longest, 8):
        left = np.clip(length.astype(np.int64) - at, 0, 8)
        word = words[np.minimum(start + at, len(held))] & _MASKS[left]
        found = (found ^ word) * _PRIMES[1]
        found ^= found >> np.uint64(29)
    return found
