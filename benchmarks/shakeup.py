"""How often the forecast of a shake-up is true: coverage by simulation with known truth.

    python benchmarks/shakeup.py [--runs 1000] [--jobs 2] [--only close:rmse:400:0.3]

Each run draws the test rows of a competition with 20 entries, cuts them into public and private
ones, resamples the public ones by a plan as a build draws it, asks for the forecast, and looks
where the private rows put everybody. Prints the tables of docs/shakeup.md.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from practice.board.forecast import LEVEL, Forecast, forecast
from practice.board.intervals import Drawn
from practice.board.joint import join
from practice.board.uncertainty import Scale
from practice.metrics.drawing import draw

METRICS = ("accuracy", "roc_auc", "rmse")
ROWS = (400, 4000)  # public and private together
SHARES = (0.3, 0.5)  # public
DESIGNS = {
    "normal": "skill from a normal distribution, as wide as the noise of a paired difference",
    "close": "skill evenly spaced, a quarter of a paired error from one to the next",
    "spread": "skill evenly spaced, a whole paired error from one to the next",
    "equal": "20 equal entries",
    "baselines": "16 entries from a normal distribution, and 4 weak baselines far below",
    "tries": "10 entrants with 4 tries each, of which the better two on the public rows are final",
}
COLUMNS = {
    "score": "score",
    "score, leader": "leader's score",
    "place": "place",
    "place, leader": "leader's place",
    "naive score": "naive score",
    "naive score, leader": "leader's",
    "naive place": "naive place",
    "naive place, leader": "leader's",
    "width": "places wide",
}

ENTRIES = 20
TRIES, ENTRANTS, FINALS = 4, 10, 2
POSITIVE = 0.3  # share of the positive class
SHARED = 0.8  # of the variance of a row's noise, the same for all entries: rows are hard or easy
SIGNAL, CUT = 1.4, 0.8  # distance of the classes, and where entries cut their scores

Values = NDArray[np.float64]
Told = dict[str, float]


def skills(bits: np.random.Generator, design: str, error: float) -> Values:
    """Return by how much each entry is better than the middle, in units of a row's noise."""
    made: Values
    if design == "equal":
        made = np.zeros(ENTRIES)
    elif design in ("close", "spread"):
        made = (0.25 if design == "close" else 1.0) * np.arange(ENTRIES)
    elif design == "baselines":
        made = np.append(0.7 * bits.normal(size=ENTRIES - 4), [-15.0, -20.0, -25.0, -40.0])
    elif design == "tries":
        made = np.repeat(bits.normal(size=ENTRANTS), TRIES)
        made += 0.5 * bits.normal(size=len(made))
    else:
        made = bits.normal(size=ENTRIES)
    return error * bits.permutation(made) if design != "tries" else error * made


def rows(bits: np.random.Generator, number: int, error: float, metric: str, design: str) -> Values:
    """Draw what each entry says of each row, with the answer in front; shape (rows, 1 + m)."""
    skill = skills(bits, design, error)
    noise = math.sqrt(1 - SHARED) * bits.normal(size=(number, len(skill)))
    noise += math.sqrt(SHARED) * bits.normal(size=(number, 1))
    answers = (bits.random(number) < POSITIVE)[:, None]
    if metric == "rmse":
        noise *= np.maximum(1 - skill / math.sqrt(2), 0.1)
    else:
        noise += answers * (SIGNAL + 2 * skill)
    return np.hstack([answers, noise])


def scored(metric: str, drawn: Values, counts: NDArray[np.float32] | None) -> tuple[Values, Values]:
    """Return the score of each entry and, with counts, its replicates; of an AUC linear ones."""
    answers, said = drawn[:, 0] > 0, drawn[:, 1:]
    if metric == "roc_auc":
        return _roc_auc(answers, said, counts)
    lost = said**2 if metric == "rmse" else ((said > CUT) == answers[:, None]).astype(float)
    value = lost.mean(axis=0)
    made = np.empty(0)
    if counts is not None:
        made = (counts @ lost.astype(np.float32)).T / counts.sum(axis=1)
    return (np.sqrt(value), np.sqrt(made)) if metric == "rmse" else (value, made)


def _roc_auc(
    answers: NDArray[np.bool_], said: Values, counts: NDArray[np.float32] | None
) -> tuple[Values, Values]:
    order = np.argsort(said, axis=0)
    ranked = answers[order]
    up = int(answers.sum())
    place = np.where(
        ranked,
        np.cumsum(~ranked, axis=0) / (len(answers) - up),
        1 - np.cumsum(ranked, axis=0) / up,
    )
    placed = np.empty_like(place)
    np.put_along_axis(placed, order, place, axis=0)
    value = placed[answers].mean(axis=0)
    if counts is None:
        return value, np.empty(0)
    made = np.zeros((said.shape[1], len(counts)))
    for one in (answers, ~answers):
        drawn = counts[:, one]
        made += ((drawn @ (placed[one] - value).astype(np.float32)) / drawn.sum(axis=1)[:, None]).T
    return value, made + value[:, None]


