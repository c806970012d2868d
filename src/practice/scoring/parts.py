"""The two parts of the hidden rows: whether they can be scored, and what may be told if not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.errors import BuildError, MetricError
from practice.scoring._solution import read_ids
from practice.scoring._source import open_source
from practice.scoring.answers import layout
from practice.scoring.records import Answers, Column
from practice.scoring.scorer import PLAIN, score

if TYPE_CHECKING:
    from practice.definition import SubmissionSpec
    from practice.metrics import Metric
    from practice.metrics.options import Options

__all__ = ["blames_prediction", "check_scorable", "place_in_file", "score_parts"]

Predictions = Mapping[str, NDArray[Any]]


def score_parts(
    answers: Answers, predictions: Predictions, metric: Metric, used: Options = PLAIN
) -> tuple[float, float]:
    """Score the public and the private rows.

    Parameters
    ----------
    answers : Answers
    predictions : mapping of str to ndarray
    metric : Metric
    used : Options, optional

    Returns
    -------
    public, private : float

    Raises
    ------
    MetricError
        With what a participant may know. A prediction that no answer makes right is told with its
        row, in the same words whichever part the row is in: else the words would say which it is.
        Any other refusal is told only where both parts are refused in the same words.

    Examples
    --------
    >>> from practice import metrics
    >>> from practice.scoring import Target
    >>> target = Target("y", "number", np.array([1.0, 2.0]))
    >>> answers = Answers(None, ("id",), (target,), np.array([True, False]))
    >>> score_parts(answers, {"y": np.array([1.5, 2.0])}, metrics.get("mae"))
    (0.5, 0.0)
    """
    values: list[float] = []
    refused: list[MetricError] = []
    for rows in (answers.public, ~answers.public):
        try:
            values.append(score(answers, predictions, metric, rows, used))
        except MetricError as error:
            refused.append(error)
    if not refused:
        return values[0], values[1]
    of_rows = [each for each in refused if each.row is not None and blames_prediction(each)]
    if of_rows:
        raise min(of_rows, key=lambda each: each.row or 0)
    if len(refused) == 2 and refused[0].message == refused[1].message and refused[0].row is None:
        raise refused[0]
    raise MetricError(
        "the predictions could not be scored",
        f"practice metrics {metric.name} says what it takes; look at the largest and smallest",
    )


def blames_prediction(error: MetricError) -> bool:
    """Say whether an error is about a prediction, which its sender knows, not about an answer.

    Examples
    --------
    >>> blames_prediction(MetricError("a prediction is -1 or less", row=3))
    True
    """
    return "a prediction" in error.message and "an answer" not in error.message


def place_in_file(file: Path | bytes, answers: Answers, row: int) -> int | None:
    """Return where a row of the answers stands in a submission.

    Parameters
    ----------
    file : Path or bytes
        One that was read without a fault.
    answers : Answers
    row : int
        A position in ``answers.ids``.

    Returns
    -------
    int or None
        1 for the first row below the header; None where it is not there.
    """
    ids = read_ids(open_source(file), answers.id_columns).values
    place = ids.cast(pa.string()).index(answers.ids[row].cast(pa.string())).as_py()
    return place + 1 if place >= 0 else None


def check_scorable(
    answers: Answers, metric: Metric, submission: SubmissionSpec, used: Options = PLAIN
) -> None:
    """Refuse answers of which a part cannot be scored, whatever is predicted.

    Parameters
    ----------
    answers : Answers
    metric : Metric
    submission : SubmissionSpec
    used : Options, optional

    Raises
    ------
    BuildError
        Such as one class only for ROC AUC, or constant answers for a correlation.

    Examples
    --------
    >>> from practice import metrics
    >>> from practice.definition import SubmissionSpec
    >>> from practice.scoring import Target
    >>> target = Target("y", "number", np.array([0.0, 1.0, 1.0, 1.0]))
    >>> answers = Answers(None, ("id",), (target,), np.array([True, True, False, False]))
    >>> check_scorable(answers, metrics.get("roc_auc"), SubmissionSpec())
    Traceback (most recent call last):
    practice.errors.BuildError: the private rows cannot be scored by roc_auc: ...
    """
    columns = layout(answers, metric, submission).columns
    for part, rows in (("public", answers.public), ("private", ~answers.public)):
        refused: list[MetricError] = []
        for trial in _trials(answers, columns):
            try:
                score(answers, trial, metric, rows, used)
                break
            except MetricError as error:
                refused.append(error)
        else:
            told = next((each for each in refused if "answer" in each.message), refused[0])
            raise BuildError(
                f"the {part} rows cannot be scored by {metric.name}: {told.message}",
                "another split, a larger test, or another metric",
            )


def _trials(answers: Answers, columns: tuple[Column, ...]) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield predictions of which a metric should take one: the answers, a ramp, nothing."""
    rows = len(answers.public)
    ramp = (np.arange(rows) + 1.0) / (rows + 1)
    if columns[0].kind in ("number", "probability"):
        # In a row the columns ascend, as cumulative probabilities have to.
        yield {c.name: (at + ramp) / len(columns) for at, c in enumerate(columns)}
    if len(columns) == len(answers.targets):
        pairs = zip(columns, answers.targets, strict=True)
        yield {c.name: np.maximum(t.values, 0) if t.type == "label" else t.values for c, t in pairs}
    if columns[0].kind in ("labels", "text"):
        yield {column.name: np.full(rows, "", object) for column in columns}
