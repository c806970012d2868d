"""``practice demo``."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import Json, examples
from practice.cli.pictures import Html, Png, Svg
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.board.attacks import Play
    from practice.cli.output import Screen

app = typer.Typer(add_completion=False)
DEMOS = ("ladder",)


@app.command(epilog=examples("practice demo ladder", "practice demo ladder --png ladder.png"))
def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to play: ladder.")],
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """Play what goes wrong on a board, and what helps.

    ladder: two attackers who know nothing climb a made-up board by what it tells them, under each
    feedback policy, through the code that releases the scores of real boards.
    """
    from practice.board.attacks import play
    from practice.charts.ladder import attacks
    from practice.cli import pictures
    from practice.cli.bars import bars

    if name not in DEMOS:
        raise UsageError(f"there is no demo {name!r}", f"practice demo {DEMOS[0]}")
    files = pictures.wanted(png=png, svg=svg, html=html)
    with bars(quiet=json) as progress:
        played = play(progress=progress)
    figure = attacks(played)
    if json:
        output.print_json({**output.plain(played), "remember": _remember(played)})
    else:
        screen = output.stdout()
        if not files:
            pictures.draw(screen, figure)
            screen.print()
        _table(screen, played)
        screen.print()
        screen.print(fill(_remember(played), min(screen.width, 80)), "bold")
    pictures.save(figure, files)


def _table(screen: Screen, played: Play) -> None:
    """Print where each attack ends."""
    from practice.charts.ladder import POLICIES

    columns = [
        output.Col("Attack"),
        output.Col("Feedback", flex=1),
        output.Col("Board", "right"),
        output.Col("Public rows", "right"),
        output.Col("Private rows", "right"),
    ]
    rows = [
        [
            track.attack,
            POLICIES[track.policy],
            *(f"{value:.3f}" for value in (track.reached, track.public, track.private)),
        ]
        for track in played.tracks
    ]
    output.print_table(screen, columns, rows)
    screen.print()
    rows_of = f"{played.public_rows} public and {played.private_rows} private rows"
    runs = f"{played.submissions} submissions, mean of {played.runs} runs"
    screen.print(f"{rows_of}, {runs}", "dim")
    screen.print("Board: the best that is shown; rows: what the attacker ends with", "dim")


def _remember(played: Play) -> str:
    """Say in one sentence what there is to learn."""
    full = max(each.reached for each in played.tracks if each.policy == "full")
    ladder = max(each.reached for each in played.tracks if each.policy == "ladder")
    return (
        f"A board that answers every question is learnt by heart: coin flips climb to {full:.2f}; "
        f"the Ladder answers only to what is more than luck, and stays at {ladder:.2f} or below."
    )
