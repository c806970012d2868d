"""Strategies on tables of curves whose outcome is known by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from practice.arena.replay import NINE, named, replay
from practice.arena.replay_curves import (
    Curve,
    Recorded,
    TabularEvaluator,
    read_curves,
)
from practice.arena.replay_surrogate import SurrogateEvaluator, agreement
from practice.errors import NotFoundError, PracticeError, StoreError, UsageError
from practice.tuning.evaluator import Rung
from practice.tuning.manifest import Manifest, canonical_hash, write_manifest
from practice.tuning.records import ROWS, Journal, Row
from practice.tuning.space import Parameter, Space

SPACE = Space((Parameter("x"),), {"x": 0.5})
ROUNDS = (25, 50, 100)


def curve(x: float, losses: Sequence[float], *, drawn: bool = True) -> Curve:
    """Return a curve of two folds that are .1 apart, of 100 rounds."""
    rungs = tuple(
        Rung(
            rung=rounds,
            share=rounds / 100,
            order="rounds",
            score=loss,
            fold_scores=(loss - 0.05, loss + 0.05),
            rounds=rounds,
            work=rounds / 100,
            cpu_seconds=0.0,
            last=rounds == 100,
        )
        for rounds, loss in zip(ROUNDS, losses, strict=True)
    )
    return Curve({"x": x}, rungs, drawn)


def table(*curves: Curve) -> Recorded:
    return Recorded("toy", "lightgbm", "log loss", SPACE, 2, curves, ("run-1",))


# The default is best early on and worst in the end, so that halving gives up all others.
LATE = table(
    curve(0.5, (0.1, 0.1, 1.0)),
    *(curve(x, (0.5, 0.4, x)) for x in (0.1, 0.2, 0.3, 0.4)),
)
# Configurations keep their order, so that nothing is lost by stopping.
EARLY = table(*(curve(x, (x, x, x)) for x in (0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)))


def test_without_stopping_the_whole_table_is_seen_at_full_cost() -> None:
    played = replay(LATE, ["none"], seeds=3, trials=5)
    (only,) = played.strategies
    assert (only.strategy, only.kind) == ("random+none", "tabular")
    assert (only.regret_100, only.error_100) == (0.0, 0.0)
    assert (only.trials, only.work, only.speed_up, only.best_kept) == (5.0, 5.0, 1.0, 1.0)
    assert [played.best, played.default_regret] == pytest.approx([0.1, 0.9])
    assert played.agreement is None
    assert len(played.cautions) == 1  # 5 of 5: the best is always among them
    assert "the 5 configurations that are recorded" in played.cautions[0]


def test_halving_gives_up_what_begins_badly_and_pays_only_for_that() -> None:
    (only,) = replay(LATE, ["halving"], seeds=3, trials=5).strategies
    assert only.regret_100 == pytest.approx(0.9)  # left with the default
    assert only.best_kept == 0.0
    assert only.work == pytest.approx(1 + 4 * 0.25)  # four were stopped at the first rung
    assert only.speed_up == pytest.approx(5 / 2)


def test_stopping_loses_nothing_where_the_order_never_changes() -> None:
    played = replay(EARLY, ["none", "median", "halving", "hyperband"], seeds=20, trials=10)
    plain, *stopping = played.strategies
    assert plain.work == 10.0
    for each in stopping:
        assert each.regret_100 == 0.0
        assert each.best_kept == 1.0
        assert each.work < plain.work
    assert played.seeds == 20


def test_regret_falls_as_the_order_of_drawing_says() -> None:
    (only,) = replay(EARLY, ["none"], seeds=200, trials=4).strategies
    assert only.regret_25 == pytest.approx(0.4)  # the default alone
    # Two trials: the default and one of nine, of which four are better, by .1 to .4.
    assert only.regret_50 == pytest.approx(0.4 - (0.4 + 0.3 + 0.2 + 0.1) / 9, abs=0.03)
    assert only.regret_100 < only.regret_50


def test_the_same_seed_draws_the_same_for_every_way_of_stopping() -> None:
    one, other = replay(EARLY, ["none", "forgiving"], seeds=7, trials=4).strategies
    assert one.regret_50 == other.regret_50
    assert asdict(replay(EARLY, ["none"], seeds=7, trials=4).strategies[0]) == asdict(one)


def test_a_budget_of_work_buys_more_trials_where_they_are_stopped() -> None:
    played = replay(EARLY, ["none", "halving"], seeds=10, work=4)
    plain, halving = played.strategies
    assert (plain.trials, plain.work) == (4.0, 4.0)
    assert halving.trials > plain.trials
    assert halving.work <= 4.0
    assert (played.trials, played.work) == (None, 4)


def test_anytime_curves_end_where_the_runs_end() -> None:
    played = replay(EARLY, ["none", "halving"], seeds=10, trials=10)
    plain, halving = played.anytime
    assert plain.work[-1] == pytest.approx(10.0)
    assert halving.work[-1] < 6.0
    for band in played.anytime:
        assert band.middle[0] == pytest.approx(0.4)
        assert band.middle[-1] == 0.0
        assert list(band.middle) == sorted(band.middle, reverse=True)


def test_folds_in_turn_cost_their_share_and_end_with_the_recorded_score() -> None:
    evaluator = TabularEvaluator(EARLY)
    rungs = list(evaluator.evaluate({"x": 0.2}, "folds"))
    # Both folds of two are done together.
    assert [(rung.rung, rung.work, rung.last) for rung in rungs] == [(2, 1.0, True)]
    assert rungs[0].score == 0.2
    five = Rung(100, 1.0, "rounds", 0.4, (0.2, 0.3, 0.4, 0.5, 0.6), 90, 0.8, 4.0, True)
    first = Rung(50, 0.5, "rounds", 0.5, (0.1, 0.2, 0.6, 0.7, 0.9), 50, 0.5, 2.0, False)
    shown = Curve({"x": 0.2}, (first, five), drawn=True).in_order("folds")
    assert [rung.work for rung in shown] == pytest.approx([0.32, 0.64, 0.8])
    assert shown[0].fold_scores == (0.1, 0.2)  # these two were best at 50 rounds
    assert shown[1].fold_scores == (0.2, 0.3, 0.4, 0.5)
    assert shown[2].fold_scores == five.fold_scores
    assert [rung.share for rung in shown] == pytest.approx([0.4, 0.8, 1.0])
    assert shown[2].score == 0.4


# What models propose


def valley(count: int) -> Recorded:
    """Return curves of a valley with its bottom at .3."""
    places = np.random.default_rng(2).random(count)
    xs = [0.5, *(float(f"{x:.6g}") for x in places)]
    losses = [0.1 + (x - 0.3) ** 2 for x in xs]
    return table(*(curve(x, (y + 0.2, y + 0.1, y)) for x, y in zip(xs, losses, strict=True)))


def test_the_surrogate_repeats_what_was_recorded_and_is_never_better() -> None:
    recorded = valley(40)
    surrogate = SurrogateEvaluator(recorded)
    for each in recorded.curves:
        assert surrogate.final(each.configuration) == pytest.approx(each.score)
    rng = np.random.default_rng(0)
    predicted = [surrogate.final({"x": float(x)}) for x in rng.random(100)]
    assert min(predicted) >= recorded.best - 1e-12
    assert agreement(recorded) > 0.9


def test_the_surrogate_moves_the_nearest_curve() -> None:
    recorded = valley(40)
    surrogate = SurrogateEvaluator(recorded)
    asked = {"x": 0.987}
    rungs = list(surrogate.evaluate(asked, "rounds"))
    nearest = min(recorded.curves, key=lambda each: abs(each.configuration["x"] - 0.987))
    assert rungs[-1].score == pytest.approx(surrogate.final(asked))
    moved = rungs[-1].score - nearest.score
    assert [rung.score for rung in rungs] == pytest.approx(
        [rung.score + moved for rung in nearest.rungs]
    )
    assert [rung.work for rung in rungs] == [rung.work for rung in nearest.rungs]


def test_models_are_labelled_and_stand_behind_what_was_recorded() -> None:
    played = replay(valley(40), ["tpe", "none", "qmc"], seeds=3, trials=20)
    assert [(each.strategy, each.kind) for each in played.strategies] == [
        ("random+none", "tabular"),
        ("tpe", "surrogate"),
        ("qmc", "surrogate"),
    ]
    assert played.agreement is not None
    assert all(each.regret_100 >= -1e-12 for each in played.strategies)
    assert all(each.trials == 20 for each in played.strategies)
    assert played.cautions == ()


def test_the_surrogate_answers_random_search_where_it_is_asked_to() -> None:
    (only,) = replay(valley(40), ["none"], seeds=2, trials=60, surrogate=True).strategies
    assert (only.kind, only.trials) == ("surrogate", 60.0)  # more than are recorded


def test_a_surrogate_that_knows_nothing_is_warned_of() -> None:
    rng = np.random.default_rng(4)
    noise = table(
        *(curve(x, (y, y, y)) for x, y in zip([0.5, *rng.random(29)], rng.random(30), strict=True))
    )
    played = replay(noise, ["qmc"], seeds=1, trials=5)
    assert played.agreement is not None
    assert played.agreement < 0.5
    assert "orders configurations poorly" in played.cautions[0]


def test_names_are_those_of_tune_and_short_ones_for_stopping() -> None:
    assert named(["none", "random", "forgiving", "halving"]) == (
        "random+none", "random", "random+forgiving", "halving",
    )  # fmt: skip
    assert len(NINE) == 9
    assert named(NINE) == NINE


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"strategies": ["tpee"]}, NotFoundError, "did you mean 'tpe'"),
        ({"strategies": ["random+nothing"]}, NotFoundError, "no way of stopping 'nothing'"),
        ({"trials": 3, "work": 3.0}, UsageError, "exclude each other"),
        ({"seeds": 0}, UsageError, "--seeds 0 is not above 0"),
        ({"work": -1.0}, UsageError, "--work -1.0 is not above 0"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    arguments: dict[str, Any], kind: type[PracticeError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        replay(LATE, **{"strategies": ["none"], **arguments})


# Records on disk

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a writer of runs into a folder of runs."""

    def write(
        name: str,
        xs: Sequence[float],
        *,
        proposer: str = "random",
        stopper: str = "none",
        folds: str = "f",
        states: str = "complete",
    ) -> Path:
        identity = {
            "competition": "toy",
            "data": {"build": "b"},
            "folds": {"count": 2, "sha256": folds},
            "space": SPACE.described(),
            "evaluator": {"kind": "lightgbm"},
            "metric": {"objective": "log loss"},
            "strategy": {"proposer": {"name": proposer}, "stopper": {"name": stopper}},
            "seed": 0,
            "shared_points": 2,
            "versions": {},
        }
        folder = tmp_path / "runs" / f"toy-lightgbm-{name}"
        write_manifest(
            Manifest(
                folder.name, f"2026-01-0{len(list(tmp_path.glob('runs/*'))) + 1}", "toy",
                "lightgbm", f"{proposer}+{stopper}", 0, canonical_hash(identity),
                json.loads(json.dumps(identity)), {},
            ),
            folder,
        )  # fmt: skip
        with Journal(folder / ROWS) as journal:
            for trial, x in enumerate(xs):
                for rung in curve(x, (x, x, x)).rungs:
                    journal.append(
                        Row(
                            trial, rung.rung, "rounds", states if rung.last else "running",  # type: ignore[arg-type]
                            {"x": x}, rung.score, rung.fold_scores, rung.share, rung.rounds,
                            rung.work,
                        )
                    )  # fmt: skip
        return tmp_path / "runs"

    return write


