"""The end of a season and the next one; the screens as a whole."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.settings import Settings

WORKSPACE = Path("toy")


def test_selecting(started: Settings, run: Callable[..., Any], predict: Callable[..., str]) -> None:
    assert "None is scored yet." in run("select", "-c", "toy").out
    for wrong in (0, 5, 10):
        run("submit", predict(WORKSPACE, wrong))
    default = run("select", "-c", "toy", "--json").json
    assert (default["chosen"], [row["id"] for row in default["submissions"]]) == (False, [1, 2])
    assert "the best public ones, as none is chosen" in run("select", "-c", "toy").out
    done = run("select", "3")
    assert (done.code, done.err) == (0, "next, when you are done: practice reveal toy\n")
    assert done.out.startswith("Final submissions of login in toy:\nas chosen (2 allowed)\n")
    found = run("select", "3", "1", "--json").json
    assert (found["chosen"], sorted(row["id"] for row in found["submissions"])) == (True, [1, 3])
    assert run("select", "1", "2", "3").code == 1


def test_reveal_wants_the_name_typed(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    run("submit", predict(WORKSPACE, 4))
    for words in (("reveal", "toy"), ("reveal", "toy", "--json")):
        done = run(*words)
        assert done.code == 2
        assert "practice reveal toy --yes" in (done.err or done.out)
    assert run("leaderboard", "toy", "--json").json["revealed"] is False


def test_reveal_and_the_next_season(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    run("submit", predict(WORKSPACE, 15), "--as", "ada")
    run("submit", predict(WORKSPACE, 6), "--as", "bob")
    early = run("retry", "toy")
    assert (early.code, early.err) == (
        1,
        "error: season 1 of 'toy' is still running\ntry: practice reveal toy\n",
    )
    done = run("reveal", "toy", "--yes", "--as", "ada")
    assert done.code == 0
    assert done.out.startswith("Private board of toy\n")
    assert "15 public rows, 15 private rows" in done.out
    assert "Moved" in done.out
    again = run("reveal", "toy", "--json").json
    assert again["already"] is True
    assert again["board"]["revealed"] is True
    assert all(entry["private_score"] is not None for entry in again["board"]["entries"])
    assert set(again["moves"][0]) == {"entrant", "kind", "public_rank", "private_rank", "moved"}
    late = run("submit", predict(WORKSPACE), "--as", "ada")
    assert late.code == 0
    assert "late: scored after the reveal, not ranked" in late.out
    assert "Private" in late.out
    retried = run("retry", "toy")
    assert retried.code == 0
    assert retried.out.startswith("Season 2 of toy is open.\n")
    assert "ada, bob" in retried.out
    assert run("leaderboard", "toy", "--json").json["entries"] == []


TYPE = """
import sys
from practice.cli.app import command
command().main(["reveal", "toy", "--as", "ada"], prog_name="practice")
"""


@pytest.mark.parametrize(("typed", "code"), [("toy\n", 0), ("yes\n", 1)])
def test_reveal_on_a_terminal(
    typed: str,
    code: int,
    started: Settings,
    run: Callable[..., Any],
    predict: Callable[..., str],
) -> None:
    run("submit", predict(WORKSPACE, 4), "--as", "ada", "-m", "mine")
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", TYPE])
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
    text = shown.decode()
    assert "Final submissions of ada (the best public ones, as you chose none):" in text
    assert "mine" in text
    assert "Type toy to reveal: " in text
    assert ("nothing was revealed" in text) == bool(code)
    assert run("leaderboard", "toy", "--json").json["revealed"] is not bool(code)


def test_the_status_screen(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    assert "nothing submitted yet" in run().out
    run("submit", predict(WORKSPACE, 5))
    done = run()
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "login, you are in:" in text
    assert "place 1 of 1" in text
    assert "4 left today" in text
    (each,) = run("--json").json["competitions"]
    assert (each["competition"], each["rank"], each["submissions"]) == ("toy", 1, 1)


def test_a_foreign_text_cannot_steer_the_terminal(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    run("submit", predict(WORKSPACE), "-m", "red \x1b[31m [bold]x[/bold]\nnext")
    for words in (("leaderboard", "toy"), ("submissions", "toy")):
        done = run(*words)
        assert "\x1b" not in done.out
        assert "[bold]" in done.out
    found = run("submissions", "toy", "--json").json["submissions"][0]["message"]
    assert found == "red \x1b[31m [bold]x[/bold]\nnext"


def test_every_screen_fits_80_columns(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    long = "x" * 40
    run("submit", predict(WORKSPACE, 3, file="y" * 60 + ".csv"), "-m", "m" * 200, "--as", long)
    run("submit", "toy/data/train.csv", "--as", long)
    for words in (
        ("list",),
        ("leaderboard", "toy"),
        ("leaderboard", "toy", "--all"),
        ("submissions", "toy", "--as", long),
        ("submissions", "toy", "--all"),
        ("select", "-c", "toy", "--as", long),
        ("reveal", "toy", "--yes"),
        ("submissions", "toy", "--all"),
    ):
        done = run(*words)
        assert done.code == 0
        wide = [line for line in done.out.splitlines() if len(line) > 80]
        assert wide == [], words


def test_json_on_stdout_is_all_there_is(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    run("submit", predict(WORKSPACE, 3))
    for words in (
        (),
        ("list",),
        ("show", "toy"),
        ("start", "toy"),
        ("leaderboard", "toy"),
        ("submissions", "toy"),
        ("note", "1", "x"),
        ("select", "1"),
        ("withdraw", "1"),
        ("reveal", "toy", "--yes"),
        ("retry", "toy"),
        ("doctor",),
    ):
        done = run(*words, "--json")
        assert done.code == 0, words
        assert isinstance(done.json, dict)
        assert done.err == ""
        assert json.loads(done.out) == done.json
