"""The real program on a small competition of one's own."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from practice import settings as practice_settings
from practice.cli.app import app
from practice.settings import Settings

TOML = """
title = "Toy"
summary = "Does it rain?"
task = "binary"
skills = ["tabular"]
difficulty = 1
license = "CC0"
citation = "made up"
homepage = "https://example.org"

[data]
source = "local"
path = ["raw.csv"]
sha256 = ["{sha256}"]
id = "id"
target = "rain"
positive = "1"
drop = [{{column = "leak", reason = "it is the target"}}]

[split]
kind = "random"
test = 0.5
public = 0.5
seed = 1

[metric]
name = "{metric}"

[rules]
feedback = "{feedback}"
daily_limit = {limit}
"""


def rows(count: int = 60) -> dict[int, tuple[float, int]]:
    """Return id -> (wind, rain) of the raw table."""
    draw = random.Random(7)
    return {i: (draw.random(), int(draw.random() < 0.4)) for i in range(count)}


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The object on stdout, where the whole of it is one."""
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line in this process."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PRACTICE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "login")
    monkeypatch.setenv("TZ", "UTC")

    def go(*words: str, stdin: str | bytes | None = None) -> Outcome:
        practice_settings.load.cache_clear()
        done = CliRunner().invoke(
            app, list(words), input=stdin, prog_name="practice", catch_exceptions=False
        )
        return Outcome(done.exit_code, done.stdout, done.stderr)

    return go


@pytest.fixture
def spawn(home: Path) -> Callable[..., Outcome]:
    """Return a function that runs Python in a process of its own."""

    def go(*words: str, cwd: Path | None = None, **environ: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return go


@pytest.fixture
def toy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Return a function that defines the competition ``toy`` and stands in an empty folder."""

    def make(
        metric: str = "accuracy", feedback: str = "full", limit: int = 5, slug: str = "toy"
    ) -> Settings:
        folder = tmp_path / "definitions" / slug
        folder.mkdir(parents=True)
        lines = [f"{key},{wind!r},{rain},{rain}\n" for key, (wind, rain) in rows().items()]
        text = "id,wind,leak,rain\n" + "".join(lines)
        (folder / "raw.csv").write_text(text)
        (folder / "description.md").write_text("# Toy\n\nDoes it rain?\n")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        (folder / "competition.toml").write_text(
            TOML.format(sha256=sha256, metric=metric, feedback=feedback, limit=limit)
        )
        monkeypatch.setenv("PRACTICE_COMPETITIONS", str(folder.parent))
        (tmp_path / "desk").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "desk")
        practice_settings.load.cache_clear()
        return practice_settings.from_environment(os.environ)

    return make


@pytest.fixture
def started(toy: Callable[..., Settings], run: Run) -> Settings:
    """Start ``toy`` and return the settings."""
    settings = toy()
    assert run("start", "toy").code == 0
    return settings


@pytest.fixture
def predict() -> Callable[..., str]:
    """Return a function that writes a submission with so many wrong answers."""

    def make(workspace: Path, wrong: int = 0, file: str = "mine.csv") -> str:
        truth = {str(key): rain for key, (_, rain) in rows().items()}
        sample = (workspace / "data" / "sample_submission.csv").read_text().splitlines()
        lines = [sample[0]]
        for place, line in enumerate(sample[1:]):
            key = line.split(",")[0]
            lines.append(f"{key},{truth[key] if place >= wrong else 1 - truth[key]}")
        path = workspace / file
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    return make
