"""``backup`` and ``restore``: everything that cannot be had again, in one file."""

from __future__ import annotations

import hashlib
import json
import os
import re
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
from practice.progress import Progress, silent
from practice.settings import Settings, from_environment
from practice.store import open_store, verify_chain
from practice.store.files import cannot, fsync_folder, make_private

__all__ = ["Kept", "backup", "restore"]

MANIFEST, DATABASE, FORMAT = "manifest.json", "practice.db", 1
FOLDERS = ("blobs", "vault", "data", "runs", "arena")
FILES = ("profile.json",)
_MEMBER = re.compile(rf"({'|'.join(FOLDERS)})(/[\w.:@+-]+)+|practice\.db|profile\.json")
_HINT = "practice backup FILE makes such a file"


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
    """

    file: Path
    bytes: int
    made_at: str
    seasons: int
    submissions: int
    files: int


def backup(settings: Settings, file: Path, progress: Progress = silent) -> Kept:
    """Write the database, submissions, builds, tuning runs and comparisons into one tar file.

    Others may go on submitting meanwhile: what is in the database when it is copied is whole.
    Downloads are left out; ``start`` fetches them again. The file holds hidden answers, so only
    its owner can read it.

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
    """
    if file.exists():
        raise RefusedError(f"{file} is there already", "give another name, or remove it")
    with _beside(file.absolute().parent) as folder:
        manifest = _copy_database(settings, folder)
        members = [*_members(settings.home)]
        manifest["files"] = len(members)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        made = folder / "backup.tar"
        with _writing(f"write {file}"):
            with tarfile.open(made, "w:gz" if file.suffix == ".gz" else "w") as archive:
                for name in (MANIFEST, DATABASE):
                    archive.add(folder / name, name)
                for number, path in enumerate(members):
                    progress("backup", number, len(members))
                    archive.add(path, path.relative_to(settings.home).as_posix(), recursive=False)
            with made.open("rb") as whole:
                os.fsync(whole.fileno())
            made.chmod(0o600)
            made.rename(file.absolute())
            fsync_folder(file.absolute().parent)
    progress("backup", len(members), len(members))
    return _kept(file, manifest)


def restore(settings: Settings, file: Path, progress: Progress = silent) -> Kept:
    """Bring back what a backup holds, into a home without seasons.

    Everything is checked before anything is placed: the hash of each submission, and the chain of
    events. The database comes last, in one transaction; a run that was killed can be repeated.

    Parameters
    ----------
    settings : Settings
        The database may be of the other kind than the one the backup was made from.
    file : Path
    progress : Progress, optional

    Returns
    -------
    Kept

    Raises
    ------
    RefusedError
        Where the home holds seasons.
    StoreError
        Where the file cannot be read, is no backup, is damaged, or of a newer version.
    """
    if not file.is_file():
        raise StoreError(f"there is no file {file}", _HINT)
    make_private(settings.home)
    with open_store(settings) as target, _beside(settings.home) as folder:
        if target.seasons():
            message = f"{settings.home} holds seasons already: nothing was changed"
            raise RefusedError(message, "PRACTICE_HOME=FOLDER practice restore FILE")
        manifest = _unpack(file, folder, progress)
        with open_store(_at(folder)) as source:
            broken = verify_chain(source.events())
            if broken is not None:
                raise StoreError(f"{file}: event {broken} is not what it was", _HINT)
            _check_blobs(file, folder / "blobs")
            _place(folder, settings.home)
            from practice.store.copying import copy_rows

            copy_rows(source, target)
    return _kept(file, manifest)


def _copy_database(settings: Settings, folder: Path) -> dict[str, Any]:
    """Write all rows into a SQLite file of its own, and say what there is."""
    from practice.store.copying import copy_rows

    with open_store(settings) as source, open_store(_at(folder)) as copy:
        copy_rows(source, copy)
        seasons = copy.seasons()
        submissions = sum(len(copy.attempts(season.id)) for season in seasons)
    return {
        "format": FORMAT,
        "practice": __version__,
        "made_at": clock.now().isoformat(),
        "seasons": len(seasons),
        "submissions": submissions,
    }


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


def _unpack(file: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    """Unpack a backup and return its manifest."""
    try:
        with tarfile.open(file) as archive:
            manifest = _manifest(file, archive)
            for number, member in enumerate(archive):
                if member.name == MANIFEST:
                    continue
                progress("restore", number, manifest["files"])
                if not member.isfile() or not _MEMBER.fullmatch(member.name):
                    raise StoreError(f"{file}: no backup holds {member.name[:80]!r}", _HINT)
                archive.extract(member, folder, filter="data")
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        # The first line: tarfile goes on to tell what each kind of compression says.
        reason = str(error).partition("\n")[0].rstrip(":")
        raise StoreError(f"{file}: no backup, or a damaged one ({reason})", _HINT) from None
    except OSError as error:
        raise cannot(f"unpack {file}", error) from None
    return manifest


def _manifest(file: Path, archive: tarfile.TarFile) -> dict[str, Any]:
    first = archive.next()
    stream = archive.extractfile(first) if first and first.name == MANIFEST else None
    if stream is None:
        raise StoreError(f"{file}: no backup of practice", _HINT)
    manifest: dict[str, Any] = json.loads(stream.read())
    if manifest["format"] != FORMAT:
        message = f"{file}: made by a newer version of practice ({manifest['practice']})"
        raise StoreError(message, "pip install --upgrade practice")
    return manifest


def _check_blobs(file: Path, folder: Path) -> None:
    for path in folder.glob("*"):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != path.name:
            raise StoreError(f"{file}: a submission is damaged: {path.name[:12]}...", _HINT)


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


def _kept(file: Path, manifest: dict[str, Any]) -> Kept:
    counts = (manifest[name] for name in ("made_at", "seasons", "submissions", "files"))
    return Kept(file, file.stat().st_size, *counts)
