"""What the board says is true as often as it should be: a smaller run of benchmarks/coverage.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from practice import metrics
from practice.metrics.plan import Plan

FILE = Path(__file__).parents[2] / "benchmarks" / "coverage.py"
RUNS = 500
# Lower than what is promised by what so few runs leave to chance.
LEAST = {"score": 0.90, "score, leader": 0.87, "rank": 0.95, "rank, leader": 0.90, "mark": 0.90}
MOST = 0.99  # of score intervals: wider ones would be right more often, and say less
PAIRS = 0.90


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("practice_coverage", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def wanting(figures: dict[str, float], prefix: str = "") -> set[str]:
    """Return what is true too seldom, or score intervals that are true too often."""
    found = {name for name, least in LEAST.items() if figures[prefix + name] < least}
    return found | ({"score"} if figures[prefix + "score"] > MOST else set())


@pytest.mark.parametrize("metric", ["accuracy", "f1", "roc_auc", "rmse"])
@pytest.mark.parametrize("design", ["close", "groups", "time", "random"])
def test_simulated_replicates_are_those_of_the_product(
    coverage: ModuleType, metric: str, design: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = coverage.build(metric, 200, "close" if metric == "rmse" else design)
    seen = {}

    def keep(counts: np.ndarray, answers: np.ndarray, scores: np.ndarray) -> object:
        seen["all"] = counts, answers, scores
        return made(counts, answers, scores)

    if metric == "rmse":
        drawn = coverage.noise(np.random.default_rng(1), world, 1)[:, 0]
        pairs = np.zeros(200), drawn
        squares = world.counts[0] @ drawn**2
        mine = np.sqrt(squares / world.counts[0].sum(axis=1))
        plan = Plan(world.counts[0].astype(np.uint8))
    else:
        made = coverage._SCORED[metric]
        monkeypatch.setitem(coverage._SCORED, metric, keep)
        value, replicates = coverage.sample(np.random.default_rng(1), world)
        counts, answers, scores = seen["all"]
        said = scores[:, 3] if metric == "roc_auc" else (scores[:, 3] > coverage.CUT).astype(int)
        if metric == "roc_auc":
            said = 1 / (1 + np.exp(-said))
        pairs, mine = (answers.astype(int), said), replicates[3]
        plan = Plan(counts.astype(np.uint8))
        assert metrics.get(metric).score(*pairs) == pytest.approx(value[3], abs=1e-6)
    theirs = metrics.get(metric).replicates(*pairs, plan)
    assert theirs is not None
    assert mine == pytest.approx(theirs, abs=2e-6)


def test_linear_replicates_of_an_auc_stand_for_exact_ones(
    coverage: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = coverage.build("roc_auc", 1000, "close")
    value, replicates = coverage.sample(np.random.default_rng(1), world)
    rows = coverage._classes(1000, 300)
    again = np.random.default_rng(1)
    own = coverage.noise(again, world, 25) * np.sqrt(1 - coverage.SHARED)
    own += np.sqrt(coverage.SHARED) * coverage.noise(again, world, 1)
    scores = own + rows[:, None] * world.skill
    plan = Plan(world.counts[0].astype(np.uint8))
    for entry in (0, 24):
        said = 1 / (1 + np.exp(-scores[:, entry]))
        exact = metrics.get("roc_auc").replicates(rows.astype(int), said, plan)
        assert metrics.get("roc_auc").score(rows.astype(int), said) == pytest.approx(value[entry])
        assert exact is not None
        assert replicates[entry].std() == pytest.approx(exact.std(), rel=0.01)
        assert np.corrcoef(exact, replicates[entry])[0, 1] > 0.999


def test_truths_are_what_very_many_rows_score(coverage: ModuleType) -> None:
    bits = np.random.default_rng(5)
    answers = np.arange(400_000) < 120_000
    scores = bits.normal(size=400_000) + 1.4 * answers
    said = 1 / (1 + np.exp(-scores))
    cut = (scores > coverage.CUT).astype(int)
    for metric, prediction in (("accuracy", cut), ("f1", cut), ("roc_auc", said)):
        found = metrics.get(metric).score(answers.astype(int), prediction)
        assert coverage._truth(metric, 1.4) == pytest.approx(found, abs=0.004)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "rows", "design"),
    [
        ("accuracy", 50, "close"),
        ("accuracy", 1000, "equal"),
        ("f1", 50, "groups"),
        ("f1", 200, "clones"),
        ("roc_auc", 50, "time"),
        ("roc_auc", 1000, "close"),
        ("rmse", 50, "time"),
        ("rmse", 1000, "clones"),
    ],
)
def test_the_board_is_true_as_often_as_it_should_be(
    coverage: ModuleType, metric: str, rows: int, design: str
) -> None:
    figures = coverage.cell(metric, rows, design, RUNS)
    assert wanting(figures) == set()
    assert {name: figures[name] for name in coverage.PAIRS if figures[name] < PAIRS} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "rows", "design", "signal", "wrong"),
    [
        ("roc_auc", 50, "equal", 2.8, {"score", "score, leader"}),
        ("accuracy", 200, "clones", 1.4, {"score, leader", "rank, leader"}),
        ("rmse", 50, "equal", 1.4, {"score, leader", "mark"}),
    ],
)
def test_where_percentiles_of_replicates_are_wrong_the_board_is_right(
    coverage: ModuleType,
    metric: str,
    rows: int,
    design: str,
    signal: float,
    wrong: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "SIGNAL", signal)
    monkeypatch.setattr(coverage, "CUT", 0.57 * signal)
    figures = coverage.cell(metric, rows, design, 2 * RUNS)
    assert wanting(figures) == set()
    assert wanting(figures, "naive ") >= wrong
