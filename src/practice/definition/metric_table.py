"""The table ``[metric]`` of a definition: a metric by name or in a file, and its parameters."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from practice.definition.records import DataSpec, MetricSpec, MetricTakes
from practice.definition.signature import read_signature
from practice.definition.table import Table, kind
from practice.errors import DefinitionError, NotFoundError, UsageError

__all__ = ["check_columns", "metric_spec"]

_SHARED = ("name", "file", "secondary", "slices")
_OF_FILES = ("greater_is_better", "takes", "title")
# What submissions hold for a metric in a file that does not say what it takes.
_BY_TASK = {"binary": "label", "multiclass": "label", "regression": "number", "forecast": "number"}


def metric_spec(table: Table, folder: Path, task: str, beside: str) -> MetricSpec:
    """Parse and check the table ``[metric]`` of a competition with this task.

    Parameters
    ----------
    table : Table
    folder : Path
        Where a metric's file is looked for.
    task : str
    beside : str
        What messages call the definition's file.

    Returns
    -------
    MetricSpec

    Raises
    ------
    DefinitionError
    """
    if table.has("name") == table.has("file"):
        which = "both are there" if table.has("name") else "neither is there"
        raise table.fault("name", f"either name or file is due, and {which}")
    if table.has("file"):
        spec = _from_file(table, folder, beside)
        takes = (spec.takes or _BY_TASK.get(task, "text"), False)
    else:
        name = table.text("name")
        parameters = {key: value for key, value in table.raw.items() if key not in _SHARED}
        spec = MetricSpec(name, None, parameters)
        takes = _takes(table, "name", name, parameters, task)
    return replace(spec, secondary=_secondary(table, task, takes), slices=table.texts("slices"))


def check_columns(table: Table, spec: MetricSpec, data: DataSpec) -> None:
    """Refuse a metric that needs a column which the solution will not have.

    Parameters
    ----------
    table : Table
        ``[metric]``.
    spec : MetricSpec
    data : DataSpec

    Raises
    ------
    DefinitionError
    """
    from practice.metrics import options

    series = [data.train_series] if data.train_series else []
    known = [*data.solution, *([data.group] if data.group else []), *series]
    for each in (spec, *spec.secondary):
        if each.name is None:
            continue
        key = "secondary" if each is not spec else ""
        metric, used = options.split(each.name, each.parameters)
        named = {need: str(metric.parameters[need]) for need in metric.needs}
        wanted = {"sample_weight": used.sample_weight, "mask": used.mask, "group": used.group}
        for parameter, column in (named | {k: v for k, v in wanted.items() if v}).items():
            if column not in known:
                raise table.fault(
                    key or parameter,
                    f"{parameter} of {metric.name} names {column!r}, which the solution does not "
                    "have: name it in data.solution (or data.group, data.train_series)",
                )
        for column in used.columns:
            if column not in data.target:
                words = ", ".join(data.target)
                raise table.fault(key or "columns", f"no target {column!r}; targets: {words}")
        if metric.training and not data.train_series:
            what = f"{metric.name} needs data.train_series, the column that names the series"
            raise table.fault(key or "name", what)
        if metric.several == "none" and len(data.target) > 1:
            what = f"{metric.name} takes one target, and data.target names {len(data.target)}"
            raise table.fault(key or "name", what)


def _from_file(table: Table, folder: Path, beside: str) -> MetricSpec:
    """Read what a definition says of a metric file, and hold it to the file's score function."""
    file = table.text("file")
    path = folder / file
    if not path.is_file():
        raise table.fault("file", f"no file {file!r} beside {beside}")
    try:
        source = path.read_bytes()
        signature = read_signature(source)
    except OSError as error:
        raise table.fault("file", f"{file!r} cannot be read: {error.strerror}") from None
    except DefinitionError as error:
        raise table.fault("file", f"{file}: {error.message}", error.hint) from None
    table.need("greater_is_better", "true or false, the direction of the metric in the file")
    given = {key: value for key, value in table.raw.items() if key not in (*_SHARED, *_OF_FILES)}
    found = signature.fault(given)
    if found is not None:
        key, fault = found
        if key in (*_SHARED, *_OF_FILES):
            raise table.fault(
                "file", f"{file}: score() has a parameter {key!r}, which [metric] uses itself"
            )
        raise table.fault(key, fault.message, fault.hint)
    takes = table.choice("takes", get_args(MetricTakes)) if table.has("takes") else None
    return MetricSpec(
        name=None,
        file=file,
        parameters=signature.bind(given),
        greater_is_better=table.flag("greater_is_better", True),
        takes=cast("MetricTakes | None", takes),
        title=table.text("title") or None,
        sha256=hashlib.sha256(source).hexdigest(),
    )


def _secondary(table: Table, task: str, takes: tuple[str, bool]) -> tuple[MetricSpec, ...]:
    secondary: list[MetricSpec] = []
    entries = table.raw.get("secondary", [])
    allowed = "a list of metric names, or of tables with a name"
    if not isinstance(entries, list):
        raise table.fault("secondary", f"must be {allowed}, not {kind(entries)}")
    for entry in entries:
        row = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise table.fault("secondary", f"must be {allowed}; it holds {kind(entry)}")
        extra = {key: value for key, value in row.items() if key != "name"}
        also = _takes(table, "secondary", row["name"], extra, task)
        _scorable(table, row["name"], also, takes)
        if row["name"] in {each.name for each in secondary}:  # they are stored under their names
            raise table.fault("secondary", f"names {row['name']} twice")
        secondary.append(MetricSpec(row["name"], parameters=extra))
    return tuple(secondary)


def _takes(
    table: Table, key: str, name: str, parameters: dict[str, Any], task: str
) -> tuple[str, bool]:
    """Return what a metric takes, and whether in a column per class; refuse an unknown one."""
    from practice.metrics import options

    try:
        metric = options.split(name, parameters)[0]
    except NotFoundError as error:
        raise table.fault(key, error.message, error.hint) from None
    except UsageError as error:  # its hint is for a command line
        raise table.fault(key, error.message) from None
    return metric.takes, metric.per_class and task == "multiclass"


def _scorable(table: Table, name: str, also: tuple[str, bool], takes: tuple[str, bool]) -> None:
    """Refuse a secondary metric that cannot read the primary's predictions."""
    if also == takes:
        return
    if also[0] == "number" and takes[0] == "probability" and also[1] == takes[1]:
        return  # probabilities are numbers
    words = [f"{what}{' per class' if each else ''}" for what, each in (also, takes)]
    raise table.fault(
        "secondary", f"{name} takes a {words[0]}, but submissions hold a {words[1]} for the metric"
    )
