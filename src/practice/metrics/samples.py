"""A small seeded sample of answers and predictions for each metric, made for what it takes.

The numbers come from the bits of PCG64 alone, which are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.metrics.base import Metric
from practice.metrics.extras import SERIES, VALUES
from practice.metrics.inputs import Floats

__all__ = ["TYPICAL", "Example", "example"]

_ROWS = 200
_WORDS = ("the", "a", "very", "good", "bad", "day", "night", "was", "so", "not", "happy", "sad")
_SEED = 2026

# Values for parameters that have no default, where one is due for an example.
TYPICAL: Mapping[str, Any] = {
    "beta": 2.0,
    "k": 5,
    "power": 1.5,
    "min_tpr": 0.8,
    "period": 1,
    "group": "group",
}


@dataclass(frozen=True)
class Example:
    """Answers, and three ways to predict them.

    Parameters
    ----------
    y_true : ndarray, shape (rows,) or (rows, columns)
    fair : ndarray
        Predictions that know something.
    constant : ndarray
        The same prediction for each row.
    extras : mapping of str to ndarray
        Further columns that the metric needs.
    """

    y_true: NDArray[Any]
    fair: NDArray[Any]
    constant: NDArray[Any]
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def shuffled(self) -> NDArray[Any]:
        """The fair predictions, each for another row."""
        return self.fair[Draws(_SEED + 1).order(len(self.fair))]


class Draws:
    """Random numbers from raw bits, which no version of numpy changes."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> Floats:
        """Return numbers in [0, 1)."""
        raw = self._bits.random_raw(int(np.prod(shape))) >> np.uint64(11)
        return raw.astype(np.float64).reshape(shape) * 2.0**-53

    def normal(self, *shape: int) -> Floats:
        """Return standard normal numbers (Box and Muller)."""
        length = np.sqrt(-2 * np.log(1 - self.uniform(*shape)))
        turn = 2 * np.pi * self.uniform(*shape)
        return np.asarray(length * np.cos(turn), dtype=np.float64)

    def whole(self, below: int, *shape: int) -> NDArray[np.intp]:
        """Return whole numbers from 0 to below ``below``."""
        return (self.uniform(*shape) * below).astype(np.intp)

    def order(self, *shape: int) -> NDArray[np.intp]:
        """Return permutations along the last axis."""
        return np.argsort(self.uniform(*shape), axis=-1, kind="stable")


def example(metric: Metric) -> Example:
    """Make a sample for a metric.

    Parameters
    ----------
    metric : Metric

    Returns
    -------
    Example

    Examples
    --------
    >>> from practice import metrics
    >>> made = example(metrics.get("accuracy"))
    >>> made.y_true[:4], made.fair[:4]
    (array([1, 0, 0, 0]), array([1, 0, 0, 0]))
    """
    return _maker(metric)(metric, Draws(_SEED))


def _maker(metric: Metric) -> Callable[[Metric, Draws], Example]:
    if metric.name in _SPECIAL:
        return _SPECIAL[metric.name]
    if metric.takes == "label":
        return _labels
    if metric.takes == "labels":
        return _lists
    return _outcomes if metric.per_class or metric.takes == "probability" else _numbers


def _repeated(value: Any) -> NDArray[Any]:
    return np.repeat(np.asarray(value)[np.newaxis], _ROWS, axis=0)


def _joined(words: NDArray[Any]) -> NDArray[Any]:
    return np.array([" ".join(map(str, row)) for row in words], dtype=object)


def _numbers(metric: Metric, draws: Draws) -> Example:
    true = 10 * np.exp(draws.normal(_ROWS) / 2)
    fair = true * np.exp(draws.normal(_ROWS) / 4)
    kinds = np.array(["a", "b", "c", "d"])[np.arange(_ROWS) % 4]
    return Example(true, fair, _repeated(true.mean()), {"group": kinds})


