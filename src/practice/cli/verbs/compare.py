"""``practice compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from practice.cli import failure, output
from practice.cli.options import Csv, Json, examples, one_form
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.arena import Question, Results
    from practice.settings import Settings

app = typer.Typer(add_completion=False)

LANE = ("strategies", "repeats")  # what --systems takes, too


@app.command(
    epilog=examples(
        "practice compare breast-cancer",
        "practice compare titanic telco-churn --strategies random,tpe,own.py",
        "practice compare titanic --systems flaml-automl,lightgbm-tuner-cv",
        "practice compare breast-cancer --cluster tcp://scheduler:8786",
        "practice compare breast-cancer --show --report page",
    )
)
def command(
    slugs: Annotated[
        list[str] | None,
        typer.Argument(metavar="SLUG", help="Competitions. Left out: that of the workspace."),
    ] = None,
    strategies: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="With commas between: tpe, random, cmaes, halving, own.py, ... as in tune. "
            "Left out: random,tpe,cmaes.",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the others are compared with. Left out: random, or else the first.",
        ),
    ] = None,
    solution: Annotated[
        str | None, typer.Option(metavar="NAME", help="What is tuned. Left out: lightgbm.")
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(metavar="N", help="Outer splits (4) times seeds. Left out: 20."),
    ] = None,
    work: Annotated[
        float | None,
        typer.Option(metavar="N", help="Budget of every run, in full trials. Left out: 100."),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(metavar="N", help="Of boosting, at most. Left out: 300.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes. Left out: one per processor.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Run on the workers of this Dask scheduler: tcp://host:8786."
        ),
    ] = None,
    systems: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Instead: flaml-automl, lightgbm-tuner-cv against --strategies (tpe), in equal "
            "processor time.",
        ),
    ] = None,
    cpu_seconds: Annotated[
        float | None,
        typer.Option(metavar="S", help="With --systems: of each search. Left out: 30."),
    ] = None,
    with_hidden: Annotated[
        bool,
        typer.Option(
            "--with-hidden",
            help="Judge by the hidden rows, too; once revealed. With --show: the newest that is.",
        ),
    ] = False,
    rope: Annotated[
        float | None, typer.Option(metavar="X", help="Differences up to X make no difference.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, whatever was asked before.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show the newest comparison; run nothing.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Write a page and its pictures there."),
    ] = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Compare tuning strategies on rows that no search has seen.

    They are held out from the training data, split as the competition splits, again and again.
    The same command goes on where it was stopped.
    """
    from practice import settings
    from practice.arena.verdict import must_be_rope
    from practice.cli.where import slug_for

    one_form(json, csv)
    must_be_rope(rope)
    _must_be_folder(report)
    here = settings.load()
    names = list(dict.fromkeys(slugs)) if slugs else [slug_for(here, None)]
    asked: dict[str, Any] = {
        "strategies": _names(strategies) if strategies is not None else None,
        "reference": reference,
        "repeats": repeats,
        "work": work,
        "rounds": rounds,
        "hidden": with_hidden or None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    if systems is not None:
        elsewhere = {**asked, "solution": solution, "workers": workers, "cluster": cluster}
        elsewhere |= {"fresh": fresh or None, "show": show or None, "csv": csv or None}
        elsewhere["report"] = report
        alien = {name: value for name, value in elsewhere.items() if name not in LANE}
        _must_be_bare(alien, "--systems is a lane of its own")
        from practice.arena.systems import must_run

        for name in _names(systems):  # a strategy is none, however well it would run
            must_run(name)
        times = {} if cpu_seconds is None else {"cpu_seconds": cpu_seconds}
        times |= {} if repeats is None else {"repeats": repeats}
        compared = (*given.get("strategies", ("tpe",)), *_names(systems))
        _lane(here, names, compared, times, rope, json=json)
        return
    if cpu_seconds is not None:
        raise UsageError("--cpu-seconds is of --systems", "--work is the budget of strategies")
    if show:
        where = {"workers": workers, "cluster": cluster, "fresh": fresh or None}
        _must_be_bare({**asked, **where, "hidden": None}, "--show runs nothing")
        results = _stored(here, names, solution, with_hidden)
    else:
        from practice.arena import Question

        if solution is not None:
            given["solution"] = solution
        if workers is not None and workers < 1:
            raise UsageError(f"--workers {workers} is below 1", "--workers 2")
        if workers is not None and cluster is not None:
            raise UsageError("the workers of a cluster are its own", "leave --workers out")
        if cluster is not None:
            from practice.arena.reaching import must_be_address

            must_be_address(cluster)
        try:
            results = _compared(
                here, names, Question(**given), workers, cluster, fresh, quiet=json or csv
            )
        except KeyboardInterrupt:
            raise failure.Interrupted from None
    _print(results, rope, json=json, csv=csv)
    if report is not None:
        _report(results, report, rope, quiet=json or csv)


def _names(given: str) -> tuple[str, ...]:
    """Return strategies as they are separated by commas."""
    return tuple(name.strip() for name in given.split(",") if name.strip())


def _must_be_bare(given: dict[str, Any], why: str) -> None:
    """Refuse options that mean nothing beside another one."""
    for name, value in given.items():
        if value is not None:
            option = {"hidden": "with-hidden"}.get(name, name)
            raise UsageError(f"{why}, so --{option} means nothing", "leave one of them out")


def _must_be_folder(report: Path | None) -> None:
    """Refuse a report that could not be written, before anything runs."""
    if report is None:
        return
    from practice.charts import available

    available()
    file = next((each for each in (report, *report.parents) if each.exists()), None)
    if file is not None and not file.is_dir():
        raise UsageError(f"--report {report}: {file} is no folder", "--report page")


def _lane(
    here: Settings,
    slugs: Sequence[str],
    compared: tuple[str, ...],
    times: dict[str, Any],
    rope: float | None,
    *,
    json: bool,
) -> None:
    """Run systems beside strategies in equal time, and print what the held-out rows say."""
    from practice.arena.lane import Entry, race
    from practice.cli import comparing
    from practice.cli.bars import bars
    from practice.solutions.data import load

    entry = Entry(compared, **times)
    datasets = [load(slug, here) for slug in slugs]
    try:
        with bars(quiet=json) as progress:
            results = [race(here.arena, each, entry, progress) for each in datasets]
    except KeyboardInterrupt:
        raise failure.Interrupted from None
    if json:
        output.print_json(comparing.as_json(results, rope=rope))
        return
    for position, one in enumerate(results):
        if position:
            output.stdout().print()
        comparing.show_lane(one, entry.cpu_seconds, rope=rope)
        _say_errors(one)


def _stored(
    here: Settings, names: Sequence[str], solution: str | None, hidden: bool
) -> list[Results]:
    from practice.arena import load, newest

    return [load(newest(here, name, solution, hidden=hidden)) for name in names]


def _compared(
    here: Settings,
    names: Sequence[str],
    question: Question,
    workers: int | None,
    cluster: str | None,
    fresh: bool,
    *,
    quiet: bool,
) -> list[Results]:
    """Run what is left of the comparisons, one competition after the other."""
    from practice.arena import compare_one
    from practice.arena.asking import must_be_askable
    from practice.cli.runs import watching
    from practice.solutions.data import load

    datasets = [load(name, here) for name in names]
    for each in datasets[1:]:  # the first is looked at when it begins
        must_be_askable(here, each, question)
    with watching(quiet=quiet) as watch:
        return [
            compare_one(
                here, each, question, workers=workers, cluster=cluster, fresh=fresh, watch=watch
            )
            for each in datasets
        ]


def _print(results: Sequence[Results], rope: float | None, *, json: bool, csv: bool) -> None:
    from practice.cli import comparing

    if json:
        output.print_json(comparing.as_json(results, rope=rope))
    elif csv:
        output.print_csv(comparing.Line, comparing.lines(results, rope=rope))
    else:
        comparing.show(results, rope=rope)
        for one in results:
            _say_errors(one)


def _report(results: Sequence[Results], folder: Path, rope: float | None, *, quiet: bool) -> None:
    from practice.cli import reporting

    page = reporting.write(results, folder, rope=rope)
    if not quiet:
        output.stdout().print(f"Report: {page}")


def _say_errors(one: Results) -> None:
    """Say which runs failed and why, each reason once."""
    reasons: dict[tuple[str, str], int] = {}
    for cell in one.cells:
        if cell.error:
            reasons[cell.strategy, cell.error] = reasons.get((cell.strategy, cell.error), 0) + 1
    for (strategy, error), count in reasons.items():
        runs = "1 run failed and counts" if count == 1 else f"{count} runs failed and count"
        text = f"caution: {strategy}: {runs} as the default: {error}"
        output.stderr().print(output.clean(text), "warn")
