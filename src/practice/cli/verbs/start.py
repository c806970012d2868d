"""``practice start``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice.cli import output
from practice.cli.options import Json, Slug, examples

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples("practice start breast-cancer", "practice start titanic ~/play/titanic")
)
def command(
    slug: Slug = None,
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The workspace. Left out: ./SLUG.")
    ] = None,
    json: Json = False,
) -> None:
    """Download the data, hide a test set, write a workspace.

    A second time it changes nothing and says so.
    """
    from practice import harness, settings
    from practice.cli.bars import bars
    from practice.cli.where import slug_for, workspace_for

    here = settings.load()
    name = slug_for(here, slug)
    with bars(quiet=json) as progress:
        started = harness.start(here, name, workspace_for(name, directory), progress)
    if json:
        output.print_json(started)
        return
    screen = output.stdout()
    if started.already:
        screen.print(f"{name} is started already; nothing was changed.")
    else:
        season = f", season {started.season}" if started.season > 1 else ""
        screen.print(f"{name}{season} is started: {started.title}")
    private = started.test_rows - started.public_rows
    hidden = f"{started.test_rows} hidden ({started.public_rows} public, {private} private)"
    screen.pair("Rows", f"{started.train_rows} to train on, {hidden}")
    screen.pair("Opponents", f"{started.references} reference entries on the board")
    screen.pair("Workspace", str(started.workspace))
    for path in started.files:
        shown = path.relative_to(started.workspace) if started.workspace else path
        if not shown.name.startswith("."):
            screen.pair("", str(shown))
    output.say(f"next: {from_here(started.workspace)}python starter.py")


def from_here(workspace: Path | None) -> str:
    """Return the command that leads to the workspace, empty where one is there already."""
    if workspace is None or workspace == Path.cwd():
        return ""
    inside = workspace.is_relative_to(Path.cwd())
    return f"cd {workspace.relative_to(Path.cwd()) if inside else workspace} && "
