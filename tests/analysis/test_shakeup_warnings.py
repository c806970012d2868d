"""What may be wrong with a forecast is said."""

from __future__ import annotations

import pytest

from practice.analysis import shakeup
from practice.build.vault import VaultInfo


def info(split: str, public_rows: int) -> VaultInfo:
    return VaultInfo("toy", "toy-1", "", 1, "id", "integer", (), split, 900, public_rows, 9, "", {})


@pytest.mark.parametrize(
    ("split", "rows", "said"),
    [
        ("random", 200, ()),
        ("stratified", 199, ("199 public rows are few",)),
        ("time", 400, ("private rows are later",)),
        ("group", 50, ("private rows are of other groups", "50 public rows are few")),
    ],
)
def test_splits_and_few_rows_are_warned_of(split: str, rows: int, said: tuple[str, ...]) -> None:
    found = shakeup._warnings(info(split, rows))
    assert len(found) == len(said)
    assert all(text.startswith(begun) for text, begun in zip(found, said, strict=True))
