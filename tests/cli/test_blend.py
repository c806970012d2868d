"""``practice blend``: what it writes can be submitted, and what it says can be checked."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import practice
from practice import metrics
from practice.settings import Settings

Run = Callable[..., Any]
DATA = Path("toy/data")


def read(path: Path | str) -> dict[str, float]:
    """Return the predictions of a file by id."""
    with Path(path).open(newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["id", "rain"]
    return {key: float(value) for key, value in lines[1:]}


def folds() -> dict[str, int]:
    return {key: int(fold) for key, fold in list(csv.reader((DATA / "folds.csv").open()))[1:]}


def truth() -> dict[str, int]:
    with (DATA / "train.csv").open(newline="") as file:
        return {row["id"]: int(row["rain"]) for row in csv.DictReader(file)}


def by_folds(predicted: dict[str, float], metric: str) -> float:
    """Return the mean of the folds' scores."""
    fold, answers = folds(), truth()
    assert predicted.keys() == answers.keys()
    scores = []
    for number in sorted(set(fold.values())):
        ids = [key for key in answers if fold[key] == number]
        y = [answers[key] for key in ids]
        found = [predicted[key] for key in ids]
        scores.append(metrics.get(metric).score(y, found))
    return float(np.mean(scores))


def write(path: str, values: dict[str, Any]) -> str:
    Path(path).write_text("id,rain\n" + "".join(f"{key},{v!r}\n" for key, v in values.items()))
    return path


@pytest.fixture
def enter(run: Run) -> Callable[..., int]:
    """Return a function that submits a model of some quality, with out-of-fold predictions."""

    def go(seed: int, good: float, *, labels: bool, oof: bool = True, who: str = "ada") -> int:
        draw = random.Random(seed)
        with (DATA / "test.csv").open(newline="") as file:
            test = [row["id"] for row in csv.DictReader(file)]

        def value(rain: int) -> float:
            sure = min(max(0.5 + good * (rain - 0.5) + draw.uniform(-0.5, 0.5), 0.0), 1.0)
            return int(sure > 0.5) if labels else sure

        file, beside = f"s{seed}.csv", f"o{seed}.csv"
        write(file, {key: value(draw.randrange(2)) for key in test})
        write(beside, {key: value(rain) for key, rain in truth().items()})
        more = ["--oof", beside] if oof else []
        done = run("submit", file, *more, "-c", "toy", "--as", who, "--json")
        assert done.code == 0, done.out
        return int(done.json["id"])

    return go


def begin(toy: Callable[..., Settings], run: Run, **rules: Any) -> None:
    toy(limit=50, **rules)
    assert run("start", "toy").code == 0


def test_the_mean_of_probabilities(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run, metric="brier")
    ids = [enter(seed, 0.5, labels=False) for seed in (1, 2, 3)]
    done = run("blend", *map(str, ids), "--as", "ada", "--oof-out", "bo.csv", "--json").json
    assert (done["method"], done["metric"], done["file"]) == ("mean", "brier", "blend.csv")
    assert done["oof_file"] == "bo.csv"
    files = [read(f"s{seed}.csv") for seed in (1, 2, 3)]
    mean = {key: np.mean([each[key] for each in files]) for key in files[0]}
    assert read("blend.csv") == pytest.approx(mean)
    inside = by_folds(read("bo.csv"), "brier")
    assert (done["cv"], done["nested"]["score"]) == pytest.approx((inside, inside))
    for each in done["members"]:
        seed = ids.index(each["submission"]) + 1
        alone = read(f"o{seed}.csv")
        assert each["cv"] == pytest.approx(by_folds(alone, "brier"))
        assert each["weight"] == pytest.approx(1 / 3)
        others = [read(f"o{other}.csv") for other in (1, 2, 3) if other != seed]
        without = by_folds({k: np.mean([o[k] for o in others]) for k in alone}, "brier")
        assert each["without"] == pytest.approx(without)
        assert each["contribution"] == pytest.approx(without - inside)  # smaller is better
    assert done["best"] == min(each["cv"] for each in done["members"])
    same = practice.competition("toy", name="ada").blend(*ids)
    assert same.predictions == Path("blend.csv").read_bytes()
    assert same.out_of_fold == Path("bo.csv").read_bytes()
    line = "practice submit blend.csv --oof bo.csv -c toy -m 'mean of "
    assert done["command"].startswith(line)
    sent = run("submit", "blend.csv", "--oof", "bo.csv", "-c", "toy", "--as", "ada", "--json").json
    assert sent["cross_validation"]["score"] == pytest.approx(done["nested"]["score"])


