"""``practice storage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import Csv, Json, examples, one_form

if TYPE_CHECKING:
    from practice.harness.storing import Room

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice storage", "practice storage --prune"))
def command(
    prune: Annotated[bool, typer.Option("--prune", help="Remove what nothing needs.")] = False,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Say what takes room on the disk, and remove what nothing needs.

    Nothing needs: files of no submission, builds of no season, unfinished downloads and temporary
    folders, all older than a day. No board changes.
    """
    from practice import settings
    from practice.harness.storing import Room, storage

    one_form(json, csv)
    rooms = storage(settings.load(), prune=prune)
    if json:
        output.print_json({"pruned": prune, "storage": rooms})
    elif csv:
        output.print_csv(Room, rooms)
    else:
        _say(rooms, pruned=prune)


def _say(rooms: tuple[Room, ...], *, pruned: bool) -> None:
    columns = [
        output.Col("Kind"),
        output.Col("Files", "right"),
        output.Col("Size", "right"),
        output.Col("Unneeded", "right"),
        output.Col("Where", flex=1),
    ]
    cells = [
        [
            room.name,
            f"{room.files:,}",
            output.size(room.bytes),
            output.size(room.unused_bytes) if room.unused_files else "-",
            str(room.path),
        ]
        for room in rooms
    ]
    output.print_table(output.stdout(), columns, cells)
    unused = sum(room.unused_bytes for room in rooms)
    if pruned:
        output.stdout().print(f"Removed {output.size(unused)}.", "ok")
    elif any(room.unused_files for room in rooms):
        output.say("next: practice storage --prune")
