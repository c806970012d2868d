"""Whatever is changed behind the program's back is found, and named."""

from __future__ import annotations

import hashlib
import math
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import practice
from practice import harness, scoring
from practice.errors import NotFoundError, PracticeError, UsageError
from practice.harness import covering, receipts
from practice.harness.keeping import backup, restore
from practice.harness.verifying import verify
from practice.settings import Settings
from practice.store import NewAttempt, OutOfFold, open_store
from practice.store.chain import link
from practice.store.schema import METADATA
from practice.store.texts import from_moment, to_json

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
REFERENCE = """entrant = "baseline:half"
message = "one half for all"
sha256 = "{sha256}"
build = "{build}"
solution = "half"
seed = 0
seconds = 0.5
[params]
[cv]
mean = 0.5
spread = 0.0
folds = [0.5]
[versions]
"""


@pytest.fixture
def played(toy: Toy, predict: Predict, tmp_path: Path) -> Settings:
    """Play a season with every kind of row: scored, refused, failed, late, withdrawn, chosen."""
    settings = replace(toy(metric="rmsle", limit=4), references=tmp_path / "leaderboard")
    definition = tmp_path / "definitions" / "toy" / "competition.toml"
    text = definition.read_text().replace('task = "binary"', 'task = "regression"')
    text = text.replace('positive = "1"\n', "").replace('"rmsle"', '"rmsle"\nsecondary = ["rmse"]')
    definition.write_text(text)
    build = harness.present_build(settings, "toy").build
    entry = tmp_path / "leaderboard" / "toy" / "half.csv.gz"
    entry.parent.mkdir(parents=True)
    half = predict(settings, 0, build).replace(b",0\n", b",0.5\n").replace(b",1\n", b",0.5\n")
    entry.write_bytes(half)
    digest = hashlib.sha256(half).hexdigest()
    entry.with_name("half.toml").write_text(REFERENCE.format(sha256=digest, build=build))
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (0, 9, 30):
        params, tags = {"wrong": wrong}, ("first", "x")
        file = predict(settings, wrong)
        harness.submit(settings, "toy", file, entrant="ann", message="m", params=params, tags=tags)
    harness.submit(settings, "toy", b"id,rain\n1,maybe\n", entrant="bob")
    negative = predict(settings).replace(b",1\n", b",-2\n")
    assert harness.submit(settings, "toy", negative, entrant="bob").status == "failed"
    harness.submit(settings, "toy", predict(settings, 50), entrant="bob", name="b.csv")
    _out_of_fold(settings, build)
    harness.select(settings, (2, 3), entrant="ann")
    harness.select(settings, (2, 4), entrant="ann")
    harness.withdraw(settings, 4, entrant="ann")
    harness.note(settings, 3, "hm", entrant="ann")
    harness.note(settings, 3, "better", entrant="ann")
    return settings


def _out_of_fold(settings: Settings, build: str) -> None:
    """Give a submission out-of-fold predictions, in the words of the store."""
    with open_store(settings) as store, store.write() as tx:
        found = tx.attempt(5)  # a refused one
        assert found is not None
        season, attempt = found
        kept = OutOfFold(attempt.blob, 0.5, (0.25, 0.75), 200)
        new = NewAttempt(season.id, "bob", attempt.blob, "o.csv", "refused", AT, out_of_fold=kept)
        made = tx.add_attempt(new)
        receipt = receipts.submitted(tx, made.id, "bob", settings.vault / build)
        said = {"submission": made.id, "blob": made.blob, "status": made.status}
        said |= {"receipt": receipt, "out_of_fold": kept.blob, "cross_validation": kept.value}
        tx.append("submission", AT, season.id, "bob", said)


@pytest.fixture(params=["before the reveal", "after the reveal"])
def stage(request: pytest.FixtureRequest, played: Settings, predict: Predict) -> Settings:
    """Return the season while it runs, and when it is over."""
    if request.param == "after the reveal":
        harness.reveal(played, "toy")
        harness.submit(played, "toy", predict(played, 2), entrant="cy")
    return played


# Changes of the database


