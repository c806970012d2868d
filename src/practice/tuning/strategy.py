"""The contract of strategies: ask, tell, should_stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from practice.tuning.evaluator import Order
from practice.tuning.records import Configuration, Row
from practice.tuning.space import Space

__all__ = ["Composed", "Exhausted", "Problem", "Proposer", "Stopper", "Strategy"]


class Exhausted(Exception):  # noqa: N818 (an end, not an error)
    """Raised by ``ask`` when there is nothing left to try."""


@dataclass(frozen=True)
class Problem:
    """What a strategy is told before it begins.

    Parameters
    ----------
    space : Space
    seed : int
    folds : int
        Of the cross-validation.
    """

    space: Space
    seed: int
    folds: int


class Proposer(Protocol):
    """Chooses configurations.

    Obligations: it sees cross-validation alone; the same seed and the same rows told give the same
    configurations to the bit, in any process on any day (no clock, no global random state); every
    trial is told, also those of the shared first points, which were never asked for; a trial may be
    told with less than its whole evaluation (``stopped``), as ``failed`` without a score, or as
    ``duplicate`` with the scores of the earlier trial.
    """

    def ask(self) -> Configuration:
        """Return the next configuration: every parameter of the space, inside its range.

        Raises
        ------
        Exhausted
            There is nothing left to try.
        """

    def tell(self, row: Row) -> None:
        """Take in a trial's last row."""

    def described(self) -> dict[str, Any]:
        """Return all arguments in force, as JSON can hold them: part of the run's identity."""


class Stopper(Protocol):
    """Says which trials are not worth finishing; the obligations of :class:`Proposer` hold."""

    @property
    def order(self) -> Order:
        """How trials are evaluated: folds in turn, or all together by rounds."""

    def should_stop(self, row: Row) -> bool:
        """Say whether to give a trial up after this rung.

        It is asked once for every rung of a trial but the last, in order.
        """

    def tell(self, row: Row) -> None:
        """Take in a trial's last row."""

    def described(self) -> dict[str, Any]:
        """Return all arguments in force, as JSON can hold them."""


class Strategy(Proposer, Stopper, Protocol):
    """A proposer and a stopper in one."""


@dataclass
class Composed:
    """A strategy made of a proposer and a stopper.

    Parameters
    ----------
    proposer : Proposer
    stopper : Stopper
    """

    proposer: Proposer
    stopper: Stopper

    @property
    def order(self) -> Order:
        """How trials are evaluated."""
        return self.stopper.order

    def ask(self) -> Configuration:
        """Ask the proposer."""
        return self.proposer.ask()

    def should_stop(self, row: Row) -> bool:
        """Ask the stopper."""
        return self.stopper.should_stop(row)

    def tell(self, row: Row) -> None:
        """Tell both."""
        self.stopper.tell(row)
        self.proposer.tell(row)

    def described(self) -> dict[str, Any]:
        """Describe both."""
        return {"proposer": self.proposer.described(), "stopper": self.stopper.described()}
