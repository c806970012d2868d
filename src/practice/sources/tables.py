"""The source ``python``: a table from a function of an installed library, as canonical text."""

from __future__ import annotations

import csv
import hashlib
import importlib
import importlib.metadata
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from practice.definition import DataSpec
from practice.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["canonical", "make"]


def make(spec: DataSpec) -> bytes:
    """Call the function that a definition names and return its table as canonical csv text.

    Parameters
    ----------
    spec : DataSpec
        ``function`` ("module:function") and ``arguments``.

    Returns
    -------
    bytes
        UTF-8; see :func:`canonical`.

    Raises
    ------
    SourceError
        The function is not there, fails, returns no table, or another one than the hash pinned.

    Notes
    -----
    A definition is trusted as code is: the function is imported and called, whatever it is.

    Examples
    --------
    >>> spec = DataSpec("python", ("target",), function="sklearn.datasets:load_iris",
    ...                 arguments={"as_frame": True})
    >>> make(spec).splitlines()[1]
    b'5.1,3.5,1.4,0.2,0'
    """
    import pandas as pd

    written = str(spec.function)
    function = _find(written)
    try:
        result = function(**spec.arguments)
    except Exception as error:  # whatever a stranger's function raises is the user's to read
        raise SourceError(f"{written} failed: {type(error).__name__}: {error}") from error
    frame = getattr(result, "frame", result)  # scikit-learn's Bunch holds the table as .frame
    if not isinstance(frame, pd.DataFrame):
        raise SourceError(
            f"{written} returned {type(result).__name__}, not a DataFrame",
            "scikit-learn's load_* functions need data.arguments = {as_frame = true}",
        )
    data = canonical(frame)
    found = hashlib.sha256(data).hexdigest()
    if spec.sha256 and found != spec.sha256[0]:
        raise SourceError(
            f"{written} gives another table than the one the definition pins (expected sha256 "
            f"{spec.sha256[0]}, got {found}); the likely cause is another version of "
            f"{_library(written)}",
            "install the version that the definition was made with, or remove data.sha256 from it",
        )
    return data


def _find(written: str) -> Any:
    """Return the callable that "module:function" names."""
    module, _, path = written.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        raise SourceError(
            f"{written}: cannot import {module}: {error}", "install the library it is part of"
        ) from None
    for word in path.split("."):
        found = getattr(found, word, None)
    if not callable(found):
        raise SourceError(f"{written}: {module} has no function {path!r}")
    return found


def _library(written: str) -> str:
    """Name the library that a function is of, with the version installed."""
    package = written.partition(":")[0].partition(".")[0]
    for name in importlib.metadata.packages_distributions().get(package, ()):
        return f"{name} (here: {importlib.metadata.version(name)})"
    return package


def canonical(frame: pd.DataFrame) -> bytes:
    r"""Write a table as csv text that is the same on every machine.

    Floats are written with the 15 significant digits that a double always keeps (the 17th differs
    where one version of a library ships 4.804 and another 4.803999999999999); whole numbers as
    whole numbers;
    missing values as empty cells; lines end with ``\n``. The index is left out.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    bytes
        UTF-8.

    Examples
    --------
    >>> import pandas as pd
    >>> canonical(pd.DataFrame({"a": [0.1, None], "b": [1, 2], "c": ["x,y", "z"]}))
    b'a,b,c\n0.1,1,"x,y"\n,2,z\n'
    >>> canonical(pd.DataFrame({"a": [4.803999999999999]}))
    b'a\n4.804\n'
    """
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(str(name) for name in frame.columns)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _cells(column: pd.Series[Any]) -> Iterator[object]:
    """Give a column's values as Python's own; csv writes their repr, or str."""
    missing = column.isna().to_list()
    values = column.to_list()
    if column.dtype.kind == "f":
        values = [float(f"{value:.15g}") for value in values]
    return ("" if gone else v for v, gone in zip(values, missing, strict=True))
