"""Which two submissions to trust with the final: what is luck in a score is taken out first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice.board.shrinking import Scores, centred, correlation, posterior, spread
from practice.board.ties import levels

__all__ = ["Advice", "Basis", "Evidence", "Rows", "advise", "expected_best"]

Values = NDArray[np.float64]
Basis = Literal["joined", "public", "cv", "released"]

_BOTH = 3  # submissions with both scores, of fewer the offset between them is not known
_SAME = 1e-12  # relative: of two values that are the same on paper
_ALIKE = 1e-6  # of a standard error: what solving equations leaves between copies


@dataclass(frozen=True)
class Rows:
    """How many rows a score rests on: public, private and training ones."""

    public: int
    private: int
    training: int


@dataclass(frozen=True)
class Evidence:
    """What is known of one's own submissions, turned so that more is better.

    Parameters
    ----------
    told : ndarray of float64, shape (submissions,)
        What the feedback policy told of the public score; NaN: nothing.
    scores : bool
        Whether these are scores, exact or rounded. Those of a Ladder are not: it tells the best so
        far.
    noise : ndarray of float64, shape (submissions, submissions), or None
        Covariance of the errors of the public scores, from replicates; None where they are not
        told.
    cv : ndarray of float64, shape (submissions,)
        Mean of the folds' scores; NaN: no cross-validation.
    cv_errors : ndarray of float64, shape (submissions,)
        Its standard errors; NaN where they are not known.
    alike : ndarray of float64, shape (submissions, submissions)
        What to take for the correlation of two scores' errors where ``noise`` is None: 1 for the
        same predictions, 0 for others.
    rows : Rows
    """

    told: Values
    scores: bool
    noise: Values | None
    cv: Values
    cv_errors: Values
    alike: Values = field(repr=False)
    rows: Rows


@dataclass(frozen=True)
class Advice:
    """What to choose, and why.

    Parameters
    ----------
    basis : {"joined", "public", "cv", "released"}
        What it rests on: public scores and cross-validation, one of them, or what was told as it
        is.
    shrunk : ndarray of float64, shape (submissions,)
        The public scores less their luck; NaN where that is not known.
    joined : ndarray of float64, shape (submissions,)
        What is expected of the true score; NaN where nothing is known.
    errors : ndarray of float64, shape (submissions,)
        Standard errors of ``joined``; NaN where not known, or where the replicates do not vary.
    picks : tuple of int
        The two to choose, the better one first; one or none where there are no more.
    gain : float or None
        By how much the better of both private scores is expected to stand above that of the first
        alone; None where not known.
    correlation : float or None
        Of the errors of both.
    kept : float or None
        Which share of a difference between two public scores is believed.
    offset : float or None
        By how much cross-validation stands above the public score.
    """

    basis: Basis
    shrunk: Values
    joined: Values
    errors: Values
    picks: tuple[int, ...]
    gain: float | None = None
    correlation: float | None = None
    kept: float | None = None
    offset: float | None = None


def expected_best(
    first: float, others: Values, variance: float, variances: Values, covariances: Values
) -> Values:
    """Return what the better of two normal variables is expected to be.

    Parameters
    ----------
    first : float
        Mean of the one.
    others : ndarray of float64, shape (n,)
        Means of what it is paired with.
    variance : float
        Of the one.
    variances, covariances : ndarray of float64, shape (n,)
        Of the others, and between the one and each.

    Returns
    -------
    ndarray of float64, shape (n,)

    References
    ----------
    C. E. Clark, "The Greatest of a Finite Set of Random Variables", Operations Research 9 (1961)
    145-162, formula 2.

    Examples
    --------
    Of two independent standard normal variables it is one over the root of pi; a copy adds nothing.

    >>> zero, one = np.zeros(2), np.ones(2)
    >>> expected_best(0.0, zero, 1.0, one, np.array([0.0, 1.0])).round(4).tolist()
    [0.5642, 0.0]
    """
    squares = variance + variances - 2 * covariances
    small = _SAME * (variance + variances)
    apart = np.sqrt(np.where(squares > small, squares, 0.0))
    gaps = first - others
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(apart > 0, gaps / apart, np.copysign(np.inf, gaps))
    normal = NormalDist()
    below = np.array([normal.cdf(each) for each in alpha.tolist()])
    density = np.exp(-0.5 * alpha * alpha) / math.sqrt(2 * math.pi)
    best: Values = np.where(
        apart > 0, first * below + others * (1 - below) + apart * density, np.maximum(first, others)
    )
    return best


def advise(evidence: Evidence) -> Advice:
    """Propose two final submissions.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Advice
        First the submission with the best true score that is to be expected, then the one with
        which the better of the two private scores is expected to be best: one that errs elsewhere
        rather than a copy. Among equals the better cross-validation decides, then what was told,
        then the time.

    Notes
    -----
    A public score is skill and luck, cross-validation is skill, an offset common to all and luck of
    its own, whose errors are correlated like those of the public scores. Where cross-validation
    and public scores of the same submissions stray farther from each other than both errors say,
    the excess is added to the error of cross-validation. Without replicates the error of a public
    score is taken from cross-validation, by the number of rows.

    Examples
    --------
    Three submissions, of which the first two are copies: the third is the better companion.

    >>> noise = 1e-4 * np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    >>> missing = np.full(3, np.nan)
    >>> told = np.array([0.9, 0.9, 0.899])
    >>> rows = Rows(public=900, private=900, training=5000)
    >>> advice = advise(Evidence(told, True, noise, missing, missing, np.eye(3), rows))
    >>> advice.basis, advice.picks, round(advice.gain, 4)
    ('public', (0, 2), 0.0052)
    """
    public, cross = _public(evidence), _cross(evidence)
    base = public or cross
    if base is None:
        return _as_told(evidence)
    count, nothing = len(evidence.told), np.full(len(evidence.told), math.nan)
    within = evidence.alike if evidence.noise is None else correlation(evidence.noise)
    skill = spread(base.values, base.noise)
    prior = skill * within
    used: list[Scores] = [base]
    basis: Basis = "cv" if public is None else "public"
    shrunk, kept = nothing, None
    if public is not None:
        shrunk = posterior(prior, [public])[0]
        kept = skill / (skill + float(np.mean(np.diagonal(public.noise))))
        both = None if cross is None else _comparable(public, cross)
        if both is not None:
            used, basis = [public, both], "joined"
    mean, covariance, offset = posterior(prior, used)
    luck = _hidden(evidence, base, within)
    known = np.isin(np.arange(count), np.concatenate([each.places for each in used]))
    errors = np.where(known, np.sqrt(np.maximum(np.diagonal(covariance), 0.0)), math.nan)
    within_luck = _ALIKE * float(np.nanmax(errors))
    ordered = _order(evidence, np.where(known, mean, -np.inf), within_luck)
    order = [each for each in ordered if known[each]]
    picks, gain = _pair(mean, covariance + luck, order)
    rest = [each for each in _order(evidence, evidence.told) if each not in order]
    return Advice(
        basis=basis,
        shrunk=shrunk,
        joined=np.where(known, mean, math.nan),
        errors=np.where(_still(evidence) & (public is not None), math.nan, errors),
        picks=(*picks, *rest)[:2],
        gain=gain,
        correlation=float(within[picks]) if len(picks) == 2 else None,
        kept=kept,
        offset=offset,
    )


def _as_told(evidence: Evidence) -> Advice:
    """Advise where errors are not known: what was told, among equals cross-validation."""
    told = evidence.told
    order = _order(evidence, np.where(np.isnan(told), -np.inf, told))
    nothing = np.full(len(told), math.nan)
    picks = order[:1] + [each for each in order[1:] if evidence.alike[order[0], each] < 1][:1]
    return Advice("released", nothing, nothing, nothing, tuple(dict.fromkeys(picks + order))[:2])


def _order(evidence: Evidence, values: Values, within: float = 0.0) -> list[int]:
    """Return all submissions, best first; among equals by cross-validation, told score and time."""
    told, cv = (np.where(np.isnan(e), -np.inf, e).tolist() for e in (evidence.told, evidence.cv))
    keys = [levels(told), levels(cv), levels(values.tolist(), within)]
    return [int(each) for each in np.lexsort(np.negative(keys))]


def _still(evidence: Evidence) -> NDArray[np.bool_]:
    """Say whose replicates do not vary: how far such a score is from the truth is not known."""
    if evidence.noise is None:
        return np.zeros(len(evidence.told), np.bool_)
    return np.equal(np.diagonal(evidence.noise), 0)


def _public(evidence: Evidence) -> Scores | None:
    """Return the public scores that may be shrunk: those of which the errors are known."""
    places = np.flatnonzero(np.isfinite(evidence.told))
    if not evidence.scores or not len(places):
        return None
    noise = evidence.noise
    if noise is None:
        error = _cross_error(evidence)
        if error is None:
            return None
        noise = error**2 * evidence.rows.training / evidence.rows.public * evidence.alike
    return Scores(places, evidence.told[places], noise[np.ix_(places, places)])


def _cross_error(evidence: Evidence) -> float | None:
    """Return the standard error of cross-validation, pooled: of five folds each is a poor guess."""
    known = evidence.cv_errors[np.isfinite(evidence.cv_errors) & np.isfinite(evidence.cv)]
    error = float(np.sqrt(np.mean(np.square(known)))) if len(known) else 0.0
    return error if error > 0 else None


def _cross(evidence: Evidence) -> Scores | None:
    """Return what cross-validation says."""
    places, error = np.flatnonzero(np.isfinite(evidence.cv)), _cross_error(evidence)
    if not len(places) or error is None:
        return None
    alike = evidence.alike if evidence.noise is None else correlation(evidence.noise)
    return Scores(places, evidence.cv[places], error**2 * alike[np.ix_(places, places)])


def _comparable(public: Scores, cross: Scores) -> Scores | None:
    """Return cross-validation with the error that comparison shows; None where few have both."""
    both, ours, theirs = np.intersect1d(public.places, cross.places, return_indices=True)
    if len(both) < _BOTH:
        return None
    strays = cross.values[theirs] - public.values[ours]
    due = public.noise[np.ix_(ours, ours)] + cross.noise[np.ix_(theirs, theirs)]
    found = float(np.square(strays - strays.mean()).sum())
    excess = max(found - float(np.trace(centred(due))), 0.0) / (len(both) - 1)
    return Scores(cross.places, cross.values, cross.noise + excess * np.eye(len(cross.places)))


def _hidden(evidence: Evidence, base: Scores, within: Values) -> Values:
    """Return the covariance of the luck of private scores."""
    rows = evidence.rows
    if evidence.noise is not None:
        return evidence.noise * (rows.public / rows.private)
    seen = rows.public if evidence.scores and np.isfinite(evidence.told).any() else rows.training
    luck: Values = float(np.mean(np.diagonal(base.noise))) * seen / rows.private * within
    return luck


def _pair(
    mean: Values, covariance: Values, order: list[int]
) -> tuple[tuple[int, ...], float | None]:
    """Return the best and its best companion, and what that one is worth."""
    first, others = order[0], np.array(order[1:], dtype=np.intp)
    if not len(others):
        return (first,), None
    best = expected_best(
        float(mean[first]),
        mean[others],
        float(covariance[first, first]),
        covariance[others, others],
        covariance[first, others],
    )
    slack = 1e-9 * float(np.abs(best - mean[first]).max())
    second = int(np.flatnonzero(best >= best.max() - slack)[0])
    return (first, int(others[second])), max(float(best[second] - mean[first]), 0.0)
