"""Ids and labels made from text, many at once: always what one at a time would give."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from practice.scoring._arrow import cells_of_one_width, fingerprints, text_array, values
from practice.scoring._integers import as_integers
from practice.scoring._typed import AnomalyError, value_block
from practice.scoring.labels import LabelCoder
from practice.scoring.records import Column

CANONICAL = re.compile(r"0|-?[1-9][0-9]*")
INTEGERS = st.one_of(
    st.integers(-(2**64), 2**64).map(str),
    st.integers(0, 99).map(str),
    st.integers(10**6, 10**7).map(str),
    st.integers(10**7, 10**8 - 1).map(str),
)
NEARLY = st.one_of(
    INTEGERS,
    st.sampled_from(["", "-0", "+1", "007", "00000000", "0x1F", "1.0", " 1", "1 ", "--1", "1e3"]),
    st.text("0123456789-+x. ", max_size=9),
)


@given(texts=st.one_of(st.lists(INTEGERS, min_size=1), st.lists(NEARLY, min_size=1)))
@example(texts=["00000001", "10000000"])
@example(texts=["0x000010", "10000000"])
@example(texts=["9223372036854775807", "-9223372036854775808"])
@example(texts=["0", "9"])
def test_integers_are_those_that_are_written_as_such(texts: list[str]) -> None:
    fits = [
        CANONICAL.fullmatch(text) is not None and -(2**63) <= int(text) < 2**63 for text in texts
    ]

    found = as_integers(text_array(texts))

    assert (found is not None) == all(fits)
    if found is not None:
        assert found.to_pylist() == [int(text) for text in texts]


@given(texts=st.lists(st.text("ab\u00e9", max_size=20), min_size=1), start=st.integers(0, 3))
def test_fingerprints_and_widths_of_slices(texts: list[str], start: int) -> None:
    array = text_array(["other", "texts", "before", *texts, "after"]).slice(3, len(texts))

    marks = fingerprints(array)
    assert marks is not None
    for text, mark in zip(texts, marks, strict=True):
        assert [other == text for other in texts] == (marks == mark).tolist()
    encoded = [text.encode() for text in texts]
    width = len(encoded[0])
    cells = cells_of_one_width(array)
    if width and all(len(text) == width for text in encoded):
        assert cells is not None
        assert (cells[0], cells[1].tobytes()) == (width, b"".join(encoded))
    else:
        assert cells is None


LABELS = [
    ("0", "1"),
    ("n", "y"),
    ("1", "2", "30"),
    ("-1", "1"),
    ("0.5", "1"),
    tuple(str(number) for number in range(300)),
]


@given(
    labels=st.sampled_from(LABELS),
    cells=st.lists(st.sampled_from(["0", "1", "2", "30", "y", "n", "é", "", "1.0"]), min_size=1),
    narrow=st.booleans(),
)
def test_labels_are_coded_as_one_at_a_time(
    labels: tuple[str, ...], cells: list[str], narrow: bool
) -> None:
    cells = [cell[:1] or "1" for cell in cells] if narrow else cells
    column, coder = Column("y", "label", labels), LabelCoder(labels)
    due = [LabelCoder(labels).code(cell) for cell in cells]

    try:
        found = value_block(text_array(cells), column, coder)
    except AnomalyError:
        assert min(due) < 0
    else:
        assert found.tolist() == due
        assert found.dtype == coder.codes([]).dtype


def test_labels_are_learned_letter_by_letter_and_word_by_word() -> None:
    column, coder = Column("y", "label", missing=True), LabelCoder(None)

    first = value_block(text_array(["b", "a", "b"]), column, coder)
    second = value_block(text_array(["a", "", "word"]), column, coder)
    third = value_block(pa.array([7, 7, 1]), column, coder)

    assert sorted(coder.labels) == ["1", "7", "a", "b", "word"]
    learned = [
        *(coder.labels[code] if code >= 0 else None for part in (first, second) for code in part),
        *(coder.labels[code] for code in third),
    ]
    assert learned == ["b", "a", "b", "a", None, "word", "7", "7", "1"]
    assert {part.dtype for part in (first, second, third)} == {np.dtype(np.int32)}


def test_more_labels_than_a_byte_can_count() -> None:
    column, coder = Column("y", "label"), LabelCoder(None)
    value_block(text_array([f"label {number}" for number in range(200)]), column, coder)

    assert value_block(text_array(["x", "y"]), column, coder).tolist() == [200, 201]


def test_chunks_become_one_array() -> None:
    chunked = pa.chunked_array([[1, 2], [], [3]])

    assert values(chunked).tolist() == [1, 2, 3]
    assert values(pa.chunked_array([], pa.float64())).dtype == np.float64
