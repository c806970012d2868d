"""What a configuration is worth: cross-validation, a refit and the folds' models, each once."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practice.arena.holding import Hold
from practice.errors import PracticeError
from practice.solutions.base import Floats, Solution
from practice.solutions.decisions import apply, learned, restored
from practice.solutions.parallel import pool
from practice.solutions.run import judged, predict_test
from practice.tuning.manifest import canonical_hash

__all__ = ["Judged", "judge", "judge_once", "put"]


@dataclass(frozen=True)
class Judged:
    """What a configuration is worth, in the competition's metric and its direction.

    Parameters
    ----------
    cv : float
        Mean over the search's folds; a decision is fitted on the other folds.
    held : float
        Of a model refitted on all rows of the search, on the rows held out.
    ensemble : float
        Of the mean of the folds' models, on the same rows.
    predictions : ndarray
        Of the refitted model, in the order of the rows held out.
    """

    cv: float
    held: float
    ensemble: float
    predictions: NDArray[Any]


def judge(hold: Hold, solution: Solution, seed: int) -> Judged:
    """Judge a solution with the parameters that a search found.

    The models of the folds are fitted once, for cross-validation and ensemble.

    Parameters
    ----------
    hold : Hold
    solution : Solution
    seed : int
        Of the models.

    Returns
    -------
    Judged

    Raises
    ------
    PracticeError
        It cannot be fitted, or its predictions cannot be scored.
    """
    inner = hold.outer.inner
    table = inner.table_for(solution)
    target = learned(inner.goal, inner.y)
    parameters = solution.parameters_for(table.roles)

    def one(split: tuple[NDArray[np.intp], NDArray[np.intp]]) -> tuple[Floats, Floats]:
        fitting, validating = split
        model = solution.make(inner.goal, table.roles, parameters)
        model.fit(table.train.iloc[fitting], target[fitting], seed)
        frames = (table.train.iloc[validating], table.test)
        first, second = (restored(inner.goal, model.predict(frame)) for frame in frames)
        return first, second

    try:
        with pool(len(inner.splits)) as threads:
            found = list(threads.map(one, inner.splits))
        oof = np.full((len(inner.y), *found[0][0].shape[1:]), np.nan)
        for (_, validating), (predicted, _) in zip(inner.splits, found, strict=True):
            oof[validating] = predicted
        scores, decision = judged(inner, solution, table, oof)
        together = apply(inner.goal, decision, np.mean([test for _, test in found], axis=0))
        predictions = predict_test(inner, solution, decision, seed)
    except (ValueError, FloatingPointError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise PracticeError(
            f"{inner.competition.slug}: {solution.name} cannot be refitted: {said[0]}",
            "check the training data, or compare on another solution",
        ) from error
    return Judged(
        float(np.mean(scores)), hold.score(predictions), hold.score(together), predictions
    )


def judge_once(
    folder: Path, hold: Hold, solution: Solution, seed: int, found: dict[str, Any]
) -> Judged:
    """Judge a configuration, or read what was found when it was judged before.

    Strategies share their first points, and a run that was killed is not judged again.

    Parameters
    ----------
    folder : Path
        Where a comparison keeps what was judged.
    hold : Hold
    solution : Solution
        As it comes.
    seed : int
    found : dict
        The configuration, as :func:`practice.tuning.outcome.parameters_of` returns it.

    Returns
    -------
    Judged
    """
    name = f"{hold.outer.number}-{seed}-{canonical_hash(found)[:24]}.npz"
    try:
        with np.load(folder / name, allow_pickle=False) as kept:
            cv, held, ensemble = (float(kept[each]) for each in ("cv", "held", "ensemble"))
            return Judged(cv, held, ensemble, kept["predictions"])
    except FileNotFoundError:
        made = judge(hold, solution.with_parameters(**found), seed)
        put(folder / name, vars(made))
        return made


def put(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays to a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    with temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    temporary.replace(path)
