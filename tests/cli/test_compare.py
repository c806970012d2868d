"""``practice compare``: small comparisons on real data, stopped, gone on with, shown."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice.arena import Status, load
from practice.arena.holding import HIDDEN
from practice.arena.recording import CELL
from practice.cli.runs import told
from practice.settings import Settings

SLUG = "breast-cancer"
QUICK = ("--solution", "tree", "--strategies", "random,tpe", "--repeats", "2", "--work", "2")


@pytest.fixture
def cancer(run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("start", SLUG).code == 0


def test_it_shows_the_strategies_and_shows_them_again(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    done = run("compare", SLUG, *QUICK, "--workers", "1")
    assert done.code == 0
    assert "breast-cancer-tree-1: 2 strategies on 2 outer splits, 1 seed each, " in done.err
    assert "against random: 4 runs\n" in done.err
    assert max(map(len, done.out.splitlines())) <= 80
    again = run("compare", SLUG, *QUICK)
    assert again.out == done.out
    assert "4 runs; all have ended" in again.err
    shown = run("compare", SLUG, "--show")
    assert (shown.out, shown.err) == (done.out, "")
    said = run("compare", SLUG, "--show", "--json").json["comparisons"][0]
    assert said["complete"]
    assert said["comparison"]["reference"] == "random"
    assert [each["strategy"] for each in said["strategies"]] == ["random", "tpe"]
    table = list(csv.DictReader(io.StringIO(run("compare", SLUG, "--show", "--csv").out)))
    assert [row["strategy"] for row in table] == ["random", "tpe"]
    assert run("compare", SLUG, *QUICK, "--fresh", "--workers", "1").code == 0
    assert sorted(path.name for path in settings.arena.iterdir()) == [
        "breast-cancer-tree-1",
        "breast-cancer-tree-2",
    ]


def test_the_hidden_rows_are_added_after_the_reveal_and_not_before(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    words = ("compare", SLUG, *QUICK, "--workers", "1")
    assert run(*words).code == 0
    refused = run(*words, "--with-hidden")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("error: breast-cancer is not revealed: ")
    assert run("baseline", SLUG, "--solution", "tree").code == 0
    folder = settings.arena / "breast-cancer-tree-1"
    before = load(folder)
    assert run("reveal", SLUG, "--yes").code == 0
    done = run(*words, "--with-hidden")
    assert "2 outer splits and the hidden rows, 1 seed each" in done.err
    assert "6 runs; 4 have ended" in done.err
    after = load(folder)
    assert after.comparison.outer == (*before.comparison.outer, HIDDEN)
    assert [cell for cell in after.cells if cell.outer != HIDDEN] == list(before.cells)
    hidden = [cell for cell in after.cells if cell.outer == HIDDEN]
    board = run("leaderboard", SLUG, "--json").json["entries"]
    private = {row["entrant"]: row["private_score"] for row in board}
    assert [cell.default.held for cell in hidden] == [private["baseline:tree"]] * 2
    assert after.comparison.held_rows[-1] == run("leaderboard", SLUG, "--json").json["private_rows"]
    assert len(after.replicates["tpe", HIDDEN, 0]) == 500
    assert run("compare", SLUG, *QUICK, "--fresh", "--workers", "1").code == 0
    newest, with_hidden = (
        run("compare", SLUG, "--show", *more, "--json").json["comparisons"][0]["comparison"]
        for more in ((), ("--with-hidden",))
    )
    assert newest["id"] == "breast-cancer-tree-2"
    assert with_hidden["id"] == "breast-cancer-tree-1"
    shutil.rmtree(settings.arena / "breast-cancer-tree-2")
    # Asked without, it stays as it is.
    assert "6 runs; all have ended" in run(*words).err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--strategies", "tpe"), 2, "a comparison needs two strategies"),
        (("--strategies", "tpe,tpee"), 1, "no strategy 'tpee'; did you mean 'tpe'?"),
        (("--strategies", "tpe,no.py"), 1, "no.py: cannot be read"),
        (("--reference", "grid"), 2, "the reference 'grid' is not among the strategies"),
        (("--workers", "0"), 2, "--workers 0 is below 1"),
        (("--workers", "2", "--cluster", "tcp://x:1"), 2, "the workers of a cluster are its own"),
        (("--solution", "dummy"), 1, "solution 'dummy' has nothing to tune"),
        (("--systems", "tpe"), 2, "there is no system 'tpe'"),
        (("--show", "--work", "5"), 2, "--show runs nothing, so --work means nothing"),
        (("--show", "--with-hidden"), 1, "no comparison of strategies with hidden rows for breast"),
        (("--rope", "-1"), 2, "the ROPE is a size of differences, 0 or more, not -1"),
        (("--rope", "nan"), 2, "the ROPE is a size of differences, 0 or more, not nan"),
        (("--systems", "flaml-automl", "--rope", "inf"), 2, "the ROPE is a size of differences"),
        (("--report", "file.txt"), 2, "--report file.txt: file.txt is no folder"),
        (("--report", "file.txt/page"), 2, "--report file.txt/page: file.txt is no folder"),
        (("--cluster", "foo"), 2, "--cluster 'foo' is no address of a Dask scheduler"),
        (("--cluster", "tcp://127.0.0.1:9"), 1, "no Dask scheduler at tcp://127.0.0.1:9: "),
        (("--show",), 1, "no comparison of strategies for breast-cancer"),
    ],
)
def test_what_cannot_be_done_in_words(
    cancer: None,
    run: Callable[..., Any],
    settings: Settings,
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    Path("file.txt").touch()
    done = run("compare", SLUG, *words)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert "\ntry: " in done.err
    assert not settings.arena.exists()


def test_nothing_is_begun_where_a_later_competition_cannot_be_asked(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    assert run("start", "titanic").code == 0
    assert run("reveal", SLUG, "--yes").code == 0
    done = run("compare", SLUG, "titanic", *QUICK, "--workers", "1", "--with-hidden")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: titanic is not revealed: ")
    assert not settings.arena.exists()


def test_a_strategy_that_fails_is_told_of(
    cancer: None, run: Callable[..., Any], tmp_path: Path
) -> None:
    own = "class A:\n def __init__(self, problem): pass\n def ask(self): raise KeyError('x')\n"
    (tmp_path / "own.py").write_text(own + " def tell(self, row): pass\n", encoding="utf-8")
    words = ("--solution", "tree", "--strategies", "random,own.py", "--repeats", "1")
    done = run("compare", SLUG, *words, "--work", "13", "--workers", "1")
    assert done.code == 0
    told = "caution: own.py: 1 run failed and counts as the default: own.py: A.ask() fails: Key"
    assert told in done.err


def test_the_bar_says_who_leads_and_how_long_it_takes(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    assert run("compare", SLUG, *QUICK, "--workers", "1").code == 0
    comparison = load(settings.arena / "breast-cancer-tree-1").comparison
    begun = Status(comparison, 0, 4, 0.1, None)
    assert told(begun, None) == "0 of 4 runs"
    later = Status(comparison, 3, 4, 0.8, ("tpe", 0.95122))
    assert told(later, 754.0) == "3 of 4 runs, best tpe 0.95122, 12:34 left"


@pytest.mark.slow
def test_a_command_that_is_stopped_goes_on(
    cancer: None, run: Callable[..., Any], settings: Settings
) -> None:
    words = (SLUG, *QUICK[:4], "--repeats", "4", "--work", "40", "--workers", "2")
    process = subprocess.Popen(
        [sys.executable, "-m", "practice.cli", "compare", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    folder = settings.arena / "breast-cancer-tree-1"
    deadline = time.monotonic() + 120
    while not list(folder.glob(f"runs/*/{CELL}")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "try: the same command again" in err
    assert "Traceback" not in err
    assert 0 < len(load(folder).cells) < 8
    assert run("compare", *words).code == 0
    whole = load(folder)
    assert whole.complete
    assert run("compare", *words, "--fresh").code == 0
    fresh = load(settings.arena / "breast-cancer-tree-2")
    assert [c.final.held for c in whole.cells] == [c.final.held for c in fresh.cells]
    assert [c.trials for c in whole.cells] == [c.trials for c in fresh.cells]
