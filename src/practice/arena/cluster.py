"""Runs of a comparison on a Dask cluster: whole runs go out, their rows come back as they end."""

from __future__ import annotations

import pickle
import queue
import time
import uuid
import warnings
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice.arena.cells import Field
from practice.arena.recording import CELL, Task, run_folder, write_bytes
from practice.arena.records import Cell
from practice.arena.there import Sent, Source, run_sent, unpacked
from practice.arena.workers import PATIENCE, Seen
from practice.errors import NotFoundError, PracticeError
from practice.tuning.records import ROWS, Journal, Row
from practice.tuning.strategies import own_file

__all__ = ["run_there"]

_REPLY = 60.0  # seconds that the scheduler may take to answer
_QUIET = 30.0  # seconds after which it is asked whether it is still there
_LOOK = 0.2  # seconds between looks at what has failed
_UNHEARD = 10.0  # seconds after which the result of a run that has ended counts as lost


def run_there(client: Any, folder: Path, sent: Field, tasks: Sequence[Task], seen: Seen) -> None:
    """Run what is left of a comparison on the workers of a Dask scheduler.

    Every row is written here as it comes. A worker that begins a run asks for its rows first, so
    that a run whose worker died is gone on with on another, or on a new one, from its last trial.
    What came of a run waits with the scheduler, so that no worker is needed for it any more.

    Parameters
    ----------
    client : distributed.Client
        As :func:`practice.arena.reaching.reached` yields it.
    folder : Path
        Of the comparison, on this machine.
    sent : Field
        Goes to every worker once.
    tasks : sequence of Task
    seen : Seen

    Raises
    ------
    PracticeError
        The scheduler goes away, a worker has other versions, or a run cannot be done.
    """
    away = _Away(client, folder, sent, seen)
    try:
        away.run(tasks)
    finally:
        away.close()


@dataclass
class _Run:
    """A run as its rows come in: whose they are, and where they go."""

    task: Task
    token: str = ""
    journal: Journal | None = None
    deaths: int = 0
    silent: float | None = None  # since when it has ended without a result


