"""``practice`` alone: what runs, how one stands, what changed, what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from practice.build import workspace_at
from practice.cli import output
from practice.cli.output import Screen

if TYPE_CHECKING:
    from practice.harness import Status

__all__ = ["show"]


def show(name: str | None, json: bool) -> None:
    """Print the status screen.

    Parameters
    ----------
    name : str or None
        What ``--as`` says.
    json : bool

    Raises
    ------
    PracticeError
    """
    from practice import harness, settings
    from practice.cli.who import entrant

    here = settings.load()
    who = entrant(here, name)
    running = harness.status(here, who)
    if json:
        output.print_json({"entrant": who, "competitions": running})
        return
    screen = output.stdout()
    if not running:
        _welcome(screen)
        return
    screen.print(f"{output.clean(who)}, you are in:", "bold")
    for each in running:
        screen.print()
        _print(screen, each)
    screen.print()
    output.say("all commands: practice --help")


def _welcome(screen: Screen) -> None:
    """Say to somebody who has started nothing what to type."""
    screen.print("Nothing is started yet.", "bold")
    screen.print()
    for line, what in (
        ("practice quickstart", "a first competition end to end, offline, in a minute"),
        ("practice list", "the competitions there are"),
        ("practice start SLUG", "start one of them"),
        ("practice --help", "all commands"),
    ):
        screen.print(f"  {line:<22}{what}")


def _print(screen: Screen, each: Status) -> None:
    season = f", season {each.season}" if each.season > 1 else ""
    state = ", revealed" if each.revealed else ""
    screen.print(f"{each.competition}{season}{state}", "title", end="")
    screen.print(f"  {output.clean(each.title)}")
    if each.own_best is None:
        screen.pair("Your best", "nothing submitted yet")
    else:
        place = f", place {each.rank} of {each.ranked}" if each.rank is not None else ""
        screen.pair("Your best", f"{output.number(each.own_best)} ({each.metric}){place}")
    if each.leader is not None:
        leader = f"{output.clean(each.leader)} {output.number(each.leader_score)}"
        screen.pair("Leader", leader)
    if each.attempts_left is not None:
        until = f", until {output.when(each.deadline)}" if each.deadline else ""
        screen.pair("Attempts", f"{each.attempts_left} left today{until}")
    for news in each.news:
        screen.pair("News", output.clean(news))
    marker = workspace_at(Path.cwd())
    inside = marker is not None and marker.slug == each.competition
    here = each.next.removeprefix(f"cd {each.competition} && ") if inside else each.next
    screen.pair("Next", here)
