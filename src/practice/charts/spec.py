"""What a picture shows, whoever draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

__all__ = [
    "GREY",
    "PALETTE",
    "Axis",
    "Chart",
    "Figure",
    "Rule",
    "Series",
    "Zone",
    "extent",
    "figure",
    "greater",
    "shades",
    "spaced",
]

Kind = Literal["line", "points", "band", "bars"]
Better = Literal["greater", "smaller"]

# Okabe and Ito: told apart by the colour-blind; the first is for what the picture is about. Their
# yellow is left out, which cannot be read on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#8C8C8C"


@dataclass(frozen=True)
class Axis:
    """One side of a chart.

    Parameters
    ----------
    title : str
    better : {"greater", "smaller"} or None
        Which way is better, said beside the title; None: neither.
    low, high : float or None
        Where it ends; None: where the data end.
    log : bool
        Equal ratios are equally far apart; for numbers above 0 on the x axis.
    places : bool
        Of y: whole numbers, the first on top or, with ``flip``, on the left.
    """

    title: str
    better: Better | None = None
    low: float | None = None
    high: float | None = None
    log: bool = False
    places: bool = False


@dataclass(frozen=True)
class Series:
    """Values of one name.

    Parameters
    ----------
    name : str
        What the legend says.
    kind : {"line", "points", "band", "bars"}
    x : tuple of float or of str
        Places, or categories in their order.
    y : tuple of float
        As many; of a "band" the middle, which is not drawn.
    low, high : tuple of float
        Ends of the intervals: error bars of points, the edges of a band. Empty: there are none.
    texts : tuple of str
        Written beside the points, "" for none; empty: nothing is written.
    muted : bool
        Drawn in grey and left out of the legend: what the others are seen against.

    Raises
    ------
    ValueError
        They are not equally many; or a band has no edges.

    Examples
    --------
    >>> Series("mine", "line", (1, 2), (0.5,))
    Traceback (most recent call last):
    ValueError: the series 'mine' has 2 x, but 1 y
    """

    name: str
    kind: Kind
    x: tuple[float, ...] | tuple[str, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    muted: bool = False

    def __post_init__(self) -> None:
        for part in ("y", "low", "high", "texts"):
            found = len(getattr(self, part))
            if found != len(self.x) and (found or part == "y"):
                raise ValueError(
                    f"the series {self.name!r} has {len(self.x)} x, but {found} {part}"
                )
        if len(self.low) != len(self.high) or (self.kind == "band" and not self.low):
            raise ValueError(f"the series {self.name!r} has intervals without two ends")


@dataclass(frozen=True)
class Rule:
    """A straight line across a chart at one value of y, and what it stands for."""

    value: float
    name: str


@dataclass(frozen=True)
class Zone:
    """A stretch of y that is shaded across a chart, and what it stands for."""

    low: float
    high: float
    name: str


@dataclass(frozen=True)
class Chart:
    """One pair of axes.

    Parameters
    ----------
    x, y : Axis
    series : tuple of Series
        Drawn in this order. Either all have categories for x, or none.
    rules : tuple of Rule
    title : str
    flip : bool
        Draw x downwards and y to the right: for categories with long names and their intervals.
    zones : tuple of Zone
        Behind everything else.

    Raises
    ------
    ValueError
        There is nothing to draw; categories are mixed with numbers; or a logarithmic axis has a
        number that is not above 0.
    """

    x: Axis
    y: Axis
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    title: str = ""
    flip: bool = False
    zones: tuple[Zone, ...] = ()

    def __post_init__(self) -> None:
        kinds = {isinstance(value, str) for each in self.series for value in each.x}
        if not kinds:
            raise ValueError("a chart without values")
        if len(kinds) > 1:
            raise ValueError("a chart with categories and numbers for x")
        if self.x.log and (self.categories or extent(self, True)[0] <= 0):
            raise ValueError("a logarithmic axis takes numbers above 0 alone")

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of x in the order in which they first occur; empty where x is numbers."""
        found = dict.fromkeys(v for each in self.series for v in each.x if isinstance(v, str))
        return tuple(found)


