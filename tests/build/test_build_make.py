"""Builds are there whole or not at all, and only their owner may read them."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from practice import build
from practice.build import builder, lock, write
from practice.build.lock import LOCK, check_lock, write_lock
from practice.build.raw import read
from practice.build.tables import assemble
from practice.build.vault import load_info
from practice.definition import MetricSpec, Rules
from practice.errors import BuildError


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "locks"
    }


def test_what_a_build_holds(toy, table, settings):
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    assert info.build == build.identify(competition, files)
    assert info.data_hash.startswith(info.build.removeprefix("toy-"))
    assert set(tree(settings.data)) == {
        f"{info.build}/{name}.csv" for name in ("train", "test", "sample_submission", "folds")
    }
    vault = settings.vault / info.build
    assert {path.name for path in vault.iterdir()} == {"build.json", "key", "solution.parquet"}
    assert len((vault / "key").read_bytes()) == 32
    assert load_info(vault) == info
    assert (info.id, info.id_kind, info.split) == ("id", "integer", "stratified")
    assert (info.train_rows + info.rows, info.rows) == (60, 24)
    for name, sha256 in info.sha256.items():
        content = (settings.data / info.build / f"{name}.csv").read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256


def test_the_solution_as_the_scorer_reads_it(toy, table, settings):
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    with pq.ParquetFile(settings.vault / info.build / "solution.parquet") as file:
        solution = file.read()
        described = file.metadata.row_group(0)
    types = {field.name: str(field.type) for field in solution.schema}
    assert types == {"id": "int64", "target:y": "int8", "public": "int8", "unit": "int32"}
    assert {described.column(i).compression for i in range(4)} == {"UNCOMPRESSED"}
    test = (settings.data / info.build / "test.csv").read_text().splitlines()[1:]
    assert solution["id"].to_pylist() == [36 + i for i in range(24)]
    assert test[0].split(",")[0] == "36"
    assert sum(solution["public"].to_pylist()) == info.public_rows


def test_only_the_owner_may_read(toy, table, settings):
    old = os.umask(0o022)
    try:
        build.make(*toy(table()), settings)
    finally:
        os.umask(old)
    modes = {
        path.relative_to(settings.home).parts[0]: oct(path.stat().st_mode & 0o777)
        for path in settings.home.rglob("*")
        if path.is_dir()
    }
    assert modes == {"data": "0o700", "vault": "0o700", "locks": "0o700"}
    files = {
        oct(path.stat().st_mode & 0o777) for path in settings.home.rglob("*") if path.is_file()
    }
    assert files == {"0o600"}


def test_again_changes_nothing(toy, table, settings):
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    before = tree(settings.home)
    assert build.make(competition, files, settings) == info
    assert tree(settings.home) == before


def test_what_makes_another_build(toy, table):
    competition, files = toy(table())
    first = build.identify(competition, files)
    same = [
        replace(competition, title="Other", rules=Rules(daily_limit=9)),
        replace(competition, metric=MetricSpec("f1")),
    ]
    assert {build.identify(each, files) for each in same} == {first}
    other = [
        replace(competition, data=replace(competition.data, positive="0")),
        replace(competition, split=replace(competition.split, seed=1)),
    ]
    names = {build.identify(each, files) for each in other}
    names.add(build.identify(competition, [replace(files[0], sha256="0" * 64)]))
    names.add(build.identify(competition, files, b"salt"))
    (competition.folder / "prepare.py").write_text("def prepare(files): ...\n")
    names.add(build.identify(competition, files))
    assert len(names) == 5
    assert first not in names


def test_defaults_that_are_spelt_out_make_no_other_build(toy, table):
    competition, files = toy(table())
    spelt = replace(competition, data=replace(competition.data, encoding="utf-8", header=True))
    assert build.identify(spelt, files) == build.identify(competition, files)


def test_two_builds_stand_side_by_side(toy, table, settings):
    competition, files = toy(table())
    one = build.make(competition, files, settings)
    seeded = replace(competition, split=replace(competition.split, seed=1))
    two = build.make(seeded, files, settings)
    assert {path.name for path in settings.vault.iterdir()} == {one.build, two.build}


def test_lost_public_files_come_back_and_the_answers_stay(toy, table, settings):
    competition, files = toy(table())
    info = build.make(competition, files, settings)
    before = tree(settings.home)
    (settings.data / info.build / "test.csv").unlink()
    assert build.make(competition, files, settings) == info
    assert tree(settings.home) == before


def test_progress_is_reported(toy, table, settings):
    said = []
    build.make(*toy(table()), settings, lambda *report: said.append(report))
    assert said == [("build", done, 4) for done in (0, 1, 2, 3, 4)]


def test_a_full_disk_leaves_nothing(toy, table, settings, monkeypatch):
    competition, files = toy(table())

    def full(solution):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(builder, "solution_bytes", full)
    with pytest.raises(BuildError, match=r"cannot write to .*: No space left on device"):
        build.make(competition, files, settings)
    assert tree(settings.home) == {}
    monkeypatch.undo()
    assert build.make(competition, files, settings).rows == 24


def test_a_home_that_cannot_be_written(toy, table, settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BuildError, match=r"cannot write to .*/file/home/locks: File exists"):
        build.make(*toy(table()), replace(settings, home=blocked / "home"))


def test_faults_name_the_competition(toy, settings):
    with pytest.raises(BuildError, match=r"^toy: no column is left"):
        build.make(*toy("y\n1\n0\n"), settings)
    assert tree(settings.home) == {}


def test_a_damaged_build_json(toy, table, settings):
    info = build.make(*toy(table()), settings)
    path = settings.vault / info.build / "build.json"
    for content in ("", "{}", "[]", '{"targets": 1}'):
        path.write_text(content)
        with pytest.raises(BuildError, match="cannot be read"):
            load_info(path.parent)


BUILD = """
import os, pickle, sys
from practice import build, settings
competition, files = pickle.load(open(sys.argv[1], "rb"))
print("go", flush=True)
build.make(competition, files, settings.from_environment(os.environ))
"""


def test_a_killed_build_leaves_nothing_half_done(toy, settings, tmp_path):
    """Kill a build at moments spread over its whole run; whatever is there afterwards is whole."""
    import pickle

    raw = "a,b,y\n" + "".join(f"{i},{'x' * 50}{i},{i % 2}\n" for i in range(20_000))
    case = toy(raw)
    pickled = tmp_path / "case.pickle"
    pickled.write_bytes(pickle.dumps(case))
    started = time.monotonic()
    reference = build.make(*case, replace(settings, home=tmp_path / "reference"))
    longest = (time.monotonic() - started) * 2 + 0.5
    moments = random.Random(7)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", BUILD, str(pickled)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, longest))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for folder in settings.vault.glob("[!.]*"):
            assert load_info(folder).sha256 == reference.sha256
            assert (settings.data / folder.name / "folds.csv").is_file()
    info = build.make(*case, settings)
    assert info.sha256 == reference.sha256
    assert {path.name for path in settings.data.iterdir()} == {info.build}
    assert {path.name for path in settings.vault.iterdir()} == {info.build}


def test_two_processes_at_once_make_one_build(toy, table, settings, tmp_path):
    import pickle

    case = toy(table())
    pickled = tmp_path / "case.pickle"
    pickled.write_bytes(pickle.dumps(case))
    command = [sys.executable, "-c", BUILD, str(pickled)]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(list(settings.vault.iterdir())) == 1
    before = tree(settings.home)
    build.make(*case, settings)
    assert tree(settings.home) == before


def test_leftovers_of_a_killed_run_are_removed(toy, table, settings):
    for parent in (settings.data, settings.vault):
        (parent / ".toy.tmp").mkdir(parents=True)
        (parent / ".toy.tmp" / "half").write_text("...")
        (parent / ".other.tmp").mkdir()
    info = build.make(*toy(table()), settings)
    for parent in (settings.data, settings.vault):
        assert {path.name for path in parent.iterdir()} == {info.build, ".other.tmp"}


def test_a_lock_is_written_and_holds(toy, table, settings):
    competition, files = toy(table())
    tables = assemble(competition, read(competition, files))
    path = write_lock(build.identify(competition, files), tables, competition.folder)
    assert path.name == LOCK
    assert '"solution"' not in path.read_text()  # 24 answers could be guessed
    build.make(competition, files, settings)


def test_a_lock_of_many_rows_holds_the_solution(toy, table):
    raw = "a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(250))
    competition, files = toy(raw)
    tables = assemble(competition, read(competition, files))
    write_lock("toy-1", tables, competition.folder)
    check_lock("toy-1", tables, competition.folder)
    with pytest.raises(BuildError, match="names other hashes than this build has, for solution"):
        check_lock("toy-1", replace(tables, answers=b"other"), competition.folder)


def test_a_lock_that_differs_says_which_file(toy, table, settings):
    competition, files = toy(table())
    tables = assemble(competition, read(competition, files))
    path = write_lock(build.identify(competition, files), tables, competition.folder)
    for name in ("folds", "test"):
        path.write_text(path.read_text().replace(tables.sha256[name], "0" * 64))
    with pytest.raises(BuildError, match=r"other hashes than this build has, for folds, test$"):
        build.make(competition, files, settings)
    assert not list(settings.home.rglob("*.csv"))


def test_a_lock_of_another_definition(toy, table, settings):
    competition, files = toy(table())
    tables = assemble(competition, read(competition, files))
    write_lock("toy-000000000000", tables, competition.folder)
    with pytest.raises(BuildError, match="is of build toy-000000000000, this is toy-"):
        build.make(competition, files, settings)


def test_locks_of_other_builders_and_salted_splits_are_passed_over(toy, table, settings):
    competition, files = toy(table())
    path = competition.folder / LOCK
    path.write_text('{"builder": 0, "build": "toy-0", "sha256": {}}')
    build.make(competition, files, settings)
    path.write_text('{"builder": 1, "build": "toy-0", "sha256": {}}')
    build.make(competition, files, settings, salt=b"secret")


DEFINITION = """
title = "Toy"
summary = "Tell one from zero."
task = "binary"
data = {source = "local", path = "raw.csv", target = "y"}
split = {kind = "stratified"}
metric = {name = "accuracy"}
"""


def test_the_command_that_writes_locks(table, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "competition.toml").write_text(DEFINITION)
    (folder / "raw.csv").write_text(table())
    monkeypatch.setenv("PRACTICE_COMPETITIONS", str(tmp_path))
    assert lock.main(["toy"]) == 0
    assert capsys.readouterr().out == f"{folder / 'build.lock'}\n"
    assert lock.main(["toy", "no-such-toy"]) == 1
    assert "no competition 'no-such-toy'" in capsys.readouterr().err
    assert lock.main([]) == 2


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"builder": 1, "build": "b", "sha256": 1}'])
def test_a_damaged_lock(toy, table, settings, content):
    competition, files = toy(table())
    (competition.folder / LOCK).write_text(content)
    with pytest.raises(BuildError, match=r"build.lock cannot be read"):
        build.make(competition, files, settings)


def test_writing_replaces_in_one_step(tmp_path):
    write.put(tmp_path / "file", b"one")
    write.put(tmp_path / "file", b"two")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"two"]


LIGHT = """
import sys
from pathlib import Path
from practice.build import workspace_at
from practice.build.vault import load_info
workspace_at(Path.cwd())
heavy = {"pandas", "sklearn", "lightgbm", "scipy", "pyarrow", "numpy"} & set(sys.modules)
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""


def test_a_submission_loads_no_library_for_the_build():
    assert subprocess.run([sys.executable, "-c", LIGHT], check=False).returncode == 0
