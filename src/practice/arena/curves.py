"""How strategies come along as their budget is spent: regret, ranks, what it takes to catch up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice.arena.records import Cell, Point, Results

__all__ = [
    "WORST",
    "Band",
    "Final",
    "Reach",
    "Where",
    "anytime",
    "attained",
    "banded",
    "finals",
    "grid",
    "ranks",
    "reach",
    "regrets",
    "repeats",
    "stepped",
]

Floats = NDArray[np.float64]
Where = Literal["cv", "held"]
"""Which score of a point: that of cross-validation, or that on the held-out rows."""

WORST = 1.5  # where a regret is clipped: half as much again as that of the default


@dataclass(frozen=True)
class Band:
    """A strategy over budgets: the middle of its repeats, and how sure that is.

    Parameters
    ----------
    strategy : str
    work : tuple of float
        Budgets in full trials, ascending.
    middle, low, high : tuple of float
        At each of them: median or mean, and its 95 % interval.
    """

    strategy: str
    work: tuple[float, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Reach:
    """What a strategy needs to come as far as the reference came with all of its budget.

    Parameters
    ----------
    strategy : str
    share : float
        Of the repeats in which it came that far at all.
    work : float or None
        Median over repeats, in full trials; None where half of them or more did not come that far.
    speed_up : float or None
        The reference's own ``work`` by this one's.
    """

    strategy: str
    share: float
    work: float | None
    speed_up: float | None


@dataclass(frozen=True)
class Final:
    """What one run found, in the competition's metric."""

    strategy: str
    outer: int
    seed: int
    cv: float
    held: float


def repeats(results: Results) -> tuple[tuple[int, int], ...]:
    """Return the pairs of outer split and seed that every strategy has ended, in order.

    Parameters
    ----------
    results : Results

    Returns
    -------
    tuple of (int, int)
    """
    ended: dict[tuple[int, int], set[str]] = {}
    for cell in results.cells:
        ended.setdefault((cell.outer, cell.seed), set()).add(cell.strategy)
    wanted = set(results.comparison.strategies)
    return tuple(sorted(pair for pair, found in ended.items() if found >= wanted))


def grid(results: Results, count: int = 60) -> Floats:
    """Return budgets at which strategies are looked at, evenly spaced on a logarithmic scale.

    Parameters
    ----------
    results : Results
        With at least one repeat that all strategies have ended.
    count : int

    Returns
    -------
    ndarray of float64, shape (count,)
        From where all runs had ended their default configuration to the whole budget.

    Raises
    ------
    ValueError
        No repeat has been ended by all.
    """
    pairs = set(repeats(results))
    if not pairs:
        raise ValueError("no repeat has been ended by all strategies")
    cells = [cell for cell in results.cells if (cell.outer, cell.seed) in pairs]
    first = max(*(cell.default.work for cell in cells), 1e-6)  # 0 has no place on that scale
    last = max(results.comparison.work, first)
    found = np.geomspace(first, last, count)
    found[0], found[-1] = first, last  # a rounding error below the first there is nothing yet
    return found


def stepped(
    work: Sequence[float] | Floats, values: Sequence[float] | Floats, at: Sequence[float] | Floats
) -> Floats:
    """Return the values of a step function: at each budget, what was found last within it.

    Parameters
    ----------
    work : sequence of float
        Ascending: when each value was found.
    values : sequence of float
        As many.
    at : ndarray of float64, shape (budgets,)

    Returns
    -------
    ndarray of float64, shape (budgets,)
        The first value where nothing was found yet.

    Examples
    --------
    >>> stepped([1, 4], [0.9, 0.5], np.array([0.5, 1, 3.9, 4, 9])).tolist()
    [0.9, 0.9, 0.9, 0.5, 0.5]
    """
    places = np.searchsorted(np.asarray(work), at, side="right") - 1
    found: Floats = np.asarray(values, dtype=np.float64)[np.maximum(places, 0)]
    return found


def _points(cell: Cell) -> tuple[Point, ...]:
    return cell.points[:1] if cell.error else cell.points


def _badness(results: Results, where: Where, points: Sequence[Point]) -> Floats:
    """Return scores turned such that less is better."""
    scores = np.array([getattr(point, where) for point in points], dtype=np.float64)
    return -scores if results.comparison.greater_is_better else scores


def regrets(results: Results, where: Where, at: Floats) -> dict[str, Floats]:
    """Return how far every run was from the best known, at each budget.

    The regret of a score is its distance to the best score that any run had at any point of the
    same outer split, by the distance of the run's own default to it; it is clipped to 0 to 1.5.

    Parameters
    ----------
    results : Results
    where : {"cv", "held"}
    at : ndarray of float64, shape (budgets,)

    Returns
    -------
    dict of str to ndarray of float64, shape (repeats, budgets)
        By strategy; 1 is the default, 0 the best known. Repeats as :func:`repeats` has them.
    """
    best: dict[int, float] = {}
    for cell in results.cells:
        least = float(_badness(results, where, _points(cell)).min())
        best[cell.outer] = min(best.get(cell.outer, least), least)
    known = np.array([best[outer] for outer, _ in repeats(results)])[:, None]
    found = _steps(results, where, at)
    default = _steps(results, where, np.zeros(1))
    return {name: _normalised(found[name] - known, default[name] - known) for name in found}


