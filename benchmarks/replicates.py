"""What replicates of a score cost, beside a loop over scikit-learn.

    python benchmarks/replicates.py [--rounds 5]

Makes its data with a seed; everything is timed warm, in one process; the figures are medians. The
loop over scikit-learn is extrapolated from 20 replicates, each on the rows drawn.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from sklearn import metrics as sklearn_metrics

from practice import metrics
from practice.build.plan import load_plan
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info
from practice.metrics.drawing import draw
from practice.metrics.plan import Plan

MB = 1 << 20
TRIED = 20
FEW, MANY, SOME = 20_000, 5_000_000, 60_000

Pair = tuple[np.ndarray, np.ndarray]

# The metric, at most so many seconds for 1,000 replicates, and scikit-learn's function.
SMALL: dict[str, tuple[float, Callable[..., float]]] = {
    "rmse": (0.05, sklearn_metrics.root_mean_squared_error),
    "mae": (0.05, sklearn_metrics.mean_absolute_error),
    "log_loss": (0.05, sklearn_metrics.log_loss),
    "accuracy": (0.05, sklearn_metrics.accuracy_score),
    "f1": (0.05, sklearn_metrics.f1_score),
    "matthews_corrcoef": (0.05, sklearn_metrics.matthews_corrcoef),
    "r2": (0.05, sklearn_metrics.r2_score),
    "roc_auc": (0.15, sklearn_metrics.roc_auc_score),
    "average_precision": (0.15, sklearn_metrics.average_precision_score),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    plans(rounds)
    small(rounds)
    large(rounds)
    errors()


def data(metric: str, rows: int, seed: int = 20260101) -> Pair:
    """Return answers and predictions."""
    bits = np.random.default_rng(seed)
    happened = (bits.random(rows) < 0.3).astype(np.int64)
    if metric in ("rmse", "mae", "r2"):
        truth = bits.normal(size=rows)
        return truth, truth + bits.standard_t(6, rows)
    score = bits.normal(size=rows) + happened
    if metric in ("accuracy", "f1", "matthews_corrcoef"):
        return happened, (score > 0.7).astype(np.int64)
    return happened, 1 / (1 + np.exp(1 - score))


def plans(rounds: int) -> None:
    rows, classes = np.arange(FEW), data("f1", FEW)[0]
    print(f"plan of 1,000 replicates, {FEW:,} rows")
    show("draw, rows", median(lambda: draw(rows, seed=1), rounds), 1.0)
    show("draw, rows within classes", median(lambda: draw(rows, seed=1, strata=classes), rounds), 1)
    show("draw, time", median(lambda: draw(rows, seed=1, contiguous=True), rounds), 1.0)
    with tempfile.TemporaryDirectory() as folder:
        vault(Path(folder), classes)
        began = time.perf_counter()
        load_plan(Path(folder), "public")
        show("first use in a vault", time.perf_counter() - began, 1.0)
        show("load again", median(lambda: load_plan(Path(folder), "public"), rounds), 0.01)
    print()


def vault(folder: Path, labels: np.ndarray) -> None:
    rows = len(labels)
    save_info(
        folder,
        VaultInfo(
            "benchmark", "b", "d", 1, "id", "integer", (TargetInfo("y", "label", ("0", "1")),),
            "stratified", rows, rows, 0, "2026-01-01T00:00:00+00:00", {},
        ),
    )  # fmt: skip
    columns = {
        "id": np.arange(rows),
        "target:y": labels.astype(np.int8),
        "public": np.ones(rows, np.bool_),
        "unit": np.arange(rows, dtype=np.int32),
    }
    parquet.write_table(pa.table(columns), folder / SOLUTION, compression="none")


def small(rounds: int) -> None:
    print(f"1,000 replicates, {FEW:,} rows: seconds, times as fast as a loop over scikit-learn,")
    print("largest difference from the loop, MB of memory")
    for name, (limit, function) in SMALL.items():
        pair, metric = data(name, FEW), metrics.get(name)
        classes = None if metric.takes == "number" and name != "roc_auc" else pair[0]
        plan = draw(np.arange(FEW), seed=2, strata=classes if pair[0].dtype.kind == "i" else None)
        values = metric.replicates(*pair, plan)
        assert values is not None
        seconds = median(lambda m=metric, p=pair, q=plan: m.replicates(*p, q), rounds)
        loop, others = scikit(function, pair, plan)
        apart = np.abs(values[:TRIED] - others).max()
        ratio = loop / seconds
        print(
            f"  {name:20} {seconds:7.3f} (at most {limit:.2f}) {ratio:7.0f} x (at least 20) "
            f"{apart:9.1e} (at most 1e-10) {traced(metric, pair, plan):5.0f} MB (below 200)"
        )
    print(
        f"  peak memory of a process that does it for AUC, beyond the score: {resident():.0f} MB\n"
    )


def scikit(function: Callable[..., float], pair: Pair, plan: Plan) -> tuple[float, np.ndarray]:
    """Return the seconds that all replicates would take, and the values of the first."""
    drawn = [np.repeat(np.arange(FEW), counts) for counts in plan.counts[:TRIED]]
    began = time.perf_counter()
    values = [float(function(pair[0][rows], pair[1][rows])) for rows in drawn]
    return (time.perf_counter() - began) / TRIED * plan.replicates, np.array(values)


def traced(metric: metrics.Metric, pair: Pair, plan: Plan) -> float:
    tracemalloc.start()
    metric.replicates(*pair, plan)
    peak = tracemalloc.get_traced_memory()[1] / MB
    tracemalloc.stop()
    return peak


def resident() -> float:
    """Return by how many MB drawing a plan and replicates of an AUC raise a process's peak."""
    code = """
import pathlib, re, numpy as np
from practice import metrics
from practice.metrics.drawing import draw
def peak():
    return int(re.search("VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
bits = np.random.default_rng(1)
true = (bits.random(20000) < 0.3).astype(int)
guess = bits.normal(size=20000) + true
metric = metrics.get("roc_auc")
metric.score(true, guess)
before = peak()
metric.replicates(true, guess, draw(np.arange(20000), seed=1, strata=true))
print((peak() - before) / 1024)
"""
    return float(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    )


