"""What both passes over a file look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from practice.scoring.labels import LabelCoder
from practice.scoring.records import Column, Layout

__all__ = ["Wanted"]


@dataclass(frozen=True)
class Wanted:
    """The columns to read from a file.

    Parameters
    ----------
    id_columns : tuple of str
    columns : tuple of Column
    coders : tuple of LabelCoder or None
        One for each column, None where it holds no labels.
    others : bool
        True where further columns do not matter.
    strangers : bool
        True where rows of ids that the answers do not have are left out.

    Examples
    --------
    >>> Wanted.of(Layout(("id",), (Column("y", "label", ("0", "1")),))).coders[0].labels
    ['0', '1']
    """

    id_columns: tuple[str, ...]
    columns: tuple[Column, ...]
    coders: tuple[LabelCoder | None, ...]
    others: bool = False
    strangers: bool = False

    @classmethod
    def of(cls, layout: Layout, others: bool = False) -> Wanted:
        """Look for the columns of a layout.

        Parameters
        ----------
        layout : Layout
        others : bool

        Returns
        -------
        Wanted
        """
        coders = tuple(LabelCoder(c.labels) if c.kind == "label" else None for c in layout.columns)
        return cls(layout.id_columns, layout.columns, coders, others, layout.strangers)

    @classmethod
    def of_kind(
        cls,
        id_columns: tuple[str, ...],
        names: tuple[str, ...],
        kind: Literal["number", "label", "text"],
        coder: LabelCoder | None = None,
    ) -> Wanted:
        """Look for columns of one kind in a file of answers, where cells may be missing.

        Parameters
        ----------
        id_columns, names : tuple of str
        kind : {"number", "label", "text"}
        coder : LabelCoder or None
            What learns the labels of all columns.

        Returns
        -------
        Wanted
        """
        columns = tuple(Column(name, kind, missing=True) for name in names)
        return cls(id_columns, columns, (coder,) * len(names), others=True)

    @property
    def due(self) -> tuple[str, ...]:
        """Names of all columns, those of the id first."""
        return (*self.id_columns, *(column.name for column in self.columns))
