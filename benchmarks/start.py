"""How long short commands take, as multiples of ``python -c pass``.

Medians of interleaved runs after a warm-up::

    python benchmarks/start.py --runs 15
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 400  # half of them hidden: a submission of 200 rows
DEFINITION = """
title = "Toy"
summary = "A table of {rows} rows."
task = "binary"
difficulty = 1
license = "CC0"

[data]
source = "local"
path = ["raw.csv"]
sha256 = ["{sha256}"]
id = "id"
target = "y"
positive = "1"

[split]
kind = "random"
test = 0.5

[metric]
name = "accuracy"

[rules]
daily_limit = 1000000
"""
LIMITS = {"practice --help": 0.2, "practice leaderboard": 0.5, "practice submit": 0.65}


def define(folder: Path) -> None:
    """Write the definition of the competition that is submitted to."""
    folder.mkdir(parents=True)
    text = "id,x,y\n" + "".join(f"{i},{i * 37 % 101},{i * 53 % 7 > 3:d}\n" for i in range(ROWS))
    (folder / "raw.csv").write_text(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    (folder / "competition.toml").write_text(DEFINITION.format(rows=ROWS, sha256=sha256))


def seconds(command: list[str], folder: Path, environ: dict[str, str]) -> float:
    """Run a command once and return its wall time."""
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    practice = [sys.executable, "-m", "practice.cli"]
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        define(base / "definitions" / "toy")
        environ = {
            **os.environ,
            "PRACTICE_HOME": str(base / "home"),
            "PRACTICE_COMPETITIONS": str(base / "definitions"),
        }
        environ.pop("PRACTICE_DATABASE_URL", None)
        seconds([*practice, "start", "toy"], base, environ)
        sample = str(base / "toy" / "data" / "sample_submission.csv")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "practice --help": [*practice, "--help"],
            "practice leaderboard": [*practice, "leaderboard", "toy"],
            "practice submit": [*practice, "submit", sample, "-c", "toy"],
        }
        kaggle = shutil.which("kaggle")
        if kaggle:
            commands["kaggle --help"] = [kaggle, "--help"]
        found: dict[str, list[float]] = {label: [] for label in commands}
        for run in range(runs + 1):
            for label, command in commands.items():
                spent = seconds(command, base, environ)
                if run:  # the first is the warm-up
                    found[label].append(spent)
    report(found)


def report(found: dict[str, list[float]]) -> None:
    """Print medians, multiples of the bare interpreter, and the limits."""
    medians = {label: statistics.median(times) for label, times in found.items()}
    unit = medians["python -c pass"]
    print(f"{'command':<24}{'seconds':>9}{'x python -c pass':>18}{'at most':>9}")
    for label, median in medians.items():
        limit = f"{LIMITS[label]:.2f}" if label in LIMITS else ""
        print(f"{label:<24}{median:>9.3f}{median / unit:>18.1f}{limit:>9}")


if __name__ == "__main__":
    main()
