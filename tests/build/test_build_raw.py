"""Reading raw files: strictly, and without changing a cell."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from practice.build.raw import read
from practice.errors import BuildError


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_cells_are_carried_as_they_are(toy):
    cells = ["007", "1e5", "", " a ", "NA", "1.50", "x, y", 'say "z"', "two\r\nlines", "é", "True"]
    quoted = "\n".join('"' + cell.replace('"', '""') + '",1' for cell in cells)
    rows = read(*toy("b,y\n" + quoted + "\n"))
    assert rows["b"].to_pylist() == cells
    assert set(rows["y"].to_pylist()) == {"1"}


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"\xef\xbb\xbfa,y\r\n\xc3\xa9,1\r\n", {}),
        (b"a,y\n\xe9,1", {"encoding": "latin-1"}),
        ("a,y\né,1\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a\ty\né\t1\n", {"separator": "\t"}),
        ("é;1\n", {"separator": ";", "header": False, "names": ("a", "y")}),
        (gzip.compress("a,y\né,1\n".encode()), {"decompress": "gzip"}),
        (zipped(one="a,y\né,1\n".encode()), {"decompress": "zip"}),
        ("a,y\n\né,1\n\n", {}),
    ],
    ids=["bom-crlf", "latin-1", "utf-16", "tab", "names", "gzip", "zip", "blank-lines"],
)
def test_forms_of_a_file(toy, raw, data):
    assert read(*toy(raw, data=data)).to_pydict() == {"a": ["é"], "y": ["1"]}


def test_several_files_are_stacked(toy):
    rows = read(*toy(["a,y\n1,0\n", "a,y\n2,1\n"]))
    assert rows.to_pydict() == {"a": ["1", "2"], "y": ["0", "1"]}


@pytest.mark.parametrize(
    ("raw", "data", "message"),
    [
        ("a,y\n1,2\n3\n", {}, "raw file raw1.csv, line 3: 1 cells where there are 2 columns"),
        ("a,y\n1,2,3\n", {}, "raw file raw1.csv, line 2: 3 cells where there are 2 columns"),
        (
            "1,2,3\n",
            {"header": False, "names": ("a", "y")},
            "raw file raw1.csv, line 1: 3 cells where there are 2 columns",
        ),
        ('a,y\n1,"2\n3,4\n', {}, "raw file raw1.csv, line 3: unexpected end of data"),
        ('a,y\n1,"2"3\n', {}, "raw file raw1.csv, line 2: ',' expected after '\"'"),
        ("a,a,y\n1,2,3\n", {}, "raw file raw1.csv has the column 'a' 2 times"),
        ("a,,y\n1,2,3\n", {}, "raw file raw1.csv has a column without a name"),
        (b"a,y\n1,2\n\xe9,2\n", {}, "raw file raw1.csv, line 3: not utf-8"),
        ("a,y\n", {"encoding": "utf-16"}, "raw file raw1.csv, line 1: not utf-16"),
        (b"a,y\n1\x00,2\n", {}, "raw file raw1.csv: column 'a' holds a NUL byte"),
        ("", {}, "raw file raw1.csv is empty"),
        ("a,y\n", {}, "toy: the raw data has no rows"),
        ("a,y\n1,2\n", {"separator": "::"}, "the separator must be one character, not '::'"),
        ("a,y\n", {"decompress": "gzip"}, "raw file raw1.csv cannot be unpacked: Not a gzipped"),
        (
            gzip.compress(b"a,y\n" * 99)[:-20],
            {"decompress": "gzip"},
            "raw file raw1.csv cannot be unpacked: ",
        ),
        ("a,y\n", {"decompress": "zip"}, "raw file raw1.csv cannot be unpacked: File is not a zip"),
        (zipped(a=b"", b=b""), {"decompress": "zip"}, "raw file raw1.csv is a zip of 2 files"),
        (
            ["a,y\n1,2\n", "y,a\n1,2\n"],
            {},
            "raw file raw2.csv has the columns y, a, raw1.csv has a, y",
        ),
    ],
)
def test_a_file_that_is_no_table(toy, raw, data, message):
    with pytest.raises(BuildError) as caught:
        read(*toy(raw, data=data))
    assert caught.value.message.startswith(message)
    assert "\n" not in caught.value.message


def test_a_missing_file(toy):
    competition, (file,) = toy("a,y\n1,2\n")
    file.path.unlink()
    with pytest.raises(BuildError, match=r"raw1.csv cannot be read: No such file"):
        read(competition, (file,))


def test_long_cells_and_many_rows(toy):
    long = "x" * 300_000  # beyond the default limit of the csv module
    rows = read(*toy("a,y\n" + f"{long},1\n" + "short,0\n" * 60_000))
    assert rows.num_rows == 60_001
    assert rows["a"][0].as_py() == long


PREPARE = """
import numpy as np
import pandas as pd