@pytest.mark.parametrize("method", ["climb", "weights"])
def test_fitted_weights_leave_out_what_is_noise(
    method: str, toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run, metric="brier")
    good, other, noise = (
        enter(seed, quality, labels=False) for seed, quality in ((1, 0.9), (2, 0.9), (3, 0.0))
    )
    done = run("blend", str(good), str(other), str(noise), "--as", "ada", "--method", method,
               "--oof-out", "bo.csv", "--json").json  # fmt: skip
    weight = {each["submission"]: each["weight"] for each in done["members"]}
    assert sum(weight.values()) == pytest.approx(1)
    assert weight[noise] < 0.1
    assert done["cv"] <= done["best"] + 1e-12
    assert done["nested"]["score"] == pytest.approx(by_folds(read("bo.csv"), "brier"))
    mixed = {
        key: weight[good] * a + weight[other] * b + weight[noise] * c
        for (key, a), b, c in zip(
            read("o1.csv").items(), read("o2.csv").values(), read("o3.csv").values(), strict=True
        )
    }
    assert done["cv"] == pytest.approx(by_folds(mixed, "brier"))
    text = run("blend", str(good), str(other), "--as", "ada", "--method", method).out
    assert "on the folds the weights know" in text
    assert "on folds the weights do not know" in text
    assert max(map(len, text.splitlines())) <= 80


def test_ranks_where_the_order_alone_counts(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run, metric="roc_auc")
    ids = [str(enter(seed, 0.4, labels=False)) for seed in (1, 2)]
    done = run("blend", *ids, "--as", "ada", "--method", "rank", "--json")
    assert done.code == 0, done.out
    one, two = read("s1.csv"), read("s2.csv")

    def rank(values: dict[str, float], key: str) -> float:
        less = sum(value < values[key] for value in values.values())
        same = sum(value == values[key] for value in values.values())
        return (less + (same + 1) / 2) / len(values)

    expected = {key: (rank(one, key) + rank(two, key)) / 2 for key in one}
    assert read("blend.csv") == pytest.approx(expected)


def test_ranks_are_refused_where_values_count(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run, metric="brier")
    ids = [str(enter(seed, 0.4, labels=False)) for seed in (1, 2)]
    refused = run("blend", *ids, "--as", "ada", "--method", "rank")
    assert refused.code == 1
    assert "brier looks at more than the order" in refused.err
    assert not Path("blend.csv").exists()


def test_labels_vote(toy: Callable[..., Settings], run: Run, enter: Callable[..., int]) -> None:
    begin(toy, run)
    ids = [str(enter(seed, 0.5, labels=True)) for seed in (1, 2, 3)]
    done = run("blend", *ids, "--as", "ada", "--out", "vote.csv", "--json").json
    files = [read(f"s{seed}.csv") for seed in (1, 2, 3)]
    majority = {key: float(sum(each[key] for each in files) >= 2) for key in files[0]}
    assert read("vote.csv") == majority
    assert done["file"] == "vote.csv"
    assert all(line.split(",")[1] in "01" for line in Path("vote.csv").read_text().split()[1:])


def test_submitting_takes_its_out_of_fold_predictions_along(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run)
    ids = [str(enter(seed, 0.5, labels=True)) for seed in (1, 2, 3)]
    done = run("blend", *ids, "--as", "ada", "--submit", "--json").json
    sent = done["submitted"]
    assert (sent["status"], sent["entrant"]) == ("scored", "ada")
    assert sent["cross_validation"]["score"] == pytest.approx(done["nested"]["score"])
    (stored,) = (row for row in run("submissions", "toy", "--as", "ada", "--json").json[
        "submissions"] if row["id"] == sent["id"])  # fmt: skip
    assert stored["message"].startswith("mean of ")
    assert stored["params"]["blend"] == "mean"
    assert stored["params"]["weights"] == dict.fromkeys(ids, pytest.approx(1 / 3, abs=1e-6))
    again = run("blend", ids[0], str(sent["id"]), "--as", "ada", "--submit")
    assert "Public score" in again.out