def _outcomes(metric: Metric, draws: Draws) -> Example:
    if metric.several == "joint":
        codes = draws.whole(4, _ROWS)
        true = np.eye(4)[codes]
        sure = np.exp(draws.normal(_ROWS, 4) + 2 * true)
        return Example(true, sure / sure.sum(axis=1, keepdims=True), np.full((_ROWS, 4), 0.25))
    happened = (draws.uniform(_ROWS) < 0.3).astype(np.intp)
    fair = 1 / (1 + np.exp(-(draws.normal(_ROWS) + 2.5 * happened - 1.75)))
    return Example(happened, fair, np.full(_ROWS, 0.3))


def _labels(metric: Metric, draws: Draws) -> Example:
    two = metric.parameters.get("average", "binary") == "binary"
    chance = draws.uniform(_ROWS)
    true = (chance < 0.3).astype(np.intp)
    if not two or "kappa" in metric.name:
        true = np.searchsorted([0.4, 0.7, 0.9], chance)
    other = np.minimum(draws.whole(int(true.max()) + 1, _ROWS), int(true.max()))
    fair = np.where(draws.uniform(_ROWS) < 0.7, true, other)
    return Example(true, fair, _repeated(np.bincount(true).argmax()))


def _lists(metric: Metric, draws: Draws) -> Example:
    chosen = draws.uniform(_ROWS, 6) < np.array([0.6, 0.4, 0.3, 0.2, 0.2, 0.1])
    guess = np.where(draws.uniform(_ROWS, 6) < 0.8, chosen, ~chosen)
    names = np.array(list("abcdef"))
    true, fair = ([" ".join(names[row]) for row in each] for each in (chosen, guess))
    return Example(np.array(true, object), np.array(fair, object), _repeated("a").astype(object))


def _ranked(metric: Metric, draws: Draws) -> Example:
    """Answers of one item (of some, for retrieval) of 20, predictions of five."""
    order = draws.order(_ROWS, 20)
    count = 1 if metric.name == "top_k_error" else 3
    true = _joined(order[:, :count])
    mixed = np.argsort(draws.uniform(_ROWS, 20) + np.arange(20) / 8, axis=1, kind="stable")
    fair = _joined(np.take_along_axis(order, mixed, axis=1)[:, :5])
    return Example(true, fair, _repeated("0 1 2 3 4").astype(object))


def _orders(metric: Metric, draws: Draws) -> Example:
    items = np.array(list("abcdefgh"))
    order = draws.order(_ROWS, len(items))
    mixed = np.argsort(4 * draws.uniform(_ROWS, len(items)) + np.arange(len(items)), axis=1)
    fair = np.take_along_axis(order, mixed, axis=1)
    return Example(_joined(items[order]), _joined(items[fair]), _joined(_repeated(items)))


def _texts(metric: Metric, draws: Draws) -> Example:
    words = np.array(_WORDS)
    picked = draws.whole(len(words), _ROWS, 5)
    other = draws.whole(len(words), _ROWS, 5)
    fair = np.where(draws.uniform(_ROWS, 5) < 0.75, picked, other)
    return Example(
        _joined(words[picked]), _joined(words[fair]), _joined(words[_repeated(picked[0])])
    )


def _masks(metric: Metric, draws: Draws) -> Example:
    start, length = 1 + draws.whole(400, _ROWS), 100 + draws.whole(300, _ROWS)
    true = _joined(np.column_stack([start, length]))
    moved = np.column_stack([start + draws.whole(60, _ROWS), length])
    return Example(true, _joined(moved), _repeated("200 250").astype(object))


def _boxes(metric: Metric, draws: Draws) -> Example:
    corner, labels = draws.whole(100, _ROWS, 2), draws.whole(3, _ROWS)
    true = [f"c{label} {x} {y} 20 20" for label, (x, y) in zip(labels, corner, strict=True)]
    points = corner + draws.whole(25, _ROWS, 2)
    fair = [f"c{label} {x} {y}" for label, (x, y) in zip(labels, points, strict=True)]
    return Example(
        np.array(true, object), np.array(fair, object), _repeated("c0 60 60").astype(object)
    )


