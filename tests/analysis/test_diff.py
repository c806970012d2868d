"""Two submissions side by side: what differs, how far they agree, which is better."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from practice import harness, scoring
from practice import settings as practice_settings
from practice.analysis.diff import Diff, diff
from practice.analysis.predictions import Pair, agreements, apart
from practice.cli.output import plain
from practice.errors import NotFoundError, RefusedError, UsageError
from practice.harness.judging import open_case
from practice.scoring.records import Answers, Column, Layout, Target
from practice.settings import Settings
from practice.store import open_store

TOML = """
title = "Toy"
summary = "Does it rain?"
task = "binary"
skills = ["tabular"]
difficulty = 1
license = "CC0"
citation = "made up"
homepage = "https://example.org"

[data]
source = "local"
path = ["raw.csv"]
sha256 = ["{sha256}"]
id = "id"
target = "rain"
positive = "1"

[split]
kind = "random"
test = 0.5
public = 0.5
seed = 1

[metric]
name = "{metric}"
slices = ["town"]

[rules]
feedback = "{feedback}"
daily_limit = 99
"""
Toy = Callable[..., Settings]
ROWS = 400


def raw() -> dict[int, tuple[str, int]]:
    draw = random.Random(7)
    return {i: (draw.choice("AABC"), int(draw.random() < 0.4)) for i in range(ROWS)}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """Return a function that starts a toy competition."""

    def make(feedback: str = "full", metric: str = "accuracy", slug: str = "toy") -> Settings:
        folder = tmp_path / "definitions" / slug
        folder.mkdir(parents=True)
        text = "id,wind,town,rain\n" + "".join(
            f"{i},{i * 7 % 401},{t},{r}\n" for i, (t, r) in raw().items()
        )
        (folder / "raw.csv").write_text(text)
        (folder / "description.md").write_text("# Toy\n")
        digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "competition.toml").write_text(
            TOML.format(sha256=digest, feedback=feedback, metric=metric)
        )
        monkeypatch.setenv("PRACTICE_COMPETITIONS", str(folder.parent))
        practice_settings.load.cache_clear()
        settings = practice_settings.from_environment(os.environ)
        harness.start(settings, slug, tmp_path / "ws" / slug)
        return settings

    return make


def submit(
    settings: Settings, wrong: int, entrant: str = "ann", slug: str = "toy", **said: object
) -> int:
    """Submit all rows right but the first ``wrong`` ones; return the number."""
    build = next(p.name for p in settings.data.iterdir() if p.name.startswith(f"{slug}-"))
    ids = (settings.data / build / "sample_submission.csv").read_text().splitlines()[1:]
    lines = ["id,rain"]
    for place, line in enumerate(ids):
        key = line.split(",")[0]
        truth = raw()[int(key)][1]
        lines.append(f"{key},{truth if place >= wrong else 1 - truth}")
    file = ("\n".join(lines) + "\n").encode()
    return harness.submit(settings, slug, file, entrant=entrant, **said).id  # type: ignore[arg-type]


def test_only_what_differs_is_said(toy: Toy) -> None:
    settings = toy()
    one = submit(settings, 9, message="first", params={"depth": 3, "eta": 0.1}, tags=["a"])
    other = submit(settings, 3, message="first", params={"eta": 0.2, "depth": 3, "l2": 1})
    found = diff(settings, one, other, entrant="ann")
    assert [(each.name, each.a, each.b) for each in found.changed] == [
        ("params.eta", 0.1, 0.2),
        ("params.l2", None, 1),
        ("tags", ["a"], None),
    ]
    assert (found.git, found.identical, found.notes) == (None, False, ())


def test_the_code_is_named_where_the_repository_is_here(toy: Toy, tmp_path: Path) -> None:
    settings, commits = toy(), []
    code = tmp_path / "code"
    code.mkdir()
    git = ["git", "-C", str(code), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    for name in ("one", "two"):
        (code / name).write_text(name)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", name], check=True)
        done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True)
        commits.append(done.stdout.decode().strip())
        submit(settings, 9, message=name, folder=code)
    found = diff(settings, 1, 2, entrant="ann", folder=code)
    assert found.git == f"git diff {commits[0]} {commits[1]}"
    assert found.identical
    assert {each.name: (each.a, each.b) for each in found.changed} == {
        "message": ("one", "two"),
        "git_commit": tuple(commits),
    }
    assert diff(settings, 1, 2, entrant="ann", folder=tmp_path).git is None


def test_the_paired_difference_is_that_of_the_rows(toy: Toy) -> None:
    settings = toy()
    one, other = submit(settings, 80), submit(settings, 20)
    found = diff(settings, one, other, entrant="ann")
    gap = found.public
    assert gap is not None
    assert gap.difference == found.a.public_score - found.b.public_score  # type: ignore[operator]
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low < gap.difference < gap.high < 0
    assert gap.real
    back = diff(settings, other, one, entrant="ann").public
    assert back is not None
    assert (back.low, back.high) == pytest.approx((-gap.high, -gap.low))
    assert (found.private, found.slices, found.a.private_score) == (None, (), None)
    # Discordant rows decide: 60 of 200 rows differ and one is right on each of them.
    share = -gap.difference
    error = (share * (1 - share) / 100) ** 0.5
    assert (gap.high - gap.low) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_a_small_difference_is_inside_the_noise(toy: Toy) -> None:
    settings = toy()
    one, other = submit(settings, 20), submit(settings, 18)
    gap = diff(settings, one, other, entrant="ann").public
    assert gap is not None
    assert not gap.real


@pytest.mark.parametrize("feedback", ["rounded:1", "ladder", "blind"])
def test_what_is_not_told_is_not_compared(toy: Toy, feedback: str) -> None:
    settings = toy(feedback)
    one, other = submit(settings, 80), submit(settings, 20)
    found = diff(settings, one, other, entrant="ann")
    if feedback == "blind":
        assert found.public is None
        assert (found.a.public_score, found.b.public_score) == (None, None)
    else:
        assert found.public is not None
        assert found.a.public_score is not None
        assert found.b.public_score is not None
        assert found.public.difference == found.a.public_score - found.b.public_score
        assert (found.public.low, found.public.high, found.public.real) == (None, None, False)
    with open_store(settings) as store:
        season = store.season("toy")
        assert season is not None
        attempts = store.attempts(season.id)
    said = json.dumps(plain(found))
    hidden = {repr(v) for each in attempts for v in (each.public, each.private)}
    hidden -= {repr(each.released) for each in attempts}
    assert hidden
    assert not [value for value in hidden if f"{value}," in said]


def test_before_the_reveal_nothing_but_the_score_depends_on_an_answer(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from practice.analysis import diff as module

    settings = toy("blind")
    one, other = submit(settings, 80), submit(settings, 20)
    before = diff(settings, one, other, entrant="ann")
    assert len(before.rows) == 10

    def turned(*given: object) -> object:
        case = open_case(*given)  # type: ignore[arg-type]
        target = case.answers.targets[0]
        other_way = replace(target, values=1 - target.values)
        return replace(
            case,
            answers=replace(case.answers, targets=(other_way,), public=~case.answers.public),
        )

    monkeypatch.setattr(module, "open_case", turned)
    assert diff(settings, one, other, entrant="ann") == before
    harness.reveal(settings, "toy")
    after = diff(settings, one, other, entrant="ann")
    assert after.rows[0].loss_a is not None  # there the answers are looked at


def revealed(toy: Toy) -> tuple[Settings, Diff]:
    settings = toy()
    one, other = submit(settings, 80), submit(settings, 20)
    harness.reveal(settings, "toy")
    return settings, diff(settings, one, other, entrant="bob", most=None)


def test_after_the_reveal_slices_add_up(toy: Toy) -> None:
    settings, found = revealed(toy)
    gap = found.private
    assert gap is not None
    assert gap.real
    assert {each.column for each in found.slices} == {"town"}
    assert {each.value for each in found.slices} == set("ABC")
    rows = [each.rows for each in found.slices]
    assert rows == sorted(rows, reverse=True)
    assert sum(rows) == 100
    with open_store(settings) as store:
        season = store.season("toy")
    assert season is not None
    for side, score in (("a", found.a.private_score), ("b", found.b.private_score)):
        total = sum(each.rows * getattr(each, side) for each in found.slices)
        assert total / 100 == pytest.approx(score)
    for each in found.slices:
        assert each.difference == each.a - each.b  # type: ignore[operator]


def test_after_the_reveal_the_rows_say_who_was_right(toy: Toy) -> None:
    _, found = revealed(toy)
    assert len(found.rows) == 60
    for row in found.rows:
        assert row.answer == str(raw()[int(row.id)][1])
        assert (row.b, row.a) == (row.answer, str(1 - int(row.answer)))
        assert (row.loss_a, row.loss_b, row.difference) == (1.0, 0.0, -1.0)
    ids = [int(row.id) for row in found.rows]
    assert ids == sorted(ids)
    assert found.agreements[0].equal == 1 - 60 / 200
    assert sum(pair.rows for pair in found.agreements[0].pairs) == 60


def test_who_may_compare_what(toy: Toy) -> None:
    settings = toy()
    mine, bobs = submit(settings, 9), submit(settings, 5, "bob")
    line = (settings.data / next(p.name for p in settings.data.iterdir())) / "sample_submission.csv"
    baseline = harness.submit(settings, "toy", line, entrant="ref:one", kind="reference").id
    with pytest.raises(RefusedError, match=rf"^submission {bobs} is not of 'ann': before") as no:
        diff(settings, mine, bobs, entrant="ann")
    assert no.value.hint == "practice submissions toy"
    assert diff(settings, mine, baseline, entrant="ann").b.kind == "reference"
    harness.reveal(settings, "toy")
    assert diff(settings, mine, bobs, entrant="ann").private is not None
    with pytest.raises(NotFoundError, match=r"^there is no submission 77$"):
        diff(settings, mine, 77, entrant="ann")
    with pytest.raises(UsageError, match=f"^{mine} is compared with itself$"):
        diff(settings, mine, mine, entrant="ann")
    harness.retry(settings, "toy")
    later = submit(settings, 3)
    with pytest.raises(RefusedError, match=r"is of season 1 of 'toy' and 4 of season 2$"):
        diff(settings, mine, later, entrant="ann")
    toy(slug="other")
    far = submit(settings, 3, slug="other")
    with pytest.raises(RefusedError, match=r"is of 'toy' and 5 of 'other'$"):
        diff(settings, mine, far, entrant="ann")


def test_a_refused_file_has_no_predictions(toy: Toy) -> None:
    settings = toy()
    good = submit(settings, 9)
    bad = harness.submit(settings, "toy", b"id,rain\n1,2\n", entrant="ann").id
    found = diff(settings, good, bad, entrant="ann")
    assert (found.agreements, found.rows, found.public) == ((), (), None)
    assert found.notes == ("One of the two files cannot be read as predictions any more.",)


def test_different_scorers_are_said(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = toy()
    one = submit(settings, 9)
    monkeypatch.setattr(scoring, "SCORER_VERSION", 2)
    other = submit(settings, 5)
    found = diff(settings, one, other, entrant="ann")
    assert found.notes == ("They were scored by different scorers: practice rescore toy first.",)
    harness.rescore(settings, "toy")
    assert diff(settings, one, other, entrant="ann").notes == ()


# Predictions alone


def number(values: list[float], kind: str = "number") -> tuple[Layout, dict[str, np.ndarray]]:
    return Layout(("id",), (Column("y", kind),)), {"y": np.array(values)}  # type: ignore[arg-type]


def test_numbers_are_correlated() -> None:
    layout, one = number([1.0, 2.0, 3.0, 10.0])
    _, other = number([1.0, 4.0, 9.0, 100.0])
    (found,) = agreements(layout, one, other)
    assert (found.equal, found.spearman, found.largest) == (0.25, pytest.approx(1.0), 90.0)
    assert found.pearson == pytest.approx(np.corrcoef(one["y"], other["y"])[0, 1])
    assert found.pairs == ()


def test_ties_share_their_rank() -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    draw = np.random.default_rng(1)
    layout, one = number(draw.integers(0, 5, 50).astype(float).tolist())
    _, other = number(draw.integers(0, 5, 50).astype(float).tolist())
    (found,) = agreements(layout, one, other)
    assert found.spearman == pytest.approx(scipy_stats.spearmanr(one["y"], other["y"])[0])


@pytest.mark.parametrize("values", [[5.0] * 3, [float("nan")] * 3, [1e308, -1e308, 1e308]])
def test_constant_missing_and_huge_numbers_are_compared(values: list[float]) -> None:
    layout, one = number(values)
    (found,) = agreements(layout, one, one)
    assert found.equal == 1.0
    assert found.pearson in (None, pytest.approx(1.0))
    assert apart(layout, ANSWERS, one, one, revealed=False, most=None) == ()


def test_labels_are_counted_in_pairs() -> None:
    layout = Layout(("id",), (Column("y", "label", ("a", "b", "c")),))
    one, other = {"y": np.array([0, 1, 1, 2, 0])}, {"y": np.array([0, 2, 2, 1, 1])}
    (found,) = agreements(layout, one, other)
    assert (found.equal, found.pearson, found.largest) == (0.2, None, None)
    assert found.pairs == (Pair("b", "c", 2), Pair("a", "b", 1), Pair("c", "b", 1))


ANSWERS = Answers(
    pa.array([7, 8, 9]),
    ("id",),
    (Target("y", "number", np.array([1.0, np.nan, 3.0])),),
    np.array([True, False, False]),
)


def test_rows_apart_are_ordered_by_prediction_then_by_loss() -> None:
    layout, one = number([1.0, 9.0, 3.0])
    _, other = number([1.5, 1.0, 5.0])
    before = apart(layout, ANSWERS, one, other, revealed=False, most=None)
    assert [(row.id, row.difference, row.answer, row.loss_a) for row in before] == [
        ("8", 8.0, None, None),
        ("9", 2.0, None, None),
        ("7", 0.5, None, None),
    ]
    after = apart(layout, ANSWERS, one, other, revealed=True, most=1)
    assert [(row.id, row.answer, row.loss_a, row.loss_b, row.difference) for row in after] == [
        ("9", 3.0, 0.0, 2.0, 2.0)
    ]


def test_a_column_per_class_loses_the_squared_errors() -> None:
    target = Target("y", "label", np.array([2, 0, -1], np.int8), ("a", "b", "c"))
    answers = replace(ANSWERS, targets=(target,))
    layout = Layout(("id",), tuple(Column(name, "probability") for name in "abc"))
    one = {name: np.full(3, 1 / 3) for name in "abc"}
    other = {"a": np.array([0.0, 0.0, 1.0]), "b": np.zeros(3), "c": np.array([1.0, 1.0, 0.0])}
    after = apart(layout, answers, one, other, revealed=True, most=None)
    assert [(row.id, row.column, row.answer) for row in after] == [
        ("8", "c", "a"),
        ("7", "c", "c"),
    ]
    assert [row.difference for row in after] == pytest.approx([2 - 2 / 3, -2 / 3])


def test_a_probability_loses_its_squared_error() -> None:
    target = Target("y", "label", np.array([0, 1, 1], np.int8), ("no", "yes"), "no")
    layout, one = number([0.75, 0.5, 0.0], "probability")
    _, other = number([1.0, 0.5, 1.0], "probability")
    after = apart(layout, replace(ANSWERS, targets=(target,)), one, other, revealed=True, most=None)
    assert [(row.id, row.answer, row.loss_a, row.loss_b) for row in after] == [
        ("9", "yes", 0.0, 1.0),
        ("7", "no", 0.0625, 0.0),
    ]
