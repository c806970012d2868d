"""A comparison: what it records, what depends on nothing, what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from practice.arena import holding
from practice.arena.asking import Question, begin, shape_of
from practice.arena.cells import Field, run_cell
from practice.arena.holding import holds_of, units_of
from practice.arena.judging import judge
from practice.arena.recording import (
    CELL,
    COMPARISON,
    Task,
    load,
    newest,
    predictions_of,
    run_folder,
    tasks_of,
)
from practice.arena.records import Results
from practice.arena.running import Status, compare_one
from practice.definition import MetricSpec
from practice.errors import NotFoundError, PracticeError, StoreError, UsageError
from practice.settings import Settings
from practice.solutions import cross_validate, get
from practice.solutions.data import Dataset
from practice.solutions.run import predict_test, predict_test_by_folds
from practice.tuning.manifest import load_run
from practice.tuning.outer import held_score
from practice.tuning.records import ROWS, Row, finals, incumbents, same

Small = Callable[..., Dataset]
Told = Callable[[Results], dict[str, Any]]

TREE = Question(("random", "tpe"), solution="tree", repeats=2, work=13)


def test_every_run_leaves_its_records(here: Settings, small: Small, compared: Results) -> None:
    dataset, asked = small(), compared.comparison
    assert (asked.id, asked.slug, asked.reference) == ("binary-tree-1", "binary", "random")
    assert (asked.outer, asked.seeds, asked.held_rows) == ((3, 4), (0,), (32, 32))
    assert compared.complete
    assert [(cell.strategy, cell.outer, cell.seed) for cell in compared.cells] == [
        (name, outer, 0) for name in ("random", "tpe") for outer in (3, 4)
    ]
    folder = here.arena / asked.id
    holds = holds_of(dataset, asked.outer, None)
    for cell in compared.cells:
        hold, task = holds[cell.outer], Task(cell.strategy, cell.outer, cell.seed)
        run = load_run(run_folder(folder, asked, task))
        ended = finals(run.rows)
        assert run.manifest.strategy == cell.strategy
        assert sum(cell.trials.values()) == len(ended) >= 13
        assert [point.trial for point in cell.points] == [row.trial for row in incumbents(ended)]
        assert cell.work == ended[-1].total_work <= 13
        final, default = predictions_of(folder, asked, task)
        assert held_score(dataset, hold.outer.held, final) == cell.final.held
        assert held_score(dataset, hold.outer.held, default) == cell.default.held
        assert asked.plans[asked.outer.index(cell.outer)] == hold.plan.id != ""  # type: ignore[union-attr]
        replicates = compared.replicates[cell.strategy, cell.outer, cell.seed]
        assert replicates.shape == (holding.REPLICATES,)
        expected = hold.replicates(final)
        assert expected is not None
        np.testing.assert_array_equal(replicates, expected)
    # Strategies share their first points, and so their default.
    assert compared.cells[0].default.held == compared.cells[2].default.held


@pytest.mark.parametrize(
    ("task", "solution", "metric"),
    [("binary", "lightgbm", "f1"), ("regression", "tree", "rmse"), ("binary", "tree", "brier")],
)
def test_a_configuration_is_judged_as_baselines_are(
    small: Small, task: str, solution: str, metric: str
) -> None:
    dataset = small(task, "random", metric)
    hold = holds_of(dataset, (3, 4), None)[4]
    inner, one = hold.outer.inner, get(solution)
    if solution == "lightgbm":
        one = one.with_parameters(rounds=12, learning_rate=0.2)
    found = judge(hold, one, seed=3)
    cv = cross_validate(inner, one, 3)
    assert found.cv == cv.mean
    refit = predict_test(inner, one, cv.decision, 3)
    np.testing.assert_array_equal(found.predictions, refit)
    assert found.held == held_score(dataset, hold.outer.held, refit)
    together = predict_test_by_folds(inner, one, cv.decision, 3)
    assert found.ensemble == held_score(dataset, hold.outer.held, together)


def test_processes_change_nothing(here: Settings, small: Small, told: Told, tmp_path: Path) -> None:
    dataset = small()
    question = replace(TREE, solution="lightgbm", repeats=2, work=3, rounds=50)
    said: list[Status] = []
    one = compare_one(here, dataset, question, workers=1, watch=said.append)
    other = replace(here, home=tmp_path / "other")
    two = compare_one(other, dataset, question, workers=2)
    assert told(one) == told(two)
    assert [status.done for status in said if status.done != 0][-1] == said[-1].total == 4
    shares = [status.share for status in said]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    best = max(
        ("random", "tpe"), key=lambda n: sum(c.final.held for c in one.cells if c.strategy == n)
    )
    assert said[-1].best is not None
    assert said[-1].best[0] == best
    for task in tasks_of(one.comparison):
        rows = [
            load_run(run_folder(home.arena / one.comparison.id, one.comparison, task)).rows
            for home in (here, other)
        ]
        assert [same(row) for row in rows[0]] == [same(row) for row in rows[1]]


PROGRAM = """
import pickle, sys
from practice.arena.asking import Question
from practice.arena.running import compare_one
from practice.settings import from_environment

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        dataset, question = pickle.load(file)
    here = from_environment({"PRACTICE_HOME": sys.argv[2]})
    def watch(status):
        print(status.done, status.share, flush=True)
    compare_one(here, dataset, question, workers=int(sys.argv[3]), watch=watch)
