"""``practice history``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from practice.cli import output
from practice.cli.options import As, Csv, Json, examples, one_form

if TYPE_CHECKING:
    from practice.analysis.history import Past
    from practice.cli.output import Screen

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice history", "practice history --csv"))
def command(name: As = None, json: Json = False, csv: Csv = False) -> None:
    """List your revealed seasons, and what the finals chosen there cost.

    Regret is how much better the best of all your submissions was than the
    better one of those that counted. Beside it stands what select --advise
    would have chosen.
    """
    from practice import settings
    from practice.analysis.history import Past, history
    from practice.cli.who import entrant

    one_form(json, csv)
    here = settings.load()
    who = entrant(here, name)
    found = history(here, who)
    if json:
        output.print_json({"entrant": who, "seasons": found})
    elif csv:
        output.print_csv(Past, found)
    elif found:
        _say(output.stdout(), who, found)
    else:
        output.stdout().print(f"No season of {output.clean(who)} is revealed yet.")
        output.say("next: practice shows what is running, practice reveal SLUG ends it")


def _say(screen: Screen, who: str, found: tuple[Past, ...]) -> None:
    """Print the places, then the choices."""
    screen.print(f"Seasons of {output.clean(who)}", "bold")
    places = [
        output.Col("Competition", flex=1),
        output.Col("Revealed"),
        output.Col("Public", "right"),
        output.Col("Private", "right"),
        output.Col("Percentile", "right"),
        output.Col("Score", "right"),
        output.Col("Metric", flex=2),
    ]
    rows = [
        [
            _name(each),
            output.when(each.revealed_at, day=True),
            "-" if each.public_place is None else str(each.public_place),
            f"{each.place} of {each.ranked}",
            f"{each.percentile:.0f}",
            output.number(each.private_score),
            each.metric,
        ]
        for each in found
    ]
    output.print_table(screen, places, rows)
    screen.print()
    screen.print("What the finals cost, in score and (places)", "bold")
    costs = [
        output.Col("Competition", flex=1),
        output.Col("Finals"),
        output.Col("Regret", "right"),
        output.Col("Best", "right"),
        output.Col("Advice"),
        output.Col("Regret", "right"),
    ]
    rows = [
        [
            _name(each),
            _ids(each.finals) + ("" if each.chosen else " (stood in)"),
            _cost(each.regret, each.regret_places),
            str(each.best),
            _ids(each.advice),
            _cost(each.advice_regret, each.advice_places),
        ]
        for each in found
    ]
    output.print_table(screen, costs, rows)
    both = [(p.regret_places, p.advice_places) for p in found if p.advice_places is not None]
    if both:
        yours, theirs = (sum(column) / len(both) for column in zip(*both, strict=True))
        screen.print()
        seasons = "1 season" if len(both) == 1 else f"{len(both)} seasons"
        screen.print(
            f"Places lost per season: you {yours:.1f}, the advice {theirs:.1f} ({seasons})"
        )


def _name(each: Past) -> str:
    return each.competition if each.season == 1 else f"{each.competition} #{each.season}"


def _ids(ids: tuple[int, ...]) -> str:
    return " ".join(map(str, ids)) or "-"


def _cost(regret: float | None, places: int | None) -> str:
    return "-" if regret is None else f"{output.number(regret)} ({places})"
