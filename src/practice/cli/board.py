"""The leaderboard as a table, the same wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.cli import output
from practice.cli.output import Screen

if TYPE_CHECKING:
    from practice.harness import Board, Entry

__all__ = ["print_board"]


def print_board(screen: Screen, board: Board, entrant: str, *, every: bool = False) -> None:
    """Print a board: own row and reference entries marked, what it rests on below.

    Parameters
    ----------
    screen : Screen
    board : Board
    entrant : str
        Whose row is marked as one's own.
    every : bool
        The board holds every submission: show their ids.
    """
    marks = output.marks(screen)
    better = "greater" if board.greater_is_better else "smaller"
    season = f", season {board.season}" if board.season > 1 else ""
    state = "Private" if board.revealed else "Public"
    screen.print(f"{state} board of {board.competition}{season}", "bold")
    screen.print(f"{board.metric}, {better} is better {marks.better(board.greater_is_better)}")
    screen.print()
    rows = [
        _row(entry, board.revealed, every, _mark(entry, entrant, marks)) for entry in board.entries
    ]
    styles = ["bold" if entry.entrant == entrant else "" for entry in board.entries]
    if rows:
        output.print_table(screen, _columns(board, every, marks), rows, styles)
    else:
        screen.print("Nobody is on the board yet.")
    screen.print()
    _legend(screen, board, entrant, marks)


def _columns(board: Board, every: bool, marks: output.Marks) -> list[output.Col]:
    arrow = marks.better(board.greater_is_better)
    final = [output.Col(f"Private {arrow}", "right")] if board.revealed else []
    moved = [output.Col("Moved", "right")] if board.revealed else []
    return [
        output.Col(""),
        output.Col("#", "right"),
        output.Col("Entrant", flex=1),
        *final,
        output.Col(f"Public {arrow}", "right"),
        *moved,
        output.Col("Id" if every else "Tries", "right"),
        *([] if board.revealed else [output.Col("When")]),
        output.Col("Message", flex=2),
    ]


def _row(entry: Entry, revealed: bool, every: bool, mark: str) -> list[str]:
    number = entry.submission if every else entry.submissions
    final = [output.number(entry.private_score)] if revealed else []
    moved = [_moved(entry)] if revealed else []
    return [
        mark,
        "-" if entry.rank is None else str(entry.rank),
        entry.entrant,
        *final,
        output.number(entry.public_score),
        *moved,
        "-" if number is None else str(number),
        *([] if revealed else [output.when(entry.submitted_at, day=True)]),
        entry.note or entry.message,
    ]


def _mark(entry: Entry, entrant: str, marks: output.Marks) -> str:
    if entry.entrant == entrant:
        return marks.own
    return marks.reference if entry.kind == "reference" else ""


def _moved(entry: Entry) -> str:
    if entry.rank is None or entry.public_rank is None:
        return "-"
    up = entry.public_rank - entry.rank
    return "=" if up == 0 else f"{up:+d}"


def _legend(screen: Screen, board: Board, entrant: str, marks: output.Marks) -> None:
    parts = []
    if any(entry.entrant == entrant for entry in board.entries):
        parts.append(f"{marks.own} you ({output.clean(entrant)})")
    if any(entry.kind == "reference" for entry in board.entries):
        parts.append(f"{marks.reference} reference entry")
    rows = f"{board.public_rows} public rows"
    if board.revealed:
        rows += f", {board.private_rows} private rows"
    parts.append(rows)
    if board.feedback != "full":
        parts.append(f"feedback: {board.feedback}")
    screen.print("   ".join(parts), "dim")
