"""Replicates of scores that were stored before there were replicates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from practice import scoring
from practice.errors import PracticeError
from practice.harness import clock, receipts
from practice.harness.judging import Case, open_case, resampled
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import Attempt, Replicates, Season, Store, blobs

if TYPE_CHECKING:
    from practice.build.plan import Part

__all__ = ["fill_replicates"]

PARTS: tuple[Part, ...] = ("public", "private")
_SAME = 1e-9  # relative; another version of numpy may add up in another order


def fill_replicates(
    store: Store, season: Season, settings: Settings, progress: Progress = silent
) -> int:
    """Compute the replicates that a season's scores lack, from the stored files.

    Parameters
    ----------
    store : Store
    season : Season
    settings : Settings
    progress : Progress, optional

    Returns
    -------
    int
        How many submissions got some. One whose file is gone, or no longer what it was scored as,
        stays as it is.
    """
    have = {part: store.plans(season.id, part) for part in PARTS}
    lacking = {
        attempt.id: (attempt, [part for part in PARTS if attempt.id not in have[part]])
        for attempt in store.attempts(season.id)
        if attempt.status == "scored" and blobs.path(settings.blobs, attempt.blob).is_file()
    }
    lacking = {id: pair for id, pair in lacking.items() if pair[1]}
    if not lacking:
        return 0
    case = open_case(season, settings)
    filled = 0
    for done, (attempt, parts) in enumerate(lacking.values()):
        progress("resampling", done, len(lacking))
        try:
            made = _resampled(case, attempt, parts, settings)
        except PracticeError:
            continue
        with store.write() as tx:
            for part, replicates in made.items():
                tx.add_replicates(attempt.id, part, replicates)
            if made:
                moment = clock.now()
                receipts.keep_files(tx, season, case.vault, moment)
                receipt = receipts.scored(tx, attempt.id, case.vault)
                said = {"submission": attempt.id, "receipt": receipt}
                tx.append("replicates", moment, season.id, attempt.entrant, said)
        filled += bool(made)
    progress("resampling", len(lacking), len(lacking))
    return filled


def _resampled(
    case: Case, attempt: Attempt, parts: list[Part], settings: Settings
) -> dict[Part, Replicates]:
    """Resample the scores that the file of a submission still has."""
    path = blobs.path(settings.blobs, attempt.blob)
    predictions = scoring.read(path, case.layout, case.answers, name=attempt.file)
    made = {}
    for part in parts:
        stored = attempt.public if part == "public" else attempt.private
        if case.own is None:
            rows = case.answers.public if part == "public" else ~case.answers.public
            value = scoring.score(case.answers, predictions, case.metric, rows, case.used)
            if stored is None or not math.isclose(value, stored, rel_tol=_SAME):
                continue
        made[part] = resampled(case, predictions, part)
    return made
