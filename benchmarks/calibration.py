"""How often the verdicts of `practice compare` are right: copies and planted differences.

    python benchmarks/calibration.py [--comparisons 2000] [--only recorded] [--table FILE]

A copy is the same strategy with seeds of its own after the ten shared points; calling it better or
worse is an error. The planted difference is one standard deviation of the paired differences.
Columns: copies called different, and planted differences found, without a ROPE and with the default
one; for comparison copies called different by Student's t of all pairs, and planted differences
found by Student's t of the splits' means. Prints the tables of docs/compare-statistics.md.

recorded: random configurations of LightGBM are cross-validated and judged on four outer splits of
two datasets once (two minutes; kept in FILE), and every comparison replays searches over them.
simulated: runs are drawn from populations with known effects of splits, rows and seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from practice.arena.paired import ahead
from practice.arena.records import Cell, Comparison, Point, Results
from practice.arena.verdict import needed, verdict

Values = NDArray[np.float64]
Drawn = tuple[Values, list[Values] | None]  # (2, splits, seeds); per split (2, seeds, replicates)

CONFIGURATIONS = 240
SHARED, OWN = 10, 40  # trials of a replayed search: those of all strategies, and its own
REPLICATES = 300
ROWS = 150  # simulated, on each split
COLUMNS = ("copies", "planted", "copies, default ROPE", "all pairs, copies", "split means, planted")
LAYOUTS = ((4, 5), (1, 20), (2, 10), (10, 2), (20, 1), (4, 3))


def results_of(
    held: Values, replicates: list[Values] | None = None, greater_is_better: bool = True
) -> Results:
    """Wrap scores of shape (strategies, splits, seeds) as a comparison leaves them."""
    strategies, splits, seeds = held.shape
    names = tuple("abcdefgh"[:strategies])
    asked = Comparison(
        id="c",
        slug="simulated",
        solution="lightgbm",
        strategies=names,
        reference="a",
        outer=tuple(range(splits)),
        seeds=tuple(range(seeds)),
        work=50.0,
        rounds=100,
        metric="score",
        greater_is_better=greater_is_better,
        held_rows=(ROWS,) * splits,
        plans=("p",) * splits,
        created="2026-01-01T00:00:00Z",
        hash="",
        identity={},
        environment={},
    )
    cells, drawn = [], {}
    for i, name in enumerate(names):
        for j in range(splits):
            for k in range(seeds):
                value = float(held[i, j, k])
                point = Point(0, {}, 1.0, 1.0, value, value, value, value)
                cells.append(Cell(name, j, k, (point,), {"complete": 50}, 50.0, 1.0, 1.0, 0.1))
                if replicates is not None:
                    drawn[name, j, k] = replicates[j][i, k]
    return Results(asked, tuple(cells), drawn)


@dataclass(frozen=True)
class Population:
    """Where paired differences come from: standard deviations of their parts.

    Parameters
    ----------
    seed : float
        Of a run, for its own.
    split : float
        Of a split, for all runs of one strategy on it: what it has to learn from.
    rows : float
        Of the held-out rows of a split, for all runs of one strategy on it.
    own_rows : float
        Of the held-out rows, for each run.
    tails : {"normal", "heavy", "skewed"}
        Of a run's own part.
    uneven : float
        How much more scatter the last split has than the first.
    recorded : bool
        Whether predictions were stored, so that rows can be resampled.
    """

    seed: float = 1.0
    split: float = 0.0
    rows: float = 0.0
    own_rows: float = 0.0
    tails: str = "normal"
    uneven: float = 1.0
    recorded: bool = True

    def draw(self, generator: np.random.Generator, splits: int, seeds: int) -> Drawn:
        """Draw the scores of two strategies that are equally good on average."""
        shape = (2, splits, seeds)
        own = {
            "normal": generator.standard_normal,
            "heavy": lambda size: generator.standard_t(3, size) / np.sqrt(3),
            "skewed": lambda size: generator.exponential(size=size) - 1,
        }[self.tails](shape)
        scale = np.linspace(1, self.uneven, splits)[None, :, None]
        held = self.seed * scale * own
        held += self.split * generator.standard_normal((2, splits, 1))
        if not (self.rows or self.own_rows):
            return held / np.sqrt(2), None
        deviations = np.sqrt(ROWS) * np.array([self.rows, self.own_rows])
        common = deviations[0] * generator.standard_normal((2, splits, 1, ROWS))
        values = common + deviations[1] * generator.standard_normal((2, splits, seeds, ROWS))
        held = (held + values.mean(axis=3)) / np.sqrt(2)
        if not self.recorded:
            return held, None
        values /= np.sqrt(2)
        counts = generator.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=REPLICATES) / ROWS
        return held, [values[:, j] @ counts.T for j in range(splits)]


POPULATIONS = {
    "seeds alone": Population(),
    "seeds, heavy tails": Population(tails="heavy"),
    "seeds, skewed": Population(tails="skewed"),
    "seeds, scatter of splits 1 to 4": Population(uneven=4.0),
    "copies judged on few rows": Population(seed=0.5, own_rows=0.85),
    "rows 30 % of the variance": Population(seed=0.84**0.5, rows=0.3**0.5, own_rows=0.1),
    "the same, rows not stored": Population(seed=0.84**0.5, rows=0.3**0.5, recorded=False),
    "rows 60 % of the variance": Population(seed=0.63, rows=0.6**0.5, own_rows=0.1),
    "splits 10 % of the variance": Population(seed=0.9**0.5, split=0.1**0.5),
    "splits 30 % of the variance": Population(seed=0.7**0.5, split=0.3**0.5),
    "splits 60 % of the variance": Population(seed=0.4**0.5, split=0.6**0.5),
}


@dataclass(frozen=True)
class Table:
    """Configurations that were tried on every outer split, more being better.

    Parameters
    ----------
    cv, held : ndarray of shape (splits, configurations)
    replicates : ndarray of shape (splits, configurations, replicates)
    """

    cv: Values
    held: Values
    replicates: Values

    def draw(self, generator: np.random.Generator, splits: int, seeds: int) -> Drawn:
        """Replay two copies of random search: shared points, then their own; the best is taken."""
        count = self.cv.shape[1]
        held, drawn = np.empty((2, splits, seeds)), []
        for j in range(splits):
            split = j % len(self.cv)
            rows = np.empty((2, seeds, self.replicates.shape[2]))
            for k in range(seeds):
                tried = generator.permutation(count)[: SHARED + 2 * OWN]
                shared, own = tried[:SHARED], tried[SHARED:].reshape(2, OWN)
                for i in range(2):
                    seen = np.concatenate([shared, own[i]])
                    best = seen[np.argmax(self.cv[split, seen])]
                    held[i, j, k], rows[i, k] = self.held[split, best], self.replicates[split, best]
            drawn.append(rows)
        return held, drawn


def record(name: str) -> dict[str, Values]:
    """Try random configurations on four outer splits; return scores by row."""
    import lightgbm
    from sklearn.datasets import load_breast_cancer, load_diabetes
    from sklearn.model_selection import KFold

    binary = name == "breast cancer"
    x, y = (load_breast_cancer if binary else load_diabetes)(return_X_y=True)
    folds = [held for _, held in KFold(5, shuffle=True, random_state=0).split(x)]
    generator = np.random.default_rng(1)

    def losses(configuration: dict[str, float], fit: Values, judge: Values) -> Values:
        model = lightgbm.train(
            {
                "objective": "binary" if binary else "regression",
                "num_threads": 1,
                "verbosity": -1,
                "seed": 0,
                **configuration,
            },
            lightgbm.Dataset(x[fit], y[fit]),
            60,
        )
        found = np.asarray(model.predict(x[judge]))
        if not binary:
            return (y[judge] - found) ** 2
        return -np.log(np.clip(np.where(y[judge] == 1, found, 1 - found), 1e-15, 1))

    cv = np.empty((4, CONFIGURATIONS))
    held = [np.empty((CONFIGURATIONS, len(folds[j]))) for j in range(1, 5)]
    for c in range(CONFIGURATIONS):
        configuration = {
            "learning_rate": 10 ** generator.uniform(-2, -0.3),
            "num_leaves": int(generator.integers(3, 32)),
            "min_data_in_leaf": int(generator.integers(3, 40)),
            "feature_fraction": generator.uniform(0.3, 1),
            "lambda_l2": 10 ** generator.uniform(-3, 1),
        }
        for j in range(1, 5):
            inner = [fold for number, fold in enumerate(folds) if number != j]
            valid = [
                losses(configuration, np.concatenate(inner[:i] + inner[i + 1 :]), inner[i])
                for i in range(4)
            ]
            cv[j - 1, c] = np.concatenate(valid).mean()
            held[j - 1][c] = losses(configuration, np.concatenate(inner), folds[j])
    return {"cv": cv, **{f"held{j}": held[j] for j in range(4)}}


def tables(path: Path) -> Iterator[tuple[str, Table]]:
    """Read or record the tables of two datasets, by several metrics."""
    if not path.exists():
        names = ("breast cancer", "diabetes")
        kept = {f"{n}/{k}": v for n in names for k, v in record(n).items()}
        np.savez_compressed(path, **kept)
    stored = np.load(path)
    mean: Callable[[Values], Values] = lambda loss: -loss  # noqa: E731
    metrics: dict[str, tuple[str, Callable[[Values], Values], Callable[[Values], Values]]] = {
        "breast cancer, log loss": ("breast cancer", mean, lambda m: m),
        "breast cancer, accuracy": ("breast cancer", lambda v: 1.0 * (v < np.log(2)), lambda m: m),
        "diabetes, RMSE": ("diabetes", mean, lambda m: -np.sqrt(-m)),
    }
    for title, (name, by_row, of_mean) in metrics.items():
        generator = np.random.default_rng(2)
        held, drawn = [], []
        for j in range(4):
            values = by_row(stored[f"{name}/held{j}"])
            rows = values.shape[1]
            counts = generator.multinomial(rows, np.full(rows, 1 / rows), size=REPLICATES) / rows
            held.append(of_mean(values.mean(axis=1)))
            drawn.append(of_mean(values @ counts.T))
        yield title, Table(-stored[f"{name}/cv"], np.array(held), np.array(drawn))


def rates(
    draw: Callable[[np.random.Generator, int, int], Drawn],
    splits: int,
    seeds: int,
    comparisons: int,
) -> dict[str, float]:
    """Return percentages: copies called different, the planted difference found, and so on."""
    generator = np.random.default_rng(7)
    drawn = [draw(generator, splits, seeds) for _ in range(comparisons)]
    planted = float(np.std([held[1] - held[0] for held, _ in drawn]))
    seen: dict[str, list[bool]] = {name: [] for name in COLUMNS}
    for held, replicates in drawn:
        found = ahead(results_of(held, replicates), "b", "a")
        least = needed(1)
        seen["copies"].append(verdict(found, 0.0, least) in ("win", "loss"))
        region = verdict(found, found.rows_error or 0.0, least)
        seen["copies, default ROPE"].append(region in ("win", "loss"))
        shift = np.array([0.0, planted])[:, None, None]
        moved = None if replicates is None else [split + shift for split in replicates]
        after = ahead(results_of(held + shift, moved), "b", "a")
        seen["planted"].append(verdict(after, 0.0, least) == "win")
        differences = held[1] - held[0]
        seen["all pairs, copies"].append(beyond(differences.ravel(), 0.0) != 0)
        means = differences.mean(axis=1)
        seen["split means, planted"].append(splits > 1 and beyond(means, planted) > 0)
    return {name: 100 * float(np.mean(values)) for name, values in seen.items()}


def beyond(values: Values, shift: float) -> int:
    """Return on which side of zero Student's t interval of some values is, 0 for neither."""
    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    mean = values.mean() + shift
    return int(mean > half) - int(mean < -half)


