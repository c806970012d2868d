"""Weights of a blend, on arrays with a known best mixture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from practice.analysis.blending import climb, combine, equal, fit, nested, ranks
from practice.analysis.predicted import as_csv, as_numbers, as_predictions
from practice.errors import RefusedError
from practice.scoring.records import Column

ROWS, FOLDS = 600, 5


def squared(
    target: np.ndarray, members: np.ndarray, rows: np.ndarray, weights: np.ndarray
) -> float:
    """Return minus the mean square error of a blend."""
    return -float(np.square(combine(members, weights)[rows, 0] - target[rows]).mean())


@pytest.fixture
def regression() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return answers, three members' predictions and folds; the third member is pure noise."""
    bits = np.random.default_rng(3)
    target = bits.normal(size=ROWS)
    members = target + np.array([1.0, 1.0, 3.0])[:, None] * bits.normal(size=(3, ROWS))
    members[2] = bits.normal(size=ROWS)
    return target, members[:, :, None], np.arange(ROWS) % FOLDS


@pytest.mark.parametrize("fitter", [climb, fit])
def test_fitted_weights_come_near_the_exact_ones(fitter, regression) -> None:  # type: ignore[no-untyped-def]
    target, members, _ = regression
    every = np.ones(ROWS, np.bool_)
    found = fitter(3, lambda weights: squared(target, members, every, weights))
    grid = [np.array([a, b, 1 - a - b]) for a in np.linspace(0, 1, 101)
            for b in np.linspace(0, 1, 101) if a + b <= 1]  # fmt: skip
    best = max(squared(target, members, every, weights) for weights in grid)
    assert squared(target, members, every, found) == pytest.approx(best, rel=2e-3)
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0


@given(
    target=arrays.arrays(np.float64, 4, elements=st.floats(0, 1)),
    steps=st.integers(1, 20),
)
def test_a_fit_is_never_worse_than_equal_weights_or_one_member(
    target: np.ndarray, steps: int
) -> None:
    def value(weights: np.ndarray) -> float:  # with steps, as accuracy has
        return -float(np.round(np.abs(weights - target).sum() * steps) / steps)

    starts = [np.full(4, 0.25), *np.eye(4)]
    found = fit(4, value)
    assert value(found) >= max(map(value, starts))
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0
    climbed = climb(4, value)
    assert value(climbed) >= max(map(value, np.eye(4)))
    assert climbed.sum() == pytest.approx(1)


def test_climbing_starts_from_the_best_and_adds_with_replacement() -> None:
    tried: list[list[float]] = []

    def value(weights: np.ndarray) -> float:
        tried.append(weights.round(3).tolist())
        return float(weights @ [1.0, 2.0])

    assert climb(2, value).tolist() == [0.0, 1.0]
    assert tried[:4] == [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 1.0]]
    assert len(tried) == 2 * 11  # ten steps without a gain end it


def test_a_fold_never_has_a_say_in_its_own_weights() -> None:
    likes = np.random.default_rng(1).normal(size=(4, 6))
    seen: list[set[int]] = []

    def score(weights: np.ndarray, fold: int) -> float:
        seen[-1].add(fold)
        return float(weights @ likes[fold])

    def fitter(count: int, value: object) -> np.ndarray:
        seen.append(set())
        return climb(count, value)  # type: ignore[arg-type]

    found = nested(6, [0, 1, 2, 3], score, fitter)
    assert seen[0] == {0, 1, 2, 3}
    assert all(fold not in asked for fold, asked in enumerate(seen[1:]))
    for fold in range(4):
        rest = np.delete(likes, fold, axis=0).mean(axis=0)
        assert found.of_fold[fold].tolist() == np.eye(6)[rest.argmax()].tolist()


def test_fitting_to_noise_shows_in_the_nested_score_only() -> None:
    bits = np.random.default_rng(8)
    target, folds = bits.normal(size=200), np.arange(200) % FOLDS
    members = bits.normal(size=(20, 200))[:, :, None] * 0.2
    found = nested(
        20, range(FOLDS), lambda w, fold: squared(target, members, folds == fold, w), climb
    )
    inside = np.mean([squared(target, members, folds == f, found.weights) for f in range(FOLDS)])
    outside = np.mean(
        [squared(target, members, folds == f, found.of_fold[f]) for f in range(FOLDS)]
    )
    plain = np.mean([squared(target, members, folds == f, np.zeros(20)) for f in range(FOLDS)])
    assert outside < plain < inside


def test_one_fold_has_no_others() -> None:
    found = nested(2, [0], lambda weights, fold: float(weights[1]), climb)
    assert (found.weights.tolist(), found.of_fold) == ([0.0, 1.0], {})
    assert nested(3, [0, 1], lambda w, f: 0.0, equal).of_fold[1] == pytest.approx([1 / 3] * 3)


def test_ranks_are_given_within_folds() -> None:
    values = np.array([[5.0], [1.0], [100.0], [900.0], [3.0]])
    fold = np.array([0, 0, 1, 1, 0])
    assert ranks(values, fold).ravel().tolist() == pytest.approx([1, 1 / 3, 1 / 2, 1, 2 / 3])


# Predictions as numbers, and back

LABEL = Column("kind", "label", ("cat", "dog", "eel"))
NUMBER = Column("age", "number")


def test_labels_are_votes_and_numbers_stay() -> None:
    read = {"age": np.array([1.5, 2.5]), "kind": np.array([2, -1], np.int8)}
    votes = as_numbers(read, [NUMBER, LABEL])
    assert votes.tolist() == [[1.5, 0, 0, 1], [2.5, 0, 0, 0]]
    back = as_predictions(votes, [NUMBER, LABEL], votes)
    assert {name: column.tolist() for name, column in back.items()} == {
        "age": [1.5, 2.5],
        "kind": [2, -1],
    }


def test_the_majority_wins_and_a_tie_goes_to_the_best_member() -> None:
    members = np.stack(
        [as_numbers({"kind": np.array(codes)}, [LABEL]) for codes in ([0, 2], [1, 1], [1, 0])]
    )
    mean = combine(members, np.full(3, 1 / 3))
    assert as_predictions(mean, [LABEL], members[0])["kind"].tolist() == [1, 2]
    assert as_predictions(mean, [LABEL], members[2])["kind"].tolist() == [1, 0]


@pytest.mark.parametrize("kind", ["labels", "text"])
def test_what_has_no_mean_is_refused(kind: str) -> None:
    column = Column("tags", kind)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="'tags' holds texts or lists of labels"):
        as_numbers({"tags": np.array(["a b"], object)}, [column])


def test_a_file_says_numbers_as_they_are_and_missing_ones_as_nothing() -> None:
    read = {"age": np.array([0.1, np.nan]), "kind": np.array([1, -1])}
    made = as_csv(["a,b", "c"], ["id"], read, [NUMBER, LABEL])
    assert made == b'id,age,kind\n"a,b",0.1,dog\nc,,\n'
    assert as_csv(["x\x1f2"], ["shop", "day"], {"age": np.array([3.0])}, [NUMBER]) == (
        b"shop,day,age\nx,2,3.0\n"
    )
