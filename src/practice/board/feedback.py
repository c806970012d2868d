"""What a participant is told of a public score before the reveal.

Everything a board shows (rank, tie, gap, history) is computed from these released values, never
from the scores themselves.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from practice.errors import UsageError

__all__ = ["Policy", "better", "parse", "release"]

LADDER_STEP = 0.01


@dataclass(frozen=True)
class Policy:
    """A feedback policy.

    Parameters
    ----------
    kind : {"full", "rounded", "ladder", "blind"}
    digits : int
        Decimals that are released (``rounded``).
    """

    kind: Literal["full", "rounded", "ladder", "blind"]
    digits: int = 0

    @property
    def full(self) -> bool:
        """True where public scores are released as they are."""
        return self.kind == "full"


def parse(text: str) -> Policy:
    """Read a policy as a definition writes it.

    Raises
    ------
    UsageError
        Not one of ``full``, ``rounded:N``, ``ladder``, ``blind``.

    Examples
    --------
    >>> parse("rounded:2")
    Policy(kind='rounded', digits=2)
    """
    if match := re.fullmatch(r"rounded:(\d{1,2})", text):
        return Policy("rounded", int(match[1]))
    for kind in ("full", "ladder", "blind"):
        if text == kind:
            return Policy(kind)
    raise UsageError(
        f"feedback {text!r} is not a policy", "choose full, rounded:N, ladder or blind"
    )


def better(a: float, b: float, greater_is_better: bool) -> bool:
    """Say whether score ``a`` is strictly better than ``b``.

    Examples
    --------
    >>> better(0.1, 0.2, greater_is_better=False)
    True
    """
    return a > b if greater_is_better else a < b


def release(
    policy: Policy,
    value: float,
    before: Sequence[float],
    greater_is_better: bool,
) -> float | None:
    """Return what is said of a public score.

    Parameters
    ----------
    policy : Policy
    value : float
        The public score at full precision.
    before : sequence of float
        Values released to the same entrant earlier in the season.
    greater_is_better : bool

    Returns
    -------
    float or None
        ``full``: the score; ``rounded``: to that many decimals; ``ladder``: the score rounded to
        multiples of 0.01 where it beats the best released before by at least that step, else that
        best again [1]_; ``blind``: None.

    References
    ----------
    .. [1] A. Blum and M. Hardt, "The Ladder: A Reliable Leaderboard for Machine Learning
       Competitions", ICML 2015, algorithm 1.

    Examples
    --------
    >>> release(Policy("ladder"), 0.8149, [0.81], greater_is_better=True)
    0.81
    >>> release(Policy("ladder"), 0.8249, [0.81], greater_is_better=True)
    0.82
    """
    if policy.kind == "full":
        return value
    if policy.kind == "rounded":
        return round(value, policy.digits)
    if policy.kind == "blind":
        return None
    rounded = round(round(value / LADDER_STEP) * LADDER_STEP, 10)
    if not before:
        return rounded
    best = max(before) if greater_is_better else min(before)
    gain = value - best if greater_is_better else best - value
    reached = gain > LADDER_STEP or math.isclose(gain, LADDER_STEP, rel_tol=1e-9)
    return rounded if reached else best
