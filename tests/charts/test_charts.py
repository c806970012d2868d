"""One spec, drawn in files and in the terminal."""

from __future__ import annotations

import importlib.util
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from practice import charts
from practice.charts import Axis, Chart, Figure, Rule, Series
from practice.charts.spec import GREY, PALETTE
from practice.errors import UsageError

needs_charts = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("altair", "vl_convert")),
    reason="needs the extra charts: pip install 'practice[charts]'",
)
LINES = Chart(
    Axis("submissions"),
    Axis("F1", "greater"),
    (
        Series("one", "line", (1, 2, 3), (0.1, 0.2, 0.3)),
        Series("two", "line", (1, 2, 3), (0.3, float("nan"), 0.1)),
    ),
    (Rule(0.25, "baseline"),),
)
BOARD = Chart(
    Axis(""),
    Axis("RMSE", "smaller"),
    (
        Series("you", "points", ("ann",), (2.0,), (1.0,), (3.0,)),
        Series("others", "points", ("bob", "cy"), (2.5, 3.5), (2.0, 3.0), (3.0, 4.0), muted=True),
    ),
    flip=True,
)
SLOPES = Chart(
    Axis(""),
    Axis("score"),
    tuple(
        Series(name, "line", ("public", "private"), ends, texts=("", name), muted=name != "ann")
        for name, ends in {"ann": (0.5, 0.70), "bob": (0.6, 0.701), "cy": (0.7, 0.699)}.items()
    ),
)
BARS = Chart(Axis("bin"), Axis("rows"), (Series("n", "bars", ("a", "b"), (2, -1)),))
BAND = Chart(
    Axis("cv"),
    Axis("board"),
    (
        Series("noise", "band", (0, 1), (0, 1), (-1, 0), (1, 2)),
        Series("mine", "points", (0.5,), (0.5,), texts=("#1",)),
    ),
)
ALL = {"lines": LINES, "board": BOARD, "slopes": SLOPES, "bars": BARS, "band": BAND}


@pytest.mark.parametrize("chart", ALL.values(), ids=ALL)
@pytest.mark.parametrize("width", [40, 80, 100])
def test_the_terminal_picture_fits(chart: Chart, width: int) -> None:
    lines = charts.text(chart, width).splitlines()
    assert max(map(len, lines)) <= width
    ascii_only = charts.text(chart, width, unicode=False)
    assert ascii_only.isascii()
    assert len(ascii_only.splitlines()) == len(lines)


def test_texts_of_the_last_values_have_room_of_their_own() -> None:
    values = Series("mine", "points", (1, 2, 3), (0.2, 0.5, 0.9))
    names = ("baseline:one", "baseline:two")
    levels = [
        Series(n, "line", (1, 3), (y, y), texts=("", n), muted=True)
        for n, y in zip(names, (0.5, 0.9), strict=True)
    ]
    drawn = charts.text(Chart(Axis("x"), Axis("y"), (values, *levels)), width=60)
    lines = drawn.splitlines()
    assert [line[-13:] for line in lines if "baseline" in line] == [
        " baseline:two",
        " baseline:one",
    ]
    assert drawn.count("●") == 3
    assert max(map(len, lines)) == 60


@needs_charts
def test_numbers_of_submissions_are_whole_and_lines_are_lines_in_the_legend() -> None:
    best = Series("best", "line", (1, 2, 3), (0.2, 0.5, 0.5))
    points = Series("score", "points", (1, 2, 3), (0.2, 0.5, 0.4))
    layers = charts.vega_lite(Chart(Axis("x"), Axis("y"), (best, points)))["hconcat"][0]["layer"]
    assert {layer["encoding"]["x"]["axis"]["tickMinStep"] for layer in layers} == {1}
    line, marks = (layer["encoding"] for layer in layers)
    assert line["strokeDash"] == {"value": [1, 0]}
    assert marks["shape"]["scale"]["range"] == ["stroke", "square"]
    halves = Series("score", "points", (0.5, 1.5), (0.2, 0.5))
    (layer,) = charts.vega_lite(Chart(Axis("x"), Axis("y"), (halves,)))["hconcat"][0]["layer"]
    assert "tickMinStep" not in layer["encoding"]["x"]["axis"]


def test_lines_rise_and_fall_in_the_terminal() -> None:
    shown = charts.text(LINES, 60, 7)
    rows = [line.split("│", 1)[1] for line in shown.splitlines() if "│" in line]
    assert rows[0].rstrip().endswith("●")  # .3 at the right end
    assert rows[0].startswith("▲")  # .3 at the left end
    assert rows[-1].startswith("●")
    assert "┄ baseline" in shown
    assert shown.splitlines()[0] == "F1 (greater is better ↑)"
    assert shown.splitlines()[-1] == "● one   ▲ two"


def test_intervals_lie_down_in_a_board() -> None:
    shown = charts.text(BOARD, 60).splitlines()
    assert [line.split(" │")[0].strip() for line in shown[:3]] == ["ann", "bob", "cy"]
    assert re.fullmatch(r"ann │├─+●─+┤", shown[0])
    assert re.fullmatch(r"bob │ +├─+·─+┤", shown[1])
    assert "RMSE (smaller is better ←)" in shown[5]


