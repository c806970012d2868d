"""What scoring passes around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from practice.errors import PracticeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "SCORER_VERSION",
    "Answers",
    "Column",
    "FileScore",
    "Layout",
    "Problem",
    "SubmissionRefusedError",
    "Target",
]

# Part of every stored score; raised whenever the same file could get another score than before.
SCORER_VERSION = 1


@dataclass(frozen=True)
class Problem:
    """One fault of a submission file.

    Parameters
    ----------
    row : int or None
        Row of the table, 1 for the first below the header; None where no single row is to blame.
    column : str or None
        Column name as the file writes it.
    value : str or None
        The offending cell (cut at 60 characters), or up to three of them.
    message : str
        What is wrong.
    hint : str
        What to do about it.
    """

    row: int | None
    column: str | None
    value: str | None
    message: str
    hint: str = ""


class SubmissionRefusedError(PracticeError):
    """A submission file that cannot be scored, with all its faults.

    Parameters
    ----------
    problems : tuple of Problem
        At least one.
    file : str, optional
        Its name, where it is not clear which file is meant.
    """

    def __init__(self, problems: tuple[Problem, ...], file: str = "") -> None:
        first = problems[0].message
        named = not file or first.startswith(file)
        super().__init__(first if named else f"{file}: {first}", problems[0].hint)
        self.problems = problems
        self.file = file


@dataclass(frozen=True)
class Column:
    """A prediction column that a submission must have.

    Parameters
    ----------
    name : str
    kind : {"number", "probability", "label", "labels", "text"}
        What its cells must be: a finite number; one in [0, 1]; one label; a list of labels
        separated by spaces; any text.
    labels : tuple of str or None
        The labels allowed (those of the training data), as text; None: any.
    missing : bool
        True where a cell of a number or label may be missing.
    """

    name: str
    kind: Literal["number", "probability", "label", "labels", "text"]
    labels: tuple[str, ...] | None = None
    missing: bool = False


@dataclass(frozen=True)
class Layout:
    """What a submission's table must look like.

    Parameters
    ----------
    id_columns : tuple of str
    columns : tuple of Column
    strangers : bool
        True where rows of ids that the answers do not have are left out.
    """

    id_columns: tuple[str, ...]
    columns: tuple[Column, ...]
    strangers: bool = False


@dataclass(frozen=True)
class Target:
    """One target column of the hidden rows.

    Parameters
    ----------
    name : str
    type : {"label", "number", "text"}
    values : ndarray, shape (rows,)
        "label": integer codes into ``labels`` (-1: missing), smallest signed integer type;
        "number": float64; "text": object array of str.
    labels : tuple of str or None
        Classes of the training data as text, sorted (numerically where all are numbers).
    positive : str or None
        The positive class.
    """

    name: str
    type: Literal["label", "number", "text"]
    values: NDArray[Any]
    labels: tuple[str, ...] | None = None
    positive: str | None = None


@dataclass(frozen=True)
class Answers:
    r"""The hidden rows of a build, in the vault's order.

    Parameters
    ----------
    ids : pyarrow.Array
        int64 (every id matches ``-?(0|[1-9]\d*)``) or string, shape (rows,).
    id_columns : tuple of str
        One name; several for a composite key (then ``ids`` are strings joined by U+001F).
    targets : tuple of Target
    public : ndarray of bool, shape (rows,)
        True where the row is behind the public board.
    extras : dict of str to ndarray
        Further columns of the hidden rows: "weight", "group", slices.
    called : str
        What messages call the file that has the ids.
    """

    ids: Any
    id_columns: tuple[str, ...]
    targets: tuple[Target, ...]
    public: NDArray[np.bool_]
    extras: dict[str, NDArray[Any]] = field(default_factory=dict)
    called: str = "the test data"


@dataclass(frozen=True)
class FileScore:
    """The score of one file against another.

    Parameters
    ----------
    metric : str
    score : float
    rows : int
        Rows that were scored.
    """

    metric: str
    score: float
    rows: int