def large(rounds: int) -> None:
    print(f"1,000 replicates, {MANY:,} rows: seconds beyond the score itself")
    for name in ("rmse", "f1", "roc_auc", "average_precision"):
        pair, metric = data(name, MANY), metrics.get(name)
        strata = None if name == "rmse" else pair[0]
        began = time.perf_counter()
        plan = draw(np.arange(MANY), seed=3, strata=strata)
        drawing = time.perf_counter() - began
        score = median(lambda m=metric, p=pair: m.score(*p), rounds)
        seconds = median(lambda m=metric, p=pair, q=plan: m.replicates(*p, q), rounds)
        print(
            f"  {name:20} score {score:6.3f}   replicates {seconds:6.3f} (at most 0.6)   "
            f"plan, once {drawing:5.2f}"
        )
    print()


def errors() -> None:
    rounds = 20
    print(
        f"standard error by blocks beside exact resampling, {SOME:,} rows, 20,000 replicates each"
    )
    for name in ("rmse", "f1", "roc_auc", "average_precision"):
        pair, metric = data(name, SOME), metrics.get(name)
        classes = np.zeros(SOME, np.int64) if name == "rmse" else pair[0]
        plan = draw(np.arange(SOME), seed=4, replicates=1000 * rounds, strata=classes)
        quick = metric.replicates(*pair, plan)
        exact = [metric.replicates(*pair, row_plan(classes, seed)) for seed in range(rounds)]
        assert quick is not None
        slow = np.concatenate([each for each in exact if each is not None])
        away = 100 * (quick.std() / slow.std() - 1)
        print(
            f"  {name:20} {quick.std():.3e} / {slow.std():.3e}   {away:+.2f} % (within 3 %)"
            f"   {plan.counts.shape[1]:,} blocks"
        )


def row_plan(classes: np.ndarray, seed: int) -> Plan:
    """Draw every row by itself, within its class, a thousand times."""
    bits = np.random.default_rng(seed)
    counts = np.zeros((1000, len(classes)), np.uint8)
    for one in np.unique(classes):
        own = np.flatnonzero(classes == one)
        for row in counts:
            row[own] = np.bincount(bits.integers(0, len(own), len(own)), minlength=len(own))
    return Plan(counts)


def median(task: Callable[[], object], rounds: int) -> float:
    task()
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        task()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def show(what: str, seconds: float, limit: float) -> None:
    print(f"  {what:28} {seconds:7.4f} s (at most {limit})")


if __name__ == "__main__":
    main()
