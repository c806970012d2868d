"""Small builds of every task, written as the builder writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from practice.build.vault import TargetInfo, VaultInfo
from practice.definition import Competition, DataSpec, MetricSpec, SplitSpec
from practice.solutions.data import Dataset, read

Toy = Callable[..., Dataset]

METRICS = {"binary": "f1", "multiclass": "accuracy", "regression": "rmse"}
WORDS = ("free prize call now", "see you at lunch", "win cash text back", "home late tonight")


def toy_frame(task: str, rows: int, text: bool, seed: int) -> pd.DataFrame:
    """Return a table in which three columns say something about ``y``."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3)).round(4)
    town = rng.choice(["Bern", "Graz", "Wien"], rows)
    signal = x[:, 0] + 0.5 * x[:, 1] + (town == "Graz") + rng.normal(scale=0.3, size=rows)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).map(repr)
    frame["town"] = town
    frame.loc[::17, "b"] = ""
    if task == "regression":
        frame["y"] = [repr(float(v)) for v in np.exp(signal).round(4)]
    else:
        cuts = [1.2] if task == "binary" else [-0.5, 1.0]
        names = np.array(["no", "yes"] if task == "binary" else ["3", "4", "10"])
        frame["y"] = names[np.digitize(signal, cuts)]
    if text:
        said = np.where(np.digitize(signal, [1.2]) == 1, 0, 1) + 2 * rng.integers(0, 2, rows)
        messages = [f"{WORDS[s]} {i % 23} {i % 7}x{i}" for i, s in enumerate(said)]
        frame = pd.DataFrame({"sms": messages, "y": frame["y"]})
    return frame


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Return a maker of datasets: ``toy(task, ...)``."""

    def make(
        task: str = "binary",
        *,
        metric: str | None = None,
        parameters: dict[str, Any] | None = None,
        rows: int = 320,
        text: bool = False,
        frame: pd.DataFrame | None = None,
        folds: Any = None,
        data: dict[str, Any] | None = None,
        split: SplitSpec | None = None,
        features: str | None = None,
        name: str = "toy",
    ) -> Dataset:
        table = toy_frame(task, rows, text, seed=1) if frame is None else frame
        folder = tmp_path / name
        folder.mkdir()
        if features is not None:
            (folder / "features.py").write_text(features, encoding="utf-8")
        hidden = len(table) // 4
        train, test = table.iloc[hidden:].copy(), table.iloc[:hidden].drop(columns="y")
        train.insert(0, "id", [str(i) for i in range(hidden, len(table))])
        test.insert(0, "id", [str(i) for i in range(hidden)])
        numbers = task == "regression"
        labels = None
        if not numbers:
            found = set(train["y"])
            labels = tuple(sorted(found, key=lambda v: (float(v) if v.isdigit() else 0, v)))
        sample = pd.DataFrame({"id": test["id"], "y": "0" if labels is None else labels[0]})
        fold = np.arange(len(train)) % 3 if folds is None else folds
        marks = pd.DataFrame({"id": train["id"], "fold": fold})
        for stem, content in (
            ("train", train),
            ("test", test),
            ("sample_submission", sample),
            ("folds", marks),
        ):
            content.to_csv(folder / f"{stem}.csv", index=False)
        competition = Competition(
            slug=name,
            folder=folder,
            title="Toy",
            summary="",
            task=task,  # type: ignore[arg-type]
            skills=("text",) if text else (),
            difficulty=1,
            license="",
            citation="",
            homepage="",
            data=DataSpec("local", ("y",), **(data or {})),
            split=split or SplitSpec("random"),
            metric=MetricSpec(metric or METRICS[task], parameters=parameters or {}),
        )
        positive = "yes" if labels is not None and "yes" in labels else None
        target = TargetInfo("y", "number" if numbers else "label", labels, positive)
        info = VaultInfo(
            name, "b0", "d0", 1, "id", "integer", (target,), "random", hidden, hidden // 2,
            len(train), "2026-01-01T00:00:00+00:00", {},
        )  # fmt: skip
        return read(folder, competition, info)

    return make
