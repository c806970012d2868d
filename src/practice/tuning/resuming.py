"""Finding the run to go on with, among those that are recorded."""

from __future__ import annotations

import json
from pathlib import Path

from practice.errors import NotFoundError, UsageError
from practice.tuning.manifest import MANIFEST, Manifest, read_manifest
from practice.tuning.runner import Budget
from practice.tuning.searching import SESSIONS

__all__ = ["last_budget", "named", "newest"]

_LISTED = 5  # runs that a message names


def last_budget(folder: Path) -> Budget | None:
    """Return the budget of a run's last session; None where it has none that can be read."""
    try:
        lines = (folder / SESSIONS).read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return None
    budgets = [each["budget"] for each in found if "budget" in each]
    return Budget(**budgets[-1]) if budgets else None


def newest(
    runs: Path,
    slug: str,
    solution: str | None = None,
    strategy: str | None = None,
    seed: int | None = None,
) -> Manifest:
    """Return the run that was worked on last, among those that are as asked for.

    Parameters
    ----------
    runs : Path
        ``settings.runs``.
    slug : str
    solution, strategy, seed : optional
        None: any.

    Returns
    -------
    Manifest

    Raises
    ------
    NotFoundError
        There is none; the message lists those that there are.
    """
    known = _known(runs, slug)
    asked = {"solution": solution, "strategy": strategy, "seed": seed}
    asked = {name: value for name, value in asked.items() if value is not None}
    for manifest in known:
        if all(getattr(manifest, name) == value for name, value in asked.items()):
            return manifest
    what = " and ".join(f"{name} {value}" for name, value in asked.items())
    raise NotFoundError(
        f"no tuning run of {slug}{' with ' * bool(what)}{what} to go on with{_listed(known)}",
        f"practice tune {slug} --run {known[0].id}" if known else f"practice tune {slug}",
    )


def named(runs: Path, name: str, slug: str | None = None) -> Manifest:
    """Return the run of a name.

    Parameters
    ----------
    runs : Path
        ``settings.runs``.
    name : str
        Of its folder.
    slug : str, optional
        The competition that it is to be of; default: any.

    Returns
    -------
    Manifest

    Raises
    ------
    NotFoundError
        There is none of that name.
    UsageError
        It is of another competition.
    """
    if Path(name).name != name or not (runs / name / MANIFEST).is_file():
        known = _known(runs, slug)
        raise NotFoundError(
            f"no tuning run {name!r}{_listed(known)}",
            f"practice tune {known[0].competition} --run {known[0].id}"
            if known
            else f"practice tune {slug or 'SLUG'}",
        )
    manifest = read_manifest(runs / name)
    if slug not in (None, manifest.competition):
        raise UsageError(
            f"{name} is a run of {manifest.competition}, not of {slug}",
            f"practice tune {manifest.competition} --run {name}",
        )
    return manifest


def _known(runs: Path, slug: str | None) -> list[Manifest]:
    """Return the runs of a competition, that which was worked on last first."""
    found = []
    for path in runs.glob(f"*/{MANIFEST}"):
        manifest = read_manifest(path.parent)
        if slug in (None, manifest.competition):
            log = path.parent / SESSIONS
            worked = (log if log.is_file() else path).stat().st_mtime_ns
            found.append((worked, manifest.id, manifest))
    return [manifest for *_, manifest in sorted(found, key=lambda each: each[:2], reverse=True)]


def _listed(known: list[Manifest]) -> str:
    """Name the runs there are, behind a message."""
    if not known:
        return ""
    shown = [f"{each.id} (seed {each.seed})" for each in known[:_LISTED]]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"; there are {', '.join(shown)}{more}"
