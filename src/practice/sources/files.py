"""Raw files in the cache: named by their hash, put there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from practice.errors import SourceError
from practice.progress import Progress

__all__ = [
    "DiskError",
    "RawFile",
    "copy",
    "digest",
    "holds",
    "keep",
    "locked",
    "writing",
]

_PIECE = 1 << 20  # bytes copied at a time
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class DiskError(SourceError):
    """A file cannot be written under PRACTICE_HOME."""


@dataclass(frozen=True)
class RawFile:
    """A raw file of a competition, verified and at hand.

    Parameters
    ----------
    path : Path
        In the cache, named by its hash.
    sha256 : str
    name : str
        What the file is called where it comes from.
    """

    path: Path
    sha256: str
    name: str


def digest(path: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def holds(path: Path, sha256: str) -> bool:
    """Say whether a file is there and has this hash.

    Examples
    --------
    >>> holds(Path("nowhere"), "0" * 64)
    False
    """
    return path.is_file() and digest(path) == sha256


@contextlib.contextmanager
def writing(path: Path, name: str) -> Iterator[None]:
    """Turn a failing disk into a :class:`DiskError` that says what to do.

    Parameters
    ----------
    path : Path
        The file being written.
    name : str
        The raw file, as messages name it.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskError(
                f"{name}: the disk is full: cannot write {path}",
                "free some space and run the command again; a download goes on where it stopped",
            ) from None
        raise DiskError(
            f"{name}: cannot write {path}: {error.strerror}",
            "PRACTICE_HOME says where files are kept; practice doctor checks it",
        ) from None


@contextlib.contextmanager
def locked(cache: Path, sha256: str, name: str) -> Iterator[Path]:
    """Hold the lock of one file of the cache, and give the file's path.

    A second process that wants the same file waits here, and then finds it.
    """
    from filelock import FileLock

    with writing(cache, name):
        cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        cache.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(cache / f"{sha256}.lock")
        lock.acquire()
    try:
        yield cache / sha256
    finally:
        lock.release()


def keep(part: Path, path: Path, name: str) -> None:
    """Make a finished file durable and give it its place in the cache, in one step."""
    with writing(path, name):
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.chmod(0o600)
        part.replace(path)
        with contextlib.suppress(OSError):  # Windows cannot open a folder
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def copy(origin: Path, path: Path, sha256: str, name: str, progress: Progress) -> str:
    """Copy a file into the cache if it has the hash that is due.

    Parameters
    ----------
    origin : Path
        The file to copy.
    path : Path
        Its place in the cache; the caller holds its lock.
    sha256 : str
        The hash that is due.
    name : str
        The raw file, as messages name it.
    progress : Progress

    Returns
    -------
    str
        The hash found; ``path`` is there only if it is ``sha256``.

    Raises
    ------
    SourceError
        The file cannot be read, or the copy cannot be written.
    """
    part = path.with_name(f"{sha256}.copy")
    hasher = hashlib.sha256()
    try:
        with _reading(origin, name) as source, writing(part, name), part.open("wb") as target:
            total = os.fstat(source.fileno()).st_size
            done = 0
            while chunk := source.read(_PIECE):
                target.write(chunk)
                hasher.update(chunk)
                done += len(chunk)
                progress(f"copy {name}", done, total)
        if hasher.hexdigest() == sha256:
            keep(part, path, name)
    finally:
        part.unlink(missing_ok=True)
    return hasher.hexdigest()


@contextlib.contextmanager
def _reading(origin: Path, name: str) -> Iterator[io.BufferedReader]:
    try:
        file = origin.open("rb")
    except OSError as error:
        raise SourceError(f"{name}: cannot read {origin}: {error.strerror}") from None
    with file:
        yield file
