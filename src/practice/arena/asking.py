"""What is asked of a comparison: laid down before anything runs, and found again later."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from practice.arena.holding import HIDDEN, REPLICATES, Hidden, Hold, hidden_rows, holds_of
from practice.arena.recording import stored, write_comparison
from practice.arena.records import Comparison
from practice.errors import StoreError, UsageError
from practice.settings import Settings
from practice.solutions.data import Dataset
from practice.solutions.registry import get, must_suit
from practice.solutions.run import must_be_learnable
from practice.store.files import make_private
from practice.tuning.manifest import (
    canonical_hash,
    described_data,
    environment,
    folds_hash,
    now,
    versions,
)
from practice.tuning.outer import available, outer_splits
from practice.tuning.searching import SHARED
from practice.tuning.spaces import space_for
from practice.tuning.strategies import make, must_differ
from practice.tuning.strategy import Problem

__all__ = ["OUTER", "REFERENCE", "Question", "begin", "must_be_askable", "shape_of"]

OUTER = 4  # outer splits, where there are folds for so many
REFERENCE = "random"


@dataclass(frozen=True)
class Question:
    """What is to be compared, and how thoroughly.

    Parameters
    ----------
    strategies : tuple of str
        As :func:`practice.tuning.strategies.make` takes them.
    reference : str or None
        What the others are compared with; None: random search if it is among them, else the first.
    solution : str
    repeats : int
        Pairs of an outer split and a seed, at least.
    work : float
        Budget of every run, in full trials.
    rounds : int
        Of boosting, at most.
    hidden : bool
        Judge by the competition's own hidden rows, too, once they are revealed.

    Raises
    ------
    UsageError
        Fewer than two strategies, one twice, a reference that is not among them, or a number that
        is too small.
    """

    strategies: tuple[str, ...] = ("random", "tpe", "cmaes")
    reference: str | None = None
    solution: str = "lightgbm"
    repeats: int = 20
    work: float = 100
    rounds: int = 300
    hidden: bool = False

    def __post_init__(self) -> None:
        named = self.strategies
        if len(named) < 2:
            raise UsageError("a comparison needs two strategies", "--strategies random,tpe")
        must_differ(named)
        if self.reference is not None and self.reference not in named:
            raise UsageError(
                f"the reference {self.reference!r} is not among the strategies",
                f"--reference {named[0]}",
            )
        for option, value in (("repeats", self.repeats), ("work", self.work)):
            if not 1 <= value < math.inf:
                raise UsageError(f"--{option} {value} is below 1", f"--{option} 20")
        if self.rounds < 1:
            raise UsageError(f"--rounds {self.rounds} is below 1", "--rounds 300")

    @property
    def compared_with(self) -> str:
        """The reference."""
        usual = REFERENCE if REFERENCE in self.strategies else self.strategies[0]
        return self.reference or usual


def shape_of(dataset: Dataset, question: Question) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the numbers of the outer splits, and the seeds.

    Twenty repeats are four outer splits and five seeds, so that a claim is about the competition
    and not about one lucky hold-out.

    Parameters
    ----------
    dataset : Dataset
    question : Question

    Returns
    -------
    outer, seeds : tuple of int
    """
    count = max(1, min(OUTER, available(dataset), question.repeats))
    outer = tuple(each.number for each in outer_splits(dataset, count))
    seeds = tuple(range(math.ceil(question.repeats / count)))
    return (*outer, *([HIDDEN] if question.hidden else [])), seeds


def must_be_askable(settings: Settings, dataset: Dataset, question: Question) -> None:
    """Refuse what :func:`begin` would refuse of a new comparison, before others are begun.

    Parameters
    ----------
    settings : Settings
    dataset : Dataset
    question : Question

    Raises
    ------
    PracticeError
        As :func:`begin` does, and where hidden rows are asked for before the reveal.
    """
    if question.hidden:
        hidden_rows(dataset, settings)
    _identity(dataset, question, *shape_of(dataset, question))


def begin(
    settings: Settings,
    dataset: Dataset,
    question: Question,
    hidden: Hidden | None,
    *,
    fresh: bool = False,
) -> tuple[Path, Comparison]:
    """Return the folder and record of a comparison: of the one that asked the same, or a new one.

    The hidden rows are added to a comparison that was made without them.

    Parameters
    ----------
    settings : Settings
    dataset : Dataset
    question : Question
    hidden : Hidden or None
    fresh : bool
        Begin a new one in any case.

    Returns
    -------
    folder : Path
    comparison : Comparison

    Raises
    ------
    StoreError
        The same was asked before, of other data or with other versions.
    NotFoundError
        No such solution or strategy.
    PracticeError
        A strategy needs a library that is missing, or the solution has nothing to tune.
    """
    outer, seeds = shape_of(dataset, question)
    identity = _identity(dataset, question, outer, seeds)
    if not fresh:
        for folder, before in stored(settings, dataset.competition.slug):
            if _asks(before, question) and (_drawn(before.outer), before.seeds) == (
                _drawn(outer),
                seeds,
            ):
                _must_agree(before, {**identity, "outer": list(before.outer)})
                if HIDDEN in outer and HIDDEN not in before.outer:
                    before = _with_hidden(before, dataset, hidden)
                    write_comparison(folder, before)
                return folder, before
    holds = holds_of(dataset, outer, hidden)
    make_private(settings.arena)
    folder = _new_folder(settings.arena, dataset.competition.slug, question.solution)
    comparison = _comparison(folder.name, dataset, question, holds, identity)
    write_comparison(folder, comparison)
    return folder, comparison


