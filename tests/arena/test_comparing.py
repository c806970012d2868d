"""Comparisons on the terminal, as JSON and as CSV."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from practice.arena.holding import HIDDEN
from practice.arena.records import Results
from practice.cli import comparing, output

Make = Callable[..., Results]


def result(make: Make, slug: str = "penguins", seed: int = 0, **changes: object) -> Results:
    noise = 0.01 * np.random.default_rng(seed).standard_normal((5, 4, 5))
    held = 0.8 + noise + np.array([0.0, 0.05, 0.0, -0.05, 0.01])[:, None, None]
    names = ("random", "tpe+forgiving", "cmaes", "halving", "grid")
    return make(held, slug=slug, default=0.7, names=names, **changes)


def text(results: list[Results], rope: float | None = None) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    comparing.show(results, rope=rope, screen=output.Screen(stream, width=80))
    stream.seek(0)
    return stream.read()


def tables(shown: str) -> list[str]:
    """Return the lines that are not sentences."""
    return [line for line in shown.splitlines() if not line.endswith(".")]


def test_one_comparison_shows_tables_and_a_sentence_each(make: Make) -> None:
    shown = text([result(make)])
    assert all(len(line) <= 80 for line in tables(shown))
    assert "tpe+forgiving beats random on penguins: +0.0525" in shown
    assert "halving loses to random on penguins: -0.0457" in shown
    row = next(line for line in shown.splitlines() if line.startswith("tpe+f"))
    assert row.endswith("win")
    assert "100 % (83-100)" in row
    assert next(x for x in shown.splitlines() if x.startswith("random")).endswith("reference")
    for column in ("held out", "wins", "gap", "overtuned", "worse", "rank", "area", "work"):
        assert column in shown


def test_the_region_is_said(make: Make) -> None:
    assert "count as nothing" not in text([result(make)])
    assert "Differences up to 0.02000 count as nothing." in text([result(make)], 0.02)


def test_what_failed_or_is_missing_is_said(make: Make) -> None:
    whole = result(make)
    broken = replace(whole.cells[0], error="no memory")
    shown = text([replace(whole, cells=(broken, *whole.cells[1:-1]))])
    assert "99 of 100 runs have ended" in shown
    assert "1 of 99 runs failed and count as the default." in shown
    nothing = text([replace(whole, cells=())])
    said = " ".join(nothing.split())
    assert "too few runs for a verdict, 0 of 0 paired runs differ and 8 are needed." in said
    assert "area" not in nothing  # nothing has come along


def test_the_hidden_rows_are_not_counted_as_a_split(make: Make) -> None:
    whole = result(make)
    asked = replace(whole.comparison, outer=(1, 2, 3, HIDDEN))
    assert "3 outer splits and the hidden rows x 5 seeds" in text(
        [replace(whole, comparison=asked)]
    )


def test_several_competitions_are_put_together(make: Make) -> None:
    shown = text([result(make, f"c{seed}", seed) for seed in range(7)])
    assert all(len(line) <= 80 for line in tables(shown))
    assert "7 competitions together" in shown
    assert "Iman-Davenport: F" in shown
    assert "no significant difference among tpe+forgiving, grid" in shown
    assert "overhead" not in shown
    assert "area" not in shown


def test_json_has_names_and_no_nan(make: Make) -> None:
    results = [result(make, f"c{seed}", seed) for seed in range(2)]
    found = comparing.as_json(results, rope=0.02)
    again = json.loads(json.dumps(found, allow_nan=False))
    first = again["comparisons"][0]
    assert set(first) == {"comparison", "complete", "strategies", "course", "verdicts"}
    assert len(first["course"]) == 10  # five strategies, in cross-validation and on held-out rows
    assert len(first["course"][0]["regrets"]) == 3
    assert first["complete"] is True
    assert [each["verdict"] for each in first["verdicts"]] == ["win", "tie", "loss", "undecided"]
    assert first["verdicts"][0]["sentence"].startswith("tpe+forgiving beats random on c0")
    assert first["verdicts"][0]["rope"] == 0.02
    assert first["strategies"][1]["strategy"] == "tpe+forgiving"
    assert again["several"]["competitions"] == ["c0", "c1"]
    assert len(again["several"]["wins"]) == 5
    assert comparing.as_json(results[:1])["several"] is None
    empty = replace(results[0], cells=())
    json.dumps(comparing.as_json([empty]), allow_nan=False)


def test_csv_has_a_line_per_strategy(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    rows = comparing.lines([result(make)], rope=0.01)
    output.print_csv(comparing.Line, rows)
    header, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    first = dict(zip(header.split(","), lines[0].split(","), strict=True))
    second = dict(zip(header.split(","), lines[1].split(","), strict=True))
    assert (first["strategy"], first["verdict"], first["difference"]) == ("random", "", "")
    assert (second["verdict"], second["competition"], second["pairs"]) == ("win", "penguins", "20")
    assert float(second["low"]) < float(second["difference"]) < float(second["high"])
