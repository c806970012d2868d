"""How often what the board says of luck is true: coverage by simulation with known truth.

    python benchmarks/coverage.py [--runs 5000] [--jobs 2] [--only roc_auc:50:time] [--out FILE]

Each run draws the test rows of a competition with 25 entries whose true scores are known, resamples
them by a plan as a build draws it, and asks the board. Prints the tables of docs/uncertainty.md;
with --out also keeps all figures as JSON, and goes on from those that are there.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from practice.board.intervals import Drawn
from practice.board.joint import join
from practice.board.luck import Difference, difference
from practice.board.uncertainty import Scale, uncertainty
from practice.metrics.drawing import draw

METRICS = ("accuracy", "f1", "roc_auc", "rmse")
ROWS = (50, 200, 1000, 5000)
DESIGNS = {
    "close": "25 close entries",
    "equal": "25 equal entries",
    "clones": "5 entries, their copies and near copies",
    "groups": "close, rows in groups",
    "time": "close, rows in order of time",
    "random": "close, class sizes left to chance, plan by classes",
    "rows": "close, class sizes left to chance, plan by rows",
}
PAIRS = ("to the row above", "to one's best", "to a baseline", "of the leader", "of a chosen pair")
COLUMNS: dict[str, tuple[str, ...]] = {  # of the table, each the lowest of some figures
    "score": ("score",),
    "leader's": ("score, leader",),
    "rank": ("rank",),
    "leader's rank": ("rank, leader",),
    "mark": ("mark",),
    "paired": PAIRS,
    "naive score": ("naive score",),
    "naive rank": ("naive rank",),
    "naive leader's rank": ("naive rank, leader",),
    "naive mark": ("naive mark",),
}
PLANS = 16  # where class sizes are left to chance: as many sizes, equally likely

ENTRIES = 25
OWN = 5  # entries of the one who looks, the first
LINE = range(20, 25)  # baselines
NAMES = ["me"] * OWN + [f"entrant {number}" for number in range(OWN, ENTRIES)]
POSITIVE = 0.3  # share of the positive class
SHARED = 0.8  # of the variance of a row's noise, the same for all entries: rows are hard or easy
SIGNAL, CUT = 1.4, 0.8  # distance of the classes, and where entries cut their scores
GROUP, ALIKE = 5, 0.3  # rows of a group, on average, and how they correlate
LAG = 0.5  # correlation of neighbours in time
STEP = 0.25  # between the true scores of neighbours, in paired standard errors, roughly

ROUNDING = 1e-12

Values = NDArray[np.float64]
Cells = dict[tuple[str, int, str], dict[str, float]]
_CDF = NormalDist().cdf


@dataclass(frozen=True)
class World:
    """What a competition's test rows are drawn from, and the plan of its build."""

    metric: str
    rows: int
    design: str
    truth: Values  # of each entry
    skill: Values  # what it follows from: distance of the classes, or spread of the error
    copy_of: NDArray[np.intp]  # the entry whose predictions each has
    positives: tuple[int, ...]  # equally likely numbers of rows of the positive class
    counts: tuple[NDArray[Any], ...]  # (replicates, rows), for each of those numbers
    group: NDArray[np.intp] | None
    drawn: Drawn

    @property
    def greater_is_better(self) -> bool:
        return self.metric != "rmse"

    @property
    def scale(self) -> Scale:
        bounds = (0.0, math.inf) if self.metric == "rmse" else (0.0, 1.0)
        return Scale(self.greater_is_better, bounds, self.metric == "accuracy")


