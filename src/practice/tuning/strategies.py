"""The strategies there are, by name: ``tpe``, ``random+none``, ``halving``, ``own.py``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import MappingProxyType

from practice.errors import NotFoundError, UsageError
from practice.tuning.ownfile import OwnFile
from practice.tuning.proposing import Grid, Random
from practice.tuning.sampling import SAMPLERS, FlamlProposer, OptunaProposer
from practice.tuning.stopping import STOPPERS
from practice.tuning.strategy import Composed, Problem, Proposer, Strategy

__all__ = [
    "DEFAULT",
    "DEFAULT_STOPPER",
    "SUMMARIES",
    "elsewhere",
    "make",
    "must_differ",
    "names",
    "own_file",
]

DEFAULT = "tpe"
DEFAULT_STOPPER = "forgiving"

_PROPOSERS: Mapping[str, Callable[[Problem], Proposer]] = {
    "random": Random,
    "grid": Grid,
    **{name: partial(OptunaProposer, name=name) for name in SAMPLERS},
    **{name: partial(FlamlProposer, name=name) for name in ("flaml-cfo", "flaml-blendsearch")},
}

SUMMARIES: Mapping[str, str] = {
    "tpe": "Optuna 5's TPE: models which regions are good, all parameters together",
    "tpe-univariate": "Optuna 4's TPE: every parameter by itself",
    "random": "draws configurations independently",
    "grid": "all combinations of three values per parameter, in random order",
    "qmc": "a scrambled Sobol sequence: even coverage",
    "cmaes": "CMA-ES: an evolving normal distribution",
    "nsga2": "a genetic algorithm, 20 in a generation",
    "gp": "Gaussian process; needs torch",
    "flaml-cfo": "FLAML's CFO: local search from the best point; needs flaml",
    "flaml-blendsearch": "FLAML's BlendSearch: CFO and TPE; needs flaml",
    "halving": "random search, and at each rung the best third goes on",
    "hyperband": "halving at several levels of caution",
}
_ALIASES = {"halving": "random+halving", "hyperband": "random+hyperband"}
_ELSEWHERE: ContextVar[Mapping[str, Path]] = ContextVar("_ELSEWHERE", default=MappingProxyType({}))


def names() -> tuple[str, ...]:
    """Return the names of all strategies.

    Examples
    --------
    >>> names()[0]
    'tpe'
    """
    return tuple(SUMMARIES)


def make(name: str, problem: Problem) -> Strategy:
    """Make a strategy.

    Parameters
    ----------
    name : str
        One of :func:`names` or the path of a Python file, and behind a plus sign how trials are
        stopped: ``none``, ``forgiving`` (the default), ``median``, ``halving``, ``hyperband``. A
        class in a file that has ``should_stop`` and ``order`` stops by itself.
    problem : Problem

    Returns
    -------
    Strategy

    Raises
    ------
    NotFoundError
        There is no such strategy, way of stopping, or file.
    PracticeError
        It needs a library that is not installed, or its file is at fault.

    Examples
    --------
    >>> from practice.tuning.space import Parameter, Space
    >>> problem = Problem(Space((Parameter("x"),), {"x": 0.5}), seed=0, folds=5)
    >>> make("halving", problem).order, make("random", problem).order
    ('rounds', 'folds')
    >>> make("tpee", problem)
    Traceback (most recent call last):
    ...
    practice.errors.NotFoundError: no strategy 'tpee'; did you mean 'tpe'?
    """
    proposer, stopper = _parted(_ALIASES.get(name, name))
    if stopper is not None and stopper not in STOPPERS:
        raise NotFoundError(
            f"no way of stopping {stopper!r}", f"behind the plus sign: {', '.join(STOPPERS)}"
        )
    if proposer.endswith(".py"):
        own = OwnFile(problem, _ELSEWHERE.get().get(proposer, Path(proposer)))
        if stopper is None and own.stops:
            return own
        return Composed(own, STOPPERS[stopper or DEFAULT_STOPPER]())
    if proposer not in _PROPOSERS:
        close = difflib.get_close_matches(proposer, SUMMARIES, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise NotFoundError(
            f"no strategy {proposer!r}{meant}",
            f"strategies: {', '.join(SUMMARIES)}, or a Python file",
        )
    return Composed(_PROPOSERS[proposer](problem), STOPPERS[stopper or DEFAULT_STOPPER]())


def must_differ(named: Sequence[str]) -> None:
    """Refuse a strategy that is named twice.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> must_differ(["tpe", "random"])
    >>> must_differ(["tpe", "tpe"])
    Traceback (most recent call last):
    ...
    practice.errors.UsageError: strategy 'tpe' is named twice
    """
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"strategy {twice!r} is named twice", "name it once")


def own_file(name: str) -> str | None:
    """Return the path in the name of a strategy, or None where it names no file.

    Examples
    --------
    >>> own_file("tpe+median"), own_file("mine/own.py+median")
    (None, 'mine/own.py')
    """
    proposer, _ = _parted(name)
    return proposer if proposer.endswith(".py") else None


@contextmanager
def elsewhere(files: Mapping[str, Path]) -> Iterator[None]:
    """Let :func:`make` read strategies' files elsewhere while the block runs, in its thread.

    Parameters
    ----------
    files : mapping of str to Path
        By the path that the strategies name.
    """
    before = _ELSEWHERE.set(files)
    try:
        yield
    finally:
        _ELSEWHERE.reset(before)


def _parted(name: str) -> tuple[str, str | None]:
    """Return what proposes and what stops; a file's name may hold a plus sign."""
    first, plus, last = name.rpartition("+")
    return (first, last) if plus and not last.endswith(".py") else (name, None)
