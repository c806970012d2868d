"""``practice trust``."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output, pictures
from practice.cli.options import As, Csv, Json, Slug, examples, one_form
from practice.cli.pictures import Html, Png, Svg
from practice.errors import RefusedError

if TYPE_CHECKING:
    from practice.analysis.trust import Gain, Trust, TrustPoint
    from practice.charts import Figure
    from practice.cli.output import Marks

app = typer.Typer(add_completion=False)

_MOST_DIGITS = 6
_LARGE = 1e6  # from here on, powers of ten


@app.command(epilog=examples("practice trust breast-cancer", "practice trust --png trust.png"))
def command(
    slug: Slug = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw cross-validation against the board.")
    ] = False,
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    name: As = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Compare your cross-validation with the board.

    Of every submission with out-of-fold predictions (practice submit FILE --oof OOF) both scores
    and the gains over your best before by cross-validation; how often both order your close
    submissions alike; and whether to go by cross-validation. After the reveal, private scores.
    """
    from practice import settings
    from practice.analysis.trust import TrustPoint, trust
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    one_form(json, csv)
    files = pictures.wanted(png=png, svg=svg, html=html)
    here = settings.load()
    found = trust(here, slug_for(here, slug), entrant(here, name))
    if files or chart:
        shown = _picture(found)
        pictures.save(shown, files)
    if json:
        output.print_json(found)
        return
    if csv:
        output.print_csv(TrustPoint, found.points)
        return
    _say(found)
    if chart:
        output.stdout().print()
        pictures.draw(output.stdout(), shown, height=14)


def _picture(found: Trust) -> Figure:
    """Draw both scores; refuse where there are none in words."""
    from practice.charts.trust import against_board

    try:
        return against_board(found)
    except ValueError:
        message = f"no submission to {found.competition} has both scores: nothing to draw"
        revealed = found.board == "private"
        hint = pictures.until_told(found.competition, found.feedback, revealed, "--oof OOF ")
        raise RefusedError(message, hint) from None


def _say(found: Trust) -> None:
    screen = output.stdout()
    marks = output.marks(screen)
    who = output.clean(found.entrant)
    if not found.points:
        screen.print(f"No submission of {who} has out-of-fold predictions yet.")
        output.say(f"next: practice submit FILE --oof OOF -c {found.competition}")
        return
    better = "greater" if found.greater_is_better else "smaller"
    screen.print(f"Cross-validation against the {found.board} board of {found.competition}", "bold")
    arrow = marks.better(found.greater_is_better)
    screen.print(f"{found.metric}, {better} is better {arrow}, submissions of {who}")
    screen.print()
    columns = [
        output.Col("Id", "right"),
        output.Col("CV", "right"),
        output.Col(found.board.capitalize(), "right"),
        output.Col("Over", "right"),
        output.Col("Gain by CV"),
        output.Col("Gain on board"),
        output.Col("Message", flex=1),
    ]
    output.print_table(screen, columns, [_cells(each, marks) for each in found.points])
    screen.print()
    if any(each.gain is not None for each in found.points):
        screen.print("Gains: over your best before by cross-validation, better is +.", "dim")
        signs = f"{marks.star} beyond luck   {marks.about} a gain, but inside the noise"
        screen.print(signs, "dim")
    if found.alike is not None:
        screen.pair("Agreement", _agreement(found))
    if found.public_alike is not None:
        screen.pair("Public", f"{100 * found.public_alike:.0f} % by the public board, likewise")
    if found.standard_error is not None:
        error = f"{marks.within}{output.number(found.standard_error)}"
        screen.pair("Noise", f"{error} (standard error of your best score, {found.rows} rows)")
    elif found.alike is not None:
        screen.pair("Noise", _unknown(found))
    for line in wrap(found.sentence, min(screen.width, 100)):
        screen.print(line, "bold")


def _cells(point: TrustPoint, marks: Marks) -> list[str]:
    return [
        str(point.submission),
        output.number(point.cross_validation),
        output.number(point.score),
        "-" if point.over is None else str(point.over),
        _gain(point.gain, marks),
        _gain(point.board_gain, marks),
        point.message,
    ]


def _gain(gain: Gain | None, marks: Marks) -> str:
    if gain is None:
        return "-"
    if gain.low is None or gain.high is None:
        return output.signed(gain.value)
    half = (gain.high - gain.low) / 2
    # As many decimals as two digits of the interval take; beyond that the table would not fit.
    digits = 5 if half <= 0 else max(1 - math.floor(math.log10(half)), 0)
    large = max(abs(gain.value), half) >= _LARGE
    form = ".1e" if large or digits > _MOST_DIGITS else f".{digits}f"
    flag = marks.star if gain.real else marks.about if gain.value > 0 else ""
    return f"{gain.value:+{form}} {marks.within}{half:{form}}{flag}"


def _agreement(found: Trust) -> str:
    assert found.alike is not None
    near = " near your best" if found.standard_error is not None else ""
    of = f"{found.compared} submissions{near}"
    pairs = "1 pair" if found.pairs == 1 else f"{found.pairs} pairs"
    return f"{100 * found.alike:.0f} % of {pairs} ordered alike ({of})"


def _unknown(found: Trust) -> str:
    if found.board == "public" and found.feedback != "full":
        return f"unknown: feedback {found.feedback} does not tell what it follows from"
    return "unknown: there are no resamples of these scores"
