"""Two files scored against each other, without a competition."""

from __future__ import annotations

import gzip
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn import metrics as sklearn_metrics

from practice.errors import MetricError, NotFoundError, PracticeError, UsageError
from practice.scoring import FileScore, SubmissionRefusedError, score_files

BINARY = b"id,y\n1,0\n2,1\n3,1\n4,0\n"


@pytest.mark.parametrize(
    ("solution", "submission", "metric", "options", "score", "rows"),
    [
        pytest.param(BINARY, b"id,y\n4,0\n3,0\n2,1\n1,0\n", "f1", {}, 2 / 3, 4, id="shuffled"),
        pytest.param(BINARY, b"id,y\n1,0.0\n2,1.0\n3,0\n4,0\n", "f1", {}, 2 / 3, 4, id="1.0"),
        pytest.param(BINARY, b"id,y\n1,0\n2,1\n3,9\n4,0\n", "accuracy", {}, 0.75, 4, id="union"),
        pytest.param(
            BINARY, b"id,p\n1,.1\n2,.9\n3,.1\n4,0\n", "roc_auc", {}, 0.875, 4, id="other column"
        ),
        pytest.param(
            b"id,y,Usage\n1,no,Public\n2,yes,Private\n",
            b"id,y\n1,.1\n2,.3\n",
            "roc_auc",
            {},
            1.0,
            2,
            id="Usage and two labels",
        ),
        pytest.param(
            b"Id,Usage,y\n1,Public,no\n2,Private,yes\n",
            b"Id,y\n1,yes\n2,yes\n",
            "f1",
            {"parameters": {"pos_label": "yes"}},
            2 / 3,
            2,
            id="parameters",
        ),
        pytest.param(
            b"image,hotel\nx.jpg,3\ny.jpg,5\n",
            b"hotel,image\n5,y.jpg\n4,x.jpg\n",
            "accuracy",
            {},
            0.5,
            2,
            id="the first column that tells rows apart",
        ),
        pytest.param(
            b"user,day,y\na,1,0.5\na,2,1\nb,1,3\n",
            b"day,user,y\n1,b,3\n2,a,1\n1,a,0\n",
            "mae",
            {"id": "user,day"},
            pytest.approx(1 / 6),
            3,
            id="composite id",
        ),
        pytest.param(
            b"id,a,b\n1,1,9\n2,2,9\n",
            b"id,p,q\n1,9,1\n2,9,4\n",
            "mae",
            {"target": ("a",), "prediction": ("q",)},
            1.0,
            2,
            id="named columns; others do not matter",
        ),
        pytest.param(
            b"id,a,b\n1,1,9\n2,2,9\n", b"id,b\n1,9\n2,8\n", "mae", {"target": "b"}, 0.5, 2,
            id="target named",
        ),
        pytest.param(
            b"id,a,b\n1,0,1\n2,2,3\n", b"id,b,a\n1,1,0\n2,3,4\n", "mae", {}, 0.5, 2,
            id="several targets",
        ),
        pytest.param(
            b"id,y\n1,\n2,3\n3,NaN\n", b"id,y\n1,5\n2,3.5\n3,7\n", "mae", {}, 0.5, 1,
            id="missing answers are not scored",
        ),
        pytest.param(
            b"id,y\n1,\n2,3\n", b"id,y\n1,5\n2,3\n", "accuracy", {}, 1.0, 1,
            id="missing labels are not scored",
        ),
        pytest.param(
            b"id,y\n1,a\n2,b\n3,c\n",
            b"id,c,a,b\n1,0,1,0\n2,0,0,1\n3,1,0,0\n",
            "log_loss",
            {},
            pytest.approx(0.0, abs=1e-12),
            3,
            id="a column per class",
        ),
        pytest.param(
            b'id,y\n1,"a, b"\n2,c d\n',
            b'id,y\n2,c d\n1,"a, b"\n',
            "accuracy",
            {},
            1.0,
            2,
            id="labels with commas",
        ),
    ],
)  # fmt: skip
def test_scores(
    solution: bytes, submission: bytes, metric: str, options: Any, score: Any, rows: int
) -> None:
    assert score_files(solution, submission, metric, **options) == FileScore(metric, score, rows)


