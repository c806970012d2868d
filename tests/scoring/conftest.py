"""A small competition per kind of prediction, and what reading a file of it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from practice.scoring._arrow import int64_array, text_array
from practice.scoring._source import UnreadableError, open_source, size_limit
from practice.scoring._typed import AnomalyError
from practice.scoring._wanted import Wanted
from practice.scoring.reading import read, read_typed
from practice.scoring.records import Answers, Column, Layout, SubmissionRefusedError
from practice.scoring.text import read_text

Tuples = list[tuple[int | None, str | None, str | None, str, str]]


def make_answers(ids: list[int] | list[str] | None = None) -> Answers:
    given = [1, 2, 3, 4] if ids is None else ids
    texts = [str(value) for value in given]
    held = text_array(texts) if isinstance(given[0], str) else int64_array(np.array(given))
    return Answers(held, ("id",), (), np.ones(len(given), np.bool_))


COLUMNS = {
    "number": Column("y", "number"),
    "probability": Column("y", "probability"),
    "label int": Column("y", "label", ("0", "1")),
    "label text": Column("y", "label", ("no", "yes")),
    "labels": Column("y", "labels"),
    "text": Column("y", "text"),
}


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    values: list[Any] | None
    problems: Tuples
    fast: bool  # the fast pass read it


@pytest.fixture(scope="session")
def submit() -> Callable[..., Outcome]:
    """Read a file with both passes, hold them to agree, and return the outcome."""

    def run(
        file: bytes | Path, kind: str | Column = "number", ids: list[Any] | None = None
    ) -> Outcome:
        column = COLUMNS[kind] if isinstance(kind, str) else kind
        answers, layout = make_answers(ids), Layout(("id",), (column,))
        try:
            values = read(file, layout, answers)["y"]
        except SubmissionRefusedError as error:
            return Outcome(None, told(error, fast_pass(file, layout, answers)), fast=False)
        quick = fast_pass(file, layout, answers)
        source = open_source(file, limit=size_limit(len(answers.ids), layout))
        slow = read_text(source, Wanted.of(layout), answers)["y"]
        for other in (slow,) if quick is None else (slow, quick):
            assert other.dtype == values.dtype
            assert other.tolist() == values.tolist()
        return Outcome(values.tolist(), [], fast=quick is not None)

    return run


def told(error: SubmissionRefusedError, quick: np.ndarray | None) -> Tuples:
    assert quick is None
    problems = [(p.row, p.column, p.value, p.message, p.hint) for p in error.problems]
    assert (error.message, error.hint) == problems[0][3:]
    return problems


def fast_pass(file: bytes | Path, layout: Layout, answers: Answers) -> np.ndarray | None:
    try:
        return read_typed(open_source(file), Wanted.of(layout), answers)["y"]
    except (AnomalyError, UnreadableError, pa.ArrowException, SubmissionRefusedError):
        return None
