"""Under which name one acts: given, else kept in the profile, else the login name."""

from __future__ import annotations

import getpass
import json
import unicodedata
from pathlib import Path

from practice.errors import PracticeError, UsageError
from practice.settings import Settings

__all__ = ["entrant", "keep", "kept", "login", "valid"]

LONGEST = 40


def valid(name: str) -> str:
    """Check an entrant's name.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Without space around it, in Unicode's composed form.

    Raises
    ------
    UsageError
        Where it is empty, longer than 40 characters, not printable, or holds a colon.

    Examples
    --------
    >>> valid(" Ada Lovelace ")
    'Ada Lovelace'
    >>> valid("baseline:mine")
    Traceback (most recent call last):
    ...
    practice.errors.UsageError: no entrant may be called 'baseline:mine': names with a colon ...
    """
    name = unicodedata.normalize("NFC", name.strip())
    hint = "a name of 1 to 40 printable characters without a colon, such as --as ada"
    if not name:
        raise UsageError("an entrant's name may not be empty", hint)
    if len(name) > LONGEST:
        raise UsageError(f"an entrant's name may have {LONGEST} characters, not {len(name)}", hint)
    if not name.isprintable():
        raise UsageError("an entrant's name may hold printable characters only", hint)
    if ":" in name:
        reason = "names with a colon are kept for reference entries"
        raise UsageError(f"no entrant may be called {name!r}: {reason}", hint)
    return name


def login() -> str:
    """Return the login name of this process, or "me" where the system knows none.

    Examples
    --------
    >>> bool(login())
    True
    """
    try:
        return valid(getpass.getuser())
    except (OSError, KeyError, ImportError, PracticeError):
        return "me"


def entrant(settings: Settings, given: str | None) -> str:
    """Return the name under which one acts.

    Parameters
    ----------
    settings : Settings
    given : str or None

    Returns
    -------
    str
        ``given``, else the name kept in ``profile.json``, else the login name.

    Raises
    ------
    UsageError
        From :func:`valid`.
    PracticeError
        The profile cannot be read.
    """
    if given is not None:
        return valid(given)
    return kept(settings) or login()


def kept(settings: Settings) -> str | None:
    """Return the name kept in the profile, None where none is.

    Raises
    ------
    PracticeError
        The file does not hold a name.
    """
    profile = _profile(settings)
    try:
        return valid(json.loads(profile.read_text(encoding="utf-8"))["name"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        message = f"{profile} does not hold a name as it should"
        raise PracticeError(message, f"delete {profile}, or use --as NAME") from error


def keep(settings: Settings, name: str) -> None:
    """Write a name into the profile."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _profile(settings).write_text(json.dumps({"name": name}) + "\n", encoding="utf-8")


def _profile(settings: Settings) -> Path:
    return settings.home / "profile.json"
