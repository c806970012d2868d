"""Reference entries: stored predictions of known solutions, the opponents on a board."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice.errors import DefinitionError
from practice.settings import Settings

__all__ = ["ReferenceEntry", "entries"]

_REBUILD = "python -m practice.tuning.references"


@dataclass(frozen=True)
class ReferenceEntry:
    """One reference entry: ``leaderboard/<slug>/<entry>.toml`` and ``<entry>.csv.gz``.

    Parameters
    ----------
    entrant : str
        ``baseline:NAME`` or ``tuned:NAME``.
    message : str
        What it is, in one line.
    params : dict
        Parameters of the solution.
    file : Path
        The predictions, laid out as a submission.
    sha256 : str
        Of that file's bytes.
    build : str
        The build whose hidden rows were predicted.
    solution : str
    seed : int
    seconds : float
        Wall time of tuning, cross-validation and final fit.
    cv_mean, cv_spread : float
        Mean and standard deviation of the metric over folds.
    fold_scores : tuple of float
    versions : dict of str to str
        Of Python and the libraries that made it.
    """

    entrant: str
    message: str
    params: dict[str, Any]
    file: Path
    sha256: str
    build: str
    solution: str
    seed: int
    seconds: float
    cv_mean: float
    cv_spread: float
    fold_scores: tuple[float, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)


def entries(slug: str, settings: Settings, build: str | None = None) -> tuple[ReferenceEntry, ...]:
    """Read the reference entries of a competition, in the order of their names.

    Parameters
    ----------
    slug : str
    settings : Settings
    build : str, optional
        Leave out entries that were made for another build: their ids are not those of its rows.

    Returns
    -------
    tuple of ReferenceEntry
        Empty where the competition has none.

    Raises
    ------
    DefinitionError
        A description cannot be read, or its predictions are missing or not those it was made with.

    Examples
    --------
    >>> from practice import settings
    >>> entries("no-such-competition", settings.load())
    ()
    """
    folder = settings.references / slug
    if not folder.is_dir():
        return ()
    found = (_read(path) for path in sorted(folder.glob("*.toml")))
    return tuple(entry for entry in found if build is None or entry.build == build)


def _read(path: Path) -> ReferenceEntry:
    """Read one description and verify its predictions."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        file = path.with_suffix(".csv.gz")
        entry = ReferenceEntry(
            entrant=str(raw["entrant"]),
            message=str(raw["message"]),
            params=dict(raw["params"]),
            file=file,
            sha256=str(raw["sha256"]),
            build=str(raw["build"]),
            solution=str(raw["solution"]),
            seed=int(raw["seed"]),
            seconds=float(raw["seconds"]),
            cv_mean=float(raw["cv"]["mean"]),
            cv_spread=float(raw["cv"]["spread"]),
            fold_scores=tuple(float(score) for score in raw["cv"]["folds"]),
            versions={str(name): str(version) for name, version in raw["versions"].items()},
        )
        content = file.read_bytes()
    except KeyError as error:
        raise DefinitionError(f"{path}: lacks the key {error}", _REBUILD) from None
    except (OSError, UnicodeDecodeError, ValueError, TypeError, AttributeError) as error:
        raise DefinitionError(f"{path}: cannot be read: {error}", _REBUILD) from None
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise DefinitionError(
            f"{file}: not the predictions that {path.name} describes (sha256 differs)", _REBUILD
        )
    return entry
