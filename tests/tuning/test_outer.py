"""Outer hold-outs: what is held out is in no fold of the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from practice.build import cv_splits
from practice.errors import UsageError
from practice.solutions import cross_validate, get
from practice.solutions.data import Dataset
from practice.solutions.run import predict_test
from practice.tuning import Budget, Journal, Plan, finals, search
from practice.tuning.outer import held_score, outer_splits

Small = Callable[[str], Dataset]


def test_the_rows_held_out_are_in_no_fold_of_the_search(small: Small) -> None:
    dataset = small("binary")
    outers = outer_splits(dataset, 4)
    assert [outer.number for outer in outers] == [0, 1, 2, 3]
    assert sorted(np.concatenate([outer.held for outer in outers])) == list(range(240))
    for outer in outers:
        assert sorted([*outer.kept, *outer.held]) == list(range(240))
        assert len(outer.inner.splits) == 3
        np.testing.assert_array_equal(outer.inner.y, dataset.y[outer.kept])
        assert outer.inner.plain.train["p"].tolist() == (
            dataset.plain.train["p"].iloc[outer.kept].tolist()
        )
        assert outer.inner.plain.test["p"].tolist() == (
            dataset.plain.train["p"].iloc[outer.held].tolist()
        )
        validated = [rows for _, rows in outer.inner.splits]
        assert sorted(np.concatenate(validated)) == list(range(180))
        for fitting, validating in outer.inner.splits:
            assert sorted([*fitting, *validating]) == list(range(180))


def test_only_earlier_rows_train_where_time_counts(small: Small) -> None:
    dataset = small("regression")
    folds = np.repeat([-1, 0, 1, 2, 3], 48)
    in_time = replace(dataset, splits=tuple(cv_splits(folds, purge=6)))
    outers = outer_splits(in_time, 2)
    assert [outer.number for outer in outers] == [2, 3]
    last = outers[-1]
    assert last.kept.tolist() == list(range(186))  # the purge leaves six rows out
    assert last.held.tolist() == list(range(192, 240))
    assert [len(validating) for _, validating in last.inner.splits] == [48, 48, 42]
    for fitting, validating in last.inner.splits:
        assert fitting.max() < validating.min() - 6
    with pytest.raises(UsageError, match="has folds for 1 to 2 outer splits, not 4"):
        outer_splits(in_time, 4)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_a_search_finds_is_judged_on_the_rows_held_out(small: Small, task: str) -> None:
    dataset = small(task)
    outer = outer_splits(dataset, 1)[0]
    with Journal(None) as journal:
        rows = search(outer.inner, Plan("tree"), Budget(trials=3), journal)
    assert len(finals(rows)) == 3
    solution = get("tree")
    cv = cross_validate(outer.inner, solution)
    predictions = predict_test(outer.inner, solution, cv.decision)
    assert len(predictions) == len(outer.held)
    found = held_score(dataset, outer.held, predictions)
    if task == "multiclass":
        assert found == pytest.approx((predictions == dataset.y[outer.held]).mean())
    elif task == "regression":
        error = np.log1p(predictions) - np.log1p(dataset.y[outer.held])
        assert found == pytest.approx(np.sqrt((error**2).mean()))
    again = held_score(dataset, outer.held[::-1], predictions[::-1])
    assert again == pytest.approx(found)


def test_what_the_metric_looks_at_goes_with_the_rows(small: Small) -> None:
    dataset = small("regression")
    numbers = np.arange(len(dataset.y)).astype(str).astype(object)
    outer = outer_splits(replace(dataset, beside={"row": numbers}, groups=numbers), 1)[0]
    assert outer.inner.beside["row"].astype(int).tolist() == outer.kept.tolist()
    assert outer.inner.groups is not None
    assert outer.inner.groups.tolist() == outer.inner.beside["row"].tolist()
