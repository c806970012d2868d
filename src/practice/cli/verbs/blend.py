"""``practice blend``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, examples, one_form
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.analysis.blend import Blend
    from practice.harness import Submitted
    from practice.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice blend 3 7 9",
        "practice blend 3 7 9 --method climb --oof-out blend-oof.csv",
        "practice blend 3 7 --submit",
    )
)
def command(
    numbers: Annotated[
        list[int], typer.Argument(metavar="ID", help="Submissions with out-of-fold predictions.")
    ],
    method: Annotated[
        str, typer.Option("--method", help="mean, rank, climb (hill climbing) or weights.")
    ] = "mean",
    out: Annotated[Path, typer.Option("--out", help="Where the blend is written.")] = Path(
        "blend.csv"
    ),
    oof_out: Annotated[
        Path | None, typer.Option("--oof-out", help="Write its out-of-fold predictions, too.")
    ] = None,
    submit: Annotated[
        bool, typer.Option("--submit", help="Submit it; this takes an attempt.")
    ] = False,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Combine submissions that have out-of-fold predictions.

    Weights are fitted on out-of-fold predictions alone, never on the board.
    Nested is the score of each fold under weights fitted on the others. What
    a submission contributes is how much worse the blend would be without it.
    """
    from practice import settings
    from practice.analysis.blend import Member, blend
    from practice.analysis.blending import METHODS
    from practice.cli.bars import bars
    from practice.cli.who import entrant

    one_form(json, csv)
    if method not in METHODS:
        raise UsageError(f"no method {method!r}", f"choose one of {', '.join(METHODS)}")
    here = settings.load()
    with bars(quiet=json or csv) as progress:
        made = blend(
            here,
            numbers,
            entrant=entrant(here, name),
            method=method,
            progress=progress,
        )
    out.write_bytes(made.predictions)
    if oof_out is not None:
        oof_out.write_bytes(made.out_of_fold)
    done = _submit(here, made, out) if submit else None
    line = _line(made, out, oof_out)
    if json:
        output.print_json(_facts(made, out, oof_out, line, done))
    elif csv:
        output.print_csv(Member, made.members)
    else:
        _say(made, out, oof_out)
        if done is None:
            output.stdout().print(line, "title")
    if done is not None:
        _told(done, out, quiet=json or csv)


def _told(done: Submitted, out: Path, *, quiet: bool) -> None:
    from practice.cli.verbs.submit import print_not_scored, print_scored

    if done.status == "scored":
        if not quiet:
            print_scored(done)
        return
    if not quiet:
        print_not_scored(done, out)
    raise typer.Exit(1)


def _message(made: Blend) -> str:
    ids = " ".join(str(each.submission) for each in made.members if each.weight)
    return f"{made.method} of {ids}"


def _line(made: Blend, out: Path, oof: Path | None) -> str:
    beside = "" if oof is None else f" --oof {oof}"
    return f"practice submit {out}{beside} -c {made.competition} -m '{_message(made)}'"


def _submit(here: Settings, made: Blend, out: Path) -> Submitted:
    from practice import harness

    weights = {str(each.submission): round(each.weight, 6) for each in made.members}
    return harness.submit(
        here,
        made.competition,
        out,
        entrant=made.entrant,
        message=_message(made),
        params={"blend": made.method, "weights": weights},
        out_of_fold=made.out_of_fold,
        out_of_fold_name=f"out-of-fold predictions of {out.name}",
    )


def _facts(
    made: Blend, out: Path, oof: Path | None, line: str, done: Submitted | None
) -> dict[str, object]:
    """Return what JSON says: the blend without its rows, where they are, and what came of them."""
    told = output.plain(replace(made, predictions=b"", out_of_fold=b""))
    del told["predictions"], told["out_of_fold"]
    return {**told, "file": out, "oof_file": oof, "command": line, "submitted": done}


def _say(made: Blend, out: Path, oof: Path | None) -> None:
    screen = output.stdout()
    marks = output.marks(screen)
    way = "greater" if made.greater_is_better else "smaller"
    screen.print(f"Blend of {len(made.members)} in {made.competition}: {made.method}", "bold")
    screen.print(f"{made.metric}, {way} is better {marks.better(made.greater_is_better)}")
    screen.print()
    columns = [
        output.Col("Id", "right"),
        output.Col("CV", "right"),
        output.Col("Weight", "right"),
        output.Col("Without", "right"),
        output.Col("Contributes", "right"),
        output.Col("Message", flex=1),
    ]
    rows = [
        [
            str(each.submission),
            output.number(each.cv),
            f"{each.weight:.3f}",
            output.number(each.without),
            output.signed(each.contribution),
            each.message,
        ]
        for each in made.members
    ]
    output.print_table(screen, columns, rows)
    screen.print()
    _worth(screen, made)
    screen.pair("Written", f"{out}" if oof is None else f"{out}, {oof}")
    screen.print()


def _worth(screen: output.Screen, made: Blend) -> None:
    """Print what the blend is worth by the folds, and how much of it is flattery."""
    screen.pair("Best alone", output.number(made.best))
    if made.nested is None:
        screen.pair("In sample", f"{output.number(made.cv)}; one fold, so no nested score")
        return
    fitted = made.method in ("climb", "weights")
    if fitted:
        screen.pair("In sample", f"{output.number(made.cv)}, on the folds the weights know")
    error = made.nested.standard_error
    within = "" if error is None else f" {output.marks(screen).within}{error:.2g}"
    what = "on folds the weights do not know" if fitted else "nothing is fitted"
    screen.pair("Nested", f"{output.number(made.nested.score)}{within}, {what}")
