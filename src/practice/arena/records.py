"""What a comparison leaves behind: one record of what was asked, one per run, and replicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cell", "Comparison", "Point", "Results"]


@dataclass(frozen=True)
class Comparison:
    """What was asked of a comparison, and under what it was begun.

    Parameters
    ----------
    id : str
        Name of its folder.
    slug, solution : str
    strategies : tuple of str
        As :func:`practice.tuning.strategies.make` takes them.
    reference : str
        The strategy that the others are compared with, declared before anything runs.
    outer : tuple of int
        Numbers of the outer splits (:class:`practice.tuning.outer.Outer`).
    seeds : tuple of int
    work : float
        Budget of every run, in full trials.
    rounds : int
        Of boosting, at most.
    metric : str
    greater_is_better : bool
    held_rows : tuple of int
        Rows held out by each outer split.
    plans : tuple of str
        Id of the resampling plan of each outer split's held-out rows; "" where the metric cannot
        be resampled.
    created : str
        ISO 8601, UTC.
    hash : str
        sha256 of ``identity``.
    identity, environment : dict
        As in :class:`practice.tuning.manifest.Manifest`.
    """

    id: str
    slug: str
    solution: str
    strategies: tuple[str, ...]
    reference: str
    outer: tuple[int, ...]
    seeds: tuple[int, ...]
    work: float
    rounds: int
    metric: str
    greater_is_better: bool
    held_rows: tuple[int, ...]
    plans: tuple[str, ...]
    created: str
    hash: str
    identity: dict[str, Any]
    environment: dict[str, Any]


@dataclass(frozen=True)
class Point:
    """The default configuration (trial 0), or a trial that was better than all before it.

    Parameters
    ----------
    trial : int
    configuration : dict
    work, cpu_seconds : float
        That the run had spent when the trial ended.
    loss : float
        Cross-validation, of what the search minimises.
    cv : float
        Cross-validation, of the competition's metric, in its direction.
    held : float
        The competition's metric on the held-out rows, of a model refitted on all the search's rows.
    ensemble : float
        The same, of the mean of the folds' models.
    """

    trial: int
    configuration: dict[str, Any]
    work: float
    cpu_seconds: float
    loss: float
    cv: float
    held: float
    ensemble: float


@dataclass(frozen=True)
class Cell:
    """One run: a strategy, an outer split and a seed.

    Parameters
    ----------
    strategy : str
    outer, seed : int
    points : tuple of Point
        The default first; each better in cross-validation than the one before.
    trials : dict of str to int
        How many ended "complete", "stopped", "failed", "duplicate".
    work, cpu_seconds, seconds, overhead_seconds : float
        Of the run; the last is what is not training.
    error : str
        Why the run failed, in one line; its result is then that of the default.
    """

    strategy: str
    outer: int
    seed: int
    points: tuple[Point, ...]
    trials: dict[str, int]
    work: float
    cpu_seconds: float
    seconds: float
    overhead_seconds: float
    error: str = ""

    @property
    def default(self) -> Point:
        """The untuned configuration."""
        return self.points[0]

    @property
    def final(self) -> Point:
        """What the run found."""
        return self.points[0] if self.error else self.points[-1]


@dataclass(frozen=True)
class Results:
    """All that is known of a comparison.

    Parameters
    ----------
    comparison : Comparison
    cells : tuple of Cell
        Those that have ended, ordered by strategy, outer split and seed.
    replicates : dict of (str, int, int) to ndarray
        By strategy, outer split and seed: the score on the held-out rows of what the run found,
        under each replicate of the split's plan, shape (replicates,), in the metric's direction.
        Missing where the metric cannot be resampled.
    """

    comparison: Comparison
    cells: tuple[Cell, ...]
    replicates: dict[tuple[str, int, int], NDArray[np.float64]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every run has ended."""
        asked = self.comparison
        return len(self.cells) == len(asked.strategies) * len(asked.outer) * len(asked.seeds)
