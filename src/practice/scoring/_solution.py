"""Reading the answers of a file: typed and fast, or as text with their faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from practice.errors import PracticeError, UsageError
from practice.scoring._arrow import SEPARATOR, fingerprints, values
from practice.scoring._integers import as_integers
from practice.scoring._source import Source, UnreadableError
from practice.scoring._typed import AnomalyError
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder
from practice.scoring.reading import typed_blocks
from practice.scoring.records import Problem, SubmissionRefusedError, Target
from practice.scoring.text import scan

if TYPE_CHECKING:
    from practice.metrics import Metric

__all__ = ["Ids", "Solution", "read_extras", "read_ids", "read_solution"]

_MOST_ROWS = 1 << 40  # a solution is the user's own


@dataclass(frozen=True)
class Ids:
    """The ids of a file.

    Parameters
    ----------
    values : pyarrow.Array
        int64 where all are integers, else string.
    """

    values: Any

    @property
    def unique(self) -> bool:
        """True where no id occurs twice."""
        integer = pa.types.is_integer(self.values.type)
        marks = values(self.values) if integer else fingerprints(self.values)
        if marks is not None and _all_different(marks):
            return True
        return int(pc.count_distinct(self.values).as_py()) == len(self.values)

    def repeated(self) -> str:
        """Return the first ids that occur more than once, as text."""
        codes = self.values.dictionary_encode()
        indices = values(codes.indices)
        often = np.flatnonzero(np.bincount(indices) > 1)[:3]
        texts = [str(codes.dictionary[at].as_py()) for at in often.tolist()]
        return ", ".join(text.replace(SEPARATOR, ",") for text in texts)


@dataclass(frozen=True)
class Solution:
    """The answers of a file.

    Parameters
    ----------
    ids : pyarrow.Array
    id_columns : tuple of str
    targets : tuple of Target
        Where labels are compared, their values are codes of ``coder``.
    coder : LabelCoder
        What learned the labels.
    by_class : bool
        True where predictions are one column per label of the one target.
    """

    ids: Any
    id_columns: tuple[str, ...]
    targets: tuple[Target, ...]
    coder: LabelCoder
    by_class: bool = False


def _all_different(marks: NDArray[Any]) -> bool:
    if bool((marks[1:] > marks[:-1]).all()):
        return True
    ordered = np.sort(marks)
    return bool((ordered[1:] != ordered[:-1]).all())


def read_ids(source: Source, id_columns: tuple[str, ...]) -> Ids:
    """Read nothing but the ids of a file.

    Parameters
    ----------
    source : Source
    id_columns : tuple of str

    Returns
    -------
    Ids

    Raises
    ------
    PracticeError
        Where the file cannot be read.
    """
    return _read(source, Wanted(id_columns, (), (), others=True))[0]


def read_solution(
    source: Source,
    id_columns: tuple[str, ...],
    names: tuple[str, ...],
    metric: Metric,
    predictions: tuple[str, ...],
) -> Solution:
    """Read the answers of a file as a metric takes them.

    Parameters
    ----------
    source : Source
    id_columns : tuple of str
    names : tuple of str
        Target columns.
    metric : Metric
    predictions : tuple of str
        Columns that the submission compares with them; where one target has several, they are its
        labels.

    Returns
    -------
    Solution

    Raises
    ------
    PracticeError
        Where the file cannot be read, an id occurs twice, or a target is not what the metric takes.
    UsageError
        Where the columns of predictions are not the labels of the target.
    """
    coder = LabelCoder(None)
    by_class = len(names) < len(predictions) and not metric.outputs
    if metric.takes in ("labels", "text"):
        ids, found = _read(source, Wanted.of_kind(id_columns, names, "text"))
        targets = [Target(name, "text", held) for name, held in zip(names, found, strict=True)]
    elif metric.takes == "label":
        ids, found = _read(source, Wanted.of_kind(id_columns, names, "label", coder))
        targets = [Target(name, "label", held) for name, held in zip(names, found, strict=True)]
    elif by_class:
        ids, found = _read(source, Wanted.of_kind(id_columns, names, "label", coder))
        targets = [_classes(names[0], found[0], coder)]
        if set(predictions) != set(targets[0].labels or ()):
            raise UsageError(
                f"the columns of predictions ({', '.join(predictions)}) are not the labels of "
                f"{names[0]} ({', '.join(targets[0].labels or ())})",
                "a column per label is due, named by it",
            )
    else:
        of_classes = metric.per_class or metric.takes == "probability"
        ids, targets = _numbers(source, id_columns, names, coder if of_classes else None)
    if not ids.unique:
        raise PracticeError(
            f"{source.name}: ids occur more than once: {ids.repeated()}",
            "name what tells the rows apart: --id COLUMN, or --id a,b",
        )
    return Solution(ids.values, id_columns, tuple(targets), coder, by_class)


def read_extras(
    source: Source, id_columns: tuple[str, ...], numbers: Sequence[str], texts: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """Read further columns of a file of answers.

    Parameters
    ----------
    source : Source
    id_columns : tuple of str
    numbers, texts : sequence of str
        Columns that hold the one, and the other.

    Returns
    -------
    dict of str to ndarray, shape (rows,)
        In the order of the file: float64, NaN where a number is missing, and objects of str.

    Raises
    ------
    PracticeError
        Where the file cannot be read, or a cell is no number.
    """
    of_kinds = (
        Wanted.of_kind(id_columns, tuple(numbers), "number"),
        Wanted.of_kind(id_columns, tuple(texts), "text"),
    )
    return {
        column.name: held
        for wanted in of_kinds
        if wanted.columns
        for column, held in zip(wanted.columns, _read(source, wanted)[1], strict=True)
    }


def _numbers(
    source: Source, id_columns: tuple[str, ...], names: tuple[str, ...], coder: LabelCoder | None
) -> tuple[Ids, list[Target]]:
    """Read targets as numbers; with a coder, a single one may hold two labels instead."""
    try:
        ids, found = _read(source, Wanted.of_kind(id_columns, names, "number"))
    except PracticeError:
        if coder is None or len(names) > 1:
            raise
        ids, found = _read(source, Wanted.of_kind(id_columns, names, "label", coder))
        if len(coder.labels) != 2:
            raise
        return ids, [_classes(names[0], found[0], coder)]
    return ids, [Target(name, "number", held) for name, held in zip(names, found, strict=True)]


def _classes(name: str, codes: NDArray[Any], coder: LabelCoder) -> Target:
    labels, recoded = coder.in_order()
    return Target(name, "label", recoded[codes], labels)


def _read(source: Source, wanted: Wanted) -> tuple[Ids, list[NDArray[Any]]]:
    for integer in (True, False):
        try:
            return _read_typed(source, wanted, integer)
        except (AnomalyError, UnreadableError, pa.ArrowException):
            continue
    try:
        found = scan(source, wanted, _MOST_ROWS)
    except SubmissionRefusedError as error:
        raise _refusal(source, error.problems) from None
    problems = (*found.before, *found.after)
    if problems or found.ids is None:
        raise _refusal(source, problems)
    return _ids_of(found.ids), list(found.values.values())


def _read_typed(source: Source, wanted: Wanted, integer: bool) -> tuple[Ids, list[NDArray[Any]]]:
    blocks = list(typed_blocks(source, wanted, integer))
    if not blocks:
        raise AnomalyError
    ids = pa.concat_arrays([block.ids for block in blocks])
    columns = zip(*(block.values for block in blocks), strict=True)
    return Ids(ids) if integer else _ids_of(ids), [np.concatenate(column) for column in columns]


def _ids_of(texts: Any) -> Ids:
    integers = as_integers(texts)
    return Ids(texts if integers is None else integers)


def _refusal(source: Source, problems: Sequence[Problem]) -> PracticeError:
    first = problems[0]
    where = [
        *([f"row {first.row}"] if first.row is not None else []),
        *([f"column {first.column}"] if first.column is not None else []),
    ]
    place = f"{', '.join(where)}: " if where else ""
    value = f": {first.value}" if first.value else ""
    more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
    return PracticeError(
        f"the solution cannot be read: {place}{first.message}{value}{more}", first.hint
    )
