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
        "PRACTICE_HOME=/data/practice practice restore practice-2026-09-30.tar.gz",
    )
)
def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What practice backup wrote.")],
    json: Json = False,
) -> None:
    """Bring back a backup, into a home without seasons.

    All of it is checked before any of it is placed. The database may be of another kind than the
    one it came from: SQLite or PostgreSQL.
    """
    from practice import settings
    from practice.harness.keeping import restore

    here = settings.load()
    with bars(quiet=json) as progress:
        done = restore(here, file, progress)
    if json:
        output.print_json(done)
        return
    screen = output.stdout()
    screen.print(f"Restored {output.clean(str(file))} of {done.made_at[:16]}", "ok")
    seasons = "1 season" if done.seasons == 1 else f"{done.seasons} seasons"
    screen.pair("Holds", f"{done.submissions} submissions of {seasons}")
    screen.pair("Home", str(here.home))
    output.say("next: practice")
