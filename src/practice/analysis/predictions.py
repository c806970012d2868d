"""How far two files of predictions agree, and where they part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.scoring.labels import number_of
from practice.scoring.records import Answers, Column, Layout, Target

__all__ = ["Agreement", "Apart", "Pair", "agreements", "apart"]

Predictions = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float64]

_PAIRS = 5  # of the commonest disagreements
_LARGE = 1e150  # of an error that is squared: a submission may hold any float
_NUMERIC = ("number", "probability")


@dataclass(frozen=True)
class Pair:
    """How often one submission says ``a`` where the other says ``b``."""

    a: str
    b: str
    rows: int


@dataclass(frozen=True)
class Agreement:
    """How far two submissions agree in one column, on all rows of the test set.

    Parameters
    ----------
    column, kind : str
        Its name, and what its cells are.
    rows : int
    equal : float
        Share of the rows with the same prediction.
    pearson, spearman : float or None
        Correlations; None for what is no number, and where one of the two is constant.
    largest : float or None
        The largest absolute difference; None for what is no number.
    pairs : tuple of Pair
        The commonest disagreements, of labels only.
    """

    column: str
    kind: str
    rows: int
    equal: float
    pearson: float | None
    spearman: float | None
    largest: float | None
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Apart:
    """A row on which two submissions part; answer and losses are None before the reveal.

    Parameters
    ----------
    id : str
    column : str
        The one in which they part most.
    a, b : str or float
        The predictions.
    answer : str or float or None
    loss_a, loss_b : float or None
        Of the whole row: see :func:`apart`.
    difference : float
        By how much A loses less than B, so that more is better for A; before the reveal how far
        apart the predictions are (1 for what is no number).
    """

    id: str
    column: str
    a: str | float | None
    b: str | float | None
    answer: str | float | None
    loss_a: float | None
    loss_b: float | None
    difference: float


def agreements(layout: Layout, one: Predictions, other: Predictions) -> tuple[Agreement, ...]:
    """Compare two submissions column by column, without any answer.

    Parameters
    ----------
    layout : Layout
    one, other : mapping of str to ndarray
        As :func:`practice.scoring.read` returns them.

    Returns
    -------
    tuple of Agreement

    Examples
    --------
    >>> layout = Layout(("id",), (Column("y", "label", ("no", "yes")),))
    >>> one, other = {"y": np.array([0, 1, 1, 0])}, {"y": np.array([0, 0, 0, 0])}
    >>> found = agreements(layout, one, other)[0]
    >>> found.equal, found.pairs
    (0.5, (Pair(a='yes', b='no', rows=2),))
    """
    return tuple(
        _agreement(column, one[column.name], other[column.name]) for column in layout.columns
    )


def _agreement(column: Column, a: NDArray[Any], b: NDArray[Any]) -> Agreement:
    same = _same(column, a, b)
    pearson = spearman = largest = None
    if column.kind in _NUMERIC:
        both = np.isfinite(a) & np.isfinite(b)
        pearson = _correlation(a[both], b[both])
        spearman = _correlation(_ranks(a[both]), _ranks(b[both]))
        largest = float(_far(a[both], b[both]).max(initial=0.0))
    pairs = _pairs(column, a[~same], b[~same]) if column.kind == "label" else ()
    rows = len(same)
    share = float(same.mean()) if rows else 1.0
    return Agreement(column.name, column.kind, rows, share, pearson, spearman, largest, pairs)


def _same(column: Column, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
    same = np.asarray(a == b, np.bool_)
    return same | (np.isnan(a) & np.isnan(b)) if column.kind in _NUMERIC else same


def _correlation(a: Floats, b: Floats) -> float | None:
    """Return Pearson's correlation, None where one of the two is constant."""
    if len(a) < 2 or a.min() == a.max() or b.min() == b.max():
        return None
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    a, b = a - a.mean(), b - b.mean()
    length = math.sqrt(float(a @ a)) * math.sqrt(float(b @ b))
    return float(np.clip(a @ b / length, -1.0, 1.0)) if length > 0 else None


