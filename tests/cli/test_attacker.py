"""An attacker edits one row at a time and reads everything: what was not told does not show.

Two worlds differ in the answer of one public row, and so in the score of every submission, but not
in what the policy tells of them. Whatever is printed in one must be printed in the other.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from practice import board, harness, settings, solutions
from practice.analysis import diff, trust
from practice.analysis.advice import Advised, Candidate
from practice.analysis.blend import Blend, Member
from practice.analysis.history import Past
from practice.analysis.predictions import Agreement, Apart, Pair
from practice.analysis.shakeup import Shaken, Shakeup
from practice.cli.app import VERBS
from practice.harness import clock, records, rescored
from practice.settings import Settings
from practice.store import Attempt, open_store

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "feedback.md"
SLUG = "lumps"
POLICIES = ("full", "rounded:2", "ladder", "blind")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EDITS = 6
FOLDS = Path(SLUG) / "data" / "folds.csv"

# What the attacker types, by verb, after the submissions; "{0}" and "{1}" are the first two.
READ: dict[str, tuple[tuple[str, ...], ...]] = {
    "practice": ((), ("--json",)),
    "list": (("list",), ("list", "--json"), ("list", "--csv")),
    "show": (("show", SLUG), ("show", SLUG, "--json")),
    "start": (("start", SLUG), ("start", SLUG, "--json")),
    "check": (
        ("check", "edit1.csv", "-c", SLUG, "--json"),
        ("check", "edit1.csv", "-c", SLUG),
        ("check", "wrong.csv", "-c", SLUG, "--json"),
    ),
    "submit": (
        ("submit", "wrong.csv", "-c", SLUG),
        ("submit", "wrong.csv", "-c", SLUG, "--json"),
        ("submit", "edit1.csv", "-c", SLUG, "--oof", "wrong.csv"),
        ("submit", "edit1.csv", "-c", SLUG, "--oof", "edit1.csv", "--json"),
        ("submit", "edit1.csv", "-c", SLUG, "--oof", "oof1.csv", "--json"),
        ("submit", "better.csv", "-c", SLUG, "--oof", "oof0.csv"),
        ("submit", "better.csv", "-c", SLUG, "--json"),
    ),
    "leaderboard": tuple(
        ("leaderboard", SLUG, *every, *form)
        for every in ((), ("--all",), ("--stats",), ("--chart",))
        for form in ((), ("--json",), ("--csv",))
    ),
    "shakeup": tuple(
        ("shakeup", SLUG, *form) for form in ((), ("--chart",), ("--json",), ("--csv",))
    ),
    "submissions": tuple(
        ("submissions", SLUG, *every, *form)
        for every in ((), ("--all",), ("--chart",))
        for form in ((), ("--json",), ("--csv",))
    ),
    "trust": tuple(("trust", SLUG, *form) for form in ((), ("--json",), ("--csv",), ("--chart",))),
    "note": (("note", "{0}", "mine"), ("note", "{0}", "mine", "--json")),
    "select": (
        ("select", "-c", SLUG),
        ("select", "-c", SLUG, "--json"),
        ("select", "{0}", "--json"),
        ("select", "9999"),
        ("select", "--advise", SLUG),
        ("select", "--advise", SLUG, "--json"),
    ),
    "withdraw": (("withdraw", "{0}"), ("withdraw", "{0}", "--json"), ("withdraw", "9999")),
    "retry": (("retry", SLUG), ("retry", SLUG, "--json")),
    "rescore": (("rescore", SLUG), ("rescore", SLUG, "--json")),
    "diff": (
        ("diff", "{0}", "{1}"),
        ("diff", "{0}", "{1}", "--json"),
        ("diff", "{0}", "{1}", "--csv"),
        ("diff", "1", "{0}", "--json"),
    ),
    "blend": (
        ("blend", "{0}", "{1}"),
        ("blend", "{0}", "{1}", "--method", "climb", "--json"),
        ("blend", "{0}", "{1}", "--csv"),
        ("blend", "{0}", "9999"),
    ),
    "history": (("history",), ("history", "--json"), ("history", "--csv")),
    "place": (("place", SLUG, "kaggle.csv"), ("place", SLUG, "kaggle.csv", "--json")),
}
# These read no competition that has hidden rows of others, or end the season.
NOT_READ = {
    "quickstart": "plays another competition, through leaderboard and submit",
    "baseline": "submits, and prints what submit says",
    "tune": "submits, and prints what submit says",
    "compare": "holds out training rows; the hidden ones only after the reveal",
    "replay": "reads records of cross-validation on the training rows",
    "reveal": "ends the season",
    "score": "reads two files",
    "metrics": "reads no competition",
    "demo": "reads no competition",
    "doctor": "reads no competition; the free space it tells changes by itself",
    "storage": "tells whoever owns the home the sizes of files, those of the answers among them",
    "backup": "copies the home, hidden answers and all, for whoever owns it",
    "restore": "brings back such a copy",
    "verify": "tells whoever owns the home what was changed; its head is a hash, of private scores "
    "under the build's key",
}


@dataclass(frozen=True)
class World:
    """What was printed, by command, and what was stored."""

    said: dict[str, str]
    attempts: tuple[Attempt, ...]


@pytest.fixture(params=POLICIES)
def policy(request: pytest.FixtureRequest) -> str:
    """Return each feedback policy in turn."""
    return str(request.param)


@pytest.fixture
def lumps(
    policy: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Start breast-cancer under a policy, scored on probabilities, and stand beside it."""
    folder = tmp_path / "definitions" / SLUG
    shutil.copytree(ROOT / "competitions" / "breast-cancer", folder)
    (folder / "build.lock").unlink(missing_ok=True)
    text = (folder / "competition.toml").read_text()
    text = text.replace('name = "f1"', 'name = "brier"').replace(
        "daily_limit = 5", "daily_limit = 99"
    )
    text = text.replace('secondary = ["matthews_corrcoef"]', 'secondary = ["log_loss"]')
    text = text.replace('feedback = "full"', f'feedback = "{policy}"')
    assert policy in text
    (folder / "competition.toml").write_text(text)
    monkeypatch.setenv("PRACTICE_COMPETITIONS", str(folder.parent))
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.setattr(clock, "now", lambda: NOON)
    settings.load.cache_clear()
    here = settings.load()
    harness.start(here, SLUG, Path(SLUG))
    yield here
    settings.load.cache_clear()


