"""What the store keeps, as it hands it out and takes it in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

__all__ = [
    "Attempt",
    "Entrant",
    "Event",
    "Kind",
    "NewAttempt",
    "NewScore",
    "OutOfFold",
    "Replicates",
    "Season",
    "Status",
]

Kind = Literal["person", "reference"]
Status = Literal["scored", "refused", "failed"]
_SPLITS = ("public", "private", "secondary")


@dataclass(frozen=True)
class Season:
    """One round on a build.

    Parameters
    ----------
    id : int
    slug, build : str
    number : int
        1 for the first season of a competition.
    metric : dict
        As it was given when the season was opened.
    greater_is_better : bool
    rules : dict
        As they were given when the season was opened.
    title : str
    opened_at : datetime
        Aware, UTC, as all times of the store.
    deadline, revealed_at : datetime or None
    """

    id: int
    slug: str
    build: str
    number: int
    metric: dict[str, Any]
    greater_is_better: bool
    rules: dict[str, Any]
    title: str
    opened_at: datetime
    deadline: datetime | None
    revealed_at: datetime | None


@dataclass(frozen=True)
class Entrant:
    """Somebody (a person) or something (a reference) with a row on a board."""

    id: int
    name: str
    kind: Kind


@dataclass(frozen=True)
class Attempt:
    """A stored submission.

    Scores are left out of its ``repr``, so that no log shows what is not released.

    Parameters
    ----------
    id, season : int
    entrant : str
    kind : {"person", "reference"}
    blob : str
        The sha256 of the file.
    file : str
        What the entrant called it.
    status : {"scored", "refused", "failed"}
    error : str or None
        Why it is not scored.
    problems : tuple of dict
        The faults of a refused file.
    message : str
    params : dict
    tags : tuple of str
    git_commit : str or None
    git_dirty : bool or None
    submitted_at : datetime
    seconds : float
        What checking and scoring took.
    late : bool
    withdrawn_at : datetime or None
    note : str
    released : float or None
        The public score as the feedback policy released it.
    public, private : float or None
        Scores at full precision, of the newest version of the scorer.
    secondary : dict of str to float or None
        Further metrics on the public rows, by name; None: could not be computed.
    """

    id: int
    season: int
    entrant: str
    kind: Kind
    blob: str
    file: str
    status: Status
    error: str | None
    problems: tuple[dict[str, Any], ...]
    message: str
    params: dict[str, Any]
    tags: tuple[str, ...]
    git_commit: str | None
    git_dirty: bool | None
    submitted_at: datetime
    seconds: float
    late: bool
    withdrawn_at: datetime | None
    note: str
    released: float | None
    public: float | None = field(repr=False)
    private: float | None = field(repr=False)
    secondary: dict[str, float | None] = field(repr=False)


@dataclass(frozen=True)
class Replicates:
    """A score under each replicate of a resampling plan.

    Parameters
    ----------
    plan : str
        The plan's id; replicates go together, number by number, with those of the same plan only.
    data : bytes
        float64, little-endian, one per replicate; NaN where there is no score. Empty where the
        metric cannot be resampled. As secret as the score itself, and left out of the ``repr``.
    """

    plan: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for the training rows, each by a model that has not seen the row.

    Parameters
    ----------
    blob : str
        The sha256 of the file.
    value : float
        The mean of the folds' scores.
    folds : tuple of float
        The score of each fold, in order.
    row_count : int
        How many training rows are predicted.
    """

    blob: str
    value: float
    folds: tuple[float, ...]
    row_count: int


@dataclass(frozen=True)
class NewScore:
    """A score to be written.

    Parameters
    ----------
    split : {"public", "private", "secondary"}
        Rows it was computed on; "secondary": a further metric on the public rows.
    metric : str
    value : float or None
        Finite; None where it could not be computed.
    scorer_version : int
    replicates : Replicates, optional
        None where they are not known, to be written later.

    Raises
    ------
    ValueError
        The split is none of these, or the value not finite.

    Examples
    --------
    >>> NewScore("public", "rmse", float("nan"), 1)
    Traceback (most recent call last):
    ValueError: the public score is not finite
    """

    split: str
    metric: str
    value: float | None = field(repr=False)
    scorer_version: int
    replicates: Replicates | None = None

    def __post_init__(self) -> None:
        if self.split not in _SPLITS:
            raise ValueError(f"a score is of {', '.join(_SPLITS)}, not {self.split!r}")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"the {self.split} score is not finite")


@dataclass(frozen=True)
class NewAttempt:
    """A submission to be written; fields as in :class:`Attempt`.

    Parameters
    ----------
    season : int
    entrant : str
        An entrant that is known (:meth:`Transaction.entrant`).
    blob, file : str
    status : {"scored", "refused", "failed"}
    submitted_at : datetime
        Aware.
    scores : tuple of NewScore
        One "public" and one "private" score of the season's metric; empty unless scored.
    secondary : dict of str to float or None
        Further metrics, stored under the scorer's version of ``scores``.
    out_of_fold : OutOfFold, optional

    Raises
    ------
    ValueError
        The released score is not finite.
    """

    season: int
    entrant: str
    blob: str
    file: str
    status: Status
    submitted_at: datetime
    error: str | None = None
    problems: tuple[dict[str, Any], ...] = ()
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    git_commit: str | None = None
    git_dirty: bool | None = None
    seconds: float = 0.0
    late: bool = False
    note: str = ""
    released: float | None = None
    scores: tuple[NewScore, ...] = ()
    secondary: dict[str, float | None] = field(default_factory=dict, repr=False)
    out_of_fold: OutOfFold | None = None

    def __post_init__(self) -> None:
        if self.released is not None and not math.isfinite(self.released):
            raise ValueError("the released score is not finite")


@dataclass(frozen=True)
class Event:
    """A link of the chain of everything that was written; see :mod:`practice.store.chain`."""

    seq: int
    at: datetime
    kind: str
    season: int | None
    entrant: str | None
    payload: dict[str, Any]
    previous: str
    hash: str
