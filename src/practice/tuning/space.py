"""What is tuned: a search space as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError, UsageError

if TYPE_CHECKING:
    import optuna

__all__ = ["Parameter", "Space", "shared_points"]

Value = float | int | str | bool

_DIGITS = 6  # significant digits of a number: what differs less is the same configuration


@dataclass(frozen=True)
class Parameter:
    """One dimension of a search space: a range of numbers, or a few choices.

    Parameters
    ----------
    name : str
    low, high : float
        Both included. Whole numbers where ``whole``.
    log : bool
        Searched on a logarithmic scale.
    whole : bool
    zero : bool
        ``low`` stands for 0, which a logarithmic scale cannot hold.
    choices : tuple
        Values without an order, instead of a range.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    whole: bool = False
    zero: bool = False
    choices: tuple[Value, ...] = ()

    def at(self, place: float) -> Value:
        """Return the value at a place between 0 and 1.

        Examples
        --------
        >>> Parameter("depth", 1, 8, whole=True).at(0.99), Parameter("C", 0.01, 100, log=True).at(
        ...     0.5
        ... )
        (8, 1.0)
        """
        if self.choices:
            return self.choices[min(int(place * len(self.choices)), len(self.choices) - 1)]
        # A whole number owns the half on either side of it, so that the ends are as likely.
        half = 0.5 if self.whole else 0.0
        low, high = self.low - half, self.high + half
        if self.log:
            value = math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
        else:
            value = low + place * (high - low)
        return self.value(min(max(value, self.low), self.high))

    def place(self, value: Value) -> float:
        """Return where a value lies between 0 and 1; :meth:`at` leads back.

        Examples
        --------
        >>> Parameter("kind", choices=("a", "b")).place("b")
        0.75
        """
        if self.choices:
            return (self.choices.index(value) + 0.5) / len(self.choices)
        half = 0.5 if self.whole else 0.0
        number = self.number(value)
        low, high = self.low - half, self.high + half
        if self.log:
            return (math.log(number) - math.log(low)) / (math.log(high) - math.log(low))
        return (number - low) / (high - low)

    def number(self, value: Value) -> float:
        """Return the coordinate of a value of a range: ``low`` where it stands for 0."""
        return self.low if self.zero and value == 0 else float(value)

    def value(self, number: float) -> Value:
        """Return the value at a coordinate of a range, as a solution takes it."""
        if self.whole:
            return round(number)
        rounded = min(max(float(f"{number:.{_DIGITS}g}"), self.low), self.high)
        return 0.0 if self.zero and rounded <= self.low else rounded

    def holds(self, value: Any) -> bool:
        """Say whether a value belongs to the parameter."""
        if self.choices:
            return isinstance(value, str | int | float) and value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not math.isfinite(value):
            return False
        if self.whole and value != int(value):
            return False
        return self.low <= self.number(value) <= self.high


@dataclass(frozen=True)
class Space:
    """A search space and its default configuration.

    Parameters
    ----------
    parameters : tuple of Parameter
    default : mapping of str to value
        The solution as it comes; a point of the space.

    Examples
    --------
    >>> space = Space((Parameter("C", 0.01, 100, log=True),), {"C": 1.0})
    >>> space.at(np.array([0.25]))
    {'C': 0.1}
    >>> space.canonical({"C": 0.12345678})
    {'C': 0.123457}
    """

    parameters: tuple[Parameter, ...]
    default: Mapping[str, Value]

    def at(self, places: NDArray[np.float64]) -> dict[str, Value]:
        """Return the configuration at a point of the unit cube.

        Parameters
        ----------
        places : ndarray of float64, shape (parameters,)

        Returns
        -------
        dict
        """
        return {p.name: p.at(float(x)) for p, x in zip(self.parameters, places, strict=True)}

    def places(self, configuration: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return the point of the unit cube of a configuration, of shape (parameters,)."""
        return np.array([p.place(configuration[p.name]) for p in self.parameters])

    def canonical(self, configuration: Mapping[str, Any]) -> dict[str, Value]:
        """Return a configuration as it is recorded: checked, in order, numbers rounded.

        Raises
        ------
        UsageError
            A parameter is missing, unknown, or outside its range.
        """
        names = [p.name for p in self.parameters]
        if set(configuration) != set(names):
            raise UsageError(
                f"configuration {dict(configuration)} does not have the space's parameters",
                f"they are {', '.join(names)}",
            )
        found: dict[str, Value] = {}
        for p in self.parameters:
            value = configuration[p.name]
            value = value.item() if isinstance(value, np.generic) else value
            if not p.holds(value):
                allowed = p.choices or f"{p.low:g} to {p.high:g}{', whole' * p.whole}"
                raise UsageError(f"{p.name} = {value!r} is outside its range", f"{allowed}")
            found[p.name] = value if p.choices else p.value(p.number(value))
        return found

    @cached_property
    def distributions(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """The space in Optuna's terms; a value that stands for 0 is ``low`` there."""
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        found: dict[str, Any] = {}
        for p in self.parameters:
            if p.choices:
                found[p.name] = CategoricalDistribution(p.choices)
            elif p.whole:
                found[p.name] = IntDistribution(int(p.low), int(p.high), log=p.log)
            else:
                found[p.name] = FloatDistribution(p.low, p.high, log=p.log)
        return found

    def to_optuna(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Return a configuration in Optuna's coordinates."""
        return {
            p.name: configuration[p.name]
            if p.choices or p.whole
            else p.number(configuration[p.name])
            for p in self.parameters
        }

    def from_optuna(self, coordinates: Mapping[str, Any]) -> dict[str, Value]:
        """Return the configuration at Optuna's coordinates."""
        return {
            p.name: coordinates[p.name] if p.choices else p.value(coordinates[p.name])
            for p in self.parameters
        }

    def grid(self, levels: int) -> list[dict[str, Value]]:
        """Return all combinations of so many evenly spaced values per parameter, without repeats.

        Examples
        --------
        >>> space = Space((Parameter("n", 1, 3, whole=True), Parameter("x")), {"n": 1, "x": 0.5})
        >>> len(space.grid(2)), space.grid(2)[0]
        (4, {'n': 1, 'x': 0.25})
        """
        axes = []
        for p in self.parameters:
            count = len(p.choices) or levels
            axes.append(list(dict.fromkeys(p.at((i + 0.5) / count) for i in range(count))))
        names = [p.name for p in self.parameters]
        return [dict(zip(names, values, strict=True)) for values in product(*axes)]

    def described(self) -> dict[str, Any]:
        """Return the space as JSON can hold it."""
        parameters = [
            {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(p).items()}
            for p in self.parameters
        ]
        return {"parameters": parameters, "default": dict(self.default)}


def key(configuration: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return what tells configurations apart."""
    return tuple(sorted(configuration.items()))


def shared_points(space: Space, seed: int, count: int = 10) -> list[dict[str, Value]]:
    """Return the configurations that every strategy with this seed begins with.

    The default configuration comes first; ``count`` random ones follow.

    Parameters
    ----------
    space : Space
    seed : int
    count : int

    Returns
    -------
    list of dict

    Raises
    ------
    PracticeError
        The space has no dimension.

    Examples
    --------
    >>> space = Space((Parameter("x"),), {"x": 0.5})
    >>> shared_points(space, 7, 3) == shared_points(space, 7, 9)[:4]
    True
    """
    if not space.parameters:
        raise PracticeError("there is nothing to tune: the search space is empty")
    rng = np.random.default_rng([seed, 0x5EED])
    return [
        space.canonical(space.default),
        *(space.at(rng.random(len(space.parameters))) for _ in range(count)),
    ]
