"""The solutions there are, by name."""

from __future__ import annotations

import difflib

from practice.errors import NotFoundError, PracticeError
from practice.solutions import classical
from practice.solutions.base import Solution
from practice.solutions.boosting import DEFAULTS, Boosted
from practice.solutions.data import Dataset

__all__ = ["DEFAULT", "available", "get", "must_suit", "names"]

DEFAULT = ("dummy", "linear", "lightgbm")
"""What ``practice baseline`` runs where nothing else is asked for."""

_WORDS = {"ngrams": 2, "min_df": 2}

_ALL = {
    solution.name: solution
    for solution in (
        Solution("dummy", "same answer for all rows", classical.Constant),
        Solution(
            "linear",
            "regularised linear model",
            classical.linear,
            {"C": 0.1, "numbers": "standard"},
            {"C": 10.0, **_WORDS},
        ),
        Solution("lightgbm", "LightGBM as it comes", Boosted, DEFAULTS),
        Solution("knn", "nearest neighbours", classical.knn, {"neighbours": 15}),
        Solution("tree", "a single decision tree", classical.tree, {"min_samples_leaf": 10}),
        Solution(
            "forest",
            "a random forest",
            classical.forest,
            {"trees": 300, "min_samples_leaf": 2, "columns": "usual"},
        ),
        Solution(
            "extratrees",
            "extremely random trees",
            classical.extratrees,
            {"trees": 300, "min_samples_leaf": 2, "columns": "usual"},
        ),
        Solution("nb", "naive Bayes over words", classical.bayes, {"alpha": 0.1}, _WORDS),
        Solution(
            "features",
            "LightGBM on own features",
            Boosted,
            {
                **DEFAULTS,
                "num_leaves": 15,
                "learning_rate": 0.05,
                "feature_fraction": 0.8,
                "bagging_fraction": 0.8,
                "lambda_l2": 1.0,
                "rounds": 200,
            },
            engineered=True,
        ),
    )
}


def names() -> tuple[str, ...]:
    """Return the names of all solutions.

    Examples
    --------
    >>> names()[:3]
    ('dummy', 'linear', 'lightgbm')
    """
    return tuple(_ALL)


def get(name: str) -> Solution:
    """Return a solution by name.

    Raises
    ------
    NotFoundError
        There is none of that name.

    Examples
    --------
    >>> get("forest").description
    'a random forest'
    >>> get("forrest")
    Traceback (most recent call last):
    ...
    practice.errors.NotFoundError: no solution 'forrest'; did you mean 'forest'?
    """
    if name in _ALL:
        return _ALL[name]
    close = difflib.get_close_matches(name, _ALL, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise NotFoundError(f"no solution {name!r}{meant}", f"solutions: {', '.join(_ALL)}")


def must_suit(solution: Solution, dataset: Dataset) -> None:
    """Refuse a solution that makes no sense for a competition.

    Raises
    ------
    PracticeError
        With what it needs.
    """
    slug = dataset.competition.slug
    hint = f"solutions for {slug}: {', '.join(available(dataset))}"
    if solution.name in available(dataset):
        return
    if solution.engineered:
        raise PracticeError(f"{slug} has no features.py, which 'features' needs", hint)
    words = "is about text"
    if solution.name == "nb":
        words = "has no text" if not dataset.plain.roles.texts else "asks for a number"
    raise PracticeError(f"solution {solution.name!r} is not for {slug}, which {words}", hint)


def available(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the solutions that suit a competition."""
    text = bool(dataset.plain.roles.texts)
    unsuited = {"tree", "forest", "extratrees"} if text else {"nb"}
    if dataset.goal.learn == "number":
        unsuited = unsuited | {"nb"}
    if dataset.engineered is None:
        unsuited = unsuited | {"features"}
    return tuple(name for name in _ALL if name not in unsuited)
