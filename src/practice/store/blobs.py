"""Submission files as they came, named by their sha256."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from practice.errors import StoreError
from practice.store.files import cannot, fsync_folder, make_private

__all__ = ["collect", "path", "put"]

_CHUNK = 1 << 20
_TEMPORARY = ".put-"
_STALE = timedelta(days=1)  # no copy takes that long: whoever made the temporary file is gone
_LOCK = ".lock"
_NAME = re.compile("[0-9a-f]{64}")


def path(folder: Path, sha256: str) -> Path:
    """Return where a blob lies.

    Parameters
    ----------
    folder : Path
        ``settings.blobs``.
    sha256 : str
        64 hexadecimal digits.

    Raises
    ------
    ValueError
        That is no sha256.

    Examples
    --------
    >>> path(Path("blobs"), "0" * 64).name == "0" * 64
    True
    """
    if not _NAME.fullmatch(sha256):
        raise ValueError(f"not a sha256: {sha256[:80]!r}")
    return folder / sha256


def put(folder: Path, source: Path | bytes) -> str:
    """Keep a file; when this returns it survives a power cut.

    The bytes go to a temporary name, are hashed on the way, synced and renamed, and the folder is
    synced. A blob that is there already stays as it is, unless its size is wrong.

    Parameters
    ----------
    folder : Path
        ``settings.blobs``; made where missing.
    source : Path or bytes

    Returns
    -------
    str
        The sha256, 64 hexadecimal digits.

    Raises
    ------
    StoreError
        The source cannot be read or the folder not written (read-only, disk full); nothing is
        left behind then.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = put(Path(folder), b"id,y")
    ...     path(Path(folder), name).read_bytes()
    b'id,y'
    """
    make_private(folder)
    with suppress(OSError):  # tidiness alone: what keeps it from working is met again below
        _remove(folder, _STALE, keep=None)
    if isinstance(source, bytes):
        return _keep(folder, io.BytesIO(source))
    try:
        stream = source.open("rb")
    except OSError as error:
        raise StoreError(f"cannot read {source}: {error.strerror}") from None
    with stream:
        return _keep(folder, stream)


def _keep(folder: Path, stream: IO[bytes]) -> str:
    """Copy a stream to a temporary name and rename it to its sha256."""
    temporary: Path | None = None
    try:
        handle, made = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)  # mode 0600
        temporary = Path(made)
        digest = hashlib.sha256()
        size = 0
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += target.write(chunk)
            name = digest.hexdigest()
            if _is_kept(folder, name, size):
                return name
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(folder / name)
        fsync_folder(folder)
    except OSError as error:
        raise cannot(f"write into {folder}", error) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)  # not there after the rename
    return name


def _is_kept(folder: Path, name: str, size: int) -> bool:
    """Say whether a whole blob is there; if so, make it new to :func:`collect`."""
    found = folder / name
    if not found.exists():
        return False
    with _locked(folder):
        try:
            if found.stat().st_size != size:
                return False  # damaged: to be replaced
            os.utime(found)
        except FileNotFoundError:  # collected in between
            return False
    fsync_folder(folder)  # whoever put it may not have come so far
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep finding a blob and collecting it apart."""
    from filelock import FileLock

    with FileLock(folder / _LOCK, mode=0o600):
        yield


def _remove(folder: Path, older_than: timedelta, keep: AbstractSet[str] | None) -> int:
    """Remove old temporary files and, where ``keep`` is given, old blobs that are not in it."""
    before = time.time() - older_than.total_seconds()
    removed = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            orphan = keep is not None and entry.name not in keep and _NAME.fullmatch(entry.name)
            if not (orphan or entry.name.startswith(_TEMPORARY)):
                continue
            with suppress(FileNotFoundError):  # another process cleans, too
                if entry.stat().st_mtime < before:
                    Path(entry.path).unlink()
                    removed += 1
    return removed


def collect(folder: Path, keep: AbstractSet[str], older_than: timedelta) -> int:
    """Remove blobs that nothing refers to, and what interrupted copies left behind.

    Parameters
    ----------
    folder : Path
        ``settings.blobs``.
    keep : set of str
        The sha256 of every submission that is stored.
    older_than : timedelta
        Only what was put longer ago than this; a file is kept before its submission is stored, so
        this must be longer than any submission takes. A day is plenty.

    Returns
    -------
    int
        How many files were removed.

    Raises
    ------
    StoreError

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = put(Path(folder), b"id,y")
    ...     collect(Path(folder), set(), timedelta(days=1))
    0
    """
    if not folder.is_dir():
        return 0
    try:
        with _locked(folder):
            return _remove(folder, older_than, keep)
    except OSError as error:
        raise cannot(f"clean {folder}", error) from None
