"""What luck could have done to a board, from what the store holds and the policy tells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from practice import board
from practice.board.intervals import Drawn
from practice.board.luck import Difference
from practice.board.uncertainty import Outlook, Scale, Uncertainty, uncertainty
from practice.build.plan_info import Part, load_plan_info
from practice.build.vault import VaultInfo
from practice.harness.records import Entry, Paired
from practice.harness.rounds import metric_spec, rules
from practice.settings import Settings
from practice.store import Attempt, Season, Store, Transaction

__all__ = ["Looks", "annotated", "looks_at", "looks_of", "outlook", "public_looks"]

# Metrics that are a share of rows, each of which counts 0 or 1.
_PROPORTIONS = ("accuracy", "top_k_error")


@dataclass(frozen=True)
class Looks:
    """The submissions that luck had a say in, with what is told of them.

    Parameters
    ----------
    part : {"public", "private"}
        The rows that rank.
    attempts : tuple of Attempt
        All that count: each is a look at the same rows.
    values : ndarray of float64, shape (attempts,)
    replicates : ndarray of float64, shape (attempts, replicates)
        NaN for an attempt that has none; left out of the ``repr``.
    drawn : Drawn
    scale : Scale
    """

    part: Part
    attempts: tuple[Attempt, ...]
    values: NDArray[np.float64]
    replicates: NDArray[np.float64]
    drawn: Drawn
    scale: Scale


def looks_of(
    store: Store | Transaction,
    season: Season,
    info: VaultInfo,
    settings: Settings,
    attempts: Sequence[Attempt],
    selections: Mapping[str, Sequence[int]],
) -> Looks | None:
    """Gather the submissions of a board and their replicates.

    Before the reveal these are all that count, with their public scores; after it the final ones,
    with their private scores.

    Parameters
    ----------
    store : Store or Transaction
    season : Season
    info : VaultInfo
        Of the season's build.
    settings : Settings
    attempts : sequence of Attempt
        Of the season.
    selections : mapping of str to sequence of int

    Returns
    -------
    Looks or None
        None where the policy does not tell scores as they are, or there are none.
    """
    if season.revealed_at is None:
        return public_looks(store, season, info, settings, attempts)
    finals = _finals(season, attempts, selections)
    told = [(each, each.private) for each in finals if each.private is not None]
    return looks_at(store, season, info, settings, "private", told) if told else None


def public_looks(
    store: Store | Transaction,
    season: Season,
    info: VaultInfo,
    settings: Settings,
    attempts: Sequence[Attempt],
) -> Looks | None:
    """Gather all submissions that count, with their public scores and replicates.

    Parameters
    ----------
    store, season, info, settings, attempts
        As for :func:`looks_of`.

    Returns
    -------
    Looks or None
        None where there are none, or where the policy does not tell scores as they are; after the
        reveal every policy does.
    """
    revealed = season.revealed_at is not None
    if not revealed and not board.parse(rules(season).feedback).full:
        return None
    counting = [a for a in attempts if a.status == "scored" and not a.late and not a.withdrawn_at]
    scored = [(each, each.public if revealed else each.released) for each in counting]
    told = [(each, value) for each, value in scored if value is not None]
    return looks_at(store, season, info, settings, "public", told) if told else None


def looks_at(
    store: Store | Transaction,
    season: Season,
    info: VaultInfo,
    settings: Settings,
    part: Part,
    told: Sequence[tuple[Attempt, float]],
) -> Looks:
    """Put the replicates of some submissions beside what is told of them.

    Parameters
    ----------
    store : Store or Transaction
    season : Season
        With full feedback or revealed: else replicates tell more than its policy does.
    info : VaultInfo
    settings : Settings
    part : {"public", "private"}
    told : sequence of (Attempt, float)
        At least one.

    Returns
    -------
    Looks
    """
    known = load_plan_info(settings.vault / season.build, part)
    rows = info.rows - info.public_rows if part == "private" else info.public_rows
    drawn = Drawn(rows, rows)
    if known is not None:
        drawn = Drawn(known.rows, known.units, neighbours=known.kind == "time")
    found = store.replicates(season.id, part)
    width = known.replicates if known is not None else 0
    nothing = np.full(width, math.nan)
    table = [
        np.frombuffer(found[a.id].data, "<f8")
        if a.id in found and known is not None and found[a.id].plan == known.id
        else nothing
        for a, _ in told
    ]
    return Looks(
        part,
        tuple(attempt for attempt, _ in told),
        np.array([value for _, value in told]),
        np.array(table).reshape(len(told), width),
        drawn,
        _scale(season),
    )


def _finals(
    season: Season, attempts: Sequence[Attempt], selections: Mapping[str, Sequence[int]]
) -> list[Attempt]:
    """Return the submissions that count at the reveal, of everybody."""
    allowed, up = rules(season).final_selections, season.greater_is_better
    by_id = {each.id: each for each in attempts}
    names = dict.fromkeys(each.entrant for each in attempts)
    chosen: list[Attempt] = []
    for name in names:
        own = [each for each in attempts if each.entrant == name]
        picked = board.finals(own, selections.get(name, ()), allowed, up)
        chosen += [by_id[each.id] for each in picked]
    return chosen


def _scale(season: Season) -> Scale:
    """Say what kind of number the score of a season is."""
    from practice.metrics import options

    spec = metric_spec(season)
    if spec.name is None:
        return Scale(season.greater_is_better, (-math.inf, math.inf))
    metric, used = options.split(spec.name, spec.parameters)
    share = metric.name in _PROPORTIONS and used.sample_weight is None and used.group is None
    return Scale(season.greater_is_better, metric.range, share)


def outlook(looks: Looks, shown: Sequence[int], entrant: str | None = None) -> Outlook:
    """Say what luck could have done to a board.

    Parameters
    ----------
    looks : Looks
    shown : sequence of int
        The submissions that have a row, in the order of the board.
    entrant : str, optional
        Whose best the others are compared with.

    Returns
    -------
    Outlook
        A row for each of ``shown``.
    """
    place = {attempt.id: at for at, attempt in enumerate(looks.attempts)}
    sign = 1.0 if looks.scale.greater_is_better else -1.0
    mine = [at for at, attempt in enumerate(looks.attempts) if attempt.entrant == entrant]
    level = board.levels(looks.values.tolist())
    own = max(mine, key=lambda at: (sign * level[at], -at), default=None)
    return uncertainty(
        looks.values,
        looks.replicates,
        [attempt.entrant for attempt in looks.attempts],
        looks.drawn,
        looks.scale,
        shown=[place[id] for id in shown],
        baselines=[at for at, each in enumerate(looks.attempts) if each.kind == "reference"],
        own=own,
    )


def annotated(
    entries: Sequence[Entry], looks: Looks, entrant: str | None
) -> tuple[list[Entry], Outlook | None]:
    """Add to the ranked rows of a board what luck could have done to them.

    Parameters
    ----------
    entries : sequence of Entry
        In the order of the board.
    looks : Looks
    entrant : str or None

    Returns
    -------
    entries : list of Entry
    outlook : Outlook or None
        None where no row is ranked.
    """
    shown = [each.submission for each in entries if each.rank is not None and each.submission]
    if not shown:
        return list(entries), None
    made = outlook(looks, shown, entrant)
    names = {attempt.id: attempt.entrant for attempt in looks.attempts}
    rows = dict(zip(shown, made.rows, strict=True))
    above: dict[int, str] = {}
    for id, before in zip(shown[1:], shown, strict=False):
        above[id] = names[before]
    done = []
    for entry in entries:
        row = rows.get(entry.submission) if entry.submission is not None else None
        if row is None or entry.submission is None:
            done.append(entry)
            continue
        baseline = None if row.baseline is None else looks.attempts[row.baseline].entrant
        done.append(
            replace(
                entry,
                score_low=row.score_low,
                score_high=row.score_high,
                rank_low=_place(row, row.rank_low),
                rank_high=_place(row, row.rank_high),
                not_worse_than_best=row.not_worse_than_best,
                share_won=row.share_won,
                to_own_best=_paired(row.to_own_best, "own best"),
                to_baseline=_paired(row.to_baseline, baseline),
                to_above=_paired(row.to_above, above.get(entry.submission)),
            )
        )
    return done, made


def _place(row: Uncertainty, place: int) -> int | None:
    """Return an end of a row's places; None where nothing is known of its luck."""
    return None if row.not_worse_than_best is None else place


def _paired(found: Difference | None, to: str | None) -> Paired | None:
    if found is None or to is None:
        return None
    return Paired(to, found.value, found.low, found.high, found.real)
