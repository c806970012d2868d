"""The tables of comparisons, as the terminal and the report show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from practice.arena.course import SHARES, Course
from practice.arena.several import EQUIVALENT
from practice.arena.verdict import Judgement, decimals
from practice.cli.output import Col

if TYPE_CHECKING:
    from practice.arena.records import Results
    from practice.arena.several import Several
    from practice.arena.summary import Summary

__all__ = [
    "STYLES",
    "Sheet",
    "bootstrapped",
    "cost",
    "course",
    "found",
    "kept",
    "lane",
    "pairs",
    "standings",
    "wins",
]

STYLES = {"win": "ok", "loss": "warn"}
NAME = Col("strategy", flex=1)


@dataclass(frozen=True)
class Sheet:
    """A table ready for reading.

    Parameters
    ----------
    title : str
    columns : tuple of Col
    rows : list of list of str
    notes : tuple of str
        Lines below it.
    styles : list of str
        One per row, or none.
    """

    title: str
    columns: tuple[Col, ...]
    rows: list[list[str]]
    notes: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


def found(
    one: Results, rows: Sequence[Summary], verdicts: Sequence[Judgement], arrow: str = ""
) -> Sheet:
    """Return what the strategies found, and how that compares.

    Parameters
    ----------
    one : Results
    rows : sequence of Summary
    verdicts : sequence of Judgement
    arrow : str
        Marks the direction of better.
    """
    by_name = {each.strategy: each for each in verdicts}
    columns = (
        NAME,
        Col(f"held out{arrow}", "right"),
        Col("ahead by", "right"),
        Col("95 % CI", "right"),
        Col("wins", "right"),
        Col("verdict"),
    )
    texts, styles = [], []
    for row in rows:
        each = by_name.get(row.strategy)
        compared = _compared(each) if each else ("", "", "")
        verdict = each.verdict if each else "reference"
        texts.append([row.strategy, figures(row.held), *compared, verdict])
        styles.append(STYLES.get(verdict, ""))
    note = "ahead by: + is better; wins: share of the pairs of runs, ties half (95 %)"
    return Sheet("Held-out rows", columns, texts, (note,), tuple(styles))


def _compared(each: Judgement) -> tuple[str, str, str]:
    """Write the difference, its interval and the share of pairs won."""
    if each.difference is None or each.better is None:
        return "-", "-", "-"
    wins = percent(each.better)
    if each.better_low is not None and each.better_high is not None:
        wins += f" ({100 * each.better_low:.0f}-{100 * each.better_high:.0f})"
    if each.low is None or each.high is None:
        return f"{each.difference:+.4g}", "-", wins
    digits = decimals(each.high - each.low)
    interval = f"{each.low:+.{digits}f} to {each.high:+.{digits}f}"
    return f"{each.difference:+.{digits}f}", interval, wins


def bootstrapped(verdicts: Sequence[Judgement]) -> Sheet:
    """Return further intervals and tests of the same differences, for those who want them."""
    columns = (
        NAME,
        Col("difference", "right"),
        Col("BCa 95 %", "right"),
        Col("Wilcoxon p", "right"),
        Col("Holm p", "right"),
        Col("ROPE", "right"),
        Col("of rows", "right"),
    )
    texts = []
    for each in verdicts:
        interval = "-"
        if each.bca_low is not None and each.bca_high is not None:
            digits = decimals(each.bca_high - each.bca_low)
            interval = f"{each.bca_low:+.{digits}f} to {each.bca_high:+.{digits}f}"
        texts.append(
            [
                each.strategy,
                figures(each.difference),
                interval,
                *("-" if p is None else f"{p:.2g}" for p in (each.p, each.holm)),
                figures(each.rope),
                percent(each.doubt_of_rows),
            ]
        )
    notes = (
        "BCa: the bootstrap's interval, for display; the verdict rests on the t interval above",
        "ROPE: differences up to here count as nothing; of rows: their share of the doubt",
    )
    return Sheet("The same differences otherwise", columns, texts, notes)


def kept(rows: Sequence[Summary]) -> Sheet:
    """Return what cross-validation promised and the held-out rows did not keep."""
    names = ("cv", "gap", "overtuned", "of gain", "to best", "regret", "worse", "rank")
    columns = (NAME, *(Col(name, "right") for name in names))
    texts = [
        [
            row.strategy,
            figures(row.cv),
            figures(row.gap),
            figures(row.overtuning),
            percent(row.relative_overtuning),
            figures(row.oracle),
            fixed(row.regret),
            percent(row.worse),
            fixed(row.rank),
        ]
        for row in rows
    ]
    notes = (
        "gap: how much better cross-validation looked than the held-out rows",
        "overtuned: lost by going on after the best pick; of gain: its share",
        "to best: from the best point known; regret: 0 there, 1 the default",
        "worse: runs that ended worse than the default; rank: mean, 1 is best",
    )
    return Sheet("Cross-validation and what became of it", columns, texts, notes)


def cost(rows: Sequence[Summary]) -> Sheet:
    """Return what a run cost, on average."""
    names = ("runs", "trials", "work", "cpu s", "wall s", "overhead")
    columns = (NAME, Col("settings"), *(Col(name, "right") for name in names))
    texts = [
        [
            row.strategy,
            row.settings or "-",
            str(row.runs),
            "/".join(
                f"{round(count, 1):g}"
                for count in (row.complete, row.stopped, row.failed, row.duplicate)
            ),
            fixed(row.work, 1),
            fixed(row.cpu_seconds, 1),
            fixed(row.seconds, 1),
            percent(row.overhead),
        ]
        for row in rows
    ]
    notes = (
        "settings: hash of all arguments and versions; overhead: time without training",
        "trials: complete/stopped early/failed/tried before, mean of the runs",
    )
    return Sheet("Cost of a run", columns, texts, notes)


def course(found: Sequence[Course]) -> Sheet:
    """Return how strategies stood at shares of the budget, and over all of it."""
    names = [f"{100 * share:.0f} %" for share in SHARES] + ["area"]
    heads = [f"cv {names[0]}", *names[1:], f"held {names[0]}", *names[1:]]
    columns = (NAME, *(Col(head, "right") for head in heads))
    texts: dict[str, list[str]] = {}
    for each in found:
        row = texts.setdefault(each.strategy, [each.strategy])
        row += [fixed(value) for value in (*each.regrets, each.area)]
    notes = (
        "mean regret at shares of the budget, smaller is better; area: over all of it",
        "cv: in cross-validation; held: on the held-out rows",
    )
    return Sheet("Regret over the budget", columns, list(texts.values()), notes)


def lane(rows: Sequence[Summary]) -> Sheet:
    """Return what runs in equal time came to, without what each says of itself."""
    names = ("runs", "cpu s", "wall s", "worse", "regret", "rank")
    columns = (NAME, *(Col(name, "right") for name in names))
    texts = [
        [
            row.strategy,
            str(row.runs),
            fixed(row.cpu_seconds, 1),
            fixed(row.seconds, 1),
            percent(row.worse),
            fixed(row.regret),
            fixed(row.rank),
        ]
        for row in rows
    ]
    note = "worse: runs that ended worse than the untuned default; rank: mean, 1 is best"
    return Sheet("Equal time", columns, texts, (note,))


def standings(together: Several) -> Sheet:
    """Return the strategies over all competitions."""
    columns = (NAME, *(Col(name, "right") for name in ("regret", "95 % CI", "rank")))
    texts = [
        [row.strategy, fixed(row.regret), f"{row.low:.2f} to {row.high:.2f}", fixed(row.rank)]
        for row in together.standings
    ]
    note = "regret: 0 is the best known, 1 the default; the best mean rank first"
    return Sheet("Standings", columns, texts, (note,))


def wins(together: Several) -> Sheet:
    """Return how often the strategy of a row is ahead of that of a column."""
    names = [row.strategy for row in together.standings]
    columns = (
        Col(""),
        Col("is ahead of", flex=1),
        *(Col(str(number + 1), "right") for number in range(len(names))),
    )
    texts = [
        [
            str(i + 1),
            name,
            *("" if i == j else percent(won) for j, won in enumerate(together.wins[i])),
        ]
        for i, name in enumerate(names)
    ]
    return Sheet("Pairs of runs won", columns, texts)


def pairs(together: Several) -> Sheet:
    """Return the tests of pairs of strategies on competitions."""
    bayes = any(pair.equivalent is not None for pair in together.pairs)
    names = ("P(first better)", "P(same)", "P(second better)") if bayes else ()
    columns = (
        Col("first", flex=1),
        Col("second", flex=1),
        Col("Holm p", "right"),
        *(Col(name, "right") for name in names),
    )
    texts = []
    for pair in together.pairs:
        row = [pair.first, pair.second, "-" if pair.holm is None else f"{pair.holm:.2g}"]
        if bayes:
            row += [percent(p) for p in (pair.first_better, pair.equivalent, pair.second_better)]
        texts.append(row)
    notes = (f"same: regrets that differ by at most {EQUIVALENT}",) if bayes else ()
    return Sheet("Pairs of strategies", columns, texts, notes)


def figures(value: float | None) -> str:
    """Write a score or a difference of scores with about four figures."""
    if value is None:
        return "-"
    if 0.01 <= abs(value) < 100:
        return f"{value:.4f}"
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.6g}"


def fixed(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"
