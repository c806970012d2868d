from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from practice.solutions.columns import Roles, assign_roles, type_columns


def words(*cells: str) -> pd.DataFrame:
    return pd.DataFrame({"x": list(cells)}, dtype=str)


@pytest.mark.parametrize(
    ("train", "test", "kind"),
    [
        (("1", "2.5"), ("-3e2",), "f"),
        (("1", " "), ("",), "f"),
        (("1", "NA"), ("2",), "f"),
        (("1", "2"), ("three",), "O"),  # the test rows are asked too
        (("1", "nan"), ("2",), "O"),
        (("1", "inf"), ("2",), "O"),
        (("1", "1e400"), ("2",), "O"),
        (("01", "20"), ("30",), "O"),  # a postcode
        (("0", "0.5"), ("-0.1",), "f"),
        (("1_000", "2"), ("3",), "O"),
        (("0x10", "2"), ("3",), "O"),
        (("True", "False"), ("True",), "O"),
        (("2011-01-01", "2011-01-02 05:00:00"), ("",), "M"),
        (("2011-01-01", "2011-13-02"), ("2011-01-01",), "O"),
        (("2011", "2012"), ("2013",), "f"),
    ],
)
def test_a_column_is_what_all_of_its_cells_are(
    train: tuple[str, ...], test: tuple[str, ...], kind: str
) -> None:
    left, right = type_columns(words(*train), words(*test), ["NA"])
    assert left["x"].dtype.kind == right["x"].dtype.kind == kind


def test_missing_cells_are_nan_in_every_kind_of_column() -> None:
    train = pd.DataFrame({"n": ["1", "?"], "w": ["a", " "], "t": ["2020-01-02", ""]}, dtype=str)
    typed, _ = type_columns(train, train, ["?"])
    assert typed.isna().to_numpy().tolist() == [[False] * 3, [True] * 3]
    assert typed["n"].iloc[0] == 1.0
    assert typed["w"].iloc[0] == "a"


def test_roles() -> None:
    rows = 60
    frame = pd.DataFrame(
        {
            "number": np.arange(rows, dtype=float),
            "flag": np.arange(rows) % 2 == 0,
            "time": pd.date_range("1970-01-02", periods=rows),
            "town": ["A", "B"] * (rows // 2),
            "name": [f"Ms {i}" for i in range(rows)],
            "story": [f"once upon a time there was a number {i}" for i in range(rows)],
            "same": ["x"] * rows,
            "empty": [np.nan] * rows,
            "sometimes": ["x", np.nan] * (rows // 2),
        }
    )
    train, test, roles = assign_roles(frame, frame)
    assert roles == Roles(
        numbers=("number", "flag", "time"),
        categories=("town", "sometimes"),
        texts=("story",),
        ignored=("name", "same", "empty"),
    )
    assert list(train.columns) == list(test.columns)
    assert set(train.columns) == set(roles.used)
    assert train["time"].iloc[0] == 1.0  # days since 1970
    assert train["flag"].tolist()[:2] == [1.0, 0.0]
    assert assign_roles(frame, frame, text=True)[2].texts == ("name", "story")


def test_roles_follow_the_training_rows_alone() -> None:
    train = pd.DataFrame({"x": [1.0, 1.0], "y": [1.0, 2.0]})
    test = pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, 1.0]})
    assert assign_roles(train, test)[2] == Roles(numbers=("y",), ignored=("x",))
