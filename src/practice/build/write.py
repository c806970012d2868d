"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from practice.errors import BuildError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["clear", "copy", "place", "private_folder", "put", "solution_bytes", "sync", "writing"]


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn a full disk or a folder without rights into a :class:`BuildError`.

    Examples
    --------
    >>> with writing(Path("/data")):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    ...
    practice.errors.BuildError: cannot write to /data: No space left on device
    """
    try:
        yield
    except OSError as error:
        raise BuildError(
            f"cannot write to {where}: {error.strerror or error}",
            "make room or give the rights, then run the same command again",
        ) from error


def private_folder(path: Path) -> Path:
    """Make a folder, and those above it, that only its owner may look into."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def put(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file and wait until it is on the disk; an existing one is replaced in one step."""
    with _replacing(path, mode) as stream:
        stream.write(data)


def copy(source: Path, path: Path, mode: int) -> None:
    """Copy a file's content as :func:`put` writes it."""
    with source.open("rb") as content, _replacing(path, mode) as stream:
        shutil.copyfileobj(content, stream, 1 << 20)


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    aside = path.with_name(f".{path.name}.tmp")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)


def sync(folder: Path) -> None:
    """Wait until a folder's list of names is on the disk, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clear(path: Path) -> None:
    """Remove a folder that may be there."""
    if path.is_dir():
        shutil.rmtree(path)


def place(aside: Path, folder: Path) -> None:
    """Move a finished folder into place; what a killed run left there goes."""
    sync(aside)
    clear(folder)
    aside.replace(folder)
    sync(folder.parent)


def solution_bytes(solution: pa.Table) -> bytes:
    """Return a table as uncompressed Parquet with plain encoding, for the fastest reading."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(solution, sink, compression="NONE", use_dictionary=False, write_statistics=False)
    return bytes(sink.getvalue())
