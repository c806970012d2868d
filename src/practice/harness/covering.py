"""Whether the rows and files that are there are those that the events name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from practice import __version__
from practice.build.vault import KEY
from practice.harness.ledger import Finding, Ledger, Told, thing
from practice.harness.receipts import DERIVED, SECRET, cell_digest, file_digest, row_key
from practice.progress import Progress
from practice.settings import Settings
from practice.store import Store, latest_schema, tables
from practice.store.stored import Cell

__all__ = ["Work", "fitting_files", "fitting_keys", "fitting_rows"]


@dataclass
class Work:
    """What a check reads, and what it has found so far that is no fault."""

    settings: Settings
    store: Store
    progress: Progress
    ledger: Ledger = field(default_factory=Ledger)
    rows: dict[str, dict[str, dict[str, Cell]]] = field(default_factory=dict)  # table, key of row
    remarks: list[str] = field(default_factory=list)
    unreceipted: int = 0
    files: int = 0
    scores: int = 0

    def known(self, table: str, key: str, column: str) -> bool:
        """Say whether a cell has a receipt."""
        return column in self.ledger.cells.get((table, key), {})


def fitting_keys(work: Work) -> Iterator[Finding]:
    """Check the secret keys of the builds, under which the other checks hash."""
    for build in sorted(set(work.ledger.builds.values())):
        name = f"vault/{build}/{KEY}"
        told, shown = work.ledger.files.get(name), work.ledger.keys.get(build)
        path = work.settings.home / name
        if told is None:
            continue
        if not path.is_file():
            yield Finding(name, "gone")
        elif file_digest(path) != told.digest:
            yield Finding(name, f"not what it was (event {told.seq})")
        elif shown is not None and path.read_bytes().hex() != shown.digest:
            yield Finding(name, f"not the key that was revealed (event {shown.seq})")


def fitting_rows(work: Work) -> Iterator[Finding]:
    """Check every cell of every table but that of the events."""
    work.rows = {
        table: {row_key(table, row): row for row in work.store.stored(table)}
        for table in tables()
        if table != "event"
    }
    if [*work.rows["meta"].values()] != [{"id": 1, "schema_version": latest_schema()}]:
        yield Finding("meta", "not what this version of practice wrote")
    old = work.ledger.old
    for season in work.rows["season"].values():
        if season["id"] in old.get("season", ()):
            old.setdefault("competition", {})[season["slug"]] = 0
    names = {row["id"]: row["name"] for row in work.rows["entrant"].values()}
    keys = [table for table in work.rows if table != "meta"]
    for done, table in enumerate(keys):
        work.progress("rows", done, len(keys))
        yield from _fitting_table(work, table, names)
    work.progress("rows", len(keys), len(keys))


def _fitting_table(work: Work, table: str, names: dict[Cell, Cell]) -> Iterator[Finding]:
    ledger = work.ledger
    present = work.rows[table]
    for (of, key), columns in ledger.cells.items():
        if of == table and key not in present:
            seq = next(iter(columns.values())).seq
            yield Finding(thing(table, key), f"a row of {table} is gone (event {seq})")
    for key in ledger.old.get(table, ()) if table == "submission" else ():
        if f"[{key}]" not in present:
            yield Finding(f"submission {key}", "its row is gone")
    for key, row in present.items():
        told = ledger.cells.get((table, key), {})
        old = ledger.is_old(table, row, names)
        if not told and not old:
            yield Finding(thing(table, key), f"a row of {table} that no event names")
        work.unreceipted += old and len(told) < len(row)
        for column, expected in told.items():
            if _digest(work, table, key, column, row, expected) != expected.digest:
                words = f"{_named(table, key, column)} does not fit its receipt"
                yield Finding(thing(table, key), f"{words} (event {expected.seq})")


def _digest(work: Work, table: str, key: str, column: str, row: dict[str, Cell], told: Told) -> str:
    secret = _key(work, told.build) if (table, column) in SECRET else None
    return cell_digest(table, key, column, row.get(column), secret)


def _key(work: Work, build: str) -> bytes | None:
    """Return the secret key of a build, from its file, else as it was revealed."""
    path = work.settings.vault / build / KEY
    if path.is_file():
        return path.read_bytes()
    shown = work.ledger.keys.get(build)
    return None if shown is None else bytes.fromhex(shown.digest)


def _named(table: str, key: str, column: str) -> str:
    """Return what people call a column of a row.

    Examples
    --------
    >>> _named("score", '[3,"public","rmse",1]', "value")
    'the public score'
    >>> _named("submission", "[3]", "message")
    'submission.message'
    """
    if table not in ("score", "replicates"):
        return f"{table}.{column}"
    split = json.loads(key)[1]
    if (table, column) == ("score", "value"):
        return f"the {split} score"
    whose = f"of the {split} score"
    return f"{table}.{column} {whose}" if column != "data" else f"the replicates {whose}"


@dataclass(frozen=True)
class _File:
    """A file to be checked; ``told`` is None for a submitted one, which its name is the hash of."""

    where: str
    path: Path
    digest: str
    secret: bytes | None = None
    told: Told | None = None


def fitting_files(work: Work, slug: str | None) -> Iterator[Finding]:
    """Check submitted files, the builds' and those of reference entries.

    Parameters
    ----------
    work : Work
    slug : str or None
        Of this competition alone.
    """
    seasons = {
        row["id"]: row["build"]
        for row in work.rows["season"].values()
        if slug in (None, row["slug"])
    }
    files = [*_submitted(work, set(seasons)), *_named_files(work, set(seasons.values()))]
    for done, file in enumerate(files):
        work.progress("files", done, len(files))
        yield from _fitting_file(work, file)
    work.progress("files", len(files), len(files))


def _submitted(work: Work, seasons: set[Cell]) -> Iterator[_File]:
    of_submission = {row["id"]: row["season"] for row in work.rows["submission"].values()}
    for table, column in (("submission", "id"), ("out_of_fold", "submission")):
        for row in work.rows[table].values():
            if of_submission.get(row[column]) in seasons:
                path = work.settings.blobs / str(row["blob"])
                yield _File(thing("submission", f"[{row[column]!r}]"), path, path.name)


def _named_files(work: Work, builds: set[Cell]) -> Iterator[_File]:
    for name, told in work.ledger.files.items():
        if told.build in builds:
            path = work.settings.home / name
            keyed = name.startswith("vault/") and path.name != KEY
            secret = _key(work, told.build) if keyed else None
            yield _File(name, path, told.digest, secret, told)
    for name, told in work.ledger.references.items():
        if told.build in builds:
            path = work.settings.references / name
            yield _File(f"leaderboard/{name}", path, told.digest, None, told)


def _fitting_file(work: Work, file: _File) -> Iterator[Finding]:
    told = file.told
    try:
        fits, problem = file_digest(file.path, file.secret) == file.digest, "not what it was"
    except FileNotFoundError:
        fits, problem = False, "gone"
    except (OSError, ValueError):  # no right to read it, or no name of a file at all
        fits, problem = False, "not to be read"
    if fits:
        work.files += 1
    elif told is None:
        yield Finding(file.where, f"its file blobs/{file.path.name[:12]}... is {problem}")
    elif told.practice != __version__ and _renewed(file):
        work.remarks.append(f"{file.where}: another than with practice {told.practice}")
    else:
        yield Finding(file.where, f"{problem} (event {told.seq})")


def _renewed(file: _File) -> bool:
    """Say whether a newer version of the package brings a file along, or makes it anew."""
    return file.where.startswith("leaderboard/") or file.path.name.startswith(DERIVED)
