"""Which trials are stopped, on losses made up to tell the rules apart."""

from __future__ import annotations

import pytest

from practice.tuning.records import Row
from practice.tuning.stopping import STOPPERS, Forgiving, Halving, Hyperband, Median, brackets
from practice.tuning.strategy import Stopper


def at(trial: int, share: float, loss: float) -> Row:
    return Row(trial, round(share * 300), "rounds", "running", {}, loss, (loss,), share=share)


def ended(trial: int, folds: tuple[float, ...], state: str = "complete") -> Row:
    return Row(trial, 5, "folds", state, {}, sum(folds) / len(folds), folds)  # type: ignore[arg-type]


def stops(rule: Stopper, losses: dict[int, float], share: float) -> list[int]:
    return [trial for trial, loss in losses.items() if rule.should_stop(at(trial, share, loss))]


def test_forgiving_compares_with_the_worst_fold_of_the_best_trial() -> None:
    rule = Forgiving()
    assert not rule.should_stop(at(0, 0.4, 9.0))
    rule.tell(ended(0, (0.1, 0.3)))
    assert stops(rule, {1: 0.25, 2: 0.3, 3: 0.31}, 0.4) == [3]
    rule.tell(ended(4, (0.05, 0.1), "stopped"))  # no best: it did not run to its end
    rule.tell(ended(5, (0.4, 0.4)))  # worse
    assert stops(rule, {6: 0.3}, 0.4) == []
    rule.tell(ended(7, (0.1, 0.12)))
    assert stops(rule, {8: 0.12, 9: 0.13}, 0.4) == [9]
    rule.tell(Row(10, 0, "folds", "failed", {}, None))
    assert stops(rule, {11: 0.12}, 0.4) == []


def test_halving_keeps_the_best_third_of_those_that_came_so_far() -> None:
    rule = Halving(least=1 / 9)
    first = {0: 0.5, 1: 0.6, 2: 0.4, 3: 0.3, 4: 0.45, 5: 0.35, 6: 0.2}
    # Of n at the rung the best max(1, n // 3) go on.
    assert stops(rule, first, 1 / 9) == [1, 4]
    assert not rule.should_stop(at(6, 2 / 9, 9.0))  # no rung there
    assert stops(Halving(least=1 / 9), first | {7: 0.21, 8: 0.32}, 1 / 9) == [1, 4, 8]


def test_a_leap_over_rungs_is_judged_at_each() -> None:
    rule = Halving(least=1 / 9)
    assert not rule.should_stop(at(0, 0.4, 0.5))
    assert rule.should_stop(at(1, 1 / 9, 0.6))
    assert not rule.should_stop(at(2, 1 / 9, 0.4))
    assert rule.should_stop(at(2, 1 / 3, 0.55))  # against trial 0 at the second rung


def test_brackets_are_counted_without_a_logarithm() -> None:
    assert len(brackets(1 / 243, 3)) == 6  # floor(log(243, 3)) is 4
    assert [round(share, 4) for share, _ in brackets(1 / 12, 3)] == [0.0833, 0.25, 0.75]
    assert [count for _, count in brackets(1 / 81, 3)] == [81, 34, 15, 8, 5]


def test_hyperband_gives_its_brackets_their_turns() -> None:
    rule = Hyperband(least=1 / 9)
    # Nine trials of the boldest bracket, five of the next, three that run to their end.
    early = {trial: 0.5 + trial / 100 for trial in range(17)}
    assert stops(rule, early, 1 / 9) == list(range(1, 9))
    assert stops(rule, {t: early[t] for t in range(9, 17)}, 1 / 3) == [10, 11, 12, 13]


def test_the_median_waits_for_five_trials() -> None:
    rule = Median()
    for trial, loss in enumerate([0.1, 0.2, 0.3, 0.4, 0.5]):
        assert not rule.should_stop(at(trial, 0.25, loss))
        rule.tell(ended(trial, (loss,)))
    assert stops(rule, {5: 0.3}, 0.25) == []
    assert stops(rule, {6: 0.31}, 0.25) == [6]
    assert stops(rule, {7: 0.9}, 0.5) == []  # nobody was there before


@pytest.mark.parametrize("name", STOPPERS)
def test_every_rule_names_itself(name: str) -> None:
    rule = STOPPERS[name]()
    assert rule.described()["name"] == name
    assert rule.order in ("rounds", "folds")
    rule.tell(ended(0, (0.1, 0.2)))
    assert not STOPPERS["none"]().should_stop(at(1, 0.5, 9.0))
