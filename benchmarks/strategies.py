"""What the arena says of the strategies on shipped competitions: ``leaderboard/strategies.csv``.

Every strategy tunes LightGBM on the same outer splits with the same seeds and the same work, and is
judged by rows that no search has seen. Comparisons are kept in ``PRACTICE_HOME/arena`` and gone on
with; nothing that has ended is run again::

    python benchmarks/strategies.py                       # run what is missing, write the table
    python benchmarks/strategies.py --table               # print the README's table from the file
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from pathlib import Path

from practice import harness
from practice.arena import Question, Results, compare_one
from practice.arena.several import compare_several
from practice.arena.verdict import judge
from practice.cli.comparing import lines
from practice.settings import from_environment
from practice.solutions import load

TABLE = Path(__file__).parents[1] / "leaderboard" / "strategies.csv"
STRATEGIES = ("random", "tpe", "cmaes", "halving")
COMPETITIONS = (
    *("breast-cancer", "titanic", "diabetes", "credit-risk"),
    *("ames-houses", "wine-quality", "telco-churn"),
)
COLUMNS = (
    *("competition", "metric", "strategy", "reference", "runs", "work", "held"),
    *("difference", "low", "high", "verdict", "holm", "gap", "regret", "worse", "rank"),
)
DIGITS = 5


def rows_of(one: Results) -> list[dict[str, str]]:
    """Return the lines of one comparison as the file has them."""
    found = []
    for line in lines([one]):
        cells = {"metric": one.comparison.metric, "work": one.comparison.work}
        given = {name: getattr(line, name, cells.get(name)) for name in COLUMNS} | cells
        found.append({name: text(given[name]) for name in COLUMNS})
    return found


def text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def table(path: Path = TABLE) -> str:
    """Return the table that the README shows."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["strategy"] for row in rows))
    head = [f"| competition (metric) | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    for slug in dict.fromkeys(row["competition"] for row in rows):
        own = {row["strategy"]: row for row in rows if row["competition"] == slug}
        cells = []
        for name in names:
            row = own[name]
            held = f"{float(row['held']):.4g}"
            cells.append(f"{held} {row['verdict']}" if row["verdict"] else held)
        metric = next(iter(own.values()))["metric"].replace("_", " ")
        head.append(f"| `{slug}` ({metric}) | {' | '.join(cells)} |")
    return "\n".join(head)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--competitions", nargs="+", default=COMPETITIONS)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--work", type=float, default=50)
    parser.add_argument("--workspaces", type=Path, default=Path("workspaces"))
    parser.add_argument("--table", action="store_true", help="print the table from the file")
    asked = parser.parse_args()
    if not asked.table:
        settings = from_environment(os.environ)
        question = Question(STRATEGIES, repeats=asked.repeats, work=asked.work)
        results = []
        for slug in asked.competitions:
            harness.start(settings, slug, asked.workspaces / slug)
            results.append(compare_one(settings, load(slug, settings), question))
            print(slug, *(f"{j.strategy} {j.verdict}" for j in judge(results[-1])), flush=True)
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for one in results:
                writer.writerows(rows_of(one))
        if len(results) > 1:
            together = compare_several(results)
            for row in together.standings:
                print(f"{row.strategy}: rank {row.rank:.2f}, regret {row.regret:.2f} "
                      f"({row.low:.2f} to {row.high:.2f})")  # fmt: skip
            print(*together.notes, sep="\n", file=sys.stderr)
    print(table())


if __name__ == "__main__":
    main()
