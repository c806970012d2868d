"""The resampling plan of a build: what it draws, and that it is made once and stays the same."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from practice import build
from practice.build.plan import load_plan
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info
from practice.errors import BuildError
from practice.metrics.drawing import draw
from practice.metrics.plan import Plan

Vault = Callable[..., Path]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a function that writes a vault by hand, a row of columns per argument."""

    def make(
        public: list[bool] | np.ndarray,
        unit: list[int] | np.ndarray | None = None,
        labels: list[int] | np.ndarray | None = None,
        *,
        split: str | None = None,
        group: list[str] | None = None,
        name: str = "toy-1",
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        split = split or ("random" if labels is None else "stratified")
        rows, shown = len(public), int(np.sum(public))
        values = np.zeros(rows) if labels is None else np.asarray(labels, np.int8)
        kind = "number" if labels is None else "label"
        target = TargetInfo("y", kind, None if labels is None else ("a", "b", "c"), None)
        info = VaultInfo(
            "toy", name, "d", 1, "id", "integer", (target,), split, rows, shown, 0,
            "2026-01-01T00:00:00+00:00", {},
        )  # fmt: skip
        save_info(folder, info)
        columns = {
            "id": pa.array(np.arange(rows)),
            "target:y": pa.array(values),
            "public": pa.array(list(public), pa.bool_()),
            "unit": pa.array(np.arange(rows) if unit is None else np.asarray(unit), pa.int32()),
        }
        if group is not None:
            columns["group"] = pa.array(group)
        parquet.write_table(pa.table(columns), folder / SOLUTION, compression="none")
        return folder

    return make


def alternating(rows: int) -> np.ndarray:
    return np.arange(rows) % 2 == 0


def test_rows_of_numbers_are_drawn_one_by_one(vault: Vault) -> None:
    plan = load_plan(vault(alternating(60)), "public")
    assert (plan.kind, plan.replicates, plan.rows, plan.column) == ("rows", 1000, 30, None)
    assert plan.counts.dtype == np.uint8
    assert (plan.counts.sum(axis=1) == 30).all()
    # 1,000 draws of 30 from 30: each row's total has a standard deviation of 31.
    assert abs(plan.counts.sum(axis=0, dtype=int) - 1000).max() < 5 * 31


def test_each_class_is_drawn_to_its_size(vault: Vault) -> None:
    labels = np.array([0, 0, 1, 1, 2, 2] * 10)
    folder = vault(alternating(60), labels=labels)
    plan = load_plan(folder, "private")
    assert plan.kind == "classes"
    own = labels[~alternating(60)]
    for label in range(3):
        assert (plan.counts[:, own == label].sum(axis=1) == 10).all()
    assert (plan.counts[:, 0] > 1).any()


def test_classes_are_left_to_chance_where_the_split_left_them(vault: Vault) -> None:
    labels = np.array([0, 0, 1, 1, 2, 2] * 10)
    plan = load_plan(vault(alternating(60), labels=labels, split="random"), "private")
    assert plan.kind == "rows"
    own = labels[~alternating(60)]
    sizes = plan.counts[:, own == 0].sum(axis=1, dtype=int)
    assert (sizes.min(), sizes.max()) != (10, 10)
    assert abs(sizes.mean() - 10) < 0.5


def test_a_missing_answer_is_a_class_of_its_own(vault: Vault) -> None:
    labels = np.array([-1, -1, -1, 0, 0, 1, 1, 1] * 4)
    plan = load_plan(vault(np.ones(32, bool), labels=labels), "public")
    assert (plan.counts[:, labels == -1].sum(axis=1) == 12).all()


def test_groups_are_drawn_whole(vault: Vault) -> None:
    unit = np.repeat(np.arange(12), 5)
    group = [f"g{number}" for number in unit]
    folder = vault(unit < 6, unit, np.arange(60) % 3, group=group, split="group")
    plan = load_plan(folder, "private")
    assert plan.kind == "groups"
    by_group = plan.counts.reshape(1000, 6, 5)
    assert (by_group == by_group[:, :, :1]).all()
    assert (by_group[:, :, 0].sum(axis=1) == 6).all()


def test_duplicates_are_drawn_whole_within_the_class_of_most(vault: Vault) -> None:
    unit = np.array([0, 0, 0, 1, 2, 3, 4, 5])
    labels = np.array([1, 1, 0, 0, 0, 0, 1, 1])
    plan = load_plan(vault(np.ones(8, bool), unit, labels, split="stratified"), "public")
    assert plan.kind == "classes"
    assert (plan.counts[:, 0] == plan.counts[:, 1]).all()
    assert (plan.counts[:, 0] == plan.counts[:, 2]).all()
    assert (plan.counts[:, 3:6].sum(axis=1) == 3).all()
    assert (plan.counts[:, [0, 6, 7]].sum(axis=1) == 3).all()


def test_time_is_drawn_in_stretches(vault: Vault) -> None:
    folder = vault(np.arange(200) < 80, labels=np.arange(200) % 3, split="time")
    for part, rows, length in (("public", 80, 4), ("private", 120, 5)):
        plan = load_plan(folder, part)
        assert (plan.kind, plan.rows) == ("time", rows)
        assert (plan.counts.sum(axis=1) == rows).all()
        # As many stretches begin as fit, each where the count rises.
        steps = np.diff(plan.counts.astype(int), axis=1, append=plan.counts[:, :1].astype(int))
        begun = np.clip(steps, 0, None).sum(axis=1)
        assert begun.max() <= -(-rows // length)
        assert abs(plan.counts.mean() - 1) < 1e-12


def test_neighbours_in_time_go_together(vault: Vault) -> None:
    plan = load_plan(vault(np.ones(1000, bool), split="time"), "public")
    wide = plan.counts.astype(float) - 1
    for apart, due in ((1, 0.9), (5, 0.5), (10, 0.0), (40, 0.0)):
        together = (wide * np.roll(wide, apart, axis=1)).mean() / np.square(wide).mean()
        assert abs(together - due) < 0.03


def test_the_parts_are_drawn_apart(vault: Vault) -> None:
    public = alternating(60)
    labels = np.arange(60) % 3
    folder = vault(public, labels=labels)
    other = vault(public, labels=np.where(public, labels, 2 - labels), name="other")
    (other / "build.json").write_text(
        (other / "build.json").read_text().replace('"other"', '"toy-1"')
    )
    assert np.array_equal(load_plan(folder, "public").counts, load_plan(other, "public").counts)
    private = load_plan(folder, "private")
    assert not np.array_equal(private.counts, load_plan(other, "private").counts)
    assert private.id != load_plan(folder, "public").id


def test_a_plan_is_the_same_everywhere(vault: Vault) -> None:
    folder = vault(alternating(60), labels=np.arange(60) % 3)
    plan = load_plan(folder, "public")
    assert plan.id == "db6d6de6851e168013686df0053b3a0a"
    assert digest(plan) == "72369290809266f8"


def test_a_drawing_is_the_same_everywhere() -> None:
    rows = np.arange(60_000)
    few = rows[:300]
    drawn = [
        draw(few, seed=7, replicates=50, strata=few % 3),
        draw(few, seed=7, replicates=50, contiguous=True),
        draw(rows, seed=7, replicates=3, strata=rows % 3),
        draw(rows, seed=7, replicates=3, contiguous=True),
    ]
    assert [digest(plan) for plan in drawn] == [
        "926d2e0a8e6cd8e1",
        "8328d09321ce4db5",
        "b18cfe5b35f15025",
        "00036754a5254eef",
    ]


def digest(plan: Plan) -> str:
    column = b"" if plan.column is None else plan.column.tobytes()
    return hashlib.sha256(plan.counts.tobytes() + column).hexdigest()[:16]


def test_a_large_plan_is_of_blocks(vault: Vault) -> None:
    labels = (np.arange(120_000) % 12 == 0).astype(np.int8)
    folder = vault(alternating(120_000), labels=labels)
    first, plan = load_plan(folder, "public"), load_plan(folder, "public")
    own = labels[alternating(120_000)]
    assert plan.counts.shape == (1000, 12_142)
    assert plan.column is not None
    assert plan.column.dtype == np.uint16
    assert np.array_equal(plan.counts, first.counts)
    assert np.array_equal(plan.column, first.column)
    # A block holds rows of one class; the blocks of a class are of one size, but for what is over.
    rare, common = (np.unique(plan.column[own == label]) for label in (1, 0))
    assert (len(rare), len(common)) == (5000, 7142)
    sizes = np.bincount(plan.column)
    assert np.bincount(sizes[rare]).tolist() == [0, 0, 5000]
    assert np.bincount(sizes[common]).tolist() == [0] * 7 + [7136, 6]
    assert (plan.counts[:, rare].sum(axis=1) == 5000).all()
    assert (plan.counts[:, common].sum(axis=1) == 7142).all()


def test_it_is_made_once_and_then_mapped(vault: Vault) -> None:
    folder = vault(alternating(60))
    made = load_plan(folder, "public")
    assert {path.name for path in folder.glob("plan*")} == {
        "plan.lock", "plan-public.json", "plan-public.npy",
    }  # fmt: skip
    said = json.loads((folder / "plan-public.json").read_text())
    assert said == {
        "id": made.id, "kind": "rows", "replicates": 1000, "rows": 30, "blocks": 0, "units": 30.0,
    }  # fmt: skip
    changed = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / SOLUTION).unlink()
    loaded = load_plan(folder, "public")
    assert isinstance(loaded.counts.base, np.memmap)
    assert not loaded.counts.flags.writeable
    assert np.array_equal(loaded.counts, made.counts)
    assert (loaded.id, loaded.kind) == (made.id, made.kind)
    del changed[folder / SOLUTION]
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == changed


@pytest.mark.parametrize("name", ["plan-public.npy", "plan-public.json"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"id": "other"}', b"\x93NUMPY"])
def test_a_damaged_plan_is_made_again(vault: Vault, name: str, content: bytes | None) -> None:
    folder = vault(alternating(60))
    made = load_plan(folder, "public")
    before = (folder / name).read_bytes()
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    again = load_plan(folder, "public")
    assert np.array_equal(again.counts, made.counts)
    assert (folder / name).read_bytes() == before


def test_a_plan_of_another_build_is_not_taken(vault: Vault) -> None:
    folder, other = vault(alternating(60)), vault(alternating(60), name="toy-2")
    mine, theirs = load_plan(folder, "public"), load_plan(other, "public")
    assert mine.id != theirs.id
    for path in other.glob("plan-*"):
        (folder / path.name).write_bytes(path.read_bytes())
    assert np.array_equal(load_plan(folder, "public").counts, mine.counts)


def test_only_the_owner_may_read(vault: Vault) -> None:
    folder = vault(alternating(60))
    load_plan(folder, "private")
    assert {path.stat().st_mode & 0o077 for path in folder.glob("plan*")} == {0}


def test_two_processes_at_once_make_one_plan(vault: Vault) -> None:
    folder = vault(alternating(60_000))
    code = (
        "import hashlib, pathlib; from practice.build.plan import load_plan\n"
        f"plan = load_plan(pathlib.Path({str(folder)!r}), 'public')\n"
        "print(hashlib.sha256(plan.counts.tobytes()).hexdigest())"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    kept = np.load(folder / "plan-public.npy")
    assert said == {hashlib.sha256(kept.tobytes()).hexdigest() + "\n"}
    assert not list(folder.glob(".*.tmp"))


def test_it_is_made_without_pandas(vault: Vault) -> None:
    folder = vault(alternating(60), labels=np.arange(60) % 3)
    code = (
        "import pathlib, sys; from practice.build.plan import load_plan\n"
        f"load_plan(pathlib.Path({str(folder)!r}), 'public')\n"
        "print(sorted({'pandas', 'sklearn', 'scipy', 'lightgbm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_cannot_be_read_is_said(vault: Vault) -> None:
    folder = vault(alternating(60))
    (folder / SOLUTION).write_bytes(b"PAR1")
    with pytest.raises(BuildError, match=r"the answers of the build at .* cannot be read"):
        load_plan(folder, "public")
    with pytest.raises(BuildError, match="cannot be read: FileNotFoundError"):
        load_plan(folder / "nowhere", "public")


def test_a_real_build_has_a_plan(toy, table, settings) -> None:
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    public = load_plan(settings.vault / info.build, "public")
    private = load_plan(settings.vault / info.build, "private")
    assert (public.kind, public.rows) == ("classes", info.public_rows)
    assert (private.kind, private.rows) == ("classes", info.rows - info.public_rows)


def test_drawing_again_gives_the_same() -> None:
    units = np.arange(100)
    one, other = (draw(units, seed=4, replicates=5) for _ in range(2))
    assert np.array_equal(one.counts, other.counts)
    assert not np.array_equal(one.counts, draw(units, seed=5, replicates=5).counts)
