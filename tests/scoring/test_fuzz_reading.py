"""Any bytes are read or refused, and both passes agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practice.scoring import _csv
from practice.scoring.records import Column

FUZZ = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
KINDS = st.sampled_from(
    [
        "number",
        "probability",
        "label int",
        "label text",
        "labels",
        "text",
        Column("y", "label", ("-1", "0", "1")),
        Column("y", "label", ("1", "2.5", "10")),
        Column("y", "label", ("1", "x", "é")),
        Column("y", "label", tuple(str(number) for number in range(200))),
    ]
)
IDS = st.sampled_from([[1, 2, 3, 4], [-5, 0, 7, 123456789012], ["a", "b c", "007", "é"]])

# What makes csv hard, next to each other as often as not.
CELLS = st.one_of(
    st.sampled_from(
        [
            *["0", "1", "2", "10", "200", "-1", "-0", "+1", "01", " 1", "1 ", "\t1", "1.0", "1e0"],
            *["0x1", "0X1", ".5", "5.", "0.5", "1.5", "2.50", "-0.5", "1e400", "1e-400", "1_0"],
            *["1e", "1;2", "", " ", "nan", "NaN", "inf", "NA", "null", "True", "yes", "no", "Yes"],
            *["x", "é", "1\x1c", '"', '""', '"1"', '" 1"', '"a,b"', '"a\nb"', '"a\r\nb"', 'a"b'],
            *['"a"b', '"a""b"', "\r", "\0", "\ufeff", "\x0b1", "\u2028"],
        ]
    ),
    st.floats().map(repr),
    st.integers().map(str),
    st.text(max_size=6),
)
ENDS = st.sampled_from(["\n"] * 8 + ["\r\n", "\r", "\n\n", " \n", "", "\n\r"])


@st.composite
def near_csv(draw: Any, ids: list[Any]) -> bytes:
    order = draw(st.permutations(ids))
    usual = st.sampled_from(["1", "0", "yes", "1.0"])
    cell = draw(st.sampled_from([usual, st.one_of(usual, CELLS), CELLS]))
    cells = draw(st.lists(cell, min_size=len(ids), max_size=len(ids)))
    rows = [f"{key},{cell}" for key, cell in zip(order, cells, strict=True)]
    if draw(st.booleans()):
        rows.insert(draw(st.integers(0, len(rows))), draw(CELLS))
    end = draw(ENDS)
    text = draw(st.sampled_from(["id,y", "id,y", "id,y", '"id",y', "\ufeffid,y", "id,y,z"])) + end
    text += end.join(rows) + draw(ENDS)
    data = text.encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):  # a stray byte
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(min_size=1, max_size=2)) + data[at:]
    return data


@FUZZ
@given(data=st.binary(max_size=200), kind=KINDS)
def test_any_bytes(data: bytes, kind: Any, submit: Any) -> None:
    submit(data, kind)


@FUZZ
@given(data=st.binary(max_size=100), kind=KINDS)
def test_any_bytes_below_a_header(data: bytes, kind: Any, submit: Any) -> None:
    submit(b"id,y\n" + data, kind)


@FUZZ
@given(
    magic=st.sampled_from([b"\x1f\x8b\x08", b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"PK\x05\x06"]),
    data=st.binary(max_size=200),
    end=st.sampled_from([b"", b"PAR1", b"\x10\0\0\0PAR1"]),
)
def test_any_bytes_behind_a_magic_number(
    magic: bytes, data: bytes, end: bytes, submit: Any
) -> None:
    submit(magic + data + end)


@FUZZ
@given(values=st.data(), kind=KINDS, ids=IDS)
def test_files_that_are_nearly_right(values: Any, kind: Any, ids: list[Any], submit: Any) -> None:
    submit(values.draw(near_csv(ids)), kind, ids)


@FUZZ
@given(values=st.data(), kind=KINDS)
def test_good_files_with_a_few_bytes_changed(values: Any, kind: Any, submit: Any) -> None:
    form = values.draw(st.sampled_from(["{},1\n", '"{}","1"\n', "{},1\r\n", '{},"1"\n']))
    ids = list(range(95, 125))
    data = bytearray(("id,y\n" + "".join(form.format(number) for number in ids)).encode())
    for _ in range(values.draw(st.integers(0, 3))):
        at = values.draw(st.integers(0, len(data) - 1))
        piece = values.draw(
            st.sampled_from([b"", b"\0", b'"', b"\n", b"\r", b",", b" ", b"0", b"\xe9"])
        )
        data[at : at + values.draw(st.integers(0, 1))] = piece
    submit(bytes(data), kind, ids)


@pytest.mark.parametrize("block", [8, 16, 64])
@FUZZ
@given(values=st.data(), kind=KINDS, ids=IDS)
def test_files_in_tiny_blocks(
    block: int,
    values: Any,
    kind: Any,
    ids: list[Any],
    submit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_csv, "_BLOCK", block)
    submit(values.draw(near_csv(ids)), kind, ids)
