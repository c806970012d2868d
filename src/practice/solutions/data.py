"""A competition as models see it: typed columns, coded target, folds, metric."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from practice import build, catalog, harness, scoring
from practice.build.vault import TargetInfo, VaultInfo
from practice.definition import Competition
from practice.errors import BuildError, PracticeError
from practice.metrics import options
from practice.progress import Progress, silent
from practice.scoring.records import Answers, Target
from practice.settings import Settings
from practice.solutions.columns import Roles, assign_roles, type_columns
from practice.solutions.decisions import Goal, Judge, goal_for
from practice.solutions.features import load_features

if TYPE_CHECKING:
    import pandas as pd

    from practice.metrics import Metric
    from practice.metrics.plan import Plan
    from practice.solutions.base import Solution

__all__ = ["Dataset", "Table", "load", "read"]


@dataclass(frozen=True)
class Table:
    """Feature columns of the training and test rows, and their roles.

    Parameters
    ----------
    train, test : DataFrame
        Columns ``roles.used``; rows in the order of ``train.csv`` and ``test.csv``.
    roles : Roles
    """

    train: pd.DataFrame
    test: pd.DataFrame
    roles: Roles


@dataclass(frozen=True)
class Dataset:
    """What a participant may read of a build, ready for models.

    Parameters
    ----------
    competition : Competition
    build : str
    id : str
        Name of the id column.
    plain : Table
        The columns as they are.
    engineered : Table or None
        The columns that the competition's ``features.py`` makes.
    y : ndarray, shape (rows,)
        Class codes (int64, into ``target.labels``) or numbers (float64).
    splits : tuple of (fitting, validating)
        Row numbers of every fold.
    target : TargetInfo
    test_ids : tuple of str
    sample : DataFrame
        ``sample_submission.csv`` as text.
    beside : dict of str to ndarray
        Columns of the training rows, as text, that the metric looks at.
    groups : ndarray, shape (rows,), or None
        The group of each training row, where the definition names groups and participants see them.
    """

    competition: Competition
    build: str
    id: str
    plain: Table
    engineered: Table | None
    y: NDArray[Any]
    splits: tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]
    target: TargetInfo
    test_ids: tuple[str, ...]
    sample: pd.DataFrame
    beside: dict[str, NDArray[Any]] = field(default_factory=dict)
    groups: NDArray[Any] | None = None

    def __getstate__(self) -> dict[str, Any]:
        # For another process: what is derived is derived there, and a metric need not pickle.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def metric(self) -> Metric:
        """The metric that ranks."""
        return scoring.bind(self.competition.metric, self._answers(np.arange(len(self.y))))

    @cached_property
    def goal(self) -> Goal:
        """What models learn."""
        return goal_for(self.target, self.metric)

    def table_for(self, solution: Solution) -> Table:
        """Return the columns that a solution works on.

        Raises
        ------
        PracticeError
            It wants features of the competition's own, and there are none.
        """
        if not solution.engineered:
            return self.plain
        if self.engineered is None:
            raise PracticeError(
                f"{self.competition.slug} has no features.py, which {solution.name!r} needs",
                f"write {self.competition.folder / 'features.py'}",
            )
        return self.engineered

    def judge(self, rows: NDArray[np.intp]) -> Judge:
        """Return the metric of predictions for some training rows, negated where less is better.

        Parameters
        ----------
        rows : ndarray of int
            Row numbers.

        Returns
        -------
        callable
            ``judge(predictions) -> float`` for predictions of shape (rows,) or (rows, classes).
        """
        answers = self._answers(rows)
        names = self._columns(answers)
        sign = 1 if self.metric.greater_is_better else -1
        used = scoring.bound(self.competition.metric, answers)[1]

        def judged(predictions: NDArray[Any]) -> float:
            given = _by_column(names, predictions)
            return sign * scoring.score(answers, given, self.metric, used=used)

        return judged

    def replicates(
        self, rows: NDArray[np.intp], predictions: NDArray[Any], plan: Plan, budget: float
    ) -> NDArray[np.float64] | None:
        """Return the metric of predictions for some training rows under a resampling plan.

        Parameters
        ----------
        rows : ndarray of int
            Row numbers.
        predictions : ndarray, shape (rows,) or (rows, classes)
        plan : Plan
            Of those rows, in their order.
        budget : float
            Seconds that a metric without a quick way may take.

        Returns
        -------
        ndarray of float64, shape (replicates,), or None
            In the metric's own direction; None where it cannot be resampled.
        """
        answers = self._answers(rows)
        made = scoring.score_replicates(
            answers,
            _by_column(self._columns(answers), predictions),
            self.metric,
            plan,
            np.ones(len(rows), dtype=bool),
            used=scoring.bound(self.competition.metric, answers)[1],
            budget=budget,
        )
        return None if made is None else made.values

    def _columns(self, answers: Answers) -> list[str]:
        """Return the names of a submission's columns."""
        layout = scoring.layout(answers, self.metric, self.competition.submission)
        return [column.name for column in layout.columns]

    def _answers(self, rows: NDArray[np.intp]) -> Answers:
        """Return training rows in the form in which hidden ones are scored."""
        import pyarrow as pa

        target = Target(
            self.target.name,
            self.target.type,
            self.y[rows],
            self.target.labels,
            self.target.positive,
        )
        every = np.ones(len(rows), dtype=bool)
        beside = {name: column[rows] for name, column in self.beside.items()}
        return Answers(pa.array(range(len(rows))), (self.id,), (target,), every, beside)


