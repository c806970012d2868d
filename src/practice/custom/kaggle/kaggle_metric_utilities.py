"""What metric files import on Kaggle under this name: errors, a careful call, a check.

Written for practice; the names and what they do are those of Kaggle's public notebook
"kaggle-metric-utilities", the sentences are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

__all__ = [
    "HostVisibleError",
    "ParticipantVisibleError",
    "safe_call_score",
    "treat_as_participant_error",
    "verify_valid_probabilities",
]

_SUM_TOLERANCE = 1e-5


class ParticipantVisibleError(Exception):
    """Its text reaches the participant, where the public rows are scored."""


class HostVisibleError(Exception):
    """Its text reaches the host alone."""


def treat_as_participant_error(error_message: str, solution: Any) -> bool:
    """Say whether a text cannot give an answer away.

    That is so where all answers are numbers and the text has none: no digit, and no truth value
    where answers are such.

    Parameters
    ----------
    error_message : str
    solution : DataFrame, Series or ndarray
        The answers that whoever wrote the text could see.

    Returns
    -------
    bool

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [0.5, 1.5]})
    >>> treat_as_participant_error("too many columns", answers)
    True
    >>> treat_as_participant_error("expected 1.5", answers)
    False
    """
    if isinstance(solution, pd.DataFrame):
        kinds = list(solution.dtypes)
    else:
        kinds = [np.asarray(solution).dtype]
    if not all(types.is_numeric_dtype(kind) for kind in kinds):
        return False
    text = error_message.lower()
    if any(types.is_bool_dtype(kind) for kind in kinds) and ("true" in text or "false" in text):
        return False
    return not any(character.isnumeric() for character in text)


def safe_call_score(
    metric_function: Callable[..., Any], solution: Any, submission: Any, **metric_func_kwargs: Any
) -> Any:
    """Call a library's metric; what it complains of reaches the participant where that is safe.

    Parameters
    ----------
    metric_function : callable
        ``metric_function(solution, submission, **metric_func_kwargs)``.
    solution, submission : DataFrame, Series or ndarray
    **metric_func_kwargs : object

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    ParticipantVisibleError
        The function raised one, or anything else whose text cannot give an answer away.
    HostVisibleError
        The function raised one.
    Exception
        Whatever else it raised.

    Examples
    --------
    >>> safe_call_score(lambda y, p: float((y == p).mean()), np.array([1, 0]), np.array([1, 1]))
    0.5
    """
    try:
        return metric_function(solution, submission, **metric_func_kwargs)
    except Exception as error:
        name, text = type(error).__name__, str(error)
        if name == "HostVisibleError":
            raise HostVisibleError(text) from error
        if name == "ParticipantVisibleError" or treat_as_participant_error(text, solution):
            raise ParticipantVisibleError(text) from error
        raise


def verify_valid_probabilities(df: pd.DataFrame, df_name: str) -> None:
    """Refuse a table that does not hold probabilities: one row, one distribution.

    Parameters
    ----------
    df : DataFrame, shape (rows, classes)
        The target columns alone, without the id.
    df_name : str
        What messages call the table.

    Raises
    ------
    ParticipantVisibleError
        Cells that are no numbers, missing, below 0 or above 1; rows that do not add up to 1.

    Examples
    --------
    >>> verify_valid_probabilities(pd.DataFrame({"a": [0.25], "b": [0.75]}), "submission")
    >>> try:
    ...     verify_valid_probabilities(pd.DataFrame({"a": [0.25], "b": [0.5]}), "submission")
    ... except ParticipantVisibleError as error:
    ...     print(error)
    submission: the probabilities of a row must add up to 1
    """
    if not all(types.is_numeric_dtype(kind) for kind in df.dtypes):
        raise ParticipantVisibleError(f"{df_name}: every target column must hold numbers")
    cells = df.to_numpy(dtype=float)
    if np.isnan(cells).any():
        raise ParticipantVisibleError(f"{df_name}: a probability is missing")
    if (cells < 0).any():
        raise ParticipantVisibleError(f"{df_name}: a probability is below 0")
    if (cells > 1).any():
        raise ParticipantVisibleError(f"{df_name}: a probability is above 1")
    if not np.allclose(cells.sum(axis=1), 1, rtol=0, atol=_SUM_TOLERANCE):
        raise ParticipantVisibleError(f"{df_name}: the probabilities of a row must add up to 1")
