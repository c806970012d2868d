"""A season as the verbs need it: its rules, its metric, its board."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from practice import board
from practice.definition import Competition, MetricSpec, Rules, SubmissionSpec
from practice.errors import NotFoundError

if TYPE_CHECKING:
    from practice.store import Attempt, Season, Store, Transaction

__all__ = [
    "current",
    "is_over",
    "metric_name",
    "metric_spec",
    "metric_to_json",
    "rules",
    "rules_to_json",
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


def metric_to_json(spec: MetricSpec) -> dict[str, Any]:
    """Return a metric as a season keeps it."""
    return dataclasses.asdict(spec)


def metric_spec(season: Season) -> MetricSpec:
    """Return the metric a season was opened with, whatever the definition says by now."""
    return _metric(season.metric)


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
