"""The process of a metric file: ``python -m practice.custom.worker < request > outcome``.

It imports nothing else of practice. The request (:mod:`practice.custom.request`) is read whole
before the file is run; from then on nobody reads what the file prints. The outcome is one JSON
object: ``public`` and ``private`` (scores), or ``failed`` (the split, or "file"), ``visible``
(what the participant may read, or None) and ``report`` (for the host).
"""

from __future__ import annotations

import csv
import io
import json
import linecache
import math
import numbers
import os
import random
import signal
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

__all__ = ["main"]

_VISIBLE = "ParticipantVisibleError"
_LONGEST = 280  # characters of a text that reaches the participant, as on Kaggle
_LONGEST_REPORT = 100_000
_GRACE = 5  # seconds after which a process whose parent is gone ends itself
_SPLITS = (("public", 1), ("private", 2))


def main() -> None:
    """Read a request, score both splits, write the outcome, and end all that was started."""
    table, said = _request()
    answer = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(said["time_limit"]) + _GRACE)
    outcome = _outcome(table, said)
    with os.fdopen(answer, "w", encoding="ascii") as stream:
        json.dump(outcome, stream)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with what the file may have left running


def _request() -> tuple[Any, dict[str, Any]]:
    import pyarrow as pa

    with pa.ipc.open_stream(sys.stdin.buffer) as reader:
        table = reader.read_all()
    return table, json.loads(table.schema.metadata[b"practice"])


def _outcome(table: Any, said: dict[str, Any]) -> dict[str, Any]:
    try:
        score = _load(said)
    except BaseException as error:  # also SystemExit: the file is somebody else's
        return _failed("file", error)
    found: dict[str, Any] = {}
    for split, code in _SPLITS:
        try:
            found[split] = _call(score, table, said, code)
        except BaseException as error:
            return _failed(split, error)
    return found


def _load(said: dict[str, Any]) -> Callable[..., Any]:
    """Run the file as a module and return its function."""
    sys.path.insert(0, said["utilities"])
    source = bytes.fromhex(said["source"])
    name = said["file"]
    text = source.decode("utf-8", "replace")
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = types.ModuleType("metric")
    module.__file__ = name
    sys.modules["metric"] = module
    exec(compile(source, name, "exec"), module.__dict__)
    function: Callable[..., Any] = module.score
    return function


def _call(score: Callable[..., Any], table: Any, said: dict[str, Any], code: int) -> float:
    """Score one split; what a file draws at random is the same each time."""
    import numpy as np

    rows = np.flatnonzero(np.asarray(table.column("split")) == code)
    frames = [_frame(table, said, side, rows) for side in ("solution", "submission")]
    random.seed(0)
    np.random.seed(0)
    value = score(*frames, said["id"], **said["parameters"])
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"score() returned {value!r} ({type(value).__name__}), not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"score() returned {number}, not a finite number")
    return number


def _frame(table: Any, said: dict[str, Any], side: str, rows: Any) -> Any:
    """Make a frame of its own: the id first, rows in the order of the solution."""
    import numpy as np
    import pandas as pd

    columns = {said["id"]: pd.Series(table.column("id").to_pylist())}
    for number, (name, kind, labels) in enumerate(said[side]):
        column = table.column(f"{side}:{number}")
        if kind == "number":
            columns[name] = pd.Series(np.array(column))
        elif kind == "label":
            columns[name] = _as_read(labels).take(np.array(column)).reset_index(drop=True)
        elif kind == "cells":
            columns[name] = _as_read(column.to_pylist())
        else:
            texts = [text if text else math.nan for text in column.to_pylist()]
            columns[name] = pd.Series(texts)
    return pd.DataFrame(columns).take(rows).reset_index(drop=True)


def _as_read(cells: list[str]) -> Any:
    """Type a column of text as pandas types one of a csv file; only an empty cell is missing."""
    import pandas as pd

    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([cell] for cell in cells)
    text.seek(0)
    found = pd.read_csv(
        text, header=None, keep_default_na=False, na_values=[""], skip_blank_lines=False
    )
    return found[0]


def _failed(split: str, error: BaseException) -> dict[str, Any]:
    try:
        report = "".join(traceback.format_exception(error))
    except BaseException:  # an error whose text cannot be had
        report = f"{type(error).__name__}, and its text cannot be had"
    visible = None
    if split == "public" and any(kind.__name__ == _VISIBLE for kind in type(error).__mro__):
        try:
            visible = str(error)[:_LONGEST]
        except BaseException:
            visible = None
    return {"failed": split, "visible": visible, "report": report[-_LONGEST_REPORT:]}


if __name__ == "__main__":
    main()
