"""What a tuning run leaves behind: a row per trial and rung, and a manifest beside them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from practice.errors import StoreError

__all__ = [
    "ROWS",
    "Configuration",
    "Journal",
    "Row",
    "State",
    "finals",
    "incumbents",
    "latest",
    "read_rows",
    "same",
]

Configuration = Mapping[str, Any]
"""Values of the parameters by name, as a solution takes them: int, float, str or bool."""

State = Literal["running", "complete", "stopped", "failed", "duplicate", "over"]

ROWS = "trials.jsonl"
_SYNC_SECONDS = 1.0  # what a power cut may cost; a killed process loses nothing that was flushed


@dataclass(frozen=True)
class Row:
    """One rung of one trial.

    A trial has a row per rung it reached: ``running`` but for the last, which has its outcome.

    Parameters
    ----------
    trial : int
        Number in the run; trial 0 is the default configuration.
    rung : int
        How far it got: rounds of boosting (``order`` "rounds") or folds done ("folds").
    order : {"rounds", "folds"}
        Whether all folds advance together, or folds are done in turn.
    state : {"running", "complete", "stopped", "failed", "duplicate", "over"}
        ``stopped``: its strategy gave it up. ``failed``: it could not be evaluated. ``duplicate``:
        an earlier trial's configuration again; its scores, at no work. ``over``: it did not end
        inside the budget and does not count; with a larger budget it is run again.
    configuration : dict
    score : float or None
        The loss that is minimised: mean of ``fold_scores``; None where it failed.
    fold_scores : tuple of float
        Loss of every fold that was reached, in the order of the folds.
    share : float
        ``rung`` as a share of what a full evaluation reaches.
    rounds : int or None
        Rounds of boosting at which the mean loss was least so far; None without rounds.
    work : float
        Spent on this trial so far, in full trials (all folds, all rounds).
    cpu_seconds : float
        Processor time of training so far.
    seconds : float
        Wall time of the trial so far.
    total_work, total_cpu_seconds, total_seconds : float
        Of the run up to here, over all its sessions; processor and wall time hold what the
        strategy took, too.
    metric_scores : tuple of float
        The competition's own metric per fold, for a trial that was the best so far; else empty.
    error : str
        Why it failed, in one line.
    """

    trial: int
    rung: int
    order: Literal["rounds", "folds"]
    state: State
    configuration: dict[str, Any]
    score: float | None
    fold_scores: tuple[float, ...] = ()
    share: float = 0.0
    rounds: int | None = None
    work: float = 0.0
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    total_work: float = 0.0
    total_cpu_seconds: float = 0.0
    total_seconds: float = 0.0
    metric_scores: tuple[float, ...] = ()
    error: str = ""

    @property
    def counts(self) -> bool:
        """Whether its score can be the run's best."""
        return self.state == "complete"


_TIMES = ("cpu_seconds", "seconds", "total_cpu_seconds", "total_seconds")
_NAMES = frozenset(each.name for each in fields(Row))


def same(row: Row) -> dict[str, Any]:
    """Return what two identical runs agree on to the bit: everything but times.

    Examples
    --------
    >>> same(Row(0, 5, "folds", "complete", {}, 0.5, seconds=3.0)) == same(
    ...     Row(0, 5, "folds", "complete", {}, 0.5, seconds=4.0)
    ... )
    True
    """
    return {name: value for name, value in asdict(row).items() if name not in _TIMES}


def finals(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the last row of every trial that ended, in the order of the trials.

    Examples
    --------
    >>> first = Row(0, 2, "folds", "running", {}, 0.5)
    >>> last = Row(0, 5, "folds", "complete", {}, 0.4)
    >>> [row.rung for row in finals([first, last, Row(1, 2, "folds", "running", {}, 0.3)])]
    [5]
    """
    return tuple(row for row in rows if row.state not in ("running", "over"))


def incumbents(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the final rows that were better than all before them.

    Examples
    --------
    >>> losses = enumerate([0.5, 0.6, 0.4])
    >>> [r.trial for r in incumbents(Row(i, 5, "folds", "complete", {}, s) for i, s in losses)]
    [0, 2]
    """
    found: list[Row] = []
    for row in rows:
        if row.counts and row.score is not None:
            best = found[-1].score if found else None
            if best is None or row.score < best:
                found.append(row)
    return tuple(found)


@dataclass
class Journal:
    """Appends rows to a file; each is in the hands of the system when :meth:`append` returns.

    Parameters
    ----------
    path : Path or None
        None: rows are kept in memory alone.

    Examples
    --------
    >>> with Journal(None) as journal:
    ...     journal.append(Row(0, 5, "folds", "complete", {}, 0.5))
    >>> len(journal.rows)
    1
    """

    path: Path | None
    rows: list[Row] = field(default_factory=list)
    _synced: float = 0.0

    def __enter__(self) -> Journal:
        self._file = None
        if self.path is not None:
            self.rows = list(read_rows(self.path))
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
            self._file.truncate(_whole(self.path.read_bytes()))
            self._file.seek(0, os.SEEK_END)
        return self

    def append(self, row: Row) -> None:
        """Write a row."""
        self.rows.append(row)
        if self._file is None:
            return
        try:
            self._file.write(_line(row))
            self._file.flush()
            now = time.monotonic()
            if now - self._synced >= _SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = now
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be written: {error.strerror or error}",
                "make room, then practice tune --resume",
            ) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with self._file as file:
                os.fsync(file.fileno())


def _line(row: Row) -> bytes:
    # vars, not asdict: the latter copies deeply, at many times the cost.
    return json.dumps(vars(row), allow_nan=False).encode() + b"\n"


def _whole(content: bytes) -> int:
    """Return the length of the lines that are complete."""
    return content.rfind(b"\n") + 1


def read_rows(path: Path) -> tuple[Row, ...]:
    r"""Read the rows of a run.

    Parameters
    ----------
    path : Path
        A file that is not there has no rows.

    Returns
    -------
    tuple of Row
        In the order of trials and rungs. A last line that was torn is dropped; of a trial that was
        begun more than once, the last attempt is kept.

    Raises
    ------
    StoreError
        A line that is complete is no row.

    Examples
    --------
    >>> read_rows(Path("no-such-file"))
    ()
    """
    if not path.is_file():
        return ()
    content = path.read_bytes()
    rows = []
    for number, line in enumerate(content[: _whole(content)].splitlines(), start=1):
        try:
            rows.append(_row(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{path}:{number}: no row of a tuning run: {error}", "begin a run without --resume"
            ) from None
    return latest(rows)


def latest(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the last attempt at every trial, in the order of trials and rungs.

    Examples
    --------
    >>> cut = [Row(0, rung, "folds", "running", {}, 0.5) for rung in (2, 4)]
    >>> again = [Row(0, 2, "folds", "running", {}, 0.5), Row(0, 4, "folds", "stopped", {}, 0.5)]
    >>> latest([*cut, *again]) == tuple(again)
    True
    """
    trials: dict[int, list[Row]] = {}
    for row in rows:
        attempt = trials.setdefault(row.trial, [])
        # Rungs of an attempt ascend: one that does not is the first of another attempt.
        if attempt and (attempt[-1].state != "running" or row.rung <= attempt[-1].rung):
            attempt.clear()
        attempt.append(row)
    return tuple(row for trial in sorted(trials) for row in trials[trial])


def _row(found: dict[str, Any]) -> Row:
    unknown = set(found) - _NAMES
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]!r}")
    for name in ("fold_scores", "metric_scores"):
        found[name] = tuple(found.get(name, ()))
    return Row(**found)
