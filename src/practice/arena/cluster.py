"""Runs of a comparison on a Dask cluster: whole runs go out, their rows come back as they end."""

from __future__ import annotations

import os
import pickle
import queue
import shutil
import threading
import uuid
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice.arena.cells import Field, run_cell
from practice.arena.recording import CELL, Task, run_folder, write_bytes
from practice.arena.records import Cell
from practice.arena.workers import PATIENCE, Seen
from practice.errors import PracticeError
from practice.tuning.manifest import versions
from practice.tuning.records import ROWS, Journal, Row

__all__ = ["run_there"]

_CONNECTING = 30.0  # seconds to wait for the scheduler
_ANSWER = 300.0  # seconds that a worker waits for the rows to go on from
_LOOK = 0.2  # seconds between looks at what has ended
_ONE = threading.Lock()  # a process does one run at a time, whatever its threads


def run_there(address: str, folder: Path, sent: Field, tasks: Sequence[Task], seen: Seen) -> None:
    """Run what is left of a comparison on the workers of a Dask scheduler.

    Every row is written here as it comes. A worker that begins a run asks for its rows first, so
    that a run whose worker died is gone on with on another, or on a new one, from its last trial.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``.
    folder : Path
        Of the comparison, on this machine.
    sent : Field
        Goes to every worker once.
    tasks : sequence of Task
    seen : Seen

    Raises
    ------
    PracticeError
        ``distributed`` is not installed, the scheduler cannot be reached, a worker has other
        versions, or a run cannot be done.
    """
    try:
        from distributed import Client
    except ImportError:
        raise PracticeError(
            "--cluster needs Dask's distributed, which is not installed",
            'pip install "practice[cluster]", here and on the workers',
        ) from None
    try:
        client = Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise PracticeError(
            f"no Dask scheduler at {address}: {said[0]}",
            "dask scheduler starts one, dask worker ADDRESS --nthreads 1 a worker",
        ) from None
    with client, ExitStack() as stack:
        away = _Away(client, folder, sent, seen, stack)
        try:
            away.run(tasks)
        finally:
            client.cancel(list(away.futures.values()))


@dataclass
class _Run:
    """A run as its rows come in: whose they are, and where they go."""

    task: Task
    token: str = ""
    journal: Journal | None = None
    deaths: int = 0


