"""``practice tune``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from practice.cli import failure, output
from practice.cli.options import As, Json, Slug, examples
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.settings import Settings
    from practice.tuning import Manifest, Plan, TuneReport

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice tune breast-cancer",
        "practice tune titanic --solution forest --strategy random --work 30",
        "practice tune telco-churn --seconds 300 --submit",
        "practice tune telco-churn --resume --work 200",
        "practice tune --run telco-churn-lightgbm-tpe-1 --submit",
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
        int | None,
        typer.Option(metavar="N", help="Of strategy and models, 0 to 2147483647. Left out: 0."),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Cross-validate so many times over, on other folds; at most 100. Left out: 5 "
            "times below 1,000 rows, else once.",
        ),
    ] = None,
    submit: Annotated[
        bool, typer.Option("--submit", help="Submit the best; costs an attempt.")
    ] = False,
    final: Annotated[
        Literal["refit", "ensemble"] | None,
        typer.Option(
            metavar="HOW",
            help="What is submitted: ensemble (of the folds' models), or refit (on all rows). Left "
            "out: refit where folds follow time, else ensemble.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the run worked on last; budgets are totals."),
    ] = False,
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with this run, by the name of its records."),
    ] = None,
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
    if final is not None and not submit:
        raise UsageError(
            "--final says how an entry is made, and none is submitted",
            "add --submit, or leave --final out",
        )
    from practice import settings, tuning
    from practice.cli.trials import watching
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here = settings.load()
    given = {"work": work, "trials": trials, "cpu_seconds": cpu_seconds, "seconds": seconds}
    budget = None
    if any(value is not None for value in given.values()):
        budget = tuning.Budget(work, trials, cpu_seconds, seconds)
    again = resume or run is not None
    if again:
        if repeats is not None:
            raise UsageError("--repeats belongs to the run that is gone on with", "leave it out")
        manifest = _again(here, slug, run, solution, strategy, seed)
        slug, folder, plan = manifest.competition, here.runs / manifest.id, tuning.plan_of(manifest)
        budget = budget or tuning.last_budget(folder)
    else:
        slug = slug_for(here, slug)
        plan = _plan(solution, strategy, seed, repeats)
        folder = None
    begun: list[str] = []
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
                by_size=repeats is None and not again,
                optuna_storage=optuna_storage,
                watch=watch,
                begun=begun.append,
            )
    except KeyboardInterrupt:
        stopped = failure.Interrupted()
        if begun and (here.runs / begun[0]).is_dir():
            stopped.hint = f"practice tune {slug} --run {begun[0]}"
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
    slug: str | None,
    run: str | None,
    solution: str | None,
    strategy: str | None,
    seed: int | None,
) -> Manifest:
    """Return the run to go on with."""
    from practice.cli.where import slug_for
    from practice.tuning import named, newest

    given = {"--solution": solution, "--strategy": strategy, "--seed": seed}
    over = [option for option, value in given.items() if value is not None]
    if run is None:
        found = newest(here.runs, slug_for(here, slug), solution, strategy, seed)
    elif over:
        raise UsageError(f"--run says it all: {', '.join(over)} cannot be changed", "leave it out")
    else:
        found = named(here.runs, run, slug)
    output.say(f"going on with {found.id}")
    return found


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
    again = f"practice tune {report.competition} --run {report.run}"
    if report.submission is not None:
        output.say(f"next: practice leaderboard {report.competition}")
    elif report.improved:
        output.say(f"next: {again} --submit")
    else:
        output.say(f"next: {again} --trials {2 * report.trials}")
