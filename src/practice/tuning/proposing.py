"""Proposers of our own making: random search, grid, and a class in a file of the user's."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from practice.errors import NotFoundError, PracticeError
from practice.tuning.evaluator import Order
from practice.tuning.records import Configuration, Row
from practice.tuning.strategy import Exhausted, Problem

__all__ = ["Grid", "OwnFile", "Random"]


class Random:
    """Draws every configuration independently.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem) -> None:
        self._space = problem.space
        self._rng = np.random.default_rng([problem.seed, 1])

    def ask(self) -> Configuration:
        """Draw."""
        return self._space.at(self._rng.random(len(self._space.parameters)))

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        """Return the name."""
        return {"name": "random"}


class Grid:
    """Tries all combinations of a few values per parameter, in random order.

    Parameters
    ----------
    problem : Problem
    levels : int
        Values per range; a parameter with choices has all of them.
    """

    def __init__(self, problem: Problem, levels: int = 3) -> None:
        self._levels = levels
        self._points = problem.space.grid(levels)
        rng = np.random.default_rng([problem.seed, 2])
        self._order: list[int] = rng.permutation(len(self._points)).tolist()

    def ask(self) -> Configuration:
        """Take the next combination."""
        if not self._order:
            raise Exhausted
        return self._points[self._order.pop()]

    def tell(self, row: Row) -> None:
        """Learn nothing."""

    def described(self) -> dict[str, Any]:
        """Return name and arguments."""
        return {"name": "grid", "levels": self._levels}


class OwnFile:
    """A class in a Python file: ``class Anything: __init__(problem), ask(), tell(row)``.

    Where the class has ``should_stop(row)`` it stops trials by itself, in the ``order`` that it
    names ("folds" where it names none).

    Parameters
    ----------
    problem : Problem
    path : Path

    Raises
    ------
    NotFoundError
        There is no such file.
    PracticeError
        It cannot be run, holds no such class or several, or the class cannot be made.
    """

    def __init__(self, problem: Problem, path: Path) -> None:
        self._path = path
        try:
            self._source = path.read_bytes()
        except OSError as error:
            raise NotFoundError(
                f"{path}: cannot be read: {error.strerror or error}", "--strategy tpe, or a file"
            ) from None
        made = _only_class(_loaded(path), path)
        try:
            self.made: Any = made(problem)
        except Exception as error:
            raise PracticeError(
                f"{path}: {made.__name__}(problem) fails: {_said(error)}",
                "docs/tuning.md shows a strategy of one's own",
            ) from error

    def ask(self) -> Configuration:
        """Ask the class."""
        try:
            asked: Configuration = dict(self.made.ask())
        except (Exhausted, PracticeError):
            raise
        except Exception as error:
            raise PracticeError(
                f"{self._path}: ask() fails: {_said(error)}", f"python {self._path}"
            ) from error
        return asked

    def tell(self, row: Row) -> None:
        """Tell the class."""
        try:
            self.made.tell(row)
        except Exception as error:
            raise PracticeError(
                f"{self._path}: tell(row) fails: {_said(error)}", f"python {self._path}"
            ) from error

    @property
    def stops(self) -> bool:
        """Whether the class has ``should_stop``."""
        return callable(getattr(self.made, "should_stop", None))

    @property
    def order(self) -> Order:
        """How trials are evaluated."""
        return "rounds" if getattr(self.made, "order", "folds") == "rounds" else "folds"

    def should_stop(self, row: Row) -> bool:
        """Ask the class."""
        try:
            return bool(self.made.should_stop(row))
        except Exception as error:
            raise PracticeError(
                f"{self._path}: should_stop(row) fails: {_said(error)}", f"python {self._path}"
            ) from error

    def described(self) -> dict[str, Any]:
        """Return the file's name and hash."""
        return {"name": self._path.name, "sha256": hashlib.sha256(self._source).hexdigest()}


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"practice_strategy_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PracticeError(f"{path} is no Python file", "name a .py file, or --strategy tpe")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass in the file looks its module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PracticeError(f"{path} fails: {_said(error)}", f"python {path}") from error
    return module


def _only_class(module: ModuleType, path: Path) -> Any:
    """Return the one class of the file that can ask and tell."""
    found = [
        each
        for each in vars(module).values()
        if inspect.isclass(each)
        and each.__module__ == module.__name__
        and all(callable(getattr(each, name, None)) for name in ("ask", "tell"))
    ]
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in found) or "none"
        raise PracticeError(
            f"{path} must hold one class with ask() and tell(row); it holds {names}",
            "docs/tuning.md shows a strategy of one's own",
        )
    return found[0]


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
