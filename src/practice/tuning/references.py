"""Rebuild the reference entries: ``python -m practice.tuning.references [SLUG ...]``."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from practice import catalog, settings
from practice.errors import PracticeError
from practice.progress import Progress, silent
from practice.solutions.data import Dataset, load
from practice.solutions.registry import available, get
from practice.solutions.run import cross_validate, packed, predict_test, submission_text
from practice.tuning.final import Finished, finish, usual_final
from practice.tuning.outcome import outcome_of
from practice.tuning.records import Journal
from practice.tuning.repeated import usual_repeats
from practice.tuning.runner import Budget
from practice.tuning.searching import Plan, search
from practice.tuning.tuned import ENTRANT, message_for

__all__ = ["Made", "current_versions", "main", "make", "planned", "write"]

SEED = 0
TRIALS = 60
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "optuna")


@dataclass(frozen=True)
class Made:
    """A reference entry before it is written.

    Parameters
    ----------
    entrant : str
    text : str
        The predictions, as csv.
    description : dict
        What the entry's ``.toml`` says.
    """

    entrant: str
    text: str
    description: dict[str, Any]


def planned(dataset: Dataset) -> tuple[str, ...]:
    """Return the entrants that a competition gets.

    Every solution that suits it, and the tuned one; a second kind of forest only where there are no
    features of the competition's own.
    """
    chosen = [name for name in available(dataset) if name != "extratrees" or not dataset.engineered]
    return (*(f"baseline:{name}" for name in chosen), ENTRANT)


def current_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make predictions."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def make(dataset: Dataset, entrant: str, progress: Progress = silent) -> Made:
    """Make one reference entry.

    Parameters
    ----------
    dataset : Dataset
    entrant : str
        One of :func:`planned`.
    progress : Progress, optional

    Returns
    -------
    Made
    """
    began = time.perf_counter()
    if entrant == ENTRANT:
        made, message, extra = _tuned(dataset, progress)
    else:
        solution = get(entrant.removeprefix("baseline:"))
        cv = cross_validate(dataset, solution, SEED, progress)
        made = Finished(solution, cv, predict_test(dataset, solution, cv.decision, SEED))
        message, extra = solution.description, {}
    text = submission_text(dataset, made.predictions)
    seconds = time.perf_counter() - began
    return Made(entrant, text, _described(dataset, entrant, made, message, extra, seconds))


def _tuned(dataset: Dataset, progress: Progress) -> tuple[Finished, str, dict[str, Any]]:
    """Tune as ``practice tune --trials 60`` does; return message and provenance, too."""
    plan, final = Plan(seed=SEED, repeats=usual_repeats(dataset)), usual_final(dataset)
    with Journal(None) as journal:
        rows = search(dataset, plan, Budget(trials=TRIALS), journal)
    best = outcome_of(rows, dataset.metric.greater_is_better, plan.repeats).best
    extra = {
        "strategy": plan.strategy,
        "trials": TRIALS,
        "repeats": plan.repeats,
        "final": final,
    }
    return finish(dataset, plan, best, final, progress), message_for(plan, TRIALS), extra


def _described(
    dataset: Dataset,
    entrant: str,
    made: Finished,
    message: str,
    extra: Mapping[str, Any],
    seconds: float,
) -> dict[str, Any]:
    cv = made.cv
    return {
        "entrant": entrant,
        "message": message,
        "solution": made.solution.name,
        "build": dataset.build,
        "seed": SEED,
        "seconds": round(seconds, 1),
        "params": {**cv.parameters, **extra},
        "cv": {
            "metric": dataset.metric.name,
            "mean": cv.mean,
            "spread": cv.spread,
            "folds": list(cv.fold_scores),
        },
        "decision": {"kind": cv.decision.kind, "values": list(cv.decision.values)},
        "versions": current_versions(),
    }


def write(made: Made, folder: Path) -> Path:
    """Write an entry's predictions and description.

    Parameters
    ----------
    made : Made
    folder : Path
        ``leaderboard/<slug>``.

    Returns
    -------
    Path
        The description.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.entrant.replace(':', '-')}.toml"
    content = packed(made.text)
    path.with_suffix(".csv.gz").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    path.write_text(_toml({**made.description, "sha256": sha256}), encoding="utf-8")
    return path


def _toml(table: Mapping[str, Any]) -> str:
    """Write texts, numbers, lists and tables of them as TOML; tables come last."""
    plain = [f"{key} = {_value(v)}" for key, v in table.items() if not isinstance(v, Mapping)]
    lines = plain
    for key, inner in table.items():
        if isinstance(inner, Mapping):
            lines += ["", f"[{key}]", *(f"{k} = {_value(v)}" for k, v in inner.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    # JSON's texts and numbers are TOML's.
    return json.dumps(value, ensure_ascii=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild the entries of some competitions, or of all.

    Returns
    -------
    int
        The exit code.
    """
    where = settings.load()
    parser = argparse.ArgumentParser(
        prog="python -m practice.tuning.references",
        description="Rebuild the reference entries of competitions.",
    )
    parser.add_argument("slug", nargs="*", help="competitions; none: all of them")
    parser.add_argument(
        "--entrant", action="append", help="such as tuned:lightgbm; repeatable; none: all of them"
    )
    parser.add_argument("--output", type=Path, default=where.references, help="%(default)s")
    given = parser.parse_args(arguments)
    try:
        for slug in given.slug or catalog.names(where):
            dataset = load(slug, where)
            for entrant in planned(dataset):
                if given.entrant and entrant not in given.entrant:
                    continue
                made = make(dataset, entrant)
                write(made, given.output / slug)
                cv = made.description["cv"]
                print(
                    f"{slug:14} {entrant:20} {cv['metric']} {cv['mean']:.5f} "
                    f"(spread {cv['spread']:.5f}) {made.description['seconds']:.1f} s",
                    flush=True,
                )
    except PracticeError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
