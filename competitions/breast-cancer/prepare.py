"""Names without spaces, and a target that says what it counts: 1 is malignant."""

from pathlib import Path

import pandas as pd


def prepare(files: list[Path]) -> pd.DataFrame:
    table = pd.read_csv(files[0], dtype=str, keep_default_na=False)
    table.columns = table.columns.str.replace(" ", "_")
    table["malignant"] = (table.pop("target") == "0").astype(int)  # scikit-learn: 0 is malignant
    return table
