"""Metrics of labelled points against labelled boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.coding import cells
from practice.metrics.inputs import Floats, refuse_where
from practice.metrics.means import Pair
from practice.metrics.ratios import RowRatio
from practice.metrics.registry import register
from practice.metrics.tokens import Tokens, encode_tokens, split

# Pairs of a point and a box of its label that are looked at together.
_PAIRS = 1 << 20
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def _hits(metric: Metric, sample: Sample) -> Pair:
    """Prepare the boxes and points of each row, shape (rows, 2), and how many points count."""
    answers, boxes = _things(sample.y_true, "an answer", "label x y width height", 5)
    predictions, points = _things(sample.y_pred, "a prediction", "label x y", 3)
    (due, made), size = encode_tokens(answers, predictions)
    found = _matched(due.rows * size + due.words, boxes, made.rows * size + made.words, points)
    hits = np.bincount(made.rows[found], minlength=sample.rows)
    return np.column_stack([due.lengths, made.lengths]), hits


def _things(values: NDArray[Any], what: str, form: str, width: int) -> tuple[Tokens, Floats]:
    """Return the labels of a column, and the numbers that follow each, (things, width - 1)."""
    tokens = split(cells(values, what))
    refuse_where(tokens.lengths % width != 0, f"{what} is not a list of {form!r}")
    place = np.arange(len(tokens.words)).reshape(-1, width)
    labels = Tokens(tokens.lengths // width, _taken(tokens.words, place[:, 0]))
    texts = _taken(tokens.words, place[:, 1:].ravel())
    strange = np.flatnonzero(~_are_numbers(texts))
    if strange.size:
        row = int(labels.rows[strange[0] // (width - 1)])
        raise MetricError(f"{what} is not a list of {form!r}: it lacks a number", row=row)
    numbers = np.from_dlpack(texts.cast("float64")).reshape(-1, width - 1).astype(np.float64)
    wrong = ~np.isfinite(numbers).all(axis=1)
    if width == 5:
        wrong |= (numbers[:, 2:] < 0).any(axis=1)
    if wrong.any():
        row = int(labels.rows[wrong.argmax()])
        raise MetricError(f"{what} has a number that is infinite, missing or too small", row=row)
    return labels, numbers


def _taken(words: Any, place: NDArray[Any]) -> Any:
    import pyarrow as pa

    whole = np.ascontiguousarray(place, dtype=np.int64)
    return words.take(pa.Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)]))


def _are_numbers(texts: Any) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    return np.asarray(np.from_dlpack(pc.match_substring_regex(texts, _NUMBER).cast("uint8")) == 1)


def _matched(
    box_keys: NDArray[np.int64], boxes: Floats, point_keys: NDArray[np.int64], points: Floats
) -> list[int]:
    """Return the points that count: each takes the first box it is in that is not yet taken.

    Whether points look for boxes or boxes for points does not matter as long as both go in order.
    """
    order = np.argsort(box_keys, kind="stable")
    keys = box_keys[order]
    first = np.searchsorted(keys, point_keys, side="left")
    many = np.searchsorted(keys, point_keys, side="right") - first
    until = np.cumsum(many)
    taken, found = bytearray(len(boxes)), []
    start = 0
    while start < len(points):
        done = int(until[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(until, done + _PAIRS, side="right")))
        point = np.repeat(np.arange(start, stop), many[start:stop])
        offset = (
            np.arange(len(point))
            + done
            - np.repeat(until[start:stop] - many[start:stop], many[start:stop])
        )
        box = order[first[point] + offset]
        low, high = boxes[box, :2], boxes[box, :2] + boxes[box, 2:]
        inside = ((low < points[point]) & (points[point] < high)).all(axis=1)
        last = -1
        for each, where in zip(point[inside].tolist(), box[inside].tolist(), strict=True):
            if each != last and not taken[where]:
                taken[where], last = 1, each
                found.append(each)
        start = stop
    return found


@register(
    "points_in_boxes_f1",
    family=RowRatio(_hits, nothing=1.0),
    greater_is_better=True,
    takes="text",
    range=(0.0, 1.0),
    aliases=("Kuzushiji F1", "Points in Boxes F1"),
)
def points_in_boxes_f1(
    y_true: NDArray[np.int64], y_pred: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """F1 of labelled points that have to lie in boxes of their label, over all rows together.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows, 2)
        Boxes of each answer, a list of ``label x y width height``, and points of each prediction,
        a list of ``label x y``; all separated by spaces.
    y_pred : ndarray of int, shape (rows,)
        Points that are strictly inside a box of their label which no point before has taken; the
        boxes are tried in the order of the answer.

    Returns
    -------
    part, whole : ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where a cell is not such a list.

    Warnings
    --------
    A second point in the same box is a false positive, as is one on the edge. Counts are pooled:
    rows with many boxes count most.

    Notes
    -----
    F1 = 2 TP / (points + boxes), with TP the points that take a box, of all rows; 1 where there are
    neither points nor boxes

    References
    ----------
    Kaggle, "Kuzushiji Recognition".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("points_in_boxes_f1").score(["a 0 0 4 4 b 5 5 2 2"], ["a 1 1 b 1 1"])
    0.5
    """
    return 2 * y_pred.astype(np.float64), y_true.sum(axis=1).astype(np.float64)