def vault_of(here: Settings) -> Path:
    """Return the one build's folder in the vault."""
    (found,) = (path for path in here.vault.iterdir() if path.is_dir())
    return found


def hidden(here: Settings) -> tuple[Any, dict[int, int], list[int]]:
    """Return the solution, the answer of each id, and the ids of the public rows."""
    table = parquet.read_table(vault_of(here) / "solution.parquet")
    ids = table.column("id").to_pylist()
    answers = dict(zip(ids, table.column("target:malignant").to_pylist(), strict=True))
    public = [id for id, flag in zip(ids, table.column("public").to_pylist(), strict=True) if flag]
    return table, answers, public


def turn(here: Settings, row: int) -> None:
    """Give one hidden row the other answer."""
    table, answers, _ = hidden(here)
    answers[row] = 1 - answers[row]
    name = "target:malignant"
    place, column = table.schema.get_field_index(name), table.schema.field(name)
    turned = pa.array([answers[id] for id in table.column("id").to_pylist()], column.type)
    path = vault_of(here) / "solution.parquet"
    parquet.write_table(table.set_column(place, column, turned), path, compression="none")


def write(name: str, values: dict[int, float]) -> None:
    """Write a submission."""
    lines = [f"{id},{value!r}\n" for id, value in values.items()]
    Path(name).write_text("id,malignant\n" + "".join(lines))


def prepare(answers: dict[int, int], public: list[int]) -> int:
    """Write what the attacker submits; return the row of which the answer is at stake."""
    draw = np.random.default_rng(5)
    base = {id: 0.48 + 0.04 * float(draw.integers(0, 2)) for id in answers}
    write("edit0.csv", base)
    for number in range(1, EDITS + 1):
        base = {**base, public[number]: 1 - base[public[number]]}
        write(f"edit{number}.csv", base)
    training = [int(line.split(",")[0]) for line in FOLDS.read_text().splitlines()[1:]]
    for number in range(EDITS + 1):
        write(f"oof{number}.csv", dict.fromkeys(training, 0.3 + 0.01 * number))
    stake = public[1]
    knows = {id: 0.803 if answer else 0.197 for id, answer in answers.items()}
    write("better.csv", {**knows, stake: 0.48})
    write(
        "opponent.csv",
        {id: 0.4501 + 0.1 * answer for id, answer in answers.items()} | {stake: 0.52},
    )
    Path("wrong.csv").write_text("id,malignant\n1,2.5\n1,nan\n")
    teams = [f"{rank},{rank},team {rank},2026-04-01,{rank / 50},1,x\n" for rank in range(1, 31)]
    header = "Rank,TeamId,TeamName,LastSubmissionDate,Score,SubmissionCount,TeamMemberUserNames\n"
    Path("kaggle.csv").write_text(header + "".join(teams))
    return stake


def play(here: Settings, run: Callable[..., Any]) -> World:
    """Submit all edits, read everything, and return what was printed."""
    said: dict[str, str] = {}

    def do(*words: str) -> None:
        done = run(*words)
        text = f"{done.code}\n{done.out}\n{done.err}"
        said[f"{len(said)} practice {' '.join(words)}"] = re.sub(
            r'"seconds": [\d.e-]+', '"seconds": 0', text
        )

    harness.submit(here, SLUG, Path("opponent.csv"), entrant="ref:one", kind="reference")
    for number in range(EDITS + 1):
        form = ["--json"] if number % 2 else []
        do("submit", f"edit{number}.csv", "-c", SLUG, "--oof", f"oof{number}.csv", *form)
    with open_store(here) as store:
        season = store.season(SLUG)
        assert season is not None
        first, second = (each.id for each in store.attempts(season.id, "login")[:2])
    for commands in READ.values():
        for words in commands:
            do(*(word.format(first, second) for word in words))
    with open_store(here) as store:
        return World(said, store.attempts(season.id))


