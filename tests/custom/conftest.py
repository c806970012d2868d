"""A small competition with a metric of its own."""

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
summary = "How much rain?"
task = "{task}"

[data]
source = "local"
path = ["raw.csv"]
sha256 = ["{sha256}"]
id = "id"
target = {target}

[split]
kind = "random"
test = 0.5
public = 0.5
seed = 1

[metric]
file = "metric.py"
greater_is_better = false
{metric}

[submission]
{submission}
"""

TEMPLATE = '''
"""A metric in the style of Kaggle's template."""

import pandas as pd
import pandas.api.types


class ParticipantVisibleError(Exception):
    """If you want an error message to be shown to participants."""


def score(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """Mean absolute error."""
    del solution[row_id_column_name]
    del submission[row_id_column_name]
    for column in submission.columns:
        if not pandas.api.types.is_numeric_dtype(submission[column]):
            raise ParticipantVisibleError(f"Submission column {column} must be a number")
    return float((solution - submission).abs().to_numpy().mean())
'''


def raw_rows(rows: int = 120) -> dict[int, tuple[float, float, int]]:
    """Return id -> (feature, amount, class) of the raw table; no amount looks like another cell."""
    draw = random.Random(7)
    return {
        10_000 + i: (draw.random(), round(draw.uniform(300, 900), 4), int(draw.random() < 0.4))
        for i in range(rows)
    }


Toy = Callable[..., Settings]


@pytest.fixture
def toy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """Return a function that defines the competition ``toy`` with a metric file."""

    def make(
        source: str = TEMPLATE,
        metric: str = "",
        *,
        task: str = "regression",
        target: str = '"amount"',
        submission: str = "",
    ) -> Settings:
        folder = tmp_path / "definitions" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        text = "id,wind,amount,wet,word\n" + "".join(
            f"{key},{wind!r},{amount!r},{wet},{'dry' if wet == 0 else 'wet'}\n"
            for key, (wind, amount, wet) in raw_rows().items()
        )
        (folder / "raw.csv").write_text(text)
        (folder / "description.md").write_text("# Toy\n")
        (folder / "metric.py").write_text(source)
        (folder / "competition.toml").write_text(
            TOML.format(
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                metric=metric,
                task=task,
                target=target,
                submission=submission,
            )
        )
        monkeypatch.setenv("PRACTICE_COMPETITIONS", str(folder.parent))
        practice_settings.load.cache_clear()
        return practice_settings.from_environment(os.environ)

    return make


@pytest.fixture
def amounts() -> dict[int, float]:
    """Return the answer of every row."""
    return {key: amount for key, (_, amount, _) in raw_rows().items()}


@pytest.fixture
def predict() -> Callable[..., bytes]:
    """Return a function that writes a submission: each answer and a little more, in odd order."""

    def make(settings: Settings, more: float = 1.0) -> bytes:
        (build,) = [path.name for path in settings.data.iterdir()]
        lines = (settings.data / build / "sample_submission.csv").read_text().splitlines()[1:]
        ids = sorted((int(line.split(",")[0]) for line in lines), reverse=True)
        truth = {key: amount for key, (_, amount, _) in raw_rows().items()}
        rows = "".join(f"{truth[key] + more!r},{key}\n" for key in ids)
        return f"amount,id\n{rows}".encode()

    return make
