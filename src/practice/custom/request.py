"""What the process of a metric file is told: one Arrow table, written without pandas.

A row of the table is a row to score. Its columns are the id, those of solution and submission, and
the split; the schema's metadata says in JSON what each one is (:mod:`practice.custom.worker` reads
it).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.scoring._arrow import int64_array, text_array
from practice.scoring.records import Answers, Layout, Target
from practice.scoring.scorer import kept_rows

if TYPE_CHECKING:
    from practice.custom.metric import FileMetric

__all__ = ["write_request"]

# A name, what its cells are ("number", "label", "text", or "cells": typed as pandas reads csv),
# the labels that codes refer to, and the values.
_Part = tuple[str, str, tuple[str, ...] | None, NDArray[Any]]


def write_request(
    stream: IO[bytes],
    metric: FileMetric,
    answers: Answers,
    layout: Layout,
    predictions: Mapping[str, NDArray[Any]],
    time_limit: float,
) -> None:
    """Write what a metric file is to score.

    Parameters
    ----------
    stream : binary file
    metric : FileMetric
    answers : Answers
        With one id column.
    layout : Layout
        What the predictions are.
    predictions : mapping of str to ndarray
        As :func:`practice.scoring.read` returns them.
    time_limit : float
        Seconds.

    Raises
    ------
    MetricError
        No row has an answer.
    OSError
        The disk does not take it.
    """
    sides = {
        "solution": list(_solution(answers, metric)),
        "submission": [
            (column.name, _kind(column.kind), column.labels, predictions[column.name])
            for column in layout.columns
        ],
    }
    kept = kept_rows(answers)
    split = np.where(answers.public, 1, 2)
    arrays = [answers.ids, int64_array(split if kept is None else np.where(kept, split, 0))]
    names = ["id", "split"]
    for side, parts in sides.items():
        for number, part in enumerate(parts):
            arrays.append(_array(part))
            names.append(f"{side}:{number}")
    said = {
        "file": metric.file,
        "source": metric.source.hex(),
        "parameters": metric.parameters,
        "id": answers.id_columns[0],
        "utilities": str(Path(__file__).parent / "kaggle"),
        "time_limit": time_limit,
        **{side: [part[:3] for part in parts] for side, parts in sides.items()},
    }
    batch = pa.RecordBatch.from_arrays(arrays, names=names)
    batch = batch.replace_schema_metadata({"practice": json.dumps(said)})
    with pa.ipc.new_stream(stream, batch.schema) as writer:
        writer.write_batch(batch)


def _solution(answers: Answers, metric: FileMetric) -> Iterator[_Part]:
    numeric = metric.takes in ("number", "probability")
    for target in answers.targets:
        yield target.name, _target_kind(target, numeric), target.labels, target.values
    taken = {*answers.id_columns, *(target.name for target in answers.targets)}
    for name, values in answers.extras.items():
        if name not in taken and (name == "weight" or name in metric.slices):
            yield name, "text" if values.dtype == object else "number", None, values


def _target_kind(target: Target, numeric: bool) -> str:
    """Targets kept as text hold numbers where the metric takes such: several at once, rankings."""
    return "cells" if target.type == "text" and numeric else target.type


def _kind(kind: str) -> str:
    return {"probability": "number", "labels": "text"}.get(kind, kind)


def _array(part: _Part) -> Any:
    _, kind, _, values = part
    if kind == "label":
        return int64_array(values)
    if kind == "number":
        numbers = np.ascontiguousarray(values, dtype=np.float64)
        return pa.Array.from_buffers(pa.float64(), len(numbers), [None, pa.py_buffer(numbers)])
    return text_array(["" if text is None else text for text in values.tolist()])