def attained(results: Results, where: Where, at: Floats) -> dict[str, Floats]:
    """Return the score of what every run had at each budget, as :func:`regrets` its regret."""
    sign = -1.0 if results.comparison.greater_is_better else 1.0
    return {name: sign * values for name, values in _steps(results, where, at).items()}


def _steps(results: Results, where: Where, at: Floats) -> dict[str, Floats]:
    """Return the badness of what every run had at each budget, by strategy."""
    cells = {(cell.strategy, cell.outer, cell.seed): cell for cell in results.cells}
    found = {}
    for strategy in results.comparison.strategies:
        rows = []
        for outer, seed in repeats(results):
            points = _points(cells[strategy, outer, seed])
            scores = _badness(results, where, points)
            rows.append(stepped([point.work for point in points], scores.tolist(), at))
        found[strategy] = np.array(rows).reshape(-1, len(at))
    return found


def _normalised(above: Floats, default: Floats) -> Floats:
    """Divide by the default's distance; where that is the best known, all else is worst."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = above / default
    return np.clip(np.where(above <= 0, 0.0, share), 0.0, WORST)


def banded(
    values: Floats, splits: Sequence[int], *, resamples: int = 1000, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Return the median over repeats with its 95 % percentile bootstrap interval.

    Outer splits are drawn with replacement first, then seeds within each, as runs on one split have
    its luck in common.

    Parameters
    ----------
    values : ndarray of float64, shape (repeats, budgets)
    splits : sequence of int
        Outer split of every repeat.
    resamples : int
    seed : int

    Returns
    -------
    tuple of ndarray of float64, each of shape (budgets,)
        Median, low, high.

    Examples
    --------
    >>> [part.tolist() for part in banded(np.ones((4, 2)), [0, 0, 1, 1])]
    [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(np.asarray(splits) == split) for split in dict.fromkeys(splits)]
    counts = np.array([len(group) for group in groups])
    most = int(counts.max())
    padded = np.array([np.resize(group, most) for group in groups])
    chosen = rng.integers(len(groups), size=(resamples, len(groups)))
    within = (rng.random((*chosen.shape, most)) * counts[chosen][..., None]).astype(np.intp)
    drawn = padded[chosen[..., None], within].reshape(resamples, -1)
    medians = np.array([np.median(values[rows], axis=0) for rows in drawn])
    low, high = np.quantile(medians, [0.025, 0.975], axis=0)
    return np.median(values, axis=0), low, high


def anytime(results: Results, where: Where, *, count: int = 60) -> tuple[Band, ...]:
    """Return the regret of every strategy over budgets.

    Parameters
    ----------
    results : Results
    where : {"cv", "held"}
    count : int
        Budgets.

    Returns
    -------
    tuple of Band
        In the order of the comparison's strategies.
    """
    at = grid(results, count)
    splits = [outer for outer, _ in repeats(results)]
    found = []
    for strategy, values in regrets(results, where, at).items():
        parts = [tuple(part.tolist()) for part in banded(values, splits)]
        found.append(Band(strategy, tuple(at.tolist()), *parts))
    return tuple(found)


def ranks(results: Results, where: Where, at: Floats) -> dict[str, Floats]:
    """Return the mean rank of every strategy at each budget: 1 is best, equals share.

    Parameters
    ----------
    results : Results
    where : {"cv", "held"}
    at : ndarray of float64, shape (budgets,)

    Returns
    -------
    dict of str to ndarray of float64, shape (budgets,)
    """
    found = _steps(results, where, at)
    values = np.array(list(found.values()))  # strategies, repeats, budgets
    better = (values[None] < values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1) - 1
    means = (1 + better + equal / 2).mean(axis=1)
    return dict(zip(found, means, strict=True))


def reach(results: Results) -> tuple[Reach, ...]:
    """Return what each strategy needs to reach the reference's last cross-validation score.

    Parameters
    ----------
    results : Results

    Returns
    -------
    tuple of Reach
        The reference itself among them.
    """
    cells = {(cell.strategy, cell.outer, cell.seed): cell for cell in results.cells}
    needed: dict[str, list[float]] = {name: [] for name in results.comparison.strategies}
    for outer, seed in repeats(results):
        reference = cells[results.comparison.reference, outer, seed]
        target = _badness(results, "cv", [reference.final])[0]
        for strategy, found in needed.items():
            points = _points(cells[strategy, outer, seed])
            there = np.flatnonzero(_badness(results, "cv", points) <= target)
            found.append(points[there[0]].work if len(there) else np.inf)
    return _reached(needed, results.comparison.reference)


def _reached(needed: Mapping[str, Sequence[float]], reference: str) -> tuple[Reach, ...]:
    found = []
    own = float(np.median(needed[reference])) if needed[reference] else np.inf
    for strategy, works in needed.items():
        middle = float(np.median(works)) if works else np.inf
        share = float(np.mean(np.isfinite(works))) if works else 0.0
        if not np.isfinite(middle):
            found.append(Reach(strategy, share, None, None))
            continue
        found.append(Reach(strategy, share, middle, own / middle if middle > 0 else None))
    return tuple(found)


def finals(results: Results) -> tuple[Final, ...]:
    """Return what every run found, in the order of the cells."""
    return tuple(
        Final(cell.strategy, cell.outer, cell.seed, cell.final.cv, cell.final.held)
        for cell in results.cells
    )
