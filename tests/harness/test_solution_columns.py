"""Competitions whose metric looks at more than targets and predictions, from start to board."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from practice import harness, solutions
from practice.errors import DefinitionError, PracticeError
from practice.harness.judging import open_case
from practice.settings import Settings
from practice.store import open_store

ROWS = 120
COLUMNS = ("x", "city", "w", "keep", "when", "y")


def cells(row: int) -> dict[str, object]:
    draw = random.Random(row)
    return {
        "x": row,
        "city": "abc"[row % 3],
        "w": draw.randint(1, 5),
        "keep": draw.random() < 0.8,
        "when": row // 3,
        "y": -1 if row % 10 == 7 else round(10 + row / 7 + draw.random(), 3),
    }


@pytest.fixture
def define(settings: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that defines the competition ``extra`` and says where it can be started."""

    def make(metric: str, data: str = "", split: str = 'kind = "random"') -> Settings:
        folder = tmp_path / "definitions" / "extra"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "raw.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(cells(row) for row in range(ROWS))
        text = f"""
            title = "Extra"
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
        """
        (folder / "competition.toml").write_text(text)
        return replace(settings, competitions=(folder.parent,))

    return make


def hidden(settings: Settings) -> tuple[list[str], list[dict[str, object]], np.ndarray]:
    """Return the hidden rows: their ids, their cells, and which are public."""
    with open_store(settings) as store:
        season = store.season("extra")
    assert season is not None
    answers = open_case(season, settings).answers
    test = next(settings.data.glob("*/test.csv"))
    with test.open(newline="") as file:
        rows = [cells(int(row["x"])) for row in csv.DictReader(file)]
    return [str(each) for each in answers.ids.to_pylist()], rows, answers.public


def submit(settings: Settings, ids: list[str], values: list[float]) -> harness.Submitted:
    lines = [f"{id},{value!r}\n" for id, value in zip(ids, values, strict=True)]
    return harness.submit(settings, "extra", ("id,y\n" + "".join(lines)).encode(), entrant="ann")


def test_weights_mask_and_groups_count(define: Callable[..., Settings], tmp_path: Path) -> None:
    settings = define(
        'name = "mae"\nsample_weight = "w"\nmask = "keep"\nignore = -1\ngroup = "city"',
        'solution = ["w", "keep", "city"]',
    )
    harness.start(settings, "extra", tmp_path / "ws")
    header = (tmp_path / "ws" / "data" / "test.csv").read_text().splitlines()[0]
    assert header == "id,x,when"
    header = (tmp_path / "ws" / "data" / "train.csv").read_text().splitlines()[0]
    assert set(header.split(",")) == {"id", *COLUMNS}

    ids, rows, public = hidden(settings)
    guess = [float(row["x"]) / 5 for row in rows]
    done = submit(settings, ids, guess)
    expected = []
    for city in "abc":
        chosen = [
            at
            for at, row in enumerate(rows)
            if public[at] and row["keep"] and row["y"] != -1 and row["city"] == city
        ]
        weights = [rows[at]["w"] for at in chosen]
        errors = [abs(rows[at]["y"] - guess[at]) for at in chosen]  # type: ignore[operator]
        expected.append(np.average(errors, weights=weights))
    assert done.public_score == pytest.approx(np.mean(expected), abs=1e-12)
    entry = harness.leaderboard(settings, "extra").entries[0]
    assert entry.score_low is None  # groups that are averaged are not resampled


def test_a_masked_score_has_replicates(define: Callable[..., Settings], tmp_path: Path) -> None:
    settings = define('name = "rmse"\nmask = "keep"', 'solution = ["keep"]')
    harness.start(settings, "extra", tmp_path / "ws")
    ids, rows, _ = hidden(settings)
    done = submit(settings, ids, [10.0 + float(row["x"]) / 7 for row in rows])
    (entry,) = harness.leaderboard(settings, "extra").entries
    assert entry.score_low is not None
    assert entry.score_high is not None
    assert entry.score_low < done.public_score < entry.score_high


