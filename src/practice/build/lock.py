"""``build.lock``: hashes by which a build says that it is the one the authors made.

Written for developers by ``python -m practice.build.lock SLUG...``. The hashes are those of the
canonical csv text of the four files that participants get and, where at least 100 rows are hidden,
of the solution's (id, targets, Usage). The answers of fewer rows could be guessed and tried against
a hash, so there is none for them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from practice.build.identity import BUILDER_VERSION
from practice.build.tables import Tables
from practice.errors import BuildError, PracticeError

__all__ = ["LOCK", "check_lock", "main", "write_lock"]

LOCK = "build.lock"
_GUESSABLE = 100  # hidden rows


def _entry(build: str, tables: Tables) -> dict[str, Any]:
    hashes = dict(tables.sha256)
    if tables.solution.num_rows >= _GUESSABLE:
        hashes["solution"] = hashlib.sha256(tables.answers).hexdigest()
    return {"build": build, "builder": BUILDER_VERSION, "sha256": hashes}


def write_lock(build: str, tables: Tables, folder: Path) -> Path:
    """Write the ``build.lock`` of a competition's folder.

    Parameters
    ----------
    build : str
    tables : Tables
    folder : Path

    Returns
    -------
    Path
    """
    path = folder / LOCK
    said = json.dumps(_entry(build, tables), indent=1, sort_keys=True)
    path.write_text(said + "\n", encoding="utf-8")
    return path


def check_lock(build: str, tables: Tables, folder: Path) -> None:
    """Compare a build with its competition's ``build.lock``, where there is one of this builder.

    Raises
    ------
    BuildError
        It cannot be read, belongs to another definition, or names another hash for a file.
    """
    path = folder / LOCK
    if not path.is_file():
        return
    again = f"python -m practice.build.lock {folder.name}, if the change is meant"
    try:
        locked = json.loads(path.read_text(encoding="utf-8"))
        version, name, hashes = locked["builder"], locked["build"], dict(locked["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BuildError(f"{path} cannot be read", again) from None
    if version != BUILDER_VERSION:
        return
    if name != build:
        raise BuildError(
            f"{path} is of build {name}, this is {build}: [data], [split], prepare.py or the raw "
            "files have changed since",
            again,
        )
    made = _entry(build, tables)["sha256"]
    differing = sorted(file for file in {*made, *hashes} if made.get(file) != hashes.get(file))
    if differing:
        raise BuildError(
            f"{path} names other hashes than this build has, for {', '.join(differing)}", again
        )


def main(slugs: list[str]) -> int:
    """Write the ``build.lock`` of each competition named; return the exit code."""
    from practice import catalog, settings, sources
    from practice.build.identity import identify
    from practice.build.raw import read
    from practice.build.tables import assemble

    if not slugs:
        print("usage: python -m practice.build.lock SLUG...", file=sys.stderr)
        return 2
    here = settings.load()
    for slug in slugs:
        try:
            competition = catalog.load(slug, here)
            files = sources.fetch(competition, here)
            tables = assemble(competition, read(competition, files))
            print(write_lock(identify(competition, files), tables, competition.folder))
        except PracticeError as error:
            print(f"{slug}: {error.message}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
