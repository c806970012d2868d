"""``practice select --advise`` before the reveal, ``practice history`` after it."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import practice
from practice.settings import Settings

Run = Callable[..., Any]
Predict = Callable[..., str]
DESK = Path("toy")


def out_of_fold(wrong: int) -> str:
    """Write out-of-fold predictions with so many wrong answers, spread over the folds."""
    train = list(csv.DictReader((DESK / "data" / "train.csv").read_text().splitlines()))
    lines = [
        f"{row['id']},{int(row['rain']) if place >= wrong else 1 - int(row['rain'])}\n"
        for place, row in enumerate(train)
    ]
    path = DESK / f"oof{wrong}.csv"
    path.write_text("id,rain\n" + "".join(lines))
    return str(path)


def submit(run: Run, predict: Predict, wrong: int, *words: str) -> int:
    """Submit as ada and return the number."""
    done = run("submit", predict(DESK, wrong, f"s{wrong}.csv"), "--as", "ada", "--json", *words)
    assert done.code == 0, done.out
    return int(done.json["id"])


def begin(toy: Callable[..., Settings], run: Run, **rules: Any) -> None:
    toy(limit=50, **rules)
    assert run("start", "toy").code == 0


def test_advice_is_a_command_to_copy(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    ids = [submit(run, predict, wrong) for wrong in (12, 2, 2, 7)]
    found = run("select", "--advise", "toy", "--as", "ada", "--json").json
    assert (found["basis"], found["feedback"], found["allowed"]) == ("public", "full", 2)
    assert found["picks"][0] == ids[1]
    assert found["picks"][1] in (ids[0], ids[3])  # not the copy
    assert found["command"] == f"practice select {' '.join(map(str, found['picks']))}"
    assert {each["submission"] for each in found["candidates"]} == set(ids)
    assert [each["picked"] for each in found["candidates"]] == [1, 2, None, None]
    same = {tuple(sorted((ids[1], ids[3]))): 25 / 30, tuple(sorted((ids[0], ids[1]))): 20 / 30}
    assert found["agreement"] == pytest.approx(same[tuple(sorted(found["picks"]))])
    assert found["agreement_of"] == "rows"
    assert found["gain"] >= 0
    said = run("select", "--advise", "toy", "--as", "ada")
    assert said.out.splitlines()[-1] == found["command"]
    assert max(map(len, said.out.splitlines())) <= 80
    chosen = run(*found["command"].split()[1:], "--as", "ada", "--json")
    assert {each["id"] for each in chosen.json["submissions"]} == set(found["picks"])


def test_cross_validation_is_joined_with_three(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    for wrong, crossed in ((12, 14), (2, 5), (7, 8), (3, 4)):
        submit(run, predict, wrong, "--oof", out_of_fold(crossed))
    found = run("select", "--advise", "--as", "ada", "-c", "toy", "--json").json
    assert found["basis"] == "joined"
    assert found["offset"] is not None
    assert all(each["cv"] is not None and each["error"] > 0 for each in found["candidates"])
    assert "Expected: public score and cross-validation" in run(
        "select", "--advise", "toy", "--as", "ada"
    ).out  # fmt: skip


def test_blind_advice_is_cross_validation_or_a_refusal(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run, feedback="blind")
    submit(run, predict, 0)
    refused = run("select", "--advise", "toy", "--as", "ada")
    assert refused.code == 1
    assert "feedback is blind" in refused.err
    assert "--oof" in refused.err.splitlines()[1]
    ids = [submit(run, predict, w, "--oof", out_of_fold(cv)) for w, cv in ((5, 1), (1, 9), (3, 4))]
    found = run("select", "--advise", "toy", "--as", "ada", "--json").json
    assert (found["basis"], found["picks"]) == ("cv", [ids[0], ids[2]])
    assert all(each["public_score"] is None for each in found["candidates"])


def test_without_cross_validation_a_ladder_is_taken_as_told(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run, feedback="ladder")
    ids = [submit(run, predict, wrong) for wrong in (14, 0)]
    found = run("select", "--advise", "toy", "--as", "ada", "--json").json
    assert (found["basis"], found["picks"], found["gain"]) == ("released", ids[::-1], None)
    assert all(each["shrunk"] is None for each in found["candidates"])
    assert "how far luck reaches is not known" in run(
        "select", "--advise", "toy", "--as", "ada"
    ).out  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--advise", "toy", "--as", "bob"), 1, "'bob' has no scored submission in 'toy'"),
        (("--advise", "no-such"), 1, "'no-such' is not started"),
        (("--advise", "toy", "3"), 2, "--advise takes one competition"),
        (("--advise", "toy", "-c", "toy"), 2, "--advise takes one competition"),
    ],
)
def test_advice_that_cannot_be_given_is_refused(
    words: tuple[str, ...], code: int, message: str, started: Settings, run: Run
) -> None:
    done = run("select", *words)
    assert done.code == code
    assert message in done.err
    assert len(done.err.splitlines()) == 2


def test_withdrawn_submissions_are_not_proposed(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    best, other = submit(run, predict, 0), submit(run, predict, 9)
    run("withdraw", str(best), "--as", "ada")
    found = run("select", "--advise", "toy", "--as", "ada", "--json").json
    assert found["picks"] == [other]
    assert found["command"] == f"practice select {other}"
    said = run("select", "--advise", "toy", "--as", "ada").out
    assert "there is no other submission" in said


def test_history_tells_what_the_choice_cost(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    ids = [submit(run, predict, wrong) for wrong in (29, 1, 25)]
    run("submit", predict(DESK, 12), "--as", "bob")
    advice = run("select", "--advise", "toy", "--as", "ada", "--json").json
    run("select", str(ids[0]), str(ids[2]), "--as", "ada")
    assert run("history", "--as", "ada").out == "No season of ada is revealed yet.\n"
    assert run("reveal", "toy", "--yes").code == 0
    stored = {each["id"]: each for each in run("submissions", "toy", "--all", "--json").json[
        "submissions"]}  # fmt: skip
    private = {id: stored[id]["private_score"] for id in ids}
    found = run("history", "--as", "ada", "--json").json
    (past,) = found["seasons"]
    board = run("leaderboard", "toy", "--json").json["entries"]
    (mine,) = (row for row in board if row["entrant"] == "ada")
    assert (past["place"], past["ranked"]) == (
        mine["rank"],
        sum(r["rank"] is not None for r in board),
    )
    assert (past["public_place"], past["finals"]) == (mine["public_rank"], [ids[0], ids[2]])
    assert past["chosen"] is True
    assert past["private_score"] == max(private[ids[0]], private[ids[2]])
    assert (past["best"], past["best_score"]) == (ids[1], private[ids[1]])
    assert past["regret"] == pytest.approx(private[ids[1]] - past["private_score"])
    assert past["regret_places"] == past["place"] - 1
    assert past["percentile"] == pytest.approx(100 * (1 - (past["place"] - 1) / past["ranked"]))
    assert (past["advice"], past["advice_regret"], past["advice_places"]) == (advice["picks"], 0, 0)
    table = practice.history("ada")
    assert table.loc[0, ["competition", "best", "regret"]].tolist() == [
        "toy",
        ids[1],
        past["regret"],
    ]
    text = run("history", "--as", "ada").out
    assert "Places lost per season" in text
    assert max(map(len, text.splitlines())) <= 80
    (row,) = csv.DictReader(io.StringIO(run("history", "--as", "ada", "--csv").out))
    assert (row["competition"], row["best"]) == ("toy", str(ids[1]))
    late = run("select", "--advise", "toy", "--as", "ada")
    assert "too late for advice" in late.err
    assert "practice history" in late.err


def test_history_counts_what_stood_in_and_every_season(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    for season, wrong in enumerate((3, 8)):
        submit(run, predict, wrong)
        run("reveal", "toy", "--yes")
        submit(run, predict, 0)  # late: never counts
        if not season:
            assert run("retry", "toy").code == 0
    seasons = run("history", "--as", "ada", "--json").json["seasons"]
    assert [past["season"] for past in seasons] == [2, 1]
    assert [(past["chosen"], past["regret"], len(past["finals"])) for past in seasons] == [
        (False, 0, 1)
    ] * 2
    assert "toy #2" in run("history", "--as", "ada").out
    assert run("history", "--as", "bob", "--json").json["seasons"] == []
    assert run("history", "--as", "bob", "--csv").out.startswith("competition,season,")


def test_history_of_a_build_that_is_gone_tells_all_but_the_advice(
    toy: Callable[..., Settings], run: Run, predict: Predict, settings: Settings
) -> None:
    begin(toy, run)
    for wrong in (12, 2):
        submit(run, predict, wrong)
    assert run("reveal", "toy", "--yes").code == 0
    (before,) = run("history", "--as", "ada", "--json").json["seasons"]
    assert before["advice"]
    shutil.rmtree(settings.vault)
    (after,) = run("history", "--as", "ada", "--json").json["seasons"]
    gone = {"advice": [], "advice_regret": None, "advice_places": None}
    assert after == before | gone


def test_the_present_choice_is_asked_for_by_the_name_of_the_competition(
    toy: Callable[..., Settings], run: Run, predict: Predict
) -> None:
    begin(toy, run)
    one = submit(run, predict, 3)
    run("select", str(one), "--as", "ada")
    for words in (("toy",), ("-c", "toy")):
        said = run("select", *words, "--as", "ada", "--json").json
        assert [each["id"] for each in said["submissions"]] == [one]
    assert "not started here" in run("select", "nothing", "--as", "ada").err
    assert "'x' is not a whole number" in run("select", "1", "x", "--as", "ada").err
