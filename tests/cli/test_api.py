"""The Python API: frames, checks, submissions, boards, scores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import practice
from practice import api
from practice.errors import MetricError, NotFoundError, PracticeError, UsageError
from practice.settings import Settings


@pytest.fixture
def toy_game(started: Settings, monkeypatch: pytest.MonkeyPatch) -> api.StartedCompetition:
    monkeypatch.setenv("LOGNAME", "login")
    return api.competition("toy")


@pytest.fixture
def right(toy_game: api.StartedCompetition) -> pd.DataFrame:
    """Return a submission without a fault, read from the raw file."""
    folder = Path(toy_game.settings.competitions[0]) / "toy"
    raw = pd.read_csv(folder / "raw.csv").set_index("id")["rain"]
    frame = toy_game.sample_submission.copy()
    frame["rain"] = raw.loc[frame["id"]].to_numpy()
    return frame


def test_the_package_offers_the_functions() -> None:
    assert practice.start is api.start
    assert practice.competition is api.competition
    assert practice.score is api.score
    assert practice.PracticeError is PracticeError
    assert set(practice.__all__) >= {"competition", "score", "start", "PracticeError"}
    with pytest.raises(AttributeError, match="nonsense"):
        practice.nonsense  # noqa: B018


def test_importing_the_package_imports_nothing_heavy(spawn: Callable[..., Any]) -> None:
    heavy = ("numpy", "pandas", "pyarrow", "sklearn", "sqlalchemy", "typer", "rich")
    code = f"""