def prepare(files):
    frame = pd.read_csv(files[0], dtype=str, keep_default_na=False)
    frame["float"] = [0.1, np.nan]
    frame["int"] = [1, -2]
    frame["bool"] = [True, False]
    frame["nullable"] = pd.array([1, None], dtype="Int64")
    frame["object"] = [np.float32(0.5), None]
    frame["truth"] = pd.array([np.bool_(True), None], dtype=object)
    frame["when"] = pd.to_datetime(["2024-01-01", None]).strftime("%Y-%m-%d")
    return frame
"""


def test_prepare_makes_the_table(toy):
    competition, files = toy("a,y\n007,1\n,0\n")
    (competition.folder / "prepare.py").write_text(PREPARE)
    assert read(competition, files).to_pydict() == {
        "a": ["007", ""],
        "y": ["1", "0"],
        "float": ["0.1", ""],
        "int": ["1", "-2"],
        "bool": ["True", "False"],
        "nullable": ["1", ""],
        "object": ["0.5", ""],
        "truth": ["True", ""],
        "when": ["2024-01-01", ""],
    }
    assert not list(competition.folder.glob("__pycache__"))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "def prepare(files):\n    return 1 / 0\n",
            ", line 2: ZeroDivisionError: division by zero",
        ),
        ("def prepare(files:\n", ", line 1: SyntaxError: '(' was never closed"),
        ("import nothing_of_that_name\n", ", line 1: ModuleNotFoundError: No module named"),
        ("x = 1\n", " has no function prepare(files)"),
        ("def prepare(files):\n    return [1]\n", ": prepare returned a list, not a DataFrame"),
        (
            "import pandas as pd\ndef prepare(files):\n    return pd.DataFrame({1: [2]})\n",
            ": prepare named a column 1; names must be text",
        ),
        (
            "import pandas as pd\ndef prepare(files):\n"
            "    return pd.DataFrame([[1, 2]], columns=['a', 'a'])\n",
            ": prepare returned the column 'a' more than once",
        ),
        (
            "import pandas as pd\ndef prepare(files):\n"
            "    return pd.DataFrame({'a': [pd.Timestamp(0)]})\n",
            ": column 'a' holds a Timestamp; text, numbers and booleans can be written",
        ),
        (
            "import pandas as pd\ndef prepare(files):\n    return pd.DataFrame()\n",
            ": prepare returned a table without columns",
        ),
    ],
)
def test_a_prepare_that_fails(toy, code, message):
    competition, files = toy("a,y\n1,0\n")
    path = competition.folder / "prepare.py"
    path.write_text(code)
    with pytest.raises(BuildError) as caught:
        read(competition, files)
    assert caught.value.message.startswith(f"{path}{message}")


def test_the_line_of_a_fault_below_prepare_is_that_of_prepare(toy, tmp_path: Path):
    competition, files = toy("a,y\n1,0\n")
    (competition.folder / "prepare.py").write_text(
        "import pandas as pd\n\n\ndef prepare(files):\n    return pd.read_csv(files[0])['b']\n"
    )
    with pytest.raises(BuildError, match=r"prepare.py, line 5: KeyError: 'b'"):
        read(competition, files)
