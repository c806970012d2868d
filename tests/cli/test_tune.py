"""``practice tune``: a small search on real data, interrupted, gone on with, submitted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice import harness
from practice.settings import Settings
from practice.tuning import load_run
from practice.tuning.records import ROWS, read_rows, same

SLUG = "breast-cancer"
QUICK = ("--solution", "tree", "--trials", "15")


@pytest.fixture
def cancer(run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", SLUG).code == 0


def mine(settings: Settings) -> list[harness.SubmissionRow]:
    return [row for row in harness.submissions(settings, SLUG) if ":" not in row.entrant]


def test_it_ends_with_default_against_tuned(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    done = run("tune", SLUG, *QUICK)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "breast-cancer: tree tuned by tpe (f1, greater is better ↑)"
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[4:6]] == ["default", "tuned"]
    assert "better on " in done.out
    assert "Trials       15 (" in done.out
    assert "min_samples_leaf" in done.out
    assert "cross-validated 5 times over, on folds drawn anew" in done.out
    assert "caution: with 341 training rows" not in done.err
    assert "next: practice tune breast-cancer --resume --submit" in done.err
    assert mine(settings) == []
    assert (settings.runs / "breast-cancer-tree-tpe-1" / ROWS).is_file()


def test_few_rows_cross_validated_once_are_a_caution(cancer: None, run: Callable[..., Any]) -> None:
    done = run("tune", SLUG, *QUICK, "--repeats", "1")
    assert "times over" not in done.out
    assert "caution: with 341 training rows" in done.err
    assert "--repeats 5" in done.err


def test_another_run_has_another_name_and_json_says_the_same(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    first, second = (run("tune", SLUG, *QUICK, "--json").json for _ in range(2))
    assert (first["run"], second["run"]) == (
        "breast-cancer-tree-tpe-1",
        "breast-cancer-tree-tpe-2",
    )
    for name in ("params", "default_loss", "best_loss", "gain", "counts", "work", "best_cv"):
        assert first[name] == second[name]
    rows = [load_run(settings.runs / found["run"]).rows for found in (first, second)]
    assert [same(row) for row in rows[0]] == [same(row) for row in rows[1]]
    assert first["trials"] == 15
    assert sum(first["counts"].values()) == 15
    assert first["best_loss"] <= first["default_loss"]
    assert first["submission"] is None


@pytest.mark.parametrize("final", ["refit", "ensemble"])
def test_the_entry_is_ones_own_with_its_provenance(
    cancer: None, run: Callable[..., Any], settings: Settings, final: str
) -> None:
    words = ("tune", SLUG, *QUICK, "--submit", "--final", final, "--as", "Ann")
    done = run(*words)
    assert done.code == 0
    assert "Submitted" in done.out
    (row,) = mine(settings)
    assert (row.entrant, row.tags, row.message) == ("Ann", ("tuned",), "tree, best of 15")
    assert row.params["run"] == "breast-cancer-tree-tpe-1"
    assert (row.params["solution"], row.params["strategy"]) == ("tree", "tpe")
    assert row.params["final"] == final
    assert row.params["trials"] == 15
    assert row.public_score is not None
    assert row.public_score > 0.8


def test_going_on_takes_the_last_run_its_plan_and_its_budget(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    assert run("tune", SLUG, "--solution", "knn", "--trials", "3").code == 0
    assert (
        run("tune", SLUG, "--solution", "tree", "--strategy", "random", "--trials", "4").code == 0
    )
    same_again = run("tune", SLUG, "--resume", "--json").json
    assert (same_again["run"], same_again["trials"]) == ("breast-cancer-tree-random-1", 4)
    more = run("tune", SLUG, "--resume", "--trials", "9", "--json").json
    assert (more["run"], more["trials"]) == ("breast-cancer-tree-random-1", 9)
    other = run("tune", SLUG, "--resume", "--solution", "knn", "--trials", "5", "--json").json
    assert (other["run"], other["trials"]) == ("breast-cancer-knn-tpe-1", 5)
    whole = run(
        "tune", SLUG, "--solution", "tree", "--strategy", "random", "--trials", "9", "--json"
    )
    rows = [load_run(settings.runs / name).rows for name in (more["run"], whole.json["run"])]
    assert [same(row) for row in rows[0]] == [same(row) for row in rows[1]]


def test_trials_are_where_optuna_finds_them(
    cancer: None, run: Callable[..., Any], tmp_path: Path
) -> None:
    import optuna

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    words = ("tune", SLUG, "--solution", "tree")
    assert run(*words, "--trials", "3").code == 0
    done = run("tune", SLUG, "--resume", "--trials", "13", "--optuna-storage", url)
    assert done.code == 0
    assert run("tune", SLUG, "--resume", "--optuna-storage", url).code == 0
    study = optuna.load_study(study_name="breast-cancer-tree-tpe-1", storage=url)
    assert [trial.user_attrs["trial"] for trial in study.trials] == list(range(13))
    assert study.trials[0].params == {"min_samples_leaf": 10}
    assert len(study.trials[0].user_attrs["fold_scores"]) == 5 * 5
    best = run("tune", SLUG, "--resume", "--json").json["best_loss"]
    assert study.best_value == best
    bad = run(*words, "--trials", "2", "--optuna-storage", "nonsense://x")
    assert bad.code == 1
    assert bad.err.startswith("error: ")
    assert "cannot be used" in bad.err
    assert "Traceback" not in bad.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--solution", "dummy"), 1, "solution 'dummy' has nothing to tune"),
        (("--solution", "nb"), 1, "solution 'nb' is not for breast-cancer, which has no text"),
        (("--solution", "nonsense"), 1, "no solution 'nonsense'"),
        (("--strategy", "nonsense"), 1, "no strategy 'nonsense'"),
        (("--strategy", "tpe+nonsense"), 1, "no way of stopping 'nonsense'"),
        (("--strategy", "nowhere.py"), 1, "nowhere.py: cannot be read"),
        (("--work", "0"), 2, "--work 0.0 is not above 0"),
        (("--solution", "tree", "--work", "0.1"), 1, "the budget ended before the default"),
        (("--repeats", "0"), 2, "--repeats 0 is below 1"),
        (("--resume",), 1, "no tuning run of breast-cancer to go on with"),
        (("--resume", "--solution", "knn"), 1, "no tuning run of breast-cancer with knn"),
        (("--resume", "--repeats", "2"), 2, "--repeats belongs to the run"),
    ],
)
def test_what_cannot_be_done_in_words(
    cancer: None, run: Callable[..., Any], words: tuple[str, ...], code: int, message: str
) -> None:
    done = run("tune", SLUG, *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "\ntry: " in done.err


def test_a_competition_that_was_never_started(run: Callable[..., Any], settings: Settings) -> None:
    done = run("tune", SLUG, *QUICK, "--submit")
    assert (done.code, "is not started here" in done.err) == (1, True)
    assert not settings.runs.exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1", "must hold one class with ask() and tell(row); it holds none"),
        ("1 / 0", "fails: ZeroDivisionError: division by zero"),
        ("class A:\n def ask(self): pass\n def tell(self, row): pass", "A(problem) fails"),
        (
            "class A:\n def __init__(self, problem): pass\n"
            " def ask(self): return {'min_samples_leaf': 0}\n def tell(self, row): pass",
            "min_samples_leaf = 0 is outside its range",
        ),
        (
            "class A:\n def __init__(self, problem): pass\n"
            " def ask(self): raise KeyError('x')\n def tell(self, row): pass",
            "ask() fails: KeyError: 'x'",
        ),
    ],
)
def test_a_strategy_of_ones_own_that_is_wrong_in_words(
    cancer: None, run: Callable[..., Any], tmp_path: Path, source: str, message: str
) -> None:
    (tmp_path / "own.py").write_text(source, encoding="utf-8")
    done = run("tune", SLUG, *QUICK, "--strategy", "own.py")
    assert (done.code, done.out) in ((1, ""), (2, ""))
    assert message in done.err
    assert "Traceback" not in done.err


def begun(folder: Path, words: tuple[str, ...]) -> subprocess.Popen[str]:
    """Run the program in a process of its own until it has written some trials."""
    process = subprocess.Popen(
        [sys.executable, "-m", "practice.cli", "tune", SLUG, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    path = folder / ROWS
    while not path.is_file() or len(read_rows(path)) < 12:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_stopped_goes_on_to_the_same_records(
    cancer: None, run: Callable[..., Any], settings: Settings, how: signal.Signals
) -> None:
    folder = settings.runs / "breast-cancer-lightgbm-tpe-1"
    process = begun(folder, ("--work", "500"))  # far more than it will do
    os.kill(process.pid, how)
    _, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "try: practice tune breast-cancer --resume" in err
    else:
        assert process.returncode == -signal.SIGKILL
    assert "Traceback" not in err
    again = run("tune", SLUG, "--resume", "--trials", "14", "--json").json
    whole = run("tune", SLUG, "--trials", "14", "--json").json
    assert again["run"] == folder.name != whole["run"]
    found = [load_run(settings.runs / each["run"]).rows for each in (again, whole)]
    rows = [[same(row) for row in each if row.trial < 14] for each in found]
    assert rows[0] == rows[1]
    assert rows[0][-1]["trial"] == 13
