"""From a definition to verified raw files in the cache."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from practice.definition import Competition
from practice.errors import SourceError
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.sources.download import NotThereError, Patience, download
from practice.sources.files import (
    DiskError,
    RawFile,
    copy,
    digest,
    holds,
    keep,
    locked,
    writing,
)

__all__ = ["fetch"]

_log = logging.getLogger("practice.sources")


def fetch(
    competition: Competition,
    settings: Settings,
    progress: Progress = silent,
    patience: Patience | None = None,
) -> tuple[RawFile, ...]:
    """Bring the raw files of a competition into the cache, and verify them.

    What is in the cache already is only verified. A download that was stopped is gone on with.

    Parameters
    ----------
    competition : Competition
    settings : Settings
        ``cache`` is where the files go; ``mirror`` is asked first.
    progress : Progress
        Told the bytes done.
    patience : Patience, optional
        How long a download is tried.

    Returns
    -------
    tuple of RawFile
        In the order of the definition.

    Raises
    ------
    SourceError
        A file could not be had: which, from where, why, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> from practice import catalog
    >>> from practice.settings import from_environment
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     settings = from_environment({"PRACTICE_HOME": folder})
    ...     fetch(catalog.load("diabetes", settings), settings)[0].name
    'sklearn.datasets:load_diabetes'
    """
    spec = competition.data
    if spec.source == "url":
        return tuple(
            _from_web(url, sha256, settings, progress, patience or Patience())
            for url, sha256 in zip(spec.url, spec.sha256, strict=True)
        )
    if spec.source == "local":
        hashes = spec.sha256 or (None,) * len(spec.path)
        return tuple(
            _from_folder(competition.folder / path, sha256, settings, progress)
            for path, sha256 in zip(spec.path, hashes, strict=True)
        )
    if spec.source == "python":
        return (_from_function(competition, settings, progress),)
    raise SourceError(
        f"{competition.slug}: the source {spec.source} is not available in this version",
        "download the files yourself and name them with source = 'local' and path, "
        "or give their address with source = 'url', url and sha256",
    )


def _from_web(
    url: str, sha256: str, settings: Settings, progress: Progress, patience: Patience
) -> RawFile:
    name = unquote(PurePosixPath(urlsplit(url).path).name) or url
    with locked(settings.cache, sha256, name) as path:
        if not _cached(path, sha256, name):
            mirrored = settings.mirror is not None and _from_mirror(
                settings.mirror, path, sha256, name, progress, patience
            )
            if not mirrored:
                _bring(url, path, sha256, name, progress, patience)
            for left in (f"{sha256}.part", f"{sha256}.part.json"):  # of a try elsewhere
                path.with_name(left).unlink(missing_ok=True)
    return RawFile(path, sha256, name)


def _cached(path: Path, sha256: str, name: str) -> bool:
    """Say whether the cache has the file; drop it where it was damaged."""
    if holds(path, sha256):
        return True
    if path.exists():
        _log.warning("%s: the copy in the cache is damaged (%s); bringing it again", name, path)
        with writing(path, name):
            path.unlink()
    return False


def _from_mirror(
    mirror: str, path: Path, sha256: str, name: str, progress: Progress, patience: Patience
) -> bool:
    """Take the file from the mirror if it is there and sound; say so where it is not sound."""
    web = re.match(r"(https?|file)://", mirror)
    place = f"{mirror.rstrip('/')}/{sha256}" if web else str(Path(mirror).expanduser() / sha256)
    if not web and not Path(place).parent.is_dir():
        _log.warning("mirror passed over: PRACTICE_MIRROR is no folder: %s", mirror)
        return False
    try:
        _bring(place, path, sha256, name, progress, patience)
    except NotThereError:
        return False
    except DiskError:
        raise
    except SourceError as error:
        _log.warning("mirror passed over: %s", error.message)
        return False
    return True


def _bring(
    place: str, path: Path, sha256: str, name: str, progress: Progress, patience: Patience
) -> None:
    """Put a file from an address or a folder into the cache."""
    if re.match(r"https?://", place):
        part = path.with_name(f"{sha256}.part")
        download(place, sha256, part, name, progress, patience)
        keep(part, path, name)
        return
    origin = (
        Path(url2pathname(urlsplit(place).path)) if place.startswith("file://") else Path(place)
    )
    if not origin.is_file():
        raise NotThereError(
            f"{name}: no file {origin}",
            "set PRACTICE_MIRROR to a folder or address that holds the file, named by its sha256",
        )
    found = copy(origin, path, sha256, name, progress)
    if found != sha256:
        raise SourceError(f"{name}: wrong hash: expected sha256 {sha256}, got {found} ({origin})")


def _from_folder(
    origin: Path, sha256: str | None, settings: Settings, progress: Progress
) -> RawFile:
    name = origin.name
    if not origin.is_file():
        raise SourceError(
            f"{name}: no file {origin}", "data.path is relative to the competition's folder"
        )
    try:
        due = sha256 or digest(origin)
    except OSError as error:
        raise SourceError(f"{name}: cannot read {origin}: {error.strerror}") from None
    with locked(settings.cache, due, name) as path:
        if not _cached(path, due, name):
            found = copy(origin, path, due, name, progress)
            if found != due:
                raise SourceError(
                    f"{name}: wrong hash: expected sha256 {due}, got {found} ({origin})",
                    "the file has changed since the definition was written",
                )
    return RawFile(path, due, name)


def _from_function(competition: Competition, settings: Settings, progress: Progress) -> RawFile:
    from practice.sources.tables import make

    spec = competition.data
    name = str(spec.function)
    pinned = spec.sha256[0] if spec.sha256 else None
    if pinned is not None and holds(settings.cache / pinned, pinned):
        return RawFile(settings.cache / pinned, pinned, name)
    task = f"make {name}"
    progress(task, 0, None)
    data = make(spec)
    sha256 = hashlib.sha256(data).hexdigest()
    with locked(settings.cache, sha256, name) as path:
        if not _cached(path, sha256, name):
            part = path.with_name(f"{sha256}.copy")
            try:
                with writing(part, name):
                    part.write_bytes(data)
                keep(part, path, name)
            finally:
                part.unlink(missing_ok=True)
    progress(task, 1, 1)
    return RawFile(path, sha256, name)
