"""What the store says, as one may see it: board, submissions, status, list."""

from __future__ import annotations

from collections.abc import Sequence

from practice import board, catalog, scoring
from practice.build.vault import load_info
from practice.errors import PracticeError
from practice.harness import clock
from practice.harness.luck import annotated, looks_of
from practice.harness.records import Board, Entry, Listed, Scorer, Status, SubmissionRow
from practice.harness.rounds import (
    current,
    is_over,
    metric_changes,
    metric_name,
    metric_spec,
    metric_text,
    rules,
    standings,
)
from practice.settings import Settings
from practice.store import Attempt, OutOfFold, Season, Store, Transaction, open_store

__all__ = ["board_of", "leaderboard", "listed", "status", "submission_row", "submissions"]

_NEWS = 3


def leaderboard(
    settings: Settings, slug: str, every: bool = False, entrant: str | None = None
) -> Board:
    """Return the board of the newest season of a competition.

    Parameters
    ----------
    settings : Settings
    slug : str
    every : bool
        One row per submission instead of one per entrant; those that do not stand for their
        entrant have no rank.
    entrant : str, optional
        Whose best submission the rows are compared with.

    Raises
    ------
    NotFoundError
        The competition is not started here.
    """
    with open_store(settings) as store:
        return board_of(store, current(store, slug), settings, every, entrant)


def board_of(
    store: Store | Transaction,
    season: Season,
    settings: Settings,
    every: bool = False,
    entrant: str | None = None,
) -> Board:
    """Return the board of a season."""
    attempts, selections = store.attempts(season.id), store.selections(season.id)
    table = standings(season, attempts, selections)
    info = load_info(settings.vault / season.build)
    by_id = {attempt.id: attempt for attempt in attempts}
    revealed = season.revealed_at is not None
    entries = [_entry(row, by_id[row.shown.id], revealed) for row in table]
    looks, made = looks_of(store, season, info, settings, attempts, selections), None
    if looks is not None:
        entries, made = annotated(entries, looks, entrant)
    if every:
        entries += _others(season, attempts, {row.shown.id for row in table})
    return Board(
        competition=season.slug,
        title=season.title,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        revealed=revealed,
        season=season.number,
        feedback=rules(season).feedback,
        public_rows=info.public_rows,
        private_rows=info.rows - info.public_rows,
        entrants=sum(entry.kind == "person" for entry in entries[: len(table)]),
        entries=tuple(entries),
        scorer=_scorer(store, season),
        replicates=0 if made is None else made.replicates,
        optimism=None if made is None else made.optimism,
    )


def _scorer(store: Store | Transaction, season: Season) -> Scorer:
    changes = metric_changes(season)
    versions = [version - changes for version in store.scored_by(season.id).values()]
    return Scorer(
        metric=metric_text(metric_spec(season)),
        metric_changes=changes,
        versions=tuple(sorted(set(versions))),
        package=scoring.SCORER_VERSION,
        older=sum(version < scoring.SCORER_VERSION for version in versions),
    )


def _entry(row: board.Standing, shown: Attempt, revealed: bool) -> Entry:
    return Entry(
        rank=row.rank,
        entrant=row.entrant,
        kind=shown.kind,
        public_score=shown.released,
        private_score=shown.private if revealed else None,
        submissions=row.submissions,
        submitted_at=shown.submitted_at,
        message=shown.message,
        submission=shown.id,
        public_rank=row.public_rank,
        note=row.note,
    )


def _others(season: Season, attempts: Sequence[Attempt], shown: set[int]) -> list[Entry]:
    """Return a row for each submission that does not speak for its entrant, best first."""
    revealed = season.revealed_at is not None
    rest = [each for each in attempts if each.id not in shown]
    sign = -1.0 if season.greater_is_better else 1.0
    scores = {each.id: each.private if revealed else each.released for each in rest}
    known = [score for score in scores.values() if score is not None]
    level = dict(zip(known, board.levels(known), strict=True))

    def order(each: Attempt) -> tuple[bool, float, int]:
        score = scores[each.id]
        return (score is None, 0.0 if score is None else sign * level[score], each.id)

    return [
        Entry(
            rank=None,
            entrant=each.entrant,
            kind=each.kind,
            public_score=each.released,
            private_score=each.private if revealed else None,
            submissions=1,
            submitted_at=each.submitted_at,
            message=each.message,
            submission=each.id,
            note=_state(each),
        )
        for each in sorted(rest, key=order)
    ]


def _state(attempt: Attempt) -> str:
    if attempt.withdrawn_at is not None:
        return "withdrawn"
    if attempt.late:
        return "late"
    return "" if attempt.status == "scored" else attempt.status


