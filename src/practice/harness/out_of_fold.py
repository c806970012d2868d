"""Out-of-fold predictions: read, held to ``folds.csv``, and scored fold by fold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice import custom, scoring
from practice.build.vault import load_info
from practice.errors import MetricError, NotFoundError, RefusedError, UsageError
from practice.harness import clock
from practice.harness.judging import Case, open_case
from practice.metrics.extras import TRAINING
from practice.scoring.records import Layout, Problem, SubmissionRefusedError
from practice.settings import Settings
from practice.store import OutOfFold, Season, blobs, open_store

if TYPE_CHECKING:
    from practice.scoring.training import Training

__all__ = [
    "FoldPredictions",
    "keep_out_of_fold",
    "open_training",
    "predictions",
    "read_out_of_fold",
    "score_folds",
    "scored_anew",
]


@dataclass(frozen=True)
class FoldPredictions:
    """Predictions for training rows, each by a model that has not seen the row.

    Parameters
    ----------
    case : Case
        The metric and layout they are for.
    training : Training
        Ids, answers and fold of each row.
    columns : dict of str to ndarray
        As :func:`practice.scoring.read` returns them, aligned to ``training.answers.ids``.
    """

    case: Case
    training: Training
    columns: dict[str, NDArray[Any]]


def open_training(case: Case, settings: Settings, build: str) -> Training:
    """Load the training rows that a season's out-of-fold predictions are for.

    Parameters
    ----------
    case : Case
    settings : Settings
    build : str

    Returns
    -------
    Training

    Raises
    ------
    BuildError
        They cannot be read.
    RefusedError
        The metric looks at a column that participants do not have.
    """
    info = load_info(case.vault)
    if case.own is not None:
        needed: tuple[str, ...] = (*case.own.slices, "weight")
        due = set(case.own.slices)
    else:
        needed = tuple(n for n in (*case.metric.columns, *case.used.needs) if n not in TRAINING)
        due = set(needed)
    training = scoring.load_training(settings.data / build, case.vault, info, needed)
    lacking = sorted(due - set(training.answers.extras))
    if lacking:
        raise RefusedError(
            f"out-of-fold predictions of {info.slug!r} cannot be scored: the metric looks at "
            f"{', '.join(lacking)}, which train.csv does not have",
            "practice submit FILE without --oof",
        )
    return training


def read_out_of_fold(
    file: Path | bytes, name: str, case: Case, training: Training
) -> dict[str, NDArray[Any]]:
    """Read out-of-fold predictions by the same rules as a submission.

    Parameters
    ----------
    file : Path or bytes
        csv, csv.gz, zip or parquet with a submission's columns, a row for each training row that a
        fold validates.
    name : str
        What messages call it.
    case : Case
    training : Training

    Returns
    -------
    dict of str to ndarray
        Aligned to ``training.answers.ids``.

    Raises
    ------
    SubmissionRefusedError
        With all faults of the file.
    """
    try:
        return scoring.read(file, _layout(case), training.answers, name=name)
    except SubmissionRefusedError as refused:
        told = tuple(_told(each, training) for each in refused.problems)
        raise SubmissionRefusedError(told, name) from None


def _layout(case: Case) -> Layout:
    """Return a submission's layout; ids that no fold validates are never left out in silence."""
    return replace(case.layout, strangers=False)


def _told(problem: Problem, training: Training) -> Problem:
    """Say of an unknown id that it is one of the rows that no fold validates, where it is."""
    found = (problem.value or "").split(", ")
    if not problem.message.startswith("unknown id") or not training.unpredicted.intersection(found):
        return problem
    return replace(problem, hint="rows of fold -1 in folds.csv are not predicted: leave them out")


def score_folds(
    case: Case, training: Training, columns: dict[str, NDArray[Any]]
) -> tuple[float, ...]:
    """Score each fold by the competition's metric, as it would be scored on the board.

    Parameters
    ----------
    case : Case
    training : Training
    columns : dict of str to ndarray
        Aligned to ``training.answers.ids``.

    Returns
    -------
    tuple of float
        One for each of ``training.folds``; all finite.

    Raises
    ------
    RefusedError
        The metric cannot score a fold; the message says which and why.
    """
    if case.own is not None:
        return _by_file(case, training, columns)
    found = []
    for fold in training.folds:
        rows = training.fold == fold
        try:
            value = scoring.score(training.of_fold(fold), columns, case.metric, rows, case.used)
        except MetricError as error:
            where = "" if error.row is None else f" (id {training.answers.ids[error.row].as_py()})"
            raise _unscorable(f"fold {fold}", f"{error.message}{where}") from None
        if not math.isfinite(value):
            raise _unscorable(f"fold {fold}", f"the score is {value}")
        found.append(value)
    return tuple(found)


