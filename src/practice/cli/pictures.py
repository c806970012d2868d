"""Options of the verbs that draw, and what they do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.charts import Chart, Figure
    from practice.cli.output import Screen

__all__ = ["Html", "Png", "Svg", "draw", "save", "until_told", "wanted"]

Png = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as PNG (extra charts).")]
Svg = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it as SVG (extra charts).")]
Html = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Draw it as a page that needs no network (extra charts)."),
]


def wanted(**files: Path | None) -> tuple[Path, ...]:
    """Check where pictures are to go, before anything long begins.

    Parameters
    ----------
    **files : Path or None
        By the kind: ``png``, ``svg``, ``html``.

    Returns
    -------
    tuple of Path

    Raises
    ------
    UsageError
        A name does not end like its kind, its folder is not there, or the extra ``charts`` is not
        installed.

    Examples
    --------
    >>> wanted(png=None, svg=None)
    ()
    """
    given = {kind: path for kind, path in files.items() if path is not None}
    for kind, path in given.items():
        if path.suffix.lower() != f".{kind}":
            raise UsageError(f"--{kind} {path} does not end with .{kind}", f"--{kind} NAME.{kind}")
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}", f"mkdir -p {path.parent}")
    if given:
        from practice.charts import available

        available()
    return tuple(given.values())


def save(shown: Chart | Figure, files: tuple[Path, ...]) -> None:
    """Write a picture to each of the files :func:`wanted` returned, and say so on stderr."""
    from practice import charts

    for path in files:
        charts.save(shown, path)
        output.say(f"wrote {path}")


def draw(screen: Screen, shown: Chart | Figure, height: int = 10) -> None:
    """Draw a small picture in the terminal, at most 100 columns wide."""
    from practice import charts

    screen.print(charts.text(shown, min(screen.width, 100), height, unicode=screen.unicode))


def until_told(competition: str, feedback: str, revealed: bool, more: str = "") -> str:
    """Say what gives a picture scores to draw.

    Parameters
    ----------
    competition : str
    feedback : str
        Under ``blind`` no submission helps.
    revealed : bool
    more : str
        Options of ``practice submit``, with a space behind.

    Returns
    -------
    str
        A hint.

    Examples
    --------
    >>> until_told("titanic", "full", False), until_told("titanic", "blind", False)
    ('practice submit FILE -c titanic', 'practice reveal titanic ends the season and tells them')
    """
    if feedback == "blind" and not revealed:
        return f"practice reveal {competition} ends the season and tells them"
    return f"practice submit FILE {more}-c {competition}"
