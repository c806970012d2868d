"""Features of a house in Ames: all of its area, its age, and grades as numbers."""

from __future__ import annotations

import pandas as pd

GRADES = {"Po": 1, "Fa": 2, "TA": 3, "Gd": 4, "Ex": 5}
GRADED = ("ExterQual", "ExterCond", "BsmtQual", "BsmtCond", "HeatingQC", "KitchenQual")
PORCHES = ("OpenPorchSF", "EnclosedPorch", "3SsnPorch", "ScreenPorch", "WoodDeckSF")


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.copy()
    for name in GRADED:
        made[name] = frame[name].map(GRADES).fillna(0)
    made["TotalSF"] = frame[["TotalBsmtSF", "1stFlrSF", "2ndFlrSF"]].fillna(0).sum(axis=1)
    made["PorchSF"] = frame[list(PORCHES)].sum(axis=1)
    made["Baths"] = (
        frame["FullBath"]
        + frame["BsmtFullBath"].fillna(0)
        + 0.5 * (frame["HalfBath"] + frame["BsmtHalfBath"].fillna(0))
    )
    made["Age"] = frame["YrSold"] - frame["YearBuilt"]
    made["SinceRemodel"] = frame["YrSold"] - frame["YearRemodAdd"]
    made["Quality"] = frame["OverallQual"] * made["TotalSF"]
    return made
