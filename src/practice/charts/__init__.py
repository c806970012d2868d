"""Every picture as one declarative spec, for files, pages and the terminal alike.

A :class:`Chart` (or a :class:`Figure` of several) says what is seen. :func:`text` draws it in the
terminal with nothing else installed; :func:`save` writes PNG, SVG or a page that needs no network,
with the extra ``charts``.
"""

from __future__ import annotations

from practice.charts.drawing import ENDINGS, available, html, png, save, svg, vega_lite
from practice.charts.spec import Axis, Chart, Figure, Rule, Series, Zone
from practice.charts.terminal import text

__all__ = [
    "ENDINGS",
    "Axis",
    "Chart",
    "Figure",
    "Rule",
    "Series",
    "Zone",
    "available",
    "html",
    "png",
    "save",
    "svg",
    "text",
    "vega_lite",
]
