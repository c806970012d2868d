"""From the text of a ``competition.toml`` to the records of :mod:`practice.definition`."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import cast, get_args

from practice.definition.data_table import data_spec
from practice.definition.metric_table import check_columns, metric_spec
from practice.definition.records import (
    Competition,
    DataSpec,
    MetricSpec,
    MetricTakes,
    Rules,
    SplitKind,
    SplitSpec,
    SubmissionKind,
    SubmissionSpec,
    Task,
)
from practice.definition.table import Table, kind
from practice.errors import DefinitionError

__all__ = ["FILE", "read"]

FILE = "competition.toml"

_TOP = (
    *("title", "summary", "task", "skills", "difficulty", "license", "citation", "homepage"),
    *("data", "split", "metric", "submission", "rules"),
)
_SPLIT = ("kind", "column", "test", "public", "seed", "purge")
_RULES = ("feedback", "daily_limit", "final_selections", "deadline")
_CLASSES = ("binary", "multiclass")  # tasks whose split can be stratified


def read(text: str, slug: str, folder: Path) -> Competition:
    """Parse and check a definition; see :func:`practice.definition.parse`."""
    file = str(folder / FILE)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug):
        raise DefinitionError(
            f"{file}: the folder's name is the competition's, and may hold only lower-case "
            f"letters, digits and hyphens, not {slug!r}"
        )
    try:
        top = Table(tomllib.loads(text), file)
    except (ValueError, RecursionError) as error:  # of numbers too long, and of nesting too deep
        raise DefinitionError(
            f"{file}: not valid TOML: {error}", "texts stand in quotes, tables in [brackets]"
        ) from None
    top.only(_TOP)
    for key, what in (("title", "the competition's title"), ("summary", "one sentence about it")):
        top.need(key, what)
    task = top.choice("task", get_args(Task))
    for key in ("data", "split", "metric"):
        top.need(key, f"the table [{key}]")
    data = data_spec(top.table("data"), folder, task)
    metric = metric_spec(top.table("metric"), folder, task, FILE)
    check_columns(top.table("metric"), metric, data)
    submission = _submission(top.table("submission"), data)
    _readable(top, metric, submission, len(data.target))
    return Competition(
        slug=slug,
        folder=folder,
        title=top.text("title"),
        summary=top.text("summary"),
        task=cast(Task, task),
        skills=top.texts("skills"),
        difficulty=top.whole("difficulty", 1, 1, 3),
        license=top.text("license"),
        citation=top.text("citation"),
        homepage=top.text("homepage"),
        data=data,
        split=_split(top.table("split"), data, task),
        metric=metric,
        submission=submission,
        rules=_rules(top.table("rules")),
    )


def _split(table: Table, data: DataSpec, task: str) -> SplitSpec:
    table.only(_SPLIT)
    split = table.choice("kind", get_args(SplitKind))
    if split == "stratified" and (task not in _CLASSES or len(data.target) > 1):
        raise table.fault("kind", "stratified needs one target of the task binary or multiclass")
    if split == "group" and data.group is None:
        raise table.fault("kind", "group needs data.group, the column that names the group")
    if split == "time" and data.time is None:
        raise table.fault("kind", "time needs data.time, the column to order the rows by")
    if split == "given":
        table.need("column", "split given needs the column that says train, public or private")
    column = table.text("column") or None
    if column is not None and split != "given":
        raise table.fault("column", f"belongs to split given, not to {split}")
    if column is not None and column in (*data.target, data.id):
        raise table.fault("column", f"{column!r} is the target or the id")
    return SplitSpec(
        kind=cast(SplitKind, split),
        test=table.share("test", 0.3),
        public=table.share("public", 0.5),
        seed=table.whole("seed", 0, 0, 2**63 - 1),
        column=column,
        purge=_purge(table, split),
    )


def _purge(table: Table, split: str) -> int | str:
    value = table.raw.get("purge", 0)
    allowed = "a number of rows (0 or more) or a time such as '7d', '24h', '30min' or '10s'"
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and not isinstance(value, str):
        raise table.fault("purge", f"must be {allowed}, not {kind(value)}")
    if (whole and value < 0) or (
        isinstance(value, str) and not re.fullmatch(r"[1-9]\d*(d|h|min|s)", value)
    ):
        raise table.fault("purge", f"must be {allowed}, not {value!r}")
    if value and split != "time":
        raise table.fault("purge", f"belongs to split time, not to {split}")
    return cast("int | str", value)


def _submission(table: Table, data: DataSpec) -> SubmissionSpec:
    table.only(("kind", "columns"))
    columns = table.texts("columns")
    if data.id in columns:
        raise table.fault("columns", f"{data.id!r} is the id, which is there anyway")
    which = table.choice("kind", get_args(SubmissionKind), "table")
    return SubmissionSpec(cast(SubmissionKind, which), columns)


def _readable(top: Table, metric: MetricSpec, submission: SubmissionSpec, targets: int) -> None:
    """Refuse columns that stand for no target, where it is not said what reads them."""
    columns = len(submission.columns)
    if metric.file is None or columns in (0, targets):
        return
    if metric.takes is None:
        words = ", ".join(get_args(MetricTakes))
        what = f"missing: what the {columns} columns of a submission hold, one of {words}"
        raise top.table("metric").fault("takes", what)
    if metric.secondary:
        raise top.table("metric").fault(
            "secondary", f"needs a column per target, but submissions have {columns} columns"
        )


def _rules(table: Table) -> Rules:
    table.only(_RULES)
    feedback = table.text("feedback", "full")
    if not re.fullmatch(r"full|ladder|blind|rounded:\d{1,2}", feedback):
        raise table.fault(
            "feedback", f"must be full, rounded:N (N decimals), ladder or blind, not {feedback!r}"
        )
    return Rules(
        feedback=feedback,
        daily_limit=table.whole("daily_limit", 5, 1),
        final_selections=table.whole("final_selections", 2, 1),
        deadline=_deadline(table),
    )


def _deadline(table: Table) -> datetime | None:
    """Return the deadline in UTC; a date alone means the end of that day."""
    if not table.has("deadline"):
        return None
    value = table.raw["deadline"]
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        raise table.fault(
            "deadline", f"must be a date or a date with a time (2026-03-01), not {kind(value)}"
        )
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise table.fault("deadline", f"is out of range: {value}") from None
