"""``practice tune``: search, compare with the default, and put the result on the board."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from practice import harness
from practice.errors import PracticeError
from practice.harness.records import Submitted
from practice.progress import Progress, silent
from practice.settings import Settings
from practice.solutions.data import Dataset, load
from practice.solutions.registry import available, get, must_suit
from practice.solutions.run import packed, submission_text
from practice.tuning.exporting import exporter
from practice.tuning.final import Final, finish, usual_final
from practice.tuning.manifest import Manifest, environment
from practice.tuning.outcome import (
    Outcome,
    Paired,
    cautions,
    importances,
    outcome_of,
    parameters_of,
)
from practice.tuning.records import ROWS, Row, finals, read_rows
from practice.tuning.repeated import usual_repeats
from practice.tuning.runner import Budget
from practice.tuning.searching import Plan, new_folder, search_in
from practice.tuning.spaces import space_for

__all__ = ["ENTRANT", "TuneReport", "message_for", "tune"]

ENTRANT = "tuned:lightgbm"

Watch = Callable[[Row], None]


@dataclass(frozen=True)
class TuneReport:
    """Outcome of a tuning.

    Parameters
    ----------
    competition, solution, strategy, run : str
        ``run`` names the folder of records in ``PRACTICE_HOME/runs``.
    metric : str
    greater_is_better : bool
    repeats : int
        Times that the cross-validation was drawn.
    trials : int
        Configurations tried, the default among them.
    counts : dict of str to int
        Trials by state.
    work : float
        Full trials spent.
    seconds, cpu_seconds : float
        Of the search, over all its sessions.
    objective : {"log loss", "rmse"}
        What the search minimises; ``rmse`` on the scale that is learned.
    default_loss, best_loss : float
        Its mean over folds.
    default_cv, best_cv : float or None
        Mean of the metric over the same folds; both stop early on them. None where the metric
        cannot be computed on a fold.
    gain : Paired or None
        The best against the default in the metric, paired over folds: positive is better, also
        where smaller values of the metric are.
    improved : bool
        Whether the best is better than the default: in the metric or, where it cannot be computed
        on a fold, in the loss.
    params : dict
        The best configuration, rounds included.
    importances : dict of str to float
    cautions : tuple of str
    entrant : str or None
        Whose entry was submitted; None where nothing was.
    final : {"refit", "ensemble"} or None
        What made the predictions.
    submission, rank : int or None
    public_score : float or None
    """

    competition: str
    solution: str
    strategy: str
    run: str
    metric: str
    greater_is_better: bool
    repeats: int
    trials: int
    counts: dict[str, int]
    work: float
    seconds: float
    cpu_seconds: float
    objective: str
    default_loss: float
    best_loss: float
    default_cv: float | None
    best_cv: float | None
    gain: Paired | None
    improved: bool
    params: dict[str, Any] = field(default_factory=dict)
    importances: dict[str, float] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    entrant: str | None = None
    final: Final | None = None
    submission: int | None = None
    rank: int | None = None
    public_score: float | None = None


def message_for(plan: Plan, trials: int) -> str:
    """Return what a board says of a tuned entry.

    Examples
    --------
    >>> message_for(Plan("linear"), 60)
    'linear, best of 60'
    """
    name = {"lightgbm": "LightGBM", "features": "LightGBM on own features"}.get(plan.solution)
    return f"{name or plan.solution}, best of {trials}"


def tune(
    slug: str,
    settings: Settings,
    plan: Plan = Plan(),  # noqa: B008 (frozen)
    budget: Budget = Budget(work=100),  # noqa: B008 (frozen)
    *,
    folder: Path | None = None,
    entrant: str | None = None,
    final: Final | None = None,
    by_size: bool = False,
    optuna_storage: str | None = None,
    watch: Watch | None = None,
    begun: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> TuneReport:
    """Tune a solution for a competition.

    Parameters
    ----------
    slug : str
    settings : Settings
    plan : Plan, optional
    budget : Budget, optional
        In total, where a run goes on.
    folder : Path, optional
        Of a run to go on with; default: a new one in ``settings.runs``.
    entrant : str, optional
        Submit the best configuration under this name; one that begins with ``tuned:`` is a
        reference entry. Default: submit nothing.
    final : {"refit", "ensemble"}, optional
        Fit on all training rows, or average the models of the folds. Default: what
        :func:`practice.tuning.final.usual_final` says.
    by_size : bool
        Draw the cross-validation as often as :func:`practice.tuning.repeated.usual_repeats` says
        instead of the plan's ``repeats``.
    optuna_storage : str, optional
        Address of an Optuna storage that gets every trial, too.
    watch : callable, optional
        Called with every row of the records.
    begun : callable, optional
        Called with the run's name before anything is evaluated.
    progress : Progress, optional

    Returns
    -------
    TuneReport

    Raises
    ------
    NotFoundError
        No such competition, solution or strategy; or not started, where something is submitted.
    StoreError
        The run cannot be gone on with, or the Optuna storage cannot be written.
    UsageError
        ``repeats`` is outside its range.
    PracticeError
        The data cannot be learned from, a library is missing, or the budget was too small.
    """
    if entrant is not None:
        harness.leaderboard(settings, slug)  # says where it was never started, before any work
    dataset = load(slug, settings, progress)
    if by_size:
        plan = replace(plan, repeats=usual_repeats(dataset))
    solution = get(plan.solution)
    must_suit(solution, dataset)
    space = space_for(solution, dataset.table_for(solution).roles, available(dataset))
    folder = folder or new_folder(settings.runs, slug, plan)
    watches = [] if watch is None else [watch]
    manifests: list[Manifest] = []

    def opened(manifest: Manifest) -> None:
        manifests.append(manifest)
        if optuna_storage is not None:
            watches.insert(0, exporter(optuna_storage, manifest, space, read_rows(folder / ROWS)))
        if begun is not None:
            begun(folder.name)

    def watched(row: Row) -> None:
        for each in watches:
            each(row)

    rows = search_in(folder, dataset, plan, budget, watched, opened)
    objective = manifests[0].identity["metric"]["objective"]
    found = outcome_of(rows, dataset.metric.greater_is_better, plan.repeats)
    ended = finals(rows)
    report = TuneReport(
        competition=slug,
        solution=plan.solution,
        strategy=plan.strategy,
        run=folder.name,
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        repeats=plan.repeats,
        trials=len(ended),
        counts=found.counts,
        work=ended[-1].total_work,
        seconds=ended[-1].total_seconds,
        cpu_seconds=ended[-1].total_cpu_seconds,
        objective=objective,
        default_loss=_loss(found.default),
        best_loss=_loss(found.best),
        default_cv=_mean(found.default),
        best_cv=_mean(found.best),
        gain=found.gain,
        improved=found.improved,
        params=parameters_of(found.best),
        importances=importances(rows, space),
        cautions=(
            *cautions(found, len(dataset.y), plan.repeats, dataset.metric.name, objective),
            *_busy(budget),
        ),
    )
    if entrant is None:
        return report
    final = final or usual_final(dataset)
    placed = _hand_in(dataset, plan, found, report, settings, entrant, final, progress)
    return replace(
        report,
        entrant=entrant,
        final=final,
        submission=placed.id,
        rank=placed.rank,
        public_score=placed.public_score,
    )


def _busy(budget: Budget) -> tuple[str, ...]:
    """Say that a budget of wall time bought less because others worked here, too."""
    here = environment()
    load = (here["load"] or [0.0])[0]
    if budget.seconds is None or load <= here["cores"]:
        return ()
    return (
        f"the machine was busy (load {load:.1f} on {here['cores']} processors), so the budget in "
        "seconds bought fewer trials; --work counts none of that",
    )


def _loss(row: Row) -> float:
    assert row.score is not None
    return row.score


def _mean(row: Row) -> float | None:
    return sum(row.metric_scores) / len(row.metric_scores) if row.metric_scores else None


def _hand_in(
    dataset: Dataset,
    plan: Plan,
    found: Outcome,
    report: TuneReport,
    settings: Settings,
    entrant: str,
    final: Final,
    progress: Progress,
) -> Submitted:
    """Make the predictions of the best configuration and submit them with their provenance."""
    made = finish(dataset, plan, found.best, final, progress)
    reference = entrant.startswith("tuned:")
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / f"{report.run}.csv.gz"
        file.write_bytes(packed(submission_text(dataset, made.predictions)))
        placed = harness.submit(
            settings,
            dataset.competition.slug,
            file,
            entrant=entrant,
            kind="reference" if reference else "person",
            message=message_for(plan, report.trials),
            params={
                **made.cv.parameters,
                **asdict(plan),
                "trials": report.trials,
                "work": round(report.work, 3),
                "run": report.run,
                "final": final,
                "cv": made.cv.mean,
            },
            tags=() if reference else ("tuned",),
            folder=Path.cwd(),
        )
    if placed.status != "scored":
        raise PracticeError(
            f"the tuned entry was {placed.status}: {placed.error}", f"practice doctor; {placed.id}"
        )
    return placed
