"""A small competition of one's own, for the verbs to work on."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from practice import settings as practice_settings
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
{deadline}
"""


def raw_rows(rows: int = 400) -> dict[int, tuple[float, int]]:
    """Return id -> (feature, target) of the toy's raw table."""
    draw = random.Random(7)
    return {i: (draw.random(), int(draw.random() < 0.4)) for i in range(rows)}


@pytest.fixture
def toy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Write the definition of a toy competition and return the settings that find it."""

    def make(
        metric: str = "accuracy", feedback: str = "full", limit: int = 5, deadline: str = ""
    ) -> Settings:
        folder = tmp_path / "definitions" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        text = "id,wind,rain\n" + "".join(
            f"{key},{wind!r},{rain}\n" for key, (wind, rain) in raw_rows().items()
        )
        (folder / "raw.csv").write_text(text)
        (folder / "description.md").write_text("# Toy\n")
        (folder / "competition.toml").write_text(
            TOML.format(
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                metric=metric,
                feedback=feedback,
                limit=limit,
                deadline=deadline,
            )
        )
        monkeypatch.setenv("PRACTICE_COMPETITIONS", str(folder.parent))
        practice_settings.load.cache_clear()
        return practice_settings.from_environment(os.environ)

    return make


@pytest.fixture
def predict() -> Callable[..., bytes]:
    """Return a function that writes a submission for a started toy."""

    def make(settings: Settings, wrong: int = 0, build: str | None = None) -> bytes:
        """Answer all hidden rows right but the first ``wrong`` ones."""
        found = build or next(path.name for path in sorted(settings.data.iterdir()))
        ids = (settings.data / found / "sample_submission.csv").read_text().splitlines()[1:]
        truth = {str(key): rain for key, (_, rain) in raw_rows().items()}
        lines = ["id,rain"]
        for place, line in enumerate(ids):
            key = line.split(",")[0]
            lines.append(f"{key},{truth[key] if place >= wrong else 1 - truth[key]}")
        return ("\n".join(lines) + "\n").encode()

    return make
