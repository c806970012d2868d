"""Entries in ``leaderboard/``: read, verified, and made again."""

from __future__ import annotations

import gzip
import hashlib
import io
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from practice import catalog, harness, references, scoring
from practice.errors import DefinitionError
from practice.settings import Settings
from practice.solutions import load
from practice.solutions.data import Dataset
from practice.tuning.references import Made, current_versions, main, make, planned, write

Small = Callable[[str], Dataset]
REBUILT = ("breast-cancer", "diabetes")
ENTRANTS = (
    *(f"baseline:{n}" for n in ("dummy", "linear", "lightgbm", "knn", "tree", "forest")),
    "baseline:extratrees",
    "tuned:lightgbm",
)


def at(settings: Settings, folder: Path) -> Settings:
    return replace(settings, references=folder)


@pytest.fixture
def written(small: Small, tmp_path: Path) -> Path:
    folder = tmp_path / "leaderboard" / "binary"
    write(make(small("binary"), "baseline:tree"), folder)
    return folder


def test_what_is_written_is_read(small: Small, settings: Settings, written: Path) -> None:
    (entry,) = references.entries("binary", at(settings, written.parent))
    made = make(small("multiclass"), "baseline:dummy")
    write(made, written)
    dummy, _ = references.entries("binary", at(settings, written.parent))
    assert (entry.entrant, entry.solution, entry.seed) == ("baseline:tree", "tree", 0)
    assert entry.message == "a single decision tree"
    assert entry.params == {"min_samples_leaf": 10}
    assert entry.versions == current_versions()
    assert entry.cv_mean == pytest.approx(np.mean(entry.fold_scores))
    assert entry.sha256 == hashlib.sha256(entry.file.read_bytes()).hexdigest()
    assert gzip.decompress(dummy.file.read_bytes()).decode() == made.text
    assert dummy.fold_scores == tuple(made.description["cv"]["folds"])


def test_entries_of_another_build_are_left_out(settings: Settings, written: Path) -> None:
    where = at(settings, written.parent)
    assert len(references.entries("binary", where, "b0")) == 1
    assert references.entries("binary", where, "b1") == ()
    assert references.entries("nothing-there", where) == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("seed = 0\n", ""), "lacks the key 'seed'"),
        (lambda t: t.replace("seed = 0", "seed = 'x'"), "cannot be read: invalid literal"),
        (lambda t: t + "[", "cannot be read"),
        (lambda t: t.replace("[versions]", "[versiones]"), "lacks the key 'versions'"),
        (lambda t: t.replace('sha256 = "', 'sha256 = "0'), "sha256 differs"),
    ],
)
def test_broken_descriptions_in_words(
    settings: Settings, written: Path, change: Callable[[str], str], message: str
) -> None:
    path = written / "baseline-tree.toml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DefinitionError, match=message) as caught:
        references.entries("binary", at(settings, written.parent))
    assert "baseline-tree" in caught.value.message
    assert caught.value.hint == "python -m practice.tuning.references"


def test_missing_predictions_in_words(settings: Settings, written: Path) -> None:
    (written / "baseline-tree.csv.gz").unlink()
    with pytest.raises(DefinitionError, match=r"baseline-tree\.toml: cannot be read"):
        references.entries("binary", at(settings, written.parent))


def test_the_same_entry_is_written_as_the_same_bytes(small: Small, tmp_path: Path) -> None:
    dataset = small("regression")
    contents = set()
    for number in range(2):
        path = write(make(dataset, "baseline:linear"), tmp_path / str(number))
        description = tomllib.loads(path.read_text(encoding="utf-8"))
        del description["seconds"]
        contents.add((path.with_suffix(".csv.gz").read_bytes(), str(description)))
    assert len(contents) == 1


def test_text_and_numbers_survive_the_description(tmp_path: Path) -> None:
    description = {
        "message": 'a "quoted" Größe\n\\ and more',
        "params": {"tiny": 4.25e-08, "large": 1e22, "whole": 3, "flag": True},
        "cv": {"folds": [0.1 + 0.2, 1.0]},
    }
    path = write(Made("baseline:x", "id,y\n", description), tmp_path)
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {key: found[key] for key in description} == description


