"""The header of a submission against the columns that are due."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from practice.scoring._faults import shown
from practice.scoring.records import Problem

__all__ = ["Header", "match_header"]

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_INDEX = ("", "Unnamed: 0", "__index_level_0__")  # how pandas writes and reads its index
_LISTED = 10  # columns that a hint names
_COMPARED = 10_000  # pairs of names beyond which no renaming is looked for


@dataclass(frozen=True)
class Header:
    """Where the columns that are due stand.

    Parameters
    ----------
    positions : dict of str to int
        Cell by name; a renamed column under the name that is due, a missing one left out.
    problems : tuple of Problem
    whole : bool
        True where one problem says that the file is no csv with commas at all.
    """

    positions: dict[str, int]
    problems: tuple[Problem, ...]
    whole: bool = False


def match_header(cells: Sequence[str], due: Sequence[str], others: bool = False) -> Header:
    """Find the columns that are due in a header.

    Parameters
    ----------
    cells : sequence of str
        The header as the file writes it.
    due : sequence of str
        Id columns, then prediction columns.
    others : bool
        True where further columns do not matter.

    Returns
    -------
    Header

    Examples
    --------
    >>> match_header(["y", "id"], ["id", "y"]).positions
    {'id': 1, 'y': 0}
    >>> match_header(["ID", "y"], ["id", "y"]).problems[0].hint
    "rename 'ID' to 'id'"
    """
    whole = _not_a_header(cells, due)
    if whole:
        return Header({}, (whole,), whole=True)
    positions = {name: cells.index(name) for name in due if name in cells}
    extra = [name for name in dict.fromkeys(cells) if name not in positions]
    problems = [
        Problem(None, name, None, f"column {shown(name)!r} occurs {count} times", "keep one")
        for name, count in Counter(cells).items()
        if count > 1 and (name in positions or not others)
    ]
    missing = [name for name in due if name not in positions]
    renamed = _renamed(missing, extra)
    positions |= {name: cells.index(near) for name, near in renamed.items()}
    problems += _many([_missing(name, renamed.get(name), due) for name in missing], "are missing")
    if not others:
        unexpected = [name for name in extra if name not in renamed.values()]
        problems += _many([_unexpected(name, due) for name in unexpected], "are not expected")
    return Header(positions, tuple(problems))


def _not_a_header(cells: Sequence[str], due: Sequence[str]) -> Problem | None:
    """Recognise a file that is no csv with a header, so that one problem says it all."""
    if set(cells) & set(due):
        return None
    line = ",".join(cells)
    for separator, words in _SEPARATORS.items():
        parts = {part.strip().strip('"') for part in line.split(separator)}
        if separator in line and parts & set(due):
            message = f"cells are separated by {words}, not commas"
            hint = "separate them by commas and write numbers with a point: to_csv(sep=',')"
            return Problem(None, None, shown(line), message, hint)
    start = line.lstrip().lower()
    for mark, words in (("{", "JSON"), ("[", "JSON"), ("<", "HTML or XML")):
        if start.startswith(mark):
            return Problem(None, None, shown(line), f"the file looks like {words}", "submit csv")
    return None


def _renamed(missing: Sequence[str], extra: Sequence[str]) -> dict[str, str]:
    """Return what was probably meant by which missing column: other case, a slip of the pen."""
    if len(missing) * len(extra) > _COMPARED:
        return {}

    def plain(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    left = {plain(name): name for name in reversed(extra) if plain(name)}
    found = {name: left.pop(plain(name)) for name in missing if plain(name) in left}
    for name in missing:
        if name not in found:
            for near in difflib.get_close_matches(plain(name), list(left), n=1, cutoff=0.75):
                found[name] = left.pop(near)
    return found


def _missing(name: str, near: str | None, due: Sequence[str]) -> Problem:
    if near is None:
        hint = f"columns due: {_listing(due)}"
    else:
        hint = f"rename {shown(near)!r} to {name!r}"
    return Problem(None, name, None, f"column {name!r} is missing", hint)


def _unexpected(name: str, due: Sequence[str]) -> Problem:
    hint = f"columns due: {_listing(due)}"
    if name in _INDEX:
        hint = "leave the index out: to_csv(..., index=False)"
    elif name.strip(' \t"').replace("-", "").replace(".", "").isdigit():
        hint = f"the first line must be the header: {_listing(due)}"
    return Problem(None, name, None, f"column {shown(name)!r} is not expected", hint)


def _listing(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _many(problems: list[Problem], what: str) -> list[Problem]:
    """Put a long row of like problems into one."""
    if len(problems) <= _LISTED:
        return problems
    names = [shown(problem.column or "") for problem in problems[:3]]
    message = f"{len(problems)} columns {what}"
    return [Problem(None, None, ", ".join(names), message, problems[0].hint)]
