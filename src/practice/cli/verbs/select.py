"""``practice select``."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from practice.cli import output
from practice.cli.options import As, CompetitionName, Json, examples

if TYPE_CHECKING:
    from practice.analysis.advice import Advised

app = typer.Typer(add_completion=False)
MOST_KEPT = 0.999  # share of a gap between scores: above, nothing is known of their luck


@app.command(
    epilog=examples(
        "practice select 12 15",
        "practice select breast-cancer",
        "practice select --advise breast-cancer",
    )
)
def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Submissions. Left out: show the present choice."),
    ] = None,
    advise: Annotated[
        bool, typer.Option("--advise", help="Propose two (of SLUG, here), and choose none.")
    ] = False,
    competition: CompetitionName = None,
    name: As = None,
    json: Json = False,
) -> None:
    """Choose the final submissions.

    They alone count on the private board. Without a choice the best public ones stand in.
    """
    from practice import harness, settings
    from practice.cli.verbs.submissions import print_rows
    from practice.cli.where import slug_for
    from practice.cli.who import entrant

    here, words = settings.load(), words or []
    if advise:
        from practice.analysis.advice import advised

        found = advised(here, slug_for(here, _named(words, competition)), entrant(here, name))
        if json:
            output.print_json(found)
        else:
            _say(found)
        return
    if len(words) == 1 and competition is None and not words[0].isdigit():
        competition = words.pop()  # as every other verb takes it
    numbers = [_number(word) for word in words]
    slug = None if numbers else slug_for(here, competition)
    chosen = harness.select(here, numbers, entrant=entrant(here, name), slug=slug)
    if json:
        output.print_json(chosen)
        return
    screen = output.stdout()
    whose = f"{output.clean(chosen.entrant)} in {chosen.competition}"
    how = "as chosen" if chosen.chosen else "the best public ones, as none is chosen"
    screen.print(f"Final submissions of {whose}:", "bold")
    screen.print(f"{how} ({chosen.allowed} allowed)")
    screen.print()
    if chosen.submissions:
        print_rows(chosen.submissions)
    else:
        screen.print("None is scored yet.")
    output.say(f"next, when you are done: practice reveal {chosen.competition}")


def _number(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is not a whole number", param_hint="'ID'") from None


def _named(words: list[str], competition: str | None) -> str | None:
    """Return the competition that advice is asked for."""
    if not words:
        return competition
    if len(words) > 1 or competition is not None:
        raise typer.BadParameter("--advise takes one competition, and no submissions")
    return words[0]


def _say(found: Advised) -> None:
    """Print what is known of each submission, what is proposed, and what that rests on."""
    screen = output.stdout()
    marks = output.marks(screen)
    screen.print(f"Advice for {output.clean(found.entrant)} in {found.competition}", "bold")
    way = "greater" if found.greater_is_better else "smaller"
    screen.print(f"{found.metric}, {way} is better {marks.better(found.greater_is_better)}")
    screen.print()
    columns = [
        output.Col("Pick"),
        output.Col("Id", "right"),
        output.Col("Public", "right"),
        output.Col("Less luck", "right"),
        output.Col("CV", "right"),
        output.Col("Expected", "right"),
        output.Col(f"{marks.within}", "right"),
        output.Col("Message", flex=1),
    ]
    rows = [
        [
            {1: "first", 2: "second"}.get(each.picked or 0, ""),
            str(each.submission),
            *map(output.number, (each.public_score, each.shrunk, each.cv, each.joined)),
            "-" if each.error is None else f"{each.error:.2g}",
            each.message,
        ]
        for each in found.candidates
    ]
    output.print_table(screen, columns, rows, ["bold" if r[0] else "" for r in rows])
    screen.print()
    for line in _reasons(found):
        wrapped = textwrap.wrap(line, screen.width, initial_indent="  - ", subsequent_indent="    ")
        screen.print("\n".join(wrapped))
    screen.print()
    screen.print(found.command, "title")


def _reasons(found: Advised) -> list[str]:
    """Say in words what the advice rests on, and how much the two differ."""
    lines = {
        "joined": ["Expected: public score and cross-validation, each by its error."],
        "public": ["Expected: the public score less its luck. Cross-validation would add to it,"
                   " from three submissions with --oof on."],
        "cv": [f"Expected: cross-validation alone, as feedback is {found.feedback}."],
        "released": [
            "The scores are taken as they were told: how far luck reaches is not known here."
        ],
    }[found.basis]  # fmt: skip
    if found.kept is not None and found.kept > MOST_KEPT:
        lines.append(
            "Gaps between public scores are believed in full: luck is small beside them, or too "
            "few submissions differ to tell."
        )
    elif found.kept is not None:
        lines.append(f"Of a gap between two public scores {100 * found.kept:.0f} % is believed.")
    if found.offset is not None:
        side = "above" if found.offset >= 0 else "below"
        apart = f"{output.number(abs(found.offset))} {side} the board"
        lines.append(f"Cross-validation stands {apart}, which is allowed for.")
    if len(found.picks) < 2:
        why = "one final counts" if found.allowed < 2 else "there is no other submission"
        return [*lines, f"One is proposed: {why}."]
    if found.agreement is not None and found.agreement_of == "rows":
        lines.append(f"The two predict the same for {100 * found.agreement:.1f} % of the rows.")
    elif found.agreement is not None:
        lines.append(f"The predictions of the two have a correlation of {found.agreement:.3f}.")
    if found.error_correlation is not None:
        lines.append(f"Their luck has a correlation of {found.error_correlation:.2f}.")
    if found.gain is not None:
        lines.append(
            f"The better of both is expected {output.number(found.gain)} above the first alone."
        )
    return lines
