"""Repeated cross-validation: the same number of folds, drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from practice.build import cv_splits
from practice.errors import UsageError
from practice.solutions.base import Floats, Solution
from practice.solutions.run import judged

if TYPE_CHECKING:
    from practice.solutions.data import Dataset

__all__ = ["SMALL", "fold_metrics", "follows_time", "repeated", "usual_repeats"]

SMALL = 1000  # training rows below which one cross-validation misleads a search
_REPEATS = 5
_MOST = 100  # one full trial is then as long as 100 of them; more tells nothing more


def usual_repeats(dataset: Dataset) -> int:
    """Return how often to draw the cross-validation that a search is to rely on.

    The best of many scores is lucky, the more so the fewer rows there are: a search of 30 seconds
    on a few hundred rows that draws its folds once finds configurations that predict rows held out
    worse than those of a search with a tenth of the trials (``benchmarks/equal_time.py``).

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    int
        5 below 1,000 training rows; else, and where folds cannot be drawn again, 1.
    """
    return _REPEATS if len(dataset.y) < SMALL and _redrawable(dataset) else 1


def repeated(dataset: Dataset, repeats: int, seed: int) -> Dataset:
    """Return the dataset with further folds behind its own.

    Rows with equal features stay together, and classes are spread over the folds.

    Parameters
    ----------
    dataset : Dataset
    repeats : int
        1: the dataset as it is.
    seed : int

    Returns
    -------
    Dataset
        ``repeats`` times as many splits; each block of them validates every row once.

    Raises
    ------
    UsageError
        ``repeats`` is below 1 or above 100, or the competition's folds follow time or groups and
        cannot be drawn again.
    """
    if repeats < 1:
        raise UsageError(f"--repeats {repeats} is below 1", "--repeats 3")
    if repeats > _MOST:
        raise UsageError(f"--repeats {repeats} is above {_MOST}", "--repeats 5")
    if repeats == 1:
        return dataset
    slug, split = dataset.competition.slug, dataset.competition.split.kind
    if not _redrawable(dataset):
        raise UsageError(
            f"{slug} is split by {split}: its folds cannot be drawn again", "leave --repeats out"
        )
    splits = list(dataset.splits)
    for number in range(1, repeats):
        folds = _folds(dataset, len(dataset.splits), np.random.default_rng([seed, number]))
        splits += cv_splits(folds)
    return replace(dataset, splits=tuple(splits))


def _redrawable(dataset: Dataset) -> bool:
    """Say whether folds follow neither time nor groups, so that they can be drawn again."""
    return dataset.competition.data.group is None and not follows_time(dataset)


def follows_time(dataset: Dataset) -> bool:
    """Say whether the folds follow time: the first rows then validate nothing."""
    return sum(len(validating) for _, validating in dataset.splits) < len(dataset.y)


def _folds(dataset: Dataset, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Deal the units of each class to the folds in random order."""
    import pandas as pd

    hashes = pd.util.hash_pandas_object(dataset.plain.train, index=False).to_numpy()
    _, first, unit_of = np.unique(hashes, return_index=True, return_inverse=True)
    order = rng.permutation(len(first))
    if dataset.target.labels is not None:
        order = order[np.argsort(dataset.y[first[order]], kind="stable")]
    fold_of = np.empty(len(first), dtype=np.int64)
    fold_of[order] = np.arange(len(first)) % count
    return fold_of[unit_of]


def fold_metrics(
    dataset: Dataset, solution: Solution, scores: Sequence[Floats]
) -> tuple[float, ...]:
    """Return the competition's metric per fold.

    Parameters
    ----------
    dataset : Dataset
        As :func:`repeated` returns it.
    solution : Solution
    scores : sequence of ndarray
        What each fold's model predicts for the rows that it validates, on the target's scale.

    Returns
    -------
    tuple of float
        Where predictions need a decision, a fold's is fitted on the other folds of its repeat.
    """
    table = dataset.table_for(solution)
    found: list[float] = []
    while len(found) < len(dataset.splits):
        rest = dataset.splits[len(found) :]
        ends = np.cumsum([len(validating) for _, validating in rest])
        count = min(int(np.searchsorted(ends, len(dataset.y))) + 1, len(rest))
        oof = np.full((len(dataset.y), *scores[0].shape[1:]), np.nan)
        for i in range(count):
            oof[rest[i][1]] = scores[len(found) + i]
        found += judged(replace(dataset, splits=rest[:count]), solution, table, oof)[0]
    return tuple(found)
