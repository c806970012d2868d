"""How strategies stood at shares of their budget, and over all of it in one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.curves import Where, attained, regrets, repeats
from practice.arena.records import Results

__all__ = ["SHARES", "Course", "courses"]

SHARES = (0.25, 0.5, 1.0)  # of the budget


@dataclass(frozen=True)
class Course:
    """Where a strategy stood at 25, 50 and 100 % of its budget, in the mean over repeats.

    Parameters
    ----------
    strategy : str
    where : {"cv", "held"}
    scores : tuple of float
        Score of the best so far in cross-validation, in the competition's metric.
    regrets : tuple of float
        Normalised: 1 is the default, 0 the best known on the split.
    area : float
        Anytime performance: mean of the normalised regret over the whole budget (the area under
        its curve by the budget); before the default has ended its own regret counts.
    """

    strategy: str
    where: Where
    scores: tuple[float, ...]
    regrets: tuple[float, ...]
    area: float


def courses(results: Results) -> tuple[Course, ...]:
    """Return how every strategy came along.

    Parameters
    ----------
    results : Results
        Complete or not.

    Returns
    -------
    tuple of Course
        Cross-validation of all strategies in their order, then the held-out rows. None where no
        repeat has been ended by all, or where the budget is not counted in full trials.
    """
    pairs, work = set(repeats(results)), results.comparison.work
    if not pairs or work <= 0:
        return ()
    spent = [
        point.work
        for cell in results.cells
        if (cell.outer, cell.seed) in pairs
        for point in cell.points
        if point.work < work
    ]
    steps = np.unique([0.0, *spent])
    shares = work * np.array(SHARES)
    both: tuple[Where, ...] = ("cv", "held")
    found = []
    for where in both:
        scores, stood = attained(results, where, shares), regrets(results, where, shares)
        for strategy, values in regrets(results, where, steps).items():
            means = (_means(scores[strategy]), _means(stood[strategy]))
            area = float(values.mean(axis=0) @ np.diff([*steps, work])) / work
            found.append(Course(strategy, where, *means, area))
    return tuple(found)


def _means(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.mean(axis=0).tolist())
