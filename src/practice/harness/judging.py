"""Check and score one file against the answers of a season."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from practice import custom, scoring
from practice.definition import MetricSpec, SubmissionSpec
from practice.errors import MetricError
from practice.harness import clock
from practice.harness.rounds import metric_name, metric_spec, submission_spec
from practice.scoring.records import Answers, Layout, Problem, SubmissionRefusedError
from practice.settings import Settings
from practice.store import NewScore, Season

if TYPE_CHECKING:
    from practice.custom import FileMetric
    from practice.metrics import Metric

__all__ = ["Case", "Verdict", "judge", "open_case"]


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
    """

    answers: Answers
    spec: MetricSpec
    submission: SubmissionSpec
    vault: Path

    @cached_property
    def own(self) -> FileMetric | None:
        """The competition's own metric, None where one of the registry ranks."""
        return None if self.spec.file is None else custom.load(self.spec, self.vault)

    @cached_property
    def metric(self) -> Metric:
        """The metric of the registry that ranks."""
        return scoring.bind(self.spec, self.answers)

    @property
    def greater_is_better(self) -> bool:
        """The direction of what ranks."""
        return (self.own or self.metric).greater_is_better

    @cached_property
    def layout(self) -> Layout:
        """What a submission must look like."""
        if self.own is not None:
            return custom.layout(self.answers, self.own, self.submission)
        return scoring.layout(self.answers, self.metric, self.submission)


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
    def public(self) -> float | None:
        """The public score at full precision; what is said of it is the feedback policy's."""
        return next((score.value for score in self.scores if score.split == "public"), None)


def open_case(season: Season, settings: Settings) -> Case:
    """Load what judging a submission of a season takes."""
    answers = scoring.load_answers(settings.vault / season.build)
    return Case(
        answers, metric_spec(season), submission_spec(season), settings.vault / season.build
    )


def judge(case: Case, file: Path, name: str) -> Verdict:
    """Check and score a stored file.

    Parameters
    ----------
    case : Case
    file : Path
        The bytes, as stored.
    name : str
        What the participant calls the file.

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
        public, private = _scored(case, predictions, file)
    except MetricError as error:
        return verdict("failed", error.message)
    ranking = metric_name(case.spec)
    scores = tuple(
        NewScore(split, ranking, value, scoring.SCORER_VERSION)
        for split, value in (("public", public), ("private", private))
    )
    return verdict("scored", scores=scores, secondary=_secondary(case, predictions))


def _scored(case: Case, predictions: dict[str, NDArray[Any]], file: Path) -> tuple[float, float]:
    """Return public and private score; what an error says is what the participant may know."""
    if case.own is not None:
        try:
            return custom.score_splits(case.own, case.answers, case.layout, predictions, case.vault)
        except custom.UnscorableError as error:
            if error.report:
                told = f"submission {file.name}\nwhere: {error.split}\n\n{error.report}"
                custom.keep_report(case.vault, clock.now(), told)
            raise
    rows = case.answers.public
    public = scoring.score(case.answers, predictions, case.metric, rows)
    try:
        private = scoring.score(case.answers, predictions, case.metric, ~rows)
    except MetricError:
        raise MetricError("the predictions could not be scored") from None
    return public, private


def _secondary(case: Case, predictions: dict[str, NDArray[Any]]) -> dict[str, float | None]:
    """Score the metrics shown beside; one that cannot be computed says None and refuses nothing."""
    found: dict[str, float | None] = {}
    rows = case.answers.public
    for spec in case.spec.secondary:
        try:
            metric = scoring.bind(spec, case.answers)
            found[metric_name(spec)] = scoring.score(case.answers, predictions, metric, rows)
        except MetricError:
            found[metric_name(spec)] = None
    return found
