"""``practice backup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice.cli import output
from practice.cli.bars import bars
from practice.cli.options import Json, examples

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice backup practice-2026-09-30.tar.gz"))
def command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The tar to write; .gz compresses it.")
    ],
    json: Json = False,
) -> None:
    """Write everything that cannot be had again into one file.

    Seasons, submissions, builds with their hidden answers, tuning runs, comparisons. Downloads are
    left out. Others may go on submitting meanwhile. Keep the file to yourself: it holds the
    answers. What does not fit, as practice verify finds it, is kept as it is and said.
    """
    from practice import settings
    from practice.harness.keeping import backup

    with bars(quiet=json) as progress:
        made = backup(settings.load(), file, progress)
    if json:
        output.print_json(made)
        return
    screen = output.stdout()
    screen.print(f"Wrote {output.clean(str(file))}, {output.size(made.bytes)}", "ok")
    seasons = "1 season" if made.seasons == 1 else f"{made.seasons} seasons"
    screen.pair("Holds", f"{made.submissions} submissions of {seasons}")
    if made.found is not None:
        unfit = f"{made.found.where}: {made.found.message}"
        screen.print(f"does not fit: {output.clean(unfit)}", "warn")
    output.say(f"next: practice restore {output.clean(str(file))}, in a new PRACTICE_HOME")