def test_unknown_competition_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-competition"]) == 1
    assert "no competition 'no-such-competition'" in capsys.readouterr().err


# -- what is committed -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shipped() -> tuple[str, ...]:
    from practice import settings as practice_settings

    return catalog.names(practice_settings.from_environment({}))


def test_every_competition_has_its_entries(settings: Settings, shipped: tuple[str, ...]) -> None:
    for slug in shipped:
        names = [entry.entrant for entry in references.entries(slug, settings)]
        assert {"baseline:dummy", "baseline:linear", "baseline:lightgbm"} <= set(names), slug
        assert "tuned:lightgbm" in names, slug
        assert len(names) >= 7, slug
    folders = {path.name for path in settings.references.iterdir() if path.is_dir()}
    assert folders == set(shipped)


def test_entries_are_small(settings: Settings) -> None:
    total = sum(p.stat().st_size for p in settings.references.rglob("*") if p.is_file())
    assert total < 1_500_000


def everything() -> list[object]:
    """Return all competitions; those that need raw files from elsewhere carry the mark."""
    from practice import settings as practice_settings

    where = practice_settings.from_environment({})
    found: list[object] = []
    for slug in catalog.names(where):
        offline = catalog.load(slug, where).data.source == "python"
        found.append(slug if offline else pytest.param(slug, marks=pytest.mark.mirror))
    return found


@pytest.mark.parametrize("slug", everything())
def test_entries_come_onto_the_board_by_being_scored(
    settings: Settings, tmp_path: Path, slug: str
) -> None:
    started = harness.start(settings, slug, tmp_path / slug)
    board = harness.leaderboard(settings, slug)
    stored = references.entries(slug, settings)
    assert started.references == len(board.entries) == len(stored)
    assert {entry.build for entry in stored} == {started.build}
    assert all(entry.kind == "reference" and entry.rank is not None for entry in board.entries)
    assert board.entries[-1].entrant == "baseline:dummy"
    assert all(entry.private_score is None for entry in board.entries)


def paired_standard_error(
    rng: np.random.Generator, rows: int, difference: Callable[[np.ndarray], float]
) -> float:
    """Return the bootstrap standard error of a difference of scores over the same rows."""
    values = [difference(rng.integers(0, rows, rows)) for _ in range(200)]
    return float(np.std(values, ddof=1))


@pytest.mark.slow
@pytest.mark.parametrize("slug", REBUILT)
def test_entries_are_rebuilt(settings: Settings, slug: str) -> None:
    dataset = load(slug, settings)
    assert planned(dataset) == ENTRANTS
    answers = scoring.load_answers(settings.vault / dataset.build)
    layout = scoring.layout(answers, dataset.metric, dataset.competition.submission)
    stored = {entry.entrant: entry for entry in references.entries(slug, settings)}
    assert set(stored) == set(ENTRANTS)
    for entrant, entry in stored.items():
        text = make(dataset, entrant).text
        old = scoring.read(entry.file, layout, answers)
        new = scoring.read(text.encode(), layout, answers, name="predictions.csv")
        if entry.versions == current_versions():
            left = pd.read_csv(io.StringIO(text))
            right = pd.read_csv(entry.file)
            np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-6, err_msg=entrant)
        scores = [scoring.score(answers, each, dataset.metric) for each in (old, new)]
        if scores[0] == scores[1]:
            continue
        (target,) = answers.targets

        def gap(
            rows: np.ndarray, old: dict = old, new: dict = new, target: object = target
        ) -> float:
            part = replace(
                answers,
                ids=answers.ids.take(rows),
                public=answers.public[rows],
                targets=(replace(target, values=target.values[rows]),),
            )
            first, second = (
                scoring.score(part, {name: v[rows] for name, v in each.items()}, dataset.metric)
                for each in (old, new)
            )
            return first - second

        error = paired_standard_error(np.random.default_rng(0), len(answers.public), gap)
        assert abs(scores[0] - scores[1]) <= 3 * error, entrant