def _by_file(case: Case, training: Training, columns: dict[str, NDArray[Any]]) -> tuple[float, ...]:
    """Score by a metric file, two folds in each run of it: starting it is what takes time."""
    assert case.own is not None
    found: dict[int, float] = {}
    folds = training.folds
    if len(folds) == 1:
        raise _unscorable("the only fold", "a metric in a file takes two at a time")
    for at in range(0, len(folds), 2):
        pair = folds[at], folds[(at + 1) % len(folds)]
        rows = np.isin(training.fold, pair)
        answers = replace(
            scoring.some_rows(training.answers, rows), public=training.fold[rows] == pair[0]
        )
        some = {name: column[rows] for name, column in columns.items()}
        try:
            scores = custom.score_splits(case.own, answers, case.layout, some, case.vault)
        except custom.UnscorableError as error:
            if error.report:
                told = f"out-of-fold predictions\nwhere: folds {pair}\n\n{error.report}"
                custom.keep_report(case.vault, clock.now(), told)
            raise _unscorable(f"fold {pair[0]} or {pair[1]}", error.message) from None
        found |= dict(zip(pair, scores, strict=True))
    return tuple(found[fold] for fold in folds)


def _unscorable(where: str, why: str) -> RefusedError:
    return RefusedError(
        f"{where} of the out-of-fold predictions cannot be scored: {why}",
        "practice submit FILE without --oof, or predictions that can be scored",
    )


def keep_out_of_fold(
    file: Path | bytes, name: str, case: Case, season: Season, settings: Settings
) -> OutOfFold:
    """Keep, read and score out-of-fold predictions; nothing but the file itself is written.

    Parameters
    ----------
    file : Path or bytes
    name : str
    case : Case
    season : Season
    settings : Settings

    Returns
    -------
    OutOfFold

    Raises
    ------
    SubmissionRefusedError, RefusedError, UsageError, BuildError, StoreError
    """
    if isinstance(file, Path) and not file.is_file():
        what = "is a directory" if file.is_dir() else "does not exist"
        raise UsageError(f"{file} {what}", "name the file with the out-of-fold predictions")
    training = open_training(case, settings, season.build)
    blob = blobs.put(settings.blobs, file)
    columns = read_out_of_fold(blobs.path(settings.blobs, blob), name, case, training)
    folds = score_folds(case, training, columns)
    return OutOfFold(blob, math.fsum(folds) / len(folds), folds, len(training.fold))


def scored_anew(
    season: Season, case: Case, settings: Settings, stored: Mapping[int, OutOfFold]
) -> dict[int, OutOfFold | None]:
    """Score stored out-of-fold predictions by a case that may be another than they were scored by.

    Parameters
    ----------
    season : Season
    case : Case
    settings : Settings
    stored : mapping of int to OutOfFold
        By submission.

    Returns
    -------
    dict of int to OutOfFold or None
        None: they cannot be scored by it.
    """
    if not stored:
        return {}
    found: dict[int, OutOfFold | None] = dict.fromkeys(stored)
    try:
        training = open_training(case, settings, season.build)
    except RefusedError:
        return found
    for id, each in stored.items():
        path = blobs.path(settings.blobs, each.blob)
        try:
            columns = read_out_of_fold(path, f"submission {id}", case, training)
            folds = score_folds(case, training, columns)
        except (RefusedError, SubmissionRefusedError, NotFoundError):
            continue
        found[id] = replace(each, value=math.fsum(folds) / len(folds), folds=folds)
    return found


def predictions(settings: Settings, season: Season, submission: int) -> FoldPredictions:
    """Return the out-of-fold predictions of a submission, read again from the stored file.

    Parameters
    ----------
    settings : Settings
    season : Season
    submission : int

    Returns
    -------
    FoldPredictions

    Raises
    ------
    NotFoundError
        It has none.
    BuildError, SubmissionRefusedError
        The training data changed since.
    """
    with open_store(settings) as store:
        stored = store.out_of_fold(season.id).get(submission)
    if stored is None:
        raise NotFoundError(
            f"submission {submission} of {season.slug!r} has no out-of-fold predictions",
            "practice submit FILE --oof OOF",
        )
    case = open_case(season, settings)
    training = open_training(case, settings, season.build)
    path = blobs.path(settings.blobs, stored.blob)
    columns = read_out_of_fold(path, f"submission {submission}", case, training)
    return FoldPredictions(case, training, columns)
