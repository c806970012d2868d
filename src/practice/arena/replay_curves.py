"""Recorded curves: every rung of configurations that were evaluated in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from practice.errors import NotFoundError, PracticeError
from practice.settings import Settings
from practice.solutions.data import load
from practice.tuning.evaluator import Order, Rung, turns
from practice.tuning.manifest import (
    MANIFEST,
    Manifest,
    canonical_hash,
    described_data,
    load_run,
    read_manifest,
    versions,
)
from practice.tuning.records import Configuration, Row
from practice.tuning.runner import Budget
from practice.tuning.searching import Plan, new_folder, plan_of, search_in
from practice.tuning.space import Parameter, Space, key
from practice.tuning.spaces import must_be_tunable

__all__ = ["LEAST", "RECORDER", "Curve", "Recorded", "TabularEvaluator", "read_curves", "record"]

RECORDER = "random+none"
LEAST = 10  # configurations, below which a replay says nothing
_FREE = ("strategy", "seed", "shared_points")  # parts of an identity that no score depends on


@dataclass(frozen=True)
class Curve:
    """One configuration, evaluated in full.

    Parameters
    ----------
    configuration : dict
    rungs : tuple of Rung
        As they were recorded; the last holds the final score.
    drawn : bool
        It was drawn at random, whatever came before.
    """

    configuration: dict[str, Any]
    rungs: tuple[Rung, ...]
    drawn: bool

    @property
    def score(self) -> float:
        """The final loss."""
        return self.rungs[-1].score

    def in_order(self, order: Order) -> tuple[Rung, ...]:
        """Return the rungs as an evaluation in some order shows them.

        What was recorded by rounds is turned into folds by the folds' shares of the work: the
        scores of the folds done are those of the recorded round that is best for them, and the last
        rung is the recorded one.

        Parameters
        ----------
        order : {"rounds", "folds"}

        Returns
        -------
        tuple of Rung
        """
        last = self.rungs[-1]
        if order == "rounds" or last.order == "folds":
            return self.rungs
        found = []
        total = len(last.fold_scores)
        done = 0
        for group in turns(total):
            done += len(group)
            parts = [rung.fold_scores[:done] for rung in self.rungs]
            scores = last.fold_scores if done == total else min(parts, key=np.mean)
            found.append(
                Rung(
                    rung=done,
                    share=done / total,
                    order="folds",
                    score=float(np.mean(scores)) if done < total else last.score,
                    fold_scores=scores,
                    rounds=last.rounds,
                    work=last.work * done / total,
                    cpu_seconds=last.cpu_seconds * done / total,
                    last=done == total,
                )
            )
        return tuple(found)


@dataclass(frozen=True)
class Recorded:
    """The curves of one competition and solution that can be compared with one another.

    Parameters
    ----------
    competition, solution : str
    objective : str
        What the scores are: "log loss" or "rmse".
    space : Space
    folds : int
    curves : tuple of Curve
        One per configuration.
    runs : tuple of str
        The runs they are from.
    """

    competition: str
    solution: str
    objective: str
    space: Space
    folds: int
    curves: tuple[Curve, ...]
    runs: tuple[str, ...]

    @property
    def drawn(self) -> tuple[Curve, ...]:
        """The curves of configurations that were drawn at random."""
        return tuple(curve for curve in self.curves if curve.drawn)

    @property
    def default(self) -> Curve:
        """The curve of the default configuration."""
        wanted = key(self.space.canonical(self.space.default))
        return next(curve for curve in self.curves if key(curve.configuration) == wanted)

    @property
    def best(self) -> float:
        """The least final loss."""
        return min(curve.score for curve in self.curves)


class TabularEvaluator:
    """Shows recorded curves instead of training: exact scores at their recorded cost.

    Parameters
    ----------
    recorded : Recorded
    """

    def __init__(self, recorded: Recorded) -> None:
        self.space, self.folds = recorded.space, recorded.folds
        self._curves = {key(curve.configuration): curve for curve in recorded.curves}
        self._shown: dict[tuple[Any, Order], tuple[Rung, ...]] = {}

    def final(self, configuration: Configuration) -> float:
        """Return the loss that a full evaluation ends with."""
        return self._curves[key(configuration)].score

    def evaluate(self, configuration: Configuration, order: Order) -> Iterator[Rung]:
        """Show a curve; see :class:`practice.tuning.evaluator.Evaluator`."""
        place = key(configuration), order
        if place not in self._shown:
            self._shown[place] = self._curves[place[0]].in_order(order)
        yield from self._shown[place]

    def metric_scores(self) -> tuple[float, ...]:
        """Return nothing: losses alone were recorded for every configuration."""
        return ()

    def described(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "recorded"}


def record(
    slug: str,
    settings: Settings,
    solution: str,
    count: int,
    watch: Callable[[Row], None] | None = None,
) -> Path:
    """Record random configurations in full, or go on with a recording.

    Parameters
    ----------
    slug : str
    settings : Settings
    solution : str
    count : int
        Configurations in total, the default among them.
    watch : callable, optional
        Called with every row.

    Returns
    -------
    Path
        Of the run. One that was begun with the same data and versions is gone on with.

    Raises
    ------
    PracticeError
        The data cannot be learned from, a library is missing, or the records cannot be written.
    """
    must_be_tunable(solution)
    dataset = load(slug, settings)
    plan = Plan(solution, RECORDER)
    begun = [
        folder
        for folder, manifest in _manifests(settings.runs, slug, solution)
        if plan_of(manifest) == plan
        and manifest.identity["data"] == described_data(dataset)
        and manifest.identity["versions"] == dict(versions())
    ]
    folder = begun[-1] if begun else new_folder(settings.runs, slug, plan)
    search_in(folder, dataset, plan, Budget(trials=count), watch)
    return folder


def read_curves(runs: Path, slug: str, solution: str) -> Recorded:
    """Read what was recorded in full: by ``practice replay --record``, or any strategy "+none".

    Runs belong together where data, folds, space, evaluator and versions are the same; of several
    such groups the one with the most curves is read.

    Parameters
    ----------
    runs : Path
        ``settings.runs``.
    slug, solution : str

    Returns
    -------
    Recorded

    Raises
    ------
    NotFoundError
        Nothing is recorded yet, or there is no such solution.
    PracticeError
        Too little is, the default configuration is not among it, or the solution has nothing to
        tune.
    """
    must_be_tunable(solution)
    of = "" if solution == Plan().solution else f" --solution {solution}"
    hint = f"practice replay {slug}{of} --record 200"
    groups: dict[str, list[Path]] = {}
    kept: dict[str, Manifest] = {}
    for folder, manifest in _manifests(runs, slug, solution):
        same = canonical_hash({k: v for k, v in manifest.identity.items() if k not in _FREE})
        groups.setdefault(same, []).append(folder)
        kept[same] = manifest
    found = {same: _curves(folders) for same, folders in groups.items()}
    if not any(found.values()):
        raise NotFoundError(f"no curves of {solution} on {slug} are recorded yet", hint)
    same = max(found, key=lambda each: len(found[each]))
    identity, curves = kept[same].identity, found[same]
    space = _space(identity["space"])
    if len(curves) < LEAST:
        raise PracticeError(
            f"{len(curves)} configurations of {solution} on {slug} are recorded; a replay needs "
            f"{LEAST}",
            hint,
        )
    if key(space.canonical(space.default)) not in curves:
        raise PracticeError(f"the default of {solution} on {slug} is not recorded", hint)
    return Recorded(
        slug,
        solution,
        identity["metric"]["objective"],
        space,
        identity["folds"]["count"],
        tuple(curves.values()),
        tuple(folder.name for folder in groups[same]),
    )


def _manifests(runs: Path, slug: str, solution: str) -> list[tuple[Path, Manifest]]:
    """Return the runs in which every trial was finished, the oldest first."""
    found = []
    for path in runs.glob(f"{slug}-{solution}-*/{MANIFEST}"):
        manifest = read_manifest(path.parent)
        stopper = manifest.identity["strategy"].get("stopper", {}).get("name")
        if (manifest.competition, manifest.solution, stopper) == (slug, solution, "none"):
            found.append((manifest.created, path.parent, manifest))
    return [(folder, manifest) for _, folder, manifest in sorted(found, key=lambda each: each[:2])]


def _curves(folders: list[Path]) -> dict[Any, Curve]:
    """Return the complete trials of runs, one per configuration."""
    found: dict[Any, Curve] = {}
    for folder in folders:
        run = load_run(folder)
        proposer = run.manifest.identity["strategy"]["proposer"]["name"]
        shared = run.manifest.identity["shared_points"]
        trials: dict[int, list[Row]] = {}
        for row in run.rows:
            trials.setdefault(row.trial, []).append(row)
        for trial, rows in trials.items():
            if rows[-1].state != "complete":
                continue
            place = key(rows[-1].configuration)
            drawn = proposer == "random" or trial <= shared
            if place not in found or (drawn and not found[place].drawn):
                rungs = tuple(_rung(row) for row in rows)
                found[place] = Curve(rows[-1].configuration, rungs, drawn)
    return found


def _rung(row: Row) -> Rung:
    assert row.score is not None
    return Rung(
        row.rung,
        row.share,
        row.order,
        row.score,
        row.fold_scores,
        row.rounds,
        row.work,
        row.cpu_seconds,
        row.state == "complete",
    )


def _space(described: dict[str, Any]) -> Space:
    """Return a space from how a manifest describes it."""
    parameters = tuple(
        Parameter(**{**each, "choices": tuple(each["choices"])}) for each in described["parameters"]
    )
    return Space(parameters, described["default"])
