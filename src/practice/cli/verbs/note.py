"""``practice note``."""

from __future__ import annotations

from typing import Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Json, SubmissionId, examples

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice note 12 'leaked the target, do not trust'"))
def command(
    number: SubmissionId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note; it replaces the last.")],
    name: As = None,
    json: Json = False,
) -> None:
    """Write a note on a submission."""
    from practice import harness, settings
    from practice.cli.who import entrant

    here = settings.load()
    done = harness.note(here, number, text, entrant=entrant(here, name))
    if json:
        output.print_json(done)
        return
    screen = output.stdout()
    screen.print(f"Submission {done.id} of {done.competition}: {output.clean(done.note)}")
    output.say(f"next: practice submissions {done.competition}")
