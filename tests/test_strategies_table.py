"""What the arena says of strategies: the shipped file, and the README's table made from it."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]
MADE = runpy.run_path(str(ROOT / "benchmarks" / "strategies.py"))
FILE = ROOT / "leaderboard" / "strategies.csv"


def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_readme_shows_what_the_file_says() -> None:
    assert MADE["table"](FILE) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_competition_is_shipped_and_has_every_strategy() -> None:
    found: dict[str, list[str]] = {}
    for row in rows():
        found.setdefault(row["competition"], []).append(row["strategy"])
    assert all((ROOT / "competitions" / slug).is_dir() for slug in found)
    assert len(found) >= 6
    assert set(map(tuple, found.values())) == {tuple(MADE["STRATEGIES"])}
    assert list(rows()[0]) == list(MADE["COLUMNS"])


def test_verdicts_follow_from_the_intervals() -> None:
    for row in rows():
        if row["strategy"] == row["reference"]:
            assert (row["verdict"], row["difference"]) == ("", "")
        elif row["verdict"] == "win":
            assert float(row["low"]) > 0
        elif row["verdict"] == "loss":
            assert float(row["high"]) < 0
        else:
            assert row["verdict"] in ("tie", "undecided", "too few runs")
            assert float(row["low"]) <= float(row["difference"]) <= float(row["high"])
