from __future__ import annotations

import random

import pytest

from practice.board import Policy, better, parse, release
from practice.errors import UsageError


def surely(position: int) -> bool:
    """Beat whatever is held."""
    return True


def never(position: int) -> bool:
    """Beat nothing."""
    return False


def unasked(position: int) -> bool:
    """Fail where only a Ladder may ask."""
    raise AssertionError("the paired comparison was asked for")


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("full", Policy("full")),
        ("rounded:0", Policy("rounded", 0)),
        ("rounded:3", Policy("rounded", 3)),
        ("ladder", Policy("ladder")),
        ("blind", Policy("blind")),
    ],
)
def test_policies_are_read(text: str, policy: Policy) -> None:
    assert parse(text) == policy


@pytest.mark.parametrize("text", ["", "Full", "rounded", "rounded:", "rounded:-1", "rounded:x"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a policy") as caught:
        parse(text)
    assert caught.value.hint == "choose full, rounded:N, ladder or blind"


@pytest.mark.parametrize("up", [True, False])
def test_better_is_strict(up: bool) -> None:
    assert better(2.0, 1.0, up) is up
    assert better(1.0, 2.0, up) is not up
    assert not better(1.0, 1.0, up)


def test_full_rounded_and_blind() -> None:
    value = 0.123456789
    assert release(Policy("full"), value, [0.9], True, unasked) == value
    assert release(Policy("rounded", 2), value, [0.9], True, unasked) == 0.12
    assert release(Policy("blind"), value, [0.9], True, unasked) is None
    assert release(Policy("ladder"), value, [], True, unasked) == 0.12
    assert release(Policy("ladder"), value, [0.12], True, unasked) == 0.12


@pytest.mark.parametrize("up", [True, False])
def test_a_ladder_moves_by_whole_steps_only(up: bool) -> None:
    sign = 1 if up else -1
    policy = Policy("ladder")
    said = [0.5]
    for value in (0.5 + sign * 0.009, 0.5 + sign * 0.011, 0.5 + sign * 0.0149, 0.5 - sign * 0.2):
        found = release(policy, value, said, up, surely)
        assert found is not None
        said.append(found)
    assert said == [0.5, 0.5, 0.5 + sign * 0.01, 0.5 + sign * 0.01, 0.5 + sign * 0.01]


def test_a_ladder_says_little_of_many_close_scores() -> None:
    draw = random.Random(0)
    said: list[float] = []
    for _ in range(300):
        found = release(Policy("ladder"), 0.7 + draw.random() * 0.02, said, True, surely)
        assert found is not None
        said.append(found)
    assert len(set(said)) <= 3
    assert said == sorted(said)


def test_a_ladder_says_nothing_new_of_what_may_be_luck() -> None:
    assert release(Policy("ladder"), 0.9, [0.5], True, never) == 0.5
    assert release(Policy("ladder"), 0.9, [0.5], True, surely) == 0.9


@pytest.mark.parametrize("up", [True, False])
def test_a_ladder_compares_with_the_submission_that_set_the_best(up: bool) -> None:
    asked: list[int] = []

    def beats(position: int) -> bool:
        asked.append(position)
        return True

    sign = 1 if up else -1
    said = [sign * value for value in (0.4, 0.6, 0.6, 0.6)]
    assert release(Policy("ladder"), sign * 0.7, said, up, beats) == sign * 0.7
    assert asked == [1]
