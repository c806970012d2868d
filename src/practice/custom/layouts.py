"""What a submission for a metric in a file looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice import scoring
from practice.errors import DefinitionError
from practice.scoring.records import Answers, Column, Layout

if TYPE_CHECKING:
    from practice.custom.metric import FileMetric
    from practice.definition import SubmissionSpec

__all__ = ["layout"]


def layout(answers: Answers, metric: FileMetric, submission: SubmissionSpec) -> Layout:
    """Say what the table of a submission must look like.

    Parameters
    ----------
    answers : Answers
    metric : FileMetric
    submission : SubmissionSpec
        As many columns as there are targets stand for these; any other number of columns holds
        what the metric ``takes``.

    Returns
    -------
    Layout

    Raises
    ------
    DefinitionError
        Two columns have one name.

    Examples
    --------
    >>> import numpy as np
    >>> from practice.custom import FileMetric
    >>> from practice.definition import SubmissionSpec
    >>> from practice.scoring import Target
    >>> target = Target("y", "label", np.array([0, 1], np.int8), ("a", "b"))
    >>> answers = Answers(None, ("id",), (target,), np.array([True, False]))
    >>> metric = FileMetric("m", "metric.py", b"", True)
    >>> layout(answers, metric, SubmissionSpec()).columns
    (Column(name='y', kind='label', labels=('a', 'b'), missing=False),)
    """
    names = submission.columns
    if len(names) in (0, len(answers.targets)):
        return scoring.layout(answers, metric, submission)
    assert metric.takes is not None  # the definition was held to say it
    if set(names) & set(answers.id_columns):
        raise DefinitionError(
            "a submission would have two columns of one name", "name them in [submission] columns"
        )
    labels = answers.targets[0].labels if metric.takes == "label" else None
    return Layout(answers.id_columns, tuple(Column(name, metric.takes, labels) for name in names))
