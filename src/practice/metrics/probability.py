"""Metrics of predicted probabilities."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import MetricError
from practice.metrics.base import Metric, Sample
from practice.metrics.inputs import Floats, outcome_pair, probability_pair, refuse_where
from practice.metrics.means import Pair, RowMean, outcomes
from practice.metrics.parameters import Must
from practice.metrics.registry import register

Epsilon = Annotated[float, Must("above 0 and below 0.5", lambda value: 0 < value < 0.5)]
Positive = Annotated[float, Must("above 0", lambda value: value > 0)]

# How far from 1 the probabilities of a row may add up where they are not divided by their sum;
# without a limit a row of ones would beat every honest prediction.
_TOLERANCE = 5e-6


@register(
    "log_loss",
    family=RowMean(outcomes),
    greater_is_better=False,
    takes="probability",
    range=(0.0, np.inf),
    per_class=True,
    aliases=(
        "Logloss",
        "Logarithmic Loss",
        "Cross Entropy",
        "Binary Cross Entropy",
        "Multi-Class Log Loss",
        "Multiclass Logarithmic Loss",
        "Mean Columnwise Log Loss",
        "Log Loss Binary",
        "Log Loss Multiclass",
    ),
)
def log_loss(
    y_true: NDArray[Any],
    y_pred: Floats,
    *,
    eps: Epsilon = 1e-15,
    normalize: bool = True,
    multilabel: bool | None = None,
    weights: tuple[Positive, ...] | None = None,
    positive_weight: Positive = 1.0,
) -> Floats | tuple[Floats, Floats]:
    """Mean of minus the logarithm of the probability given to what happened.

    Parameters
    ----------
    y_true : ndarray
        bool, of the shape of ``y_pred``; or class codes, shape (rows,).
    y_pred : ndarray of float64, shape (rows,) or (rows, columns)
        Probabilities of 1; or of each class.
    eps : float
        Probabilities are clipped to [eps, 1 - eps].
    normalize : bool
        Divide the probabilities of the classes by their sum first; else they have to add up to 1.
    multilabel : bool or None
        Columns of 0/1 answers are labels of their own, or the classes of one label. None: classes
        where every row of answers has exactly one 1.
    weights : tuple of float or None
        How much each column, or class, counts.
    positive_weight : float
        How much a cell counts whose answer is 1, where columns are labels of their own.

    Returns
    -------
    ndarray of float64, shape (rows,) or (rows, columns), or (value, size)
        In nats.

    Raises
    ------
    MetricError
        Where the probabilities of a row are all 0, or do not add up to 1.

    Warnings
    --------
    One sure and wrong row costs up to 34.5 (minus the logarithm of eps): clip what you predict.
    scikit-learn clips at 2.2e-16, so its values differ where a probability is 0 or 1.

    Notes
    -----
    log loss = -mean(ln q), q the probability of what happened: p or 1 - p for answers 1 and 0, p of
    the true class for classes, p being clipped; weighted: -sum(w ln q) / sum(w)

    References
    ----------
    I. J. Good, Journal of the Royal Statistical Society B 14 (1952) 107-114; Kaggle, "Log Loss";
    scikit-learn, ``log_loss``, clips at 2.2e-16 instead.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("log_loss").score([1, 0], [0.9, 0.2])
    0.164...
    >>> metrics.get("log_loss").score([0, 2], [[0.5, 0.25, 0.25], [0.2, 0.2, 0.4]])
    0.693...
    """
    width = 1 if y_pred.ndim == 1 else y_pred.shape[1]
    if weights is not None and len(weights) != width:
        raise MetricError(f"{len(weights)} weights for {width} columns")
    share = None if weights is None else np.array(weights)
    if y_true.ndim < y_pred.ndim:
        chance = np.clip(_chance_of_truth(y_true, y_pred, normalize), eps, 1 - eps)
        size = None if share is None else share[y_true]
    else:
        clipped = np.clip(y_pred, eps, 1 - eps)
        chance = np.where(y_true, clipped, 1 - clipped)
        size = np.where(y_true, positive_weight, 1.0) * (1.0 if share is None else share)
        if share is None and positive_weight == 1.0:
            size = None
    loss = -np.log(chance)
    if size is None:
        return loss
    if loss.ndim == 2:  # cells are pooled, so that a column counts by its weight
        return (loss * size).sum(axis=1) / size.sum(axis=1), size.sum(axis=1)
    return loss, size


def _chance_of_truth(y_true: NDArray[Any], y_pred: Floats, normalize: bool) -> Floats:
    """Return the probability of the true class."""
    chance = y_pred[np.arange(len(y_true)), y_true]
    total = y_pred.sum(axis=1)
    if normalize:
        refuse_where(total == 0, "the probabilities of a row are all 0")
        return np.asarray(chance / total)
    _check_sums(y_pred)
    return np.asarray(chance)


def _check_sums(y_pred: Floats) -> None:
    wrong = np.abs(y_pred.sum(axis=1) - 1) > _TOLERANCE
    refuse_where(wrong, "the probabilities of a row do not add up to 1")


@register(
    "brier",
    family=RowMean(outcomes),
    greater_is_better=False,
    takes="probability",
    range=(0.0, 2.0),
    per_class=True,
    aliases=("Brier Score", "Brier Score Loss", "Brier Loss"),
)
def brier(y_true: NDArray[Any], y_pred: Floats, *, multilabel: bool | None = None) -> Floats:
    """Mean squared difference between probability and what happened.

    Parameters
    ----------
    y_true : ndarray
        bool, of the shape of ``y_pred``; or class codes, shape (rows,).
    y_pred : ndarray of float64, shape (rows,) or (rows, columns)
        Probabilities of 1; or of each class.
    multilabel : bool or None
        As for ``log_loss``.

    Returns
    -------
    ndarray of float64, shape (rows,) or (rows, columns)
        Between 0 and 1; for three classes or more between 0 and 2.

    Warnings
    --------
    It rewards calibration as well as order: a sharp but overconfident model loses. With few
    positive rows predicting their share is hard to beat.

    Notes
    -----
    Brier = mean((p - y)^2); for three classes or more mean(sum_k (p_k - y_k)^2)

    References
    ----------
    G. W. Brier, Monthly Weather Review 78 (1950) 1-3; scikit-learn, ``brier_score_loss``.

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("brier").score([1, 0], [0.75, 0.25])
    0.0625
    """
    if y_true.ndim == y_pred.ndim:
        return np.asarray(np.square(y_pred - y_true))
    classes = y_pred.shape[1]
    squares = np.square(y_pred - (y_true[:, np.newaxis] == np.arange(classes)))
    return np.asarray(squares.sum(axis=1) / (1 if classes > 2 else 2))


def _distributions(metric: Metric, sample: Sample) -> Pair:
    """Prepare answers that add up to 1 in each row, and predictions that do so already."""
    y_true, y_pred = probability_pair(sample)
    if y_true.ndim != 2:
        raise MetricError(f"{metric.name} needs a column of predictions per class")
    refuse_where(y_true < 0, "an answer is negative")
    total = y_true.sum(axis=1, keepdims=True)
    refuse_where(total == 0, "the answers of a row are all 0")
    _check_sums(y_pred)
    return y_true / total, y_pred


@register(
    "kl_divergence",
    family=RowMean(_distributions),
    greater_is_better=False,
    takes="probability",
    range=(0.0, np.inf),
    several="joint",
    aliases=("Kullback-Leibler Divergence", "KL", "Kullback Leibler"),
)
def kl_divergence(y_true: Floats, y_pred: Floats, *, eps: Epsilon = 1e-15) -> Floats:
    """Mean divergence of the predicted from the true distribution of each row.

    Parameters
    ----------
    y_true : ndarray of float64, shape (rows, classes)
        0 or more, such as counts of votes; divided by the sum of their row.
    y_pred : ndarray of float64, shape (rows, classes)
        Probabilities; each row adds up to 1.
    eps : float
        Probabilities are clipped to [eps, 1 - eps], and not normalised again.

    Returns
    -------
    ndarray of float64, shape (rows,)
        In nats.

    Raises
    ------
    MetricError
        Where the probabilities of a row do not add up to 1.

    Warnings
    --------
    A class predicted as 0 that has a share costs its share times about 34.5: keep every probability
    above 0. The answers themselves cost nothing, so 0 can be reached.

    Notes
    -----
    KL = mean over rows of sum_k t_k ln(t_k / p_k), with t_k = y_k / sum(y); a term with t_k = 0
    is 0

    References
    ----------
    S. Kullback and R. A. Leibler, Annals of Mathematical Statistics 22 (1951) 79-86; Kaggle,
    "HMS - Harmful Brain Activity Classification".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("kl_divergence").score([[3, 1], [0, 2]], [[0.75, 0.25], [0.5, 0.5]])
    0.346...
    """
    ratio = np.where(y_true > 0, y_true / np.clip(y_pred, eps, 1 - eps), 1.0)
    return np.asarray((y_true * np.log(ratio)).sum(axis=1))


def _with_positives(metric: Metric, sample: Sample) -> Pair:
    """Prepare 0/1 answers, some of them 1, and predictions clipped to [0, 1]."""
    y_true, y_pred = outcome_pair(metric, sample)
    if y_true.ndim < y_pred.ndim:
        raise MetricError(f"{metric.name} needs one column of predictions per column of answers")
    if not np.all(y_true.any(axis=0)):
        raise MetricError("no positive row among the answers")
    return y_true, np.clip(y_pred, 0.0, 1.0)


@register(
    "probabilistic_f1",
    family=RowMean(_with_positives, required=lambda y_true, _: y_true),
    greater_is_better=True,
    takes="number",
    range=(0.0, 1.0),
    aliases=("Probabilistic F1 Score", "pF1", "Probabilistic F-Score"),
)
def probabilistic_f1(y_true: NDArray[np.bool_], y_pred: Floats) -> tuple[Floats, Floats]:
    """F1 of counts to which each row adds its probability instead of 0 or 1.

    Parameters
    ----------
    y_true : ndarray of bool, shape (rows,) or (rows, columns)
    y_pred : ndarray of float64, of the same shape
        Probabilities; as in the original, any number is taken and clipped to [0, 1].

    Returns
    -------
    value, size : ndarray of float64
        What a row adds to twice the true positives, per what it adds to the denominator.

    Raises
    ------
    MetricError
        Where no answer is 1.

    Warnings
    --------
    It is best optimised by probabilities near 0 and 1, not by calibrated ones; scaling all
    predictions changes the score.

    Notes
    -----
    pF1 = 2 pTP / (pTP + pFP + n), with pTP and pFP the sums of p over the n positive and over the
    negative rows

    References
    ----------
    R. Yacouby and D. Axman, "Probabilistic Extension of Precision, Recall, and F1 Score for More
    Thorough Evaluation of Classification Models", Eval4NLP 2020, 79-91; Kaggle, "RSNA Screening
    Mammography Breast Cancer Detection".

    Examples
    --------
    >>> from practice import metrics
    >>> metrics.get("probabilistic_f1").score([1, 0, 0], [0.75, 0.25, 0.0])
    0.75
    """
    size = y_pred + y_true
    return 2 * y_pred * y_true / np.where(size > 0, size, 1.0), size
