"""Write judged submissions down, under the rules of their season."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from practice import __version__, board
from practice.harness import clock, receipts
from practice.harness.judging import Contest, Verdict
from practice.harness.rounds import is_over, rules
from practice.scoring.records import Problem
from practice.store import (
    Attempt,
    NewAttempt,
    NewScore,
    OutOfFold,
    Replicates,
    Season,
    Store,
    Transaction,
)

__all__ = ["Offer", "accept", "released", "told"]


@dataclass(frozen=True)
class Offer:
    """A judged file, what the Ladder may ask of it, and what its entrant says of it."""

    entrant: str
    kind: Literal["person", "reference"]
    blob: str
    file: str
    verdict: Verdict
    contest: Contest
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    git_commit: str | None = None
    git_dirty: bool | None = None
    out_of_fold: OutOfFold | None = None
    references: dict[str, str] = field(default_factory=dict)  # digests of a reference's files


def accept(tx: Transaction, season: Season, offer: Offer, moment: datetime) -> Attempt:
    """Store an offer inside a transaction; limits and deadline are enforced here.

    Parameters
    ----------
    tx : Transaction
    season : Season
        As read inside ``tx``.
    offer : Offer
    moment : datetime
        When it came, aware.

    Returns
    -------
    Attempt
        A reference entry that is there already with the same bytes is returned as it is.
    """
    tx.entrant(offer.entrant, offer.kind)
    own = tx.attempts(season.id, offer.entrant)
    if offer.kind == "reference":
        for attempt in own:
            if attempt.blob == offer.blob and attempt.status == "scored":
                return attempt
    late = season.revealed_at is not None
    verdict = offer.verdict
    free = late or offer.kind == "reference"
    problem = None if free else _over(tx, season, offer.entrant, moment)
    if verdict.status == "scored" and problem is not None:
        verdict = dataclasses.replace(
            verdict, status="refused", error=problem.message, problems=(problem,), scores=()
        )
    beside = offer.out_of_fold if verdict.status == "scored" else None
    attempt = tx.add_attempt(
        NewAttempt(
            season=season.id,
            entrant=offer.entrant,
            blob=offer.blob,
            file=offer.file,
            status=verdict.status,
            error=verdict.error,
            problems=tuple(dataclasses.asdict(each) for each in verdict.problems),
            message=offer.message,
            params=offer.params,
            tags=offer.tags,
            git_commit=offer.git_commit,
            git_dirty=offer.git_dirty,
            submitted_at=moment,
            seconds=verdict.seconds,
            late=late,
            released=None if verdict.status != "scored" else released(tx, season, own, offer),
            scores=verdict.scores,
            secondary=verdict.secondary if verdict.status == "scored" else {},
            out_of_fold=beside,
        )
    )
    vault = offer.contest.case.vault
    receipts.keep_files(tx, season, vault, moment)
    said: dict[str, Any] = {
        "submission": attempt.id,
        "blob": offer.blob,
        "status": attempt.status,
        "receipt": receipts.submitted(tx, attempt.id, offer.entrant, vault),
    }
    if beside is not None:
        said |= {"out_of_fold": beside.blob, "cross_validation": beside.value}
    if offer.references:
        said |= {"references": offer.references, "practice": __version__}
    tx.append("submission", moment, season.id, offer.entrant, said)
    return attempt


def released(
    store: Store | Transaction, season: Season, own: Sequence[Attempt], offer: Offer
) -> float | None:
    """Return what is said of the public score of an offer; after the reveal everything is.

    Parameters
    ----------
    store : Store or Transaction
    season : Season
    own : sequence of Attempt
        What the same entrant submitted before, oldest first.
    offer : Offer
        Scored.

    Returns
    -------
    float or None
    """
    score = offer.verdict.public
    assert score is not None

    def held(id: int) -> Replicates | None:
        return store.replicates(season.id, "public", id).get(id)

    late = season.revealed_at is not None
    return told(season, own, score, offer.contest, held, late=late)


def told(
    season: Season,
    own: Sequence[Attempt],
    score: NewScore,
    contest: Contest,
    held: Callable[[int], Replicates | None],
    *,
    late: bool,
) -> float | None:
    """Return what the feedback policy of a season tells of a public score.

    Parameters
    ----------
    season : Season
    own : sequence of Attempt
        What the same entrant submitted before, oldest first.
    score : NewScore
    contest : Contest
    held : callable
        Returns what is stored of the public replicates of one of ``own``, by its id.
    late : bool
        True where it came after the reveal: everything is told.

    Returns
    -------
    float or None
    """
    assert score.value is not None
    if late:
        return score.value
    before = [(each, each.released) for each in own if each.released is not None]

    def beats(position: int) -> bool:
        best = before[position][0]
        return contest.beats(score, best, held(best.id))

    return board.release(
        board.parse(rules(season).feedback),
        score.value,
        [said for _, said in before],
        season.greater_is_better,
        beats,
    )


def _over(tx: Transaction, season: Season, entrant: str, moment: datetime) -> Problem | None:
    """Say which rule keeps an entrant from submitting now, if one does."""
    if is_over(season, moment):
        deadline = season.deadline.isoformat(" ", "minutes") if season.deadline else ""
        return Problem(
            None,
            None,
            None,
            f"the deadline of {season.slug!r} was {deadline}",
            f"practice reveal {season.slug}",
        )
    limit = rules(season).daily_limit
    if tx.attempts_since(season.id, entrant, clock.day_start(moment)) < limit:
        return None
    hours = (clock.next_day(moment) - moment).total_seconds() / 3600
    return Problem(
        None,
        None,
        None,
        f"{entrant!r} has used the daily allowance of {limit} today",
        f"submit again after 00:00 UTC, {hours:.1f} hours from now; "
        "until then: practice check FILE",
    )
