"""``practice diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, examples, one_form

if TYPE_CHECKING:
    from practice.analysis.diff import Diff

app = typer.Typer(add_completion=False)

_One = Annotated[int, typer.Argument(metavar="A", help="A submission.")]
_Other = Annotated[int, typer.Argument(metavar="B", help="Another one of the same season.")]


@app.command(epilog=examples("practice diff 3 7", "practice diff 3 7 --csv > rows.csv"))
def command(
    one: _One, other: _Other, name: As = None, json: Json = False, csv: Csv = False
) -> None:
    """Compare two submissions: what made them, where they part.

    The scores as far as the feedback policy tells them. After the reveal also the slices, and the
    rows on which one is right and the other wrong; --csv prints all the rows.
    """
    from practice import settings
    from practice.analysis.diff import MOST, diff
    from practice.analysis.predictions import Apart
    from practice.cli.diff import print_diff
    from practice.cli.who import entrant

    one_form(json, csv)
    here = settings.load()
    who = entrant(here, name)
    found: Diff = diff(here, one, other, entrant=who, most=None if csv else MOST)
    if json:
        output.print_json(found)
    elif csv:
        output.print_csv(Apart, found.rows)
    else:
        print_diff(output.stdout(), found)
