"""Where a board ends: private scores and places, forecast from the public rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from practice.board.intervals import student
from practice.board.joint import Joint
from practice.board.ties import ABSOLUTE, RELATIVE
from practice.board.uncertainty import Scale

__all__ = ["LEVEL", "WORLDS", "Forecast", "forecast"]

LEVEL = 0.9  # of the worlds: how many an interval holds
WORLDS = 4000

_LEAST = 0.89  # of the worlds: what places hold at the least
_SEED = 20
_BELOW, _ABOVE = 3.0, 4.0  # spreads from the middle beyond which an entry is not of the field
_EQUAL = 0.2  # what is thought beforehand of a field whose entries are all equally good
_GRID = 64  # values of the spread of skill that are weighed
_CERTAIN = 1e6  # the spread of skill where nothing but skill tells entries apart
_CELLS = 4_000_000  # numbers of one table at a time
_ROUNDING = 1e-9  # of the spread of scores
_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """How an entrant may end.

    Parameters
    ----------
    score, error : float
        Mean and standard deviation of the private score over the worlds, that of the best of the
        entrant's finals there.
    score_low, score_high : float
        Its 90 % interval, in the unit of the score.
    rank_low, rank_high : int
        The best and the worst place of those that hold 90 % of the worlds.
    share : float
        Share of the worlds in which the place is one of those. Places are whole numbers, so that it
        is as near to 0.9 as they allow, at least 0.89.
    """

    score: float
    error: float
    score_low: float
    score_high: float
    rank_low: int
    rank_high: int
    share: float

    def luck(self, score: float, *, greater_is_better: bool) -> float | None:
        """Return how many standard deviations a score came out better than forecast.

        Parameters
        ----------
        score : float
            The private one.
        greater_is_better : bool

        Returns
        -------
        float or None
            None where nothing was uncertain.

        Examples
        --------
        >>> told = Forecast(0.8, 0.02, 0.77, 0.83, 1, 3, 0.9)
        >>> round(told.luck(0.83, greater_is_better=True), 2)
        1.5
        """
        if self.error <= 0:
            return None
        gap = score - self.score
        return (gap if greater_is_better else -gap) / self.error


def forecast(
    joint: Joint, finals: Sequence[Sequence[int]], private_rows: int, scale: Scale
) -> tuple[Forecast, ...] | None:
    """Forecast the private board.

    Parameters
    ----------
    joint : Joint
        All public scores that count, not only those of the finals: they are the field.
    finals : sequence of sequence of int
        The entries that count of each entrant, at least one; where entrants end with equal scores,
        the first of these is the first.
    private_rows : int
        At least 1.
    scale : Scale

    Returns
    -------
    tuple of Forecast or None
        One for each of ``finals``; None where a final has no replicates.

    Notes
    -----
    A world is a draw of what the entries are worth, given their public scores, and of the private
    rows. All noise in it is that of whole replicates, so that what entries have in common stays in
    common: copies end with equal scores.

    - Public scores are shrunk towards the mean of the field by the empirical Bayes factor
      ``var_noise / (var_noise + var_true)`` [1]_, without which the best of a board is expected to
      stay as lucky as it was. Both variances are those of differences to the field, in which what
      all entries have in common cancels; true differences are taken to spread as those of the noise
      do, times an unknown factor, which is weighed by its likelihood. A half-Cauchy distribution is
      its prior [2]_, with a fifth set aside for a field of equals. The number of entries that the
      likelihood counts is that of independent ones: of the eigenvalues of their correlations the
      squared sum over the sum of squares, so that copies count once.
    - What is luck of a difference to the field is at most the entry's own noise: the factor is
      multiplied by the ratio of both variances where that is below 1. It is 0 for a constant,
      whose replicates do not vary, so that its score stays.
    - An entry far below the field (a majority vote) or far above is not of it, and is not shrunk.
    - Private rows have noise of their own, ``sqrt(public rows / private rows)`` times that of the
      public ones.

    References
    ----------
    .. [1] B. Efron and C. Morris, "Data analysis using Stein's estimator and its generalizations",
       Journal of the American Statistical Association 70 (1975) 311-319.
    .. [2] A. Gelman, "Prior distributions for variance parameters in hierarchical models", Bayesian
       Analysis 1 (2006) 515-534.

    Examples
    --------
    The first of three is a little better than the second, on 500 rows; the third is far behind.

    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> noise = np.random.default_rng(1).normal(size=(3, 1000)) / 60
    >>> drawn = Drawn(rows=500, units=500)
    >>> joint = join(
    ...     np.array([0.91, 0.9, 0.5]), noise, drawn, greater_is_better=True, bounded=True
    ... )
    >>> scale = Scale(greater_is_better=True, bounds=(0.0, 1.0))
    >>> [(each.rank_low, each.rank_high) for each in forecast(joint, [[0], [1], [2]], 500, scale)]
    [(1, 2), (1, 2), (3, 3)]
    """
    taken = sorted({entry for some in finals for entry in some})
    if not taken or not joint.known[taken].all():
        return None
    place = {entry: at for at, entry in enumerate(taken)}
    groups = [[place[entry] for entry in some] for some in finals]
    scores = _ending(joint, np.array(taken), groups, private_rows, scale.bounded)
    ranks = _ranks(scores)
    if not scale.greater_is_better:
        np.negative(scores, out=scores)
    np.clip(scores, *scale.bounds, out=scores)
    ends = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    made = []
    for one, (score, held) in enumerate(zip(scores, ranks, strict=True)):
        spread = float(score.std())
        error = spread if spread > 1e-12 * float(np.abs(score).max()) else 0.0
        low, high = float(ends[0, one]), float(ends[1, one])
        made.append(Forecast(float(score.mean()), error, low, high, *_places(held, len(finals))))
    return tuple(made)


def _ending(
    joint: Joint,
    taken: NDArray[np.intp],
    groups: Sequence[Sequence[int]],
    private_rows: int,
    bounded: bool,
) -> Values:
    """Return the private score of each entrant in each world, more being better."""
    drawn = joint.drawn
    wider = drawn.inflation * student(_Z, drawn.freedom(bounded)) / _Z
    noise = joint.deviations * wider
    known = np.flatnonzero(joint.known)
    apart, centred, core = _field(joint.values[known], noise[known])
    owned = _owned(noise[known], centred)
    spread = _spread(apart[core], centred[core])
    at = np.searchsorted(known, taken)
    own, gap, relative = noise[taken], apart[at, None], centred[at]
    shrunk = (core * owned)[at, None]
    later = math.sqrt(drawn.rows / private_rows)
    bits = np.random.PCG64(_SEED).random_raw(3 * WORLDS)
    replicates = np.uint64(noise.shape[1])
    public, private, skill = (bits % replicates).astype(np.intp).reshape(3, WORLDS)
    ended = np.empty((len(groups), WORLDS))
    for worlds in np.array_split(np.arange(WORLDS), -(-len(taken) * WORLDS // _CELLS)):
        times = spread[worlds]
        kept = shrunk / (1 + times**2)
        # Had the truth been drawn so and the noise so, the score would have been off by this much.
        off = gap - times * relative[:, skill[worlds]] - relative[:, public[worlds]]
        luck = own[:, public[worlds]] + kept * off
        made = joint.values[taken, None] - luck + later * own[:, private[worlds]]
        for one, group in enumerate(groups):
            ended[one, worlds] = made[group].max(axis=0)
    return ended


def _field(values: Values, noise: Values) -> tuple[Values, Values, NDArray[np.bool_]]:
    """Return scores and noise as differences to the field, and which entries are of it."""
    middle = values - np.median(values)
    apart = noise - np.median(noise, axis=0)
    about = math.sqrt(float(np.median((apart**2).mean(axis=1))))
    width = max(1.4826 * float(np.median(np.abs(middle))), about)
    core = (middle >= -_BELOW * width) & (middle <= _ABOVE * width)
    return values - values[core].mean(), noise - noise[core].mean(axis=0), core


def _owned(noise: Values, centred: Values) -> Values:
    """Return which part of the noise of a difference to the field can be the entry's own, 0 to 1.

    The regression of the one noise on the other would say so, too, but is itself taken from few
    public rows: where the truth is 1 for all it shrinks some too little, and these lead the board.
    """
    own, apart = ((each**2).mean(axis=1) for each in (noise, centred))
    found: Values = np.divide(own, apart, out=np.zeros_like(own), where=apart > 0)
    return np.minimum(found, 1.0)


def _spread(apart: Values, centred: Values) -> Values:
    """Return by how much true differences are larger than the noise of differences, per world."""
    variance = (centred**2).mean(axis=1)
    told = variance > 1e-18 * max(float(variance.max()), 1e-300)
    if not told.any():
        return np.full(WORLDS, _CERTAIN)
    errors = np.sqrt(variance[told])
    ratio = float(np.mean((apart[told] / errors) ** 2))
    scaled = centred[told] / errors[:, None]
    products = scaled @ scaled.T if len(scaled) < scaled.shape[1] else scaled.T @ scaled
    independent = float((scaled**2).sum()) ** 2 / float((products**2).sum())
    times = np.geomspace(0.1, max(10.0, 3 * math.sqrt(ratio)), _GRID)
    prior = times / (1 + times**2)  # on a geometric grid, of a half-Cauchy distribution
    prior = np.append(_EQUAL, (1 - _EQUAL) * prior / prior.sum())
    times = np.append(0.0, times)
    likelihood = -independent / 2 * (np.log1p(times**2) + ratio / (1 + times**2))
    weights = prior * np.exp(likelihood - likelihood.max())
    reached = np.cumsum(weights / weights.sum())
    parts = (np.arange(WORLDS) + 0.5) / WORLDS
    found: Values = times[np.minimum(np.searchsorted(reached, parts), _GRID)]
    return found


def _ranks(scores: Values) -> NDArray[np.intp]:
    """Return places by column, the first of equals first; rounding tells none apart."""
    varies, large = (float(np.median(each)) for each in (scores.std(axis=1), np.abs(scores)))
    step = max(_ROUNDING * varies, RELATIVE * large, ABSOLUTE)  # medians: one may be wild
    order = np.argsort(-np.round(scores / step), axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(scores) + 1)[:, None], axis=0)
    return ranks


def _places(ranks: NDArray[np.intp], entrants: int) -> tuple[int, int, float]:
    """Return the ends of the places that hold 90 % of the worlds, and the share they hold.

    Places are whole numbers, so those from the 5 % to the 95 % quantile hold too many worlds:
    places are taken off the rarer end as long as enough are left.
    """
    shares = np.bincount(ranks, minlength=entrants + 1) / len(ranks)
    reached = np.cumsum(shares)
    low, high = (int(np.searchsorted(reached, (1 + end * LEVEL) / 2 - 1e-9)) for end in (-1, 1))
    held = float(shares[low : high + 1].sum())
    while low < high and held - min(shares[low], shares[high]) >= _LEAST:
        held -= float(min(shares[low], shares[high]))
        if shares[low] <= shares[high]:
            low += 1
        else:
            high -= 1
    return low, high, held
