"""Out-of-fold predictions of a competition with a metric file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from practice import harness
from practice.errors import RefusedError
from practice.settings import Settings

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]

PICKY = """
class ParticipantVisibleError(Exception): ...

def score(solution, submission, row_id_column_name):
    if (submission["amount"] > 5000).any():
        raise ParticipantVisibleError("an amount above 5000")
    return float((solution["amount"] - submission["amount"]).abs().mean())
"""


def folds(settings: Settings) -> dict[str, tuple[int, float]]:
    """Return fold and answer of each training row, by id."""
    (build,) = settings.data.iterdir()
    with (build / "train.csv").open(newline="") as file:
        amounts = {row["id"]: float(row["amount"]) for row in csv.DictReader(file)}
    with (build / "folds.csv").open(newline="") as file:
        return {r["id"]: (int(r["fold"]), amounts[r["id"]]) for r in csv.DictReader(file)}


def out_of_fold(known: dict[str, tuple[int, float]], further: float) -> bytes:
    """Predict each row of fold k wrong by (k + 1) times a number."""
    lines = [f"{key},{amount + (fold + 1) * further!r}" for key, (fold, amount) in known.items()]
    return ("id,amount\n" + "\n".join(lines) + "\n").encode()


def test_every_fold_is_scored_by_the_file(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy(PICKY)
    harness.start(settings, "toy", tmp_path / "ws")
    known = folds(settings)
    done = harness.submit(
        settings, "toy", predict(settings), entrant="ann", out_of_fold=out_of_fold(known, 2.0)
    )
    assert done.cross_validation is not None
    assert done.cross_validation.folds == pytest.approx([2, 4, 6, 8, 10], abs=1e-9)
    assert done.cross_validation.score == pytest.approx(6, abs=1e-9)
    assert done.cross_validation.rows == len(known) == 60


def test_what_the_file_tells_is_told_and_nothing_is_stored(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(PICKY)
    harness.start(settings, "toy", tmp_path / "ws")
    oof = out_of_fold(folds(settings), 2000.0)
    with pytest.raises(RefusedError, match=r"^fold 2 or 3 of the .* scored: an amount above 5000$"):
        harness.submit(settings, "toy", predict(settings), entrant="ann", out_of_fold=oof)
    assert harness.submissions(settings, "toy") == ()
    assert not list(settings.vault.glob("*/metric-errors/*"))


def test_a_column_that_participants_do_not_have_is_named(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(PICKY, 'slices = ["word"]')
    definition = settings.competitions[0] / "toy" / "competition.toml"
    drop = 'drop = [{ column = "word", reason = "it leaks" }]\n\n[split]'
    definition.write_text(definition.read_text().replace("[split]", drop))
    harness.start(settings, "toy", tmp_path / "ws")
    oof = out_of_fold(folds(settings), 1.0)
    with pytest.raises(RefusedError, match=r"the metric looks at word, which train\.csv does not"):
        harness.submit(settings, "toy", predict(settings), entrant="ann", out_of_fold=oof)
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").status == "scored"
