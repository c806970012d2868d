"""Check and score one file against the answers of a season."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from practice import board, custom, scoring
from practice.definition import MetricSpec, SubmissionSpec
from practice.errors import MetricError
from practice.harness import clock
from practice.harness.rounds import metric_name, metric_spec, scorer_version, submission_spec
from practice.scoring.records import Answers, Layout, Problem, SubmissionRefusedError
from practice.settings import Settings
from practice.store import Attempt, NewScore, Replicates, Season, blobs

if TYPE_CHECKING:
    from practice.build.plan import Part
    from practice.custom import FileMetric
    from practice.metrics import Metric
    from practice.metrics.options import Options

__all__ = ["Case", "Contest", "Verdict", "judge", "open_case", "resampled", "values"]

BUDGET = 2.0  # seconds, of each part, that a metric without a quick way may take


@dataclass(frozen=True)
class Case:
    """The answers of a build together with the metric and layout of a season.

    Parameters
    ----------
    answers : Answers
    spec : MetricSpec
    submission : SubmissionSpec
    vault : Path
        ``vault/<build>``, where a metric in a file has its copy and its reports.
    version : int
        What the scores are stored under.
    """

    answers: Answers
    spec: MetricSpec
    submission: SubmissionSpec
    vault: Path
    version: int

    @cached_property
    def own(self) -> FileMetric | None:
        """The competition's own metric, None where one of the registry ranks."""
        return None if self.spec.file is None else custom.load(self.spec, self.vault)

    @cached_property
    def metric(self) -> Metric:
        """The metric of the registry that ranks."""
        return scoring.bind(self.spec, self.answers)

    @cached_property
    def used(self) -> Options:
        """How it is used: weights, mask, groups."""
        return scoring.bound(self.spec, self.answers)[1]

    @property
    def greater_is_better(self) -> bool:
        """The direction of what ranks."""
        return (self.own or self.metric).greater_is_better

    @cached_property
    def layout(self) -> Layout:
        """What a submission must look like."""
        if self.own is not None:
            return custom.layout(self.answers, self.own, self.submission)
        made = scoring.layout(self.answers, self.metric, self.submission)
        return replace(made, strangers=self.used.extra_ids == "ignore")


@dataclass(frozen=True)
class Verdict:
    """What became of a file: scores, or why there are none."""

    status: Literal["scored", "refused", "failed"]
    error: str | None
    problems: tuple[Problem, ...]
    scores: tuple[NewScore, ...]
    secondary: dict[str, float | None]
    seconds: float

    @property
    def public(self) -> NewScore | None:
        """The public score at full precision; what is said of it is the feedback policy's."""
        return next((score for score in self.scores if score.split == "public"), None)


@dataclass(frozen=True)
class Contest:
    """What the Ladder asks: whether a file beats an earlier submission of its entrant.

    All of it follows from stored bytes, the answers and the build's resampling plan, so asking
    again, also when everything is scored anew, gives the same answer.

    Parameters
    ----------
    case : Case
    blobs : Path
        Where stored files are.
    """

    case: Case
    blobs: Path
    _known: dict[str, Replicates] = field(default_factory=dict, repr=False)

    def beats(self, new: NewScore, best: Attempt, held: Replicates | None) -> bool:
        """Say whether a public score is better than that of ``best`` beyond luck.

        Parameters
        ----------
        new : NewScore
        best : Attempt
        held : Replicates or None
            What is stored of the public score of ``best``; None where it is older than that, so
            that they are computed from its file, once.
        """
        assert best.public is not None
        assert new.value is not None
        assert new.replicates is not None
        if held is None:
            if best.blob not in self._known:
                self._known[best.blob] = self._replicates(best.blob)
            held = self._known[best.blob]
        same = held.plan == new.replicates.plan
        return board.beats(
            board.Rung(new.value, values(new.replicates) if same else None),
            board.Rung(best.public, values(held) if same else None),
            self.case.greater_is_better,
            rows=int(self.case.answers.public.sum()),
        )

    def _replicates(self, blob: str) -> Replicates:
        path = blobs.path(self.blobs, blob)
        predictions = scoring.read(path, self.case.layout, self.case.answers, name=blob)
        return resampled(self.case, predictions, "public")


