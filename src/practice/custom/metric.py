"""A metric in a file: the copy that a season keeps, and what went wrong with it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice.build.write import private_folder, put, writing
from practice.errors import BuildError

if TYPE_CHECKING:
    from practice.definition.records import MetricSpec, MetricTakes

__all__ = ["REPORTS", "FileMetric", "keep", "keep_report", "load"]

_COPIES = "metrics"
REPORTS = "metric-errors"


@dataclass(frozen=True)
class FileMetric:
    """A metric file with its parameters bound.

    Parameters
    ----------
    name : str
        What people call it.
    file : str
        What tracebacks call it.
    source : bytes
        Its text.
    greater_is_better : bool
    takes : {"label", "number", "probability", "labels", "text"} or None
        What a cell of a prediction is; None: what the targets are.
    parameters : dict of str to object
        Keywords of its ``score`` function.
    slices : tuple of str
        Further columns of the solution that it gets.
    per_class : bool
        Always False: ``[submission] columns`` says what the columns are.
    outputs : tuple of str
        Always empty, likewise.
    """

    name: str
    file: str
    source: bytes
    greater_is_better: bool
    takes: MetricTakes | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    per_class: bool = False
    outputs: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: MetricSpec, source: bytes) -> FileMetric:
        """Bind a file to what a definition says of it.

        Examples
        --------
        >>> from practice.definition import MetricSpec
        >>> spec = MetricSpec(None, "metric.py", greater_is_better=False, title="Weighted error")
        >>> FileMetric.of(spec, b"def score(): ...").name
        'Weighted error'
        """
        assert spec.file is not None
        return cls(
            name=spec.title or spec.file,
            file=Path(spec.file).name,
            source=source,
            greater_is_better=spec.greater_is_better is True,
            takes=spec.takes,
            parameters=spec.parameters,
            slices=spec.slices,
        )


def keep(spec: MetricSpec, definition: Path, vault: Path) -> None:
    """Copy a metric file to the answers, so that no later edit changes what scores.

    Parameters
    ----------
    spec : MetricSpec
        One with a ``file``.
    definition : Path
        The competition's folder.
    vault : Path
        ``vault/<build>``.

    Raises
    ------
    BuildError
        The file is not the one that the definition was read with, or the disk does not take it.
    """
    assert spec.file is not None
    try:
        source = (definition / spec.file).read_bytes()
    except OSError as error:
        raise BuildError(f"{definition / spec.file} cannot be read: {error.strerror}") from None
    if hashlib.sha256(source).hexdigest() != spec.sha256:
        raise BuildError(f"{definition / spec.file} was changed just now", "the same command again")
    copy = _copy(spec, vault)
    if _read(copy) == source:
        return
    with writing(copy.parent):
        private_folder(copy.parent)
        put(copy, source)


def load(spec: MetricSpec, vault: Path) -> FileMetric:
    """Return the metric of a season from the copy beside the answers.

    Parameters
    ----------
    spec : MetricSpec
        As the season keeps it.
    vault : Path
        ``vault/<build>``.

    Returns
    -------
    FileMetric

    Raises
    ------
    BuildError
        The copy is gone or is not the file that the season was opened with.
    """
    source = _read(_copy(spec, vault))
    if source is None or hashlib.sha256(source).hexdigest() != spec.sha256:
        what = "is gone" if source is None else "changed since the season was opened"
        slug = vault.name.rpartition("-")[0]
        raise BuildError(
            f"{spec.file} {what}: the copy in {vault / _COPIES}",
            f"practice start {slug} puts it back",
        )
    return FileMetric.of(spec, source)


def _copy(spec: MetricSpec, vault: Path) -> Path:
    return vault / _COPIES / f"{spec.sha256}.py"


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def keep_report(vault: Path, moment: datetime, text: str) -> Path:
    """Keep what went wrong in a metric file, for the host.

    It may hold answers, so it lies beside them, for the owner alone.

    Parameters
    ----------
    vault : Path
        ``vault/<build>``.
    moment : datetime
        When the submission came, aware; the file is named by it.
    text : str

    Returns
    -------
    Path

    Raises
    ------
    BuildError
        The disk does not take it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as vault:
    ...     keep_report(Path(vault), datetime(2026, 5, 1, 12, tzinfo=UTC), "Traceback ...").name
    '2026-05-01T12-00-00.000000Z.txt'
    """
    folder = vault / REPORTS
    name = f"{moment.astimezone(UTC):%Y-%m-%dT%H-%M-%S.%fZ}"
    with writing(folder):
        private_folder(folder)
        for number in range(1, 10_000):  # two submissions may come in the same microsecond
            path = folder / f"{name}{f'-{number}' if number > 1 else ''}.txt"
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
            return path
    raise BuildError(f"{folder} holds too many reports of {name}", "remove old ones")
