"""Features of the Titanic's passengers: what the name, the family and the cabin say."""

from __future__ import annotations

import pandas as pd

COMMON = {"Mr", "Mrs", "Miss", "Master"}
SAME = {"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs"}


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.drop(columns=["name", "ticket", "cabin"])
    # "Braund, Mr. Owen Harris": the title tells boys from men and wives from daughters.
    title = frame["name"].str.extract(r",\s*([A-Za-z ]+)\.")[0].str.strip().replace(SAME)
    made["title"] = title.where(title.isin(COMMON), "Other")
    made["family"] = frame["sibsp"] + frame["parch"] + 1
    made["alone"] = made["family"] == 1
    made["fare_each"] = frame["fare"] / made["family"]
    made["deck"] = frame["cabin"].str[0]
    return made
