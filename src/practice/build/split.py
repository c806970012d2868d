"""Who is hidden: an order of units by hash, cut by rows.

Nothing here draws from a random generator: the order follows from the text of the rows alone, so
that every machine and every library version hides the same rows, whatever the raw file's row order
and whatever the answers are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.build.timeline import Timeline
from practice.definition import SplitSpec
from practice.errors import BuildError

__all__ = ["PRIVATE", "PUBLIC", "PURGED", "TRAIN", "Units", "classes_of", "divide", "rank", "units"]

PURGED, TRAIN, PUBLIC, PRIVATE = -1, 0, 1, 2
_GIVEN = {"train": TRAIN, "public": PUBLIC, "private": PRIVATE, "test": PUBLIC}


@dataclass(frozen=True)
class Units:
    """Rows that stay on one side.

    Parameters
    ----------
    of : ndarray of int64, shape (rows,)
        The unit of each row.
    keys : list of str
        The text each unit is known by: its group's name, or its features as a csv line.
    hashes : ndarray of uint64, shape (units,)
        The first 64 bits of blake2b of each key, keyed with the salt.
    """

    of: NDArray[np.int64]
    keys: list[str]
    hashes: NDArray[np.uint64]


def units(keys: pa.Array, salt: bytes = b"") -> Units:
    """Put rows of equal keys into one unit.

    Parameters
    ----------
    keys : pyarrow.Array of large_string, shape (rows,)
    salt : bytes
        At most 64; empty for a split that everybody can repeat.

    Returns
    -------
    Units

    Examples
    --------
    >>> units(pa.array(["a", "b", "a"], pa.large_string())).of.tolist()
    [0, 1, 0]
    """
    encoded = keys.dictionary_encode()
    texts: list[str] = encoded.dictionary.to_pylist()
    of = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Units(of, texts, _hashes(texts, salt))


def _hashes(texts: Sequence[str], salt: bytes) -> NDArray[np.uint64]:
    digests = (hashlib.blake2b(t.encode(), digest_size=8, key=salt).digest() for t in texts)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _splitmix64(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers one to one (Steele, Lea and Flood 2014, OOPSLA; the output step)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def rank(of: Units, seed: int, purpose: str) -> NDArray[np.int64]:
    """Return the place of each unit in the order of a purpose.

    Parameters
    ----------
    of : Units
    seed : int
    purpose : str
        "test", "public", "fold", ...: each has an order of its own.

    Returns
    -------
    ndarray of int64, shape (units,)
        Units whose hashes are equal stand in the order of their keys.

    Examples
    --------
    >>> some = units(pa.array(["a", "b", "c", "d"], pa.large_string()))
    >>> rank(some, 0, "test").tolist(), rank(some, 0, "public").tolist()
    ([0, 1, 3, 2], [2, 3, 1, 0])
    """
    start = _hashes([f"{purpose}:{seed}"], b"")
    scattered = _splitmix64(of.hashes ^ _splitmix64(start))
    order = np.argsort(scattered, kind="stable")
    in_order = scattered[order]
    if (in_order[1:] == in_order[:-1]).any():
        order = np.array(sorted(range(len(of.keys)), key=lambda u: (scattered[u], of.keys[u])))
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def classes_of(of: Units, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class of each unit: its most frequent label, of equals the smaller.

    Parameters
    ----------
    of : Units
    labels : ndarray of int64, shape (rows,)
        Codes in the order of the sorted labels.

    Returns
    -------
    ndarray of int64, shape (units,)

    Examples
    --------
    >>> both = units(pa.array(["a", "a", "b"], pa.large_string()))
    >>> classes_of(both, np.array([1, 0, 1])).tolist()
    [0, 1]
    """
    width = int(labels.max()) + 1
    pairs, counts = np.unique(of.of * width + labels, return_counts=True)
    unit, label = np.divmod(pairs, width)
    best_last = np.lexsort((-label, counts, unit))
    classes = np.empty(len(of.keys), np.int64)
    classes[unit[best_last]] = label[best_last]
    return classes


