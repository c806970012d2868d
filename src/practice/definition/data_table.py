"""The table ``[data]`` of a definition: raw files, how to read them, and what the columns are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit

from practice.definition.records import DataSpec, Drop, SourceKind
from practice.definition.table import Table, kind

__all__ = ["data_spec"]

# What each source is told, beside sha256; the first is what it cannot do without.
_OF_SOURCE = {
    "python": ("function", "arguments"),
    "url": ("url",),
    "openml": ("dataset", "version"),
    "kaggle": ("dataset", "version"),
    "local": ("path",),
}
_KEYS = (
    *("source", "url", "sha256", "function", "arguments", "path", "dataset", "version"),
    *("header", "names", "separator", "encoding", "na", "decompress"),
    *("id", "target", "positive", "drop", "time", "group", "train_series"),
    "solution",
)


def data_spec(table: Table, folder: Path, task: str) -> DataSpec:
    """Parse and check the table ``[data]`` of a competition with this task."""
    table.only(_KEYS)
    source = table.choice("source", get_args(SourceKind))
    for other in dict.fromkeys(key for keys in _OF_SOURCE.values() for key in keys):
        if table.has(other) and other not in _OF_SOURCE[source]:
            owner = " and ".join(s for s, keys in _OF_SOURCE.items() if other in keys)
            raise table.fault(other, f"belongs to source {owner}, not to {source}")
    table.need("target", "the column (or columns) to predict")
    target = table.texts("target", one=True)
    if table.has("positive") and task != "binary":
        raise table.fault("positive", f"needs the task binary, not {task}")
    names = table.texts("names")
    if names and table.flag("header", True):
        raise table.fault("names", "needs header = false: the file's own header gives the names")
    prepared = (folder / "prepare.py").is_file()
    if not names and not prepared and not table.flag("header", True):
        raise table.fault("names", "missing: the columns' names, since header = false")
    spec = DataSpec(
        source=cast(SourceKind, source),
        target=target,
        url=_urls(table),
        sha256=_hashes(table, source),
        function=_function(table),
        arguments=table.table("arguments").raw,
        path=table.texts("path", one=True),
        dataset=_identity(table, "dataset"),
        version=_identity(table, "version"),
        header=table.flag("header", True),
        names=names,
        separator=_separator(table),
        encoding=_encoding(table),
        na=table.texts("na", one=True, empty=True),
        decompress=(
            table.choice("decompress", ("gzip", "zip")) if table.has("decompress") else None
        ),
        id=table.text("id") or None,
        positive=table.text("positive") or None,
        drop=_drop(table),
        time=table.text("time") or None,
        group=table.text("group") or None,
        train_series=table.text("train_series") or None,
        solution=table.texts("solution"),
    )
    table.need(_OF_SOURCE[source][0], f"source {source} needs it")
    _roles(table, spec, known=() if prepared else names)
    return spec


def _roles(table: Table, spec: DataSpec, known: tuple[str, ...]) -> None:
    """Refuse a column that plays two roles, or that the names given do not have."""
    drops = tuple(entry.column for entry in spec.drop)
    for key in ("id", "time", "group", "train_series"):
        column = getattr(spec, key)
        if column is not None and column in spec.target:
            raise table.fault(key, f"{column!r} is also the target")
    for column in drops:
        if column in spec.target:
            raise table.fault("drop", f"{column!r} is the target, which is never given anyway")
        if column == spec.id:
            raise table.fault("drop", f"{column!r} is the id, which participants need")
        if drops.count(column) > 1:
            raise table.fault("drop", f"names {column!r} twice")
    for column in spec.solution:
        taken = (*spec.target, *drops, spec.id, spec.time, spec.group, spec.train_series)
        if column in taken:
            raise table.fault("solution", f"{column!r} has another role in [data]")
    roles = {"target": spec.target, "drop": drops, "solution": spec.solution}
    roles |= {key: (getattr(spec, key),) for key in ("id", "time", "group") if getattr(spec, key)}
    for key, columns in roles.items():
        for column in columns:
            if known and column not in known:
                raise table.fault(key, f"{column!r} is not among data.names")


def _urls(table: Table) -> tuple[str, ...]:
    urls = table.texts("url", one=True)
    for url in urls:
        if not _is_address(url):
            raise table.fault("url", f"must begin with https://, http:// or file:///, not {url!r}")
    return urls


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets left open
        return False
    if parts.scheme == "file":
        return bool(parts.path)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _hashes(table: Table, source: str) -> tuple[str, ...]:
    hashes = table.texts("sha256", one=True)
    for value in hashes:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            raise table.fault("sha256", f"must be 64 hexadecimal digits, not {value!r}")
    if source == "url" and table.has("url") and not hashes:
        raise table.fault("sha256", "missing: source url needs the sha256 of each file")
    counted = {"url": "url", "local": "path", "python": "function"}.get(source)
    if hashes and counted and table.has(counted):
        files = len(table.texts(counted, one=True))
        if files != len(hashes):
            raise table.fault(
                "sha256", f"{len(hashes)} given for {files} of data.{counted}; one each is due"
            )
    return tuple(value.lower() for value in hashes)


def _function(table: Table) -> str | None:
    function = table.text("function") or None
    word = r"[^\W\d]\w*"
    if function and not re.fullmatch(rf"{word}(\.{word})*:{word}(\.{word})*", function):
        raise table.fault("function", f"must read 'module:function', not {function!r}")
    return function


def _identity(table: Table, key: str) -> str | None:
    """Return a dataset's name or number, or its version, as text."""
    value = table.raw.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return table.text(key) or None


def _separator(table: Table) -> str:
    separator = table.text("separator", ",")
    if len(separator) > 1:
        raise table.fault("separator", f"must be one character, not {separator!r}")
    return separator


def _encoding(table: Table) -> str:
    encoding = table.text("encoding", "utf-8")
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise table.fault(
            "encoding", f"must be an encoding Python knows (utf-8, latin-1), not {encoding!r}"
        ) from None
    return encoding


def _drop(table: Table) -> tuple[Drop, ...]:
    entries = table.raw.get("drop", [])
    allowed = 'a list of {column = "...", reason = "..."}'
    if not isinstance(entries, list):
        raise table.fault("drop", f"must be {allowed}, not {kind(entries)}")
    drops = []
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise table.fault("drop", f"must be {allowed}; it holds {kind(entry)}")
        row = Table(entry, table.file, f"{table.key('drop')}[{position}]")
        row.only(("column", "reason"))
        row.need("column", "the column that participants do not get")
        row.need("reason", "why participants do not get the column")
        drops.append(Drop(row.text("column"), row.text("reason")))
    return tuple(drops)
