"""Practise machine-learning competitions on your own machine.

``practice.start(slug)`` makes a competition, ``practice.competition(slug)`` opens it as data
frames, and ``practice.score(...)`` scores predictions without one. The command line is
``practice --help``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.api import StartedCompetition, competition, score, start
    from practice.errors import PracticeError

__all__ = [
    "PracticeError",
    "StartedCompetition",
    "__version__",
    "competition",
    "score",
    "start",
]

__version__ = "0.1.0"


class _Function(ModuleType):
    """The module ``practice.competition``: calling it is calling the function of that name."""

    def __call__(self, slug: str, name: str | None = None) -> StartedCompetition:
        return import_module("practice.api").competition(slug, name)  # type: ignore[no-any-return]


class _Package(ModuleType):
    """The package itself: a module and a function of it share a name, and become one here."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "competition" and isinstance(value, ModuleType):
            value.__class__ = _Function
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name == "competition":
        return import_module("practice.competition")
    if name == "PracticeError":
        return import_module("practice.errors").PracticeError
    if name in __all__:
        return getattr(import_module("practice.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
