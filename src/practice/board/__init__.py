"""The board: what is released of a score, and who stands where."""

from __future__ import annotations

from practice.board.feedback import Policy, better, parse, release
from practice.board.ladder import LADDER, Ladder, Rung, beats
from practice.board.ranking import Row, Standing, finals, public_board, revealed_board
from practice.board.ties import gap, levels, same

__all__ = [
    "LADDER",
    "Ladder",
    "Policy",
    "Row",
    "Rung",
    "Standing",
    "beats",
    "better",
    "finals",
    "gap",
    "levels",
    "parse",
    "public_board",
    "release",
    "revealed_board",
    "same",
]
