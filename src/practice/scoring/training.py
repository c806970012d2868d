"""The training rows of a build in the form in which hidden ones are scored, and their folds."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from practice.build.vault import TRAINING, TargetInfo, VaultInfo
from practice.errors import BuildError
from practice.metrics.extras import SERIES, VALUES
from practice.scoring._arrow import as_texts, int64_array, text_array, values, whole
from practice.scoring._ids import places_of
from practice.scoring._integers import as_integers
from practice.scoring.records import Answers, Target

__all__ = ["Training", "load_training", "some_rows"]

_AGAIN = "practice start SLUG builds it again"


@dataclass(frozen=True)
class Training:
    """The training rows that a fold validates, in the order of ``train.csv``.

    Parameters
    ----------
    answers : Answers
        Of these rows; nothing of them is hidden, and ``public`` is true throughout.
    fold : ndarray of int, shape (rows,)
        From 0 on.
    unpredicted : frozenset of str
        Ids of the rows that no fold validates: with a time split the earliest.
    before : dict of int to dict of str to ndarray
        Of each fold the series that a forecast is compared with, where there are series: those of
        the training rows of earlier folds.
    """

    answers: Answers
    fold: NDArray[np.int64]
    unpredicted: frozenset[str]
    before: dict[int, dict[str, NDArray[Any]]]

    @property
    def folds(self) -> list[int]:
        """The numbers of the folds, ascending."""
        return [int(each) for each in np.unique(self.fold)]

    def of_fold(self, fold: int) -> Answers:
        """Return the answers with the series that this fold's forecasts are compared with."""
        if not self.before:
            return self.answers
        return replace(self.answers, extras=self.answers.extras | self.before[fold])


def load_training(data: Path, vault: Path, info: VaultInfo, beside: Iterable[str] = ()) -> Training:
    """Read the training rows that a fold validates, without pandas.

    Parameters
    ----------
    data : Path
        ``data/<build>``, with ``train.csv`` and ``folds.csv``.
    vault : Path
        ``vault/<build>``, which may hold the training series.
    info : VaultInfo
        How the targets are coded.
    beside : iterable of str
        Columns that the metric looks at; those that participants do not have are left out.

    Returns
    -------
    Training

    Raises
    ------
    BuildError
        A file is gone or not as the build left it.
    """
    path = data / "train.csv"
    names = [target.name for target in info.targets]
    try:
        header = _header(path)
        extras = [name for name in dict.fromkeys(beside) if name in header]
        table = _columns(path, [info.id, *names, *extras])
        folds = _columns(data / "folds.csv", [info.id, "fold"])
        if not folds[info.id].equals(table[info.id]):
            raise BuildError(f"{data / 'folds.csv'} has other rows than {path}", _AGAIN)
        every = np.array([int(cell) for cell in folds["fold"].to_pylist()], np.int64)
        kept = every >= 0
        ids = whole(table[info.id])
        targets = tuple(_target(each, whole(table[each.name])) for each in info.targets)
        series = _series(vault)
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise BuildError(
            f"the training rows in {data} cannot be read: {type(error).__name__}", _AGAIN
        ) from None
    integers = as_integers(ids)
    answers = Answers(
        ids if integers is None else integers,
        (info.id,),
        targets,
        np.ones(len(every), np.bool_),
        {name: as_texts(whole(table[name])) for name in extras},
        called="folds.csv",
    )
    fold = every[kept]
    return Training(
        some_rows(answers, kept),
        fold,
        frozenset(ids.take(int64_array(np.flatnonzero(~kept))).to_pylist()),
        {
            int(one): {name: column[every < one] for name, column in series.items()}
            for one in np.unique(fold)
            if series
        },
    )


def some_rows(answers: Answers, kept: NDArray[np.bool_]) -> Answers:
    """Return the answers of some rows.

    Parameters
    ----------
    answers : Answers
    kept : ndarray of bool, shape (rows,)

    Returns
    -------
    Answers

    Examples
    --------
    >>> known = Answers(int64_array(np.array([7, 8])), ("id",), (), np.array([True, True]))
    >>> some_rows(known, np.array([False, True])).ids.to_pylist()
    [8]
    """
    return replace(
        answers,
        ids=answers.ids.take(int64_array(np.flatnonzero(kept))),
        targets=tuple(replace(each, values=each.values[kept]) for each in answers.targets),
        public=answers.public[kept],
        extras={name: column[kept] for name, column in answers.extras.items()},
    )


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream), [])


def _columns(path: Path, names: list[str]) -> Any:
    """Read columns of a csv file that the build wrote, as text."""
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=names,
            column_types={name: pa.string() for name in names},
            strings_can_be_null=False,
        ),
    )


def _target(info: TargetInfo, cells: Any) -> Target:
    """Return a target as the hidden rows' is stored."""
    held: NDArray[Any]
    if info.type == "label":
        held = places_of(cells, text_array(info.labels or ()))
    elif info.type == "number":
        held = np.array([float(cell) for cell in cells.to_pylist()], np.float64)
    else:
        held = as_texts(cells)
    return Target(info.name, info.type, held, info.labels, info.positive)


def _series(vault: Path) -> dict[str, NDArray[Any]]:
    """Return the training series, whose rows are those of ``train.csv``; empty: there are none."""
    if not (vault / TRAINING).is_file():
        return {}
    with parquet.ParquetFile(vault / TRAINING) as file:
        table = file.read()
    return {VALUES: values(table.column("values")), SERIES: as_texts(table.column("series"))}
