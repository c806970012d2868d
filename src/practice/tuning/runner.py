"""Running a strategy: it owns budgets, seeds and records; the strategy sees rows alone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from practice.errors import MetricError, PracticeError, UsageError
from practice.tuning.evaluator import EvaluationFailed, Evaluator, Rung
from practice.tuning.interrupting import noted_interrupts
from practice.tuning.records import Configuration, Journal, Row, State, finals, latest
from practice.tuning.space import key
from practice.tuning.strategy import Exhausted, Strategy

__all__ = ["Budget", "run"]

Watch = Callable[[Row], None]

STALE = 200  # duplicates in a row after which a space counts as searched through
_NEARLY = 1e-9  # work is a sum of quotients


@dataclass(frozen=True)
class Budget:
    """How much a run may spend in total, over all its sessions; what runs out first ends it.

    Parameters
    ----------
    work : float or None
        Full trials: all folds, all rounds. The primary one: the same on every machine.
    trials : int or None
        Configurations, the default among them.
    cpu_seconds : float or None
        Processor time of training and strategy.
    seconds : float or None
        Wall time.

    Raises
    ------
    UsageError
        None is given, or one is not above 0.
    """

    work: float | None = None
    trials: int | None = None
    cpu_seconds: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        given = {name: value for name, value in vars(self).items() if value is not None}
        if not given:
            raise UsageError("a run needs a budget", "--work 100")
        for name, value in given.items():
            if not value > 0 or math.isinf(value):
                option = name.replace("_", "-")
                raise UsageError(f"--{option} {value} is not above 0", f"--{option} 100")


@dataclass
class _Spent:
    """What a run has spent; processor and wall time count from the start of this session."""

    work: float
    trained: float  # processor seconds
    cpu_before: float
    seconds_before: float
    trials: int

    def __post_init__(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.perf_counter()

    def cpu_seconds(self) -> float:
        return self.cpu_before + self.trained + time.thread_time() - self._cpu

    def seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self._wall

    def within(self, budget: Budget, row: Row) -> bool:
        """Say whether a row lies inside a budget."""
        return (
            (budget.work is None or row.total_work <= budget.work + _NEARLY)
            and (budget.cpu_seconds is None or row.total_cpu_seconds <= budget.cpu_seconds)
            and (budget.seconds is None or row.total_seconds <= budget.seconds)
        )

    def left(self, budget: Budget) -> bool:
        """Say whether another trial may begin."""
        return (
            (budget.work is None or self.work < budget.work - _NEARLY)
            and (budget.trials is None or self.trials < budget.trials)
            and (budget.cpu_seconds is None or self.cpu_seconds() < budget.cpu_seconds)
            and (budget.seconds is None or self.seconds() < budget.seconds)
        )


def run(
    evaluator: Evaluator,
    strategy: Strategy,
    budget: Budget,
    journal: Journal,
    points: Sequence[Configuration],
    watch: Watch | None = None,
) -> tuple[Row, ...]:
    """Run a strategy until its budget is spent, or go on with a run that was interrupted.

    Trials are sequential, so that what is found depends neither on the processors nor on their
    load. A run goes on by asking and telling the strategy again what the journal holds: nothing of
    its state is stored, and what follows is what would have followed without the interruption.

    Parameters
    ----------
    evaluator : Evaluator
    strategy : Strategy
        Fresh: never asked or told before.
    budget : Budget
        In total, also for a run that goes on.
    journal : Journal
        Open; its rows are what was done before.
    points : sequence of configuration
        The first trials, for every strategy the same; the first is the default configuration.
    watch : callable, optional
        Called with every row after it was written.

    Returns
    -------
    tuple of Row
        All of the run, the last attempt of every trial, in order.

    Raises
    ------
    PracticeError
        The strategy does not repeat what the journal holds, or fails.
    StoreError
        A row cannot be written.
    """
    with noted_interrupts() as check:
        one = _Run(evaluator, strategy, budget, journal, points, watch, check)
        one.again()
        one.go_on()
    return latest(journal.rows)


class _Run:
    """The state of :func:`run`."""

    def __init__(
        self,
        evaluator: Evaluator,
        strategy: Strategy,
        budget: Budget,
        journal: Journal,
        points: Sequence[Configuration],
        watch: Watch | None,
        check: Callable[[], None],
    ) -> None:
        self._evaluator, self._strategy, self._budget = evaluator, strategy, budget
        self._journal, self._points, self._watch = journal, points, watch
        self._check = check
        self._known: dict[Any, Row] = {}
        self._best = math.inf
        self._stale = 0
        done = finals(journal.rows)
        last = done[-1] if done else None
        self._spent = _Spent(
            work=last.total_work if last else 0.0,
            trained=0.0,
            cpu_before=last.total_cpu_seconds if last else 0.0,
            seconds_before=last.total_seconds if last else 0.0,
            trials=len(done),
        )

    def again(self) -> None:
        """Bring the strategy to where the journal ends."""
        trials: dict[int, list[Row]] = {}
        for row in self._journal.rows:
            trials.setdefault(row.trial, []).append(row)
        whole = [rows for rows in trials.values() if finals(rows)]
        self._journal.rows = [row for rows in whole for row in rows]
        for trial, rows in enumerate(whole):
            last = rows[-1]
            try:
                repeated = trial == last.trial and self._next(trial) == last.configuration
            except Exhausted:
                repeated = False
            for row in rows:
                if row.state in ("running", "stopped"):
                    stop = self._strategy.should_stop(row)
                    repeated = repeated and stop == (row.state == "stopped")
            if not repeated:
                raise PracticeError(
                    f"trial {last.trial} would not be what was recorded: the strategy does not "
                    "repeat itself",
                    "begin a run without --resume",
                )
            self._ended(last)

    def go_on(self) -> None:
        """Run trials until the budget is spent, or there is nothing left to try."""
        while self._spent.left(self._budget) and self._stale < STALE:
            trial = self._spent.trials
            began = time.perf_counter()
            try:
                configuration = self._next(trial)
            except Exhausted:
                return
            known = self._known.get(key(configuration))
            if known is not None:
                last = self._again_known(trial, known, began)
            else:
                last = self._evaluate(trial, configuration, began)
            if last.state == "over":
                return
            self._ended(last)

    def _next(self, trial: int) -> dict[str, Any]:
        """Return the configuration of a trial, as it is recorded."""
        space = self._evaluator.space
        if trial < len(self._points):
            return space.canonical(self._points[trial])
        return space.canonical(self._strategy.ask())

    def _ended(self, row: Row) -> None:
        """Tell the strategy of a trial and count it."""
        self._strategy.tell(row)
        self._known.setdefault(key(row.configuration), row)
        self._stale = self._stale + 1 if row.state == "duplicate" else 0
        self._spent.trials = row.trial + 1
        self._spent.work = row.total_work
        if row.counts and row.score is not None:
            self._best = min(self._best, row.score)

    def _evaluate(self, trial: int, configuration: dict[str, Any], began: float) -> Row:
        """Evaluate a configuration rung by rung; return its last row."""
        blank = Row(trial, 0, self._strategy.order, "running", configuration, None)
        row = blank
        rungs = self._evaluator.evaluate(configuration, self._strategy.order)
        try:
            for rung in rungs:
                row = self._timed(_of(blank, rung), began)
                state = self._state(row, rung)
                if state == "complete" and rung.score < self._best:
                    row = replace(row, metric_scores=self._metric_scores())
                row = replace(row, state=state)
                self._write(row)
                if state != "running":
                    self._spent.trained += row.cpu_seconds
                    return row
        except EvaluationFailed as error:
            row = self._timed(
                replace(row, rung=row.rung + 1, score=None, fold_scores=(), rounds=None), began
            )
            row = replace(row, state="failed", error=error.message)
            self._write(row)
            self._spent.trained += row.cpu_seconds
        return row

    def _state(self, row: Row, rung: Rung) -> State:
        if not self._spent.within(self._budget, row):
            return "over"
        if rung.last:
            return "complete"
        return "stopped" if self._strategy.should_stop(row) else "running"

    def _again_known(self, trial: int, known: Row, began: float) -> Row:
        """Return the row of a configuration that was tried before, at no work."""
        row = replace(known, trial=trial, state="duplicate", work=0.0, cpu_seconds=0.0)
        row = self._timed(replace(row, metric_scores=()), began)
        self._write(row)
        return row

    def _timed(self, row: Row, began: float) -> Row:
        """Fill in what the run has spent up to this row."""
        return replace(
            row,
            seconds=time.perf_counter() - began,
            total_work=self._spent.work + row.work,
            total_cpu_seconds=self._spent.cpu_seconds() + row.cpu_seconds,
            total_seconds=self._spent.seconds(),
        )

    def _metric_scores(self) -> tuple[float, ...]:
        try:
            return self._evaluator.metric_scores()
        except (
            MetricError
        ):  # a fold without one of the classes, say; the loss is there all the same
            return ()

    def _write(self, row: Row) -> None:
        self._journal.append(row)
        if self._watch is not None:
            self._watch(row)
        self._check()


def _of(blank: Row, rung: Rung) -> Row:
    """Return the row of a rung."""
    return replace(
        blank,
        rung=rung.rung,
        share=rung.share,
        order=rung.order,
        score=rung.score,
        fold_scores=rung.fold_scores,
        rounds=rung.rounds,
        work=rung.work,
        cpu_seconds=rung.cpu_seconds,
    )
