"""The five cross-validation folds of the training rows, made like the split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.build.split import TRAIN, Units, middles, rank, strata
from practice.build.timeline import Timeline, timeline
from practice.errors import BuildError

__all__ = ["FOLDS", "cv_splits", "make_folds"]

FOLDS = 5


def make_folds(
    part: NDArray[np.int8],
    of: Units,
    seed: int,
    classes: NDArray[np.int64] | None = None,
    times: Timeline | None = None,
) -> NDArray[np.int8]:
    """Give each training row a fold, 0 to 4.

    Parameters
    ----------
    part : ndarray of int8, shape (rows,)
        As :func:`practice.build.split.divide` gives it.
    of : Units
        Whole units go into one fold.
    seed : int
    classes : ndarray of int64, shape (units,), optional
        Each class is spread over the folds by itself.
    times : Timeline, optional
        The training rows are cut into six blocks in time, ties together: the first has fold -1
        and is never validated, block k + 1 is fold k.

    Returns
    -------
    ndarray of int8, shape (rows,)
        -1 also for rows that are not for training.

    Raises
    ------
    BuildError
        All training rows would be in one fold.
    """
    training = part == TRAIN
    folds = np.full(len(part), -1, np.int8)
    if times is not None:
        counts = np.bincount(times.of[training])
        block = middles(counts) * (FOLDS + 1) // (2 * int(counts.sum()))
        folds[training] = block[times.of[training]] - 1
        made = np.unique(folds[training])
    else:
        fold_of = np.full(len(of.keys), -1, np.int8)
        for members, sizes in strata(of, training, rank(of, seed, "fold"), classes):
            fold_of[members] = middles(sizes) * FOLDS // (2 * int(sizes.sum()))
        folds[training] = fold_of[of.of[training]]
        made = np.unique(folds[training])
    if len(made) < 2:
        raise BuildError(
            f"the {int(training.sum())} training rows cannot be cut into folds: too many of them "
            "must stay together"
        )
    return folds


def cv_splits(
    folds: Sequence[int] | NDArray[Any], purge: int | str = 0, times: Sequence[Any] | None = None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the training and validation rows of each fold.

    Parameters
    ----------
    folds : sequence of int, shape (rows,)
        The column ``fold`` of ``folds.csv``, whose rows are those of ``train.csv``. A -1 marks a
        competition split by time: then only earlier rows train.
    purge : int or str
        The ``purge`` of ``[split]``: rows, or time such as "7d", left out before each fold.
    times : sequence of str, shape (rows,), optional
        The time column as text: needed where the purge is a time, and to keep ties together where
        it is a number of rows.

    Yields
    ------
    train, valid : ndarray of int
        Positions of rows.

    Raises
    ------
    BuildError
        A time as purge without ``times``, or ``times`` that cannot be read.

    Examples
    --------
    >>> [(train.tolist(), valid.tolist()) for train, valid in cv_splits([0, 1, 0])]
    [([1], [0, 2]), ([0, 2], [1])]
    >>> [(train.tolist(), valid.tolist()) for train, valid in cv_splits([-1, -1, 0, 1])]
    [([0, 1], [2]), ([0, 1, 2], [3])]
    >>> day = ["2024-01-01", "2024-01-02", "2024-01-03"]
    >>> [(train.tolist(), valid.tolist()) for train, valid in cv_splits([-1, -1, 0], "2d", day)]
    [([0], [2])]
    """
    fold = np.asarray(folds)
    in_time = bool((fold == -1).any())
    if isinstance(purge, str) and times is None:
        raise BuildError(f"purge {purge!r} needs the times of the rows")
    moments = range(len(fold)) if times is None else times
    line = timeline([str(each) for each in moments], "time") if purge and in_time else None
    for one in np.unique(fold[fold >= 0]):
        valid = np.flatnonzero(fold == one)
        if not in_time:
            train = np.flatnonzero(fold != one)
        else:
            train = np.flatnonzero(fold < one)
            if line is not None:
                train = line.before(train, int(line.of[valid].min()), purge)
        if len(train):
            yield train, valid
