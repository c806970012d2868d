"""What is printed: JSON, CSV, tables, numbers, boards."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from practice.cli import output
from practice.cli.bars import bars
from practice.cli.board import print_board
from practice.cli.output import Screen
from practice.cli.problems import print_problems
from practice.cli.verbs.submit import attempts
from practice.harness import Board, Entry, Noted, Started
from practice.scoring.records import Problem

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def screen(width: int = 80, encoding: str = "utf-8") -> tuple[Screen, io.BytesIO]:
    raw = io.BytesIO()
    text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", write_through=True)
    return Screen(text, width), raw


def test_records_keep_their_field_names_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    started = Started("toy", "Toy", Path("/w"), "b", 1, False, 0, 3, 2, 1, (Path("/w/a"),))
    output.print_json(started)
    found = json.loads(capsys.readouterr().out)
    assert list(found) == list(Started.__dataclass_fields__)
    assert (found["workspace"], found["files"], found["contaminated"]) == ("/w", ["/w/a"], [])


def test_json_never_holds_nan() -> None:
    found = output.plain({"a": float("nan"), "b": [float("inf"), 1.5], "c": -float("inf")})
    assert found == {"a": None, "b": [None, 1.5], "c": None}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-01-05T12:00:00Z"),
        (NOON.replace(tzinfo=timezone(timedelta(hours=2))), "2026-01-05T10:00:00Z"),
        (NOON.replace(tzinfo=None, microsecond=5), "2026-01-05T12:00:00.000005Z"),
    ],
)
def test_moments_are_utc_with_z(moment: datetime, text: str) -> None:
    assert output.iso(moment) == text


def test_csv_has_the_field_names_and_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    entry = Entry(1, 'ada, "the"', "person", 0.5, None, 2, NOON, "two\nlines")
    output.print_csv(Entry, [entry])
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert list(row) == list(Entry.__dataclass_fields__)
    assert row["entrant"] == 'ada, "the"'
    assert row["message"] == "two\nlines"
    assert (row["public_score"], row["private_score"]) == ("0.5", "")
    assert row["submitted_at"] == "2026-01-05T12:00:00Z"


def test_an_empty_table_has_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_csv(Noted, [])
    assert capsys.readouterr().out == "id,competition,entrant,withdrawn,note\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00000"),
        (-0.5, "-0.50000"),
        (0.0001, "0.00010"),
        (0.00001, "1e-05"),
        (999999.0, "999999.00000"),
        (1e6, "1e+06"),
        (12345678.0, "1.23457e+07"),
        (None, "-"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert output.number(value) == text


def test_texts_are_one_safe_line() -> None:
    assert output.clean("a\x1b]0;title\x07b\r\nc\u202e") == "a?]0;title?b  c?"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_tables_fit_and_cut_long_texts(width: int) -> None:
    to, raw = screen(width)
    columns = [
        output.Col("Name", flex=1),
        output.Col("Score", "right"),
        output.Col("Message", flex=2),
    ]
    output.print_table(to, columns, [("n" * 60, "0.12345", "m" * 90), ("数据" * 30, "1", "x")])
    lines = raw.getvalue().decode().splitlines()
    assert len(lines) == 4, "one line per row"
    assert "0.12345" in lines[2]
    assert lines[2].count("…") == 2
    from rich.cells import cell_len

    assert max(map(cell_len, lines)) <= width


def test_numbers_stand_right_and_empty_columns_are_left_out() -> None:
    to, raw = screen()
    columns = [output.Col(""), output.Col("n", "right"), output.Col("x")]
    output.print_table(to, columns, [("", "1", "a"), ("", "100", "b")])
    lines = [line.rstrip() for line in raw.getvalue().decode().splitlines()]
    assert lines[0].split() == ["n", "x"]
    assert lines[2].index("1") == lines[3].index("100") + 2


def board(revealed: bool = False, greater: bool = True) -> Board:
    private = 0.9 if revealed else None
    entries = (
        Entry(1, "baseline:linear", "reference", 0.95, private, 1, NOON, "linear", 1, 2),
        Entry(2, "ada", "person", 0.93, private, 3, NOON, "first", 7, 1),
        Entry(None, "eve", "person", None, None, 1, NOON, "", 9, None, "withdrawn"),
    )
    return Board("toy", "Toy", "f1", greater, revealed, 2, "full", 15, 16, 2, entries)


def shown(what: Board, every: bool = False, encoding: str = "utf-8") -> list[str]:
    to, raw = screen(encoding=encoding)
    print_board(to, what, "ada", every=every)
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()]


def test_the_board_before_the_reveal() -> None:
    lines = shown(board())
    assert lines[0] == "Public board of toy, season 2"
    assert lines[1] == "f1, greater is better ↑"
    assert lines[3].split() == ["#", "Entrant", "Public", "↑", "Tries", "When", "Message"]
    assert lines[5].split()[:5] == ["◆", "1", "baseline:linear", "0.95000", "1"]
    assert lines[6].split()[:5] == ["▶", "2", "ada", "0.93000", "3"]
    assert lines[7].split()[:4] == ["-", "eve", "-", "1"]
    assert lines[7].endswith("withdrawn")
    assert lines[-1] == "▶ you (ada)   ◆ reference entry   15 public rows"
    assert not any("rivate" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_the_board_after_the_reveal() -> None:
    lines = shown(board(revealed=True, greater=False))
    assert lines[0] == "Private board of toy, season 2"
    assert lines[1] == "f1, smaller is better ↓"
    assert lines[3].split()[:7] == ["#", "Entrant", "Private", "↓", "Public", "↓", "Moved"]
    assert lines[5].split()[:6] == ["◆", "1", "baseline:linear", "0.90000", "0.95000", "+1"]
    assert lines[6].split()[:6] == ["▶", "2", "ada", "0.90000", "0.93000", "-1"]
    assert lines[-1] == "▶ you (ada)   ◆ reference entry   15 public rows, 16 private rows"


def test_the_signs_of_a_board_fit_a_terminal() -> None:
    whole = board(revealed=True)
    first = replace(whole.entries[0], not_worse_than_best=True)
    whole = replace(whole, entries=(first, *whole.entries[1:]), public_rows=17800)
    assert shown(whole)[-2:] == [
        "▶ you (ada)   ◆ reference entry   ≈ not worse than the best",
        "17800 public rows, 16 private rows",
    ]


def test_the_board_with_every_submission_shows_ids() -> None:
    lines = shown(board(), every=True)
    assert lines[3].split()[4] == "Id"
    assert lines[6].split()[4] == "7"


def test_the_board_on_an_old_terminal() -> None:
    lines = shown(board(), encoding="ascii")
    assert lines[5].split()[:2] == ["+", "1"]
    assert lines[1] == "f1, greater is better ^"
    assert "?" not in "".join(lines)


def test_problems_say_place_values_and_hint() -> None:
    to, raw = screen()
    problems = (
        Problem(3, "rain", "x\x1b[1m", "not a number", "write a number"),
        Problem(None, None, None, "the file is empty"),
    )
    print_problems(to, "mine.csv would be refused", problems)
    assert raw.getvalue().decode().splitlines() == [
        "mine.csv would be refused: 2 problems",
        "  - row 3, column rain: not a number",
        "    found: x?[1m",
        "    try: write a number",
        "  - the file is empty",
    ]


def test_attempts_in_utc_and_here(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert attempts(1, NOON) == "1 left until 2026-01-05 12:00 UTC, 2026-01-05 21:00 here"
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        assert attempts(0, NOON) == "0 left until 2026-01-05 12:00 UTC"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_bars_are_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with bars() as progress:
        progress("download", 1, 2)
    found = capsys.readouterr()
    assert (found.out, found.err) == ("", "")


TERMINAL = """
from practice.cli import output
from practice.cli.bars import bars
with bars() as progress:
    progress("nothing to do", 0, 0)
    progress("first [red]", 0, None)
    progress("first [red]", 2, 2)
    output.say("a word between")
    progress("second", 1, 2)
output.stdout().print("result", "bold")
"""


@pytest.mark.parametrize("no_colour", [False, True])
def test_a_terminal_has_bars_and_colour(no_colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1" if no_colour else "")
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", TERMINAL])
    shown = b""
    with contextlib.suppress(OSError):  # the other side closes
        while part := os.read(terminal, 4096):
            shown += part
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0
    text = shown.decode()
    assert "first [red]" in text
    assert "50%" in text
    assert "nothing to do" not in text
    before, between, after = text.partition("a word between")
    assert between
    assert before.rstrip("\x1b[2m").endswith("\r\x1b[2K"), "the bar is cleared first"
    assert "second" in after
    assert ("\x1b[1mresult\x1b[0m" in after) is not no_colour
