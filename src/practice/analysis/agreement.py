"""How far two scores put the same entries into the same order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.board import levels

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True)
class Agreement:
    """Pairs of entries, and how many of them two scores order alike.

    Parameters
    ----------
    entries : int
    pairs : int
        Those that neither score calls equal.
    alike : int
    """

    entries: int
    pairs: int
    alike: int

    @property
    def share(self) -> float | None:
        """Of the pairs those that are ordered alike; None where there is no pair."""
        return self.alike / self.pairs if self.pairs else None

    @property
    def z(self) -> float:
        """How many standard errors of chance the order is away from no agreement.

        Kendall's tau over the standard error that it has where the two are independent and
        without ties [1]_; 0 where there is no pair.

        References
        ----------
        .. [1] M. G. Kendall, Rank Correlation Methods, 4th ed. 1970, section 5.3.

        Examples
        --------
        >>> round(Agreement(8, 28, 28).z, 2)
        3.46
        """
        n = self.entries
        if not self.pairs:
            return 0.0
        error = math.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1)))
        return (2 * self.alike / self.pairs - 1) / error


def agreement(
    one: NDArray[np.float64], other: NDArray[np.float64], among: NDArray[np.bool_] | None = None
) -> Agreement:
    """Count the pairs of entries that two scores order alike.

    Parameters
    ----------
    one, other : ndarray of float64, shape (entries,)
        Turned so that more is better, both; what is equal up to rounding is equal.
    among : ndarray of bool, shape (entries, entries), optional
        The pairs that count, symmetric; default: all.

    Returns
    -------
    Agreement

    Examples
    --------
    >>> agreement(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.3, 0.2]))
    Agreement(entries=3, pairs=3, alike=2)
    """
    first, second = (np.array(levels(scores.tolist())) for scores in (one, other))
    signs = np.sign(np.subtract.outer(first, first)) * np.sign(np.subtract.outer(second, second))
    counted = np.triu(signs != 0, 1)
    if among is not None:
        counted &= among
    alike = np.count_nonzero(counted & (signs > 0))
    return Agreement(len(one), int(np.count_nonzero(counted)), int(alike))
