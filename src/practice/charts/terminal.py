"""Pictures in the terminal: a small drawing in plain characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log
from typing import Any

from practice.charts.spec import Chart, Figure, Series, extent, figure, greater, shades, spaced

__all__ = ["text"]

_GAP = 1  # columns between what stands left of the frame and the frame
_TEXT = 1  # columns between a value and its text
_LAST = 0.1  # of the width: texts of values in there may not fit into the rest of it
_LONGEST = 24  # columns of a category's name


@dataclass(frozen=True)
class _Signs:
    """What is drawn with: with Unicode, or with ASCII alone."""

    marks: str
    muted: str
    level: str
    upright: str
    corner: str
    rule: str
    band: str
    bar: str
    ends: str
    arrows: tuple[str, str]
    across: tuple[str, str]


_PLAIN = _Signs("ox+*#%@&$=?~", ".", "-", "|", "+", "-", ":", "=", "[]", ("^", "v"), (">", "<"))
_FULL = _Signs("●▲■◆○△□◇▼▽★☆", "·", "─", "│", "└", "┄", "░", "█", "├┤", ("↑", "↓"), ("→", "←"))


def text(shown: Chart | Figure, width: int = 80, height: int = 14, *, unicode: bool = True) -> str:
    """Draw a picture in characters.

    Parameters
    ----------
    shown : Chart or Figure
        The charts of a figure come one below the other.
    width : int
        Columns, at least 40; no line is longer.
    height : int
        Rows of a frame; with ``flip``, there is one for each category.
    unicode : bool
        False: ASCII alone.

    Returns
    -------
    str
        Lines without colour; each series has a sign of its own.

    Examples
    --------
    >>> from practice.charts import Axis, Rule
    >>> series = Series("mine", "points", ("ann", "bob"), (2.0, 3.0), (1.0, 2.5), (3.0, 4.0))
    >>> chart = Chart(Axis(""), Axis("score", "greater"), (series,), flip=True)
    >>> print(text(chart, width=40))
    ann │├──────────●───────────┤
    bob │                 ├─────●──────────┤
        └───────────────────────────────────
         1                                 4
         score (greater is better →)
    """
    signs = _FULL if unicode else _PLAIN
    whole = figure(shown)
    known = shades(whole)
    lines = [whole.title] if whole.title else []
    for chart in whole.charts:
        if lines:
            lines.append("")
        if chart.title:
            lines.append(chart.title)
        draw = _down if chart.flip and chart.categories else _across
        lines += draw(chart, known, max(40, width), height, signs)
    if len(known) > 1:
        lines += ["", *_legend(whole, known, max(40, width), signs)]
    return "\n".join(line.rstrip() for line in lines)


class _Grid:
    """Characters in a frame, the upper left one at (0, 0)."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [[" "] * width for _ in range(height)]

    def put(self, column: int, row: int, sign: str) -> None:
        """Write a sign; outside of the frame, nothing."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self.rows[row][column] = sign

    def write(self, column: int, row: int, words: str) -> None:
        """Write words to the right of a place, as far as there is room and nothing else."""
        for at, sign in enumerate(words, start=column):
            if at < self.width and 0 <= row < self.height and self.rows[row][at] in " ─-┄░:·.":
                self.rows[row][at] = sign


def _number(value: float) -> str:
    return f"{value:.4g}"


def _spread(chart: Chart, across: bool) -> tuple[float, float]:
    """Return both ends of an axis, which are never the same."""
    axis = chart.x if across else chart.y
    low, high = extent(chart, across)
    if not across and any(each.kind == "bars" for each in chart.series):
        low, high = min(low, 0.0), max(high, 0.0)
    low = low if axis.low is None else axis.low
    high = high if axis.high is None else axis.high
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def _scaled(value: float, ends: tuple[float, float], cells: int) -> int:
    return round((value - ends[0]) / (ends[1] - ends[0]) * (cells - 1))


def _sign(each: Series, known: dict[str, int], signs: _Signs) -> str:
    return signs.muted if each.muted else signs.marks[known[each.name] % len(signs.marks)]


def _legend(whole: Figure, known: dict[str, int], width: int, signs: _Signs) -> list[str]:
    drawn = {each.name: each for chart in whole.charts for each in chart.series}
    parts = []
    for name in known:
        sign = {"band": signs.band, "bars": signs.bar}.get(drawn[name].kind)
        parts.append(f"{sign or _sign(drawn[name], known, signs)} {name}")
    return _wrapped(parts, width)


def _wrapped(parts: list[str], width: int, indent: str = "") -> list[str]:
    """Lay parts out side by side, in as many lines as they need."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 3 + len(part) <= width:
            lines[-1] += f"   {part}"
        else:
            lines.append(indent + part)
    return lines


