"""A copy of a run's trials in an Optuna storage, where optuna-dashboard shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from practice.errors import StoreError
from practice.tuning.manifest import Manifest
from practice.tuning.records import Row
from practice.tuning.space import Space

if TYPE_CHECKING:
    import optuna

__all__ = ["exporter", "study_name"]


def study_name(manifest: Manifest) -> str:
    """Return the name of a run's study: runs of other people may have the run's name, too.

    Parameters
    ----------
    manifest : Manifest

    Returns
    -------
    str
        The run's name and the first eight digits of its manifest's hash.
    """
    return f"{manifest.id}-{manifest.hash[:8]}"


def exporter(
    url: str, manifest: Manifest, space: Space, before: Iterable[Row] = ()
) -> Callable[[Row], None]:
    """Open a study and return what writes rows into it.

    Parameters
    ----------
    url : str
        As Optuna takes it: ``sqlite:///trials.db``, ``postgresql://...``.
    manifest : Manifest
        Of the run. Its hash is an attribute of the study.
    space : Space
    before : iterable of Row
        Rows of earlier sessions; trials that the study holds already are not written again.

    Returns
    -------
    callable
        To be called with every row; a trial is written with its last one.

    Raises
    ------
    StoreError
        The storage cannot be opened, or holds another run's study of that name; and from the
        callable, where it cannot be written.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = study_name(manifest)
    study = _told(
        url, lambda: optuna.create_study(study_name=name, storage=url, load_if_exists=True)
    )
    _claim(study, manifest, url)
    known = {trial.user_attrs.get("trial") for trial in study.get_trials(deepcopy=False)}
    rungs: dict[int, float] = {}

    def write(row: Row) -> None:
        if row.state == "over" or row.trial in known:
            rungs.clear()
            return
        if row.score is not None:
            rungs[row.rung] = row.score
        if row.state == "running":
            return
        study_trial = _trial(row, space, dict(rungs))
        rungs.clear()
        _told(url, lambda: study.add_trial(study_trial))

    for row in before:
        write(row)
    return write


def _claim(study: optuna.Study, manifest: Manifest, url: str) -> None:
    """Mark a study as a run's, or refuse one that is not."""
    marks = _told(url, lambda: study.user_attrs)
    if not marks and not study.get_trials(deepcopy=False):
        _told(url, lambda: study.set_user_attr("manifest", manifest.hash))
    elif marks.get("manifest") != manifest.hash:
        raise StoreError(
            f"{_shown(url)} holds a study {study.study_name!r} that is not of this run",
            "--optuna-storage sqlite:///other.db, or another address",
        )


def _trial(row: Row, space: Space, rungs: dict[int, float]) -> Any:
    from optuna.trial import TrialState, create_trial

    states = {"stopped": TrialState.PRUNED, "failed": TrialState.FAIL}
    state = TrialState.FAIL if row.score is None else states.get(row.state, TrialState.COMPLETE)
    return create_trial(
        state=state,
        value=row.score if state == TrialState.COMPLETE else None,
        params=space.to_optuna(row.configuration),
        distributions=space.distributions,
        intermediate_values=rungs,
        user_attrs={
            "trial": row.trial,
            # What was evaluated: a distribution on a log scale cannot hold 0.
            "configuration": dict(row.configuration),
            "state": row.state,
            "rounds": row.rounds,
            "work": row.work,
            "fold_scores": list(row.fold_scores),
            "metric_scores": list(row.metric_scores),
        },
    )


def _told(url: str, work: Callable[[], Any]) -> Any:
    """Do something with a storage; say in words what is wrong with it."""
    try:
        return work()
    except Exception as error:  # SQLAlchemy's, the driver's, Optuna's: as many as there are drivers
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise StoreError(
            f"{_shown(url)} cannot be used: {said[0]}", "--optuna-storage sqlite:///trials.db"
        ) from None


def _shown(url: str) -> str:
    """Return an address without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "the Optuna storage"
