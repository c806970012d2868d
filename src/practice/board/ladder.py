"""The Ladder: a new best is said only where it is one, so that a board cannot be climbed by luck.

A score counts as a new best where it beats the last released best by a fixed step and, row by row,
by twice the standard error of the difference. The step alone is not enough on few rows, where one
row is a step; twice the error alone is not enough where predictions hardly differ, for the error is
then as small as the difference. So the error has a floor, and an error of 0 counts as no evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LADDER", "Ladder", "Rung", "beats", "paired_error", "reaches", "to_step"]

_SAME = 1e-9  # of a score's own error: a smaller error of a difference is rounding noise, that is 0
_EXACT = 1e-9  # relative: differences of decimals that are whole steps on paper
_ENOUGH = 50  # replicates in common; of fewer the error would be known to no better than 10 %


@dataclass(frozen=True)
class Ladder:
    """What a score must do to count as a new best.

    Parameters
    ----------
    step : float
        Least gain over the last released best, and the unit that is released.
    z : float
        Least gain over the submission that holds the best, in paired standard errors.
    floor : float
        Least paired error, in standard errors of a single score.
    """

    step: float = 0.01
    z: float = 2.0
    floor: float = 0.5


LADDER = Ladder()


@dataclass(frozen=True)
class Rung:
    """A public score and its replicates; both are left out of its ``repr``.

    Parameters
    ----------
    value : float
        At full precision.
    replicates : ndarray of float64, shape (replicates,), or None
        The score under each replicate of the build's public plan; NaN where it is undefined. None
        where resampling the metric is biased, or takes too long.
    """

    value: float = field(repr=False)
    replicates: NDArray[Any] | None = field(repr=False, default=None)


def to_step(value: float, step: float) -> float:
    """Round a score to a multiple of the step.

    Examples
    --------
    >>> to_step(0.81499, 0.01), to_step(0.815001, 0.01)
    (0.81, 0.82)
    """
    return round(round(value / step) * step, 10)


def reaches(value: float, best: float, greater_is_better: bool, ladder: Ladder = LADDER) -> bool:
    """Say whether a score is better than the released best by at least a step.

    Examples
    --------
    >>> reaches(0.82, 0.81, True), reaches(0.8199, 0.81, True)
    (True, False)
    """
    gain = value - best if greater_is_better else best - value
    return gain > ladder.step or math.isclose(gain, ladder.step, rel_tol=_EXACT)


def paired_error(new: Rung, best: Rung, rows: int, ladder: Ladder = LADDER) -> float:
    """Return the standard error by which the difference of two scores is judged.

    Parameters
    ----------
    new, best : Rung
        Replicates of the same plan, number by number.
    rows : int
        Public rows.
    ladder : Ladder

    Returns
    -------
    float
        The standard deviation of the paired differences of the replicates, at least the ladder's
        floor times that of the less certain of the two scores alone; 0 where the replicates do not
        differ. Where there are no replicates, the error of a mean of values 0 and 1 at its largest,
        ``1 / (2 sqrt(rows))``, times the score held where that is above 1.

    Examples
    --------
    Four of 100 answers put right: by themselves a z of 2, against the floor .04 / .025.

    >>> from practice import metrics
    >>> import numpy as np
    >>> from practice.metrics.drawing import draw
    >>> answers, held = np.zeros(100), np.arange(100) % 2
    >>> better = np.where(np.arange(100) < 8, 0, held)
    >>> plan, accuracy = draw(np.arange(100), seed=1), metrics.get("accuracy")
    >>> rungs = [Rung(accuracy.score(answers, p), accuracy.replicates(answers, p, plan))
    ...          for p in (better, held)]
    >>> round(paired_error(*rungs, rows=100, ladder=Ladder(floor=0)), 2)
    0.02
    >>> round(paired_error(*rungs, rows=100), 3), beats(*rungs, True, rows=100)
    (0.025, False)
    """
    import numpy as np

    assumed = max(1.0, abs(best.value)) / (2 * math.sqrt(rows))
    if new.replicates is None or best.replicates is None:
        return assumed
    both = np.isfinite(new.replicates) & np.isfinite(best.replicates)
    if np.count_nonzero(both) < _ENOUGH:
        return assumed
    one, other = new.replicates[both], best.replicates[both]
    alone = float(max(one.std(), other.std()))
    error = float((one - other).std())
    return 0.0 if error <= _SAME * alone else max(error, ladder.floor * alone)


def beats(
    new: Rung, best: Rung, greater_is_better: bool, *, rows: int, ladder: Ladder = LADDER
) -> bool:
    """Say whether a submission is better than the one that holds the best, beyond luck.

    Parameters
    ----------
    new, best : Rung
    greater_is_better : bool
    rows : int
        Public rows.
    ladder : Ladder

    Returns
    -------
    bool
        True where the gain is more than ``ladder.z`` paired errors; never where the error is 0,
        which is to say that no row tells the two apart.
    """
    gain = new.value - best.value if greater_is_better else best.value - new.value
    error = paired_error(new, best, rows, ladder)
    return error > 0 and gain > ladder.z * error