def test_bars_stand_on_0_and_bands_are_filled() -> None:
    rows = [r.split("│", 1)[1] for r in charts.text(BARS, 60, 7).splitlines() if "│" in r]
    assert [row.count("█") for row in rows] == [1, 1, 1, 1, 2, 1, 1]
    shown = charts.text(BAND, 60)
    assert "▲ #1" in shown.replace("░", " ")
    assert "░ noise   ▲ mine" in shown


def test_texts_do_not_cover_each_other() -> None:
    shown = charts.text(SLOPES, 60)
    assert all(name in shown for name in ("ann", "bob", "cy"))
    assert "private" in shown


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Series("a", "points", (1, 2), (1,)), "2 x, but 1 y"),
        (lambda: Series("a", "points", (1,), (1,), (0, 0), (1, 1)), "1 x, but 2 low"),
        (lambda: Series("a", "points", (1,), (1,), (0,)), "without two ends"),
        (lambda: Series("a", "band", (1,), (1,)), "without two ends"),
        (lambda: Chart(Axis("x"), Axis("y"), ()), "without values"),
        (
            lambda: Chart(
                Axis("x"),
                Axis("y"),
                (Series("a", "line", (1,), (1,)), Series("b", "line", ("c",), (1,))),
            ),
            "categories and numbers",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=message):
        make()


@needs_charts
def test_files_are_what_their_names_say(tmp_path: Path) -> None:
    figure = Figure("Two", (LINES, LINES), "A note.")
    for ending in charts.ENDINGS:
        charts.save(figure, tmp_path / f"picture{ending}")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG\r\n")
    svg = (tmp_path / "picture.svg").read_text()
    for words in ("Two", "A note.", "one", "two", "baseline", "F1 (greater is better ↑)"):
        assert f">{words}<" in svg
    page = (tmp_path / "picture.html").read_text()
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)  # nothing from elsewhere
    assert len(page) > 100_000  # the script is inside


@needs_charts
def test_a_name_cannot_end_the_script_of_a_page(tmp_path: Path) -> None:
    name = "</script><script>alert(1)//</script>"
    chart = Chart(Axis("x"), Axis("y"), (Series(name, "points", (1, 2), (1, 2)),))
    charts.save(Figure(name, (chart,), name), tmp_path / "picture.html")
    page = (tmp_path / "picture.html").read_text()
    plain = charts.html(Chart(Axis("x"), Axis("y"), (Series("a", "points", (1, 2), (1, 2)),)))
    assert len(re.findall("</?script", page)) == len(re.findall("</?script", plain))
    (said,) = re.findall(r"const spec = (\{.*\});\n", page)
    assert json.loads(said)["title"]["text"] == name


@needs_charts
@pytest.mark.parametrize("chart", ALL.values(), ids=ALL)
def test_every_kind_is_drawn(chart: Chart) -> None:
    spec = charts.vega_lite(chart)
    json.dumps(spec, allow_nan=False)
    assert charts.png(chart).startswith(b"\x89PNG")


@needs_charts
def test_the_palette_is_that_for_the_colour_blind_and_looks_differ_twice() -> None:
    svg = charts.svg(LINES)
    assert PALETTE[0] in svg
    assert PALETTE[1] in svg
    assert "stroke-dasharray" in svg
    assert GREY in charts.svg(BOARD)
    assert len(set(PALETTE)) == 7


@needs_charts
def test_a_legend_shows_dashes_where_all_are_lines_each_in_its_own_chart() -> None:
    parts = [
        Chart(Axis("x"), Axis("y"), (Series(name, "line", (1, 2), (1, 2)),)) for name in ("a", "b")
    ]
    drawn = json.dumps(charts.vega_lite(Figure("Two", tuple(parts))))
    assert drawn.count('"strokeDash": {"field"') == 2
    assert drawn.count('"symbolType": "stroke"') >= 2
    mixed = (*parts, Chart(Axis("x"), Axis("y"), (Series("a", "points", (1,), (1,)),)))
    assert '"strokeDash": {"field"' not in json.dumps(charts.vega_lite(Figure("Three", mixed)))


@needs_charts
def test_texts_of_slopes_are_apart() -> None:
    svg = charts.svg(SLOPES)
    places = re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*>(?:ann|bob|cy)<', svg)
    heights = sorted(float(y) for _, y in places)
    assert len(heights) == 3
    assert min(b - a for a, b in pairwise(heights)) > 10


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no picture") as caught:
        charts.save(LINES, tmp_path / "picture.gif")
    assert caught.value.hint == "name it .png, .svg, .html"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from practice.charts import drawing

    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="need the extra 'charts'") as caught:
        charts.save(LINES, tmp_path / "picture.png")
    assert caught.value.hint.startswith("pip install 'practice[charts]'")
    assert not (tmp_path / "picture.png").exists()
