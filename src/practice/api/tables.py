"""Data frames on their way into the reader of submissions: as the bytes of a csv file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["FRAME", "content", "is_table"]

FRAME = "(DataFrame)"  # what messages call a table that has no file


def is_table(given: Any) -> bool:
    """Say whether something is a data frame or the path of a file.

    Examples
    --------
    >>> is_table("truth.csv"), is_table([1, 2])
    (True, False)
    """
    return isinstance(given, str | Path) or (hasattr(given, "to_csv") and given.ndim == 2)


def content(given: Any) -> tuple[Path | bytes, str | None]:
    r"""Return a path as it is, and a frame or series as the bytes of a csv file.

    Parameters
    ----------
    given : DataFrame, Series or path
        A named index is a column too, unless a column has that name.

    Returns
    -------
    content : Path or bytes
    name : str or None
        What messages call it; None: the path.

    Examples
    --------
    >>> import pandas as pd
    >>> content(pd.DataFrame({"id": [1], "y": [0.5]}))
    (b'id,y\n1,0.5\n', '(DataFrame)')
    """
    if isinstance(given, str | Path):
        return Path(given), None
    frame = given.to_frame() if given.ndim == 1 else given
    named = [name for name in frame.index.names if name is not None]
    index = bool(named) and not set(named) & set(frame.columns)
    return frame.to_csv(index=index, lineterminator="\n").encode("utf-8"), FRAME
