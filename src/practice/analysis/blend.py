"""Blend submissions that have out-of-fold predictions; no public score is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice import board, scoring
from practice.analysis.blending import (
    Fitted,
    Judge,
    Method,
    climb,
    combine,
    equal,
    fit,
    nested,
    ranks,
)
from practice.analysis.predicted import as_csv, as_numbers, as_predictions
from practice.errors import MetricError, NotFoundError, RefusedError, UsageError
from practice.harness.judging import Case, open_case
from practice.harness.out_of_fold import open_training, read_out_of_fold, score_folds
from practice.harness.records import CrossValidation
from practice.harness.rounds import metric_name, metric_spec
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.store import Attempt, OutOfFold, Season, blobs, open_store

if TYPE_CHECKING:
    from practice.scoring.training import Training

__all__ = ["Blend", "Member", "blend"]

Values = NDArray[np.float64]

_FITTERS = {"climb": climb, "weights": fit}
_SAME = 1e-9  # of two scores: a smaller difference is rounding


@dataclass(frozen=True)
class Member:
    """A submission in a blend.

    Parameters
    ----------
    submission : int
    message : str
    cv : float
        Mean of its own folds' scores.
    weight : float
        Its share, fitted on all folds where it is fitted.
    without : float
        What the blend scores without it, the weights of the others kept in proportion; nested as
        ``nested`` is.
    contribution : float
        By how much the blend is better with it; negative where it is worse.
    """

    submission: int
    message: str
    cv: float
    weight: float
    without: float
    contribution: float


@dataclass(frozen=True)
class Blend:
    """A blend, and what it is worth on the training rows.

    Parameters
    ----------
    competition, entrant, metric : str
    greater_is_better : bool
    method : {"mean", "rank", "climb", "weights"}
    cv : float
        On the folds that the weights were fitted on: flattered, where they were fitted.
    nested : CrossValidation or None
        Each fold with weights fitted on the others alone. None where there is only one fold and
        weights are fitted.
    best : float
        Cross-validation of the best member.
    members : tuple of Member
        In the order of their cross-validation, best first.
    predictions, out_of_fold : bytes
        Csv to submit, and for ``--oof``; the latter made by the weights of the other folds. Left
        out of the ``repr``.
    """

    competition: str
    entrant: str
    metric: str
    greater_is_better: bool
    method: Method
    cv: float
    nested: CrossValidation | None
    best: float
    members: tuple[Member, ...]
    predictions: bytes = field(repr=False)
    out_of_fold: bytes = field(repr=False)


def blend(
    settings: Settings,
    numbers: Sequence[int],
    *,
    entrant: str,
    method: Method = "mean",
    progress: Progress = silent,
) -> Blend:
    """Combine submissions.

    Parameters
    ----------
    settings : Settings
    numbers : sequence of int
        Submissions of the entrant, of one season, with out-of-fold predictions; at least two.
    entrant : str
    method : {"mean", "rank", "climb", "weights"}
        The mean; the mean of ranks; hill climbing with replacement; weights of 0 or more that add
        up to 1. The last two are fitted, on out-of-fold predictions alone. Labels are votes.
    progress : Progress, optional

    Returns
    -------
    Blend

    Raises
    ------
    UsageError
        Fewer than two submissions.
    NotFoundError
        No such submission of this entrant.
    RefusedError
        One has no out-of-fold predictions, is not scored, or is of another season; its predictions
        have no mean, or no order that the metric looks at.
    """
    unique = tuple(dict.fromkeys(numbers))
    if len(unique) < 2:
        raise UsageError("a blend takes two submissions or more", "practice submissions")
    season, own, held = _members(settings, unique, entrant)
    case = open_case(season, settings)
    if case.own is not None and method in _FITTERS:
        raise RefusedError(
            f"weights are not fitted to {metric_name(case.spec)!r}: a metric in a file takes too "
            "long for the many scores this needs",
            "practice blend ID... --method mean",
        )
    training = open_training(case, settings, season.build)
    work = _Work(case, training, method, *_read(settings, case, training, own, held))
    fitted = _fit(work, progress)
    return _report(season, entrant, own, held, work, fitted)


def _fit(work: _Work, progress: Progress) -> Fitted:
    """Fit weights as the method has it, on all folds and on all but each."""
    if not work.fits:
        return nested(len(work.folds), work.training.folds, _unjudged, equal)
    done, due = count(1), len(work.training.folds) + 1

    def fitter(members: int, value: Judge) -> Values:
        weights = _FITTERS[work.method](members, value)
        progress("fitting weights", next(done), due)
        return weights

    return nested(len(work.folds), work.training.folds, work.on_fold, fitter)


def _members(
    settings: Settings, numbers: Sequence[int], entrant: str
) -> tuple[Season, list[Attempt], dict[int, OutOfFold]]:
    """Return the submissions, the one with the best cross-validation first."""
    with open_store(settings) as store:
        found = []
        for number in numbers:
            stored = store.attempt(number)
            if stored is None or stored[1].entrant != entrant:
                raise NotFoundError(
                    f"{entrant!r} has no submission {number}", "practice submissions"
                )
            found.append(stored)
        season = found[0][0]
        held = store.out_of_fold(season.id)
    for other, attempt in found:
        _may_enter(season, other, attempt, held)
    own = [attempt for _, attempt in found]
    sign = -1.0 if season.greater_is_better else 1.0
    levels = board.levels([sign * held[each.id].value for each in own])
    order = sorted(range(len(own)), key=lambda at: (levels[at], own[at].id))
    return season, [own[at] for at in order], held


def _may_enter(season: Season, other: Season, attempt: Attempt, held: dict[int, OutOfFold]) -> None:
    if other.id != season.id:
        raise RefusedError(
            f"submission {attempt.id} belongs to season {other.number} of {other.slug!r}, the "
            f"first one to season {season.number} of {season.slug!r}",
            f"practice submissions {season.slug}",
        )
    if attempt.status != "scored":
        raise RefusedError(
            f"submission {attempt.id} is {attempt.status} and cannot be blended",
            f"practice submissions {season.slug}",
        )
    if attempt.id not in held:
        raise RefusedError(
            f"submission {attempt.id} has no out-of-fold predictions, and weights and worth of a "
            "blend follow from those alone",
            f"practice submit {attempt.file} --oof OOF",
        )


def _read(
    settings: Settings,
    case: Case,
    training: Training,
    own: Sequence[Attempt],
    held: dict[int, OutOfFold],
) -> tuple[Values, Values]:
    """Return out-of-fold and test predictions, shape (members, rows, width)."""
    columns = case.layout.columns
    folds, test = [], []
    for each in own:
        path = blobs.path(settings.blobs, held[each.id].blob)
        read = read_out_of_fold(path, f"submission {each.id}", case, training)
        folds.append(as_numbers(read, columns))
        path = blobs.path(settings.blobs, each.blob)
        read = scoring.read(path, case.layout, case.answers, name=each.file)
        test.append(as_numbers(read, columns))
    return np.stack(folds), np.stack(test)


def _unjudged(weights: Values, fold: int) -> float:
    """Stand in for the score where weights are not fitted."""
    return 0.0


class _Work:
    """Members' predictions, and their scores on the folds.

    Parameters
    ----------
    case : Case
    training : Training
    method : str
    folds, test : ndarray of float64, shape (members, rows, width)
    """

    def __init__(
        self, case: Case, training: Training, method: Method, folds: Values, test: Values
    ) -> None:
        self.case, self.training, self.method = case, training, method
        self.columns = case.layout.columns
        self.fits = method in _FITTERS
        self.sign = 1.0 if case.greater_is_better else -1.0
        if method == "rank":
            ranked = np.stack([ranks(each, training.fold) for each in folds])
            self._must_keep_the_order(folds[0], ranked[0])
            folds, test = ranked, np.stack([ranks(each) for each in test])
        self.folds, self.test = folds, test
        self._last: tuple[bytes, dict[str, NDArray[Any]]] = b"", {}  # folds ask one after another

    def _must_keep_the_order(self, values: Values, ranked: Values) -> None:
        """Refuse ranks where the metric looks at more than the order.

        Raises
        ------
        RefusedError
        """
        name = metric_name(self.case.spec)
        refusal = RefusedError(
            f"{name} looks at more than the order of predictions, so ranks cannot stand for them",
            "practice blend ID... --method mean",
        )
        if any(each.kind == "label" for each in self.columns):
            raise refusal
        try:
            as_ranks = self.scores(ranked, values)
        except RefusedError:
            raise refusal from None
        if not np.allclose(as_ranks, self.scores(values, values), rtol=_SAME, atol=_SAME):
            raise refusal

    def predictions(self, values: Values, tie: Values) -> dict[str, NDArray[Any]]:
        """Return means as predictions."""
        return as_predictions(values, self.columns, tie)

    def on_fold(self, weights: Values, fold: int) -> float:
        """Return the score of a blend on one fold, turned so that more is better."""
        if self._last[0] != weights.tobytes():
            made = self.predictions(combine(self.folds, weights), self.folds[0])
            self._last = weights.tobytes(), made
        rows = self.training.fold == fold
        answers, case = self.training.of_fold(fold), self.case
        try:
            return self.sign * scoring.score(answers, self._last[1], case.metric, rows, case.used)
        except MetricError as error:
            raise RefusedError(
                f"a blend of these cannot be scored on fold {fold}: {error.message}",
                "practice blend ID... --method mean",
            ) from None

    def scores(self, values: Values, tie: Values) -> tuple[float, ...]:
        """Return the scores of means on all folds, in the unit of the metric."""
        return score_folds(self.case, self.training, self.predictions(values, tie))

    def apart(self, of_fold: dict[int, Values], but: int | None = None) -> Values:
        """Return means in which each fold has the weights of the others.

        Parameters
        ----------
        of_fold : dict of int to ndarray
        but : int, optional
            A member to leave out, the others in proportion.
        """
        made = np.empty(self.folds.shape[1:])
        for fold, weights in of_fold.items():
            rows = self.training.fold == fold
            made[rows] = combine(self.folds[:, rows], _without(weights, but))
        return made


def _without(weights: Values, but: int | None) -> Values:
    """Return weights with one set to 0 and the rest in proportion, or equal where it had all."""
    if but is None:
        return weights
    rest = np.where(np.arange(len(weights)) == but, 0.0, weights)
    if not rest.any():
        rest = np.where(np.arange(len(weights)) == but, 0.0, 1.0)
    return np.asarray(rest / rest.sum())


def _report(
    season: Season,
    entrant: str,
    own: Sequence[Attempt],
    held: dict[int, OutOfFold],
    work: _Work,
    fitted: Fitted,
) -> Blend:
    training, case = work.training, work.case
    alone = dict.fromkeys(training.folds, fitted.weights)
    of_fold = fitted.of_fold or alone
    apart = work.apart(of_fold)
    scored = work.scores(apart, work.folds[0])
    worth = CrossValidation.of(scored, len(training.fold))
    members = []
    for at, each in enumerate(own):
        left = [other for other in range(len(own)) if other != at]
        found = work.scores(work.apart(of_fold, at), work.folds[left[0]])
        without = CrossValidation.of(found, len(training.fold)).score
        gain = work.sign * (worth.score - without)
        members.append(
            Member(
                each.id,
                each.note or each.message,
                held[each.id].value,
                float(fitted.weights[at]),
                without,
                0.0 if abs(gain) < _SAME * abs(without) else gain,
            )
        )
    inside = work.scores(work.apart(alone), work.folds[0]) if work.fits else scored
    test = work.predictions(combine(work.test, fitted.weights), work.test[0])
    ids, names = case.answers.ids.to_pylist(), case.layout.id_columns
    return Blend(
        competition=season.slug,
        entrant=entrant,
        metric=metric_name(metric_spec(season)),
        greater_is_better=season.greater_is_better,
        method=work.method,
        cv=CrossValidation.of(inside, len(training.fold)).score,
        nested=worth if fitted.of_fold or not work.fits else None,
        best=held[own[0].id].value,
        members=tuple(members),
        predictions=as_csv(ids, names, test, work.columns),
        out_of_fold=as_csv(
            training.answers.ids.to_pylist(),
            names,
            work.predictions(apart, work.folds[0]),
            work.columns,
        ),
    )
