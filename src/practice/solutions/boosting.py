"""Gradient boosting with LightGBM: one thread per booster, the same bits every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError
from practice.solutions import encoding
from practice.solutions.base import Floats, Model

if TYPE_CHECKING:
    import pandas as pd

    from practice.solutions.decisions import Goal

__all__ = ["DEFAULTS", "Boosted", "booster_parameters", "load_lightgbm", "quiet", "training_set"]

DEFAULTS: Mapping[str, Any] = {
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "feature_fraction": 1.0,
    "bagging_fraction": 1.0,
    "lambda_l1": 0.0,
    "lambda_l2": 0.0,
    "rounds": 100,
}
"""LightGBM's own defaults, for the seven parameters that are tuned and the number of rounds."""


def load_lightgbm() -> Any:
    """Import LightGBM.

    Returns
    -------
    module

    Raises
    ------
    PracticeError
        The OpenMP library that LightGBM needs is not on this system; the hint is the one fix.
    """
    try:
        import lightgbm
    except OSError as error:
        if "libomp" in str(error):
            fix = "brew install libomp"
        else:
            fix = "install libgomp1: apt-get install libgomp1 (Fedora: dnf install libgomp)"
        raise PracticeError(f"LightGBM cannot be loaded: {error}", fix) from None
    return lightgbm


def quiet() -> None:
    """Silence LightGBM in the calling thread.

    Its log level belongs to a thread and is set when a booster is made there; one that is made in
    one thread and trained in another prints a warning a round.
    """
    lightgbm = load_lightgbm()
    table = lightgbm.Dataset(np.zeros((2, 1)), np.zeros(2), params={"verbosity": -1})
    lightgbm.Booster({"verbosity": -1, "num_threads": 1}, table)


def booster_parameters(goal: Goal, parameters: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters for a goal.

    Parameters
    ----------
    goal : Goal
    parameters : mapping of str to object
        Under the names of :data:`DEFAULTS`; ``rounds`` is left out.
    seed : int

    Returns
    -------
    dict

    Examples
    --------
    >>> from practice.solutions.decisions import Goal
    >>> booster_parameters(Goal("classes", 3), DEFAULTS, 7)["objective"]
    'multiclass'
    """
    fixed: dict[str, Any] = {
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "feature_pre_filter": False,
        "verbosity": -1,
    }
    if goal.learn == "number":
        fixed |= {"objective": "regression", "metric": "rmse"}
    elif goal.classes == 2:
        fixed |= {"objective": "binary", "metric": "binary_logloss"}
    else:
        fixed |= {"objective": "multiclass", "num_class": goal.classes, "metric": "multi_logloss"}
    free = {name: value for name, value in parameters.items() if name != "rounds"}
    # Rows are drawn afresh each round where fewer than all are wanted.
    return {**fixed, **free, "bagging_freq": int(free["bagging_fraction"] < 1)}


def training_set(matrix: Any, y: NDArray[Any], categories: int, reference: Any = None) -> Any:
    """Return a LightGBM Dataset.

    Parameters
    ----------
    matrix : ndarray or scipy.sparse.csr_matrix, shape (rows, columns)
    y : ndarray, shape (rows,)
    categories : int
        How many of the first columns hold category codes.
    reference : lightgbm.Dataset, optional
        The training set whose bins a validation set takes over.

    Returns
    -------
    lightgbm.Dataset
    """
    return load_lightgbm().Dataset(
        matrix,
        label=y,
        reference=reference,
        categorical_feature=list(range(categories)),
        params={"feature_pre_filter": False, "verbosity": -1, "num_threads": 1},
        free_raw_data=False,
    )


class Boosted(Model):
    """LightGBM for a fixed number of rounds.

    Examples
    --------
    >>> import pandas as pd
    >>> from practice.solutions.columns import Roles
    >>> from practice.solutions.decisions import Goal
    >>> frame = pd.DataFrame({"x": np.arange(100.0)})
    >>> model = Boosted(Goal("number", 0), Roles(numbers=("x",)), DEFAULTS)
    >>> model.fit(frame, frame["x"].to_numpy() // 50, seed=0)
    >>> model.predict(frame.iloc[[0, 99]]).round(2)
    array([0., 1.])
    """

    def fit(self, frame: pd.DataFrame, y: NDArray[Any], seed: int) -> None:
        """Encode the columns and boost."""
        lightgbm = load_lightgbm()
        self._encoder = encoding.for_trees(self.roles)
        table = training_set(self._encoder.fit_transform(frame), y, len(self.roles.categories))
        self._booster = lightgbm.Booster(
            booster_parameters(self.goal, self.parameters, seed), table
        )
        # The flag "no further split" is no reason to stop: with bagging a later round may find one.
        for _ in range(int(self.parameters["rounds"])):
            self._booster.update()

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return probabilities of all classes, or numbers."""
        matrix = self._encoder.transform(frame)
        scores = np.asarray(self._booster.predict(matrix, num_threads=1), dtype=np.float64)
        if self.goal.learn == "classes" and scores.ndim == 1:
            return np.column_stack([1 - scores, scores])
        return scores
