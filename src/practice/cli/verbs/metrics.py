"""``practice metrics``."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from practice.cli import output
from practice.cli.options import CompetitionName, Csv, Json, examples, one_form
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.custom import FileCheck, Sample
    from practice.settings import Settings

app = typer.Typer(add_completion=False)
SHORT = {"probability": "prob.", "labels": "list"}  # what a cell of a prediction is


@app.command(
    epilog=examples(
        "practice metrics",
        "practice metrics f_beta --param beta=2",
        "practice metrics --check metric.py",
        "practice metrics --check metric.py -c titanic --param beta=2",
    )
)
def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The metric to explain, or an alias.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Try out a metric file of your own."),
    ] = None,
    competition: CompetitionName = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="K=V", help="A parameter of the metric; repeatable."),
    ] = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """List the metrics, explain one, or try out a file of your own.

    A file is run on the sample submission of a competition that was started (without one, on a
    tiny made-up table), against answers drawn from the training data. Exit code 1 where it fails.
    """
    one_form(json, csv)
    _agree(name, check, competition, param, csv=csv)
    from practice.cli.params import parameters

    given = parameters(param or [], "--param", files=False)
    if check is not None:
        _try_out(check, competition, given, json)
    elif name is not None:
        from practice.cli.explaining import print_metric
        from practice.metrics.describe import describe

        facts = describe(name, **given)
        if json:
            output.print_json(facts)
        else:
            print_metric(output.stdout(), facts, given)
    else:
        _list(json=json, csv=csv)


def _agree(
    name: str | None,
    check: Path | None,
    competition: str | None,
    param: list[str] | None,
    *,
    csv: bool,
) -> None:
    """Refuse options that do not belong together."""
    if name is not None and check is not None:
        raise UsageError("a NAME and --check FILE exclude each other", "leave one of them out")
    if competition is not None and check is None:
        raise UsageError("--competition belongs to --check FILE", "practice metrics --help")
    if param and name is None and check is None:
        raise UsageError("--param belongs to a NAME or to --check FILE", "practice metrics --help")
    if csv and (name is not None or check is not None):
        raise UsageError("--csv is for the list of all metrics", "use --json")


def _list(*, json: bool, csv: bool) -> None:
    from practice.metrics.describe import Line, overview

    lines = overview()
    if json:
        output.print_json({"metrics": lines})
        return
    if csv:
        output.print_csv(Line, lines)
        return
    screen = output.stdout()
    marks = output.marks(screen)
    width = max(len(line.name) for line in lines)
    family = ""
    for line in lines:
        if line.family != family:
            family = line.family
            screen.print(shorten(family, screen.width, placeholder="..."), "bold")
        arrow = marks.better(line.greater_is_better)
        left = f"  {line.name:<{width}} {arrow} {SHORT.get(line.takes, line.takes):<6} "
        room = max(screen.width - len(left), output.READABLE)
        screen.print(left + shorten(line.summary.replace("``", ""), room, placeholder="..."))
    output.say("next: practice metrics NAME")


def _try_out(file: Path, competition: str | None, given: dict[str, Any], json: bool) -> None:
    from practice import custom, settings

    done = custom.check_file(file, _sample(settings.load(), competition), given)
    if json:
        output.print_json(done)
    else:
        _say(done)
    if not done.ok:
        raise typer.Exit(1)


def _sample(here: Settings, slug: str | None) -> Sample:
    """Return what to try a file on: a competition's sample, or a made-up table."""
    from practice import catalog, custom
    from practice.api.opened import data_folder
    from practice.build import workspace_at
    from practice.build.vault import load_info

    if slug is None:
        marker = workspace_at(Path.cwd())
        if marker is None:
            return custom.made_up()
        slug = marker.slug
    data = data_folder(slug, here)
    return custom.sample_of(catalog.load(slug, here), load_info(here.vault / data.name), data)


def _say(done: FileCheck) -> None:
    screen = output.stdout()
    screen.pair("File", output.clean(done.file))
    if done.signature is None:
        output.stderr().print(f"error: {done.file}: {output.clean(done.error or '')}", "fail")
        return
    screen.pair("Signature", output.clean(done.signature))
    screen.pair("Sample", output.clean(done.sample))
    if done.ok:
        screen.pair("Public", f"{done.public!r} ({done.rows} rows)")
    if done.seconds is not None:
        screen.pair("Time", f"{done.seconds:.2f} s, both splits and the start of the process")
    words = {True: "greater is better", False: "smaller is better"}
    unsaid = "not said in the file: [metric] greater_is_better = true or false"
    better = done.greater_is_better
    screen.pair("Direction", unsaid if better is None else words[better])
    if not done.ok:
        _say_error(done)


def _say_error(done: FileCheck) -> None:
    screen = output.stderr()
    for line in done.traceback.rstrip().splitlines():
        screen.print(output.clean(line), "dim")
    where = {"public": " for Public", "private": " for Private"}.get(done.split or "", "")
    told = "; a participant would read this text" if done.visible else ""
    screen.print(f"error: score() failed{where}: {output.clean(done.error or '')}{told}", "fail")
