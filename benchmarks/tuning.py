"""Trials per second against ``cross_val_score`` inside an Optuna loop, on the same configurations.

The naive loop is what a user would write: ``cross_val_score(LGBMClassifier)`` with LightGBM's own
threads on every processor, in a study in memory. Passes are interleaved, ratios are of medians.
Where another process is busy, LightGBM's threads wait for each other and the naive loop is many
times slower; the second ratio, to a naive loop with one thread, does not suffer from that::

    python benchmarks/tuning.py                     # breast_cancer and 20,000 x 30
    python benchmarks/tuning.py --only breast-cancer --configurations 80 --passes 3
    python benchmarks/tuning.py --only overhead
    python benchmarks/tuning.py --only neighbour
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from practice import harness
from practice.settings import Settings, from_environment
from practice.solutions import get, load
from practice.solutions.boosting import booster_parameters, quiet
from practice.solutions.columns import Roles
from practice.solutions.data import Dataset
from practice.solutions.encoding import for_trees
from practice.solutions.parallel import pool
from practice.tuning import (
    BoostingEvaluator,
    Budget,
    Exhausted,
    Journal,
    Problem,
    Row,
    Rung,
    Space,
    finals,
    make,
    run,
    shared_points,
)
from practice.tuning.stopping import Finish, Forgiving, Halving
from practice.tuning.strategy import Composed, Stopper

ROUNDS = 300
LIMITS = {
    ("breast-cancer", "fixed rounds"): 1.4,
    ("breast-cancer", "early stopping"): 1.9,
    ("breast-cancer", "halving"): 6.0,
    ("large", "fixed rounds"): 1.1,
}
DEFINITION = """
title = "Large"
summary = "20,000 rows of 30 columns."
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
test = 0.3

[metric]
name = "log_loss"
"""


class Listed:
    """Proposes the configurations it was given."""

    def __init__(self, points: list[dict[str, Any]]) -> None:
        self._points = list(points)

    def ask(self) -> dict[str, Any]:
        if not self._points:
            raise Exhausted
        return self._points.pop(0)

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        return {"name": "listed"}


def large(base: Path) -> None:
    """Define a competition of 20,000 rows."""
    from sklearn.datasets import make_classification

    folder = base / "definitions" / "large"
    folder.mkdir(parents=True)
    matrix, y = make_classification(20_000, 30, n_informative=12, flip_y=0.05, random_state=0)
    rows = (
        f"{i},{','.join(f'{v:.5f}' for v in x)},{t}\n"
        for i, (x, t) in enumerate(zip(matrix, y, strict=True))
    )
    text = f"id,{','.join(f'x{i}' for i in range(30))},y\n" + "".join(rows)
    (folder / "raw.csv").write_text(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    (folder / "competition.toml").write_text(DEFINITION.format(sha256=sha256))


def naive(dataset: Dataset, points: list[dict[str, Any]], threads: int) -> float:
    """Return the seconds of the loop that a user would write."""
    import lightgbm
    import optuna
    from sklearn.model_selection import cross_val_score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    matrix = for_trees(dataset.plain.roles).fit_transform(dataset.plain.train)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    left = list(points)

    def objective(trial: optuna.Trial) -> float:
        given = booster_parameters(dataset.goal, left.pop(0), 0)
        for name in ("objective", "metric", "num_threads", "deterministic", "force_col_wise"):
            given.pop(name, None)
        model = lightgbm.LGBMClassifier(n_estimators=ROUNDS, n_jobs=threads, **given)
        cv = list(dataset.splits)
        return -cross_val_score(model, matrix, dataset.y, scoring="neg_log_loss", cv=cv).mean()

    began = time.perf_counter()
    study.optimize(objective, n_trials=len(points))
    return time.perf_counter() - began


def ours(
    dataset: Dataset,
    points: list[dict[str, Any]],
    stopper: Stopper,
    patience: int | None,
    path: Path,
) -> float:
    """Return the seconds of the arena on the same configurations, bins and records included."""
    began = time.perf_counter()
    with pool(len(dataset.splits), quiet) as threads:
        evaluator = BoostingEvaluator(
            dataset, get("lightgbm"), threads, rounds=ROUNDS, patience=patience
        )
        strategy = Composed(Listed(points[1:]), stopper)
        with Journal(path) as journal:
            rows = run(evaluator, strategy, Budget(trials=len(points)), journal, points[:1])
    seconds = time.perf_counter() - began
    assert len(finals(rows)) == len(points)
    return seconds


def compare(name: str, dataset: Dataset, count: int, passes: int, base: Path) -> None:
    """Print trials per second of all ways, and their ratios to the naive loop."""
    import joblib

    roles = dataset.plain.roles
    dataset = replace(dataset, plain=replace(dataset.plain, roles=Roles(numbers=roles.numbers)))
    with pool(len(dataset.splits), quiet) as threads:
        space = BoostingEvaluator(dataset, get("lightgbm"), threads).space
    rng = np.random.default_rng(0)
    points = [space.at(rng.random(len(space.parameters))) for _ in range(count)]
    every = joblib.cpu_count()
    ways: dict[str, Callable[[Path], float]] = {
        "naive": lambda _: naive(dataset, points, every),
        "naive, one thread": lambda _: naive(dataset, points, 1),
        "fixed rounds": lambda path: ours(dataset, points, Finish(), None, path),
        "early stopping": lambda path: ours(dataset, points, Finish(), 25, path),
        "forgiving": lambda path: ours(dataset, points, Forgiving(), 25, path),
        "halving": lambda path: ours(dataset, points, Halving(), 25, path),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(passes):
        for way, measure in ways.items():
            seconds[way].append(measure(base / f"{name}-{number}-{way}.jsonl"))
    print(f"{name}: {len(dataset.y)} rows, {count} configurations, {passes} passes")
    naives = [statistics.median(seconds[way]) for way in ("naive", "naive, one thread")]
    print(f"  {'':18} {'trials/s':>9} {'to naive':>9} {'to one thread':>14}")
    for way, each in seconds.items():
        took = statistics.median(each)
        limit = LIMITS.get((name, way))
        wanted = f"  (at least {limit} to naive)" if limit is not None else ""
        ratios = f"{naives[0] / took:9.2f} {naives[1] / took:14.2f}"
        print(f"  {way:18} {count / took:9.2f} {ratios}{wanted}")


@contextmanager
def busy() -> Iterator[None]:
    """Keep one processor busy with another process."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def neighbour(dataset: Dataset, count: int, passes: int, base: Path) -> None:
    """Print how much slower a search is beside one busy process.

    Of n processors, n threads of a search and a neighbour get n / (n + 1) each: a search that loses
    no more than that is (n + 1) / n times as slow. LightGBM's own threads wait for each other, and
    lose many times as much.
    """
    import joblib

    with pool(len(dataset.splits), quiet) as threads:
        space = BoostingEvaluator(dataset, get("lightgbm"), threads).space
    rng = np.random.default_rng(0)
    points = [space.at(rng.random(len(space.parameters))) for _ in range(count)]
    every = joblib.cpu_count()
    ways: dict[str, Callable[[Path], float]] = {
        "naive": lambda _: naive(dataset, points, every),
        "fixed rounds": lambda path: ours(dataset, points, Finish(), None, path),
        "forgiving": lambda path: ours(dataset, points, Forgiving(), 25, path),
    }
    alone: dict[str, list[float]] = {way: [] for way in ways}
    beside: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(passes):
        for way, measure in ways.items():
            alone[way].append(measure(base / f"alone-{number}-{way}.jsonl"))
            with busy():
                beside[way].append(measure(base / f"beside-{number}-{way}.jsonl"))
    share = (every + 1) / every
    print(f"one busy neighbour on {every} processors: {count} configurations, {passes} passes")
    for way in ways:
        ratio = statistics.median(beside[way]) / statistics.median(alone[way])
        wanted = "" if way == "naive" else f"  (its share: {share:.2f})"
        print(f"  {way:18} {ratio:8.2f} times as slow{wanted}")


