"""Folds are made like the split, and consumers cut them alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from practice.build import cv_splits
from practice.build.folds import make_folds
from practice.build.split import TRAIN, classes_of, divide, units
from practice.build.timeline import timeline
from practice.definition import SplitSpec
from practice.errors import BuildError


def of_rows(texts: list[str]):
    return units(pa.array(texts, pa.large_string()))


def test_five_folds_of_equal_size():
    of = of_rows([f"row {i}" for i in range(150)])
    part = divide(SplitSpec("random", 0.4), of)
    folds = make_folds(part, of, 0)
    assert np.bincount(folds[part == TRAIN]).tolist() == [18, 18, 18, 18, 18]
    assert set(folds[part != TRAIN]) == {-1}


def test_classes_are_spread_and_twins_stay_together():
    twin = np.arange(1000) - np.arange(1000) % 10 // 9
    of = of_rows([f"row {i}" for i in twin])
    labels = (twin % 4 == 0).astype(np.int64)
    classes = classes_of(of, labels)
    part = divide(SplitSpec("stratified", 0.3), of, classes)
    folds = make_folds(part, of, 0, classes)
    share = [labels[folds == fold].mean() for fold in range(5)]
    assert max(share) - min(share) < 0.03
    for unit in np.unique(of.of[part == TRAIN]):
        assert len(set(folds[of.of == unit])) == 1


def test_blocks_in_time_keep_ties_together():
    cells = [str(i // 4) for i in range(100)]
    of, times = of_rows([f"row {i}" for i in range(100)]), timeline(cells, "t")
    part = divide(SplitSpec("time", 0.2), of, times=times)
    folds = make_folds(part, of, 0, times=times)[part == TRAIN]
    assert folds.tolist() == sorted(folds)
    assert np.unique(folds).tolist() == [-1, 0, 1, 2, 3, 4]
    assert all(len(set(folds[i : i + 4])) == 1 for i in range(0, 80, 4))


def test_one_unit_cannot_be_cut():
    of = of_rows(["same"] * 5 + ["other", "third"])
    part = np.array([TRAIN] * 5 + [1, 2], np.int8)
    with pytest.raises(BuildError, match="5 training rows cannot be cut into folds"):
        make_folds(part, of, 0)


def listed(*args: object) -> list[tuple[list[int], list[int]]]:
    return [(train.tolist(), valid.tolist()) for train, valid in cv_splits(*args)]


def test_splits_of_ordinary_folds():
    assert listed([2, 0, 2, 0]) == [([0, 2], [1, 3]), ([1, 3], [0, 2])]


def test_splits_in_time_learn_from_the_past_only():
    assert listed([-1, -1, 0, 0, 1]) == [([0, 1], [2, 3]), ([0, 1, 2, 3], [4])]


def test_splits_leave_the_purge_out():
    folds = [-1, -1, -1, 0, 0, 1]
    assert listed(folds, 1) == [([0, 1], [3, 4]), ([0, 1, 2, 3], [5])]
    assert listed(folds, 1, ["1", "2", "2", "3", "4", "5"])[0] == ([0], [3, 4])
    days = [f"2024-01-0{i}" for i in range(1, 7)]
    assert listed(folds, "2d", days) == [([0, 1], [3, 4]), ([0, 1, 2, 3], [5])]


def test_a_fold_with_no_past_is_left_out():
    assert listed([-1, 0, 1], 1) == [([0], [2])]


def test_a_purge_of_time_needs_the_times():
    with pytest.raises(BuildError, match="purge '7d' needs the times"):
        listed([-1, 0], "7d")
