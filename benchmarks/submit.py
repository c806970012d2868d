"""What submitting a large file costs beyond scoring it and copying it to disk.

    python benchmarks/submit.py [--rows 5000000] [--rounds 5]

Makes answers and a submission with a seed in a temporary home, then times in turns, warm: the score
of the file, a copy of it with fsync, and the whole of ``submit`` in one process. The figures are
medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from scoring import Data, stored

from practice import harness
from practice.build.vault import KEY
from practice.definition import MetricSpec, Rules, SubmissionSpec
from practice.harness.rounds import metric_to_json
from practice.settings import Settings, from_environment
from practice.store import open_store

BEYOND = 0.6


def home_with(data: Data, metric: str, folder: Path) -> Settings:
    """Open a season on answers that are there already."""
    settings = from_environment({"PRACTICE_HOME": str(folder / "home")})
    settings.vault.mkdir(parents=True)
    data.vault.rename(settings.vault / "large")
    data.vault = settings.vault / "large"
    (data.vault / KEY).write_bytes(bytes(32))
    rules = {"feedback": "full", "daily_limit": 10**6, "final_selections": 2, "deadline": None}
    assert Rules(**rules) == Rules(daily_limit=10**6)
    with open_store(settings) as store, store.write() as tx:
        tx.add_build("large", "large", "none", {})
        tx.open_season(
            slug="large",
            build="large",
            title="Large",
            metric=metric_to_json(MetricSpec(metric)),
            greater_is_better=metric != "rmse",
            rules={"rules": rules, "submission": {"kind": SubmissionSpec().kind, "columns": []}},
            at=datetime(2026, 1, 1, tzinfo=UTC),
            deadline=None,
        )
    return settings


def copy(source: Path, target: Path) -> None:
    """Copy a file as durably as a submission is stored."""
    with source.open("rb") as given, target.open("wb") as kept:
        while piece := given.read(1 << 20):
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    target.unlink()


def measure(metric: str, rows: int, rounds: int, folder: Path) -> dict[str, float]:
    """Return the median seconds of scoring, copying and submitting one file."""
    data = Data(folder / "data", metric, rows)
    settings = home_with(data, metric, folder)
    content = data.submission.read_bytes()
    tasks = {
        "score": stored(metric, data.vault, data.submission),
        "copy": lambda: copy(data.submission, folder / "copy"),
        "submit": lambda: harness.submit(settings, "large", data.submission, entrant="somebody"),
    }
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        # Another blank line at the end makes other bytes, hence a blob of its own.
        data.submission.write_bytes(content + b"\n" * turn)
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            if turn:  # the first turn only warms up
                spent[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{arguments.rows:,} rows: seconds to score, to copy and fsync, to submit; beyond both")
    for metric in ("rmse", "f1", "roc_auc"):
        with tempfile.TemporaryDirectory() as name:
            took = measure(metric, arguments.rows, arguments.rounds, Path(name))
        beyond = took["submit"] - took["score"] - took["copy"]
        figures = " ".join(f"{seconds:6.3f}" for seconds in took.values())
        print(f"  {metric:8} {figures}   {beyond:+.3f} (at most {BEYOND})")


if __name__ == "__main__":
    main()
