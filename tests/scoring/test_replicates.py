"""From stored predictions and a build's plan to the replicates of a score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from practice import metrics, scoring
from practice.build.plan import load_plan
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info
from practice.errors import MetricError
from practice.metrics.options import Options
from practice.metrics.plan import Plan
from practice.scoring import Answers, Target, replicates_of_part, score_replicates

ROWS = 80


def vault(folder: Path, target: TargetInfo, values: np.ndarray, **more: pa.Array) -> Path:
    public = np.arange(ROWS) % 2 == 0
    info = VaultInfo(
        "toy", "toy-1", "d", 1, "id", "integer", (target,), "random", ROWS, int(public.sum()), 0,
        "2026-01-01T00:00:00+00:00", {},
    )  # fmt: skip
    save_info(folder, info)
    columns = {
        "id": pa.array(np.arange(ROWS)),
        f"target:{target.name}": pa.array(values),
        "public": pa.array(public),
        "unit": pa.array(np.arange(ROWS, dtype=np.int32)),
        **more,
    }
    parquet.write_table(pa.table(columns), folder / SOLUTION, compression="none")
    return folder


LABEL = TargetInfo("y", "label", ("no", "yes"), "yes")
TRUTH = (np.arange(ROWS) // 2 % 3 == 0).astype(np.int8)
GUESS = np.sin(np.arange(ROWS) ** 2.0) + TRUTH


def test_both_parts_have_replicates_of_their_own_rows(tmp_path: Path) -> None:
    folder = vault(tmp_path, LABEL, TRUTH)
    answers, metric = scoring.load_answers(folder), metrics.get("roc_auc")
    for part, rows in (("public", answers.public), ("private", ~answers.public)):
        made = replicates_of_part(folder, answers, {"y": GUESS}, metric, part)
        assert made is not None
        plan = load_plan(folder, part)
        assert (made.plan, made.values.shape, made.without) == (plan.id, (1000,), 0)
        for replicate in (0, 1, 999):
            drawn = np.repeat(np.flatnonzero(rows), plan.counts[replicate])
            value = metric.score(TRUTH[drawn], GUESS[drawn])
            assert abs(made.values[replicate] - value) < 1e-12
        assert abs(made.values.mean() - scoring.score(answers, {"y": GUESS}, metric, rows)) < 0.01


def test_private_rows_do_not_enter_public_replicates(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "one").mkdir()
    hidden = np.arange(ROWS) % 2 == 1
    metric, made = metrics.get("roc_auc"), []
    for name, truth in (("one", TRUTH), ("other", np.where(hidden, 1 - TRUTH, TRUTH))):
        folder = vault(tmp_path / name, LABEL, truth.astype(np.int8))
        answers = scoring.load_answers(folder)
        guess = np.where(hidden, 7.0, GUESS)
        made.append(replicates_of_part(folder, answers, {"y": guess}, metric, "public"))
    assert made[0] is not None
    assert made[1] is not None
    assert np.array_equal(made[0].values, made[1].values)


def test_labels_go_by_their_codes(tmp_path: Path) -> None:
    folder = vault(tmp_path, LABEL, TRUTH)
    answers = scoring.load_answers(folder)
    guess = np.where(np.arange(ROWS) % 5 == 0, 1 - TRUTH, TRUTH).astype(np.int8)
    metric = metrics.get("f1", pos_label="yes")
    made = replicates_of_part(folder, answers, {"y": guess}, metric, "public")
    assert made is not None
    counts = load_plan(folder, "public").counts
    values = [metric.score(TRUTH[::2], guess[::2], labels=("no", "yes"), weight=counts[r])
              for r in range(20)]  # fmt: skip
    assert np.array_equal(made.values[:20], values)


def test_a_row_without_an_answer_is_left_out(tmp_path: Path) -> None:
    truth = np.where(np.arange(ROWS) % 10 == 0, np.nan, np.arange(ROWS) / 7)
    folder = vault(tmp_path, TargetInfo("y", "number"), truth)
    answers, guess = scoring.load_answers(folder), np.arange(ROWS) / 6
    made = replicates_of_part(folder, answers, {"y": guess}, metrics.get("mae"), "public")
    assert made is not None
    counts = load_plan(folder, "public").counts
    kept = ~np.isnan(truth[::2])
    errors = np.abs(truth - guess)[::2][kept]
    expected = counts[:, kept] @ errors / counts[:, kept].sum(axis=1)
    assert np.abs(made.values - expected).max() < 1e-12


def test_weights_of_the_solution_count(tmp_path: Path) -> None:
    weight = 1.0 + np.arange(ROWS) % 3
    truth, guess = np.arange(ROWS) / 7, np.arange(ROWS) / 6
    folder = vault(
        tmp_path,
        TargetInfo("y", "number"),
        truth,
        **{"extra:weight": pa.array(weight.astype(int).astype(str))},
    )
    answers = scoring.load_answers(folder)
    used = Options(sample_weight="weight")
    mae = metrics.get("mae")
    made = replicates_of_part(folder, answers, {"y": guess}, mae, "private", used=used)
    assert made is not None
    each = load_plan(folder, "private").counts * weight[1::2]
    expected = each @ np.abs(truth - guess)[1::2] / each.sum(axis=1)
    assert np.abs(made.values - expected).max() < 1e-12


def test_replicates_without_a_score_are_counted() -> None:
    target = Target("y", "label", np.array([0, 1, 1, 0], np.int8), ("no", "yes"), "yes")
    answers = Answers(None, ("id",), (target,), np.array([True, True, True, False]))
    plan = Plan(np.array([[1, 1, 1], [3, 0, 0], [1, 0, 2]], np.uint8), id="mine")
    guess = {"y": np.array([0.1, 0.2, 0.05, 0.0])}
    made = score_replicates(answers, guess, metrics.get("roc_auc"), plan, answers.public)
    assert made is not None
    assert np.array_equal(made.values, [0.5, np.nan, 0.0], equal_nan=True)
    assert (made.plan, made.without) == ("mine", 1)


def test_a_metric_that_must_not_be_resampled_makes_no_plan(tmp_path: Path) -> None:
    folder = vault(tmp_path, TargetInfo("y", "number"), np.arange(ROWS) / 7)
    answers = scoring.load_answers(folder)
    guess = {"y": np.zeros(ROWS)}
    assert replicates_of_part(folder, answers, guess, metrics.get("max_error"), "public") is None
    assert not list(folder.glob("plan*"))


def test_a_refusal_names_the_row_of_all(tmp_path: Path) -> None:
    folder = vault(tmp_path, TargetInfo("y", "number"), np.arange(ROWS) / 7)
    answers = scoring.load_answers(folder)
    guess = np.where(np.arange(ROWS) == 6, -2.0, 1.0)
    with pytest.raises(MetricError, match="a prediction is -1 or less") as caught:
        replicates_of_part(folder, answers, {"y": guess}, metrics.get("rmsle"), "public")
    assert caught.value.row == 6
