"""What there is to know about a metric, for the terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from practice.cli import output
from practice.cli.output import Screen

if TYPE_CHECKING:
    from practice.metrics.describe import Description

__all__ = ["print_metric"]

_WIDEST = 100  # columns of text that are pleasant to read
_NAMES = 8  # aliases that are shown; some metrics have dozens of spellings


def print_metric(screen: Screen, facts: Description, given: Mapping[str, Any]) -> None:
    """Explain a metric.

    Parameters
    ----------
    screen : Screen
    facts : Description
    given : mapping of str to object
        Parameters that were asked for; they enter the example.
    """
    screen.print(facts.name, "title")
    _pair(screen, "", facts.summary)
    screen.print()
    _pair(screen, "Formula", facts.formula)
    better = "greater" if facts.greater_is_better else "smaller"
    low, high = (_limit(end) for end in facts.range)
    _pair(screen, "Better", f"{better}; from {low} to {high}")
    _pair(screen, "Takes", facts.takes)
    if facts.needs:
        _pair(screen, "Needs", f"of the solution: {', '.join(facts.needs)}")
    _pair(screen, "Targets", f"several columns: {facts.several}")
    _pair(screen, "Weights", "of rows are possible" if facts.weighted else "are refused")
    _pair(screen, "Resampled", facts.resampled)
    screen.print()
    _pair(screen, "A sample", f"fair predictions score {facts.fair}")
    _pair(screen, "", f"shuffled between rows: {facts.shuffled}")
    _pair(screen, "", f"one constant for all: {facts.constant}")
    _pair(screen, "Watch", facts.warning)
    for each in facts.parameters:
        screen.print()
        default = f"default {each.default}" if each.default else "due"
        screen.print(f"  --param {each.name}=...  {each.type}; {default}", "bold")
        _pair(screen, "", each.meaning)
    screen.print()
    more = f" and {len(facts.aliases) - _NAMES} more" if len(facts.aliases) > _NAMES else ""
    if facts.aliases:
        _pair(screen, "Also called", ", ".join(facts.aliases[:_NAMES]) + more)
    _pair(screen, "Source", facts.source)
    words = [f"--param {each.name}={given.get(each.name, '...')}" for each in facts.parameters
             if each.name in given or not each.default]  # fmt: skip
    line = " ".join(["practice score answers.csv submission.csv --metric", facts.name, *words])
    output.say(f"next: {line}")


def _pair(screen: Screen, name: str, text: str) -> None:
    """Write a name and a text that is broken into lines, in two columns."""
    width = min(screen.width, _WIDEST) - output.PAIR - 3
    text = text.replace("``", "")
    lines = textwrap.wrap(text, max(width, output.READABLE), break_long_words=False) or [""]
    screen.pair(name, lines[0])
    for line in lines[1:]:
        screen.pair("", line)


def _limit(value: float) -> str:
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    return f"{value:.4g}"
