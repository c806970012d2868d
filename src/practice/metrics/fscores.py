"""Precision, recall and what combines them, with averages over classes, labels or rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from practice.metrics.averages import Average, averaged, label_or_lists
from practice.metrics.counts import Counting, Counts, divide
from practice.metrics.inputs import Floats
from practice.metrics.parameters import Must
from practice.metrics.registry import register

Label = str | int | float | bool
Unknown = Literal["count", "ignore"]
Positive = Annotated[float, Must("above 0", lambda value: value > 0)]


def _presets(*names: str) -> dict[str, dict[str, Any]]:
    """Return names such as "Macro F1" and "F1 Macro" with the average they stand for."""
    presets: dict[str, dict[str, Any]] = {}
    for name in names:
        for average in ("binary", "macro", "micro", "weighted", "samples"):
            presets[f"{average} {name}"] = presets[f"{name} {average}"] = {"average": average}
        presets[f"{name} micro multilabel"] = {"average": "micro", "multilabel": True}
    return presets


@register(
    "f1",
    family=Counting(),
    greater_is_better=True,
    takes=label_or_lists,
    range=(0.0, 1.0),
    aliases=("F-Measure",),
    presets={
        "F1 Score": {},
        "F-Score": {},
        "Mean F-Score": {"average": "samples"},
        "Mean F1": {"average": "samples"},
        "Mean F1 Score": {"average": "samples"},
        **_presets("F1", "F1 Score", "F-Score"),
    },
)
def f1(
    counts: Counts,
    *,
    average: Average = "binary",
    pos_label: Label = 1,
    unknown: Unknown = "count",
    multilabel: bool = False,
) -> Floats:
    """Harmonic mean of precision and recall.

    Parameters
    ----------
    counts : Counts
    average : {"binary", "macro", "micro", "weighted", "samples"}
        Of the class ``pos_label``; mean over the classes that are true or predicted somewhere;
        of pooled counts; mean weighted by how often a class is true; mean over rows.
    pos_label : str, int, float or bool
        The positive class of "binary"; 1 and "1" are the same.
    unknown : {"count", "ignore"}
        Predicted labels that the answers do not know are false positives, or are left out.
    multilabel : bool
        Cells are lists of labels separated by spaces; so they are with "samples" and "ignore".

    Returns
    -------
    ndarray of float64
        A class, label or row that is neither true nor predicted has 0.

    Warnings
    --------
    "binary" sees the positive class alone: give pos_label where it is not 1. The threshold decides:
    fit it on out-of-fold predictions. "macro" counts a class that is only predicted as 0.

    Notes
    -----
    F1 = 2 TP / (2 TP + FP + FN) = 2 precision recall / (precision + recall)

    References
    ----------
    C. J. van Rijsbergen, Information Retrieval, 2nd ed., Butterworths 1979, chapter 7;
    scikit-learn, ``f1_score``; Kaggle, "Mean F-Score" (average="samples").

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("f1").score([1, 1, 0, 0], [1, 0, 0, 0])
    0.666...
    >>> metrics.get("f1", average="samples").score(["a b", "c"], ["a", "c d"])
    0.666...
    """

    def ratio(hits: Floats, true: Floats, predicted: Floats) -> Floats:
        return divide(2 * hits, true + predicted)

    return averaged(counts, ratio, average, pos_label, "f1")


@register(
    "f_beta",
    family=Counting(),
    greater_is_better=True,
    takes=label_or_lists,
    range=(0.0, 1.0),
    aliases=("F-Beta Score", "fbeta"),
    presets={"F2 Score": {"beta": 2.0}, "F2": {"beta": 2.0}, "F0.5 Score": {"beta": 0.5}},
)
def f_beta(
    counts: Counts,
    *,
    beta: Positive,
    average: Average = "binary",
    pos_label: Label = 1,
    unknown: Unknown = "count",
    multilabel: bool = False,
) -> Floats:
    """Harmonic mean of precision and recall, recall counting ``beta`` times as much.

    Parameters
    ----------
    counts : Counts
    beta : float
        Above 1 favours recall, below 1 precision.
    average, pos_label, unknown, multilabel
        As for ``f1``.

    Returns
    -------
    ndarray of float64
        A class, label or row that is neither true nor predicted has 0.

    Warnings
    --------
    As for f1: the threshold decides, and the best one is lower the greater beta is.

    Notes
    -----
    F = (1 + beta^2) TP / ((1 + beta^2) TP + FP + beta^2 FN)

    References
    ----------
    C. J. van Rijsbergen, Information Retrieval, 2nd ed., Butterworths 1979, chapter 7;
    scikit-learn, ``fbeta_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("f_beta", beta=2).score([1, 1, 0, 0], [1, 0, 0, 0])
    0.555...
    """

    def ratio(hits: Floats, true: Floats, predicted: Floats) -> Floats:
        return divide((1 + beta**2) * hits, beta**2 * true + predicted)

    return averaged(counts, ratio, average, pos_label, "f_beta")


@register(
    "precision",
    family=Counting(),
    greater_is_better=True,
    takes=label_or_lists,
    range=(0.0, 1.0),
    aliases=("Positive Predictive Value", "PPV"),
    presets={"Precision Score": {}, **_presets("Precision", "Precision Score")},
)
def precision(
    counts: Counts,
    *,
    average: Average = "binary",
    pos_label: Label = 1,
    unknown: Unknown = "count",
    multilabel: bool = False,
) -> Floats:
    """Share of the rows predicted positive that are positive.

    Parameters
    ----------
    counts : Counts
    average, pos_label, unknown, multilabel
        As for ``f1``.

    Returns
    -------
    ndarray of float64
        A class, label or row that is never predicted has 0.

    Warnings
    --------
    Predicting few rows positive, only the surest, raises it at no cost; look at recall as well.

    Notes
    -----
    precision = TP / (TP + FP)

    References
    ----------
    A. Kent et al., American Documentation 6 (1955) 93-101; scikit-learn, ``precision_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("precision").score([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """

    def ratio(hits: Floats, true: Floats, predicted: Floats) -> Floats:
        return divide(hits, predicted)

    return averaged(counts, ratio, average, pos_label, "precision")


@register(
    "recall",
    family=Counting(),
    greater_is_better=True,
    takes=label_or_lists,
    range=(0.0, 1.0),
    aliases=("Sensitivity", "True Positive Rate"),
    presets={"Recall Score": {}, **_presets("Recall", "Recall Score")},
)
def recall(
    counts: Counts,
    *,
    average: Average = "binary",
    pos_label: Label = 1,
    unknown: Unknown = "count",
    multilabel: bool = False,
) -> Floats:
    """Share of the positive rows that are predicted positive.

    Parameters
    ----------
    counts : Counts
    average, pos_label, unknown, multilabel
        As for ``f1``.

    Returns
    -------
    ndarray of float64
        A class, label or row that is never true has 0.

    Warnings
    --------
    Predicting every row positive scores 1; look at precision as well.

    Notes
    -----
    recall = TP / (TP + FN)

    References
    ----------
    A. Kent et al., American Documentation 6 (1955) 93-101; scikit-learn, ``recall_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("recall", pos_label="spam").score(["spam", "ham", "spam"], ["spam"] * 3)
    1.0
    """

    def ratio(hits: Floats, true: Floats, predicted: Floats) -> Floats:
        return divide(hits, true)

    return averaged(counts, ratio, average, pos_label, "recall")


@register(
    "jaccard",
    family=Counting(),
    greater_is_better=True,
    takes=label_or_lists,
    range=(0.0, 1.0),
    aliases=("Jaccard Index", "Intersection over Union"),
    presets={"Jaccard Score": {}, **_presets("Jaccard", "Jaccard Score")},
)
def jaccard(
    counts: Counts,
    *,
    average: Average = "binary",
    pos_label: Label = 1,
    unknown: Unknown = "count",
    multilabel: bool = False,
) -> Floats:
    """Rows both true and predicted positive, as a share of those that are either.

    Parameters
    ----------
    counts : Counts
    average, pos_label, unknown, multilabel
        As for ``f1``.

    Returns
    -------
    ndarray of float64
        A class, label or row that is neither true nor predicted has 0.

    Warnings
    --------
    As for f1, which orders predictions of one class alike; here averages over classes or rows are
    lower.

    Notes
    -----
    J = TP / (TP + FP + FN)

    References
    ----------
    P. Jaccard, New Phytologist 11 (1912) 37-50; scikit-learn, ``jaccard_score``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("jaccard").score([1, 1, 0, 0], [1, 0, 1, 0])
    0.333...
    """

    def ratio(hits: Floats, true: Floats, predicted: Floats) -> Floats:
        return divide(hits, true + predicted - hits)

    return averaged(counts, ratio, average, pos_label, "jaccard")
