"""Rows on disk: flushed as they come, read back to the bit, torn tails dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from practice.errors import NotFoundError, StoreError
from practice.tuning.manifest import (
    MANIFEST,
    Manifest,
    canonical_hash,
    load_run,
    read_manifest,
    write_manifest,
)
from practice.tuning.records import (
    ROWS,
    Journal,
    Row,
    finals,
    incumbents,
    latest,
    read_rows,
    same,
)

ROW = Row(
    trial=3,
    rung=4,
    order="folds",
    state="complete",
    configuration={"rate": 0.1 + 0.2, "leaves": 7, "kind": "a"},
    score=1 / 3,
    fold_scores=(0.1, 0.2, 1e-300),
    share=1.0,
    rounds=41,
    work=0.7,
    metric_scores=(0.5, 1.0, 0.25),
)


def rung(trial: int, rung: int, state: str = "running", score: float | None = 0.5) -> Row:
    return Row(trial, rung, "folds", state, {"x": 1}, score)  # type: ignore[arg-type]


def test_rows_are_read_back_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "run" / ROWS
    failed = replace(ROW, trial=4, state="failed", score=None, fold_scores=(), error="no luck")
    with Journal(path) as journal:
        journal.append(ROW)
        assert read_rows(path) == (ROW,)  # before the file is closed
        journal.append(failed)
    assert read_rows(path) == (ROW, failed)


@pytest.mark.parametrize("kept", [1, 20, -2])
def test_a_torn_last_line_is_dropped_and_written_over(tmp_path: Path, kept: int) -> None:
    path = tmp_path / ROWS
    with Journal(path) as journal:
        journal.append(rung(0, 5, "complete"))
        whole = path.read_bytes()
        journal.append(rung(1, 5, "complete"))
    torn = path.read_bytes()[len(whole) :][:kept]
    path.write_bytes(whole + torn)
    assert read_rows(path) == (rung(0, 5, "complete"),)
    with Journal(path) as journal:
        assert journal.rows == [rung(0, 5, "complete")]
        journal.append(rung(1, 5, "stopped"))
    assert [row.state for row in read_rows(path)] == ["complete", "stopped"]
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def test_a_line_that_is_no_row_in_words(tmp_path: Path) -> None:
    path = tmp_path / ROWS
    for line in ("{}", '{"trial": 1, "colour": 2}', "[1]", "nonsense"):
        path.write_text(line + "\n", encoding="utf-8")
        with pytest.raises(StoreError, match=r"trials\.jsonl:1: no row of a tuning run"):
            read_rows(path)


def test_the_last_attempt_of_a_trial_counts() -> None:
    cut = [rung(0, 2), rung(0, 4)]
    again = [rung(0, 2), rung(0, 4), rung(0, 5, "complete")]
    assert latest([*cut, *again]) == tuple(again)
    over = [rung(1, 2, "over")]
    assert latest([*again, *over, rung(1, 2), rung(1, 4, "stopped")])[3:] == (
        rung(1, 2),
        rung(1, 4, "stopped"),
    )
    # A trial killed behind its first rung, and stopped there when it ran again.
    assert latest([rung(0, 2), rung(0, 2, "stopped")]) == (rung(0, 2, "stopped"),)


def test_what_did_not_end_is_no_result() -> None:
    rows = [rung(0, 2), rung(0, 5, "complete"), rung(1, 2, "stopped"), rung(2, 2, "over")]
    assert finals(rows) == (rows[1], rows[2])


def test_only_complete_trials_can_be_best() -> None:
    states = ["complete", "stopped", "duplicate", "failed", "complete", "complete"]
    scores = [0.5, 0.1, 0.1, None, 0.4, 0.45]
    rows = [rung(i, 5, *each) for i, each in enumerate(zip(states, scores, strict=True))]
    assert [row.trial for row in incumbents(rows)] == [0, 4]


def test_sameness_leaves_times_out_and_nothing_else() -> None:
    assert same(ROW) == same(replace(ROW, seconds=9.0, cpu_seconds=9.0, total_seconds=9.0))
    for change in ({"score": 0.3}, {"work": 0.8}, {"fold_scores": (0.1,)}, {"state": "stopped"}):
        assert same(ROW) != same(replace(ROW, **change))


def manifest() -> Manifest:
    identity = {"data": {"sha256": "ab"}, "versions": {"optuna": "5.0.0"}}
    return Manifest(
        "toy-1", "2026-01-01T00:00:00+00:00", "toy", "lightgbm", "tpe", 0,
        canonical_hash(identity), identity, {"cores": 2},
    )  # fmt: skip


def test_a_manifest_is_read_back_and_guards_its_hash(tmp_path: Path) -> None:
    write_manifest(manifest(), tmp_path)
    assert read_manifest(tmp_path) == manifest()
    with Journal(tmp_path / ROWS) as journal:
        journal.append(ROW)
    assert load_run(tmp_path).rows == (ROW,)
    path = tmp_path / MANIFEST
    path.write_text(path.read_text(encoding="utf-8").replace("5.0.0", "4.9.0"), encoding="utf-8")
    with pytest.raises(StoreError, match="was changed after the run began"):
        read_manifest(tmp_path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        read_manifest(tmp_path)
    with pytest.raises(NotFoundError, match="holds no tuning run"):
        load_run(tmp_path / "nowhere")
