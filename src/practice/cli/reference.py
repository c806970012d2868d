"""The command reference, written from the commands themselves.

``python -m practice.cli.reference > docs/commands.md``
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from practice.cli.app import VERBS, Verb, command, load

__all__ = ["text"]

HEAD = """\
# Commands

<!-- Written by `python -m practice.cli.reference > docs/commands.md`; do not edit. -->

`practice` alone shows the competitions you are in, your place, and what to do next.

- Exit codes: 0 done, 1 refused or failed, 2 usage, 130 interrupted.
- The result goes to stdout; progress, hints and errors go to stderr.
- `--json` prints one object: the fields of the record, moments as ISO 8601 with Z, never NaN. An
  error is `{"error": message, "hint": what to do}`, with the same exit codes.
- Inside a workspace SLUG may be left out: the workspace says which competition it is.
- The entrant is `--as NAME`, else the name kept in your profile. The first `practice submit` on a
  terminal asks for it once; a script is never asked and acts under the login name.
- Colour is off where stdout is no terminal, or with `NO_COLOR`.
"""


def text() -> str:
    """Return the whole reference as Markdown.

    Returns
    -------
    str

    Examples
    --------
    >>> text().splitlines()[0]
    '# Commands'
    """
    parts = [HEAD, *_entry("practice", command())]
    panel = ""
    for verb in VERBS:
        if verb.panel != panel:
            panel = verb.panel
            parts.append(f"## {panel}\n")
        parts += _verb(verb)
    return "\n".join(parts).rstrip() + "\n"


def _verb(verb: Verb) -> Iterator[str]:
    yield f"### practice {verb.name}\n"
    found = load(verb.name)
    yield inspect.cleandoc(found.help or "") + "\n"
    yield from _entry(f"practice {verb.name}", found)
    lines = (found.epilog or "").splitlines()[1:]
    yield "\n".join(["```console", *lines, "```"]) + "\n"


def _entry(name: str, found: Any) -> Iterator[str]:
    """Write usage and parameters of one command, the same with every release of typer."""
    arguments = [each for each in found.params if each.param_type_name == "argument"]
    usage = [name, "[OPTIONS]", *map(_usage, arguments)]
    yield "\n".join(["```text", " ".join(usage), "```"]) + "\n"
    rows = [_row(each) for each in found.params]
    yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def _usage(argument: Any) -> str:
    shown = f"{argument.metavar}..." if argument.nargs != 1 else str(argument.metavar)
    return shown if argument.required else f"[{shown}]"


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        name = _usage(param)
    else:
        name = ", ".join(param.opts) + ("" if param.is_flag else f" {param.metavar}")
    needed = " Required." if param.required and param.param_type_name == "option" else ""
    cells = [f"`{name}`", (param.help or "") + needed]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(text())
