"""``practice check``."""

from __future__ import annotations

import typer

from practice.cli import output
from practice.cli.options import CompetitionName, Json, SubmissionFile, examples

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples("practice check submission.csv", "python predict.py | practice check -")
)
def command(file: SubmissionFile, competition: CompetitionName = None, json: Json = False) -> None:
    """Lint a submission file; costs no attempt.

    Exit code 1 where it would be refused.
    """
    from practice import harness, settings
    from practice.cli.files import content
    from practice.cli.problems import print_problems
    from practice.cli.where import other_build, slug_for

    here = settings.load()
    slug = slug_for(here, competition, file)
    checked = harness.check(here, slug, content(file))
    if json:
        output.print_json(checked)
    elif checked.ok:
        screen = output.stdout()
        screen.print(f"{output.clean(checked.file)} may be submitted: {checked.rows} rows.")
        where = f" -c {slug}" if competition else ""
        output.say(f"next: practice submit {file}{where}")
    else:
        print_problems(output.stdout(), f"{checked.file} would be refused", checked.problems)
        stale = other_build(here, slug, file)
        if stale:
            output.say(stale)
    if not checked.ok:
        raise typer.Exit(1)
