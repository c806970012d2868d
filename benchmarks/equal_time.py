"""Equal time for what a user might pick: who predicts held-out rows best after so many seconds.

Each of five gets the same seconds of one processor on the same training rows, and its final model
is judged by rows that it never saw, with the competition's own metric: the untuned default, TPE
around ``cross_val_score(LGBMClassifier)`` as a user would write it, Optuna's LightGBMTunerCV,
FLAML's AutoML (over LightGBM) and ``practice tune`` as it comes. Runs keep to one processor, so on
an idle one its time is wall time; what each took is printed, too. Needs ``practice[systems]`` and
started competitions; runs that are in ``--out`` already are not run again::

    python benchmarks/equal_time.py --out equal.jsonl                     # 6 competitions, 30 s
    python benchmarks/equal_time.py --out equal.jsonl --show              # the table alone
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import rankdata

from practice.arena.lane import DEFAULT, run_strategy
from practice.arena.systems import SystemRun, run_system
from practice.settings import from_environment
from practice.solutions import get, load
from practice.solutions.boosting import booster_parameters
from practice.solutions.data import Dataset
from practice.solutions.decisions import learned
from practice.solutions.encoding import for_trees
from practice.solutions.run import cross_validate, predict_test
from practice.tuning import Budget
from practice.tuning.outer import Outer, held_score, outer_splits
from practice.tuning.space import Parameter
from practice.tuning.spaces import LIGHTGBM

COMPETITIONS = (
    "breast-cancer",
    "titanic",
    "diabetes",
    "wine-quality",
    "telco-churn",
    "credit-risk",
)
OURS = "tpe"
ENTRIES = (DEFAULT, "naive", "lightgbm-tuner-cv", "flaml-automl", OURS)


def suggested(trial: Any, parameter: Parameter) -> Any:
    """Suggest a value of the range that all share."""
    low, high, name = parameter.low, parameter.high, parameter.name
    if parameter.whole:
        return trial.suggest_int(name, int(low), int(high), log=parameter.log)
    return trial.suggest_float(name, low, high, log=parameter.log)


def naive(dataset: Dataset, outer: Outer, seconds: float, seed: int) -> SystemRun:
    """Tune as a user would: an Optuna study around cross_val_score, fixed numbers of rounds."""
    import lightgbm
    import optuna
    from sklearn.model_selection import cross_val_score

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    cpu, wall = time.process_time(), time.perf_counter()
    inner = outer.inner
    solution = get("lightgbm")
    matrix = for_trees(inner.plain.roles).fit_transform(inner.plain.train)
    categories = list(range(len(inner.plain.roles.categories)))
    target = learned(inner.goal, inner.y)
    classes = inner.goal.learn == "classes"
    kind = lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor
    scoring = "neg_log_loss" if classes else "neg_root_mean_squared_error"

    def objective(trial: optuna.Trial) -> float:
        given = {p.name: suggested(trial, p) for p in LIGHTGBM}
        trial.set_user_attr("given", given)
        fixed = booster_parameters(inner.goal, given, seed)
        for name in ("objective", "metric", "num_class", "num_threads", "force_col_wise"):
            fixed.pop(name, None)
        rounds = trial.suggest_int("n_estimators", 10, 500, log=True)
        model = kind(n_estimators=rounds, n_jobs=1, **fixed)
        return -float(
            cross_val_score(
                model,
                matrix,
                target,
                scoring=scoring,
                cv=list(inner.splits),
                params={"categorical_feature": categories},
                error_score="raise",
            ).mean()
        )

    def stop(study: optuna.Study, trial: Any) -> None:
        if time.process_time() - cpu > seconds:
            study.stop()

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, callbacks=[stop])
    best = study.best_trial
    configuration = {**best.user_attrs["given"], "rounds": best.params["n_estimators"]}
    chosen = solution.with_parameters(**configuration)
    decision = cross_validate(inner, chosen, seed).decision
    predictions = predict_test(inner, chosen, decision, seed)
    return SystemRun(
        system="naive",
        outer=outer.number,
        seed=seed,
        held=held_score(dataset, outer.held, predictions),
        claimed=study.best_value,
        cpu_seconds=time.process_time() - cpu,
        seconds=time.perf_counter() - wall,
        configuration=configuration,
    )


def one(name: str, dataset: Dataset, outer: Outer, seconds: float) -> SystemRun:
    """Run one of the entries."""
    if name == "naive":
        return naive(dataset, outer, seconds, outer.number)
    if name in (DEFAULT, OURS):
        return run_strategy(name, dataset, outer, Budget(cpu_seconds=seconds), outer.number)
    return run_system(name, dataset, outer, seconds, outer.number)


def cells(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        yield from map(json.loads, path.read_text().splitlines())


def show(path: Path) -> None:
    """Print means, ranks and how often each was worse than the default."""
    found: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for cell in cells(path):
        found.setdefault((cell["slug"], cell["outer"]), {})[cell["system"]] = cell
    whole = {key: cell for key, cell in found.items() if set(cell) == set(ENTRIES)}
    ranks, worse = [], []
    for cell in whole.values():
        sign = 1 if next(iter(cell.values()))["greater_is_better"] else -1
        scores = np.array([sign * cell[name]["held"] for name in ENTRIES])
        ranks.append(rankdata(-scores))
        worse.append(scores < scores[0])
    print(f"{len(whole)} cells of {len({slug for slug, _ in whole})} competitions")
    for slug in dict.fromkeys(slug for slug, _ in whole):
        own = [cell for (each, _), cell in whole.items() if each == slug]
        means = [np.mean([cell[name]["held"] for cell in own]) for name in ENTRIES]
        text = "  ".join(f"{name} {mean:.4f}" for name, mean in zip(ENTRIES, means, strict=True))
        print(f"{slug} ({own[0][OURS]['metric']}): {text}")
    for at, name in enumerate(ENTRIES):
        spent = np.mean([cell[name]["cpu_seconds"] for cell in whole.values()])
        wall = np.mean([cell[name]["seconds"] for cell in whole.values()])
        print(
            f"{name:18} mean rank {np.mean(ranks, axis=0)[at]:.2f}  worse than the default "
            f"{np.mean(worse, axis=0)[at]:.0%}  cpu {spent:.1f} s, wall {wall:.1f} s"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--competitions", nargs="+", default=COMPETITIONS)
    parser.add_argument("--cpu", type=int, default=0, help="the processor to keep to")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    if not asked.show:
        os.sched_setaffinity(0, {asked.cpu})
        settings = from_environment(os.environ)
        done = {(c["slug"], c["outer"], c["system"]) for c in cells(asked.out)}
        for slug in asked.competitions:
            dataset = load(slug, settings)
            for outer in outer_splits(dataset, asked.splits):
                for name in ENTRIES:
                    if (slug, outer.number, name) in done:
                        continue
                    run = asdict(one(name, dataset, outer, asked.seconds))
                    kind = {
                        "slug": slug,
                        "metric": dataset.metric.name,
                        "greater_is_better": dataset.metric.greater_is_better,
                    }
                    with asked.out.open("a") as file:
                        file.write(json.dumps(kind | run) + "\n")
                    print(slug, outer.number, name, f"{run['held']:.4f}", flush=True)
    show(asked.out)


if __name__ == "__main__":
    main()
