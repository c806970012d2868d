"""Which version of the participant's code made a submission."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GitState", "git_state", "has_commits"]

_SECONDS = 2.0
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


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


def has_commits(folder: Path, commits: Sequence[str]) -> bool:
    """Say whether the repository that holds ``folder`` has all of some commits.

    Parameters
    ----------
    folder : Path
    commits : sequence of str
        Anything but a hash is in no repository.

    Returns
    -------
    bool
    """
    if not all(_HASH.fullmatch(each) for each in commits):
        return False
    asked = "".join(f"{each}^{{commit}}\n" for each in commits)
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "cat-file", "--batch-check=%(objecttype)"],
            input=asked,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.split("\n")[:-1] == ["commit"] * len(commits)
