"""What is tuned: a search space as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from practice.solutions.boosting import DEFAULTS

if TYPE_CHECKING:
    import optuna

__all__ = ["LIGHTGBM", "Parameter", "default_point", "suggest"]


@dataclass(frozen=True)
class Parameter:
    """One dimension of a search space.

    Parameters
    ----------
    name : str
    low, high : float
        Both included. Whole numbers where ``whole``.
    log : bool
        Searched on a logarithmic scale.
    whole : bool
    zero : bool
        ``low`` stands for 0, which a logarithmic scale cannot hold.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False
    zero: bool = False


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


def default_point(space: Sequence[Parameter]) -> dict[str, float]:
    """Return the point of the space that is LightGBM as it comes.

    Examples
    --------
    >>> default_point(LIGHTGBM)["num_leaves"]
    31
    """
    return {p.name: p.low if p.zero else DEFAULTS[p.name] for p in space}


def suggest(trial: optuna.trial.Trial, space: Sequence[Parameter]) -> Mapping[str, Any]:
    """Ask a trial for a configuration.

    Parameters
    ----------
    trial : optuna.trial.Trial
    space : sequence of Parameter

    Returns
    -------
    mapping of str to int or float
        Values as LightGBM takes them.

    Examples
    --------
    >>> import optuna
    >>> suggest(optuna.trial.FixedTrial(default_point(LIGHTGBM)), LIGHTGBM)["lambda_l1"]
    0.0
    """
    found: dict[str, Any] = {}
    for p in space:
        if p.whole:
            found[p.name] = trial.suggest_int(p.name, int(p.low), int(p.high), log=p.log)
        else:
            value = trial.suggest_float(p.name, p.low, p.high, log=p.log)
            found[p.name] = 0.0 if p.zero and value == p.low else value
    return found
