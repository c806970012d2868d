"""Which scores are equal: the same on paper, whatever the rounding of floating-point numbers.

Two files whose predictions differ in the last digit have scores that differ in the last digit. That
is no gap, no new best and no better place: everything that compares scores asks here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["ABSOLUTE", "RELATIVE", "gap", "levels", "same"]

RELATIVE = 1e-12
ABSOLUTE = 1e-15  # for scores near 0, such as the R2 of a constant


def same(one: float, other: float) -> bool:
    """Say whether two scores are equal up to rounding.

    Parameters
    ----------
    one, other : float

    Returns
    -------
    bool

    Examples
    --------
    >>> same(0.1 + 0.2, 0.3), same(0.3, 0.3000001), same(0.0, 2.2e-16)
    (True, False, True)
    """
    return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def gap(one: float, other: float) -> float:
    """Return how far one score is above another, exactly 0 where they are equal up to rounding.

    Parameters
    ----------
    one, other : float

    Returns
    -------
    float

    Examples
    --------
    >>> gap(0.1 + 0.2, 0.3), gap(0.75, 0.5)
    (0.0, 0.25)
    """
    return 0.0 if same(one, other) else one - other


def levels(values: Sequence[float], within: float = 0.0) -> list[float]:
    """Return scores, those that are equal up to rounding made equal.

    Parameters
    ----------
    values : sequence of float
        NaN stays.
    within : float
        What is no farther apart than this is equal, too.

    Returns
    -------
    list of float
        For each score the smallest one that it is equal to, so that sorting by them keeps to the
        order of what is different.

    Examples
    --------
    >>> levels([0.1 + 0.2, 0.5, 0.3])
    [0.3, 0.5, 0.3]
    """
    found: dict[float, float] = {}
    level = math.nan
    for value in sorted(value for value in set(values) if not math.isnan(value)):
        if not (same(level, value) or value - level <= within):
            level = value
        found[value] = level
    return [found.get(value, math.nan) for value in values]
