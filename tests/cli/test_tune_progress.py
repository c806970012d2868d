"""What a terminal shows while a search runs."""

from __future__ import annotations

import io

import pytest

from practice.cli.trials import progress_of, told, watching
from practice.tuning import Budget, Row


def row(trial: int, score: float, work: float, state: str = "complete") -> Row:
    return Row(trial, 5, "folds", state, {}, score, total_work=work, total_seconds=work)  # type: ignore[arg-type]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_runs_out_first_is_the_progress() -> None:
    budget = Budget(work=10, trials=4, seconds=40)
    assert progress_of(row(0, 0.5, 1), budget) == 0.25
    assert progress_of(row(0, 0.5, 5), budget) == 0.5
    assert progress_of(row(0, 0.5, 1, "running"), budget) == 0.1
    assert progress_of(row(9, 0.5, 50), budget) == 1.0


def test_a_line_names_best_cost_and_time_left() -> None:
    text = told(row(12, 0.7, 3.25), row(8, 0.61234567, 2), 125.9)
    assert text == "trial 12, best loss 0.61235 (trial 8), work 3.2, about 2:05 left"
    assert told(row(0, 0.7, 1), None, None) == "trial 0, work 1.0"


def test_a_terminal_sees_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with watching(Budget(work=10)) as watch:
        assert watch is not None
        for each in (row(0, 0.5, 1), row(1, 0.4, 2), row(2, 0.45, 3), row(3, 0.1, 3.5, "stopped")):
            watch(each)
    assert "best loss 0.40000 (trial 1)" in terminal.getvalue()
    assert "0.10000" not in terminal.getvalue()


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(Budget(work=10)) as watch:
        assert watch is None
    monkeypatch.setattr("sys.stderr", Terminal())
    with watching(Budget(work=10), quiet=True) as watch:
        assert watch is None
