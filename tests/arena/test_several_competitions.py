"""Strategies over competitions: Friedman, signed ranks, cliques, bootstrap, win rates."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from practice.arena.records import Results
from practice.arena.scores import normalised_regret, scores_of
from practice.arena.several import Pair, Several, cliques, compare_several, friedman
from practice.errors import UsageError

Make = Callable[..., Results]
ABOVE = np.array([0.0, 0.1, 0.05])[:, None, None]


def field(make: Make, count: int, shift: np.ndarray = ABOVE, scale: float = 0.02) -> list[Results]:
    """Return comparisons of three strategies; the second is the best, the first the worst."""
    noise = scale * np.random.default_rng(4).standard_normal((count, 3, 2, 4))
    return [make(0.6 + shift + noise[i], slug=f"c{i}", default=0.5) for i in range(count)]


def test_the_best_mean_rank_comes_first(make: Make) -> None:
    found = compare_several(field(make, 8))
    assert [row.strategy for row in found.standings] == ["tpe", "cmaes", "random"]
    assert [row.rank for row in found.standings] == [1.0, 2.0, 3.0]
    assert found.competitions == tuple(f"c{i}" for i in range(8))
    for position, row in enumerate(found.standings):
        assert row.regret == pytest.approx(found.regret[:, position].mean())
        assert row.low < row.regret < row.high


def test_the_unit_is_the_competition(make: Make) -> None:
    results = field(make, 6)
    found = compare_several(results)
    regret = [normalised_regret(scores_of(one)).mean(axis=(1, 2)) for one in results]
    order = [1, 2, 0]
    assert found.regret == pytest.approx(np.array(regret)[:, order])
    for pair, (i, j) in zip(found.pairs, [(0, 1), (0, 2), (1, 2)], strict=True):
        assert pair.p == pytest.approx(
            stats.wilcoxon(found.regret[:, i] - found.regret[:, j]).pvalue
        )
    assert [pair.holm for pair in found.pairs] == pytest.approx([3 / 32] * 3)


def test_friedman_is_scipys_and_iman_davenports() -> None:
    regret = np.random.default_rng(0).random((7, 4))
    found = friedman(regret)
    expected = stats.friedmanchisquare(*regret.T)
    assert found is not None
    assert (found.chi2, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    f = 6 * found.chi2 / (7 * 3 - found.chi2)
    assert (found.f, found.f_p) == pytest.approx((f, stats.f.sf(f, 3, 18)))


def test_friedman_at_its_ends() -> None:
    same_order = friedman(np.arange(12.0).reshape(4, 3))
    assert same_order is not None
    assert (same_order.chi2, same_order.f, same_order.f_p) == (pytest.approx(8.0), np.inf, 0.0)
    assert friedman(np.ones((4, 3))) is None
    assert friedman(np.random.default_rng(0).random((4, 2))) is None
    assert friedman(np.ones((1, 3))) is None


def test_cliques_are_what_lies_together_and_does_not_differ() -> None:
    def groups(*apart: str) -> tuple[tuple[str, ...], ...]:
        names = "abcd"
        pairs = [
            Pair(x, y, p, p, None, None, None)
            for i, x in enumerate(names)
            for y in names[i + 1 :]
            for p in [0.001 if x + y in apart else 0.5]
        ]
        return cliques(tuple(names), pairs)

    assert groups() == (("a", "b", "c", "d"),)
    assert groups("ad") == (("a", "b", "c"), ("b", "c", "d"))
    assert groups("ab", "ac", "ad") == (("b", "c", "d"),)
    assert groups("ab", "ac", "ad", "bc", "bd", "cd") == ()
    assert groups("ac", "ad", "bc", "bd") == (("a", "b"), ("c", "d"))
    assert groups("bc") == (("a", "b"), ("c", "d"))


def test_few_competitions_are_said_to_be_few(make: Make) -> None:
    found = compare_several(field(make, 5))
    assert found.cliques is None
    assert "a critical-difference diagram needs 6 competitions, not 5" in found.notes
    assert "3 pairs of strategies need 7 competitions to tell any apart, not 5" in found.notes
    enough = compare_several(field(make, 7))
    assert enough.cliques == ()
    assert not any("need" in note and "baycomp" not in note for note in enough.notes)


def test_win_rates_weigh_competitions_equally(make: Make) -> None:
    one = make(np.array([[[0.6, 0.7]], [[0.7, 0.7]]]), slug="a", default=0.5)
    other = make(np.array([[[0.9]], [[0.6]]]), slug="b", default=0.5)
    found = compare_several([one, other])
    names = [row.strategy for row in found.standings]
    wins = {names[i]: {names[j]: found.wins[i, j] for j in (0, 1)} for i in (0, 1)}
    assert wins["tpe"]["random"] == pytest.approx((0.75 + 0.0) / 2)
    assert wins["random"]["tpe"] == pytest.approx((0.25 + 1.0) / 2)
    assert wins["tpe"]["tpe"] == 0.5


def test_the_bootstrap_knows_competitions_splits_and_seeds(make: Make) -> None:
    def width(found: Several) -> float:
        return found.standings[-1].high - found.standings[-1].low

    still = compare_several(field(make, 6, scale=0.0))
    assert width(still) == pytest.approx(0.0)
    assert compare_several(field(make, 6)).standings == compare_several(field(make, 6)).standings
    few, many = width(compare_several(field(make, 4))), width(compare_several(field(make, 16)))
    assert 0 < many < few
    # One competition apart from the others: it is drawn 0 to several times.
    results = field(make, 6, scale=0.0)
    results[0] = make(0.6 + 0 * ABOVE + np.zeros((3, 2, 4)), slug="c0", default=0.5)
    assert width(compare_several(results)) > 0.2


def test_what_does_not_belong_together_is_refused(make: Make) -> None:
    results = field(make, 2)
    with pytest.raises(UsageError, match="c0 is there twice"):
        compare_several([results[0], results[0]])
    other = make(np.zeros((3, 2, 2)), slug="d", names=("random", "tpe", "grid"))
    with pytest.raises(UsageError, match="the strategies of d are not those of c0"):
        compare_several([results[0], other])
    missing = np.zeros((3, 2, 2))
    missing[2] = np.nan
    with pytest.raises(UsageError, match="cmaes has no run on e"):
        compare_several([results[0], make(missing, slug="e")])
    with pytest.raises(UsageError, match="no comparison"):
        compare_several([])


def test_strategies_may_be_asked_in_another_order(make: Make) -> None:
    results = field(make, 2)
    turned = make(
        scores_of(results[1]).held[[2, 0, 1]],
        names=("cmaes", "random", "tpe"),
        slug="c1",
        default=0.5,
        reference="random",
    )
    assert compare_several([results[0], turned]).standings == compare_several(results).standings


def test_the_bayesian_test_says_who_is_better(make: Make) -> None:
    pytest.importorskip("baycomp")
    found = compare_several(field(make, 8)).pairs[0]
    assert (found.first, found.second) == ("tpe", "cmaes")
    probabilities = (found.first_better, found.equivalent, found.second_better)
    assert None not in probabilities
    assert sum(p or 0.0 for p in probabilities) == pytest.approx(1.0)
    assert (found.first_better or 0.0) > 0.9
    flat = compare_several(field(make, 8, 0 * ABOVE, 0.0)).pairs[0]
    assert flat.equivalent == 1.0


def test_without_baycomp_the_rest_is_there(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "baycomp", None)
    found = compare_several(field(make, 7))
    assert [pair.equivalent for pair in found.pairs] == [None] * 3
    assert [pair.holm for pair in found.pairs] == pytest.approx([3 / 64] * 3)
    assert found.notes == (
        "the Bayesian signed-rank test needs baycomp: pip install 'practice[stats]'",
    )
