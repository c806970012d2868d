"""Cross-validation against the board: whether one's folds say what the hidden rows say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice import board
from practice.analysis.agreement import Agreement, agreement
from practice.analysis.verdict import BLIND, NEAR, Verdict, judge
from practice.board.intervals import student
from practice.board.joint import Joint, join
from practice.board.luck import difference
from practice.build.vault import load_info
from practice.harness.luck import Looks, looks_at
from practice.harness.rounds import current, metric_name, metric_spec, rules
from practice.settings import Settings
from practice.store import Attempt, OutOfFold, Season, open_store

__all__ = ["Gain", "Trust", "TrustPoint", "trust"]

_Z = 1.96


@dataclass(frozen=True)
class Gain:
    """By how much a submission is better than another; negative where it is worse."""

    value: float  # turned so that more is better
    low: float | None  # the ends of its 95 % interval; None where it cannot be known
    high: float | None
    real: bool | None  # whether luck alone does not explain it


@dataclass(frozen=True)
class TrustPoint:
    """A submission with out-of-fold predictions.

    Parameters
    ----------
    submission : int
    message : str
    cross_validation : float
    cross_validation_error : float or None
        Standard error of the folds' mean.
    score : float or None
        What the board tells of it.
    score_error : float or None
        Standard error of that score, from the build's resamples.
    near : bool
        Whether the score is within three standard errors of one's best, the larger of both.
    over : int or None
        The submission before this that was the best by cross-validation; both gains are over it.
    gain : Gain or None
        By cross-validation, paired fold by fold.
    board_gain : Gain or None
        On the board, paired row by row; the intervals of all of them hold at once.
    """

    submission: int
    message: str
    cross_validation: float
    cross_validation_error: float | None
    score: float | None
    score_error: float | None
    near: bool
    over: int | None
    gain: Gain | None
    board_gain: Gain | None


@dataclass(frozen=True)
class Trust:
    """What an entrant's cross-validation is worth.

    Parameters
    ----------
    competition, entrant, metric : str
    greater_is_better : bool
    board : {"public", "private"}
        The scores that are compared with: after the reveal the private ones.
    feedback : str
    rows : int
        Rows behind these scores.
    points : tuple of TrustPoint
        By submission.
    standard_error : float or None
        Of the best score among them; None where nothing is known of the board's noise.
    compared : int
        Submissions within three standard errors of the best; all where that is unknown.
    pairs : int
        Of these, the pairs that differ in both scores.
    alike : float or None
        Share of the pairs that both order alike.
    told_apart : int or None
        Pairs whose difference on the board is more than luck; None where that is unknown.
    told_apart_alike : int or None
        Those of them that cross-validation orders alike.
    public_alike : float or None
        After the reveal, the share of pairs that the public score orders as the private one does.
    verdict : {"trust", "check", "undecided", "too few", "nothing"}
    sentence : str
        The verdict in words.
    """

    competition: str
    entrant: str
    metric: str
    greater_is_better: bool
    board: Literal["public", "private"]
    feedback: str
    rows: int
    points: tuple[TrustPoint, ...]
    standard_error: float | None
    compared: int
    pairs: int
    alike: float | None
    told_apart: int | None
    told_apart_alike: int | None
    public_alike: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class _Own:
    """Submissions that both scores are known of, turned so that more is better."""

    attempts: tuple[Attempt, ...]
    promised: NDArray[np.float64]
    shown: NDArray[np.float64]
    errors: NDArray[np.float64]  # of each score; NaN where unknown
    joint: Joint | None
    near: NDArray[np.bool_]

    @property
    def best(self) -> int:
        return int(np.argmax(self.shown))


def trust(settings: Settings, slug: str, entrant: str) -> Trust:
    """Compare an entrant's cross-validation with the board.

    Before the reveal it is compared with what was told of public scores, after it with the private
    scores. Out-of-fold predictions know nothing of hidden rows.

    Parameters
    ----------
    settings : Settings
    slug : str
    entrant : str

    Returns
    -------
    Trust

    Raises
    ------
    NotFoundError
        The competition is not started here.
    """
    with open_store(settings) as store:
        season = current(store, slug)
        beside = store.out_of_fold(season.id)
        every = store.attempts(season.id, entrant)
        shown = _shown(season, every)
        counting = [
            each for each in every if each.id in beside and not each.late and not each.withdrawn_at
        ]
        info = load_info(settings.vault / season.build)
        looks = None
        told = [(each, value) for each in counting if (value := shown[each.id]) is not None]
        revealed = season.revealed_at is not None
        if told and (revealed or board.parse(rules(season).feedback).full):
            part: Literal["public", "private"] = "private" if revealed else "public"
            looks = looks_at(store, season, info, settings, part, told)
    own = _own(told, beside, looks, season.greater_is_better) if told else None
    rows = info.rows - info.public_rows if revealed else info.public_rows
    return _summary(season, entrant, rows, own, _points(season, counting, beside, shown, own))


def _shown(season: Season, attempts: Sequence[Attempt]) -> dict[int, float | None]:
    """Return what is told of each submission alone.

    The Ladder says the best so far again of a submission that is none: that is told of the other.
    """
    if season.revealed_at is not None:
        return {each.id: each.private for each in attempts}
    ladder = board.parse(rules(season).feedback).kind == "ladder"
    shown: dict[int, float | None] = {}
    last = None
    for each in attempts:
        shown[each.id] = None if ladder and each.released == last else each.released
        last = last if each.released is None else each.released
    return shown


def _own(
    told: Sequence[tuple[Attempt, float]],
    beside: dict[int, OutOfFold],
    looks: Looks | None,
    greater_is_better: bool,
) -> _Own:
    sign = 1.0 if greater_is_better else -1.0
    promised = sign * np.array([beside[each.id].value for each, _ in told])
    shown = sign * np.array([value for _, value in told])
    errors = np.full(len(told), math.nan)
    joint = None
    if looks is not None:
        made = join(
            looks.values,
            looks.replicates,
            looks.drawn,
            greater_is_better=greater_is_better,
            bounded=looks.scale.bounded,
        )
        if made.known.all():
            joint = made
            errors = made.deviations.std(axis=1) * looks.drawn.inflation
    best = int(np.argmax(shown))
    near = np.ones(len(told), np.bool_)
    if joint is not None:
        # The larger error of the two: that of a perfect score is 0.
        near = shown >= shown[best] - NEAR * np.maximum(errors, errors[best])
    return _Own(tuple(each for each, _ in told), promised, shown, errors, joint, near)


def _points(
    season: Season,
    counting: Sequence[Attempt],
    beside: dict[int, OutOfFold],
    shown: dict[int, float | None],
    own: _Own | None,
) -> tuple[TrustPoint, ...]:
    sign = 1.0 if season.greater_is_better else -1.0
    place = {} if own is None else {each.id: at for at, each in enumerate(own.attempts)}
    points = []
    over: int | None = None
    for each in counting:
        found, at = beside[each.id], place.get(each.id)
        error = None if own is None or at is None else float(own.errors[at])
        points.append(
            TrustPoint(
                submission=each.id,
                message=each.message,
                cross_validation=found.value,
                cross_validation_error=_error(found.folds),
                score=shown[each.id],
                score_error=None if error is None or math.isnan(error) else error,
                near=own is not None and at is not None and bool(own.near[at]),
                over=over,
                gain=None if over is None else _fold_gain(found, beside[over], sign),
                board_gain=None if own is None else _board_gain(own, at, place.get(over or 0)),
            )
        )
        if over is None or board.better(found.value, beside[over].value, season.greater_is_better):
            over = each.id
    return tuple(points)


def _error(values: Sequence[float]) -> float | None:
    return stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None


def _fold_gain(one: OutOfFold, other: OutOfFold, sign: float) -> Gain:
    """Compare two submissions fold by fold; folds share training rows, so errors are too small."""
    differences = [sign * board.gap(a, b) for a, b in zip(one.folds, other.folds, strict=True)]
    value, error = fmean(differences), _error(differences)
    if error is None:
        return Gain(value, None, None, None)
    margin = student(_Z, len(differences) - 1) * error
    return Gain(value, value - margin, value + margin, abs(value) > margin)


def _board_gain(own: _Own, one: int | None, other: int | None) -> Gain | None:
    """Compare two submissions row by row; the intervals of all pairs hold at once."""
    if one is None or other is None:
        return None
    if own.joint is None:
        return Gain(board.gap(float(own.shown[one]), float(own.shown[other])), None, None, None)
    found = difference(own.joint, one, other)
    return Gain(found.value, found.low, found.high, found.real)


def _summary(
    season: Season,
    entrant: str,
    rows: int,
    own: _Own | None,
    points: tuple[TrustPoint, ...],
) -> Trust:
    near = np.zeros(0, np.intp) if own is None else np.flatnonzero(own.near)
    whole, apart, public = Agreement(0, 0, 0), None, None
    if own is not None:
        whole = agreement(own.promised[near], own.shown[near])
        if own.joint is not None:
            gaps = np.abs(np.subtract.outer(own.shown[near], own.shown[near]))
            beyond = gaps > own.joint.margins(own.joint.beyond, near)
            apart = agreement(own.promised[near], own.shown[near], beyond)
        if season.revealed_at is not None:
            sign = 1.0 if season.greater_is_better else -1.0
            before = np.array([sign * (own.attempts[at].public or 0.0) for at in near])
            public = agreement(before, own.shown[near]).share
    policy = rules(season).feedback
    if points and policy == "blind" and season.revealed_at is None:
        verdict, sentence = BLIND
    else:
        verdict, sentence = judge(0 if own is None else len(own.attempts), whole, apart)
    error = math.nan if own is None else float(own.errors[own.best])
    return Trust(
        competition=season.slug,
        entrant=entrant,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        board="private" if season.revealed_at is not None else "public",
        feedback=policy,
        rows=rows,
        points=points,
        standard_error=None if math.isnan(error) else error,
        compared=len(near),
        pairs=whole.pairs,
        alike=whole.share,
        told_apart=None if apart is None else apart.pairs,
        told_apart_alike=None if apart is None else apart.alike,
        public_alike=public,
        verdict=verdict,
        sentence=sentence,
    )
