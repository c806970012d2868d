"""``practice submit``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from practice.cli import failure, output
from practice.cli.options import As, CompetitionName, Json, SubmissionFile, examples
from practice.errors import PracticeError

if TYPE_CHECKING:
    from practice.harness import Gap, Submitted

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice submit submission.csv -m 'first try'",
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

    A file with faults is refused with all of them, is kept, and costs no attempt.
    """
    try:
        done = _submit(file, competition, message, params or [], tag or [], name, ask=not json)
    except PracticeError as error:
        fields = {**NOTHING, "competition": competition, "entrant": name}
        raise typer.Exit(failure.report(error, as_json=json, **fields)) from error
    if json:
        output.print_json(done)
    elif done.status == "scored":
        _scored(done)
    else:
        _not_scored(done, file)
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
    competition: str | None,
    message: str,
    params: list[str],
    tags: list[str],
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
    given = parameters(params, "--params")
    return harness.submit(
        here,
        slug,
        content(file),
        entrant=entrant(here, name, ask=ask),
        message=message,
        params=given,
        tags=tags,
        folder=Path.cwd() if is_stdin(file) else None,
    )


def _scored(done: Submitted) -> None:
    screen = output.stdout()
    better = "greater" if done.greater_is_better else "smaller"
    score = output.number(done.public_score) if done.public_score is not None else "withheld"
    screen.print(f"Public score {score} ({done.metric}, {better} is better)", "bold")
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


def _not_scored(done: Submitted, file: Path) -> None:
    """Say why a submission was refused or failed, on stderr."""
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
