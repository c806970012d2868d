"""Tuning: search spaces, evaluators, strategies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.tuning.evaluator import Evaluation, Evaluator
    from practice.tuning.run import Search, TuneReport, search, tune
    from practice.tuning.space import LIGHTGBM, Parameter

__all__ = [
    "LIGHTGBM",
    "Evaluation",
    "Evaluator",
    "Parameter",
    "Search",
    "TuneReport",
    "search",
    "tune",
]

_MODULES = {
    "evaluator": ("Evaluation", "Evaluator"),
    "run": ("Search", "TuneReport", "search", "tune"),
    "space": ("LIGHTGBM", "Parameter"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    for module, offered in _MODULES.items():
        if name in offered:
            return getattr(import_module(f"practice.tuning.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
