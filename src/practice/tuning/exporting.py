"""A copy of a run's trials in an Optuna storage, where optuna-dashboard shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from practice.errors import StoreError
from practice.tuning.records import Row
from practice.tuning.space import Space

__all__ = ["exporter"]


def exporter(
    url: str, name: str, space: Space, before: Iterable[Row] = ()
) -> Callable[[Row], None]:
    """Open a study and return what writes rows into it.

    Parameters
    ----------
    url : str
        As Optuna takes it: ``sqlite:///trials.db``, ``postgresql://...``.
    name : str
        Of the study: the run's.
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
        The storage cannot be opened; and from the callable, where it cannot be written.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = _told(
        url, lambda: optuna.create_study(study_name=name, storage=url, load_if_exists=True)
    )
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
            "state": row.state,
            "rounds": row.rounds,
            "work": row.work,
            "fold_scores": list(row.fold_scores),
            "metric_scores": list(row.metric_scores),
        },
    )


def _told(url: str, work: Callable[[], Any]) -> Any:
    """Do something with a storage; say in words what is wrong with it."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return work()
    except Exception as error:  # SQLAlchemy's, the driver's, Optuna's: as many as there are drivers
        try:
            shown = make_url(url).render_as_string(hide_password=True)
        except ArgumentError:
            shown = "the Optuna storage"
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise StoreError(
            f"{shown} cannot be used: {said[0]}", "--optuna-storage sqlite:///trials.db"
        ) from None