def test_labels_are_one_set_for_both_files() -> None:
    draw = np.random.default_rng(3)
    truth, guess = draw.integers(0, 12, 300), draw.integers(3, 15, 300)
    solution = "id,y\n" + "".join(f"{row},{value}\n" for row, value in enumerate(truth))
    submission = "id,y\n" + "".join(f"{row},{value}.0\n" for row, value in enumerate(guess))

    for metric, due in (
        ("f1", sklearn_metrics.f1_score(truth, guess, average="macro")),
        ("quadratic_weighted_kappa", None),
    ):
        parameters = {"average": "macro"} if metric == "f1" else {}
        found = score_files(solution.encode(), submission.encode(), metric, parameters=parameters)
        if due is None:
            due = sklearn_metrics.cohen_kappa_score(truth, guess, weights="quadratic")
        assert found.score == pytest.approx(due)


def test_formats(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2, 3, 4], "y": [0.0, 1.0, 1.0, 0.0]})
    parquet.write_table(table, tmp_path / "solution.parquet")
    (tmp_path / "submission.csv.gz").write_bytes(gzip.compress(BINARY))

    found = score_files(tmp_path / "solution.parquet", tmp_path / "submission.csv.gz", "rmse")

    assert found == FileScore("rmse", 0.0, 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(BINARY,))
    writer.start()

    assert score_files(BINARY, pipe, "accuracy").score == 1.0
    writer.join()


