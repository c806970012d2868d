"""The picture of ``practice replay``."""

from __future__ import annotations

from practice.arena.replay_records import Kind, Replay
from practice.charts.arena import WORK, lines
from practice.charts.spec import Axis, Chart, Figure, Rule

__all__ = ["over_work"]

TITLES: dict[Kind, str] = {
    "tabular": "Tabular: recorded curves",
    "surrogate": "Surrogate: predicted from recorded curves",
}


def over_work(played: Replay, *, bands: bool = True) -> Figure:
    """Draw the regret of the picks over the work spent.

    Parameters
    ----------
    played : Replay
    bands : bool
        Whether to draw how sure the means are; a terminal has too few signs for it.

    Returns
    -------
    Figure
        A chart for each kind: what one finds is no measure for the other.
    """
    charts = []
    for kind, title in TITLES.items():
        shown = [
            band
            for band, each in zip(played.anytime, played.strategies, strict=True)
            if each.kind == kind
        ]
        if shown:
            # In files, room below for the name of the line at 0.
            low = -0.05 * max(max(band.high) for band in played.anytime) if bands else None
            y = Axis(f"regret of the pick, {played.objective}", "smaller", low)
            rules = (Rule(played.default_regret, "default"), Rule(0.0, "best recorded"))
            charts.append(Chart(Axis(WORK, log=True), y, lines(shown, bands), rules, title))
    interval = ", with 95 % intervals" * bands
    return Figure(
        f"{played.competition}, {played.solution}: strategies replayed",
        tuple(charts),
        f"Mean over {played.seeds} seeds{interval}; {played.recorded} recorded configurations.",
    )
