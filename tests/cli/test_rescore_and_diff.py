"""``practice rescore`` and ``practice diff`` as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice import scoring
from practice.settings import Settings

Run = Callable[..., Any]
Predict = Callable[..., str]


@pytest.fixture
def played(started: Settings, run: Run, predict: Predict) -> Settings:
    """Return a started toy with two submissions of ours."""
    workspace = Path.cwd() / "toy"
    for wrong, message in ((9, "first"), (3, "second")):
        file = predict(workspace, wrong, f"{message}.csv")
        done = run("submit", file, "-c", "toy", "-m", message, "--params", f"w={wrong}")
        assert done.code == 0, done.err
    return started


def test_there_is_nothing_to_rescore(played: Settings, run: Run) -> None:
    done = run("rescore", "toy")
    assert done.code == 0
    assert done.out == "Nothing to do: all scores of toy are of scorer 1 and accuracy.\n"
    assert run("rescore", "toy", "--json").json["done"] is False


def test_the_board_names_an_old_scorer_until_it_is_rescored(
    played: Settings, run: Run, monkeypatch: pytest.MonkeyPatch, predict: Predict
) -> None:
    assert "scorer" not in run("leaderboard", "toy").out
    monkeypatch.setattr(scoring, "SCORER_VERSION", 4)
    line = "scores of scorer 1; this version has 4: practice rescore toy\n"
    assert line in run("leaderboard", "toy").out
    run("submit", predict(Path.cwd() / "toy", 5, "third.csv"), "-c", "toy")
    line = "scores of scorer 1 and 4; this version has 4: practice rescore toy\n"
    assert line in run("leaderboard", "toy").out
    done = run("rescore", "toy")
    assert done.out == (
        "Scored 2 submissions of toy anew\n"
        "  Scorer       1, 4 -> 4\n"
        "\n"
        "No row of the board changed.\n"
    )
    assert "scorer" not in run("leaderboard", "toy").out
    scorer = run("leaderboard", "toy", "--json").json["scorer"]
    assert scorer == {
        "metric": "accuracy",
        "metric_changes": 0,
        "versions": [4],
        "package": 4,
        "older": 0,
    }
    monkeypatch.setattr(scoring, "SCORER_VERSION", 3)
    assert "scores of scorer 4; this version has 3: upgrade" in run("leaderboard", "toy").out
    done = run("rescore", "toy")
    assert done.code == 1
    assert done.err.startswith("error: 'toy' is scored by scorer 4; this version has 3\n")


def test_another_metric_is_told_with_the_ranks(played: Settings, run: Run, tmp_path: Path) -> None:
    toml = tmp_path / "definitions" / "toy" / "competition.toml"
    toml.write_text(toml.read_text().replace('"accuracy"', '"log_loss"'))
    done = run("rescore", "toy")
    assert "  Metric       accuracy -> log_loss, smaller is better\n" in done.out
    assert "1 -> 1" in done.out
    assert "did not change" not in done.out, "the only row changed"
    assert max(map(len, done.out.splitlines())) <= 80
    done = run("rescore", "toy", "--csv")
    assert done.out.startswith("entrant,kind,submission,old,new,old_rank,new_rank\nlogin,person,2,")


def test_diff_fits_the_terminal(played: Settings, run: Run) -> None:
    done = run("diff", "1", "2")
    assert done.code == 0, done.err
    assert "A = 1 and B = 2 of toy\naccuracy, greater is better\n" in done.out
    for words in ("params.w", "first", "second", "Public: B is better by", "80.0 %"):
        assert words in done.out
    assert "Private" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    run("reveal", "toy", "--yes")
    done = run("diff", "1", "2")
    assert "Private" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_diff_as_json_and_csv(played: Settings, run: Run) -> None:
    found = run("diff", "2", "1", "--json").json
    assert [each["name"] for each in found["changed"]] == ["message", "params.w"]
    assert found["agreements"][0]["equal"] == 0.8
    assert (len(found["rows"]), found["private"]) == (6, None)
    lines = run("diff", "2", "1", "--csv").out.splitlines()
    assert lines[0] == "id,column,a,b,answer,loss_a,loss_b,difference"
    assert len(lines) == 7
    assert all(",,,," in line for line in lines[1:])


def test_diff_is_refused_in_words(played: Settings, run: Run) -> None:
    done = run("diff", "1", "2", "--as", "bob")
    assert done.code == 1
    assert "submission 1 is not of 'bob'" in done.err
    assert run("diff", "1", "1").code == 2
    assert "there is no submission 9" in run("diff", "1", "9").err