import sys, practice
print(sorted(set({heavy}) & set(sys.modules)))
practice.competition, practice.start
print(sorted(set({heavy}) & set(sys.modules)))
"""
    assert spawn("-c", code).out == "[]\n[]\n"


def test_the_tables(toy_game: api.StartedCompetition) -> None:
    assert list(toy_game.train.columns) == ["id", "wind", "rain"]
    assert toy_game.train.shape == (30, 3)
    assert list(toy_game.test.columns) == ["id", "wind"]
    assert list(toy_game.sample_submission.columns) == ["id", "rain"]
    assert list(toy_game.folds.columns) == ["id", "fold"]
    assert toy_game.train["wind"].dtype == np.float64
    assert toy_game.train is toy_game.train, "read once"
    assert toy_game.description.startswith("# Toy")


def test_not_started() -> None:
    with pytest.raises(NotFoundError) as caught:
        api.competition("toy")
    assert (caught.value.message, caught.value.hint) == (
        "'toy' is not started here",
        "practice start toy",
    )


def test_starting_from_python(
    toy: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy()
    done = api.start("toy", tmp_path / "mine")
    assert (done.train_rows, done.workspace, done.already) == (30, tmp_path / "mine", False)
    assert api.start("toy", str(tmp_path / "mine")).already is True


def test_submitting_a_frame(toy_game: api.StartedCompetition, right: pd.DataFrame) -> None:
    assert toy_game.check(right).ok
    done = toy_game.submit(right, message="all right", params={"depth": 3}, tags=["x"])
    assert (done.status, done.public_score, done.entrant) == ("scored", 1.0, "login")
    board = toy_game.leaderboard()
    assert list(board["entrant"]) == ["login"]
    assert list(board["rank"]) == [1]
    assert board["private_score"].isna().all()
    assert board.attrs == {"metric": "accuracy", "greater_is_better": True, "revealed": False}


@pytest.mark.parametrize("form", ["shuffled", "index", "series", "path", "str", "unnamed", "twice"])
def test_forms_of_a_submission(
    form: str, toy_game: api.StartedCompetition, right: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    right.to_csv(path, index=False)
    given: Any = {
        "shuffled": right.sample(frac=1, random_state=1)[["rain", "id"]],
        "index": right.set_index("id"),
        "series": right.set_index("id")["rain"],
        "path": path,
        "str": str(path),
        "unnamed": right.set_index(np.arange(len(right)) + 5),
        "twice": right.rename_axis("id"),
    }[form]
    assert toy_game.submit(given).public_score == 1.0


def test_a_frame_with_faults(toy_game: api.StartedCompetition, right: pd.DataFrame) -> None:
    wrong = right.astype({"rain": object})
    wrong.loc[0, "rain"] = np.nan
    checked = toy_game.check(wrong)
    assert (checked.ok, checked.file) == (False, "(DataFrame)")
    assert checked.problems[0].column == "rain"
    done = toy_game.submit(wrong)
    assert (done.status, done.public_score) == ("refused", None)
    assert toy_game.submit(right[["id"]]).status == "refused"


def test_the_entrant_can_be_named(toy_game: api.StartedCompetition, right: pd.DataFrame) -> None:
    assert api.competition("toy", name="ada").submit(right).entrant == "ada"
    with pytest.raises(UsageError):
        api.competition("toy", name="a:b")


def test_scoring_arrays() -> None:
    assert practice.score([1, 2, 3], [1, 2, 5], "rmse") == pytest.approx((4 / 3) ** 0.5)
    assert practice.score(np.array(["a", "b"]), pd.Series(["a", "a"]), "accuracy") == 0.5
    assert practice.score(["a", "b", "b"], ["a", "a", "b"], "f1", average="macro") == (
        pytest.approx(2 / 3)
    )
    with pytest.raises(NotFoundError, match="rmsee"):
        practice.score([1], [1], "rmsee")
    with pytest.raises(UsageError, match="nonsense"):
        practice.score([1], [1], "rmse", nonsense=1)
    with pytest.raises(MetricError):
        practice.score([1, 2], [1], "rmse")


def test_scoring_tables(tmp_path: Path) -> None:
    answers = pd.DataFrame({"id": [1, 2, 3], "y": [1.0, 2.0, 3.0]})
    mine = pd.DataFrame({"id": [3, 2, 1], "p": [3.0, 2.0, 2.0]})
    assert practice.score(answers, mine, "mae") == pytest.approx(1 / 3)
    answers.to_csv(tmp_path / "truth.csv", index=False)
    found = practice.score(tmp_path / "truth.csv", mine, "mae", id="id", target="y", prediction="p")
    assert found == pytest.approx(1 / 3)
    with pytest.raises(UsageError, match="table"):
        practice.score(answers, [1, 2, 3], "mae")
    with pytest.raises(PracticeError):
        practice.score(answers, mine[:2], "mae")


def test_the_score_of_two_files(run: Callable[..., Any], tmp_path: Path) -> None:
    truth, mine = tmp_path / "truth.csv", tmp_path / "mine.csv"
    truth.write_text("id,y\n1,1\n2,0\n3,1\n")
    mine.write_text("id,p\n3,0.9\n1,0.8\n2,0.1\n")
    words = ("score", str(truth), str(mine), "--metric", "roc_auc")
    done = run(*words)
    assert (done.code, done.out, done.err) == (0, "1.0 (roc_auc, 3 rows)\n", "")
    assert run(*words, "--json").json == {"metric": "roc_auc", "score": 1.0, "rows": 3}
    for first, second in (("-", str(mine)), (str(truth), "-")):
        content = (truth if first == "-" else mine).read_bytes()
        piped = run("score", first, second, "--metric", "roc_auc", stdin=content)
        assert piped.out == "1.0 (roc_auc, 3 rows)\n"
    both = run("score", "-", "-", "--metric", "roc_auc", stdin=b"")
    assert (both.code, both.err.splitlines()[0]) == (2, "error: only one of the two files can be -")


def test_the_score_with_options(run: Callable[..., Any], tmp_path: Path) -> None:
    truth, mine = tmp_path / "truth.csv", tmp_path / "mine.csv"
    truth.write_text("u,d,y,z\n1,1,a,x\n1,2,b,x\n2,1,b,x\n")
    mine.write_text("u,d,y\n2,1,b\n1,1,a\n1,2,a\n")
    words = ("score", str(truth), str(mine), "--id", "u,d", "--target", "y", "--metric", "f1")
    done = run(*words, "--param", "average=macro", "--json")
    assert done.json["score"] == pytest.approx(2 / 3)
    wrong = run(*words, "--param", "average=nonsense")
    assert wrong.code == 2
    assert run(*words, "--param", "average").code == 2
    assert run("score", str(truth), str(mine), "--metric", "f1", "--id", "u,").code == 2
    unknown = run("score", str(truth), str(mine), "--metric", "nonsense", "--json")
    assert (unknown.code, set(unknown.json)) == (1, {"error", "hint"})
    mine.write_text("u,d,y\n2,1,b\n1,1,a\n1,1,a\n")
    faults = run(*words)
    assert (faults.code, faults.out) == (1, "")
    assert faults.err.startswith("error: refused: 2 problems\n")
    assert len(run(*words, "--json").json["problems"]) == 2
    gone = run("score", str(tmp_path / "gone.csv"), str(mine), "--metric", "f1")
    assert gone.code in (1, 2)
    assert "gone.csv" in gone.err


SUBMIT = """
import json, sys
from practice.cli.app import command
try:
    command().main(["submit", "toy/mine.csv", "--json"], prog_name="practice")
except SystemExit as end:
    assert end.code == 0, end.code
heavy = ("pandas", "sklearn", "scipy", "lightgbm", "optuna", "requests", "rich", "pydantic")
print(json.dumps([name for name in heavy if name in sys.modules]), file=sys.stderr)
"""


def test_submitting_imports_neither_pandas_nor_scikit_learn(
    started: Settings, spawn: Callable[..., Any], predict: Callable[..., str]
) -> None:
    predict(Path("toy"))
    done = spawn("-c", SUBMIT)
    assert json.loads(done.out)["status"] == "scored"
    assert json.loads(done.err) == []


def test_looking_at_the_board_imports_no_arrow(
    started: Settings, spawn: Callable[..., Any]
) -> None:
    code = SUBMIT.replace('"submit", "toy/mine.csv", "--json"', '"leaderboard", "toy"')
    assert spawn("-c", code.replace('"requests"', '"requests", "pyarrow"')).err == "[]\n"
