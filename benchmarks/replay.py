"""How long a replay takes, and how much longer it would take to train.

Records configurations of breast-cancer, replays nine strategies with 20 seeds of 100 trials, and
compares with the processor time that was recorded for the same work::

    python benchmarks/replay.py
    python benchmarks/replay.py --configurations 300 --passes 3
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from practice import harness
from practice.arena.replay import NINE, replay
from practice.arena.replay_curves import read_curves, record
from practice.settings import from_environment

SLUG, SOLUTION = "breast-cancer", "lightgbm"
LIMIT = 60.0  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=200)
    parser.add_argument("--passes", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        settings = from_environment({"PRACTICE_HOME": str(base / "home")})
        harness.start(settings, SLUG, base / SLUG)
        began = time.perf_counter()
        record(SLUG, settings, SOLUTION, given.configurations)
        took = time.perf_counter() - began
        recorded = read_curves(settings.runs, SLUG, SOLUTION)
        print(f"{SLUG}: {len(recorded.curves)} configurations recorded in {took:.1f} s")
        last = [curve.rungs[-1] for curve in recorded.curves]
        per_work = sum(rung.cpu_seconds for rung in last) / sum(rung.work for rung in last)
        walls, busy = [], []
        for _ in range(given.passes):
            wall, cpu = time.perf_counter(), time.process_time()
            played = replay(recorded, NINE, seeds=20, trials=100)
            walls.append(time.perf_counter() - wall)
            busy.append(time.process_time() - cpu)
        trained = per_work * sum(each.work for each in played.strategies) * played.seeds
        wall, cpu = statistics.median(walls), statistics.median(busy)
        print(f"{len(NINE)} strategies x 20 seeds x 100 trials, median of {given.passes} passes")
        print(f"  replayed     {wall:8.1f} s  (at most {LIMIT:g}), {cpu:.1f} s of processor time")
        print(f"  trained      {trained:8.1f} s of processor time, without the strategies' own")
        print(f"  ratio        {trained / cpu:8.1f}")


if __name__ == "__main__":
    main()
