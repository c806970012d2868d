"""``practice restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice.cli import output
from practice.cli.bars import bars
from practice.cli.options import Json, examples

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice restore practice-2026-09-30.tar.gz",
        "practice restore damaged.tar.gz --anyway",
        "PRACTICE_HOME=/data/practice practice restore practice-2026-09-30.tar.gz",
    )
)
def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What practice backup wrote.")],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Bring back what does not fit, too, and say so.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring back a backup, into a home without seasons.

    All of it is checked before any of it is placed: every file must be there as it was backed up,
    and fit the records as practice verify asks. Else nothing is restored; --anyway takes a damaged
    backup as it is, or one of a home that did not fit. The database may be of another kind than
    the one it came from: SQLite or PostgreSQL.
    """
    from practice import settings
    from practice.harness.keeping import restore

    here = settings.load()
    with bars(quiet=json) as progress:
        done = restore(here, file, progress, anyway=anyway)
    if json:
        output.print_json(done)
        return
    screen = output.stdout()
    screen.print(f"Restored {output.clean(str(file))} of {done.made_at[:16]}", "ok")
    seasons = "1 season" if done.seasons == 1 else f"{done.seasons} seasons"
    screen.pair("Holds", f"{done.submissions} submissions of {seasons}")
    screen.pair("Home", str(here.home))
    if done.found is not None:
        unfit = f"{done.found.where}: {done.found.message}"
        screen.print(f"does not fit: {output.clean(unfit)}", "warn")
    output.say("next: practice" if done.found is None else "next: practice verify")
