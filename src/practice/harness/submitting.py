"""``check`` and ``submit``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from practice import board, scoring
from practice.errors import RefusedError, UsageError
from practice.harness import clock
from practice.harness.accepting import Offer, accept, released
from practice.harness.judging import Contest, judge, open_case
from practice.harness.out_of_fold import keep_out_of_fold
from practice.harness.provenance import GitState, git_state
from practice.harness.records import Checked, CrossValidation, Gap, Submitted
from practice.harness.rounds import (
    current,
    metric_name,
    metric_spec,
    rules,
    standings,
)
from practice.scoring.records import Problem, SubmissionRefusedError
from practice.settings import Settings
from practice.store import Attempt, Season, Store, blobs, open_store

__all__ = ["check", "submit"]

STDIN = "(standard input)"


def _named(file: Path | bytes, name: str | None) -> str:
    if name is not None:
        return name
    return file.name if isinstance(file, Path) else STDIN


def _must_be_a_file(file: Path | bytes) -> None:
    """Refuse what cannot be read as a file at all; there is nothing to store then."""
    if isinstance(file, bytes) or file.is_file():
        return
    if file.is_dir():
        raise UsageError(f"{file} is a directory", "name the file with the predictions")
    raise UsageError(f"{file} does not exist", "name the file with the predictions")


def check(settings: Settings, slug: str, file: Path | bytes, name: str | None = None) -> Checked:
    """Say whether a file may be submitted; costs nothing and stores nothing.

    Parameters
    ----------
    settings : Settings
    slug : str
    file : Path or bytes
        csv, csv.gz, zip or parquet.
    name : str, optional
        What to call it in messages.

    Returns
    -------
    Checked

    Raises
    ------
    NotFoundError
        The competition is not started here.
    UsageError
        There is no such file.
    """
    _must_be_a_file(file)
    with open_store(settings) as store:
        season = current(store, slug)
    case = open_case(season, settings)
    called = _named(file, name)
    try:
        scoring.read(file, case.layout, case.answers, name=called)
    except SubmissionRefusedError as refused:
        return Checked(slug, called, False, None, refused.problems)
    return Checked(slug, called, True, len(case.answers.public), ())


def submit(
    settings: Settings,
    slug: str,
    file: Path | bytes,
    *,
    entrant: str,
    kind: Literal["person", "reference"] = "person",
    name: str | None = None,
    message: str = "",
    params: dict[str, Any] | None = None,
    tags: Sequence[str] = (),
    folder: Path | None = None,
    out_of_fold: Path | bytes | None = None,
    out_of_fold_name: str | None = None,
) -> Submitted:
    """Check, score and store a submission.

    Parameters
    ----------
    settings : Settings
    slug : str
    file : Path or bytes
        csv, csv.gz, zip or parquet.
    entrant : str
        Whose it is.
    kind : {"person", "reference"}
        A reference entry has no limit, and one with the same bytes is stored once.
    name, message, params, tags : optional
        What is kept beside the file.
    folder : Path, optional
        Where git is asked for the version of the code; default: the file's folder.
    out_of_fold : Path or bytes, optional
        Out-of-fold predictions of the training rows: the columns of a submission.
    out_of_fold_name : str, optional
        What messages call them.

    Returns
    -------
    Submitted
        Also for what is refused or failed; both are stored and cost no attempt.

    Raises
    ------
    NotFoundError, UsageError, RefusedError, StoreError
    SubmissionRefusedError
        The out-of-fold predictions have faults; nothing is stored then.
    """
    _must_be_a_file(file)
    called = _named(file, name)
    if folder is None and isinstance(file, Path):
        folder = file.absolute().parent
    with open_store(settings) as store:
        season = current(store, slug)
        blob = blobs.put(settings.blobs, file)
        case = open_case(season, settings)
        beside = None
        if out_of_fold is not None:
            beside_name = _named(out_of_fold, out_of_fold_name)
            beside = keep_out_of_fold(out_of_fold, beside_name, case, season, settings)
        verdict = judge(case, blobs.path(settings.blobs, blob), called)
        git = git_state(folder) if folder is not None else GitState(None, None)
        offer = Offer(
            entrant=entrant,
            kind=kind,
            blob=blob,
            file=called,
            verdict=verdict,
            contest=Contest(case, settings.blobs),
            message=message,
            params=params or {},
            tags=tuple(tags),
            git_commit=git.commit,
            git_dirty=git.dirty,
            out_of_fold=beside,
        )
        if verdict.status == "scored":
            # Asked before the transaction, where it holds up nobody; the contest keeps what it
            # computed, and inside it is asked again of what is stored by then.
            released(store, season, store.attempts(season.id, entrant), offer)
        with store.write() as tx:
            # Read again inside: a reveal may have come between scoring and this transaction.
            scored_for, season = season, current(tx, slug)
            if season.id != scored_for.id:
                raise RefusedError(
                    f"season {season.number} of {slug!r} began meanwhile", "submit again"
                )
            if season.metric != scored_for.metric:
                raise RefusedError(f"the metric of {slug!r} changed meanwhile", "submit again")
            moment = clock.now()
            attempt = accept(tx, season, offer, moment)
        return _said(store, season, attempt)


def _said(store: Store, season: Season, attempt: Attempt) -> Submitted:
    """Describe a stored attempt as its entrant may see it."""
    attempts = store.attempts(season.id)
    before = [each for each in attempts if each.id < attempt.id]
    table = standings(season, attempts, store.selections(season.id))
    own = next((row for row in table if row.entrant == attempt.entrant), None)
    scored = attempt.status == "scored"
    person = attempt.kind == "person"
    limit = rules(season).daily_limit
    revealed = season.revealed_at is not None
    today = clock.day_start(attempt.submitted_at)
    used = store.attempts_since(season.id, attempt.entrant, today)
    beside = store.out_of_fold(season.id).get(attempt.id)
    return Submitted(
        id=attempt.id,
        competition=season.slug,
        entrant=attempt.entrant,
        status=attempt.status,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        public_score=attempt.released,
        private_score=attempt.private if revealed else None,
        rank=own.rank if own is not None and scored and not attempt.late else None,
        ranked=sum(row.rank is not None for row in table),
        entrants=len({row.entrant for row in table if row.shown.kind == "person"}),
        secondary=_released_secondary(season, attempt),
        own_best=_gap_to_own_best(season, attempt, before),
        baseline=_gap_to_baseline(season, attempt, before),
        attempts_left=max(0, limit - used) if person and not revealed else None,
        attempts_reset_at=(
            clock.next_day(attempt.submitted_at) if person and not revealed else None
        ),
        late=attempt.late,
        repeated=next(
            (e.id for e in before if e.entrant == attempt.entrant and e.blob == attempt.blob), None
        ),
        error=attempt.error,
        problems=tuple(Problem(**each) for each in attempt.problems),
        seconds=attempt.seconds,
        cross_validation=CrossValidation.of(beside.folds, beside.row_count) if beside else None,
    )


def _released_secondary(season: Season, attempt: Attempt) -> dict[str, float | None]:
    """Return the metrics shown beside; under any policy but full they would tell too much."""
    if season.revealed_at is None and not board.parse(rules(season).feedback).full:
        return {}
    return attempt.secondary


def _gap(season: Season, attempt: Attempt, other: Attempt, to: str) -> Gap | None:
    if attempt.released is None or other.released is None:
        return None
    difference = board.gap(attempt.released, other.released)
    up = season.greater_is_better
    verdict = board.better(attempt.released, other.released, up) if difference else None
    return Gap(to, other.released, difference, verdict)


def _best(season: Season, attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the best released submission of one entrant, the earlier where equal."""
    table = board.public_board(attempts, season.greater_is_better)
    found = next((row.shown.id for row in table if row.rank is not None), None)
    return next((each for each in attempts if each.id == found), None)


def _gap_to_own_best(season: Season, attempt: Attempt, before: Sequence[Attempt]) -> Gap | None:
    best = _best(season, [each for each in before if each.entrant == attempt.entrant])
    return None if best is None else _gap(season, attempt, best, "own best")


def _gap_to_baseline(season: Season, attempt: Attempt, before: Sequence[Attempt]) -> Gap | None:
    """Compare with the reference entry whose best score is nearest."""
    by_name: dict[str, list[Attempt]] = {}
    for each in before:
        if each.kind == "reference" and each.entrant != attempt.entrant:
            by_name.setdefault(each.entrant, []).append(each)
    bests = [best for own in by_name.values() if (best := _best(season, own)) is not None]
    gaps = [gap for best in bests if (gap := _gap(season, attempt, best, best.entrant)) is not None]
    return min(gaps, key=lambda gap: abs(gap.difference), default=None)
