"""``practice submit``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from practice.cli import failure, output
from practice.cli.options import As, CompetitionName, Json, SubmissionFile, examples
from practice.errors import PracticeError, UsageError
from practice.scoring.records import SubmissionRefusedError

if TYPE_CHECKING:
    from practice.harness import CrossValidation, Gap, Submitted

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice submit submission.csv -m 'first try'",
        "practice submit submission.csv --oof oof.csv -m 'first try'",
        "practice submit out.parquet --params depth=3 --params rate=0.1 --tag gbm",
        "python predict.py | practice submit - -c breast-cancer --params run.toml",
    )
)
def command(
    file: SubmissionFile,
    competition: CompetitionName = None,
    message: Annotated[
        str, typer.Option("--message", "-m", metavar="TEXT", help="What you tried.")
    ] = "",
    oof: Annotated[
        Path | None,
        typer.Option(
            metavar="OOF",
            help="Out-of-fold predictions of the training rows: a submission's columns on the "
            "ids of folds.csv. Their score stands beside the public one.",
        ),
    ] = None,
    params: Annotated[
        list[str] | None,
        typer.Option(metavar="K=V|FILE", help="What made it; repeatable; or a JSON or TOML file."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="A label; repeatable.")
    ] = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Score a submission and put it on the board.

    A file with faults is refused with all of them, is kept, and costs no attempt. With --oof,
    out-of-fold predictions are scored on the folds of folds.csv; where they have faults, nothing
    is stored. practice trust compares both scores.
    """
    try:
        said = message, params or [], tag or []
        done = _submit(file, oof, competition, said, name, ask=not json)
    except PracticeError as error:
        fields = {**NOTHING, "competition": competition, "entrant": name}
        code = failure.report(error, as_json=json, **fields)
        if isinstance(error, SubmissionRefusedError) and not json:
            output.stderr().print("nothing was stored; no attempt was used")
        raise typer.Exit(code) from error
    if json:
        output.print_json(done)
    elif done.status == "scored":
        print_scored(done)
    else:
        print_not_scored(done, file)
    if done.status != "scored":
        raise typer.Exit(1)


# What `--json` says where nothing was stored: the same keys, so that a script needs no cases.
NOTHING: dict[str, Any] = {
    "id": None,
    "competition": None,
    "entrant": None,
    "status": "refused",
    "metric": None,
    "public_score": None,
    "rank": None,
    "entrants": None,
    "problems": [],
}


def _submit(
    file: Path,
    oof: Path | None,
    competition: str | None,
    said: tuple[str, list[str], list[str]],
    name: str | None,
    *,
    ask: bool,
) -> Submitted:
    from practice import harness, settings
    from practice.cli.files import content, is_stdin
    from practice.cli.params import parameters
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here = settings.load()
    slug = slug_for(here, competition, file)
    message, params, tags = said
    given = parameters(params, "--params")
    if oof is not None and is_stdin(oof) and is_stdin(file):
        raise UsageError("FILE and --oof cannot both be standard input", "name one of them")
    return harness.submit(
        here,
        slug,
        content(file),
        entrant=entrant(here, name, ask=ask),
        message=message,
        params=given,
        tags=tags,
        folder=Path.cwd() if is_stdin(file) else None,
        out_of_fold=None if oof is None else content(oof),
    )


def print_scored(done: Submitted) -> None:
    """Print the score and the place of a submission.

    Parameters
    ----------
    done : Submitted
    """
    screen = output.stdout()
    better = "greater" if done.greater_is_better else "smaller"
    score = output.number(done.public_score) if done.public_score is not None else "withheld"
    screen.print(f"Public score {score} ({done.metric}, {better} is better)", "bold")
    if done.cross_validation is not None:
        screen.pair("Folds", _folds(done.cross_validation, output.marks(screen).within))
    if done.private_score is not None:
        screen.pair("Private", output.number(done.private_score))
    if done.secondary:
        beside = [f"{metric} {output.number(value)}" for metric, value in done.secondary.items()]
        screen.pair("Beside", ", ".join(beside))
    if done.late:
        screen.pair("Place", "late: scored after the reveal, not ranked")
    elif done.rank is not None:
        people = f"{done.entrants} {'person' if done.entrants == 1 else 'people'}"
        screen.pair("Place", f"{done.rank} of {done.ranked} ({people})")
    if done.own_best:
        screen.pair("Own best", f"before this {_gap(done.own_best)}")
    if done.baseline:
        screen.pair("Baseline", f"{done.baseline.to} {_gap(done.baseline)}")
    if done.attempts_left is not None:
        screen.pair("Attempts", attempts(done.attempts_left, done.attempts_reset_at))
    stored = f"submission {done.id} of {output.clean(done.entrant)}"
    if done.repeated is not None:
        stored += f"; the same bytes as submission {done.repeated}"
    screen.pair("Stored", stored)
    output.say(f"next: practice leaderboard {done.competition}")


def _folds(found: CrossValidation, within: str) -> str:
    """Say what cross-validation promised."""
    error = found.standard_error
    spread = "" if error is None else f" {within}{output.number(error)} (standard error)"
    many = f"{len(found.folds)} fold{'s' if len(found.folds) > 1 else ''}"
    return f"{output.number(found.score)}{spread}, the mean of {many}, {found.rows} rows"


def _gap(gap: Gap) -> str:
    """Say how far another score is away, and which way."""
    if gap.better is None:
        return f"{output.number(gap.score)}: equal"
    verdict = "better" if gap.better else "worse"
    return f"{output.number(gap.score)}: {output.signed(gap.difference)}, {verdict}"


def attempts(left: int, reset: datetime | None) -> str:
    """Say how many attempts are left and until when.

    Parameters
    ----------
    left : int
    reset : datetime or None
        When there are new ones, aware.

    Returns
    -------
    str

    Examples
    --------
    >>> attempts(4, None)
    '4 left'
    """
    if reset is None:
        return f"{left} left"
    utc, local = reset.astimezone(UTC), reset.astimezone()
    here = "" if local.utcoffset() == utc.utcoffset() else f", {local:%Y-%m-%d %H:%M} here"
    return f"{left} left until {utc:%Y-%m-%d %H:%M} UTC{here}"


def print_not_scored(done: Submitted, file: Path) -> None:
    """Say why a submission was refused or failed, on stderr.

    Parameters
    ----------
    done : Submitted
    file : Path
    """
    from practice import settings
    from practice.cli.problems import print_problems
    from practice.cli.where import other_build

    screen = output.stderr()
    if done.problems:
        print_problems(screen, "error: refused", done.problems)
    else:
        error = output.clean(f"error: {done.status}: {done.error}")
        screen.print(error, "fail")
    kept = f"kept as submission {done.id}; no attempt was used"
    if done.attempts_left is not None:
        kept += f", {attempts(done.attempts_left, done.attempts_reset_at)}"
    screen.print(kept)
    stale = other_build(settings.load(), done.competition, file)
    if stale:
        screen.print(stale)
