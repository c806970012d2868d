"""``practice demo``, and the options of the verbs that draw."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.board import attacks
from practice.cli import pictures
from practice.errors import UsageError

needs_charts = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("altair", "vl_convert")),
    reason="needs the extra charts: pip install 'practice[charts]'",
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play two runs of 40 submissions."""
    whole = attacks.play
    monkeypatch.setattr(attacks, "play", lambda **given: whole(submissions=40, runs=2, **given))


@pytest.mark.usefixtures("short")
def test_the_demo_draws_a_table_and_one_sentence(run: Callable[..., Any]) -> None:
    done = run("demo", "ladder")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    for words in ("full feedback", "rounded to 2 digits", "naive Ladder", "what it is worth"):
        assert words in done.out
    assert sum(line.startswith(("vote ", "flips ")) for line in done.out.splitlines()) == 8
    assert "300 public and 700 private rows, 40 submissions, mean of 2 runs" in done.out
    assert "learnt by heart" in done.out.replace("\n", " ")


@pytest.mark.usefixtures("short")
def test_the_demo_as_json(run: Callable[..., Any]) -> None:
    found = run("demo", "ladder", "--json").json
    assert [track["policy"] for track in found["tracks"]] == 2 * list(attacks.policies(300))
    assert found["tracks"][0]["submissions"] == [1, 10, 20, 30, 40]
    assert found["truth"] == 0.5
    assert "\n" not in found["remember"]


@needs_charts
@pytest.mark.usefixtures("short")
def test_the_demo_as_pictures(run: Callable[..., Any], tmp_path: Path) -> None:
    files = {kind: tmp_path / f"ladder.{kind}" for kind in ("png", "svg", "html")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    done = run("demo", "ladder", *options)
    assert done.code == 0
    assert "●" not in done.out  # the picture is in the files
    assert all(f"wrote {path}" in done.err for path in files.values())
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert "naive Ladder (one standard error)" in files["svg"].read_text()


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("ladr",), "there is no demo 'ladr'", "practice demo ladder"),
        (("ladder", "--png", "a.svg"), "--png a.svg does not end with .png", "--png NAME.png"),
        (("ladder", "--svg", "no/a.svg"), "there is no folder no", "mkdir -p no"),
    ],
)
def test_what_cannot_be_drawn_is_said_first(
    run: Callable[..., Any], words: tuple[str, ...], message: str, hint: str
) -> None:
    done = run("demo", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {message}\ntry: {hint}\n"


def test_a_missing_extra_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from practice.charts import drawing

    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="extra 'charts'"):
        pictures.wanted(png=Path("a.png"))
    assert pictures.wanted(png=None) == ()
