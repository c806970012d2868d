"""A competition as data: ``competition.toml`` parsed and checked."""

from __future__ import annotations

from pathlib import Path

from practice.definition.parsing import read
from practice.definition.records import (
    Competition,
    DataSpec,
    Drop,
    MetricSpec,
    Rules,
    SplitSpec,
    SubmissionSpec,
)
from practice.errors import DefinitionError

__all__ = [
    "Competition",
    "DataSpec",
    "Drop",
    "MetricSpec",
    "Rules",
    "SplitSpec",
    "SubmissionSpec",
    "load",
    "parse",
]


def parse(text: str, slug: str, folder: Path) -> Competition:
    """Read the text of a ``competition.toml`` and check all it says.

    Parameters
    ----------
    text : str
        The file's text.
    slug : str
        The competition's name: lower-case letters, digits and hyphens.
    folder : Path
        Where the definition lives; ``prepare.py`` and a metric's ``file`` are looked for there.

    Returns
    -------
    Competition

    Raises
    ------
    DefinitionError
        At the first fault: naming the file, the key and what is allowed.

    Notes
    -----
    A deadline without a time zone is in UTC, and a date alone means the end of that day. Every key
    of ``[metric]`` but ``name``, ``file``, ``secondary`` and ``slices`` (and, beside a ``file``,
    ``greater_is_better``, ``takes`` and ``title``) is a parameter of the metric. Those of a file
    are held to the annotations of its ``score`` function; the file is not run.

    Examples
    --------
    >>> toy = parse(
    ...     '''
    ...     title = "Toy"
    ...     summary = "Tell one from zero."
    ...     task = "binary"
    ...     data = {source = "local", path = "toy.csv", target = "y", positive = "1"}
    ...     split = {kind = "stratified", test = 0.4}
    ...     metric = {name = "accuracy"}
    ...     ''',
    ...     slug="toy",
    ...     folder=Path("toy"),
    ... )
    >>> toy.data.target, toy.split.test, toy.rules.daily_limit
    (('y',), 0.4, 5)
    """
    return read(text, slug, folder)


def load(folder: Path) -> Competition:
    """Read a competition's folder; its name is the slug.

    Raises
    ------
    DefinitionError
        Where there is no readable ``competition.toml``, and as :func:`parse`.

    Examples
    --------
    >>> load(Path("nowhere"))
    Traceback (most recent call last):
    ...
    practice.errors.DefinitionError: nowhere/competition.toml: no such file
    """
    file = folder / "competition.toml"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DefinitionError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise DefinitionError(f"{file}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise DefinitionError(f"{file}: cannot be read: {error.strerror}") from None
    return parse(text, folder.absolute().name, folder)
