"""Answers read from a vault, and the whole way of a submission without pandas."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from practice import scoring
from practice.build.vault import SOLUTION, TargetInfo, VaultInfo, save_info
from practice.errors import BuildError


@pytest.fixture
def vault(tmp_path: Path) -> Callable[..., Path]:
    """Write a vault folder of the given columns, as a build does."""

    def write(columns: dict[str, Any], *targets: TargetInfo, group_rows: int = 100) -> Path:
        folder = tmp_path / "vault"
        folder.mkdir()
        table = pa.table(columns)
        kind = "text" if pa.types.is_string(table.schema.field("id").type) else "integer"
        rows = table.num_rows
        info = VaultInfo(
            slug="toy", build="b", data_hash="d", builder=1, id="key", id_kind=kind,
            targets=targets, split="random", rows=rows, public_rows=2, train_rows=9,
            created_at="2026-01-01T00:00:00+00:00", sha256={},
        )  # fmt: skip
        save_info(folder, info)
        parquet.write_table(table, folder / SOLUTION, compression="none", row_group_size=group_rows)
        return folder

    return write


@pytest.mark.parametrize("public", [[True, False, True], pa.array([1, 0, 1], pa.int8())])
@pytest.mark.parametrize("group_rows", [100, 2])
def test_all_that_is_stored_comes_back(
    vault: Callable[..., Path], group_rows: int, public: Any
) -> None:
    folder = vault(
        {
            "id": [7, 3, 5],
            "target:size": [0.5, np.nan, 2.0],
            "target:kind": pa.array([0, -1, 1], pa.int8()),
            "target:words": ["a b", "", "c"],
            "public": public,
            "unit": pa.array([0, 1, 2], pa.int32()),
            "extra:weight": ["1.0", "2", "0.5"],
            "group": ["4", "4", "9"],
            "slice:town": ["x", "y", "x"],
        },
        TargetInfo("size", "number"),
        TargetInfo("kind", "label", ("no", "yes"), "yes"),
        TargetInfo("words", "text"),
        group_rows=group_rows,
    )

    answers = scoring.load_answers(folder)

    assert answers.ids.to_pylist() == [7, 3, 5]
    assert answers.id_columns == ("key",)
    assert [(t.name, t.type, t.labels, t.positive) for t in answers.targets] == [
        ("size", "number", None, None),
        ("kind", "label", ("no", "yes"), "yes"),
        ("words", "text", None, None),
    ]
    size, kind, words = (target.values for target in answers.targets)
    assert np.array_equal(size, [0.5, np.nan, 2.0], equal_nan=True)
    assert (kind.dtype, kind.tolist(), words.tolist()) == (np.int8, [0, -1, 1], ["a b", "", "c"])
    assert (answers.public.dtype, answers.public.tolist()) == (np.bool_, [True, False, True])
    assert {name: values.tolist() for name, values in answers.extras.items()} == {
        "weight": ["1.0", "2", "0.5"],
        "group": ["4", "4", "9"],
        "town": ["x", "y", "x"],
    }


def test_answers_that_cannot_be_read(vault: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(BuildError):
        scoring.load_answers(tmp_path / "nowhere")
    folder = vault({"id": [1], "public": [True]}, TargetInfo("secret", "number"))
    with pytest.raises(BuildError, match="KeyError"):
        scoring.load_answers(folder)
    (folder / SOLUTION).write_bytes(b"PAR1 secret")
    with pytest.raises(BuildError) as caught:
        scoring.load_answers(folder)
    assert "secret" not in caught.value.message + caught.value.hint


PROGRAM = """
import sys
from pathlib import Path
from practice import metrics, scoring
from practice.definition import MetricSpec, SubmissionSpec

folder, file = map(Path, sys.argv[1:3])
answers = scoring.load_answers(folder)
metric = scoring.bind(MetricSpec(sys.argv[3]), answers)
layout = scoring.layout(answers, metric, SubmissionSpec())
try:
    found = scoring.read(file, layout, answers)
    print(scoring.score(answers, found, metric, answers.public))
except scoring.SubmissionRefusedError as error:
    print(len(error.problems))
heavy = {"pandas", "sklearn", "lightgbm", "scipy", "optuna", "sqlalchemy", "requests"}
print(sorted(heavy & set(sys.modules)))
"""

GOOD = "key,y\na,1\nb,0\nc,1\nd,1\n"
BAD = "key,Y\na,1\nb,\ne,1\nd,x\nd,1\n"


@pytest.mark.parametrize("metric", ["f1", "roc_auc", "log_loss"])
@pytest.mark.parametrize(
    "text", [GOOD, GOOD.replace("a,1\nb,0", "b,0\na,1"), GOOD.replace("0", "0.0"), BAD]
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_neither_pandas_nor_scikit_learn_is_imported(
    form: str, text: str, metric: str, vault: Callable[..., Path], tmp_path: Path
) -> None:
    folder = vault(
        {
            "id": ["a", "b", "c", "d"],
            "target:y": pa.array([1, 0, 1, 0], pa.int8()),
            "public": [True] * 4,
        },
        TargetInfo("y", "label", ("0", "1"), "1"),
    )
    file = tmp_path / "submission"
    if form == "csv":
        file.write_text(text)
    else:
        head, *rows = [line.split(",") for line in text.split()]
        columns = list(zip(*rows, strict=True))
        numbers = pa.array([float(cell) if cell not in ("", "x") else None for cell in columns[1]])
        parquet.write_table(pa.table({head[0]: columns[0], head[1]: numbers}), file)

    command = [sys.executable, "-c", PROGRAM, str(folder), str(file), metric]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    first, imported = done.stdout.split("\n")[:2]
    assert imported == "[]"
    assert first.isdigit() == (text == BAD)
