"""Cross-validation against the board, on a competition where it is known how good entries are."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from practice import harness
from practice.analysis.agreement import Agreement
from practice.analysis.trust import Trust, trust
from practice.analysis.verdict import ENOUGH, NEAR, judge
from practice.board.intervals import student
from practice.charts import text
from practice.charts.trust import against_board
from practice.errors import NotFoundError
from practice.settings import Settings
from practice.store import open_store

ROWS = 600
UNITS = np.random.default_rng(1).normal(size=(200, ROWS))  # an error of each row, by entry
TRUTH = np.random.default_rng(2).normal(size=ROWS).round(6)

Entries = Sequence[tuple[float, float]]


@pytest.fixture
def play(settings: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that starts a competition and submits entries as good as is asked."""

    def make(
        entries: Entries, *, feedback: str = "full", metric: str = "mae", same: bool = False
    ) -> Settings:
        """Submit entries whose errors are so large on the training rows, and on the hidden ones.

        With ``same`` all have the same errors, but for their size.
        """
        folder = tmp_path / "definitions" / "toy"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "raw.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("key", "x", "y"))
            writer.writerows((row, row / 7, TRUTH[row]) for row in range(ROWS))
        (folder / "competition.toml").write_text(f"""
            title = "Toy"
            summary = "How good are they?"
            task = "regression"
            [data]
            source = "local"
            path = "raw.csv"
            id = "key"
            target = "y"
            [split]
            kind = "random"
            test = 0.6
            public = 0.5
            [metric]
            name = "{metric}"
            [rules]
            feedback = "{feedback}"
            daily_limit = 99
        """)
        made = replace(settings, competitions=(folder.parent,))
        harness.start(made, "toy", tmp_path / "ws")
        for number, errors in enumerate(entries):
            oof, hidden = (
                csv_of(made, name, TRUTH + size * UNITS[0 if same else number])
                for name, size in zip(("train", "test"), errors, strict=True)
            )
            harness.submit(
                made, "toy", hidden, entrant="ann", message=f"no. {number}", out_of_fold=oof
            )
        return made

    return make


def csv_of(settings: Settings, name: str, values: np.ndarray) -> bytes:
    (build,) = settings.data.iterdir()
    with (build / f"{name}.csv").open(newline="") as file:
        ids = [int(row["key"]) for row in csv.DictReader(file)]
    return ("key,y\n" + "".join(f"{id},{float(values[id])!r}\n" for id in ids)).encode()


def far_apart(number: int, *, wrong: bool = False) -> Entries:
    """Return entries that get better and better on the board; by cross-validation, or worse."""
    sizes = np.linspace(1.1, 1.0, number).tolist()
    return list(zip(sizes[::-1] if wrong else sizes, sizes, strict=True))


def judged(settings: Settings) -> Trust:
    return trust(settings, "toy", "ann")


def test_cross_validation_that_holds_is_trusted(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(9), same=True))
    assert found.verdict == "trust"
    assert found.told_apart is not None
    assert found.told_apart == found.told_apart_alike == found.pairs == 36
    assert found.alike == 1
    assert found.compared == len(found.points) == 9
    assert found.sentence == (
        "Trust your cross-validation: it orders 36 of the 36 pairs that the board tells apart "
        "as the board does."
    )
    first, *others = found.points
    assert (first.over, first.gain, first.board_gain) == (None, None, None)
    assert [each.over for each in others] == [each.submission for each in found.points[:-1]]
    for each in others:
        assert each.gain is not None
        assert each.board_gain is not None
        assert each.gain.real
        assert each.board_gain.real
        assert each.gain.value > 0
        assert each.board_gain.value > 0
    assert (found.board, found.feedback, found.rows) == ("public", "full", 180)
    assert found.public_alike is None


def test_cross_validation_that_is_wrong_is_to_be_checked(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(9, wrong=True), same=True))
    assert found.verdict == "check"
    assert (found.told_apart, found.told_apart_alike, found.alike) == (36, 0, 0)
    assert found.sentence.startswith(
        "Check your cross-validation: it orders only 0 of the 36 pairs that the board tells apart "
    )
    for each in found.points[1:]:
        assert each.over == found.points[0].submission  # the best by cross-validation
        assert each.gain is not None
        assert each.board_gain is not None
        assert each.gain.value < 0 < each.board_gain.value


