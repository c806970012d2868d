"""A season as the verbs need it: its rules, its metric, its board."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from practice import board, scoring
from practice.definition import Competition, MetricSpec, Rules, SubmissionSpec
from practice.errors import NotFoundError

if TYPE_CHECKING:
    from practice.store import Attempt, Season, Store, Transaction

__all__ = [
    "current",
    "is_over",
    "metric_changes",
    "metric_name",
    "metric_spec",
    "metric_text",
    "metric_to_json",
    "rules",
    "rules_to_json",
    "scorer_version",
    "standings",
    "submission_spec",
]


def current(store: Store | Transaction, slug: str) -> Season:
    """Return the newest season of a competition.

    Raises
    ------
    NotFoundError
        It was never started here.
    """
    season = store.season(slug)
    if season is None:
        raise NotFoundError(f"{slug!r} is not started here", f"practice start {slug}")
    return season


def metric_to_json(spec: MetricSpec, changes: int = 0) -> dict[str, Any]:
    """Return a metric as a season keeps it.

    Parameters
    ----------
    spec : MetricSpec
    changes : int
        How often the season's metric was replaced, this time included.
    """
    found = dataclasses.asdict(spec)
    return {**found, "changes": changes} if changes else found


def metric_spec(season: Season) -> MetricSpec:
    """Return the metric of a season, whatever the definition says by now."""
    return _metric(season.metric)


def metric_changes(season: Season) -> int:
    """Return how often ``rescore`` replaced the metric of a season."""
    return int(season.metric.get("changes", 0))


def scorer_version(season: Season) -> int:
    """Return the number that this version of the package stores the scores of a season under.

    It is raised with the scorer's own and with every change of the metric, so the newest score of
    a submission is the one with the highest number, also where the metric kept its name.
    """
    return scoring.SCORER_VERSION + metric_changes(season)


def _metric(raw: dict[str, Any]) -> MetricSpec:
    return MetricSpec(
        name=raw["name"],
        file=raw["file"],
        parameters=raw["parameters"],
        secondary=tuple(_metric(each) for each in raw["secondary"]),
        slices=tuple(raw["slices"]),
        # Seasons of releases without metrics in files do not have these.
        greater_is_better=raw.get("greater_is_better"),
        takes=raw.get("takes"),
        title=raw.get("title"),
        sha256=raw.get("sha256"),
    )


def metric_name(spec: MetricSpec) -> str:
    """Return what people call a metric.

    Examples
    --------
    >>> metric_name(MetricSpec("rmse"))
    'rmse'
    >>> metric_name(MetricSpec(None, "metric.py", title="Weighted error"))
    'Weighted error'
    """
    return spec.name or spec.title or str(spec.file)


def metric_text(spec: MetricSpec) -> str:
    """Return a metric with its parameters.

    Examples
    --------
    >>> metric_text(MetricSpec("fbeta", parameters={"beta": 2, "average": "macro"}))
    'fbeta (beta=2, average=macro)'
    """
    given = ", ".join(f"{name}={value}" for name, value in spec.parameters.items())
    return f"{metric_name(spec)} ({given})" if given else metric_name(spec)


def rules_to_json(competition: Competition) -> dict[str, Any]:
    """Return rules and submission layout as a season keeps them."""
    found = dataclasses.asdict(competition.rules)
    found["deadline"] = None  # a column of its own
    return {"rules": found, "submission": dataclasses.asdict(competition.submission)}


def rules(season: Season) -> Rules:
    """Return the rules a season was opened with."""
    return Rules(**{**season.rules["rules"], "deadline": season.deadline})


def submission_spec(season: Season) -> SubmissionSpec:
    """Return what a season's submissions must look like."""
    raw = season.rules["submission"]
    return SubmissionSpec(raw["kind"], tuple(raw["columns"]))


def standings(
    season: Season, attempts: Sequence[Attempt], selections: dict[str, tuple[int, ...]]
) -> tuple[board.Standing, ...]:
    """Rank a season as it stands: public before the reveal, private after it."""
    up = season.greater_is_better
    if season.revealed_at is None:
        return board.public_board(attempts, up)
    return board.revealed_board(attempts, selections, rules(season).final_selections, up)


def is_over(season: Season, moment: datetime) -> bool:
    """Say whether the deadline has passed."""
    return season.deadline is not None and moment >= season.deadline
