"""Every score, replicate, released value and rank once more, from the stored files."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from practice.errors import PracticeError
from practice.harness import clock
from practice.harness.accepting import Offer, released
from practice.harness.covering import Work
from practice.harness.judging import Case, Contest, Verdict, judge, open_case
from practice.harness.ledger import Finding
from practice.harness.out_of_fold import scored_anew
from practice.harness.rounds import is_over, rules, standings
from practice.store import Attempt, Replicates, Season, blobs, to_json
from practice.store.stored import Cell

__all__ = ["recomputed"]

_SAME = 1e-9  # relative; another version of numpy may add up in another order

Likeness = Literal["equal", "nearly", "other"]


@dataclass(frozen=True)
class _Round:
    """A season whose submissions are scored again."""

    work: Work
    season: Season
    case: Case
    attempts: Sequence[Attempt]
    versions: dict[Cell, set[int]]  # of the scorer, by submission

    def rescored(self, attempt: Attempt) -> bool:
        """Say whether there are scores of several versions of the scorer."""
        return len(self.versions[attempt.id]) > 1


def recomputed(work: Work, slug: str | None) -> Iterator[Finding]:
    """Score all stored files again and compare with what is stored.

    Parameters
    ----------
    work : Work
        Whose rows have been read.
    slug : str or None
        Of this competition alone.

    Yields
    ------
    Finding
        What differs. A difference in the last digits alone, of a score that fits its receipt, is
        another version of a library and becomes a remark; so does another version of the scorer.
    """
    versions: dict[Cell, set[int]] = defaultdict(set)
    for row in work.rows["score"].values():
        versions[row["submission"]].add(int(str(row["scorer_version"])))
    rounds = [(season, work.store.attempts(season.id)) for season in work.store.seasons(slug)]
    total, done = sum(len(attempts) for _, attempts in rounds), 0
    for season, attempts in rounds:
        try:
            case = open_case(season, work.settings)
        except PracticeError as error:
            yield Finding(f"season {season.id}", f"cannot be scored again: {error.message}")
            continue
        this = _Round(work, season, case, attempts, versions)
        now: list[Attempt] = []
        for attempt in attempts:
            work.progress("scores", done, total)
            as_now = yield from _one(this, attempt)
            now.append(as_now)
            done += 1
        yield from _folds(this)
        yield from _ranks(this, now)
    work.progress("scores", total, total)


def _one(this: _Round, attempt: Attempt) -> Generator[Finding, None, Attempt]:
    """Compare one submission; return it as it is computed now."""
    where = f"submission {attempt.id}"
    path = blobs.path(this.work.settings.blobs, attempt.blob)
    verdict = judge(this.case, path, attempt.file, report=False)
    if attempt.status != verdict.status:
        limited = attempt.status == "refused" and verdict.status == "scored"
        if not (limited and _over(this, attempt)):
            words = f"stored as {attempt.status}, its file is now {verdict.status}"
            cell = ("submission", f"[{attempt.id}]", "status")
            yield from _doubt(this.work, where, words, cell)
        return attempt
    if verdict.status != "scored":
        return attempt
    version, present = max(this.versions[attempt.id], default=0), this.case.version
    if version != present:
        words = f"scored by version {version} of the scorer, this is {present}"
        this.work.remarks.append(f"{where}: {words}")
        return attempt
    yield from _scores(this.work, attempt, verdict, present)
    told = yield from _released(this, attempt, verdict)
    values = {each.split: each.value for each in verdict.scores}
    return replace(attempt, public=values["public"], private=values["private"], released=told)


def _doubt(work: Work, where: str, words: str, cell: tuple[str, str, str]) -> Iterator[Finding]:
    """Yield a fault, or remark it where the cell fits its receipt: the scorer is another then."""
    if work.known(*cell):
        work.remarks.append(f"{where}: {words}")
    else:
        yield Finding(where, words)


def _over(this: _Round, attempt: Attempt) -> bool:
    """Say whether deadline or daily limit kept a submission out."""
    since = clock.day_start(attempt.submitted_at)
    used = [
        each
        for each in this.attempts
        if (each.entrant, each.status, each.late) == (attempt.entrant, "scored", False)
        and each.id < attempt.id
        and each.submitted_at >= since
    ]
    limit = rules(this.season).daily_limit
    return is_over(this.season, attempt.submitted_at) or len(used) >= limit


def _scores(work: Work, attempt: Attempt, verdict: Verdict, version: int) -> Iterator[Finding]:
    """Compare the scores of the present scorer, and their replicates."""
    where = f"submission {attempt.id}"
    computed = [(each.split, each.metric, each.value, each.replicates) for each in verdict.scores]
    computed += [("secondary", name, value, None) for name, value in verdict.secondary.items()]
    rows, kept = work.rows["score"], work.rows["replicates"]
    for split, metric, value, replicates in computed:
        key = to_json([attempt.id, split, metric, version], canonical=True)
        if key not in rows:
            yield Finding(where, f"has no {split} score")
            continue
        likeness, words = _like(rows[key]["value"], value), f"the {split} score"
        yield from _unlike(work, where, words, likeness, ("score", key, "value"))
        if replicates is not None and key in kept:
            likeness = _alike(kept[key], replicates)
            words = f"the replicates of the {split} score"
            yield from _unlike(work, where, words, likeness, ("replicates", key, "data"))
        work.scores += 1


def _like(stored: Cell, value: float | None) -> Likeness:
    if stored == value:
        return "equal"
    if (
        isinstance(stored, float)
        and value is not None
        and math.isclose(stored, value, rel_tol=_SAME)
    ):
        return "nearly"
    return "other"


def _alike(stored: dict[str, Cell], replicates: Replicates) -> Likeness:
    """Compare replicates; none on one side are a matter of time, not of tampering."""
    data = stored["data"]
    assert isinstance(data, bytes)
    if not data or not replicates.data or stored["plan"] != replicates.plan:
        return "equal"
    if data == replicates.data:
        return "equal"
    if len(data) != len(replicates.data):
        return "other"
    old, new = np.frombuffer(data, "<f8"), np.frombuffer(replicates.data, "<f8")
    return "nearly" if np.allclose(old, new, _SAME, 0.0, equal_nan=True) else "other"


def _unlike(
    work: Work, where: str, what: str, likeness: Likeness, cell: tuple[str, str, str]
) -> Iterator[Finding]:
    if likeness == "other":
        yield Finding(where, f"its file does not give {what} that is stored")
    elif likeness == "nearly":
        yield from _doubt(work, where, f"{what} differs in its last digits", cell)


def _released(
    this: _Round, attempt: Attempt, verdict: Verdict
) -> Generator[Finding, None, float | None]:
    """Compare what was said of a public score with what the feedback policy says; return it."""
    own = [
        each for each in this.attempts if each.entrant == attempt.entrant and each.id < attempt.id
    ]
    contest = Contest(this.case, this.work.settings.blobs)
    offer = Offer(attempt.entrant, attempt.kind, attempt.blob, attempt.file, verdict, contest)
    then = this.season if attempt.late else replace(this.season, revealed_at=None)
    told = released(this.work.store, then, own, offer)
    cell = ("submission", f"[{attempt.id}]", "released")
    where, what = f"submission {attempt.id}", "what was told of the public score"
    likeness = _like(attempt.released, told)
    if likeness == "other" and this.rescored(attempt):
        words = f"{what} is that of an earlier version of the scorer"
        yield from _doubt(this.work, where, words, cell)
    else:
        yield from _unlike(this.work, where, what, likeness, cell)
    return told


def _folds(this: _Round) -> Iterator[Finding]:
    """Compare the scores of out-of-fold predictions."""
    stored = this.work.store.out_of_fold(this.season.id)
    found = scored_anew(this.season, this.case, this.work.settings, stored)
    for id, each in stored.items():
        if max(this.versions[id], default=0) != this.case.version:
            continue  # remarked already
        now, where = found[id], f"submission {id}"
        if now is None:
            yield Finding(where, "its out-of-fold predictions cannot be scored again")
            continue
        pairs = zip((each.value, *each.folds), (now.value, *now.folds), strict=False)
        likes = {_like(old, new) for old, new in pairs}
        alike = len(each.folds) == len(now.folds) and "other" not in likes
        likeness: Likeness = "other" if not alike else "nearly" if "nearly" in likes else "equal"
        what = "the score of the out-of-fold predictions"
        key = to_json([id], canonical=True)
        yield from _unlike(this.work, where, what, likeness, ("out_of_fold", key, "value"))


def _ranks(this: _Round, now: Sequence[Attempt]) -> Iterator[Finding]:
    """Compare the board of what is stored with that of what was computed."""
    season, chosen = this.season, this.work.store.selections(this.season.id)
    boards = (standings(season, each, chosen) for each in (this.attempts, now))
    for stored, computed in zip(*boards, strict=True):
        places = [(row.entrant, row.rank, row.public_rank) for row in (stored, computed)]
        if places[0] != places[1]:
            where = f"season {season.number} of {season.slug}"
            yield Finding(where, f"the place of {stored.entrant!r} does not follow from the files")
