"""Which run is gone on with: the one worked on last, or the one that is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from practice.errors import NotFoundError, UsageError
from practice.tuning import Manifest, Plan, last_budget, named, newest
from practice.tuning.manifest import MANIFEST, canonical_hash, write_manifest
from practice.tuning.searching import LARGEST_SEED, SESSIONS


def record(runs: Path, name: str, worked: int, slug: str = "toy", seed: int = 0) -> None:
    """Write a run that was worked on at a time."""
    solution, strategy = name.split("-")[1:3]
    manifest = Manifest(name, "", slug, solution, strategy, seed, canonical_hash({}), {}, {})
    write_manifest(manifest, runs / name)
    log = runs / name / SESSIONS
    log.write_text('{"began": "", "budget": {"trials": 7}}\n', encoding="utf-8")
    os.utime(log, (worked, worked))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    record(tmp_path, "toy-tree-tpe-1", 30)
    record(tmp_path, "toy-knn-tpe-1", 20)
    record(tmp_path, "toy-knn-tpe-2", 10, seed=5)
    record(tmp_path, "other-knn-tpe-1", 40, slug="other")
    return tmp_path


def test_the_last_is_the_one_worked_on_last_not_begun_last(runs: Path) -> None:
    assert newest(runs, "toy").id == "toy-tree-tpe-1"
    os.utime(runs / "toy-knn-tpe-1" / SESSIONS, (50, 50))
    assert newest(runs, "toy").id == "toy-knn-tpe-1"
    assert newest(runs, "toy", solution="tree").id == "toy-tree-tpe-1"
    assert newest(runs, "toy", seed=5).id == "toy-knn-tpe-2"


def test_a_run_that_never_had_a_session_counts_from_its_beginning(runs: Path) -> None:
    folder = runs / "toy-knn-tpe-1"
    (folder / SESSIONS).unlink()
    os.utime(folder / MANIFEST, (60, 60))
    assert newest(runs, "toy").id == folder.name
    assert last_budget(folder) is None


def test_where_there_is_none_those_that_there_are_are_listed(runs: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        newest(runs, "toy", "knn", seed=44)
    assert caught.value.message == (
        "no tuning run of toy with solution knn and seed 44 to go on with; there are "
        "toy-tree-tpe-1 (seed 0), toy-knn-tpe-1 (seed 0), toy-knn-tpe-2 (seed 5)"
    )
    assert caught.value.hint == "practice tune toy --run toy-tree-tpe-1"
    with pytest.raises(NotFoundError) as caught:
        newest(runs, "else", "tree", "tpe", 0)
    assert caught.value.message == (
        "no tuning run of else with solution tree and strategy tpe and seed 0 to go on with"
    )
    assert caught.value.hint == "practice tune else"


def test_a_long_list_is_cut(runs: Path) -> None:
    for number in range(3, 8):
        record(runs, f"toy-nb-tpe-{number}", 100 - number)
    with pytest.raises(NotFoundError, match=r"toy-nb-tpe-7 \(seed 0\) and 3 more$"):
        newest(runs, "toy", seed=9)


def test_a_run_is_named(runs: Path) -> None:
    assert named(runs, "toy-knn-tpe-2").seed == 5
    assert named(runs, "other-knn-tpe-1", "other").competition == "other"
    with pytest.raises(UsageError, match="is a run of other, not of toy") as caught:
        named(runs, "other-knn-tpe-1", "toy")
    assert caught.value.hint == "practice tune other --run other-knn-tpe-1"


@pytest.mark.parametrize("name", ["nothing", "..", "../runs/toy-tree-tpe-1", ""])
def test_a_name_of_no_run_in_words(runs: Path, name: str) -> None:
    with pytest.raises(NotFoundError, match="there are toy-tree-tpe-1") as caught:
        named(runs, name, "toy")
    assert caught.value.message.startswith(f"no tuning run {name!r}")
    with pytest.raises(NotFoundError) as caught:
        named(runs / "nowhere", name)
    assert (caught.value.message, caught.value.hint) == (
        f"no tuning run {name!r}",
        "practice tune SLUG",
    )


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1, 99999999999999999999])
def test_a_seed_that_no_library_takes_in_words(seed: int) -> None:
    with pytest.raises(UsageError, match=f"--seed {seed} is not between 0 and 2147483647"):
        Plan(seed=seed)
    assert Plan(seed=LARGEST_SEED).seed == 2147483647
