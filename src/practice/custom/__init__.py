"""Metrics in files of a competition, after Kaggle's contract, each run in a process of its own.

pandas is loaded in that process alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.custom.checking import FileCheck, Sample, check_file, made_up, sample_of
    from practice.custom.layouts import layout
    from practice.custom.metric import FileMetric, keep, keep_report, load
    from practice.custom.running import UnscorableError, score_splits

__all__ = [
    "FileCheck",
    "FileMetric",
    "Sample",
    "UnscorableError",
    "check_file",
    "keep",
    "keep_report",
    "layout",
    "load",
    "made_up",
    "sample_of",
    "score_splits",
]

_LATER = {
    "FileCheck": "checking",
    "FileMetric": "metric",
    "Sample": "checking",
    "UnscorableError": "running",
    "check_file": "checking",
    "keep": "metric",
    "keep_report": "metric",
    "layout": "layouts",
    "load": "metric",
    "made_up": "checking",
    "sample_of": "checking",
    "score_splits": "running",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
