"""A family of metrics that see all rows and columns at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from practice.metrics.base import Metric, Sample
from practice.metrics.means import Pair

__all__ = ["Whole"]


@dataclass(frozen=True)
class Whole:
    """Metrics of two tables as they are: ``(y_true, y_pred, **parameters) -> float``.

    Parameters
    ----------
    prepare : callable
        ``(metric, sample) -> (y_true, y_pred)``: checks the arrays and shapes them.
    """

    prepare: Callable[[Metric, Sample], Pair]

    def score(self, metric: Metric, sample: Sample) -> float:
        """Call the function."""
        return float(metric.function(*self.prepare(metric, sample), **metric.parameters))
