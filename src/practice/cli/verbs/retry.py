"""``practice retry``."""

from __future__ import annotations

import typer

from practice.cli import output
from practice.cli.options import Json, Slug, examples

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice retry breast-cancer"))
def command(slug: Slug = None, json: Json = False) -> None:
    """Open a new season after the reveal.

    It has a board of its own. The hidden rows are the same, so models made after the reveal may
    know their answers; whoever had submitted before is named.
    """
    from practice import harness, settings
    from practice.cli.bars import bars
    from practice.cli.where import slug_for

    here = settings.load()
    with bars(quiet=json) as progress:
        started = harness.retry(here, slug_for(here, slug), progress)
    if json:
        output.print_json(started)
        return
    screen = output.stdout()
    screen.print(f"Season {started.season} of {started.competition} is open.")
    screen.pair("Opponents", f"{started.references} reference entries on the board")
    if started.contaminated:
        names = ", ".join(output.clean(name) for name in started.contaminated)
        screen.pair("Contaminated", f"{names}: models of the season before may know")
        screen.pair("", "the answers that were revealed")
    output.say(f"next: practice leaderboard {started.competition}")