XS = [0.5, *(round(0.01 * n, 2) for n in range(1, 12))]


def test_recorded_runs_are_read_as_they_were_written(write: Write) -> None:
    recorded = read_curves(write("one", XS), "toy", "lightgbm")
    assert [each.configuration["x"] for each in recorded.curves] == XS
    assert recorded.drawn == recorded.curves
    assert recorded.curves[1].rungs == curve(0.01, (0.01, 0.01, 0.01)).rungs
    assert (recorded.best, recorded.default.score) == (0.01, 0.5)
    assert (recorded.objective, recorded.space, recorded.folds) == ("log loss", SPACE, 2)
    assert recorded.runs == ("toy-lightgbm-one",)


def test_other_full_runs_add_curves_and_only_what_was_drawn_is_drawn_from(write: Write) -> None:
    write("one", XS)
    write("tpe", [0.5, 0.7, 0.71, 0.001, 0.002], proposer="tpe")
    write("stopped", [0.5, 0.9], stopper="halving")
    recorded = read_curves(write("other-folds", [0.5, 0.8], folds="g"), "toy", "lightgbm")
    assert [each.configuration["x"] for each in recorded.curves[len(XS) :]] == [
        0.7, 0.71, 0.001, 0.002,
    ]  # fmt: skip
    # The shared first points were drawn, what the model proposed was not.
    assert [each.drawn for each in recorded.curves[len(XS) :]] == [True, True, False, False]
    assert recorded.runs == ("toy-lightgbm-one", "toy-lightgbm-tpe")
    assert recorded.best == 0.001


