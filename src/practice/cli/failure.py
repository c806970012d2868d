"""How a command that failed says so: one or two lines, never a traceback."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from practice.errors import PracticeError

__all__ = ["Interrupted", "describe", "report"]

# The base of everything that the parser of the command line complains with, in every typer.
_ParserError: Any = typer.BadParameter.__mro__[2]
_PACKAGE = Path(__file__).resolve().parents[1]


class Interrupted(PracticeError):  # noqa: N818 (an exit, not an error)
    """Ctrl-C."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("interrupted; what was reported as done is kept", "the same command again")


def describe(error: Exception) -> tuple[str, str, int]:
    """Put an error into words.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    message, hint : str
        Never the text of an unexpected error: it may hold answers of hidden rows.
    code : int
        Exit code.

    Examples
    --------
    >>> describe(PracticeError("no competition 'titanik'", "practice list"))
    ("no competition 'titanik'", 'practice list', 1)
    """
    if isinstance(error, PracticeError):
        return error.message, error.hint, error.exit_code
    if isinstance(error, _ParserError):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "practice"
        return error.format_message(), f"{path} --help", error.exit_code
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename is not None else ""
        return f"{error.strerror}{where}", "practice doctor", 1
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    last = (own or frames)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    message = f"this is a bug in practice: {type(error).__name__} at {where}"
    return message, "PRACTICE_DEBUG=1 before the command shows the whole traceback", 1


def report(error: Exception, *, as_json: bool, **fields: Any) -> int:
    """Print an error where the user looks for it and return the exit code.

    Parameters
    ----------
    error : Exception
    as_json : bool
        One JSON object on stdout with ``error`` and ``hint``; else two lines on stderr.
    **fields : Any
        Further keys of the JSON object, before ``error``.

    Returns
    -------
    int
    """
    message, hint, code = describe(error)
    expected = isinstance(error, (PracticeError, OSError, _ParserError))
    if os.environ.get("PRACTICE_DEBUG") and not expected:
        traceback.print_exception(error)
    problems = getattr(error, "problems", ())  # a file that is refused has all its faults
    if as_json:
        from practice.cli.output import print_json

        found = {"problems": problems} if problems else {}
        with suppress(OSError):  # stdout itself may be what failed: then say it on stderr
            print_json({**fields, **found, "error": message, "hint": hint})
            return code
    from practice.cli.output import clean, stderr

    screen = stderr()
    if problems:
        from practice.cli.problems import print_problems

        file = getattr(error, "file", "")
        print_problems(screen, f"error: {file} is refused" if file else "error: refused", problems)
        return code
    screen.print(f"error: {clean(message)}", "fail")
    if hint:
        screen.print(f"try: {clean(hint)}")
    return code
