"""Submissions in Parquet, whatever the types of their columns."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

IDS = [1, 2, 3, 4]


def written(**options: Any) -> Any:
    def write(table: pa.Table) -> bytes:
        held = io.BytesIO()
        parquet.write_table(table, held, **options)
        return held.getvalue()

    return write


def table(y: Any, ids: Any = None) -> bytes:
    keys = pa.array(IDS) if ids is None else ids
    return written()(pa.table({"id": keys, "y": y}))


FAST: dict[str, tuple[str, Any, Any, list[Any]]] = {
    # kind, y, id, worth
    "float64": ("number", pa.array([0.5, 1, 2, 3]), None, [0.5, 1.0, 2.0, 3.0]),
    "float32": (
        "number",
        pa.array([0.1, 1, 2, 3], pa.float32()),
        None,
        [float(np.float32(0.1)), 1.0, 2.0, 3.0],
    ),
    "int8 as numbers": ("number", pa.array([1, 2, 3, 4], pa.int8()), None, [1.0, 2.0, 3.0, 4.0]),
    "int32 ids, shuffled": (
        "number",
        pa.array([4.0, 3, 2, 1]),
        pa.array([4, 3, 2, 1], pa.int32()),
        [1.0, 2.0, 3.0, 4.0],
    ),
    "uint64 ids": ("number", pa.array([1.0] * 4), pa.array(IDS, pa.uint64()), [1.0] * 4),
    "ids as text": ("number", pa.array([1.0] * 4), pa.array(["1", "2", "3", "4"]), [1.0] * 4),
    "large strings": (
        "text",
        pa.array(["a", "b", "", "d"], pa.large_string()),
        None,
        ["a", "b", "", "d"],
    ),
    "integer labels": ("label int", pa.array([0, 1, 1, 0], pa.int64()), None, [0, 1, 1, 0]),
    "text labels": ("label text", pa.array(["no", "yes", "yes", "no"]), None, [0, 1, 1, 0]),
    "categories": (
        "label text",
        pa.array(["no", "yes", "yes", "no"]).dictionary_encode(),
        None,
        [0, 1, 1, 0],
    ),
}
SLOW: dict[str, tuple[str, Any, Any, list[Any]]] = {
    "labels as floats": ("label int", pa.array([0.0, 1, 1, 0]), None, [0, 1, 1, 0]),
    "missing texts": ("text", pa.array(["a", None, "", "d"]), None, ["a", "", "", "d"]),
    "integers as texts": ("text", pa.array([1, 2, 3, 4]), None, ["1", "2", "3", "4"]),
    "dates as texts": (
        "text",
        pa.array([date(2026, 1, day) for day in IDS]),
        None,
        [f"2026-01-0{day}" for day in IDS],
    ),
    "decimals": (
        "number",
        pa.array([Decimal("0.5"), Decimal(1), Decimal(2), Decimal(3)]),
        None,
        [0.5, 1.0, 2.0, 3.0],
    ),
}


@pytest.mark.parametrize("name", [*FAST, *SLOW])
def test_types_that_are_read(name: str, submit: Any) -> None:
    kind, y, ids, worth = (FAST | SLOW)[name]

    outcome = submit(table(y, ids), kind)

    assert (outcome.values, outcome.fast) == (worth, name in FAST)


@pytest.mark.parametrize("options", [{"compression": "none"}, {"row_group_size": 2}])
def test_layouts_of_the_file(options: dict[str, Any], submit: Any) -> None:
    data = written(**options)(pa.table({"y": [0.5, 1.0, 2.0, 3.0], "id": IDS}))

    assert submit(data).values == [0.5, 1.0, 2.0, 3.0]


REFUSED: dict[str, tuple[str, Any, Any, list[Any]]] = {
    "ids as floats": (
        "number",
        pa.array([1.0] * 4),
        pa.array([1.0, 2, 3, 4]),
        [
            (
                1,
                "id",
                "1.0, 2.0, 3.0",
                "unknown id (4 rows)",
                "ids are written as 1.0; write them as integers (1)",
            )
        ],
    ),
    "missing id": (
        "number",
        pa.array([1.0] * 4),
        pa.array([1, None, 3, 4]),
        [
            (2, "id", "", "unknown id", "write the ids as the test data has them"),
            (None, "id", "2", "1 id is missing", "every id of the test data has one row"),
        ],
    ),
    "null": (
        "number",
        pa.array([1.0, None, 1, 1]),
        None,
        [(2, "y", "", "missing where a number is due", "fill it in: every row is scored")],
    ),
    "NaN": (
        "number",
        pa.array([1.0, np.nan, 1, 1]),
        None,
        [(2, "y", "nan", "missing where a number is due", "fill it in: every row is scored")],
    ),
    "infinity": (
        "number",
        pa.array([1.0, np.inf, 1, 1]),
        None,
        [(2, "y", "inf", "infinite where a number is due", "clip it to a finite number")],
    ),
    "probability of 1.2": (
        "probability",
        pa.array([1.0, 1.2, 1, 1]),
        None,
        [
            (
                2,
                "y",
                "1.2",
                "not a probability between 0 and 1",
                "predict probabilities, or clip what you predict to [0, 1]",
            )
        ],
    ),
    "booleans for 0 and 1": (
        "label int",
        pa.array([False, True, True, False]),
        None,
        [
            (
                1,
                "y",
                "False, True",
                "not a label of the training data (4 rows)",
                "write 1 for True and 0 for False",
            )
        ],
    ),
    "lists as numbers": (
        "number",
        pa.array([[1.0], [2.0], [3.0], [4.0]]),
        None,
        [(1, "y", "<list<element: double>>", "not a number (4 rows)", "")],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_types_and_values_that_are_refused(name: str, submit: Any) -> None:
    kind, y, ids, problems = REFUSED[name]

    assert submit(table(y, ids), kind).problems == problems


def test_the_index_of_a_data_frame(submit: Any) -> None:
    data = written()(pa.table({"id": IDS, "y": [1.0] * 4, "__index_level_0__": [5, 6, 7, 8]}))

    assert submit(data).problems == [
        (
            None,
            "__index_level_0__",
            None,
            "column '__index_level_0__' is not expected",
            "leave the index out: to_csv(..., index=False)",
        )
    ]


def test_no_columns_and_no_rows(submit: Any) -> None:
    nothing = written()(pa.table({}))
    assert [problem[3] for problem in submit(nothing).problems] == [
        "column 'id' is missing",
        "column 'y' is missing",
    ]
    empty = written()(pa.table({"id": pa.array([], pa.int64()), "y": pa.array([], pa.float64())}))
    assert [problem[3] for problem in submit(empty).problems] == [
        "the file has a header and no rows"
    ]


def test_far_too_many_rows(submit: Any) -> None:
    rows = 2_000_000
    data = written()(pa.table({"id": np.zeros(rows, np.int64), "y": np.zeros(rows)}))
    assert len(data) < 100_000

    assert [problem[3] for problem in submit(data).problems] == [
        "there are 2000000 rows; they were not read"
    ]


def test_a_file_on_disk(tmp_path: Path, submit: Any) -> None:
    path = tmp_path / "submission.parquet"
    path.write_bytes(table(pa.array([0.5, 1, 2, 3])))

    assert submit(path).values == [0.5, 1.0, 2.0, 3.0]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(values: Any, submit: Any) -> None:
    y = values.draw(st.sampled_from([pa.array([0.5, 1, 2, 3]), pa.array(["0", "1", "é", ""])]))
    data = bytearray(table(y))
    for _ in range(values.draw(st.integers(1, 4))):
        data[values.draw(st.integers(4, len(data) - 5))] = values.draw(st.integers(0, 255))
    submit(bytes(data), values.draw(st.sampled_from(["number", "label int", "text"])))
