"""The picture of ``practice demo ladder``."""

from __future__ import annotations

from practice.board.attacks import ATTACKS, Attack, Play
from practice.charts.spec import Axis, Chart, Figure, Rule, Series

__all__ = ["POLICIES", "TITLES", "attacks"]

TITLES: dict[Attack, str] = {
    "vote": "The vote of coin flips that did well",
    "flips": "Two rows flipped, kept if better",
}
POLICIES = {
    "full": "full feedback",
    "rounded:2": "rounded to 2 digits",
    "naive": "naive Ladder (one standard error)",
    "ladder": "Ladder",
}


def attacks(play: Play) -> Figure:
    """Draw how far two attacks come under each policy.

    Parameters
    ----------
    play : Play

    Returns
    -------
    Figure
        A chart for each attack, a line for each policy.
    """
    shown = [value for track in play.tracks for value in track.board]
    low, high = min(*shown, play.truth) - 0.02, max(*shown, play.truth) + 0.02
    charts = []
    for attack in ATTACKS:
        lines = tuple(
            Series(POLICIES[track.policy], "line", track.submissions, track.board)
            for track in play.tracks
            if track.attack == attack
        )
        y = Axis("best score on the board", "greater", low, high)
        rule = Rule(play.truth, "what it is worth")
        charts.append(Chart(Axis("submissions"), y, lines, (rule,), TITLES[attack]))
    return Figure(
        "Climbing a board without knowing anything",
        tuple(charts),
        f"Accuracy on {play.public_rows} public rows whose answers are coin flips; "
        f"mean of {play.runs} runs. On the private rows every line ends at {play.truth:.2f}.",
    )
