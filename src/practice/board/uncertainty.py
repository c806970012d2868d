"""All that a board says of luck, in one call over released scores and replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.board.intervals import Drawn, distance, score_intervals
from practice.board.joint import Joint, join
from practice.board.luck import (
    Difference,
    difference,
    not_worse_than_best,
    optimism,
    rank_intervals,
    shares_won,
)
from practice.board.ties import levels

__all__ = ["Outlook", "Scale", "Uncertainty", "uncertainty"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """What kind of number a score is.

    Parameters
    ----------
    greater_is_better : bool
    bounds : tuple of float
        Lowest and highest value; either may be infinite.
    proportion : bool
        True where it is a share of rows, such as accuracy.

    Examples
    --------
    >>> Scale(greater_is_better=False, bounds=(0.0, math.inf)).bounded
    False
    """

    greater_is_better: bool
    bounds: tuple[float, float]
    proportion: bool = False

    @property
    def bounded(self) -> bool:
        """True where there is a lowest and a highest value."""
        return math.isfinite(self.bounds[0]) and math.isfinite(self.bounds[1])


@dataclass(frozen=True)
class Uncertainty:
    """What is known of one row of a board.

    Parameters
    ----------
    entry : int
        The position of the entry among the scores that were given.
    score_low, score_high : float or None
        The interval of its score; None where it has no replicates, or these do not vary.
    rank_low, rank_high : int
        The best and the worst place it may have; all places where it has no replicates.
    not_worse_than_best : bool or None
        Whether it may be the best one; None where it has no replicates.
    share_won : float or None
        Share of the replicates in which its entrant has the best entry of all.
    to_own_best, to_baseline, to_above : Difference or None
        By how much it is better than the best of one's own, the baseline with the nearest score,
        and the row above; None where there is no such entry, or it is this one.
    baseline : int or None
        The position of that baseline.
    """

    entry: int
    score_low: float | None
    score_high: float | None
    rank_low: int
    rank_high: int
    not_worse_than_best: bool | None
    share_won: float | None
    to_own_best: Difference | None
    to_baseline: Difference | None
    to_above: Difference | None
    baseline: int | None = None


@dataclass(frozen=True)
class Outlook:
    """What is known of a board.

    Parameters
    ----------
    rows : tuple of Uncertainty
        In the order of the board.
    drawn : Drawn
        What it rests on: ``drawn.rows`` rows.
    replicates : int
        Those that the entries have in common.
    optimism : float or None
        By how much the best score of all flatters, at the least.
    """

    rows: tuple[Uncertainty, ...]
    drawn: Drawn
    replicates: int
    optimism: float | None


def uncertainty(
    values: Values,
    replicates: Values,
    entrants: Sequence[str],
    drawn: Drawn,
    scale: Scale,
    *,
    shown: Sequence[int] | None = None,
    baselines: Sequence[int] = (),
    own: int | None = None,
) -> Outlook:
    """Say what luck could have done to a board.

    Parameters
    ----------
    values : ndarray of float64, shape (entries,)
        The released scores of all entries that count, not only of those that are shown: each is a
        look at the same rows.
    replicates : ndarray of float, shape (entries, replicates)
        Of one plan, number by number; NaN where there is none, see
        :func:`practice.board.joint.join`.
    entrants : sequence of str
        Whose each entry is.
    drawn : Drawn
    scale : Scale
    shown : sequence of int, optional
        The entries that have a row, in the order of the board; where left out all, best first.
    baselines : sequence of int
        The reference entries.
    own : int, optional
        One's own best entry.

    Returns
    -------
    Outlook

    Notes
    -----
    The comparison with the best [1]_ takes a smaller factor than that of all pairs does. What it
    finds to be worse than the best cannot have the first place, so that both say the same.

    The score interval of the first row, and of those with an equal score, is that of the winner of
    a contest, and so made for the score less the optimism. Its error is drawn half-way to the
    typical one of those that may be the best, since an error that came out small is part of what
    makes a winner.

    References
    ----------
    .. [1] J. C. Hsu, "Simultaneous confidence intervals for all distances from the 'best'", Annals
       of Statistics 9 (1981) 1026-1034.

    Examples
    --------
    >>> from practice import metrics
    >>> from practice.metrics.drawing import draw
    >>> answers, accuracy = np.arange(400) % 2, metrics.get("accuracy")
    >>> plan = draw(np.arange(400), seed=1)
    >>> entries = [np.where(np.arange(400) < wrong, 1 - answers, answers) for wrong in (40, 44, 90)]
    >>> board = uncertainty(
    ...     np.array([accuracy.score(answers, entry) for entry in entries]),
    ...     np.array([accuracy.replicates(answers, entry, plan) for entry in entries]),
    ...     ["ada", "bob", "majority"],
    ...     Drawn(rows=400, units=400),
    ...     Scale(greater_is_better=True, bounds=(0.0, 1.0), proportion=True),
    ...     baselines=[2],
    ... )
    >>> [(row.rank_low, row.rank_high, row.not_worse_than_best) for row in board.rows]
    [(1, 2, True), (1, 2, True), (3, 3, False)]
    >>> gap = board.rows[0].to_baseline
    >>> round(gap.value, 3), gap.real
    (0.125, True)
    """
    joint = join(
        values,
        replicates,
        drawn,
        greater_is_better=scale.greater_is_better,
        bounded=scale.bounded,
    )
    order = np.argsort(-_level(joint.values), kind="stable") if shown is None else shown
    places = np.array(order, dtype=np.intp)
    first, last = rank_intervals(joint, places)
    marked = not_worse_than_best(joint, places)
    first[~marked & (first == 1)] = 2  # what is worse than the best has not the first place
    flattered = optimism(joint)
    low, high = _scores(joint, np.asarray(values, np.float64), scale, places, marked, flattered)
    won = shares_won(joint, entrants)
    reference = np.array(baselines, dtype=np.intp)
    made = []
    for place, entry in enumerate(places.tolist()):
        known = bool(joint.known[entry])
        exists = not math.isnan(low[place])
        nearest = _nearest(joint, entry, reference)
        row = Uncertainty(
            entry,
            float(low[place]) if exists else None,
            float(high[place]) if exists else None,
            int(first[place]),
            int(last[place]),
            bool(marked[place]) if known else None,
            won.get(entrants[entry]),
            _to(joint, entry, own),
            _to(joint, entry, nearest),
            _to(joint, entry, int(places[place - 1]) if place else None),
            nearest,
        )
        made.append(row)
    number = joint.deviations.shape[1] if joint.known.any() else 0
    return Outlook(tuple(made), drawn, number, flattered)


def _scores(
    joint: Joint,
    values: Values,
    scale: Scale,
    places: NDArray[np.intp],
    marked: NDArray[np.bool_],
    flattered: float | None,
) -> tuple[Values, Values]:
    """Return the interval of each score that is shown, those of the best ones less their luck."""
    shown = values[places]
    errors = np.where(joint.known, joint.deviations.std(axis=1), np.nan)[places]
    luck = np.zeros(len(places))
    known = joint.known[places]
    if known.any():
        level = _level(np.where(known, joint.values[places], -np.inf))
        leaders = level == level.max()
        luck[leaders] = (flattered or 0.0) * (1 if scale.greater_is_better else -1)
        with np.errstate(all="ignore"):
            relative = errors / distance(shown, scale.bounds)
        others = relative[marked & known & np.isfinite(relative) & (relative > 0)]
        drawn = leaders & np.isfinite(relative) & (relative > 0)
        if len(others):
            typical = float(np.median(others))
            errors[drawn] *= np.sqrt(np.maximum(1.0, typical / relative[drawn]))
    return score_intervals(
        shown,
        errors,
        joint.drawn,
        bounds=scale.bounds,
        proportion=scale.proportion,
        flattered=luck,
    )


def _level(values: Values) -> Values:
    return np.array(levels(values.tolist()))


def _nearest(joint: Joint, entry: int, baselines: NDArray[np.intp]) -> int | None:
    others = baselines[baselines != entry]
    if not len(others):
        return None
    return int(others[np.argmin(np.abs(joint.values[others] - joint.values[entry]))])


def _to(joint: Joint, entry: int, other: int | None) -> Difference | None:
    return None if other is None or other == entry else difference(joint, entry, other)
