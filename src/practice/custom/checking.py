"""Trying a metric file out on a sample submission and made-up answers."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice import scoring
from practice.custom.layouts import layout
from practice.custom.metric import FileMetric
from practice.custom.running import UnscorableError, score_splits
from practice.definition.signature import read_signature
from practice.errors import BuildError, DefinitionError, NotFoundError
from practice.scoring._arrow import int64_array, text_array
from practice.scoring.labels import LabelCoder
from practice.scoring.records import Answers, Column, Layout, Target

if TYPE_CHECKING:
    from practice.build.vault import TargetInfo, VaultInfo
    from practice.definition import Competition

__all__ = ["FileCheck", "Sample", "check_file", "made_up", "sample_of"]


@dataclass(frozen=True)
class Sample:
    """A submission and answers to try a metric file on; the answers are no hidden ones.

    Parameters
    ----------
    answers : Answers
    layout : Layout
    predictions : dict of str to ndarray
    words : str
        What it is, for messages.
    file : str or None
        The competition's own metric file, if it has one: what follows is said of it.
    parameters : dict of str to object
    greater_is_better : bool or None
    slices : tuple of str
    """

    answers: Answers
    layout: Layout
    predictions: dict[str, NDArray[Any]]
    words: str
    file: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    greater_is_better: bool | None = None
    slices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileCheck:
    """What became of a metric file that was tried out.

    Parameters
    ----------
    file : str
    ok : bool
    signature : str or None
        None where the file has no score function that can be called.
    sample : str
    rows : int
        Public rows of the sample.
    public : float or None
        The score of the sample for Public.
    seconds : float or None
        What both calls took, with the start of the process.
    greater_is_better : bool or None
        As the competition's ``[metric]`` says; None: nothing says so yet.
    error : str or None
        What is wrong.
    split : str or None
        Where: "file", "public", "private" or "process".
    visible : bool
        True where the error is one whose text a participant would read.
    traceback : str
    """

    file: str
    ok: bool
    signature: str | None
    sample: str
    rows: int
    public: float | None = None
    seconds: float | None = None
    greater_is_better: bool | None = None
    error: str | None = None
    split: str | None = None
    visible: bool = False
    traceback: str = ""


def check_file(
    file: Path,
    sample: Sample,
    parameters: dict[str, Any] | None = None,
    *,
    time_limit: float | None = None,
) -> FileCheck:
    """Try a metric file out.

    Parameters
    ----------
    file : Path
    sample : Sample
    parameters : dict of str to object, optional
        Keywords of its ``score`` function, over those of the sample.
    time_limit : float, optional
        Seconds; default as for submissions.

    Returns
    -------
    FileCheck

    Raises
    ------
    NotFoundError
        There is no such file.
    """
    try:
        source = file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file} cannot be read: {error.strerror}") from None
    rows = int(np.count_nonzero(sample.answers.public))
    done = FileCheck(str(file), False, None, sample.words, rows)
    own = sample.file is not None and Path(sample.file).name == file.name
    if own:
        done = replace(done, greater_is_better=sample.greater_is_better)
    try:
        signature = read_signature(source)
        done = replace(done, signature=str(signature))
        bound = signature.bind({**(sample.parameters if own else {}), **(parameters or {})})
    except DefinitionError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return replace(done, error=f"{error.message}{hint}", split="file")
    metric = FileMetric(
        name=file.name, file=str(file), source=source, greater_is_better=True, parameters=bound
    )
    metric = replace(metric, takes=_takes(sample), slices=sample.slices)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="practice-") as folder:
        try:
            public, _ = score_splits(
                metric,
                sample.answers,
                sample.layout,
                sample.predictions,
                Path(folder),
                time_limit=time_limit,
            )
        except UnscorableError as error:
            said = error.message if not error.report else error.report.strip().splitlines()[-1]
            return replace(
                done,
                seconds=time.perf_counter() - began,
                error=said,
                split=error.split,
                visible=not error.report,
                traceback=error.report,
            )
    return replace(done, ok=True, public=public, seconds=time.perf_counter() - began)


def _takes(sample: Sample) -> Any:
    """Return what the columns of a sample hold, which decides how answers kept as text are read."""
    return sample.layout.columns[0].kind


def made_up() -> Sample:
    """Return a tiny table with classes 0 and 1 and probabilities of class 1.

    Returns
    -------
    Sample

    Examples
    --------
    >>> made_up().words
    'a made-up table of 8 rows'
    """
    ids = int64_array(np.arange(1, 9))
    codes = np.array([0, 1, 1, 0, 0, 1, 0, 1], np.int8)
    target = Target("target", "label", codes, ("0", "1"), "1")
    public = np.arange(8) < 4
    given = np.array([0.2, 0.7, 0.4, 0.1, 0.3, 0.9, 0.6, 0.8])
    return Sample(
        Answers(ids, ("id",), (target,), public),
        Layout(("id",), (Column("target", "number"),)),
        {"target": given},
        "a made-up table of 8 rows",
    )


def sample_of(competition: Competition, info: VaultInfo, data: Path) -> Sample:
    """Return the sample submission of a build, with answers drawn from the training data.

    Parameters
    ----------
    competition : Competition
    info : VaultInfo
    data : Path
        The public files of the build; nothing else is read.

    Returns
    -------
    Sample
        The answers of each row are those of a training row drawn at random, always the same.

    Raises
    ------
    BuildError
        The files cannot be read.
    DefinitionError, SubmissionRefusedError
        The definition and the sample do not fit.
    """
    train = _columns(data / "train.csv")
    file = data / "sample_submission.csv"
    ids = _columns(file)[info.id]
    draw = random.Random(0)
    drawn = [draw.randrange(len(train[info.id])) for _ in ids]
    answers = Answers(
        int64_array(np.array(list(map(int, ids))))
        if info.id_kind == "integer"
        else text_array(ids),
        (info.id,),
        tuple(_target(each, [train[each.name][row] for row in drawn]) for each in info.targets),
        np.arange(len(ids)) < info.public_rows,
        {
            name: np.array([train[name][row] for row in drawn], dtype=object)
            for name in competition.metric.slices
            if name in train
        },
    )
    spec = competition.metric
    due = (
        layout(answers, FileMetric.of(spec, b""), competition.submission)
        if spec.file is not None
        else scoring.layout(answers, scoring.bind(spec, answers), competition.submission)
    )
    return Sample(
        answers,
        due,
        scoring.read(file, due, answers),
        f"the sample submission of {competition.slug}, answers drawn from its training data",
        spec.file,
        spec.parameters,
        spec.greater_is_better,
        spec.slices,
    )


def _target(info: TargetInfo, cells: Sequence[str]) -> Target:
    values: NDArray[Any]
    if info.type == "number":
        values = np.array([float(cell) for cell in cells])
    elif info.type == "label":
        values = LabelCoder(info.labels).codes(cells)
    else:
        values = np.array(cells, dtype=object)
    return Target(info.name, info.type, values, info.labels, info.positive)


def _columns(file: Path) -> dict[str, list[str]]:
    """Read a canonical csv file as text."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            names = next(reader)
            columns = [list(cells) for cells in zip(*reader, strict=True)]
    except (OSError, StopIteration) as error:
        raise BuildError(
            f"{file} cannot be read: {type(error).__name__}", "practice start SLUG builds it again"
        ) from None
    return dict(zip(names, columns, strict=True))
