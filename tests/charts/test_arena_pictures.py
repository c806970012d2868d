"""The pictures of a comparison, and the page that holds them."""

from __future__ import annotations

import base64
import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from practice import charts
from practice.arena.records import Cell, Comparison, Point, Results
from practice.charts import Axis, Chart, Series, Zone, arena, report
from practice.errors import UsageError

needs_charts = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("altair", "vl_convert")),
    reason="needs the extra charts: pip install 'practice[charts]'",
)
NAMES = ("random", "tpe", "halving", "cmaes", "qmc", "nsga2", "hyperband", "median", "<own>.py")


def compared(names: tuple[str, ...] = NAMES, seeds: int = 3, slug: str = "toy") -> Results:
    """Make a comparison in which every strategy halves its distance again and again."""
    asked = Comparison(
        f"{slug}-1", slug, "lightgbm", names, names[0], (0, 1), tuple(range(seeds)), 20.0, 500,
        "log_loss", False, (50, 50), ("", ""), "2026-01-01T00:00:00+00:00", "0" * 64, {}, {},
    )  # fmt: skip
    rng = np.random.default_rng(1)
    cells = []
    for place, name in enumerate(names):
        for outer in asked.outer:
            for seed in asked.seeds:
                works = np.geomspace(0.5, 18.0, 6) * (1 + 0.1 * rng.random(6))
                cv = 0.1 + 0.02 * outer + 0.1 * 0.5 ** (np.arange(6) * (1 + 0.1 * place))
                held = cv + 0.01 * rng.random(6)
                points = tuple(
                    Point(number, {}, float(w), float(w), float(c), float(c), float(h), float(h))
                    for number, (w, c, h) in enumerate(zip(works, cv, held, strict=True))
                )
                cells.append(Cell(name, outer, seed, points, {}, 20.0, 9.0, 9.0, 1.0))
    return Results(asked, tuple(cells))


FOREST = arena.Forest(
    (
        arena.Difference("tpe", -0.003, -0.005, -0.002, "win"),
        arena.Difference("halving", 0.0, -0.0005, 0.0006, "tie"),
        arena.Difference("cmaes", 0.004, 0.002, 0.006, "loss"),
    ),
    0.001,
    "log_loss",
    "random",
    "smaller",
)
RANKS = {"random": 3.5, "tpe": 1.25, "halving": 1.75}
ALL = {
    "regret": lambda: arena.regret(compared()),
    "plain regret": lambda: arena.regret(compared(), bands=False),
    "ranks": lambda: arena.rank_over_budget(compared()),
    "forest": lambda: arena.differences(FOREST),
    "cv and held": lambda: arena.cv_against_held(compared()),
    "to reach": lambda: arena.to_reach(compared()),
    "critical": lambda: arena.critical_differences(RANKS, [("tpe", "halving"), ("random",)], 6),
}


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
@pytest.mark.parametrize("width", [72, 80])
def test_every_picture_fits_the_terminal(make: object, width: int) -> None:
    assert callable(make)
    figure = make()
    for unicode in (True, False):
        shown = charts.text(figure, width, unicode=unicode)
        assert max(map(len, shown.splitlines())) <= width
        assert "is better" in shown


@needs_charts
@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_every_picture_is_drawn_and_says_which_way_is_better(make: object) -> None:
    assert callable(make)
    drawn = charts.svg(make())
    assert re.search(r"(smaller|greater) is better [←→↑↓]", drawn)


def test_regret_has_a_band_behind_every_line() -> None:
    for chart in arena.regret(compared()).charts:
        kinds = [each.kind for each in chart.series]
        assert kinds == ["band"] * len(NAMES) + ["line"] * len(NAMES)
        assert chart.x.log
        for band, line in zip(chart.series, chart.series[len(NAMES) :], strict=False):
            assert (band.name, band.y) == (line.name, line.y)
            triples = zip(band.low, line.y, band.high, strict=True)
            assert all(low <= y <= high for low, y, high in triples)
    assert {each.kind for each in arena.regret(compared(), bands=False).charts[0].series} == {
        "line"
    }


def test_the_forest_shades_what_counts_as_no_difference() -> None:
    (chart,) = arena.differences(FOREST).charts
    assert chart.zones == (Zone(-0.001, 0.001, "no difference"),)
    assert chart.categories == ("tpe", "halving", "cmaes")
    shown = charts.text(chart, 80).splitlines()
    assert [line.split()[-1].strip("░│─┤") for line in shown[:3]][2] == "loss"
    assert "░ no difference" in shown[-1]
    none = arena.Forest(FOREST.rows, 0.0, "log_loss", "random", "smaller")
    assert arena.differences(none).title == "Against random, held-out rows"
    named = arena.Forest(FOREST.rows, 0.0, "log_loss", "random", "smaller", of="toy, tree")
    assert arena.differences(named).title == "toy, tree: against random, held-out rows"
    assert arena.differences(none).charts[0].zones == ()


def test_agreement_of_both_scores_is_a_line() -> None:
    (chart,) = arena.cv_against_held(compared(("a", "b"))).charts
    same = chart.series[0]
    assert same.muted
    assert same.x == same.y
    assert [len(each.x) for each in chart.series[1:]] == [6, 6]


def test_what_it_takes_is_said_also_where_it_is_not_reached() -> None:
    results = compared(("random", "tpe"))
    never = tuple(
        Cell(c.strategy, c.outer, c.seed, c.points[:1], {}, 20.0, 9.0, 9.0, 1.0)
        if c.strategy == "tpe"
        else c
        for c in results.cells
    )
    (chart,) = arena.to_reach(Results(results.comparison, never)).charts
    (bars,) = chart.series
    assert bars.y[1] == 0.0
    assert bars.texts[1] == "no repeat comes that far"
    assert bars.texts[0].endswith(", in 100 % of repeats")


