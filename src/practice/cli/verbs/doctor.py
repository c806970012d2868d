"""``practice doctor``."""

from __future__ import annotations

import os

import typer

from practice.cli import output
from practice.cli.options import Json, examples

app = typer.Typer(add_completion=False)
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@app.command(epilog=examples("practice doctor", "practice doctor --json"))
def command(json: Json = False) -> None:
    """Say what is in force and what is wrong, with the fix.

    Exit code 1 where anything fails.
    """
    from practice import settings
    from practice.cli.health import examine

    findings = list(examine(settings.load(), os.environ))
    failed = any(each.state == "fail" for each in findings)
    if json:
        output.print_json({"ok": not failed, "findings": findings})
    else:
        screen = output.stdout()
        for each in findings:
            screen.print(f"{each.state:<5}", style=STYLES[each.state], end="")
            screen.print(f"{each.name:<{output.PAIR}} {output.clean(each.message)}")
            if each.fix:
                screen.print(f"{'':<{output.PAIR + 6}}fix: {each.fix}")
        screen.print(_verdict([each.state for each in findings]), "bold")
    if failed:
        raise typer.Exit(1)


def _verdict(states: list[str]) -> str:
    failures, warnings = states.count("fail"), states.count("warn")
    if failures:
        return f"{failures} of {len(states)} things are wrong."
    return f"All is well, with {warnings} to mind." if warnings else "All is well."
