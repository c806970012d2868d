"""The program: its verbs in panels, each loaded when used, and one place where errors end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from practice import __version__
from practice.cli import failure
from practice.cli.light import HELP, flowing, lighten
from practice.cli.options import As, Json

__all__ = ["VERBS", "Verb", "app", "command", "load"]


@dataclass(frozen=True)
class Verb:
    """A line of ``practice --help``; the verb itself is ``practice.cli.verbs.<name>``."""

    name: str
    panel: str
    summary: str


VERBS = (
    Verb("quickstart", "Begin", "Play a first competition end to end, offline, in a minute."),
    Verb("list", "Begin", "List the competitions there are."),
    Verb("show", "Begin", "Show the task, the evaluation, the columns and the rules."),
    Verb("start", "Begin", "Download the data, hide a test set, write a workspace."),
    Verb("check", "Compete", "Lint a submission file; costs no attempt."),
    Verb("submit", "Compete", "Score a submission and put it on the board."),
    Verb("baseline", "Compete", "Run ready-made solutions as opponents."),
    Verb("tune", "Compete", "Look for better parameters of a solution by cross-validation."),
    Verb("compare", "Compete", "Compare tuning strategies on rows that no search has seen."),
    Verb("replay", "Compete", "Rerun tuning strategies on recorded curves, in seconds."),
    Verb("blend", "Compete", "Combine submissions that have out-of-fold predictions."),
    Verb("select", "Compete", "Choose the final submissions."),
    Verb("reveal", "Compete", "End the season and show the private board."),
    Verb("retry", "Compete", "Open a new season after the reveal."),
    Verb("leaderboard", "Review", "Show the board."),
    Verb("shakeup", "Review", "Forecast who moves at the reveal; after it, tell who did."),
    Verb("submissions", "Review", "List your submissions."),
    Verb("diff", "Review", "Compare two submissions: what made them, where they part."),
    Verb("rescore", "Review", "Score what was submitted anew, by a changed scorer or metric."),
    Verb("history", "Review", "List your revealed seasons, and what the finals chosen there cost."),
    Verb("trust", "Review", "Compare your cross-validation with the board."),
    Verb("note", "Review", "Write a note on a submission."),
    Verb("withdraw", "Review", "Take a submission off the board."),
    Verb("score", "Tools", "Score two files against each other, without a competition."),
    Verb("metrics", "Tools", "List the metrics, explain one, or try out a file of your own."),
    Verb("place", "Tools", "Place your score on a leaderboard downloaded from Kaggle."),
    Verb("demo", "Tools", "Play what goes wrong on a board, and what helps."),
    Verb("storage", "Keep", "Say what takes room on the disk, and remove what nothing needs."),
    Verb("backup", "Keep", "Write everything that cannot be had again into one file."),
    Verb("restore", "Keep", "Bring back a backup, into a home without seasons."),
    Verb("verify", "Keep", "Check that nothing stored was changed, and score everything again."),
    Verb("doctor", "Tools", "Say what is in force and what is wrong, with the fix."),
)
_NAMES = frozenset(verb.name for verb in VERBS)


def load(name: str) -> TyperCommand:
    """Import a verb and return its command.

    Parameters
    ----------
    name : str
        One of the names in :data:`VERBS`.

    Returns
    -------
    TyperCommand
    """
    found = typer.main.get_command(import_module(f"practice.cli.verbs.{name}").app)
    assert isinstance(found, TyperCommand)
    found.name = name
    lighten(found)
    return found


class _Program(TyperGroup):
    """A group that knows its verbs by name alone, so that ``--help`` imports none of them."""

    def __init__(self, **attributes: Any) -> None:
        attributes["commands"] = {
            verb.name: TyperCommand(verb.name, help=verb.summary, rich_help_panel=verb.panel)
            for verb in VERBS
        }
        super().__init__(**attributes)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in _NAMES:
            found = load(args[0])
            found.help = flowing(found.help or "")
            return args[0], found, args[1:]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise failure.Interrupted from error

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run a command line and exit with its code, whatever happens on the way."""
        given = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a name the terminal cannot write is no error
                stream.reconfigure(errors="replace")
        try:
            outcome = super().main(given, *more, **{**extra, "standalone_mode": False})
            sys.stdout.flush()
        except BrokenPipeError:  # nobody reads on; the interpreter's own flush must not say so
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:
            sys.exit(failure.report(error, as_json="--json" in given))
        sys.exit(outcome if isinstance(outcome, int) else 0)


app = typer.Typer(
    cls=_Program,
    add_completion=False,
    context_settings={"help_option_names": HELP},
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"practice {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def status(
    ctx: typer.Context,
    json: Json = False,
    name: As = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Practise machine-learning competitions on your own machine.

    Alone, it shows the competitions you are in, your place, and what to do next.
    """
    if ctx.invoked_subcommand is None:
        from practice.cli.status import show

        show(name, json)
    elif json or name is not None:
        option = "--json" if json else "--as"
        verb = ctx.invoked_subcommand
        raise typer.BadParameter(f"write it behind the verb: practice {verb} ... {option}")


def command() -> TyperGroup:
    """Return the whole program as a command.

    Returns
    -------
    TyperGroup
    """
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    lighten(found)
    return found
