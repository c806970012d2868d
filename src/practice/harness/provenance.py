"""Which version of the participant's code made a submission."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GitState", "git_state"]

_SECONDS = 2.0


@dataclass(frozen=True)
class GitState:
    """The commit of a work tree and whether files differ from it."""

    commit: str | None
    dirty: bool | None


def git_state(folder: Path) -> GitState:
    """Ask git for the state of the work tree that holds ``folder``.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    GitState
        Both None outside a work tree, without git, before the first commit, or where git takes
        longer than two seconds.
    """
    command = ["git", "-C", str(folder), "status", "--porcelain=v2", "--branch"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return GitState(None, None)
    commit: str | None = None
    dirty = False
    for line in done.stdout.splitlines():
        if line.startswith("# branch.oid "):
            commit = line.removeprefix("# branch.oid ")
        elif not line.startswith("#"):
            dirty = True
    if done.returncode or commit is None or commit == "(initial)":
        return GitState(None, None)
    return GitState(commit, dirty)