def test_too_little_is_refused_with_the_command_to_record(write: Write, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no curves of lightgbm on toy") as caught:
        read_curves(tmp_path / "runs", "toy", "lightgbm")
    assert caught.value.hint == "practice replay toy --record 200"
    with pytest.raises(NotFoundError) as caught:
        read_curves(tmp_path / "runs", "toy", "forest")
    assert caught.value.hint == "practice replay toy --solution forest --record 200"
    runs = write("few", XS[:4])
    with pytest.raises(PracticeError, match="4 configurations of lightgbm on toy"):
        read_curves(runs, "toy", "lightgbm")


def test_trials_that_failed_are_no_curves(write: Write) -> None:
    with pytest.raises(NotFoundError):
        read_curves(write("failed", XS, states="failed"), "toy", "lightgbm")


def test_a_table_without_the_default_is_refused(write: Write) -> None:
    with pytest.raises(PracticeError, match="the default of lightgbm on toy is not recorded"):
        read_curves(write("no-default", XS[1:]), "toy", "lightgbm")


def test_a_record_that_was_changed_is_refused(write: Write) -> None:
    runs = write("one", XS)
    path = runs / "toy-lightgbm-one" / "manifest.json"
    path.write_text(path.read_text().replace('"count": 2', '"count": 3'))
    with pytest.raises(StoreError, match="was changed after the run began"):
        read_curves(runs, "toy", "lightgbm")


def test_a_strategy_is_named_once() -> None:
    with pytest.raises(UsageError, match="strategy 'none' is named twice"):
        replay(LATE, ["none", "halving", "none"], seeds=1, trials=5)