def _ranks(values: Floats) -> Floats:
    """Return ranks, the mean rank where values are equal."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)


def _pairs(column: Column, a: NDArray[Any], b: NDArray[Any]) -> tuple[Pair, ...]:
    codes, counts = np.unique(np.stack([a, b]), axis=1, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_PAIRS]
    return tuple(
        Pair(_word(column, codes[0, i]), _word(column, codes[1, i]), int(counts[i])) for i in order
    )


def _word(column: Column, code: Any) -> str:
    return (column.labels or ())[code] if code >= 0 else ""


def apart(
    layout: Layout,
    answers: Answers,
    one: Predictions,
    other: Predictions,
    *,
    revealed: bool,
    most: int | None,
) -> tuple[Apart, ...]:
    """Return the rows on which two submissions part, the farthest first, equal ones by id.

    Before the reveal that is where the predictions are farthest apart, and no answer is looked
    at. After it, where the losses are: of a number the absolute error, of probabilities the sum of
    the squared errors, of anything else 1 where it is not the answer; the mean over targets.

    Parameters
    ----------
    layout : Layout
    answers : Answers
    one, other : mapping of str to ndarray
    revealed : bool
        True where answers may be told.
    most : int or None
        How many rows; None: all on which they part.

    Returns
    -------
    tuple of Apart
        Rows without an answer are left out after the reveal, and all are where the columns of a
        submission do not stand for the targets.
    """
    distances = [_distance(column, one, other) for column in layout.columns]
    losses: tuple[Floats, Floats] | None = None
    gaps = np.max(distances, axis=0)
    if revealed:
        losses = _losses(layout, answers, one), _losses(layout, answers, other)
        gaps = losses[1] - losses[0]
    gaps = np.where(np.isfinite(gaps), gaps, 0.0)
    ids = answers.ids.to_pylist()
    there = np.flatnonzero(gaps)
    order = sorted(there.tolist(), key=lambda row: (-abs(gaps[row]), ids[row]))[:most]
    widest = np.argmax(distances, axis=0)
    made = []
    for row in order:
        column = layout.columns[widest[row]]
        a, b = (_cell(column, each[column.name][row]) for each in (one, other))
        answer = loss_a = loss_b = None
        if losses is not None:
            answer = _answer(answers, int(widest[row]), row)
            loss_a, loss_b = float(losses[0][row]), float(losses[1][row])
        gap = float(gaps[row])
        made.append(Apart(str(ids[row]), column.name, a, b, answer, loss_a, loss_b, gap))
    return tuple(made)


def _distance(column: Column, one: Predictions, other: Predictions) -> Floats:
    a, b = one[column.name], other[column.name]
    if column.kind not in _NUMERIC:
        return (~_same(column, a, b)).astype(np.float64)
    missing = np.isnan(a) | np.isnan(b)
    return np.asarray(np.where(missing, np.isnan(a) != np.isnan(b), _far(a, b)), np.float64)


def _far(a: Floats, b: Floats) -> Floats:
    """Return absolute differences, the largest float where they are beyond it."""
    with np.errstate(over="ignore"):
        return np.minimum(np.abs(a - b), np.finfo(np.float64).max)


def _losses(layout: Layout, answers: Answers, given: Predictions) -> Floats:
    """Return the loss of each row; NaN where it has no answer."""
    columns, targets = layout.columns, answers.targets
    if len(columns) == len(targets):
        pairs = zip(columns, targets, strict=True)
        lost = [_loss(column, target, given[column.name]) for column, target in pairs]
        return np.asarray(np.mean(lost, axis=0), np.float64)
    if len(targets) == 1 and len(columns) == len(targets[0].labels or ()):  # one per class
        truth = targets[0].values
        table = np.column_stack([given[column.name] for column in columns]).astype(np.float64)
        right = np.arange(table.shape[1]) == truth[:, None]
        lost = np.square(np.minimum(_far(table, right.astype(np.float64)), _LARGE)).sum(axis=1)
        return np.asarray(np.where(truth < 0, np.nan, lost), np.float64)
    return np.full(len(answers.ids), np.nan)


def _loss(column: Column, target: Target, given: NDArray[Any]) -> Floats:
    truth = target.values
    if target.type == "text":
        return np.asarray(given != truth, np.float64)
    if target.type == "number":
        return _far(given, truth)
    labels = target.labels or ()
    if column.kind == "label":
        lost = np.asarray(given != truth, np.float64)
    elif column.kind in _NUMERIC:
        far = _far(given, _numbers(column, labels, target.positive)[truth])
        lost = np.square(np.minimum(far, _LARGE))
    else:
        lost = np.asarray(given != np.array(labels, dtype=object)[truth], np.float64)
    return np.where(truth < 0, np.nan, lost)


def _numbers(column: Column, labels: Sequence[str], positive: str | None) -> Floats:
    """Return what a number that is predicted for each label is compared with."""
    numbers = [number_of(label) for label in labels]
    numeric = [float(number) for number in numbers if number is not None]
    happened = column.kind == "probability" or positive is not None
    if len(labels) == 2 and (happened or len(numeric) < 2):
        return np.array([float(label == (positive or labels[1])) for label in labels])
    return np.array(numeric) if len(numeric) == len(labels) else np.full(len(labels), np.nan)


def _cell(column: Column, value: Any) -> str | float | None:
    if column.kind == "label":
        return _word(column, value)
    if column.kind in _NUMERIC:
        return float(value) if np.isfinite(value) else None
    return str(value)


def _answer(answers: Answers, at: int, row: int) -> str | float | None:
    """Return the answer of a target; of the one target where there is a column per class."""
    target = answers.targets[at if at < len(answers.targets) else 0]
    value = target.values[row]
    if target.type == "label":
        return (target.labels or ())[value] if value >= 0 else None
    return float(value) if target.type == "number" else str(value)
