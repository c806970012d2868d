"""What the verbs return; the faces print these fields under these names."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import stdev
from typing import Any, Literal

from practice.scoring.records import Problem

__all__ = [
    "Board",
    "Checked",
    "CrossValidation",
    "Entry",
    "Gap",
    "Listed",
    "Move",
    "Noted",
    "Paired",
    "Revealed",
    "Scorer",
    "Selected",
    "Started",
    "Status",
    "SubmissionRow",
    "Submitted",
]

Kind = Literal["person", "reference"]


@dataclass(frozen=True)
class Started:
    """Outcome of ``start`` and ``retry``.

    Parameters
    ----------
    competition, title : str
    workspace : Path or None
        Folder that was written or found (None for ``retry``).
    build : str
    season : int
        1 for the first round on a build.
    already : bool
        True where there was nothing to do.
    references : int
        Reference entries on the board.
    train_rows, test_rows, public_rows : int
    files : tuple of Path
        What the workspace holds.
    contaminated : tuple of str
        Entrants whose models of a revealed earlier season may know the answers (``retry``).
    """

    competition: str
    title: str
    workspace: Path | None
    build: str
    season: int
    already: bool
    references: int
    train_rows: int
    test_rows: int
    public_rows: int
    files: tuple[Path, ...] = ()
    contaminated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """Outcome of ``check``: ``problems`` is empty where the file may be submitted."""

    competition: str
    file: str
    ok: bool
    rows: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Gap:
    """A difference between two released scores; ``better`` says which way it goes."""

    to: str  # an entrant, or "own best"
    score: float
    difference: float  # this score minus that score
    better: bool | None  # None: equal


@dataclass(frozen=True)
class CrossValidation:
    """The score of out-of-fold predictions, computed from them on the training rows.

    Parameters
    ----------
    score : float
        Mean of the folds' scores.
    standard_error : float or None
        Of that mean: the folds' standard deviation over the root of their number. Folds share
        training rows, so it is somewhat too small. None of a single fold.
    folds : tuple of float
    rows : int
        Training rows that are predicted.
    """

    score: float
    standard_error: float | None
    folds: tuple[float, ...]
    rows: int

    @classmethod
    def of(cls, folds: tuple[float, ...], rows: int) -> CrossValidation:
        """Put the scores of folds together.

        Examples
        --------
        >>> CrossValidation.of((0.5, 0.75), 40)
        CrossValidation(score=0.625, standard_error=0.125, folds=(0.5, 0.75), rows=40)
        """
        error = stdev(folds) / math.sqrt(len(folds)) if len(folds) > 1 else None
        return cls(math.fsum(folds) / len(folds), error, folds, rows)


@dataclass(frozen=True)
class Submitted:
    """Outcome of ``submit``.

    Parameters
    ----------
    id : int
    competition, entrant : str
    status : {"scored", "refused", "failed"}
    metric : str
    greater_is_better : bool
    public_score : float or None
        As released by the feedback policy.
    private_score : float or None
        None before the reveal.
    rank : int or None
        Place of the entrant's row on the board, reference entries counted.
    ranked : int
        Rows on the board that have a rank.
    entrants : int
        People on the board.
    secondary : dict of str to float or None
        Further metrics on the public rows (only with full feedback).
    own_best, baseline : Gap or None
        Change to one's best before this, and to the nearest reference entry.
    attempts_left : int or None
        None where nothing limits them.
    attempts_reset_at : datetime or None
    late : bool
        After the reveal: scored, never ranked.
    repeated : int or None
        An earlier submission of the same entrant with the same bytes.
    error : str or None
        Why it was refused or failed, in one line.
    problems : tuple of Problem
    seconds : float
    cross_validation : CrossValidation or None
        Where out-of-fold predictions came with it.
    """

    id: int
    competition: str
    entrant: str
    status: Literal["scored", "refused", "failed"]
    metric: str
    greater_is_better: bool
    public_score: float | None
    private_score: float | None
    rank: int | None
    ranked: int
    entrants: int
    secondary: dict[str, float | None] = field(default_factory=dict)
    own_best: Gap | None = None
    baseline: Gap | None = None
    attempts_left: int | None = None
    attempts_reset_at: datetime | None = None
    late: bool = False
    repeated: int | None = None
    error: str | None = None
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    cross_validation: CrossValidation | None = None


@dataclass(frozen=True)
class Paired:
    """How far a row is better than another, row by row of the data; negative where it is worse."""

    to: str  # an entrant, or "own best"
    difference: float  # turned so that more is better
    low: float | None  # the ends of its 95 % interval; None where it cannot be known
    high: float | None
    real: bool  # whether luck alone does not explain it


@dataclass(frozen=True)
class Entry:
    """A row of the board; ``rank`` is None below the line (no score, withdrawn, late).

    What luck could have done stands in the fields from ``score_low`` on: None where the feedback
    policy does not tell the scores it follows from, or the metric cannot be resampled.
    """

    rank: int | None
    entrant: str
    kind: Kind
    public_score: float | None
    private_score: float | None  # None before the reveal
    submissions: int
    submitted_at: datetime | None
    message: str
    submission: int | None = None  # id of the submission shown
    public_rank: int | None = None  # after the reveal: the place before it
    note: str = ""  # why a row has no rank
    score_low: float | None = None  # the ends of the 95 % interval of the score that ranks
    score_high: float | None = None
    rank_low: int | None = None  # the best and the worst place it may have in truth
    rank_high: int | None = None
    not_worse_than_best: bool | None = None
    share_won: float | None = None  # of the resamples of the rows, those in which the entrant leads
    to_own_best: Paired | None = None
    to_baseline: Paired | None = None
    to_above: Paired | None = None


@dataclass(frozen=True)
class Scorer:
    """What computed the scores of a board.

    ``versions`` has more than one where only some were scored anew, or came after an upgrade.
    """

    metric: str  # with its parameters
    metric_changes: int  # how often rescore replaced it in this season
    versions: tuple[int, ...]  # of the scorer, ascending; empty: there are no scores
    package: int  # what this version of the package has
    older: int  # how many submissions are of an older one


@dataclass(frozen=True)
class Board:
    """The leaderboard of a season.

    ``replicates`` is how many resamples of its rows the statistics rest on (0: there are none), and
    ``optimism`` by how much the best score flatters, at the least.
    """

    competition: str
    title: str
    metric: str
    greater_is_better: bool
    revealed: bool
    season: int
    feedback: str
    public_rows: int
    private_rows: int
    entrants: int
    entries: tuple[Entry, ...]
    replicates: int = 0
    optimism: float | None = None
    scorer: Scorer | None = None  # None: of scores that are in no store


@dataclass(frozen=True)
class SubmissionRow:
    """A row of ``submissions``."""

    id: int
    entrant: str
    status: Literal["scored", "refused", "failed"]
    public_score: float | None
    private_score: float | None
    selected: bool
    withdrawn: bool
    late: bool
    submitted_at: datetime
    file: str
    message: str
    params: dict[str, Any]
    tags: tuple[str, ...]
    git_commit: str | None
    git_dirty: bool | None
    note: str
    error: str | None
    cross_validation: float | None = None  # mean of the folds' scores of its out-of-fold file


@dataclass(frozen=True)
class Noted:
    """Outcome of ``withdraw`` and ``note``."""

    id: int
    competition: str
    entrant: str
    withdrawn: bool
    note: str


@dataclass(frozen=True)
class Selected:
    """The final submissions of an entrant; not ``chosen``: the best public ones stand in."""

    competition: str
    entrant: str
    chosen: bool
    submissions: tuple[SubmissionRow, ...]
    allowed: int


@dataclass(frozen=True)
class Move:
    """How a row's place changed at the reveal; up is positive."""

    entrant: str
    kind: Kind
    public_rank: int | None
    private_rank: int | None
    moved: int | None


@dataclass(frozen=True)
class Revealed:
    """Outcome of ``reveal``."""

    board: Board
    moves: tuple[Move, ...]
    already: bool


@dataclass(frozen=True)
class Listed:
    """A row of ``list``."""

    competition: str
    title: str
    summary: str
    task: str
    metric: str
    difficulty: int
    skills: tuple[str, ...]
    offline: bool  # needs no download
    started: bool
    revealed: bool


@dataclass(frozen=True)
class Status:
    """A running competition on the status screen."""

    competition: str
    title: str
    metric: str
    season: int
    revealed: bool
    own_best: float | None
    rank: int | None
    ranked: int
    submissions: int
    attempts_left: int | None
    deadline: datetime | None
    leader: str | None
    leader_score: float | None
    last_at: datetime | None  # newest submission of anybody
    next: str  # the next command
    news: tuple[str, ...] = ()  # what changed since one's own last submission
