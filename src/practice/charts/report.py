"""The report of comparisons: one page that needs nothing else, and its pictures as files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from practice.arena.curves import reach, repeats
from practice.arena.recording import splits_said
from practice.arena.records import Results
from practice.charts import arena
from practice.charts.drawing import available, raster, svg
from practice.charts.spec import Figure

__all__ = ["PAGE", "Across", "Part", "Table", "reached", "write"]

PAGE = "index.html"

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid #ccc; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
caption { text-align: left; font-weight: bold; padding: .5rem 0; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #ddd; text-align: right; }
thead th { border-bottom: 2px solid #777; }
td:first-child, th:first-child { text-align: left; font-weight: normal; padding-left: 0; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; }
.note { color: #555; font-size: .9rem; }
"""


@dataclass(frozen=True)
class Table:
    """A table, its cells ready for reading; the first column names the rows.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple of str
        Each with as many cells as there are columns.
    note : str
        Below it.

    Raises
    ------
    ValueError
        A row has more or fewer cells.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} cells under {len(self.columns)} names")


@dataclass(frozen=True)
class Part:
    """One comparison and what statistics say of it.

    Parameters
    ----------
    results : Results
    sentences : tuple of str
        The findings, first.
    tables : tuple of Table
    forests : tuple of Forest
        Paired differences: of cross-validation, of the held-out rows.
    """

    results: Results
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    forests: tuple[arena.Forest, ...] = ()


@dataclass(frozen=True)
class Across:
    """What statistics say of several comparisons together.

    Parameters
    ----------
    sentences : tuple of str
    tables : tuple of Table
    ranks : mapping of str to float
        Mean rank by strategy; drawn where there are at least 6 competitions.
    cliques : tuple of tuple of str
        Strategies among which no difference was found.
    """

    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    ranks: Mapping[str, float] | None = None
    cliques: tuple[tuple[str, ...], ...] = ()


def write(folder: Path, parts: Sequence[Part], across: Across | None = None) -> Path:
    """Write the report of one comparison or several.

    Parameters
    ----------
    folder : Path
        Made where it is not there; files of the same names are replaced.
    parts : sequence of Part
        At least one.
    across : Across, optional

    Returns
    -------
    Path
        The page: text, tables and pictures in one file without an outside address. Beside it lies
        every picture as PNG.

    Raises
    ------
    UsageError
        The extra ``charts`` is not installed.
    ValueError
        There is nothing to report.
    """
    if not parts:
        raise ValueError("a report without comparisons")
    available()
    folder.mkdir(parents=True, exist_ok=True)
    body = []
    if across is not None:
        body.append(_across(folder, across, len(parts)))
    names = _names(parts)
    body += [_part(folder, part, name) for part, name in zip(parts, names, strict=True)]
    title = f"Tuning strategies compared: {', '.join(names)}"
    page = folder / PAGE
    page.write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n" + "".join(body) + "</body>\n</html>\n",
        encoding="utf-8",
    )
    return page


def reached(results: Results) -> Table:
    """Return the table of budgets that strategies need to catch up with the reference.

    Parameters
    ----------
    results : Results

    Returns
    -------
    Table
        A row per strategy; "-" where half of the repeats or more did not come that far.
    """
    rows = []
    for each in reach(results):
        work = "-" if each.work is None else f"{each.work:.1f}"
        speed_up = "-" if each.speed_up is None else f"{each.speed_up:.2f}x"
        rows.append((each.strategy, f"{100 * each.share:.0f} %", work, speed_up))
    reference, repeated = results.comparison.reference, len(repeats(results))
    return Table(
        f"Budget to reach what {reference} ends with, in cross-validation",
        ("Strategy", "Repeats that do", "Median full trials", "Speed-up"),
        tuple(rows),
        f"Over {repeated} repeats; speed-up is against the median at which {reference} has it.",
    )


def _names(parts: Sequence[Part]) -> list[str]:
    """Return a name for every comparison: its competition, or its own where two share one."""
    slugs = [part.results.comparison.slug for part in parts]
    return [
        slug if slugs.count(slug) == 1 else part.results.comparison.id
        for slug, part in zip(slugs, parts, strict=True)
    ]


def _across(folder: Path, across: Across, competitions: int) -> str:
    made = [f"<section>\n<h2>All {competitions} comparisons</h2>\n", *_said(across.sentences)]
    made += [_table(table) for table in across.tables]
    if across.ranks and competitions >= 6:
        figure = arena.critical_differences(across.ranks, across.cliques, competitions)
        order = sorted(across.ranks.items(), key=lambda pair: pair[1])
        words = ", ".join(f"{name} {rank:.2f}" for name, rank in order)
        made.append(_figure(folder, "critical-differences", figure, f"Mean ranks: {words}."))
    return "".join([*made, "</section>\n"])


def _part(folder: Path, part: Part, name: str) -> str:
    asked = part.results.comparison
    runs = f"{len(part.results.cells)} runs"
    if not part.results.complete:
        wanted = len(asked.strategies) * len(asked.outer) * len(asked.seeds)
        runs = f"{len(part.results.cells)} of {wanted} runs; the others have not ended"
    better = "greater" if asked.greater_is_better else "smaller"
    facts = (
        f"{asked.solution}, {asked.metric} ({better} is better), {splits_said(asked)} "
        f"x {len(asked.seeds)} seeds, {asked.work:g} full trials each; {runs}. "
        f"Reference: {asked.reference}. Record: {asked.id}, {asked.created}, {asked.hash[:12]}."
    )
    versions = asked.identity.get("versions", {})
    facts += " Versions: " * bool(versions)
    facts += ", ".join(f"{library} {number}" for library, number in versions.items())
    made = [f"<section>\n<h2>{escape(name)}</h2>\n", *_said(part.sentences)]
    made.append(f'<p class="note">{escape(facts)}</p>\n')
    made += [_table(table) for table in part.tables]
    for what, draw in _pictures(part):
        try:
            figure, words = draw()
        except ValueError as error:  # too few runs have ended for this picture
            made.append(f'<p class="note">{escape(what)}: {escape(str(error))}.</p>\n')
            continue
        made.append(_figure(folder, f"{name}-{what}", figure, words))
    made.append(_table(reached(part.results)))
    return "".join([*made, "</section>\n"])


def _pictures(part: Part) -> list[tuple[str, Callable[[], tuple[Figure, str]]]]:
    """Return the pictures of a comparison, each with what it shows in words."""
    results, asked = part.results, part.results.comparison
    names = ", ".join(asked.strategies)
    made: list[tuple[str, Callable[[], tuple[Figure, str]]]] = [
        (
            "regret",
            lambda: (
                arena.regret(results),
                f"Two charts of lines: normalised regret of {names} over the budget, in "
                "cross-validation and on held-out rows. Smaller is better.",
            ),
        ),
        *((f"differences-{each.where}", _forest(each)) for each in part.forests if each.rows),
        (
            "cv-and-held-out",
            lambda: (
                arena.cv_against_held(results),
                f"A point per run of {names}: cross-validation across, held-out rows upwards, "
                "with the line where both are equal.",
            ),
        ),
        (
            "ranks",
            lambda: (
                arena.rank_over_budget(results),
                f"Two charts of lines: mean rank of {names} over the budget, in "
                "cross-validation and on held-out rows. 1 is best.",
            ),
        ),
        (
            "budget-to-reach",
            lambda: (
                arena.to_reach(results),
                f"Bars: the median budget that {names} need to reach what {asked.reference} "
                "ends with. Shorter is better.",
            ),
        ),
    ]
    return made


def _forest(forest: arena.Forest) -> Callable[[], tuple[Figure, str]]:
    words = "; ".join(
        f"{row.name} {row.difference:+.3g} ({row.low:+.3g} to {row.high:+.3g}), {row.verdict}"
        for row in forest.rows
    )
    what = f"{forest.metric} less that of {forest.reference}, {arena.WHERE[forest.where]}"
    return lambda: (arena.differences(forest), f"{what}: {words}. {forest.better} is better.")


def _said(sentences: Sequence[str]) -> list[str]:
    return [f"<p>{escape(each)}</p>\n" for each in sentences]


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in table.rows
    )
    note = f'<p class="note">{escape(table.note)}</p>\n' * bool(table.note)
    return (
        f'<div class="scroll"><table>\n<caption>{escape(table.title)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n{note}"
    )


def _figure(folder: Path, name: str, figure: Figure, words: str) -> str:
    """Write a picture beside the page and return it for the page, in itself."""
    drawn = svg(figure)
    (folder / f"{name}.png").write_bytes(raster(drawn))
    # In an image of its own: ids inside of drawings that share a page would clash.
    address = f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"
    return f'<figure><img src="{address}" alt="{escape(words)}"></figure>\n'
