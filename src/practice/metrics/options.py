"""What a definition may say of any metric: rows left out, weights, groups, columns.

These are not parameters of a metric but of how it is used: ``sample_weight`` names a column of
weights, ``mask`` a boolean column that keeps rows, ``group`` a column whose groups are scored apart
and averaged; ``ignore`` is a target value that is not scored, and ``columns`` are the targets that
are. A parameter of the metric with one of these names, such as ``group`` of ``haversine``, stays
the metric's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from practice.errors import MetricError, UsageError
from practice.metrics.base import Metric
from practice.metrics.coding import text
from practice.metrics.extras import TRAINING
from practice.metrics.groups import encode_groups
from practice.metrics.inputs import refuse_where
from practice.metrics.parameters import Parameter, parameters_of
from practice.metrics.registry import definition, find, get

__all__ = ["Options", "booleans", "chosen_columns", "mean_over_groups", "split"]

Names = tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """How a metric is used.

    Parameters
    ----------
    sample_weight, mask, group : str or None
        Columns of the solution.
    ignore : str, int, float or None
        A row with this target value is not scored; ``-1``, ``-1.0`` and ``"-1"`` are the same.
    columns : tuple of str
        The target columns that are scored; empty: all.
    extra_ids : {"refuse", "ignore"}
        What becomes of a submission's rows that the solution does not know.
    """

    sample_weight: str | None = None
    mask: str | None = None
    group: str | None = None
    ignore: str | int | float | bool | None = None
    columns: Names = ()
    extra_ids: Literal["refuse", "ignore"] = "refuse"

    @property
    def needs(self) -> Names:
        """Columns of the solution that have to be among the extras of a score."""
        named = (self.sample_weight, self.mask, self.group)
        return tuple(name for name in named if name is not None)


_HINTS: dict[str, Any] = {
    "sample_weight": str,
    "mask": str,
    "group": str,
    "ignore": str | int | float | bool,
    "columns": tuple[str, ...],
    "extra_ids": Literal["refuse", "ignore"],
}


def split(name: str, given: Mapping[str, Any]) -> tuple[Metric, Options]:
    """Divide what a definition says of a metric into its parameters and options.

    Parameters
    ----------
    name : str
        Of the metric, or an alias.
    given : mapping of str to object
        Values, or their texts on a command line.

    Returns
    -------
    metric : Metric
    options : Options

    Raises
    ------
    NotFoundError
        Where there is no such metric.
    UsageError
        Where one is unknown, of the wrong type, or means nothing for the metric.

    Examples
    --------
    >>> metric, options = split("rmse", {"mask": "keep", "columns": "a,b"})
    >>> metric.name, options.mask, options.columns
    ('rmse', 'keep', ('a', 'b'))
    """
    generic = {option.name for option in fields(Options)}
    own = parameters_of(definition(find(name)[0]).function)
    parameters = {key: value for key, value in given.items() if key in own or key not in generic}
    metric = get(name, **parameters)
    taken = {key: value for key, value in given.items() if key not in parameters}
    options = Options(**{key: _coerced(metric.name, key, taken[key]) for key in taken})
    _refuse_meaningless(metric, options)
    return metric, options


def _coerced(metric: str, key: str, value: Any) -> Any:
    parameter = Parameter(key, _HINTS[key], None)
    if isinstance(value, bool | int | float) and key == "ignore":
        return value
    try:
        return parameter.coerce(value)
    except ValueError:
        message = f"metric {metric}: {key} must be {parameter.describe()}, not {value!r}"
        raise UsageError(message) from None


def _refuse_meaningless(metric: Metric, options: Options) -> None:
    if options.sample_weight is not None and not metric.weighted:
        raise UsageError(f"metric {metric.name} does not take weights: no sample_weight for it")
    if options.group is not None and metric.unit == "groups":
        raise UsageError(f"metric {metric.name} averages over {metric.needs[0]} itself: no group")
    if options.columns and metric.several == "none":
        raise UsageError(f"metric {metric.name} takes one target column: no columns for it")


def chosen_columns(options: Options, targets: Sequence[str]) -> list[int]:
    """Return the positions of the target columns that are scored.

    Parameters
    ----------
    options : Options
    targets : sequence of str
        Names of all target columns.

    Returns
    -------
    list of int
        In the order of ``targets``.

    Raises
    ------
    UsageError
        Where ``options.columns`` has a name that is not among them.

    Examples
    --------
    >>> chosen_columns(Options(columns=("c", "a")), ["a", "b", "c"])
    [0, 2]
    """
    for column in options.columns:
        if column not in targets:
            raise UsageError(f"columns: no target {column!r}; targets: {', '.join(targets)}")
    return [i for i, name in enumerate(targets) if not options.columns or name in options.columns]


def mean_over_groups(
    metric: Metric,
    y_true: NDArray[Any],
    y_pred: NDArray[Any],
    groups: ArrayLike,
    *,
    name: str,
    weight: NDArray[np.float64] | None = None,
    labels: Sequence[str] | None = None,
    extras: Mapping[str, NDArray[Any]] | None = None,
) -> float:
    """Score each group apart and average.

    Parameters
    ----------
    metric : Metric
    y_true, y_pred, weight, labels, extras
        As for :meth:`Metric.score <practice.metrics.base.Metric.score>`.
    groups : array_like, shape (rows,)
        Which group each row is of.
    name : str
        Of the column of groups, for messages.

    Returns
    -------
    float
        Every group counts once, whatever its size and its weights.

    Raises
    ------
    MetricError
        As the metric's. Where a group cannot be scored, the text has its number of rows, not its
        name.

    Examples
    --------
    >>> from practice import metrics
    >>> pair = np.array([1, 2, 3]), np.array([2, 3, 8])
    >>> mean_over_groups(metrics.get("mae"), *pair, ["a", "a", "b"], name="city")
    3.0
    """
    (codes,) = encode_groups((np.asarray(groups), f"a group ({name})"))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))
    values = []
    for rows in np.split(order, ends[:-1]):
        some = {n: v if n in TRAINING else v[rows] for n, v in (extras or {}).items()}
        own = None if weight is None else weight[rows]
        try:
            values.append(
                metric.score(y_true[rows], y_pred[rows], weight=own, labels=labels, extras=some)
            )
        except MetricError as error:
            size = f"in a group ({name}) of {len(rows)} row{'s' if len(rows) > 1 else ''}"
            row = None if error.row is None else int(rows[error.row])
            raise MetricError(f"{error.message}, {size}", error.hint, row) from None
    return float(np.mean(values))


def booleans(column: NDArray[Any], name: str) -> NDArray[np.bool_]:
    """Read a mask: booleans, 0 and 1, or the texts of these.

    Parameters
    ----------
    column : ndarray, shape (rows,)
    name : str
        For messages.

    Returns
    -------
    ndarray of bool, shape (rows,)

    Raises
    ------
    MetricError
        With the row of the first cell that is neither.

    Examples
    --------
    >>> booleans(np.array(["True", "0"], dtype=object), "keep")
    array([ True, False])
    """
    if column.dtype.kind == "b":
        return column
    words = np.array([text(value).strip().lower() for value in column.tolist()])
    kept = np.isin(words, ("true", "1"))
    refuse_where(
        ~(kept | np.isin(words, ("false", "0"))), f"the mask {name!r} is not true or false"
    )
    return kept
