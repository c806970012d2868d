"""Who stands where: one row per entrant, ranked at full precision of what was released.

Scores that are equal up to rounding are equal: the earlier submission stands first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from practice.board.ties import levels

__all__ = ["Row", "Standing", "finals", "public_board", "revealed_board"]


class Row(Protocol):
    """What ranking reads of a submission."""

    @property
    def id(self) -> int:
        """Number of the submission; a later one is greater."""

    @property
    def entrant(self) -> str:
        """Whose it is."""

    @property
    def kind(self) -> Literal["person", "reference"]:
        """Whether the entrant is a person or a reference entry."""

    @property
    def status(self) -> Literal["scored", "refused", "failed"]:
        """What became of it."""

    @property
    def error(self) -> str | None:
        """Why it was refused or failed."""

    @property
    def submitted_at(self) -> datetime:
        """When it was accepted."""

    @property
    def late(self) -> bool:
        """True where it came after the reveal."""

    @property
    def withdrawn_at(self) -> datetime | None:
        """When its entrant took it back."""

    @property
    def released(self) -> float | None:
        """The public score as the feedback policy released it."""

    @property
    def private(self) -> float | None:
        """The private score; read after the reveal only."""


@dataclass(frozen=True)
class Standing:
    """A row of a board.

    Parameters
    ----------
    rank : int or None
        None below the line.
    entrant : str
    shown : Row
        The submission that speaks for the entrant.
    submissions : int
        Scored submissions of the entrant that count (not withdrawn, not late).
    public_rank : int or None
        The place on the public board, on a revealed board.
    note : str
        Why there is no rank.
    """

    rank: int | None
    entrant: str
    shown: Row
    submissions: int
    public_rank: int | None = None
    note: str = ""


def _counts(row: Row) -> bool:
    return row.status == "scored" and not row.late and row.withdrawn_at is None


def _by_entrant(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.entrant, []).append(row)
    return grouped


def _order(
    value: Callable[[Row], float | None], greater_is_better: bool, among: Iterable[Row]
) -> Callable[[Row], tuple[bool, float, datetime, int]]:
    """Return a sort key: better first, equal scores by time, what has no score last."""
    scores = [score for row in among if (score := value(row)) is not None]
    level = dict(zip(scores, levels(scores), strict=True))

    def key(row: Row) -> tuple[bool, float, datetime, int]:
        score = value(row)
        signed = 0.0 if score is None else (-level[score] if greater_is_better else level[score])
        return (score is None, signed, row.submitted_at, row.id)

    return key


def _released(row: Row) -> float | None:
    return row.released


def _private(row: Row) -> float | None:
    return row.private


def finals(
    rows: Sequence[Row], chosen: Sequence[int], allowed: int, greater_is_better: bool
) -> tuple[Row, ...]:
    """Return the submissions of one entrant that count at the reveal.

    Parameters
    ----------
    rows : sequence of Row
        All submissions of the entrant.
    chosen : sequence of int
        Numbers the entrant selected; may be empty or fewer than allowed.
    allowed : int
        How many count.
    greater_is_better : bool

    Returns
    -------
    tuple of Row
        The chosen ones; where none was chosen, those with the best released public scores, the
        earlier first where equal (under blind feedback: the newest).
    """
    counting = [row for row in rows if _counts(row)]
    picked = [row for row in counting if row.id in chosen]
    if picked:
        return tuple(picked)
    if all(row.released is None for row in counting):
        return tuple(sorted(counting, key=lambda row: row.id, reverse=True)[:allowed])
    return tuple(sorted(counting, key=_order(_released, greater_is_better, counting))[:allowed])


def _below(entrant: str, rows: Sequence[Row]) -> Standing:
    """Return the row of an entrant who has no rank, with the reason."""
    last = max(rows, key=lambda row: row.id)
    if last.withdrawn_at is not None:
        note = "withdrawn"
    elif last.late:
        note = "late: after the reveal"
    elif last.status == "scored":
        note = "scores are hidden until the reveal"
    else:
        note = f"{last.status}: {last.error}" if last.error else last.status
    count = sum(_counts(row) for row in rows)
    return Standing(None, entrant, last, count, note=note)


def _ranked(
    shown: Mapping[str, Row],
    grouped: Mapping[str, Sequence[Row]],
    order: Callable[[Row], tuple[bool, float, datetime, int]],
    public_ranks: Mapping[str, int | None],
) -> tuple[Standing, ...]:
    above = sorted(shown.values(), key=order)
    ranked = [
        Standing(
            rank,
            row.entrant,
            row,
            sum(_counts(other) for other in grouped[row.entrant]),
            public_ranks.get(row.entrant),
        )
        for rank, row in enumerate(above, start=1)
    ]
    below = [_below(name, rows) for name, rows in grouped.items() if name not in shown]
    below.sort(key=lambda standing: standing.shown.id)
    return (*ranked, *below)


def public_board(rows: Sequence[Row], greater_is_better: bool) -> tuple[Standing, ...]:
    """Rank entrants by their best released public score.

    Parameters
    ----------
    rows : sequence of Row
        All submissions of a season.
    greater_is_better : bool

    Returns
    -------
    tuple of Standing
        Ranked entrants, best first, then those below the line. Equal scores: the earlier
        submission first.
    """
    grouped = _by_entrant(rows)
    order = _order(_released, greater_is_better, rows)
    shown: dict[str, Row] = {}
    for name, own in grouped.items():
        scored = [row for row in own if _counts(row) and row.released is not None]
        if scored:
            shown[name] = min(scored, key=order)
    return _ranked(shown, grouped, order, {})


def revealed_board(
    rows: Sequence[Row],
    selections: Mapping[str, Sequence[int]],
    allowed: int,
    greater_is_better: bool,
) -> tuple[Standing, ...]:
    """Rank entrants by the best private score among their final submissions.

    Parameters
    ----------
    rows : sequence of Row
        All submissions of a revealed season.
    selections : mapping of str to sequence of int
        Final submissions by entrant; see :func:`finals` for entrants that are missing.
    allowed : int
        How many finals an entrant has.
    greater_is_better : bool

    Returns
    -------
    tuple of Standing
        As :func:`public_board`, each with its former place in ``public_rank``.
    """
    grouped = _by_entrant(rows)
    order = _order(_private, greater_is_better, rows)
    before = {s.entrant: s.rank for s in public_board(rows, greater_is_better)}
    shown: dict[str, Row] = {}
    for name, own in grouped.items():
        final = finals(own, selections.get(name, ()), allowed, greater_is_better)
        scored = [row for row in final if row.private is not None]
        if scored:
            shown[name] = min(scored, key=order)
    return _ranked(shown, grouped, order, before)
