"""``practice baseline``: ready-made solutions, cross-validated and put on the board."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice import harness
from practice.errors import PracticeError
from practice.harness.records import Submitted
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.solutions import registry
from practice.solutions.base import Solution
from practice.solutions.data import Dataset, load
from practice.solutions.run import CvResult, cross_validate, packed, predict_test, submission_text

__all__ = ["BaselineReport", "baseline", "place"]


@dataclass(frozen=True)
class BaselineReport:
    """What became of one solution.

    Parameters
    ----------
    competition, solution, description : str
    entrant : str
        ``baseline:NAME``.
    metric : str
    greater_is_better : bool
    cv_mean, cv_spread : float or None
        Mean and standard deviation over folds; None where it could not be run.
    fold_scores : tuple of float
    public_score : float or None
        As released; None where nothing was submitted.
    rank : int or None
    submission : int or None
    seconds : float
        Wall time of cross-validation and final fit.
    params : dict
    error, hint : str or None
        Why it could not be run, and the fix.
    """

    competition: str
    solution: str
    description: str
    entrant: str
    metric: str
    greater_is_better: bool
    cv_mean: float | None
    cv_spread: float | None
    fold_scores: tuple[float, ...] = ()
    public_score: float | None = None
    rank: int | None = None
    submission: int | None = None
    seconds: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    hint: str | None = None


def baseline(
    slug: str,
    settings: Settings,
    names: Sequence[str] | None = None,
    submit: bool = True,
    progress: Progress = silent,
    seed: int = 0,
) -> tuple[BaselineReport, ...]:
    """Cross-validate ready-made solutions and put them on the board as ``baseline:NAME``.

    Parameters
    ----------
    slug : str
        A competition that was started.
    settings : Settings
    names : sequence of str, optional
        Default: dummy, linear, lightgbm.
    submit : bool
        False: cross-validate only.
    progress : Progress, optional
    seed : int

    Returns
    -------
    tuple of BaselineReport
        One per name, in order. A solution that cannot be run says why; the others go on.

    Raises
    ------
    NotFoundError
        No competition or solution of that name, or not started.
    PracticeError
        None of the solutions could be run: the first one's reason.
    """
    solutions = [registry.get(name) for name in (names or registry.DEFAULT)]
    if submit:
        harness.leaderboard(settings, slug)  # says where it was never started, before any work
    dataset = load(slug, settings, progress)
    reports = []
    failure = None
    for solution in solutions:
        try:
            reports.append(_one(dataset, solution, settings, submit, progress, seed))
        except PracticeError as error:
            failure = failure or error
            reports.append(_failed(dataset, solution, error))
    if failure is not None and all(report.error for report in reports):
        raise failure
    return tuple(reports)


def _one(
    dataset: Dataset,
    solution: Solution,
    settings: Settings,
    submit: bool,
    progress: Progress,
    seed: int,
) -> BaselineReport:
    began = time.perf_counter()
    registry.must_suit(solution, dataset)
    cv = cross_validate(dataset, solution, seed, progress)
    entrant = f"baseline:{solution.name}"
    placed = None
    if submit:
        placed = place(dataset, solution, cv, settings, entrant, solution.description, seed)
    return BaselineReport(
        competition=dataset.competition.slug,
        solution=solution.name,
        description=solution.description,
        entrant=entrant,
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        cv_mean=cv.mean,
        cv_spread=cv.spread,
        fold_scores=cv.fold_scores,
        public_score=placed.public_score if placed else None,
        rank=placed.rank if placed else None,
        submission=placed.id if placed else None,
        seconds=time.perf_counter() - began,
        params={**cv.parameters, "seed": seed},
    )


def place(
    dataset: Dataset,
    solution: Solution,
    cv: CvResult,
    settings: Settings,
    entrant: str,
    message: str,
    seed: int = 0,
) -> Submitted:
    """Fit a solution on all training rows and submit it as a reference entry.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
    cv : CvResult
        Its cross-validation: the decision, and the parameters that are recorded.
    settings : Settings
    entrant, message : str
    seed : int

    Returns
    -------
    Submitted

    Raises
    ------
    PracticeError
        What was made was not accepted or could not be scored.
    """
    predictions = predict_test(dataset, solution, cv.decision, seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{entrant.replace(':', '-')}.csv.gz"
        file.write_bytes(packed(submission_text(dataset, predictions)))
        placed = harness.submit(
            settings,
            dataset.competition.slug,
            file,
            entrant=entrant,
            kind="reference",
            message=message,
            params={**cv.parameters, "seed": seed},
        )
    if placed.status != "scored":
        raise PracticeError(f"{entrant}: {placed.error}", f"practice doctor; id {placed.id}")
    return placed


def _failed(dataset: Dataset, solution: Solution, error: PracticeError) -> BaselineReport:
    """Report a solution that could not be run."""
    return BaselineReport(
        competition=dataset.competition.slug,
        solution=solution.name,
        description=solution.description,
        entrant=f"baseline:{solution.name}",
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        cv_mean=None,
        cv_spread=None,
        error=error.message,
        hint=error.hint or None,
    )
