"""Where a score would stand on a board of Kaggle's."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practice.analysis.kaggle_board import KaggleBoard

__all__ = ["Medals", "Placement", "gives_medals", "medals", "place"]

# Boards without medals, by the names of their competitions.
_BEGINNERS = (
    "titanic",
    "spaceship-titanic",
    "house-prices-advanced-regression-techniques",
    "home-data-for-ml-course",
    "digit-recognizer",
    "nlp-getting-started",
    "store-sales-time-series-forecasting",
    "gan-getting-started",
    "contradictory-my-dear-watson",
    "tpu-getting-started",
    "connectx",
)
_NO_MEDALS = re.compile(rf"({'|'.join(_BEGINNERS)}|(tabular-)?playground-series-.*)")


@dataclass(frozen=True)
class Medals:
    """How many teams of a board get a medal: ranks up to each number do."""

    gold: int
    silver: int
    bronze: int


@dataclass(frozen=True)
class Placement:
    """A place on a board.

    Parameters
    ----------
    rank : int
        1 and the number of teams that are better at the precision that the board shows.
    rank_last : int
        Behind all teams of an equal score; they were there before.
    interval : tuple of int or None
        Ranks that the interval of the score spans.
    teams : int
    percentile : float
        Share of the teams, in percent, that are not before ``rank``.
    top : float
        ``rank`` in percent of the teams, at most 100.
    medal : {"gold", "silver", "bronze"} or None
        What ``rank_last`` would have got.
    medals : Medals or None
        None where the competition gives none.
    lines : dict of str to float
        Scores of the last team with each medal, and of the median team.
    """

    rank: int
    rank_last: int
    interval: tuple[int, int] | None
    teams: int
    percentile: float
    top: float
    medal: str | None
    medals: Medals | None
    lines: dict[str, float]


def medals(teams: int) -> Medals:
    """Return how many medals Kaggle gives.

    Parameters
    ----------
    teams : int
        Ranked ones.

    Returns
    -------
    Medals

    References
    ----------
    kaggle.com/progression; shares are rounded down.

    Examples
    --------
    >>> medals(99), medals(5000)
    (Medals(gold=9, silver=19, bronze=39), Medals(gold=20, silver=250, bronze=500))
    """
    if teams < 100:
        return Medals(teams // 10, teams // 5, teams * 2 // 5)
    if teams < 250:
        return Medals(10, teams // 5, teams * 2 // 5)
    gold = 10 + teams // 500
    return Medals(gold, 50, 100) if teams < 1000 else Medals(gold, teams // 20, teams // 10)


def gives_medals(file: str) -> bool:
    """Say whether the competition that a board's file is named after gives medals.

    Parameters
    ----------
    file : str

    Returns
    -------
    bool
        False for Getting Started and Playground competitions. Those of communities give none
        either, but their names do not tell.

    Examples
    --------
    >>> gives_medals("playground-series-s4e1-publicleaderboard-2026-01-01T00_00_00.csv")
    False
    """
    slug = re.split(r"-(?:public|private)leaderboard", file)[0]
    return _NO_MEDALS.fullmatch(slug.removesuffix(".csv").removesuffix(".zip")) is None


def place(
    board: KaggleBoard,
    score: float,
    *,
    greater_is_better: bool,
    interval: tuple[float, float] | None = None,
) -> Placement:
    """Place a score on a board.

    Parameters
    ----------
    board : KaggleBoard
    score : float
        In the unit of the board's metric.
    greater_is_better : bool
    interval : tuple of float, optional
        Lowest and highest value the score could have had on other rows.

    Returns
    -------
    Placement

    Examples
    --------
    >>> scores = np.array([0.9, 0.8, 0.8, 0.7])
    >>> board = KaggleBoard("x.csv", "public", scores, np.array([]), 1, 0)
    >>> placed = place(board, 0.81, greater_is_better=True, interval=(0.72, 0.86))
    >>> placed.rank, placed.rank_last, placed.interval, placed.lines["median"]
    (2, 4, (1, 5), 0.8)
    """
    sign = -1.0 if greater_is_better else 1.0
    ascending = np.sort(_shown(sign * board.scores, board.decimals))

    def ranks(value: float) -> tuple[int, int]:
        at = _shown(np.array(sign * value), board.decimals)
        better, until = (int(np.searchsorted(ascending, at, side)) for side in ("left", "right"))
        return 1 + better, 1 + until

    (rank, last), teams = ranks(score), len(ascending)
    spanned = None
    if interval is not None:
        best, worst = sorted(interval, reverse=greater_is_better)
        spanned = ranks(best)[0], ranks(worst)[1]
    due = medals(teams) if gives_medals(board.file) else None
    lines = {} if due is None else {
        name: float(board.scores[count - 1])
        for name, count in (("gold", due.gold), ("silver", due.silver), ("bronze", due.bronze))
        if count
    }  # fmt: skip
    return Placement(
        rank=rank,
        rank_last=last,
        interval=spanned,
        teams=teams,
        percentile=100.0 * (1 - (rank - 1) / teams),
        top=min(100.0, 100.0 * rank / teams),
        medal=_medal(due, last),
        medals=due,
        lines=lines | {"median": float(np.median(board.scores))},
    )


def _shown(values: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    """Round as a board does; numbers too large for digits behind the point are left as they are."""
    with np.errstate(over="ignore"):
        rounded = np.round(values, decimals)
    return np.where(np.isfinite(rounded), rounded, values)


def _medal(due: Medals | None, rank: int) -> str | None:
    if due is None:
        return None
    for name, count in (("gold", due.gold), ("silver", due.silver), ("bronze", due.bronze)):
        if rank <= count:
            return name
    return None
