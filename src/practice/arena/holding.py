"""What judges a run: rows that were held out, the metric on them, and their resampling plan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice import harness, scoring
from practice.build.plan import load_plan
from practice.errors import RefusedError
from practice.metrics import options
from practice.metrics.drawing import draw
from practice.metrics.plan import Kind, Plan
from practice.scoring.records import Answers
from practice.settings import Settings
from practice.solutions.data import Dataset
from practice.solutions.run import submission_text
from practice.tuning.outer import Outer, held_score, outer_splits

if TYPE_CHECKING:
    from practice.metrics.options import Options

__all__ = ["HIDDEN", "REPLICATES", "Hidden", "Hold", "hidden_rows", "holds_of", "units_of"]

HIDDEN = -1  # number of the split that is judged by the competition's own hidden rows
REPLICATES = 500
_BUDGET = 120.0  # seconds that the replicates of one run may take where there is no quick way


@dataclass(frozen=True)
class Hidden:
    """The private rows of a competition that is revealed.

    Parameters
    ----------
    answers : Answers
    plan : Plan or None
        Of the private rows.
    """

    answers: Answers
    plan: Plan | None

    @property
    def rows(self) -> NDArray[np.bool_]:
        """The private rows, shape (hidden rows,)."""
        return ~self.answers.public


@dataclass(frozen=True)
class Hold:
    """An outer split and what its held-out rows say of predictions.

    Parameters
    ----------
    dataset : Dataset
        The whole competition.
    outer : Outer
        Its ``inner`` is all that a search sees.
    plan : Plan or None
        None where the metric cannot be resampled.
    hidden : Hidden or None
        The competition's own hidden rows, where these are the rows held out.
    """

    dataset: Dataset
    outer: Outer
    plan: Plan | None
    hidden: Hidden | None = None

    @property
    def rows(self) -> int:
        """Rows held out."""
        return len(self.outer.held) if self.hidden is None else int(self.hidden.rows.sum())

    def score(self, predictions: NDArray[Any]) -> float:
        """Return the competition's metric on the rows held out, in its own direction.

        Parameters
        ----------
        predictions : ndarray
            In the order of the test table of ``outer.inner``.
        """
        if self.hidden is None:
            return held_score(self.dataset, self.outer.held, predictions)
        answers, metric, used = self._bound(self.hidden)
        given = self._read(self.hidden, predictions, used)
        return scoring.score(answers, given, metric, self.hidden.rows, used)

    def replicates(self, predictions: NDArray[Any]) -> NDArray[np.float64] | None:
        """Return the same under each replicate of the plan, shape (replicates,)."""
        if self.plan is None:
            return None
        if self.hidden is None:
            return self.dataset.replicates(self.outer.held, predictions, self.plan, _BUDGET)
        answers, metric, used = self._bound(self.hidden)
        given = self._read(self.hidden, predictions, used)
        made = scoring.score_replicates(
            answers, given, metric, self.plan, self.hidden.rows, used=used, budget=_BUDGET
        )
        return None if made is None else made.values

    def _bound(self, hidden: Hidden) -> tuple[Answers, Any, Options]:
        spec = self.dataset.competition.metric
        return hidden.answers, *scoring.bound(spec, hidden.answers)

    def _read(
        self, hidden: Hidden, predictions: NDArray[Any], used: Options
    ) -> dict[str, NDArray[Any]]:
        """Read predictions as the board does, so that the score is that of a submission."""
        spec = self.dataset.competition.submission
        layout = scoring.layout(hidden.answers, self.dataset.metric, spec)
        layout = replace(layout, strangers=used.extra_ids == "ignore")
        text = submission_text(self.dataset, predictions)
        return scoring.read(text.encode(), layout, hidden.answers, name="predictions")


def holds_of(dataset: Dataset, numbers: tuple[int, ...], hidden: Hidden | None) -> dict[int, Hold]:
    """Return the splits of a comparison by number.

    Parameters
    ----------
    dataset : Dataset
    numbers : tuple of int
        Of outer splits; ``HIDDEN`` last, where there is ``hidden``.
    hidden : Hidden or None
    """
    drawn = [number for number in numbers if number != HIDDEN]
    found = {
        outer.number: Hold(dataset, outer, _plan(dataset, outer))
        for outer in outer_splits(dataset, len(drawn))
    }
    if hidden is not None:
        every = np.arange(len(dataset.y))
        outer = Outer(HIDDEN, dataset, every, np.flatnonzero(hidden.rows))
        found[HIDDEN] = Hold(dataset, outer, hidden.plan, hidden)
    return found


def hidden_rows(dataset: Dataset, settings: Settings) -> Hidden:
    """Return the competition's hidden rows, which a comparison would leak before the reveal.

    Raises
    ------
    RefusedError
        The present season is not revealed.
    NotFoundError
        The competition is not started here.
    """
    slug = dataset.competition.slug
    if not harness.leaderboard(settings, slug).revealed:
        raise RefusedError(
            f"{slug} is not revealed: a comparison on its hidden rows would tell of them",
            f"leave --with-hidden out, or practice reveal {slug}",
        )
    vault = settings.vault / dataset.build
    plan = None
    if _resampled(dataset):
        whole = load_plan(vault, "private")
        plan = replace(whole, counts=np.array(whole.counts[:REPLICATES]), id=f"{whole.id}/first")
    return Hidden(scoring.load_answers(vault), plan)


def _resampled(dataset: Dataset) -> bool:
    """Say whether the metric can be resampled: a mean over groups cannot, nor a biased one."""
    spec = dataset.competition.metric
    grouped = spec.name is not None and options.split(spec.name, spec.parameters)[1].group
    return dataset.metric.unit != "none" and not grouped


def units_of(dataset: Dataset, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], Kind]:
    """Give training rows that are resampled together one number, and say what they are.

    Groups where the competition has them, moments where it is split by time, else rows with equal
    features.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray of int

    Returns
    -------
    units : ndarray of int, shape (rows,)
    kind : {"rows", "classes", "groups", "time"}
    """
    import pandas as pd

    split = dataset.competition.split.kind
    if split == "time":
        return np.arange(len(rows)), "time"
    if dataset.groups is not None:
        known, kind = pd.Series(dataset.groups[rows]), "groups"
    else:
        known = pd.util.hash_pandas_object(dataset.plain.train.iloc[rows], index=False)
        classed = split == "stratified" and dataset.target.labels is not None
        kind = "classes" if classed else "rows"
    return np.asarray(pd.factorize(known)[0], dtype=np.int64), kind  # type: ignore[return-value]


def _plan(dataset: Dataset, outer: Outer) -> Plan | None:
    """Draw the plan of an outer split: the same on every machine."""
    if not _resampled(dataset):
        return None
    units, kind = units_of(dataset, outer.held)
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"arena 1\n{dataset.build}\n{outer.number}\n{REPLICATES}\n".encode())
    digest.update(np.ascontiguousarray(outer.held, dtype="<i8").tobytes())
    strata = None
    if kind == "classes":
        first = np.unique(units, return_index=True)[1]
        strata = np.unique(dataset.y[outer.held][first], return_inverse=True)[1].astype(np.int64)
    id = digest.hexdigest()
    return draw(
        units,
        seed=int(id, 16),
        replicates=REPLICATES,
        strata=strata,
        contiguous=kind == "time",
        kind=kind,
        id=id,
    )
