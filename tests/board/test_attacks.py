"""What the demo claims, measured; and the attacks that it does not draw."""

from __future__ import annotations

import pytest

from practice.board.attacks import Play, play, policies


@pytest.fixture(scope="module")
def played() -> Play:
    return play(runs=4)


def reached(played: Play, attack: str, policy: str) -> float:
    (found,) = (t for t in played.tracks if (t.attack, t.policy) == (attack, policy))
    return found.reached


def test_the_vote_climbs_full_feedback_and_rounding_does_no_better(played: Play) -> None:
    assert reached(played, "vote", "full") == pytest.approx(0.75, abs=0.03)
    assert reached(played, "vote", "rounded:2") == pytest.approx(0.75, abs=0.03)


def test_flips_climb_the_naive_ladder(played: Play) -> None:
    assert reached(played, "flips", "naive") == pytest.approx(0.79, abs=0.02)
    assert reached(played, "flips", "full") == pytest.approx(0.79, abs=0.02)


def test_the_ladder_is_climbed_by_neither(played: Play) -> None:
    assert reached(played, "vote", "ladder") < 0.59  # the best of 400 coin flips is .587
    assert reached(played, "flips", "ladder") < 0.53
    for track in played.tracks:
        if track.policy == "ladder":
            assert track.public == pytest.approx(0.5, abs=0.03)


def test_nothing_was_learnt_of_the_private_rows(played: Play) -> None:
    for track in played.tracks:
        assert track.private == pytest.approx(0.5, abs=0.03)


def test_a_play_is_the_same_again(played: Play) -> None:
    assert play(runs=1, submissions=30) == play(runs=1, submissions=30)
    assert [t.policy for t in played.tracks[:4]] == list(policies(300))
    assert {t.submissions[0] for t in played.tracks} == {1}
    assert {t.submissions[-1] for t in played.tracks} == {400}


def test_progress_is_said() -> None:
    said: list[float] = []
    play(
        runs=1, submissions=10, progress=lambda task, done, total: said.append(done / (total or 1))
    )
    assert said == sorted(said)
    assert (said[0], said[-1]) == (0, 1)
