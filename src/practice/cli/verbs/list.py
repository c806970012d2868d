"""``practice list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from practice.cli import output
from practice.cli.options import Csv, Json, examples, one_form

if TYPE_CHECKING:
    from practice.harness import Listed

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice list", "practice list --csv > competitions.csv"))
def command(json: Json = False, csv: Csv = False) -> None:
    """List the competitions there are."""
    from practice import harness, settings

    one_form(json, csv)
    rows = harness.listed(settings.load())
    if json:
        output.print_json({"competitions": rows})
    elif csv:
        output.print_csv(harness.Listed, rows)
    else:
        _table(rows)


def _table(rows: tuple[Listed, ...]) -> None:
    screen = output.stdout()
    marks = output.marks(screen)
    columns = [
        output.Col("Competition"),
        output.Col("Title", flex=1),
        output.Col("Metric", flex=2),
        output.Col("Level"),
        output.Col(""),
    ]
    cells = [
        (
            row.competition,
            row.title or row.summary,
            row.metric,
            marks.star * row.difficulty,
            "revealed" if row.revealed else "started" if row.started else "",
        )
        for row in rows
    ]
    output.print_table(screen, columns, cells)
    offline = [row.competition for row in rows if row.offline]
    screen.print()
    if offline:
        screen.print(f"Without a download: {', '.join(offline)}.")
    if rows:
        first = next((row for row in rows if not row.started), rows[0])
        output.say(f"next: practice show {first.competition}")
