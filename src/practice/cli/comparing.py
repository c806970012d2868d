"""Comparisons of strategies on the terminal: tables, verdicts and what follows from several."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from practice.arena.course import courses
from practice.arena.recording import splits_said
from practice.arena.several import Several, compare_several
from practice.arena.summary import Summary, summarise
from practice.arena.verdict import Judgement, judge, sentence
from practice.cli import output, sheets
from practice.cli.output import Screen
from practice.cli.sheets import Sheet

if TYPE_CHECKING:
    from practice.arena.records import Results

__all__ = ["Line", "as_json", "lines", "show", "show_lane", "tests"]

WIDTH = 80
COMPARED = (
    "difference",
    "low",
    "high",
    "bca_low",
    "bca_high",
    "rope",
    "p",
    "holm",
    "better",
    "better_low",
    "better_high",
    "doubt_of_rows",
)


@dataclass(frozen=True)
class Line(Summary):
    """A strategy of a comparison in one line: its runs and its verdict, for CSV.

    Parameters
    ----------
    competition, reference : str
    verdict : str
        "" for the reference itself.
    pairs : int
    difference, low, high, bca_low, bca_high, rope, p, holm : float or None
    better, better_low, better_high, doubt_of_rows : float or None
        As in :class:`practice.arena.verdict.Judgement`.
    """

    competition: str
    reference: str
    verdict: str
    pairs: int
    difference: float | None
    low: float | None
    high: float | None
    bca_low: float | None
    bca_high: float | None
    rope: float | None
    p: float | None
    holm: float | None
    better: float | None
    better_low: float | None
    better_high: float | None
    doubt_of_rows: float | None


def show(
    results: Sequence[Results], *, rope: float | None = None, screen: Screen | None = None
) -> None:
    """Print what comparisons say, in tables of 80 columns and sentences.

    Parameters
    ----------
    results : sequence of Results
        One, or several of different competitions with the same strategies.
    rope : float, optional
        As :func:`practice.arena.verdict.judge` takes it.
    screen : Screen, optional
        Default: stdout.

    Raises
    ------
    UsageError
        The ROPE is no size, or the comparisons do not belong together.
    """
    screen = screen or output.stdout()
    together = compare_several(results) if len(results) > 1 else None
    for position, one in enumerate(results):
        if position:
            screen.print()
        _one(screen, one, judge(one, rope), whole=together is None)
    if together is not None:
        screen.print()
        _several(screen, together)


def show_lane(
    one: Results, cpu_seconds: float, *, rope: float | None = None, screen: Screen | None = None
) -> None:
    """Print what systems and strategies found in equal time: on held-out rows, and nothing else.

    Parameters
    ----------
    one : Results
        As :func:`practice.arena.lane.race` returns it.
    cpu_seconds : float
        That each search had.
    rope : float, optional
    screen : Screen, optional
    """
    screen = screen or output.stdout()
    asked = one.comparison
    screen.print(f"{asked.slug}: systems, {cpu_seconds:g} s of one processor each", "title")
    runs = f"outer splits: {len(asked.outer)}, seeds: {len(asked.seeds)}"
    screen.print(f"{runs}; against {asked.reference}; judged by held-out rows alone", "dim")
    rows, verdicts = summarise(one), judge(one, rope)
    arrow = output.marks(screen).better(asked.greater_is_better)
    for sheet in (sheets.found(one, rows, verdicts, arrow), sheets.lane(rows)):
        screen.print()
        _table(screen, sheet)
    screen.print()
    for each in verdicts:
        _say(screen, sentence(each, asked), sheets.STYLES.get(each.verdict, ""))


def as_json(results: Sequence[Results], *, rope: float | None = None) -> dict[str, Any]:
    """Return what comparisons say under the names of the records.

    Parameters
    ----------
    results : sequence of Results
    rope : float, optional

    Returns
    -------
    dict
        ``comparisons``, each with ``comparison``, ``complete``, ``strategies``, ``course`` and
        ``verdicts``; ``several``, None for one comparison.

    Raises
    ------
    UsageError
        The ROPE is no size, or the comparisons do not belong together.
    """
    return {
        "comparisons": [
            {
                "comparison": output.plain(one.comparison),
                "complete": one.complete,
                "strategies": output.plain(summarise(one)),
                "course": output.plain(courses(one)),
                "verdicts": [
                    {**output.plain(found), "sentence": sentence(found, one.comparison)}
                    for found in judge(one, rope)
                ],
            }
            for one in results
        ],
        "several": output.plain(compare_several(results)) if len(results) > 1 else None,
    }


def lines(results: Sequence[Results], *, rope: float | None = None) -> list[Line]:
    """Return a line per competition and strategy, for :func:`practice.cli.output.print_csv`.

    Parameters
    ----------
    results : sequence of Results
    rope : float, optional

    Returns
    -------
    list of Line
    """
    found = []
    for one in results:
        verdicts = {each.strategy: each for each in judge(one, rope)}
        for row in summarise(one):
            each = verdicts.get(row.strategy)
            found.append(
                Line(
                    **asdict(row),
                    competition=one.comparison.slug,
                    reference=one.comparison.reference,
                    verdict=each.verdict if each else "",
                    pairs=each.pairs if each else 0,
                    **_numbers(each),
                )
            )
    return found


def _numbers(each: Judgement | None) -> dict[str, Any]:
    """Return the numbers of a verdict, or as many times None."""
    return {name: getattr(each, name, None) for name in COMPARED}


def _one(screen: Screen, one: Results, verdicts: Sequence[Judgement], *, whole: bool) -> None:
    """Print a comparison on one competition; the tables of costs only where it is alone."""
    asked = one.comparison
    screen.print(
        f"{asked.slug}: {asked.solution} tuned by {len(asked.strategies)} strategies", "title"
    )
    seeds = f"{len(asked.seeds)} seed{'s' * (len(asked.seeds) != 1)}"
    runs = f"{splits_said(asked)} x {seeds}, work {asked.work:g} each"
    asked_for = len(asked.strategies) * len(asked.outer) * len(asked.seeds)
    ended = "" if one.complete else f"; {len(one.cells)} of {asked_for} runs have ended"
    screen.print(f"{runs}; against {asked.reference}{ended}", "dim")
    rows = summarise(one)
    arrow = output.marks(screen).better(asked.greater_is_better)
    tables = [sheets.found(one, rows, verdicts, arrow)]
    if whole:
        tables += [sheets.kept(rows), sheets.course(courses(one)), sheets.cost(rows)]
    for sheet in filter(_filled, tables):
        screen.print()
        _table(screen, sheet)
    screen.print()
    for each in verdicts:
        _say(screen, sentence(each, asked), sheets.STYLES.get(each.verdict, ""))
    ropes = sorted({each.rope for each in verdicts})
    if ropes and ropes[-1] > 0:
        least, most = (output.number(value) for value in (ropes[0], ropes[-1]))
        size = most if least == most else f"{least} to {most}"
        screen.print(f"Differences up to {size} count as nothing.", "dim")
    failed = sum(row.errors for row in rows)
    if failed:
        screen.print(f"{failed} of {len(one.cells)} runs failed and count as the default.", "warn")


def _say(screen: Screen, text: str, style: str = "") -> None:
    """Print a sentence in as many lines as it takes."""
    for line in textwrap.wrap(text, width=WIDTH, break_long_words=False, break_on_hyphens=False):
        screen.print(line, style)


def _filled(sheet: Sheet) -> bool:
    """Say whether a table has rows: there is no course before all strategies ended a repeat."""
    return bool(sheet.rows)


def _table(screen: Screen, sheet: Sheet) -> None:
    output.print_table(screen, list(sheet.columns), sheet.rows, list(sheet.styles) or None)
    for note in sheet.notes:
        screen.print(note, "dim")


def _several(screen: Screen, found: Several) -> None:
    """Print what competitions say together."""
    screen.print(f"{len(found.competitions)} competitions together", "title")
    for sheet in (sheets.standings(found), sheets.wins(found)):
        _table(screen, sheet)
        screen.print()
    for said in tests(found):
        screen.print(said)
    _table(screen, sheets.pairs(found))
    for group in found.cliques or ():
        _say(screen, f"no significant difference among {', '.join(group)}")
    for note in found.notes:
        _say(screen, note, "dim")


def tests(found: Several) -> list[str]:
    """Say what the test of all strategies together gives."""
    if found.friedman is None:
        return []
    f = "infinite" if math.isinf(found.friedman.f) else f"{found.friedman.f:.2f}"
    return [f"Iman-Davenport: F {f}, p {found.friedman.f_p:.2g}"]
