"""Seasons ranked by a metric in a file can be verified, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from practice import harness
from practice.harness.verifying import verify
from practice.settings import Settings

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]

SOURCE = """
import pandas as pd

def score(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    wrong = (solution.amount - submission.amount).abs().mean()
    if wrong > 3:
        raise ValueError("too far away")
    return wrong
"""


def test_scores_of_a_metric_file_follow_from_the_files(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(SOURCE)
    harness.start(settings, "toy", tmp_path / "ws")
    assert harness.submit(settings, "toy", predict(settings, 0.5), entrant="ann").rank == 1
    assert harness.submit(settings, "toy", predict(settings, 5.0), entrant="ann").status == "failed"
    before = sorted(settings.vault.rglob("*"))
    done = verify(settings)
    assert (done.found, done.remarks, done.scores) == (None, (), 2)
    assert sorted(settings.vault.rglob("*")) == before
    (copy,) = settings.vault.glob("*/metrics/*.py")
    copy.write_bytes(copy.read_bytes().replace(b"> 3", b"> 9"))
    found = verify(settings).found
    assert found is not None
    assert found.where == copy.relative_to(settings.home).as_posix()
