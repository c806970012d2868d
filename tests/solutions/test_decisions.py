from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from practice import metrics
from practice.build.vault import TargetInfo
from practice.errors import PracticeError
from practice.solutions.decisions import (
    Decision,
    Goal,
    apply,
    decide,
    goal_for,
    learned,
    restored,
)

BINARY = TargetInfo("y", "label", ("no", "yes"), "yes")
THREE = TargetInfo("y", "label", ("1", "2", "3"))
NUMBER = TargetInfo("y", "number")


@pytest.mark.parametrize(
    ("target", "metric", "learn", "decision", "log"),
    [
        (BINARY, "accuracy", "classes", "argmax", False),
        (BINARY, "f1", "classes", "threshold", False),
        (BINARY, "matthews_corrcoef", "classes", "threshold", False),
        (BINARY, "roc_auc", "classes", "none", False),
        (BINARY, "average_precision", "classes", "none", False),
        (BINARY, "log_loss", "classes", "none", False),
        (THREE, "accuracy", "classes", "argmax", False),
        (THREE, "log_loss", "classes", "none", False),
        (THREE, "quadratic_weighted_kappa", "number", "cuts", False),
        (NUMBER, "rmse", "number", "none", False),
        (NUMBER, "rmsle", "number", "none", True),
        (NUMBER, "mae", "number", "none", False),
        (NUMBER, "r2", "number", "none", False),
        (NUMBER, "smape", "number", "none", False),
    ],
)
def test_goal(target: TargetInfo, metric: str, learn: str, decision: str, log: bool) -> None:
    goal = goal_for(target, metrics.get(metric))
    assert (goal.learn, goal.decision, goal.log) == (learn, decision, log)


def test_one_number_for_many_classes_in_words() -> None:
    with pytest.raises(PracticeError, match="no ready-made solution for rmse of 3 classes"):
        goal_for(THREE, metrics.get("rmse"))


def two(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([1 - p, p])


def test_a_threshold_beats_one_half_on_rare_positives() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(2000) < 0.08).astype(int)
    p = 1 / (1 + np.exp(-(rng.normal(size=2000) + 2.2 * y - 3.0)))  # calibrated, seldom above .5
    f1 = metrics.get("f1", pos_label=1)
    goal = Goal("classes", 2, positive=1, decision="threshold")

    def judge(codes: NDArray[Any]) -> float:
        return f1.score(y, codes)

    found = decide(goal, two(p), y, judge)
    naive = judge(apply(goal, Decision("threshold", (0.5,)), two(p)))
    assert judge(apply(goal, found, two(p))) > naive + 0.1
    assert found == decide(goal, two(p), y, judge)


def test_one_probability_for_all_rows_means_all_positive_under_f1() -> None:
    y = np.array([0, 0, 0, 1])
    goal = Goal("classes", 2, positive=1, decision="threshold")
    f1 = metrics.get("f1", pos_label=1)
    found = decide(goal, two(np.full(4, 0.25)), y, lambda codes: f1.score(y, codes))
    assert apply(goal, found, two(np.full(2, 0.25))).tolist() == [1, 1]


def test_the_positive_class_may_be_the_first() -> None:
    goal = Goal("classes", 2, positive=0, decision="threshold")
    y = np.array([0, 1, 1, 1])
    scores = np.array([[0.4, 0.6], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]])
    found = decide(goal, scores, y, lambda codes: float((codes == y).mean()))
    assert apply(goal, found, scores).tolist() == [0, 1, 1, 1]


def test_cut_points_find_shifted_borders() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 4, 600)
    scores = 1.0 + 0.3 * y + rng.normal(scale=0.02, size=600)  # far from 0, 1, 2, 3
    goal = Goal("number", 4, decision="cuts")
    kappa = metrics.get("quadratic_weighted_kappa")
    found = decide(goal, scores, y, lambda codes: kappa.score(y, codes))
    assert (apply(goal, found, scores) == y).mean() > 0.99
    assert list(found.values) == sorted(found.values)


def test_cut_points_of_a_constant_give_one_class() -> None:
    goal = Goal("number", 3, decision="cuts")
    y = np.array([0, 1, 2])
    found = decide(goal, np.full(3, 1.2), y, lambda codes: 0.0)
    assert apply(goal, found, np.full(2, 1.2)).tolist() == [1, 1]


def test_rmsle_is_learned_as_logarithms_and_never_hands_in_less_than_nothing() -> None:
    goal = goal_for(NUMBER, metrics.get("rmsle"))
    y = np.array([0.0, 9.0, 1000.0])
    np.testing.assert_allclose(restored(goal, learned(goal, y)), y, rtol=1e-12)
    assert restored(goal, np.array([-0.5])).tolist() == [0.0]


def test_scores_without_a_decision() -> None:
    scores = np.array([[0.2, 0.8], [0.6, 0.4]])
    plain = Decision("none")
    assert apply(Goal("classes", 2, positive=0), plain, scores).tolist() == [0.2, 0.6]
    assert apply(Goal("classes", 2), plain, scores).shape == (2, 2)
