"""``practice replay``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import failure, output
from practice.cli.options import Csv, Json, Slug, examples, one_form
from practice.cli.pictures import Html, Png, Svg
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.arena.replay_records import Replay, Replayed
    from practice.cli.output import Screen
    from practice.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice replay breast-cancer --record 300",
        "practice replay breast-cancer --work 20 --chart",
        "practice replay titanic --strategies halving,median,tpe+halving --seeds 50",
    )
)
def command(
    slug: Slug = None,
    record: Annotated[
        int | None,
        typer.Option(metavar="N", help="First record random configurations in full, N in total."),
    ] = None,
    solution: Annotated[
        str, typer.Option(metavar="NAME", help="Whose parameters are tuned.")
    ] = "lightgbm",
    strategies: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="As practice tune takes them, with commas. Left out: nine of them.",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", help="Runs of each strategy.")] = 20,
    trials: Annotated[
        int | None,
        typer.Option(metavar="N", help="Budget in configurations. Left out: 100."),
    ] = None,
    work: Annotated[
        float | None, typer.Option(metavar="N", help="Budget in full trials instead.")
    ] = None,
    surrogate: Annotated[
        bool, typer.Option("--surrogate", help="Let the surrogate answer random search, too.")
    ] = False,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw regret over the work spent.")
    ] = False,
    png: Png = None,
    svg: Svg = None,
    html: Html = None,
    csv: Csv = False,
    json: Json = False,
) -> None:
    """Rerun tuning strategies on recorded curves, in seconds.

    Random search, however it stops, sees curves as they were recorded (tabular).
    What models propose was never recorded, so a surrogate answers. Nothing is
    trained but with --record.
    """
    from practice import settings
    from practice.arena.replay import NINE, budget_of, replay
    from practice.arena.replay_curves import LEAST, read_curves
    from practice.charts.replay import over_work
    from practice.cli import pictures
    from practice.cli.bars import bars
    from practice.cli.where import slug_for
    from practice.tuning.strategies import must_differ

    one_form(json, csv)
    here = settings.load()
    slug = slug_for(here, slug)
    names = tuple(part.strip() for part in strategies.split(",")) if strategies else NINE
    if not all(names):
        raise UsageError("--strategies has an empty name", f"--strategies {','.join(NINE[:3])}")
    if record is not None and record < LEAST:
        raise UsageError(f"--record {record} is below {LEAST}", "--record 200")
    must_differ(names)
    budget_of(seeds, trials, work)  # refuses what is wrong before anything long
    files = pictures.wanted(png=png, svg=svg, html=html)
    if record is not None:
        _record(here, slug, solution, record, quiet=json or csv)
    recorded = read_curves(here.runs, slug, solution)
    with bars(quiet=json or csv) as progress:
        played = replay(
            recorded,
            names,
            seeds=seeds,
            trials=trials,
            work=work,
            surrogate=surrogate,
            progress=progress,
        )
    if json:
        output.print_json(played)
    elif csv:
        from practice.arena.replay_records import Replayed

        output.print_csv(Replayed, played.strategies)
    else:
        _print(played, chart)
    pictures.save(over_work(played), files)


def _record(here: Settings, slug: str, solution: str, count: int, *, quiet: bool) -> None:
    """Record configurations; interrupted, the same command goes on."""
    from practice.arena.replay_curves import record
    from practice.cli.trials import watching
    from practice.tuning import Budget

    try:
        with watching(Budget(trials=count), quiet=quiet) as watch:
            folder = record(slug, here, solution, count, watch)
    except KeyboardInterrupt:
        stopped = failure.Interrupted()
        of = f" --solution {solution}" * (solution != "lightgbm")
        stopped.hint = f"practice replay {slug}{of} --record {count}"
        raise stopped from None
    if not quiet:
        output.say(f"recorded in {folder.name}")


def _print(played: Replay, chart: bool) -> None:
    """Print what was replayed, one table for each kind."""
    from practice.charts.replay import over_work
    from practice.cli import pictures

    screen = output.stdout()
    budget = f"{played.trials} trials" if played.trials else f"{played.work:g} full trials"
    title = f"{played.competition}: {played.solution} replayed, {played.seeds} seeds of {budget}"
    screen.print(title, "bold")
    screen.print()
    if chart:
        pictures.draw(screen, over_work(played, bands=False))
        screen.print()
    unit = _unit(played)
    columns = [
        output.Col("Strategy", flex=1),
        output.Col("Kind"),
        output.Col("25 %", "right"),
        output.Col("50 %", "right"),
        output.Col("100 %", "right"),
        output.Col("Kept", "right"),
        output.Col("Speed", "right"),
    ]
    output.print_table(screen, columns, [_row(each, unit, screen) for each in played.strategies])
    screen.print()
    for line in (
        f"25, 50, 100 %: at these shares of the budget, {played.objective} of the pick less that",
        f"of the best recorded, times {1 / unit:g}; mean over seeds and its standard error.",
        "Kept: seeds in which the best that was tried was not given up. Speed: trials",
        "by full trials of all folds and rounds.",
    ):
        screen.print(line, "dim")
    screen.print()
    default = f"{played.default_regret / unit:.2f}, on the same scale"
    screen.pair("Default", default)
    drawn = f", {played.drawn} of them drawn at random" * (played.drawn < played.recorded)
    screen.pair("Recorded", f"{played.recorded} configurations{drawn}")
    if played.agreement is not None:
        agreed = f"rank correlation {played.agreement:.2f}"
        screen.pair("Surrogate", f"orders unseen configurations with {agreed}")
        if len({each.kind for each in played.strategies}) > 1:
            screen.pair("", "its rows and the tabular ones cannot be compared")
    screen.pair("Took", f"{played.seconds:.1f} s")
    for caution in played.cautions:
        output.stderr().print(f"caution: {caution}", "warn")


def _unit(played: Replay) -> float:
    """Return the power of ten in which the largest regret has one digit before the point."""
    most = max(each.regret_25 for each in played.strategies)
    return 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0


def _row(each: Replayed, unit: float, screen: Screen) -> list[str]:
    about = "±" if screen.unicode else "+-"

    def told(regret: float, error: float) -> str:
        return f"{regret / unit:.2f}" + f" {about}{error / unit:.2f}" * (not math.isnan(error))

    return [
        each.strategy,
        each.kind,
        told(each.regret_25, each.error_25),
        told(each.regret_50, each.error_50),
        told(each.regret_100, each.error_100),
        f"{100 * each.best_kept:.0f} %",
        f"{each.speed_up:.1f}x",
    ]
