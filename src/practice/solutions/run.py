"""Running a solution: cross-validation, the final fit, and the submission file."""

from __future__ import annotations

import gzip
import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError
from practice.progress import Progress, silent
from practice.solutions.base import Floats, Solution
from practice.solutions.decisions import Decision, apply, learned, restored
from practice.solutions.parallel import pool

if TYPE_CHECKING:
    from practice.solutions.data import Dataset, Table

__all__ = [
    "CvResult",
    "cross_validate",
    "judged",
    "must_be_learnable",
    "packed",
    "predict_test",
    "predict_test_by_folds",
    "submission_text",
]

DIGITS = 7  # significant digits of a predicted number in a file


@dataclass(frozen=True)
class CvResult:
    """Outcome of a cross-validation.

    Parameters
    ----------
    fold_scores : tuple of float
        The metric of each fold's predictions. Where predictions need a decision, a fold's is made
        from the out-of-fold scores of the other folds.
    mean, spread : float
        Mean and standard deviation (n - 1) of the fold scores.
    oof : ndarray
        Out-of-fold scores, (rows, classes) or (rows,); NaN for rows that no fold validates.
    decision : Decision
        From all out-of-fold scores; what the test rows' predictions use.
    parameters : dict
        Those in force.
    seconds : float
        Wall time.
    """

    fold_scores: tuple[float, ...]
    mean: float
    spread: float
    oof: Floats
    decision: Decision
    parameters: dict[str, Any]
    seconds: float


def cross_validate(
    dataset: Dataset, solution: Solution, seed: int = 0, progress: Progress = silent
) -> CvResult:
    """Fit a solution on each fold's training rows and judge it on the rest.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
    seed : int
        The same for every fold.
    progress : Progress, optional
        Called after every fold.

    Returns
    -------
    CvResult
        The same for the same data, library versions and seed, whatever the number of processors.

    Raises
    ------
    PracticeError
        There is nothing to learn from, or the solution cannot be fitted on a fold.
    """
    began = time.perf_counter()
    table = dataset.table_for(solution)
    must_be_learnable(dataset, solution)
    parameters = solution.parameters_for(table.roles)
    target = learned(dataset.goal, dataset.y)
    shape = (len(target), dataset.goal.classes) if dataset.goal.learn == "classes" else len(target)
    oof = np.full(shape, np.nan)
    task = f"cross-validation of {solution.name}"
    progress(task, 0, len(dataset.splits))

    def one(fold: int) -> Floats:
        fitting, validating = dataset.splits[fold]
        model = solution.make(dataset.goal, table.roles, parameters)
        model.fit(table.train.iloc[fitting], target[fitting], seed)
        return restored(dataset.goal, model.predict(table.train.iloc[validating]))

    with pool(len(dataset.splits)) as threads:
        running = [threads.submit(one, fold) for fold in range(len(dataset.splits))]
        for fold, future in enumerate(running):
            try:
                oof[dataset.splits[fold][1]] = future.result()
            except (ValueError, FloatingPointError) as error:
                raise PracticeError(
                    f"solution {solution.name!r} cannot be fitted on fold {fold + 1} of "
                    f"{dataset.competition.slug}: {str(error).splitlines()[0]}",
                    "check the training data, or try another solution",
                ) from error
            progress(task, fold + 1, len(dataset.splits))
    scores, decision = judged(dataset, solution, table, oof)
    spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
    mean = float(np.mean(scores))
    seconds = time.perf_counter() - began
    return CvResult(scores, mean, spread, oof, decision, parameters, seconds)


def judged(
    dataset: Dataset, solution: Solution, table: Table, oof: Floats
) -> tuple[tuple[float, ...], Decision]:
    """Score every fold with a decision that has not seen it.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
    table : Table
        The columns it works on.
    oof : ndarray
        Out-of-fold scores, as in :class:`CvResult`.

    Returns
    -------
    scores : tuple of float
        The metric per fold.
    decision : Decision
        From all out-of-fold scores.
    """
    model = solution.make(dataset.goal, table.roles, solution.parameters_for(table.roles))
    covered = np.concatenate([validating for _, validating in dataset.splits])

    def decided(rows: NDArray[np.intp]) -> Decision:
        return model.decide(oof[rows], dataset.y[rows], dataset.judge(rows))

    final = decided(covered)
    scores = []
    for _, validating in dataset.splits:
        others = covered[~np.isin(covered, validating)]
        fixed = dataset.goal.decision in ("none", "argmax") or len(others) == 0
        decision = final if fixed else decided(others)
        value = dataset.judge(validating)(apply(dataset.goal, decision, oof[validating]))
        scores.append(value if dataset.metric.greater_is_better else -value)
    return tuple(scores), final


