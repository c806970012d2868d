"""What a search ends with: a fit on all rows, or the mean of the folds' models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from practice.build import cv_splits
from practice.solutions.data import Dataset
from practice.solutions.run import cross_validate, predict_test, predict_test_by_folds
from practice.tuning import Journal, Plan
from practice.tuning.final import Final, finish, solution_of, usual_final
from practice.tuning.runner import Budget
from practice.tuning.searching import search

Small = Callable[[str], Dataset]


def in_time(dataset: Dataset) -> Dataset:
    """Return the dataset with folds that train on earlier rows alone."""
    folds = np.repeat(np.arange(5) - 1, len(dataset.y) // 5)
    return replace(dataset, splits=tuple(cv_splits(folds)))


def test_folds_models_where_each_knows_all_times(small: Small) -> None:
    dataset = small("binary")
    assert usual_final(dataset) == "ensemble"
    assert usual_final(in_time(dataset)) == "refit"


@pytest.mark.parametrize("final", ["refit", "ensemble"])
def test_the_best_configuration_is_fitted(small: Small, final: Final) -> None:
    dataset, plan = small("regression"), Plan("tree", "random", seed=3)
    with Journal(None) as journal:
        row = search(dataset, plan, Budget(trials=3), journal)[-1]
    found = finish(dataset, plan, row, final)
    solution = solution_of(plan, row)
    cv = cross_validate(dataset, solution, 3)
    make = {"refit": predict_test, "ensemble": predict_test_by_folds}[final]
    assert found.solution.name == "tree"
    assert found.cv.parameters["min_samples_leaf"] == row.configuration["min_samples_leaf"]
    assert found.cv.fold_scores == cv.fold_scores
    np.testing.assert_array_equal(found.predictions, make(dataset, solution, cv.decision, 3))
