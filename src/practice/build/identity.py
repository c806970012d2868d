"""What makes a build this build and not another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from practice.definition import Competition

if TYPE_CHECKING:
    from practice.sources import RawFile

__all__ = ["BUILDER_VERSION", "data_hash", "identify"]

# Raised whenever the same raw files and definition would give other tables or ids.
BUILDER_VERSION = 1


def data_hash(competition: Competition, files: Sequence[RawFile], salt: bytes = b"") -> str:
    """Return the sha256 of all that decides what is built.

    That is the raw files' hashes, ``[data]`` and ``[split]`` (keys left at their default do not
    count, so that a key added to the schema later changes no build), ``prepare.py``, the salt and
    the builder's version. Metric, rules, texts and the competition's name are not in it.

    Parameters
    ----------
    competition : Competition
    files : sequence of RawFile
    salt : bytes
        Secret of a server, for a split that nobody else can repeat.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    prepare = competition.folder / "prepare.py"
    parts = [
        str(BUILDER_VERSION).encode(),
        json.dumps([file.sha256 for file in files]).encode(),
        json.dumps(_said(competition.data), sort_keys=True, default=str).encode(),
        json.dumps(_said(competition.split), sort_keys=True, default=str).encode(),
        prepare.read_bytes() if prepare.is_file() else b"",
        salt,
    ]
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def identify(competition: Competition, files: Sequence[RawFile], salt: bytes = b"") -> str:
    """Return the name of the build that a definition and raw files give.

    Parameters
    ----------
    competition, files, salt
        As in :func:`data_hash`.

    Returns
    -------
    str
        The competition's name and twelve hexadecimal digits.

    Examples
    --------
    >>> from pathlib import Path
    >>> from practice.definition import parse
    >>> toy = parse(
    ...     '''
    ...     title = "Toy"
    ...     summary = "Tell one from zero."
    ...     task = "binary"
    ...     data = {source = "local", path = "toy.csv", target = "y"}
    ...     split = {kind = "random"}
    ...     metric = {name = "accuracy"}
    ...     ''',
    ...     slug="toy",
    ...     folder=Path("toy"),
    ... )
    >>> identify(toy, [])
    'toy-...'
    """
    return f"{competition.slug}-{data_hash(competition, files, salt)[:12]}"


def _said(record: Any) -> Any:
    """Return a record as plain data, without the fields that stand at their default."""
    if is_dataclass(record):
        said = {}
        for field in fields(record):
            value = getattr(record, field.name)
            default = field.default_factory() if callable(field.default_factory) else field.default
            if default is MISSING or value != default:
                said[field.name] = _said(value)
        return said
    if isinstance(record, (tuple, list)):
        return [_said(each) for each in record]
    return record