def _across(
    chart: Chart, known: dict[str, int], width: int, height: int, signs: _Signs
) -> list[str]:
    """Draw x to the right and y upwards."""
    low, high = ends = _spread(chart, False)
    top, bottom = (low, high) if chart.y.places else (high, low)
    labels = [_number(top + (bottom - top) * row / (height - 1)) for row in range(height)]
    shown = {0, height - 1, (height - 1) // 2}
    margin = max(len(labels[row]) for row in shown)
    grid = _Grid(width - margin - _GAP - 1, height)
    places = {name: at for at, name in enumerate(chart.categories)}
    numbers = (-0.5, len(places) - 0.5) if places else _spread(chart, True)
    wide = grid.width - (0 if places else _beside(chart, numbers, grid.width))

    def column(x: float | str) -> int:
        if chart.x.log and not isinstance(x, str):
            return _scaled(log(x), (log(numbers[0]), log(numbers[1])), wide)
        return _scaled(places[x] if isinstance(x, str) else x, numbers, wide)

    def row(y: float) -> int:
        level = _scaled(y, ends, grid.height)
        return level if chart.y.places else grid.height - 1 - level

    for zone in chart.zones:
        for level in range(row(zone.high), row(zone.low) + 1):
            for at in range(grid.width):
                grid.put(at, level, signs.band)
    for rule in chart.rules:
        for at in range(grid.width):
            grid.put(at, row(rule.value), signs.rule)
    for each in sorted(chart.series, key=lambda each: not each.muted):
        _plot(grid, each, column, row, signs, _sign(each, known, signs))
    beside = spaced(chart, (ends[1] - ends[0]) / (height - 1))
    for (number, at), level in _levels(beside, row, height).items():
        each = chart.series[number]
        words = each.texts[at]
        grid.write(min(column(each.x[at]) + 2, grid.width - len(words)), level, words)
    lines = [f"{greater(chart.y, signs.arrows)}"]
    for at, cells in enumerate(grid.rows):
        label = labels[at] if at in shown else ""
        lines.append(f"{label:>{margin}}{' ' * _GAP}{signs.upright}{''.join(cells)}")
    left = " " * (margin + _GAP)
    lines.append(f"{left}{signs.corner}{signs.level * grid.width}")
    lines.append(left + " " + _foot(chart, wide, numbers, column))
    below = [greater(chart.x, signs.across)] if chart.x.title else []
    below += [f"{signs.rule} {rule.name}" for rule in chart.rules if rule.name]
    below += [f"{signs.band} {zone.name}" for zone in chart.zones]
    return lines + _wrapped(below, width, f"{left} ")


def _beside(chart: Chart, numbers: tuple[float, float], width: int) -> int:
    """Return the columns that texts need to the right of the last values, at most a third."""
    near = numbers[1] - (numbers[1] - numbers[0]) * _LAST
    texts = [
        len(words) + _TEXT
        for each in chart.series
        for at, words in enumerate(each.texts)
        if words and float(each.x[at]) >= near
    ]
    return min(max(texts, default=0), width // 3)


def _levels(
    beside: dict[tuple[int, int], float], row: Callable[[float], int], height: int
) -> dict[tuple[int, int], int]:
    """Return the row of each text; those that would stand outside of the frame move in."""
    levels = {place: row(y) for place, y in beside.items()}
    over = max(0, -min(levels.values(), default=0))
    under = max(0, max(levels.values(), default=0) - height + 1)
    return {place: level + over - under for place, level in levels.items()}


def _plot(
    grid: _Grid,
    each: Series,
    column: Callable[[Any], int],
    row: Callable[[float], int],
    signs: _Signs,
    sign: str,
) -> None:
    """Draw a series into a frame: its intervals and its values."""
    points = [(column(x), y) for x, y in zip(each.x, each.y, strict=True)]
    if each.kind == "band":
        edges = list(zip([at for at, _ in points], each.low, each.high, strict=True))
        for at, low, high in _between(edges):
            for level in range(min(row(high), row(low)), max(row(high), row(low)) + 1):
                grid.put(at, level, signs.band)
        return
    for (at, _), low, high in zip(points, each.low, each.high, strict=False):
        if isfinite(low) and isfinite(high):
            for level in range(min(row(high), row(low)), max(row(high), row(low)) + 1):
                grid.put(at, level, signs.upright)
    if each.kind == "line":
        points = [(at, y) for at, y, _ in _between([(at, y, y) for at, y in points])]
    for at, y in points:
        if not isfinite(y):
            continue
        if each.kind == "bars":
            for level in range(min(row(y), row(0.0)), max(row(y), row(0.0)) + 1):
                grid.put(at, level, signs.bar)
        else:
            grid.put(at, row(y), sign)


def _between(points: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """Return the values of a line in every column from its first to its last."""
    found = []
    whole = [point for point in points if isfinite(point[1]) and isfinite(point[2])]
    for (start, *one), (end, *other) in pairwise(whole):
        for at in range(start, end):
            share = (at - start) / (end - start)
            low, high = (a + (b - a) * share for a, b in zip(one, other, strict=True))
            found.append((at, low, high))
    return found + whole[-1:]


def _down(chart: Chart, known: dict[str, int], width: int, height: int, signs: _Signs) -> list[str]:
    """Draw a row for each category, y to the right."""
    del height
    ends = _spread(chart, False)
    margin = min(_LONGEST, max(map(len, chart.categories)))
    grid = _Grid(width - margin - _GAP - 1, len(chart.categories))
    places = {name: at for at, name in enumerate(chart.categories)}

    def column(y: float) -> int:
        return _scaled(y, ends, grid.width)

    for zone in chart.zones:
        for at in range(grid.height):
            for place in range(column(zone.low), column(zone.high) + 1):
                grid.put(place, at, signs.band)
    for rule in chart.rules:
        for at in range(grid.height):
            grid.put(column(rule.value), at, signs.upright)
    for each in sorted(chart.series, key=lambda each: not each.muted):
        for at, (x, y) in enumerate(zip(each.x, each.y, strict=True)):
            row, sign = places[str(x)], _sign(each, known, signs)
            if each.low and isfinite(each.low[at]) and isfinite(each.high[at]):
                first, last = column(each.low[at]), column(each.high[at])
                for place in range(first, last + 1):
                    grid.put(place, row, signs.level)
                grid.put(first, row, signs.ends[0])
                grid.put(last, row, signs.ends[1])
            if not isfinite(y):
                continue
            if each.kind == "bars":
                for place in range(column(min(y, 0.0)), column(max(y, 0.0)) + 1):
                    grid.put(place, row, signs.bar)
            else:
                grid.put(column(y), row, sign)
            if each.texts:
                end = each.high[at] if each.low and isfinite(each.high[at]) else y
                grid.write(column(max(end, y)) + 2, row, each.texts[at])
    lines = []
    for name, cells in zip(chart.categories, grid.rows, strict=True):
        lines.append(f"{name[:margin]:>{margin}}{' ' * _GAP}{signs.upright}{''.join(cells)}")
    left = " " * (margin + _GAP)
    lines.append(f"{left}{signs.corner}{signs.level * grid.width}")
    low, high = map(_number, ends)
    lines.append(f"{left} {low}{high.rjust(grid.width - len(low))}")
    below = [greater(chart.y, signs.across)]
    below += [f"{signs.upright} {rule.name}" for rule in chart.rules if rule.name]
    below += [f"{signs.band} {zone.name}" for zone in chart.zones]
    return lines + _wrapped(below, width, f"{left} ")


def _foot(
    chart: Chart, width: int, numbers: tuple[float, float], column: Callable[[Any], int]
) -> str:
    """Write below a frame where it begins and ends, or its categories."""
    if not chart.categories:
        low, high = map(_number, numbers)
        return low + high.rjust(width - len(low))
    line = [" "] * width
    for name in chart.categories:
        start = min(max(0, column(name) - len(name) // 2), max(0, width - len(name)))
        line[start : start + len(name)] = name[: width - start]
    return "".join(line)