def run(
    bits: np.random.Generator, counts: NDArray[np.float32], private: int, metric: str, design: str
) -> Told:
    """Play one competition; return which statements came true (0 to 1)."""
    public = counts.shape[1]
    error = math.sqrt(2 * (1 - SHARED) / public)
    drawn = rows(bits, public + private, error, metric, design)
    values, replicates = scored(metric, drawn[:public], counts)
    later, _ = scored(metric, drawn[public:], None)
    greater = metric != "rmse"
    scale = Scale(greater, (0.0, 1.0) if greater else (0.0, math.inf), metric == "accuracy")
    joint = join(
        values,
        replicates,
        Drawn(public, public),
        greater_is_better=greater,
        bounded=scale.bounded,
    )
    finals: list[list[int]] = [[one] for one in range(len(values))]
    if design == "tries":
        finals = [
            (at + np.argsort(-joint.values[at : at + TRIES])[:FINALS]).tolist()
            for at in range(0, len(values), TRIES)
        ]
    made = forecast(joint, finals, private, scale)
    assert made is not None
    turned = later if greater else -later
    ended = np.array([turned[some].max() for some in finals])
    leader = int(np.argmax([joint.values[some].max() for some in finals]))
    places = _places(ended)
    again = np.array([(joint.values[s, None] + joint.deviations[s]).max(axis=0) for s in finals])
    return _told(made, ended if greater else -ended, places, leader) | _naive(
        again, ended, places, leader
    )


def _places(scores: Values) -> NDArray[np.intp]:
    """Return the place of each entrant, the first of equals first; along the first axis."""
    order = np.argsort(-scores, axis=0, kind="stable")
    return 1 + np.argsort(order, axis=0, kind="stable")


def _told(made: tuple[Forecast, ...], ended: Values, places: NDArray[np.intp], leader: int) -> Told:
    score = [one.score_low <= at <= one.score_high for one, at in zip(made, ended, strict=True)]
    place = [one.rank_low <= at <= one.rank_high for one, at in zip(made, places, strict=True)]
    return {
        "score": float(np.mean(score)),
        "score, leader": float(score[leader]),
        "place": float(np.mean(place)),
        "place, leader": float(place[leader]),
        "width": float(np.mean([one.rank_high - one.rank_low + 1 for one in made])),
    }


def _naive(again: Values, ended: Values, places: NDArray[np.intp], leader: int) -> Told:
    """Say the same by percentiles of the public replicates."""
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(again, ends, axis=1)
    first, last = np.quantile(_places(again), ends, axis=1, method="inverted_cdf")
    score, place = (low <= ended) & (ended <= high), (first <= places) & (places <= last)
    return {
        "naive score": float(score.mean()),
        "naive score, leader": float(score[leader]),
        "naive place": float(place.mean()),
        "naive place, leader": float(place[leader]),
    }


def cell(design: str, metric: str, number: int, share: float, runs: int) -> Told:
    """Return the share of the statements that came true over many runs."""
    public = round(number * share)
    plan = draw(np.arange(public), seed=number + METRICS.index(metric))
    counts = plan.counts.astype(np.float32)
    seed = [list(DESIGNS).index(design), METRICS.index(metric), number, round(100 * share)]
    bits = np.random.default_rng(seed)
    found: dict[str, list[float]] = {}
    with threadpool_limits(1):  # one thread in each process
        for _ in range(runs):
            for name, held in run(bits, counts, number - public, metric, design).items():
                found.setdefault(name, []).append(held)
    return {name: float(np.mean(held)) for name, held in found.items()}


def table(made: dict[tuple[str, str, int, float], Told]) -> Iterable[str]:
    """Yield a Markdown table of each design, in percent."""
    for design, says in DESIGNS.items():
        chosen = {at: told for at, told in made.items() if at[0] == design}
        if not chosen:
            continue
        shown = [name for name in COLUMNS if name in next(iter(chosen.values()))]
        titles = " | ".join(COLUMNS[name] for name in shown)
        yield from ("", f"**{says}**", "", f"| metric | rows | public | {titles} |")
        yield "|---|---:|---:|" + "---:|" * len(shown)
        for (_, metric, number, share), told in chosen.items():
            cells = [100 * told[name] if name != "width" else told[name] for name in shown]
            figures = " | ".join(f"{figure:.1f}" for figure in cells)
            yield f"| {metric} | {number:,} | {share} | {figures} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default=":::", help="DESIGN:METRIC:ROWS:SHARE, lists or empty")
    options = parser.parse_args()
    wanted = [part.split(",") if part else None for part in options.only.split(":")]
    chosen = [
        at
        for at in (
            (design, metric, number, share)
            for design in DESIGNS
            for metric in METRICS
            for number in ROWS
            for share in SHARES
        )
        if all(some is None or str(one) in some for one, some in zip(at, wanted, strict=True))
    ]
    began = time.perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        running = {at: pool.submit(cell, *at, options.runs) for at in chosen}
        made = {}
        for at, each in running.items():
            made[at] = each.result()
            print(*at, {name: round(held, 3) for name, held in made[at].items()}, flush=True)
    print(*table(made), sep="\n")
    print(f"\n{options.runs:,} runs, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
