"""The program as a whole: help, versions, exit codes, where errors end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.cli import failure
from practice.cli.app import VERBS, command, load
from practice.cli.reference import text
from practice.errors import PracticeError, UsageError

NAMES = [verb.name for verb in VERBS]
HEAVY = (
    *("numpy", "pandas", "pyarrow", "sklearn", "scipy", "lightgbm", "optuna", "sqlalchemy"),
    "requests",
)
DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_verbs_are_those_of_the_contract() -> None:
    assert set(NAMES) == {
        *("list", "show", "start", "retry", "check", "submit", "submissions", "withdraw", "note"),
        *("leaderboard", "select", "reveal", "baseline", "score", "doctor", "quickstart"),
        *("metrics", "tune", "demo", "place", "storage", "backup", "restore", "verify"),
        *("rescore", "diff", "history", "blend", "trust", "shakeup", "compare", "replay"),
    }
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_help_with_an_example(verb: Any, run: Callable[..., Any]) -> None:
    done = run(verb.name, "--help")
    assert done.code == 0
    assert verb.summary in done.out
    assert f"$ practice {verb.name}" in done.out
    assert load(verb.name).help.splitlines()[0] == verb.summary
    assert max(map(len, done.out.splitlines())) <= 80


def test_help_is_broken_where_the_terminal_ends(run: Callable[..., Any]) -> None:
    told = [line.strip() for line in run("shakeup", "--help").out.splitlines()]
    start = next(at for at, line in enumerate(told) if line.startswith("Before the reveal"))
    paragraph = told[start : told.index("", start)]
    assert len(paragraph) == 3
    assert min(map(len, paragraph[:-1])) > 60, "no line ends early"


@pytest.mark.parametrize("name", NAMES)
def test_every_verb_reports_as_json(name: str) -> None:
    options = {option for param in load(name).params for option in param.opts}
    assert "--json" in options
    tables = {
        *("list", "submissions", "leaderboard", "baseline", "storage", "metrics"),
        *("rescore", "diff", "history", "blend", "trust", "shakeup", "compare", "replay"),
    }
    assert ("--csv" in options) == (name in tables)
    knows_an_entrant = {
        *("submit", "submissions", "withdraw", "note", "leaderboard", "select", "reveal"),
        *("place", "rescore", "diff", "history", "blend", "trust", "shakeup", "tune"),
    }
    assert ("--as" in options) == (name in knows_an_entrant)


def test_help_lists_the_verbs_in_panels(run: Callable[..., Any]) -> None:
    done = run("--help")
    assert done.code == 0
    for panel in ("Begin", "Compete", "Review", "Tools"):
        assert f" {panel} " in done.out
    for name in NAMES:
        assert f"│ {name} " in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_reference_is_that_of_the_code() -> None:
    assert DOCS.read_text(encoding="utf-8") == text(), (
        "run: python -m practice.cli.reference > docs/commands.md"
    )


def test_version(run: Callable[..., Any]) -> None:
    from practice import __version__

    done = run("--version")
    assert (done.code, done.out) == (0, f"practice {__version__}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("submt",), "error: No such command 'submt'. Did you mean 'submit'?\n"),
        (("--nonsense",), "error: No such option: --nonsense\n"),
        (("submit",), "error: Missing argument 'FILE'.\n"),
        (("withdraw", "seven"), "error: Invalid value for 'ID': 'seven' is not a whole number\n"),
        (("select", "1", "2.5"), "error: Invalid value for 'ID': '2.5' is not a whole number\n"),
        (("list", "--json", "--csv"), None),
        (("--json", "list"), None),
        (("--as", "ada", "list"), "error: Invalid value: write it behind the verb"),
        (("leaderboard", "toy", "--as", "a:b"), None),
    ],
)
def test_usage_errors(words: tuple[str, ...], message: str | None, run: Callable[..., Any]) -> None:
    done = run(*words)
    assert done.code == 2
    if message is None:
        return
    assert done.out == ""
    assert done.err.startswith(message)
    assert "\ntry: " in done.err
    assert len(done.err.splitlines()) == 2


def test_usage_errors_as_json(run: Callable[..., Any]) -> None:
    done = run("submit", "--json")
    assert done.code == 2
    assert done.json == {"error": "Missing argument 'FILE'.", "hint": "practice submit --help"}
    assert done.err == ""
    assert run("list", "--json", "--csv").json["error"] == "--json and --csv exclude each other"


def test_an_unexpected_error_is_one_line_without_its_text(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from practice import harness

    def broken(settings: object) -> None:
        raise ZeroDivisionError("the answer of row 7 is 1")

    monkeypatch.setattr(harness, "listed", broken)
    done = run("list")
    assert done.code == 1
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: this is a bug in practice: ZeroDivisionError at ")
    assert "PRACTICE_DEBUG=1" in lines[1]
    assert "the answer" not in done.err + done.out
    asked = run("list", "--json")
    assert set(asked.json) == {"error", "hint"}
    monkeypatch.setenv("PRACTICE_DEBUG", "1")
    assert "Traceback" in run("list").err


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PracticeError("no", "try it"), ("no", "try it", 1)),
        (UsageError("no"), ("no", "", 2)),
        (failure.Interrupted(), (failure.Interrupted().message, "the same command again", 130)),
        (PermissionError(13, "Permission denied", "/x"), None),
    ],
)
def test_errors_in_words(error: Exception, expected: tuple[str, str, int] | None) -> None:
    assert failure.describe(error) == (expected or ("Permission denied: /x", "practice doctor", 1))


def test_help_imports_nothing_heavy(spawn: Callable[..., Any]) -> None:
    code = f"""
import sys
from practice.cli.app import command
try:
    command().main(["--help"], prog_name="practice")
except SystemExit as end:
    assert end.code == 0
print(sorted(set({HEAVY}) & set(sys.modules)))
print(sorted(name for name in sys.modules if name.startswith("practice.cli.verbs")))
"""
    done = spawn("-c", code)
    assert done.out.splitlines()[-2:] == ["[]", "[]"], done.err


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_verb_imports_nothing_heavy(name: str, spawn: Callable[..., Any]) -> None:
    code = f"""
import sys
from practice.cli.app import load
load({name!r})
print(sorted(set({HEAVY}) & set(sys.modules)))
"""
    done = spawn("-c", code)
    assert done.out == "[]\n", done.err


def test_a_closed_pipe_is_no_traceback(home: Path) -> None:
    line = f"{sys.executable} -m practice.cli --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout in ("0\n", "1\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("option", ["", "--json"])
def test_a_full_disk_behind_stdout_is_said(option: str, home: Path) -> None:
    line = f"{sys.executable} -m practice.cli show breast-cancer {option} > /dev/full"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "error: No space left on device\ntry: practice doctor\n",
    )


def test_ctrl_c_is_a_sentence_and_130(home: Path) -> None:
    code = """
import sys, time
from practice import harness
from practice.cli.app import command
def slow(settings):
    print("ready", flush=True)
    time.sleep(60)
harness.listed = slow
command().main(["list"], prog_name="practice")
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=10)
    assert child.returncode == 130
    assert err == (
        "error: interrupted; what was reported as done is kept\ntry: the same command again\n"
    )


def test_what_the_terminal_cannot_write_is_no_error(spawn: Callable[..., Any]) -> None:
    done = spawn("-m", "practice.cli", "--help", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "submit" in done.out


def test_colour_only_on_a_terminal(run: Callable[..., Any]) -> None:
    assert "\x1b" not in run("--help").out
    assert "\x1b" not in run("submt").err


def test_the_command_can_be_made_twice() -> None:
    assert command().name == command().name
