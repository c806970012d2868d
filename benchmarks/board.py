"""What it costs to say what luck could have done to a board.

    python benchmarks/board.py [--rounds 9]

From the matrix of replicates in memory to all that is shown; warm, in one process; medians.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from practice.board.intervals import Drawn
from practice.board.joint import join
from practice.board.uncertainty import Scale, uncertainty

ROWS = 20_000
REPLICATES = 1000
BOARDS = {25: 0.015, 1000: 0.14}  # entries, and at most so many seconds


def data(entries: int, seed: int = 20260101) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and replicates of entries such as an ROC AUC of 20,000 rows has."""
    bits = np.random.default_rng(seed)
    shared, own = bits.normal(size=REPLICATES), bits.normal(size=(entries, REPLICATES))
    values = 0.8 + 0.002 * bits.normal(size=entries)
    deviations = 0.0034 * (0.995 * shared + 0.1 * own)
    return values, (values[:, None] + deviations).astype(np.float32)


def median(function: object, rounds: int) -> float:
    assert callable(function)
    seconds = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    drawn, scale = Drawn(ROWS, ROWS), Scale(greater_is_better=True, bounds=(0.0, 1.0))
    for entries, limit in BOARDS.items():
        values, replicates = data(entries)
        names = [f"entrant {number}" for number in range(entries)]
        took = median(
            lambda v=values, r=replicates, n=names: uncertainty(
                v, r, n, drawn, scale, baselines=range(5), own=7
            ),
            rounds,
        )
        joined = median(
            lambda v=values, r=replicates: join(v, r, drawn, greater_is_better=True, bounded=True),
            rounds,
        )
        verdict = "" if took <= limit else "  TOO SLOW"
        print(
            f"{entries:5,} entries: {1000 * took:6.1f} ms, of which errors of all pairs "
            f"{1000 * joined:.1f} ms (at most {1000 * limit:.0f} ms){verdict}"
        )


if __name__ == "__main__":
    main()