"""


def begun(folder: Path, dataset: Dataset, question: Question, home: Path, workers: int) -> Any:
    """Start a comparison in a process of its own."""
    import pickle

    (folder / "program.py").write_text(PROGRAM)
    (folder / "asked").write_bytes(pickle.dumps((dataset, question)))
    words = [folder / "program.py", folder / "asked", home, str(workers)]
    return subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.PIPE, text=True, env=os.environ
    )


@pytest.mark.parametrize(
    ("workers", "how"), [(1, signal.SIGKILL), (1, signal.SIGINT), (2, signal.SIGKILL)]
)
def test_what_was_killed_goes_on(
    here: Settings, small: Small, compared: Results, told: Told, tmp_path: Path,
    workers: int, how: signal.Signals,
) -> None:  # fmt: skip
    dataset, home = small(), tmp_path / "killed"
    question = TREE
    with begun(tmp_path, dataset, question, home, workers) as process:
        for line in process.stdout:
            done, share = line.split()
            if int(done) >= 1 and float(share) > 0.3:
                process.send_signal(how)
                break
        process.communicate()
    there = replace(here, home=home)
    partly = load(newest(there, "binary"))
    assert 0 < len(partly.cells) < 4
    assert not partly.complete
    whole = compare_one(there, dataset, question, workers=1)
    assert told(whole) == told(compared)


@pytest.mark.slow
def test_killed_workers_are_replaced(
    here: Settings, small: Small, told: Told, tmp_path: Path
) -> None:
    dataset, home = small(), tmp_path / "killed"
    question = replace(TREE, work=24)
    killed = 0
    with begun(tmp_path, dataset, question, home, 2) as process:
        for line in process.stdout:
            if killed < 2 and float(line.split()[1]) > 0.1 + 0.4 * killed:
                os.kill(children(process.pid)[0], signal.SIGKILL)
                killed += 1
        assert process.wait() == 0
    assert killed == 2
    there = replace(here, home=home)
    whole = load(newest(there, "binary"))
    assert whole.complete
    assert told(whole) == told(compare_one(here, dataset, question, workers=1))


def children(pid: int) -> list[int]:
    """Return the processes that run something for a process, but for Python's own helper."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == pid and "spawn_main" in command:
            found.append(int(status.parent.name))
    return sorted(found)


OWN = """
class Mine:
    def __init__(self, problem):
        self.space = problem.space

    def ask(self):
        raise ValueError("no idea")

    def tell(self, row):
        pass
"""


