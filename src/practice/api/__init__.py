"""The Python API; :mod:`practice` offers what is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.api.opened import StartedCompetition, competition, start
    from practice.api.past import history
    from practice.api.scores import score

__all__ = ["StartedCompetition", "competition", "history", "score", "start"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name == "score":
        from practice.api.scores import score

        return score
    if name == "history":
        from practice.api.past import history

        return history
    if name in __all__:
        from practice.api import opened

        return getattr(opened, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
