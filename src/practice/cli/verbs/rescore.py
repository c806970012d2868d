"""``practice rescore``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, Slug, examples, one_form

if TYPE_CHECKING:
    from practice.harness.rescored import Rescored, RescoredRow

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice rescore breast-cancer"))
def command(slug: Slug = None, name: As = None, json: Json = False, csv: Csv = False) -> None:
    """Score what was submitted anew, by a changed scorer or metric.

    From the stored files; nothing is trained. Earlier scores stay stored, and the board shows the
    new ones all at once or, interrupted, none of them.
    """
    from practice import harness, settings
    from practice.cli.bars import bars
    from practice.cli.where import slug_for
    from practice.cli.who import entrant
    from practice.harness.rescored import RescoredRow

    one_form(json, csv)
    here = settings.load()
    who = entrant(here, name)
    with bars(quiet=json or csv) as progress:
        done = harness.rescore(here, slug_for(here, slug), progress)
    if json:
        output.print_json(done)
    elif csv:
        output.print_csv(RescoredRow, done.rows)
    else:
        _print(done, who)


def _print(done: Rescored, who: str) -> None:
    screen = output.stdout()
    if not done.done:
        screen.print(
            f"Nothing to do: all scores of {done.competition} are of scorer {done.scorer} and "
            f"{done.metric}."
        )
        return
    many = "submission" if done.submissions == 1 else "submissions"
    screen.print(f"Scored {done.submissions} {many} of {done.competition} anew", "bold")
    if done.metric_changed:
        better = "greater" if done.greater_is_better else "smaller"
        screen.pair("Metric", f"{done.old_metric} -> {done.metric}, {better} is better")
    if done.old_scorers != (done.scorer,):
        named = ", ".join(str(version) for version in done.old_scorers)
        screen.pair("Scorer", f"{named} -> {done.scorer}")
    for title, ids in (("Failed now", done.now_failed), ("Scored now", done.now_scored)):
        if ids:
            screen.pair(title, "submission " + ", ".join(str(id) for id in ids))
    changed = [row for row in done.rows if (row.old, row.old_rank) != (row.new, row.new_rank)]
    if changed:
        screen.print()
        _table(screen, changed, who)
    if same := len(done.rows) - len(changed):
        text = f"{same} of {len(done.rows)} rows of the board did not change."
        screen.print()
        screen.print(text if changed else "No row of the board changed.", "dim")
    output.say(f"next: practice leaderboard {done.competition}")


def _table(screen: output.Screen, changed: list[RescoredRow], who: str) -> None:
    marks = output.marks(screen)
    columns = [
        output.Col(""),
        output.Col("Entrant", flex=1),
        output.Col("Old", "right"),
        output.Col("New", "right"),
        output.Col("Rank", "right"),
    ]
    rows = [
        [
            marks.own if row.entrant == who else marks.reference * (row.kind == "reference"),
            row.entrant,
            output.number(row.old),
            output.number(row.new),
            f"{_rank(row.old_rank)} -> {_rank(row.new_rank)}",
        ]
        for row in changed
    ]
    styles = ["bold" if row.entrant == who else "" for row in changed]
    output.print_table(screen, columns, rows, styles)


def _rank(rank: int | None) -> str:
    return "-" if rank is None else str(rank)
