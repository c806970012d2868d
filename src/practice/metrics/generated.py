"""Metrics of generated samples against hidden ones: of their distributions, not of their rows."""

from __future__ import annotations

import numpy as np

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair, numbers
from practice.metrics.registry import register
from practice.metrics.whole import Whole


def _features(metric: Metric, sample: Sample) -> Pair:
    """Prepare two samples with the same features, shape (rows, features)."""
    y_true, y_pred = numbers(metric, sample)
    if len(y_true) < 2:
        raise MetricError(f"{metric.name} needs at least two rows")
    return y_true.reshape(len(y_true), -1), y_pred.reshape(len(y_pred), -1)


@register(
    "frechet_distance",
    family=Whole(_features),
    greater_is_better=False,
    takes="number",
    range=(0.0, np.inf),
    unit="none",
    several="joint",
    weighted=False,
    aliases=("Frechet Inception Distance", "FID", "Wasserstein-2 of Gaussians"),
)
def frechet_distance(y_true: Floats, y_pred: Floats) -> float:
    """Distance between the Gaussians fitted to a hidden and to a generated sample.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows, features)
        The rows of the hidden sample and those of the submission; which is beside which does not
        matter.

    Returns
    -------
    float
        In the square of the features' unit.

    Raises
    ------
    MetricError
        Where there are fewer than two rows.

    Warnings
    --------
    Small samples are far from each other even when drawn alike: compare scores of samples of one
    size only. What means and covariances do not see does not count.

    Notes
    -----
    d = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), with means m and covariances S (divided by
    rows - 1); tr((S1 S2)^(1/2)) is the sum of the singular values of R1 R2', where S = R' R

    References
    ----------
    D. C. Dowson and B. V. Landau, Journal of Multivariate Analysis 12 (1982) 450-455; M. Heusel et
    al., Advances in Neural Information Processing Systems 30 (2017) 6626-6637.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("frechet_distance").score([[0.0], [2.0]], [[3.0], [5.0]])
    9.0
    """
    # Scaled by a power of two, which loses no digit, lest squares of large values overflow.
    exponent = int(np.frexp(max(np.abs(y_true).max(), np.abs(y_pred).max()))[1])
    samples = [np.ldexp(values, -exponent) for values in (y_true, y_pred)]
    means = [values.mean(axis=0) for values in samples]
    roots = [
        _root((values - centre) / np.sqrt(len(values) - 1))
        for values, centre in zip(samples, means, strict=True)
    ]
    spread = sum(float(np.square(root).sum()) for root in roots)
    shared = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False)
    apart = float(np.square(means[0] - means[1]).sum())
    distance = apart + max(spread - 2 * float(shared.sum()), 0.0)
    return float(np.ldexp(distance, 2 * exponent))


def _root(centred: Floats) -> Floats:
    """Return R of which R' R is the covariance; no eigenvalue is rooted, so none loses digits."""
    return np.asarray(np.linalg.qr(centred, mode="r"), dtype=np.float64)