def _spread(metric: Metric, draws: Draws) -> Example:
    true = 2500 + 500 * draws.normal(_ROWS)
    value = true + 150 * draws.normal(_ROWS)
    fair = np.column_stack([value, np.full(_ROWS, 200.0)])
    return Example(true, fair, _repeated([true.mean(), true.std()]))


def _distributions(metric: Metric, draws: Draws) -> Example:
    true, noise = 10 + 3 * draws.normal(_ROWS), draws.normal(_ROWS)
    middle, away = true + noise, draws.normal(2000)
    levels = metric.parameters["quantiles"]
    if levels is not None:
        fair = middle[:, np.newaxis] + np.quantile(away, levels)
        return Example(true, fair, _repeated(np.quantile(true, levels)))
    limits = np.array(metric.parameters["thresholds"])
    fair = (middle[:, np.newaxis, np.newaxis] + away[:200] <= limits[:, np.newaxis]).mean(axis=2)
    return Example(true, fair, _repeated((true[:, np.newaxis] <= limits).mean(axis=0)))


def _directions(metric: Metric, draws: Draws) -> Example:
    azimuth, zenith = 2 * np.pi * draws.uniform(_ROWS), np.arccos(1 - 2 * draws.uniform(_ROWS))
    true = np.column_stack([azimuth, zenith])
    fair = true + 0.3 * draws.normal(_ROWS, 2)
    return Example(true, fair, _repeated([0.0, 0.0]))


def _coordinates(metric: Metric, draws: Draws) -> Example:
    true = np.array([37.4, -122.1]) + 0.1 * draws.normal(_ROWS, 2)
    fair = true + 1e-4 * draws.normal(_ROWS, 2)
    kinds = np.array(["a", "b", "c", "d"])[np.arange(_ROWS) % 4]
    return Example(true, fair, _repeated(true.mean(axis=0)), {"group": kinds})


def _forecasts(metric: Metric, draws: Draws) -> Example:
    """Ten series of 40 training values, a walk each, to be forecast 20 steps ahead."""
    walks = 100 + np.cumsum(draws.normal(10, 60), axis=1)
    names = np.arange(10)
    extras = {
        "series": np.repeat(names, 20),
        "step": np.tile(np.arange(1, 21), 10),
        VALUES: walks[:, :40].ravel(),
        SERIES: np.repeat(names, 40),
    }
    fair = np.repeat(walks[:, 39:40], 20) + 0.5 * (walks[:, 40:] - walks[:, 39:40]).ravel()
    return Example(walks[:, 40:].ravel(), fair, _repeated(walks[:, :40].mean()), extras)


def _clusters(metric: Metric, draws: Draws) -> Example:
    true = draws.whole(4, _ROWS)
    fair = np.where(draws.uniform(_ROWS) < 0.8, true, draws.whole(4, _ROWS))
    return Example(true.astype(str), fair.astype(str), _repeated("0"))


def _features(metric: Metric, draws: Draws) -> Example:
    return Example(draws.normal(_ROWS, 3), draws.normal(_ROWS, 3) + 0.2, np.zeros((_ROWS, 3)))


_SPECIAL: dict[str, Callable[[Metric, Draws], Example]] = {
    "probabilistic_f1": _outcomes,
    **dict.fromkeys(
        ("top_k_error", "map_at_k", "ndcg_at_k", "precision_at_k", "recall_at_k", "mrr"), _ranked
    ),
    "kendall_tau": _orders,
    **dict.fromkeys(("levenshtein", "jaccard_words"), _texts),
    **dict.fromkeys(("dice", "iou_precision", "f_beta_mask"), _masks),
    "points_in_boxes_f1": _boxes,
    "laplace_log_likelihood": _spread,
    "crps": _distributions,
    "mean_angular_error": _directions,
    "haversine": _coordinates,
    **dict.fromkeys(("mase", "owa"), _forecasts),
    **dict.fromkeys(("adjusted_rand", "adjusted_mutual_info", "v_measure"), _clusters),
    "frechet_distance": _features,
}
