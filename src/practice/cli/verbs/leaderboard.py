"""``practice leaderboard``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output, pictures
from practice.cli.options import As, Csv, Json, Slug, examples, one_form
from practice.cli.pictures import Html, Png, Svg
from practice.errors import RefusedError

if TYPE_CHECKING:
    from practice.charts import Chart
    from practice.harness import Board

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice leaderboard breast-cancer", "practice leaderboard --all"))
def command(
    slug: Slug = None,
    every: Annotated[bool, typer.Option("--all", help="A row per submission.")] = False,
    stats: Annotated[
        bool, typer.Option("--stats", help="Intervals, wins and paired differences.")
    ] = False,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw the scores with their intervals.")
    ] = False,
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show the board.

    One row per entrant with its best submission; private scores appear after the reveal. A place
    such as 3 (1-4) may be any from 1 to 4 in truth: the rows could have been others.
    """
    from practice import harness, settings
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    files = pictures.wanted(png=png, svg=svg, html=html)
    here = settings.load()
    who = entrant(here, name)
    board = harness.leaderboard(here, slug_for(here, slug), every, who)
    if files or chart:
        shown = _picture(board, who)
        pictures.save(shown, files)
    if json:
        output.print_json(board)
        return
    if csv:
        output.print_csv(harness.Entry, board.entries)
        return
    from practice.cli.board import print_board, print_stats

    print_board(output.stdout(), board, who, every=every)
    if stats:
        output.stdout().print()
        print_stats(output.stdout(), board)
    if chart:
        output.stdout().print()
        pictures.draw(output.stdout(), shown, height=2 * len(board.entries))


def _picture(board: Board, who: str) -> Chart:
    """Draw a board; refuse one without scores in words."""
    from practice.charts.board import scores

    try:
        return scores(board, who)
    except ValueError:
        message = f"the board of {board.competition} shows no score, so there is nothing to draw"
        hint = pictures.until_told(board.competition, board.feedback, board.revealed)
        raise RefusedError(message, hint) from None
