"""The replicates of a score: what the uncertainty of boards and comparisons is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.build.plan import Part, load_plan
from practice.metrics.options import Options
from practice.metrics.plan import Plan
from practice.metrics.replicates import BUDGET
from practice.scoring.records import Answers
from practice.scoring.scorer import PLAIN, arguments, kept_rows, rows_among

if TYPE_CHECKING:
    from practice.metrics import Metric

__all__ = ["Replicates", "replicates_of_part", "score_replicates"]


@dataclass(frozen=True)
class Replicates:
    """The scores of predictions under a resampling plan.

    Parameters
    ----------
    plan : str
        The plan's id: replicates go together, number by number, with those of the same plan only.
    values : ndarray of float64, shape (replicates,)
        NaN where there is no score.
    """

    plan: str
    values: NDArray[np.float64]

    @property
    def without(self) -> int:
        """How many replicates have no score: the metric is undefined, or time was up."""
        return int(np.count_nonzero(np.isnan(self.values)))


def score_replicates(
    answers: Answers,
    predictions: Mapping[str, NDArray[Any]],
    metric: Metric,
    plan: Plan,
    rows: NDArray[np.bool_],
    *,
    used: Options = PLAIN,
    budget: float = BUDGET,
) -> Replicates | None:
    """Score predictions under each replicate of a plan.

    Parameters
    ----------
    answers : Answers
    predictions : mapping of str to ndarray
        As for :func:`practice.scoring.score`.
    metric : Metric
    plan : Plan
        Of those of the ``rows``, in their order.
    rows : ndarray of bool, shape (rows,)
        The rows to score. A row without an answer is never scored.
    used : Options, optional
    budget : float
        Seconds that a metric without a quick way may take.

    Returns
    -------
    Replicates or None
        None where a bootstrap of the metric is biased, takes too long, or would have to draw from
        each of the groups that are averaged; see :meth:`practice.metrics.Metric.replicates`.

    Raises
    ------
    MetricError
        Where the metric cannot score them, as :func:`practice.scoring.score` says it.

    Examples
    --------
    >>> from practice import metrics
    >>> from practice.scoring.records import Target
    >>> target = Target("y", "number", np.array([1.0, 2.0, np.nan, 4.0]))
    >>> public = np.array([True, True, True, False])
    >>> plan = Plan(np.array([[1, 1, 1], [0, 2, 1]], np.uint8), id="example")
    >>> answers = Answers(None, ("id",), (target,), public)
    >>> made = score_replicates(answers, {"y": np.zeros(4)}, metrics.get("mae"), plan, public)
    >>> made.values.tolist(), made.without
    ([1.5, 2.0], 0)
    """
    if used.group is not None:
        return None
    kept = kept_rows(answers, rows, used)
    if kept is not None and kept is not rows:
        plan = plan.take(kept[rows])
    with rows_among(kept):
        pair, more = arguments(answers, predictions, metric, kept, used)
        values = metric.replicates(*pair, plan, **more, budget=budget)
    return None if values is None else Replicates(plan.id, values)


def replicates_of_part(
    folder: Path,
    answers: Answers,
    predictions: Mapping[str, NDArray[Any]],
    metric: Metric,
    part: Part,
    *,
    used: Options = PLAIN,
    budget: float = BUDGET,
) -> Replicates | None:
    """Score one part of a build's rows under the build's own plan.

    Parameters
    ----------
    folder : Path
        ``vault/<build>``, which ``answers`` were loaded from.
    answers, predictions, metric, used, budget
        As for :func:`score_replicates`.
    part : {"public", "private"}
        Public replicates follow from the public rows alone, private ones from the private rows.

    Returns
    -------
    Replicates or None

    Raises
    ------
    MetricError
        As :func:`score_replicates`.
    BuildError
        Where the plan cannot be read or written.
    """
    if metric.unit == "none":
        return None
    rows = answers.public if part == "public" else ~answers.public
    plan = load_plan(folder, part)
    return score_replicates(answers, predictions, metric, plan, rows, used=used, budget=budget)
