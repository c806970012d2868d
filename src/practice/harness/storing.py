"""``storage``: what takes room in the home, and what of it nothing needs any more."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from practice.settings import Settings
from practice.store import blobs, open_store
from practice.store.files import cannot

__all__ = ["Room", "storage"]

# What was made within a day may belong to a start or a submission that is still running.
_YOUNG = timedelta(days=1)


@dataclass(frozen=True)
class Room:
    """One kind of things that are kept.

    Parameters
    ----------
    name : str
    path : Path
    files, bytes : int
    unused_files, unused_bytes : int
        Of them, what nothing refers to; ``--prune`` removes it.
    note : str
    """

    name: str
    path: Path
    files: int
    bytes: int
    unused_files: int
    unused_bytes: int
    note: str


def storage(settings: Settings, *, prune: bool = False) -> tuple[Room, ...]:
    """Say what takes room in the home, and remove what nothing needs.

    Unneeded are submissions' files that no submission refers to, builds of no season, unfinished
    downloads and temporary folders, all older than a day. Nothing on any board changes.

    Parameters
    ----------
    settings : Settings
    prune : bool
        Remove it.

    Returns
    -------
    tuple of Room
        As it was before anything was removed.

    Raises
    ------
    StoreError
        Where something cannot be removed.
    """
    with open_store(settings) as store:
        seasons = store.seasons()
        kept = {each.blob for season in seasons for each in store.attempts(season.id)}
        kept |= {each.blob for s in seasons for each in store.out_of_fold(s.id).values()}
    builds = {season.build for season in seasons}
    found = {
        "submissions": _unused_blobs(settings.blobs, kept),
        "answers": _unused_folders(settings.vault, builds),
        "data": _unused_folders(settings.data, builds),
        "downloads": _unfinished(settings.cache),
        "temporary": _old(settings.home.glob(".practice-*")),
    }
    rooms = (
        _room("database", settings.home, _database(settings.home), [], "and copies of old schemas"),
        _room("submissions", settings.blobs, [settings.blobs], found["submissions"], ""),
        _room("answers", settings.vault, [settings.vault], found["answers"], "of each build"),
        _room("data", settings.data, [settings.data], found["data"], "of each build"),
        _room(
            "downloads", settings.cache, [settings.cache], found["downloads"], "can be had again"
        ),
        _room("temporary", settings.home, found["temporary"], found["temporary"], ""),
    )
    if prune:
        blobs.collect(settings.blobs, kept, _YOUNG)
        for name in ("answers", "data", "downloads", "temporary"):
            for path in found[name]:
                _remove(path)
    return rooms


def _database(home: Path) -> list[Path]:
    return [path for path in home.glob("practice.db*") if path.is_file()]


def _unused_blobs(folder: Path, kept: set[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return _old(path for path in folder.iterdir() if path.name not in kept | {".lock"})


def _unused_folders(folder: Path, builds: set[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return _old(path for path in folder.iterdir() if path.is_dir() and path.name not in builds)


def _unfinished(cache: Path) -> list[Path]:
    """Return what downloads left behind: anything but a file named by its hash, and its lock."""
    if not cache.is_dir():
        return []
    return _old(path for path in cache.iterdir() if path.suffix not in ("", ".lock"))


def _old(paths: Iterable[Path]) -> list[Path]:
    before = time.time() - _YOUNG.total_seconds()
    return sorted(path for path in paths if path.lstat().st_mtime < before)


def _room(name: str, path: Path, inside: list[Path], unused: list[Path], note: str) -> Room:
    return Room(name, path, *_size(inside), *_size(unused), note)


def _size(paths: list[Path]) -> tuple[int, int]:
    """Count files and bytes at and below some paths."""
    files = bytes_ = 0
    for path in paths:
        for each in [path, *path.rglob("*")]:
            with suppress(FileNotFoundError):
                if each.is_file():
                    files += 1
                    bytes_ += each.stat().st_size
    return files, bytes_


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot(f"remove {path}", error) from None
