"""What a participant is told of a public score before the reveal.

Everything a board shows (rank, tie, gap, history) is computed from these released values, never
from the scores themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from practice.board.ladder import LADDER, Ladder, reaches, to_step
from practice.board.ties import same
from practice.errors import UsageError

__all__ = ["Policy", "better", "parse", "release"]


@dataclass(frozen=True)
class Policy:
    """A feedback policy.

    Parameters
    ----------
    kind : {"full", "rounded", "ladder", "blind"}
    digits : int
        Decimals that are released (``rounded``).
    ladder : Ladder
        What a new best must be (``ladder``); a definition cannot say otherwise.
    """

    kind: Literal["full", "rounded", "ladder", "blind"]
    digits: int = 0
    ladder: Ladder = field(default=LADDER, repr=False)

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
    """Say whether score ``a`` is better than ``b`` by more than rounding.

    Examples
    --------
    >>> better(0.1, 0.2, greater_is_better=False), better(0.1 + 0.2, 0.3, greater_is_better=True)
    (True, False)
    """
    return (a > b if greater_is_better else a < b) and not same(a, b)


def release(
    policy: Policy,
    value: float,
    before: Sequence[float],
    greater_is_better: bool,
    beats: Callable[[int], bool],
) -> float | None:
    """Return what is said of a public score.

    Parameters
    ----------
    policy : Policy
    value : float
        The public score at full precision.
    before : sequence of float
        Values released to the same entrant earlier in the season, in that order; those of
        withdrawn submissions too, or a withdrawal would buy a new look.
    greater_is_better : bool
    beats : callable
        Says whether the submission beats another one beyond luck
        (:func:`practice.board.ladder.beats`), by that one's position in ``before``. Asked at most
        once, and under ``ladder`` alone.

    Returns
    -------
    float or None
        ``full``: the score; ``rounded``: to that many decimals; ``ladder``: the score rounded to
        multiples of the step where it is a new best, else the best again [1]_; ``blind``: None.

    Notes
    -----
    A new best of the Ladder is better than the best released before by at least the step, and
    better than the submission which that was said of, in a paired comparison. [1]_ asks for the
    one (algorithm 1) or for one standard error (algorithm 3); either alone is climbed, see
    ``practice demo ladder``.

    References
    ----------
    .. [1] A. Blum and M. Hardt, "The Ladder: A Reliable Leaderboard for Machine Learning
       Competitions", ICML 2015, algorithms 1 and 3.

    Examples
    --------
    >>> surely = lambda position: True
    >>> release(Policy("ladder"), 0.8149, [0.81], True, surely)
    0.81
    >>> release(Policy("ladder"), 0.8249, [0.81], True, surely)
    0.82
    >>> release(Policy("ladder"), 0.8249, [0.81], True, lambda position: False)
    0.81
    """
    if policy.kind == "full":
        return value
    if policy.kind == "rounded":
        return round(value, policy.digits)
    if policy.kind == "blind":
        return None
    rounded = to_step(value, policy.ladder.step)
    if not before:
        return rounded
    best = max(before) if greater_is_better else min(before)
    # The first of those with this value set it; it was repeated to those after it.
    new = reaches(value, best, greater_is_better, policy.ladder) and beats(before.index(best))
    return rounded if new else best
