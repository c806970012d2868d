"""``practice.score`` of arrays, with weights, masks and groups beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk

import practice
from practice.errors import MetricError, UsageError

TRUE, GUESS = np.array([1.0, 2.0, 4.0, -1.0]), np.array([2.0, 2.5, 4.0, 9.0])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, 11.5 / 4),
        ({"sample_weight": [1, 5, 2, 0]}, 3.5 / 8),
        ({"mask": [True, False, True, True]}, 11 / 3),
        ({"mask": [1, 0, 1, 0]}, 0.5),
        ({"ignore": -1}, 0.5),
        ({"group": ["a", "a", "b", "b"]}, (0.75 + 5) / 2),
        ({"group": ["a", "a", "b", "b"], "ignore": -1}, (0.75 + 0) / 2),
        ({"group": ["a", "a", "b", "b"], "sample_weight": [1, 3, 1, 1]}, (2.5 / 4 + 5) / 2),
    ],
)
def test_options_of_rows_are_arrays(more: dict[str, Any], expected: float) -> None:
    assert practice.score(TRUE, GUESS, "mae", **more) == pytest.approx(expected)


def test_some_columns_are_scored() -> None:
    true, guess = np.zeros((2, 3)), np.array([[1.0, 5.0, 2.0], [1.0, 5.0, 2.0]])
    assert practice.score(true, guess, "rmse", columns=[0, 2]) == 1.5


def test_it_is_scikit_learn_with_weights() -> None:
    draw = np.random.default_rng(1)
    true, guess, weight = draw.integers(0, 3, 200), draw.integers(0, 3, 200), draw.random(200)
    expected = sk.f1_score(true, guess, average="macro", sample_weight=weight)
    assert practice.score(true, guess, "f1", average="macro", sample_weight=weight) == (
        pytest.approx(expected, rel=1e-12)
    )


@pytest.mark.parametrize(
    ("metric", "more", "error", "message"),
    [
        ("max_error", {"sample_weight": [1, 1, 1, 1]}, UsageError, "does not take weights"),
        ("mae", {"sample_weight": [1, 1]}, UsageError, "4 rows, but an array of shape"),
        ("mae", {"mask": ["yes", 1, 1, 1]}, MetricError, "not true or false"),
        ("mae", {"extra_ids": "ignore"}, UsageError, "arrays have no ids"),
        ("mae", {"sample_wieght": [1, 1, 1, 1]}, UsageError, "sample_wieght"),
        ("mae", {"mask": [0, 0, 0, 0]}, MetricError, "no rows to score"),
    ],
)
def test_what_means_nothing_is_refused(
    metric: str, more: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        practice.score(TRUE, GUESS, metric, **more)
