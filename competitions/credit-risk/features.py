"""Features of a borrower: what the loan costs a month, and grades as numbers."""

from __future__ import annotations

import pandas as pd

CHECKING = {"< 0 DM": 0, "1 - 200 DM": 1, "> 200 DM": 2, "unknown": 3}
SAVINGS = {"< 100 DM": 0, "101 - 500 DM": 1, "501 - 1000 DM": 2, "> 1000 DM": 3}
EMPLOYMENT = {"unemployed": 0, "0 - 1 yrs": 1, "1 - 4 yrs": 2, "4 - 7 yrs": 3, "> 7 yrs": 4}


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.copy()
    # Grades in their order: a tree then splits "at most" instead of guessing sets of words.
    made["checking_balance"] = frame["checking_balance"].map(CHECKING)
    made["savings_balance"] = frame["savings_balance"].map(SAVINGS)
    made["employment_length"] = frame["employment_length"].map(EMPLOYMENT)
    made["payment"] = frame["amount"] / frame["months_loan_duration"]
    made["amount_by_age"] = frame["amount"] / frame["age"]
    return made
