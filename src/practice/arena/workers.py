"""Runs of a comparison in processes of this machine; one that dies costs its run's last trial."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from practice.arena.cells import Field, run_cell
from practice.arena.recording import Task
from practice.arena.records import Cell
from practice.errors import PracticeError, StoreError
from practice.tuning.records import Row

__all__ = ["PATIENCE", "Seen", "run_here", "usual_workers"]

PATIENCE = 3  # deaths of workers in a run, without a trial in between, after which it is given up


@dataclass(frozen=True)
class Seen:
    """What a comparison says while it runs.

    Parameters
    ----------
    row : callable
        ``row(task, row)``, where a trial has ended.
    cell : callable
        ``cell(task, cell)``, where a run has ended and is stored.
    """

    row: Callable[[Task, Row], None]
    cell: Callable[[Task, Cell], None]


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: Task | None = None


def usual_workers() -> int:
    """Return the processors that this process may use: containers and affinity count."""
    import joblib

    return int(joblib.cpu_count())


def run_here(folder: Path, field: Field, tasks: Sequence[Task], workers: int, seen: Seen) -> None:
    """Run what is left of a comparison on this machine.

    What is found depends neither on the number of processes nor on which of them dies.

    Parameters
    ----------
    folder : Path
        Of the comparison.
    field : Field
    tasks : sequence of Task
    workers : int
        Processes; 1: this one, with a thread per fold.
    seen : Seen

    Raises
    ------
    PracticeError
        A run cannot be done, or its workers die again and again. What is stored stays.
    """
    workers = min(workers, len(tasks))
    if workers > 1:
        crew = _Crew(folder, field, workers, seen)
        try:
            crew.run(tasks)
        finally:
            crew.dismiss()
        return
    for task in tasks:

        def watch(row: Row, task: Task = task) -> None:
            if row.state != "running":
                seen.row(task, row)

        seen.cell(task, run_cell(folder, field, task, watch))


@dataclass
class _Crew:
    """The processes, what they are at, and how often a run has lost its process."""

    folder: Path
    field: Field
    count: int
    seen: Seen
    workers: list[_Worker] = dataclasses.field(default_factory=list)
    deaths: dict[Task, int] = dataclasses.field(default_factory=dict)

    def run(self, tasks: Sequence[Task]) -> None:
        left = deque(tasks)
        packed = pickle.dumps((self.folder, self.field), protocol=pickle.HIGHEST_PROTOCOL)
        threads = max(1, usual_workers() // self.count)
        undone = len(tasks)
        while undone:
            while len(self.workers) < min(self.count, undone):
                self.workers.append(_hire(packed, threads))
            for worker in self.workers:
                if worker.task is None and left:
                    worker.task = left.popleft()
                    with suppress(OSError):  # it has died; its pipe says so below
                        worker.pipe.send(worker.task)
            for pipe in wait([worker.pipe for worker in self.workers]):
                worker = next(each for each in self.workers if each.pipe is pipe)
                try:
                    undone -= self._heard(worker, worker.pipe.recv())
                except (EOFError, OSError):
                    self._buried(worker, left)

    def _heard(self, worker: _Worker, said: Any) -> int:
        """Pass on what a worker says; return how many runs ended by it."""
        task = worker.task
        assert task is not None
        if isinstance(said, Row):
            self.deaths.pop(task, None)
            self.seen.row(task, said)
            return 0
        worker.task = None
        if isinstance(said, Exception):
            raise said
        self.seen.cell(task, said)
        return 1

    def _buried(self, worker: _Worker, left: deque[Task]) -> None:
        """Take the run of a worker that died back, to be gone on with."""
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        task = worker.task
        if task is None:
            return
        self.deaths[task] = self.deaths.get(task, 0) + 1
        if self.deaths[task] >= PATIENCE:
            raise PracticeError(
                f"{task.strategy}, split {task.outer}, seed {task.seed}: its process ended "
                f"{PATIENCE} times in the same trial, the last time with {_how(worker.process)}",
                "where memory is short, --workers 1; what is stored is gone on with",
            )
        left.appendleft(task)

    def dismiss(self) -> None:
        """End all processes; what they have recorded stays."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()


def _how(process: BaseProcess) -> str:
    """Say how a process ended.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> _how(SimpleNamespace(exitcode=-9)), _how(SimpleNamespace(exitcode=3))
    ('SIGKILL', 'code 3')
    """
    code = process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"code {code}"


def _hire(packed: bytes, threads: int) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, packed, threads), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: Connection, packed: bytes, threads: int) -> None:
    """Do one run after the other, for as long as the process lives that began all this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what Ctrl-C ends is the other one
    threading.Thread(target=_follow, daemon=True).start()
    os.environ["LOKY_MAX_CPU_COUNT"] = str(threads)  # what joblib.cpu_count() says from now on
    folder, field = pickle.loads(packed)

    def watch(row: Row) -> None:
        if row.state != "running":
            pipe.send(row)

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = pipe.recv()
            try:
                said: Any = run_cell(folder, field, task, watch)
            except PracticeError as error:
                said = error
            except OSError as error:
                if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                    raise
                said = StoreError(
                    f"{error.filename or folder}: {error.strerror or error}",
                    "make room, then the same command again",
                )
            pipe.send(said)


def _follow() -> None:
    """End this process as soon as the one that began it has, so that its run is free."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
