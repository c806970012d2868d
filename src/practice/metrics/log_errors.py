"""Metrics of errors in groups of rows."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from practice.metrics.groups import Grouped, Groups, one_column
from practice.metrics.inputs import Floats
from practice.metrics.parameters import Must
from practice.metrics.registry import register

Positive = Annotated[float, Must("above 0", lambda value: value > 0)]


def _range(*, group: str, floor: float) -> tuple[float, float]:
    return float(np.log(floor)), np.inf


@register(
    "group_log_mae",
    family=Grouped("group", one_column),
    greater_is_better=False,
    takes="number",
    range=_range,
    unit="groups",
    several="none",
    needs=("group",),
    aliases=("Group Mean Log MAE", "Group Log MAE"),
)
def group_log_mae(
    y_true: Floats, y_pred: Floats, groups: Groups, *, group: str, floor: Positive = 1e-9
) -> Floats:
    """Mean over groups of the logarithm of the mean absolute error.

    Parameters
    ----------
    y_true, y_pred : ndarray of float64, shape (rows,)
    groups : Groups
    group : str
        Column of the solution with the group of each row.
    floor : float
        Smaller errors count as this one.

    Returns
    -------
    ndarray of float64, shape (groups,)

    Raises
    ------
    MetricError
        Where the column is not there.

    Warnings
    --------
    A group counts the same whatever its size and the scale of its values: halving the error of any
    one gains as much. Scores are negative where errors are below 1.

    Notes
    -----
    score = mean over groups g of ln(max(mean_(i in g) |y_i - p_i|, floor))

    References
    ----------
    Kaggle, "Predicting Molecular Properties" (CHAMPS).

    Examples
    --------
    >>> from practice import metrics
    >>> metric = metrics.get("group_log_mae", group="type")
    >>> metric.score([1.0, 2.0, 3.0], [2.0, 3.0, 5.0], extras={"type": ["a", "a", "b"]})
    0.346...
    """
    return np.log(np.maximum(groups.mean(np.abs(y_true - y_pred)), floor))
