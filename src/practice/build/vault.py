"""The hidden side of a build: what is written where, read without pandas."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from practice.build.write import put
from practice.errors import BuildError
from practice.settings import Settings

__all__ = [
    "PUBLIC_FILES",
    "TargetInfo",
    "VaultInfo",
    "is_complete",
    "load_info",
    "load_key",
    "save_info",
]

INFO = "build.json"
SOLUTION = "solution.parquet"
TRAINING = "training.parquet"
KEY = "key"
PUBLIC_FILES = ("train.csv", "test.csv", "sample_submission.csv", "folds.csv")


@dataclass(frozen=True)
class TargetInfo:
    """How one target column is stored.

    Parameters
    ----------
    name : str
    type : {"label", "number", "text"}
    labels : tuple of str or None
        Classes of the training data as text, sorted (numerically where all are numbers).
    positive : str or None
    """

    name: str
    type: Literal["label", "number", "text"]
    labels: tuple[str, ...] | None = None
    positive: str | None = None


@dataclass(frozen=True)
class VaultInfo:
    """What is known of a build without opening its answers (``vault/<build>/build.json``).

    ``solution.parquet`` beside it is uncompressed and holds, a row per hidden row: ``id`` (int64 or
    string), ``target:NAME`` (label codes in the smallest signed integer type, -1 where missing;
    float64; or string), ``public`` (int8, 1 or 0, which Arrow reads much faster than bool),
    ``unit`` (int32: rows that are resampled together), and where the definition names them
    ``group``, ``slice:NAME`` and ``extra:NAME`` (string). Where the definition names training
    series, ``training.parquet`` holds them: ``values`` (float64) and ``series`` (string).
    """

    slug: str
    build: str
    data_hash: str
    builder: int
    id: str
    id_kind: Literal["integer", "text"]
    targets: tuple[TargetInfo, ...]
    split: str
    rows: int  # hidden rows, public and private together
    public_rows: int
    train_rows: int
    created_at: str
    sha256: dict[str, str]  # of the canonical text of train, test, sample_submission, folds


def is_complete(settings: Settings, build: str) -> bool:
    """Say whether a build is there, with the answers and with all that participants may read.

    Examples
    --------
    >>> from practice import settings
    >>> is_complete(settings.load(), "toy-000000000000")
    False
    """
    files = [settings.data / build / name for name in PUBLIC_FILES]
    return all(file.is_file() for file in (settings.vault / build / INFO, *files))


def save_info(folder: Path, info: VaultInfo) -> None:
    """Write ``info`` into a vault folder."""
    put(folder / INFO, (json.dumps(asdict(info), indent=1, sort_keys=True) + "\n").encode())


def load_info(folder: Path) -> VaultInfo:
    """Read what :func:`save_info` wrote.

    Raises
    ------
    BuildError
        There is none that can be read.

    Examples
    --------
    >>> import tempfile
    >>> target = TargetInfo("y", "label", ("0", "1"), "1")
    >>> info = VaultInfo("toy", "b1", "d1", 1, "id", "integer", (target,), "random",
    ...                  4, 2, 6, "2026-01-01T00:00:00+00:00", {})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_info(Path(folder), info)
    ...     load_info(Path(folder)) == info
    True
    """
    try:
        raw: dict[str, Any] = json.loads((folder / INFO).read_text(encoding="utf-8"))
        targets = tuple(
            TargetInfo(t["name"], t["type"], tuple(t["labels"] or ()) or None, t["positive"])
            for t in raw.pop("targets")
        )
        return VaultInfo(targets=targets, **raw)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"the build at {folder} cannot be read: {type(error).__name__}",
            "practice start SLUG makes a build that is missing; a damaged one needs a backup",
        ) from error


def load_key(folder: Path) -> bytes:
    """Read the secret key of a build, under which private values are hashed.

    Raises
    ------
    BuildError
        It is not there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / KEY).write_bytes(bytes(32))
    ...     len(load_key(Path(folder)))
    32
    """
    try:
        return (folder / KEY).read_bytes()
    except OSError as error:
        raise BuildError(
            f"the secret key of the build at {folder} cannot be read: {error.strerror}",
            "restore it from a backup of the home folder",
        ) from error
