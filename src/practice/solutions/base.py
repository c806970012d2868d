"""What a solution is: fitted on rows, predicts scores, decides what to hand in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import UsageError
from practice.solutions.columns import Roles
from practice.solutions.decisions import Decision, Goal, Judge, decide

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Floats", "Model", "Solution"]

Floats = NDArray[np.float64]


class Model(ABC):
    """One model of a solution, made for a goal and a table's columns.

    Obligations of a subclass: ``fit`` may be called once; the same rows, target and seed give the
    same predictions, bit for bit, whatever the number of processors; nothing outside the rows given
    is read; ``predict`` changes nothing.

    Parameters
    ----------
    goal : Goal
        What is learned.
    roles : Roles
        The columns of the frames that ``fit`` and ``predict`` get.
    parameters : mapping of str to object
        Those of the solution, all of them.
    """

    def __init__(self, goal: Goal, roles: Roles, parameters: Mapping[str, Any]) -> None:
        self.goal = goal
        self.roles = roles
        self.parameters = dict(parameters)

    @abstractmethod
    def fit(self, frame: pd.DataFrame, y: NDArray[Any], seed: int) -> None:
        """Learn from rows.

        Parameters
        ----------
        frame : DataFrame, shape (rows, columns)
        y : ndarray, shape (rows,)
            Class codes (int64), or numbers (float64) on the scale that ``goal`` says.
        seed : int
        """

    @abstractmethod
    def predict(self, frame: pd.DataFrame) -> Floats:
        """Score rows.

        Parameters
        ----------
        frame : DataFrame, shape (rows, columns)

        Returns
        -------
        ndarray of float64
            Probabilities of shape (rows, classes), or numbers of shape (rows,).
        """

    def decide(self, oof: Floats, y: NDArray[Any], judge: Judge) -> Decision:
        """Choose how scores become predictions, from out-of-fold scores alone.

        Parameters
        ----------
        oof : ndarray
            Out-of-fold scores, as ``predict`` returns them.
        y : ndarray, shape (rows,)
            The target of those rows.
        judge : callable
            The metric of those rows' predictions; more is better.

        Returns
        -------
        Decision
        """
        return decide(self.goal, oof, y, judge)


@dataclass(frozen=True)
class Solution:
    """A way to solve competitions: a name, a sentence, parameters, and how to make its model.

    Parameters
    ----------
    name : str
    description : str
        One line for people who meet it on a board.
    make : callable
        ``make(goal, roles, parameters) -> Model``.
    parameters : mapping of str to object
        Every parameter with its default.
    text_parameters : mapping of str to object
        Defaults that differ, and parameters that are there only, where a column is text.
    engineered : bool
        Works on the columns that the competition's ``features.py`` makes.

    Examples
    --------
    >>> from practice.solutions import get
    >>> get("knn").name, get("knn").with_parameters(neighbours=3).parameters["neighbours"]
    ('knn', 3)
    """

    name: str
    description: str
    make: Callable[[Goal, Roles, Mapping[str, Any]], Model]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    text_parameters: Mapping[str, Any] = field(default_factory=dict)
    engineered: bool = False

    def with_parameters(self, **changes: Any) -> Solution:
        """Return the solution with other parameters.

        Raises
        ------
        UsageError
            It has no parameter of that name.
        """
        every = {**self.parameters, **self.text_parameters}
        for name in changes:
            if name not in every:
                known = ", ".join(every) or "none"
                raise UsageError(
                    f"solution {self.name!r} has no parameter {name!r}", f"its parameters: {known}"
                )
        return Solution(
            self.name,
            self.description,
            self.make,
            {name: changes.get(name, value) for name, value in self.parameters.items()},
            {**self.text_parameters, **changes},
            self.engineered,
        )

    def parameters_for(self, roles: Roles) -> dict[str, Any]:
        """Return the parameters in force on a table with these columns."""
        return {**self.parameters, **(self.text_parameters if roles.texts else {})}
