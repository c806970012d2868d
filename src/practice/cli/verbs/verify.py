"""``practice verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.bars import bars
from practice.cli.options import Json, examples

if TYPE_CHECKING:
    from practice.harness.verifying import Verified

app = typer.Typer(add_completion=False)


@app.command(
    epilog=examples("practice verify", "practice verify breast-cancer --head 7620b15e668b4125")
)
def command(
    slug: Annotated[
        str | None, typer.Argument(metavar="SLUG", help="The competition. Left out: all.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="A head noted earlier: is it in the chain?"),
    ] = None,
    json: Json = False,
) -> None:
    """Check that nothing stored was changed, and score everything again.

    Names the first thing that does not fit; the exit code is 1 then. The head stands for all that
    was stored so far: whoever rewrites the past cannot keep it, so note it.
    """
    from practice import settings
    from practice.harness.verifying import verify

    with bars(quiet=json) as progress:
        done = verify(settings.load(), slug, head=head, progress=progress)
    if json:
        output.print_json({"ok": done.found is None, **output.plain(done)})
    else:
        _say(done)
    if done.found is not None:
        raise typer.Exit(1)


def _say(done: Verified) -> None:
    screen = output.stdout()
    if done.found is not None:
        where, message = output.clean(done.found.where), output.clean(done.found.message)
        screen.print(f"does not fit: {where}: {message}", "fail")
        output.say("next: practice restore FILE, in a new PRACTICE_HOME, brings back a backup")
        return
    counts = {
        "submission": done.submissions,
        "score": done.scores,
        "event": done.events,
        "file": done.files,
    }
    said = (f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items())
    screen.print(f"everything fits: {', '.join(said)}", "ok")
    for remark in done.remarks:
        screen.pair("Note", output.clean(remark))
    if done.unreceipted:
        rows = f"{done.unreceipted:,} row{'s' * (done.unreceipted != 1)}"
        screen.pair("No receipt", f"{rows} written by an earlier version")
    if done.head:
        screen.pair("Head", done.head)
