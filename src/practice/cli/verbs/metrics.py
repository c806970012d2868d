"""``practice metrics``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import CompetitionName, Json, examples
from practice.errors import UsageError

if TYPE_CHECKING:
    from practice.custom import FileCheck, Sample
    from practice.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples(
        "practice metrics",
        "practice metrics --check metric.py",
        "practice metrics --check metric.py -c titanic --param beta=2",
    )
)
def command(
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Try out a metric file of your own."),
    ] = None,
    competition: CompetitionName = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A parameter of the file; repeatable.")
    ] = None,
    json: Json = False,
) -> None:
    """List the metrics, or try out a metric file of your own.

    A file is run on the sample submission of a competition that was started (without one, on a
    tiny made-up table), against answers drawn from the training data. Exit code 1 where it fails.
    """
    if check is None:
        if competition is not None or param:
            option = "--param" if param else "--competition"
            raise UsageError(f"{option} belongs to --check FILE", "practice metrics --help")
        _list(json)
        return
    from practice import custom, settings
    from practice.cli.params import parameters

    given = parameters(param or [], "--param", files=False)
    done = custom.check_file(check, _sample(settings.load(), competition), given)
    if json:
        output.print_json(done)
    else:
        _say(done)
    if not done.ok:
        raise typer.Exit(1)


def _list(json: bool) -> None:
    from practice import metrics

    names = metrics.names()
    if json:
        output.print_json({"metrics": names})
        return
    for name in names:
        output.stdout().print(name)


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
