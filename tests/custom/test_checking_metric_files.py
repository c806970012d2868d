"""``practice metrics --check FILE``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from practice import catalog, custom, harness, metrics
from practice.build.vault import load_info
from practice.cli.app import app
from practice.settings import Settings

Toy = Callable[..., Settings]
HEAD = "def score(solution, submission, row_id_column_name"
MEAN = f"""{HEAD}, scale: float = 1.0) -> float:
    column = solution.columns[1]
    return float((solution[column] - submission[column]).abs().mean()) * scale
"""


MADE_UP = 2 * (0.2 + 0.3 + 0.6 + 0.1) / 4  # of the first four rows


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs a command in an empty folder, which is returned to."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)

    def go(*words: str) -> Any:
        return CliRunner().invoke(app, list(words), prog_name="practice", catch_exceptions=False)

    return go


def test_names_are_listed(practice: Callable[..., Any]) -> None:
    shown = {line.split()[0] for line in practice("metrics").stdout.splitlines()}
    assert shown >= set(metrics.names())
    listed = json.loads(practice("metrics", "--json").stdout)["metrics"]
    assert sorted(each["name"] for each in listed) == list(metrics.names())
    done = practice("metrics", "--param", "a=1")
    assert done.exit_code == 2
    assert "--param belongs to a NAME or to --check FILE" in done.stderr


def test_a_file_is_tried_on_a_made_up_table(practice: Callable[..., Any]) -> None:
    Path("mine.py").write_text(MEAN)
    done = practice("metrics", "--check", "mine.py", "--param", "scale=2")
    assert done.exit_code == 0
    lines = [line.split(None, 1) for line in done.stdout.splitlines()]
    assert lines[:4] == [
        ["File", "mine.py"],
        ["Signature", f"{HEAD.removeprefix('def ')}, scale: float = 1.0)"],
        ["Sample", "a made-up table of 8 rows"],
        ["Public", f"{MADE_UP!r} (4 rows)"],
    ]
    assert lines[4][0] == "Time"
    assert lines[5][1].startswith("not said in the file: [metric] greater_is_better")


def test_a_file_is_tried_on_the_sample_of_a_competition(
    toy: Toy, practice: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = toy(MEAN, "scale = 2")
    harness.start(settings, "toy", tmp_path / "ws")
    for vault in settings.vault.glob("*/solution.parquet"):
        vault.unlink()  # the answers are not needed, so they cannot be told
    file = str(tmp_path / "definitions" / "toy" / "metric.py")
    named = json.loads(practice("metrics", "--check", file, "-c", "toy", "--json").stdout)
    assert named["ok"] is True
    assert named["public"] > 0
    assert named["rows"] == 30
    assert named["greater_is_better"] is False
    assert named["traceback"] == ""
    monkeypatch.chdir(tmp_path / "ws")
    inside = json.loads(practice("metrics", "--check", file, "--json").stdout)
    assert inside["public"] == named["public"]
    half = practice("metrics", "--check", file, "--param", "scale=1", "--json")
    assert json.loads(half.stdout)["public"] == pytest.approx(named["public"] / 2)
    other = tmp_path / "other.py"
    other.write_text(f"{HEAD}):\n    return 1.0\n")
    done = practice("metrics", "--check", str(other))
    assert done.exit_code == 0
    assert "not said in the file" in done.stdout


def test_an_error_is_shown_with_its_traceback(practice: Callable[..., Any]) -> None:
    Path("mine.py").write_text(f"{HEAD}):\n    raise ValueError('why')\n")
    done = practice("metrics", "--check", "mine.py")
    assert done.exit_code == 1
    assert 'File "mine.py", line 2, in score' in done.stderr
    assert done.stderr.endswith("error: score() failed for Public: ValueError: why\n")
    assert "Public " not in done.stdout


@pytest.mark.parametrize(
    ("body", "error", "split", "visible"),
    [
        ("return None", "TypeError: score() returned None (NoneType), not a number", "public", 0),
        ("return 0 / 0 if 5 in set(solution.id) else 1", "ZeroDivisionError: division by zero",
         "private", 0),
        ("raise ParticipantVisibleError('no')", "no", "public", 1),
        ("import time; time.sleep(60)", "score() took more than 2 s", "process", 0),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    body: str, error: str, split: str, visible: int, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"class ParticipantVisibleError(Exception): ...\n{HEAD}):\n    {body}\n")
    done = custom.check_file(file, custom.made_up(), time_limit=2.0)
    assert (done.ok, done.error, done.split, done.visible) == (False, error, split, bool(visible))
    assert done.signature is not None


def test_a_wrong_signature_is_said(practice: Callable[..., Any], tmp_path: Path) -> None:
    Path("mine.py").write_text("def score(a, b): ...")
    done = practice("metrics", "--check", "mine.py")
    assert done.exit_code == 1
    assert "the first parameters of score() must be solution, submission" in done.stderr
    Path("mine.py").write_text(MEAN)
    done = practice("metrics", "--check", "mine.py", "--param", "scale=x")
    assert done.exit_code == 1
    assert "scale: score() takes scale: float = 1.0" in done.stderr
    done = practice("metrics", "--check", "absent.py")
    assert done.exit_code == 1
    assert "absent.py cannot be read: No such file" in done.stderr


@pytest.mark.parametrize(
    ("task", "target", "kind"),
    [("regression", "amount", "number"), ("binary", "word", "label"), ("ranking", "word", "text")],
)
def test_answers_of_the_sample_are_those_of_training_rows(
    task: str, target: str, kind: str, toy: Toy, tmp_path: Path
) -> None:
    settings = toy(MEAN, 'slices = ["wind"]', task=task, target=f'"{target}"')
    build = harness.start(settings, "toy", tmp_path / "ws").build
    info = load_info(settings.vault / build)
    competition = catalog.load("toy", settings)
    sample = custom.sample_of(competition, info, settings.data / build)
    (found,) = sample.answers.targets
    with (settings.data / build / "train.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    pairs = {(row["wind"], row[target]) for row in rows}
    cells = found.values.tolist()
    if kind == "number":
        cells = [repr(value) for value in cells]
    elif found.labels is not None:
        cells = [found.labels[code] for code in cells]
    assert set(zip(sample.answers.extras["wind"].tolist(), cells, strict=True)) <= pairs
    again = custom.sample_of(competition, info, settings.data / build)
    assert (again.answers.targets[0].values == found.values).all()
    assert found.type == kind
