"""Verdicts: what an interval, a region of equivalence and enough pairs allow to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from practice.arena.paired import Ahead
from practice.arena.records import Results
from practice.arena.verdict import holm, judge, needed, sentence, verdict, wilcoxon_p
from practice.cli.output import plain
from practice.errors import UsageError

Make = Callable[..., Results]


def spread(shape: tuple[int, ...], scale: float = 0.01) -> np.ndarray:
    return scale * np.random.default_rng(3).standard_normal(shape)


def two(difference: float, scale: float = 0.01) -> np.ndarray:
    """Return scores of two strategies whose differences have exactly this mean."""
    noise = spread((4, 5), scale)
    held = np.full((2, 4, 5), 0.5)
    held[1] += difference + noise - noise.mean()
    return held


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize(
    ("low", "high", "rope", "expected"),
    [
        (0.1, 0.3, 0.0, "win"),
        (0.1, 0.3, 0.1, "undecided"),
        (0.1, 0.3, 0.3, "tie"),
        (-0.3, -0.1, 0.0, "loss"),
        (-0.3, -0.1, 0.05, "loss"),
        (-0.3, 0.1, 0.2, "undecided"),
        (-0.1, 0.1, 0.1, "tie"),
        (-0.1, 0.1, 0.0, "undecided"),
    ],
)
def test_the_interval_decides(low: float, high: float, rope: float, expected: str) -> None:
    found = Ahead(np.ones((2, 3)), (low + high) / 2, 0.1, low, high, 5.0, None)
    assert verdict(found, rope, 6) == expected
    assert verdict(found, rope, 7) == "too few runs"


def test_needed_is_where_the_test_could_reject() -> None:
    assert [needed(count) for count in (1, 2, 4, 9)] == [6, 7, 8, 9]
    for count in range(1, 20):
        least = needed(count)
        assert 2 / 2**least <= 0.05 / count < 2 / 2 ** (least - 1)


@given(st.sets(st.integers(1, 1000), min_size=1, max_size=30), st.integers(0, 2**30 - 1))
def test_the_test_is_scipys(sizes: set[int], signs: int) -> None:
    values = [size if signs >> i & 1 else -size for i, size in enumerate(sizes)]
    expected = stats.wilcoxon(values, method="exact").pvalue
    assert wilcoxon_p(np.array([0.0, *values, np.nan])) == pytest.approx(expected)


@given(st.lists(st.sampled_from([-2.0, -1.0, 1.0, 2.0, 3.0]), min_size=2, max_size=7))
@settings(max_examples=30, deadline=None)
def test_the_test_is_exact_with_ties(values: list[float]) -> None:
    every = stats.wilcoxon(values, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue
    assert wilcoxon_p(np.array(values)) == pytest.approx(every)


def test_without_a_difference_there_is_no_test() -> None:
    assert wilcoxon_p(np.zeros((4, 5))) is None
    assert wilcoxon_p(np.array([])) is None


def test_sizes_that_are_equal_on_paper_share_a_rank() -> None:
    nearly = np.array([0.1 + 0.2, 0.3, -0.3, 0.6, 0.9, 1.2])
    exactly = np.array([1.0, 1.0, -1.0, 2.0, 3.0, 4.0])
    assert wilcoxon_p(nearly) == wilcoxon_p(exactly)


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert holm([0.02, None]) == [0.04, None]  # what could not be tested counts
    assert holm([]) == []


@pytest.mark.parametrize("greater", [True, False])
def test_better_is_better_whatever_the_metric(make: Make, greater: bool) -> None:
    (found,) = judge(make(two(0.02 if greater else -0.02), greater_is_better=greater))
    assert found.verdict == "win"
    assert found.difference == pytest.approx(0.02)
    (other,) = judge(make(two(-0.02 if greater else 0.02), greater_is_better=greater))
    assert other.verdict == "loss"
    assert other.difference == pytest.approx(-0.02)


def test_the_region_is_at_least_the_error_of_the_rows(make: Make) -> None:
    held = two(0.02)
    rows = np.random.default_rng(1).standard_normal((4, 1, 200))
    drawn = np.zeros((2, 4, 5, 200))
    drawn[1] = held[1][..., None] + 0.01 * rows
    results = make(held, replicates=drawn)
    (left,), (more,), (none,) = judge(results), judge(results, 0.05), judge(results, 0.0)
    (less,) = judge(results, 1e-6)
    assert left.rows_error is not None
    assert left.rope == less.rope == left.rows_error > 0.004
    assert (more.rope, more.verdict) == (0.05, "tie")
    assert (none.rope, none.verdict) == (0.0, "win")


@pytest.mark.parametrize("rope", [-0.1, math.nan, math.inf])
def test_a_region_is_a_size(make: Make, rope: float) -> None:
    with pytest.raises(UsageError, match="0 or more"):
        judge(make(two(0.0)), rope)


def test_more_strategies_need_more_pairs(make: Make) -> None:
    noise = spread((5, 1, 7), 0.001) + np.linspace(0, 0.8, 5)[:, None, None]
    assert [each.verdict for each in judge(make(noise))] == ["too few runs"] * 4
    assert [each.verdict for each in judge(make(noise[:2]))] == ["win"]


def test_equal_scores_are_a_tie_when_there_are_enough_of_them(make: Make) -> None:
    (equal,) = judge(make(np.full((2, 4, 5), 0.5)), 0.0)
    assert (equal.verdict, equal.pairs, equal.differing, equal.better) == ("tie", 20, 0, 0.5)
    (few,) = judge(make(np.full((2, 1, 5), 0.5)))
    assert few.verdict == "too few runs"
    held = np.full((2, 4, 5), 0.5)
    held[1, 0] = 0.6
    (some,) = judge(make(held))
    assert (some.verdict, some.differing) == ("too few runs", 5)


@pytest.mark.parametrize(
    "held",
    [
        np.full((3, 1, 1), 0.5),
        np.full((3, 2, 2), np.nan),
        np.array([[[0.5]], [[np.nan]], [[0.7]]]),
        np.full((3, 4, 5), 0.5),
        np.full((1, 2, 2), 0.5),
    ],
)
def test_nothing_is_ever_nan(make: Make, held: np.ndarray) -> None:
    found = judge(make(held, replicates=np.full((*held.shape, 3), 0.5)))
    assert len(found) == len(held) - 1
    for each in found:
        values = list(numbers({name: getattr(each, name) for name in plain(each)}))
        assert all(math.isfinite(value) for value in values)
        assert "nan" not in sentence(each, make(held).comparison)


def test_sentences_can_be_quoted(make: Make) -> None:
    values = np.array([0.02, 0.03, 0.025, 0.035, 0.01, 0.03])
    held = np.stack([np.full((6, 1), 0.5), 0.5 - values[:, None]])
    results = make(held, metric="log_loss", greater_is_better=False)
    ends = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    (won,) = judge(results)
    assert sentence(won, results.comparison) == (
        "tpe beats random on penguins: +0.0250 log loss "
        f"(95 % CI +{ends.low:.4f} to +{ends.high:.4f}, 6 paired runs, Holm p = 0.031)."
    )
    results = make(1 - held, metric="log_loss", greater_is_better=False)
    (lost,) = judge(results)
    assert sentence(lost, results.comparison).startswith("tpe loses to random on penguins: -0.0250")
    (tied,) = judge(results, 0.04)
    assert "ties with random on penguins: -0.0250 log loss, within 0.0400 (95 %" in sentence(
        tied, results.comparison
    )
    (open_,) = judge(results, 0.025)
    assert "is undecided: -0.0250 log loss, not surely more than 0.0250 (95 %" in sentence(
        open_, results.comparison
    )


def test_sentences_without_an_interval(make: Make) -> None:
    few = make(two(0.02)[:, :1])
    (none,) = judge(few)
    assert sentence(none, few.comparison) == (
        "tpe against random on penguins: too few runs for a verdict, "
        "5 of 5 paired runs differ and 6 are needed."
    )
    equal = make(np.full((2, 4, 5), 0.5))
    (same,) = judge(equal)
    assert sentence(same, equal.comparison) == (
        "tpe ties with random on penguins: equal scores in 20 paired runs."
    )


def test_the_sentence_says_whose_the_doubt_is(make: Make) -> None:
    held = two(0.05)
    drawn = np.zeros((2, 4, 5, 100))
    drawn[1] = held[1][..., None] + 0.002 * np.random.default_rng(2).standard_normal((4, 1, 100))
    results = make(held, replicates=drawn)
    (found,) = judge(results)
    assert found.doubt_of_rows is not None
    share = round(100 * found.doubt_of_rows)
    assert 5 < share < 60
    assert sentence(found, results.comparison).endswith(
        f"; {share} % of the doubt is the hidden test's."
    )
