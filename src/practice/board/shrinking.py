"""Skill and luck of scores told apart: shrinkage towards their mean, by several kinds of scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scores", "centred", "correlation", "posterior", "spread"]

Values = NDArray[np.float64]

_RIDGE = 1e-9  # relative: what copies leave singular
_SAME = 1e-12  # relative: of two values that are the same on paper


def correlation(noise: Values) -> Values:
    """Return the correlation of errors; what has none is like nothing else.

    Parameters
    ----------
    noise : ndarray of float64, shape (n, n)
        Their covariance.

    Returns
    -------
    ndarray of float64, shape (n, n)
    """
    scale = np.sqrt(np.diagonal(noise))
    safe = np.where(scale > 0, scale, 1.0)
    found = noise / np.outer(safe, safe)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def centred(table: Values) -> Values:
    """Return a covariance, shape (n, n), of the same variables less their mean."""
    less = table - table.mean(axis=0, keepdims=True)
    return np.asarray(less - less.mean(axis=1, keepdims=True))


def spread(values: Values, noise: Values) -> float:
    """Return how far skills differ, as a variance on the scale of the scores' own errors.

    Parameters
    ----------
    values : ndarray of float64, shape (submissions,)
    noise : ndarray of float64, shape (submissions, submissions)
        Covariance of their errors.

    Returns
    -------
    float
        The variance of skills which are correlated like the errors are: submissions that predict
        alike are alike in truth. Never 0. Large where fewer than about four different submissions
        say nothing of it, so that they keep their scores.

    Notes
    -----
    With the noise of one size, ``s2``, differences are shrunk by Morris' [1]_ factor
    ``(f - 2) / f * s2 / max(s2, q)``, ``q`` being the mean square of the scores around their mean
    and ``f`` its degrees of freedom, Satterthwaite's for correlated scores.

    References
    ----------
    .. [1] C. N. Morris, "Parametric Empirical Bayes Inference: Theory and Applications", Journal of
       the American Statistical Association 78 (1983) 47-55, formula 1.17.

    Examples
    --------
    Scores that differ as much as luck alone lets them, and ten times as much.

    >>> values, noise = np.array([-1.5, -0.5, 0.0, 0.0, 0.5, 1.5]), np.eye(6)
    >>> round(spread(values, noise), 2), round(spread(10 * values, noise), 2)
    (0.67, 165.67)
    """
    alike = centred(correlation(noise))
    size = float(np.trace(alike))
    if len(values) < 2 or size <= _SAME * len(values):
        return max(float(np.trace(noise)), 1.0)
    own = float(np.trace(centred(noise))) / size
    found = float(np.square(values - values.mean()).sum()) / size
    freedom = size * size / float(np.square(alike).sum())
    share = max(freedom - 2, 0.0) / freedom * own / max(own, found) if own > 0 else 0.0
    if share < 1e-6:
        return 1e6 * max(own, found, _SAME)
    return own * (1 - share) / share


@dataclass(frozen=True)
class Scores:
    """Scores of some of the submissions.

    Parameters
    ----------
    places : ndarray of int, shape (n,)
        Which.
    values : ndarray of float64, shape (n,)
    noise : ndarray of float64, shape (n, n)
        Covariance of their errors.
    """

    places: NDArray[np.intp]
    values: Values
    noise: Values


def posterior(prior: Values, told: list[Scores]) -> tuple[Values, Values, float | None]:
    """Return the skills that are to be expected given scores of one kind or two.

    Parameters
    ----------
    prior : ndarray of float64, shape (submissions, submissions)
        Covariance of skills around a mean of which nothing is known.
    told : list of Scores
        Nothing is known of the offset of the second kind either.

    Returns
    -------
    mean : ndarray of float64, shape (submissions,)
    covariance : ndarray of float64, shape (submissions, submissions)
    offset : float or None
        By how much the second kind stands above the first.

    References
    ----------
    C. R. Henderson, "Best Linear Unbiased Estimation and Prediction under a Selection Model",
    Biometrics 31 (1975) 423-447.

    Examples
    --------
    >>> told = Scores(np.arange(2), np.array([0.8, 0.9]), 1e-4 * np.eye(2))
    >>> mean, covariance, offset = posterior(1e-4 * np.eye(2), [told])
    >>> mean.round(4).tolist(), offset
    ([0.825, 0.875], None)
    """
    places = np.concatenate([each.places for each in told])
    observed = np.concatenate([each.values for each in told])
    total = prior[np.ix_(places, places)].copy()
    fixed = np.zeros((len(places), len(told)))
    fixed[:, 0] = 1.0
    at = 0
    for kind, each in enumerate(told):
        here = slice(at, at + len(each.places))
        total[here, here] += each.noise
        fixed[here, kind] = 1.0
        at = here.stop
    total[np.diag_indices_from(total)] += _RIDGE * float(np.trace(total)) / len(total)
    towards = prior[:, places]
    solved = np.linalg.solve(total, np.column_stack([fixed, observed, towards.T]))
    kinds = len(told)
    known = np.linalg.inv(fixed.T @ solved[:, :kinds])
    level = known @ (fixed.T @ solved[:, kinds])
    rest = solved[:, kinds] - solved[:, :kinds] @ level
    mean = level[0] + towards @ rest
    ahead = np.zeros((len(prior), kinds))
    ahead[:, 0] = 1.0
    ahead -= towards @ solved[:, :kinds]
    covariance = prior - towards @ solved[:, kinds + 1 :] + ahead @ known @ ahead.T
    return mean, covariance, float(level[1]) if kinds > 1 else None