@pytest.fixture
def worlds(lumps: Settings, run: Callable[..., Any], tmp_path: Path) -> tuple[World, World]:
    """Play the same in two worlds, one after the other at the same place."""
    _, answers, public = hidden(lumps)
    stake = prepare(answers, public)
    kept = tmp_path / "kept"
    shutil.copytree(lumps.home, kept)
    one = play(lumps, run)
    shutil.rmtree(lumps.home)
    shutil.copytree(kept, lumps.home)
    turn(lumps, stake)
    return one, play(lumps, run)


def test_what_is_not_told_does_not_show(policy: str, worlds: tuple[World, World]) -> None:
    one, other = worlds
    scored = [
        (a, b) for a, b in zip(one.attempts, other.attempts, strict=True) if a.status == "scored"
    ]
    assert len(scored) == EDITS + 5
    assert all(a.public != b.public for a, b in scored), "the worlds do not differ"
    differing = [command for command in one.said if one.said[command] != other.said[command]]
    if policy == "full":
        assert len(differing) > EDITS  # else the comparison would see nothing at all
        return
    assert [a.released for a, _ in scored] == [b.released for _, b in scored], "change the numbers"
    assert one.said.keys() == other.said.keys()
    assert differing == []
    shown = "\n".join(one.said.values())
    for attempt, _ in scored:
        assert f"{attempt.public:.5f}" not in shown
        assert f"{attempt.private:.5f}" not in shown
        assert repr(attempt.public) not in shown


def test_the_attack_reaches_what_it_claims(policy: str, worlds: tuple[World, World]) -> None:
    attempts = [a for a in worlds[0].attempts if a.kind == "person" and a.status == "scored"]
    told = [attempt.released for attempt in attempts]
    if policy == "blind":
        assert set(told) == {None}
    elif policy == "full":
        assert all(a != b for a, b in pairwise(told[: EDITS + 1]))  # every edit shows
    elif policy == "ladder":
        assert told[: EDITS + 2] == [0.25] * (EDITS + 2)
        assert told[EDITS + 2 :] == [0.04, 0.04]


# The table of the documentation


def rows() -> list[tuple[str, str]]:
    """Return verb and fields of each row of the table."""
    table = DOCS.read_text(encoding="utf-8").split("## Every verb and field")[1]
    lines = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")]
    assert all(len(line) == 6 for line in lines)
    return [(line[0].strip(), line[1]) for line in lines[2:] if not line[0].startswith(" ---")]


SHOWN: dict[str, tuple[Any, ...]] = {
    "submit": (records.Submitted, records.Gap, records.CrossValidation),
    "leaderboard": (records.Board, records.Scorer, records.Entry, records.Paired),
    "diff": (diff.Diff, diff.Side, diff.Changed, diff.Gap, diff.SliceRow, Agreement, Apart, Pair),
    "rescore": (rescored.Rescored, rescored.RescoredRow),
    "shakeup": (Shakeup, Shaken),
    "submissions": (records.SubmissionRow,),
    "trust": (trust.Trust, trust.TrustPoint, trust.Gain),
    "select": (records.Selected, Advised, Candidate),
    "blend": (Blend, Member),
    "history": (Past,),
    "practice": (records.Status,),
    "note": (records.Noted,),
    "withdraw": (records.Noted,),
    "check": (records.Checked,),
    "start": (records.Started,),
    "retry": (records.Started,),
    "reveal": (records.Revealed, records.Move),
    "list": (records.Listed,),
    "baseline": (solutions.BaselineReport,),
}


def test_the_documentation_lists_every_verb() -> None:
    assert {verb for verb, _ in rows()} == {verb.name for verb in VERBS} | {"practice"}


@pytest.mark.parametrize("verb", SHOWN)
def test_the_documentation_lists_every_field(verb: str) -> None:
    listed = {
        name for row, names in rows() if row == verb for name in re.findall(r"`(\w+)`", names)
    }
    assert listed == {field.name for record in SHOWN[verb] for field in fields(record)}


def test_every_record_is_of_some_verb() -> None:
    known = {record for found in SHOWN.values() for record in found}
    there = {getattr(records, name) for name in records.__all__}
    assert {record for record in there if is_dataclass(record)} <= known


def test_the_attacker_reads_every_verb() -> None:
    assert READ.keys() | NOT_READ.keys() == {verb.name for verb in VERBS} | {"practice"}
    assert not READ.keys() & NOT_READ.keys()


def test_the_documentation_says_the_constants_of_the_ladder() -> None:
    text = DOCS.read_text(encoding="utf-8")
    ladder = board.LADDER
    assert (ladder.step, ladder.z, ladder.floor) == (0.01, 2.0, 0.5)
    for words in (
        "at least .01",
        "more than twice the standard error",
        "half of the standard error",
    ):
        assert words in text
