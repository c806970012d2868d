"""Which competition a command is about: the one that is named, else that of the workspace."""

from __future__ import annotations

from pathlib import Path

from practice.build import workspace_at
from practice.errors import UsageError
from practice.settings import Settings

__all__ = ["other_build", "slug_for", "workspace_for"]


def slug_for(settings: Settings, given: str | None, file: Path | None = None) -> str:
    """Return the competition a command is about.

    Parameters
    ----------
    settings : Settings
    given : str or None
        What the command line says.
    file : Path or None
        A submission file: the workspace it lies in counts before the current folder's.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        Where nothing says it; the message lists the competitions that are started.
    """
    if given is not None:
        return given
    for folder in (file.absolute().parent if file else None, Path.cwd()):
        marker = workspace_at(folder) if folder and folder.is_dir() else None
        if marker:
            return marker.slug
    from practice import harness

    started = [row.competition for row in harness.listed(settings) if row.started]
    if not started:
        raise UsageError("no competition is named, and none is started", "practice list")
    message = f"no competition is named, and this is no workspace; started: {', '.join(started)}"
    raise UsageError(message, f"name it, such as {started[0]}, or go to its workspace")


def workspace_for(slug: str, directory: Path | None = None) -> Path | None:
    """Return where a competition's workspace is to be written.

    Parameters
    ----------
    slug : str
    directory : Path or None
        What the command line says.

    Returns
    -------
    Path or None
        Inside the workspace of that competition: the workspace itself, so that none is written
        into the other. None: ``./<slug>``.
    """
    if directory is not None:
        return directory
    marker = workspace_at(Path.cwd())
    return marker.directory if marker and marker.slug == slug else None


def other_build(settings: Settings, slug: str, file: Path) -> str | None:
    """Say that a file comes from a workspace whose rows are not those of the present board.

    Parameters
    ----------
    settings : Settings
    slug : str
        A competition that was started.
    file : Path
        A submission that was refused.

    Returns
    -------
    str or None
        None where the workspace is of the board's build, or the file in no workspace.
    """
    from practice.api.opened import data_folder

    marker = workspace_at(file.absolute().parent)
    if marker is None or marker.slug != slug:
        return None
    build = data_folder(slug, settings).name
    if marker.build == build:
        return None
    return (
        f"{marker.directory} holds the rows of build {marker.build}, the board those of {build}: "
        f"practice start {slug} DIR writes a workspace for it"
    )
