"""Where definitions are found: the folders of the settings, first match wins."""

from __future__ import annotations

from pathlib import Path

from practice.definition import Competition
from practice.definition import load as load_folder
from practice.definition.table import close
from practice.errors import NotFoundError
from practice.settings import Settings

__all__ = ["folders", "load", "names"]


def folders(settings: Settings) -> dict[str, Path]:
    """Return the folder of every competition, by name in alphabetical order.

    A folder counts where it holds a ``competition.toml``, whether that can be read or not, so that
    one broken definition does not hide the others.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    dict of str to Path

    Examples
    --------
    >>> from practice import settings
    >>> folders(settings.load())["titanic"].name
    'titanic'
    """
    found: dict[str, Path] = {}
    for parent in settings.competitions:
        if parent.is_dir():
            for folder in parent.iterdir():
                if (folder / "competition.toml").is_file():
                    found.setdefault(folder.name, folder)
    return dict(sorted(found.items()))


def names(settings: Settings) -> tuple[str, ...]:
    """Return the names of all competitions, sorted.

    Examples
    --------
    >>> from practice import settings
    >>> "breast-cancer" in names(settings.load())
    True
    """
    return tuple(folders(settings))


def load(slug: str, settings: Settings) -> Competition:
    """Read a competition's definition.

    Parameters
    ----------
    slug : str
        As :func:`names` gives it.
    settings : Settings

    Returns
    -------
    Competition

    Raises
    ------
    NotFoundError
        No folder of that name holds a ``competition.toml``.
    DefinitionError
        There is one, and it says something it may not say.

    Examples
    --------
    >>> from practice import settings
    >>> load("titanik", settings.load())
    Traceback (most recent call last):
    ...
    practice.errors.NotFoundError: no competition 'titanik'; did you mean 'titanic'?
    """
    known = folders(settings)
    if slug not in known:
        raise NotFoundError(f"no competition {slug!r}{close(slug, known)}", hint="practice list")
    return load_folder(known[slug])