def test_the_table_of_catching_up_has_a_row_for_every_strategy() -> None:
    table = report.reached(compared(("random", "tpe")))
    assert [row[0] for row in table.rows] == ["random", "tpe"]
    assert table.rows[0][1] == "100 %"
    assert table.rows[0][3] == "1.00x"
    assert table.note.startswith("Over 6 repeats")
    begun = Results(compared(("a", "b")).comparison, ())
    assert report.reached(begun).rows == (("a", "0 %", "-", "-"), ("b", "0 %", "-", "-"))


def test_critical_differences_need_six_competitions() -> None:
    (chart,) = arena.critical_differences(RANKS, [("tpe", "halving"), ("random",)], 6).charts
    assert chart.categories == ("tpe", "halving", "random", "not told apart 1")
    assert (chart.series[1].low, chart.series[1].high) == ((1.25,), (1.75,))
    even = arena.critical_differences({"a": 1.5, "b": 1.5}, [("a", "b")], 6).charts[0].series[1]
    assert (even.low, even.y, even.high) == ((1.5,), (1.5,), (1.5,))
    with pytest.raises(ValueError, match="need 6 competitions, not 5"):
        arena.critical_differences(RANKS, [], 5)


def test_a_logarithmic_axis_is_even_in_ratios_and_refuses_0() -> None:
    line = Series("a", "line", (1.0, 10.0, 100.0), (0.0, 1.0, 2.0))
    shown = charts.text(Chart(Axis("work", log=True), Axis("y"), (line,)), 60, 9)
    rows = [row.split("│")[1] for row in shown.splitlines() if "│" in row]
    centre = rows[4].index("●") + rows[4].count("●") / 2
    assert abs(centre - len(rows[0]) / 2) <= 1
    with pytest.raises(ValueError, match="above 0"):
        Chart(Axis("work", log=True), Axis("y"), (Series("a", "line", (0.0,), (1.0,)),))


# The page


class _Page(HTMLParser):
    """Reads a page: tags must close, and every address is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag == "img":
            self.pictures.append((given["src"] or "", given["alt"] or ""))
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: Path) -> _Page:
    found = _Page()
    found.feed(page.read_text(encoding="utf-8"))
    assert found.open == []
    return found


@needs_charts
def test_the_page_holds_everything_in_itself(tmp_path: Path) -> None:
    table = report.Table("Against <random>", ("strategy", "CV"), (("tpe", "0.1"),), "Means.")
    part = report.Part(compared(), ("TPE & random tie.",), (table,), (FOREST,))
    path = report.write(tmp_path / "new" / "report", [part])
    page = read(path)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert len(page.pictures) == 5
    for address, words in page.pictures:
        assert base64.b64decode(address.partition(",")[2]).startswith(b"<svg")
        assert len(words) > 40
    assert "tpe -0.003 (-0.005 to -0.002), win" in page.pictures[1][1]
    text = "".join(page.text)
    assert "TPE & random tie." in text
    assert "Against <random>" in text
    assert "log_loss (smaller is better)" in text
    assert sorted(path.name for path in path.parent.iterdir()) == [
        "index.html",
        "toy-budget-to-reach.png",
        "toy-cv-and-held-out.png",
        "toy-differences-held.png",
        "toy-ranks.png",
        "toy-regret.png",
    ]


@needs_charts
def test_an_unfinished_comparison_says_what_is_missing(tmp_path: Path) -> None:
    whole = compared(("random", "tpe"))
    begun = Results(whole.comparison, whole.cells[:2])
    page = read(report.write(tmp_path, [report.Part(begun)]))
    text = "".join(page.text)
    assert "2 of 12 runs; the others have not ended" in text
    assert "regret: no repeat has been ended by all strategies." in text
    assert len(page.pictures) == 1  # each run's own scores


@needs_charts
def test_several_comparisons_share_a_page(tmp_path: Path) -> None:
    # Most have not ended a repeat, so that little is drawn.
    parts = [report.Part(compared(("a", "b"), 1, slug=f"toy{n}")) for n in range(6)]
    parts[1] = report.Part(compared(("a", "b"), 1, slug="toy0"))
    for place in range(2, 6):
        whole = parts[place].results
        parts[place] = report.Part(Results(whole.comparison, whole.cells[:1]))
    across = report.Across(("A is first.",), ranks={"a": 1.2, "b": 1.8}, cliques=(("a", "b"),))
    page = read(report.write(tmp_path, parts, across))
    assert page.pictures[0][1] == "Mean ranks: a 1.20, b 1.80."
    assert (tmp_path / "critical-differences.png").is_file()
    assert (tmp_path / "toy0-1-regret.png").is_file()
    assert "All 6 comparisons" in "".join(page.text)
    few = read(report.write(tmp_path / "few", parts[:1], across))
    assert "Mean ranks" not in few.pictures[0][1]


def test_what_cannot_be_reported_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="without comparisons"):
        report.write(tmp_path / "report", [])
    with pytest.raises(ValueError, match="1 cells under 2 names"):
        report.Table("T", ("a", "b"), (("x",),))
    from practice.charts import drawing

    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="need the extra 'charts'"):
        report.write(tmp_path / "report", [report.Part(compared(("a",)))])
    assert not (tmp_path / "report").exists()
