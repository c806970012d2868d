"""``practice leaderboard``."""

from __future__ import annotations

from typing import Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, Slug, examples, one_form

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice leaderboard breast-cancer", "practice leaderboard --all"))
def command(
    slug: Slug = None,
    every: Annotated[bool, typer.Option("--all", help="A row per submission.")] = False,
    stats: Annotated[
        bool, typer.Option("--stats", help="Intervals, wins and paired differences.")
    ] = False,
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
    here = settings.load()
    who = entrant(here, name)
    board = harness.leaderboard(here, slug_for(here, slug), every, who)
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