def submission_row(
    season: Season, attempt: Attempt, selected: bool, beside: OutOfFold | None
) -> SubmissionRow:
    """Describe a stored submission; its private score only after the reveal."""
    return SubmissionRow(
        id=attempt.id,
        entrant=attempt.entrant,
        status=attempt.status,
        public_score=attempt.released,
        private_score=attempt.private if season.revealed_at is not None else None,
        selected=selected,
        withdrawn=attempt.withdrawn_at is not None,
        late=attempt.late,
        submitted_at=attempt.submitted_at,
        file=attempt.file,
        message=attempt.message,
        params=attempt.params,
        tags=attempt.tags,
        git_commit=attempt.git_commit,
        git_dirty=attempt.git_dirty,
        note=attempt.note,
        error=attempt.error,
        cross_validation=None if beside is None else beside.value,
    )


def submissions(
    settings: Settings, slug: str, entrant: str | None = None
) -> tuple[SubmissionRow, ...]:
    """Return the submissions of a season, oldest first.

    Parameters
    ----------
    settings : Settings
    slug : str
    entrant : str, optional
        Default: everybody.

    Raises
    ------
    NotFoundError
        The competition is not started here.
    """
    with open_store(settings) as store:
        season = current(store, slug)
        attempts = store.attempts(season.id, entrant)
        selections = store.selections(season.id)
        beside = store.out_of_fold(season.id)
    return tuple(
        submission_row(
            season, each, each.id in selections.get(each.entrant, ()), beside.get(each.id)
        )
        for each in attempts
    )


def status(settings: Settings, entrant: str) -> tuple[Status, ...]:
    """Return a row per started competition, the one last worked on first.

    Parameters
    ----------
    settings : Settings
    entrant : str
        Whose best, place and attempts to show.
    """
    with open_store(settings) as store:
        newest = {season.slug: season for season in store.seasons()}
        rows = [_status(store, season, entrant) for season in newest.values()]
    return tuple(sorted(rows, key=lambda row: (row.revealed, row.competition)))


def _status(store: Store, season: Season, entrant: str) -> Status:
    attempts = store.attempts(season.id)
    table = standings(season, attempts, store.selections(season.id))
    own = next((row for row in table if row.entrant == entrant), None)
    mine = [each for each in attempts if each.entrant == entrant]
    moment = clock.now()
    revealed = season.revealed_at is not None
    limit = rules(season).daily_limit
    used = store.attempts_since(season.id, entrant, clock.day_start(moment))
    leader = table[0] if table and table[0].rank == 1 else None
    by_id = {attempt.id: attempt for attempt in attempts}

    def score(row: board.Standing | None) -> float | None:
        if row is None or row.rank is None:
            return None
        shown = by_id[row.shown.id]
        return shown.private if revealed else shown.released

    return Status(
        competition=season.slug,
        title=season.title,
        metric=metric_name(metric_spec(season)),
        season=season.number,
        revealed=revealed,
        own_best=score(own),
        rank=own.rank if own is not None else None,
        ranked=sum(row.rank is not None for row in table),
        submissions=sum(each.status == "scored" for each in mine),
        attempts_left=None if revealed else max(0, limit - used),
        deadline=season.deadline,
        leader=leader.entrant if leader else None,
        leader_score=score(leader),
        last_at=max((each.submitted_at for each in attempts), default=None),
        next=_next(season, bool(mine), is_over(season, moment)),
        news=() if revealed else _news(table, mine),
    )


def _next(season: Season, submitted: bool, over: bool) -> str:
    if season.revealed_at is not None:
        return f"practice retry {season.slug}"
    if over:
        return f"practice reveal {season.slug}"
    if not submitted:
        return f"cd {season.slug} && python starter.py"
    return f"practice leaderboard {season.slug}"


def _news(table: Sequence[board.Standing], mine: Sequence[Attempt]) -> tuple[str, ...]:
    """Say who came to stand above since one's own last submission."""
    own = next((row for row in table if mine and row.entrant == mine[-1].entrant), None)
    if own is None or own.rank is None:
        return ()
    passed = [
        f"{row.entrant} took place {row.rank}"
        for row in table
        if row.rank is not None and row.rank < own.rank and row.shown.id > mine[-1].id
    ]
    return tuple(passed[:_NEWS])


def listed(settings: Settings) -> tuple[Listed, ...]:
    """Return a row per competition that can be started, by difficulty, then by name.

    A definition that cannot be read is listed with the reason as its summary.
    """
    with open_store(settings) as store:
        seasons = {season.slug: season for season in store.seasons()}
    rows = [_listed(settings, slug, seasons.get(slug)) for slug in catalog.names(settings)]
    return tuple(sorted(rows, key=lambda row: (row.difficulty, row.competition)))


def _listed(settings: Settings, slug: str, season: Season | None) -> Listed:
    revealed = season is not None and season.revealed_at is not None
    try:
        found = catalog.load(slug, settings)
    except PracticeError as error:
        reason = f"cannot be read: {error.message}"
        return Listed(slug, "", reason, "", "", 0, (), False, season is not None, revealed)
    return Listed(
        competition=slug,
        title=found.title,
        summary=found.summary,
        task=found.task,
        metric=metric_name(found.metric),
        difficulty=found.difficulty,
        skills=found.skills,
        offline=found.data.source in ("python", "local"),
        started=season is not None,
        revealed=revealed,
    )