def test_where_luck_orders_the_board_it_says_so(play: Callable[..., Settings]) -> None:
    found = judged(play([(1.0, 1.0)] * 10))
    assert (found.verdict, found.told_apart) == ("trust", 0)
    assert found.sentence.endswith("how it orders them is luck.")
    gains = [each.board_gain for each in found.points if each.board_gain is not None]
    assert len(gains) == 9
    assert not any(gain.real for gain in gains)


def test_gains_are_paired(play: Callable[..., Settings]) -> None:
    settings = play([(1.0, 1.0), (0.98, 0.98)], same=True)
    first, second = judged(settings).points
    gain, board_gain = second.gain, second.board_gain
    assert gain is not None
    assert board_gain is not None
    assert first.score is not None
    assert second.score is not None
    assert gain.value == pytest.approx(first.cross_validation - second.cross_validation)
    assert board_gain.value == pytest.approx(first.score - second.score)
    # The same errors but for 2 %: far less than the noise of either score, and still beyond luck.
    assert second.score_error is not None
    assert 0 < board_gain.value < second.score_error
    assert board_gain.real
    with open_store(settings) as store:
        (season,) = store.seasons()
        folds = [store.out_of_fold(season.id)[each.submission].folds for each in (first, second)]
    differences = np.subtract(*folds)
    half = student(1.96, 4) * np.std(differences, ddof=1) / np.sqrt(5)
    assert gain.low == pytest.approx(np.mean(differences) - half)
    assert gain.high == pytest.approx(np.mean(differences) + half)
    assert first.cross_validation_error == pytest.approx(np.std(folds[0], ddof=1) / np.sqrt(5))


def test_too_few_submissions(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(ENOUGH - 1), same=True))
    assert found.verdict == "too few"
    assert found.sentence.startswith("Too few: 7 submissions with out-of-fold predictions")
    assert found.alike == 1  # told all the same
    (_, sentence) = judge(1, Agreement(1, 0, 0), None)
    assert sentence.startswith("Too few: 1 submission with out-of-fold predictions")


def test_submissions_far_from_the_best_do_not_count(play: Callable[..., Settings]) -> None:
    found = judged(play([(9.0, 9.0)] * 3 + [(1.0, 1.0)] * 6))
    assert found.compared == 6
    assert [each.near for each in found.points] == [False] * 3 + [True] * 6
    assert found.sentence == (
        f"Too few: 6 of 9 submissions are within {NEAR:g} standard errors of your best score; "
        "8 are wanted."
    )
    drawn = against_board(found)
    assert "Left out: 3 far behind the best." in drawn.note
    assert max(x for each in drawn.charts[0].series for x in each.x) < 2


def test_rounded_scores_have_no_noise_band(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(9), feedback="rounded:2", same=True))
    assert (found.standard_error, found.told_apart, found.told_apart_alike) == (None, None, None)
    for each in found.points:
        assert each.score == round(each.score or 0.0, 2)
        assert each.score_error is None
        assert each.near
        assert each.board_gain is None or each.board_gain.low is each.board_gain.real is None
    assert found.verdict == "trust"
    assert found.sentence.startswith("Trust your cross-validation: it orders 100 % of ")
    (chart,) = against_board(found).charts
    assert {each.name for each in chart.series} == {"gain", "no gain"}


def test_rounded_scores_that_are_ordered_otherwise(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(9, wrong=True), feedback="rounded:2", same=True))
    assert (found.verdict, found.alike) == ("check", 0)


def test_rounded_scores_as_chance_orders_them(play: Callable[..., Settings]) -> None:
    mixed = [(1.1, 1.1), (1.0, 1.2), (1.3, 1.3), (1.2, 1.0)] * 2
    found = judged(play(mixed, feedback="rounded:2", same=True))
    assert found.verdict == "undecided"
    assert found.sentence.endswith("as chance might.")


