"""Luck and skill: which places, gaps and wins on a board other rows could have given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.board.joint import Joint
from practice.board.ties import ABSOLUTE, RELATIVE, gap

__all__ = [
    "Difference",
    "difference",
    "not_worse_than_best",
    "optimism",
    "rank_intervals",
    "shares_won",
]

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How far one entry is better than another; negative where it is worse.

    Parameters
    ----------
    value : float
        In the unit of the score, turned so that more is better.
    low, high : float or None
        The ends of its interval; None where one of the two has no replicates.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def real(self) -> bool:
        """True where luck alone does not explain it."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def _beaten(
    joint: Joint, times: float, shown: NDArray[np.intp] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, by so many errors, the entries that are better than each, and those it beats."""
    values = joint.values
    whole = shown is None or len(shown) == len(values)  # no need to copy errors in another order
    if shown is not None and not whole:
        values = values[shown]
    better = np.subtract.outer(values, values) > joint.margins(times, None if whole else shown)
    above, under = np.count_nonzero(better, axis=0), np.count_nonzero(better, axis=1)
    return (above, under) if shown is None or not whole else (above[shown], under[shown])


def rank_intervals(
    joint: Joint, shown: NDArray[np.intp] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the best and the worst place that each entry may have in truth.

    Parameters
    ----------
    joint : Joint
    shown : ndarray of int, shape (m,), optional
        The entries that have a place, all where left out. The others still count as looks.

    Returns
    -------
    tuple of ndarray of int64, shape (m,)
        1 + the number of entries that are significantly better, and m - the number of those that
        are significantly worse. All of them hold at once, that of the leader too: the pairs are
        judged by the farthest of all [1]_.

    References
    ----------
    .. [1] M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, "Inference for Ranks with
       Applications to Mobility across Neighbourhoods and Academic Achievement across Countries",
       Review of Economic Studies 91 (2024) 476-518.

    Examples
    --------
    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> accuracy = {"greater_is_better": True, "bounded": True}
    >>> noise = np.random.default_rng(1).normal(size=(3, 1000)) / 100
    >>> joint = join(np.array([0.92, 0.9, 0.7]), noise, Drawn(2000, 2000), **accuracy)
    >>> [ends.tolist() for ends in rank_intervals(joint)]
    [[1, 1, 3], [2, 2, 3]]
    """
    above, under = _beaten(joint, joint.beyond, shown)
    return 1 + above, len(above) - under


def not_worse_than_best(joint: Joint, shown: NDArray[np.intp] | None = None) -> NDArray[np.bool_]:
    """Say which entries may be the best one in truth, or as good as it.

    Parameters
    ----------
    joint : Joint
    shown : ndarray of int, shape (m,), optional
        The entries among which the best is sought, all where left out.

    Returns
    -------
    ndarray of bool, shape (m,)
        False where some entry is better by more than the best would stand below another by luck.

    References
    ----------
    J. C. Hsu, "Simultaneous confidence intervals for all distances from the 'best'", Annals of
    Statistics 9 (1981) 1026-1034.

    Examples
    --------
    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> accuracy = {"greater_is_better": True, "bounded": True}
    >>> noise = np.random.default_rng(1).normal(size=(3, 1000)) / 100
    >>> joint = join(np.array([0.92, 0.9, 0.7]), noise, Drawn(2000, 2000), **accuracy)
    >>> not_worse_than_best(joint).tolist()
    [True, True, False]
    """
    return np.equal(_beaten(joint, joint.below, shown)[0], 0)


def shares_won(joint: Joint, entrants: Sequence[str]) -> dict[str, float]:
    """Return in which share of the replicates each entrant has the best entry.

    Parameters
    ----------
    joint : Joint
    entrants : sequence of str
        Whose each entry is.

    Returns
    -------
    dict of str to float
        Adding up to 1. In each replicate an entrant enters with the best of their entries there,
        and equal ones share it. It is not the probability of being the best: scores of one test
        set spread farther than skill. Empty where no entry has replicates.

    Examples
    --------
    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> accuracy = {"greater_is_better": True, "bounded": True}
    >>> noise = np.random.default_rng(1).normal(size=(2, 1000))[[0, 0, 1]] / 100
    >>> joint = join(np.full(3, 0.9), noise, Drawn(2000, 2000), **accuracy)
    >>> {who: round(won, 1) for who, won in shares_won(joint, ["ada", "ada", "bob"]).items()}
    {'ada': 0.5, 'bob': 0.5}
    """
    if not joint.known.any():
        return {}
    names = list(dict.fromkeys(entrants))
    number = {name: place for place, name in enumerate(names)}
    owner = np.array([number[name] for name in entrants])
    drawn = joint.values[:, None] + joint.deviations
    drawn[~joint.known] = -np.inf
    best = drawn.max(axis=0)
    won = np.zeros((len(names), drawn.shape[1]), np.bool_)
    entry, replicate = np.nonzero(drawn >= best - np.maximum(RELATIVE * np.abs(best), ABSOLUTE))
    won[owner[entry], replicate] = True
    shares = (won / won.sum(axis=0)).mean(axis=1)
    return dict(zip(names, shares.tolist(), strict=True))


def difference(joint: Joint, one: int, other: int, *, chosen: bool = False) -> Difference:
    """Return by how much one entry is better than another, from the rows both were judged on.

    Parameters
    ----------
    joint : Joint
    one, other : int
    chosen : bool
        True where the two were chosen without a look at their scores. Else (a neighbour, one's
        best, the leader) the interval is one of those of all pairs, which hold at once.

    Returns
    -------
    Difference

    Examples
    --------
    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> accuracy = {"greater_is_better": True, "bounded": True}
    >>> noise = np.random.default_rng(1).normal(size=(2, 1000)) / 100
    >>> joint = join(np.array([0.92, 0.9]), noise, Drawn(2000, 2000), **accuracy)
    >>> found = difference(joint, 0, 1)
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2), found.real
    (0.02, -0.01, 0.05, False)
    """
    value = gap(float(joint.values[one]), float(joint.values[other]))
    error = float(joint.errors[one, other])
    if not np.isfinite(error):
        return Difference(value, None, None)
    if value == 0 and error == 0:
        return Difference(0.0, 0.0, 0.0)
    times = joint.single if chosen else joint.beyond
    margin = joint.margin(one, other, times)
    return Difference(value, value - margin, value + margin)


def optimism(joint: Joint) -> float | None:
    """Return by how much the best score may be expected to flatter whoever has it.

    Parameters
    ----------
    joint : Joint

    Returns
    -------
    float or None
        The mean, over the replicates, of how far the entry that is the best there stands above its
        own score; in the unit of the score. Copies add nothing. A lower bound: it knows nothing of
        looks that were not submitted, nor of entries that were fitted to the answers that earlier
        scores gave away, and replicates spread farther than skill, which takes from the part of
        luck. None where no entry has replicates.

    Examples
    --------
    >>> from practice.board.intervals import Drawn
    >>> from practice.board.joint import join
    >>> accuracy = {"greater_is_better": True, "bounded": True}
    >>> noise = np.random.default_rng(1).normal(size=(3, 1000))[[0, 1, 1]] / 100
    >>> joint = join(np.full(3, 0.9), noise, Drawn(2000, 2000), **accuracy)
    >>> round(optimism(joint), 4)
    0.0056
    """
    if not joint.known.any():
        return None
    drawn = joint.values[:, None] + joint.deviations
    drawn[~joint.known] = -np.inf
    best = drawn.argmax(axis=0)
    return max(float(joint.deviations[best, np.arange(len(best))].mean()), 0.0)
