"""``practice score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice.cli import output
from practice.cli.options import Json, examples
from practice.errors import UsageError

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice score truth.csv submission.csv --metric roc_auc",
        "practice score truth.csv out.parquet --metric f1 --param average=macro --id user,day",
    )
)
def command(
    solution: Annotated[
        Path,
        typer.Argument(metavar="SOLUTION", help="The answers: csv, csv.gz, zip, parquet or -."),
    ],
    submission: Annotated[
        Path, typer.Argument(metavar="SUBMISSION", help="The predictions, likewise.")
    ],
    metric: Annotated[str, typer.Option(metavar="NAME", help="Such as rmse, f1 or roc_auc.")],
    param: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A parameter of it; repeatable.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="The id; a,b: a composite key."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The answers, where the files name them differently."),
    ] = None,
    prediction: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The predictions, likewise.")
    ] = None,
    json: Json = False,
) -> None:
    """Score two files against each other, without a competition."""
    from practice.cli.files import content, is_stdin
    from practice.cli.params import parameters
    from practice.scoring import score_files

    if is_stdin(solution) and is_stdin(submission):
        raise UsageError("only one of the two files can be -", "name the other")
    done = score_files(
        content(solution),
        content(submission),
        metric,
        id=columns(key, "--id"),
        target=columns(target, "--target"),
        prediction=columns(prediction, "--prediction"),
        parameters=parameters(param or [], "--param", files=False),
    )
    if json:
        output.print_json(done)
    else:
        output.stdout().print(f"{done.score!r} ({done.metric}, {done.rows} rows)")


def columns(given: str | None, option: str) -> tuple[str, ...] | None:
    """Split a list of column names at its commas.

    Raises
    ------
    UsageError
        A name is empty.

    Examples
    --------
    >>> columns("user,day", "--id"), columns(None, "--id")
    (('user', 'day'), None)
    """
    if given is None:
        return None
    names = tuple(name.strip() for name in given.split(","))
    if not all(names):
        raise UsageError(f"{option} {given!r} holds an empty name", f"{option} a,b")
    return names
