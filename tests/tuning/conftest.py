"""A small build to tune on, read as the builder writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from practice.build.vault import TargetInfo, VaultInfo
from practice.definition import Competition, DataSpec, MetricSpec, SplitSpec
from practice.solutions.data import Dataset, read

Small = Callable[[str], Dataset]


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Return a maker of datasets of 240 training rows: ``small(task)``."""

    def make(task: str) -> Dataset:
        rng = np.random.default_rng(5)
        rows, hidden = 300, 60
        x = rng.normal(size=(rows, 4)).round(4)
        town = rng.choice(["Bern", "Graz", "Wien"], rows)
        signal = x[:, 0] * x[:, 1] + x[:, 2] + (town == "Wien") + rng.normal(scale=0.5, size=rows)
        if task == "regression":
            y = np.array([repr(float(v)) for v in np.exp(signal / 2).round(4)])
        else:
            cuts = [0.5] if task == "binary" else [-0.5, 1.0]
            y = np.array(["a", "b", "c"])[np.digitize(signal, cuts)]
        frame = pd.DataFrame(x, columns=["p", "q", "r", "s"]).map(repr).assign(town=town)
        frame.insert(0, "id", [str(i) for i in range(rows)])
        test, train = frame.iloc[:hidden], frame.iloc[hidden:].assign(y=y[hidden:])
        folder = tmp_path / task
        folder.mkdir()
        sample = pd.DataFrame({"id": test["id"], "y": y[hidden]})
        folds = pd.DataFrame({"id": train["id"], "fold": np.arange(rows - hidden) % 4})
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        sample.to_csv(folder / "sample_submission.csv", index=False)
        folds.to_csv(folder / "folds.csv", index=False)
        number = task == "regression"
        metric = {"binary": "f1", "multiclass": "accuracy", "regression": "rmsle"}[task]
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
            data=DataSpec("local", ("y",)),
            split=SplitSpec("random"),
            metric=MetricSpec(metric),
        )
        labels = None if number else tuple(sorted(set(y)))
        positive = "b" if task == "binary" else None
        target = TargetInfo("y", "number" if number else "label", labels, positive)
        info = VaultInfo(
            task, "b0", "d0", 1, "id", "integer", (target,), "random", hidden, hidden // 2,
            rows - hidden, "2026-01-01T00:00:00+00:00", {},
        )  # fmt: skip
        return read(folder, competition, info)

    return make
