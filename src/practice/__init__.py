"""Practise machine-learning competitions on your own machine.

``practice.start(slug)`` makes a competition, ``practice.competition(slug)`` opens it as data
frames, and ``practice.score(...)`` scores predictions without one. The command line is
``practice --help``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.api import StartedCompetition, competition, history, score, start
    from practice.errors import PracticeError

__all__ = [
    "PracticeError",
    "StartedCompetition",
    "__version__",
    "competition",
    "history",
    "score",
    "start",
]

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name == "PracticeError":
        return import_module("practice.errors").PracticeError
    if name in __all__:
        return getattr(import_module("practice.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
