"""A toy competition, made by hand from the text of a raw file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from practice.definition import Competition, DataSpec, MetricSpec, SplitSpec
from practice.sources import RawFile

Toy = Callable[..., tuple[Competition, tuple[RawFile, ...]]]


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Return a function that makes a definition and its raw files.

    ``data``, ``split`` and ``metric`` are dictionaries of changes to the records; anything else
    changes the competition itself. ``raw`` is the content of the raw file, or of several.
    """

    def make(
        raw: str | bytes | Sequence[str | bytes],
        *,
        data: dict[str, Any] | None = None,
        split: dict[str, Any] | None = None,
        metric: str = "accuracy",
        **changes: Any,
    ) -> tuple[Competition, tuple[RawFile, ...]]:
        contents = [raw] if isinstance(raw, (str, bytes)) else list(raw)
        files = []
        for number, content in enumerate(contents, start=1):
            blob = content if isinstance(content, bytes) else content.encode()
            path = tmp_path / hashlib.sha256(blob).hexdigest()
            path.write_bytes(blob)
            files.append(RawFile(path, path.name, f"raw{number}.csv"))
        folder = tmp_path / "toy"
        folder.mkdir(exist_ok=True)
        competition = Competition(
            slug="toy",
            folder=folder,
            title="Toy",
            summary="Tell one from zero.",
            task="binary",
            skills=(),
            difficulty=1,
            license="CC0",
            citation="Nobody",
            homepage="https://example.org",
            data=replace(DataSpec("local", ("y",), path=("raw.csv",)), **(data or {})),
            split=replace(SplitSpec("stratified", 0.4), **(split or {})),
            metric=MetricSpec(metric),
        )
        return replace(competition, **changes), tuple(files)

    return make


@pytest.fixture
def table() -> Callable[..., str]:
    """Return a function that writes 60 rows: every tenth repeats the features of the one before.

    Some of these twins differ in their label. ``order`` shuffles the rows, ``flip`` swaps labels.
    """
    awkward = (" a", "x, y", '5" pipe', "007", "", "1e5", "one\ntwo", "NA", "é")

    def write(order: Sequence[int] | None = None, *, flip: bool = False) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["a", "b", "y"])
        for number in order or range(60):
            twin = number - number % 10 // 9
            label = int((number % 3 == 0) != flip)
            writer.writerow([f"{twin}.50", awkward[twin % len(awkward)], label])
        return stream.getvalue()

    return write
