"""The sources python and local, and those that are not there yet."""

from __future__ import annotations

import hashlib
import os
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from practice.definition import Competition
from practice.errors import SourceError
from practice.settings import Settings
from practice.sources import fetch
from practice.sources.tables import canonical

Make = Callable[..., Competition]


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """Give an importable module that is made up."""
    made = types.ModuleType("made_up_tables")
    sys.modules["made_up_tables"] = made
    yield made
    del sys.modules["made_up_tables"]


def refused(competition: Competition, settings: Settings) -> tuple[str, str]:
    with pytest.raises(SourceError) as caught:
        fetch(competition, settings)
    return caught.value.message, caught.value.hint


def test_canonical_text() -> None:
    frame = pd.DataFrame(
        {
            "int": [1, -2, 3],
            "float": [0.1, np.nan, 1e300],
            "single": np.array([0.5, 0.1, 2.0], dtype=np.float32),
            "bool": [True, False, True],
            "text": ["é", "a,b", 'say "x"\nand more'],
            "none": ["x", None, pd.NA],
            7: pd.array([1, None, 3], dtype="Int64"),
        },
        index=[5, 6, 7],
    )
    assert canonical(frame).decode() == (
        "int,float,single,bool,text,none,7\n"
        "1,0.1,0.5,True,é,x,1\n"
        '-2,,0.100000001490116,False,"a,b",,\n'
        '3,1e+300,2.0,True,"say ""x""\nand more",,3\n'
    )


def test_canonical_floats_keep_fifteen_digits() -> None:
    values = np.random.default_rng(0).standard_normal(2000) * 10.0 ** np.arange(-100, 100).repeat(
        10
    )
    lines = canonical(pd.DataFrame({"x": values})).decode().split("\n")[1:-1]
    read = np.array([float(line) for line in lines])
    assert np.all(np.abs(read - values) <= 5e-15 * np.abs(values))
    again = canonical(pd.DataFrame({"x": read})).decode().split("\n")[1:-1]
    assert again == lines


def test_canonical_text_ignores_the_last_bits_of_a_float() -> None:
    near = pd.DataFrame({"x": [4.804, 0.3]})
    other = pd.DataFrame({"x": [4.803999999999999, 0.1 + 0.2]})
    assert canonical(near) == canonical(other) == b"x\n4.804\n0.3\n"


def test_bunch_gives_its_frame(competition: Make, settings: Settings) -> None:
    function = "sklearn.datasets:load_diabetes"
    toy = competition("python", function=function, arguments={"as_frame": True, "scaled": False})
    (file,) = fetch(toy, settings)
    data = file.path.read_bytes()
    assert file.name == function
    assert file.sha256 == hashlib.sha256(data).hexdigest() == file.path.name
    assert data.splitlines()[:2] == [
        b"age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,target",
        b"59.0,2.0,32.1,101.0,157.0,93.2,38.0,4.0,4.8598,87.0,151.0",
    ]
    assert len(data.splitlines()) == 443
    assert sorted(p.name for p in settings.cache.iterdir()) == [file.sha256, f"{file.sha256}.lock"]


def test_pinned_table_is_made_once(
    competition: Make, settings: Settings, module: types.ModuleType
) -> None:
    calls = []

    def make(rows: int) -> pd.DataFrame:
        calls.append(rows)
        return pd.DataFrame({"y": range(rows)})

    module.make = make  # type: ignore[attr-defined]
    sha256 = hashlib.sha256(b"y\n0\n1\n").hexdigest()
    toy = competition(
        "python", function="made_up_tables:make", arguments={"rows": 2}, sha256=(sha256,)
    )
    first = fetch(toy, settings)
    assert fetch(toy, settings) == first
    assert calls == [2]
    first[0].path.write_bytes(b"damaged")
    fetch(toy, settings)
    assert first[0].path.read_bytes() == b"y\n0\n1\n"
    assert calls == [2, 2]


def test_another_table_than_pinned(competition: Make, settings: Settings) -> None:
    import sklearn

    function = "sklearn.datasets:load_iris"
    toy = competition("python", function=function, arguments={"as_frame": True}, sha256=("0" * 64,))
    message, hint = refused(toy, settings)
    assert message.startswith(
        f"{function} gives another table than the one the definition pins (expected sha256 "
        f"{'0' * 64}, got "
    )
    assert message.endswith(
        "); the likely cause is another version of scikit-learn (here: " + sklearn.__version__ + ")"
    )
    assert hint == (
        "install the version that the definition was made with, or remove data.sha256 from it"
    )
    assert not settings.cache.exists()