def build(metric: str, rows: int, design: str) -> World:
    """Return a world and draw its plan, as a build does."""
    # A step of skill that is worth STEP paired errors: the noise that entries do not share.
    step = 0.0 if design == "equal" else STEP * math.sqrt(2 * (1 - SHARED) / rows)
    offsets = step * (np.arange(ENTRIES) - ENTRIES / 2)
    copy_of = np.arange(ENTRIES)
    if design == "clones":
        copy_of[5:] = np.repeat([0, 0, 1, 2, 4], 4)
        offsets = offsets[copy_of]
    if metric == "rmse":
        skill = 1 + offsets / math.sqrt(2)
        truth = skill
    else:
        skill = SIGNAL - 2 * offsets
        truth = np.array([_truth(metric, each) for each in skill])
    group, positives = None, [round(POSITIVE * rows)]
    if design == "groups":
        sizes = np.tile([3, 7, 5, 4, 6], rows // 25)
        group = np.repeat(np.arange(len(sizes)), sizes)
    if design == "random":
        spread = math.sqrt(rows * POSITIVE * (1 - POSITIVE))
        normal = NormalDist(rows * POSITIVE, spread)
        positives = [round(normal.inv_cdf((part + 0.5) / PLANS)) for part in range(PLANS)]
    stratified = metric != "rmse" and design not in ("groups", "time", "rows")
    units = np.arange(rows) if group is None else group
    counts = tuple(
        draw(
            units,
            seed=1000 * METRICS.index(metric) + rows + number,
            strata=_classes(rows, number).astype(np.int64) if stratified else None,
            contiguous=design == "time",
        ).counts
        for number in positives
    )
    if len(counts) == 1:  # else they would fill the memory
        counts = (counts[0].astype(np.float32),)
    drawn = Drawn.of(units, neighbours=design == "time")
    return World(
        metric, rows, design, truth, skill, copy_of, tuple(positives), counts, group, drawn
    )


def _truth(metric: str, signal: float) -> float:
    """Return the score on endlessly many rows."""
    if metric == "roc_auc":
        return _CDF(signal / math.sqrt(2))
    hits, alarms = POSITIVE * _CDF(signal - CUT), (1 - POSITIVE) * _CDF(-CUT)
    if metric == "f1":
        return 2 * hits / (hits + alarms + POSITIVE)
    return hits + (1 - POSITIVE) - alarms


def _classes(rows: int, positives: int) -> NDArray[np.bool_]:
    return np.arange(rows) < positives


def noise(bits: np.random.Generator, world: World, columns: int) -> Values:
    """Return noise of mean 0 and variance 1, alike within groups and from one time to the next."""
    drawn = bits.normal(size=(world.rows, columns))
    if world.group is not None:
        common = bits.normal(size=(int(world.group[-1]) + 1, columns))
        return math.sqrt(ALIKE) * common[world.group] + math.sqrt(1 - ALIKE) * drawn
    if world.design == "time":
        from scipy.signal import lfilter

        drawn[1:] *= math.sqrt(1 - LAG**2)
        return np.asarray(lfilter([1.0], [1.0, -LAG], drawn, axis=0))
    return drawn


def sample(bits: np.random.Generator, world: World) -> tuple[Values, Values]:
    """Draw rows; return the score of each entry, and its replicates."""
    own = noise(bits, world, ENTRIES)
    own *= math.sqrt(1 - SHARED)
    own += math.sqrt(SHARED) * noise(bits, world, 1)
    own = own[:, world.copy_of]
    if world.design == "clones":  # half of the copies differ in one row of twenty
        redone = bits.random((world.rows, ENTRIES)) < 0.05
        redone[:, ::2] = False
        own[redone] = bits.normal(size=int(redone.sum()))
    which = int(bits.integers(len(world.counts)))
    counts = world.counts[which].astype(np.float32, copy=False)
    if world.metric == "rmse":
        squares = ((own * world.skill) ** 2).astype(np.float32)
        value = np.sqrt(squares.mean(axis=0, dtype=np.float64))
        return value, np.sqrt((counts @ squares) / counts.sum(axis=1)[:, None]).T
    answers = _classes(world.rows, world.positives[which])
    if world.design in ("groups", "time", "rows"):
        answers = bits.random(world.rows) < POSITIVE
    return _SCORED[world.metric](counts, answers, own + answers[:, None] * world.skill)


def _accuracy(counts: Any, answers: Any, scores: Any) -> tuple[Values, Values]:
    right = ((scores > CUT) == answers[:, None]).astype(np.float32)
    made = (counts @ right) / counts.sum(axis=1)[:, None]
    return right.mean(axis=0, dtype=np.float64), made.T


def _f1(counts: Any, answers: Any, scores: Any) -> tuple[Values, Values]:
    said = (scores > CUT).astype(np.float32)
    hits = said * answers[:, None]
    of_all = float(answers.sum())
    value = 2 * hits.sum(axis=0, dtype=np.float64) / (said.sum(axis=0, dtype=np.float64) + of_all)
    below = counts @ said + (counts @ answers.astype(np.float32))[:, None]
    made = 2 * (counts @ hits) / below
    return value, made.T


def _roc_auc(counts: Any, answers: Any, scores: Any) -> tuple[Values, Values]:
    """Score exactly up to 200 rows; beyond, the replicates are linear in the counts."""
    up, down = scores[answers], scores[~answers]
    c_up, c_down = counts[:, answers], counts[:, ~answers]
    t_up, t_down = c_up.sum(axis=1), c_down.sum(axis=1)
    if len(answers) <= 200:
        values, made = [], []
        for u, d in zip(up.T, down.T, strict=True):
            above = (u[:, None] > d).astype(np.float32)
            values.append(float(above.mean(dtype=np.float64)))
            made.append(((c_up @ above) * c_down).sum(axis=1) / (t_up * t_down))
        return np.array(values), np.array(made)
    order = np.argsort(scores, axis=0)
    ranked = answers[order]
    lower = np.cumsum(~ranked, axis=0)
    higher = len(up) - np.cumsum(ranked, axis=0)
    place = np.where(ranked, lower / len(down), higher / len(up))
    placed = np.empty_like(place)
    np.put_along_axis(placed, order, place, axis=0)
    value = placed[answers].mean(axis=0)
    centred = (placed - value).astype(np.float32)
    made = (c_up @ centred[answers]) / t_up[:, None] + (c_down @ centred[~answers]) / t_down[
        :, None
    ]
    return value, (made + value).T


_SCORED = {"accuracy": _accuracy, "f1": _f1, "roc_auc": _roc_auc}


def ask(world: World, values: Values, replicates: Values) -> dict[str, float]:
    """Return which of the board's statements about one sample of rows are true (0 to 1)."""
    turned = values if world.greater_is_better else -values
    truth = world.truth if world.greater_is_better else -world.truth
    mine = int(np.argmax(turned[:OWN]))
    order = np.argsort(-turned, kind="stable")
    board = uncertainty(
        values, replicates, NAMES, world.drawn, world.scale, shown=order, baselines=LINE, own=mine
    )
    rows = board.rows
    better = truth[:, None] > truth[None, :] + ROUNDING
    first, last = 1 + better.sum(axis=0)[order], ENTRIES - better.sum(axis=1)[order]
    placed = [
        row.rank_low <= low and row.rank_high >= high
        for row, low, high in zip(rows, first, last, strict=True)
    ]
    scored = [row.score_low <= world.truth[row.entry] <= row.score_high for row in rows]

    def share(found: list[tuple[int, int | None, Difference | None]]) -> float:
        return float(np.mean([_holds(truth, *each) for each in found if each[2] is not None]))

    joint = join(
        values,
        replicates,
        world.drawn,
        greater_is_better=world.greater_is_better,
        bounded=world.scale.bounded,
    )
    leader, others = int(order[0]), order[1:].tolist()
    fixed = [(one, ENTRIES - 1 - one) for one in range(ENTRIES // 2)]
    above = [
        (row.entry, int(other), row.to_above) for row, other in zip(rows[1:], order, strict=False)
    ]
    near = [(row.entry, _nearest(turned, row.entry), row.to_baseline) for row in rows]
    return {
        "score": float(np.mean(scored[1:])),
        "score, leader": float(scored[0]),
        "rank": float(np.mean(placed)),
        "rank, leader": float(placed[0]),
        "all ranks at once": float(all(placed)),
        "mark": float(
            np.mean([row.not_worse_than_best for row in rows if not better[:, row.entry].any()])
        ),
        "to the row above": share(above),
        "to one's best": share([(row.entry, mine, row.to_own_best) for row in rows]),
        "to a baseline": share(near),
        "of the leader": share([(leader, one, difference(joint, leader, one)) for one in others]),
        "of a chosen pair": share([(a, b, difference(joint, a, b, chosen=True)) for a, b in fixed]),
    }


def naive(world: World, values: Values, replicates: Values) -> dict[str, float]:
    """Say the same by percentiles of the replicates, as is commonly done."""
    turned, truth = (values, world.truth) if world.greater_is_better else (-values, -world.truth)
    drawn = replicates if world.greater_is_better else -replicates
    drawn = drawn[:, np.isfinite(drawn).all(axis=0)]
    leader = int(np.argmax(turned))
    better = truth[:, None] > truth[None, :] + ROUNDING
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    scored = (low <= truth) & (truth <= high)
    ranks = 1 + np.argsort(np.argsort(-drawn, axis=0, kind="stable"), axis=0, kind="stable")
    first, last = np.quantile(ranks, [0.025, 0.975], axis=1)
    placed = (first <= ENTRIES - better.sum(axis=1)) & (last >= 1 + better.sum(axis=0))
    behind = np.quantile(drawn[leader] - drawn, 0.025, axis=1)
    best = ~better.any(axis=0)
    return {
        "naive score": float(scored.mean()),
        "naive score, leader": float(scored[leader]),
        "naive rank": float(placed.mean()),
        "naive rank, leader": float(placed[leader]),
        "naive mark": float((behind <= ROUNDING)[best].mean()),
    }


def _nearest(turned: Values, entry: int) -> int:
    others = [one for one in LINE if one != entry]
    return others[int(np.argmin(np.abs(turned[others] - turned[entry])))]


def _holds(truth: Values, one: int, other: int, found: Difference) -> bool:
    return found.low - ROUNDING <= truth[one] - truth[other] <= found.high + ROUNDING


def cell(metric: str, rows: int, design: str, runs: int) -> dict[str, float]:
    """Return the share of the statements that were true over many runs, the naive over a fifth."""
    world = build(metric, rows, design)
    bits = np.random.default_rng([METRICS.index(metric), rows, list(DESIGNS).index(design)])
    found: dict[str, list[float]] = {}
    with threadpool_limits(1), np.errstate(all="ignore"):  # one thread in each process
        for run in range(runs):
            drawn = sample(bits, world)
            told = ask(world, *drawn) | (naive(world, *drawn) if run % 5 == 0 else {})
            for name, held in told.items():
                found.setdefault(name, []).append(held)
    return {name: float(np.mean(held)) for name, held in found.items()}


def cells(only: str) -> list[tuple[str, int, str]]:
    """Return what is simulated: metric, rows and design."""
    wanted = [part.split(",") if part else None for part in only.split(":")]
    found = [
        (metric, rows, design)
        for design in DESIGNS
        for rows in ROWS
        for metric in METRICS
        if not (metric == "rmse" and design in ("random", "rows"))
    ]
    return [
        each
        for each in found
        if all(w is None or str(x) in w for x, w in zip(each, wanted, strict=True))
    ]


def table(made: Cells) -> Iterable[str]:
    """Yield a Markdown table of each design, in percent."""
    for design, says in DESIGNS.items():
        chosen = {at: figures for at, figures in made.items() if at[2] == design}
        if not chosen:
            continue
        yield from ("", f"**{says}**", "", "| metric | rows | " + " | ".join(COLUMNS) + " |")
        yield "|---|---:|" + "---:|" * len(COLUMNS)
        for (metric, rows, _), figures in chosen.items():
            lowest = [min(figures[name] for name in names) for names in COLUMNS.values()]
            shown = " | ".join(f"{100 * held:.1f}" for held in lowest)
            yield f"| {metric} | {rows:,} | {shown} |"


def _timed(at: tuple[str, int, str], runs: int) -> tuple[dict[str, float], float]:
    began = time.perf_counter()
    return cell(*at, runs), time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="::", help="METRIC:ROWS:DESIGN, each a list or empty")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    wanted = cells(options.only)
    made = _kept(options.out, options.runs)
    began = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        running = {at: pool.submit(_timed, at, options.runs) for at in wanted if at not in made}
        for at, each in running.items():
            made[at], seconds = each.result()
            print(*at, f"{seconds:.0f} s", flush=True)
            _keep(options.out, options.runs, made)
    print(*table({at: made[at] for at in wanted}), sep="\n")
    print(f"\n{options.runs:,} runs, {time.perf_counter() - began:.0f} s")


def _kept(path: Path | None, runs: int) -> Cells:
    if path is None or not path.exists():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    if told["runs"] != runs:
        raise SystemExit(f"{path} holds {told['runs']:,} runs each, not {runs:,}")
    found = {}
    for name, figures in told["cells"].items():
        metric, rows, design = name.split(":")
        found[metric, int(rows), design] = figures
    return found


def _keep(path: Path | None, runs: int, made: Cells) -> None:
    if path is not None:
        told = {":".join(map(str, at)): figures for at, figures in made.items()}
        text = json.dumps({"runs": runs, "cells": told}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
