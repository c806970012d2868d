"""Models from scikit-learn: the constant, the line, the neighbours, trees, forests, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.solutions import encoding
from practice.solutions.base import Floats, Model
from practice.solutions.columns import Roles
from practice.solutions.decisions import Goal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Constant", "Fitted", "bayes", "extratrees", "forest", "knn", "linear", "tree"]

Encode = Callable[[Roles, Mapping[str, Any]], Any]
Estimate = Callable[[Goal, Mapping[str, Any], int], Any]


class Constant(Model):
    """Predicts the shares of the classes, or the mean, whatever the row.

    Examples
    --------
    >>> import pandas as pd
    >>> model = Constant(Goal("classes", 2), Roles(), {})
    >>> model.fit(pd.DataFrame(index=range(4)), np.array([0, 1, 1, 1]), seed=0)
    >>> model.predict(pd.DataFrame(index=range(1)))
    array([[0.25, 0.75]])
    """

    def fit(self, frame: pd.DataFrame, y: NDArray[Any], seed: int) -> None:
        """Count the classes, or take the mean."""
        if self.goal.learn == "classes":
            self._level = np.bincount(y, minlength=self.goal.classes) / len(y)
        else:
            self._level = np.array(y.mean())

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return the same scores for every row."""
        return np.broadcast_to(self._level, (len(frame), *self._level.shape)).copy()


class Fitted(Model):
    """A scikit-learn estimator behind an encoder of columns.

    Parameters
    ----------
    goal, roles, parameters
        As in :class:`~practice.solutions.base.Model`.
    encode : callable
        ``encode(roles, parameters)`` returns the unfitted transformer.
    estimate : callable
        ``estimate(goal, parameters, seed)`` returns the unfitted estimator.
    """

    def __init__(
        self,
        goal: Goal,
        roles: Roles,
        parameters: Mapping[str, Any],
        encode: Encode,
        estimate: Estimate,
    ) -> None:
        super().__init__(goal, roles, parameters)
        self._encode = encode
        self._estimate = estimate

    def fit(self, frame: pd.DataFrame, y: NDArray[Any], seed: int) -> None:
        """Fit encoder and estimator on the same rows."""
        self._encoder = self._encode(self.roles, self.parameters)
        matrix = self._encoder.fit_transform(frame)
        self._estimator = self._estimate(self.goal, self.parameters, seed)
        self._estimator.fit(matrix, y)

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return probabilities of all classes, met in fitting or not, or numbers."""
        matrix = self._encoder.transform(frame)
        if self.goal.learn == "number":
            return np.asarray(self._estimator.predict(matrix), dtype=np.float64)
        scores = np.zeros((len(frame), self.goal.classes))
        scores[:, self._estimator.classes_] = self._estimator.predict_proba(matrix)
        return scores


def linear(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make logistic regression, or ridge regression; ``C`` is the inverse of the penalty."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.linear_model import LogisticRegression, Ridge

        if goal.learn == "classes":
            return LogisticRegression(C=parameters["C"], max_iter=2000)
        return Ridge(alpha=1 / parameters["C"])

    return Fitted(goal, roles, parameters, encoding.for_distances, estimate)


def knn(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make nearest neighbours, the nearer with more weight."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

        kind = KNeighborsClassifier if goal.learn == "classes" else KNeighborsRegressor
        return kind(n_neighbors=parameters["neighbours"], weights="distance")

    return Fitted(goal, roles, parameters, encoding.for_distances, estimate)


def tree(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make a single decision tree."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeClassifier if goal.learn == "classes" else DecisionTreeRegressor
        return kind(min_samples_leaf=parameters["min_samples_leaf"], random_state=seed)

    return Fitted(goal, roles, parameters, encoding.for_trees, estimate)


def forest(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make a random forest."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestClassifier if goal.learn == "classes" else RandomForestRegressor
        return kind(**_grown(goal, parameters), random_state=seed, n_jobs=1)

    return Fitted(goal, roles, parameters, encoding.for_trees, estimate)


def extratrees(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make extremely randomised trees."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        kind = ExtraTreesClassifier if goal.learn == "classes" else ExtraTreesRegressor
        return kind(**_grown(goal, parameters), random_state=seed, n_jobs=1)

    return Fitted(goal, roles, parameters, encoding.for_trees, estimate)


def _grown(goal: Goal, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that forests of both kinds share."""
    columns = parameters["columns"]
    if columns == "usual":
        # Breiman's choices: the square root of the columns for classes, a third for numbers.
        columns = "sqrt" if goal.learn == "classes" else 1 / 3
    return {
        "n_estimators": parameters["trees"],
        "min_samples_leaf": parameters["min_samples_leaf"],
        "max_features": columns,
    }


def bayes(goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> Model:
    """Make multinomial naive Bayes over the words of the text columns."""

    def estimate(goal: Goal, parameters: Mapping[str, Any], seed: int) -> Any:
        from sklearn.naive_bayes import MultinomialNB

        return MultinomialNB(alpha=parameters["alpha"])

    words = Roles(texts=roles.texts)
    return Fitted(goal, words, parameters, encoding.for_trees, estimate)