def _by_column(names: list[str], predictions: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return predictions of shape (rows,) or (rows, classes) by column of a submission."""
    wide = predictions.reshape(len(predictions), -1)
    return {name: wide[:, i] for i, name in enumerate(names)}


def load(slug: str, settings: Settings, progress: Progress = silent) -> Dataset:
    """Load a competition for models.

    Parameters
    ----------
    slug : str
    settings : Settings
    progress : Progress, optional

    Returns
    -------
    Dataset

    Raises
    ------
    NotFoundError, DefinitionError, SourceError, BuildError, StoreError
        There is no such competition, or no data can be had.
    PracticeError
        Its task is not one that ready-made solutions solve.
    """
    info = harness.present_build(settings, slug, progress)
    return read(settings.data / info.build, catalog.load(slug, settings), info)


def read(folder: Path, competition: Competition, info: VaultInfo) -> Dataset:
    """Read the public files of a build.

    Parameters
    ----------
    folder : Path
        Holds ``train.csv``, ``test.csv``, ``sample_submission.csv`` and ``folds.csv``.
    competition : Competition
    info : VaultInfo
        Says which column is the id and how the target is coded; nothing else of the vault is read.

    Returns
    -------
    Dataset

    Raises
    ------
    PracticeError
        The task has no ready-made solutions, or a file is not as the build left it.
    """
    if competition.task not in ("binary", "multiclass", "regression") or len(info.targets) != 1:
        raise PracticeError(
            f"{competition.slug}: no ready-made solution for the task {competition.task!r}",
            f"they solve binary, multiclass and regression; practice show {competition.slug}",
        )
    beside = _looked_at(competition)
    target = info.targets[0]
    train, test, sample, folds = (
        _cells(folder / f"{name}.csv") for name in ("train", "test", "sample_submission", "folds")
    )
    y = _coded(train[target.name], target, folder / "train.csv")
    hidden = {info.id, target.name, competition.data.group}
    kept = [name for name in test.columns if name in train.columns and name not in hidden]
    typed = type_columns(train[kept], test[kept], competition.data.na)
    text = any(skill.split()[0] == "text" for skill in competition.skills)
    engineer = load_features(competition.folder)
    time, group = competition.data.time, competition.data.group
    splits = build.cv_splits(
        folds["fold"].astype(int).tolist(),
        competition.split.purge,
        train[time].tolist() if time is not None and time in train.columns else None,
    )
    return Dataset(
        competition=competition,
        build=info.build,
        id=info.id,
        plain=Table(*assign_roles(*typed, text=text)),
        engineered=_engineered(engineer, typed, text, competition) if engineer else None,
        y=y,
        splits=tuple(splits),
        target=target,
        test_ids=tuple(test[info.id]),
        sample=sample,
        beside={name: train[name].to_numpy(dtype=object) for name in beside},
        groups=train[group].to_numpy(dtype=object) if group in train.columns else None,
    )


def _looked_at(competition: Competition) -> tuple[str, ...]:
    """Return the columns beside target and prediction that the metric looks at."""
    spec = competition.metric
    if spec.name is None:
        return ()
    metric, used = options.split(spec.name, spec.parameters)
    if metric.outputs or metric.training:
        what = "several columns for one target" if metric.outputs else "the training series"
        raise PracticeError(
            f"{competition.slug}: no ready-made solution for {metric.name}, which takes {what}",
            f"starter.py of the workspace begins one; practice show {competition.slug}",
        )
    return tuple(dict.fromkeys((*metric.columns, *used.needs)))


def _engineered(
    engineer: Any, typed: tuple[pd.DataFrame, pd.DataFrame], text: bool, competition: Competition
) -> Table:
    train, test = engineer(typed[0]), engineer(typed[1])
    if list(train.columns) != list(test.columns):
        raise PracticeError(
            f"{competition.folder / 'features.py'}: features(frame) makes other columns of the "
            "training rows than of the test rows",
            "let no column depend on which rows are there",
        )
    return Table(*assign_roles(train, test, text=text))


def _cells(path: Path) -> pd.DataFrame:
    """Read a csv file as cells of text."""
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, na_filter=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BuildError(f"{path}: cannot be read: {error}", "practice doctor") from None


def _coded(cells: pd.Series[Any], target: TargetInfo, path: Path) -> NDArray[Any]:
    """Return the target as class codes or numbers."""
    import pandas as pd

    y: NDArray[Any]
    if target.labels is None:
        y = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
        bad = ~np.isfinite(y)
    else:
        places = {label: code for code, label in enumerate(target.labels)}
        y = np.array([places.get(cell, -1) for cell in cells], dtype=np.int64)
        bad = y < 0
    if bad.any():
        row = int(bad.argmax())
        raise BuildError(
            f"{path}: row {row + 1}: {cells.iloc[row]!r} is no value of the target {target.name!r}",
            "practice doctor",
        )
    return y
