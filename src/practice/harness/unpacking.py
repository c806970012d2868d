"""The file that ``backup`` writes: its members, and whether all of them came back out of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from practice.errors import StoreError
from practice.harness.ledger import Finding
from practice.harness.receipts import file_digest
from practice.progress import Progress
from practice.store.files import cannot

__all__ = [
    "DATABASE",
    "DIGESTS",
    "FILES",
    "FOLDERS",
    "FORMAT",
    "HINT",
    "MANIFEST",
    "Unpacked",
    "add",
    "damage",
    "unpack",
]

MANIFEST, DATABASE, DIGESTS = "manifest.json", "practice.db", "digests.json"
FORMAT, _WITHOUT_DIGESTS = 2, 1
FOLDERS = ("blobs", "vault", "data", "runs", "arena")
FILES = ("profile.json",)
HINT = "practice backup FILE makes such a file"
_MEMBER = re.compile(rf"({'|'.join(FOLDERS)})(/[\w.:@+-]+)+|practice\.db|profile\.json")
_COUNTS = ("seasons", "submissions", "files")


@dataclass(frozen=True)
class Unpacked:
    """What came out of a backup.

    Parameters
    ----------
    manifest : dict
        The first member: format, version, time and counts.
    names : frozenset of str
        The other members, but for the digests.
    digests : dict of str to str or None
        The last member: the SHA-256 of each other, by name. None where it is missing.
    """

    manifest: dict[str, Any]
    names: frozenset[str]
    digests: dict[str, str] | None


class _Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        some = self._stream.read(size)
        self.hash.update(some)
        return some


def add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Write a file into an archive.

    Parameters
    ----------
    archive : tarfile.TarFile
    path : Path
        A run that is still going on may append to it meanwhile: its first bytes are written.
    name : str
        What the archive calls it.

    Returns
    -------
    str
        The SHA-256 of what was written.

    Raises
    ------
    OSError
    """
    with path.open("rb") as stream:
        state = os.fstat(stream.fileno())
        member = tarfile.TarInfo(name)
        member.size, member.mtime = state.st_size, int(state.st_mtime)
        member.mode = stat.S_IMODE(state.st_mode)
        hashing = _Hashing(stream)
        archive.addfile(member, hashing)
    return hashing.hash.hexdigest()


def unpack(file: Path, folder: Path, progress: Progress) -> Unpacked:
    """Unpack a backup.

    Parameters
    ----------
    file, folder : Path
    progress : Progress

    Returns
    -------
    Unpacked

    Raises
    ------
    StoreError
        It is no backup, one of a newer version, or broken off in the middle of a member; it holds
        a file that no backup holds, or the same one twice, or no database.
    """
    names: set[str] = set()
    digests = None
    try:
        with tarfile.open(file) as archive:
            manifest = _manifest(file, archive)
            for number, member in enumerate(archive):
                if member.name == MANIFEST and number == 0:
                    continue
                progress("restore", min(number, manifest["files"]), manifest["files"])
                if member.name == DIGESTS and digests is None:
                    digests = _digests(file, archive, member)
                    continue
                if not member.isfile() or not _MEMBER.fullmatch(member.name):
                    raise StoreError(f"{file}: no backup holds {member.name[:80]!r}", HINT)
                if member.name in names:
                    raise StoreError(f"{file}: it holds {member.name[:80]!r} twice", HINT)
                archive.extract(member, folder, filter="data")
                names.add(member.name)
    except (tarfile.TarError, EOFError, ValueError, RecursionError) as error:
        # The first line: tarfile goes on to tell what each kind of compression says.
        reason = str(error).partition("\n")[0].rstrip(":")
        raise StoreError(f"{file}: no backup, or a damaged one ({reason})", HINT) from None
    except OSError as error:
        raise cannot(f"unpack {file}", error) from None
    if DATABASE not in names:
        raise StoreError(f"{file}: its {DATABASE} is missing", HINT)
    return Unpacked(manifest, frozenset(names), digests)


def _manifest(file: Path, archive: tarfile.TarFile) -> dict[str, Any]:
    first = archive.next()
    stream = archive.extractfile(first) if first and first.name == MANIFEST else None
    manifest = json.loads(stream.read()) if stream is not None else None
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int:
        raise StoreError(f"{file}: no backup of practice", HINT)
    if manifest["format"] not in (_WITHOUT_DIGESTS, FORMAT):
        message = f"{file}: made by a newer version of practice ({manifest.get('practice')})"
        raise StoreError(message, "pip install --upgrade practice")
    counted = all(type(manifest.get(name)) is int for name in _COUNTS)
    if not counted or not isinstance(manifest.get("made_at"), str):
        raise StoreError(f"{file}: its {MANIFEST} is damaged", HINT)
    return manifest


def _digests(file: Path, archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, str]:
    stream = archive.extractfile(member)
    digests = json.loads(stream.read()) if stream is not None else None
    if not isinstance(digests, dict):
        raise StoreError(f"{file}: its {DIGESTS} is damaged", HINT)
    return digests


def damage(folder: Path, unpacked: Unpacked) -> Iterator[Finding]:
    """Yield what is not as it was when the backup was made.

    Parameters
    ----------
    folder : Path
        Where the members are.
    unpacked : Unpacked
        Backups of the first format have no digests; of them, the number of members is compared.
    """
    manifest, names, digests = unpacked.manifest, unpacked.names, unpacked.digests
    if digests is None and manifest["format"] != _WITHOUT_DIGESTS:
        yield Finding("its end", "missing: the file was cut off")
    elif digests is not None:
        for name in sorted(names | digests.keys()):
            if name not in names:
                yield Finding(name, "missing")
            elif file_digest(folder / name) != digests.get(name):
                yield Finding(name, "not what was backed up")
    held = len(names - {DATABASE})
    if held != manifest["files"]:
        yield Finding("its files", f"{held} instead of {manifest['files']}")
