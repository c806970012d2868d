"""Strategies replayed on recorded curves: the same runner, but nothing is trained."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.curves import Band, stepped
from practice.arena.replay_curves import Recorded, TabularEvaluator
from practice.arena.replay_records import Kind, Replay, Replayed
from practice.arena.replay_surrogate import SurrogateEvaluator, agreement
from practice.errors import UsageError
from practice.progress import Progress, silent
from practice.tuning.proposing import Random
from practice.tuning.records import Configuration, Journal, Row, finals, incumbents
from practice.tuning.runner import Budget, run
from practice.tuning.searching import SHARED
from practice.tuning.space import key, shared_points
from practice.tuning.stopping import STOPPERS
from practice.tuning.strategies import make, must_differ
from practice.tuning.strategy import Composed, Exhausted, Problem, Strategy

__all__ = ["NINE", "budget_of", "named", "replay"]

Floats = NDArray[np.float64]

NINE = (
    *("random+none", "random+median", "halving", "hyperband", "random+forgiving"),
    *("tpe", "cmaes", "qmc", "nsga2"),
)
_SHARES = (0.25, 0.5, 1.0)  # of the budget, at which picks are looked at
_BUDGETS = 60  # places of an anytime curve
_OTHER_NAMES = {"nsgaii": "nsga2", **{name: f"random+{name}" for name in STOPPERS}}
_OTHER_NAMES |= {"halving": "halving", "hyperband": "hyperband"}
_POOR = 0.5  # agreement below which a surrogate is warned of


class _Drawn:
    """Proposes recorded configurations in random order, each once."""

    def __init__(self, recorded: Recorded, seed: int) -> None:
        default = key(recorded.default.configuration)
        left = [each.configuration for each in recorded.drawn if key(each.configuration) != default]
        order = np.random.default_rng([seed, 3]).permutation(len(left))
        self._left: list[Configuration] = [left[place] for place in order]

    def ask(self) -> Configuration:
        if not self._left:
            raise Exhausted
        return self._left.pop()

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, str]:
        return {"name": "random"}


@dataclass(frozen=True)
class _Run:
    """A run: where its picks changed, and what it came to."""

    trials: Floats  # trials ended when a pick was made
    work: Floats  # spent by then
    regret: Floats  # of the pick
    ended: int
    evaluated: int
    spent: float
    kept: bool


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Return names as :func:`practice.tuning.strategies.make` takes them, each once.

    A way of stopping alone stands for random search that stops so.

    Examples
    --------
    >>> named(["median", "halving", "random+median", "nsgaii"])
    ('random+median', 'halving', 'nsga2')
    """
    return tuple(dict.fromkeys(_OTHER_NAMES.get(name, name) for name in names))


def budget_of(seeds: int, trials: int | None, work: float | None) -> Budget:
    """Return the budget of every run of :func:`replay`.

    Raises
    ------
    UsageError
        Both budgets are given, or one that is too small, or no seed.

    Examples
    --------
    >>> budget_of(20, None, None).trials, budget_of(20, None, 12.5).work
    (100, 12.5)
    """
    if trials is not None and work is not None:
        raise UsageError("--trials and --work exclude each other", "leave one of them out")
    if seeds < 1:
        raise UsageError(f"--seeds {seeds} is not above 0", "--seeds 20")
    return Budget(work=work, trials=100 if trials is None and work is None else trials)


def replay(
    recorded: Recorded,
    strategies: Sequence[str] = NINE,
    *,
    seeds: int = 20,
    trials: int | None = None,
    work: float | None = None,
    surrogate: bool = False,
    progress: Progress = silent,
) -> Replay:
    """Run strategies on recorded curves.

    Random search, however it stops, draws from the recorded configurations and sees their curves as
    they were recorded (tabular). Every other strategy proposes freely, and a surrogate answers.
    What one kind finds is no measure for the other.

    Parameters
    ----------
    recorded : Recorded
    strategies : sequence of str
    seeds : int
        Runs of each: seeds 0, 1, ...
    trials : int, optional
        Budget in configurations; default 100, where there is no ``work``.
    work : float, optional
        Budget in full trials.
    surrogate : bool
        Let the surrogate answer random search, too, so that all can be compared.
    progress : Progress, optional

    Returns
    -------
    Replay

    Raises
    ------
    NotFoundError
        There is no such strategy.
    UsageError
        Both budgets are given, or one that is too small; a strategy is named twice.
    """
    budget = budget_of(seeds, trials, work)
    must_differ(strategies)
    trials = budget.trials
    began = time.perf_counter()
    names = named(strategies)
    made = {name: make(name, _problem(recorded, 0)) for name in names}  # before anything long
    kinds: dict[str, Kind] = {
        name: "tabular" if _draws(each) and not surrogate else "surrogate"
        for name, each in made.items()
    }
    names = tuple(sorted(names, key=lambda name: kinds[name] != "tabular"))
    evaluators: dict[Kind, TabularEvaluator | SurrogateEvaluator] = {}
    for kind in set(kinds.values()):
        made_of = TabularEvaluator if kind == "tabular" else SurrogateEvaluator
        evaluators[kind] = made_of(recorded)
    found: list[Replayed] = []
    bands: list[Band] = []
    for place, name in enumerate(names):
        runs = []
        for seed in range(seeds):
            progress("replay", place * seeds + seed, len(names) * seeds)
            runs.append(_one(recorded, name, seed, budget, evaluators[kinds[name]]))
        found.append(_summed(name, kinds[name], runs, trials, work))
        bands.append(_band(name, runs, recorded))
    progress("replay", len(names) * seeds, len(names) * seeds)
    agreed = agreement(recorded) if "surrogate" in evaluators else None
    return Replay(
        competition=recorded.competition,
        solution=recorded.solution,
        objective=recorded.objective,
        runs=recorded.runs,
        recorded=len(recorded.curves),
        drawn=len(recorded.drawn),
        seeds=seeds,
        trials=trials,
        work=work,
        best=recorded.best,
        default_regret=recorded.default.score - recorded.best,
        agreement=agreed,
        seconds=time.perf_counter() - began,
        strategies=tuple(found),
        anytime=tuple(bands),
        cautions=_cautions(recorded, found, trials, agreed),
    )