def test_the_ladder_compares_new_bests_alone(play: Callable[..., Settings]) -> None:
    entries = [(1.3, 1.3), (1.29, 1.2999), (1.0, 1.0), (1.01, 1.2)]
    found = judged(play(entries, feedback="ladder", same=True))
    assert [each.score is None for each in found.points] == [False, True, False, True]
    assert found.compared == 2


def test_blind_tells_nothing(play: Callable[..., Settings]) -> None:
    settings = play(far_apart(9), feedback="blind", same=True)
    found = judged(settings)
    assert found.verdict == "nothing"
    assert found.sentence.startswith("Nothing to compare: feedback blind")
    assert all(each.score is None and each.board_gain is None for each in found.points)
    assert all(each.gain is not None for each in found.points[1:])
    with pytest.raises(ValueError, match="no score"):
        against_board(found)
    harness.reveal(settings, "toy")
    assert judged(settings).verdict == "trust"


def test_after_the_reveal_private_scores_are_what_counts(play: Callable[..., Settings]) -> None:
    settings = play(far_apart(9), same=True)
    before = judged(settings)
    harness.reveal(settings, "toy")
    found = judged(settings)
    assert (found.board, found.rows, found.public_alike) == ("private", 180, 1)
    with open_store(settings) as store:
        (season,) = store.seasons()
        private = {each.id: each.private for each in store.attempts(season.id)}
    for one, other in zip(before.points, found.points, strict=True):
        assert other.score == private[other.submission] != one.score


def test_withdrawn_and_late_submissions_are_left_out(play: Callable[..., Settings]) -> None:
    settings = play(far_apart(4), same=True)
    gone = judged(settings).points[1].submission
    harness.withdraw(settings, gone, entrant="ann")
    assert gone not in {each.submission for each in judged(settings).points}
    harness.reveal(settings, "toy")
    late = harness.submit(
        settings,
        "toy",
        csv_of(settings, "test", TRUTH),
        entrant="ann",
        out_of_fold=csv_of(settings, "train", TRUTH),
    )
    assert late.cross_validation is not None
    assert len(judged(settings).points) == 3


def test_submissions_without_out_of_fold_predictions_are_left_out(
    play: Callable[..., Settings],
) -> None:
    settings = play(far_apart(2), same=True)
    harness.submit(settings, "toy", csv_of(settings, "test", TRUTH), entrant="ann")
    assert len(judged(settings).points) == 2
    assert trust(settings, "toy", "bob").points == ()


def test_greater_is_better_is_turned(play: Callable[..., Settings]) -> None:
    found = judged(play(far_apart(9), metric="r2", same=True))
    assert found.greater_is_better
    assert found.verdict == "trust"
    assert all(each.board_gain.value > 0 for each in found.points if each.board_gain is not None)


def test_a_competition_that_is_not_started(settings: Settings) -> None:
    with pytest.raises(NotFoundError):
        trust(settings, "toy", "ann")


def test_the_picture_says_what_is_noise(play: Callable[..., Settings]) -> None:
    found = judged(play([*far_apart(3), *[(1.0, 1.0)] * 6]))
    (chart,) = against_board(found).charts
    assert (chart.x.better, chart.y.better) == ("smaller", "smaller")
    (band,) = [each for each in chart.series if each.kind == "band"]
    assert found.standard_error is not None
    for low, middle, high in zip(band.low, band.y, band.high, strict=True):
        assert high - middle == pytest.approx(1.96 * found.standard_error)
        assert middle - low == pytest.approx(1.96 * found.standard_error)
    assert band.y[1] - band.y[0] == pytest.approx(band.x[1] - band.x[0])
    points = [each for each in chart.series if each.kind == "points"]
    shown = [each.submission for each in found.points if each.near]
    assert sum(len(each.x) for each in points) == len(shown) >= 8
    numbers = ", ".join(word for each in points for word in each.texts if word).split(", ")
    assert sorted(map(int, numbers)) == shown
    drawn = text(against_board(found), 80, 12)
    assert max(map(len, drawn.splitlines())) <= 80
