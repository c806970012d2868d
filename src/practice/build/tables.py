"""From one table of raw text to what participants get and what is hidden from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from practice.build import text
from practice.build.folds import make_folds
from practice.build.sample import placeholders
from practice.build.split import PUBLIC, PURGED, TRAIN, Units, classes_of, divide, rank, units
from practice.build.targets import check_cells, codes, describe, sorted_labels
from practice.build.timeline import Timeline, timeline
from practice.build.vault import PUBLIC_FILES, TargetInfo
from practice.definition import Competition
from practice.errors import BuildError

__all__ = ["Tables", "assemble"]

_INTEGER = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)


@dataclass(frozen=True)
class Tables:
    """All that a build writes.

    Parameters
    ----------
    files : dict of str to bytes
        Canonical csv of ``train.csv``, ``test.csv``, ``sample_submission.csv``, ``folds.csv``.
    answers : bytes
        Canonical csv of id, targets and Usage of the hidden rows, in the order of ``test.csv``.
    solution : pyarrow.Table
        The hidden rows as :class:`practice.build.vault.VaultInfo` documents them.
    id_column : str
    id_kind : {"integer", "text"}
    targets : tuple of TargetInfo
    train_rows, public_rows : int
    training : pyarrow.Table or None
        The training series, ``values`` (float64) and ``series`` (string), where a metric compares
        with them.
    """

    files: dict[str, bytes]
    answers: bytes
    solution: pa.Table
    id_column: str
    id_kind: Literal["integer", "text"]
    targets: tuple[TargetInfo, ...]
    train_rows: int
    public_rows: int
    training: pa.Table | None = None

    @cached_property
    def sha256(self) -> dict[str, str]:
        """Of each file that participants get, under its name without the ending."""
        return {
            name.removesuffix(".csv"): hashlib.sha256(data).hexdigest()
            for name, data in self.files.items()
        }


def assemble(competition: Competition, raw: pa.Table, salt: bytes = b"") -> Tables:
    """Split a raw table and lay out its parts.

    Parameters
    ----------
    competition : Competition
    raw : pyarrow.Table
        As :func:`practice.build.raw.read` gives it.
    salt : bytes
        Enters the split.

    Returns
    -------
    Tables
        A function of the set of rows alone: their order in ``raw`` does not matter.

    Raises
    ------
    BuildError
        Columns that are not there, cells that are no answer, ids that are no ids, or a split that
        leaves something unscorable.
    """
    data, split = competition.data, competition.split
    features = _features(competition, raw)
    raw = _without_missing(competition, raw)
    cells = {name: raw[name].to_pylist() for name in data.target}
    for name in data.target:
        check_cells(competition, name, cells[name])
    clusters = units(text.lines(raw.select(features)), salt)
    stay = units(raw[data.group].combine_chunks(), salt) if data.group else clusters
    times = _times(competition, raw)
    classes = None
    if split.kind == "stratified":
        label = cells[data.target[0]]
        classes = classes_of(stay, codes(label, sorted_labels(label)).astype(np.int64))
    given = raw[split.column].to_pylist() if split.kind == "given" else None
    part = divide(split, stay, classes, times, given)
    fold = make_folds(part, stay, split.seed, classes, times)
    targets = tuple(describe(competition, name, cells[name], part) for name in data.target)
    train, test = _order(competition, raw, features, part, clusters, times, salt)
    ids = _ids(competition, raw, train, test)
    numbers = (stay if times is None else times).of[test]  # what a resampling keeps together
    return _lay_out(
        competition,
        _Rows(raw, features, ids, train, test, fold, part == PUBLIC, numbers),
        targets,
    )


def _features(competition: Competition, raw: pa.Table) -> list[str]:
    """Return the columns that participants get beside id and target, in the raw order."""
    data, split = competition.data, competition.split
    dropped = {entry.column for entry in data.drop}
    named = {
        "data.id": (data.id,),
        "data.target": data.target,
        "data.drop": tuple(dropped),
        "data.time": (data.time,),
        "data.group": (data.group,),
        "data.train_series": (data.train_series,),
        "data.solution": data.solution,
        "split.column": (split.column,),
        "metric.slices": competition.metric.slices,
    }
    for key, columns in named.items():
        for column in columns:
            if column is not None and column not in raw.column_names:
                raise BuildError(
                    f"{key} names {column!r}, which the raw data does not have; its columns: "
                    f"{', '.join(raw.column_names[:12])}{' ...' if raw.num_columns > 12 else ''}"
                )
    apart = {*dropped, *data.target, *data.solution}
    kept = [name for name in raw.column_names if name not in apart]
    if data.id is None and "id" in {*kept, *data.target}:
        raise BuildError(
            "the raw data has a column 'id', which is the name of the ids that are made",
            "name it in data.id, or drop it",
        )
    features = [name for name in kept if name not in (data.id, split.column)]
    if not features:
        raise BuildError("no column is left for participants to predict from")
    return features


def _without_missing(competition: Competition, raw: pa.Table) -> pa.Table:
    """Leave out the rows whose target is missing, as ``data.na`` says."""
    missing = set(competition.data.na)
    if not missing:
        return raw
    columns = [raw[name].to_pylist() for name in competition.data.target]
    keep = [not missing.intersection(row) for row in zip(*columns, strict=True)]
    if not any(keep):
        raise BuildError("every row of the raw data has a missing target")
    return raw if all(keep) else raw.filter(pa.array(keep))


def _times(competition: Competition, raw: pa.Table) -> Timeline | None:
    column = competition.data.time
    if competition.split.kind != "time" or column is None:
        return None
    return timeline(raw[column].to_pylist(), column)


def _order(
    competition: Competition,
    raw: pa.Table,
    features: Sequence[str],
    part: NDArray[np.int8],
    clusters: Units,
    times: Timeline | None,
    salt: bytes,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return training and hidden rows, each in an order that says nothing about the answer.

    Rows go by the hash of their features, with a time split by time first. Rows of equal features
    go by a keyed hash of their id, or, where ids are made, of all that tells them apart: any other
    rule would have to follow the raw file's order, or sort by the answer.
    """
    data, seed = competition.data, competition.split.seed
    own = [data.id] if data.id else [name for name in raw.column_names if name not in features]
    apart = np.zeros(raw.num_rows, np.uint64)
    twins = np.flatnonzero(np.bincount(clusters.of)[clusters.of] > 1)
    if len(twins):
        said = text.lines(raw.select([*features, *own]).take(pa.array(twins)))
        told = units(said, salt)
        apart[twins] = rank(told, seed, "twins")[told.of].astype(np.uint64)
    moment = times.of if times is not None else np.zeros(raw.num_rows, np.int64)

    def ordered(rows: NDArray[np.intp], purpose: str) -> NDArray[np.intp]:
        place = rank(clusters, seed, purpose)[clusters.of]
        return rows[np.lexsort((apart[rows], place[rows], moment[rows]))]

    hidden = (part != TRAIN) & (part != PURGED)
    return (
        ordered(np.flatnonzero(part == TRAIN), "training rows"),
        ordered(np.flatnonzero(hidden), "hidden rows"),
    )


