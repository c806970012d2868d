"""Matching the ids of a submission with those of the answers, and saying what does not match."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from practice.scoring._arrow import SEPARATOR, as_texts, int64_array, text_array, values
from practice.scoring._faults import Faults, shown
from practice.scoring.labels import number_of
from practice.scoring.records import Answers, Problem

__all__ = ["match_ids", "places_of"]

_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,15}")
_SLICE = 100_000  # unknown ids looked at together
_LARGEST = 18  # digits


def match_ids(
    ids: Any, rows: NDArray[np.int64], partial: Any, unknown: int, answers: Answers
) -> tuple[NDArray[np.int64], tuple[Problem, ...]]:
    """Find the place of every row among the answers.

    Parameters
    ----------
    ids : pyarrow.StringArray
        Ids as the file writes them.
    rows : ndarray of int64
        Their row numbers.
    partial : pyarrow.StringArray
        Ids of rows that are refused for another reason; not reported as missing.
    unknown : int
        Rows whose id cannot be read; so many ids more may seem to be missing.
    answers : Answers

    Returns
    -------
    places : ndarray of int64, shape (ids,)
        Positions in ``answers.ids``; without meaning where there are problems.
    problems : tuple of Problem
    """
    column = ",".join(answers.id_columns)
    known = answers.ids.cast(pa.string())
    places = places_of(ids, known)
    faults = Faults()
    seen = np.zeros(len(known), np.bool_)
    of_partial = places_of(partial, known)
    seen[_found(of_partial)] = True
    unknown += int(np.count_nonzero(of_partial < 0))

    strange = np.flatnonzero(places < 0)
    if strange.size:
        meant, hint = _meant(ids, strange, known, pa.types.is_integer(answers.ids.type))
        seen[_found(meant)] = True
        for at in strange[:3].tolist():
            faults.add(
                "unknown id",
                hint=hint or f"write the ids as {answers.called} has them",
                column=column,
                row=int(rows[at]),
                value=_readable(ids[at].as_py()),
            )
        if strange.size > 3:
            faults.add("unknown id", column=column, count=strange.size - 3)

    matched = np.flatnonzero(places >= 0)
    _, first = np.unique(places[matched], return_index=True)
    again = np.ones(len(matched), np.bool_)
    again[first] = False
    for at in matched[again].tolist():
        faults.add(
            "id that occurs more than once",
            hint="each id has one row",
            column=column,
            row=int(rows[at]),
            value=_readable(ids[at].as_py()),
        )

    seen[places[matched]] = True
    missing = np.flatnonzero(~seen)
    if missing.size > unknown:
        named = ", ".join(_readable(known[int(at)].as_py()) for at in missing[:3])
        message = f"{missing.size} ids are missing" if missing.size > 1 else "1 id is missing"
        problem = Problem(None, column, named, message, f"every id of {answers.called} has one row")
        return places, (*faults.problems(), problem)
    return places, faults.problems()


def places_of(ids: Any, known: Any) -> NDArray[np.int64]:
    """Return the position of each id among those known, -1 where there is none.

    Parameters
    ----------
    ids, known : pyarrow.Array
        Of one type.

    Returns
    -------
    ndarray of int64, shape (ids,)
    """
    if not len(ids):
        return np.empty(0, np.int64)
    places = pc.index_in(ids, value_set=known).cast(pa.int64())
    return values(places.fill_null(int64_array(np.array([-1]))[0]))


def _found(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[places >= 0]


def _readable(text: str) -> str:
    return text.replace(SEPARATOR, ",")


def _meant(
    ids: Any, strange: NDArray[np.int64], known: Any, integer: bool
) -> tuple[NDArray[np.int64], str]:
    """Return the places that unknown ids probably mean, and a hint from the first of them."""
    known_plain = known if integer else _plain(known)
    places = []
    hint = ""
    for start in range(0, len(strange), _SLICE):
        texts = ids.take(int64_array(strange[start : start + _SLICE]))
        plain = (
            text_array([_integer_form(t) for t in as_texts(texts)]) if integer else _plain(texts)
        )
        found = places_of(plain, known_plain)
        places.append(found)
        hits = np.flatnonzero(found >= 0)
        if hits.size and not hint:
            text = texts[int(hits[0])].as_py()
            right = known[int(found[hits[0]])].as_py()
            hint = _written(_readable(text), _readable(right), integer)
    return np.concatenate(places), hint


def _written(text: str, right: str, integer: bool) -> str:
    if integer and "." in text:
        return f"ids are written as {shown(text)}; write them as integers ({right})"
    return f"ids are written as {shown(text)!r}; write {shown(right)!r}"


def _integer_form(text: str) -> str:
    """Return an integer as an id should write it, an empty text where it is none."""
    bare = text.strip().strip("'\"").strip()
    if _HEXADECIMAL.fullmatch(bare):
        return str(int(bare, 16))
    number = number_of(bare)
    if number is None or not number.adjusted() < _LARGEST or number != number.to_integral_value():
        return ""
    return str(int(number))


def _plain(texts: Any) -> Any:
    """Return ids without the differences that programs make: case, spaces, leading zeros."""
    trimmed = pc.utf8_ltrim(pc.utf8_trim_whitespace(texts), characters="0")
    return pc.utf8_lower(trimmed)
