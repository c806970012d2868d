"""From raw files to one table of text, cells exactly as the files have them."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import math
import numbers
import sys
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from practice.build import text
from practice.definition import Competition, DataSpec
from practice.errors import BuildError

if TYPE_CHECKING:
    import pandas as pd

    from practice.sources import RawFile

__all__ = ["PREPARE", "read"]

PREPARE = "prepare.py"
_ROWS_AT_A_TIME = 50_000
_LONGEST_CELL = 1 << 30
_OWN_WAY = "a file that is no plain table can be read by a prepare.py beside the definition"


def read(competition: Competition, files: Sequence[RawFile]) -> pa.Table:
    """Read the raw files of a competition, through its ``prepare.py`` where it has one.

    Parameters
    ----------
    competition : Competition
    files : sequence of RawFile
        In the order of the definition; several are stacked and must have the same columns.

    Returns
    -------
    pyarrow.Table
        Text (``large_string``), in the order of the files' rows and columns.

    Raises
    ------
    BuildError
        A file that cannot be decoded or unpacked, rows of unequal length, quotes left open,
        missing or repeated columns, a failing ``prepare.py``, or no rows at all.
    """
    prepare = competition.folder / PREPARE
    if prepare.is_file():
        rows = _from_frame(_prepared(prepare, [file.path for file in files]), prepare)
    else:
        tables = [_read_file(file, competition.data) for file in files]
        for file, one in zip(files, tables, strict=True):
            if one.column_names != tables[0].column_names:
                raise BuildError(
                    f"raw file {file.name} has the columns {_list(one.column_names)}, "
                    f"{files[0].name} has {_list(tables[0].column_names)}",
                    _OWN_WAY,
                )
        rows = pa.concat_tables(tables).combine_chunks()
    if not rows.num_rows:
        raise BuildError(f"{competition.slug}: the raw data has no rows")
    return rows


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _read_file(file: RawFile, spec: DataSpec) -> pa.Table:
    """Read one delimited file, strictly: what cannot be carried unchanged is refused."""
    if len(spec.separator) != 1:
        raise BuildError(f"the separator must be one character, not {spec.separator!r}", _OWN_WAY)
    limit = csv.field_size_limit(_LONGEST_CELL)
    encoding = "utf-8-sig" if spec.encoding.lower().replace("_", "-") == "utf-8" else spec.encoding
    try:
        with (
            _opened(file, spec.decompress) as raw,
            io.TextIOWrapper(raw, encoding, newline="") as stream,
        ):
            return _parse(csv.reader(stream, delimiter=spec.separator, strict=True), file, spec)
    except UnicodeError:
        raise BuildError(
            f"raw file {file.name}, line {_bad_line(file, spec)}: not {spec.encoding}",
            "say encoding in [data], for example encoding = 'latin-1'",
        ) from None
    except (gzip.BadGzipFile, zlib.error, EOFError, zipfile.BadZipFile, RuntimeError) as error:
        raise BuildError(f"raw file {file.name} cannot be unpacked: {error}") from None
    except OSError as error:
        raise BuildError(f"raw file {file.name} cannot be read: {error.strerror}") from None
    finally:
        csv.field_size_limit(limit)


def _opened(file: RawFile, decompress: str | None) -> IO[bytes] | gzip.GzipFile:
    """Open a raw file's bytes, unpacked."""
    if decompress == "gzip":
        return gzip.open(file.path, "rb")
    if decompress == "zip":
        archive = zipfile.ZipFile(file.path)
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise BuildError(
                f"raw file {file.name} is a zip of {len(members)} files; one is due", _OWN_WAY
            )
        return archive.open(members[0])
    return file.path.open("rb")


