"""What became of one's seasons, as a data frame."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from practice import settings as _settings
from practice.api.names import entrant

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["history"]


def history(name: str | None = None) -> pd.DataFrame:
    """Return the revealed seasons of an entrant, the latest first.

    Parameters
    ----------
    name : str, optional
        Default: the name kept in the profile, else the login name.

    Returns
    -------
    DataFrame
        Columns as ``practice history --csv`` has them: places, the finals, their regret, and what
        the advice would have regretted.

    Examples
    --------
    >>> import practice
    >>> practice.history()[["competition", "regret_places"]]  # doctest: +SKIP
    """
    import pandas as pd

    from practice.analysis import history as past

    here = _settings.load()
    names = [field.name for field in fields(past.Past)]
    seasons = past.history(here, entrant(here, name))
    rows = [[getattr(season, each) for each in names] for season in seasons]
    table = pd.DataFrame(rows, columns=names)
    for each in ("public_place", "advice_places"):  # may be missing, and are not floats
        table[each] = table[each].astype("Int64")
    return table
