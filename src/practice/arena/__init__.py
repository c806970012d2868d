"""The arena: strategies compared by repeated searches and hold-outs that no search has seen."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.arena.asking import Question
    from practice.arena.recording import load, newest, predictions_of
    from practice.arena.records import Cell, Comparison, Point, Results
    from practice.arena.running import Status, compare_one

_MODULES = {
    "asking": ("Question",),
    "recording": ("load", "newest", "predictions_of"),
    "records": ("Cell", "Comparison", "Point", "Results"),
    "running": ("Status", "compare_one"),
}

__all__ = [
    "Cell",
    "Comparison",
    "Point",
    "Question",
    "Results",
    "Status",
    "compare_one",
    "load",
    "newest",
    "predictions_of",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    for module, offered in _MODULES.items():
        if name in offered:
            return getattr(import_module(f"practice.arena.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
