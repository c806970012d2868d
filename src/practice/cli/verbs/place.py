"""``practice place``."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from practice.cli import output
from practice.cli.options import As, Json, examples
from practice.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from practice.analysis.kaggle_board import KaggleBoard
    from practice.analysis.placing import Placement

app = typer.Typer(add_completion=False)

CAVEATS = (
    "The local hidden rows are not Kaggle's test rows: other noise, often an easier split.",
    "Boards are crowded: a change in the last digits can move hundreds of ranks.",
    "Scores at the very top may be cheats, and a board of beginners drops old entries.",
    "A public board is picked by its own score; compare with the private one where it is there.",
    "Code competitions and ratings of simulations cannot be compared at all.",
)


@app.command(
    epilog=examples(
        "practice place titanic titanic-publicleaderboard-2026-09-30T17_41_44.zip",
        "practice place titanic board.csv --score 0.79",
    )
)
def command(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The competition.")],
    board: Annotated[
        Path, typer.Argument(metavar="BOARD", help="The zip or csv of Kaggle's download.")
    ],
    score: Annotated[
        float | None, typer.Option("--score", help="Place this score, instead of your entry's.")
    ] = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Place your score on a leaderboard downloaded from Kaggle.

    The score is that of your row on the local board: the public one, after the reveal the
    private one. Names on Kaggle's board are not kept.
    """
    from practice import settings
    from practice.analysis.kaggle_board import read_board
    from practice.analysis.placing import place

    local, greater, interval = _local(settings.load(), slug, name, score)
    read = read_board(board, greater_is_better=greater)
    placed = place(read, local, greater_is_better=greater, interval=interval)
    if json:
        output.print_json(_facts(slug, local, interval, read, placed))
    else:
        _say(slug, local, interval, read, placed)


def _local(
    here: Any, slug: str, name: str | None, score: float | None
) -> tuple[float, bool, tuple[float, float] | None]:
    """Return the score to place, its direction and its interval."""
    from practice import catalog, harness, metrics
    from practice.cli.who import entrant

    if score is not None:
        if not abs(score) < float("inf"):
            raise UsageError("--score must be a finite number", "practice place --help")
        spec = catalog.load(slug, here).metric
        greater = spec.greater_is_better
        if spec.name:
            greater = metrics.get(spec.name, **spec.parameters).greater_is_better
        return score, bool(greater), None
    shown = harness.leaderboard(here, slug)
    who = entrant(here, name)
    row = next((each for each in shown.entries if each.entrant == who), None)
    if row is None:
        message = f"{output.clean(who)} has no score on the board of {slug}"
        raise RefusedError(message, f"practice submit FILE -c {slug}, or --score NUMBER")
    value = row.private_score if shown.revealed else row.public_score
    if value is None:
        message = f"no score of {output.clean(who)} is released on the board of {slug}"
        raise RefusedError(message, "--score NUMBER places any score")
    interval = None
    if row.score_low is not None and row.score_high is not None:
        interval = row.score_low, row.score_high
    return value, shown.greater_is_better, interval


def _facts(
    slug: str,
    local: float,
    interval: tuple[float, float] | None,
    read: KaggleBoard,
    placed: Placement,
) -> dict[str, Any]:
    return {
        "competition": slug,
        "score": local,
        "interval": interval,
        "board": read.file,
        "split": read.split,
        "teams": placed.teams,
        "benchmarks": len(read.benchmarks),
        "rank": placed.rank,
        "rank_last": placed.rank_last,
        "rank_interval": placed.interval,
        "percentile": placed.percentile,
        "top": placed.top,
        "medal": placed.medal,
        "medals": placed.medals,
        "lines": placed.lines,
        "caveats": CAVEATS,
    }


def _say(
    slug: str,
    local: float,
    interval: tuple[float, float] | None,
    read: KaggleBoard,
    placed: Placement,
) -> None:
    screen = output.stdout()
    rank = f"{placed.rank:,}"
    tied = f" to {placed.rank_last:,}, with equal scores" if placed.rank_last > placed.rank else ""
    screen.print(f"{slug}: would have been {rank}{tied} beside {placed.teams:,} teams", "title")
    where = read.split or "its name does not say which half"
    screen.pair("Board", f"{output.clean(read.file)} ({where})")
    screen.pair("Score", f"{local:.{read.decimals}f}, as the board rounds it")
    if placed.interval is not None and interval is not None:
        low, high = (output.number(each) for each in interval)
        first, last = (f"{each:,}" for each in placed.interval)
        screen.pair("Interval", f"{low} to {high}: place {first} to {last}")
    screen.pair("Percentile", f"{placed.percentile:.1f} (top {placed.top:.1f} %)")
    screen.pair("Medal", _medal(placed))
    for line, value in placed.lines.items():
        screen.pair(line.capitalize(), f"{value:.{read.decimals}f}")
    if len(read.benchmarks):
        shown = ", ".join(f"{each:.{read.decimals}f}" for each in read.benchmarks[:3])
        screen.pair("Benchmarks", shown)
    if read.left_out:
        screen.pair("Left out", f"{read.left_out} rows without a score")
    screen.print()
    for caveat in CAVEATS:
        for line in wrap(caveat, screen.width, initial_indent="  - ", subsequent_indent="    "):
            screen.print(line, "dim")


def _medal(placed: Placement) -> str:
    if placed.medals is None:
        return "none: this kind of competition gives none"
    if placed.medal is None:
        return f"none ({placed.medals.bronze:,} of {placed.teams:,} teams get one)"
    return f"{placed.medal}, if it is a competition that gives medals"
