"""What the chain of events says of rows and files, so that no change of either goes unseen.

An event's payload holds ``receipt``: a digest of each cell of the rows that were written with it,
by table, by the row's key, by column; None in place of the columns says that the row was removed.
Its ``files`` are digests of files below the home, its ``references`` those of reference entries.
Cells and files that are not released before the reveal are hashed under the secret key of the
build, which the event of the reveal holds.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from practice import __version__
from practice.build.vault import KEY, load_key
from practice.custom.metric import REPORTS
from practice.store import Season, Transaction, schema_keys, to_json

__all__ = [
    "DERIVED",
    "SECRET",
    "Receipt",
    "cell_digest",
    "chosen",
    "digests",
    "file_digest",
    "keep_files",
    "noted",
    "of_files",
    "opened",
    "placed",
    "rescored",
    "revealed",
    "row_key",
    "scored",
    "submitted",
    "withdrawn",
]

Receipt = dict[str, dict[str, dict[str, str] | None]]

SECRET = frozenset({("score", "value"), ("replicates", "data")})
DERIVED = "plan-"  # files of the vault that a newer version of the package may make anew
_SHORT = 32  # hexadecimal digits, 128 bits: enough for one cell


def cell_digest(table: str, key: str, column: str, cell: object, secret: bytes | None) -> str:
    """Return the digest of one cell.

    Parameters
    ----------
    table, key, column : str
        Where it stands; ``key`` as :func:`row_key` gives it.
    cell : str, int, float, bytes or None
        As stored.
    secret : bytes or None
        The key to hash under; None: without.

    Returns
    -------
    str
        32 hexadecimal digits of SHA-256, or of HMAC-SHA-256.

    Examples
    --------
    >>> cell_digest("submission", "[3]", "late", 0, None)
    '043b7e4096ca7c9ba1c1c4594a99fa38'
    """
    if isinstance(cell, float):
        cell = ["float", cell.hex()]
    elif isinstance(cell, bytes):
        cell = ["bytes", hashlib.sha256(cell).hexdigest()]
    said = to_json([table, key, column, cell], canonical=True).encode("ascii")
    return _hashed(said, secret)[:_SHORT]


def _hashed(said: bytes, secret: bytes | None) -> str:
    if secret is None:
        return hashlib.sha256(said).hexdigest()
    return hmac.new(secret, said, "sha256").hexdigest()


def row_key(table: str, row: dict[str, Any]) -> str:
    """Return how receipts call a row.

    Examples
    --------
    >>> row_key("score", {"submission": 3, "split": "public", "metric": "rmse",
    ...                   "scorer_version": 1, "value": 0.5})
    '[3,"public","rmse",1]'
    """
    return to_json([row[name] for name in schema_keys(table)], canonical=True)


def digests(
    table: str, row: dict[str, Any], secret: bytes | None, columns: Sequence[str] | None = None
) -> dict[str, str]:
    """Return the digest of each cell of a row, or of those of some columns.

    Parameters
    ----------
    table : str
    row : dict
        As stored.
    secret : bytes or None
        The key of the build; None where the row has no secret cell.
    columns : sequence of str, optional
    """
    key = row_key(table, row)
    return {
        column: cell_digest(table, key, column, cell, secret if (table, column) in SECRET else None)
        for column, cell in row.items()
        if columns is None or column in columns
    }


def _rows(
    tx: Transaction,
    table: str,
    secret: bytes | None = None,
    columns: Sequence[str] | None = None,
    **equal: Any,
) -> dict[str, dict[str, str] | None]:
    found = tx.stored(table, **equal)
    return {row_key(table, row): digests(table, row, secret, columns) for row in found}


def opened(tx: Transaction, season: Season) -> Receipt:
    """Return the receipt of a season that was opened, with its competition and build."""
    return {
        "competition": _rows(tx, "competition", slug=season.slug),
        "build": _rows(tx, "build", id=season.build),
        "season": _rows(tx, "season", id=season.id),
    }


def submitted(tx: Transaction, submission: int, entrant: str, vault: Path) -> Receipt:
    """Return the receipt of a submission that was written, whatever became of it.

    Parameters
    ----------
    tx : Transaction
    submission : int
    entrant : str
    vault : Path
        ``vault/<build>``.
    """
    return {
        **scored(tx, submission, vault),
        "entrant": _rows(tx, "entrant", name=entrant),
        "submission": _rows(tx, "submission", id=submission),
        "out_of_fold": _rows(tx, "out_of_fold", submission=submission),
    }


def scored(tx: Transaction, submission: int, vault: Path) -> Receipt:
    """Return the receipt of all scores of a submission, their replicates and what is released.

    Parameters
    ----------
    tx : Transaction
        In which they were written.
    submission : int
    vault : Path
        ``vault/<build>``.

    Raises
    ------
    BuildError
        The build's key is gone.
    """
    secret = load_key(vault)
    return {
        "submission": _rows(tx, "submission", columns=["released"], id=submission),
        "score": _rows(tx, "score", secret, submission=submission),
        "replicates": _rows(tx, "replicates", secret, submission=submission),
    }


def rescored(
    tx: Transaction, season: int, submissions: Sequence[int], beside: Sequence[int], vault: Path
) -> Receipt:
    """Return the receipt of a season whose submissions were scored anew.

    Parameters
    ----------
    tx : Transaction
        In which they were written.
    season : int
    submissions : sequence of int
        Those with new scores.
    beside : sequence of int
        Those whose out-of-fold predictions have new scores, or none any more.
    vault : Path
        ``vault/<build>``.
    """
    made: Receipt = {
        "season": _rows(tx, "season", columns=["metric", "greater_is_better"], id=season),
        "submission": _rows(
            tx, "submission", columns=["status", "error", "released"], season=season
        ),
        "score": {},
        "replicates": {},
        "out_of_fold": {row_key("out_of_fold", {"submission": each}): None for each in beside},
    }
    for each in beside:
        made["out_of_fold"] |= _rows(tx, "out_of_fold", submission=each)
    for each in submissions:
        found = scored(tx, each, vault)
        for table in ("score", "replicates"):
            made[table] |= found[table]
    return made


def chosen(tx: Transaction, season: int, entrant: str, before: Sequence[int]) -> Receipt:
    """Return the receipt of the final submissions of an entrant.

    Parameters
    ----------
    tx : Transaction
    season : int
    entrant : str
    before : sequence of int
        Those that were chosen until now.
    """
    who = tx.stored("entrant", name=entrant)[0]["id"]
    now = _rows(tx, "selection", season=season, entrant=who)
    gone = (
        row_key("selection", {"season": season, "entrant": who, "submission": each})
        for each in before
    )
    return {"selection": {**dict.fromkeys(gone), **now}}


def withdrawn(tx: Transaction, submission: int) -> Receipt:
    """Return the receipt of a withdrawal."""
    return {"submission": _rows(tx, "submission", columns=["withdrawn_at"], id=submission)}


def noted(tx: Transaction, submission: int) -> Receipt:
    """Return the receipt of a note."""
    return {"submission": _rows(tx, "submission", columns=["note"], id=submission)}


def revealed(tx: Transaction, season: int) -> Receipt:
    """Return the receipt of a reveal."""
    return {"season": _rows(tx, "season", columns=["revealed_at"], id=season)}


def file_digest(path: Path, secret: bytes | None = None) -> str:
    """Return the SHA-256 of a file, under a key where one is given.

    Raises
    ------
    OSError
    """
    with path.open("rb") as stream:
        plain = hashlib.file_digest(stream, "sha256")
    return plain.hexdigest() if secret is None else _hashed(plain.digest(), secret)


def of_files(vault: Path, known: Sequence[str] = ()) -> dict[str, str]:
    """Return the digests of the files of a build, those of the vault under its key.

    Parameters
    ----------
    vault : Path
        ``vault/<build>``; what participants may read of the build lies in ``data/<build>``.
    known : sequence of str
        Files to leave out.

    Returns
    -------
    dict of str to str
        By the place below the home. The key's own digest is without a key.
    """
    home = vault.parents[1]
    secret = load_key(vault)
    found = {}
    for folder in (vault, home / "data" / vault.name):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            name = path.relative_to(home).as_posix()
            # Reports of a metric come and go; the rest is being written or a lock.
            passing = inside[0] == REPORTS or any(part.startswith(".") for part in inside)
            if passing or path.suffix == ".lock" or name in known or not path.is_file():
                continue
            open_to_all = folder != vault or inside == (KEY,)
            found[name] = file_digest(path, None if open_to_all else secret)
    return found


def keep_files(tx: Transaction, season: Season, vault: Path, moment: datetime) -> None:
    """Add an event for files of the build that no event of the season names yet.

    A resampling plan is drawn when it is first needed, and a season of an earlier version of the
    package has no digests at all.
    """
    before = tx.events(season.id, ("season", "files"))
    known = [name for event in before for name in event.payload.get("files", ())]
    if found := of_files(vault, known):
        said = {"files": found, "practice": __version__}
        tx.append("files", moment, season.id, None, said)


def placed(folder: Path, file: Path) -> dict[str, str]:
    """Return the digests of a reference entry: its predictions and their description.

    Parameters
    ----------
    folder : Path
        ``settings.references``.
    file : Path
        ``<slug>/<entry>.csv.gz`` in it.
    """
    told = file.with_name(file.name.removesuffix(".csv.gz") + ".toml")
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in (told, file)}