@dataclass
class _Away:
    """The runs that are on the cluster."""

    client: Any
    folder: Path
    sent: Field
    seen: Seen
    stack: ExitStack
    futures: dict[int, Any] = field(default_factory=dict)
    runs: dict[int, _Run] = field(default_factory=dict)

    def run(self, tasks: Sequence[Task]) -> None:
        self.topic = f"practice-{uuid.uuid4().hex}"
        self.runs = {place: _Run(task) for place, task in enumerate(tasks)}
        events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.client.subscribe_topic(self.topic, lambda event: events.put(event[1]))
        packed = pickle.dumps(self.sent, protocol=pickle.HIGHEST_PROTOCOL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the data are large is what a cluster is for
            # Made by a task, so that it is made again where all that held it have died.
            self.data = self.client.submit(_unpacked, packed, key=f"{self.topic}-data")
            for place in self.runs:
                self._submit(place)
        while self.futures:
            try:
                self._heard(events.get(timeout=_LOOK))
            except queue.Empty:
                self._look()

    def _submit(self, place: int) -> None:
        run = self.runs[place]
        self.futures[place] = self.client.submit(
            _there,
            self.data,
            self.topic,
            place,
            run.task,
            key=f"{self.topic}-{place}-{run.deaths}",
            priority=-place,
            pure=False,
        )

    def _heard(self, said: dict[str, Any]) -> None:
        """Answer a worker that begins a run with its rows, or write a row."""
        run = self.runs.get(said["place"])
        if run is None or said["place"] not in self.futures:
            return
        if "row" not in said:
            from distributed import Queue

            self._close(run)
            path = run_folder(self.folder, self.sent.comparison, run.task) / ROWS
            run.token, run.journal = said["token"], Journal(path)
            run.journal.__enter__()
            Queue(run.token, client=self.client).put(pickle.dumps(tuple(run.journal.rows)))
        elif said["token"] == run.token and run.journal is not None:
            row: Row = pickle.loads(said["row"])
            run.journal.append(row)
            if row.state != "running":
                run.deaths = 0
                self.seen.row(run.task, row)

    def _look(self) -> None:
        """See which runs have ended, and send those whose worker died again."""
        if self.client.status != "running":
            raise PracticeError(
                "the Dask scheduler has gone", "the same command goes on, with another or without"
            )
        for place, future in list(self.futures.items()):
            if future.status == "finished":
                cell, files = future.result()
                self._store(self.runs[place], cell, files)
                del self.futures[place]
            elif future.status in ("error", "cancelled", "lost"):
                self._failed(place, future)
                self._submit(place)

    def _store(self, run: _Run, cell: Cell, files: dict[str, bytes]) -> None:
        """Write the records of a run that has ended as they would be written here."""
        self._close(run)
        folder = run_folder(self.folder, self.sent.comparison, run.task)
        for name in sorted(files, key=lambda name: name == CELL):  # what says that it ended: last
            write_bytes(folder / name, files[name])
        self.seen.cell(run.task, cell)

    def _failed(self, place: int, future: Any) -> None:
        """Raise what is wrong with a run, but for a worker that died."""
        from distributed.scheduler import KilledWorker

        run = self.runs[place]
        error = future.exception() if future.status == "error" else None
        if isinstance(error, PracticeError):
            raise error
        if error is not None and not isinstance(error, KilledWorker):
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise PracticeError(
                f"a worker of the cluster fails: {said[0]}",
                "practice, of the same version as here, must be installed on every worker",
            ) from error
        run.deaths += 1
        if run.deaths >= PATIENCE:
            raise PracticeError(
                f"{run.task.strategy}, split {run.task.outer}, seed {run.task.seed}: its workers "
                "die again and again",
                "give them more memory; what is stored is gone on with",
            )

    def _close(self, run: _Run) -> None:
        if run.journal is not None:
            run.journal.__exit__(None, None, None)
            run.journal = None


def _unpacked(packed: bytes) -> Field:
    """Return what runs need, on a worker."""
    found: Field = pickle.loads(packed)
    return found


def _there(sent: Field, topic: str, place: int, task: Task) -> tuple[Cell, dict[str, bytes]]:
    """Do a run on a worker; return what came of it, and its files by name."""
    from distributed import Queue, get_client, get_worker

    worker = get_worker()
    here, due = dict(versions()), sent.comparison.identity["versions"]
    differs = [name for name in sorted({*here, *due}) if here.get(name) != due.get(name)]
    if differs:
        name = differs[0]
        raise PracticeError(
            f"the worker {worker.address} has {name} {here.get(name, 'not installed')}, and the "
            f"comparison {due.get(name, 'none')}",
            "install the same versions everywhere",
        )
    with _ONE:
        os.environ["LOKY_MAX_CPU_COUNT"] = str(worker.state.nthreads)
        token = uuid.uuid4().hex
        worker.log_event(topic, {"place": place, "token": token})
        answer = Queue(token, client=get_client())
        rows = pickle.loads(answer.get(timeout=_ANSWER))
        answer.close()
        folder = Path(worker.local_directory) / topic
        run = run_folder(folder, sent.comparison, task)
        shutil.rmtree(run, ignore_errors=True)
        with Journal(run / ROWS) as journal:
            for row in rows:
                journal.append(row)

        def watch(row: Row) -> None:
            said = {"place": place, "token": token, "row": pickle.dumps(row)}
            worker.log_event(topic, said)

        cell = run_cell(folder, sent, task, watch)
        files = {each.name: each.read_bytes() for each in run.iterdir() if each.suffix}
        shutil.rmtree(run, ignore_errors=True)
        return cell, files
