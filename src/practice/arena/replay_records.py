"""What a replay comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from practice.arena.curves import Band

__all__ = ["Kind", "Replay", "Replayed"]

Kind = Literal["tabular", "surrogate"]


@dataclass(frozen=True)
class Replayed:
    """What became of one strategy, over all seeds.

    Parameters
    ----------
    strategy : str
    kind : {"tabular", "surrogate"}
        Whether its scores were recorded, or predicted from what was.
    regret_25, regret_50, regret_100 : float
        Loss of the pick at that percentage of the budget, less the best recorded; mean over seeds.
    error_25, error_50, error_100 : float
        Standard errors of these means.
    best_kept : float
        Share of the seeds in which the best configuration that was tried was not given up.
    trials, work : float
        Tried and spent on the average.
    speed_up : float
        Trials by full trials: what stopping early saves.
    """

    strategy: str
    kind: Kind
    regret_25: float
    error_25: float
    regret_50: float
    error_50: float
    regret_100: float
    error_100: float
    best_kept: float
    trials: float
    work: float
    speed_up: float


@dataclass(frozen=True)
class Replay:
    """Outcome of a replay.

    Parameters
    ----------
    competition, solution, objective : str
        ``objective`` is the loss of all scores.
    runs : tuple of str
        Where the curves are from.
    recorded, drawn : int
        Configurations with curves, and those of them that were drawn at random.
    seeds : int
    trials : int or None
    work : float or None
        The budget of every run: one of both.
    best : float
        Least recorded loss.
    default_regret : float
        Of the default configuration.
    agreement : float or None
        Of the surrogate with what was recorded
        (:func:`practice.arena.replay_surrogate.agreement`); None where there is no surrogate.
    seconds : float
    strategies : tuple of Replayed
        The tabular ones first.
    anytime : tuple of Band
        Mean regret over the work spent with its 95 % interval, in the same order.
    cautions : tuple of str
    """

    competition: str
    solution: str
    objective: str
    runs: tuple[str, ...]
    recorded: int
    drawn: int
    seeds: int
    trials: int | None
    work: float | None
    best: float
    default_regret: float
    agreement: float | None
    seconds: float
    strategies: tuple[Replayed, ...]
    anytime: tuple[Band, ...]
    cautions: tuple[str, ...]
