"""``practice quickstart``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from practice.cli import output
from practice.cli.options import Json, examples

if TYPE_CHECKING:
    from practice.cli.tour import Step
    from practice.harness import Started

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice quickstart"))
def command(json: Json = False) -> None:
    """Play a first competition end to end, offline, in a minute.

    It starts breast-cancer, runs three baselines and a short tuning, submits each, and shows the
    board. A second time it submits nothing again.
    """
    from practice import harness, settings
    from practice.cli.bars import bars
    from practice.cli.board import print_board
    from practice.cli.tour import SLUG, steps
    from practice.cli.where import workspace_for
    from practice.cli.who import entrant

    here = settings.load()
    with bars(quiet=json) as progress:
        started = harness.start(here, SLUG, workspace_for(SLUG), progress)
        done = []
        revealed = harness.leaderboard(here, SLUG).revealed
        for step in () if revealed else steps(here, progress):
            done.append(step)
            if not json:
                _say(step)
    board = harness.leaderboard(here, SLUG)
    if json:
        output.print_json({"started": started, "steps": done, "board": board})
    else:
        if revealed:
            output.say(f"the season is over; practice retry {SLUG} opens the next")
        elif all(step.already for step in done):
            output.say("everything is there already; nothing was submitted again")
        screen = output.stdout()
        screen.print()
        print_board(screen, board, entrant(here, None))
        screen.print()
        _next(started)
    if any(step.error for step in done):
        raise typer.Exit(1)


def _say(step: Step) -> None:
    """Report a step on stderr, above the progress bars."""
    if step.error:
        screen = output.stderr()
        text = output.clean(f"error: {step.entrant}: {step.error}")
        screen.print(text, "fail")
        if step.hint:
            screen.print(f"try: {output.clean(step.hint)}")
    elif not step.already:
        scores = f"cross-validation {output.number(step.cv)}, public {output.number(step.public)}"
        output.say(f"{step.entrant:<18} {scores} ({step.seconds:.1f} s)")


def _next(started: Started) -> None:
    from practice.cli.verbs.start import from_here

    screen = output.stdout()
    screen.print("Your turn:", "bold")
    at = from_here(started.workspace).removesuffix(" && ")
    for line, what in (
        (at, ""),
        ("python starter.py", "trains a model and writes submission.csv"),
        ("practice submit submission.csv -m 'first try'", "scores it on the hidden rows"),
        ("practice leaderboard", "shows the board"),
        ("practice list", "shows the other competitions"),
    ):
        if line:
            screen.print(f"  {line:<46} {what}".rstrip())
