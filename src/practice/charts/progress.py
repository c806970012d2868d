"""The picture of ``practice submissions``: an entrant's scores over time."""

from __future__ import annotations

from collections.abc import Sequence

from practice.charts.spec import Axis, Chart, Series
from practice.harness.records import Board, SubmissionRow

__all__ = ["over_time"]


def over_time(board: Board, rows: Sequence[SubmissionRow]) -> Chart:
    """Draw the scores of one entrant in the order of submission.

    Parameters
    ----------
    board : Board
        With the reference entries, which are lines across.
    rows : sequence of SubmissionRow
        Of one entrant, oldest first; what was released of each.

    Returns
    -------
    Chart
        Points, the best so far as steps, and after the reveal the private scores.

    Raises
    ------
    ValueError
        There is nothing to draw.
    """
    counting = [row for row in rows if row.status == "scored" and not row.withdrawn]
    told = [
        (at, row.public_score)
        for at, row in enumerate(counting, 1)
        if row.public_score is not None and not row.late
    ]
    hidden = [
        (at, row.private_score)
        for at, row in enumerate(counting, 1)
        if row.private_score is not None
    ]
    if not told and not hidden:
        raise ValueError("no score to draw")
    series = []
    if told:
        series += [_best(told, board.greater_is_better), _points("public score", told)]
    if hidden:
        series.append(_points("private score", hidden))
    last = max(len(counting), 2)
    lines = [
        Series(
            each.entrant,
            "line",
            (1, last),
            (each.public_score,) * 2,
            texts=("", each.entrant),
            muted=True,
        )
        for each in board.entries
        if each.kind == "reference" and each.public_score is not None and told
    ]
    better = "greater" if board.greater_is_better else "smaller"
    return Chart(
        Axis("submission, in order"),
        Axis(board.metric, better),  # type: ignore[arg-type]
        (*series, *lines),
        title=f"{board.competition}: progress over time; grey: reference entries (public)",
    )


def _points(name: str, values: Sequence[tuple[int, float]]) -> Series:
    return Series(name, "points", tuple(at for at, _ in values), tuple(y for _, y in values))


def _best(values: Sequence[tuple[int, float]], greater_is_better: bool) -> Series:
    """Return the best so far as steps: a new best begins where it was submitted."""
    pick = max if greater_is_better else min
    across: list[float] = []
    up: list[float] = []
    for at, value in values:
        if up:
            across.append(at)
            up.append(up[-1])
        across.append(at)
        up.append(pick(up[-1], value) if up else value)
    return Series("best so far", "line", tuple(across), tuple(up))
