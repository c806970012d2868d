"""What a ``competition.toml`` says, as records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "Competition",
    "DataSpec",
    "Drop",
    "MetricSpec",
    "Rules",
    "SplitSpec",
    "SubmissionSpec",
]

Task = Literal[
    "binary",
    "multiclass",
    "multilabel",
    "regression",
    "ranking",
    "forecast",
    "clustering",
    "generation",
    "control",
]
SourceKind = Literal["python", "url", "openml", "kaggle", "local"]
SplitKind = Literal["random", "stratified", "group", "time", "given"]
SubmissionKind = Literal["table", "rows", "json"]
MetricTakes = Literal["label", "number", "probability", "labels", "text"]


@dataclass(frozen=True)
class Drop:
    """A column that participants do not get, and why."""

    column: str
    reason: str


@dataclass(frozen=True)
class DataSpec:
    """The ``[data]`` table: raw files and how to read them."""

    source: SourceKind
    target: tuple[str, ...]
    url: tuple[str, ...] = ()
    sha256: tuple[str, ...] = ()
    function: str | None = None  # source python: "module:function"
    arguments: dict[str, Any] = field(default_factory=dict)  # ... and its keyword arguments
    path: tuple[str, ...] = ()  # source local: relative to the competition's folder
    dataset: str | None = None  # sources openml and kaggle
    version: str | None = None
    header: bool = True
    names: tuple[str, ...] = ()
    separator: str = ","
    encoding: str = "utf-8"
    na: tuple[str, ...] = ()
    decompress: str | None = None
    id: str | None = None  # None: made
    positive: str | None = None
    drop: tuple[Drop, ...] = ()
    time: str | None = None
    group: str | None = None
    train_series: str | None = None
    solution: tuple[str, ...] = ()  # columns of the training rows that only the solution has else


@dataclass(frozen=True)
class SplitSpec:
    """The ``[split]`` table."""

    kind: SplitKind
    test: float = 0.3  # share of the rows that is hidden
    public: float = 0.5  # share of the hidden rows behind the public board
    seed: int = 0
    column: str | None = None  # given: the column that says "train", "public", "private"
    purge: int | str = 0  # time: rows (int) or time ("7d", "24h") left out at a border


@dataclass(frozen=True)
class MetricSpec:
    """The ``[metric]`` table: a registered metric or a file, and its parameters."""

    name: str | None
    file: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    secondary: tuple[MetricSpec, ...] = ()
    slices: tuple[str, ...] = ()
    greater_is_better: bool | None = None  # of a file; a name knows its own
    takes: MetricTakes | None = None  # of a file; None: what the targets hold
    title: str | None = None  # what people call a metric in a file; None: the file's name
    sha256: str | None = None  # of the file


@dataclass(frozen=True)
class SubmissionSpec:
    """The ``[submission]`` table."""

    kind: SubmissionKind = "table"
    columns: tuple[str, ...] = ()  # empty: the target columns


@dataclass(frozen=True)
class Rules:
    """The ``[rules]`` table."""

    feedback: str = "full"  # full, rounded:N, ladder, blind
    daily_limit: int = 5
    final_selections: int = 2
    deadline: datetime | None = None  # aware, UTC


@dataclass(frozen=True)
class Competition:
    """One definition, as its folder says it."""

    slug: str
    folder: Path
    title: str
    summary: str
    task: Task
    skills: tuple[str, ...]
    difficulty: int
    license: str
    citation: str
    homepage: str
    data: DataSpec
    split: SplitSpec
    metric: MetricSpec
    submission: SubmissionSpec = SubmissionSpec()
    rules: Rules = Rules()
