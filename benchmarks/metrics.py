"""What each metric costs on 1,000,000 rows, beside scikit-learn's or SciPy's function.

    python benchmarks/metrics.py [--rows 1000000] [--rounds 3] [--only rmse,f1]

Lists have 12 items to a cell. Both sides get what they take: arrays of numbers or codes; where
scikit-learn wants a table of 0 and 1 for lists of labels, making it is part of its time, as reading
the lists is part of ours. Timed warm, in turns, in one process; the figures are medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.stats
from sklearn import metrics as sk
from sklearn.preprocessing import MultiLabelBinarizer

from practice import metrics
from practice.metrics import Metric

Task = Callable[[], Any]
ITEMS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    only = set(filter(None, arguments.only.split(",")))
    warnings.simplefilter("ignore")
    print(f"{arguments.rows:,} rows; seconds, and how many times as fast as the other")
    print(f"{'metric':<26}{'ours':>9}{'theirs':>10}{'ratio':>8}  theirs is")
    slower, seen = [], set()
    for metric, ours, theirs, name in cases(arguments.rows):
        if only and metric.name not in only:
            continue
        seen.add(metric.name)
        mine, other = timed(ours, theirs, arguments.rounds)
        ratio = "" if other is None else f"{other / mine:.1f}"
        told = "" if other is None else f"{other:.3f}"
        print(f"{metric.name:<26}{mine:>9.3f}{told:>10}{ratio:>8}  {name}", flush=True)
        if other is not None and other < mine:
            slower.append(metric.name)
    print(f"slower: {', '.join(slower) or 'none'}")
    if not only:
        print(f"not timed: {', '.join(sorted(set(metrics.names()) - seen)) or 'none'}")


def timed(ours: Task, theirs: Task | None, rounds: int) -> tuple[float, float | None]:
    """Return the median seconds of both, taken in turns; the first turn only warms up."""
    spent: dict[int, list[float]] = {0: [], 1: []}
    for turn in range(rounds + 1):
        for side, task in enumerate((ours, theirs)):
            if task is None:
                continue
            began = time.perf_counter()
            task()
            took = time.perf_counter() - began
            if turn:
                spent[side].append(took)
            elif took > 20:  # slow ones run once
                spent[side] = [took] * rounds
        if turn and any(sum(each) > 60 for each in spent.values()):
            break
    medians = [statistics.median(each) if each else None for each in spent.values()]
    assert medians[0] is not None
    return medians[0], medians[1]


def cases(rows: int) -> Iterator[tuple[Metric, Task, Task | None, str]]:
    draw = np.random.default_rng(1)
    yield from numbers(draw, rows)
    yield from outcomes(draw, rows)
    yield from labels(draw, rows)
    yield from lists(draw, rows)
    yield from texts(draw, rows)
    yield from others(draw, rows)


def case(
    name: str, pair: tuple[Any, Any], theirs: Callable[..., Any] | None, said: str = "", **more: Any
) -> tuple[Metric, Task, Task | None, str]:
    extras = more.pop("extras", None)
    metric = metrics.get(name, **more)
    other = None if theirs is None else lambda: theirs(*pair)
    words = said or (getattr(theirs, "__name__", "") if theirs is not None else "")
    return metric, lambda: metric.score(*pair, extras=extras), other, words


def numbers(draw: Any, rows: int) -> Iterator[Any]:
    true = draw.gamma(2.0, 3.0, rows) + 0.1
    pair = true, true * draw.uniform(0.5, 1.5, rows)
    yield case("rmse", pair, sk.root_mean_squared_error)
    yield case("mse", pair, sk.mean_squared_error)
    yield case("mae", pair, sk.mean_absolute_error)
    yield case("median_absolute_error", pair, sk.median_absolute_error)
    yield case("max_error", pair, sk.max_error)
    yield case("rmsle", pair, sk.root_mean_squared_log_error)
    yield case("r2", pair, sk.r2_score)
    yield case("explained_variance", pair, sk.explained_variance_score)
    yield case("mape", pair, sk.mean_absolute_percentage_error)
    yield case("smape", pair, None)
    yield case("rmspe", pair, None)
    yield case("pinball", pair, sk.mean_pinball_loss)
    yield case("poisson_deviance", pair, sk.mean_poisson_deviance)
    yield case("gamma_deviance", pair, sk.mean_gamma_deviance)
    power: Any = lambda t, p: sk.mean_tweedie_deviance(t, p, power=1.5)  # noqa: E731
    yield case("tweedie_deviance", pair, power, "mean_tweedie_deviance", power=1.5)
    yield case("pearson", pair, scipy.stats.pearsonr)
    yield case("spearman", pair, scipy.stats.spearmanr)
    # SciPy's tau-b counts pairs too: as near as there is.
    yield case("concordance_index", pair, scipy.stats.kendalltau, "kendalltau, as many pairs")
    quantiles = np.sort(pair[1][:, None] * np.array([0.8, 1.0, 1.2]), axis=1)
    yield case("crps", (true, quantiles), None, quantiles="0.25,0.5,0.75")
    sigma = np.column_stack([pair[1], np.full(rows, 80.0)])
    yield case("laplace_log_likelihood", (true, sigma), None)


def outcomes(draw: Any, rows: int) -> Iterator[Any]:
    true = draw.integers(0, 2, rows).astype(np.int8)
    chance = np.clip(draw.normal(true, 1.5) / 8 + 0.5, 0.001, 0.999)
    pair = true, chance
    yield case("roc_auc", pair, sk.roc_auc_score)
    yield case("average_precision", pair, sk.average_precision_score)
    yield case("partial_roc_auc", pair, sk.roc_curve, "roc_curve", min_tpr=0.8)
    yield case("weighted_roc_auc", pair, sk.roc_curve, "roc_curve")
    yield case("gini_normalized", pair, sk.roc_auc_score)
    yield case("log_loss", pair, sk.log_loss)
    yield case("brier", pair, sk.brier_score_loss)
    yield case("probabilistic_f1", pair, None)
    shares = draw.dirichlet(np.ones(6), rows)
    votes = draw.integers(0, 5, (rows, 6)) + np.eye(6)[draw.integers(0, 6, rows)]
    yield case("kl_divergence", (votes, shares), None)
    few = rows // 10
    wanted = (draw.random((few, ITEMS)) < 0.2).astype(float)
    wanted[:, 0] = 1
    scores = draw.random((few, ITEMS))
    lrap = sk.label_ranking_average_precision_score
    yield case("lwlrap", (wanted, scores), lrap, "the like, on a tenth of the rows")


def labels(draw: Any, rows: int) -> Iterator[Any]:
    true = draw.integers(0, 5, rows)
    pair = true, np.where(draw.random(rows) < 0.7, true, draw.integers(0, 5, rows))
    yield case("accuracy", pair, sk.accuracy_score)
    yield case("balanced_accuracy", pair, sk.balanced_accuracy_score)
    yield case("hamming_loss", pair, sk.hamming_loss)
    yield case("matthews_corrcoef", pair, sk.matthews_corrcoef)
    yield case("cohen_kappa", pair, sk.cohen_kappa_score)
    kappa: Any = lambda t, p: sk.cohen_kappa_score(t, p, weights="quadratic")  # noqa: E731
    yield case("quadratic_weighted_kappa", pair, kappa, "cohen_kappa_score")
    for name, theirs in (
        ("f1", sk.f1_score),
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("jaccard", sk.jaccard_score),
    ):

        def macro(true: Any, guess: Any, theirs: Callable[..., Any] = theirs) -> Any:
            return theirs(true, guess, average="macro")

        yield case(name, pair, macro, theirs.__name__, average="macro")
    beta: Any = lambda t, p: sk.fbeta_score(t, p, beta=2, average="macro")  # noqa: E731
    yield case("f_beta", pair, beta, "fbeta_score", average="macro", beta=2)
    clusters = draw.integers(0, 50, rows), draw.integers(0, 50, rows)
    yield case("adjusted_rand", clusters, sk.adjusted_rand_score)
    yield case("adjusted_mutual_info", clusters, sk.adjusted_mutual_info_score)
    yield case("v_measure", clusters, sk.v_measure_score)


def lists(draw: Any, rows: int) -> Iterator[Any]:
    words = np.array([f"i{number}" for number in range(40)], dtype=object)
    codes = np.argsort(draw.random((rows, 40)), axis=1)[:, :ITEMS]
    guess = np.array([" ".join(row) for row in words[codes]], dtype=object)
    truth = np.array(
        [" ".join(row) for row in words[np.roll(codes[:, :4], 1, axis=0)]], dtype=object
    )
    yield case("map_at_k", (truth, guess), None, k=ITEMS)
    asked = np.roll(codes[:, :4], 1, axis=0)

    def ndcg(truth: Any, guess: Any) -> float:
        relevant, place = np.zeros((2, rows, 40), np.float32)
        np.put_along_axis(relevant, asked, 1, axis=1)
        np.put_along_axis(
            place, codes, np.arange(40, 40 - ITEMS, -1, dtype=np.float32)[None], axis=1
        )
        return float(sk.ndcg_score(relevant, place, k=ITEMS, ignore_ties=True))

    yield case("ndcg_at_k", (truth, guess), ndcg, "ndcg_score, tables made from codes", k=ITEMS)
    yield case("precision_at_k", (truth, guess), None, k=ITEMS)
    yield case("recall_at_k", (truth, guess), None, k=ITEMS)
    yield case("mrr", (truth, guess), None)
    single = words[codes[:, 0]]
    yield case("top_k_error", (single, guess), None, k=5)
    order = np.array([" ".join(row) for row in words[np.sort(codes, axis=1)]], dtype=object)
    yield case("kendall_tau", (order, guess), None)

    def multilabel(truth: Any, guess: Any) -> float:
        binarizer = MultiLabelBinarizer(sparse_output=True)
        true = binarizer.fit_transform([cell.split() for cell in truth])
        told = binarizer.transform([cell.split() for cell in guess])
        return float(sk.f1_score(true, told, average="samples"))

    yield case("f1", (truth, guess), multilabel, "f1_score, lists", average="samples")


def texts(draw: Any, rows: int) -> Iterator[Any]:
    words = np.array([f"word{number}" for number in range(500)], dtype=object)
    true = np.array(
        [" ".join(row) for row in words[draw.integers(0, 500, (rows, 4))]], dtype=object
    )
    guess = np.roll(true, 1)
    yield case("jaccard_words", (true, guess), None)
    yield case("levenshtein", (true, guess), None)
    starts = np.sort(draw.integers(1, 60, (rows, 3)) + np.array([0, 100, 200]), axis=1)
    masks = np.array([" ".join(f"{start} 20" for start in row) for row in starts], dtype=object)
    yield case("dice", (masks, np.roll(masks, 1)), None)
    yield case("iou_precision", (masks, np.roll(masks, 1)), None)
    yield case("f_beta_mask", (masks, np.roll(masks, 1)), None, beta=2)
    few = rows // 10
    places = draw.integers(0, 50, (few, 4))
    boxes = np.array([f"car {x} {y} 30 30 bus {v} {w} 9 9" for x, y, v, w in places], dtype=object)
    points = np.array([f"car {x} {y} bus {v} {w}" for x, y, v, w in places + 5], dtype=object)
    yield case("points_in_boxes_f1", (boxes, points), None, "(a tenth of the rows)")


def others(draw: Any, rows: int) -> Iterator[Any]:
    true, guess = draw.gamma(2.0, 3.0, (2, rows)) + 0.1
    group = draw.integers(0, 1000, rows)
    yield case("group_log_mae", (true, guess), None, group="g", extras={"g": group})
    history = {"series": group, "train:values": true, "train:series": group, "step": group % 12 + 1}
    yield case("mase", (true, guess), None, period=12, extras=history)
    yield case("owa", (true, guess), None, period=12, extras=history)
    places = np.column_stack([draw.uniform(-80, 80, rows), draw.uniform(-180, 180, rows)])
    yield case("haversine", (places, places + 0.1), None)
    angles = np.column_stack([draw.uniform(0, 6, rows), draw.uniform(0, 3, rows)])
    yield case("mean_angular_error", (angles, angles + 0.1), None)
    features = draw.normal(size=(rows, 8))
    yield case("frechet_distance", (features, features[::-1] + 0.1), None)


if __name__ == "__main__":
    main()
