"""What came of a search, derived from its rows: the best against the default, what mattered."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from practice.errors import PracticeError
from practice.tuning.records import Row, finals, incumbents
from practice.tuning.repeated import SMALL
from practice.tuning.space import Space

__all__ = ["Outcome", "Paired", "cautions", "importances", "outcome_of", "paired", "parameters_of"]

ENOUGH = 30  # trials from which importances are worth showing


@dataclass(frozen=True)
class Paired:
    """How much better one configuration is than another on the same folds.

    Parameters
    ----------
    mean : float
        Of the differences in the metric; positive is better, whichever direction the metric has.
    low, high : float
        A 95 % interval; not finite where there is one fold.
    better : int
        Folds on which the second was better.
    folds : int
    """

    mean: float
    low: float
    high: float
    better: int
    folds: int


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Parameters
    ----------
    default, best : Row
        The default configuration and the best one, each at its end.
    counts : dict of str to int
        Trials by state.
    gain : Paired or None
        The best against the default in the competition's metric; None where the metric cannot be
        computed on a fold.
    """

    default: Row
    best: Row
    counts: dict[str, int]
    gain: Paired | None

    @property
    def improved(self) -> bool:
        """Whether the best is better than the default: in the metric, where there is one."""
        return self.best.trial != 0 and (self.gain is None or self.gain.mean > 0)


def outcome_of(rows: Sequence[Row], greater_is_better: bool, repeats: int = 1) -> Outcome:
    """Read the outcome from a run's rows.

    Parameters
    ----------
    rows : sequence of Row
    greater_is_better : bool
        Of the competition's metric.
    repeats : int
        Times that the cross-validation was drawn.

    Returns
    -------
    Outcome

    Raises
    ------
    PracticeError
        The default configuration did not end inside the budget, or failed.
    """
    ended = finals(rows)
    if not ended:
        raise PracticeError(
            "the budget ended before the default configuration was evaluated", "--work 100"
        )
    default = ended[0]
    if default.state == "stopped":
        raise PracticeError(
            "the strategy gave up the default configuration, with which all are compared",
            "should_stop(row) must return False where row.trial == 0",
        )
    if not default.counts:
        raise PracticeError(
            f"the default configuration cannot be evaluated: {default.error}",
            "practice baseline shows the same error",
        )
    best = incumbents(ended)[-1]
    gain = None
    if default.metric_scores and best.metric_scores:
        gain = paired(default.metric_scores, best.metric_scores, greater_is_better, repeats)
    return Outcome(default, best, dict(Counter(row.state for row in ended)), gain)


def parameters_of(row: Row) -> dict[str, Any]:
    """Return a trial's configuration with the rounds that early stopping found.

    Examples
    --------
    >>> parameters_of(Row(0, 75, "rounds", "complete", {"num_leaves": 9}, 0.5, rounds=43))
    {'num_leaves': 9, 'rounds': 43}
    """
    extra = {} if row.rounds is None else {"rounds": row.rounds}
    return {**row.configuration, **extra}


def paired(
    first: Sequence[float], second: Sequence[float], greater_is_better: bool, repeats: int = 1
) -> Paired:
    """Compare scores on the same folds.

    The folds' training rows overlap, so their differences are less independent than they look; the
    variance is corrected for it [1]_.

    Parameters
    ----------
    first, second : sequence of float
    greater_is_better : bool
    repeats : int
        Times that the cross-validation was drawn.

    Returns
    -------
    Paired
        By how much the second is better.

    References
    ----------
    .. [1] Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    Examples
    --------
    >>> found = paired([0.80, 0.82, 0.78, 0.81, 0.80], [0.82, 0.83, 0.79, 0.83, 0.81], True)
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3), found.better
    (0.014, 0.004, 0.024, 5)
    >>> round(paired([0.5, 0.6], [0.3, 0.5], greater_is_better=False).mean, 3)
    0.15
    """
    difference = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    if not greater_is_better:
        difference = -difference
    folds = len(difference)
    mean = float(difference.mean())
    better = int((difference > 0).sum())
    if folds < 2 * repeats:
        return Paired(mean, -math.inf, math.inf, better, folds)
    from scipy.stats import t

    tested = 1 / (folds / repeats - 1)  # rows tested to rows trained on
    variance = float(difference.var(ddof=1)) * (1 / folds + tested)
    half = float(t.ppf(0.975, folds - 1)) * math.sqrt(variance)
    return Paired(mean, mean - half, mean + half, better, folds)


def importances(rows: Sequence[Row], space: Space) -> dict[str, float]:
    """Return how much each parameter matters for being among the best tenth (PED-ANOVA).

    Parameters
    ----------
    rows : sequence of Row
    space : Space

    Returns
    -------
    dict of str to float
        Shares that sum to 1, the largest first; empty below thirty trials with a score.
    """
    # A trial given up between folds has nearly its score; one given up between rounds has not.
    seen = [
        row
        for row in finals(rows)
        if row.counts or (row.state == "stopped" and row.order == "folds")
    ]
    if len(seen) < ENOUGH or len({row.score for row in seen}) < 2:
        return {}
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize")
    for row in seen:
        study.add_trial(
            optuna.trial.create_trial(
                params=space.to_optuna(row.configuration),
                distributions=space.distributions,
                value=row.score,
            )
        )
    found = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
    )
    return {name: float(value) for name, value in found.items()}


def cautions(
    found: Outcome, rows: int, repeats: int, metric: str, objective: str
) -> tuple[str, ...]:
    """Say where the result may be luck, and where it is none.

    Parameters
    ----------
    found : Outcome
    rows : int
        Training rows.
    repeats : int
        Of the cross-validation.
    metric, objective : str
        Names of the competition's metric and of the loss that is minimised.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    said = []
    trials = sum(found.counts.values())
    if rows < SMALL and repeats == 1:
        said.append(
            f"with {rows} training rows the best of {trials} scores is luck in part; "
            "--repeats 5 cross-validates five times"
        )
    if found.best.trial == 0:
        said.append("no configuration was better than the default")
    elif found.gain is not None and not found.improved:
        what = "got worse" if found.gain.mean < 0 else "is no better"
        said.append(
            f"{metric} {what} although the {objective} fell, which is what the search minimises"
        )
    elif found.gain is not None and found.gain.low <= 0 <= found.gain.high:
        said.append("the gain is within the noise between folds; the hidden test may not show it")
    return tuple(said)
