"""From raw files to what participants get and what is hidden from them.

The path of a submission comes through here for :mod:`practice.build.vault` and
:func:`workspace_at` alone, so everything else is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from practice.build.marker import Marker, workspace_at
from practice.build.vault import TargetInfo, VaultInfo

if TYPE_CHECKING:
    from practice.build.builder import make
    from practice.build.folds import cv_splits
    from practice.build.identity import BUILDER_VERSION, identify
    from practice.build.workspace import write_workspace

__all__ = [
    "BUILDER_VERSION",
    "Marker",
    "TargetInfo",
    "VaultInfo",
    "cv_splits",
    "identify",
    "make",
    "workspace_at",
    "write_workspace",
]

_LATER = {
    "BUILDER_VERSION": "identity",
    "cv_splits": "folds",
    "identify": "identity",
    "make": "builder",
    "write_workspace": "workspace",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
