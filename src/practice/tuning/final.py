"""What a search ends with: the predictions of its best configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from practice.progress import Progress, silent
from practice.solutions.base import Solution
from practice.solutions.registry import get
from practice.solutions.run import CvResult, cross_validate, predict_test, predict_test_by_folds
from practice.tuning.outcome import parameters_of
from practice.tuning.records import Row
from practice.tuning.repeated import follows_time
from practice.tuning.searching import Plan

if TYPE_CHECKING:
    from practice.solutions.data import Dataset

__all__ = ["Final", "Finished", "finish", "solution_of", "usual_final"]

Final = Literal["refit", "ensemble"]


@dataclass(frozen=True)
class Finished:
    """The best configuration of a search, fitted.

    Parameters
    ----------
    solution : Solution
        With its parameters.
    cv : CvResult
        On the competition's own folds.
    predictions : ndarray
        Of the hidden rows, in the order of the test table.
    """

    solution: Solution
    cv: CvResult
    predictions: NDArray[Any]


def usual_final(dataset: Dataset) -> Final:
    """Return how the predictions of a search are made where nobody says it.

    The mean of the folds' models errs less than one model fitted on all rows
    (``benchmarks/equal_time.py``). Where folds follow time the models of the first folds know the
    distant past alone, and one fitted on all rows is better: with own features on ``bike-sharing``
    its error is .29 instead of .47.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    {"refit", "ensemble"}
    """
    return "refit" if follows_time(dataset) else "ensemble"


def solution_of(plan: Plan, row: Row) -> Solution:
    """Return a plan's solution with the configuration of a trial."""
    return get(plan.solution).with_parameters(**parameters_of(row))


def finish(
    dataset: Dataset, plan: Plan, best: Row, final: Final, progress: Progress = silent
) -> Finished:
    """Cross-validate the best configuration and predict the hidden rows.

    Parameters
    ----------
    dataset : Dataset
    plan : Plan
    best : Row
    final : {"refit", "ensemble"}
        Fit on all training rows, or average the models of the folds.
    progress : Progress, optional
        Of the cross-validation.

    Returns
    -------
    Finished
    """
    solution = solution_of(plan, best)
    cv = cross_validate(dataset, solution, plan.seed, progress)
    make = predict_test if final == "refit" else predict_test_by_folds
    return Finished(solution, cv, make(dataset, solution, cv.decision, plan.seed))
