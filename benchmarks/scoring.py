"""What scoring a large submission costs, as multiples of what pandas needs on the same file.

    python benchmarks/scoring.py [--rows 5000000] [--rounds 5]

Makes its data with a seed in a temporary folder; everything is timed warm, in turns, in one
process; the figures are medians. Peak memory is that of a process of its own, which loads neither
pandas nor scikit-learn.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from practice import metrics, scoring
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info
from practice.build.write import solution_bytes
from practice.definition import SubmissionSpec

MB = 1 << 20
PLAIN = csv.WriteOptions(quoting_style="none", quoting_header="none")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", nargs=3, metavar=("METRIC", "VAULT", "FILE"))
    arguments = parser.parse_args()
    if arguments.memory:
        name, vault, file = arguments.memory
        stored(name, Path(vault), Path(file))()
        status = Path("/proc/self/status").read_text()
        print(int(status.partition("VmHWM:")[2].split()[0]) * 1024 // MB)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), arguments.rows, arguments.rounds)


def compare(folder: Path, rows: int, rounds: int) -> None:
    print(f"{rows:,} rows, integer ids in order; seconds, and multiples of pandas.read_csv alone")
    for metric, limit in (("rmse", 1.5), ("f1", 1.5), ("roc_auc", 2.3)):
        data = Data(folder / metric, metric, rows)
        spent = timed(ways(metric, data), rounds)
        show(metric, spent, "pandas.read_csv", f"at most {limit} against stored answers")
        size, most = data.submission.stat().st_size / MB, peak(metric, data)
        print(f"    peak memory {most} MB (at most {4 * size + 200:.0f}) for {size:.0f} MB")
        if metric == "roc_auc":
            times_faster(spent)
    print(f"\n{rows:,} rows, integer ids shuffled")
    data = Data(folder / "integers", "roc_auc", rows, shuffled=True)
    spent = timed(ways("roc_auc", data), rounds)
    show("roc_auc", spent, "pandas.read_csv", "no limit")
    times_faster(spent)
    print(f"\n{rows * 2 // 5:,} rows, text ids shuffled; multiples of pandas with scikit-learn")
    data = Data(folder / "texts", "roc_auc", rows * 2 // 5, text=True, shuffled=True)
    spent = timed({MERGE: merge_way(data)} | ways("roc_auc", data), rounds)
    show("roc_auc", spent, MERGE, "at most 0.5 against stored answers")


READ, STORED = "pandas.read_csv", "against stored answers"
MERGE, WHOLE = "pandas merge, scikit-learn", "pandas read, merge, scikit-learn"


def ways(metric: str, data: Data) -> dict[str, Callable[[], object]]:
    import pandas as pd

    return {
        READ: lambda: pd.read_csv(data.submission),
        STORED: stored(metric, data.vault, data.submission),
        "practice score, two csv": files(metric, data.solution, data.submission),
        WHOLE: pandas_way(metric, data),
    }


def times_faster(spent: dict[str, float]) -> None:
    faster = spent[WHOLE] / spent[STORED]
    print(f"    {faster:.1f} times as fast as pandas with scikit-learn (at least 8)")


class Data:
    """Answers in a vault and as csv, and a submission."""

    def __init__(
        self, folder: Path, metric: str, rows: int, text: bool = False, shuffled: bool = False
    ) -> None:
        folder.mkdir()
        draw = np.random.default_rng(20260101)
        ids = np.arange(1, rows + 1)
        truth = draw.integers(0, 2, rows).astype(np.int8)
        if metric == "rmse":
            values: np.ndarray = np.round(draw.normal(size=rows), 6)
            guess: np.ndarray = np.round(values + draw.normal(size=rows), 6)
        elif metric == "f1":
            values, guess = truth, np.where(draw.random(rows) < 0.8, truth, 1 - truth)
        else:
            values, guess = truth, np.round(np.clip(draw.normal(truth, 1.5) / 8 + 0.5, 0, 1), 6)
        names = [f"row_{number * 2654435761 % 2**32:08x}_{number}" for number in ids]
        keys = pa.array(names) if text else pa.array(ids)
        order = draw.permutation(rows) if shuffled else np.arange(rows)
        self.vault, self.solution = folder / "vault", folder / "solution.csv"
        self.submission = folder / "submission.csv"
        self._store(keys, values, draw.random(rows) < 0.5, metric)
        csv.write_csv(pa.table({"id": keys, "y": values}), self.solution, PLAIN)
        given = pa.table({"id": keys.take(pa.array(order)), "y": guess[order]})
        csv.write_csv(given, self.submission, PLAIN)

    def _store(self, keys: pa.Array, values: np.ndarray, public: np.ndarray, metric: str) -> None:
        self.vault.mkdir()
        kind = "number" if metric == "rmse" else "label"
        target = TargetInfo("y", kind, None if kind == "number" else ("0", "1"), None)
        rows = len(values)
        save_info(
            self.vault,
            VaultInfo(
                "benchmark", "b", "d", 1, "id", "text" if keys.type == pa.string() else "integer",
                (target,), "random", rows, int(public.sum()), 0, "2026-01-01T00:00:00+00:00", {},
            ),
        )  # fmt: skip
        unit = np.arange(rows, dtype=np.int32)
        table = {"id": keys, "target:y": values, "public": public.astype(np.int8), "unit": unit}
        (self.vault / SOLUTION).write_bytes(solution_bytes(pa.table(table)))


def stored(metric: str, vault: Path, file: Path) -> Callable[[], float]:
    def run() -> float:
        answers = scoring.load_answers(vault)
        bound = metrics.get(metric)
        layout = scoring.layout(answers, bound, SubmissionSpec())
        return scoring.score(answers, scoring.read(file, layout, answers), bound)

    return run


def files(metric: str, solution: Path, submission: Path) -> Callable[[], float]:
    return lambda: scoring.score_files(solution, submission, metric).score


def pandas_way(metric: str, data: Data) -> Callable[[], float]:
    import pandas as pd

    def run() -> float:
        solution, submission = pd.read_csv(data.solution), pd.read_csv(data.submission)
        return judged(metric, solution.merge(submission, on="id"))

    return run


def merge_way(data: Data) -> Callable[[], float]:
    import pandas as pd

    solution, submission = pd.read_csv(data.solution), pd.read_csv(data.submission)
    return lambda: judged("roc_auc", solution.merge(submission, on="id"))


def judged(metric: str, joined: Any) -> float:
    from sklearn import metrics as sklearn_metrics

    truth, guess = joined["y_x"], joined["y_y"]
    if metric == "rmse":
        return float(sklearn_metrics.root_mean_squared_error(truth, guess))
    if metric == "f1":
        return float(sklearn_metrics.f1_score(truth, guess))
    return float(sklearn_metrics.roc_auc_score(truth, guess))


def timed(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each task; all give the same score."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    scores = [result for task in tasks.values() if isinstance(result := task(), float)]
    assert np.allclose(scores, scores[0], rtol=1e-9), scores
    for _ in range(rounds):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            spent[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in spent.items()}


def peak(metric: str, data: Data) -> int:
    """Return the peak memory, in MB, of a process that scores the submission once."""
    command = [sys.executable, __file__, "--memory", metric, str(data.vault), str(data.submission)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def show(metric: str, spent: dict[str, float], base: str, due: str) -> None:
    print(f"  {metric}: {due}")
    for name, seconds in spent.items():
        print(f"    {name:34} {seconds:7.3f} s  {seconds / spent[base]:6.2f}")


if __name__ == "__main__":
    main()
