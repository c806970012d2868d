"""``practice submissions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output, pictures
from practice.cli.options import As, Csv, Json, Slug, examples, one_form
from practice.cli.pictures import Html, Png, Svg
from practice.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from practice.charts import Chart
    from practice.harness import SubmissionRow
    from practice.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice submissions",
        "practice submissions titanic --csv",
        "practice submissions titanic --png progress.png",
    )
)
def command(
    slug: Slug = None,
    everyone: Annotated[bool, typer.Option("--all", help="Those of everybody.")] = False,
    chart: Annotated[bool, typer.Option("--chart", help="Draw your progress over time.")] = False,
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """List your submissions.

    Refused and failed ones too, with their reason. The picture shows your scores in order, the best
    so far and the reference entries.
    """
    from practice import harness, settings
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    files = pictures.wanted(png=png, svg=svg, html=html)
    if everyone and (chart or files):
        raise UsageError("a picture shows the progress of one entrant", "leave --all out")
    here = settings.load()
    whose = None if everyone else entrant(here, name)
    competition = slug_for(here, slug)
    rows = harness.submissions(here, competition, whose)
    if files or chart:
        shown = _picture(here, competition, rows)
        pictures.save(shown, files)
    if json:
        output.print_json({"competition": competition, "entrant": whose, "submissions": rows})
    elif csv:
        output.print_csv(harness.SubmissionRow, rows)
    elif rows:
        print_rows(rows, everyone=everyone)
        if chart:
            output.stdout().print()
            pictures.draw(output.stdout(), shown, height=14)
    else:
        by = f" by {output.clean(whose)}" if whose else ""
        output.stdout().print(f"No submissions{by} yet.")
        output.say(f"next: practice submit FILE -c {competition}")


def _picture(here: Settings, slug: str, rows: tuple[SubmissionRow, ...]) -> Chart:
    """Draw progress over time; refuse submissions without scores in words."""
    from practice import harness
    from practice.charts.progress import over_time

    board = harness.leaderboard(here, slug)
    try:
        return over_time(board, rows)
    except ValueError:
        message = f"no submission to {slug} has a score that is told, so there is nothing to draw"
        hint = pictures.until_told(slug, board.feedback, board.revealed)
        raise RefusedError(message, hint) from None


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
    promised = any(row.cross_validation is not None for row in rows)
    columns = [
        output.Col("Id", "right"),
        *([output.Col("Entrant", flex=1)] if everyone else []),
        output.Col("Public", "right"),
        *([output.Col("CV", "right")] if promised else []),
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
            *([output.number(row.cross_validation)] if promised else []),
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
