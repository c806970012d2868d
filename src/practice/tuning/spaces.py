"""The search space of every solution that has parameters to tune."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from practice.errors import PracticeError
from practice.solutions.base import Solution
from practice.solutions.columns import Roles
from practice.solutions.registry import get
from practice.tuning.space import Parameter, Space

__all__ = ["LIGHTGBM", "must_be_tunable", "space_for", "tunable"]

LIGHTGBM: tuple[Parameter, ...] = (
    Parameter("learning_rate", 0.02, 0.3, log=True),
    Parameter("num_leaves", 4, 128, log=True, whole=True),
    Parameter("min_data_in_leaf", 2, 100, log=True, whole=True),
    Parameter("feature_fraction", 0.3, 1.0),
    Parameter("bagging_fraction", 0.4, 1.0),
    Parameter("lambda_l1", 1e-8, 10.0, log=True, zero=True),
    Parameter("lambda_l2", 1e-8, 10.0, log=True, zero=True),
)
"""The seven parameters of LightGBM that are tuned; the number of rounds is found by early stopping.

Ranges after Optuna's LightGBM tuner, with a learning rate that is free and no tree too large for a
table of a few thousand rows.
"""

_LEAF = Parameter("min_samples_leaf", 1, 50, log=True, whole=True)
_FOREST = (_LEAF, Parameter("columns", choices=("usual", 0.2, 0.4, 0.7, 1.0)))
_WORDS = (Parameter("ngrams", 1, 3, whole=True), Parameter("min_df", 1, 5, whole=True))

# More trees are better, only slower: their number is no matter of search.
_TABLES: Mapping[str, tuple[Parameter, ...]] = {
    "lightgbm": LIGHTGBM,
    "features": LIGHTGBM,
    "linear": (
        Parameter("C", 1e-4, 1e3, log=True),
        Parameter("numbers", choices=("standard", "spline")),
    ),
    "knn": (Parameter("neighbours", 1, 100, log=True, whole=True),),
    "tree": (Parameter("min_samples_leaf", 1, 200, log=True, whole=True),),
    "forest": _FOREST,
    "extratrees": _FOREST,
}
_TEXTS: Mapping[str, tuple[Parameter, ...]] = {
    "lightgbm": LIGHTGBM,
    "linear": (Parameter("C", 1e-2, 1e4, log=True), *_WORDS),
    "nb": (Parameter("alpha", 1e-3, 10.0, log=True), *_WORDS),
    "knn": _TABLES["knn"],
}


def tunable() -> tuple[str, ...]:
    """Return the names of the solutions that have a search space.

    Examples
    --------
    >>> tunable()[:3]
    ('lightgbm', 'features', 'linear')
    """
    return tuple(dict.fromkeys([*_TABLES, *_TEXTS]))


def must_be_tunable(name: str) -> None:
    """Refuse a solution that nowhere has a search space.

    Raises
    ------
    NotFoundError
        There is no such solution.
    PracticeError
        It has nothing to tune.

    Examples
    --------
    >>> must_be_tunable("dummy")
    Traceback (most recent call last):
    ...
    practice.errors.PracticeError: solution 'dummy' has nothing to tune
    """
    if get(name).name not in tunable():
        raise _nothing(name, tunable())


def _nothing(name: str, fit: Collection[str], on: str = "") -> PracticeError:
    return PracticeError(
        f"solution {name!r} has nothing to tune{on}", f"--solution one of {', '.join(fit)}"
    )


def space_for(solution: Solution, roles: Roles, suited: Collection[str] | None = None) -> Space:
    """Return the search space of a solution on a table with these columns.

    Parameters
    ----------
    solution : Solution
    roles : Roles
    suited : collection of str, optional
        Names of the solutions that suit the competition: those that a refusal may propose.
        Default: all.

    Returns
    -------
    Space
        Its default is the solution as it comes.

    Raises
    ------
    PracticeError
        The solution has nothing to tune.

    Examples
    --------
    >>> from practice.solutions import get
    >>> [p.name for p in space_for(get("linear"), Roles(texts=("sms",))).parameters]
    ['C', 'ngrams', 'min_df']
    """
    spaces = _TEXTS if roles.texts else _TABLES
    parameters = spaces.get(solution.name)
    if parameters is None:
        on = " on text" if solution.name in tunable() else ""
        fit = [name for name in spaces if suited is None or name in suited]
        raise _nothing(solution.name, fit, on)
    values: Mapping[str, Any] = solution.parameters_for(roles)
    return Space(parameters, {p.name: values[p.name] for p in parameters})
