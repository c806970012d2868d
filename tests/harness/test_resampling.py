"""Replicates are stored with each score, and computed later where a score is older than they."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from practice import harness, scoring
from practice.build.plan import load_plan
from practice.harness.judging import open_case, values
from practice.settings import Settings
from practice.store import blobs, open_store

Toy = Callable[..., Settings]


@pytest.fixture
def played(toy: Toy, tmp_path: Path) -> Settings:
    """Return a home with a submission."""
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    sample = tmp_path / "ws" / "data" / "sample_submission.csv"
    lines = sample.read_text().splitlines()
    mine = [line.rsplit(",", 1)[0] + f",{number % 2}" for number, line in enumerate(lines[1:])]
    harness.submit(settings, "toy", "\n".join([lines[0], *mine]).encode(), entrant="ann")
    return settings


def test_both_parts_are_stored_and_equal_the_score_of_the_drawn_rows(played: Settings) -> None:
    harness.reveal(played, "toy")
    with open_store(played) as store:
        season = store.season("toy")
        assert season is not None
        (attempt,) = store.attempts(season.id, "ann")
        stored = {part: store.replicates(season.id, part) for part in ("public", "private")}
    case = open_case(season, played)
    path = blobs.path(played.blobs, attempt.blob)
    predictions = scoring.read(path, case.layout, case.answers, name="x")
    rows = {"public": case.answers.public, "private": ~case.answers.public}
    for part in ("public", "private"):
        made = stored[part][attempt.id]
        plan = load_plan(played.vault / season.build, part)
        found = values(made)
        assert found is not None
        assert (made.plan, found.shape) == (plan.id, (1000,))
        right = case.answers.targets[0].values[rows[part]] == predictions["rain"][rows[part]]
        counts = plan.drawn(0, 1000)
        np.testing.assert_allclose(found, counts @ right / counts.sum(axis=1), atol=1e-12)
        assert found.std() > 0


@pytest.mark.parametrize("lost_rows", ["split IN ('public', 'private')", "split = 'private'"])
def test_start_computes_what_older_scores_lack(
    played: Settings, tmp_path: Path, lost_rows: str
) -> None:
    harness.reveal(played, "toy")
    with open_store(played) as store:
        season = store.season("toy")
        assert season is not None
        before = {part: store.replicates(season.id, part) for part in ("public", "private")}
    with closing(sqlite3.connect(played.home / "practice.db")) as connection:
        connection.execute(f"DELETE FROM replicates WHERE {lost_rows}")
        connection.commit()
    (lost,) = harness.submissions(played, "toy", "ann")
    assert harness.start(played, "toy", tmp_path / "ws").already
    with open_store(played) as store:
        after = {part: store.replicates(season.id, part) for part in ("public", "private")}
    assert after == before
    assert lost.id in after["public"]


def test_a_score_whose_file_is_gone_stays_without(played: Settings, tmp_path: Path) -> None:
    with open_store(played) as store:
        season = store.season("toy")
        assert season is not None
        (attempt,) = store.attempts(season.id, "ann")
    with closing(sqlite3.connect(played.home / "practice.db")) as connection:
        connection.execute("DELETE FROM replicates")
        connection.commit()
    blobs.path(played.blobs, attempt.blob).unlink()
    harness.start(played, "toy", tmp_path / "ws")
    with open_store(played) as store:
        found = store.replicates(season.id, "public")
    assert attempt.id not in found
    assert harness.leaderboard(played, "toy").entries[0].public_score is not None


def test_a_file_that_does_not_give_its_score_any_more_stays_without(
    played: Settings, tmp_path: Path
) -> None:
    sample = tmp_path / "ws" / "data" / "sample_submission.csv"
    harness.submit(played, "toy", sample, entrant="bob")
    with open_store(played) as store:
        season = store.season("toy")
        assert season is not None
        mine, bobs = store.attempts(season.id)
    assert mine.public != bobs.public
    with closing(sqlite3.connect(played.home / "practice.db")) as connection:
        connection.execute("DELETE FROM replicates")
        connection.commit()
    shutil.copy(blobs.path(played.blobs, bobs.blob), blobs.path(played.blobs, mine.blob))
    harness.start(played, "toy", tmp_path / "ws")
    with open_store(played) as store:
        assert list(store.replicates(season.id, "public")) == [bobs.id]
