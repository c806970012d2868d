"""The folder a participant works in."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from practice import build
from practice.build import workspace
from practice.definition import Drop, MetricSpec, Rules, SubmissionSpec
from practice.errors import BuildError

FILES = {
    ".practice.json",
    "README.md",
    "data/folds.csv",
    "data/sample_submission.csv",
    "data/test.csv",
    "data/train.csv",
    "starter.ipynb",
    "starter.py",
}


@pytest.fixture
def started(toy, table, settings, tmp_path):
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    return info, competition, tmp_path / "here" / "toy", settings


def listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_new_workspace(started):
    info, _, folder, settings = started
    assert build.write_workspace(*started) is True
    assert listing(folder) == FILES
    for name in ("train", "test", "sample_submission", "folds"):
        original = (settings.data / info.build / f"{name}.csv").read_bytes()
        assert (folder / "data" / f"{name}.csv").read_bytes() == original
    assert list(folder.parent.iterdir()) == [folder]


def test_the_marker_is_found_from_anywhere_inside(started):
    info, _, folder, _ = started
    build.write_workspace(*started)
    expected = build.Marker("toy", info.build, folder)
    for path in (folder, folder / "data", folder / "data" / "new" / "file.csv"):
        assert build.workspace_at(path) == expected
    assert build.workspace_at(folder.parent) is None


def test_again_restores_what_was_deleted_and_leaves_what_was_changed(started):
    _, _, folder, _ = started
    build.write_workspace(*started)
    (folder / "starter.py").write_text("mine\n")
    (folder / "notes.txt").write_text("mine\n")
    original = (folder / "data" / "test.csv").read_bytes()
    (folder / "data" / "test.csv").unlink()
    assert build.write_workspace(*started) is False
    assert (folder / "starter.py").read_text() == "mine\n"
    assert (folder / "data" / "test.csv").read_bytes() == original
    assert listing(folder) == FILES | {"notes.txt"}


def test_an_empty_folder_is_fine(started):
    _, _, folder, _ = started
    folder.mkdir(parents=True)
    assert build.write_workspace(*started) is True
    assert listing(folder) == FILES


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"notes.txt": "mine"}, "is not empty, and no workspace of practice"),
        ({".practice.json": "{}"}, "is not empty, and no workspace of practice"),
        (
            {".practice.json": '{"slug": "toy", "build": "toy-1"}'},
            r"is a workspace of toy \(build toy-1\), not of build toy-",
        ),
    ],
)
def test_a_folder_with_other_things(started, content, message):
    _, _, folder, _ = started
    folder.mkdir(parents=True)
    for name, text in content.items():
        (folder / name).write_text(text)
    with pytest.raises(BuildError, match=message) as caught:
        build.write_workspace(*started)
    assert caught.value.hint == "practice start toy OTHER_FOLDER"
    assert listing(folder) == set(content)


def test_a_file_in_its_place(started):
    _, _, folder, _ = started
    folder.parent.mkdir()
    folder.write_text("mine")
    with pytest.raises(BuildError, match="is a file"):
        build.write_workspace(*started)


def test_files_of_the_build_that_are_gone(started):
    info, _, folder, settings = started
    (settings.data / info.build / "train.csv").unlink()
    with pytest.raises(BuildError, match=r"lacks train.csv"):
        build.write_workspace(*started)
    assert not folder.exists()


@pytest.mark.parametrize("beforehand", [True, False], ids=["empty-folder", "no-folder"])
@pytest.mark.parametrize("after", range(8))
def test_stopped_at_any_file_and_taken_up_again(started, monkeypatch, beforehand, after):
    _, _, folder, _ = started
    if beforehand:
        folder.mkdir(parents=True)
    written = []

    def failing(real):
        def write(first, second, mode):
            if len(written) == after:
                raise OSError(28, "No space left on device")
            written.append(first)
            real(first, second, mode)

        return write

    with monkeypatch.context() as patch:
        patch.setattr(workspace, "put", failing(workspace.put))
        patch.setattr(workspace, "copy", failing(workspace.copy))
        with pytest.raises(BuildError, match="No space left on device"):
            build.write_workspace(*started)
    assert folder.exists() == beforehand
    assert build.write_workspace(*started) is not (beforehand and after > 0)
    assert listing(folder.parent) == {f"toy/{name}" for name in FILES}


def test_a_run_killed_at_its_first_file(started):
    _, _, folder, _ = started
    folder.mkdir(parents=True)
    (folder / "..practice.json.tmp").write_text('{"bui')
    assert build.write_workspace(*started) is True
    assert listing(folder) == FILES


def test_the_readme_says_what_to_do(started):
    info, competition, folder, settings = started
    competition = replace(
        competition,
        metric=MetricSpec("f1", parameters={"average": "macro"}),
        rules=Rules("rounded:2", 7, 3, datetime(2030, 1, 2, 3, 4, tzinfo=UTC)),
        data=replace(competition.data, na=("NA",), drop=(Drop("c", "known too late"),)),
    )
    build.write_workspace(info, competition, folder, settings)
    text = (folder / "README.md").read_text()
    for line in (
        "# Toy",
        "- Predict: `y` (binary; `1` is the positive class)",
        "- Rows: 36 to learn from, 24 to predict",
        "- Limits: 7 submissions a day, 3 of them final",
        "- Feedback on public scores: rounded:2",
        "- Deadline: 2030-01-02 03:04 UTC",
        "    python starter.py                                  # a first solution",
        "    practice check submission.csv                      # costs nothing",
        '    practice submit submission.csv -m "first try"',
        "    practice leaderboard",
        "- `c`: known too late",
        "Missing values are written as `NA`.",
        "Licence: CC0. Nobody",
    ):
        assert line in text.splitlines()
    assert "- Metric: `f1`, average = macro (greater is better)." in text
    assert "| `a` | numbers |  | `" in text
    assert "| `y` (to predict) | numbers |  | `" in text


def raw_of(kind: str) -> str:
    """Return 240 rows in which a number, a word and a time say something of the target."""
    lines = ["k,when,number,word,y"]
    for i in range(240):
        signal = i * 37 % 101
        y = {
            "binary": "yes" if signal > 60 else "no",
            "multiclass": "uvw"[signal // 34],
            "rating": str(3 + signal // 34),
            "number": str(signal + 1),
        }[kind]
        when = f"2024-{1 + i // 28:02}-{1 + i % 28:02}T0{i % 7}:00"
        lines.append(f"{i:04},{when},{signal if i % 9 else ''},{'abc'[signal % 3]},{y}")
    return "\n".join(lines) + "\n"


def run_starter(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "starter.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def head(path: Path) -> tuple[str, list[str]]:
    header, *lines = path.read_text().splitlines()
    return header, [line.split(",")[0] for line in lines]


IN_TIME = {"kind": "time", "test": 0.25}
RANDOM = {"kind": "random"}


@pytest.mark.parametrize(
    ("kind", "task", "metric", "changes"),
    [
        ("binary", "binary", "f1", {}),
        ("binary", "binary", "average_precision", {"skills": ("text",)}),
        ("binary", "binary", "matthews_corrcoef", {"split": IN_TIME}),
        ("binary", "binary", "log_loss", {"split": {**IN_TIME, "purge": 2}}),
        ("multiclass", "multiclass", "accuracy", {}),
        ("multiclass", "multiclass", "log_loss", {}),
        (
            "multiclass",
            "multiclass",
            "roc_auc",
            {"submission": SubmissionSpec(columns=("p u", "p v", "p w"))},
        ),
        ("rating", "multiclass", "quadratic_weighted_kappa", {}),
        ("number", "regression", "rmsle", {"split": {**IN_TIME, "purge": "7d"}}),
        ("number", "regression", "mae", {"split": IN_TIME, "drop": "when"}),
        ("number", "regression", "rmse", {"split": {**IN_TIME, "purge": 5}, "time": "k"}),
        ("number", "regression", "smape", {"split": RANDOM}),
        ("number", "regression", "r2", {"split": RANDOM, "skills": ("text",)}),
    ],
)
def test_starters_run_as_they_are(toy, settings, tmp_path, kind, task, metric, changes):
    changes = dict(changes)
    data = {"id": "k", "time": changes.pop("time", "when")}
    if "drop" in changes:
        data["drop"] = (Drop(changes.pop("drop"), "not for models"),)
    competition, files = toy(raw_of(kind), task=task, metric=metric, data=data, **changes)
    info = build.make(competition, files, settings)
    folder = tmp_path / "workspace"
    build.write_workspace(info, competition, folder, settings)
    said = run_starter(folder)
    assert f"{metric}: " in said
    sample = head(folder / "data" / "sample_submission.csv")
    assert head(folder / "submission.csv") == sample
    header, ids = head(folder / "oof.csv")
    assert header == sample[0]
    assert set(ids) <= set(head(folder / "data" / "train.csv")[1])
    assert len(ids) == info.train_rows or info.split == "time"
    assert "nan" not in (folder / "submission.csv").read_text()


def test_many_labels_with_spaces_and_quotes(toy, settings, tmp_path):
    labels = [f'"the  {i}th" label, or kind, there is' for i in range(9)]
    rows = ['"' + labels[i % 9].replace('"', '""') + f'",{i}' for i in range(180)]
    competition, files = toy("y,a\n" + "\n".join(rows) + "\n", task="multiclass")
    info = build.make(competition, files, settings)
    build.write_workspace(info, competition, tmp_path / "workspace", settings)
    run_starter(tmp_path / "workspace")
    assert max(map(len, (tmp_path / "workspace" / "starter.py").read_text().splitlines())) <= 100
    written = pd.read_csv(tmp_path / "workspace" / "submission.csv")["y"]
    assert set(written) <= set(labels)


def test_a_task_without_a_ready_model_gets_the_sample(toy, settings, tmp_path):
    raw = "a,y\n" + "".join(f"{i},x y\n" for i in range(40))
    competition, files = toy(raw, task="multilabel", split=RANDOM, metric="accuracy")
    info = build.make(competition, files, settings)
    build.write_workspace(info, competition, tmp_path / "workspace", settings)
    run_starter(tmp_path / "workspace")
    sample = (tmp_path / "workspace" / "data" / "sample_submission.csv").read_bytes()
    assert (tmp_path / "workspace" / "submission.csv").read_bytes() == sample


def test_script_and_notebook_are_the_same(started):
    _, _, folder, _ = started
    build.write_workspace(*started)
    book = json.loads((folder / "starter.ipynb").read_text())
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert {cell["cell_type"] for cell in book["cells"]} == {"code"}
    joined = "\n\n\n".join("".join(cell["source"]) for cell in book["cells"])
    assert joined + "\n" == (folder / "starter.py").read_text()


def test_a_title_with_quotes_does_not_break_the_starter(started):
    info, competition, folder, settings = started
    title = 'The "toy" \\ of """quotes"'
    build.write_workspace(info, replace(competition, title=title), folder, settings)
    compile((folder / "starter.py").read_text(), "starter.py", "exec")