def test_what_cannot_be_blended_is_refused_in_words(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run)
    one, two = (str(enter(seed, 0.5, labels=True)) for seed in (1, 2))
    bare = str(enter(3, 0.5, labels=True, oof=False))
    theirs = str(enter(4, 0.5, labels=True, who="bob"))
    write("wrong.csv", {"1": 7})
    run("submit", "wrong.csv", "-c", "toy", "--as", "ada")
    rows = run("submissions", "toy", "--as", "ada", "--json").json["submissions"]
    faulty = next(str(row["id"]) for row in rows if row["status"] == "refused")
    for words, code, message in (
        ((one,), 2, "a blend takes two submissions or more"),
        ((one, one), 2, "a blend takes two submissions or more"),
        ((one, bare), 1, f"submission {bare} has no out-of-fold predictions"),
        ((one, theirs), 1, f"'ada' has no submission {theirs}"),
        ((one, "9999"), 1, "'ada' has no submission 9999"),
        ((one, faulty), 1, f"submission {faulty} is refused and cannot be blended"),
        ((one, two, "--method", "best"), 2, "no method 'best'"),
        ((one, two, "--json", "--csv"), 2, "exclude each other"),
        ((one, two, "--out", "no/such/folder.csv"), 1, "no/such/folder.csv"),
    ):
        done = run("blend", *words, "--as", "ada")
        said = done.err or done.out
        assert (done.code, message in said) == (code, True), (words, said)
    assert not Path("blend.csv").exists()
    run("reveal", "toy", "--yes")
    run("retry", "toy")
    later = str(enter(5, 0.5, labels=True))
    refused = run("blend", one, later, "--as", "ada")
    assert f"submission {later} belongs to season 2 of 'toy', the first one to season 1" in (
        refused.err
    )


def test_the_members_as_csv(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int]
) -> None:
    begin(toy, run)
    ids = [str(enter(seed, 0.5, labels=True)) for seed in (1, 2)]
    out = run("blend", *ids, "--as", "ada", "--csv").out
    header, *lines = out.splitlines()
    assert header == "submission,message,cv,weight,without,contribution"
    assert {line.split(",")[0] for line in lines} == set(ids)


FILE_METRIC = """
def score(solution, submission, row_id_column_name):
    return float(((solution["rain"] - submission["rain"]) ** 2).mean())
"""


@pytest.mark.slow
def test_a_metric_in_a_file_scores_a_mean_and_fits_nothing(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int], tmp_path: Path
) -> None:
    toy(limit=50)
    folder = tmp_path / "definitions" / "toy"
    (folder / "metric.py").write_text(FILE_METRIC)
    told = (folder / "competition.toml").read_text()
    (folder / "competition.toml").write_text(
        told.replace(
            'name = "accuracy"',
            'file = "metric.py"\ngreater_is_better = false\ntakes = "probability"',
        )
    )
    assert run("start", "toy").code == 0
    ids = [str(enter(seed, 0.5, labels=False)) for seed in (1, 2)]
    refused = run("blend", *ids, "--as", "ada", "--method", "climb")
    assert refused.code == 1
    assert "a metric in a file takes too long" in refused.err
    done = run("blend", *ids, "--as", "ada", "--oof-out", "bo.csv", "--json").json
    assert done["nested"]["score"] == pytest.approx(by_folds(read("bo.csv"), "brier"))
    assert [each["without"] for each in done["members"]] == pytest.approx(
        [done["members"][1]["cv"], done["members"][0]["cv"]]
    )


def test_no_public_score_has_a_say(
    toy: Callable[..., Settings], run: Run, enter: Callable[..., int], tmp_path: Path
) -> None:
    made = []
    for feedback in ("full", "blind"):
        definition = tmp_path / "definitions" / "toy" / "competition.toml"
        if not made:
            begin(toy, run, metric="brier")
        else:  # the same rows, in a season that tells nothing
            run("reveal", "toy", "--yes")
            text = definition.read_text().replace('feedback = "full"', 'feedback = "blind"')
            definition.write_text(text)
            assert run("retry", "toy").code == 0
        ids = [str(enter(seed, 0.5, labels=False)) for seed in (1, 2, 3)]
        assert (run("submissions", "toy", "--as", "ada", "--json").json["submissions"][0][
            "public_score"] is None) == (feedback == "blind")  # fmt: skip
        done = run("blend", *ids, "--as", "ada", "--method", "climb", "--json").json
        weights = [each["weight"] for each in done["members"]]
        made.append((weights, done["cv"], done["nested"], Path("blend.csv").read_bytes()))
    assert made[0] == made[1]
