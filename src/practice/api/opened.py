"""A started competition as data frames, with the verbs of a participant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practice import settings as _settings
from practice.api.names import entrant, valid
from practice.api.tables import FRAME, content
from practice.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from practice.analysis.advice import Advised
    from practice.analysis.blend import Blend
    from practice.analysis.blending import Method
    from practice.analysis.diff import Diff
    from practice.harness import Checked, Started, Submitted
    from practice.harness.rescored import Rescored

__all__ = ["StartedCompetition", "competition", "data_folder", "start"]


@dataclass(frozen=True)
class StartedCompetition:
    """A competition that was started, as a participant sees it.

    Made by :func:`practice.competition`.

    Parameters
    ----------
    slug : str
    name : str or None
        The entrant; None: the name kept in the profile, else the login name.
    settings : Settings

    Examples
    --------
    Where ``practice.start("breast-cancer")`` was called before, the first five lines are
    ``cancer = practice.competition("breast-cancer", name="ada")``.

    >>> import tempfile
    >>> from practice import harness, settings
    >>> home = tempfile.TemporaryDirectory()
    >>> here = settings.from_environment({"PRACTICE_HOME": home.name})
    >>> _ = harness.start(here, "breast-cancer", Path(home.name) / "workspace")
    >>> cancer = StartedCompetition("breast-cancer", "ada", here)
    >>> cancer.train.shape, cancer.test.shape
    ((341, 32), (228, 31))
    >>> mine = cancer.sample_submission.assign(malignant=1)
    >>> cancer.check(mine).ok
    True
    >>> done = cancer.submit(mine, message="everybody is ill", params={"answer": 1})
    >>> done.status, round(done.public_score, 3), done.metric
    ('scored', 0.542, 'f1')
    >>> board = cancer.leaderboard()
    >>> list(board[board["entrant"] == "ada"]["message"])
    ['everybody is ill']
    >>> best = board["submission"][0]
    >>> cancer.diff(done.id, int(best)).public.difference < 0
    True
    >>> cancer.rescore().done
    False
    >>> cancer.advise().picks == (done.id,)
    True
    >>> home.cleanup()
    """

    slug: str
    name: str | None
    settings: Settings

    @cached_property
    def train(self) -> pd.DataFrame:
        """The training rows with their target, shape (rows, columns)."""
        return self._read("train.csv")

    @cached_property
    def test(self) -> pd.DataFrame:
        """The rows to predict, shape (rows, columns)."""
        return self._read("test.csv")

    @cached_property
    def sample_submission(self) -> pd.DataFrame:
        """A valid submission: the id and a prediction per row of ``test``."""
        return self._read("sample_submission.csv")

    @cached_property
    def folds(self) -> pd.DataFrame:
        """The fold of every training row: columns id and ``fold``."""
        return self._read("folds.csv")

    @property
    def description(self) -> str:
        """The competition's description, in Markdown."""
        from practice import catalog

        folder = catalog.load(self.slug, self.settings).folder
        return (folder / "description.md").read_text(encoding="utf-8")

    def check(self, predictions: pd.DataFrame | pd.Series[Any] | str | Path) -> Checked:
        """Say whether predictions may be submitted; costs nothing.

        Parameters
        ----------
        predictions : DataFrame, Series or path
            The id as a column or as the index, and the predictions.

        Returns
        -------
        Checked
            ``ok``, and the ``problems`` where it is False.
        """
        from practice import harness

        return harness.check(self.settings, self.slug, *content(predictions))

    def submit(
        self,
        predictions: pd.DataFrame | pd.Series[Any] | str | Path,
        message: str = "",
        params: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        oof: pd.DataFrame | pd.Series[Any] | str | Path | None = None,
    ) -> Submitted:
        """Score predictions and put them on the board.

        Parameters
        ----------
        predictions : DataFrame, Series or path
            The id as a column or as the index, and the predictions.
        message : str
        params : mapping of str to object, optional
            What made them.
        tags : sequence of str, optional
        oof : DataFrame, Series or path, optional
            Out-of-fold predictions: the same columns, for the ids of ``folds`` that a fold
            validates.

        Returns
        -------
        Submitted
            Its ``status`` is "refused" or "failed" where there is no score; ``problems`` says why.

        Raises
        ------
        PracticeError
            Nothing was stored.
        """
        from practice import harness

        file, called = content(predictions)
        beside, whole = (None, None) if oof is None else content(oof)
        return harness.submit(
            self.settings,
            self.slug,
            file,
            entrant=entrant(self.settings, self.name),
            name=called,
            message=message,
            params=dict(params or {}),
            tags=tuple(tags),
            folder=Path.cwd() if called == FRAME else None,
            out_of_fold=beside,
            out_of_fold_name=None if whole is None else f"oof {whole}",
        )

    def advise(self) -> Advised:
        """Propose two final submissions, from what may be known before the reveal.

        Returns
        -------
        Advised
            ``picks``, what they rest on, and all ``candidates``.

        Raises
        ------
        RefusedError
            The season is revealed, or nothing is known that advice could rest on.
        """
        from practice.analysis.advice import advised

        return advised(self.settings, self.slug, entrant(self.settings, self.name))

    def blend(self, *numbers: int, method: Method = "mean") -> Blend:
        """Combine submissions of one's own that have out-of-fold predictions.

        Parameters
        ----------
        *numbers : int
            Two submissions or more.
        method : {"mean", "rank", "climb", "weights"}
            See :func:`practice.analysis.blend.blend`.

        Returns
        -------
        Blend
            What it is worth, what each member contributes, and the csv texts to submit:
            ``Path("blend.csv").write_bytes(made.predictions)``.

        Raises
        ------
        PracticeError
        """
        from practice.analysis.blend import blend

        who = entrant(self.settings, self.name)
        return blend(self.settings, numbers, entrant=who, method=method)

    def leaderboard(self, every: bool = False) -> pd.DataFrame:
        """Return the board, a row per entrant in its order.

        Parameters
        ----------
        every : bool
            A row per submission.

        Returns
        -------
        DataFrame
            Columns as ``practice leaderboard --csv`` has them; ``attrs`` holds ``metric``,
            ``greater_is_better`` and ``revealed``.
        """
        import pandas as pd

        from practice import harness

        board = harness.leaderboard(self.settings, self.slug, every)
        names = [field.name for field in fields(harness.Entry)]
        rows = [[getattr(entry, name) for name in names] for entry in board.entries]
        table = pd.DataFrame(rows, columns=names)
        for name in ("rank", "public_rank", "submission"):  # may be missing, and are not floats
            table[name] = table[name].astype("Int64")
        for name in ("metric", "greater_is_better", "revealed"):
            table.attrs[name] = getattr(board, name)
        return table

    def diff(self, one: int, other: int) -> Diff:
        """Compare two submissions of one season, as ``practice diff`` does.

        Parameters
        ----------
        one, other : int
            Their numbers; before the reveal your own and reference entries only.

        Returns
        -------
        Diff
            With all ``rows`` on which they part.
        """
        from practice.analysis.diff import diff

        who = entrant(self.settings, self.name)
        return diff(self.settings, one, other, entrant=who, most=None)

    def rescore(self) -> Rescored:
        """Score what was submitted anew, after the scorer or the metric changed.

        Returns
        -------
        Rescored
            Its ``rows`` are the board, each with the score and the rank it had.
        """
        from practice import harness

        return harness.rescore(self.settings, self.slug)

    def shakeup(self) -> pd.DataFrame:
        """Return how the board may end or, after the reveal, how it did; a row per entrant.

        Returns
        -------
        DataFrame
            Columns as ``practice shakeup --csv`` has them; ``attrs`` holds ``revealed``, ``number``
            (Kaggle's shake-up), ``why`` there is no forecast, and ``warnings``.

        Examples
        --------
        >>> import practice
        >>> table = practice.competition("breast-cancer").shakeup()  # doctest: +SKIP
        >>> table[["entrant", "rank", "rank_low", "rank_high"]]  # doctest: +SKIP
        """
        import pandas as pd

        from practice.analysis.shakeup import Shaken, shakeup

        told = shakeup(self.settings, self.slug)
        names = [field.name for field in fields(Shaken)]
        table = pd.DataFrame([[getattr(r, n) for n in names] for r in told.rows], columns=names)
        for name in ("rank_low", "rank_high", "public_rank", "private_rank", "moved"):
            table[name] = table[name].astype("Int64")
        for name in ("revealed", "number", "why", "warnings"):
            table.attrs[name] = getattr(told, name)
        return table

    def _read(self, file: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_csv(data_folder(self.slug, self.settings) / file)


def competition(slug: str, name: str | None = None) -> StartedCompetition:
    """Open a competition that was started.

    Parameters
    ----------
    slug : str
        Such as "telco-churn"; ``practice list`` shows them.
    name : str, optional
        The entrant; default: the name kept in the profile, else the login name.

    Returns
    -------
    StartedCompetition
        ``train``, ``test``, ``sample_submission`` and ``folds`` as data frames; ``check``,
        ``submit`` and ``leaderboard``.

    Raises
    ------
    NotFoundError
        It is not started: ``practice.start(slug)`` does it.

    Examples
    --------
    >>> import practice
    >>> cancer = practice.competition("breast-cancer")  # doctest: +SKIP
    >>> cancer.train.shape  # doctest: +SKIP
    (341, 32)
    """
    here = _settings.load()
    data_folder(slug, here)
    return StartedCompetition(slug, None if name is None else valid(name), here)


def start(slug: str, directory: str | Path | None = None) -> Started:
    """Download the data, hide a test set and write a workspace; does nothing a second time.

    Parameters
    ----------
    slug : str
    directory : path, optional
        The workspace; default ``./<slug>``.

    Returns
    -------
    Started
        Says where the workspace is and how many rows it has.

    Raises
    ------
    PracticeError

    Examples
    --------
    >>> import practice
    >>> practice.start("breast-cancer").train_rows  # doctest: +SKIP
    341
    """
    from practice import harness

    return harness.start(_settings.load(), slug, None if directory is None else Path(directory))


def data_folder(slug: str, here: Settings) -> Path:
    """Return the folder of the public files of a competition's present season.

    Parameters
    ----------
    slug : str
    here : Settings

    Returns
    -------
    Path

    Raises
    ------
    NotFoundError
        The competition is not started.
    """
    from practice.harness.rounds import current
    from practice.store import open_store

    with open_store(here) as store:
        return here.data / current(store, slug).build