def must_be_learnable(dataset: Dataset, solution: Solution) -> None:
    """Refuse, in words, data from which a solution cannot learn.

    Raises
    ------
    PracticeError
        A constant target, no columns, or a fold that trains on one class only.
    """
    slug, name = dataset.competition.slug, dataset.target.name
    values = np.unique(dataset.y)
    if len(values) < 2:
        raise PracticeError(
            f"{slug}: the target {name!r} has one value in all {len(dataset.y)} training rows",
            "there is nothing to learn; check the definition's target and split",
        )
    if solution.name != "dummy" and not dataset.table_for(solution).roles.used:
        raise PracticeError(
            f"{slug}: solution {solution.name!r} finds no column to learn from",
            f"every column has one value only or a value per row; practice baseline {slug} "
            "--solution dummy",
        )
    if dataset.goal.learn == "number":
        return
    for fold, (fitting, _) in enumerate(dataset.splits, start=1):
        if len(np.unique(dataset.y[fitting])) < 2:
            rare, rows = _rarest(dataset)
            raise PracticeError(
                f"{slug}: fold {fold} trains on one class only, for class {rare!r} of {name!r} has "
                f"too few rows ({rows})",
                'merge rare classes, or split with kind = "stratified"',
            )


def _rarest(dataset: Dataset) -> tuple[str, int]:
    """Return the label with the fewest training rows, and how many."""
    counts = np.bincount(dataset.y.astype(np.int64), minlength=dataset.goal.classes)
    code = int(counts.argmin())
    return (dataset.target.labels or ())[code], int(counts[code])


def predict_test(
    dataset: Dataset, solution: Solution, decision: Decision, seed: int = 0
) -> NDArray[Any]:
    """Fit a solution on all training rows and predict the hidden ones.

    Parameters
    ----------
    dataset : Dataset
    solution : Solution
    decision : Decision
        What :func:`cross_validate` found.
    seed : int

    Returns
    -------
    ndarray
        In the order of the test table: class codes, numbers, or probabilities.
    """
    table = dataset.table_for(solution)
    model = solution.make(dataset.goal, table.roles, solution.parameters_for(table.roles))
    with pool(1) as threads:
        threads.submit(model.fit, table.train, learned(dataset.goal, dataset.y), seed).result()
        scores = threads.submit(model.predict, table.test).result()
    return apply(dataset.goal, decision, restored(dataset.goal, scores))


def predict_test_by_folds(
    dataset: Dataset, solution: Solution, decision: Decision, seed: int = 0
) -> NDArray[Any]:
    """Average what the models of the folds say of the hidden rows.

    Parameters
    ----------
    dataset, solution, decision, seed
        As in :func:`predict_test`.

    Returns
    -------
    ndarray
        As :func:`predict_test` returns it.
    """
    table = dataset.table_for(solution)
    target = learned(dataset.goal, dataset.y)

    def one(split: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Floats:
        fitting = split[0]
        model = solution.make(dataset.goal, table.roles, solution.parameters_for(table.roles))
        model.fit(table.train.iloc[fitting], target[fitting], seed)
        return restored(dataset.goal, model.predict(table.test))

    with pool(len(dataset.splits)) as threads:
        scores = np.mean(list(threads.map(one, dataset.splits)), axis=0)
    return apply(dataset.goal, decision, scores)


def submission_text(dataset: Dataset, predictions: NDArray[Any]) -> str:
    """Write predictions as ``sample_submission.csv`` is laid out.

    Parameters
    ----------
    dataset : Dataset
    predictions : ndarray
        In the order of the test table, as :func:`predict_test` returns them.

    Returns
    -------
    str
        Csv text, rows in the order of the sample; numbers with seven significant digits.
    """
    import pandas as pd

    columns = list(dataset.sample.columns[1:])
    labels = dataset.target.labels
    if labels is not None and predictions.ndim == 1 and predictions.dtype.kind in "iu":
        cells = {columns[0]: [labels[code] for code in predictions]}
    else:
        wide = predictions.reshape(len(predictions), -1)
        cells = {
            name: [f"{value:.{DIGITS}g}" for value in wide[:, i]] for i, name in enumerate(columns)
        }
    frame = pd.DataFrame(cells, index=pd.Index(dataset.test_ids))
    ordered = frame.loc[dataset.sample[dataset.id]].reset_index(drop=True)
    ordered.insert(0, dataset.id, dataset.sample[dataset.id])
    return str(ordered.to_csv(index=False, lineterminator="\n"))


def packed(text: str) -> bytes:
    r"""Compress a text with gzip, without a time stamp, so that equal texts are equal bytes.

    Examples
    --------
    >>> packed("id,y\n") == packed("id,y\n")
    True
    """
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(text.encode("utf-8"))
    return buffer.getvalue()