@dataclass
class _Away:
    """The runs that are on the cluster."""

    client: Any
    folder: Path
    sent: Field
    seen: Seen
    futures: dict[int, Any] = field(default_factory=dict)
    runs: dict[int, _Run] = field(default_factory=dict)

    def run(self, tasks: Sequence[Task]) -> None:
        self.topic = f"practice-{uuid.uuid4().hex}"
        self.runs = {place: _Run(task) for place, task in enumerate(tasks)}
        events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.client.subscribe_topic(self.topic, lambda event: events.put(event[1]))
        sent = Sent(self.sent, _sources(tasks))
        packed = pickle.dumps(sent, protocol=pickle.HIGHEST_PROTOCOL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the data are large is what a cluster is for
            # Made by a task, so that it is made again where all that held it have died.
            self.data = self.client.submit(unpacked, packed, key=f"{self.topic}-data")
            for place in self.runs:
                self._submit(place)
        looked = self.answered = time.monotonic()
        while self.futures:
            try:
                self._heard(events.get(timeout=_LOOK))
            except queue.Empty:
                self._look(all_heard=True)
            else:  # where many speak there is no silence
                if time.monotonic() - looked < _LOOK:
                    continue
                self._look(all_heard=False)
            looked = time.monotonic()

    def close(self) -> None:
        """Close what was being written."""
        for run in self.runs.values():
            _close(run)

    def _submit(self, place: int) -> None:
        run = self.runs[place]
        run.silent = None
        self.futures[place] = self.client.submit(
            run_sent,
            self.data,
            self.topic,
            place,
            run.task,
            key=f"{self.topic}-{place}-{uuid.uuid4().hex}",
            priority=-place,
            pure=False,
        )

    def _heard(self, said: dict[str, Any]) -> None:
        """Answer a worker that begins a run, write a row, or take what came of a run."""
        place, token = said["place"], said["token"]
        run = self.runs[place]
        if said["what"] == "begins":
            self._begins(place, run, token)
        elif place not in self.futures or token != run.token or run.journal is None:
            return  # of a worker that was given up
        elif said["what"] == "row":
            row: Row = pickle.loads(said["row"])
            run.journal.append(row)
            if row.state != "running":
                run.deaths = 0
                self.seen.row(run.task, row)
        else:
            cell, files = pickle.loads(self._asked(_get, token))
            self._store(run, cell, files)
            del self.futures[place]

    def _begins(self, place: int, run: _Run, token: str) -> None:
        """Hand a run's rows to the worker that does it, or say that none need do it any more."""
        rows = None
        if place in self.futures:
            _close(run)
            path = run_folder(self.folder, self.sent.comparison, run.task) / ROWS
            run.token, run.journal = token, Journal(path)
            run.journal.__enter__()
            rows = tuple(run.journal.rows)
        self._asked(_put, token, pickle.dumps(rows))

    def _asked(self, question: Callable[..., Awaitable[Any]], *words: Any) -> Any:
        """Ask the scheduler, which holds what workers and this process leave for each other."""
        try:
            found = self.client.sync(question, self.client, *words, callback_timeout=_REPLY)
        except Exception as error:
            if self.client.status == "running" and not isinstance(error, OSError):
                raise
            raise _gone() from None
        self.answered = time.monotonic()
        return found

    def _look(self, *, all_heard: bool) -> None:
        """See which runs have failed, and send those again whose worker died."""
        if self.client.status != "running":
            raise _gone()
        if time.monotonic() - self.answered > _QUIET:  # a machine that hangs closes nothing
            self._asked(_identity)
        for place, future in list(self.futures.items()):
            run = self.runs[place]
            if future.status == "finished":
                # What came of it was told before, on the same way.
                run.silent = run.silent or time.monotonic()
                if all_heard and time.monotonic() - run.silent > _UNHEARD:
                    self._lost(place)
            elif future.status in ("error", "cancelled", "lost"):
                self._failed(future)
                self._lost(place)

    def _store(self, run: _Run, cell: Cell, files: dict[str, bytes]) -> None:
        """Write the records of a run that has ended as they would be written here."""
        _close(run)
        folder = run_folder(self.folder, self.sent.comparison, run.task)
        for name in sorted(files, key=lambda name: name == CELL):  # what says that it ended: last
            write_bytes(folder / name, files[name])
        self.seen.cell(run.task, cell)

    def _failed(self, future: Any) -> None:
        """Raise what is wrong with a run, but for a worker that died or was cut off."""
        from distributed.comm import CommClosedError
        from distributed.scheduler import KilledWorker

        error = future.exception(timeout=_REPLY) if future.status == "error" else None
        if error is None or isinstance(error, (KilledWorker, CommClosedError, TimeoutError)):
            return
        if isinstance(error, PracticeError):
            raise error
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise PracticeError(
            f"a worker of the cluster fails: {said[0]}",
            "practice, of the same version as here, must be installed on every worker",
        ) from error

    def _lost(self, place: int) -> None:
        """Send a run again whose worker died."""
        run = self.runs[place]
        run.deaths += 1
        if run.deaths >= PATIENCE:
            raise PracticeError(
                f"{run.task.strategy}, split {run.task.outer}, seed {run.task.seed}: its workers "
                "die again and again",
                "give them more memory; what is stored is gone on with",
            )
        self._submit(place)


async def _identity(client: Any) -> Any:
    return await client.scheduler.identity()


async def _put(client: Any, name: str, value: bytes) -> None:
    from distributed import Queue

    line = await Queue(name, client=client)
    await line.put(value)


async def _get(client: Any, name: str) -> Any:
    from distributed import Queue

    line = await Queue(name, client=client)
    try:
        return await line.get()
    finally:
        line.close()  # twice, as it was opened: here, and for the rows
        line.close()


def _close(run: _Run) -> None:
    if run.journal is not None:
        run.journal.__exit__(None, None, None)
        run.journal = None


def _gone() -> PracticeError:
    return PracticeError(
        "the Dask scheduler has gone", "the same command goes on, with another or without"
    )


def _sources(tasks: Sequence[Task]) -> dict[str, Source]:
    """Read the strategies' own files, by their paths."""
    found = {}
    for path in {own_file(task.strategy) for task in tasks} - {None}:
        assert path is not None
        try:
            found[path] = Source(str(Path(path).absolute()), Path(path).read_bytes())
        except OSError as error:
            raise NotFoundError(
                f"{path}: cannot be read: {error.strerror or error}",
                "run the command where the file is",
            ) from None
    return found
