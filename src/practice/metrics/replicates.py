"""Scores under a resampling plan: the quick way a family offers, else one score after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.plan import Plan

if TYPE_CHECKING:
    from practice.metrics.base import Metric, Sample

__all__ = ["BUDGET", "LEAST", "Resampling", "defined", "looped", "resample"]

BUDGET = 5.0  # seconds that a loop over replicates may take
LEAST = 200  # replicates below which a loop is not worth its time: a standard error within 5 %

_TRIED = 3  # replicates after which the time of all is known well enough,
_HOPELESS = 4  # and how many times the budget they must seem to need to stop before

Values = NDArray[np.float64]


@runtime_checkable
class Resampling(Protocol):
    """A family that knows better than to compute one score after the other."""

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Values | None:
        """Return the score of each replicate, NaN where it is undefined.

        None where the family has no quick way for this metric and plan.
        """


def resample(metric: Metric, sample: Sample, plan: Plan, budget: float = BUDGET) -> Values | None:
    """Score a sample under each replicate of a plan.

    Parameters
    ----------
    metric : Metric
    sample : Sample
    plan : Plan
        Of as many rows as the sample.
    budget : float
        Seconds; see :func:`looped`.

    Returns
    -------
    ndarray of float64, shape (replicates,), or None
        NaN where the metric is undefined, or was not reached; None where there is too little time.

    Raises
    ------
    MetricError
        Where the sample itself cannot be scored.
    """
    values = None
    if isinstance(metric.family, Resampling):
        values = metric.family.replicates(metric, sample, plan)
    if values is None:
        values = looped(metric, sample, plan, budget)
    if values is None:
        return None
    values = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(values).all():
        metric.family.score(metric, sample)  # which is refused as well, unless the plan is odd
    return values


def looped(metric: Metric, sample: Sample, plan: Plan, budget: float = BUDGET) -> Values | None:
    """Score replicates one after the other, each on the rows that it has.

    Parameters
    ----------
    metric : Metric
    sample : Sample
    plan : Plan
    budget : float
        Seconds. Where the first replicates show that it does not reach for 200 (or all, if they
        are fewer), there are none; where it ends before the last, those not reached are NaN.

    Returns
    -------
    ndarray of float64, shape (replicates,), or None
    """
    values = np.full(plan.replicates, np.nan)
    began = perf_counter()
    for replicate in range(plan.replicates):
        spent = perf_counter() - began
        if 0 < replicate <= _TRIED:
            due = spent / replicate * min(LEAST, plan.replicates)
            if due > (budget if replicate == _TRIED else _HOPELESS * budget):
                return None
        if replicate > _TRIED and spent > budget:
            break
        drawn = plan.drawn(replicate, replicate + 1)[0]
        if not drawn.any():
            continue
        try:
            value = float(metric.family.score(metric, _under(sample, drawn, metric.weighted)))
        except MetricError:
            continue
        values[replicate] = value if math.isfinite(value) else math.nan
    return values


def _under(sample: Sample, drawn: NDArray[np.uint8], weighted: bool) -> Sample:
    """Return the rows of a replicate: with their counts as weights, or repeated."""
    kept = np.flatnonzero(drawn)
    weight = None
    if weighted:
        weight = drawn[kept].astype(np.float64)
        if sample.weight is not None:
            weight *= sample.weight[kept]
    else:
        kept = np.repeat(kept, drawn[kept])
    extras = {
        name: values if ":" in name else values[kept] for name, values in sample.extras.items()
    }
    return replace(
        sample,
        y_true=sample.y_true[kept],
        y_pred=sample.y_pred[kept],
        weight=weight,
        extras=extras,
    )


def defined(
    function: Callable[[slice], Values], replicates: int, whole: Callable[[], object]
) -> Values:
    """Call a function of replicates at once; where it refuses, one by one, and NaN where it does.

    Parameters
    ----------
    function : callable
        From a slice of replicates to their values; raises MetricError where one is undefined.
    replicates : int
    whole : callable
        Raises MetricError where the sample itself is undefined.

    Returns
    -------
    ndarray of float64, shape (replicates,)

    Raises
    ------
    MetricError
        What ``whole`` raises.

    Examples
    --------
    >>> def root(some):
    ...     if (np.array([4.0, -1.0])[some] < 0).any():
    ...         raise MetricError("negative")
    ...     return np.sqrt(np.array([4.0, -1.0])[some])
    >>> defined(root, 2, lambda: None)
    array([ 2., nan])
    """
    try:
        return np.array(function(slice(0, replicates)), dtype=np.float64)
    except MetricError:
        whole()
    values = np.full(replicates, np.nan)
    for replicate in range(replicates):
        try:
            values[replicate] = function(slice(replicate, replicate + 1))[0]
        except MetricError:
            continue
    return values
