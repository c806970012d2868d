"""``practice baseline``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import Csv, Json, Slug, examples, one_form

if TYPE_CHECKING:
    from practice.solutions import BaselineReport

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice baseline breast-cancer",
        "practice baseline titanic --solution linear --no-submit",
    )
)
def command(
    slug: Slug = None,
    solution: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Which; repeatable. Left out: dummy, linear, lightgbm."),
    ] = None,
    no_submit: Annotated[
        bool, typer.Option("--no-submit", help="Cross-validate only; nothing goes on the board.")
    ] = False,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Run ready-made solutions as opponents.

    Each is cross-validated and submitted as baseline:NAME; none costs you an attempt.
    """
    from practice import settings, solutions
    from practice.cli.bars import bars
    from practice.cli.where import slug_for

    one_form(json, csv)
    here = settings.load()
    name = slug_for(here, slug)
    with bars(quiet=json) as progress:
        reports = solutions.baseline(
            name, here, names=solution, submit=not no_submit, progress=progress
        )
    if json:
        output.print_json({"competition": name, "reports": reports})
    elif csv:
        output.print_csv(solutions.BaselineReport, reports)
    else:
        print_reports(reports)
        output.say(f"next: practice leaderboard {name}")
    if any(report.error for report in reports):
        raise typer.Exit(1)


def print_reports(reports: Sequence[BaselineReport]) -> None:
    """Print what became of each solution; reasons of failure go to stderr.

    Parameters
    ----------
    reports : sequence of BaselineReport
        At least one.
    """
    screen = output.stdout()
    marks = output.marks(screen)
    first = reports[0]
    better = "greater" if first.greater_is_better else "smaller"
    arrow = marks.better(first.greater_is_better)
    screen.print(f"{first.competition}: {first.metric}, {better} is better {arrow}", "bold")
    screen.print()
    columns = [
        output.Col("Solution", flex=1),
        output.Col("Cross-validation", "right"),
        output.Col("Public", "right"),
        output.Col("#", "right"),
        output.Col("Seconds", "right"),
        output.Col("Description", flex=2),
    ]
    output.print_table(screen, columns, [_cells(report) for report in reports])
    errors = output.stderr()
    for report in reports:
        if report.error:
            text = output.clean(f"error: {report.solution}: {report.error}")
            errors.print(text, "fail")
            if report.hint:
                errors.print(f"try: {output.clean(report.hint)}")


def _cells(report: BaselineReport) -> list[str]:
    spread = f" ± {output.number(report.cv_spread)}" if report.cv_spread is not None else ""
    return [
        report.solution,
        output.number(report.cv_mean) + spread,
        output.number(report.public_score),
        "-" if report.rank is None else str(report.rank),
        f"{report.seconds:.1f}",
        report.description,
    ]
