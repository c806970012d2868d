"""Faults looks_at into one problem per kind and column."""

from __future__ import annotations

from dataclasses import dataclass, field

from practice.scoring.records import Problem

__all__ = ["Faults", "shown"]

_CUT = 60  # characters of a cell that a message shows
_VALUES = 3


def shown(value: str) -> str:
    """Cut a cell to what a message shows of it.

    Examples
    --------
    >>> len(shown("x" * 100))
    60
    """
    return value if len(value) <= _CUT else value[: _CUT - 3] + "..."


@dataclass
class _Found:
    row: int | None
    hint: str
    count: int = 0
    values: list[str] = field(default_factory=list)


class Faults:
    """Counts faults, and remembers the first row, up to three values and a hint of each kind.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("not a number", column="y", row=2, value="x")
    >>> faults.add("not a number", column="y", row=5, value="z")
    >>> faults.problems()
    (Problem(row=2, column='y', value='x, z', message='not a number (2 rows)', hint=''),)
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str | None], _Found] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self,
        message: str,
        *,
        hint: str = "",
        column: str | None = None,
        row: int | None = None,
        value: str | None = None,
        count: int = 1,
    ) -> None:
        """Note a fault; the hint that counts is the first that is not empty.

        Parameters
        ----------
        message : str
            The kind of fault.
        hint : str
        column : str or None
        row : int or None
        value : str or None
        count : int
            Rows that have it.
        """
        found = self._found.setdefault((message, column), _Found(row, hint))
        found.count += count
        found.hint = found.hint or hint
        if value is not None and len(found.values) < _VALUES:
            text = shown(value)
            if text not in found.values:
                found.values.append(text)

    def problems(self) -> tuple[Problem, ...]:
        """Return one problem per kind and column, in the order in which they were met.

        Returns
        -------
        tuple of Problem
        """
        return tuple(
            Problem(
                found.row,
                column,
                ", ".join(found.values) if found.values else None,
                message + (f" ({found.count} rows)" if found.count > 1 else ""),
                found.hint,
            )
            for (message, column), found in self._found.items()
        )
