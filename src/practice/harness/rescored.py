"""What ``rescore`` changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from practice import board

__all__ = ["Rescored", "RescoredRow", "rows_of"]

Table = tuple[board.Standing, ...]


@dataclass(frozen=True)
class RescoredRow:
    """A row of the board before and after.

    Parameters
    ----------
    entrant : str
    kind : {"person", "reference"}
    submission : int
        The one shown afterwards.
    old, new : float or None
        The score that ranks: what was told of the public one, after the reveal the private one.
    old_rank, new_rank : int or None
    """

    entrant: str
    kind: Literal["person", "reference"]
    submission: int
    old: float | None
    new: float | None
    old_rank: int | None
    new_rank: int | None


@dataclass(frozen=True)
class Rescored:
    """Outcome of ``rescore``.

    Parameters
    ----------
    competition : str
    season : int
    done : bool
        False where every score was of this scorer and this metric already.
    revealed : bool
    old_metric, metric : str
        With their parameters.
    metric_changed, greater_is_better : bool
    old_scorers : tuple of int
        Versions of the scorer that the scores were of, ascending.
    scorer : int
        The version they are of now.
    submissions : int
        How many were scored anew.
    now_failed, now_scored : tuple of int
        Submissions that cannot be scored any more, and those that can be only now.
    rows : tuple of RescoredRow
        The board, in its new order.
    """

    competition: str
    season: int
    done: bool
    revealed: bool
    old_metric: str
    metric: str
    metric_changed: bool
    greater_is_better: bool
    old_scorers: tuple[int, ...]
    scorer: int
    submissions: int
    now_failed: tuple[int, ...]
    now_scored: tuple[int, ...]
    rows: tuple[RescoredRow, ...]


def _score(row: board.Standing | None, *, revealed: bool) -> float | None:
    if row is None or row.rank is None:
        return None
    return row.shown.private if revealed else row.shown.released


def rows_of(before: Table, after: Table, *, revealed: bool) -> tuple[RescoredRow, ...]:
    """Put the rows of a board beside what they were.

    Parameters
    ----------
    before, after : tuple of Standing
    revealed : bool
        True where the private score ranks.

    Returns
    -------
    tuple of RescoredRow
        In the order of ``after``.
    """
    was = {row.entrant: row for row in before}
    return tuple(
        RescoredRow(
            entrant=row.entrant,
            kind=row.shown.kind,
            submission=row.shown.id,
            old=_score(was.get(row.entrant), revealed=revealed),
            new=_score(row, revealed=revealed),
            old_rank=was[row.entrant].rank if row.entrant in was else None,
            new_rank=row.rank,
        )
        for row in after
    )
