"""Metrics of predicted run-length masks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from practice.errors import UsageError
from practice.metrics.base import Metric, Sample, Takes
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair, RowMean
from practice.metrics.parameters import Must
from practice.metrics.ratios import RowRatio
from practice.metrics.registry import register
from practice.metrics.runs import common_pixels, image_sizes, read_runs

Order = Literal["column", "row"]
Share = Annotated[float, Must("from 0 to below 1", lambda value: 0 <= value < 1)]
Positive = Annotated[float, Must("above 0", lambda value: value > 0)]

# Squares of beta beyond this count as this: pixels are too few for a difference.
_LEAST = 1e-100
_THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def _takes(*, height: str | None, width: str | None, **_: Any) -> Takes:
    if (height is None) != (width is None):
        raise UsageError("height and width go together: name a column for both, or for neither")
    return "text"


def _pixels(metric: Metric, sample: Sample) -> Pair:
    """Prepare the pixels of both masks of each row, shape (rows, 2), and those they share."""
    extras, sizes = sample.extras, None
    if "height" in extras:
        sizes = image_sizes(extras["height"], extras["width"])
    true = read_runs(sample.y_true, "an answer", sizes)
    predicted = read_runs(sample.y_pred, "a prediction", sizes)
    return np.column_stack([true.pixels, predicted.pixels]), common_pixels(true, predicted)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide, with 1 where both masks are empty."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 1.0)


@register(
    "dice",
    family=RowRatio(_pixels, nothing=1.0),
    greater_is_better=True,
    takes=_takes,
    range=(0.0, 1.0),
    needs=("height", "width"),
    aliases=("Dice Coefficient", "Sorensen-Dice", "Dice Mean", "Mean Dice"),
    presets={
        "Global Dice": {"average": "global"},
        "Global Dice Coefficient": {"average": "global"},
    },
)
def dice(
    y_true: Floats,
    y_pred: Floats,
    *,
    average: Literal["mean", "global"] = "mean",
    order: Order = "column",
    height: str | None = None,
    width: str | None = None,
) -> tuple[Floats, Floats]:
    """Twice the pixels that two masks share, relative to the pixels of both.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows, 2)
        Pixels of the masks of answer and prediction: run-length cells, ``start length`` pairs.
    y_pred : ndarray of float64, shape (rows,)
        Pixels that are in both.
    average : {"mean", "global"}
        The mean over rows, or one coefficient of the pixels of all rows.
    order : {"column", "row"}
        Pixels are counted from 1 down the columns, or along the rows. Both cells of a row are read
        the same way, so the score is the same.
    height, width : str or None
        Columns of the solution with the size of each image; with them a run that leaves its image
        is refused.

    Returns
    -------
    part, whole : ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where a cell is not a run-length mask: an odd number of numbers, runs that overlap, are
        unsorted or leave the image.

    Warnings
    --------
    With average="mean" a row whose masks are both empty counts 1 and one wrong pixel on an empty
    answer 0: many empty answers make the score one of detection. "global" counts large masks most.

    Notes
    -----
    Dice = 2 |A and B| / (|A| + |B|), with the pixels A and B of answer and prediction; 1 where both
    are empty

    References
    ----------
    L. R. Dice, Ecology 26 (1945) 297-302; Kaggle, "HuBMAP - Hacking the Kidney" (mean), "Google
    Research - Identify Contrails" (global).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("dice").score(["1 4", "-"], ["3 4", ""])
    0.75
    >>> metrics.get("dice", average="global").score(["1 4", "-"], ["3 4", "2 2"])
    0.4
    """
    both = y_true.sum(axis=1)
    if average == "global":
        return 2 * y_pred, both
    return _ratio(2 * y_pred, both), np.ones(len(both))


@register(
    "iou_precision",
    family=RowMean(_pixels),
    greater_is_better=True,
    takes=_takes,
    range=(0.0, 1.0),
    needs=("height", "width"),
    aliases=(
        "Mean Average Precision at IoU Thresholds",
        "Intersection over Union Precision",
        "IoU Precision",
    ),
)
def iou_precision(
    y_true: Floats,
    y_pred: NDArray[Any],
    *,
    thresholds: tuple[Share, ...] = _THRESHOLDS,
    height: str | None = None,
    width: str | None = None,
) -> Floats:
    """Mean share of thresholds that the overlap of two masks is strictly above.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows, 2)
        Pixels of the masks of answer and prediction: run-length cells, ``start length`` pairs.
    y_pred : ndarray of float64, shape (rows,)
        Pixels that are in both.
    thresholds : tuple of float
        Overlaps, intersection over union, that have to be exceeded.
    height, width : str or None
        Columns of the solution with the size of each image, as for ``dice``.

    Returns
    -------
    ndarray of float64, shape (rows,)
        1 where both masks are empty.

    Raises
    ------
    MetricError
        Where a cell is not a run-length mask, as for ``dice``.

    Warnings
    --------
    An overlap up to the lowest threshold counts as little as none, and a mask on an empty answer
    counts 0: leaving a doubtful mask empty can pay.

    Notes
    -----
    score = mean over rows, and over thresholds t, of [|A and B| / |A or B| > t], with the pixels A
    and B of answer and prediction; 1 where both are empty

    References
    ----------
    Kaggle, "TGS Salt Identification Challenge".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("iou_precision").score(["1 4", "-"], ["1 3", ""])
    0.75
    """
    overlap = _ratio(y_pred, y_true.sum(axis=1) - y_pred)
    above = overlap[:, np.newaxis] > np.array(thresholds)
    return np.asarray(above.mean(axis=1))


@register(
    "f_beta_mask",
    family=RowMean(_pixels),
    greater_is_better=True,
    takes=_takes,
    range=(0.0, 1.0),
    needs=("height", "width"),
    aliases=("Mask F-Beta", "F-Beta of Masks"),
    presets={"Mask F0.5": {"beta": 0.5}, "Mask F2": {"beta": 2.0}},
)
def f_beta_mask(
    y_true: Floats,
    y_pred: Floats,
    *,
    beta: Positive,
    order: Order = "column",
    height: str | None = None,
    width: str | None = None,
) -> Floats:
    """Harmonic mean of precision and recall of the pixels, recall counting ``beta`` times as much.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows, 2)
        Pixels of the masks of answer and prediction: run-length cells, ``start length`` pairs.
    y_pred : ndarray of float64, shape (rows,)
        Pixels that are in both.
    beta : float
        Above 1 favours recall, below 1 precision.
    order, height, width
        As for ``dice``.

    Returns
    -------
    ndarray of float64, shape (rows,)
        1 where both masks are empty.

    Raises
    ------
    MetricError
        Where a cell is not a run-length mask, as for ``dice``.

    Warnings
    --------
    The mean over rows gives a small mask the weight of a large one; a row whose answer is empty has
    1 or 0.

    Notes
    -----
    F = (1 + beta^2) |A and B| / (beta^2 |A| + |B|), with the pixels A and B of answer and
    prediction; 1 where both are empty

    References
    ----------
    C. J. van Rijsbergen, Information Retrieval, 2nd ed., Butterworths 1979, chapter 7; Kaggle,
    "Vesuvius Challenge - Ink Detection" (beta=0.5).

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("f_beta_mask", beta=0.5).score(["1 4"], ["1 2"])
    0.833...
    """
    square = min(max(beta * beta, _LEAST), 1 / _LEAST)
    part = (1 + square) * y_pred
    # As a sum of the part and of what is missing, so that rounding never lifts it above 1.
    return _ratio(part, part + square * (y_true[:, 0] - y_pred) + (y_true[:, 1] - y_pred))
