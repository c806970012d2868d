"""The resampling plan of a build: drawn at its first use, kept in the vault, shared by all scores.

``vault/<build>/plan-public.npy`` and ``plan-private.npy`` hold how often each row counts in each of
1,000 replicates; above 50,000 rows, each block of rows, with the block of each row in
``plan-public-columns.npy``. A file ``plan-public.json`` beside them says what they are. The two
parts are drawn apart, so that nothing of the private rows enters what is told of the public ones.

What is drawn together: the whole group where the definition names one; stretches of neighbouring
rows for a split by time; else each row, or cluster of duplicates; among those of its class where
the split is stratified, for only then are class sizes given and not drawn.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from practice.build.plan_info import Part, PlanInfo, info_file, load_plan_info
from practice.build.vault import SOLUTION, VaultInfo, load_info
from practice.build.write import put, sync, writing
from practice.errors import BuildError
from practice.metrics.drawing import REPLICATES, draw, stretch
from practice.metrics.plan import Kind, Plan

__all__ = ["Part", "load_plan"]

# Part of the id; raised whenever the same build could get another plan than before.
_VERSION = 2
_CLASSES = 1000  # beyond, a class has too few rows to be resampled by itself


def load_plan(folder: Path, part: Part) -> Plan:
    """Return the plan of one part of a build; where there is none yet, draw and keep it.

    Parameters
    ----------
    folder : Path
        ``vault/<build>``.
    part : {"public", "private"}

    Returns
    -------
    Plan
        Its rows are those of the part, in the order of ``solution.parquet``. The counts are mapped
        from the file, not read.

    Raises
    ------
    BuildError
        Where the build cannot be read, or the plan not be written.

    Notes
    -----
    A plan follows from the build alone: two processes that need it at once, or two machines, have
    the same. A file that is damaged is made again.
    """
    info = load_info(folder)
    found = _stored(folder, info, part)
    if found is not None:
        return found
    from filelock import FileLock  # only here: importing it takes longer than loading a plan

    with writing(folder), FileLock(folder / "plan.lock", mode=0o600):
        found = _stored(folder, info, part)
        if found is not None:
            return found
        made, units = _drawn(folder, info, part)
        _keep(folder, part, made, units)
    return made


def _identify(info: VaultInfo, part: Part) -> str:
    """Return the id of a plan: a hash of what it follows from, which says nothing of the rows."""
    text = f"plan {_VERSION}\n{info.build}\n{part}\n{REPLICATES}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _file(folder: Path, part: Part, ending: str) -> Path:
    return folder / f"plan-{part}{ending}"


def _stored(folder: Path, info: VaultInfo, part: Part) -> Plan | None:
    """Return the plan that is kept; None where there is none, another, or a damaged one."""
    said = load_plan_info(folder, part)
    if said is None:
        return None
    try:
        counts = _mapped(_file(folder, part, ".npy"))
        columns = _mapped(_file(folder, part, "-columns.npy")) if said.blocks else None
        plan = Plan(counts, columns, cast("Kind", said.kind), said.id)
        rows = info.public_rows if part == "public" else info.rows - info.public_rows
        whole = plan.rows == rows and plan.replicates == said.replicates
        return plan if whole and plan.id == _identify(info, part) else None
    except (OSError, ValueError, TypeError, EOFError):
        return None


def _mapped(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _keep(folder: Path, part: Part, plan: Plan, units: float) -> None:
    """Write a plan, the file that says it is complete last."""
    said = info_file(folder, part)
    said.unlink(missing_ok=True)
    put(_file(folder, part, ".npy"), _bytes(plan.counts))
    if plan.column is not None:
        put(_file(folder, part, "-columns.npy"), _bytes(plan.column))
    blocks = 0 if plan.column is None else plan.counts.shape[1]
    facts = PlanInfo(plan.id, plan.kind, plan.replicates, plan.rows, blocks, units)
    put(said, (json.dumps(asdict(facts), indent=1) + "\n").encode())
    sync(folder)


def _bytes(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _drawn(folder: Path, info: VaultInfo, part: Part) -> tuple[Plan, float]:
    """Draw the plan of a part from the units, and classes, of its rows; count the units."""
    labelled = [target for target in info.targets if target.type == "label"]
    target = f"target:{labelled[0].name}" if len(labelled) == len(info.targets) == 1 else None
    try:
        with parquet.ParquetFile(folder / SOLUTION, memory_map=True) as file:
            grouped = "group" in file.schema_arrow.names
            table = file.read(columns=["public", "unit", *([target] if target else [])])
        public = _values(table.column("public").cast(pa.int8())) == 1
        rows = np.flatnonzero(public if part == "public" else ~public)
        units = _numbered(_values(table.column("unit"))[rows])
        labels = _values(table.column(target))[rows] if target else None
    except (OSError, KeyError, pa.ArrowException) as error:
        raise BuildError(
            f"the answers of the build at {folder} cannot be read: {type(error).__name__}",
            "practice start SLUG makes a build that is missing; a damaged one needs a backup",
        ) from None
    kind: Kind = "time" if info.split == "time" else "groups" if grouped else "rows"
    strata = None
    if kind == "rows" and labels is not None and info.split == "stratified":
        strata = _classes(units, labels)
        kind = "rows" if strata is None else "classes"
    id, timed = _identify(info, part), kind == "time"
    made = draw(units, seed=int(id, 16), strata=strata, contiguous=timed, kind=kind, id=id)
    return made, _effective(units, timed)


def _effective(units: NDArray[np.int64], timed: bool) -> float:
    """Return how many units of one size, or stretches of them, the rows make up."""
    sizes = np.bincount(units).astype(np.float64)
    if timed:
        return len(sizes) / stretch(len(sizes))
    return len(units) ** 2 / float((sizes**2).sum())


def _values(column: Any) -> NDArray[Any]:
    """Return the numbers of a column, without the pandas that ``to_numpy`` would import."""
    return np.concatenate([np.from_dlpack(chunk) for chunk in column.chunks])


def _numbered(units: NDArray[Any]) -> NDArray[np.int64]:
    """Give the units that occur numbers from 0 on, in their order."""
    there = np.zeros(int(units.max()) + 1, np.bool_)
    there[units] = True
    numbered: NDArray[np.int64] = (np.cumsum(there) - 1)[units]
    return numbered


def _classes(units: NDArray[np.int64], labels: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the class of each unit: its most frequent label, of equals the smaller.

    None where there are more classes than are resampled apart.
    """
    codes = _numbered(labels.astype(np.int64) - int(labels.min()))
    width = int(codes.max()) + 1
    if width > _CLASSES:
        return None
    number = int(units.max()) + 1
    if number == len(units):
        classes = np.empty(number, np.int64)
        classes[units] = codes
        return classes
    pairs, counts = np.unique(units * width + codes, return_counts=True)
    unit, label = np.divmod(pairs, width)
    best_last = np.lexsort((-label, counts, unit))
    classes = np.empty(number, np.int64)
    classes[unit[best_last]] = label[best_last]
    return _numbered(classes)