@dataclass(frozen=True)
class Figure:
    """Charts side by side that share the legend and the y axis.

    Parameters
    ----------
    title : str
    charts : tuple of Chart
    note : str
        What to make of it, below.
    """

    title: str
    charts: tuple[Chart, ...]
    note: str = ""


def figure(shown: Chart | Figure) -> Figure:
    """Return a chart as a figure of its own."""
    return shown if isinstance(shown, Figure) else Figure("", (shown,))


def shades(shown: Figure) -> dict[str, int]:
    """Return the names that the legend lists, each with its place in the palette.

    Examples
    --------
    >>> one = Series("one", "points", (1,), (2,))
    >>> other = Series("other", "points", (1,), (3,), muted=True)
    >>> shades(figure(Chart(Axis("x"), Axis("y"), (one, other))))
    {'one': 0}
    """
    found: dict[str, int] = {}
    for chart in shown.charts:
        for each in chart.series:
            if not each.muted:
                found.setdefault(each.name, len(found))
    return found


def greater(axis: Axis, arrows: Sequence[str] = ("↑", "↓")) -> str:
    """Return the title of an axis with the direction of better.

    Examples
    --------
    >>> greater(Axis("public F1", "greater")), greater(Axis("RMSE", "smaller"))
    ('public F1 (greater is better ↑)', 'RMSE (smaller is better ↓)')
    """
    if axis.better is None:
        return axis.title
    return f"{axis.title} ({axis.better} is better {arrows[axis.better == 'smaller']})"


def extent(chart: Chart, across: bool) -> tuple[float, float]:
    """Return the least and the greatest number of a side of a chart.

    Parameters
    ----------
    chart : Chart
    across : bool
        Of x; else of y, with all intervals, rules and zones.

    Returns
    -------
    tuple of float
        0 and 1 where there are no numbers.

    Examples
    --------
    >>> chart = Chart(Axis("x"), Axis("y"), (Series("a", "line", (1, 5), (2, 3)),), (Rule(7, "r"),))
    >>> extent(chart, True), extent(chart, False)
    ((1, 5), (2, 7))
    """
    values: list[float] = []
    if not across:
        values += [rule.value for rule in chart.rules]
        values += [end for zone in chart.zones for end in (zone.low, zone.high)]
    for each in chart.series:
        shown = each.x if across else (*each.y, *each.low, *each.high)
        values += [value for value in shown if not isinstance(value, str) and isfinite(value)]
    return (min(values), max(values)) if values else (0.0, 1.0)


def spaced(chart: Chart, gap: float) -> dict[tuple[int, int], float]:
    """Return where texts stand so that none is on another: as near to their values as can be.

    Parameters
    ----------
    chart : Chart
    gap : float
        Least distance of two texts beside the same x, in units of y.

    Returns
    -------
    dict of (int, int) to float
        y of every text, by the place of its series and its place therein.

    Examples
    --------
    >>> ends = tuple(Series(n, "line", ("end",), (y,), texts=(n,)) for n, y in (("a", 1), ("b", 2)))
    >>> spaced(Chart(Axis(""), Axis(""), ends), gap=2)
    {(0, 0): 0.5, (1, 0): 2.5}
    """
    beside: dict[float | str, list[tuple[float, tuple[int, int]]]] = {}
    for number, each in enumerate(chart.series):
        for at, words in enumerate(each.texts):
            if words and isfinite(each.y[at]):
                beside.setdefault(each.x[at], []).append((each.y[at], (number, at)))
    found = {}
    for texts in beside.values():
        texts.sort()
        # The isotonic regression of what is left of the values after the gaps below them.
        pools: list[tuple[float, int]] = []
        for below, (y, _) in enumerate(texts):
            pools.append((y - below * gap, 1))
            while len(pools) > 1 and pools[-1][0] < pools[-2][0]:
                (one, few), (other, more) = pools.pop(), pools.pop()
                pools.append(((one * few + other * more) / (few + more), few + more))
        fitted = [value for value, count in pools for _ in range(count)]
        for below, (_, place) in enumerate(texts):
            found[place] = fitted[below] + below * gap
    return found
