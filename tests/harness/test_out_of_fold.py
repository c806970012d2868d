"""Out-of-fold predictions: read like a submission, scored on the folds, kept with it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from practice import harness
from practice.errors import BuildError, NotFoundError, RefusedError, UsageError
from practice.harness.out_of_fold import predictions, score_folds
from practice.harness.storing import storage
from practice.harness.verifying import verify
from practice.scoring.records import SubmissionRefusedError
from practice.settings import Settings
from practice.store import blobs, open_store

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]
Rows = list[dict[str, str]]


def training(settings: Settings) -> Rows:
    """Return the training rows with their fold."""
    (build,) = settings.data.iterdir()
    with (build / "train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (build / "folds.csv").open(newline="") as file:
        folds = {row["id"]: row["fold"] for row in csv.DictReader(file)}
    return [{**row, "fold": folds[row["id"]]} for row in rows]


def file_of(column: str, said: dict[str, object]) -> bytes:
    lines = [f"id,{column}", *(f"{key},{value}" for key, value in said.items())]
    return ("\n".join(lines) + "\n").encode()


def rainy(settings: Settings, wrong: dict[str, int] | None = None) -> bytes:
    """Predict the toy's training rows right, but for so many rows of each fold."""
    left = dict(wrong or {})
    said: dict[str, object] = {}
    for row in training(settings):
        miss = left.get(row["fold"], 0) > 0
        left[row["fold"]] = left.get(row["fold"], 0) - 1
        said[row["id"]] = 1 - int(row["rain"]) if miss else int(row["rain"])
    return file_of("rain", said)


def stored(settings: Settings) -> dict[int, object]:
    with open_store(settings) as store:
        season = store.season("toy")
        assert season is not None
        return dict(store.out_of_fold(season.id))


@pytest.fixture
def started(toy: Toy, tmp_path: Path) -> Settings:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    return settings


def test_each_fold_is_scored_and_their_mean_stands_beside_the_public_score(
    started: Settings, predict: Predict
) -> None:
    rows = training(started)
    counts = {fold: sum(row["fold"] == fold for row in rows) for fold in "01234"}
    oof = rainy(started, {"1": 4, "3": 2})
    done = harness.submit(started, "toy", predict(started, 3), entrant="ann", out_of_fold=oof)
    expected = [1, 1 - 4 / counts["1"], 1, 1 - 2 / counts["3"], 1]
    found = done.cross_validation
    assert found is not None
    assert found.folds == pytest.approx(expected, abs=1e-15)
    assert found.score == pytest.approx(np.mean(expected), abs=1e-15)
    assert found.standard_error == pytest.approx(np.std(expected, ddof=1) / np.sqrt(5), abs=1e-15)
    assert found.rows == len(rows) == 200
    listed = harness.submissions(started, "toy", "ann")[0]
    assert listed.cross_validation == found.score
    assert done.attempts_left == 4


def test_the_file_is_kept_and_the_chain_names_it(started: Settings, predict: Predict) -> None:
    oof = rainy(started, {"0": 1})
    done = harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=oof)
    with open_store(started) as store:
        (season,) = store.seasons()
        kept = store.out_of_fold(season.id)[done.id]
        event = store.events()[-1]
    assert blobs.path(started.blobs, kept.blob).read_bytes() == oof
    assert done.cross_validation is not None
    assert event.payload["out_of_fold"] == kept.blob
    assert event.payload["cross_validation"] == kept.value == done.cross_validation.score
    old = time.time() - 7 * 86_400
    for path in started.blobs.iterdir():
        os.utime(path, (old, old))
    storage(started, prune=True)
    assert blobs.path(started.blobs, kept.blob).is_file()


def test_another_metric_scores_them_anew(started: Settings, toy: Toy, predict: Predict) -> None:
    oof = rainy(started, {"1": 4, "3": 2})
    done = harness.submit(started, "toy", predict(started, 3), entrant="ann", out_of_fold=oof)
    assert done.cross_validation is not None
    other = toy(metric="brier")
    harness.rescore(other, "toy")
    listed = harness.submissions(other, "toy", "ann")[0]
    assert listed.cross_validation == pytest.approx(1 - done.cross_validation.score, abs=1e-15)
    with open_store(other) as store:
        (event,) = [each for each in store.events() if each.kind == "rescore"]
    kept = event.payload["out_of_fold"]
    assert [(id, value) for id, _, value, _ in kept] == [(done.id, done.cross_validation.score)]
    assert verify(other).found is None


