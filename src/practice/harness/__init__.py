"""The verbs: what a person, a script or a server can do; the only writers of the store."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from practice.harness.records import (
    Board,
    Checked,
    CrossValidation,
    Entry,
    Gap,
    Listed,
    Move,
    Noted,
    Paired,
    Revealed,
    Scorer,
    Selected,
    Started,
    Status,
    SubmissionRow,
    Submitted,
)

if TYPE_CHECKING:
    from practice.harness.deciding import note, reveal, select, withdraw
    from practice.harness.rescoring import rescore
    from practice.harness.starting import present_build, retry, start
    from practice.harness.submitting import check, submit
    from practice.harness.views import leaderboard, listed, status, submissions

__all__ = [
    "Board",
    "Checked",
    "CrossValidation",
    "Entry",
    "Gap",
    "Listed",
    "Move",
    "Noted",
    "Paired",
    "Revealed",
    "Scorer",
    "Selected",
    "Started",
    "Status",
    "SubmissionRow",
    "Submitted",
    "check",
    "leaderboard",
    "listed",
    "note",
    "present_build",
    "rescore",
    "retry",
    "reveal",
    "select",
    "start",
    "status",
    "submissions",
    "submit",
    "withdraw",
]

_VERBS = {
    "check": "submitting",
    "leaderboard": "views",
    "listed": "views",
    "note": "deciding",
    "present_build": "starting",
    "rescore": "rescoring",
    "retry": "starting",
    "reveal": "deciding",
    "select": "deciding",
    "start": "starting",
    "status": "views",
    "submissions": "views",
    "submit": "submitting",
    "withdraw": "deciding",
}


def __getattr__(name: str) -> Any:
    """Load a verb when it is asked for: reading a board needs nothing of what scoring needs."""
    if name not in _VERBS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_VERBS[name]}"), name)