def strata(
    of: Units, rows: NDArray[np.bool_], places: NDArray[np.int64], classes: NDArray[np.int64] | None
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the units that have any of the rows, in order, with their sizes: a pair per class."""
    sizes = np.bincount(of.of[rows], minlength=len(of.keys))
    order = np.argsort(places)
    order = order[sizes[order] > 0]
    if classes is None:
        return [(order, sizes[order])]
    parts = [order[classes[order] == one] for one in np.unique(classes[order])]
    return [(part, sizes[part]) for part in parts]


def middles(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return twice the row number at which the middle of each unit lies."""
    return 2 * np.cumsum(sizes) - sizes


def leading(sizes: NDArray[np.int64], share: float) -> int:
    """Return how many units make up a share of the rows, to the nearest unit.

    Examples
    --------
    >>> leading(np.array([1, 1, 1, 1]), 0.5), leading(np.array([5, 1, 1, 1]), 0.5)
    (2, 1)
    """
    return int(np.searchsorted(middles(sizes), 2 * share * int(sizes.sum())))


def _draw(
    of: Units,
    rows: NDArray[np.bool_],
    share: float,
    places: NDArray[np.int64],
    classes: NDArray[np.int64] | None,
    least: int,
) -> NDArray[np.bool_]:
    """Choose whole units that make up a share of ``rows``, per class where there are classes.

    A class of more than ``least`` units has at least ``least`` chosen and one left over.
    """
    chosen = np.zeros(len(of.keys), np.bool_)
    for members, sizes in strata(of, rows, places, classes):
        taken = leading(sizes, share)
        if classes is not None and len(members) > least:
            taken = min(max(taken, least), len(members) - 1)
        chosen[members[:taken]] = True
    return rows & chosen[of.of]


def divide(
    spec: SplitSpec,
    of: Units,
    classes: NDArray[np.int64] | None = None,
    times: Timeline | None = None,
    given: Sequence[str] | None = None,
) -> NDArray[np.int8]:
    """Say for each row where it goes.

    Parameters
    ----------
    spec : SplitSpec
    of : Units
    classes : ndarray of int64, shape (units,), optional
        For a stratified split.
    times : Timeline, optional
        For a split by time.
    given : sequence of str, optional
        For a given split: the cells of its column.

    Returns
    -------
    ndarray of int8, shape (rows,)
        ``TRAIN``, ``PUBLIC``, ``PRIVATE``, or ``PURGED`` (left out at a time border).

    Raises
    ------
    BuildError
        The given column holds other words, or a part is left without rows.
    """
    if times is not None:
        part = _by_time(spec, times)
    else:
        drawn = np.ones(len(of.of), np.bool_)
        if given is not None:
            part, drawn = _as_given(spec, given)
        else:
            hidden = _draw(of, drawn, spec.test, rank(of, spec.seed, "test"), classes, least=2)
            part = np.where(hidden, PRIVATE, TRAIN).astype(np.int8)
            drawn = hidden
        public = _draw(of, drawn, spec.public, rank(of, spec.seed, "public"), classes, least=1)
        part[public] = PUBLIC
    for name, code in (("train", TRAIN), ("public", PUBLIC), ("private", PRIVATE)):
        if not (part == code).any():
            raise BuildError(
                f"the split leaves the {name} part without rows "
                f"({len(part)} rows in {len(of.keys)} units that stay together)",
                "change test, public or kind in [split]",
            )
    return part


def _as_given(spec: SplitSpec, given: Sequence[str]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the parts a column names, and the rows among which public is still to be drawn."""
    words = sorted(set(given))
    if not {"train", "test"} == set(words) and not {"train", "public", "private"} == set(words):
        raise BuildError(
            f"split column {spec.column!r} holds {', '.join(map(repr, words[:5]))}"
            f"{' ...' if len(words) > 5 else ''}; it must say train, public and private, or train "
            "and test (all of them, and nothing else)",
            "make it say so in prepare.py",
        )
    part = np.array([_GIVEN[word] for word in given], np.int8)
    drawn = np.array([word == "test" for word in given], np.bool_)
    part[drawn] = PRIVATE
    return part, drawn


def _by_time(spec: SplitSpec, times: Timeline) -> NDArray[np.int8]:
    """Hide the latest rows; of these the earlier are public. Ties stay together."""
    counts = np.bincount(times.of)
    hidden = leading(counts[::-1], spec.test)
    first = len(counts) - hidden
    border = first + leading(counts[first:], spec.public)
    place = times.of
    part = np.select([place < first, place < border], [TRAIN, PUBLIC], PRIVATE).astype(np.int8)
    if hidden:
        earlier = times.before(np.flatnonzero(place < first), first, spec.purge)
        part[place < first] = PURGED
        part[earlier] = TRAIN
    return part
