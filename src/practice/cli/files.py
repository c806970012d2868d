"""What a command line gives as a file: a path, or ``-`` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from practice.errors import UsageError

__all__ = ["content", "is_stdin"]


def is_stdin(file: Path) -> bool:
    """Say whether a file is given as ``-``.

    Examples
    --------
    >>> is_stdin(Path("-")), is_stdin(Path("a.csv"))
    (True, False)
    """
    return str(file) == "-"


def content(file: Path) -> Path | bytes:
    """Return a path as it is, and for ``-`` all of standard input.

    Raises
    ------
    UsageError
        Standard input is a terminal: nothing is piped in.
    """
    if not is_stdin(file):
        return file
    if sys.stdin.isatty():
        raise UsageError("- reads standard input, and nothing is piped in", "name a file")
    return sys.stdin.buffer.read()