def _ids(
    competition: Competition, raw: pa.Table, train: NDArray[np.intp], test: NDArray[np.intp]
) -> list[str]:
    """Return an id for each row: the source's own, else numbers in the order of the rows."""
    column = competition.data.id
    if column is None:
        made = np.zeros(raw.num_rows, np.int64)
        made[np.concatenate([train, test])] = np.arange(len(train) + len(test))
        return [str(number) for number in made.tolist()]
    ids: list[str] = raw[column].to_pylist()
    empty = sum(not each.strip() for each in ids)
    if empty:
        raise BuildError(f"id column {column!r}: {empty} cells are empty")
    counts = raw[column].value_counts()
    twice = sorted(c["values"] for c in counts.to_pylist() if c["counts"] > 1)
    if twice:
        raise BuildError(
            f"id column {column!r}: {len(twice)} ids occur more than once: "
            f"{', '.join(map(repr, twice[:3]))}{' ...' if len(twice) > 3 else ''}",
            "leave data.id out, and ids are made",
        )
    return ids


@dataclass(frozen=True)
class _Rows:
    """The raw rows with all that was decided about them."""

    raw: pa.Table
    features: Sequence[str]
    ids: Sequence[str]
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    fold: NDArray[np.int8]
    public: NDArray[np.bool_]
    units: NDArray[np.int64]  # of the hidden rows


