"""Reading submissions, checking them and scoring them.

:mod:`practice.scoring.records` is light; the functions load Arrow when first asked for, and never
pandas or scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from practice.scoring.records import (
    SCORER_VERSION,
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
    from practice.scoring.parts import check_scorable, place_in_file, score_parts
    from practice.scoring.reading import read
    from practice.scoring.replicates import Replicates, replicates_of_part, score_replicates
    from practice.scoring.scorer import PLAIN, bind, bound, score
    from practice.scoring.training import Training, load_training, some_rows

__all__ = [
    "PLAIN",
    "SCORER_VERSION",
    "Answers",
    "Column",
    "FileScore",
    "Layout",
    "Problem",
    "Replicates",
    "SubmissionRefusedError",
    "Target",
    "Training",
    "bind",
    "bound",
    "check_scorable",
    "layout",
    "load_answers",
    "load_training",
    "place_in_file",
    "read",
    "replicates_of_part",
    "score",
    "score_files",
    "score_parts",
    "score_replicates",
    "some_rows",
]

_LATER = {
    "Replicates": "replicates",
    "Training": "training",
    "PLAIN": "scorer",
    "bind": "scorer",
    "bound": "scorer",
    "check_scorable": "parts",
    "layout": "answers",
    "load_answers": "answers",
    "load_training": "training",
    "place_in_file": "parts",
    "read": "reading",
    "replicates_of_part": "replicates",
    "score": "scorer",
    "score_files": "files",
    "score_parts": "parts",
    "score_replicates": "replicates",
    "some_rows": "training",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found
