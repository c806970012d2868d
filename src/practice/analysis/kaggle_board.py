"""A leaderboard as Kaggle's own download gives it: a zip with one csv, or that csv.

Only scores are kept. The files hold names of people, who did not ask to be in our records.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practice.errors import PracticeError

__all__ = ["KaggleBoard", "read_board"]

LARGEST = 200 << 20  # bytes of csv; the largest real board has about 1 MB
GET_IT = "kaggle competitions leaderboard SLUG --download gives such a file"
_MOST = 15  # digits behind the point that a number of size 1 holds
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class KaggleBoard:
    """The scores of a board.

    Parameters
    ----------
    file : str
        Name of the csv.
    split : {"public", "private"} or None
        What the file's name says; None where it says nothing.
    scores : ndarray of float64, shape (teams,)
        One per ranked team, the best first.
    benchmarks : ndarray of float64, shape (benchmarks,)
        Of rows of rank 0, which are no teams.
    decimals : int
        Digits behind the point that the board shows. Kaggle ranks at full precision.
    left_out : int
        Rows without a score.
    """

    file: str
    split: Literal["public", "private"] | None
    scores: NDArray[np.float64]
    benchmarks: NDArray[np.float64]
    decimals: int
    left_out: int


@dataclass(frozen=True)
class _Row:
    team: str
    benchmark: bool
    score: str


def read_board(path: Path, *, greater_is_better: bool) -> KaggleBoard:
    r"""Read a downloaded leaderboard.

    Parameters
    ----------
    path : Path
        zip or csv. Boards before about 2021 have a row per improvement of a team: its best counts.
    greater_is_better : bool
        Of the competition; a board does not say it.

    Returns
    -------
    KaggleBoard

    Raises
    ------
    PracticeError
        Where the file cannot be read, or is no such board.

    Examples
    --------
    >>> import tempfile
    >>> text = "Rank,TeamId,Score\n1,7,0.91\n0,2,0.50\n2,8,0.9\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "x-publicleaderboard-2026-09-30T17_41_44.csv"
    ...     _ = path.write_text(text)
    ...     board = read_board(path, greater_is_better=True)
    >>> board.split, board.scores.tolist(), board.benchmarks.tolist(), board.decimals
    ('public', [0.91, 0.9], [0.5], 2)
    """
    name, content = _content(path)
    rows = list(_rows(name, content))
    scored = [row for row in rows if _is_score(row.score)]
    sign = -1.0 if greater_is_better else 1.0
    best: dict[str, float] = {}
    for row in scored:
        if not row.benchmark:
            value = sign * float(row.score)
            best[row.team] = min(value, best.get(row.team, value))
    if not best:
        raise PracticeError(f"{path}: no team with a score", GET_IT)
    return KaggleBoard(
        file=name,
        split=_split(name) or _split(path.name),
        scores=sign * np.sort(np.array(list(best.values()))) + 0.0,
        benchmarks=np.array([float(row.score) for row in scored if row.benchmark]),
        decimals=min(_MOST, max(_decimals(row.score) for row in scored)),
        left_out=len(rows) - len(scored),
    )


def _content(path: Path) -> tuple[str, str]:
    """Return the name of the csv, and its text."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PracticeError(f"{path}: {error.strerror or 'cannot be read'}", GET_IT) from None
    name = path.name
    if raw.startswith(b"PK"):
        name, raw = _unzipped(path)
    try:
        return name, raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PracticeError(f"{path}: not a csv in UTF-8", GET_IT) from None


def _unzipped(path: Path) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if each.filename.endswith(".csv")]
            if len(members) != 1:
                raise PracticeError(f"{path}: {len(members)} csv files inside; one is due", GET_IT)
            if members[0].file_size > LARGEST:
                raise PracticeError(f"{path}: more than {LARGEST >> 20} MB inside", GET_IT)
            return members[0].filename, archive.read(members[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise PracticeError(f"{path}: a damaged zip ({type(error).__name__})", GET_IT) from None


def _rows(name: str, content: str) -> Iterator[_Row]:
    """Yield the rows of a board, new or old."""
    lines = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        if header and header[0].startswith("next page token"):
            message = f"{name}: one page of a board (--show); the whole board is due (--download)"
            raise PracticeError(message, GET_IT)
        if not {"teamid", "score"} <= set(header):
            raise PracticeError(f"{name}: no columns TeamId and Score", GET_IT)
        if twice := next((each for each in header if header.count(each) > 1), None):
            raise PracticeError(f"{name}: two columns named {twice!r}", GET_IT)
        for cells in lines:
            if not any(cells):
                continue
            if len(cells) != len(header):
                message = f"{name}, line {lines.line_num}: {len(cells)} cells, not {len(header)}"
                raise PracticeError(message, GET_IT)
            row = dict(zip(header, cells, strict=True))
            benchmark, team = row.get("rank", "").strip() == "0", row["teamid"].strip()
            if not team and not benchmark:
                raise PracticeError(f"{name}, line {lines.line_num}: no TeamId", GET_IT)
            yield _Row(team, benchmark, row["score"].strip())
    except csv.Error as error:
        raise PracticeError(f"{name}, line {lines.line_num}: {error}", GET_IT) from None


def _split(name: str) -> Literal["public", "private"] | None:
    found = re.search(r"(public|private)leaderboard", name)
    if found is None:
        return None
    return "public" if found[1] == "public" else "private"


def _is_score(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def _decimals(score: str) -> int:
    mantissa, _, power = score.lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(power or 0))
