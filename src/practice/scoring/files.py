"""Scoring two files against each other, without a competition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from practice.errors import MetricError, PracticeError, UsageError
from practice.metrics import options
from practice.scoring._solution import Solution, read_extras, read_ids, read_solution
from practice.scoring._source import Source, open_source, size_limit
from practice.scoring._wanted import Wanted
from practice.scoring.labels import LabelCoder
from practice.scoring.parts import blames_prediction, place_in_file
from practice.scoring.reading import read_source
from practice.scoring.records import Answers, Column, FileScore, Layout, SubmissionRefusedError
from practice.scoring.scorer import SIZES, kept_rows, score
from practice.scoring.text import header_of

if TYPE_CHECKING:
    from practice.metrics import Metric
    from practice.metrics.options import Options

__all__ = ["score_files"]

_USAGE = "Usage"  # Kaggle's column of a solution that says public or private
Names = tuple[str, ...]


def score_files(
    solution: Path | bytes,
    submission: Path | bytes,
    metric: str,
    *,
    id: str | Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    prediction: str | Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> FileScore:
    r"""Score one file against another.

    Parameters
    ----------
    solution, submission : Path or bytes
        Csv, csv.gz, a zip with one csv in it, or Parquet: paths, or contents.
    metric : str
    id : str or sequence of str, optional
        The id, or the columns of a composite one (also as ``"a,b"``). Default: the solution's
        column ``id``, whatever its case; else its first column that the submission has too and
        that is different in every row.
    target, prediction : str or sequence of str, optional
        Columns of the solution, and of the submission. Default: those they share besides the id,
        else each file's only other column. A column ``Usage`` of the solution is left out. Where
        ``prediction`` is given, further columns of the submission do not matter.
    parameters : mapping of str to object, optional
        Parameters of the metric, and options: see :mod:`practice.metrics.options`. The columns of
        the solution that these name are no targets.

    Returns
    -------
    FileScore

    Raises
    ------
    UsageError
        Where it is not clear which columns are meant.
    SubmissionRefusedError
        With all faults of the submission.
    PracticeError
        Where the solution is at fault, or the metric cannot score the two.

    Examples
    --------
    >>> score_files(b"id,y\n1,2.5\n2,0\n", b"id,y\n2,1\n1,2.5\n", "mae")
    FileScore(metric='mae', score=0.5, rows=2)
    """
    bound, used = options.split(metric, parameters or {})
    beside = (*bound.columns, *used.needs)
    if bound.training:
        raise UsageError(
            f"{bound.name} compares with the training series, which two files do not have",
            "practice submit FILE, for a competition that names its series",
        )
    truth, in_truth = _solution_header(solution)
    given = open_source(submission, None if isinstance(submission, Path) else "the submission")
    in_given = header_of(given, in_truth)
    ids = _names(id) or _find_ids(truth, in_truth, in_given)
    targets, predictions = _find_columns(
        [name for name in in_truth if name not in (*ids, *beside, _USAGE)],
        [name for name in in_given if name not in ids],
        _names(target),
        _names(prediction),
        bound,
    )
    _known((*ids, *targets, *beside), in_truth, truth.name)
    known = read_solution(truth, ids, targets, bound, predictions)
    others = prediction is not None
    answers, predicted = _predictions(given, known, predictions, bound, others, used)
    numbers = {used.sample_weight, *(bound.parameters[n] for n in bound.needs if n in SIZES)}
    extras = read_extras(
        truth,
        ids,
        [name for name in dict.fromkeys(beside) if name in numbers],
        [name for name in dict.fromkeys(beside) if name not in numbers],
    )
    answers = replace(answers, extras=extras)
    try:
        value = score(answers, predicted, bound, used=used)
    except MetricError as error:
        where = ""
        if error.row is not None:
            place, name = error.row + 1, truth.name
            if blames_prediction(error):
                place, name = place_in_file(submission, answers, error.row) or place, given.name
            where = f" (row {place} of {name})"
        raise MetricError(error.message + where, error.hint, error.row) from None
    kept = kept_rows(answers, used=used)
    rows = len(answers.ids) if kept is None else int(np.count_nonzero(kept))
    return FileScore(bound.name, value, rows)


def _solution_header(solution: Path | bytes) -> tuple[Source, list[str]]:
    try:
        source = open_source(solution, None if isinstance(solution, Path) else "the solution")
        return source, header_of(source)
    except SubmissionRefusedError as error:
        message = f"the solution cannot be read: {error.message}"
        raise PracticeError(message, error.hint) from None


def _names(given: str | Sequence[str] | None) -> Names | None:
    if given is None:
        return None
    return tuple(given.split(",")) if isinstance(given, str) else tuple(given)


def _known(names: Names, columns: Sequence[str], file: str) -> None:
    for name in names:
        if name not in columns:
            raise UsageError(
                f"{file} has no column {name!r}; columns: {', '.join(columns)}",
                "--id, --target and --prediction name columns",
            )


def _find_ids(truth: Source, in_truth: list[str], in_given: list[str]) -> Names:
    named = [name for name in in_truth if name.lower() == "id"]
    if named:
        return (named[0],)
    for name in in_truth:
        if name in in_given and read_ids(truth, (name,)).unique:
            return (name,)
    raise UsageError(
        "no column of both files tells the rows apart; "
        f"columns of the solution: {', '.join(in_truth)}; of the submission: {', '.join(in_given)}",
        "name the id: --id COLUMN, or --id a,b where it takes several",
    )


def _find_columns(
    truth: list[str],
    given: list[str],
    target: Names | None,
    prediction: Names | None,
    metric: Metric,
) -> tuple[Names, Names]:
    """Return the columns to compare; the lists are without the id."""
    shared = tuple(name for name in truth if name in given)
    if target is None and prediction is None and shared and not metric.outputs:
        return shared, shared
    if target is None:
        same = prediction is not None and set(prediction) <= set(truth)
        target = prediction if same else tuple(truth) if len(truth) == 1 else None
    if prediction is None and target is not None:
        if set(target) <= set(given) and not metric.outputs:
            prediction = target
        elif len(given) == 1 or ((metric.per_class or metric.outputs) and len(target) == 1):
            prediction = tuple(given)
    if not target or not prediction:
        raise UsageError(
            "it is not clear which columns to compare; "
            f"the solution has {', '.join(truth) or 'none'} besides the id, "
            f"the submission {', '.join(given) or 'none'}",
            "name them: --target COLUMN --prediction COLUMN",
        )
    _known(prediction, given, "the submission")
    if metric.outputs and (len(target) != 1 or len(prediction) != len(metric.outputs)):
        raise UsageError(
            f"{metric.name} takes one column of answers and {len(metric.outputs)} of predictions "
            f"({', '.join(metric.outputs)}), not {len(target)} and {len(prediction)}",
            "name them in this order: --target COLUMN --prediction a,b",
        )
    if metric.outputs:
        return target, prediction
    if len(target) != len(prediction) and not (metric.per_class and len(target) == 1):
        raise UsageError(
            f"{len(target)} columns of answers ({', '.join(target)}), "
            f"but {len(prediction)} of predictions ({', '.join(prediction)})",
            "name as many with --target as with --prediction",
        )
    return target, prediction


def _predictions(
    source: Source, known: Solution, names: Names, metric: Metric, others: bool, used: Options
) -> tuple[Answers, dict[str, Any]]:
    """Read the submission; return it with the answers in the same label codes."""
    coder: LabelCoder | None = None
    if known.by_class:
        names = known.targets[0].labels or ()
        columns = [Column(name, metric.takes) for name in names]
    elif metric.takes == "label":
        coder = known.coder
        columns = [Column(name, "label") for name in names]
    else:
        columns = [Column(name, metric.takes) for name in names]
    layout = Layout(known.id_columns, tuple(columns), used.extra_ids == "ignore")
    everything = np.ones(len(known.ids), np.bool_)
    answers = Answers(known.ids, known.id_columns, known.targets, everything)
    coders = (coder,) * len(columns)
    wanted = Wanted(known.id_columns, layout.columns, coders, others, layout.strangers)
    limit = size_limit(len(known.ids), layout)
    predicted = read_source(replace(source, limit=limit), wanted, answers)
    if coder is None:
        return answers, predicted
    labels, recoded = coder.in_order()
    targets = tuple(
        replace(target, values=recoded[target.values], labels=labels) for target in known.targets
    )
    return replace(answers, targets=targets), {n: recoded[v] for n, v in predicted.items()}
