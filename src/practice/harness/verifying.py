"""``verify``: whether everything that is stored is what was written, and follows from the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from practice.errors import NotFoundError, UsageError
from practice.harness.agreeing import agreeing
from practice.harness.covering import Work, fitting_files, fitting_keys, fitting_rows
from practice.harness.ledger import Finding, read_chain, read_ledger
from practice.harness.recomputing import recomputed
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import Event, Store, database_file, open_store

__all__ = ["Finding", "Verified", "lost_database", "verify"]

_HEAD = re.compile("[0-9a-f]{16,64}")  # fewer digits could be met by trying


@dataclass(frozen=True)
class Verified:
    """What ``verify`` found.

    Parameters
    ----------
    submissions, scores, events, files : int
        What was checked, up to the first thing that does not fit.
    head : str
        The hash of the newest event. Whoever has noted it can ask later whether it is still there.
    found : Finding or None
        The first thing that does not fit; None: everything fits.
    unreceipted : int
        Rows of earlier versions of the package, which have no receipt; their scores were computed
        again all the same.
    remarks : tuple of str
        What is no fault: scores of another version of the scorer or of numpy.
    """

    submissions: int
    scores: int
    events: int
    files: int
    head: str
    found: Finding | None
    unreceipted: int = 0
    remarks: tuple[str, ...] = ()


def verify(
    settings: Settings,
    slug: str | None = None,
    *,
    head: str | None = None,
    progress: Progress = silent,
) -> Verified:
    """Check the chain, every row and file it names, and every score and rank.

    Parameters
    ----------
    settings : Settings
    slug : str, optional
        Of this competition alone; chain and rows are checked as a whole.
    head : str, optional
        The hash of an event, noted earlier, that must be in the chain; or its beginning.
    progress : Progress, optional

    Returns
    -------
    Verified

    Raises
    ------
    NotFoundError
        The competition is not started here.
    StoreError
        The database cannot be read.
    UsageError
        The head is no hash.
    """
    if head is not None and not _HEAD.fullmatch(head):
        raise UsageError("a head is 16 to 64 hexadecimal digits", "practice verify shows the head")
    file = database_file(settings)
    if file is not None and not file.exists():  # opened, it would be made
        return _without_database(settings, slug, head)
    if (lost := lost_database(settings)) is not None:
        return Verified(0, 0, 0, 0, "", lost)
    with open_store(settings) as store:
        work = Work(settings, store, progress)
        events, broken = read_chain(store.stored("event"))
        found = next(_findings(work, events, broken, slug, head), None)
        return Verified(
            submissions=len(_submissions(store, slug)),
            scores=work.scores,
            events=len(events),
            files=work.files,
            head=events[-1].hash if events else "",
            found=found,
            unreceipted=work.unreceipted,
            remarks=tuple(work.remarks),
        )


def lost_database(settings: Settings) -> Finding | None:
    """Say where the database is gone that files of the home belong to.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    Finding or None
        None where it is there, on a server, or was never made: submissions and builds are only
        kept once it is.
    """
    file = database_file(settings)
    if file is None or (file.exists() and file.stat().st_size):
        return None
    for folder, what in ((settings.blobs, "submissions"), (settings.vault, "builds")):
        if folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
            state = "empty" if file.exists() else "gone"
            return Finding(file.name, f"{state}, and {what} that it named are still there")
    return None


def _without_database(settings: Settings, slug: str | None, head: str | None) -> Verified:
    found = lost_database(settings)
    if found is None and head is not None:
        found = _no_head(head)
    if found is None and slug is not None:
        raise _not_started(slug)
    return Verified(0, 0, 0, 0, "", found)


def _no_head(head: str) -> Finding:
    return Finding("chain of events", f"it does not hold the head {head}")


def _not_started(slug: str) -> NotFoundError:
    return NotFoundError(f"{slug!r} is not started here", f"practice start {slug}")


def _findings(
    work: Work,
    events: tuple[Event, ...],
    broken: Finding | None,
    slug: str | None,
    head: str | None,
) -> Iterator[Finding]:
    """Yield what does not fit, that first on which the rest relies."""
    if broken is not None:
        yield broken
    if head is not None and not any(event.hash.startswith(head) for event in events):
        yield _no_head(head)
    yield from read_ledger(events, work.ledger)
    yield from fitting_keys(work)
    yield from fitting_rows(work)
    yield from agreeing(work, events)
    if slug is not None and not any(row["slug"] == slug for row in work.rows["season"].values()):
        raise _not_started(slug)
    yield from fitting_files(work, slug)
    try:
        yield from recomputed(work, slug)
    except (ValueError, TypeError, KeyError):
        if not work.unreceipted:
            raise
        # Rows that fit their receipts can be read; others may hold anything.
        yield Finding("rows without a receipt", "cannot be read")


def _submissions(store: Store, slug: str | None) -> set[object]:
    """Return the submissions of a competition, or all."""
    seasons = {row["id"] for row in store.stored("season") if slug in (None, row["slug"])}
    return {row["id"] for row in store.stored("submission") if row["season"] in seasons}
