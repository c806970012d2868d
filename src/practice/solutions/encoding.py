"""From a table's columns to the matrix that an estimator takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from practice.solutions.columns import Roles

__all__ = ["for_distances", "for_trees"]

_MAX_LEVELS = 50  # one-hot columns of one category; the rest share one


def for_trees(roles: Roles, parameters: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Return a transformer to numbers that keep their scale: what trees want.

    The first ``len(roles.categories)`` columns are category codes; categories that were not met in
    fitting and missing cells are NaN; texts become TF-IDF weights.

    Parameters
    ----------
    roles : Roles
    parameters : mapping of str to object, optional
        Of the solution. ``ngrams`` (2): words in a row that count as one; ``min_df`` (2): texts
        that must hold one.

    Returns
    -------
    sklearn.compose.ColumnTransformer
        Unfitted.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"town": ["B", "A"], "age": [3.0, float("nan")]})
    >>> for_trees(Roles(numbers=("age",), categories=("town",))).fit_transform(frame)
    array([[ 1.,  3.],
           [ 0., nan]])
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan
    )
    steps: list[tuple[str, Any, Any]] = []
    if roles.categories:
        steps.append(("categories", codes, list(roles.categories)))
    if roles.numbers:
        steps.append(("numbers", "passthrough", list(roles.numbers)))
    return ColumnTransformer([*steps, *_texts(roles, parameters)])


def for_distances(roles: Roles, parameters: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Return a transformer to columns of one scale: what linear models and neighbours want.

    Numbers are filled with their median (a further column says where) and standardised, categories
    one-hot encoded, texts become TF-IDF weights.

    Parameters
    ----------
    roles : Roles
    parameters : mapping of str to object, optional
        As in :func:`for_trees`, and ``numbers``: "standard" as above, or "spline", which gives
        every number a cubic curve of its own.

    Returns
    -------
    sklearn.compose.ColumnTransformer
        Unfitted.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"town": ["B", "A"], "age": [3.0, 5.0]})
    >>> for_distances(Roles(numbers=("age",), categories=("town",))).fit_transform(frame)
    array([[ 0.,  1., -1.],
           [ 1.,  0.,  1.]])
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=_MAX_LEVELS, sparse_output=False
    )
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    steps: list[tuple[str, Any, Any]] = []
    if roles.categories:
        steps.append(("categories", one_hot, list(roles.categories)))
    if roles.numbers:
        scale = [fill, StandardScaler()]
        if parameters.get("numbers") == "spline":
            scale = [fill, SplineTransformer(extrapolation="linear"), StandardScaler()]
        steps.append(("numbers", make_pipeline(*scale), list(roles.numbers)))
    return ColumnTransformer([*steps, *_texts(roles, parameters)])


def _texts(roles: Roles, parameters: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return a TF-IDF step per text column, by default of words and pairs met at least twice."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words, least = (1, parameters.get("ngrams", 2)), parameters.get("min_df", 2)
    return [
        (
            f"text {name}",
            TfidfVectorizer(sublinear_tf=True, ngram_range=words, min_df=least),
            name,
        )
        for name in roles.texts
    ]
