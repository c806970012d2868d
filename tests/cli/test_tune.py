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
    assert (
        "next: practice tune breast-cancer --run breast-cancer-tree-tpe-1 --trials 30" in done.err
    )
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


@pytest.mark.parametrize(("asked", "final"), [((), "ensemble"), (("--final", "refit"), "refit")])
def test_the_entry_is_ones_own_with_its_provenance(
    cancer: None, run: Callable[..., Any], settings: Settings, asked: tuple[str, ...], final: str
) -> None:
    words = ("tune", SLUG, *QUICK, "--submit", *asked, "--as", "Ann")
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


def test_the_next_command_goes_on_with_the_run_that_it_ends(
    cancer: None, run: Callable[..., Any]
) -> None:
    assert run("tune", SLUG, *QUICK[:2], "--repeats", "1", "--trials", "3").code == 0
    better = run("tune", SLUG, "--solution", "knn", "--repeats", "1", "--trials", "2")
    assert "next: practice tune breast-cancer --run breast-cancer-knn-tpe-1 --submit" in better.err
    done = run("tune", SLUG, "--solution", "tree", "--resume", "--trials", "4")
    (line,) = [line for line in done.err.splitlines() if line.startswith("next: practice tune")]
    words = line.removeprefix("next: practice ").split()
    assert words[:4] == ["tune", SLUG, "--run", "breast-cancer-tree-tpe-1"]
    assert run(*words[:4], "--json").json["run"] == "breast-cancer-tree-tpe-1"
    knn = run("tune", "--run", "breast-cancer-knn-tpe-1", "--json").json  # says the competition
    assert (knn["competition"], knn["run"], knn["trials"]) == (SLUG, "breast-cancer-knn-tpe-1", 2)
    assert run("tune", SLUG, "--resume", "--json").json["run"] == "breast-cancer-knn-tpe-1"
    wrong = run("tune", SLUG, "--resume", "--solution", "knn", "--seed", "44")
    assert wrong.code == 1
    assert "with solution knn and seed 44 to go on with; there are breast-cancer-" in wrong.err
    assert "breast-cancer-knn-tpe-1 (seed 0)" in wrong.err
    for more in (("--solution", "knn"), ("--seed", "1"), ("--repeats", "2")):
        assert run("tune", SLUG, "--run", "breast-cancer-knn-tpe-1", *more).code == 2
    assert run("tune", "titanic", "--run", "breast-cancer-knn-tpe-1").code == 2


def test_what_is_no_better_is_not_proposed_for_submission(
    cancer: None, run: Callable[..., Any]
) -> None:
    words = ("tune", SLUG, "--solution", "tree", "--repeats", "1")
    stands = run(*words, "--trials", "1")
    assert "caution: no configuration was better than the default" in stands.err
    assert "--run breast-cancer-tree-tpe-1 --trials 2" in stands.err
    worse = run(*words, "--trials", "3")
    assert "Gain         -0.00759 " in worse.out
    assert (
        "caution: f1 got worse although the log loss fell, which is what the search minimises"
    ) in worse.err
    assert "--run breast-cancer-tree-tpe-2 --trials 6" in worse.err
    for done in (stands, worse):
        assert "--submit" not in done.err
        assert "within the noise" not in done.err
    found = run(*words, "--trials", "3", "--json").json
    assert (found["improved"], found["objective"]) == (False, "log loss")
    assert found["gain"]["mean"] < 0


def test_what_ones_own_strategy_prints_leaves_json_alone(
    cancer: None, run: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "prints.py").write_text(
        "class Prints:\n"
        "    def __init__(self, problem): self.space = problem.space\n"
        "    def ask(self): print('asked'); return self.space.default\n"
        "    def tell(self, row): pass\n",
        encoding="utf-8",
    )
    words = ("--solution", "tree", "--repeats", "1", "--trials", "13", "--strategy", "prints.py")
    done = run("tune", SLUG, *words, "--json")
    assert done.json["trials"] == 13
    assert done.err.count("asked") == 2


def test_trials_are_where_optuna_finds_them(
    cancer: None, run: Callable[..., Any], settings: Settings, tmp_path: Path
) -> None:
    import optuna

    url = f"sqlite:///{tmp_path / 'trials.db'}"
    words = ("tune", SLUG, "--solution", "tree")
    assert run(*words, "--trials", "3").code == 0
    done = run("tune", SLUG, "--resume", "--trials", "13", "--optuna-storage", url)
    assert done.code == 0
    assert run("tune", SLUG, "--resume", "--optuna-storage", url).code == 0
    (name,) = optuna.get_all_study_names(storage=url)
    manifest = load_run(settings.runs / "breast-cancer-tree-tpe-1").manifest
    assert name == f"breast-cancer-tree-tpe-1-{manifest.hash[:8]}"
    study = optuna.load_study(study_name=name, storage=url)
    assert study.user_attrs == {"manifest": manifest.hash}
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
    assert not (settings.runs / "breast-cancer-tree-tpe-2").exists()  # nothing was begun


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
        (("--resume", "--solution", "knn"), 1, "no tuning run of breast-cancer with solution knn"),
        (("--run", "nothing"), 1, "no tuning run 'nothing'"),
        (("--repeats", "100000", "--seconds", "2"), 2, "--repeats 100000 is above 100"),
        (("--seed", "-1"), 2, "--seed -1 is not between 0 and 2147483647"),
        (("--seed", "99999999999999999999"), 2, "is not between 0 and 2147483647"),
        (("--final", "refit"), 2, "--final says how an entry is made, and none is submitted"),
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
            "own.py: A.ask() proposes what is not in the space: min_samples_leaf = 0 is outside",
        ),
        (
            "class A:\n def __init__(self, problem): pass\n"
            " def ask(self): raise KeyError('x')\n def tell(self, row): pass",
            "own.py: A.ask() fails: KeyError: 'x' (line 3)",
        ),
        (
            "import sys\nclass A:\n def __init__(self, problem): pass\n"
            " def ask(self): sys.exit(7)\n def tell(self, row): pass",
            "own.py: A.ask() fails: SystemExit: 7 (line 4)",
        ),
    ],
)
def test_a_strategy_of_ones_own_that_is_wrong_in_words(
    cancer: None, run: Callable[..., Any], tmp_path: Path, source: str, message: str
) -> None:
    (tmp_path / "own.py").write_text(source, encoding="utf-8")
    done = run("tune", SLUG, *QUICK, "--strategy", "own.py")
    assert (done.code, done.out) == (1, "")
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
    process = begun(folder, ("--work", "500", "--repeats", "1"))  # far more than it will do
    os.kill(process.pid, how)
    _, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert f"try: practice tune breast-cancer --run {folder.name}" in err
    else:
        assert process.returncode == -signal.SIGKILL
    assert "Traceback" not in err
    again = run("tune", SLUG, "--resume", "--trials", "14", "--json").json
    whole = run("tune", SLUG, "--trials", "14", "--repeats", "1", "--json").json
    assert again["run"] == folder.name != whole["run"]
    found = [load_run(settings.runs / each["run"]).rows for each in (again, whole)]
    rows = [[same(row) for row in each if row.trial < 14] for each in found]
    assert rows[0] == rows[1]
    assert rows[0][-1]["trial"] == 13