class Instant:
    """An evaluator that costs nothing: what is left is the harness."""

    folds = 5

    def __init__(self, space: Space) -> None:
        self.space = space

    def evaluate(self, configuration: Any, order: str) -> Iterator[Rung]:
        loss = float(np.sum((self.space.places(configuration) - 0.3) ** 2))
        for done in (2, 4, 5):
            share = done / 5
            yield Rung(done, share, "folds", loss, (loss,) * done, 50, share, 0.0, done == 5)

    def metric_scores(self) -> tuple[float, ...]:
        return ()

    def described(self) -> dict[str, Any]:
        return {}


def overhead(base: Path, trials: int = 300, passes: int = 3) -> None:
    """Print what the harness takes per trial, three rungs and records on disk included."""
    from practice.tuning import space_for

    space = space_for(get("lightgbm"), Roles(numbers=("x",)))
    limits = {"tpe": 5.0, "random": 1.0}
    found: dict[str, list[float]] = {name: [] for name in limits}
    for number in range(passes):
        for name in limits:
            strategy = make(name, Problem(space, number, 5))
            began = time.perf_counter()
            with Journal(base / f"overhead-{number}-{name}.jsonl") as journal:
                run(
                    Instant(space),
                    strategy,
                    Budget(trials=trials),
                    journal,
                    shared_points(space, 0),
                )
            found[name].append((time.perf_counter() - began) / trials * 1000)
    print(f"overhead over {trials} trials, median of {passes}")
    for name, each in found.items():
        print(f"  {name:18} {statistics.median(each):8.2f} ms a trial  (below {limits[name]})")


def started(settings: Settings, slug: str, base: Path) -> Dataset:
    """Start a competition and load it."""
    harness.start(settings, slug, base / slug)
    return load(slug, settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("breast-cancer", "large", "overhead", "neighbour"))
    parser.add_argument("--configurations", type=int, help="default: 80, and 16 for large")
    parser.add_argument("--passes", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        settings = from_environment(
            {
                "PRACTICE_HOME": str(base / "home"),
                "PRACTICE_COMPETITIONS": str(base / "definitions"),
            }
        )
        if given.only in (None, "overhead"):
            overhead(base)
        if given.only in (None, "breast-cancer"):
            dataset = started(settings, "breast-cancer", base)
            compare("breast-cancer", dataset, given.configurations or 80, given.passes, base)
        if given.only in (None, "neighbour"):
            dataset = started(settings, "breast-cancer", base)
            neighbour(dataset, given.configurations or 20, given.passes, base)
        if given.only in (None, "large"):
            large(base)
            dataset = started(settings, "large", base)
            compare("large", dataset, given.configurations or 16, given.passes, base)


if __name__ == "__main__":
    main()
