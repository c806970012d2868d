"""From cells of text to columns that a model can use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Roles", "assign_roles", "type_columns"]

# A code with a leading zero (a postcode, an account) is a name, not a quantity.
_PADDED = r"-?0\d"
_DATE = r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?"


@dataclass(frozen=True)
class Roles:
    """What each column of a frame is to a model.

    Parameters
    ----------
    numbers : tuple of str
        float64, NaN where missing; times count as numbers (days since 1970).
    categories : tuple of str
        str or NaN, few distinct values.
    texts : tuple of str
        str, empty where missing.
    ignored : tuple of str
        One value only, or a value of its own in most rows (names, account numbers): no use as such.
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """All columns that models see: categories first, then numbers, then texts."""
        return self.categories + self.numbers + self.texts


def type_columns(
    train: pd.DataFrame, test: pd.DataFrame, na: Collection[str] = ()
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give columns of text the type that every cell of both tables agrees with.

    A column holds numbers if each cell that is not missing is a finite number without a leading
    zero, times if each is an ISO 8601 date or date and time, and words otherwise. A cell is missing
    if it is blank or one of ``na``.

    Parameters
    ----------
    train, test : DataFrame
        The same columns of str.
    na : collection of str
        Cells that stand for a missing value.

    Returns
    -------
    tuple of DataFrame
        Columns of float64, datetime64 or object (str, NaN where missing).

    Examples
    --------
    >>> import pandas as pd
    >>> train = pd.DataFrame({"age": ["22", " "], "cabin": ["C85", "NA"], "zip": ["01", "20"]})
    >>> test = pd.DataFrame({"age": ["4.5"], "cabin": ["12"], "zip": ["30"]})
    >>> train, test = type_columns(train, test, ["NA"])
    >>> train.dtypes.astype(str).tolist(), train["cabin"].tolist()
    (['float64', 'object', 'object'], ['C85', nan])
    """
    import pandas as pd

    typed = {}
    missing = {"", *na}
    both = pd.concat([train, test], ignore_index=True)
    for name in both.columns:
        cells = both[name].str.strip()
        empty = cells.isin(missing)
        typed[name] = _typed(cells, empty)
    frame = pd.DataFrame(typed, index=both.index)
    head = frame.iloc[: len(train)]
    return head.copy(), frame.iloc[len(train) :].reset_index(drop=True)


def _typed(cells: pd.Series[Any], empty: pd.Series[Any]) -> pd.Series[Any]:
    """Return one column as numbers, times or words."""
    import pandas as pd

    present = cells[~empty]
    numbers = pd.to_numeric(present, errors="coerce").astype("float64")
    if np.isfinite(numbers).all() and not present.str.match(_PADDED).any():
        return numbers.reindex(cells.index)
    if present.str.fullmatch(_DATE).all():
        times = pd.to_datetime(present, format="ISO8601", errors="coerce", utc=True)
        if times.notna().all():
            return times.dt.tz_localize(None).reindex(cells.index)
    return cells.astype(object).where(~empty, np.nan)


def assign_roles(
    train: pd.DataFrame, test: pd.DataFrame, *, text: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, Roles]:
    """Sort columns into roles and give them the types that :class:`Roles` promises.

    Parameters
    ----------
    train, test : DataFrame
        The same columns: numbers, truth values, times, or words. Roles follow ``train`` alone.
    text : bool
        The competition is about text: columns of a few words each are text, not names.

    Returns
    -------
    train, test : DataFrame
        The columns in use.
    roles : Roles

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [2.0, 3.0], "town": ["A", "B"], "planet": ["Earth", "Earth"]})
    >>> assign_roles(frame, frame)[2]
    Roles(numbers=('age',), categories=('town',), texts=(), ignored=('planet',))
    """
    import pandas as pd

    kinds: dict[str, list[str]] = {"numbers": [], "categories": [], "texts": [], "ignored": []}
    for name in train.columns:
        kinds[_kind(train[name], text)].append(name)
    roles = Roles(**{kind: tuple(names) for kind, names in kinds.items()})

    def convert(frame: pd.DataFrame) -> pd.DataFrame:
        columns: dict[str, pd.Series[Any]] = {}
        for name in roles.categories:
            words = frame[name].astype(object)
            columns[name] = words.astype(str).astype(object).where(words.notna(), np.nan)
        for name in roles.numbers:
            columns[name] = _as_numbers(frame[name])
        for name in roles.texts:
            columns[name] = frame[name].astype(object).fillna("").astype(str).astype(object)
        return pd.DataFrame(columns, index=frame.index)

    return convert(train), convert(test), roles


def _as_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers, truth values or times as float64 (times in days since 1970)."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        days = (column - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        return days.astype("float64")
    return column.astype("float64")


def _kind(column: pd.Series[Any], text: bool) -> str:
    """Name the role of one training column."""
    import pandas as pd

    present = column.dropna()
    distinct = present.nunique()
    if distinct + (len(present) < len(column)) < 2:
        return "ignored"
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return "numbers"
    # Columns of words that hardly repeat say nothing as categories, and much as sentences.
    if distinct < 20 or distinct <= len(present) / 2:
        return "categories"
    words = present.astype(str).str.count(r"\S+").mean()
    return "texts" if words >= (2 if text else 8) else "ignored"
