"""The folder of a comparison: written whole or not at all, read without running anything.

``PRACTICE_HOME/arena/<id>/`` holds ``comparison.json``; ``runs/<strategy>-<outer>-<seed>/`` with
the records of a tuning run and, when it has ended, ``cell.json`` and ``final.npz``; and in
``judged/`` what was found of each configuration that was judged.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.arena.holding import HIDDEN
from practice.arena.records import Cell, Comparison, Point, Results
from practice.errors import NotFoundError, StoreError
from practice.settings import Settings
from practice.tuning.manifest import canonical_hash

__all__ = [
    "CELL",
    "COMPARISON",
    "FINAL",
    "JUDGED",
    "Task",
    "ended",
    "load",
    "newest",
    "predictions_of",
    "read_comparison",
    "run_folder",
    "splits_said",
    "stored",
    "tasks_of",
    "write_bytes",
    "write_cell",
    "write_comparison",
]

COMPARISON = "comparison.json"
CELL = "cell.json"
FINAL = "final.npz"
JUDGED = "judged"
_RUNS = "runs"


@dataclass(frozen=True, order=True)
class Task:
    """One run of a comparison.

    Parameters
    ----------
    strategy : str
    outer, seed : int
    """

    strategy: str
    outer: int
    seed: int


def tasks_of(comparison: Comparison) -> tuple[Task, ...]:
    """Return all runs in the order in which they are run: pair after pair of what is compared."""
    return tuple(
        Task(strategy, outer, seed)
        for seed in comparison.seeds
        for outer in comparison.outer
        for strategy in comparison.strategies
    )


def splits_said(comparison: Comparison) -> str:
    """Say how many outer splits there are, and whether the hidden rows are one more."""
    drawn = sum(1 for number in comparison.outer if number != HIDDEN)
    also = " and the hidden rows" if HIDDEN in comparison.outer else ""
    return f"{drawn} outer split{'s' * (drawn != 1)}{also}"


def run_folder(folder: Path, comparison: Comparison, task: Task) -> Path:
    """Return where the records of a run are.

    Parameters
    ----------
    folder : Path
        Of the comparison.
    comparison : Comparison
    task : Task

    Returns
    -------
    Path
    """
    names = [_plain(each) for each in comparison.strategies]
    place = comparison.strategies.index(task.strategy)
    name = names[place]
    if names.count(name) > 1:  # two files of one name
        name = f"{name}{place + 1}"
    outer = "hidden" if task.outer == HIDDEN else str(task.outer)
    return folder / _RUNS / f"{name}-{outer}-{task.seed}"


def _plain(strategy: str) -> str:
    """Return a strategy's name as a folder can have it.

    Examples
    --------
    >>> _plain("random+none"), _plain("/home/ann/My own.py")
    ('random+none', 'my-own')
    """
    name = Path(strategy).name.replace(".py", "")
    return re.sub(r"[^a-z0-9+-]+", "-", name.lower()).strip("-")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write_comparison(folder: Path, comparison: Comparison) -> None:
    """Write what is asked, before anything runs."""
    write_bytes(folder / COMPARISON, _json(comparison))


def write_cell(run: Path, cell: Cell) -> None:
    """Write what came of a run; from then on it has ended."""
    write_bytes(run / CELL, _json(cell))


def _json(record: Comparison | Cell) -> bytes:
    return json.dumps(asdict(record), indent=1).encode() + b"\n"


def read_comparison(folder: Path) -> Comparison:
    """Read what was asked.

    Raises
    ------
    NotFoundError
        There is no comparison in that folder.
    StoreError
        Its record cannot be read, or was changed after it was hashed.

    Examples
    --------
    >>> read_comparison(Path("nowhere"))
    Traceback (most recent call last):
    ...
    practice.errors.NotFoundError: nowhere holds no comparison
    """
    path = folder / COMPARISON
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        lists = ("strategies", "outer", "seeds", "held_rows", "plans")
        comparison = Comparison(**{**found, **{name: tuple(found[name]) for name in lists}})
    except FileNotFoundError:
        raise NotFoundError(f"{folder} holds no comparison", "practice compare SLUG") from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"{path}: cannot be read: {error}", "practice compare SLUG --fresh"
        ) from None
    if canonical_hash(comparison.identity) != comparison.hash:
        raise StoreError(
            f"{path}: was changed after the comparison began", "practice compare SLUG --fresh"
        )
    return comparison


def ended(folder: Path, comparison: Comparison, task: Task) -> bool:
    """Say whether a run has ended."""
    return (run_folder(folder, comparison, task) / CELL).is_file()


def load(folder: Path) -> Results:
    """Read a comparison, also one that has not ended.

    Parameters
    ----------
    folder : Path
        ``PRACTICE_HOME/arena/<id>``.

    Returns
    -------
    Results

    Raises
    ------
    NotFoundError, StoreError
    """
    comparison = read_comparison(folder)
    cells = []
    replicates: dict[tuple[str, int, int], NDArray[np.float64]] = {}
    for task in _in_order(comparison):
        run = run_folder(folder, comparison, task)
        try:
            cell = _cell(json.loads((run / CELL).read_text(encoding="utf-8")))
            found = _arrays(run)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{run}: cannot be read: {error}", f"remove {run}; the run is then done again"
            ) from None
        cells.append(cell)
        if "replicates" in found:
            replicates[task.strategy, task.outer, task.seed] = found["replicates"]
    return Results(comparison, tuple(cells), replicates)


def predictions_of(
    folder: Path, comparison: Comparison, task: Task
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the stored predictions of a run that has ended, for the rows held out.

    Returns
    -------
    final, default : ndarray
        Class codes, numbers, or probabilities, of what the run found and of the default.
    """
    found = _arrays(run_folder(folder, comparison, task))
    return found["final"], found["default"]


def _in_order(comparison: Comparison) -> Iterable[Task]:
    return (
        Task(strategy, outer, seed)
        for strategy in comparison.strategies
        for outer in comparison.outer
        for seed in comparison.seeds
    )


def _arrays(run: Path) -> dict[str, NDArray[Any]]:
    with np.load(run / FINAL, allow_pickle=False) as found:
        return dict(found)


def _cell(found: dict[str, Any]) -> Cell:
    points = tuple(Point(**point) for point in found.pop("points"))
    return Cell(points=points, **found)


def stored(settings: Settings, slug: str) -> Iterator[tuple[Path, Comparison]]:
    """Yield the comparisons of a competition, the newest first."""
    paths = settings.arena.glob(f"{slug}-*/{COMPARISON}")
    for path in sorted(paths, key=lambda each: each.stat().st_mtime_ns, reverse=True):
        comparison = read_comparison(path.parent)
        if comparison.slug == slug:
            yield path.parent, comparison


def newest(
    settings: Settings, slug: str, solution: str | None = None, *, hidden: bool = False
) -> Path:
    """Return the folder of the comparison that was begun last.

    Parameters
    ----------
    settings : Settings
    slug : str
    solution : str, optional
        None: any.
    hidden : bool
        Only one that is judged by the hidden rows, too.

    Returns
    -------
    Path

    Raises
    ------
    NotFoundError
        There is none.
    """
    for folder, comparison in stored(settings, slug):
        if solution in (None, comparison.solution) and (HIDDEN in comparison.outer or not hidden):
            return folder
    what = "" if solution is None else f" on {solution}"
    what += " with hidden rows" * hidden
    raise NotFoundError(
        f"no comparison of strategies{what} for {slug}",
        f"practice compare {slug}{' --with-hidden' * hidden}",
    )
