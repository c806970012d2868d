"""Running a metric file in a process of its own, within a time limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from numpy.typing import NDArray

from practice.build.write import writing
from practice.custom.request import write_request
from practice.errors import MetricError

if TYPE_CHECKING:
    from practice.custom.metric import FileMetric
    from practice.scoring.records import Answers, Layout

__all__ = ["TIME_LIMIT", "UnscorableError", "score_splits"]

TIME_LIMIT = 30 * 60.0  # seconds for both splits, as on Kaggle
_HIDDEN = "the predictions could not be scored"


class UnscorableError(MetricError):
    """A metric file gave no scores.

    Parameters
    ----------
    message : str
        For the participant; it tells nothing that the file does not mean to tell.
    report : str
        For the host: the traceback, which may hold answers; empty where the message says it all.
    split : str
        "public", "private", "file" where it could not even be run, or "process" where that took too
        long or ended early.
    """

    def __init__(self, message: str, report: str, split: str) -> None:
        super().__init__(message)
        self.report = report
        self.split = split


def score_splits(
    metric: FileMetric,
    answers: Answers,
    layout: Layout,
    predictions: Mapping[str, NDArray[Any]],
    folder: Path,
    *,
    time_limit: float | None = None,
) -> tuple[float, float]:
    """Score the public and the private rows by a metric file.

    Parameters
    ----------
    metric : FileMetric
    answers : Answers
    layout : Layout
    predictions : mapping of str to ndarray
        As :func:`practice.scoring.read` returns them for this layout.
    folder : Path
        Where the data that go to the process are written, to a file without a name that is gone
        with this call however it ends: among the answers, where these are such.
    time_limit : float, optional
        Seconds; default :data:`TIME_LIMIT`.

    Returns
    -------
    public, private : float
        Both finite.

    Raises
    ------
    UnscorableError
        The file raised an error, returned something else than a finite number, took too long, or
        ended the process.
    BuildError
        The disk does not take the data.
    """
    limit = TIME_LIMIT if time_limit is None else time_limit
    with (
        writing(folder),
        tempfile.TemporaryFile(dir=folder) as request,
        tempfile.TemporaryFile(dir=folder) as answer,
    ):
        write_request(request, metric, answers, layout, predictions, limit)
        request.seek(0)
        code = _run(request, answer, limit)
        if code is None:
            raise UnscorableError(_HIDDEN, f"score() took more than {limit:g} s\n", "process")
        answer.seek(0)
        outcome = _parsed(answer.read())
    if outcome is None:
        raise UnscorableError(_HIDDEN, f"the process ended with exit code {code}\n", "process")
    if "failed" in outcome:
        said = outcome["visible"]
        report = "" if said else outcome["report"]
        raise UnscorableError(said or _HIDDEN, report, outcome["failed"])
    return outcome["public"], outcome["private"]


def _run(request: IO[bytes], answer: IO[bytes], limit: float) -> int | None:
    """Run the process to its end and return its exit code; None where it took too long."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "practice.custom.worker"],
        stdin=request,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),  # no module of the participant's folder is in the way
        env=_environment(),
        start_new_session=True,
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:  # also on Ctrl-C
        if process.poll() is None:
            _end(process)


def _environment() -> dict[str, str]:
    """Return an environment in which the order of sets is the same each time."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, with all that it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _parsed(text: bytes) -> dict[str, Any] | None:
    """Read an outcome; None where the process did not get so far as to write one."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