@pytest.mark.parametrize(
    ("function", "message", "hint"),
    [
        (
            "no_such_module:f",
            "no_such_module:f: cannot import no_such_module: No module named 'no_such_module'",
            "install the library it is part of",
        ),
        (
            "sklearn.datasets:load_irish",
            "sklearn.datasets:load_irish: sklearn.datasets has no function 'load_irish'",
            "",
        ),
        (
            "sklearn.datasets:load_iris",
            "sklearn.datasets:load_iris returned Bunch, not a DataFrame",
            "scikit-learn's load_* functions need data.arguments = {as_frame = true}",
        ),
        (
            "builtins:dict",
            "builtins:dict returned dict, not a DataFrame",
            "scikit-learn's load_* functions need data.arguments = {as_frame = true}",
        ),
        (
            "made_up_tables:fail",
            "made_up_tables:fail failed: ValueError: no rows today",
            "",
        ),
    ],
)
def test_function_that_gives_no_table(
    competition: Make,
    settings: Settings,
    module: types.ModuleType,
    function: str,
    message: str,
    hint: str,
) -> None:
    def fail() -> None:
        raise ValueError("no rows today")

    module.fail = fail  # type: ignore[attr-defined]
    assert refused(competition("python", function=function), settings) == (message, hint)


def test_arguments_the_function_does_not_take(competition: Make, settings: Settings) -> None:
    toy = competition("python", function="sklearn.datasets:load_iris", arguments={"frame": 1})
    message, _ = refused(toy, settings)
    assert message.startswith("sklearn.datasets:load_iris failed: ")
    assert "'frame'" in message


def test_local(competition: Make, settings: Settings, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_bytes(body)
    (tmp_path / "b.csv").write_bytes(b"b")
    files = fetch(competition("local", path=("raw/a.csv", "b.csv")), settings)
    assert [file.name for file in files] == ["a.csv", "b.csv"]
    assert [file.path.read_bytes() for file in files] == [body, b"b"]
    assert [file.path.parent for file in files] == [settings.cache] * 2
    assert [file.sha256 for file in files] == [file.path.name for file in files]


def test_local_that_changes_is_another_file(
    competition: Make, settings: Settings, tmp_path: Path
) -> None:
    toy = competition("local", path=("a.csv",))
    (tmp_path / "a.csv").write_bytes(b"one")
    (first,) = fetch(toy, settings)
    (tmp_path / "a.csv").write_bytes(b"two")
    (second,) = fetch(toy, settings)
    assert (first.path.read_bytes(), second.path.read_bytes()) == (b"one", b"two")


def test_local_with_a_hash(competition: Make, settings: Settings, tmp_path: Path) -> None:
    due, got = (hashlib.sha256(text).hexdigest() for text in (b"one", b"two"))
    toy = competition("local", path=("a.csv",), sha256=(due,))
    (tmp_path / "a.csv").write_bytes(b"two")
    assert refused(toy, settings) == (
        f"a.csv: wrong hash: expected sha256 {due}, got {got} ({tmp_path / 'a.csv'})",
        "the file has changed since the definition was written",
    )
    assert [p.suffix for p in settings.cache.iterdir()] == [".lock"]
    (tmp_path / "a.csv").write_bytes(b"one")
    assert fetch(toy, settings)[0].sha256 == due


def test_local_that_is_not_there(competition: Make, settings: Settings, tmp_path: Path) -> None:
    assert refused(competition("local", path=("a.csv",)), settings) == (
        f"a.csv: no file {tmp_path / 'a.csv'}",
        "data.path is relative to the competition's folder",
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read every file")
def test_local_that_may_not_be_read(competition: Make, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch(mode=0)
    message, _ = refused(competition("local", path=("a.csv",)), settings)
    assert message == f"a.csv: cannot read {tmp_path / 'a.csv'}: Permission denied"


@pytest.mark.parametrize("source", ["openml", "kaggle"])
def test_source_that_is_not_there_yet(competition: Make, settings: Settings, source: str) -> None:
    message, hint = refused(competition(source, dataset="61"), settings)
    assert message == f"toy: the source {source} is not available in this version"
    assert hint == (
        "download the files yourself and name them with source = 'local' and path, "
        "or give their address with source = 'url', url and sha256"
    )


def test_importing_sources_is_light() -> None:
    import subprocess

    code = (
        "import sys, practice.sources, practice.catalog\n"
        "print([m for m in ('pandas', 'sklearn', 'requests', 'pyarrow') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
