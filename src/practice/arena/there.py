"""A run of a comparison on a worker of a Dask cluster, where nothing else of it is."""

from __future__ import annotations

import os
import pickle
import shutil
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from practice.arena.cells import Field, run_cell
from practice.arena.recording import Task, run_folder, write_bytes, write_cell
from practice.arena.records import Cell, Comparison
from practice.errors import PracticeError
from practice.tuning.manifest import versions
from practice.tuning.records import ROWS, Journal, Row
from practice.tuning.strategies import elsewhere

__all__ = ["Sent", "Source", "run_sent", "unpacked"]

_ANSWER = 300.0  # seconds that a worker waits for the rows to go on from
_ONE = threading.Lock()  # a process does one run at a time, whatever its threads


@dataclass(frozen=True)
class Source:
    """A strategy's own file.

    Parameters
    ----------
    path : str
        Where it lies on its user's machine, from the root.
    text : bytes
    """

    path: str
    text: bytes


@dataclass(frozen=True)
class Sent:
    """What runs need, sent once to every worker.

    Parameters
    ----------
    field : Field
    sources : mapping of str to Source
        Strategies' own files, by the paths that their names have.
    """

    field: Field
    sources: Mapping[str, Source]


def unpacked(packed: bytes) -> Sent:
    """Return what runs need, from a pickle of it."""
    found: Sent = pickle.loads(packed)
    return found


def run_sent(sent: Sent, topic: str, place: int, task: Task) -> None:
    """Do a run; what is said of it goes out as events, what came of it is left in a queue.

    Parameters
    ----------
    sent : Sent
    topic : str
        Of the events.
    place : int
        Number of the run, in every event.
    task : Task

    Raises
    ------
    PracticeError
        This worker has other versions, or the run cannot be done.
    TimeoutError
        Nobody answers.
    """
    from distributed import Queue, get_client, get_worker

    worker = get_worker()
    _must_agree(sent.field.comparison, worker.address)
    with _ONE:
        os.environ["LOKY_MAX_CPU_COUNT"] = str(worker.state.nthreads)
        token = uuid.uuid4().hex

        def say(what: str, **more: Any) -> None:
            worker.log_event(topic, {"place": place, "token": token, "what": what, **more})

        line = Queue(token, client=get_client())
        say("begins")
        try:
            rows = pickle.loads(line.get(timeout=_ANSWER, callback_timeout=2 * _ANSWER))
            if rows is None:  # another worker has done it
                return
            folder = Path(worker.local_directory) / topic
            made = _made(folder, sent, task, rows, lambda row: say("row", row=pickle.dumps(row)))
            line.put(pickle.dumps(made), callback_timeout=_ANSWER)
        finally:
            line.close()
        say("ended")


def _must_agree(comparison: Comparison, address: str) -> None:
    """Refuse to run what would not be of one kind with the other runs."""
    here, due = dict(versions()), comparison.identity["versions"]
    differs = [name for name in sorted({*here, *due}) if here.get(name) != due.get(name)]
    if differs:
        name = differs[0]
        raise PracticeError(
            f"the worker {address} has {name} {here.get(name, 'not installed')}, and the "
            f"comparison {due.get(name, 'none')}",
            "install the same versions everywhere",
        )


def _made(
    folder: Path, sent: Sent, task: Task, rows: tuple[Row, ...], watch: Any
) -> tuple[Cell, dict[str, bytes]]:
    """Go on with a run from its rows; return what came of it, and its files by name."""
    comparison = sent.field.comparison
    run = run_folder(folder, comparison, task)
    shutil.rmtree(run, ignore_errors=True)
    with Journal(run / ROWS) as journal:
        for row in rows:
            journal.append(row)
    files = _written(folder / "own", sent.sources)
    with elsewhere(files):
        cell = run_cell(folder, sent.field, task, watch)
    for name, path in files.items():  # what is told of a file begins with what its user calls it
        if str(path) in cell.error:
            error = cell.error.replace(str(path), name, 1)
            cell = replace(cell, error=error.replace(str(path), sent.sources[name].path))
            write_cell(run, cell)
    found = {each.name: each.read_bytes() for each in run.iterdir() if each.suffix}
    shutil.rmtree(run, ignore_errors=True)
    return cell, found


def _written(folder: Path, sources: Mapping[str, Source]) -> dict[str, Path]:
    """Write strategies' own files, each with its name to a folder of its own."""
    found = {}
    for number, (name, source) in enumerate(sorted(sources.items())):
        found[name] = folder / str(number) / Path(name).name
        write_bytes(found[name], source.text)
    return found
