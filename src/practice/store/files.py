"""Files of the store: private folders, what survives a power cut, and failures in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from practice.errors import StoreError

__all__ = ["cannot", "fsync_folder", "make_private"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST}


def cannot(doing: str, error: OSError) -> StoreError:
    """Say in words why something could not be done with a file.

    Parameters
    ----------
    doing : str
        For instance ``"write /data/practice"``.
    error : OSError

    Returns
    -------
    StoreError

    Examples
    --------
    >>> error = cannot("write /data", OSError(errno.ENOSPC, "No space left on device"))
    >>> error.message, error.hint
    ('cannot write /data: the disk is full', 'free some space, then try again')
    """
    if error.errno in _FULL:
        return StoreError(
            f"cannot {doing}: the disk is full",
            "free some space, then try again",
        )
    if error.errno in _FORBIDDEN:
        return StoreError(
            f"cannot {doing}: it is read-only or belongs to somebody else",
            "make it writable, or set PRACTICE_HOME to a folder that is",
        )
    if error.errno in _NO_FOLDER:
        return StoreError(
            f"cannot {doing}: there is a file where a folder should be",
            "set PRACTICE_HOME to a folder",
        )
    return StoreError(f"cannot {doing}: {error.strerror or error}", "practice doctor")


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone (0700).

    Folders that exist stay as they are.

    Raises
    ------
    StoreError

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as top:
    ...     make_private(Path(top) / "practice" / "blobs")
    ...     (Path(top) / "practice" / "blobs").is_dir()
    True
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_private(folder.parent)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot(f"make the folder {folder}", error) from None


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows cannot).

    Raises
    ------
    OSError

    Examples
    --------
    >>> fsync_folder(Path())
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