def _lay_out(competition: Competition, rows: _Rows, targets: tuple[TargetInfo, ...]) -> Tables:
    """Make the files of the participants and the table of the answers."""
    names = [target.name for target in targets]
    beside = competition.data.solution
    id_column = competition.data.id or "id"
    train, test = rows.raw.take(pa.array(rows.train)), rows.raw.take(pa.array(rows.test))
    ids = np.array(rows.ids, dtype=object)
    train_ids, test_ids = ids[rows.train].tolist(), ids[rows.test].tolist()
    fill = placeholders(competition, targets, {n: train[n].to_pylist() for n in names})
    files = (
        {id_column: train_ids} | {n: train[n] for n in (*rows.features, *beside, *names)},
        {id_column: test_ids} | {n: test[n] for n in rows.features},
        {id_column: test_ids} | {n: [v] * len(test_ids) for n, v in fill.items()},
        {id_column: train_ids, "fold": list(map(str, rows.fold[rows.train].tolist()))},
    )
    public = rows.public[rows.test]
    usage = np.where(public, "Public", "Private").tolist()
    answers = {id_column: test_ids} | {n: test[n] for n in names} | {"Usage": usage}
    id_kind, id_array = _typed_ids(test_ids)
    solution = {"id": id_array}
    solution |= {f"target:{each.name}": _typed(each, test[each.name]) for each in targets}
    flags = pa.array(public.astype(np.int8))
    solution |= {"public": flags, "unit": pa.array(_numbered(rows.units))}
    if competition.data.group:
        solution["group"] = test[competition.data.group].cast(pa.string())
    for column in competition.metric.slices:
        solution[f"slice:{column}"] = test[column].cast(pa.string())
    for column in dict.fromkeys((*beside, *_named(competition))):
        solution[f"extra:{column}"] = test[column].cast(pa.string())
    return Tables(
        files={n: text.csv_bytes(text.table(c)) for n, c in zip(PUBLIC_FILES, files, strict=True)},
        answers=text.csv_bytes(text.table(answers)),
        solution=pa.table(solution),
        id_column=id_column,
        id_kind=id_kind,
        targets=targets,
        train_rows=len(train_ids),
        public_rows=int(public.sum()),
        training=_training(competition, train),
    )


def _named(competition: Competition) -> tuple[str, ...]:
    """Return the columns that participants have, too, and that a metric may name."""
    return tuple(filter(None, (competition.data.group, competition.data.train_series)))


def _training(competition: Competition, train: pa.Table) -> pa.Table | None:
    """Return the training series, where forecasts are compared with them."""
    series, target = competition.data.train_series, competition.data.target[0]
    if series is None:
        return None
    values = pa.array([float(cell) for cell in train[target].to_pylist()], pa.float64())
    return pa.table({"values": values, "series": train[series].cast(pa.string())})


def _typed_ids(ids: Sequence[str]) -> tuple[Literal["integer", "text"], pa.Array]:
    """Return ids as integers where every one is the plain text of its own integer."""
    if all(_INTEGER.fullmatch(each) for each in ids):
        whole = [int(each) for each in ids]
        bounds = np.iinfo(np.int64)
        if len(set(whole)) == len(ids) and bounds.min <= min(whole) <= max(whole) <= bounds.max:
            return "integer", pa.array(whole, pa.int64())
    return "text", pa.array(ids, pa.string())


def _typed(target: TargetInfo, cells: pa.ChunkedArray) -> Any:
    """Return the hidden answers in the type they are stored in."""
    if target.type == "label":
        return pa.array(codes(cells.to_pylist(), target.labels or ()))
    if target.type == "number":
        return pa.array([float(cell) for cell in cells.to_pylist()], pa.float64())
    return cells.cast(pa.string())


def _numbered(of: NDArray[np.int64]) -> NDArray[np.int32]:
    """Give units numbers in the order in which the hidden rows show them."""
    _, first, place = np.unique(of, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int32)
    number[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return number[place]