def _bad_line(file: RawFile, spec: DataSpec) -> int:
    """Return the line (from 1) with the first byte that cannot be decoded."""
    with _opened(file, spec.decompress) as raw:
        data = raw.read()
    try:
        data.decode(spec.encoding)
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def _parse(reader: Any, file: RawFile, spec: DataSpec) -> pa.Table:
    """Read the rows of a csv reader, checking that each has a cell per column."""
    rows = _rows(reader, file, width=len(spec.names))
    names = next(rows, []) if spec.header else list(spec.names)
    if not names:
        raise BuildError(f"raw file {file.name} is empty")
    for name in names:
        if not name.strip():
            raise BuildError(f"raw file {file.name} has a column without a name", _OWN_WAY)
        if names.count(name) > 1:
            raise BuildError(
                f"raw file {file.name} has the column {name!r} {names.count(name)} times", _OWN_WAY
            )
    batches = []
    while batch := list(islice(rows, _ROWS_AT_A_TIME)):
        columns = dict(zip(names, zip(*batch, strict=True), strict=True))
        for name, cells in columns.items():
            if any("\0" in cell for cell in cells):
                raise BuildError(f"raw file {file.name}: column {name!r} holds a NUL byte")
        batches.append(text.table(columns))
    return pa.concat_tables(batches or [text.table({name: [] for name in names})])


def _rows(reader: Any, file: RawFile, width: int) -> Iterator[list[str]]:
    """Yield the rows that are not blank; all have ``width`` cells (0: as many as the first)."""
    try:
        for row in reader:
            if not row:
                continue
            width = width or len(row)
            if len(row) != width:
                raise BuildError(
                    f"raw file {file.name}, line {reader.line_num}: {len(row)} cells where there "
                    f"are {width} columns",
                    _OWN_WAY,
                )
            yield row
    except csv.Error as error:
        raise BuildError(
            f"raw file {file.name}, line {reader.line_num}: {error}", _OWN_WAY
        ) from None


def _prepared(path: Path, files: list[Path]) -> pd.DataFrame:
    """Call ``prepare(files)`` of a competition's own file; its faults become ours, in words."""
    import pandas as pd

    try:
        frame = _function(path)(files)
    except BuildError:
        raise
    except Exception as error:
        own = [
            f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)
        ]
        line = error.lineno if isinstance(error, SyntaxError) else (own[-1] if own else None)
        raise BuildError(
            f"{path}, line {line}: {type(error).__name__}: {_first_line(error)}"
        ) from error
    if not isinstance(frame, pd.DataFrame):
        raise BuildError(f"{path}: prepare returned a {type(frame).__name__}, not a DataFrame")
    return frame


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]


def _function(path: Path) -> Callable[[list[Path]], Any]:
    """Load ``prepare`` from a file, under a name nobody else imports."""
    spec = importlib.util.spec_from_file_location(f"_practice_prepare_{path.parent.name}", path)
    if spec is None or spec.loader is None:  # pragma: no cover - the suffix .py always has one
        raise BuildError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # definitions may stand where we should not write
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    function = getattr(module, "prepare", None)
    if not callable(function):
        raise BuildError(f"{path} has no function prepare(files)")
    return function  # type: ignore[no-any-return]


def _from_frame(frame: pd.DataFrame, path: Path) -> pa.Table:
    """Format the cells of a DataFrame: text as it is, numbers by ``repr``, missing as empty."""
    names = list(frame.columns)
    if not names:
        raise BuildError(f"{path}: prepare returned a table without columns")
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise BuildError(f"{path}: prepare named a column {name!r}; names must be text")
        if names.count(name) > 1:
            raise BuildError(f"{path}: prepare returned the column {name!r} more than once")
    return text.table(
        {name: [_cell(value, name, path) for value in frame[name].tolist()] for name in names}
    )


def _cell(value: Any, column: str, path: Path) -> str:
    """Format one cell that ``prepare`` made."""
    if isinstance(value, str):
        return value

    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return "" if math.isnan(value) else repr(float(value))
    raise BuildError(
        f"{path}: column {column!r} holds a {type(value).__name__}; text, numbers and booleans "
        "can be written",
        "make it text in prepare.py",
    )
