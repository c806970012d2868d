"""A real scheduler and real workers, each a process of its own; some are killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from practice.arena.asking import Question, begin
from practice.arena.cells import Field
from practice.arena.cluster import run_there
from practice.arena.recording import Task, load, newest, run_folder, tasks_of
from practice.arena.records import Cell, Results
from practice.arena.running import Status, compare_one
from practice.arena.workers import Seen
from practice.errors import PracticeError
from practice.settings import Settings
from practice.solutions.data import Dataset
from practice.tuning.manifest import load_run
from practice.tuning.records import ROWS, Row, same

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="no distributed")

Small = Callable[..., Dataset]
Told = Callable[[Results], dict[str, Any]]

QUESTION = Question(("random", "tpe"), solution="tree", repeats=2, work=13)


@dataclass
class Cluster:
    """A scheduler, and workers that are begun and killed."""

    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def address(self) -> str:
        file = self.folder / "scheduler.json"
        for _ in range(600):
            if file.is_file() and file.read_text().strip().endswith("}"):
                return str(json.loads(file.read_text())["address"])
            time.sleep(0.05)
        raise AssertionError("the scheduler does not start")

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def scheduler(self) -> None:
        where = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.main = self.begin(
            "distributed.cli.dask_scheduler", *where, "--scheduler-file", "scheduler.json"
        )

    def worker(self) -> None:
        many = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", "work")
        self.workers.append(self.begin("distributed.cli.dask_worker", self.address, *many))

    def kill(self, *, scheduler: bool = False) -> None:
        for process in [*self.workers, *([self.main] if scheduler else [])]:
            process.send_signal(signal.SIGKILL)
        self.workers.clear()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    with made.stack:
        made.scheduler()
        yield made


@pytest.mark.slow
def test_two_killed_workers_change_nothing(
    here: Settings,
    small: Small,
    told: Told,
    cluster: Cluster,
    once: tuple[Path, Results],
) -> None:
    dataset = small()
    cluster.worker()
    cluster.worker()
    folder, comparison = begin(here, dataset, QUESTION, None)
    seen: list[tuple[Task, int]] = []
    done: list[Task] = []

    def row(task: Task, row: Row) -> None:
        seen.append((task, row.trial))
        if len(seen) == 20:
            cluster.kill()  # with all that they hold
            cluster.worker()

    def cell(task: Task, cell: Cell) -> None:
        done.append(task)

    run_there(
        cluster.address, folder, Field(dataset, comparison), tasks_of(comparison), Seen(row, cell)
    )
    assert cluster.workers[0].poll() is None
    assert sorted(done) == sorted(tasks_of(comparison))
    assert len(seen) == len(set(seen))  # no trial that had ended was done again
    away = load(folder)
    assert away.complete
    arena, local = once
    assert told(away) == told(local)
    for task in tasks_of(comparison):
        runs = [
            load_run(run_folder(each / comparison.id, comparison, task))
            for each in (here.arena, arena)
        ]
        assert [same(row) for row in runs[0].rows] == [same(row) for row in runs[1].rows]
        assert runs[0].manifest.hash == runs[1].manifest.hash


@pytest.mark.slow
def test_a_failing_comparison_says_so_in_words(
    here: Settings, small: Small, cluster: Cluster
) -> None:
    dataset = small()
    cluster.worker()
    folder, comparison = begin(here, dataset, QUESTION, None)
    other = {**comparison.identity, "versions": {**comparison.identity["versions"], "optuna": "4"}}
    changed = replace(comparison, identity=other)
    with pytest.raises(PracticeError, match=r"has optuna .*, and the comparison 4") as caught:
        run_there(
            cluster.address,
            folder,
            Field(dataset, changed),
            tasks_of(comparison),
            Seen(lambda task, row: None, lambda task, cell: None),
        )
    assert caught.value.hint == "install the same versions everywhere"


@pytest.mark.slow
def test_a_scheduler_that_dies_is_said_in_words(
    here: Settings, small: Small, cluster: Cluster
) -> None:
    dataset = small()
    cluster.worker()

    def watch(status: Status) -> None:
        if status.share > 0.2:
            cluster.kill(scheduler=True)

    with pytest.raises(PracticeError, match="has gone") as caught:
        compare_one(here, dataset, QUESTION, cluster=cluster.address, watch=watch)
    assert "goes on" in caught.value.hint
    partly = load(newest(here, "binary"))
    assert not partly.complete
    runs = (here.arena / partly.comparison.id / "runs").iterdir()
    assert any((run / ROWS).read_bytes() for run in runs)
    assert compare_one(here, dataset, QUESTION, workers=1).complete


def test_no_scheduler_is_said_in_words(
    here: Settings, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practice.arena.cluster._CONNECTING", 0.5)
    with pytest.raises(PracticeError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        compare_one(here, small(), QUESTION, cluster="tcp://127.0.0.1:9")


def test_without_distributed_the_extra_is_named(
    here: Settings, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PracticeError, match="--cluster needs Dask's distributed") as caught:
        compare_one(here, small(), QUESTION, cluster="tcp://127.0.0.1:9")
    assert 'pip install "practice[cluster]"' in caught.value.hint