def test_what_another_metric_cannot_score_is_gone_and_said(
    started: Settings, toy: Toy, predict: Predict
) -> None:
    rows = training(started)
    oof = file_of("rain", {row["id"]: 1 for row in rows})
    done = harness.submit(started, "toy", predict(started, 3), entrant="ann", out_of_fold=oof)
    other = toy(metric="log_loss")
    (build,) = other.data.iterdir()
    folds = build / "folds.csv"
    kept = folds.read_text()
    ill = {row["id"] for row in rows if row["rain"] == "1"}
    moved = ["id,fold", *(f"{row['id']},{int(row['id'] in ill)}" for row in rows)]
    folds.write_text("\n".join(moved) + "\n")
    toy(metric="roc_auc")
    harness.rescore(other, "toy")
    folds.write_text(kept)
    assert stored(other) == {}
    assert harness.submissions(other, "toy", "ann")[0].cross_validation is None
    with open_store(other) as store:
        (event,) = [each for each in store.events() if each.kind == "rescore"]
    assert [id for id, *_ in event.payload["out_of_fold"]] == [done.id]
    assert verify(other).found is None


def test_without_a_file_nothing_is_said(started: Settings, predict: Predict) -> None:
    done = harness.submit(started, "toy", predict(started), entrant="ann")
    assert done.cross_validation is None
    assert stored(started) == {}
    with open_store(started) as store:
        assert "out_of_fold" not in store.events()[-1].payload


def test_predictions_come_back_with_answers_and_folds(started: Settings, predict: Predict) -> None:
    oof = rainy(started, {"2": 5})
    upside_down = b"\n".join([oof.splitlines()[0], *reversed(oof.splitlines()[1:])]) + b"\n"
    done = harness.submit(
        started, "toy", predict(started), entrant="ann", out_of_fold=gzip.compress(upside_down)
    )
    with open_store(started) as store:
        (season,) = store.seasons()
    found = predictions(started, season, done.id)
    rows = training(started)
    assert [str(each) for each in found.training.answers.ids.to_pylist()] == [r["id"] for r in rows]
    assert found.training.fold.tolist() == [int(row["fold"]) for row in rows]
    assert found.training.answers.targets[0].values.tolist() == [int(r["rain"]) for r in rows]
    wrong = found.columns["rain"] != found.training.answers.targets[0].values
    assert wrong.sum() == 5
    assert set(found.training.fold[wrong]) == {2}
    assert done.cross_validation is not None
    assert score_folds(found.case, found.training, found.columns) == done.cross_validation.folds
    with pytest.raises(NotFoundError, match="submission 77 of 'toy' has no out-of-fold"):
        predictions(started, season, 77)


def faults(settings: Settings, oof: bytes, predict: Predict) -> list[tuple[int | None, str]]:
    with pytest.raises(SubmissionRefusedError) as refused:
        harness.submit(
            settings,
            "toy",
            predict(settings),
            entrant="ann",
            out_of_fold=oof,
            out_of_fold_name="oof.csv",
        )
    assert refused.value.message.startswith("oof.csv")
    assert harness.submissions(settings, "toy") == ()
    return [(each.row, each.message) for each in refused.value.problems]


def test_a_file_with_faults_is_refused_with_all_of_them_and_nothing_is_stored(
    started: Settings, predict: Predict
) -> None:
    lines = rainy(started).decode().splitlines()
    twice = [*lines, lines[3]]
    assert faults(started, "\n".join(twice).encode(), predict) == [
        (len(lines), "id that occurs more than once")
    ]
    assert faults(started, "\n".join(lines[:-2]).encode(), predict) == [(None, "2 ids are missing")]
    more = [*lines, "123456,1"]
    assert faults(started, "\n".join(more).encode(), predict) == [(len(lines), "unknown id")]
    words = [lines[0], lines[1].split(",")[0] + ",maybe", *lines[2:]]
    assert faults(started, "\n".join(words).encode(), predict) == [
        (1, "not a label of the training data")
    ]
    (extra,) = faults(started, b"id,rain,fold\n1,1,0\n", predict)[:1]
    assert extra[0] is None
    assert faults(started, b"", predict) == [(None, "oof.csv is empty")]
    done = harness.submit(started, "toy", predict(started), entrant="ann")
    assert (done.id, done.attempts_left) == (1, 4)


def test_ids_of_hidden_rows_are_unknown(started: Settings, predict: Predict) -> None:
    (found, missing) = faults(started, predict(started), predict)
    assert found == (1, "unknown id (200 rows)")
    assert missing == (None, "200 ids are missing")


def test_a_file_that_is_not_there(started: Settings, predict: Predict, tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.csv", "does not exist"), (tmp_path, "is a directory")):
        with pytest.raises(UsageError, match=what):
            harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=path)
    assert harness.submissions(started, "toy") == ()


def test_a_refused_submission_keeps_no_out_of_fold_predictions(
    started: Settings, predict: Predict
) -> None:
    oof = rainy(started)
    done = harness.submit(started, "toy", b"id,rain\n", entrant="ann", out_of_fold=oof)
    assert (done.status, done.cross_validation) == ("refused", None)
    assert stored(started) == {}


