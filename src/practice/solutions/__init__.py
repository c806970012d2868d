"""Ready-made solutions: the opponents on a board, and where a learner starts from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.solutions.base import Model, Solution
    from practice.solutions.data import Dataset, load
    from practice.solutions.registry import available, get, names
    from practice.solutions.report import BaselineReport, baseline, place
    from practice.solutions.run import CvResult, cross_validate, predict_test, submission_text

__all__ = [
    "BaselineReport",
    "CvResult",
    "Dataset",
    "Model",
    "Solution",
    "available",
    "baseline",
    "cross_validate",
    "get",
    "load",
    "names",
    "place",
    "predict_test",
    "submission_text",
]

_MODULES = {
    "base": ("Model", "Solution"),
    "data": ("Dataset", "load"),
    "registry": ("available", "get", "names"),
    "report": ("BaselineReport", "baseline", "place"),
    "run": ("CvResult", "cross_validate", "predict_test", "submission_text"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a face that lists names needs no models."""
    for module, offered in _MODULES.items():
        if name in offered:
            return getattr(import_module(f"practice.solutions.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
