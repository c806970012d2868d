"""Pictures in files: PNG and SVG without a browser, pages without a network."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from practice.charts.spec import (
    GREY,
    PALETTE,
    Chart,
    Figure,
    Rule,
    Series,
    Zone,
    extent,
    figure,
    greater,
    shades,
    spaced,
)
from practice.errors import UsageError

__all__ = ["ENDINGS", "available", "html", "png", "raster", "save", "svg", "vega_lite"]

ENDINGS = (".png", ".svg", ".html")

_WIDTH, _NARROW, _HEIGHT, _ROW = 560, 380, 320, 22  # points
_APART = 6  # points between two numbers of an axis
_LINE = 14  # points from one text to the next
_SCALE = 2.0  # pixels per point in a PNG
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [9, 2, 2, 2, 2, 2], [4, 1])
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
_FONT = 12
_STAND_IN = "\ufdd0"  # no character, so in no text
# All as wide as each other, so that a viewer's texts end where they were measured to end.
_FAMILY = "Arial, Liberation Sans, Helvetica, sans-serif"
Data = dict[str, list[dict[str, Any]]]
_DARK = "#444444"
_ARROWS = {"y": ("↑", "↓"), "x": ("→", "←")}  # to greater, to smaller


def save(shown: Chart | Figure, path: Path) -> None:
    """Write a picture.

    Parameters
    ----------
    shown : Chart or Figure
    path : Path
        What it ends with says what is written: .png, .svg or .html (a page that needs nothing
        else). A file that is there is replaced.

    Raises
    ------
    UsageError
        It ends with something else, or the extra ``charts`` is not installed.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path} is no picture", f"name it {', '.join(ENDINGS)}")
    if ending == ".png":
        path.write_bytes(png(shown))
    else:
        path.write_text(svg(shown) if ending == ".svg" else html(shown), encoding="utf-8")


def png(shown: Chart | Figure) -> bytes:
    """Return a picture as PNG.

    Raises
    ------
    UsageError
        The extra ``charts`` is not installed.
    """
    return raster(svg(shown))


def raster(drawn: str) -> bytes:
    """Return what :func:`svg` returned as PNG."""
    import vl_convert

    made: bytes = vl_convert.svg_to_png(drawn, scale=_SCALE)
    return made


def svg(shown: Chart | Figure) -> str:
    """Return a picture as SVG, as :func:`png` does."""
    spec = vega_lite(shown)
    import vl_convert

    made: str = vl_convert.vegalite_to_svg(spec)
    return made


def html(shown: Chart | Figure) -> str:
    """Return a page with a picture and all the script it needs, as :func:`png` does."""
    # Texts of a picture, such as names of entrants, must not end the script that they stand in.
    spec = json.loads(json.dumps(vega_lite(shown)).replace("<", _STAND_IN))
    import vl_convert

    made: str = vl_convert.vegalite_to_html(spec, bundle=True)
    return made.replace(_STAND_IN, r"\u003c")


def vega_lite(shown: Chart | Figure) -> dict[str, Any]:
    """Return a picture as a Vega-Lite specification, data and all.

    Parameters
    ----------
    shown : Chart or Figure

    Returns
    -------
    dict
        What JSON can say.

    Raises
    ------
    UsageError
        The extra ``charts`` is not installed.
    """
    available()
    import altair as alt

    whole = figure(shown)
    known, lines = shades(whole), _lines_alone(whole)
    wide = _WIDTH if len(whole.charts) == 1 else _NARROW
    rows: Data = {}
    parts = [_chart(alt, chart, known, lines, wide, rows) for chart in whole.charts]
    joined = alt.hconcat(*parts, spacing=24)
    if len({chart.flip for chart in whole.charts}) == 1 and not whole.charts[0].flip:
        joined = joined.resolve_scale(y="shared")
    title = alt.Title(
        whole.title,
        subtitle=_lines(whole.note, wide * len(parts)),
        anchor="start",
        fontSize=_FONT + 4,
        subtitleFontSize=_FONT,
        subtitlePadding=4,
        offset=14,
    )
    text: dict[str, Any] = {"labelFontSize": _FONT, "titleFontSize": _FONT}
    styled = (
        joined.properties(title=title, background="white", padding=14)
        .configure(font=_FAMILY)
        .configure_axis(
            **text, gridColor="#E5E5E5", titlePadding=8, labelLimit=220, labelFlush=False
        )
        .configure_legend(
            **text, orient="bottom", labelLimit=0, symbolSize=120, symbolStrokeWidth=2
        )
        .configure_title(fontSize=_FONT + 1, anchor="start")
        .configure_view(stroke=None)
    )
    made: dict[str, Any] = styled.to_dict()
    made["datasets"] = rows
    return made