def test_beyond_the_limit_no_out_of_fold_predictions_are_kept(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    oof = rainy(settings)
    harness.submit(settings, "toy", predict(settings), entrant="ann", out_of_fold=oof)
    over = harness.submit(settings, "toy", predict(settings, 1), entrant="ann", out_of_fold=oof)
    assert (over.status, over.cross_validation) == ("refused", None)
    assert set(stored(settings)) == {1}


def test_the_same_bytes_again_may_have_another_out_of_fold_file(
    started: Settings, predict: Predict
) -> None:
    first = harness.submit(started, "toy", predict(started), entrant="ann")
    oof = rainy(started, {"0": 1})
    again = harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=oof)
    assert again.repeated == first.id
    assert set(stored(started)) == {again.id}


def test_a_late_submission_keeps_its_own_too(started: Settings, predict: Predict) -> None:
    harness.submit(started, "toy", predict(started), entrant="ann")
    harness.reveal(started, "toy")
    oof = rainy(started)
    late = harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=oof)
    assert late.late
    assert late.cross_validation is not None
    assert late.cross_validation.score == 1


def test_folds_that_were_changed_are_told(started: Settings, predict: Predict) -> None:
    oof = rainy(started)
    (build,) = started.data.iterdir()
    path = build / "folds.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    with pytest.raises(BuildError, match=r"folds.csv has other rows than"):
        harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=oof)
    path.unlink()
    with pytest.raises(BuildError, match=r"cannot be read: FileNotFoundError"):
        harness.submit(started, "toy", predict(started), entrant="ann", out_of_fold=oof)


