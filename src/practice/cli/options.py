"""Arguments and options that several verbs share, so that each means one thing everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from practice.errors import UsageError

__all__ = [
    "As",
    "CompetitionName",
    "Csv",
    "Json",
    "Slug",
    "SubmissionFile",
    "SubmissionId",
    "examples",
    "one_form",
]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print the table as CSV instead of text.")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="The entrant. Left out: your profile's name."),
]
Slug = Annotated[
    str | None,
    typer.Argument(metavar="SLUG", help="The competition. Left out: that of the workspace."),
]
CompetitionName = Annotated[
    str | None,
    typer.Option(
        "--competition",
        "-c",
        metavar="SLUG",
        help="The competition. Left out: that of the workspace.",
    ),
]
SubmissionFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="csv, csv.gz, zip or parquet; - reads standard input."),
]
SubmissionId = Annotated[
    int, typer.Argument(metavar="ID", help="The submission, as practice submissions numbers it.")
]


def examples(*lines: str) -> str:
    r"""Lay out the examples below a verb's help.

    Parameters
    ----------
    *lines : str
        Command lines.

    Returns
    -------
    str

    Examples
    --------
    >>> examples("practice list")
    'Example:\n$ practice list'
    """
    title = "Examples:" if len(lines) > 1 else "Example:"
    return "\n".join([title, *(f"$ {line}" for line in lines)])


def one_form(json: bool, csv: bool) -> None:
    """Refuse ``--json`` together with ``--csv``.

    Raises
    ------
    UsageError
    """
    if json and csv:
        raise UsageError("--json and --csv exclude each other", "leave one of them out")
