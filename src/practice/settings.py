"""Where things live, read from the environment once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

__all__ = ["Settings", "from_environment", "load"]

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """Where a run of ``practice`` reads and writes.

    Parameters
    ----------
    home : Path
        Everything that is kept: database, submissions, vault, cache (``PRACTICE_HOME``).
    database_url : str
        SQLAlchemy address of the database (``PRACTICE_DATABASE_URL``; default: SQLite in ``home``).
    mirror : str or None
        Folder or base address asked first for every raw file (``PRACTICE_MIRROR``).
    competitions : tuple of Path
        Folders of definitions, first match wins (``PRACTICE_COMPETITIONS``, then our own).
    references : Path
        Folder of reference entries, ``<slug>/<entry>.toml`` and ``.csv.gz``.
    """

    home: Path
    database_url: str
    mirror: str | None
    competitions: tuple[Path, ...]
    references: Path

    @property
    def cache(self) -> Path:
        """Raw downloads, by sha256."""
        return self.home / "cache"

    @property
    def vault(self) -> Path:
        """Answers and secret keys, a folder per build."""
        return self.home / "vault"

    @property
    def data(self) -> Path:
        """What participants may read, a folder per build."""
        return self.home / "data"

    @property
    def blobs(self) -> Path:
        """Submission files as they came, by sha256."""
        return self.home / "blobs"

    @property
    def runs(self) -> Path:
        """Records of tuning, a folder per run."""
        return self.home / "runs"

    @property
    def arena(self) -> Path:
        """Where comparisons of tuning strategies keep their records."""
        return self.home / "arena"


def _shipped(name: str) -> Path:
    """Return a folder of the checkout where there is one, else the wheel's copy."""
    checkout = _PACKAGE.parents[1]
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    return _PACKAGE / "_data" / name


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Parameters
    ----------
    environ : mapping of str to str
        Usually ``os.environ``.

    Returns
    -------
    Settings

    Examples
    --------
    >>> settings = from_environment({"PRACTICE_HOME": "/data/practice"})
    >>> settings.database_url
    'sqlite:////data/practice/practice.db'
    """
    given = environ.get("PRACTICE_HOME")
    home = (
        Path(given).expanduser().absolute()
        if given
        else Path(platformdirs.user_data_dir("practice", appauthor=False))
    )
    extra = [
        Path(p).expanduser()
        for p in environ.get("PRACTICE_COMPETITIONS", "").split(os.pathsep)
        if p
    ]
    return Settings(
        home=home,
        database_url=environ.get("PRACTICE_DATABASE_URL") or f"sqlite:///{home / 'practice.db'}",
        mirror=environ.get("PRACTICE_MIRROR") or None,
        competitions=(*extra, _shipped("competitions")),
        references=_shipped("leaderboard"),
    )


@cache
def load() -> Settings:
    """Return the settings of this process; the environment is read at the first call.

    Examples
    --------
    >>> load() is load()
    True
    """
    return from_environment(os.environ)
