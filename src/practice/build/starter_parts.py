"""What starters are put together from: ways to learn and decide, models, scorers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["LOSSES", "MODELS", "WAYS", "Scorer", "Way", "scorer_for"]


@dataclass(frozen=True)
class Way:
    """How a kind of target is learnt.

    Parameters
    ----------
    model : {"class", "number"}
    answer : str
        Code of the answers to learn from.
    says : str
        What the model says of a new row.
    learn : tuple of str
        Lines that fit ``model`` and return what it says.
    shape : str
        Code of the shape of the out-of-fold predictions.
    decide : tuple of str
        What a submission holds, in words and as code; empty where it holds what the model says.
    """

    model: str
    answer: str
    says: str
    learn: tuple[str, ...]
    shape: str = "len(train)"
    decide: tuple[str, str] | tuple[()] = ()


_FIT = "model.fit(X_fit, y_fit)"
_ONE = "(train[TARGET] == POSITIVE).to_numpy().astype(int)"
_ONE_SAYS = "how likely each new row is to be POSITIVE"
_ONE_LEARN = (_FIT, "return model.predict_proba(X_new)[:, 1]")
_MANY = "train[TARGET].map({label: code for code, label in enumerate(LABELS)}).to_numpy()"
_MANY_SAYS = "how likely each new row is to be of each class"
_MANY_LEARN = (
    _FIT,
    "shares = np.zeros((len(X_new), len(LABELS)))",
    "shares[:, model.classes_] = model.predict_proba(X_new)  # a rare class may be missing",
    "return shares",
)
_MANY_SHAPE = "(len(train), len(LABELS))"
_NUMBER = "train[TARGET].to_numpy(dtype=float)"
_NUMBER_LEARN = (_FIT, "return model.predict(X_new)")

WAYS = {
    "positive": Way("class", _ONE, _ONE_SAYS, _ONE_LEARN),
    "half": Way(
        "class",
        _ONE,
        _ONE_SAYS,
        _ONE_LEARN,
        decide=("the likelier label", "np.where(said >= 0.5, POSITIVE, NEGATIVE)"),
    ),
    "threshold": Way(
        "class",
        _ONE,
        _ONE_SAYS,
        _ONE_LEARN,
        decide=("the label by the threshold", "np.where(said >= threshold, POSITIVE, NEGATIVE)"),
    ),
    "class": Way(
        "class",
        _MANY,
        _MANY_SAYS,
        _MANY_LEARN,
        _MANY_SHAPE,
        ("the likeliest label", "LABELS[said.argmax(axis=1)]"),
    ),
    "classes": Way("class", _MANY, _MANY_SAYS, _MANY_LEARN, _MANY_SHAPE),
    "rating": Way(
        "number",
        "train[TARGET].astype(float).to_numpy()  # a rating is a number to learn",
        "a number near the rating of each new row",
        _NUMBER_LEARN,
        decide=(
            "the nearest rating",
            "LABELS[np.abs(said[:, None] - LABELS.astype(float)).argmin(axis=1)]",
        ),
    ),
    "number": Way("number", _NUMBER, "a number for each new row", _NUMBER_LEARN),
    "log": Way(
        "number",
        _NUMBER,
        "a number for each new row",
        (
            "# Errors count on the log scale, so that is where to learn.",
            "model.fit(X_fit, np.log1p(y_fit))",
            "return np.expm1(model.predict(X_new)).clip(0)",
        ),
    ),
}

_TFIDF = """\
words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
model = make_pipeline(words, {model})"""
_BOOSTED = """\
model = lgb.{model}(
    n_estimators=300, learning_rate=0.03, num_leaves=15, random_state=0, n_jobs=1, verbose=-1LOSS
)"""

# By whether it is about text, and what is learnt: the import, and the code.
MODELS = {
    (False, "class"): ("import lightgbm as lgb", _BOOSTED.format(model="LGBMClassifier")),
    (False, "number"): ("import lightgbm as lgb", _BOOSTED.format(model="LGBMRegressor")),
    (True, "class"): (
        "from sklearn.linear_model import LogisticRegression",
        _TFIDF.format(model="LogisticRegression(C=20, max_iter=1000)"),
    ),
    (True, "number"): (
        "from sklearn.linear_model import Ridge",
        _TFIDF.format(model="Ridge()"),
    ),
}

# What LightGBM minimises where its default is another thing than the metric.
LOSSES = {"mae": ',\n    objective="mae"', "smape": ',\n    objective="mae"'}


@dataclass(frozen=True)
class Scorer:
    """How a starter computes its competition's metric.

    Parameters
    ----------
    name : str
        What the printed line calls it.
    function : str or None
        Of ``sklearn.metrics``.
    code : str
        An expression of ``ANSWERS`` and ``SAID``.
    """

    name: str
    function: str | None
    code: str

    def call(self, answers: str, said: str) -> str:
        """Return the expression for given names."""
        return self.code.replace("ANSWERS", answers).replace("SAID", said)


# Metric and way (None: any) to the function of scikit-learn and its further arguments.
_SCORERS: Mapping[tuple[str, str | None], tuple[str, str]] = {
    ("accuracy", None): ("accuracy_score", ""),
    ("average_precision", "positive"): ("average_precision_score", ""),
    ("f1", None): ("f1_score", ", average=AVERAGE"),
    ("log_loss", "positive"): ("log_loss", ""),
    ("log_loss", "classes"): ("log_loss", ", labels=range(len(LABELS))"),
    ("mae", None): ("mean_absolute_error", ""),
    ("matthews_corrcoef", None): ("matthews_corrcoef", ""),
    ("quadratic_weighted_kappa", "rating"): (
        "cohen_kappa_score",
        ', labels=LABELS, weights="quadratic"',
    ),
    ("r2", None): ("r2_score", ""),
    ("rmse", None): ("root_mean_squared_error", ""),
    ("rmsle", None): ("root_mean_squared_log_error", ""),
    ("roc_auc", "positive"): ("roc_auc_score", ""),
    ("roc_auc", "classes"): ("roc_auc_score", ', multi_class="ovr"'),
}
_INSTEAD = {"positive": "roc_auc", "classes": "log_loss", "number": "rmse"}
_SMAPE = "200 * np.mean(np.abs(SAID - ANSWERS) / (np.abs(SAID) + np.abs(ANSWERS)).clip(1e-300))"


def scorer_for(metric: str | None, way: str, parameters: Mapping[str, Any]) -> Scorer:
    """Return how to compute a metric, or one near to it where scikit-learn lacks it.

    Parameters
    ----------
    metric : str or None
    way : str
        A key of ``WAYS``.
    parameters : mapping of str to object
        The metric's.

    Returns
    -------
    Scorer

    Examples
    --------
    >>> scorer_for("mae", "number", {}).call("y", "oof")
    'mean_absolute_error(y, oof)'
    """
    if metric == "smape":
        return Scorer("smape", None, _SMAPE)
    name = metric or ""
    found = _SCORERS.get((name, way)) or _SCORERS.get((name, None))
    if found is None:
        name = _INSTEAD.get(way, "accuracy")
        found = _SCORERS.get((name, way)) or _SCORERS[name, None]
    function, arguments = found
    average = parameters.get("average", "binary")
    if average == "binary":
        arguments = arguments.replace(", average=AVERAGE", ", pos_label=POSITIVE")
    arguments = arguments.replace("AVERAGE", f'"{average}"')
    return Scorer(name, function, f"{function}(ANSWERS, SAID{arguments})")
