"""The placeholder predictions of ``sample_submission.csv``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from practice.build.vault import TargetInfo
from practice.definition import Competition
from practice.errors import BuildError
from practice.metrics import options

__all__ = ["placeholders"]


def placeholders(
    competition: Competition, targets: Sequence[TargetInfo], train: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Return the columns of a submission, each with the one value that all its rows get.

    What the metric takes decides: a label (the most frequent one of the training data), a number
    (their mean), a probability (the share of the positive class, or of each class in a column of
    its own where the metric asks for that). Only training rows are looked at.

    Parameters
    ----------
    competition : Competition
    targets : sequence of TargetInfo
    train : mapping of str to sequence of str
        The target cells of the training rows.

    Returns
    -------
    dict of str to str

    Raises
    ------
    BuildError
        ``[submission]`` names more or fewer columns than there are to fill.
    """
    spec = competition.metric
    metric = options.split(spec.name, spec.parameters)[0] if spec.name is not None else None
    takes = metric.takes if metric is not None else spec.takes
    first = targets[0]
    if metric is None and len(competition.submission.columns) not in (0, len(targets)):
        # Only a metric in a file reads columns that stand for no target.
        value = _placeholder_of(takes, first, train[first.name])
        return dict.fromkeys(competition.submission.columns, value)
    if metric is not None and metric.outputs:
        names = metric.outputs
        values = [_placeholder_of(takes, first, train[first.name])] * len(names)
        if first.type == "number":
            values = [_placeholder(first, train[first.name], takes)] * len(names)
    elif metric is not None and metric.per_class and first.labels and first.positive is None:
        names, cells = first.labels, train[first.name]
        values = [_share(cells, label) for label in names]
    else:
        names = tuple(target.name for target in targets)
        values = [_placeholder(target, train[target.name], takes) for target in targets]
    columns = competition.submission.columns or names
    if len(columns) != len(values):
        raise BuildError(
            f"submission.columns names {len(columns)} columns; {len(values)} are due: "
            f"one for each of {', '.join(names[:8])}"
        )
    return dict(zip(columns, values, strict=True))


def _placeholder(target: TargetInfo, cells: Sequence[str], takes: str | None) -> str:
    if target.type == "number":
        return repr(math.fsum(float(cell) for cell in cells) / len(cells))
    if takes in ("probability", "number") and target.positive is not None:
        return _share(cells, target.positive)
    counts = Counter(cells)
    return min(target.labels or sorted(counts), key=lambda label: -counts[label])


def _placeholder_of(takes: str | None, target: TargetInfo, cells: Sequence[str]) -> str:
    """Return a cell of a column that stands for no target."""
    if takes in ("number", "probability"):
        return "0.0"
    return _placeholder(target, cells, takes) if takes == "label" else ""


def _share(cells: Sequence[str], label: str) -> str:
    return repr(sum(cell == label for cell in cells) / len(cells))
