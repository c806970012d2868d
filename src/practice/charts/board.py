"""The picture of ``practice leaderboard``: scores with their intervals."""

from __future__ import annotations

from practice.charts.spec import Axis, Chart, Series
from practice.harness.records import Board, Entry

__all__ = ["scores"]


def scores(board: Board, entrant: str | None = None) -> Chart:
    """Draw the ranked rows of a board, each with the interval of its score.

    Parameters
    ----------
    board : Board
        With at least one row that has a rank and a score.
    entrant : str, optional
        Whose row is set apart.

    Returns
    -------
    Chart
        Rows from above, best first; a row without an interval is a point alone.

    Raises
    ------
    ValueError
        There is nothing to draw.
    """
    part = "private" if board.revealed else "public"
    shown = [
        each for each in board.entries if each.rank is not None and _score(board, each) is not None
    ]
    if not shown:
        raise ValueError("a board without scores")
    groups: dict[str, list[Entry]] = {"you": [], "others": [], "reference entries": []}
    for each in shown:
        if each.entrant == entrant:
            groups["you"].append(each)
        else:
            groups["reference entries" if each.kind == "reference" else "others"].append(each)
    rows = board.private_rows if board.revealed else board.public_rows
    order = tuple(each.entrant for each in shown)
    # An invisible series first, so that categories stand in the order of the board.
    series = [Series("", "points", order, tuple(float("nan") for _ in order), muted=True)]
    series += [_points(board, name, some) for name, some in groups.items() if some]
    better = "greater" if board.greater_is_better else "smaller"
    return Chart(
        Axis(""),
        Axis(f"{part} {board.metric}", better),  # type: ignore[arg-type]
        tuple(series),
        title=f"{board.competition}: {part} scores on {rows} rows, with 95 % intervals",
        flip=True,
    )


def _points(board: Board, name: str, entries: list[Entry]) -> Series:
    values = tuple(_score(board, each) or 0.0 for each in entries)
    low = tuple(
        value if each.score_low is None else each.score_low
        for value, each in zip(values, entries, strict=True)
    )
    high = tuple(
        value if each.score_high is None else each.score_high
        for value, each in zip(values, entries, strict=True)
    )
    return Series(name, "points", tuple(each.entrant for each in entries), values, low, high)


def _score(board: Board, entry: Entry) -> float | None:
    return entry.private_score if board.revealed else entry.public_score
