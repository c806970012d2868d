"""What a run was made from: hashed, so that two runs can be known to be comparable."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from practice.errors import NotFoundError, StoreError
from practice.tuning.records import ROWS, Row, read_rows

if TYPE_CHECKING:
    from practice.solutions.data import Dataset

__all__ = [
    "FOLDS",
    "MANIFEST",
    "Manifest",
    "Run",
    "canonical_hash",
    "described_data",
    "environment",
    "folds_hash",
    "load_run",
    "read_manifest",
    "save_folds",
    "versions",
    "write_manifest",
]

MANIFEST = "manifest.json"
FOLDS = "folds.npz"
_LIBRARIES = ("practice", "numpy", "scipy", "scikit-learn", "lightgbm", "optuna", "cmaes", "flaml")


@dataclass(frozen=True)
class Manifest:
    """What a run was made from.

    Parameters
    ----------
    id : str
        Name of the run and of its folder.
    created : str
        ISO 8601, UTC.
    competition, solution, strategy : str
    seed : int
    hash : str
        sha256 of ``identity`` as canonical JSON.
    identity : dict
        Everything the result depends on, budgets apart: ``data`` (build, data hash, rows, columns,
        hash of target), ``folds`` (count, hash), ``space``, ``evaluator`` (kind, rounds, patience,
        chunk, seed), ``metric`` (name, objective), ``strategy`` (name, all its arguments),
        ``seed``, ``shared_points``, ``versions``.
    environment : dict
        Where it ran: processor, cores, threads, load average, OpenMP variables.
    """

    id: str
    created: str
    competition: str
    solution: str
    strategy: str
    seed: int
    hash: str
    identity: dict[str, Any]
    environment: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run as it is stored.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    rows : tuple of Row
        In the order of trials and rungs.
    """

    folder: Path
    manifest: Manifest
    rows: tuple[Row, ...]


def canonical_hash(value: Any) -> str:
    """Return the sha256 of a value as JSON with sorted keys.

    Examples
    --------
    >>> canonical_hash({"a": 1, "b": 2}) == canonical_hash({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of Python and of the libraries that a result depends on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def environment() -> dict[str, Any]:
    """Return where and under what load this process runs."""
    import joblib

    load = os.getloadavg() if hasattr(os, "getloadavg") else None
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": joblib.cpu_count(),
        "threads_per_model": 1,
        "load": list(load) if load is not None else None,
        "variables": {
            k: v for k, v in sorted(os.environ.items()) if k.startswith(("OMP_", "GOMP"))
        },
    }


@cache
def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def folds_hash(dataset: Dataset) -> str:
    """Return the sha256 of the folds' row numbers."""
    digest = hashlib.sha256()
    for part in (rows for fold in dataset.splits for rows in fold):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(np.ascontiguousarray(part, dtype="<i8").tobytes())
    return digest.hexdigest()


def described_data(dataset: Dataset) -> dict[str, Any]:
    """Return what a dataset is, hashed: the columns, cells and target that models see."""
    import pandas as pd

    digest = hashlib.sha256(np.ascontiguousarray(dataset.y).tobytes())
    tables = [dataset.plain] + ([dataset.engineered] if dataset.engineered else [])
    for table in tables:
        hashes = pd.util.hash_pandas_object(table.train.reset_index(drop=True), index=False)
        digest.update(repr(table.roles).encode() + hashes.to_numpy().tobytes())
    return {"build": dataset.build, "rows": len(dataset.y), "sha256": digest.hexdigest()}


def save_folds(dataset: Dataset, path: Path) -> None:
    """Write the folds' row numbers: arrays ``fitting_0``, ``validating_0``, ``fitting_1``, ..."""
    arrays = {}
    for number, (fitting, validating) in enumerate(dataset.splits):
        arrays[f"fitting_{number}"] = fitting
        arrays[f"validating_{number}"] = validating
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a manifest; it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{MANIFEST}.{os.getpid()}"
    temporary.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / MANIFEST)


def now() -> str:
    """Return the time in UTC as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run.

    Raises
    ------
    NotFoundError
        There is no run in that folder.
    StoreError
        The manifest cannot be read, or was changed after it was hashed.

    Examples
    --------
    >>> read_manifest(Path("nowhere"))
    Traceback (most recent call last):
    ...
    practice.errors.NotFoundError: nowhere holds no tuning run
    """
    path = folder / MANIFEST
    try:
        found = Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotFoundError(f"{folder} holds no tuning run", "practice tune SLUG") from None
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read: {error}", "begin another run") from None
    if canonical_hash(found.identity) != found.hash:
        raise StoreError(f"{path}: was changed after the run began", "begin another run")
    return found


def load_run(folder: Path) -> Run:
    """Read a run.

    Parameters
    ----------
    folder : Path
        ``PRACTICE_HOME/runs/<id>``.

    Returns
    -------
    Run

    Raises
    ------
    NotFoundError, StoreError
    """
    return Run(folder, read_manifest(folder), read_rows(folder / ROWS))
