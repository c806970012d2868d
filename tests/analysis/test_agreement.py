"""How often two scores order pairs alike."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.analysis.agreement import Agreement, agreement

SCORES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=9)


@given(SCORES)
def test_pairs_are_counted_one_by_one(scores: list[tuple[int, int]]) -> None:
    one, other = (np.array([pair[at] for pair in scores], np.float64) for at in (0, 1))
    signs = [(a[0] - b[0]) * (a[1] - b[1]) for a, b in combinations(scores, 2)]
    found = agreement(one, other)
    assert found == Agreement(len(scores), sum(s != 0 for s in signs), sum(s > 0 for s in signs))
    assert found.share == (found.alike / found.pairs if found.pairs else None)


def test_only_the_pairs_that_are_asked_for_count() -> None:
    among = np.zeros((3, 3), np.bool_)
    among[0, 2] = among[2, 0] = True
    assert agreement(np.array([1.0, 2, 3]), np.array([3.0, 2, 1]), among) == Agreement(3, 1, 0)


def test_nothing_to_order() -> None:
    found = agreement(np.array([]), np.array([]))
    assert (found.pairs, found.share, found.z) == (0, None, 0.0)


def test_the_distance_from_chance_is_that_of_independent_orders() -> None:
    draw = np.random.default_rng(4)
    drawn = [agreement(draw.random(10), draw.random(10)).z for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(0, abs=0.05)
    assert np.std(drawn) == pytest.approx(1, abs=0.03)
