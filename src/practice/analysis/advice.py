"""Which two of one's own submissions to choose, from what the store may tell of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice import board
from practice.board.advice import Advice, Basis, Evidence, Rows, advise
from practice.board.joint import join
from practice.build.vault import VaultInfo, load_info
from practice.errors import PracticeError, RefusedError
from practice.harness.luck import looks_of
from practice.harness.records import CrossValidation
from practice.harness.rounds import current, metric_name, metric_spec, rules
from practice.settings import Settings
from practice.store import Attempt, OutOfFold, Season, Store, blobs, open_store

__all__ = ["Advised", "Candidate", "advice_on", "advised", "likeness", "owned"]

MOST = 2  # submissions that are proposed
_LARGEST = 1e150


@dataclass(frozen=True)
class Candidate:
    """A submission that may be chosen.

    Parameters
    ----------
    submission : int
    public_score : float or None
        As the feedback policy told it.
    shrunk : float or None
        The public score less its luck; None where its error is not known.
    cv : float or None
        Mean of the folds' scores.
    cv_error : float or None
        Its standard error.
    joined : float or None
        The true score that is expected from all of this.
    error : float or None
        Its standard error.
    picked : int or None
        1 or 2.
    message : str
    """

    submission: int
    public_score: float | None
    shrunk: float | None
    cv: float | None
    cv_error: float | None
    joined: float | None
    error: float | None
    picked: int | None
    message: str


@dataclass(frozen=True)
class Advised:
    """What to choose, and why.

    Parameters
    ----------
    competition, entrant, metric : str
    greater_is_better : bool
    feedback : str
    basis : {"joined", "public", "cv", "released"}
        See :class:`practice.board.advice.Advice`.
    picks : tuple of int
        Submissions, the first choice first.
    gain : float or None
        How much better the better of both private scores is expected to be than that of the first
        alone; in the unit of the score, never negative.
    error_correlation : float or None
        Of the luck of both.
    agreement : float or None
        How alike both predict: the share of rows with the same prediction, or the correlation of
        the predictions.
    agreement_of : {"rows", "correlation"} or None
    kept : float or None
        Which share of a difference between two public scores is believed.
    offset : float or None
        By how much cross-validation stands above the public score.
    allowed : int
        How many the rules let one choose.
    command : str
        What chooses them.
    candidates : tuple of Candidate
        Best first.
    """

    competition: str
    entrant: str
    metric: str
    greater_is_better: bool
    feedback: str
    basis: Basis
    picks: tuple[int, ...]
    gain: float | None
    error_correlation: float | None
    agreement: float | None
    agreement_of: str | None
    kept: float | None
    offset: float | None
    allowed: int
    command: str
    candidates: tuple[Candidate, ...]


def owned(attempts: Sequence[Attempt], entrant: str) -> list[Attempt]:
    """Return the submissions that an entrant may choose among, oldest first."""
    return [
        each
        for each in attempts
        if each.entrant == entrant
        and each.status == "scored"
        and not each.late
        and each.withdrawn_at is None
    ]


def advised(settings: Settings, slug: str, entrant: str) -> Advised:
    """Propose final submissions for a season that is not revealed.

    Parameters
    ----------
    settings : Settings
    slug : str
    entrant : str

    Returns
    -------
    Advised

    Raises
    ------
    NotFoundError
        The competition is not started here.
    RefusedError
        The season is revealed, or nothing is known that advice could rest on.
    """
    with open_store(settings) as store:
        season = current(store, slug)
        if season.revealed_at is not None:
            raise RefusedError(
                f"season {season.number} of {slug!r} is revealed: too late for advice",
                "practice history",
            )
        own = owned(store.attempts(season.id), entrant)
        held = store.out_of_fold(season.id)
        made = advice_on(store, season, settings, own)
    if not own:
        raise RefusedError(
            f"{entrant!r} has no scored submission in {slug!r} to choose",
            f"practice submit FILE -c {slug}",
        )
    if made is None:
        raise RefusedError(
            f"feedback is {rules(season).feedback}: advice rests on cross-validation alone, and no "
            "submission has any",
            "practice submit FILE --oof OOF",
        )
    return _report(season, settings, own, held, made)


def advice_on(
    store: Store, season: Season, settings: Settings, own: Sequence[Attempt]
) -> Advice | None:
    """Advise from what was known before the reveal, whether that has come or not.

    Parameters
    ----------
    store : Store
    season : Season
    settings : Settings
    own : sequence of Attempt
        See :func:`owned`.

    Returns
    -------
    Advice or None
        Positions among ``own``; scores turned so that more is better. None where nothing is known.
    """
    held = store.out_of_fold(season.id)
    if all(each.released is None and each.id not in held for each in own):
        return None
    info = load_info(settings.vault / season.build)
    policy = board.parse(rules(season).feedback)
    sign = 1.0 if season.greater_is_better else -1.0
    folds = [held.get(each.id) for each in own]
    rows = Rows(info.public_rows, max(info.rows - info.public_rows, 1), info.train_rows)
    return advise(
        Evidence(
            told=sign * np.array([_number(each.released) for each in own]),
            scores=policy.kind in ("full", "rounded"),
            noise=_noise(store, season, info, settings, own),
            cv=sign * np.array([_number(None if each is None else each.value) for each in folds]),
            cv_errors=np.array([_error(each) for each in folds]),
            alike=_copies(own),
            rows=rows,
        )
    )


def _number(value: float | None) -> float:
    """Return a score, or NaN where there is none or its square is too large for a number."""
    return math.nan if value is None or abs(value) > _LARGEST else value


def _error(held: OutOfFold | None) -> float:
    """Return the standard error of a mean of folds."""
    if held is None:
        return math.nan
    return _number(CrossValidation.of(held.folds, held.row_count).standard_error)


def _copies(own: Sequence[Attempt]) -> NDArray[np.float64]:
    """Return 1 where two submissions are the same file."""
    files = np.array([each.blob for each in own])
    same: NDArray[np.float64] = np.equal.outer(files, files).astype(np.float64)
    return same


def _noise(
    store: Store, season: Season, info: VaultInfo, settings: Settings, own: Sequence[Attempt]
) -> NDArray[np.float64] | None:
    """Return the covariance of the errors of the public scores, where these are told in full."""
    before = replace(season, revealed_at=None)
    looks = looks_of(store, before, info, settings, own, {})
    if looks is None or len(looks.attempts) < len(own):
        return None
    joint = join(
        looks.values,
        looks.replicates,
        looks.drawn,
        greater_is_better=season.greater_is_better,
        bounded=looks.scale.bounded,
    )
    if not joint.known.all():
        return None
    moved = joint.deviations
    found: NDArray[np.float64] = moved @ moved.T / moved.shape[1] * looks.drawn.inflation**2
    return found


def _report(
    season: Season,
    settings: Settings,
    own: Sequence[Attempt],
    held: dict[int, OutOfFold],
    made: Advice,
) -> Advised:
    sign = 1.0 if season.greater_is_better else -1.0
    allowed = rules(season).final_selections
    picks = made.picks[: min(allowed, MOST)]
    rank = {place: at for at, place in enumerate(picks, start=1)}

    def told(values: NDArray[np.float64], place: int) -> float | None:
        value = float(values[place])
        return sign * value if math.isfinite(value) else None

    candidates = [
        Candidate(
            submission=each.id,
            public_score=each.released,
            shrunk=told(made.shrunk, place),
            cv=held[each.id].value if each.id in held else None,
            cv_error=None if math.isnan(error := _error(held.get(each.id))) else error,
            joined=told(made.joined, place),
            error=None if math.isnan(made.errors[place]) else float(made.errors[place]),
            picked=rank.get(place),
            message=each.note or each.message,
        )
        for place, each in enumerate(own)
    ]
    ids = tuple(own[place].id for place in picks)
    two = len(picks) == MOST
    agreement, of = _agreement(season, settings, [own[at] for at in picks]) if two else (None, None)
    return Advised(
        competition=season.slug,
        entrant=own[0].entrant,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        feedback=rules(season).feedback,
        basis=made.basis,
        picks=ids,
        gain=made.gain if two else None,
        error_correlation=made.correlation if two and made.basis != "cv" else None,
        agreement=agreement,
        agreement_of=of,
        kept=made.kept,
        offset=None if made.offset is None else sign * made.offset,
        allowed=allowed,
        command=f"practice select {' '.join(map(str, ids))}",
        candidates=_sorted(candidates, sign),
    )


def _sorted(candidates: Sequence[Candidate], sign: float) -> tuple[Candidate, ...]:
    """Return the picks, then by what is expected, then by what is told, the earlier first."""
    expected, told = (
        board.levels([math.inf if value is None else -sign * value for value in values])
        for values in ([e.joined for e in candidates], [e.public_score for e in candidates])
    )
    places = [each.picked or math.inf for each in candidates]
    ids = [each.submission for each in candidates]
    order = sorted(range(len(ids)), key=lambda at: (places[at], expected[at], told[at], ids[at]))
    return tuple(candidates[at] for at in order)


def _agreement(
    season: Season, settings: Settings, two: Sequence[Attempt]
) -> tuple[float | None, str | None]:
    """Return how alike two submissions predict, from their files alone."""
    from practice import scoring
    from practice.harness.judging import open_case

    try:
        case = open_case(season, settings)
        one, other = (
            scoring.read(blobs.path(settings.blobs, each.blob), case.layout, case.answers)
            for each in two
        )
    except PracticeError:  # a file that was lost takes the advice's footnote with it, no more
        return None, None
    return likeness(one, other)


def likeness(one: dict[str, NDArray[Any]], other: dict[str, NDArray[Any]]) -> tuple[float, str]:
    """Return how alike two tables of predictions are.

    Parameters
    ----------
    one, other : dict of str to ndarray, shape (rows,)
        Columns of the same names: floats, codes of labels, or texts.

    Returns
    -------
    float
        The mean over the columns.
    {"rows", "correlation"}
        The share of rows with the same prediction, or, where all columns are numbers which vary,
        their correlation.

    Examples
    --------
    >>> first, second = np.array([0.1, 0.2, 0.4]), np.array([0.2, 0.4, 0.8])
    >>> likeness({"p": first}, {"p": second})
    (1.0, 'correlation')
    >>> likeness({"kind": np.array([0, 1, 1, 2])}, {"kind": np.array([0, 1, 2, 2])})
    (0.75, 'rows')
    """
    pairs = [(one[name], other[name]) for name in one]
    if all(a.dtype.kind == "f" and np.ptp(a) > 0 and np.ptp(b) > 0 for a, b in pairs):
        # Near 1, as squares of the largest numbers are none.
        near = [[each / np.abs(each).max() for each in pair] for pair in pairs]
        found = [float(np.corrcoef(a, b)[0, 1]) for a, b in near]
        return round(float(np.mean(found)), 12), "correlation"
    return float(np.mean([np.mean(a == b) for a, b in pairs])), "rows"