def test_a_fold_that_the_metric_cannot_score_is_named(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(metric="roc_auc")
    harness.start(settings, "toy", tmp_path / "ws")
    (build,) = settings.data.iterdir()
    path = build / "train.csv"
    folds = {row["id"]: row["fold"] for row in training(settings)}
    lines = path.read_text().splitlines()
    dry = [f"{line[:-1]}0" if folds[line.split(",")[0]] == "3" else line for line in lines[1:]]
    path.write_text("\n".join([lines[0], *dry]) + "\n")
    with pytest.raises(RefusedError, match=r"^fold 3 of the out-of-fold predictions cannot be"):
        harness.submit(
            settings, "toy", predict(settings), entrant="ann", out_of_fold=rainy(settings)
        )
    assert harness.submissions(settings, "toy") == ()


# A real process, so that nothing of this one is loaded.
QUICK = """
import sys
from pathlib import Path
from practice import harness, settings
done = harness.submit(
    settings.load(), "toy", Path(sys.argv[1]), entrant="ann", out_of_fold=Path(sys.argv[2])
)
print(done.cross_validation.score)
print(sorted({"pandas", "sklearn", "scipy", "lightgbm"} & set(sys.modules)))
"""


def test_no_heavy_library_is_loaded(started: Settings, predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(predict(started))
    (tmp_path / "oof.csv").write_bytes(rainy(started))
    command = [sys.executable, "-c", QUICK, str(tmp_path / "s.csv"), str(tmp_path / "oof.csv")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["1.0", "[]"], ran.stderr


CHILD = """
import json, sys
from pathlib import Path
from practice import harness, settings
import practice.harness.submitting, practice.scoring.training, sqlalchemy, pyarrow.csv
print("ready", flush=True)
sys.stdin.readline()
done = harness.submit(
    settings.load(), "toy", Path(sys.argv[1]), entrant="ann", out_of_fold=Path(sys.argv[2])
)
print(json.dumps(done.id), flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_both_are_there_or_neither(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(limit=1000)
    harness.start(settings, "toy", tmp_path / "ws")
    draw = random.Random(3)
    file, oof = tmp_path / "s.csv", tmp_path / "oof.csv"
    said = []
    whole = 0.0  # seconds that one takes that is not killed
    for turn in range(12):
        file.write_bytes(predict(settings, turn))
        oof.write_bytes(rainy(settings, {"0": turn}))
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(file), str(oof)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("\n")
        child.stdin.flush()
        if turn:
            time.sleep(draw.random() * whole * 1.3)
            child.kill()
        began = time.perf_counter()
        out = child.communicate()[0]
        whole = whole or time.perf_counter() - began
        said += [json.loads(out)] if out else []
        ids = {row.id for row in harness.submissions(settings, "toy")}
        assert ids == set(stored(settings)) >= set(said)
    assert 1 < len(said) < 12
    with open_store(settings) as store:
        (season,) = store.seasons()
        for id_, kept in store.out_of_fold(season.id).items():
            assert blobs.path(settings.blobs, kept.blob).is_file()
            assert predictions(settings, season, id_).columns["rain"].shape == (200,)


COLUMNS = ("x", "city", "w", "keep", "when", "y")


@pytest.fixture
def define(settings: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that starts the competition ``toy`` with columns beside the target."""

    def make(metric: str, data: str = "", split: str = 'kind = "random"') -> Settings:
        folder = tmp_path / "definitions" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        draw = random.Random(5)
        with (folder / "raw.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in range(120):
                y = -1 if row % 10 == 7 else round(10 + row / 7 + draw.random(), 3)
                keep = draw.random() < 0.8
                writer.writerow((row, "abc"[row % 3], draw.randint(1, 5), keep, row // 3, y))
        (folder / "competition.toml").write_text(f"""
            title = "Toy"
            summary = "Columns beside the target."
            task = "regression"
            [data]
            source = "local"
            path = "raw.csv"
            target = "y"
            {data}
            [split]
            {split}
            [metric]
            {metric}
        """)
        made = replace(settings, competitions=(folder.parent,))
        harness.start(made, "toy", tmp_path / "ws")
        return made

    return make


def numbers(settings: Settings, said: Callable[[dict[str, str]], float]) -> tuple[bytes, Rows]:
    rows = [row for row in training(settings) if row["fold"] != "-1"]
    return file_of("y", {row["id"]: said(row) for row in rows}), rows


def sample(settings: Settings) -> bytes:
    (build,) = settings.data.iterdir()
    return (build / "sample_submission.csv").read_bytes()


def folds_of(settings: Settings, oof: bytes) -> list[float]:
    done = harness.submit(settings, "toy", sample(settings), entrant="ann", out_of_fold=oof)
    assert done.cross_validation is not None
    return list(done.cross_validation.folds)


def test_with_a_time_split_the_earliest_rows_are_left_out(
    define: Callable[..., Settings],
) -> None:
    settings = define('name = "mae"', 'time = "when"', 'kind = "time"')
    oof, rows = numbers(settings, lambda row: float(row["y"]) + 1 + int(row["fold"]))
    assert len(rows) < len(training(settings))
    folds = sorted({int(row["fold"]) for row in rows})
    assert folds_of(settings, oof) == pytest.approx([1 + fold for fold in folds])
    early = next(row["id"] for row in training(settings) if row["fold"] == "-1")
    with pytest.raises(SubmissionRefusedError) as refused:
        folds_of(settings, oof + f"{early},1\n".encode())
    (problem,) = refused.value.problems
    assert (problem.message, problem.value) == ("unknown id", early)
    assert problem.hint == "rows of fold -1 in folds.csv are not predicted: leave them out"


def test_weights_mask_groups_and_ignored_answers_count(define: Callable[..., Settings]) -> None:
    settings = define(
        'name = "mae"\nsample_weight = "w"\nmask = "keep"\nignore = -1\ngroup = "city"',
        'solution = ["w", "keep", "city"]',
    )
    oof, rows = numbers(settings, lambda row: float(row["x"]) / 5)
    expected = []
    for fold in "01234":
        cities = []
        for city in "abc":
            chosen = [
                row
                for row in rows
                if (row["fold"], row["city"], row["keep"]) == (fold, city, "True")
                and float(row["y"]) != -1
            ]
            errors = [abs(float(row["y"]) - float(row["x"]) / 5) for row in chosen]
            cities.append(np.average(errors, weights=[float(row["w"]) for row in chosen]))
        expected.append(np.mean(cities))
    assert folds_of(settings, oof) == pytest.approx(expected, abs=1e-12)


def test_groups_that_stay_together(define: Callable[..., Settings]) -> None:
    settings = define('name = "mae"', 'group = "when"', 'kind = "group"')
    oof, rows = numbers(settings, lambda row: float(row["y"]) - 2)
    assert all(
        len({row["fold"] for row in rows if row["when"] == when}) == 1
        for when in {row["when"] for row in rows}
    )
    assert folds_of(settings, oof) == pytest.approx([2.0] * 5)


def test_a_forecast_is_compared_with_the_series_before_its_fold(
    define: Callable[..., Settings],
) -> None:
    settings = define(
        'name = "mase"\nperiod = 1\nseries = "city"',
        'time = "when"\ntrain_series = "city"',
        'kind = "time"',
    )
    oof, rows = numbers(settings, lambda row: float(row["y"]) + 3)
    every = training(settings)
    expected = []
    for fold in sorted({int(row["fold"]) for row in rows}):
        scaled = []
        for city in "abc":
            past = [float(r["y"]) for r in every if int(r["fold"]) < fold and r["city"] == city]
            own = [r for r in rows if int(r["fold"]) == fold and r["city"] == city]
            assert own
            scaled.append(3 / np.mean(np.abs(np.diff(past))))
        expected.append(np.mean(scaled))
    assert folds_of(settings, oof) == pytest.approx(expected, abs=1e-12)
