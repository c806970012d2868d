"""``practice tune``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from practice.cli import failure, output
from practice.cli.options import As, Json, Slug, examples
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.settings import Settings
    from practice.tuning import Budget, Plan, TuneReport

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice tune breast-cancer",
        "practice tune titanic --solution forest --strategy random --work 30",
        "practice tune telco-churn --seconds 300 --submit",
        "practice tune telco-churn --resume --work 200",
    )
)
def command(
    slug: Slug = None,
    solution: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to tune. Left out: lightgbm.")
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="tpe, random, cmaes, halving, ... or a Python file of your own; +none, +median, "
            "+halving behind it say how trials are stopped. Left out: tpe.",
        ),
    ] = None,
    work: Annotated[
        float | None,
        typer.Option(
            metavar="N", help="Budget in full trials: all folds and rounds. [default: 100]"
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(metavar="N", help="Budget in configurations.")
    ] = None,
    cpu_seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Budget in processor time.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(metavar="S", help="Budget in wall time.")] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Of strategy and models. Left out: 0.")
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Cross-validate so many times over, on other folds. Left out: 5 times below 1,000 "
            "rows, else once.",
        ),
    ] = None,
    submit: Annotated[
        bool, typer.Option("--submit", help="Submit the best; costs an attempt.")
    ] = False,
    final: Annotated[
        Literal["refit", "ensemble"],
        typer.Option(
            metavar="HOW",
            help="What is submitted: ensemble (of the folds' models), or refit (on all rows).",
        ),
    ] = "ensemble",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last run; budgets are totals.")
    ] = False,
    optuna_storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Write trials there too, for optuna-dashboard."),
    ] = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Look for better parameters of a solution by cross-validation.

    Trial 0 is the solution as it comes. Every trial is recorded.
    A run that was stopped goes on with --resume, to the result that it would have had.
    """
    from practice import settings, tuning
    from practice.cli.trials import watching
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here = settings.load()
    slug = slug_for(here, slug)
    given = {"work": work, "trials": trials, "cpu_seconds": cpu_seconds, "seconds": seconds}
    budget = None
    if any(value is not None for value in given.values()):
        budget = tuning.Budget(work, trials, cpu_seconds, seconds)
    if resume:
        if repeats is not None:
            raise UsageError("--repeats belongs to the run that is gone on with", "leave it out")
        folder, plan, budget = _again(here, slug, solution, strategy, seed, budget)
    else:
        plan = _plan(solution, strategy, seed, repeats)
        folder = None
    budget = budget or tuning.Budget(work=100)
    who = entrant(here, name, ask=not json) if submit else None
    try:
        with watching(budget, quiet=json) as watch:
            report = tuning.tune(
                slug,
                here,
                plan,
                budget,
                folder=folder,
                entrant=who,
                final=final,
                by_size=repeats is None and not resume,
                optuna_storage=optuna_storage,
                watch=watch,
            )
    except KeyboardInterrupt:
        stopped = failure.Interrupted()
        stopped.hint = f"practice tune {slug} --resume"
        raise stopped from None
    if json:
        output.print_json(report)
    else:
        print_report(report)


def _plan(
    solution: str | None, strategy: str | None, seed: int | None, repeats: int | None
) -> Plan:
    from practice.tuning import Plan

    usual = Plan()
    return Plan(
        solution=solution or usual.solution,
        strategy=strategy or usual.strategy,
        seed=usual.seed if seed is None else seed,
        repeats=usual.repeats if repeats is None else repeats,
    )


def _again(
    here: Settings,
    slug: str,
    solution: str | None,
    strategy: str | None,
    seed: int | None,
    budget: Budget | None,
) -> tuple[Path, Plan, Budget | None]:
    """Return folder, plan and budget of the run to go on with."""
    from practice.tuning import last_budget, newest, plan_of

    manifest = newest(here.runs, slug, solution, strategy, seed)
    folder = here.runs / manifest.id
    output.say(f"going on with {manifest.id}")
    return folder, plan_of(manifest), budget or last_budget(folder)


def print_report(report: TuneReport) -> None:
    """Print what a tuning came to.

    Parameters
    ----------
    report : TuneReport
    """
    screen = output.stdout()
    better = "greater" if report.greater_is_better else "smaller"
    arrow = output.marks(screen).better(report.greater_is_better)
    title = f"{report.competition}: {report.solution} tuned by {report.strategy}"
    screen.print(f"{title} ({report.metric}, {better} is better {arrow})", "bold")
    screen.print()
    columns = [
        output.Col(""),
        output.Col("Cross-validation", "right"),
        output.Col("Loss", "right"),
    ]
    rows = [
        ["default", output.number(report.default_cv), output.number(report.default_loss)],
        ["tuned", output.number(report.best_cv), output.number(report.best_loss)],
    ]
    output.print_table(screen, columns, rows)
    screen.print()
    if report.gain is not None:
        gain = report.gain
        interval = f"{output.signed(gain.low)} to {output.signed(gain.high)}"
        screen.pair("Gain", f"{output.signed(gain.mean)} (95 %: {interval})")
        screen.pair("", f"better on {gain.better} of {gain.folds} folds")
    counts = ", ".join(f"{count} {state}" for state, count in report.counts.items())
    if report.repeats > 1:
        screen.pair("", f"cross-validated {report.repeats} times over, on folds drawn anew")
    screen.pair("Trials", f"{report.trials} ({counts})")
    screen.pair("Cost", f"{report.work:.1f} full trials in {report.seconds:.0f} s")
    for number, (key, value) in enumerate(report.params.items()):
        text = f"{value:g}" if isinstance(value, float) else str(value)
        weight = report.importances.get(key)
        matters = f"  matters {weight:.0%}" if weight is not None else ""
        screen.pair("Parameters" if number == 0 else "", f"{key} {text}{matters}")
    if report.submission is not None:
        score = output.number(report.public_score)
        place = "" if report.rank is None else f", place {report.rank}"
        made = "the folds' models" if report.final == "ensemble" else "a fit on all rows"
        screen.pair("Submitted", f"{report.submission} by {report.entrant}: public {score}{place}")
        screen.pair("", f"predicted by {made}")
    screen.pair("Records", report.run)
    for caution in report.cautions:
        output.stderr().print(f"caution: {caution}", "warn")
    if report.submission is None:
        output.say(f"next: practice tune {report.competition} --resume --submit")
    else:
        output.say(f"next: practice leaderboard {report.competition}")