def test_a_failing_run_counts_as_the_default(here: Settings, small: Small, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(OWN)
    dataset, question = small(), replace(TREE, strategies=("random", str(own)), repeats=1)
    found = compare_one(here, dataset, question, workers=1)
    fine, failed = found.cells
    assert fine.error == ""
    assert failed.error == f"{own}: Mine.ask() fails: ValueError: no idea (line 7)"
    assert failed.trials["complete"] > 1
    assert failed.final is failed.default
    assert failed.default.held == fine.default.held
    assert found.complete
    final, default = predictions_of(
        here.arena / found.comparison.id, found.comparison, Task(str(own), 4, 0)
    )
    np.testing.assert_array_equal(final, default)


def test_where_even_the_default_fails_it_is_refused(here: Settings, small: Small) -> None:
    dataset = small("regression")
    broken = replace(dataset, competition=replace(dataset.competition, metric=MetricSpec("rmsle")))
    with pytest.raises(PracticeError) as caught:
        compare_one(here, broken, TREE, workers=2)
    assert "the default of tree cannot be evaluated: it cannot be fitted" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_changed_question_is_another_comparison_and_changed_data_none(
    here: Settings, small: Small, compared: Results
) -> None:
    dataset = small()
    folder, again = begin(here, dataset, TREE, None)
    assert again == compared.comparison
    assert begin(here, dataset, replace(TREE, work=15), None)[1].id == "binary-tree-2"
    assert begin(here, dataset, TREE, None, fresh=True)[1].id == "binary-tree-3"
    assert newest(here, "binary").name == "binary-tree-3"
    changed = replace(dataset, y=1 - dataset.y)
    with pytest.raises(StoreError, match="binary-tree-3 cannot be gone on with: data changed"):
        begin(here, changed, TREE, None)
    path = folder / COMPARISON
    path.write_text(path.read_text().replace('"work": 13', '"work": 12'))
    with pytest.raises(StoreError, match="was changed after the comparison began"):
        load(folder)
    with pytest.raises(NotFoundError, match="no comparison of strategies for titanic"):
        newest(here, "titanic")


def test_two_processes_do_not_run_the_same_comparison(here: Settings, small: Small) -> None:
    dataset, tried = small(), []

    def meanwhile(status: Status) -> None:
        if not tried:
            tried.append(status)
            with pytest.raises(StoreError, match="binary-tree-1 is being run by another process"):
                compare_one(here, dataset, TREE, workers=1)

    compare_one(here, dataset, TREE, workers=1, watch=meanwhile)
    assert len(tried) == 1


def test_a_run_that_is_damaged_is_told_of(here: Settings, compared: Results) -> None:
    folder = here.arena / compared.comparison.id
    task = tasks_of(compared.comparison)[0]
    run = run_folder(folder, compared.comparison, task)
    (run / CELL).write_text("{}")
    with pytest.raises(StoreError, match="random-3-0: cannot be read"):
        load(folder)
    (run / CELL).unlink()
    left = load(folder)
    assert len(left.cells) == 3
    assert not left.complete
    assert json.loads((run / ROWS).read_text().splitlines()[0])["trial"] == 0


def test_how_repeats_become_splits_and_seeds(small: Small) -> None:
    dataset = small()
    for repeats, outer, seeds in ((1, 1, 1), (3, 3, 1), (20, 4, 5), (10, 4, 3)):
        shape = shape_of(dataset, replace(TREE, repeats=repeats))
        assert tuple(map(len, shape)) == (outer, seeds)
    in_time = small("regression", "time")
    assert shape_of(in_time, replace(TREE, repeats=20)) == ((2, 3, 4), tuple(range(7)))
    hidden = shape_of(dataset, replace(TREE, hidden=True))
    assert hidden == ((3, 4, holding.HIDDEN), (0,))


def test_rows_are_resampled_as_they_were_split(small: Small) -> None:
    rows = np.arange(20)
    units, kind = units_of(small("binary", "group"), rows)
    assert kind == "groups"
    assert units.tolist() == [i // 4 for i in range(20)]
    units, kind = units_of(small("regression", "time"), rows)
    assert (units.tolist(), kind) == (rows.tolist(), "time")
    dataset = small()
    units, kind = units_of(dataset, np.array([3, 7, 3]))
    assert (units.tolist(), kind) == ([0, 1, 0], "classes")
    assert units_of(small("binary", "random"), rows)[1] == "rows"
    hold = holds_of(dataset, (4,), None)[4]
    assert hold.plan is not None
    positive = dataset.y[hold.outer.held] == 1
    assert set(hold.plan.counts[:, positive].sum(axis=1)) == {positive.sum()}


@pytest.mark.parametrize("split", ["time", "group", "random"])
def test_every_way_to_split_is_compared(here: Settings, small: Small, split: str) -> None:
    dataset = small("regression", split)
    found = compare_one(here, dataset, replace(TREE, repeats=2, work=2), workers=1)
    assert found.complete
    assert len(found.replicates) == len(found.cells) == 4
    for cell in found.cells:
        values = found.replicates[cell.strategy, cell.outer, cell.seed]
        assert np.isfinite(values).all()
        assert values.min() < cell.final.held < values.max()


def test_a_metric_without_replicates_has_no_plan(here: Settings, small: Small) -> None:
    metric = MetricSpec("rmse", parameters={"group": "town"})
    dataset = small("regression", "random")
    towns = np.array([f"t{i // 4}" for i in range(len(dataset.y))], dtype=object)
    competition = replace(dataset.competition, metric=metric)
    dataset = replace(dataset, competition=competition, beside={"town": towns})
    found = compare_one(here, dataset, replace(TREE, repeats=1, work=1), workers=1)
    assert found.complete
    assert found.comparison.plans == ("",)
    assert found.replicates == {}


UNSURE = """
import random


class Unsure:
    def __init__(self, problem):
        self.space, self.random = problem.space, random.Random()

    def ask(self):
        return {p.name: p.at(self.random.random()) for p in self.space.parameters}

    def tell(self, row):
        pass
"""


def test_a_strategy_that_does_not_repeat_itself_is_run_anew(
    here: Settings, small: Small, tmp_path: Path
) -> None:
    own = tmp_path / "unsure.py"
    own.write_text(UNSURE)
    dataset = small()
    question = replace(TREE, strategies=("random", str(own)), repeats=1, work=20)
    folder, comparison = begin(here, dataset, question, None)
    task = Task(str(own), 4, 0)

    def stop(row: Row) -> None:
        if row.trial == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cell(folder, Field(dataset, comparison), task, stop)
    rows: list[Row] = []
    cell = run_cell(folder, Field(dataset, comparison), task, rows.append)
    assert cell.error == ""
    assert rows[0].trial == 0
    assert sum(cell.trials.values()) >= 20


DEADLY = """
import os


class Deadly:
    def __init__(self, problem):
        pass

    def ask(self):
        os._exit(7)

    def tell(self, row):
        pass
"""


@pytest.mark.slow
def test_a_run_that_kills_its_process_again_and_again_is_given_up(
    here: Settings, small: Small, tmp_path: Path
) -> None:
    own = tmp_path / "deadly.py"
    own.write_text(DEADLY)
    question = replace(TREE, strategies=("random", str(own)), repeats=1, work=20)
    with pytest.raises(PracticeError) as caught:
        compare_one(here, small(), question, workers=2)
    assert f"{own}, split 4, seed 0: its process ended 3 times" in caught.value.message
    assert "with code 7" in caught.value.message
    left = load(newest(here, "binary"))
    assert [cell.strategy for cell in left.cells] == ["random"]


def test_a_run_ends_where_its_records_say(here: Settings, small: Small) -> None:
    dataset = small()
    question = replace(TREE, repeats=1, work=1)
    folder, comparison = begin(here, dataset, question, None)
    rows: list[Any] = []
    cell = run_cell(folder, Field(dataset, comparison), Task("tpe", 4, 0), rows.append)
    assert here.arena.stat().st_mode & 0o077 == 0
    assert len(cell.points) == 1
    assert cell.trials == {"complete": 1}
    assert cell.final is cell.default is cell.points[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategies": ("tpe",)}, "a comparison needs two strategies"),
        ({"strategies": ("tpe", "tpe")}, "strategy 'tpe' is named twice"),
        ({"reference": "cmaes"}, "the reference 'cmaes' is not among the strategies"),
        ({"repeats": 0}, "--repeats 0 is below 1"),
        ({"work": 0.5}, "--work 0.5 is below 1"),
        ({"rounds": 0}, "--rounds 0 is below 1"),
    ],
)
def test_questions_that_make_no_sense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(TREE, **changes)


def test_the_reference_is_random_search_where_it_is_there() -> None:
    assert replace(TREE, strategies=("tpe", "random")).compared_with == "random"
    assert replace(TREE, strategies=("tpe", "cmaes")).compared_with == "tpe"
    assert replace(TREE, reference="tpe").compared_with == "tpe"
