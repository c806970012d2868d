"""The pictures of ``practice shakeup``: where places may end, and where they went."""

from __future__ import annotations

from practice.analysis.shakeup import Shaken, Shakeup
from practice.charts.spec import Axis, Chart, Series

__all__ = ["slopes"]

_NAN = float("nan")


def slopes(told: Shakeup, entrant: str | None = None) -> Chart:
    """Draw a shake-up: places with what they may become or, after the reveal, what they became.

    Parameters
    ----------
    told : Shakeup
        With a forecast or after the reveal.
    entrant : str, optional
        Whose line is set apart; where left out, or without a place, that of whoever is first.

    Returns
    -------
    Chart
        Before the reveal a row for each entrant, its place a point and the places of the forecast
        a bar. After it a line for each entrant who had a public place, from that to the private
        one, the first place on top.

    Raises
    ------
    ValueError
        There is nothing to draw.
    """
    if told.revealed:
        return _lines(told, entrant)
    return _bars(told, entrant)


def _bars(told: Shakeup, entrant: str | None) -> Chart:
    shown = [row for row in told.rows if row.rank_low is not None and row.rank_high is not None]
    if not shown:
        raise ValueError("a board without a forecast")
    order = tuple(row.entrant for row in shown)
    groups: dict[str, list[Shaken]] = {"you": [], "others": [], "reference entries": []}
    for row in shown:
        other = "reference entries" if row.kind == "reference" else "others"
        groups["you" if row.entrant == entrant else other].append(row)
    # An invisible series first, so that entrants stand in the order of the board.
    series = [Series("", "points", order, tuple(_NAN for _ in order), muted=True)]
    series += [
        Series(
            name,
            "points",
            tuple(row.entrant for row in rows),
            tuple(float(row.rank) for row in rows),
            tuple(float(row.rank_low or 0) for row in rows),
            tuple(float(row.rank_high or 0) for row in rows),
        )
        for name, rows in groups.items()
        if rows
    ]
    return Chart(
        Axis(""),
        Axis("place", "smaller", low=1, high=max(len(told.rows), 2), places=True),
        tuple(series),
        title=f"{told.competition}: public places, and where 90 % of worlds end",
        flip=True,
    )


def _lines(told: Shakeup, entrant: str | None) -> Chart:
    shown = [row for row in told.rows if row.public_rank is not None]
    if not shown:
        raise ValueError("a board without public places")
    mine = entrant if entrant in {row.entrant for row in shown} else shown[0].entrant
    ends = ("public", "private")
    series = tuple(
        Series(
            row.entrant,
            "line",
            ends,
            (float(row.public_rank or 0), float(row.rank)),
            texts=("", f"{row.rank} {row.entrant}"),
            muted=row.entrant != mine,
        )
        for row in shown
    )
    lowest = max(max(row.public_rank or 0, row.rank) for row in told.rows)
    return Chart(
        Axis(""),
        Axis("place (the top is best)", low=1, high=max(lowest, 2), places=True),
        series,
        title=f"{told.competition}: from the public to the private board",
    )