def _problem(recorded: Recorded, seed: int) -> Problem:
    return Problem(recorded.space, seed, recorded.folds)


def _draws(strategy: Strategy) -> bool:
    """Say whether a strategy's configurations can be any drawn at random."""
    return isinstance(strategy, Composed) and isinstance(strategy.proposer, Random)


def _one(
    recorded: Recorded,
    name: str,
    seed: int,
    budget: Budget,
    evaluator: TabularEvaluator | SurrogateEvaluator,
) -> _Run:
    """Run a strategy with a seed."""
    strategy = make(name, _problem(recorded, seed))
    points: list[Configuration] = list(shared_points(recorded.space, seed, SHARED))
    if isinstance(evaluator, TabularEvaluator):
        assert isinstance(strategy, Composed)
        strategy = Composed(_Drawn(recorded, seed), strategy.stopper)
        points = [recorded.default.configuration]
    with Journal(None) as journal:
        ended = finals(run(evaluator, strategy, budget, journal, points))
    tried = [row for row in ended if row.state != "duplicate"]
    picks = incumbents(ended)
    # Before there is a pick, the default would be taken.
    scores = [recorded.default.score, *(row.score for row in picks if row.score is not None)]
    least = min((evaluator.final(row.configuration) for row in tried), default=math.inf)
    return _Run(
        trials=np.array([0, *(row.trial + 1 for row in picks)], dtype=np.float64),
        work=np.array([0, *(row.total_work for row in picks)], dtype=np.float64),
        regret=np.array(scores) - recorded.best,
        ended=len(ended),
        evaluated=len(tried),
        spent=ended[-1].total_work if ended else 0.0,
        kept=scores[-1] <= least,
    )


def _summed(
    name: str, kind: Kind, runs: Sequence[_Run], trials: int | None, work: float | None
) -> Replayed:
    """Return means over seeds, and their errors."""
    regrets, errors = [], []
    for share in _SHARES:
        limit = math.ceil(share * trials) if trials is not None else share * (work or 0.0)
        picked = [
            stepped(each.trials if trials is not None else each.work, each.regret, [limit])[0]
            for each in runs
        ]
        regrets.append(float(np.mean(picked)))
        errors.append(_error(np.array(picked)))
    spent = sum(each.spent for each in runs)
    return Replayed(
        strategy=name,
        kind=kind,
        regret_25=regrets[0],
        error_25=errors[0],
        regret_50=regrets[1],
        error_50=errors[1],
        regret_100=regrets[2],
        error_100=errors[2],
        best_kept=float(np.mean([each.kept for each in runs])),
        trials=float(np.mean([each.ended for each in runs])),
        work=spent / len(runs),
        speed_up=sum(each.evaluated for each in runs) / spent if spent else math.nan,
    )


def _error(values: Floats) -> float:
    """Return the standard error of the mean of values; of a single one, nothing."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def _band(name: str, runs: Sequence[_Run], recorded: Recorded) -> Band:
    """Return the mean regret over work, until the last of the runs ended."""
    first = recorded.default.rungs[-1].work
    last = max(first * 1.01, *(each.spent for each in runs))
    at = np.geomspace(first, last, _BUDGETS)
    at[-1] = last
    values = np.array([stepped(each.work, each.regret, at) for each in runs])
    middle = values.mean(axis=0)
    half = np.zeros(len(at))
    if len(runs) > 1:
        half = 1.96 * values.std(axis=0, ddof=1) / math.sqrt(len(runs))
    low, high = np.maximum(middle - half, 0.0), middle + half
    return Band(name, *(tuple(part.tolist()) for part in (at, middle, low, high)))


def _cautions(
    recorded: Recorded, found: Sequence[Replayed], trials: int | None, agreed: float | None
) -> tuple[str, ...]:
    said = []
    tabular = [each for each in found if each.kind == "tabular"]
    drawn = len(recorded.drawn)
    if tabular and (max(each.trials for each in tabular) >= drawn or (trials or 0) >= drawn):
        said.append(
            f"tabular runs end with the {drawn} configurations that are recorded, the best among "
            "them: record several times as many as a run tries"
        )
    if agreed is not None and not agreed >= _POOR:
        said.append(
            f"the surrogate orders configurations poorly (rank correlation {agreed:.2f}): record "
            "more of them"
        )
    return tuple(said)