@contextmanager
def opened(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Change the database as its owner can, and put it back as it was."""
    path = settings.home / "practice.db"
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA synchronous = OFF")
        yield connection
    for name in ("practice.db-wal", "practice.db-shm"):
        (settings.home / name).unlink(missing_ok=True)
    path.write_bytes(before)


def fault(settings: Settings, slug: str | None = None) -> str:
    """Return what verify names, which is never a score that is hidden."""
    try:
        done = verify(settings, slug)
    except PracticeError as error:
        return error.message
    assert done.found is not None, "not found"
    return f"{done.found.where}: {done.found.message}"


def cells(settings: Settings) -> dict[tuple[str, str], list[int]]:
    """Return the rows of every column of every table."""
    found = {}
    with opened(settings) as connection:
        for table in METADATA.tables.values():
            rows = [row[0] for row in connection.execute(f"SELECT rowid FROM {table.name}")]
            assert rows, f"{table.name} is empty: play a season that fills it"
            for column in table.c:
                found[table.name, column.name] = rows
    return found


def spoil(cell: Any, column: str, draw: random.Random) -> tuple[str, Any]:
    """Return SQL of another value and its parameter: one byte, or one unit, beside the old."""
    if isinstance(cell, str):
        data = bytearray(cell.encode() or b" ")
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        return "CAST(? AS TEXT)", bytes(data)
    if isinstance(cell, bytes):
        data = bytearray(cell)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        return "?", bytes(data)
    if isinstance(cell, int):
        return "?", cell + draw.choice([1000, 1001])
    if isinstance(cell, float):
        return "?", math.nextafter(cell, draw.choice([-9.0, 9.0]))
    assert cell is None
    return "?", {"git_dirty": 1, "released": 0.5, "value": 0.5, "season": 1}.get(column, "x")


def words(table: str, column: str) -> str:
    """Return what the finding must say of a changed cell."""
    if table == "meta":
        return "database" if column == "schema_version" else "meta"
    if table == "event":
        return "event "
    if column in receipts.schema_keys(table):
        return f"a row of {table}"
    special = {("score", "value"): " score does not", ("replicates", "data"): "the replicates of"}
    return special.get((table, column), f"{table}.{column}")


def test_each_changed_cell_is_found_and_named(stage: Settings) -> None:
    assert verify(stage).found is None
    draw, there = random.Random(11), cells(stage)
    picked = [(place, draw.choice(rows)) for place, rows in there.items()]
    while len(picked) < 100:
        place = draw.choice([*there])
        picked.append((place, draw.choice(there[place])))
    with open_store(stage) as store:
        hidden = {repr(row["value"]) for row in store.stored("score")}
    for (table, column), row in picked:
        with opened(stage) as connection:
            where = f"FROM {table} WHERE rowid = {row}"
            (before,) = connection.execute(f"SELECT {column} {where}").fetchone()
            sql, value = spoil(before, column, draw)
            update = f"UPDATE {table} SET {column} = {sql} WHERE rowid = {row}"
            connection.execute(update, (value,))
            said = fault(stage)
        assert words(table, column) in said, (table, column, row, before, value)
        assert not any(score in said for score in hidden)
    assert verify(stage).found is None


def test_each_lost_or_added_row_is_found(stage: Settings) -> None:
    for table in METADATA.tables.values():
        with opened(stage) as connection:
            connection.execute(f"DELETE FROM {table.name} WHERE rowid = 1")
            lost = fault(stage)
        assert {"meta": "", "event": "event 1"}.get(table.name, f"row of {table.name}") in lost
        with opened(stage) as connection:
            names = [column.name for column in table.c]
            copied = ", ".join(other(table.name, name) for name in names)
            (rows,) = connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()
            sql = f"INSERT INTO {table.name} SELECT {copied} FROM {table.name} LIMIT 1"
            connection.execute(sql)
            added = fault(stage)
        expected = {"meta": "the database", "event": f"event {rows + 1}"}
        assert expected.get(table.name, f"a row of {table.name} that no event names") in added


def other(table: str, column: str) -> str:
    """Return SQL of a cell of an added row: keys and names are new, all else is copied."""
    if column in ("id", "seq") and table != "build":
        return f"{column} + 900"
    if column in ("submission", "scorer_version", "number"):
        return f"{column} + 900"
    new = {("build", "id"), ("competition", "slug"), ("entrant", "name")}
    return f"{column} || 'x'" if (table, column) in new else column


def test_a_private_score_is_not_told(played: Settings) -> None:
    with opened(played) as connection:
        sql = "UPDATE score SET value = 0.123456 WHERE submission = 2 AND split = 'private'"
        connection.execute(sql)
        said = fault(played)
    assert said == "submission 2: the private score does not fit its receipt (event 3)"


# Changes of files


def test_each_changed_byte_of_a_file_is_found(stage: Settings) -> None:
    draw = random.Random(12)
    folders = [stage.home / name for name in ("vault", "data", "blobs")] + [stage.references]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in files if path.suffix != ".lock"]
    assert len(files) >= 20
    picked = files + draw.choices(files, k=100 - len(files))
    with open_store(stage) as store:
        blobs = {row["blob"]: str(row["id"]) for row in store.stored("submission")}
    for path in picked:
        before = path.read_bytes()
        data = bytearray(before)
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(data)
        said = fault(stage)
        path.write_bytes(before)
        name = "blobs/" if path.name in blobs else path.name
        assert name in said, path
    assert verify(stage).found is None


def test_each_lost_file_is_found(stage: Settings) -> None:
    with open_store(stage) as store:
        names = {name for event in store.events() for name in event.payload.get("files", ())}
    assert len(names) > 10
    for path in [stage.home / name for name in sorted(names)]:
        aside = path.rename(path.with_name(".aside"))
        assert fault(stage).startswith(f"{path.relative_to(stage.home).as_posix()}: gone")
        aside.rename(path)
    blob = next(path for path in sorted(stage.blobs.iterdir()) if len(path.name) == 64)
    blob.unlink()
    assert f"its file blobs/{blob.name[:12]}... is gone" in fault(stage)


def test_reference_entries_of_another_version_are_no_fault(
    played: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = played.references / "toy" / "half.toml"
    file.write_text(file.read_text() + "# changed")
    assert fault(played) == "leaderboard/toy/half.toml: not what it was (event 2)"
    monkeypatch.setattr(covering, "__version__", "99.0")
    done = verify(played)
    assert done.found is None
    assert done.remarks == (
        f"leaderboard/toy/half.toml: another than with practice {practice.__version__}",
    )


# What is computed again


def forget(settings: Settings) -> None:
    """Write the chain as versions without receipts did."""
    with open_store(settings) as store:
        events = store.events()
    connection = sqlite3.connect(settings.home / "practice.db", isolation_level=None)
    connection.execute("DELETE FROM event")
    last = None
    for event in events:
        if event.kind in ("note", "files"):
            continue
        new = ("receipt", "files", "practice", "references", "key")
        said = {name: value for name, value in event.payload.items() if name not in new}
        last = link(last, event.kind, event.at, event.season, event.entrant, said)
        row = {**vars(last), "at": from_moment(last.at), "payload": to_json(last.payload)}
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO event VALUES ({marks})", [*row.values()])
    connection.close()


def test_rows_of_an_earlier_version_are_scored_again(stage: Settings) -> None:
    checked = verify(stage)
    forget(stage)
    old = verify(stage)
    assert old.found is None
    assert (old.submissions, old.scores) == (checked.submissions, checked.scores)
    assert old.unreceipted > 30
    of = "submission = 3 AND scorer_version = 1 AND split"
    nudge = "submission 3: the public score differs in its last digits"
    moved = "submission 3: its file does not give "
    changes = {
        f"UPDATE score SET value = value + .01 WHERE {of} = 'public'": (
            f"{moved}the public score that is stored"
        ),
        f"UPDATE score SET value = value * (1 + 1e-14) WHERE {of} = 'public'": nudge,
        f"UPDATE score SET value = value + .01 WHERE {of} = 'private'": (
            f"{moved}the private score that is stored"
        ),
        f"UPDATE score SET value = value + .01 WHERE {of} = 'secondary'": (
            f"{moved}the secondary score that is stored"
        ),
        "UPDATE submission SET released = released + .01 WHERE id = 3": (
            f"{moved}what was told of the public score that is stored"
        ),
        "UPDATE submission SET status = 'failed' WHERE id = 5": (
            "submission 5: stored as failed, its file is now refused"
        ),
        f"UPDATE replicates SET data = zeroblob(8000) WHERE {of} = 'public'": (
            f"{moved}the replicates of the public score that is stored"
        ),
        f"DELETE FROM replicates WHERE {of} = 'private'": "",
        f"DELETE FROM score WHERE {of} = 'private'": "submission 3: has no private score",
        "UPDATE submission SET params = '{' WHERE id = 3": (
            "rows without a receipt: cannot be read"
        ),
        "DELETE FROM out_of_fold": "",
        "UPDATE submission SET id = 77 WHERE id = 6": "submission 6: its row is gone",
    }
    for sql, expected in changes.items():
        with opened(stage) as connection:
            connection.execute(sql)
            found = verify(stage).found
        assert expected == ("" if found is None else f"{found.where}: {found.message}"), sql


def test_out_of_fold_predictions_are_scored_again(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    (build,) = settings.data.iterdir()
    rows = [line.split(",") for line in (build / "train.csv").read_text().splitlines()]
    oof = "\n".join(f"{row[0]},{row[rows[0].index('rain')]}" for row in rows) + "\n"
    done = harness.submit(
        settings, "toy", predict(settings, 3), entrant="ann", out_of_fold=oof.encode()
    )
    assert done.cross_validation is not None
    assert done.cross_validation.score == 1
    forget(settings)
    assert verify(settings).found is None
    with opened(settings) as connection:
        connection.execute("UPDATE out_of_fold SET value = .875")
        found = verify(settings).found
    assert found is not None
    assert (found.where, found.message) == (
        f"submission {done.id}",
        "its file does not give the score of the out-of-fold predictions that is stored",
    )


def test_a_season_of_an_earlier_version_goes_on_with_receipts(
    played: Settings, predict: Predict
) -> None:
    forget(played)
    before = verify(played).unreceipted
    new = harness.submit(played, "toy", predict(played, 40), entrant="dan")
    harness.note(played, 3, "again", entrant="ann")
    harness.select(played, (3,), entrant="ann")
    harness.reveal(played, "toy")
    done = verify(played)
    assert done.found is None
    assert done.unreceipted == before - 1  # the selection was made anew
    with opened(played) as connection:
        connection.execute("UPDATE submission SET file = 'x' WHERE id = ?", (new.id,))
        assert fault(played).startswith(f"submission {new.id}: submission.file does not fit")
    solution = next(played.vault.glob("*/solution.parquet"))
    solution.write_bytes(solution.read_bytes()[:-1] + b"!")
    assert "solution.parquet: not what it was" in fault(played)


def test_another_version_of_the_scorer_is_said(
    played: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "SCORER_VERSION", scoring.SCORER_VERSION + 1)
    done = verify(played)
    assert (done.found, done.scores) == (None, 0)
    version = scoring.SCORER_VERSION
    said = f"submission 2: scored by version {version - 1} of the scorer, this is {version}"
    assert said in done.remarks


def test_a_limit_that_refused_still_would(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy(limit=1)
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (1, 2):
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    assert verify(settings).remarks == ()


# The head of the chain


def test_a_chain_without_its_end_fits_but_lacks_the_head(played: Settings) -> None:
    before = verify(played)
    assert len(before.head) == 64
    harness.note(played, 3, "late thought", entrant="ann")
    after = verify(played, head=before.head)
    assert (after.found, after.events) == (None, before.events + 1)
    assert verify(played, head=after.head[:16]).found is None
    with opened(played) as connection:
        connection.execute("DELETE FROM event WHERE seq = ?", (after.events,))
        connection.execute("UPDATE submission SET note = 'better' WHERE id = 3")
        assert verify(played).found is None
        found = verify(played, head=after.head).found
        assert found is not None
        assert found.message == f"it does not hold the head {after.head}"


def test_what_cannot_be_asked(played: Settings) -> None:
    with pytest.raises(NotFoundError, match="'tea' is not started here"):
        verify(played, "tea")
    with pytest.raises(UsageError, match="16 to 64 hexadecimal digits"):
        verify(played, head="abc")


# Homes that moved


def test_a_restored_backup_fits(stage: Settings, tmp_path: Path) -> None:
    backup(stage, tmp_path / "all.tar")
    copy = moved(stage, tmp_path / "copy")
    restore(copy, tmp_path / "all.tar")
    assert verify(copy) == verify(stage)


def test_postgresql(stage: Settings, tmp_path: Path, postgres_url: str) -> None:
    import psycopg

    backup(stage, tmp_path / "all.tar")
    copy = replace(moved(stage, tmp_path / "copy"), database_url=postgres_url)
    restore(copy, tmp_path / "all.tar")
    assert verify(copy) == verify(stage)
    changes = {
        "UPDATE submission SET message = 'n' WHERE id = 3": "submission.message",
        "UPDATE submission SET late = NOT late WHERE id = 3": "submission.late",
        "UPDATE score SET value = value + 1e-9 WHERE submission = 3 AND split = 'public'": (
            "the public score"
        ),
        "UPDATE replicates SET data = data || '\\x00' WHERE submission = 3": "the replicates",
        "UPDATE event SET payload = payload || ' ' WHERE seq = 4": "event 4",
        "DELETE FROM selection": "a row of selection is gone",
    }
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        harness.note(copy, 3, "moved", entrant="ann")
        assert verify(copy).found is None
        for sql, expected in changes.items():
            connection.execute("DROP TABLE IF EXISTS kept")
            table = sql.split()[2 if sql.startswith("DELETE") else 1]
            connection.execute(f"CREATE TABLE kept AS SELECT * FROM {table}")  # type: ignore[arg-type]
            connection.execute(sql)  # type: ignore[arg-type]
            assert expected in fault(copy), sql
            with connection.transaction():
                connection.execute("SET session_replication_role = replica")  # no foreign keys
                connection.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
                connection.execute(f"INSERT INTO {table} SELECT * FROM kept")  # type: ignore[arg-type]
                connection.execute("SET session_replication_role = DEFAULT")
        assert verify(copy).found is None


def moved(settings: Settings, home: Path) -> Settings:
    """Return settings of another home."""
    return replace(settings, home=home, database_url=f"sqlite:///{home / 'practice.db'}")


def test_seasons_of_one_build_under_the_ladder(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    settings = toy(feedback="ladder", limit=9)
    harness.start(settings, "toy", tmp_path / "ws")
    for wrong in (60, 58, 20, 30, 5):
        harness.submit(settings, "toy", predict(settings, wrong), entrant="ann")
    assert verify(settings).found is None
    harness.reveal(settings, "toy")
    harness.retry(settings, "toy")
    harness.submit(settings, "toy", predict(settings, 7), entrant="ann")
    done = verify(settings, "toy")
    assert (done.found, done.remarks, done.submissions) == (None, (), 6)
    with open_store(settings) as store:
        (revealed,) = store.events(kinds=["reveal"])
    key = next(settings.vault.iterdir()) / "key"
    assert revealed.payload["key"] == key.read_bytes().hex()


def test_nothing_of_a_private_score_can_be_tried_out(played: Settings) -> None:
    """Without the key of the build no digest of a score can be computed from the score."""
    with open_store(played) as store:
        events = store.events()
        private = store.stored("score", split="private")
    assert len(private) == 5
    every = [event.payload.get("receipt", {}).get("score", {}) for event in events]
    digests = {key: columns["value"] for scores in every for key, columns in scores.items()}
    for row in private:
        key = receipts.row_key("score", row)
        plain = receipts.cell_digest("score", key, "value", row["value"], None)
        secret = next(played.vault.iterdir()) / "key"
        keyed = receipts.cell_digest("score", key, "value", row["value"], secret.read_bytes())
        assert digests[key] == keyed != plain
    assert all("key" not in event.payload for event in events)
