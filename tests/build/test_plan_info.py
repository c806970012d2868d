"""What a board reads of a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from practice.build.plan import load_plan
from practice.build.plan_info import info_file, load_plan_info
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info


@pytest.fixture
def vault(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes 1,000 public rows of numbers with some units."""

    def write(unit: np.ndarray, split: str = "random", **more: list[str]) -> Path:
        rows = len(unit)
        save_info(
            tmp_path,
            VaultInfo(
                "toy", "b", "d", 1, "id", "integer", (TargetInfo("y", "number"),), split, rows,
                rows, 0, "2026-01-01T00:00:00+00:00", {},
            ),
        )  # fmt: skip
        table = {
            "id": np.arange(rows),
            "target:y": np.zeros(rows),
            "public": np.ones(rows, np.int8),
            "unit": unit.astype(np.int32),
            **more,
        }
        parquet.write_table(pa.table(table), tmp_path / SOLUTION)
        return tmp_path

    return write


def test_units_of_one_row_count_as_rows(vault: Callable[..., Path]) -> None:
    folder = vault(np.arange(1000))
    assert load_plan_info(folder, "public") is None
    made = load_plan(folder, "public")
    info = load_plan_info(folder, "public")
    assert info is not None
    assert (info.id, info.kind, info.rows, info.units) == (made.id, "rows", 1000, 1000.0)


def test_units_of_different_sizes_count_less(vault: Callable[..., Path]) -> None:
    unit = np.concatenate([np.zeros(500), np.arange(1, 501)])
    folder = vault(unit, group=[str(int(each)) for each in unit])
    load_plan(folder, "public")
    info = load_plan_info(folder, "public")
    assert info is not None
    assert (info.kind, info.units) == ("groups", pytest.approx(1000**2 / (500**2 + 500)))


def test_for_time_stretches_are_counted(vault: Callable[..., Path]) -> None:
    folder = vault(np.repeat(np.arange(125), 8), split="time")  # 125 moments: stretches of 5
    load_plan(folder, "public")
    info = load_plan_info(folder, "public")
    assert info is not None
    assert (info.kind, info.units) == ("time", 25.0)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"id": 1}', "\x00"])
def test_a_damaged_file_says_nothing(vault: Callable[..., Path], content: str) -> None:
    folder = vault(np.arange(10))
    info_file(folder, "public").write_text(content)
    assert load_plan_info(folder, "public") is None
