"""A small competition to compare strategies on, and comparisons made by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from practice.arena import Question, Results, compare_one
from practice.arena.records import Cell, Comparison, Point
from practice.build.vault import TargetInfo, VaultInfo
from practice.definition import Competition, DataSpec, MetricSpec, SplitSpec
from practice.settings import Settings, from_environment
from practice.solutions.data import Dataset, read

ROWS = 160
Make = Callable[..., Results]


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Return a home of one's own."""
    return from_environment({"PRACTICE_HOME": str(tmp_path / "home")})


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Dataset]:
    """Return a maker of datasets of 160 training rows: ``small(task, split)``."""
    home = tmp_path_factory.mktemp("small")

    @cache
    def make(task: str, split: str, metric: str) -> Dataset:
        rng = np.random.default_rng(5)
        x = rng.normal(size=(ROWS, 3)).round(4)
        signal = x[:, 0] * x[:, 1] + x[:, 2] + rng.normal(scale=0.7, size=ROWS)
        number = task == "regression"
        y = np.array([repr(v) for v in signal.round(4).tolist()])
        if not number:
            y = np.where(signal > 0.3, "b", "a")
        frame = pd.DataFrame(x, columns=["p", "q", "r"]).map(repr)
        frame.insert(0, "id", [str(i) for i in range(ROWS)])
        frame["town"] = [f"t{i // 4}" for i in range(ROWS)]
        folder = home / f"{task}-{split}-{metric}"
        folder.mkdir()
        train = frame.assign(y=y)
        test = frame.iloc[:20].assign(id=[str(1000 + i) for i in range(20)])
        fold = np.arange(ROWS) // 4 % 5
        if split == "time":
            fold = np.arange(ROWS) * 6 // ROWS - 1
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        pd.DataFrame({"id": test["id"], "y": y[:20]}).to_csv(
            folder / "sample_submission.csv", index=False
        )
        pd.DataFrame({"id": train["id"], "fold": fold}).to_csv(folder / "folds.csv", index=False)
        competition = Competition(
            slug=task,
            folder=folder,
            title="Small",
            summary="",
            task=task,  # type: ignore[arg-type]
            skills=(),
            difficulty=1,
            license="",
            citation="",
            homepage="",
            data=DataSpec("local", ("y",), group="town" if split == "group" else None),
            split=SplitSpec(split),  # type: ignore[arg-type]
            metric=MetricSpec(metric or ("rmse" if number else "accuracy")),
        )
        target = TargetInfo(
            "y",
            "number" if number else "label",
            None if number else ("a", "b"),
            None if number else "b",
        )
        info = VaultInfo(
            task, "b0", "d0", 1, "id", "integer", (target,), split, 20, 10, ROWS,
            "2026-01-01T00:00:00+00:00", {},
        )  # fmt: skip
        return read(folder, competition, info)

    def given(task: str = "binary", split: str = "stratified", metric: str = "") -> Dataset:
        return make(task, split, metric)

    return given


@pytest.fixture(scope="session")
def tree() -> Question:
    """Return the question that most tests ask."""
    return Question(("random", "tpe"), solution="tree", repeats=2, work=13)


@pytest.fixture(scope="session")
def once(
    small: Callable[..., Dataset], tree: Question, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Results]:
    """Return the arena and the results of a comparison that is made once."""
    here = from_environment({"PRACTICE_HOME": str(tmp_path_factory.mktemp("once"))})
    return here.arena, compare_one(here, small(), tree, workers=1)


@pytest.fixture
def compared(once: tuple[Path, Results], here: Settings) -> Results:
    """Return a comparison that is stored in the home of the test."""
    shutil.copytree(once[0], here.arena)
    return once[1]


@pytest.fixture
def told() -> Callable[[Results], dict[str, Any]]:
    """Return what two identical comparisons agree on to the bit: all but times and places."""

    def tell(results: Results) -> dict[str, Any]:
        times = {"cpu_seconds": 0.0, "seconds": 0.0, "overhead_seconds": 0.0}
        cells = []
        for cell in results.cells:
            points = tuple(replace(point, cpu_seconds=0.0) for point in cell.points)
            cells.append(asdict(replace(cell, points=points, **times)))
        found = asdict(results.comparison)
        for name in ("created", "environment"):
            del found[name]
        replicates = {str(key): each.tolist() for key, each in results.replicates.items()}
        return {"comparison": found, "cells": cells, "replicates": replicates}

    return tell


def point(held: float, cv: float = 0.0, trial: int = 0) -> Point:
    return Point(trial, {}, 1.0 + trial, 1.0 + trial, -cv, cv, held, held)


def make(
    held: NDArray[np.float64],
    *,
    names: Sequence[str] = ("random", "tpe", "cmaes", "halving", "grid"),
    slug: str = "penguins",
    metric: str = "accuracy",
    greater_is_better: bool = True,
    default: float = 0.0,
    replicates: NDArray[np.float64] | None = None,
    **changes: Any,
) -> Results:
    """Return a comparison whose runs found ``held`` (strategies, splits, seeds) after a default.

    NaN leaves a run out; replicates are of shape (strategies, splits, seeds, replicates).
    """
    strategies, splits, seeds = held.shape
    asked = Comparison(
        id="one",
        slug=slug,
        solution="lightgbm",
        strategies=tuple(names[:strategies]),
        reference=names[0],
        outer=tuple(range(1, splits + 1)),
        seeds=tuple(range(seeds)),
        work=20.0,
        rounds=100,
        metric=metric,
        greater_is_better=greater_is_better,
        held_rows=(50,) * splits,
        plans=("p",) * splits,
        created="2026-01-05T14:00:00Z",
        hash="0" * 64,
        identity={},
        environment={},
    )
    asked = replace(asked, **changes)
    cells, drawn = [], {}
    for i, name in enumerate(asked.strategies):
        for j, outer in enumerate(asked.outer):
            for k, seed in enumerate(asked.seeds):
                if np.isnan(held[i, j, k]):
                    continue
                found = (point(default), point(float(held[i, j, k]), float(held[i, j, k]), 7))
                trials = {"complete": 18, "stopped": 3, "failed": 1, "duplicate": 2}
                cells.append(Cell(name, outer, seed, found, trials, 20.0, 8.0, 4.0, 0.4))
                if replicates is not None:
                    drawn[name, outer, seed] = replicates[i, j, k]
    return Results(asked, tuple(cells), drawn)


@pytest.fixture(name="make")
def make_fixture() -> Make:
    return make
