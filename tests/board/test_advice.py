"""What the advice on final submissions rests on, and that it is worth more than the best scores."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from practice.board.advice import Evidence, Rows, advise, expected_best
from practice.board.shrinking import spread

FILE = Path(__file__).parents[2] / "benchmarks" / "advice.py"
ROWS = Rows(public=1000, private=2000, training=4000)
NONE = float("nan")


def evidence(
    told: list[float],
    *,
    scores: bool = True,
    noise: NDArray[np.float64] | None = None,
    cv: list[float] | None = None,
    error: float = 0.01,
    copies: tuple[int, int] | None = None,
) -> Evidence:
    """Return what is known of a few submissions."""
    count = len(told)
    alike = np.eye(count)
    if copies is not None:
        alike[copies] = alike[copies[::-1]] = 1.0
    crossed = np.array([NONE] * count if cv is None else cv)
    errors = np.where(np.isnan(crossed), NONE, error)
    return Evidence(np.array(told), scores, noise, crossed, errors, alike, ROWS)


def noise(size: float, correlation: float, count: int) -> NDArray[np.float64]:
    """Return a covariance with one variance and one correlation."""
    return size**2 * ((1 - correlation) * np.eye(count) + correlation)


def test_the_expected_best_of_two_is_that_of_drawing_them() -> None:
    bits = np.random.default_rng(1)
    covariance = np.array([[1.0, 0.3], [0.3, 2.0]])
    drawn = bits.multivariate_normal([0.2, -0.1], covariance, size=400_000).max(axis=1)
    found = expected_best(0.2, np.array([-0.1]), 1.0, np.array([2.0]), np.array([0.3]))
    assert found[0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 400_000**0.5)


def test_of_variables_without_luck_the_better_one_is_the_best() -> None:
    zero = np.zeros(2)
    assert expected_best(0.5, np.array([0.4, 0.7]), 0.0, zero, zero).tolist() == [0.5, 0.7]


def test_of_submissions_that_rounding_tells_apart_the_earlier_is_chosen() -> None:
    told = [0.80, 0.90, 0.90 + 2.2e-16, 0.85]
    luck = noise(0.02, 0.5, 4)
    luck[1, 2] = luck[2, 1] = luck[1, 1]
    for cv in (None, [0.79, 0.88, 0.88 + 1.1e-16, 0.83]):
        advice = advise(evidence(told, noise=luck, cv=cv))
        assert advice.picks == (1, 3)


def test_a_score_whose_replicates_do_not_vary_has_no_error() -> None:
    luck = noise(0.02, 0.5, 4)
    luck[0] = luck[:, 0] = 0.0
    advice = advise(evidence([0.54, 0.90, 0.91, 0.85], noise=luck))
    assert np.isnan(advice.errors).tolist() == [True, False, False, False]
    assert advice.joined[0] == pytest.approx(0.54, abs=1e-6)


def test_scores_are_shrunk_towards_their_mean_by_morris_factor() -> None:
    told = [0.80, 0.82, 0.84, 0.86, 0.88, 0.90]
    luck = noise(0.02, 0.5, 6)
    advice = advise(evidence(told, noise=luck))
    centre = np.array(told) - 0.85
    # All correlations are equal, so differences are the scores of independent errors.
    share = (5 - 2) / 5 * (0.5 * 0.02**2) / (np.square(centre).sum() / 5)
    assert advice.shrunk == pytest.approx(0.85 + (1 - share) * centre, abs=1e-6)
    assert advice.kept == pytest.approx(1 - share, abs=1e-6)
    assert (advice.basis, advice.picks) == ("public", (5, 4))
    assert advice.joined == pytest.approx(advice.shrunk)


def test_a_wider_spread_of_scores_is_believed_more() -> None:
    values = np.array([-1.5, -0.5, 0.0, 0.0, 0.5, 1.5])
    known = [spread(times * values, np.eye(6)) for times in (1.0, 3.0, 9.0)]
    assert known == sorted(known)
    assert known[0] == pytest.approx(2 / 3)


def test_three_scores_say_nothing_of_their_spread_and_stay() -> None:
    told = [0.7, 0.8, 0.9]
    advice = advise(evidence(told, noise=noise(0.05, 0.5, 3)))
    assert advice.shrunk == pytest.approx(told, abs=1e-4)
    assert advice.picks == (2, 1)


def test_a_copy_is_never_the_companion_of_the_best() -> None:
    luck = noise(0.02, 0.6, 4)
    luck[0, 1] = luck[1, 0] = luck[0, 0]
    advice = advise(evidence([0.9, 0.9, 0.89, 0.6], noise=luck))
    assert advice.picks == (0, 2)
    assert advice.correlation == pytest.approx(0.6)
    assert advice.gain is not None
    assert advice.gain > 0


def test_where_all_are_copies_the_second_adds_nothing() -> None:
    advice = advise(evidence([0.9, 0.9, 0.9], noise=noise(0.02, 1.0, 3)))
    assert advice.picks == (0, 1)
    assert advice.gain == pytest.approx(0, abs=1e-9)
    assert advice.correlation == pytest.approx(1)


def test_one_submission_is_the_only_pick() -> None:
    advice = advise(evidence([0.9], noise=noise(0.02, 0, 1)))
    assert (advice.picks, advice.gain, advice.correlation) == ((0,), None, None)
    assert advice.shrunk == pytest.approx([0.9])


def test_exact_cross_validation_decides_and_its_offset_is_found() -> None:
    told, cv = [0.90, 0.89, 0.86, 0.87], [0.70, 0.72, 0.74, 0.71]
    advice = advise(evidence(told, noise=noise(0.05, 0.5, 4), cv=cv, error=0.0001))
    assert advice.basis == "joined"
    assert advice.offset == pytest.approx(np.mean(cv) - np.mean(told), abs=1e-3)
    assert advice.picks[0] == 2
    assert advice.errors[2] > 0


def test_cross_validation_that_strays_counts_for_less() -> None:
    told = [0.95, 0.90, 0.85, 0.80]
    near = advise(evidence(told, noise=noise(0.01, 0.0, 4), cv=[0.94, 0.91, 0.86, 0.79]))
    far = advise(evidence(told, noise=noise(0.01, 0.0, 4), cv=[0.5, 0.9, 0.7, 0.99]))
    assert near.picks == far.picks == (0, 1)
    alone = advise(evidence(told, noise=noise(0.01, 0.0, 4)))
    assert np.all(near.errors < alone.errors)
    assert far.joined == pytest.approx(alone.joined, abs=2e-3)


def test_fewer_than_three_with_both_only_break_ties() -> None:
    told, luck = [0.9, 0.9, 0.8, 0.7], noise(0.02, 0.5, 4)
    advice = advise(evidence(told, noise=luck, cv=[0.6, 0.7, NONE, NONE]))
    assert (advice.basis, advice.picks) == ("public", (1, 0))
    assert advice.offset is None


def test_without_replicates_errors_come_from_cross_validation_by_rows() -> None:
    told, cv = [0.90, 0.88, 0.86, 0.84], [0.80, 0.82, 0.81, 0.79]
    known = advise(evidence(told, noise=noise(0.02, 0.0, 4), cv=cv, error=0.01))
    guessed = advise(evidence(told, cv=cv, error=0.01))  # 4 times the rows: half the error
    assert guessed.joined == pytest.approx(known.joined)
    assert guessed.basis == "joined"


def test_a_ladder_is_no_score() -> None:
    told, cv = [0.80, 0.85, 0.85, 0.85], [0.7, 0.71, 0.75, 0.72]
    advice = advise(evidence(told, scores=False, cv=cv))
    assert (advice.basis, advice.picks[0]) == ("cv", 2)
    assert np.isnan(advice.shrunk).all()


def test_blind_is_cross_validation_alone_and_leaves_out_what_has_none() -> None:
    advice = advise(evidence([NONE] * 3, cv=[0.7, NONE, 0.8]))
    assert (advice.basis, advice.picks) == ("cv", (2, 0))
    assert np.isnan(advice.joined).tolist() == [False, True, False]
    alone = advise(evidence([NONE] * 3, cv=[NONE, 0.7, NONE]))
    assert alone.picks == (1, 0)


@pytest.mark.parametrize("scores", [True, False])
def test_what_was_told_stands_as_it_is_where_nothing_else_is_known(scores: bool) -> None:
    advice = advise(evidence([0.8, 0.9, 0.9, 0.7], scores=scores, copies=(1, 2)))
    assert (advice.basis, advice.picks) == ("released", (1, 0))  # not the copy
    assert advice.gain is None
    assert np.isnan(advice.joined).all()


# What it is worth


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("practice_advice", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_advice_regrets_less_than_the_best_scores(benchmark: ModuleType) -> None:
    for world in benchmark.WORLDS:
        found = dict(zip(benchmark.CHOICES, benchmark.measure(world, 250), strict=True))
        assert found["advice, public"] < 0.9 * found["two best public"], world.name
        assert found["advice, both"] < 0.92 * found["two best public"], world.name
        assert found["advice, both"] < found["two best cv"], world.name
