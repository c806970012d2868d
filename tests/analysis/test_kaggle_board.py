"""Reading the leaderboards that Kaggle's client and pages hand out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from practice.analysis.kaggle_board import read_board
from practice.errors import PracticeError

HEADER = "Rank,TeamId,TeamName,LastSubmissionDate,Score,SubmissionCount,TeamMemberUserNames"
ROWS = (
    '1,16625060,"Subin, An","2026-08-03 23:01:03",0.8312,2,"one,two"',
    '0,7,"All zeros benchmark","2026-08-01 00:00:00",0.8000,1,',
    '2,16625061,"Zoë","2026-08-04 23:01:03",0.8250,12,three',
    '3,16625062,"Late","2026-08-05 23:01:03",,1,four',
    '4,16625063,"Four","2026-08-05 23:01:03",0.71,1,five',
)
NAME = "spooky-publicleaderboard-2026-09-30T17:41:44.csv"


def text(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


@pytest.fixture
def new_board(tmp_path: Path) -> Path:
    path = tmp_path / NAME.replace(":", "_")
    path.write_text(text(*ROWS), encoding="utf-8-sig", newline="")
    return path


def test_a_new_board_is_read(new_board: Path) -> None:
    board = read_board(new_board, greater_is_better=True)
    assert board.scores.tolist() == [0.8312, 0.825, 0.71]
    assert board.benchmarks.tolist() == [0.8]
    assert (board.split, board.decimals, board.left_out) == ("public", 4, 1)


def test_the_best_comes_first_where_smaller_is_better(new_board: Path) -> None:
    board = read_board(new_board, greater_is_better=False)
    assert board.scores.tolist() == [0.71, 0.825, 0.8312]


def test_a_zip_with_one_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "spooky.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NAME, b"\xef\xbb\xbf" + text(*ROWS).encode())
    board = read_board(path, greater_is_better=True)
    assert (board.file, board.split, len(board.scores)) == (NAME, "public", 3)


def test_an_old_board_counts_the_best_of_each_team(tmp_path: Path) -> None:
    path = tmp_path / "old-privateleaderboard.csv"
    rows = ("7,A,2019-01-01,0.5", "8,B,2019-01-01,0.6", "7,A,2019-01-03,0.7", "7,A,2019-01-04,0.65")
    path.write_text(text(*rows, header="TeamId,TeamName,SubmissionDate,Score"))
    board = read_board(path, greater_is_better=True)
    assert (board.scores.tolist(), board.split) == ([0.7, 0.6], "private")
    assert read_board(path, greater_is_better=False).scores.tolist() == [0.5, 0.6]


def test_no_more_digits_are_shown_than_a_number_has(tmp_path: Path) -> None:
    path = tmp_path / "board.csv"
    path.write_text("TeamId,Score\n1,0.85\n2,1e-300\n3,1e-99999\n")
    board = read_board(path, greater_is_better=True)
    assert (board.decimals, board.scores.tolist()) == (15, [0.85, 1e-300, 0.0])


def test_no_name_of_a_person_is_kept(new_board: Path) -> None:
    held = repr(read_board(new_board, greater_is_better=True))
    assert not [name for name in ("Subin", "Zoë", "one", "three", "16625060") if name in held]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no columns TeamId and Score"),
        (b"a,b\n1,2\n", "no columns TeamId and Score"),
        (b"TeamId,Score\n", "no team with a score"),
        (b"TeamId,Score\n1,none\n", "no team with a score"),
        (b"TeamId,Score\n1,nan\n2,inf\n3,1e999\n", "no team with a score"),
        (b"TeamId,Score\n,0.5\n", "line 2: no TeamId"),
        (b"TeamId,Score,Score\n1,0.5,0.6\n", "two columns named 'score'"),
        (b"Rank,TeamId,Score\n0,1,0.5\n", "no team with a score"),
        (b"TeamId,Score\n1,0.5,3\n", "line 2: 3 cells, not 2"),
        (b'TeamId,Score\n1,"0.5\n', "line"),
        (b"Next Page Token = abc\nteamId,score\n1,0.5\n", "one page of a board"),
        (b"TeamId,Score\n\xff\xfe,1\n", "not a csv in UTF-8"),
        (b"PK\x03\x04garbage", "a damaged zip"),
    ],
)
def test_what_is_no_board_is_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "board.csv"
    path.write_bytes(content)
    with pytest.raises(PracticeError, match=message) as caught:
        read_board(path, greater_is_better=True)
    assert "--download" in caught.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="No such file"):
        read_board(tmp_path / "none.zip", greater_is_better=True)


def test_a_zip_of_two_csv_files_and_a_bomb_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "TeamId,Score\n1,2\n")
        archive.writestr("b.csv", "TeamId,Score\n1,2\n")
    with pytest.raises(PracticeError, match="2 csv files inside"):
        read_board(path, greater_is_better=True)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", np.zeros(201 << 20, np.uint8).tobytes())
    with pytest.raises(PracticeError, match="more than 200 MB"):
        read_board(bomb, greater_is_better=True)
