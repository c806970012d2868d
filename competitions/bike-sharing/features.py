"""Features of an hour of bike rentals: where it lies in the day, the week and the year."""

from __future__ import annotations

import pandas as pd


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.copy()
    time = frame["datetime"].dt
    made["hour"] = time.hour
    made["weekday"] = time.dayofweek
    made["month"] = time.month
    # People ride to work at eight and home at five; on other days around noon.
    made["commuting"] = frame["workingday"] * time.hour.isin([7, 8, 17, 18])
    return made
