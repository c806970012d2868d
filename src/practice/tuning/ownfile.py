"""A strategy that is a class in a file of the user's, held to its contract in words."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from practice.errors import NotFoundError, PracticeError, UsageError
from practice.tuning.evaluator import Order
from practice.tuning.records import Configuration, Row
from practice.tuning.strategy import Exhausted, Problem

__all__ = ["OwnFile"]

_SHOWN = "docs/tuning.md shows a strategy of one's own"
_DEBUG = "PRACTICE_DEBUG=1 before the command shows the whole traceback"


class OwnFile:
    """A class in a Python file: ``class Anything: __init__(problem), ask(), tell(row)``.

    Where the class has ``should_stop(row)`` it stops trials by itself, in the ``order`` that it
    names ("folds" where it names none). What it prints goes to stderr.

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
        self._path, self._space = path, problem.space
        try:
            self._source = path.read_bytes()
        except OSError as error:
            raise NotFoundError(
                f"{path}: cannot be read: {error.strerror or error}", "--strategy tpe, or a file"
            ) from None
        made = _only_class(_loaded(path), path)
        self._name = f"{path}: {made.__name__}"
        with _guarded(path, f"{self._name}(problem)"):
            self.made: Any = made(problem)
        if self.stops:
            self._must_be_an_order(getattr(self.made, "order", "folds"))

    def _must_be_an_order(self, order: object) -> None:
        if not isinstance(order, str) or order not in get_args(Order):
            known = " or ".join(repr(each) for each in get_args(Order))
            raise PracticeError(f"{self._name}.order is {order!r}, not {known}", _SHOWN)

    def ask(self) -> Configuration:
        """Ask the class.

        Raises
        ------
        Exhausted
            As the class does.
        PracticeError
            It fails, or what it proposes does not belong to the space.
        """
        with _guarded(self._path, f"{self._name}.ask()", passing=Exhausted):
            asked = dict(self.made.ask())
        try:
            return self._space.canonical(asked)
        except UsageError as error:
            raise PracticeError(
                f"{self._name}.ask() proposes what is not in the space: {error.message} "
                f"({error.hint})",
                _SHOWN,
            ) from None

    def tell(self, row: Row) -> None:
        """Tell the class."""
        with _guarded(self._path, f"{self._name}.tell(row)"):
            self.made.tell(row)

    @property
    def stops(self) -> bool:
        """Whether the class has ``should_stop``."""
        return callable(getattr(self.made, "should_stop", None))

    @property
    def order(self) -> Order:
        """How trials are evaluated."""
        return "rounds" if getattr(self.made, "order", "folds") == "rounds" else "folds"

    def should_stop(self, row: Row) -> bool:
        """Ask the class.

        Raises
        ------
        PracticeError
            It fails, or gives up trial 0, with which all others are compared.
        """
        with _guarded(self._path, f"{self._name}.should_stop(row)"):
            stop = bool(self.made.should_stop(row))
        if stop and row.trial == 0:
            raise PracticeError(
                f"{self._name}.should_stop(row) gives up trial 0, the default configuration, with "
                "which all are compared",
                "return False where row.trial == 0",
            )
        return stop

    def described(self) -> dict[str, Any]:
        """Return the file's name and hash."""
        return {"name": self._path.name, "sha256": hashlib.sha256(self._source).hexdigest()}


@contextmanager
def _guarded(
    path: Path, what: str, passing: type[Exception] | tuple[()] = (), hint: str = _DEBUG
) -> Iterator[None]:
    """Run the user's code: what it prints goes to stderr, where it fails it is said in words.

    Parameters
    ----------
    path : Path
        Its file.
    what : str
        What fails where it fails.
    passing : type of exception, optional
        Not a failure.
    hint : str

    Raises
    ------
    PracticeError
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except passing:
        raise
    except (Exception, SystemExit) as error:
        if os.environ.get("PRACTICE_DEBUG"):
            traceback.print_exception(error)
        raise PracticeError(f"{what} fails: {_said(error, path)}", hint) from error


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"practice_strategy_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PracticeError(f"{path} is no Python file", "name a .py file, or --strategy tpe")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass in the file looks its module up
    with _guarded(path, str(path), hint=f"python {path}"):
        spec.loader.exec_module(module)
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
            f"{path} must hold one class with ask() and tell(row); it holds {names}", _SHOWN
        )
    return found[0]


def _said(error: BaseException, path: Path) -> str:
    """Return an error's kind, its text, and the last line of the file that led to it."""
    lines = str(error).strip().splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame.lineno for frame in frames if Path(frame.filename) == path.absolute()]
    where = f" (line {own[-1]})" if own else ""
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}{where}"
