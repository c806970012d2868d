"""Which trials are not worth finishing: none, forgiving, median, halving, Hyperband."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from practice.tuning.evaluator import Order
from practice.tuning.records import Row
from practice.tuning.strategy import Stopper

__all__ = ["STOPPERS", "Finish", "Forgiving", "Halving", "Hyperband", "Median", "brackets"]

LEAST_SHARE = 1 / 20  # of a full evaluation before halving first looks: 25 of 500 rounds
FACTOR = 3
_NEARLY = 1e-9  # shares are quotients


class Finish:
    """Finishes every trial."""

    order: Order = "rounds"

    def should_stop(self, row: Row) -> bool:
        """Never."""
        return False

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        """Return the name."""
        return {"name": "none"}


class Forgiving:
    """Stops a trial whose mean over the folds so far is worse than the best trial's worst fold.

    It adapts by itself to the noise between folds, and did not lose the best configuration where it
    was measured [1]_.

    References
    ----------
    .. [1] Bergman, Purucker and Hutter, "Don't waste your time: early stopping cross-validation",
       AutoML 2024.

    Examples
    --------
    >>> rule = Forgiving()
    >>> rule.tell(Row(0, 5, "folds", "complete", {}, 0.30, (0.2, 0.25, 0.3, 0.35, 0.4)))
    >>> [rule.should_stop(Row(1, 2, "folds", "running", {}, mean)) for mean in (0.39, 0.41)]
    [False, True]
    """

    order: Order = "folds"

    def __init__(self) -> None:
        self._best: Row | None = None

    def should_stop(self, row: Row) -> bool:
        """Compare with the worst fold of the best trial."""
        if self._best is None or row.score is None:
            return False
        return row.score > max(self._best.fold_scores)

    def tell(self, row: Row) -> None:
        """Keep the best trial."""
        if not row.counts or row.score is None:
            return
        if self._best is None or self._best.score is None or row.score < self._best.score:
            self._best = row

    def described(self) -> dict[str, Any]:
        """Return the name."""
        return {"name": "forgiving"}


class Median:
    """Stops a trial that is worse than the median of earlier trials at the same rung.

    Parameters
    ----------
    startup : int
        Trials before it begins.
    """

    order: Order = "rounds"

    def __init__(self, startup: int = 5) -> None:
        self._startup = startup
        self._trials = 0
        self._seen: dict[int, list[float]] = defaultdict(list)

    def should_stop(self, row: Row) -> bool:
        """Compare with the median of those that came so far."""
        assert row.score is not None
        earlier = self._seen[row.rung]
        stop = self._trials >= self._startup and bool(earlier) and row.score > median(earlier)
        earlier.append(row.score)
        return stop

    def tell(self, row: Row) -> None:
        """Count the trial."""
        self._trials += 1

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": "median", "startup": self._startup}


class Halving:
    """Successive halving, asynchronously [1]_: of those that reach a rung, the best third goes on.

    Parameters
    ----------
    least : float
        Share of a full evaluation at the first rung; each further one is ``factor`` times that.
    factor : int

    References
    ----------
    .. [1] Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020.

    Examples
    --------
    >>> rule = Halving(least=0.25)
    >>> losses = (0.5, 0.6, 0.4, 0.45)
    >>> [
    ...     rule.should_stop(Row(n, 75, "rounds", "running", {}, loss, share=0.25))
    ...     for n, loss in enumerate(losses)
    ... ]
    [False, True, False, True]
    """

    order: Order = "rounds"

    def __init__(self, least: float = LEAST_SHARE, factor: int = FACTOR) -> None:
        self._least, self._factor = least, factor
        self._rungs: list[list[float]] = []
        self._trial, self._passed = -1, 0

    def should_stop(self, row: Row) -> bool:
        """Compare with all that reached the rung before."""
        assert row.score is not None
        if row.trial != self._trial:
            self._trial, self._passed = row.trial, 0
        while self._least * self._factor**self._passed <= row.share + _NEARLY:
            if self._passed == len(self._rungs):
                self._rungs.append([])
            reached = self._rungs[self._passed]
            self._passed += 1
            insort(reached, row.score)
            if bisect_left(reached, row.score) >= max(1, len(reached) // self._factor):
                return True
        return False

    def tell(self, row: Row) -> None:
        """Learn nothing: rungs were counted as they were reached."""

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": "halving", "least": self._least, "factor": self._factor}


def brackets(least: float, factor: int) -> list[tuple[float, int]]:
    """Return the brackets of Hyperband: the share of the first rung, and how many trials.

    They are counted by multiplication: a logarithm loses the last bracket where it falls just short
    of a whole number, as that of 243 to base 3 does.

    Parameters
    ----------
    least : float
        Share of a full evaluation at the first rung of the first bracket.
    factor : int

    Returns
    -------
    list of (float, int)

    Examples
    --------
    >>> len(brackets(1 / 243, 3))
    6
    >>> [count for _, count in brackets(1 / 9, 3)]
    [9, 5, 3]
    """
    shares = [least]
    while shares[-1] * factor <= 1 + _NEARLY:
        shares.append(shares[-1] * factor)
    total = len(shares)
    # Li et al., "Hyperband", JMLR 2018, algorithm 1; -(-a // b) rounds up.
    counts = [-(-total * factor**s // (s + 1)) for s in range(total - 1, -1, -1)]
    return list(zip(shares, counts, strict=True))


class Hyperband:
    """Successive halving at several levels of caution, in turn.

    Parameters
    ----------
    least, factor
        As in :class:`Halving`, of the boldest bracket.
    """

    order: Order = "rounds"

    def __init__(self, least: float = LEAST_SHARE, factor: int = FACTOR) -> None:
        self._least, self._factor = least, factor
        self._brackets: list[Halving] = []
        for share, count in brackets(least, factor):
            self._brackets += [Halving(share, factor)] * count  # one object, as often as its turn

    def should_stop(self, row: Row) -> bool:
        """Ask the trial's bracket."""
        return self._brackets[row.trial % len(self._brackets)].should_stop(row)

    def tell(self, row: Row) -> None:
        """Learn nothing: rungs were counted as they were reached."""

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": "hyperband", "least": self._least, "factor": self._factor}


STOPPERS: Mapping[str, Callable[[], Stopper]] = {
    "none": Finish,
    "forgiving": Forgiving,
    "median": Median,
    "halving": Halving,
    "hyperband": Hyperband,
}
