"""Answers and submissions with scores that others computed, through the command line.

The folder that PRACTICE_METRIC_CASES names has one folder per case: ``answers.csv``,
``submission.csv`` and ``expected.json`` with the ``score``.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from practice.cli.app import app

EPSILON = "eps=2.220446049250313e-16"  # what the source clips at, where Kaggle takes 1e-15

# By the beginning of a case's folder: the metric, and what else the command line says.
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "accuracy": ("accuracy", ()),
    "dice_mean": (
        "dice",
        (
            *("--target", "encoding", "--prediction", "predicted"),
            *("--param", "height=height_pixels", "--param", "width=width_pixels"),
        ),
    ),
    "f1_macro": ("f1", ("--param", "average=macro")),
    "f1_micro_multilabel": (
        "f1",
        ("--param", "average=micro", "--param", "multilabel=true", "--param", "unknown=ignore"),
    ),
    "jaccard_words": ("jaccard_words", ()),
    "kendall_tau": ("kendall_tau", ()),
    "kl_divergence": ("kl_divergence", ()),
    "laplace_log_likelihood": (
        "laplace_log_likelihood",
        (
            *("--id", "Patient_Week", "--target", "FVC", "--prediction", "FVC,Confidence"),
            *("--param", "extra_ids=ignore"),
        ),
    ),
    "log_loss_binary": ("log_loss", ("--param", EPSILON)),
    "log_loss_multiclass": ("log_loss", ("--param", EPSILON, "--param", "normalize=false")),
    "lwlrap": ("lwlrap", ()),
    "map_at_5": ("MAP@5", ()),
    "matthews_corrcoef": ("matthews_corrcoef", ()),
    "mcrmse": (
        "rmse",
        ("--param", "mask=keep", "--param", "columns=reactivity,deg_Mg_pH10,deg_Mg_50C"),
    ),
    "mean_columnwise_rmsle": ("rmsle", ()),
    "mean_columnwise_roc_auc": ("roc_auc", ("--param", "ignore=-1")),
    "mean_columnwise_spearman": ("spearman", ()),
    "mean_levenshtein": ("levenshtein", ()),
    "pearson": ("pearson", ()),
    "probabilistic_f1": ("probabilistic_f1", ()),
    "quadratic_weighted_kappa": ("quadratic_weighted_kappa", ()),
    "rmse": ("rmse", ()),
    "roc_auc": ("roc_auc", ()),
    "weighted_roc_auc": ("weighted_roc_auc", ()),
}


def folders() -> dict[str, Path]:
    root = Path(os.environ["PRACTICE_METRIC_CASES"])
    return {folder.name.partition("__")[0]: folder for folder in root.iterdir() if folder.is_dir()}


def last_weeks(folder: Path, to: Path) -> Path:
    """Keep of each patient the last three weeks that were measured, as the competition did."""
    with (folder / "submission.csv").open(newline="") as file:
        given = {row["Patient_Week"] for row in csv.DictReader(file)}
    measured: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (folder / "answers.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["FVC"]:
                measured[row["Patient"]].append(row)
    kept = [
        row
        for rows in measured.values()
        for row in sorted(rows, key=lambda row: int(row["Weeks"]))[-3:]
        if row["Patient_Week"] in given  # rows that are not predicted do not count in this case
    ]
    with to.open("w", newline="") as file:
        writer = csv.DictWriter(file, kept[0])
        writer.writeheader()
        writer.writerows(kept)
    return to


@pytest.mark.metric_cases
def test_every_case_has_a_command_line() -> None:
    assert folders().keys() == CASES.keys()


@pytest.mark.metric_cases
@pytest.mark.parametrize("case", CASES)
def test_the_known_score_comes_out(case: str, tmp_path: Path) -> None:
    metric, more = CASES[case]
    folder = folders()[case]
    answers = folder / "answers.csv"
    if case == "laplace_log_likelihood":
        answers = last_weeks(folder, tmp_path / "answers.csv")
    words = ["score", str(answers), str(folder / "submission.csv"), "--metric", metric]
    done: Any = CliRunner().invoke(app, [*words, *more, "--json"])
    assert done.exit_code == 0, done.output
    expected = json.loads((folder / "expected.json").read_text())["score"]
    assert json.loads(done.stdout)["score"] == pytest.approx(expected, rel=1e-9)
