"""Runs of every strategy that are killed in the middle go on to the same records."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from practice.errors import StoreError
from practice.solutions.data import Dataset
from practice.tuning import Budget, Journal, Plan, Row, finals, load_run, names, search, search_in
from practice.tuning.manifest import FOLDS
from practice.tuning.records import ROWS, same
from practice.tuning.resuming import last_budget
from practice.tuning.searching import SESSIONS

Small = Callable[[str], Dataset]

BUDGET = Budget(trials=24)
OWN = '''
import random


class Mine:
    """Draws, and later stays near the best."""

    def __init__(self, problem):
        self.space, self.random = problem.space, random.Random(problem.seed)
        self.best = None

    def ask(self):
        found = {}
        for p in self.space.parameters:
            place = self.random.random()
            if self.best is not None:
                place = min(1, max(0, p.place(self.best.configuration[p.name]) + place / 5 - 0.1))
            found[p.name] = p.at(place)
        return found

    def tell(self, row):
        if row.counts and (self.best is None or row.score < self.best.score):
            self.best = row
'''
NEEDS = {"gp": "torch", "flaml-cfo": "flaml", "flaml-blendsearch": "flaml"}


def strategies() -> list[object]:
    found: list[object] = ["own.py", "tpe+none", "random+median", "tpe+halving"]
    for name in names():
        needed = NEEDS.get(name)
        missing = needed is not None and find_spec(needed) is None
        found.append(pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"no {needed}")))
    return found


def plan(strategy: str, folder: Path) -> Plan:
    if strategy == "own.py":
        path = folder / "own.py"
        path.write_text(OWN, encoding="utf-8")
        strategy = str(path)
    # A tree has one parameter, of whole numbers: trials cost nothing, and some are duplicates.
    return Plan("linear" if strategy == "grid" else "tree", strategy)


def killed(path: Path, dataset: Dataset, made: Plan, after: int, how: Callable[[], None]) -> None:
    """Search in a process of its own that ends itself after so many rows."""
    child = os.fork()
    if child == 0:
        try:
            rows = 0

            def watch(row: Row) -> None:
                nonlocal rows
                rows += 1
                if rows == after:
                    how()

            with Journal(path) as journal:
                search(dataset, made, BUDGET, journal, watch)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("strategy", strategies())
def test_a_killed_run_goes_on_to_the_same_records(
    small: Small, tmp_path: Path, strategy: str
) -> None:
    dataset = small("binary")
    made = plan(strategy, tmp_path)
    with Journal(None) as journal:
        whole = search(dataset, made, BUDGET, journal)
    path = tmp_path / ROWS
    for after in (14, 9):
        killed(path, dataset, made, after, lambda: os.kill(os.getpid(), signal.SIGKILL))
    with Journal(path) as journal:
        assert 0 < len(finals(journal.rows)) < 24
        rows = search(dataset, made, BUDGET, journal)
    assert [same(row) for row in rows] == [same(row) for row in whole]


@pytest.mark.parametrize("strategy", ["tpe", "halving"])
def test_boosted_runs_go_on_too(small: Small, tmp_path: Path, strategy: str) -> None:
    dataset, made = small("regression"), Plan("lightgbm", strategy, rounds=50)
    budget = Budget(trials=16)
    with Journal(None) as journal:
        whole = search(dataset, made, budget, journal)

    def stop(row: Row) -> None:
        if row.trial == 13:
            raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        search_in(folder, dataset, made, budget, stop)
    rows = search_in(folder, dataset, made, budget)
    assert [same(row) for row in rows] == [same(row) for row in whole]
    stored = load_run(folder)
    assert stored.rows == rows
    assert stored.manifest.solution == "lightgbm"
    assert (folder / FOLDS).is_file()
    said = (folder / SESSIONS).read_text(encoding="utf-8").splitlines()
    assert ["interrupted" in line for line in said] == [False, True, False, False]
    assert last_budget(folder) == budget


def test_what_changed_since_is_refused_in_words(small: Small, tmp_path: Path) -> None:
    from dataclasses import replace

    dataset, folder = small("binary"), tmp_path / "tree-run"
    search_in(folder, dataset, Plan("tree"), Budget(trials=2))
    other = replace(dataset, splits=dataset.splits[:3])
    for changed, made, what in (
        (other, Plan("tree"), "folds"),
        (dataset, Plan("knn"), "space"),
        (dataset, Plan("tree", "random"), "strategy"),
        (dataset, Plan("tree", seed=1), "evaluator"),
        (replace(dataset, y=1 - dataset.y), Plan("tree"), "data"),
    ):
        with pytest.raises(StoreError, match=f"cannot be gone on with: {what} changed") as caught:
            search_in(folder, changed, made, Budget(trials=3))
        assert "another run" in caught.value.hint


def test_a_run_belongs_to_one_process(small: Small, tmp_path: Path) -> None:
    dataset, folder = small("binary"), tmp_path / "tree-run"

    def meanwhile(row: Row) -> None:
        if row.trial == 1:
            with pytest.raises(StoreError, match="tree-run is being run by another process"):
                search_in(folder, dataset, Plan("tree"), Budget(trials=2))

    assert len(finals(search_in(folder, dataset, Plan("tree"), Budget(trials=2), meanwhile))) == 2
