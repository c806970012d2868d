"""Scored anew: old rows are kept, the board shows one scorer, and nothing is half written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from practice import harness, scoring
from practice.errors import RefusedError
from practice.harness import rescoring
from practice.harness.judging import open_case
from practice.harness.rescored import Rescored
from practice.harness.verifying import verify
from practice.settings import Settings
from practice.store import Event, Season, blobs, open_store, verify_chain

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that installs a version of the package with another scorer."""
    return lambda version: monkeypatch.setattr(scoring, "SCORER_VERSION", version)


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which the scorer gives half of what it gave."""
    from practice.harness import judging

    before = judging._scored

    def half() -> None:
        monkeypatch.setattr(
            judging, "_scored", lambda *given: tuple(value / 2 for value in before(*given))
        )

    return half


def stored(settings: Settings) -> list[tuple[int, str, str, int, float | None]]:
    """Return every row of the score table."""
    with closing(sqlite3.connect(settings.home / "practice.db")) as connection:
        return connection.execute(
            "SELECT submission, split, metric, scorer_version, value FROM score ORDER BY 1, 2, 3, 4"
        ).fetchall()


def events(settings: Settings) -> list[Event]:
    assert verify(settings).found is None
    with open_store(settings) as store:
        assert verify_chain(store.events()) is None
        return [each for each in store.events() if each.kind == "rescore"]


def season_of(settings: Settings) -> Season:
    with open_store(settings) as store:
        season = store.season("toy")
    assert season is not None
    return season


def shown(settings: Settings) -> dict[str, float | None]:
    return {e.entrant: e.public_score for e in harness.leaderboard(settings, "toy").entries}


def scorer_of(settings: Settings) -> harness.Scorer:
    found = harness.leaderboard(settings, "toy").scorer
    assert found is not None
    return found


@pytest.fixture
def played(toy: Toy, predict: Predict, tmp_path: Path) -> Settings:
    """Return a home with submissions by ann (two) and bob."""
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong, entrant in ((50, "ann"), (20, "ann"), (10, "bob")):
        harness.submit(settings, "toy", predict(settings, wrong), entrant=entrant)
    return settings


def test_there_is_nothing_to_do_at_first(played: Settings) -> None:
    before = stored(played)
    done = harness.rescore(played, "toy")
    assert (done.done, done.submissions, done.scorer) == (False, 0, scoring.SCORER_VERSION)
    assert [row.entrant for row in done.rows] == ["bob", "ann"]
    assert all(row.old == row.new and row.old_rank == row.new_rank for row in done.rows)
    assert stored(played) == before
    assert events(played) == []


def test_old_rows_are_kept_and_new_ones_shown(
    played: Settings, newer: Callable[[int], None], halved: Callable[[], None]
) -> None:
    before, board = stored(played), shown(played)
    newer(4)
    halved()
    assert shown(played) == board
    done = harness.rescore(played, "toy")
    assert (done.done, done.submissions, done.old_scorers, done.scorer) == (True, 3, (1,), 4)
    assert shown(played) == {who: score / 2 for who, score in board.items() if score}
    after = stored(played)
    assert [row for row in after if row[3] == 1] == before
    assert [(*row[:3], row[4]) for row in after if row[3] == 4] == [
        (*row[:3], row[4] / 2) for row in before if row[4] is not None
    ]
    assert [(row.entrant, row.old, row.new, row.old_rank, row.new_rank) for row in done.rows] == [
        (who, score, score / 2, rank, rank)
        for rank, (who, score) in enumerate(board.items(), start=1)
        if score
    ]
    (event,) = events(played)
    assert (event.payload["scorer_version"], event.payload["submissions"]) == (4, 3)
    assert event.payload["replaced"] is None
    assert [row[3] for row in event.payload["was"]][-1] == board["bob"]
    assert not harness.rescore(played, "toy").done


def test_the_board_says_which_scorer_it_shows(
    played: Settings, predict: Predict, newer: Callable[[int], None]
) -> None:
    scorer = scorer_of(played)
    assert (scorer.metric, scorer.versions, scorer.package, scorer.older) == (
        "accuracy",
        (1,),
        1,
        0,
    )
    newer(2)
    scorer = scorer_of(played)
    assert (scorer.versions, scorer.package, scorer.older) == ((1,), 2, 3)
    harness.submit(played, "toy", predict(played, 5), entrant="cy")
    scorer = scorer_of(played)
    assert (scorer.versions, scorer.package, scorer.older) == ((1, 2), 2, 3)
    done = harness.rescore(played, "toy")
    assert (done.submissions, done.old_scorers) == (3, (1, 2))
    scorer = scorer_of(played)
    assert (scorer.versions, scorer.package, scorer.older) == ((2,), 2, 0)


def test_an_older_package_does_not_undo_a_newer_one(
    played: Settings, newer: Callable[[int], None]
) -> None:
    newer(3)
    harness.rescore(played, "toy")
    newer(2)
    with pytest.raises(RefusedError, match=r"^'toy' is scored by scorer 3; this version has 2$"):
        harness.rescore(played, "toy")
    assert scorer_of(played).versions == (3,)


def test_another_metric_replaces_that_of_the_season(
    played: Settings, toy: Toy, predict: Predict
) -> None:
    before, old = stored(played), season_of(played)
    toy(metric="log_loss")
    assert harness.leaderboard(played, "toy").metric == "accuracy"
    done = harness.rescore(played, "toy")
    assert (done.old_metric, done.metric, done.metric_changed) == ("accuracy", "log_loss", True)
    assert not done.greater_is_better
    assert not season_of(played).greater_is_better
    board = harness.leaderboard(played, "toy")
    assert (board.metric, board.greater_is_better) == ("log_loss", False)
    assert (scorer_of(played).versions, scorer_of(played).metric_changes) == ((1,), 1)
    assert [entry.entrant for entry in board.entries] == ["bob", "ann"]
    assert board.entries[0].public_score == min(shown(played).values())
    after = stored(played)
    assert [row for row in after if row[2] == "accuracy"] == before
    assert [row[:4] for row in after if row[2] == "log_loss"] == [
        (*row[:2], "log_loss", 2) for row in before
    ]
    (event,) = events(played)
    assert event.payload["replaced"] == {"metric": old.metric, "greater_is_better": True}
    assert event.payload["metric"]["name"] == "log_loss"
    said = harness.submit(played, "toy", predict(played, 0), entrant="cy")
    assert (said.metric, said.rank) == ("log_loss", 1)
    assert scorer_of(played).versions == (1,)
    assert not harness.rescore(played, "toy").done


def test_other_parameters_of_the_same_metric_have_rows_of_their_own(
    toy: Toy, predict: Predict, tmp_path: Path, newer: Callable[[int], None]
) -> None:
    settings = toy(metric='fbeta"\nbeta = 2\naverage = "macro')
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (40, 10):
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    first = shown(settings)["ann"]
    for beta, version in ((0.5, 2), (2, 3)):
        toy(metric=f'fbeta"\nbeta = {beta}\naverage = "macro')
        done = harness.rescore(settings, "toy")
        assert (done.old_scorers, done.scorer, done.submissions) == ((1,), 1, 2)
        assert {row[3] for row in stored(settings)} == set(range(1, version + 1))
    assert done.old_metric == "fbeta (beta=0.5, average=macro)"
    assert shown(settings)["ann"] == first
    newer(2)
    assert scorer_of(settings).older == 2
    harness.rescore(settings, "toy")
    assert {row[3] for row in stored(settings)} == {1, 2, 3, 4}
    assert scorer_of(settings).versions == (2,)


def test_metrics_beside_are_those_of_the_new_one(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(metric='accuracy"\nsecondary = ["f1", "matthews_corrcoef"]\n#')
    harness.start(settings, "toy", tmp_path / "ws")
    harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    toy(metric='accuracy"\nsecondary = ["matthews_corrcoef", "balanced_accuracy"]\n#')
    harness.rescore(settings, "toy")
    with open_store(settings) as store:
        (attempt,) = store.attempts(season_of(settings).id, "ann")
    assert attempt.secondary.keys() == {"matthews_corrcoef", "balanced_accuracy"}
    assert ("secondary", "f1") in {row[1:3] for row in stored(settings)}


def test_replicates_are_of_the_new_scores(played: Settings, toy: Toy) -> None:
    toy(metric="log_loss")
    harness.rescore(played, "toy")
    season = season_of(played)
    case = open_case(season, played)
    with open_store(played) as store:
        (attempt,) = store.attempts(season.id, "bob")
        found = store.replicates(season.id, "public")[attempt.id]
    path = blobs.path(played.blobs, attempt.blob)
    predictions = scoring.read(path, case.layout, case.answers, name="x")
    made = scoring.replicates_of_part(
        case.vault, case.answers, predictions, case.metric, "public", used=case.used
    )
    assert made is not None
    np.testing.assert_array_equal(np.frombuffer(found.data, "<f8"), made.values)
    assert harness.leaderboard(played, "toy").replicates == 1000


def test_after_the_reveal_the_private_board_is_scored_anew(
    played: Settings, newer: Callable[[int], None], halved: Callable[[], None]
) -> None:
    before = harness.reveal(played, "toy").board
    newer(2)
    halved()
    done = harness.rescore(played, "toy")
    assert [row.old for row in done.rows] == [entry.private_score for entry in before.entries]
    assert [row.new for row in done.rows] == [
        entry.private_score / 2 for entry in before.entries if entry.private_score
    ]


def test_before_the_reveal_nothing_private_is_said(
    played: Settings, newer: Callable[[int], None]
) -> None:
    newer(2)
    done = harness.rescore(played, "toy")
    private = [row[4] for row in stored(played) if row[1] == "private"]
    said = repr(done) + json.dumps([event.payload for event in events(played)])
    assert len(private) == 6
    assert not any(repr(value) in said for value in private)


@pytest.mark.parametrize("feedback", ["ladder", "rounded:1", "blind"])
def test_what_is_told_is_told_anew_in_order(
    toy: Toy, predict: Predict, tmp_path: Path, feedback: str
) -> None:
    wrongs = (180, 120, 119, 150, 60)
    settings = toy(metric="accuracy", feedback=feedback, limit=9)
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in wrongs:
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    toy(metric="brier", feedback=feedback, limit=9)
    done = harness.rescore(settings, "toy")
    anew = [row.public_score for row in harness.submissions(settings, "toy", "ann")]
    other = toy(metric="brier", feedback=feedback, limit=9)
    fresh = replace(
        other, home=tmp_path / "second", database_url=f"sqlite:///{tmp_path}/second/practice.db"
    )
    harness.start(fresh, "toy", tmp_path / "ws2")
    said = [
        harness.submit(fresh, "toy", predict(settings, wrong), entrant="ann") for wrong in wrongs
    ]
    assert [each.error for each in said] == [None] * 5
    assert anew == [each.public_score for each in said]
    assert (len(set(anew)) > 1) == (feedback != "blind")
    assert [row.new for row in done.rows] == list(shown(settings).values())


def test_what_cannot_be_scored_any_more_fails_and_may_come_back(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(metric="rmse")
    harness.start(settings, "toy", tmp_path / "ws")
    good = harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    lines = predict(settings, 3).decode().replace(",1\n", ",1.5\n")
    bad = harness.submit(settings, "toy", lines.encode(), entrant="bob")
    assert bad.status == "scored"
    toy(metric="brier")
    done = harness.rescore(settings, "toy")
    assert (done.now_failed, done.now_scored) == ((bad.id,), ())
    (row,) = harness.submissions(settings, "toy", "bob")
    assert (row.status, row.public_score) == ("failed", None)
    assert row.error is not None
    assert "1.5" in str(harness.check(settings, "toy", lines.encode()).problems)
    assert [(e.entrant, e.rank) for e in harness.leaderboard(settings, "toy").entries] == [
        ("ann", 1),
        ("bob", None),
    ]
    with open_store(settings) as store:
        attempts = store.attempts(season_of(settings).id)
    assert [each.public is None for each in attempts] == [False, True]
    assert events(settings)[0].payload["was"] == [
        [good.id, "scored", None, good.public_score],
        [bad.id, "scored", None, bad.public_score],
    ]
    toy(metric="rmse")
    done = harness.rescore(settings, "toy")
    assert (done.now_failed, done.now_scored) == ((), (bad.id,))
    assert shown(settings) == {"ann": good.public_score, "bob": bad.public_score}


def test_what_was_refused_stays_refused(
    toy: Toy, predict: Predict, tmp_path: Path, newer: Callable[[int], None]
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    harness.submit(settings, "toy", predict(settings, 9), entrant="ann")
    over = harness.submit(settings, "toy", predict(settings, 0), entrant="ann")
    assert over.status == "refused"
    newer(2)
    assert harness.rescore(settings, "toy").submissions == 1
    assert [row.status for row in harness.submissions(settings, "toy")] == ["scored", "refused"]


def test_a_metric_that_scores_nothing_changes_nothing(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(metric="rmse")
    harness.start(settings, "toy", tmp_path / "ws")
    lines = predict(settings, 3).decode().replace(",1\n", ",1.5\n")
    harness.submit(settings, "toy", lines.encode(), entrant="bob")
    before, season = stored(settings), season_of(settings)
    toy(metric="brier")
    with pytest.raises(RefusedError, match=r"^brier scores none of the 1 submissions \(") as no:
        harness.rescore(settings, "toy")
    assert no.value.message.endswith("nothing was changed")
    assert (stored(settings), season_of(settings)) == (before, season)


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"id,rain\n")])
def test_a_lost_file_changes_nothing(
    played: Settings, newer: Callable[[int], None], harm: Callable[[Path], object]
) -> None:
    before = stored(played)
    with open_store(played) as store:
        attempt = store.attempts(season_of(played).id)[1]
    path = blobs.path(played.blobs, attempt.blob)
    path.chmod(0o600)
    harm(path)
    newer(2)
    with pytest.raises(RefusedError) as no:
        harness.rescore(played, "toy")
    assert no.value.message == (
        "the stored file of 1 of 3 submissions is gone or damaged (2): nothing was changed"
    )
    assert stored(played) == before


def test_interrupted_it_writes_nothing_and_can_be_repeated(
    played: Settings, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, season = stored(played), season_of(played)
    toy(metric="log_loss")

    def stop(task: str, done: float, total: float | None) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        harness.rescore(played, "toy", stop)
    with monkeypatch.context() as patch:
        patch.setattr(rescoring, "rows_of", lambda *given, **named: 1 / 0)
        with pytest.raises(ZeroDivisionError):  # at the very end of the transaction
            harness.rescore(played, "toy")
    assert (stored(played), season_of(played), events(played)) == (before, season, [])
    assert harness.rescore(played, "toy").submissions == 3


def test_what_is_submitted_meanwhile_is_scored_too(
    played: Settings, toy: Toy, predict: Predict
) -> None:
    toy(metric="log_loss")
    came: list[int] = []

    def submit(task: str, done: float, total: float | None) -> None:
        if done == total == 3:
            said = harness.submit(played, "toy", predict(played, 1), entrant="cy")
            came.append(said.id)
            assert said.metric == "accuracy"

    done = harness.rescore(played, "toy", submit)
    assert isinstance(done, Rescored)
    assert done.submissions == 4
    assert len(came) == 1
    assert scorer_of(played).versions == (1,)
    assert {row[3] for row in stored(played) if row[0] == came[0]} == {1, 2}


def test_a_metric_that_changes_while_a_file_is_scored_refuses_it(
    played: Settings, toy: Toy, predict: Predict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from practice.harness import submitting

    toy(metric="log_loss")
    judge = submitting.judge

    def slowly(*given: object) -> object:
        verdict = judge(*given)
        harness.rescore(played, "toy")
        return verdict

    monkeypatch.setattr(submitting, "judge", slowly)
    with pytest.raises(RefusedError, match=r"^the metric of 'toy' changed meanwhile$"):
        harness.submit(played, "toy", predict(played, 0), entrant="cy")
    assert len(harness.submissions(played, "toy")) == 3


def test_scores_that_were_replaced_are_still_held_to_their_receipts(
    played: Settings, newer: Callable[[int], None], halved: Callable[[], None]
) -> None:
    newer(4)
    halved()
    harness.rescore(played, "toy")
    assert verify(played).found is None
    with closing(sqlite3.connect(played.home / "practice.db")) as connection:
        old = "submission = 2 AND split = 'public' AND scorer_version = 1"
        connection.execute(f"UPDATE score SET value = value + .25 WHERE {old}")
        connection.commit()
    found = verify(played).found
    assert found is not None
    assert (found.where, "score" in found.message) == ("submission 2", True)