def open_case(season: Season, settings: Settings) -> Case:
    """Load what judging a submission of a season takes."""
    vault = settings.vault / season.build
    answers = scoring.load_answers(vault)
    return Case(
        answers, metric_spec(season), submission_spec(season), vault, scorer_version(season)
    )


def judge(case: Case, file: Path, name: str, *, report: bool = True) -> Verdict:
    """Check and score a stored file.

    Parameters
    ----------
    case : Case
    file : Path
        The bytes, as stored.
    name : str
        What the participant calls the file.
    report : bool
        Keep what a metric of the competition's own says when it fails, for its author.

    Returns
    -------
    Verdict
        "refused" with all problems of the file, "failed" where the metric cannot score it, else
        "scored". Nothing of the private rows is ever told: not the reason of a failure either.
    """
    began = time.perf_counter()

    def verdict(
        status: Literal["scored", "refused", "failed"],
        error: str | None = None,
        problems: tuple[Problem, ...] = (),
        scores: tuple[NewScore, ...] = (),
        secondary: dict[str, float | None] | None = None,
    ) -> Verdict:
        spent = time.perf_counter() - began
        return Verdict(status, error, problems, scores, secondary or {}, spent)

    try:
        predictions = scoring.read(file, case.layout, case.answers, name=name)
    except SubmissionRefusedError as refused:
        return verdict("refused", refused.message, refused.problems)
    try:
        public, private = _scored(case, predictions, file, report)
    except MetricError as error:
        return verdict("failed", error.message)
    ranking = metric_name(case.spec)
    parts: tuple[tuple[Part, float], ...] = (("public", public), ("private", private))
    scores = tuple(
        NewScore(part, ranking, value, case.version, resampled(case, predictions, part))
        for part, value in parts
    )
    return verdict("scored", scores=scores, secondary=_secondary(case, predictions))


def _scored(
    case: Case, predictions: dict[str, NDArray[Any]], file: Path, report: bool
) -> tuple[float, float]:
    """Return public and private score; what an error says is what the participant may know."""
    if case.own is not None:
        try:
            return custom.score_splits(case.own, case.answers, case.layout, predictions, case.vault)
        except custom.UnscorableError as error:
            if error.report and report:
                told = f"submission {file.name}\nwhere: {error.split}\n\n{error.report}"
                custom.keep_report(case.vault, clock.now(), told)
            raise
    try:
        return scoring.score_parts(case.answers, predictions, case.metric, case.used)
    except MetricError as error:
        if error.row is None:
            raise
        row = scoring.place_in_file(file, case.answers, error.row)
        where = "" if row is None else f" (row {row})"
        raise MetricError(f"{error.message}{where}", error.hint) from None


def resampled(case: Case, predictions: dict[str, NDArray[Any]], part: Part) -> Replicates:
    """Score one part of the rows under each replicate of the build's plan.

    Parameters
    ----------
    case : Case
    predictions : dict of str to ndarray
    part : {"public", "private"}

    Returns
    -------
    Replicates
        Empty for a metric that cannot be resampled, takes too long, or is the competition's own.
    """
    made = None
    if case.own is None:
        made = scoring.replicates_of_part(
            case.vault,
            case.answers,
            predictions,
            case.metric,
            part,
            used=case.used,
            budget=BUDGET,
        )
    if made is None:
        return Replicates("", b"")
    return Replicates(made.plan, made.values.astype("<f8").tobytes())


def values(stored: Replicates) -> NDArray[np.float64] | None:
    """Return stored replicates as numbers, shape (replicates,); None where there are none."""
    return np.frombuffer(stored.data, "<f8") if stored.data else None


def _secondary(case: Case, predictions: dict[str, NDArray[Any]]) -> dict[str, float | None]:
    """Score the metrics shown beside; one that cannot be computed says None and refuses nothing.

    Not even one at fault does: a refusal would tell which rows are the public ones.
    """
    found: dict[str, float | None] = {}
    rows = case.answers.public
    for spec in case.spec.secondary:
        try:
            metric, used = scoring.bound(spec, case.answers)
            found[metric_name(spec)] = scoring.score(case.answers, predictions, metric, rows, used)
        except (MetricError, ArithmeticError, ValueError):
            found[metric_name(spec)] = None
    return found
