"""Two submissions side by side, on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from practice.cli import output
from practice.cli.output import Col, Screen

if TYPE_CHECKING:
    from practice.analysis.diff import Diff, Gap
    from practice.analysis.predictions import Agreement, Apart

__all__ = ["print_diff"]

_SLICES = 10


def print_diff(screen: Screen, found: Diff) -> None:
    """Print what tells two submissions apart.

    Parameters
    ----------
    screen : Screen
    found : Diff
    """
    better = "greater" if found.greater_is_better else "smaller"
    screen.print(f"A = {found.a.id} and B = {found.b.id} of {found.competition}", "bold")
    screen.print(f"{found.metric}, {better} is better")
    screen.print()
    _sides(screen, found)
    for said in _verdicts(found):
        screen.print(said)
    for note in found.notes:
        screen.print(note, "warn")
    _agreements(screen, found)
    _slices(screen, found)
    _rows(screen, found)
    if found.git is not None:
        output.say(f"the code: {found.git}")


def _sides(screen: Screen, found: Diff) -> None:
    """Print scores and what differs of what was said."""
    a, b = found.a, found.b
    rows = [["Entrant", a.entrant, b.entrant], ["File", a.file, b.file]]
    if a.status != b.status or a.status != "scored":
        rows.append(["State", a.status, b.status])
    rows.append(["Public", output.number(a.public_score), output.number(b.public_score)])
    if found.revealed:
        rows.append(["Private", output.number(a.private_score), output.number(b.private_score)])
    rows += [[each.name, _said(each.a), _said(each.b)] for each in found.changed]
    output.print_table(screen, [Col("", flex=1), Col("A", flex=2), Col("B", flex=2)], rows)
    screen.print()


def _said(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(output.plain(value))


def _verdicts(found: Diff) -> list[str]:
    gaps = [gap for gap in (found.public, found.private) if gap is not None]
    said = [_verdict(gap, found) for gap in gaps]
    if found.identical:
        said.append("Both are the same file, byte for byte.")
    if not found.revealed and found.feedback != "full":
        told = "tells no score" if found.feedback == "blind" else "tells no interval"
        said.append(f"Feedback {found.feedback} {told} before the reveal.")
    return said


def _verdict(gap: Gap, found: Diff) -> str:
    if gap.difference == 0:
        text = f"{gap.part.capitalize()}: both the same"
    else:
        which = "A" if gap.difference > 0 else "B"
        text = f"{gap.part.capitalize()}: {which} is better by {output.number(abs(gap.difference))}"
    if gap.low is None or gap.high is None or gap.low == gap.high == 0:
        return text
    ends = (gap.low, gap.high) if gap.difference >= 0 else (-gap.high, -gap.low)
    span = f"{output.number(ends[0])} to {output.number(ends[1])}"
    return f"{text} ({span})" if gap.real else f"{text} ({span}): inside the noise"


def _agreements(screen: Screen, found: Diff) -> None:
    if not found.agreements:
        return
    screen.print()
    screen.print(f"Predictions on {found.agreements[0].rows} rows of the test set", "bold")
    columns = [
        Col("Column", flex=1),
        Col("Equal", "right"),
        Col("Pearson", "right"),
        Col("Spearman", "right"),
        Col("Farthest", "right"),
    ]
    cells = [
        [
            each.column,
            _share(each),
            _correlation(each.pearson),
            _correlation(each.spearman),
            output.number(each.largest),
        ]
        for each in found.agreements
    ]
    output.print_table(screen, columns, cells)
    pairs = [(each.column, pair) for each in found.agreements for pair in each.pairs]
    if pairs:
        screen.print()
        titles = [Col("Column", flex=1), Col("A says", flex=2), Col("B says", flex=2)]
        rows = [[column, pair.a, pair.b, str(pair.rows)] for column, pair in pairs]
        output.print_table(screen, [*titles, Col("Rows", "right")], rows)


def _share(each: Agreement) -> str:
    """Write a share that is below 1 never as 100 %."""
    return "100 %" if each.equal == 1 else f"{min(100 * each.equal, 99.9):.1f} %"


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _slices(screen: Screen, found: Diff) -> None:
    if not found.slices:
        return
    screen.print()
    screen.print(f"{found.metric} by slice of the private rows, better for A is +", "bold")
    columns = [
        Col("Slice", flex=1),
        Col("Rows", "right"),
        Col("A", "right"),
        Col("B", "right"),
        Col("A - B", "right"),
    ]
    cells = [
        [
            f"{each.column} = {each.value}",
            str(each.rows),
            output.number(each.a),
            output.number(each.b),
            "-" if each.difference is None else output.signed(each.difference),
        ]
        for each in found.slices[:_SLICES]
    ]
    output.print_table(screen, columns, cells)
    left = len(found.slices) - _SLICES
    if left > 0:
        screen.print(f"{left} smaller slices: --json", "dim")


def _rows(screen: Screen, found: Diff) -> None:
    if not found.rows:
        return
    screen.print()
    screen.print("Where they part most", "bold")
    lost = [Col("Answer", "right"), Col("A better by", "right")] if found.revealed else []
    columns = [
        Col("Id"),
        Col("Column", flex=1),
        Col("A", "right", flex=2),
        Col("B", "right", flex=2),
        *lost,
    ]
    output.print_table(screen, columns, [_row(each, found) for each in found.rows])
    command = f"practice diff {found.a.id} {found.b.id} --csv"
    screen.print(f"All rows on which they part: {command}", "dim")


def _row(each: Apart, found: Diff) -> list[str]:
    lost = [_value(each.answer), output.signed(each.difference)] if found.revealed else []
    return [each.id, each.column, _value(each.a), _value(each.b), *lost]


def _value(value: str | float | None) -> str:
    return value if isinstance(value, str) else output.number(value)
