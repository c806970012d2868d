"""Building: raw files in, a complete build out, whatever happens in between."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from practice.build.identity import BUILDER_VERSION, data_hash, identify
from practice.build.lock import check_lock
from practice.build.raw import read
from practice.build.tables import Tables, assemble
from practice.build.vault import (
    INFO,
    KEY,
    SOLUTION,
    TRAINING,
    VaultInfo,
    is_complete,
    load_info,
    save_info,
)
from practice.build.write import clear, place, private_folder, put, solution_bytes, writing
from practice.definition import Competition
from practice.errors import BuildError
from practice.progress import Progress, silent
from practice.settings import Settings

if TYPE_CHECKING:
    from practice.sources import RawFile

__all__ = ["locked", "make"]

_STAGES = 4


@contextmanager
def locked(settings: Settings, slug: str) -> Iterator[None]:
    """Hold the lock under which builds and workspaces of a competition are written.

    Raises
    ------
    BuildError
        The folder of the locks cannot be written.
    """
    folder = settings.home / "locks"
    lock = FileLock(folder / f"build-{slug}.lock", mode=0o600)
    with writing(folder):
        private_folder(folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def make(
    competition: Competition,
    files: Sequence[RawFile],
    settings: Settings,
    progress: Progress = silent,
    *,
    salt: bytes = b"",
) -> VaultInfo:
    """Build a competition; where the same build is there already, only say so.

    Parameters
    ----------
    competition : Competition
    files : sequence of RawFile
        As :func:`practice.sources.fetch` gives them.
    settings : Settings
    progress : Progress, optional
    salt : bytes
        Secret of a server (at most 64 bytes), for a split that nobody else can repeat.

    Returns
    -------
    VaultInfo

    Raises
    ------
    BuildError
        The raw files do not give the competition that the definition says, or the disk does not
        take it. Nothing is left behind that a later call would stumble over.

    Notes
    -----
    What participants may read is placed first, the answers after it: ``vault/<build>/build.json``
    is the sign of a complete build. A run that was killed leaves at most one temporary folder in
    each place, and the next one removes it.
    """
    build = identify(competition, files, salt)
    if is_complete(settings, build):
        return load_info(settings.vault / build)
    with locked(settings, competition.slug):
        if is_complete(settings, build):
            return load_info(settings.vault / build)
        tables = _tables(competition, files, build, salt, progress)
        progress("build", 3, _STAGES)
        try:
            with writing(settings.home):
                info = _place(competition, files, build, tables, settings, salt)
        except BaseException:
            with suppress(OSError):  # the first fault is the one to tell
                _clean(settings, competition.slug)
            raise
    progress("build", _STAGES, _STAGES)
    return info


def _tables(
    competition: Competition,
    files: Sequence[RawFile],
    build: str,
    salt: bytes,
    progress: Progress,
) -> Tables:
    progress("build", 0, _STAGES)
    raw = read(competition, files)
    progress("build", 1, _STAGES)
    try:
        tables = assemble(competition, raw, salt)
    except BuildError as error:
        raise BuildError(f"{competition.slug}: {error.message}", error.hint) from error
    progress("build", 2, _STAGES)
    if not salt:
        check_lock(build, tables, competition.folder)
    return tables


def _aside(settings: Settings, slug: str) -> tuple[Path, Path]:
    """Return where a run prepares its folders; the lock lets one run per competition do so."""
    return settings.data / f".{slug}.tmp", settings.vault / f".{slug}.tmp"


def _clean(settings: Settings, slug: str) -> None:
    for folder in _aside(settings, slug):
        clear(folder)


def _place(
    competition: Competition,
    files: Sequence[RawFile],
    build: str,
    tables: Tables,
    settings: Settings,
    salt: bytes,
) -> VaultInfo:
    """Write both folders aside and move them into place, that of the answers last."""
    _clean(settings, competition.slug)
    data, vault = _aside(settings, competition.slug)
    private_folder(data)
    for name, content in tables.files.items():
        put(data / name, content)
    there = settings.vault / build
    if (there / INFO).is_file():  # only what participants read was lost; the answers stay
        return _restored(data, load_info(there), tables, settings)
    info = VaultInfo(
        slug=competition.slug,
        build=build,
        data_hash=data_hash(competition, files, salt),
        builder=BUILDER_VERSION,
        id=tables.id_column,
        id_kind=tables.id_kind,
        targets=tables.targets,
        split=competition.split.kind,
        rows=tables.solution.num_rows,
        public_rows=tables.public_rows,
        train_rows=tables.train_rows,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=tables.sha256,
    )
    private_folder(vault)
    put(vault / SOLUTION, solution_bytes(tables.solution))
    if tables.training is not None:
        put(vault / TRAINING, solution_bytes(tables.training))
    put(vault / KEY, secrets.token_bytes(32))
    save_info(vault, info)
    place(data, settings.data / build)
    place(vault, there)
    return info


def _restored(data: Path, info: VaultInfo, tables: Tables, settings: Settings) -> VaultInfo:
    """Place the participants' files of a build again, if they are still the same."""
    if any(tables.sha256[name] != info.sha256[name] for name in ("train", "test", "folds")):
        raise BuildError(
            f"the files of build {info.build} were lost, and building them again gives others",
            "restore them from a backup of the home folder",
        )
    place(data, settings.data / info.build)
    return info