def available() -> None:
    """Say whether pictures can be drawn into files.

    Raises
    ------
    UsageError
        The extra ``charts`` is not installed.
    """
    for name in ("altair", "vl_convert"):
        if find_spec(name) is None:
            raise UsageError(
                f"pictures in files need the extra 'charts': {name} is not installed",
                "pip install 'practice[charts]'; the picture in the terminal needs nothing",
            )


def _lines(note: str, width: int) -> list[str]:
    """Break a note into lines of about that many points."""
    import textwrap

    return textwrap.wrap(note, width=max(40, round(width / 6.2)))


def _lines_alone(whole: Figure) -> set[str]:
    """Return the names that are drawn as lines or bands wherever they occur."""
    kinds: dict[str, set[str]] = {}
    for each in (each for chart in whole.charts for each in chart.series):
        kinds.setdefault(each.name, set()).add(each.kind)
    return {name for name, found in kinds.items() if found <= {"line", "band"}}


def _chart(
    alt: Any, chart: Chart, known: dict[str, int], lines: set[str], width: int, rows: Data
) -> Any:
    height = _ROW * len(chart.categories) if chart.flip and chart.categories else _HEIGHT
    low, high = _ends(chart, False)
    if chart.y.places and not chart.flip:
        height = max(height, round(_LINE * (high - low + 1)))
    places = {} if chart.flip else spaced(chart, (high - low) * _LINE / height)
    layers = [_zone(alt, chart, zone) for zone in chart.zones]
    layers += [_rule(alt, chart, rule) for rule in chart.rules]
    for number, each in sorted(enumerate(chart.series), key=lambda pair: not pair[1].muted):
        beside = [places.get((number, at), y) for at, y in enumerate(each.y)]
        if chart.flip and each.high:  # behind the interval, not on it
            beside = list(each.high)
        layers += _layers(alt, chart, each, (known, lines), beside, rows)
    return alt.layer(*layers).properties(title=chart.title, width=width, height=height)


def _at(alt: Any, chart: Chart, field: str) -> dict[str, Any]:
    """Return the channel of a field ("x", "y", "low", "high", "beside") with its encoding."""
    across = field == "x"
    channel = "y" if across == chart.flip else "x"
    encoding = alt.Y if channel == "y" else alt.X
    axis = chart.x if across else chart.y
    title = greater(axis, _ARROWS[channel])
    if across and chart.categories:
        order = list(chart.categories)
        # With slopes the words stand below the lines; upright, they are not turned.
        turned = alt.Axis(title=title or None, labelAngle=0)
        scale = alt.Scale(domain=order, padding=0.5)
        return {channel: encoding("x:N", sort=order, scale=scale, axis=turned)}
    low, high = _ends(chart, across)
    # Without "zero" a score of .95 would be told from .96 by two per cent of the height.
    scale = alt.Scale(zero=any(each.kind == "bars" for each in chart.series))
    if axis.low is not None or axis.high is not None:
        scale = alt.Scale(domain=[low, high], nice=False)
    ticks = alt.Axis()
    if channel == "x":
        ticks = alt.Axis(labelOverlap="parity", labelSeparation=_APART)
    if across and all(isinstance(x, int) for each in chart.series for x in each.x):
        ticks = alt.Axis(tickMinStep=1, format=",d")  # nothing is between the third and the fourth
    if axis.log:
        scale = alt.Scale(type="log", domain=[low, high], nice=False)
    if axis.places:
        ends = [low - 0.5, high + 0.5]
        scale = alt.Scale(domain=ends, nice=False, zero=False, reverse=not chart.flip)
        # Behind upright places stand names, which lines must not strike out.
        ticks = alt.Axis(tickMinStep=1, format="d", grid=chart.flip)
    return {channel: encoding(f"{field}:Q", title=title or None, scale=scale, axis=ticks)}


def _to(alt: Any, chart: Chart, field: str) -> dict[str, Any]:
    """Return the channel of the other end of an interval."""
    return {"x2": alt.X2(f"{field}:Q")} if chart.flip else {"y2": alt.Y2(f"{field}:Q")}


def _ends(chart: Chart, across: bool) -> tuple[float, float]:
    """Return where an axis of numbers ends: where it says so, else with its data."""
    axis = chart.x if across else chart.y
    low, high = extent(chart, across)
    return (low if axis.low is None else axis.low, high if axis.high is None else axis.high)


def _rule(alt: Any, chart: Chart, rule: Rule) -> Any:
    data = alt.Chart(alt.Data(values=[{"y": rule.value, "name": rule.name}]))
    line = data.mark_rule(color=_DARK, strokeDash=[2, 3], strokeWidth=1.2)
    # The name stands at the far end of the line, just beside it.
    if chart.flip:
        text = data.mark_text(align="left", dx=4, dy=8, fontSize=_FONT - 1, color=_DARK)
        end = {"y": alt.value(0)}
    else:
        text = data.mark_text(align="right", dx=-2, dy=8, fontSize=_FONT - 1, color=_DARK)
        end = {"x": alt.value("width")}
    at = _at(alt, chart, "y")
    return alt.layer(line.encode(**at), text.encode(text="name:N", **at, **end))


