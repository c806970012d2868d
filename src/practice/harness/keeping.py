"""``backup`` and ``restore``: everything that cannot be had again, in one file."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practice import __version__
from practice.errors import RefusedError, StoreError
from practice.harness import clock
from practice.harness.agreeing import agreeing
from practice.harness.covering import Work, fitting_files, fitting_keys, fitting_rows
from practice.harness.ledger import Finding, read_chain, read_ledger
from practice.harness.receipts import file_digest
from practice.harness.unpacking import (
    DATABASE,
    DIGESTS,
    FILES,
    FOLDERS,
    FORMAT,
    HINT,
    MANIFEST,
    Unpacked,
    add,
    damage,
    unpack,
)
from practice.harness.verifying import lost_database
from practice.progress import Progress, silent
from practice.settings import Settings, from_environment
from practice.store import Store, open_store
from practice.store.files import cannot, fsync_folder, make_private

__all__ = ["Kept", "backup", "restore"]

_ELSEWHERE = "PRACTICE_HOME=FOLDER practice restore FILE"


@dataclass(frozen=True)
class Kept:
    """What a backup holds.

    Parameters
    ----------
    file : Path
    bytes : int
        Size of the file.
    made_at : str
        ISO 8601, UTC.
    seasons, submissions, files : int
    found : Finding or None
        The first thing in it that does not fit, as ``verify`` says it; None: everything fits.
    """

    file: Path
    bytes: int
    made_at: str
    seasons: int
    submissions: int
    files: int
    found: Finding | None = None


def backup(settings: Settings, file: Path, progress: Progress = silent) -> Kept:
    """Write the database, submissions, builds, tuning runs and comparisons into one tar file.

    Others may go on submitting meanwhile: what is in the database when it is copied is whole.
    Downloads are left out; ``start`` fetches them again. The file holds hidden answers, so only
    its owner can read it. A home that does not fit is kept as it is, and what does not fit is said.

    Parameters
    ----------
    settings : Settings
    file : Path
        Compressed where the name ends in ``.gz``. Appears when it is whole.
    progress : Progress, optional

    Returns
    -------
    Kept

    Raises
    ------
    RefusedError
        Where the file is there already.
    StoreError
        The database is gone or cannot be read, or the file not be written.
    """
    if file.exists():
        raise RefusedError(f"{file} is there already", "give another name, or remove it")
    if (lost := lost_database(settings)) is not None:
        message = f"{lost.where}: {lost.message}; nothing was written"
        raise StoreError(message, "practice restore FILE brings back an earlier backup")
    with _beside(file.absolute().parent) as folder:
        manifest, found = _copy_database(settings, folder, progress)
        members = [*_members(settings.home)]
        manifest["files"] = len(members)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        made = folder / "backup.tar"
        with _writing(f"write {file}"):
            with tarfile.open(made, "w:gz" if file.suffix == ".gz" else "w") as archive:
                _fill(archive, folder, settings.home, members, progress)
            with made.open("rb") as whole:
                os.fsync(whole.fileno())
            made.chmod(0o600)
            made.rename(file.absolute())
            fsync_folder(file.absolute().parent)
    return _kept(file, manifest, found)


def restore(
    settings: Settings, file: Path, progress: Progress = silent, *, anyway: bool = False
) -> Kept:
    """Bring back what a backup holds, into a home without seasons.

    Everything is checked before anything is placed: that each file is there and what was backed
    up, and that rows and files fit the chain of events, as ``verify`` does. The database comes
    last, in one transaction; a run that was killed can be repeated.

    Parameters
    ----------
    settings : Settings
        The database may be of the other kind than the one the backup was made from.
    file : Path
    progress : Progress, optional
    anyway : bool
        Bring back what does not fit, too, and say what it is. Without: refuse.

    Returns
    -------
    Kept

    Raises
    ------
    RefusedError
        Where the home holds seasons, or other files in the places of those of the backup.
    StoreError
        Where the file cannot be read, is no backup, is damaged, or of a newer version.
    """
    if not file.is_file():
        raise StoreError(f"there is no file {file}", HINT)
    make_private(settings.home)
    with open_store(settings) as target, _beside(settings.home) as folder:
        if target.seasons():
            message = f"{settings.home} holds seasons already: nothing was changed"
            raise RefusedError(message, _ELSEWHERE)
        unpacked = unpack(file, folder, progress)
        with _opened(file, folder) as source:
            found = next(_misfits(folder, unpacked, source, progress), None)
            if found is not None and not anyway:
                message = f"{file}: {found.where}: {found.message}; nothing was restored"
                raise StoreError(message, f"practice restore {file} --anyway takes it as it is")
            _check_places(folder, settings.home)
            _place(folder, settings.home)
            _copy(source, target)
    return _kept(file, unpacked.manifest, found)


def _copy_database(
    settings: Settings, folder: Path, progress: Progress
) -> tuple[dict[str, Any], Finding | None]:
    """Write all rows into a SQLite file of its own; say what there is, and what does not fit."""
    with open_store(settings) as source, open_store(_at(folder)) as copy:
        _copy(source, copy)
        seasons, submissions = _counts(copy)
        found = next(_unfit(Work(settings, copy, progress)), None)
    return {
        "format": FORMAT,
        "practice": __version__,
        "made_at": clock.now().isoformat(),
        "seasons": seasons,
        "submissions": submissions,
    }, found


def _copy(source: Store, target: Store) -> None:
    from practice.store.copying import copy_rows

    try:
        copy_rows(source, target)
    except (ValueError, TypeError) as error:
        message = f"rows of the database cannot be read ({error})"
        raise StoreError(message, "practice verify names the first") from None


def _counts(store: Store) -> tuple[int, int]:
    """Return the numbers of seasons and of submissions."""
    return len(store.stored("season")), len(store.stored("submission"))


def _fill(
    archive: tarfile.TarFile, folder: Path, home: Path, members: list[Path], progress: Progress
) -> None:
    """Write the members; the digests come last, so a file that is cut off lacks them."""
    add(archive, folder / MANIFEST, MANIFEST)
    digests = {DATABASE: add(archive, folder / DATABASE, DATABASE)}
    for number, path in enumerate(members):
        progress("backup", number, len(members))
        name = path.relative_to(home).as_posix()
        digests[name] = add(archive, path, name)
    (folder / DIGESTS).write_text(json.dumps(digests, indent=1), encoding="utf-8")
    add(archive, folder / DIGESTS, DIGESTS)
    progress("backup", len(members), len(members))


def _at(folder: Path) -> Settings:
    """Return settings of a database in a folder."""
    return from_environment({"PRACTICE_HOME": str(folder)})


def _members(home: Path) -> Iterator[Path]:
    """Yield the files to keep; those being written have a name that begins with a dot."""
    for name in FOLDERS:
        for path in sorted((home / name).rglob("*")):
            inside = path.relative_to(home).parts
            if path.is_file() and not any(part.startswith(".") for part in inside):
                yield path
    yield from (home / name for name in FILES if (home / name).is_file())


@contextmanager
def _opened(file: Path, folder: Path) -> Iterator[Store]:
    """Open the database of a backup."""
    try:
        store = open_store(_at(folder))
    except StoreError as error:
        message = error.message.replace(str(folder / DATABASE), DATABASE)
        raise StoreError(f"{file}: {message}", HINT) from None
    with store:
        yield store


def _misfits(
    folder: Path, unpacked: Unpacked, source: Store, progress: Progress
) -> Iterator[Finding]:
    """Yield what is not what was backed up, then what did not fit at that time either."""
    yield from damage(folder, unpacked)
    held = _counts(source)
    for name, count in zip(("seasons", "submissions"), held, strict=True):
        if count != unpacked.manifest[name]:
            yield Finding(DATABASE, f"{count} {name} instead of {unpacked.manifest[name]}")
    yield from _unfit(Work(_at(folder), source, progress))


def _unfit(work: Work) -> Iterator[Finding]:
    """Yield what ``verify`` would find, but for what is not in a backup: entries of the package."""
    events, broken = read_chain(work.store.stored("event"))
    if broken is not None:
        yield broken
    yield from read_ledger(events, work.ledger)
    work.ledger.references.clear()
    yield from fitting_keys(work)
    yield from fitting_rows(work)
    yield from agreeing(work, events)
    yield from fitting_files(work, None)


def _check_places(folder: Path, home: Path) -> None:
    """Refuse where something else is in the place of what a backup holds.

    A build that was made again, for instance, has another key, under which no receipt fits.
    """
    for name in FOLDERS:
        for path in (folder / name).rglob("*"):
            place = home / path.relative_to(folder)
            top = home / name / place.relative_to(home / name).parts[0]
            if path.is_dir() or not top.exists():
                continue
            if not place.is_file() or file_digest(place) != file_digest(path):
                message = f"{place} is not what the backup holds: nothing was changed"
                raise RefusedError(message, _ELSEWHERE)


def _place(folder: Path, home: Path) -> None:
    """Move what a backup holds to where it belongs; what is there already stays."""
    with _writing(f"write into {home}"):
        for name in FOLDERS:
            if (folder / name).is_dir():
                for inside in (folder / name).rglob("*/"):
                    inside.chmod(0o700)
                make_private(home / name)
                for path in (folder / name).iterdir():
                    if not (home / name / path.name).exists():
                        path.rename(home / name / path.name)
                fsync_folder(home / name)
        for name in FILES:
            if (folder / name).is_file() and not (home / name).exists():
                (folder / name).rename(home / name)
        if hasattr(os, "sync"):  # before the database refers to them
            os.sync()


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Make a private temporary folder on the same disk, and remove it."""
    try:
        made = Path(tempfile.mkdtemp(prefix=".practice-", dir=folder))
    except OSError as error:
        raise cannot(f"write into {folder}", error) from None
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _writing(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot(doing, error) from None


def _kept(file: Path, manifest: dict[str, Any], found: Finding | None) -> Kept:
    counts = {name: manifest[name] for name in ("made_at", "seasons", "submissions", "files")}
    return Kept(file=file, bytes=file.stat().st_size, **counts, found=found)
