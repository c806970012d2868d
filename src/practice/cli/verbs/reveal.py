"""``practice reveal``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Json, Slug, examples
from practice.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from practice.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice reveal breast-cancer", "practice reveal titanic --yes"))
def command(
    slug: Slug = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for scripts.")] = False,
    name: As = None,
    json: Json = False,
) -> None:
    """End the season and show the private board.

    It shows what is final and asks for the competition's name first: nothing takes it back.
    """
    from practice import harness, settings
    from practice.cli.board import print_board
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here = settings.load()
    competition = slug_for(here, slug)
    who = entrant(here, name)
    if not yes:
        _ask(here, competition, who, json)
    done = harness.reveal(here, competition)
    if json:
        output.print_json(done)
        return
    screen = output.stdout()
    if done.already:
        output.say(f"{competition} was revealed before.")
    print_board(screen, done.board, who)
    moved = [move for move in done.moves if move.moved]
    if moved:
        screen.print()
        farthest = max(moved, key=lambda move: abs(move.moved or 0))
        places = abs(farthest.moved or 0)
        way = "up" if (farthest.moved or 0) > 0 else "down"
        text = (
            f"{len(moved)} of {len(done.moves)} rows moved; {output.clean(farthest.entrant)} most,"
        )
        screen.print(f"{text} {places} place{'s' if places != 1 else ''} {way}.")
    output.say(f"next: practice retry {competition} opens a new season")


def _ask(here: Settings, competition: str, who: str, json: bool) -> None:
    """Show what will be final and have the competition's name typed.

    Raises
    ------
    UsageError
        Nobody can be asked.
    RefusedError
        Something else was typed.
    """
    from practice import harness

    if harness.leaderboard(here, competition).revealed:
        return
    if json or not sys.stdin.isatty():
        message = "reveal cannot ask here whether it is meant"
        raise UsageError(message, f"practice reveal {competition} --yes")
    screen = output.stderr()
    final = harness.select(here, [], entrant=who, slug=competition)
    how = "chosen by you" if final.chosen else "the best public ones, as you chose none"
    screen.print(f"Final submissions of {output.clean(who)} ({how}):")
    for row in final.submissions:
        score = output.number(row.public_score)
        screen.print(f"  {row.id}  public {score}  {output.clean(row.message or row.file)}")
    if not final.submissions:
        screen.print("  none")
    screen.print("The season ends for everybody: all private scores are shown, later submissions")
    screen.print("are marked late and not ranked. Nothing takes this back.")
    sys.stderr.write(f"Type {competition} to reveal: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != competition:
        message = f"that was not {competition!r}; nothing was revealed"
        raise RefusedError(message, f"practice reveal {competition}")
