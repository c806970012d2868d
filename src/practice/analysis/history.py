"""What became of one's seasons: places, the finals chosen, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from practice import board
from practice.analysis.advice import MOST, advice_on, owned
from practice.errors import BuildError
from practice.harness.rounds import metric_name, metric_spec, rules
from practice.settings import Settings
from practice.store import Attempt, Season, Store, open_store

__all__ = ["Past", "history"]


@dataclass(frozen=True)
class Past:
    """A season that is revealed.

    Parameters
    ----------
    competition : str
    season : int
    revealed_at : datetime
    metric : str
    greater_is_better : bool
    place : int
        On the private board, reference entries counted.
    ranked : int
        Rows on it that have a place.
    public_place : int or None
        Before the reveal; None under blind feedback.
    percentile : float
        Share of the ranked rows, in percent, that are not before this one.
    private_score : float
        Of the better final.
    finals : tuple of int
        The submissions that counted.
    chosen : bool
        Whether they were selected; else the best public ones stood in.
    best : int
        The submission with the best private score of all that could have been selected.
    best_score : float
    regret : float
        By how much that one is better than the better final; never negative.
    regret_places : int
        Places that it would have been further up.
    advice : tuple of int
        What ``practice select --advise`` would have proposed, from what was known before the
        reveal; empty where nothing was.
    advice_regret : float or None
    advice_places : int or None
    """

    competition: str
    season: int
    revealed_at: datetime
    metric: str
    greater_is_better: bool
    place: int
    ranked: int
    public_place: int | None
    percentile: float
    private_score: float
    finals: tuple[int, ...]
    chosen: bool
    best: int
    best_score: float
    regret: float
    regret_places: int
    advice: tuple[int, ...]
    advice_regret: float | None
    advice_places: int | None


def history(settings: Settings, entrant: str) -> tuple[Past, ...]:
    """Return the revealed seasons of an entrant, the latest first.

    Parameters
    ----------
    settings : Settings
    entrant : str

    Returns
    -------
    tuple of Past
        Without seasons in which nothing of theirs counted. All of it is computed from the store
        each time, nothing of it is kept.
    """
    with open_store(settings) as store:
        told = [
            _past(store, season, settings, entrant)
            for season in store.seasons()
            if season.revealed_at is not None
        ]
    return tuple(sorted(filter(None, told), key=lambda each: each.revealed_at, reverse=True))


def _past(store: Store, season: Season, settings: Settings, entrant: str) -> Past | None:
    attempts, selections = store.attempts(season.id), store.selections(season.id)
    own = owned(attempts, entrant)
    scores = {each.id: each.private for each in own if each.private is not None}
    allowed, up = rules(season).final_selections, season.greater_is_better
    finals = tuple(each.id for each in board.finals(own, selections.get(entrant, ()), allowed, up))
    if season.revealed_at is None or not any(each in scores for each in finals):
        return None

    level = dict(zip(scores, board.levels(list(scores.values())), strict=True))

    def best_of(ids: Iterable[int]) -> int:
        known = [each for each in ids if each in scores]
        return min(known, key=lambda each: (-level[each] if up else level[each], each))

    def standing(ids: tuple[int, ...]) -> tuple[int, board.Standing, int]:
        table = board.revealed_board(attempts, {**selections, entrant: ids}, allowed, up)
        mine = next(row for row in table if row.entrant == entrant)
        assert mine.rank is not None
        return mine.rank, mine, sum(row.rank is not None for row in table)

    place, mine, ranked = standing(finals)
    best, final = best_of(scores), best_of(finals)
    top = standing((best,))[0]
    advice = _advice(store, season, settings, own)
    counted = any(each in scores for each in advice)
    return Past(
        competition=season.slug,
        season=season.number,
        revealed_at=season.revealed_at,
        metric=metric_name(metric_spec(season)),
        greater_is_better=up,
        place=place,
        ranked=ranked,
        public_place=mine.public_rank,
        percentile=100.0 * (1 - (place - 1) / ranked),
        private_score=scores[final],
        finals=finals,
        chosen=bool(selections.get(entrant)),
        best=best,
        best_score=scores[best],
        regret=abs(board.gap(scores[best], scores[final])),
        regret_places=place - top,
        advice=advice,
        advice_regret=abs(board.gap(scores[best], scores[best_of(advice)])) if counted else None,
        advice_places=standing(advice)[0] - top if counted else None,
    )


def _advice(
    store: Store, season: Season, settings: Settings, own: list[Attempt]
) -> tuple[int, ...]:
    """Return what would have been proposed; it sees no private score.

    Nothing where the build is no longer there: places and regret follow from the store alone.
    """
    try:
        made = advice_on(store, season, settings, own)
    except BuildError:
        return ()
    if made is None:
        return ()
    return tuple(own[at].id for at in made.picks[: min(rules(season).final_selections, MOST)])
