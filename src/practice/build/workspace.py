"""The folder in which a participant works."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from practice.build import starter
from practice.build.builder import locked
from practice.build.marker import MARKER, marker_bytes, read_marker
from practice.build.readme import ColumnFacts, column_facts, readme
from practice.build.vault import PUBLIC_FILES, VaultInfo
from practice.build.write import clear, copy, put, writing
from practice.definition import Competition
from practice.errors import BuildError
from practice.settings import Settings

__all__ = ["write_workspace"]

_PUBLIC = 0o666  # a participant's own files: the umask decides


def write_workspace(
    info: VaultInfo, competition: Competition, directory: Path, settings: Settings
) -> bool:
    """Write a workspace, or complete the one that is there.

    Parameters
    ----------
    info : VaultInfo
        The build whose files it gets.
    competition : Competition
    directory : Path
        A folder that does not exist, is empty, or is a workspace of this build.
    settings : Settings

    Returns
    -------
    bool
        False where the workspace was there: files that were deleted are written again, those
        that the participant changed stay.

    Raises
    ------
    BuildError
        The folder holds other things or another build's workspace, the build's files are gone,
        or the disk does not take them.

    Notes
    -----
    A new folder is filled beside its place and then renamed. In one that exists the marker is
    written first, so that a run that was killed can be taken up again.
    """
    directory = directory.absolute()
    with writing(directory), locked(settings, info.slug):
        there = _is_there(directory, info)
        contents = _contents(info, competition, settings.data / info.build)
        if directory.exists():
            _fill(directory, contents)
            return not there
        directory.parent.mkdir(parents=True, exist_ok=True)
        aside = directory.with_name(f".{directory.name}.practice-tmp")
        clear(aside)
        try:
            aside.mkdir()
            _fill(aside, contents)
            aside.replace(directory)
        except BaseException:
            with suppress(OSError):  # the first fault is the one to tell
                clear(aside)
            raise
    return True


def _is_there(directory: Path, info: VaultInfo) -> bool:
    """Say whether the folder is this build's workspace; refuse one that is something else."""
    other = f"practice start {info.slug} OTHER_FOLDER"
    if not directory.exists():
        return False
    if not directory.is_dir():
        raise BuildError(f"{directory} is a file", other)
    marker = read_marker(directory)
    if marker is None:
        begun = f".{MARKER}.tmp"  # all that a run killed at once can have left
        if any(each.name != begun for each in directory.iterdir()):
            raise BuildError(f"{directory} is not empty, and no workspace of practice", other)
        return False
    if marker.build != info.build:
        raise BuildError(
            f"{directory} is a workspace of {marker.slug} (build {marker.build}), "
            f"not of build {info.build}",
            other,
        )
    return True


def _contents(info: VaultInfo, competition: Competition, data: Path) -> dict[str, bytes | Path]:
    """Return what a workspace holds, the marker first: text, or the file to copy."""
    missing = [name for name in PUBLIC_FILES if not (data / name).is_file()]
    if missing:
        raise BuildError(
            f"{data} lacks {', '.join(missing)}",
            f"practice start {info.slug} builds it again",
        )
    facts = column_facts(data / "train.csv", competition.data.na)
    text, when = _text_column(competition, info, facts), _date_column(competition, info, facts)
    cells = starter.cells(competition, info, text, when)
    contents: dict[str, bytes | Path] = {MARKER: marker_bytes(info.slug, info.build)}
    contents |= {f"data/{name}": data / name for name in PUBLIC_FILES}
    contents["README.md"] = readme(competition, info, facts).encode()
    contents["starter.py"] = starter.script(cells).encode()
    contents["starter.ipynb"] = starter.notebook(cells).encode()
    return contents


def _text_column(
    competition: Competition, info: VaultInfo, facts: Sequence[ColumnFacts]
) -> str | None:
    """Return the wordiest column, where a skill such as "text classification" asks for one."""
    if not any(skill.split()[:1] == ["text"] for skill in competition.skills):
        return None
    taken = {info.id, *(target.name for target in info.targets)}
    given = [each for each in facts if each.name not in taken and each.kind != "numbers"]
    return max(given, key=lambda each: each.words).name if given else None


def _date_column(
    competition: Competition, info: VaultInfo, facts: Sequence[ColumnFacts]
) -> str | None:
    """Return the column by which rows are split, where participants have it and it holds dates."""
    dates = {each.name for each in facts if each.kind != "numbers"}
    return (
        competition.data.time if info.split == "time" and competition.data.time in dates else None
    )


def _fill(folder: Path, contents: dict[str, bytes | Path]) -> None:
    """Write what is missing."""
    for name, content in contents.items():
        path = folder / name
        if path.exists():
            continue
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, Path):
            copy(content, path, _PUBLIC)
        else:
            put(path, content, _PUBLIC)
