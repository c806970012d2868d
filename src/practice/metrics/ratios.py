"""A family of metrics that divide one sum over rows by another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair
from practice.metrics.plan import Plan

__all__ = ["RowRatio"]


@dataclass(frozen=True)
class RowRatio:
    """Metrics that pool their rows: the sum of a part over the sum of a whole.

    The function takes ``(y_true, y_pred, **parameters)`` and returns ``(part, whole)``, float64
    arrays of shape (rows,).

    Parameters
    ----------
    prepare : callable
        ``(metric, sample) -> (y_true, y_pred)``: checks the arrays and shapes them.
    nothing : float or None
        The score where the whole is 0; None: there is none.
    """

    prepare: Callable[[Metric, Sample], Pair]
    nothing: float | None = None

    def score(self, metric: Metric, sample: Sample) -> float:
        """Return the ratio of the weighted sums."""
        part, whole = self._weighted(metric, sample).sum(axis=0)
        if whole > 0:
            return float(part / whole)
        if self.nothing is None:
            raise MetricError(f"no row of the answers counts for {metric.name}")
        return self.nothing

    def replicates(self, metric: Metric, sample: Sample, plan: Plan) -> Floats:
        """Return the ratios of the sums of each replicate."""
        part, whole = plan.sums(self._weighted(metric, sample)).T
        nothing = np.nan if self.nothing is None else self.nothing
        return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), nothing)

    def _weighted(self, metric: Metric, sample: Sample) -> Floats:
        """Return part and whole of each row, times its weight, shape (rows, 2)."""
        pair = np.column_stack(metric.function(*self.prepare(metric, sample), **metric.parameters))
        return pair if sample.weight is None else pair * sample.weight[:, np.newaxis]
