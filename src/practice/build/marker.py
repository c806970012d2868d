"""The file by which a workspace is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MARKER", "Marker", "marker_bytes", "read_marker", "workspace_at"]

MARKER = ".practice.json"


@dataclass(frozen=True)
class Marker:
    """A workspace: whose it is and where.

    Parameters
    ----------
    slug, build : str
    directory : Path
    """

    slug: str
    build: str
    directory: Path


def marker_bytes(slug: str, build: str) -> bytes:
    r"""Return what the marker of a workspace holds.

    Examples
    --------
    >>> marker_bytes("toy", "toy-1")
    b'{"build": "toy-1", "slug": "toy"}\n'
    """
    return (json.dumps({"slug": slug, "build": build}, sort_keys=True) + "\n").encode()


def read_marker(directory: Path) -> Marker | None:
    """Return the marker of a folder itself; None where there is none that can be read."""
    try:
        said = json.loads((directory / MARKER).read_text(encoding="utf-8"))
        return Marker(str(said["slug"]), str(said["build"]), directory)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def workspace_at(path: Path) -> Marker | None:
    """Return the workspace that a path lies in.

    Parameters
    ----------
    path : Path
        A folder or a file.

    Returns
    -------
    Marker or None
        The nearest, looking upward.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = (Path(folder) / MARKER).write_bytes(marker_bytes("toy", "toy-1"))
    ...     workspace_at(Path(folder) / "data" / "train.csv").slug
    'toy'
    """
    here = path.absolute()
    for folder in (here, *here.parents):
        marker = read_marker(folder)
        if marker is not None:
            return marker
    return None