def _zone(alt: Any, chart: Chart, zone: Zone) -> Any:
    data = alt.Chart(alt.Data(values=[{"low": zone.low, "high": zone.high, "name": zone.name}]))
    between = {**_at(alt, chart, "low"), **_to(alt, chart, "high")}
    shade = data.mark_rect(color=GREY, opacity=0.2).encode(**between)
    # Above the frame, where no value can be.
    text = data.mark_text(align="left", baseline="bottom", fontSize=_FONT - 1, color=_DARK)
    end = {"y": alt.value(-3)} if chart.flip else {"x": alt.value(3)}
    return alt.layer(shade, text.encode(text="name:N", **_at(alt, chart, "low"), **end))


def _rows(each: Series, beside: list[float]) -> list[dict[str, Any]]:
    rows = []
    for at, (x, y) in enumerate(zip(each.x, each.y, strict=True)):
        row: dict[str, Any] = {"x": x, "y": y if math.isfinite(y) else None, "series": each.name}
        if each.low:
            row |= {"low": each.low[at], "high": each.high[at]}
        if each.texts:
            row |= {"text": each.texts[at], "beside": beside[at]}
        rows.append(row)
    return rows


def _layers(
    alt: Any,
    chart: Chart,
    each: Series,
    listed: tuple[dict[str, int], set[str]],
    beside: list[float],
    rows: Data,
) -> list[Any]:
    """Draw a series: its interval, its values, its texts at the heights ``beside``."""
    # By name: altair copies all data that it holds at every step.
    name = f"series-{len(rows)}"
    rows[name] = _rows(each, beside)
    data = alt.Chart(alt.NamedData(name))
    place = {**_at(alt, chart, "x"), **_at(alt, chart, "y")}
    colour, dash, shape = _looks(alt, each, *listed)
    made = []
    if each.low:
        between = {**_at(alt, chart, "x"), **_at(alt, chart, "low"), **_to(alt, chart, "high")}
        many = sum(other.kind == "band" for other in chart.series)
        mark = data.mark_rule(strokeWidth=1.6)
        if each.kind == "band":  # several lie on each other, and lines must be seen on all
            mark = data.mark_area(opacity=min(0.2, 0.6 / many))
        made.append(mark.encode(**between, **colour))
    if each.kind == "line":
        mark = data.mark_line(strokeWidth=1.2 if each.muted else 2.2)
        made.append(mark.encode(**place, **colour, **dash))
    elif each.kind == "points":
        mark = data.mark_point(filled=True, size=64, opacity=1)
        made.append(mark.encode(**place, **colour, **shape))
    elif each.kind == "bars":
        made.append(data.mark_bar(opacity=0.85).encode(**place, **colour))
    if any(each.texts):
        words = data.mark_text(align="left", dx=8, fontSize=_FONT - 1)
        place = {**_at(alt, chart, "x"), **_at(alt, chart, "beside")}
        ink = {"color": alt.value(_DARK)} if each.muted else colour  # grey is too light for texts
        made.append(words.encode(text="text:N", **place, **ink))
    return made


def _looks(
    alt: Any, each: Series, known: dict[str, int], lines: set[str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return colour, dash and shape of a series, by its place in the palette.

    In the legend, the series named in ``lines`` are lines; among points, without their dashes.
    """
    if each.muted:
        return {"color": alt.value(GREY)}, {}, {}
    legend = alt.Legend(title=None, symbolOpacity=1) if len(known) > 1 else None
    alone = lines >= set(known)
    if legend and alone:
        legend = alt.Legend(title=None, symbolType="stroke", symbolSize=500, symbolOpacity=1)

    def by_name(values: Sequence[Any], turned: bool = True) -> dict[str, Any]:
        # Behind the last colour they begin again, with other dashes and shapes than before.
        turns = [place // len(PALETTE) * turned for place in known.values()]
        places = [place + turn for place, turn in zip(known.values(), turns, strict=True)]
        chosen = [values[place % len(values)] for place in places]
        if values is _SHAPES:
            pairs = zip(known, chosen, strict=True)
            chosen = ["stroke" if name in lines else shape for name, shape in pairs]
        return {"scale": alt.Scale(domain=list(known), range=chosen), "legend": legend}

    dash = alt.StrokeDash("series:N", **by_name(_DASHES))
    if not alone:
        dash = alt.value(_DASHES[known[each.name] % len(_DASHES)])
    return (
        {"color": alt.Color("series:N", **by_name(PALETTE, turned=False))},
        {"strokeDash": dash},
        {"shape": alt.Shape("series:N", **by_name(_SHAPES))},
    )
