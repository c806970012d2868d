"""Tables of text: cells as the raw file has them, and one canonical way to write them."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["NUMBER", "csv_bytes", "lines", "table"]

# What counts as a number in a cell; Python's float() would also take "nan", "1_000" and " 1".
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def table(columns: dict[str, Any]) -> pa.Table:
    """Make a table of text.

    Parameters
    ----------
    columns : dict of str to sequence of str or pyarrow array of strings

    Returns
    -------
    pyarrow.Table
        Every column a ``large_string`` without nulls.

    Examples
    --------
    >>> table({"a": ["1", "x"], "b": ["", "2"]}).num_rows
    2
    """
    arrays = {
        name: cells.cast(pa.large_string())
        if isinstance(cells, (pa.Array, pa.ChunkedArray))
        else pa.array(cells, pa.large_string())
        for name, cells in columns.items()
    }
    return pa.table(arrays)


def _quoted(cells: Any) -> Any:
    """Quote the cells that hold a comma, a quote, CR or LF."""
    due = pc.match_substring_regex(cells, '[",\r\n]')
    if not pc.any(due, min_count=0).as_py():
        return cells
    mark = pa.scalar('"', pa.large_string())
    nothing = pa.scalar("", pa.large_string())
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(due, pc.binary_join_element_wise(mark, doubled, mark, nothing), cells)


def lines(rows: pa.Table) -> pa.Array:
    r"""Return each row as a line of canonical csv, without the line's end.

    Two rows give the same line only where all their cells are equal, so a line also stands for its
    row wherever rows are compared or hashed.

    Parameters
    ----------
    rows : pyarrow.Table
        Text, at least one column.

    Returns
    -------
    pyarrow.Array of large_string, shape (rows,)

    Examples
    --------
    >>> lines(table({"a": ["1", "x, y"], "b": ["2", '5" pipe']})).to_pylist()
    ['1,2', '"x, y","5"" pipe"']
    """
    cells = [_quoted(column) for column in rows.columns]
    comma = pa.scalar(",", pa.large_string())
    joined = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, comma)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def csv_bytes(rows: pa.Table) -> bytes:
    r"""Return a table as canonical csv: UTF-8, header, ``\n``, quotes only where they must be.

    Parameters
    ----------
    rows : pyarrow.Table
        Text, at least one column.

    Returns
    -------
    bytes

    Examples
    --------
    >>> csv_bytes(table({"id": ["0", "1"], "text": ["plain", "a\nb"]}))
    b'id,text\n0,plain\n1,"a\nb"\n'
    """
    header = lines(table({str(i): [name] for i, name in enumerate(rows.column_names)}))
    body = lines(rows).cast(pa.large_binary()).to_pylist()
    return b"\n".join([header[0].as_py().encode(), *body, b""])
