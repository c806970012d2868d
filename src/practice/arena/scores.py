"""The scores of a comparison as arrays: a run without a result scores as the default."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.records import Cell, Results

__all__ = ["ROUNDING", "Scores", "normalised_regret", "scores_of"]

Values = NDArray[np.float64]
Pair = tuple[float, float]  # score on the held-out rows, cross-validation

ROUNDING = 1e-12  # relative: of two scores that are the same on paper


@dataclass(frozen=True)
class Scores:
    """What the runs of a comparison scored, every value turned so that more is better.

    Parameters
    ----------
    strategies : tuple of str
    splits, seeds : tuple of int
    held, default, cv : ndarray of shape (strategies, splits, seeds)
        Of what a run found: the score on the held-out rows, that of the default configuration on
        the same rows, and cross-validation. NaN where the run has not ended.
    oracle : ndarray of shape (strategies, splits, seeds)
        The best score on the held-out rows among the points of the run.
    best : ndarray of shape (splits,)
        The best known: among the points of all runs on the split.
    """

    strategies: tuple[str, ...]
    splits: tuple[int, ...]
    seeds: tuple[int, ...]
    held: Values
    default: Values
    cv: Values
    oracle: Values
    best: Values


def scores_of(results: Results) -> Scores:
    """Put the scores of a comparison into arrays.

    Parameters
    ----------
    results : Results
        Complete or not.

    Returns
    -------
    Scores
        A run that failed, or that found something which cannot be scored, has its default's score;
        where even that is missing, the score that others' default has on the split.
    """
    asked = results.comparison
    sign = 1.0 if asked.greater_is_better else -1.0
    shape = (len(asked.strategies), len(asked.outer), len(asked.seeds))
    held, default, cv, oracle = (np.full(shape, np.nan) for _ in range(4))
    cells = {(cell.strategy, cell.outer, cell.seed): cell for cell in results.cells}
    for j, outer in enumerate(asked.outer):
        untuned = _untuned([cell for cell in results.cells if cell.outer == outer])
        for i, strategy in enumerate(asked.strategies):
            for k, seed in enumerate(asked.seeds):
                cell = cells.get((strategy, outer, seed))
                if cell is not None:
                    start, final, top = _of(cell, untuned, sign)
                    default[i, j, k], oracle[i, j, k] = start[0], top
                    held[i, j, k], cv[i, j, k] = final
    both = np.concatenate([oracle, default]).transpose(1, 0, 2).reshape(shape[1], -1)
    best = np.fmax.reduce(both, axis=1)
    return Scores(asked.strategies, asked.outer, asked.seeds, held, default, cv, oracle, best)


def _of(cell: Cell, untuned: Pair, sign: float) -> tuple[Pair, Pair, float]:
    """Return what a run had at first, what it found, and the best it met, more being better."""
    points = [(point.held, point.cv) for point in cell.points if np.isfinite(point.held)]
    began = bool(cell.points) and np.isfinite(cell.default.held)
    start = points[0] if began else untuned
    found = bool(points) and not cell.error and np.isfinite(cell.final.held)
    final = points[-1] if found else start
    top = max([sign * held for held, _ in [start, *points]])
    return (sign * start[0], sign * start[1]), (sign * final[0], sign * final[1]), top


def _untuned(cells: list[Cell]) -> Pair:
    """Return the default's score and cross-validation on a split: the same for all its runs."""
    for cell in cells:
        if cell.points and np.isfinite(cell.default.held):
            return cell.default.held, cell.default.cv
    return np.nan, np.nan


def normalised_regret(scores: Scores) -> Values:
    """Return how much of what tuning can gain each run has left on the table.

    ``(score - best known) / (default - best known)``, clipped to 0 to 1.5: 0 is as good as
    anything that is known on the split, 1 as good as the default, 1.5 half as much worse again.

    Parameters
    ----------
    scores : Scores

    Returns
    -------
    ndarray of shape (strategies, splits, seeds)
        NaN where the run has not ended. Where nothing known is better than the default, the
        default has 0 and everything worse has 1.5.

    Examples
    --------
    >>> one = np.ones((1, 1, 1))
    >>> loss = Scores(("a",), (0,), (0,), -0.3 * one, -0.5 * one, one, one, np.array([-0.1]))
    >>> normalised_regret(loss).round(6).tolist()
    [[[0.5]]]
    """
    best = scores.best[None, :, None]
    room, lost = best - scores.default, best - scores.held
    nothing = ROUNDING * np.abs(best)
    regret = np.where(lost > nothing, 1.5, 0.0)
    np.divide(lost, room, out=regret, where=room > nothing)
    regret[np.isnan(lost)] = np.nan
    return np.clip(regret, 0.0, 1.5)
