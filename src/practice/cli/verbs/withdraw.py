"""``practice withdraw``."""

from __future__ import annotations

import typer

from practice.cli import output
from practice.cli.options import As, Json, SubmissionId, examples

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice withdraw 12"))
def command(number: SubmissionId, name: As = None, json: Json = False) -> None:
    """Take a submission off the board.

    It stays stored, and the attempt it cost stays used.
    """
    from practice import harness, settings
    from practice.cli.who import entrant

    here = settings.load()
    done = harness.withdraw(here, number, entrant=entrant(here, name))
    if json:
        output.print_json(done)
        return
    output.stdout().print(f"Submission {done.id} of {done.competition} is withdrawn.")
    output.say(f"next: practice leaderboard {done.competition}")
