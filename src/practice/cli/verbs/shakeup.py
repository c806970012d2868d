"""``practice shakeup``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output, pictures
from practice.cli.options import As, Csv, Json, Slug, examples, one_form
from practice.cli.pictures import Html, Png, Svg
from practice.errors import RefusedError

if TYPE_CHECKING:
    from practice.analysis.shakeup import Shaken, Shakeup
    from practice.charts import Chart

app = typer.Typer(add_completion=False)


@app.command(epilog=examples("practice shakeup breast-cancer", "practice shakeup --png slopes.png"))
def command(
    slug: Slug = None,
    chart: Annotated[bool, typer.Option("--chart", help="Draw the places.")] = False,
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Forecast who moves at the reveal; after it, tell who did.

    Before the reveal a forecast of private scores and places, from released values alone, with 90 %
    intervals; after it how everybody moved, how the forecast did, and who was lucky.
    """
    from practice import settings
    from practice.analysis.shakeup import Shaken, shakeup
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    files = pictures.wanted(png=png, svg=svg, html=html)
    here = settings.load()
    who = entrant(here, name)
    told = shakeup(here, slug_for(here, slug))
    if files or chart:
        shown = _picture(told, who)
        pictures.save(shown, files)
    if json:
        output.print_json(told)
        return
    if csv:
        output.print_csv(Shaken, told.rows)
        return
    _say(told, who)
    if chart:
        output.stdout().print()
        pictures.draw(output.stdout(), shown, height=min(2 * len(told.rows) + 1, 41))


def _picture(told: Shakeup, who: str) -> Chart:
    """Draw a shake-up; refuse one without places to end at in words."""
    from practice.charts.shakeup import slopes

    try:
        return slopes(told, who)
    except ValueError:
        why = told.why or "nobody has a place yet"
        message = f"there is nothing to draw of {told.competition}: {why}"
        raise RefusedError(message, f"practice leaderboard {told.competition}") from None


def _say(told: Shakeup, who: str) -> None:
    screen = output.stdout()
    screen.print(_sentence(told, who), "title")
    if told.revealed:
        _results(screen, told)
    elif not told.why:
        screen.print("from public scores alone, shrunk towards the field", "dim")
    screen.print()
    if told.rows:
        _table(screen, told, who)
    for warning in told.warnings:
        output.stderr().print(f"warning: {warning}", "warn")


def _sentence(told: Shakeup, who: str) -> str:
    """Say what the user wants to know first: where they end, or ended."""
    row = next((each for each in told.rows if each.entrant == who), None)
    whose = "your"
    if row is None:
        if not told.rows:
            return f"no forecast for {told.competition}: {told.why or 'nobody has a place'}"
        row = told.rows[0]
        whose = f"{output.clean(row.entrant)}'s"
    if told.revealed:
        return _ended(row, whose)
    if row.rank_low is None or row.rank_high is None or row.share is None:
        return f"{whose} place {row.rank} may end anywhere: {told.why}"
    between = f"between {row.rank_low} and {row.rank_high}"
    if row.rank_low == row.rank_high:
        between = f"at {row.rank_low}"
    return f"{whose} place {row.rank} ends {between} in {_percent(row.share)} of worlds"


def _ended(row: Shaken, whose: str) -> str:
    if row.public_rank is None:
        return f"{whose} private place is {row.rank}; there was no public one"
    if row.moved == 0:
        text = f"{whose} place {row.rank} stayed"
    else:
        text = f"{whose} place {row.public_rank} became {row.rank}"
    if row.rank_low is None:
        return text
    there = "as forecast" if row.held else "not as forecast"
    return f"{text}, {there}: {_places(row)}"


def _results(screen: output.Screen, told: Shakeup) -> None:
    moved = sum(bool(row.moved) for row in told.rows)
    if told.number is not None:
        text = f"{told.number:.3f} (0 nobody moves, .333 a lottery)"
        screen.pair("Shake-up", f"{text}; {moved} of {len(told.rows)} moved")
    if told.why:
        screen.pair("Forecast", f"none: {told.why}")
        return
    places = f"{told.places_held} of {told.places_forecast} places"
    scores = f"{told.scores_held} of {told.scores_forecast} scores"
    screen.pair("Forecast", f"{places} and {scores} in their 90 % intervals")
    known = sorted((row.luck, row.entrant) for row in told.rows if row.luck is not None)
    if known:
        (least, unlucky), (most, lucky) = known[0], known[-1]
        screen.pair("Luckiest", f"{output.clean(lucky)}, {most:+.1f} standard deviations")
        screen.pair("Unluckiest", f"{output.clean(unlucky)}, {least:+.1f}")


def _table(screen: output.Screen, told: Shakeup, who: str) -> None:
    marks = output.marks(screen)
    arrow = marks.better(told.greater_is_better)
    after = ["Moved", "Luck"] if told.revealed else []
    expected = [] if told.why or told.revealed else [output.Col("Forecast", "right")]
    columns = [
        output.Col(""),
        output.Col("#", "right"),
        output.Col("Entrant", flex=1),
        output.Col(f"{'Private' if told.revealed else 'Public'} {arrow}", "right"),
        *expected,
        *([output.Col("90 % of scores"), output.Col("Places")] if not told.why else []),
        *(output.Col(title, "right") for title in after),
    ]
    rows = [_cells(told, row, who, marks) for row in told.rows]
    styles = ["bold" if row.entrant == who else "" for row in told.rows]
    output.print_table(screen, columns, rows, styles)
    if told.revealed and not told.why:
        screen.print()
        text = "! not as forecast   luck: standard deviations from the forecast"
        screen.print(text, "dim")


def _cells(told: Shakeup, row: Shaken, who: str, marks: output.Marks) -> list[str]:
    mark = marks.reference if row.kind == "reference" else ""
    made = []
    if not told.why:
        made = [_ends(row.forecast_low, row.forecast_high), _places(row)]
        if told.revealed:
            missed = (row.score_held is False, row.held is False)
            made = [f"{text} !" if flag else text for text, flag in zip(made, missed, strict=True)]
        else:
            made.insert(0, output.number(row.forecast))
    after = []
    if told.revealed:
        moved = "-" if row.moved is None else "=" if row.moved == 0 else f"{row.moved:+d}"
        after = [moved, "-" if row.luck is None else f"{row.luck:+.1f}"]
    return [
        marks.own if row.entrant == who else mark,
        str(row.rank),
        row.entrant,
        output.number(row.private_score if told.revealed else row.public_score),
        *made,
        *after,
    ]


def _ends(low: float | None, high: float | None) -> str:
    """Write an interval; where no resample differs from another, there is none.

    Examples
    --------
    >>> _ends(0.75, 0.875), _ends(None, None)
    ('0.75000 to 0.87500', '-')
    """
    return "-" if low is None else f"{output.number(low)} to {output.number(high)}"


def _places(row: Shaken) -> str:
    if row.rank_low is None:
        return "-"
    if row.rank_low == row.rank_high:
        return str(row.rank_low)
    return f"{row.rank_low} to {row.rank_high}"


def _percent(share: float) -> str:
    """Write a share; 100 % is all worlds that were drawn.

    Examples
    --------
    >>> _percent(0.904), _percent(0.998)
    ('90 %', '99 %')
    """
    return f"{round(100 * share) if share < 0.99 else int(100 * share)} %"
