"""Tuning: search spaces, evaluators, strategies, the runner and its records."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.tuning.boosting import BoostingEvaluator
    from practice.tuning.evaluator import EvaluationFailed, Evaluator, Rung
    from practice.tuning.foldwise import FoldwiseEvaluator, for_estimator, for_solution
    from practice.tuning.manifest import Manifest, Run, load_run
    from practice.tuning.outcome import Outcome, Paired, outcome_of
    from practice.tuning.records import Journal, Row, finals, incumbents, read_rows
    from practice.tuning.resuming import last_budget, named, newest
    from practice.tuning.runner import Budget, run
    from practice.tuning.searching import Plan, plan_of, search, search_in
    from practice.tuning.space import Parameter, Space, shared_points
    from practice.tuning.spaces import LIGHTGBM, space_for
    from practice.tuning.strategies import make, names
    from practice.tuning.strategy import Exhausted, Problem, Strategy
    from practice.tuning.tuned import TuneReport, tune

_MODULES = {
    "boosting": ("BoostingEvaluator",),
    "evaluator": ("EvaluationFailed", "Evaluator", "Rung"),
    "foldwise": ("FoldwiseEvaluator", "for_estimator", "for_solution"),
    "manifest": ("Manifest", "Run", "load_run"),
    "outcome": ("Outcome", "Paired", "outcome_of"),
    "records": ("Journal", "Row", "finals", "incumbents", "read_rows"),
    "runner": ("Budget", "run"),
    "resuming": ("last_budget", "named", "newest"),
    "searching": ("Plan", "plan_of", "search", "search_in"),
    "space": ("Parameter", "Space", "shared_points"),
    "spaces": ("LIGHTGBM", "space_for"),
    "strategies": ("make", "names"),
    "tuned": ("TuneReport", "tune"),
    "strategy": ("Exhausted", "Problem", "Strategy"),
}

__all__ = [
    "LIGHTGBM",
    "BoostingEvaluator",
    "Budget",
    "EvaluationFailed",
    "Evaluator",
    "Exhausted",
    "FoldwiseEvaluator",
    "Journal",
    "Manifest",
    "Outcome",
    "Paired",
    "Parameter",
    "Plan",
    "Problem",
    "Row",
    "Run",
    "Rung",
    "Space",
    "Strategy",
    "TuneReport",
    "finals",
    "for_estimator",
    "for_solution",
    "incumbents",
    "last_budget",
    "load_run",
    "make",
    "named",
    "names",
    "newest",
    "outcome_of",
    "plan_of",
    "read_rows",
    "run",
    "search",
    "search_in",
    "shared_points",
    "space_for",
    "tune",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    for module, offered in _MODULES.items():
        if name in offered:
            return getattr(import_module(f"practice.tuning.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