def _asks(before: Comparison, question: Question) -> bool:
    """Say whether a stored comparison asks the same but for its splits and seeds."""
    return (
        before.solution == question.solution
        and before.strategies == question.strategies
        and before.reference == question.compared_with
        and before.work == question.work
        and before.rounds == question.rounds
    )


def _drawn(outer: tuple[int, ...]) -> tuple[int, ...]:
    """Return the splits that are drawn from the training rows."""
    return tuple(number for number in outer if number != HIDDEN)


def _with_hidden(before: Comparison, dataset: Dataset, hidden: Hidden | None) -> Comparison:
    """Return a comparison with the hidden rows as one more split."""
    hold = holds_of(dataset, (*before.outer, HIDDEN), hidden)[HIDDEN]
    identity = {**before.identity, "outer": [*before.outer, HIDDEN]}
    return replace(
        before,
        outer=(*before.outer, HIDDEN),
        held_rows=(*before.held_rows, hold.rows),
        plans=(*before.plans, hold.plan.id if hold.plan is not None else ""),
        hash=canonical_hash(identity),
        identity=identity,
    )


def _must_agree(before: Comparison, identity: dict[str, Any]) -> None:
    """Refuse to go on with a comparison whose runs would not be of one kind."""
    for name, new in identity.items():
        old = before.identity.get(name)
        if old == new:
            continue
        if name == "versions" and isinstance(old, dict):
            changed = [each for each in sorted({*old, *new}) if old.get(each) != new.get(each)]
            name = f"the version of {', '.join(changed)}"
        raise StoreError(
            f"{before.id} cannot be gone on with: {name} changed since it began",
            f"practice compare {before.slug} --show shows it; --fresh begins another",
        )


def _identity(
    dataset: Dataset, question: Question, outer: tuple[int, ...], seeds: tuple[int, ...]
) -> dict[str, Any]:
    """Return all that the results depend on."""
    solution = get(question.solution)
    must_suit(solution, dataset)
    must_be_learnable(dataset, solution)
    space = space_for(solution, dataset.table_for(solution).roles)
    problem = Problem(space, 0, len(dataset.splits) - 1)
    return {
        "competition": dataset.competition.slug,
        "data": described_data(dataset),
        "folds": {"count": len(dataset.splits), "sha256": folds_hash(dataset)},
        "solution": question.solution,
        "space": space.described(),
        "metric": {
            "name": dataset.metric.name,
            "greater_is_better": dataset.metric.greater_is_better,
        },
        "strategies": [
            {"name": name, **make(name, problem).described()} for name in question.strategies
        ],
        "reference": question.compared_with,
        "outer": list(outer),
        "seeds": list(seeds),
        "work": question.work,
        "rounds": question.rounds,
        "shared_points": SHARED,
        "replicates": REPLICATES,
        "versions": dict(versions()),
    }


def _comparison(
    name: str,
    dataset: Dataset,
    question: Question,
    holds: dict[int, Hold],
    identity: dict[str, Any],
) -> Comparison:
    outer = tuple(identity["outer"])
    plans = (holds[number].plan for number in outer)
    return Comparison(
        id=name,
        slug=dataset.competition.slug,
        solution=question.solution,
        strategies=question.strategies,
        reference=question.compared_with,
        outer=outer,
        seeds=tuple(identity["seeds"]),
        work=question.work,
        rounds=question.rounds,
        metric=dataset.metric.name,
        greater_is_better=dataset.metric.greater_is_better,
        held_rows=tuple(holds[number].rows for number in outer),
        plans=tuple(plan.id if plan is not None else "" for plan in plans),
        created=now(),
        hash=canonical_hash(identity),
        identity=identity,
        environment=environment(),
    )


def _new_folder(arena: Path, slug: str, solution: str) -> Path:
    """Return a folder that does not exist yet."""
    number = 1
    while (arena / f"{slug}-{solution}-{number}").exists():
        number += 1
    return arena / f"{slug}-{solution}-{number}"