@pytest.mark.parametrize(
    ("solution", "submission", "metric", "options", "kind", "message"),
    [
        pytest.param(
            b"id,a,b\n1,1,1\n", b"id,p,q\n1,5,1\n", "mae", {}, UsageError,
            "it is not clear which columns to compare; the solution has a, b besides the id, "
            "the submission p, q",
            id="columns unclear",
        ),
        pytest.param(
            b"u,d,y\na,1,0\na,1,1\n", b"u,d,y\na,1,0\na,1,1\n", "mae", {}, PracticeError, None,
            id="no id",
        ),
        pytest.param(
            b"u,d,y\na,1,5\na,1,5\n", b"u,d,y\na,1,5\na,1,5\n", "mae", {}, UsageError,
            "no column of both files tells the rows apart; columns of the solution: u, d, y; "
            "of the submission: u, d, y",
            id="nothing tells rows apart",
        ),
        pytest.param(
            b"u,d,y\na,1,5\na,1,5\n", b"u,d,y\na,1,5\na,1,5\n", "mae", {"id": "u,d"},
            PracticeError, "the solution: ids occur more than once: a,1",
            id="composite id that repeats",
        ),
        pytest.param(
            b"id,y\n7,1\n7,2\n", b"id,y\n7,1\n", "mae", {}, PracticeError,
            "the solution: ids occur more than once: 7", id="repeated id",
        ),
        pytest.param(
            b"id,a\n1,1\n", b"id,a\n1,1\n", "mae", {"target": "b"}, UsageError,
            "the solution has no column 'b'; columns: id, a", id="no such target",
        ),
        pytest.param(
            b"id,a\n1,1\n", b"id,a\n1,1\n", "mae", {"prediction": "b"}, UsageError,
            "the submission has no column 'b'; columns: a", id="no such prediction",
        ),
        pytest.param(
            b"id,a\n1,1\n", b"id,a\n1,1\n", "mae", {"id": "key"}, UsageError,
            "the solution has no column 'key'; columns: id, a", id="no such id",
        ),
        pytest.param(
            b"id,a,b\n1,1,1\n", b"id,a,b\n1,1,1\n", "mae", {"target": "a", "prediction": "a,b"},
            UsageError, "1 columns of answers (a), but 2 of predictions (a, b)", id="unequal",
        ),
        pytest.param(
            b"id,y\n1,a\n2,b\n3,c\n", b"id,a,b,d\n1,1,0,0\n2,1,0,0\n3,1,0,0\n", "log_loss", {},
            UsageError,
            "the columns of predictions (a, b, d) are not the labels of y (a, b, c)",
            id="classes",
        ),
        pytest.param(
            b"id,y\n1,x\n2,3\n", b"id,y\n1,5\n2,3.5\n", "mae", {}, PracticeError,
            "the solution cannot be read: row 1, column y: not a number: x", id="bad answer",
        ),
        pytest.param(
            b"id,y\n1,x\n2,3\n2\n", b"id,y\n1,5\n2,3.5\n", "mae", {}, PracticeError,
            "the solution cannot be read: row 3: too few cells in the row: 2; and 1 more",
            id="bad solution",
        ),
        pytest.param(
            b"", BINARY, "mae", {}, PracticeError,
            "the solution cannot be read: the solution is empty", id="empty solution",
        ),
        pytest.param(
            BINARY, b"", "mae", {}, SubmissionRefusedError, "the submission is empty",
            id="empty submission",
        ),
        pytest.param(
            BINARY, b"id;y\n1;0\n", "mae", {}, SubmissionRefusedError,
            "cells are separated by semicolons, not commas", id="semicolons",
        ),
        pytest.param(
            BINARY, b"ID,y\n1,0\n", "mae", {}, SubmissionRefusedError,
            "column 'id' is missing", id="id in upper case",
        ),
        pytest.param(
            BINARY, b"id,y,z\n1,0,0\n", "mae", {}, SubmissionRefusedError,
            "column 'z' is not expected", id="extra column",
        ),
        pytest.param(
            BINARY, b"id,y\n1,0\n", "mae", {}, SubmissionRefusedError,
            "3 ids are missing", id="missing ids",
        ),
        pytest.param(
            BINARY, b"id,y\n1,0\n2,\n3,1\n4,1\n", "accuracy", {}, SubmissionRefusedError,
            "missing where a label is due", id="missing label",
        ),
        pytest.param(
            b"id,y\n2,2\n1,1\n", b"id,y\n1,-2\n2,1\n", "rmsle", {}, MetricError,
            None, id="metric",
        ),
        pytest.param(BINARY, BINARY, "rsme", {}, NotFoundError, None, id="metric unknown"),
        pytest.param(
            BINARY, BINARY, "rmse", {"parameters": {"k": 3}}, UsageError, None, id="parameter",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_scored(
    solution: bytes, submission: bytes, metric: str, options: Any, kind: Any, message: str | None
) -> None:
    with pytest.raises(kind) as caught:
        score_files(solution, submission, metric, **options)

    assert message is None or caught.value.message == message


def test_the_row_of_a_bad_prediction_is_that_of_the_submission() -> None:
    with pytest.raises(MetricError, match=r"\(row 1 of the submission\)"):
        score_files(b"id,y\n2,2\n1,1\n", b"id,y\n1,-2\n2,1\n", "rmsle")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        score_files(tmp_path / "nowhere.csv", BINARY, "mae")
    with pytest.raises(NotFoundError):
        score_files(BINARY, tmp_path / "nowhere.csv", "mae")
    with pytest.raises(PracticeError, match="is a directory"):
        score_files(tmp_path, BINARY, "mae")
    with pytest.raises(SubmissionRefusedError, match="is a directory"):
        score_files(BINARY, tmp_path, "mae")


def test_a_file_that_may_not_be_read() -> None:
    path = Path("/proc/self/mem")
    if not path.is_file():
        pytest.skip("this system has no such file")
    with pytest.raises(PracticeError, match="/proc/self/mem cannot be read"):
        score_files(BINARY, path, "mae")


def test_json_of_the_record() -> None:
    from dataclasses import asdict

    found = score_files(BINARY, BINARY, "accuracy")

    assert json.loads(json.dumps(asdict(found))) == {"metric": "accuracy", "score": 1.0, "rows": 4}
