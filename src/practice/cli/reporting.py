"""The report of comparisons: statistics and tables put beside the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from practice.arena.course import courses
from practice.arena.records import Results
from practice.arena.several import compare_several
from practice.arena.summary import summarise
from practice.arena.verdict import Judgement, judge, sentence
from practice.charts.arena import Difference, Forest
from practice.charts.report import Across, Part, Table
from practice.charts.report import write as write_page
from practice.charts.spec import Better
from practice.cli import comparing, sheets
from practice.cli.sheets import Sheet

__all__ = ["write"]


def write(results: Sequence[Results], folder: Path, *, rope: float | None = None) -> Path:
    """Write what comparisons say as one page, with their pictures.

    Parameters
    ----------
    results : sequence of Results
        One, or several of different competitions with the same strategies.
    folder : Path
    rope : float, optional
        As :func:`practice.arena.verdict.judge` takes it.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    UsageError
        The extra ``charts`` is not installed, the ROPE is no size, or the comparisons do not
        belong together.
    """
    return write_page(folder, [_part(one, rope) for one in results], _across(results))


def _part(one: Results, rope: float | None) -> Part:
    verdicts, rows = judge(one, rope), summarise(one)
    tables = (
        sheets.found(one, rows, verdicts),
        sheets.bootstrapped(verdicts),
        sheets.kept(rows),
        sheets.course(courses(one)),
        sheets.cost(rows),
    )
    return Part(
        one,
        tuple(sentence(each, one.comparison) for each in verdicts),
        tuple(_table(sheet) for sheet in tables if sheet.rows),
        _forests(one, verdicts),
    )


def _forests(one: Results, verdicts: Sequence[Judgement]) -> tuple[Forest, ...]:
    """Return the paired differences in the unit and the direction of the metric."""
    asked = one.comparison
    sign = 1.0 if asked.greater_is_better else -1.0
    rows = [
        Difference(
            each.strategy,
            sign * each.difference,
            min(sign * each.low, sign * each.high),
            max(sign * each.low, sign * each.high),
            each.verdict,
        )
        for each in verdicts
        if each.difference is not None and each.low is not None and each.high is not None
    ]
    if not rows:
        return ()
    rope = max(each.rope for each in verdicts)
    better: Better = "greater" if asked.greater_is_better else "smaller"
    of = f"{asked.slug}, {asked.solution}"
    return (Forest(tuple(rows), rope, asked.metric, asked.reference, better, of=of),)


def _across(results: Sequence[Results]) -> Across | None:
    if len(results) < 2:
        return None
    found = compare_several(results)
    return Across(
        (*comparing.tests(found), *found.notes),
        tuple(map(_table, (sheets.standings(found), sheets.wins(found), sheets.pairs(found)))),
        {row.strategy: row.rank for row in found.standings},
        found.cliques or (),
    )


def _table(sheet: Sheet) -> Table:
    names = tuple(column.header for column in sheet.columns)
    return Table(sheet.title, names, tuple(map(tuple, sheet.rows)), "; ".join(sheet.notes))
