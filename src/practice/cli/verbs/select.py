"""``practice select``."""

from __future__ import annotations

from typing import Annotated

import typer

from practice.cli import output
from practice.cli.options import As, CompetitionName, Json, examples

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice select 12 15", "practice select -c breast-cancer"))
def command(
    numbers: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID", help="Submissions. Left out: show the present choice."),
    ] = None,
    competition: CompetitionName = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Choose the final submissions.

    They alone count on the private board. Without a choice the best public ones stand in.
    """
    from practice import harness, settings
    from practice.cli.verbs.submissions import print_rows
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here = settings.load()
    slug = None if numbers else slug_for(here, competition)
    chosen = harness.select(here, numbers or [], entrant=entrant(here, name), slug=slug)
    if json:
        output.print_json(chosen)
        return
    screen = output.stdout()
    whose = f"{output.clean(chosen.entrant)} in {chosen.competition}"
    how = "as chosen" if chosen.chosen else "the best public ones, as none is chosen"
    screen.print(f"Final submissions of {whose}:", "bold")
    screen.print(f"{how} ({chosen.allowed} allowed)")
    screen.print()
    if chosen.submissions:
        print_rows(chosen.submissions)
    else:
        screen.print("None is scored yet.")
    output.say(f"next, when you are done: practice reveal {chosen.competition}")
