"""Replicates of scores that were stored before there were replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice import scoring
from practice.errors import PracticeError
from practice.harness.judging import Case, resampled
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import Season, Store, blobs

if TYPE_CHECKING:
    from practice.build.plan import Part

__all__ = ["fill_replicates"]

PARTS: tuple[Part, ...] = ("public", "private")


def fill_replicates(
    store: Store, season: Season, case: Case, settings: Settings, progress: Progress = silent
) -> int:
    """Compute the replicates that a season's scores lack, from the stored files.

    Parameters
    ----------
    store : Store
    season : Season
    case : Case
        Of the season.
    settings : Settings
    progress : Progress, optional

    Returns
    -------
    int
        How many submissions got some. One whose file is gone, or no longer what it was scored as,
        stays as it is.
    """
    have = store.replicates(season.id, "public")
    attempts = [each for each in store.attempts(season.id) if each.status == "scored"]
    lacking = [each for each in attempts if each.id not in have]
    filled = 0
    for done, attempt in enumerate(lacking):
        progress("resampling", done, len(lacking))
        try:
            path = blobs.path(settings.blobs, attempt.blob)
            predictions = scoring.read(path, case.layout, case.answers, name=attempt.file)
            made = {part: resampled(case, predictions, part) for part in PARTS}
        except PracticeError:
            continue
        with store.write() as tx:
            for part, replicates in made.items():
                tx.add_replicates(attempt.id, part, replicates)
        filled += 1
    progress("resampling", len(lacking), len(lacking))
    return filled
