"""Who acts, and on which competition."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.api import names
from practice.cli.params import parameters, value
from practice.errors import PracticeError, UsageError
from practice.settings import Settings


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ada", "ada"),
        ("  Ada Lovelace ", "Ada Lovelace"),
        ("x" * 40, "x" * 40),
        ("e\u0301", "\u00e9"),
        ("数据", "数据"),
    ],
)
def test_names_that_are_fine(given: str, kept: str) -> None:
    assert names.valid(given) == kept


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "an entrant's name may not be empty"),
        ("   ", "an entrant's name may not be empty"),
        ("x" * 41, "an entrant's name may have 40 characters, not 41"),
        ("a\tb", "an entrant's name may hold printable characters only"),
        ("a\x1b[31mb", "an entrant's name may hold printable characters only"),
        ("a\u202eb", "an entrant's name may hold printable characters only"),
        (
            "baseline:mine",
            "no entrant may be called 'baseline:mine': "
            "names with a colon are kept for reference entries",
        ),
    ],
)
def test_names_that_are_refused(given: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        names.valid(given)
    assert caught.value.message == message
    assert caught.value.hint


def test_the_name_is_given_else_kept_else_the_login(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "login")
    assert names.entrant(settings, None) == "login"
    names.keep(settings, "ada")
    assert names.entrant(settings, None) == "ada"
    assert names.entrant(settings, "bob") == "bob"


@pytest.mark.parametrize("text", ["", "[]", '{"name": 3}', '{"name": "a:b"}', "{}", "null"])
def test_a_broken_profile_is_said(text: str, settings: Settings) -> None:
    profile = settings.home / "profile.json"
    profile.write_text(text)
    with pytest.raises(PracticeError, match="does not hold a name as it should") as caught:
        names.entrant(settings, None)
    assert str(profile) in caught.value.hint
    assert names.entrant(settings, "ada") == "ada"


ASK = """
from practice import settings
from practice.cli.who import entrant
print("name:", entrant(settings.load(), None, ask=True))
"""


def on_a_terminal(code: str, typed: str) -> str:
    """Run Python on a pseudo-terminal, type, and return all that it shows."""
    child, terminal = pty.fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", code])
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0
    return shown.decode()


def test_a_person_is_asked_once(settings: Settings) -> None:
    shown = on_a_terminal(ASK, "a:b\n  Ada \n")
    assert "Your name on the boards [" in shown
    assert "names with a colon are kept for reference entries" in shown
    assert "name: Ada" in shown
    assert json.loads((settings.home / "profile.json").read_text()) == {"name": "Ada"}
    assert "Your name" not in on_a_terminal(ASK, "")


def test_a_script_is_never_asked(spawn: Callable[..., Any], settings: Settings) -> None:
    done = spawn("-c", ASK, LOGNAME="login")
    assert (done.out, done.err) == ("name: login\n", "")
    assert not (settings.home / "profile.json").exists()


def test_without_a_workspace_the_started_ones_are_named(
    started: Settings, run: Callable[..., Any]
) -> None:
    for words in (
        ("leaderboard",),
        ("submit", "x.csv"),
        ("check", "x.csv"),
        ("submissions",),
        ("select",),
        ("reveal",),
        ("show",),
        ("retry",),
        ("start",),
    ):
        done = run(*words)
        assert done.code == 2
        assert done.err == (
            "error: no competition is named, and this is no workspace; started: toy\n"
            "try: name it, such as toy, or go to its workspace\n"
        )


def test_with_nothing_started_the_list_is_named(
    toy: Callable[..., Settings], run: Callable[..., Any]
) -> None:
    toy()
    done = run("leaderboard")
    assert (done.code, done.err) == (
        2,
        "error: no competition is named, and none is started\ntry: practice list\n",
    )


def test_a_workspace_says_the_competition(
    started: Settings,
    run: Callable[..., Any],
    predict: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspace = Path.cwd() / "toy"
    file = predict(workspace)
    assert run("submit", file).code == 0, "the file's own folder"
    monkeypatch.chdir(workspace / "data")
    for words in (("leaderboard",), ("submissions",), ("select",), ("show",)):
        assert run(*words, "--json").json["competition"] == "toy"
    outside = workspace.parent / "outside.csv"
    outside.write_bytes(Path(file).read_bytes())
    assert run("check", str(outside)).code == 0, "the current folder"
    assert run("status").code == 2


def test_starting_inside_a_workspace_writes_none_into_it(
    started: Settings, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Path.cwd() / "toy"
    monkeypatch.chdir(workspace)
    for words in (("start",), ("start", "toy")):
        done = run(*words, "--json")
        assert done.json["already"] is True
        assert done.json["workspace"] == str(workspace)
    assert not (workspace / "toy").exists()


def test_the_option_wins_over_the_workspace(
    started: Settings, run: Callable[..., Any], predict: Callable[..., str]
) -> None:
    file = predict(Path.cwd() / "toy")
    done = run("submit", file, "-c", "other")
    assert (done.code, done.err) == (
        1,
        "error: 'other' is not started here\ntry: practice start other\n",
    )


def test_parameters(tmp_path: Path) -> None:
    toml, js = tmp_path / "run.toml", tmp_path / "run.json"
    toml.write_text("rate = 0.1\nday = 2026-01-05\n[model]\ndepth = 3\nlimit = inf\n")
    js.write_text('\ufeff{"rate": 0.2, "cols": ["a", "b"]}', encoding="utf-8")
    found = parameters([str(toml), str(js), "rate=0.3", "name=a=b", "empty="], "--params")
    assert found == {
        "rate": 0.3,
        "day": "2026-01-05",
        "model": {"depth": 3, "limit": "inf"},
        "cols": ["a", "b"],
        "name": "a=b",
        "empty": "",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("depth", "--params 'depth' is not NAME=VALUE, or a JSON or TOML file that exists"),
        ("=3", "--params '=3' is not NAME=VALUE, or a JSON or TOML file that exists"),
        ("gone.json", "--params 'gone.json' is not NAME=VALUE, or a JSON or TOML file that exists"),
    ],
)
def test_parameters_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parameters([text], "--params")
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "is neither JSON nor TOML"),
        ('{"a": NaN}', "is neither JSON nor TOML"),
        ("[1]", "holds no table of parameters"),
        ("\xff", "is neither JSON nor TOML"),
    ],
)
def test_files_of_parameters_that_are_refused(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=what):
        parameters([str(path)], "--params")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), ("1e400", "1e400"), ("Infinity", "Infinity"), ("null", None), ("007", "007")],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected
