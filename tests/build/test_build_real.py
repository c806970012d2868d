"""The competitions that come with the package, built from their real raw files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from practice import build, catalog, sources
from practice.build.lock import LOCK
from practice.build.raw import read
from practice.build.tables import assemble

OFFLINE = ("breast-cancer", "diabetes", "digits")
FROM_THE_WEB = (
    "ames-houses",
    "bike-sharing",
    "credit-risk",
    "sms-spam",
    "telco-churn",
    "titanic",
    "wine-quality",
)
ALL = [*OFFLINE, *(pytest.param(slug, marks=pytest.mark.mirror) for slug in FROM_THE_WEB)]


def loaded(slug, settings):
    competition = catalog.load(slug, settings)
    files = sources.fetch(competition, settings)
    return competition, files, read(competition, files)


def table(content: bytes) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return header, rows


def features_of(built, name):
    """Return the features of each row of a file, without id and target."""
    names, _ = table(built.files["test.csv"])
    header, rows = table(built.files[name])
    places = [header.index(column) for column in names if column != built.id_column]
    return [tuple(row[place] for place in places) for row in rows]


@pytest.mark.parametrize("slug", ALL)
def test_the_build_is_the_one_that_its_lock_names(slug, settings):
    competition, files, raw = loaded(slug, settings)
    assert (competition.folder / LOCK).is_file()
    info = build.make(competition, files, settings)
    assert info.rows + info.train_rows <= raw.num_rows
    assert min(info.public_rows, info.rows - info.public_rows) >= 88
    locked = json.loads((competition.folder / LOCK).read_text())
    assert set(locked["sha256"]) == {"train", "test", "sample_submission", "folds", "solution"}


@pytest.mark.parametrize("slug", ALL)
def test_duplicates_stay_on_one_side(slug, settings):
    competition, _, raw = loaded(slug, settings)
    built = assemble(competition, raw)
    train, test = features_of(built, "train.csv"), features_of(built, "test.csv")
    assert not set(train) & set(test)
    sides: dict[tuple[str, ...], set[bool]] = {}
    for features, public in zip(test, built.solution["public"].to_pylist(), strict=True):
        sides.setdefault(features, set()).add(public)
    assert {len(each) for each in sides.values()} == {1}
    folds: dict[tuple[str, ...], set[str]] = {}
    _, rows = table(built.files["folds.csv"])
    for features, row in zip(train, rows, strict=True):
        folds.setdefault(features, set()).add(row[1])
    assert {len(each) for each in folds.values()} == {1}


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("slug", "repeated", "mixed"),
    [("wine-quality", 937, None), ("sms-spam", 414, None), ("telco-churn", 40, 18)],
)
def test_there_are_duplicates_to_keep_together(slug, repeated, mixed, settings):
    competition, _, raw = loaded(slug, settings)
    hidden = {competition.data.id, *competition.data.target}
    columns = [name for name in raw.column_names if name not in hidden]
    rows = list(zip(*(raw[name].to_pylist() for name in columns), strict=True))
    labels = raw[competition.data.target[0]].to_pylist()
    assert len(rows) - len(set(rows)) == repeated
    if mixed is not None:
        found: dict[tuple[str, ...], set[str]] = {}
        for features, label in zip(rows, labels, strict=True):
            found.setdefault(features, set()).add(label)
        assert sum(len(each) > 1 for each in found.values()) == mixed


@pytest.mark.parametrize("slug", ALL)
def test_row_order_and_name_do_not_matter(slug, settings):
    competition, _, raw = loaded(slug, settings)
    built = assemble(competition, raw)
    backwards = raw.take(pa.array(np.arange(raw.num_rows)[::-1]))
    other = assemble(replace(competition, slug="another-name"), backwards)
    assert other.files == built.files
    assert other.answers == built.answers


@pytest.mark.parametrize("slug", ALL)
def test_the_answers_do_not_decide_who_is_hidden(slug, settings):
    """Exactly so where no class is cut by itself; there the answers say who is in which class."""
    competition, _, raw = loaded(slug, settings)
    if competition.split.kind == "stratified":
        competition = replace(competition, split=replace(competition.split, kind="random"))
    (target,) = competition.data.target
    backwards = pa.chunked_array([raw[target].to_pylist()[::-1]], pa.large_string())
    swapped = raw.set_column(raw.column_names.index(target), target, backwards)
    one, other = assemble(competition, raw), assemble(competition, swapped)
    assert one.files["test.csv"] == other.files["test.csv"]
    assert one.files["folds.csv"] == other.files["folds.csv"]
    assert one.solution["public"] == other.solution["public"]


@pytest.mark.parametrize("slug", ALL)
def test_cells_are_those_of_the_raw_file(slug, settings):
    competition, _, raw = loaded(slug, settings)
    built = assemble(competition, raw)
    header, _ = table(built.files["test.csv"])
    columns = [name for name in header if name in raw.column_names]
    expected = Counter(zip(*(raw[name].to_pylist() for name in columns), strict=True))
    found: Counter[tuple[str, ...]] = Counter()
    for name in ("train.csv", "test.csv"):
        names, rows = table(built.files[name])
        places = [names.index(column) for column in columns]
        found.update(tuple(row[place] for place in places) for row in rows)
    missing = sum((expected - found).values())
    assert not found - expected
    assert missing == (14 if slug == "bike-sharing" else 0)  # the purge


@pytest.mark.parametrize("slug", ALL)
def test_every_part_has_every_class(slug, settings):
    competition, files, _ = loaded(slug, settings)
    info = build.make(competition, files, settings)
    (target,) = info.targets
    if target.labels is None:
        return
    solution = pq.read_table(settings.vault / info.build / "solution.parquet")
    column = solution[f"target:{target.name}"].to_pylist()
    public = solution["public"].to_pylist()
    for side in (1, 0):
        codes = {code for code, p in zip(column, public, strict=True) if p == side}
        assert codes == set(range(len(target.labels)))


@pytest.mark.mirror
def test_bike_sharing_is_cut_in_time(settings):
    competition, _, raw = loaded("bike-sharing", settings)
    built = assemble(competition, raw)
    train = [row[0] for row in features_of(built, "train.csv")]
    test = [row[0] for row in features_of(built, "test.csv")]
    assert train == sorted(train)
    assert test == sorted(test)
    assert (train[-1], test[0]) == ("2012-06-19 23:00:00", "2012-07-01 14:00:00")
    public = built.solution["public"].to_pylist()
    assert public == sorted(public, reverse=True)
    header, _ = table(built.files["train.csv"])
    assert not {"casual", "registered"} & set(header)


@pytest.mark.slow
@pytest.mark.parametrize("slug", ALL)
def test_starters_run_and_make_a_submission(slug, settings, tmp_path):
    competition, files, _ = loaded(slug, settings)
    info = build.make(competition, files, settings)
    folder = tmp_path / slug
    build.write_workspace(info, competition, folder, settings)
    assert 60 <= len((folder / "starter.py").read_text().splitlines()) <= 110
    done = subprocess.run(
        [sys.executable, "starter.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    sample_header, sample = table((folder / "data" / "sample_submission.csv").read_bytes())
    header, rows = table((folder / "submission.csv").read_bytes())
    assert header == sample_header
    assert [row[0] for row in rows] == [row[0] for row in sample]
    assert all(row[1] for row in rows)
    _, train = table((folder / "data" / "train.csv").read_bytes())
    header, oof = table((folder / "oof.csv").read_bytes())
    assert header == sample_header
    ids = [row[0] for row in train]
    assert [row[0] for row in oof] == ids[-len(oof) :]
    assert (len(oof) == len(ids)) is (info.split != "time")
    book = json.loads((folder / "starter.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in book["cells"]]
    assert "\n\n\n".join(cells) + "\n" == (folder / "starter.py").read_text()
