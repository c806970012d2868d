"""A real scheduler and real workers, each a process of its own; some are killed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
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
from practice.arena.reaching import reached
from practice.arena.recording import Task, load, newest, run_folder, tasks_of
from practice.arena.records import Cell, Results
from practice.arena.running import Status, compare_one
from practice.arena.workers import Seen
from practice.errors import PracticeError, UsageError
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

    with reached(cluster.address) as client:
        run_there(client, folder, Field(dataset, comparison), tasks_of(comparison), Seen(row, cell))
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
    with (
        pytest.raises(PracticeError, match=r"has optuna .*, and the comparison 4") as caught,
        reached(cluster.address) as client,
    ):
        run_there(
            client,
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


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
def test_a_scheduler_that_hangs_is_not_waited_for(
    here: Settings, small: Small, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cluster._QUIET", "cluster._REPLY", "reaching._CLOSING"):
        monkeypatch.setattr(f"practice.arena.{name}", 1.0)
    dataset = small()
    folder, comparison = begin(here, dataset, QUESTION, None)
    seen, tasks = Seen(lambda task, row: None, lambda task, cell: None), tasks_of(comparison)
    with reached(cluster.address) as client:
        cluster.main.send_signal(signal.SIGSTOP)
        with pytest.raises(PracticeError, match="has gone"):
            run_there(client, folder, Field(dataset, comparison), tasks, seen)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
def test_a_worker_that_dies_with_a_result_takes_nothing_along(
    here: Settings, small: Small, told: Told, cluster: Cluster, once: tuple[Path, Results]
) -> None:
    from distributed import Client

    cluster.worker()
    held: list[str] = []

    def watch(status: Status) -> None:
        if held or not status.share:
            return
        with Client(cluster.address, set_as_default=False) as other:
            while not held:  # nothing is collected meanwhile: this is the loop that would
                keys = [str(key) for keys in other.has_what().values() for key in keys]
                held.extend(key for key in keys if not key.endswith("-data"))
                time.sleep(0.05)
        (worker,) = cluster.workers
        worker.send_signal(signal.SIGSTOP)  # it keeps the result, and does not hand it over
        threading.Timer(2.0, cluster.kill).start()
        threading.Timer(2.0, cluster.worker).start()

    away = compare_one(here, small(), QUESTION, cluster=cluster.address, watch=watch)
    assert held
    assert away.complete
    assert told(away) == told(once[1])


OWN = """
class Own:
    def __init__(self, problem):
        print("made")
        self.space, self.told = problem.space, 0

    def ask(self):
        if self.told > 11:
            raise KeyError(__file__)
        return self.space.at([self.told / 12] * len(self.space.parameters))

    def tell(self, row):
        self.told += 1
"""


@pytest.mark.slow
def test_a_strategy_in_a_file_goes_along(
    here: Settings,
    small: Small,
    told: Told,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster.worker()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "own.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(mine)  # of no worker
    question = Question(("random", "own.py", "own.py+median"), None, "tree", 1, work=14)
    away = compare_one(here, small(), question, cluster=cluster.address)
    local = compare_one(here, small(), question, workers=1, fresh=True)
    assert {cell.error for cell in away.cells} == {
        "",
        f"own.py: Own.ask() fails: KeyError: '{mine / 'own.py'}' (line 9)",
    }
    assert [cell.error for cell in away.cells] == [cell.error for cell in local.cells]
    left, right = told(away), told(local)
    for each in (left, right):
        del each["comparison"]["id"]
    assert left == right
    for task in tasks_of(away.comparison):
        runs = [
            load_run(run_folder(here.arena / each.comparison.id, each.comparison, task))
            for each in (away, local)
        ]
        assert [same(row) for row in runs[0].rows] == [same(row) for row in runs[1].rows]
        assert runs[0].manifest.hash == runs[1].manifest.hash
        assert runs[0].manifest.strategy == runs[1].manifest.strategy == task.strategy


@pytest.mark.parametrize(
    "address", ["foo", "tcp://foo", "http://foo:80", "tcp://:80", "tcp://foo:0", "tcp://foo:99999"]
)
def test_an_address_without_its_parts_is_refused(
    here: Settings, small: Small, address: str
) -> None:
    with pytest.raises(UsageError, match="is no address of a Dask scheduler") as caught:
        compare_one(here, small(), QUESTION, cluster=address)
    assert "tcp://host:8786" in caught.value.hint
    assert not here.arena.exists()


def test_no_scheduler_is_said_in_words(here: Settings, small: Small) -> None:
    with pytest.raises(PracticeError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9: "):
        compare_one(here, small(), QUESTION, cluster="tcp://127.0.0.1:9")
    assert not here.arena.exists()


@pytest.mark.parametrize(("scheme", "why"), [("tcp", "nothing answers like one"), ("tls", "TLS")])
def test_what_listens_there_must_be_a_scheduler(
    here: Settings, small: Small, monkeypatch: pytest.MonkeyPatch, scheme: str, why: str
) -> None:
    monkeypatch.setattr("practice.arena.reaching._CONNECTING", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(PracticeError, match=f"no Dask scheduler at {address}: {why}"):
            compare_one(here, small(), QUESTION, cluster=address)
    assert not here.arena.exists()


def test_without_distributed_the_extra_is_named(
    here: Settings, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PracticeError, match="--cluster needs Dask's distributed") as caught:
        compare_one(here, small(), QUESTION, cluster="tcp://127.0.0.1:9")
    assert 'pip install "practice[cluster]"' in caught.value.hint
