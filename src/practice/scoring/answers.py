"""The hidden rows of a build, and what a submission for them looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from practice.build.vault import SOLUTION, TRAINING, TargetInfo, load_info
from practice.definition import SubmissionSpec
from practice.errors import BuildError, DefinitionError
from practice.metrics.extras import SERIES, VALUES
from practice.scoring._arrow import as_texts, bool_values, values, whole
from practice.scoring.records import Answers, Column, Layout, Target

__all__ = ["Taker", "layout", "load_answers", "one_column_per_class"]


class Taker(Protocol):
    """What a layout asks of a metric, whether it has a name or is a file."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def takes(self) -> str | None:
        """What a cell of a prediction is; None: what the targets are."""

    @property
    def per_class(self) -> bool:
        """True where predictions of several classes are one column per class."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Columns of a prediction, where the one target takes several that are not its classes."""


def load_answers(folder: Path) -> Answers:
    """Read the answers of a build, without pandas.

    Parameters
    ----------
    folder : Path
        ``vault/<build>``.

    Returns
    -------
    Answers
        In the vault's order.

    Raises
    ------
    BuildError
        Where the build or its answers cannot be read; the message names no answer.
    """
    info = load_info(folder)
    try:
        with parquet.ParquetFile(folder / SOLUTION, memory_map=True) as file:
            wanted = [name for name in file.schema_arrow.names if name != "unit"]
            table = file.read(columns=wanted)
        extras = {
            name.partition(":")[2] or name: as_texts(table.column(name))
            for name in wanted
            if name == "group" or name.startswith(("slice:", "extra:"))
        }
        if (folder / TRAINING).is_file():
            with parquet.ParquetFile(folder / TRAINING, memory_map=True) as file:
                training = file.read()
            extras[VALUES] = values(training.column("values"))
            extras[SERIES] = as_texts(training.column("series"))
        return Answers(
            whole(table.column("id")),
            (info.id,),
            tuple(_target(table, target) for target in info.targets),
            _flags(table.column("public")),
            extras,
        )
    except (OSError, KeyError, pa.ArrowException) as error:
        raise BuildError(
            f"the answers of the build at {folder} cannot be read: {type(error).__name__}",
            "practice start SLUG makes a build that is missing; a damaged one needs a backup",
        ) from None


def _target(table: Any, info: TargetInfo) -> Target:
    column = table.column(f"target:{info.name}")
    held = as_texts(column) if info.type == "text" else values(column)
    return Target(info.name, info.type, held, info.labels, info.positive)


def _flags(column: Any) -> NDArray[np.bool_]:
    """Return true and false, which Parquet reads faster as 1 and 0."""
    if pa.types.is_boolean(column.type):
        return bool_values(column)
    return values(column).astype(np.bool_)


def layout(answers: Answers, metric: Taker, submission: SubmissionSpec) -> Layout:
    """Say what the table of a submission must look like.

    Parameters
    ----------
    answers : Answers
    metric : Metric or another Taker
        What a cell must be follows from ``metric.takes``; a column per class, from
        ``metric.per_class`` where the one target has more than two labels.
    submission : SubmissionSpec
        Its columns, in the order of the targets, labels or outputs; empty: their names.

    Returns
    -------
    Layout

    Raises
    ------
    DefinitionError
        Where the names given are not as many as the columns due, or not all different.

    Examples
    --------
    >>> from practice import metrics
    >>> species = Target("species", "label", np.array([0, 2, 1], np.int8), ("a", "b", "c"))
    >>> answers = Answers(None, ("id",), (species,), np.array([True, True, False]))
    >>> [c.name for c in layout(answers, metrics.get("log_loss"), SubmissionSpec()).columns]
    ['a', 'b', 'c']
    >>> layout(answers, metrics.get("accuracy"), SubmissionSpec()).columns
    (Column(name='species', kind='label', labels=('a', 'b', 'c'), missing=False),)
    """
    if metric.outputs:
        columns = [Column(name, _kind(metric, None)) for name in metric.outputs]
    elif one_column_per_class(answers.targets, metric):
        columns = [Column(label, _kind(metric, None)) for label in answers.targets[0].labels or ()]
    else:
        columns = [_column(target, metric) for target in answers.targets]
    names = submission.columns or tuple(column.name for column in columns)
    if len(names) != len(columns):
        raise DefinitionError(
            f"[submission] columns: {len(names)} names, but {metric.name} takes {len(columns)}",
            f"one for each of: {', '.join(column.name for column in columns)}",
        )
    if len({*names, *answers.id_columns}) < len(names) + len(answers.id_columns):
        raise DefinitionError(
            "a submission would have two columns of one name", "name them in [submission] columns"
        )
    renamed = (
        Column(name, column.kind, column.labels)
        for name, column in zip(names, columns, strict=True)
    )
    return Layout(answers.id_columns, tuple(renamed))


def one_column_per_class(targets: tuple[Target, ...], metric: Taker) -> bool:
    """Say whether predictions are one column per class.

    Parameters
    ----------
    targets : tuple of Target
    metric : Metric or another Taker

    Returns
    -------
    bool
        True for metrics such as log_loss where the one target has more than two labels.
    """
    return (
        metric.per_class
        and len(targets) == 1
        and targets[0].type == "label"
        and len(targets[0].labels or ()) > 2
    )


def _column(target: Target, metric: Taker) -> Column:
    kind = _kind(metric, target)
    return Column(target.name, kind, target.labels if kind == "label" else None)


def _kind(metric: Taker, target: Target | None) -> Any:
    """Return what a cell is: labels of a target that holds numbers or texts are such."""
    if metric.takes in ("label", None) and target is not None:
        return target.type
    return metric.takes
