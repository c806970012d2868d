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
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Show the board.

    One row per entrant with its best submission; private scores appear after the reveal.
    """
    from practice import harness, settings
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    here = settings.load()
    who = entrant(here, name)
    board = harness.leaderboard(here, slug_for(here, slug), every)
    if json:
        output.print_json(board)
        return
    if csv:
        output.print_csv(harness.Entry, board.entries)
        return
    from practice.cli.board import print_board

    print_board(output.stdout(), board, who, every=every)
