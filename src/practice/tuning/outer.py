"""Outer hold-outs: training rows that a search never sees, to judge what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import UsageError
from practice.solutions.data import Dataset, Table

if TYPE_CHECKING:
    from practice.metrics import Metric

__all__ = ["Outer", "available", "held_score", "outer_splits"]


@dataclass(frozen=True)
class Outer:
    """A part of the training rows to search on, and the rest to judge by.

    Parameters
    ----------
    number : int
        The fold that is held out.
    inner : Dataset
        The rows to search on, with their folds; its test rows are those that are held out.
    kept, held : ndarray of int
        Row numbers in the competition's training table.
    """

    number: int
    inner: Dataset
    kept: NDArray[np.intp]
    held: NDArray[np.intp]


def outer_splits(dataset: Dataset, count: int = 4) -> tuple[Outer, ...]:
    """Hold out one fold after the other; the other folds are those of the search.

    So hold-outs are made as the competition's own split: groups and duplicates stay whole, classes
    are spread, and where time counts only earlier rows train and what the purge leaves out stays
    out.

    Parameters
    ----------
    dataset : Dataset
    count : int
        The last folds of the dataset; where time counts they have the most rows before them.

    Returns
    -------
    tuple of Outer

    Raises
    ------
    UsageError
        The dataset has not so many folds with two folds left to search on.
    """
    found = list(_outers(dataset))
    if not 0 < count <= len(found):
        raise UsageError(
            f"{dataset.competition.slug} has folds for 1 to {len(found)} outer splits, not {count}",
            f"ask for {len(found)}",
        )
    return tuple(found[-count:])


def available(dataset: Dataset) -> int:
    """Return how many outer splits a dataset has folds for."""
    return sum(1 for _ in _outers(dataset))


def _outers(dataset: Dataset) -> Iterator[Outer]:
    for number, (kept, held) in enumerate(dataset.splits):
        place = np.full(len(dataset.y), -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        inner = []
        for other, (fitting, validating) in enumerate(dataset.splits):
            if other == number:
                continue
            # Where time counts, later folds are not among the rows kept, nor what is purged.
            fits, validates = (rows[rows >= 0] for rows in (place[fitting], place[validating]))
            if len(fits) and len(validates):
                inner.append((fits, validates))
        if len(inner) >= 2:
            yield Outer(number, _part(dataset, kept, held, inner), kept, held)


def _part(
    dataset: Dataset,
    kept: NDArray[np.intp],
    held: NDArray[np.intp],
    splits: list[tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> Dataset:
    def table(whole: Table) -> Table:
        train = whole.train
        return Table(
            train.iloc[kept].reset_index(drop=True),
            train.iloc[held].reset_index(drop=True),
            whole.roles,
        )

    return replace(
        dataset,
        plain=table(dataset.plain),
        engineered=table(dataset.engineered) if dataset.engineered is not None else None,
        y=dataset.y[kept],
        splits=tuple(splits),
        test_ids=tuple(str(row) for row in held),
        sample=dataset.sample.iloc[:0],
        beside={name: column[kept] for name, column in dataset.beside.items()},
        groups=dataset.groups[kept] if dataset.groups is not None else None,
    )


def held_score(dataset: Dataset, rows: NDArray[np.intp], predictions: NDArray[Any]) -> float:
    """Return the competition's metric of predictions for rows that were held out.

    Parameters
    ----------
    dataset : Dataset
        The whole competition.
    rows : ndarray of int
        :attr:`Outer.held`, or a resample of it.
    predictions : ndarray
        As :func:`practice.solutions.run.predict_test` returns them, in the order of ``rows``.

    Returns
    -------
    float
        In the metric's own direction.
    """
    metric: Metric = dataset.metric
    value = dataset.judge(rows)(predictions)
    return value if metric.greater_is_better else -value
