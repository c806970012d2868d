"""How a board is shaken up at the reveal: the forecast before it, the story after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from practice import board
from practice.board.forecast import Forecast, forecast
from practice.board.joint import join
from practice.build.vault import VaultInfo, load_info
from practice.harness.luck import Looks, public_looks
from practice.harness.rounds import current, metric_name, metric_spec, rules, standings
from practice.settings import Settings
from practice.store import Attempt, Season, Store, open_store
from practice.store.records import Kind

__all__ = ["Shaken", "Shakeup", "number", "shakeup"]

_FEW = 200  # public rows that are wanted


@dataclass(frozen=True)
class Shaken:
    """What the reveal does to one entrant, or did.

    Parameters
    ----------
    rank : int
        The place at present: public before the reveal, private after it.
    entrant : str
    kind : {"person", "reference"}
    public_rank : int or None
    public_score : float or None
        The best that was released.
    finals : int
        Submissions that count at the reveal.
    forecast : float or None
        The private score that is expected of the best of the finals; None where nothing can be
        forecast, as all of the following.
    forecast_low, forecast_high : float or None
        Its 90 % interval; None where the replicates of a score do not vary.
    rank_low, rank_high : int or None
        The places that hold 90 % of the worlds.
    share : float or None
        The share of the worlds that they do hold.
    private_rank : int or None
        None before the reveal, as all of the following.
    private_score : float or None
    moved : int or None
        Places, up is positive; None also where there was no public place.
    held : bool or None
        Whether the private place is one of those that were forecast.
    score_held : bool or None
        Whether the private score is in its interval.
    luck : float or None
        By how many standard deviations the private score is better than forecast.
    """

    rank: int
    entrant: str
    kind: Kind
    public_rank: int | None
    public_score: float | None
    finals: int
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    share: float | None = None
    private_rank: int | None = None
    private_score: float | None = None
    moved: int | None = None
    held: bool | None = None
    score_held: bool | None = None
    luck: float | None = None


@dataclass(frozen=True)
class Shakeup:
    """A board before its reveal, or after it.

    Parameters
    ----------
    competition, metric : str
    greater_is_better, revealed : bool
    season : int
    feedback : str
    public_rows, private_rows : int
    rows : tuple of Shaken
        Ranked entrants, the first place first.
    why : str
        Why there is no forecast; empty where there is one.
    warnings : tuple of str
        Why the forecast may be wrong.
    number : float or None
        Kaggle's shake-up, see :func:`number`; None before the reveal.
    places_held, places_forecast : int or None
        How many places came out inside, of how many that were forecast; None before the reveal.
    scores_held, scores_forecast : int or None
        The same of scores; those of which nothing was uncertain are left out.
    """

    competition: str
    metric: str
    greater_is_better: bool
    revealed: bool
    season: int
    feedback: str
    public_rows: int
    private_rows: int
    rows: tuple[Shaken, ...]
    why: str
    warnings: tuple[str, ...]
    number: float | None = None
    places_held: int | None = None
    places_forecast: int | None = None
    scores_held: int | None = None
    scores_forecast: int | None = None


def number(moves: Sequence[int]) -> float | None:
    """Return the shake-up of a board as Kaggle's users count it.

    Parameters
    ----------
    moves : sequence of int
        Public less private place of each entrant.

    Returns
    -------
    float or None
        The mean of their sizes, divided by the number of entrants: 0 where nobody moved, near 1/3
        where the private board is drawn by lot, at most 1/2. None where there are none.

    Notes
    -----
    Kaggle itself publishes no such number; notebooks and discussions of its users do, on what
    shakes which competition. There is no paper to cite.

    Examples
    --------
    >>> number([1, -1, 0, 0])
    0.125
    """
    if not moves:
        return None
    return sum(map(abs, moves)) / len(moves) ** 2


def shakeup(settings: Settings, slug: str) -> Shakeup:
    """Say how the board of the newest season may end or, after the reveal, how it did.

    Parameters
    ----------
    settings : Settings
    slug : str

    Returns
    -------
    Shakeup
        Before the reveal from released values only; nothing of the private rows is read.

    Raises
    ------
    NotFoundError
        The competition is not started here.
    """
    with open_store(settings) as store:
        return _shaken(store, current(store, slug), settings)


def _shaken(store: Store, season: Season, settings: Settings) -> Shakeup:
    attempts, selections = store.attempts(season.id), store.selections(season.id)
    revealed = season.revealed_at is not None
    info = load_info(settings.vault / season.build)
    table = [row for row in standings(season, attempts, selections) if row.rank is not None]
    finals = _finals(season, attempts, selections, [row.entrant for row in table])
    looks = public_looks(store, season, info, settings, attempts)
    made = None if looks is None else _forecasts(looks, finals, info.rows - info.public_rows)
    public = {
        row.entrant: row.shown.released
        for row in board.public_board(attempts, season.greater_is_better)
    }
    rows = tuple(
        _row(
            row,
            public.get(row.entrant),
            len(finals[row.entrant]),
            None if made is None else made[row.entrant],
            season,
        )
        for row in table
    )
    told = Shakeup(
        competition=season.slug,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        revealed=revealed,
        season=season.number,
        feedback=rules(season).feedback,
        public_rows=info.public_rows,
        private_rows=info.rows - info.public_rows,
        rows=rows,
        why="" if made is not None else _why(season, looks),
        warnings=() if made is None else _warnings(info),
    )
    return _summed(told) if revealed else told


def _finals(
    season: Season,
    attempts: Sequence[Attempt],
    selections: Mapping[str, Sequence[int]],
    entrants: Sequence[str],
) -> dict[str, tuple[board.Row, ...]]:
    """Return the submissions that count at the reveal, by entrant, the earliest first."""
    allowed, up = rules(season).final_selections, season.greater_is_better
    own: dict[str, list[Attempt]] = {name: [] for name in entrants}
    for each in attempts:
        if each.entrant in own:
            own[each.entrant].append(each)
    found = {
        name: board.finals(some, selections.get(name, ()), allowed, up)
        for name, some in own.items()
    }
    first = {name: min((r.submitted_at, r.id) for r in some) for name, some in found.items()}
    return {name: found[name] for name in sorted(found, key=lambda name: first[name])}


def _forecasts(
    looks: Looks, finals: Mapping[str, Sequence[board.Row]], private_rows: int
) -> dict[str, Forecast] | None:
    place = {attempt.id: at for at, attempt in enumerate(looks.attempts)}
    if not finals or any(row.id not in place for some in finals.values() for row in some):
        return None
    joint = join(
        looks.values,
        looks.replicates,
        looks.drawn,
        greater_is_better=looks.scale.greater_is_better,
        bounded=looks.scale.bounded,
    )
    groups = [[place[row.id] for row in some] for some in finals.values()]
    made = forecast(joint, groups, private_rows, looks.scale)
    return None if made is None else dict(zip(finals, made, strict=True))


def _row(
    row: board.Standing,
    public_score: float | None,
    finals: int,
    made: Forecast | None,
    season: Season,
) -> Shaken:
    assert row.rank is not None
    revealed = season.revealed_at is not None
    public_rank = row.public_rank if revealed else row.rank
    shaken = Shaken(row.rank, row.entrant, row.shown.kind, public_rank, public_score, finals)
    if made is not None:
        shaken = replace(
            shaken,
            forecast=made.score,
            forecast_low=made.score_low if made.error else None,
            forecast_high=made.score_high if made.error else None,
            rank_low=made.rank_low,
            rank_high=made.rank_high,
            share=made.share,
        )
    if not revealed:
        return shaken
    private = row.shown.private
    assert private is not None  # else it had no place
    shaken = replace(shaken, private_rank=row.rank, private_score=private)
    if public_rank is not None:
        shaken = replace(shaken, moved=public_rank - row.rank)
    if made is not None:
        held = made.rank_low <= row.rank <= made.rank_high
        luck = made.luck(private, greater_is_better=season.greater_is_better)
        shaken = replace(shaken, held=held, luck=luck)
        if made.error:
            shaken = replace(shaken, score_held=made.score_low <= private <= made.score_high)
    return shaken


def _summed(told: Shakeup) -> Shakeup:
    """Add what the reveal made of all forecasts together."""
    places = [row.held for row in told.rows if row.held is not None]
    scores = [row.score_held for row in told.rows if row.score_held is not None]
    return replace(
        told,
        number=number([row.moved for row in told.rows if row.moved is not None]),
        places_held=sum(places),
        places_forecast=len(places),
        scores_held=sum(scores),
        scores_forecast=len(scores),
    )


def _why(season: Season, looks: Looks | None) -> str:
    """Say why there is no forecast."""
    feedback = rules(season).feedback
    if season.revealed_at is None and not board.parse(feedback).full:
        return f"feedback {feedback} does not tell what a forecast follows from"
    if looks is None:
        return "nobody has a score yet"
    return "there are no resamples of some of these scores"


def _warnings(info: VaultInfo) -> tuple[str, ...]:
    """Say why a forecast may be wrong."""
    found = []
    if info.split == "time":
        found.append("private rows are later than public ones: what changes with time is not in it")
    if info.split == "group":
        found.append("private rows are of other groups: groups that are unlike are not in it")
    if info.public_rows < _FEW:
        found.append(f"{info.public_rows} public rows are few: {_FEW} or more are wanted")
    return tuple(found)
