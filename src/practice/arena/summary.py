"""One row per strategy: what its runs cost, found, and promised more than they kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.arena.records import Cell, Comparison, Results
from practice.arena.scores import ROUNDING, Scores, normalised_regret, scores_of
from practice.tuning.manifest import canonical_hash

__all__ = ["Summary", "mean_ranks", "overtuning", "summarise"]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Summary:
    """What the runs of one strategy have in common; None where nothing is known.

    Parameters
    ----------
    strategy : str
    settings : str
        Eight digits of the sha256 of its arguments and of all versions: strategies of one name
        with other digits are not the same. "" where the record does not tell.
    runs, errors : int
        Runs that have ended; those of them that failed and score as the default.
    complete, stopped, failed, duplicate : float
        Trials per run, by how they ended.
    work, cpu_seconds, seconds : float or None
        Per run.
    overhead : float or None
        Share of the time of the runs that was not training.
    cv, held : float or None
        Mean score of what was found, in cross-validation and on the held-out rows.
    gap : float or None
        By how much cross-validation was better than the held-out rows (meta-overfitting [1]_):
        positive where it promised too much, whatever the metric's direction.
    overtuning, relative_overtuning : float or None
        Mean of what was lost on the held-out rows by going on after the best point that a run had
        picked; median of its share of the best gain over the default, of the runs with a gain.
    oracle : float or None
        Mean distance to the best point that is known on the split.
    regret : float or None
        Mean normalised regret: 0 the best known, 1 the default.
    worse : float or None
        Share of runs that ended worse than the default on the held-out rows.
    rank : float or None
        Mean rank among the strategies on the same split with the same seed, 1 the best.

    References
    ----------
    .. [1] Schneider, Bischl and Feurer, "Overtuning in hyperparameter optimization", AutoML 2025,
       arXiv 2506.19540.
    """

    strategy: str
    settings: str
    runs: int
    errors: int
    complete: float
    stopped: float
    failed: float
    duplicate: float
    work: float | None
    cpu_seconds: float | None
    seconds: float | None
    overhead: float | None
    cv: float | None
    held: float | None
    gap: float | None
    overtuning: float | None
    relative_overtuning: float | None
    oracle: float | None
    regret: float | None
    worse: float | None
    rank: float | None


def summarise(results: Results) -> tuple[Summary, ...]:
    """Summarise the runs of every strategy.

    Parameters
    ----------
    results : Results
        Complete or not.

    Returns
    -------
    tuple of Summary
        In the order of the strategies.
    """
    scores, settings = scores_of(results), _settings(results.comparison)
    regret, ranks = normalised_regret(scores), mean_ranks(scores.held)
    sign = 1.0 if results.comparison.greater_is_better else -1.0
    return tuple(
        _summary(
            strategy,
            settings.get(strategy, ""),
            [cell for cell in results.cells if cell.strategy == strategy],
            _of(scores, position),
            (_mean(regret[position]), None if ranks is None else float(ranks[position])),
            sign,
        )
        for position, strategy in enumerate(results.comparison.strategies)
    )


def _settings(comparison: Comparison) -> dict[str, str]:
    """Return the hash of every strategy's arguments and versions."""
    versions = comparison.identity.get("versions")
    return {
        each["name"]: canonical_hash({"strategy": each, "versions": versions})[:8]
        for each in comparison.identity.get("strategies", ())
    }


def _of(scores: Scores, position: int) -> dict[str, Values]:
    """Return the arrays of one strategy, each of shape (splits, seeds)."""
    one = {name: getattr(scores, name)[position] for name in ("held", "default", "cv")}
    return {**one, "best": np.broadcast_to(scores.best[:, None], one["held"].shape)}


def _summary(
    strategy: str,
    settings: str,
    cells: list[Cell],
    found: dict[str, Values],
    compared: tuple[float | None, float | None],
    sign: float,
) -> Summary:
    held, default, cv = found["held"], found["default"], found["cv"]
    ended = np.isfinite(held) & np.isfinite(default)
    worse = default - held > ROUNDING * np.abs(default)
    states = [
        float(np.mean([cell.trials.get(state, 0) for cell in cells])) if cells else 0.0
        for state in ("complete", "stopped", "failed", "duplicate")
    ]
    kept = [cell.points[:1] if cell.error else cell.points for cell in cells]
    lost = [overtuning([sign * point.held for point in points]) for points in kept]
    seconds = sum(cell.seconds for cell in cells)
    spent = sum(cell.overhead_seconds for cell in cells)
    relative = [share for _, share in lost if share is not None]
    return Summary(
        strategy=strategy,
        settings=settings,
        runs=len(cells),
        errors=sum(bool(cell.error) for cell in cells),
        complete=states[0],
        stopped=states[1],
        failed=states[2],
        duplicate=states[3],
        work=_mean([cell.work for cell in cells]),
        cpu_seconds=_mean([cell.cpu_seconds for cell in cells]),
        seconds=_mean([cell.seconds for cell in cells]),
        overhead=spent / seconds if seconds > 0 else None,
        cv=_mean(sign * cv),
        held=_mean(sign * held),
        gap=_mean(cv - held),
        overtuning=_mean([loss for loss, _ in lost]),
        relative_overtuning=float(np.median(relative)) if relative else None,
        oracle=_mean(found["best"] - held),
        regret=compared[0],
        worse=float(worse[ended].mean()) if ended.any() else None,
        rank=compared[1],
    )


def overtuning(held: list[float]) -> tuple[float, float | None]:
    """Say what a run lost on the held-out rows after it had picked its best point [1]_.

    Parameters
    ----------
    held : list of float
        Scores on the held-out rows of what the run picked, one after the other, the default first;
        more is better.

    Returns
    -------
    loss : float
        Best score so far less the final one; at least 0.
    relative : float or None
        As a share of the best gain over the default; None where there was no gain.

    References
    ----------
    .. [1] Schneider, Bischl and Feurer, "Overtuning in hyperparameter optimization", AutoML 2025,
       arXiv 2506.19540.

    Examples
    --------
    >>> overtuning([1.0, 3.0, 2.0])
    (1.0, 0.5)
    >>> overtuning([1.0, 0.5])
    (0.5, None)
    """
    known = [value for value in held if np.isfinite(value)]
    if not known:
        return 0.0, None
    best = max(known)
    loss, gain = best - known[-1], best - known[0]
    return loss, loss / gain if gain > ROUNDING * abs(best) else None


def mean_ranks(held: Values) -> Values | None:
    """Rank strategies within every split and seed, and average.

    Parameters
    ----------
    held : ndarray of shape (strategies, splits, seeds)
        More is better; NaN where there is none. Only splits and seeds that all strategies have
        run count.

    Returns
    -------
    ndarray of shape (strategies,) or None
        1 is the best; equal scores share the mean of their ranks.

    Examples
    --------
    >>> mean_ranks(np.array([[[0.9, 0.8]], [[0.7, 0.8]]])).tolist()
    [1.25, 1.75]
    """
    blocks = held.reshape(len(held), -1)
    blocks = blocks[:, np.isfinite(blocks).all(axis=0)]
    if not blocks.shape[1]:
        return None
    from scipy.stats import rankdata

    ranks: Values = rankdata(-blocks, axis=0).mean(axis=1)
    return ranks


def _mean(values: Values | list[float]) -> float | None:
    """Average what is known."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if known.size else None
