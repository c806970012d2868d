"""The errors a user can meet: what happened, where, why, and the next step."""

from __future__ import annotations

__all__ = [
    "BuildError",
    "DefinitionError",
    "MetricError",
    "NotFoundError",
    "PracticeError",
    "RefusedError",
    "SourceError",
    "StoreError",
    "UsageError",
]


class PracticeError(Exception):
    """Something the user can understand and act on; faces print it without a traceback.

    Parameters
    ----------
    message : str
        What happened, where and why, in one line.
    hint : str
        What to do next, often a command; empty where there is nothing to add.

    Examples
    --------
    >>> error = PracticeError("no competition 'titanik'", hint="practice list")
    >>> error.message, error.hint
    ("no competition 'titanik'", 'practice list')
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PracticeError):
    """A command or call that makes no sense as written (exit code 2)."""

    exit_code = 2


class NotFoundError(PracticeError):
    """A competition, submission, entrant or metric of that name does not exist."""


class DefinitionError(PracticeError):
    """A competition.toml (or a file beside it) says something it may not say."""


class SourceError(PracticeError):
    """Raw data could not be had: network, hash, disk or library."""


class BuildError(PracticeError):
    """Raw data was had, but a competition cannot be built from it."""


class MetricError(PracticeError):
    """These predictions, or these answers, cannot be scored by this metric.

    Parameters
    ----------
    message, hint : str
        As in :class:`PracticeError`. The text may reach a participant: it never holds an answer.
    row : int or None
        Position (0-based, in the arrays given) of the first offending row, where one is to blame.
    """

    def __init__(self, message: str, hint: str = "", row: int | None = None) -> None:
        super().__init__(message, hint)
        self.row = row


class RefusedError(PracticeError):
    """An action the rules of a season do not allow: limit reached, deadline passed, revealed."""


class StoreError(PracticeError):
    """The database or a stored file cannot be read or written; nothing accepted before is lost."""
