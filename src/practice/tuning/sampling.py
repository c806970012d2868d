"""Proposers of libraries: Optuna's samplers, FLAML's searchers."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from practice.errors import PracticeError
from practice.tuning.records import Configuration, Row
from practice.tuning.strategy import Problem

if TYPE_CHECKING:
    import optuna

__all__ = ["SAMPLERS", "FlamlProposer", "OptunaProposer"]

Arguments = Mapping[str, Any]

# Every argument that shapes a sampler is given, so that a record says what ran even where a later
# version of the library has other defaults.
SAMPLERS: Mapping[str, tuple[str, Arguments]] = {
    "tpe": (
        "TPESampler",
        {"multivariate": True, "constant_liar": True, "n_startup_trials": 10, "group": False},
    ),
    "tpe-univariate": (
        "TPESampler",
        {"multivariate": False, "constant_liar": False, "n_startup_trials": 10, "group": False},
    ),
    "cmaes": (
        "CmaEsSampler",
        {"n_startup_trials": 10, "warn_independent_sampling": False, "with_margin": False},
    ),
    "nsga2": ("NSGAIISampler", {"population_size": 20}),
    "qmc": (
        "QMCSampler",
        {
            "qmc_type": "sobol",
            "scramble": True,
            "warn_asynchronous_seeding": False,
            "warn_independent_sampling": False,
        },
    ),
    "gp": ("GPSampler", {"n_startup_trials": 10, "deterministic_objective": False}),
}
_NEEDS = {"gp": "torch", "cmaes": "cmaes", "qmc": "scipy"}


class OptunaProposer:
    """A sampler of Optuna, over a study in memory.

    Points that it was not asked for are put into its queue and taken from there, so that every
    sampler learns of them as of its own.

    Parameters
    ----------
    problem : Problem
    name : str
        A key of :data:`SAMPLERS`.

    Raises
    ------
    PracticeError
        A library that the sampler needs is not installed.
    """

    def __init__(self, problem: Problem, name: str) -> None:
        needed = _NEEDS.get(name)
        if needed is not None and find_spec(needed) is None:
            raise PracticeError(
                f"strategy {name!r} needs {needed}, which is not installed",
                f"pip install {needed}; or --strategy tpe",
            )
        import optuna

        self._space = problem.space
        self._name = name
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler, arguments = SAMPLERS[name]
        with _quiet():
            made = getattr(optuna.samplers, sampler)(seed=problem.seed, **arguments)
            self._study = optuna.create_study(direction="minimize", sampler=made)
        self._trial: optuna.trial.Trial | None = None
        # Only TPE ranks trials that were given up by how far they came; the others leave out what
        # is not complete, and would learn nothing from most trials.
        self._knows_stopped = name.startswith("tpe")

    def ask(self) -> Configuration:
        """Ask the sampler."""
        return self._space.from_optuna(self._begin().params)

    def _begin(self) -> optuna.trial.Trial:
        with _quiet():
            self._trial = self._study.ask(self._space.distributions)
        return self._trial

    def tell(self, row: Row) -> None:
        """Tell the sampler."""
        from optuna.trial import TrialState

        trial = self._trial
        if trial is None:
            self._study.enqueue_trial(self._space.to_optuna(row.configuration))
            trial = self._begin()
        self._trial = None
        if row.score is None:
            self._study.tell(trial, state=TrialState.FAIL)
        elif row.state == "stopped" and self._knows_stopped:
            trial.report(row.score, row.rung)
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, row.score)

    def described(self) -> dict[str, Any]:
        """Return name, class and arguments."""
        sampler, arguments = SAMPLERS[self._name]
        return {"name": self._name, "sampler": f"optuna.{sampler}", "arguments": dict(arguments)}


class _quiet(warnings.catch_warnings):  # noqa: N801
    """Silences what is experimental to Optuna and said at every call."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")


_FAR = 1000  # asks without an answer before a searcher counts as stuck


class FlamlProposer:
    """CFO or BlendSearch of FLAML, over the unit cube.

    The searcher begins at the best of the trials that it was told before it was first asked.

    Parameters
    ----------
    problem : Problem
    name : {"flaml-cfo", "flaml-blendsearch"}

    Raises
    ------
    PracticeError
        FLAML is not installed.
    """

    def __init__(self, problem: Problem, name: str) -> None:
        if find_spec("flaml") is None:
            raise PracticeError(
                f"strategy {name!r} needs flaml, which is not installed",
                "pip install flaml; or --strategy tpe",
            )
        self._name, self._problem = name, problem
        self._searcher: Any = None
        self._early: list[Row] = []
        self._asked: tuple[str, dict[str, Any]] | None = None
        self._count = 0

    def _make(self) -> Any:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        logging.getLogger("flaml").setLevel(logging.ERROR)
        with _quiet():
            searcher = import_module("flaml.tune.searcher")  # by name: it is an extra
            sample = import_module("flaml.tune.sample")

        made: Callable[..., Any] = getattr(
            searcher, "CFO" if self._name == "flaml-cfo" else "BlendSearch"
        )
        space = {
            p.name: sample.choice(list(p.choices)) if p.choices else sample.uniform(0.0, 1.0)
            for p in self._problem.space.parameters
        }
        known = [row for row in self._early if row.score is not None]
        return made(
            metric="loss",
            mode="min",
            space=space,
            points_to_evaluate=[self._outward(row.configuration) for row in known],
            evaluated_rewards=[row.score for row in known],
            seed=self._problem.seed + 20,  # FLAML subtracts from its seed, and 20 is its default
            cost_attr=None,  # seconds differ from run to run
        )

    def _outward(self, configuration: Configuration) -> dict[str, Any]:
        return {
            p.name: configuration[p.name] if p.choices else p.place(configuration[p.name])
            for p in self._problem.space.parameters
        }

    def ask(self) -> Configuration:
        """Ask the searcher."""
        if self._searcher is None:
            self._searcher = self._make()
        for _ in range(_FAR):
            trial = f"trial-{self._count}"
            self._count += 1
            with _quiet():
                found = self._searcher.suggest(trial)
            if found is not None:
                self._asked = trial, found
                return {
                    p.name: found[p.name] if p.choices else p.at(found[p.name])
                    for p in self._problem.space.parameters
                }
        raise PracticeError(f"{self._name} proposes nothing any more", "--strategy tpe")

    def tell(self, row: Row) -> None:
        """Tell the searcher."""
        if self._searcher is None:
            self._early.append(row)
            return
        if self._asked is None:
            return  # not its own, and it has no way to take such a trial in
        (trial, found), self._asked = self._asked, None
        result = {f"config/{name}": value for name, value in found.items()}
        with _quiet():
            if row.score is None:
                self._searcher.on_trial_complete(trial, result, error=True)
            else:
                self._searcher.on_trial_complete(trial, {**result, "loss": row.score})

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": self._name, "arguments": {"cost_attr": None}}
