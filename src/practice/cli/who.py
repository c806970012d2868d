"""Who is at the keyboard: asked once, on a terminal only."""

from __future__ import annotations

import sys

from practice.api import names
from practice.errors import UsageError
from practice.settings import Settings

__all__ = ["entrant"]


def entrant(settings: Settings, given: str | None, *, ask: bool = False) -> str:
    """Return the name under which a command acts.

    Parameters
    ----------
    settings : Settings
    given : str or None
        What ``--as`` says.
    ask : bool
        Ask where no name is kept yet and a person sits at the terminal; the answer is kept.

    Returns
    -------
    str
        ``given``, else the name kept, else the answer, else the login name.

    Raises
    ------
    UsageError
        No entrant may have that name.
    PracticeError
        The profile cannot be read.
    """
    unknown = given is None and names.kept(settings) is None
    if ask and unknown and sys.stdin.isatty() and sys.stdout.isatty():
        return _asked(settings)
    return names.entrant(settings, given)


def _asked(settings: Settings) -> str:
    """Ask until the answer is a name; an empty one takes the login name."""
    while True:
        sys.stderr.write(f"Your name on the boards [{names.login()}]: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            return names.login()
        try:
            name = names.valid(answer.strip() or names.login())
        except UsageError as error:
            sys.stderr.write(f"{error.message}\n")
            continue
        names.keep(settings, name)
        return name