def test_unknown_ids_are_left_out_where_the_definition_says_so(
    define: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = define('name = "mae"\nextra_ids = "ignore"')
    harness.start(settings, "extra", tmp_path / "ws")
    ids, rows, _ = hidden(settings)
    values = [float(row["x"]) for row in rows]
    plain = submit(settings, ids, values)
    more = submit(settings, [*ids, "99999"], [*values, 7.0])
    assert (plain.status, more.status) == ("scored", "scored")
    assert more.public_score == plain.public_score


def test_forecasts_are_compared_with_the_training_series(
    define: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = define(
        'name = "mase"\nperiod = 1\nseries = "city"',
        'time = "when"\ntrain_series = "city"',
        'kind = "time"\ntest = 0.3',
    )
    harness.start(settings, "extra", tmp_path / "ws")
    ids, rows, public = hidden(settings)
    guess = [12.0 for _ in rows]
    done = submit(settings, ids, guess)
    first = min(int(row["when"]) for row in rows)  # type: ignore[call-overload]
    series = {
        city: [
            float(c["y"])
            for c in map(cells, range(ROWS))
            if c["city"] == city and int(c["when"]) < first
        ]  # type: ignore[arg-type,call-overload]
        for city in "abc"
    }
    scale = {city: np.abs(np.diff(values)).mean() for city, values in series.items()}
    per_series = [
        np.mean(
            [
                abs(float(row["y"]) - 12.0)  # type: ignore[arg-type]
                for row, flag in zip(rows, public, strict=True)
                if flag and row["city"] == city
            ]
        )
        / scale[city]
        for city in "abc"
    ]
    assert done.public_score == pytest.approx(np.mean(per_series), rel=1e-9)


def test_two_outputs_for_one_target_are_two_columns(
    define: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = define('name = "laplace_log_likelihood"')
    harness.start(settings, "extra", tmp_path / "ws")
    sample = (tmp_path / "ws" / "data" / "sample_submission.csv").read_bytes()
    assert sample.splitlines()[0] == b"id,value,confidence"
    assert harness.submit(settings, "extra", sample, entrant="ann").status == "scored"
    with pytest.raises(PracticeError, match="no ready-made solution for laplace_log_likelihood"):
        solutions.baseline("extra", settings, ("dummy",))


def test_a_secondary_metric_that_refuses_shows_nothing_and_refuses_nothing(
    define: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = define('name = "mae"\nsecondary = ["rmsle", "rmse"]')
    harness.start(settings, "extra", tmp_path / "ws")
    ids, rows, _ = hidden(settings)
    done = submit(settings, ids, [-5.0 for _ in rows])  # rmsle is not defined below -1
    assert done.status == "scored"
    assert done.secondary["rmsle"] is None
    assert done.secondary["rmse"] is not None


@pytest.mark.parametrize(
    ("metric", "data", "message"),
    [
        (
            'name = "mae"\nmask = "keep"',
            "",
            "mask of mae names 'keep', which the solution does not",
        ),
        ('name = "mae"\nsample_weight = "w"', 'solution = ["keep"]', "sample_weight of mae names"),
        ('name = "max_error"\nsample_weight = "w"', 'solution = ["w"]', "does not take weights"),
        ('name = "mae"\ncolumns = ["z"]', "", "no target 'z'; targets: y"),
        ('name = "mase"\nperiod = 1\nseries = "city"', "", "'city', which the solution does not"),
        ('name = "mae"\nextra_ids = "drop"', "", "extra_ids must be refuse or ignore"),
        ('name = "mae"\nmax = 1', "", "max"),
        ('name = "mae"', 'solution = ["y"]', "data.solution: 'y' has another role"),
        ('name = "mae"', 'solution = ["w", "w"]', "data.solution: names 'w' twice"),
    ],
)
def test_a_definition_that_asks_for_what_is_not_there_is_refused(
    define: Callable[..., Settings], tmp_path: Path, metric: str, data: str, message: str
) -> None:
    settings = define(metric, data)
    with pytest.raises(DefinitionError) as caught:
        harness.start(settings, "extra", tmp_path / "ws")
    assert message in caught.value.message


def test_a_solution_column_that_the_data_lacks_is_refused(
    define: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = define('name = "mae"', 'solution = ["nothing"]')
    with pytest.raises(PracticeError, match=r"data\.solution names 'nothing'"):
        harness.start(settings, "extra", tmp_path / "ws")
