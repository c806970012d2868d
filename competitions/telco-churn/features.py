"""Features of a telephone customer: how many services, and how the bill has moved."""

from __future__ import annotations

import pandas as pd

SERVICES = (
    "PhoneService",
    "MultipleLines",
    "OnlineSecurity",
    "OnlineBackup",
    "DeviceProtection",
    "TechSupport",
    "StreamingTV",
    "StreamingMovies",
)


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns to learn from."""
    made = frame.copy()
    made["services"] = (frame[list(SERVICES)] == "Yes").sum(axis=1)
    made["protected"] = (frame[["OnlineSecurity", "TechSupport"]] == "Yes").sum(axis=1)
    # A bill above the average so far has gone up.
    average = frame["TotalCharges"] / frame["tenure"].where(frame["tenure"] > 0)
    made["rise"] = frame["MonthlyCharges"] - average
    made["charge_each"] = frame["MonthlyCharges"] / (1 + made["services"])
    made["automatic"] = frame["PaymentMethod"].str.contains("automatic", regex=False).astype(float)
    return made
