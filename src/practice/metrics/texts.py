"""Metrics of predicted texts."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice.metrics.base import Metric, Sample
from practice.metrics.coding import cells
from practice.metrics.edits import characters, edit_distances
from practice.metrics.inputs import Floats
from practice.metrics.means import Pair, RowMean
from practice.metrics.ratios import RowRatio
from practice.metrics.registry import register
from practice.metrics.tokens import distinct, encode_tokens, split

Counts = NDArray[np.int64]


def _edits(metric: Metric, sample: Sample) -> Pair:
    """Prepare the length of each answer, and its distance from the prediction."""
    true, predicted = cells(sample.y_true, "an answer"), cells(sample.y_pred, "a prediction")
    if metric.parameters["unit"] == "tokens":
        (due, made), _ = encode_tokens(split(true), split(predicted))
    else:
        due, made = characters(true), characters(predicted)
    return due.lengths, edit_distances(due, made)


@register(
    "levenshtein",
    family=RowRatio(_edits),
    greater_is_better=False,
    takes="text",
    range=(0.0, np.inf),
    aliases=("Levenshtein Mean", "Mean Levenshtein", "Levenshtein Distance", "Edit Distance"),
    presets={
        "Normalized Levenshtein": {"normalize": "total"},
        "Character Error Rate": {"normalize": "total"},
        "Word Error Rate": {"unit": "tokens", "normalize": "total"},
    },
)
def levenshtein(
    y_true: Counts,
    y_pred: Counts,
    *,
    unit: Literal["characters", "tokens"] = "characters",
    normalize: Literal["total"] | None = None,
) -> tuple[Floats, Floats]:
    """Mean number of insertions, deletions and substitutions between prediction and answer.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        Length of each answer: a text.
    y_pred : ndarray of int, shape (rows,)
        Edit distance of each prediction, a text, from its answer.
    unit : {"characters", "tokens"}
        What is inserted, deleted and substituted: characters, or what white space separates.
    normalize : {"total"} or None
        Divide the sum of the distances by the sum of the lengths of the answers.

    Returns
    -------
    part, whole : ndarray of float64, shape (rows,)

    Raises
    ------
    MetricError
        Where a text is missing, or all answers are empty with ``normalize``.

    Warnings
    --------
    Case, accents and spaces count as any other character. An empty prediction costs no more than
    the length of the answer, which a long wrong one can exceed.

    Notes
    -----
    mean(d(y, p)), or sum(d(y, p)) / sum(length of y), with d the least number of insertions,
    deletions and substitutions, each of cost 1

    References
    ----------
    V. I. Levenshtein, Soviet Physics Doklady 10 (1966) 707-710; Kaggle, "Bristol-Myers Squibb -
    Molecular Translation"; normalize="total": "ASL Fingerspelling" up to its scale.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("levenshtein").score(["kitten", "a b"], ["sitting", "a b"])
    1.5
    >>> metrics.get("levenshtein", unit="tokens", normalize="total").score(["a b c"], ["a c"])
    0.333...
    """
    whole = np.ones(len(y_true)) if normalize is None else y_true.astype(np.float64)
    return y_pred.astype(np.float64), whole


def _word_sets(metric: Metric, sample: Sample) -> Pair:
    """Prepare how many different words either cell of a row has, and how many both have."""
    columns = cells(sample.y_true, "an answer"), cells(sample.y_pred, "a prediction")
    lowered = [split([cell.lower() for cell in column]) for column in columns]
    coded, size = encode_tokens(*lowered)
    pairs = [distinct(column.rows * size + column.words) for column in coded]
    every = np.sort(np.concatenate(pairs))
    twice = every[1:][every[1:] == every[:-1]]
    both = np.bincount(twice // max(1, size), minlength=sample.rows)
    either = np.bincount(every // max(1, size), minlength=sample.rows) - both
    return either, both


@register(
    "jaccard_words",
    family=RowMean(_word_sets),
    greater_is_better=True,
    takes="text",
    range=(0.0, 1.0),
    aliases=("Word-Level Jaccard", "Word Level Jaccard Score", "Jaccard of Words"),
)
def jaccard_words(y_true: Counts, y_pred: Counts) -> Floats:
    """Mean share of the words of prediction or answer that are in both.

    Parameters
    ----------
    y_true : ndarray of int, shape (rows,)
        How many different words prediction and answer, two texts, have together.
    y_pred : ndarray of int, shape (rows,)
        How many of them are in both.

    Returns
    -------
    ndarray of float64, shape (rows,)
        1 where both texts are empty.

    Raises
    ------
    MetricError
        Where a text is missing.

    Warnings
    --------
    Words are what white space separates, in lower case: punctuation sticks to them ("day." is not
    "day"). Order and repeats do not count.

    Notes
    -----
    J = mean over rows of |A and B| / |A or B|, with the sets A and B of lower-cased tokens; 1 where
    both are empty

    References
    ----------
    P. Jaccard, New Phytologist 11 (1912) 37-50; Kaggle, "Tweet Sentiment Extraction".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("jaccard_words").score(["Good day", "so sad"], ["good", "so sad"])
    0.75
    """
    return np.where(y_true > 0, y_pred / np.maximum(y_true, 1), 1.0)
