"""``practice show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from practice.cli import output
from practice.cli.options import Json, Slug, examples

if TYPE_CHECKING:
    from practice.definition import Competition
    from practice.settings import Settings

app = typer.Typer(add_completion=False)
WIDEST = 100  # columns of text that are pleasant to read


@app.command(epilog=examples("practice show breast-cancer"))
def command(slug: Slug = None, json: Json = False) -> None:
    """Show the task, the evaluation, the columns and the rules."""
    from practice import catalog, settings
    from practice.cli.where import slug_for

    here = settings.load()
    competition = catalog.load(slug_for(here, slug), here)
    facts = _facts(competition, here)
    if json:
        output.print_json(facts)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    screen = output.stdout()
    Console(file=sys.stdout, width=min(screen.width, WIDEST)).print(Markdown(facts["description"]))
    screen.print()
    for name, text in _lines(facts):
        screen.pair(name, text)
    started = facts["files"]
    do = "submit FILE -c" if started else "start"
    output.say(f"next: practice {do} {competition.slug}")


def _facts(competition: Competition, here: Settings) -> dict[str, Any]:
    """Gather what ``show`` says, under the keys of its JSON."""
    from practice.metrics import options

    spec = competition.metric
    metric = options.split(spec.name, spec.parameters)[0] if spec.name else None
    text = competition.folder / "description.md"
    return {
        "competition": competition.slug,
        "title": competition.title,
        "summary": competition.summary,
        "task": competition.task,
        "skills": competition.skills,
        "difficulty": competition.difficulty,
        "license": competition.license,
        "citation": competition.citation,
        "homepage": competition.homepage,
        "metric": spec.name or spec.title or spec.file,
        "greater_is_better": metric.greater_is_better if metric else spec.greater_is_better,
        "parameters": spec.parameters,
        "secondary": [each.name or each.file for each in spec.secondary],
        "target": competition.data.target,
        "positive": competition.data.positive,
        "dropped": competition.data.drop,
        "split": competition.split.kind,
        "test": competition.split.test,
        "public": competition.split.public,
        "rules": competition.rules,
        "files": _files(competition.slug, here),
        "description": text.read_text(encoding="utf-8") if text.is_file() else competition.summary,
    }


def _files(slug: str, here: Settings) -> list[str]:
    """Return the public files of the running season; none before the start."""
    from practice.api.opened import data_folder
    from practice.errors import NotFoundError

    try:
        return sorted(str(each) for each in data_folder(slug, here).iterdir())
    except NotFoundError:
        return []


def _lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    rules = facts["rules"]
    better = {True: ", greater is better", False: ", smaller is better", None: ""}
    given = "".join(f", {key}={value}" for key, value in facts["parameters"].items())
    positive = f" (positive class: {facts['positive']})" if facts["positive"] else ""
    lines = [
        ("Metric", f"{facts['metric']}{given}{better[facts['greater_is_better']]}"),
        ("Target", ", ".join(facts["target"]) + positive),
        (
            "Split",
            f"{facts['split']}; {facts['test']:.0%} hidden, {facts['public']:.0%} of it public",
        ),
        ("Attempts", f"{rules.daily_limit} a day, {rules.final_selections} final selections"),
        ("Feedback", rules.feedback),
    ]
    if rules.deadline:
        lines.append(("Deadline", output.when(rules.deadline)))
    lines += [(f"Left out: {each.column}", each.reason) for each in facts["dropped"]]
    lines += [("File", path) for path in facts["files"]]
    return lines
