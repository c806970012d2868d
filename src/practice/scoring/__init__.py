"""Reading submissions, checking them and scoring them.

:mod:`practice.scoring.records` is light; the functions load Arrow when first asked for, and never
pandas or scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from practice.scoring.records import (
    Answers,
    Column,
    FileScore,
    Layout,
    Problem,
    SubmissionRefusedError,
    Target,
)

if TYPE_CHECKING:
    from practice.scoring.answers import layout, load_answers
    from practice.scoring.files import score_files
    from practice.scoring.reading import read
    from practice.scoring.scorer import SCORER_VERSION, bind, score

__all__ = [
    "SCORER_VERSION",
    "Answers",
    "Column",
    "FileScore",
    "Layout",
    "Problem",
    "SubmissionRefusedError",
    "Target",
    "bind",
    "layout",
    "load_answers",
    "read",
    "score",
    "score_files",
]

_LATER = {
    "SCORER_VERSION": "scorer",
    "bind": "scorer",
    "layout": "answers",
    "load_answers": "answers",
    "read": "reading",
    "score": "scorer",
    "score_files": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found
