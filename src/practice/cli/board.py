"""The leaderboard as a table, the same wherever it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.cli import output
from practice.cli.output import Screen

if TYPE_CHECKING:
    from practice.harness import Board, Entry, Paired

__all__ = ["place", "print_board", "print_stats"]

_LARGE = 1e6  # from here on, powers of ten


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
        _row(entry, board.revealed, every, _mark(entry, entrant, marks), marks)
        for entry in board.entries
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
        output.Col("#"),
        output.Col("Entrant", flex=1),
        *final,
        output.Col(f"Public {arrow}", "right"),
        *moved,
        output.Col("Id" if every else "Tries", "right"),
        *([] if board.revealed else [output.Col("When")]),
        output.Col("Message", flex=2),
    ]


def _row(entry: Entry, revealed: bool, every: bool, mark: str, marks: output.Marks) -> list[str]:
    number = entry.submission if every else entry.submissions
    final = [output.number(entry.private_score)] if revealed else []
    moved = [_moved(entry)] if revealed else []
    return [
        mark,
        place(entry, marks),
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


def place(entry: Entry, marks: output.Marks) -> str:
    """Write a place with the places it may have in truth, and a sign where that may be the first.

    Parameters
    ----------
    entry : Entry
    marks : Marks

    Returns
    -------
    str
        Such as ``3 (1-4)``.
    """
    if entry.rank is None:
        return " -"
    text = f"{entry.rank:>2}"
    if entry.rank_low is not None and entry.rank_high is not None:
        text += f" ({entry.rank_low}-{entry.rank_high})"
    return f"{text} {marks.about}" if entry.not_worse_than_best else text


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
    if any(entry.not_worse_than_best for entry in board.entries):
        parts.append(f"{marks.about} not worse than the best")
    rows = f"{board.public_rows} public rows"
    if board.revealed:
        rows += f", {board.private_rows} private rows"
    parts.append(rows)
    if board.feedback != "full":
        parts.append(f"feedback: {board.feedback}")
    screen.beside(parts, "dim")
    if (said := _scorer(board)) is not None:
        screen.print(said, "warn")


def _scorer(board: Board) -> str | None:
    """Say which scorer the scores are of, where that is not this version's."""
    scorer, do = board.scorer, f"practice rescore {board.competition}"
    if scorer is None or not scorer.versions or scorer.versions == (scorer.package,):
        return None
    if scorer.versions[-1] > scorer.package:
        do = "upgrade practice"
    named = " and ".join(str(version) for version in scorer.versions)
    return f"scores of scorer {named}; this version has {scorer.package}: {do}"


def print_stats(screen: Screen, board: Board) -> None:
    """Print what luck could have done to a board: intervals, wins and paired differences.

    Parameters
    ----------
    screen : Screen
    board : Board
    """
    marks = output.marks(screen)
    ranked = [entry for entry in board.entries if entry.rank is not None]
    if not board.replicates:
        screen.print(_why_none(board))
        return
    rows = board.private_rows if board.revealed else board.public_rows
    screen.print(f"95 % intervals from {board.replicates} resamples of {rows} rows", "bold")
    columns = [
        output.Col("#"),
        output.Col("Entrant", flex=1),
        output.Col("Score", "right"),
        output.Col("Interval", "right"),
        output.Col("Won", "right"),
    ]
    cells = [
        [
            place(entry, marks),
            entry.entrant,
            output.number(entry.private_score if board.revealed else entry.public_score),
            _span(entry.score_low, entry.score_high),
            "-" if entry.share_won is None else f"{100 * entry.share_won:.0f} %",
        ]
        for entry in ranked
    ]
    output.print_table(screen, columns, cells)
    screen.print()
    screen.print(f"Paired differences, better is + ({marks.star} beyond luck)", "bold")
    titles = ("#", "Entrant", "To own best", "To baseline", "To the row above")
    columns = [output.Col(title, flex=int(title == "Entrant")) for title in titles]
    cells = [
        [
            str(entry.rank),
            entry.entrant,
            *(
                _paired(gap, marks)
                for gap in (entry.to_own_best, entry.to_baseline, entry.to_above)
            ),
        ]
        for entry in ranked
    ]
    output.print_table(screen, columns, cells)
    if board.optimism is not None:
        screen.print()
        screen.print(
            f"The best score flatters by {output.number(board.optimism)} or more: the luck of the "
            "best of all looks.",
            "dim",
        )


def _why_none(board: Board) -> str:
    if board.feedback != "full" and not board.revealed:
        return f"No intervals: feedback {board.feedback} does not tell what they follow from."
    if all(entry.rank is None for entry in board.entries):
        return "No intervals: there are no scores yet."
    return "No intervals: there are no resamples of these scores (practice start makes them)."


def _span(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "-"
    return f"{output.number(low)} to {output.number(high)}"


def _paired(gap: Paired | None, marks: output.Marks) -> str:
    if gap is None:
        return "-"
    if gap.low is None or gap.high is None:
        return f"{gap.difference:+{_form(gap.difference)}}"
    half = (gap.high - gap.low) / 2
    form = _form(max(abs(gap.difference), half))
    return f"{gap.difference:+{form}} {marks.within}{half:{form}}{marks.star if gap.real else ''}"


def _form(size: float) -> str:
    return ".4f" if abs(size) < _LARGE else ".1e"