def show(title: str, found: dict[str, float]) -> None:
    """Print a row."""
    figures = " | ".join(f"{value:.1f}" for value in found.values())
    print(f"| {title} | {figures} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comparisons", type=int, default=2000)
    parser.add_argument("--only", choices=("recorded", "simulated", "layouts"))
    parser.add_argument("--table", type=Path, default=Path(gettempdir()) / "calibration.npz")
    asked = parser.parse_args()
    head = "| {} | " + " | ".join(COLUMNS) + " |"
    line = "|---|" + "---:|" * len(COLUMNS)
    if asked.only in (None, "recorded"):
        print(head.format("recorded, 4 splits x 5 seeds"), line, sep="\n")
        for title, table in tables(asked.table):
            show(title, rates(table.draw, 4, 5, asked.comparisons))
    if asked.only in (None, "simulated"):
        print("\n" + head.format("simulated, 4 splits x 5 seeds"), line, sep="\n")
        for title, population in POPULATIONS.items():
            show(title, rates(population.draw, 4, 5, asked.comparisons))
    if asked.only in (None, "layouts"):
        for title in ("seeds alone", "rows 30 % of the variance"):
            print("\n" + head.format(title), line, sep="\n")
            for splits, seeds in LAYOUTS:
                found = rates(POPULATIONS[title].draw, splits, seeds, asked.comparisons)
                show(f"{splits} x {seeds}", found)


if __name__ == "__main__":
    main()
