"""The command line: one module per verb, loaded when the verb is used."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run ``practice`` with the arguments of this process and exit with its code.

    Exit codes: 0 done, 1 refused or failed, 2 usage, 130 interrupted.
    """
    from practice.cli.app import command

    command().main(prog_name="practice")
