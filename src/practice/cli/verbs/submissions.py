"""``practice submissions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, Slug, examples, one_form

if TYPE_CHECKING:
    from practice.harness import SubmissionRow

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice submissions", "practice submissions titanic --csv"))
def command(
    slug: Slug = None,
    everyone: Annotated[bool, typer.Option("--all", help="Those of everybody.")] = False,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """List your submissions.

    Refused and failed ones too, with their reason.
    """
    from practice import harness, settings
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    here = settings.load()
    whose = None if everyone else entrant(here, name)
    competition = slug_for(here, slug)
    rows = harness.submissions(here, competition, whose)
    if json:
        output.print_json({"competition": competition, "entrant": whose, "submissions": rows})
    elif csv:
        output.print_csv(harness.SubmissionRow, rows)
    elif rows:
        print_rows(rows, everyone=everyone)
    else:
        by = f" by {output.clean(whose)}" if whose else ""
        output.stdout().print(f"No submissions{by} yet.")
        output.say(f"next: practice submit FILE -c {competition}")


def print_rows(rows: tuple[SubmissionRow, ...], *, everyone: bool = False) -> None:
    """Print submissions as a table.

    Parameters
    ----------
    rows : tuple of SubmissionRow
    everyone : bool
        Show whose each is.
    """
    screen = output.stdout()
    revealed = any(row.private_score is not None for row in rows)
    columns = [
        output.Col("Id", "right"),
        *([output.Col("Entrant", flex=1)] if everyone else []),
        output.Col("Public", "right"),
        *([output.Col("Private", "right")] if revealed else []),
        output.Col("State"),
        output.Col("When"),
        output.Col("File", flex=2),
        output.Col("Message", flex=3),
    ]
    cells = [
        [
            str(row.id),
            *([row.entrant] if everyone else []),
            output.number(row.public_score),
            *([output.number(row.private_score)] if revealed else []),
            _state(row),
            output.when(row.submitted_at, day=everyone),
            row.file,
            row.note or row.message or row.error or "",
        ]
        for row in rows
    ]
    output.print_table(screen, columns, cells)


def _state(row: SubmissionRow) -> str:
    if row.withdrawn:
        return "withdrawn"
    if row.late:
        return "late"
    return "selected" if row.selected else row.status
