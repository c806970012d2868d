"""Features of a text message: how it looks before one reads it."""

from __future__ import annotations

import pandas as pd


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.copy()
    text = frame["text"].astype(str)
    made["length"] = text.str.len()
    made["digits"] = text.str.count(r"\d")
    made["capitals"] = text.str.count(r"[A-Z]") / text.str.len().clip(lower=1)
    made["money"] = text.str.count(r"[£$€]")
    made["shouts"] = text.str.count("!")
    # Spam wants to be answered: a number to call, a short code to text, a page to visit.
    made["numbers"] = text.str.count(r"\b\d{5,}\b")
    made["links"] = text.str.count(r"(?i)\bwww\.|https?://|\.com\b")
    return made
