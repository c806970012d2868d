"""A competition with a metric file, played through the verbs."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from practice import custom, harness
from practice.custom import running
from practice.definition import DefinitionError
from practice.errors import BuildError, RefusedError
from practice.harness import clock
from practice.settings import Settings

Toy = Callable[..., Settings]
Predict = Callable[..., bytes]
HIDDEN = "the predictions could not be scored"
SIGNATURE = "def score(solution, submission, row_id_column_name"
VISIBLE = "class ParticipantVisibleError(Exception): ...\n"


def reports(settings: Settings) -> list[Path]:
    return sorted(settings.vault.glob("*/metric-errors/*"))


def answers_outside_the_vault(settings: Settings, amounts: dict[int, float]) -> list[str]:
    """Return hidden answers that are written anywhere in the home but vault, blobs and cache."""
    (build,) = [path.name for path in settings.data.iterdir()]
    train = (settings.data / build / "train.csv").read_text()
    hidden = [repr(value) for value in amounts.values() if repr(value) not in train]
    assert len(hidden) == 60
    kept = (settings.vault, settings.blobs, settings.cache)
    files = [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and not any(path.is_relative_to(folder) for folder in kept)
    ]
    assert any(path.name == "practice.db" for path in files)
    text = b"\n".join(path.read_bytes() for path in files)
    return [value for value in hidden if value.encode() in text]


def test_a_file_in_the_style_of_the_template_scores(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(metric='title = "Absolute error"')
    started = harness.start(settings, "toy", tmp_path / "ws")
    assert "the competition's own, `Absolute error` (less is better)" in (
        tmp_path / "ws" / "README.md"
    ).read_text(encoding="utf-8")
    done = harness.submit(settings, "toy", predict(settings, 0.5), entrant="ann")
    assert (done.status, done.metric, done.greater_is_better) == (
        "scored",
        "Absolute error",
        False,
    )
    assert done.public_score == pytest.approx(0.5, abs=1e-9)
    worse = harness.submit(settings, "toy", predict(settings, 2.0), entrant="bob")
    assert worse.rank == 2
    again = harness.submit(settings, "toy", predict(settings, 0.5), entrant="cy")
    assert again.public_score == done.public_score
    assert harness.check(settings, "toy", predict(settings)).ok
    assert harness.start(settings, "toy", tmp_path / "ws").already
    board = harness.reveal(settings, "toy").board
    assert [entry.entrant for entry in board.entries] == ["ann", "cy", "bob"]
    assert board.entries[0].private_score == pytest.approx(0.5, abs=1e-9)
    assert reports(settings) == []
    assert started.public_rows == 30


def test_what_a_file_is_given(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    source = f"""{VISIBLE}
{SIGNATURE}, scale: float = 1.0, words: list[str] = ()):
    said = [
        list(solution.columns), list(submission.columns), row_id_column_name, len(solution),
        [str(kind) for kind in solution.dtypes], list(solution.index) == list(range(30)),
        (solution["id"] == submission["id"]).all(), repr(scale), words,
        bool(((submission.amount - solution.amount - 1).abs() < 1e-9).all()),
    ]
    raise ParticipantVisibleError(str(said))
"""
    settings = toy(source, 'scale = 3\nwords = ["a", "b"]\nslices = ["word"]')
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert done.error is not None
    assert done.error.startswith(
        "[['id', 'amount', 'word'], ['id', 'amount'], 'id', 30, ['int64', 'float64', '"
    )
    assert done.error.endswith("], True, np.True_, '3.0', ['a', 'b'], True]")


def test_integer_labels_are_integers_and_other_labels_texts(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    source = f"""{VISIBLE}
{SIGNATURE}):
    raise ParticipantVisibleError(f"{{solution.wet.dtype}} {{submission.p.dtype}}")
"""
    settings = toy(
        source,
        'takes = "probability"',
        task="binary",
        target='"wet"',
        submission='columns = ["p"]',
    )
    harness.start(settings, "toy", tmp_path / "ws")
    (build,) = [path.name for path in settings.data.iterdir()]
    sample = settings.data / build / "sample_submission.csv"
    assert sample.read_text().startswith("id,p\n")
    done = harness.submit(settings, "toy", sample, entrant="ann")
    assert (done.status, done.error) == ("failed", "int64 float64")


def test_labels_as_words(toy: Toy, tmp_path: Path) -> None:
    source = f"""{SIGNATURE}):
    assert set(solution.word) == {{"dry", "wet"}}
    return (solution.word == submission.word).mean()
"""
    settings = toy(source, 'secondary = ["accuracy"]', task="binary", target='"word"')
    harness.start(settings, "toy", tmp_path / "ws")
    (build,) = [path.name for path in settings.data.iterdir()]
    sample = settings.data / build / "sample_submission.csv"
    done = harness.submit(settings, "toy", sample, entrant="ann")
    assert done.status == "scored"
    assert done.secondary == {"accuracy": done.public_score}
    refused = harness.submit(
        settings, "toy", sample.read_bytes().replace(b"dry", b"arid"), entrant="ann"
    )
    assert refused.status == "refused"


def test_columns_that_stand_for_no_target(toy: Toy, tmp_path: Path) -> None:
    source = f"""{SIGNATURE}):
    inside = submission.low.le(solution.amount) & submission.high.ge(solution.amount)
    return float(inside.mean())
"""
    settings = toy(source, 'takes = "number"', submission='columns = ["low", "high"]')
    harness.start(settings, "toy", tmp_path / "ws")
    (build,) = [path.name for path in settings.data.iterdir()]
    sample = (settings.data / build / "sample_submission.csv").read_text()
    assert sample.splitlines()[0] == "id,low,high"
    done = harness.submit(
        settings, "toy", sample.replace(",0.0,0.0", ",0.0,901").encode(), entrant="ann"
    )
    assert (done.status, done.public_score) == ("scored", 1.0)
    harness.reveal(settings, "toy")
    toy(source, submission='columns = ["low", "high"]')
    with pytest.raises(DefinitionError, match=r"metric.takes: missing: what the 2 columns"):
        harness.retry(settings, "toy")
    toy(source, 'takes = "number"\nsecondary = ["mae"]', submission='columns = ["low", "high"]')
    with pytest.raises(DefinitionError, match=r"metric.secondary: needs a column per target"):
        harness.retry(settings, "toy")


def test_what_the_file_means_to_tell_is_told_and_cut(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    source = f"""
class ParticipantVisibleError(Exception): ...
class Worse(ParticipantVisibleError): ...

{SIGNATURE}):
    raise Worse("x" * 400)
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert (done.status, done.error) == ("failed", "x" * 280)
    assert done.attempts_left == 5
    assert reports(settings) == []


BODIES = {
    "an error that quotes answers": "raise ValueError(f'bad: {solution.amount.tolist()}')",
    "a private error that means to be told": (
        "global calls; calls += 1\n"
        "    if calls == 2: raise ParticipantVisibleError(str(solution.amount.tolist()))\n"
        "    return 1.0"
    ),
    "another error for Private alone": (
        "global calls; calls += 1\n"
        "    if calls == 2: raise KeyError(solution.amount[0])\n"
        "    return 1.0"
    ),
    "NaN": "return float('nan')",
    "infinity": "return -float('inf')",
    "a text": "return str(solution.amount[0])",
    "None": "print(solution.amount.tolist())",
    "a truth value": "return True",
    "a frame": "return solution",
    "an exit": "raise SystemExit(str(solution.amount[0]))",
    "an end without a word": "import os; os._exit(0)",
    "an error without a text": (
        "class Odd(Exception):\n        def __str__(self): raise RuntimeError('no')\n    raise Odd"
    ),
    "a visible error without a text": "raise ParticipantVisibleError",
    "a library that is not there": "import no_such_library",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_everything_else_is_hidden_and_kept_for_the_host(
    body: str,
    toy: Toy,
    predict: Predict,
    amounts: dict[int, float],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 1, 12, tzinfo=UTC))
    settings = toy(f"{VISIBLE}calls = 0\n{SIGNATURE}):\n    {body}\n")
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert (done.status, done.error, done.problems) == ("failed", HIDDEN, ())
    assert (done.public_score, done.rank, done.attempts_left) == (None, None, 5)
    (report,) = reports(settings)
    assert report.name == "2026-05-01T12-00-00.000000Z.txt"
    assert report.read_text().startswith("submission ")
    if os.name == "posix":
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    (row,) = harness.submissions(settings, "toy")
    assert row.error == HIDDEN
    assert answers_outside_the_vault(settings, amounts) == []
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in report.parents[1].iterdir() if path.name.startswith(".")] == []


def test_the_report_has_the_traceback_with_its_lines(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy(f"{SIGNATURE}):\n    raise ValueError(len(solution))  # why\n")
    harness.start(settings, "toy", tmp_path / "ws")
    for _ in range(2):
        harness.submit(settings, "toy", predict(settings), entrant="ann")
    text = [path.read_text() for path in reports(settings)]
    assert len(text) == 2
    assert "where: public" in text[0]
    assert 'File "metric.py", line 2, in score' in text[0]
    assert "raise ValueError(len(solution))  # why" in text[0]
    assert text[0].endswith("ValueError: 30\n")


def test_answers_that_are_printed_reach_nobody(
    toy: Toy,
    predict: Predict,
    amounts: dict[int, float],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    source = f"""import os, sys, warnings
print("loading")
{SIGNATURE}):
    print(solution.amount.tolist(), flush=True)
    print(solution.amount.tolist(), file=sys.stderr, flush=True)
    os.write(1, str(solution.amount.tolist()).encode())
    os.system(f"echo {{solution.amount[0]}}")
    warnings.warn(str(solution.amount[0]))
    assert sys.stdin.read() == ""
    return 0.25
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert done.public_score == 0.25
    assert capfd.readouterr() == ("", "")
    assert answers_outside_the_vault(settings, amounts) == []


def test_frames_are_copies_and_each_split_is_scored_once(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    source = f"""calls = []
{SIGNATURE}):
    calls.append(len(solution))
    assert "Usage" not in solution
    value = float((solution.amount - submission.amount).abs().sum())
    solution[:] = 0
    submission.drop(columns=["amount"], inplace=True)
    return value + 1000 * len(calls)
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings, 1.0), entrant="ann")
    assert done.public_score == pytest.approx(1030)
    board = harness.reveal(settings, "toy").board
    assert board.entries[0].private_score == pytest.approx(2030)


def test_scores_do_not_depend_on_chance(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    source = f"""import random
import numpy as np
{SIGNATURE}):
    return random.random() + np.random.random() + hash("a") % 1000
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    scores = {
        harness.submit(settings, "toy", predict(settings), entrant=name).public_score
        for name in ("ann", "bob")
    }
    assert len(scores) == 1
    assert None not in scores


def test_a_file_that_takes_too_long_is_ended_with_its_children(
    toy: Toy, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    note = tmp_path / "pid"
    source = f"""import pathlib, subprocess, time
{SIGNATURE}):
    child = subprocess.Popen(["sleep", "600"])
    pathlib.Path({str(note)!r}).write_text(str(child.pid))
    time.sleep(600)
"""
    monkeypatch.setattr(running, "TIME_LIMIT", 3.0)
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert done.error == HIDDEN
    assert "score() took more than 3 s" in reports(settings)[0].read_text()
    assert not runs(int(note.read_text()))


def runs(pid: int) -> bool:
    """Say whether a process runs on; one that is ended needs a moment, one not waited for is."""
    for _ in range(200):
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False
        if text.rpartition(")")[2].split()[0] in ("Z", "X"):
            return False
        time.sleep(0.01)
    return True


def test_a_child_that_is_left_running_is_ended(toy: Toy, predict: Predict, tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    note = tmp_path / "pid"
    source = f"""import pathlib, subprocess
{SIGNATURE}):
    child = subprocess.Popen(["sleep", "600"])
    pathlib.Path({str(note)!r}).write_text(str(child.pid))
    return 1.0
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").status == "scored"
    assert not runs(int(note.read_text()))


def test_a_changed_file_is_noticed_and_scores_nothing(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    first = harness.submit(settings, "toy", predict(settings), entrant="ann")
    toy(f"{SIGNATURE}):\n    return 7.0\n")
    same = harness.submit(settings, "toy", predict(settings), entrant="bob")
    assert same.public_score == first.public_score
    with pytest.raises(RefusedError, match=r"^metric.py changed since the season was opened") as no:
        harness.start(settings, "toy", tmp_path / "ws")
    assert no.value.hint == "practice rescore toy scores everything by the new one"
    harness.reveal(settings, "toy")
    harness.retry(settings, "toy")
    new = harness.submit(settings, "toy", predict(settings), entrant="bob")
    assert new.public_score == 7.0


def test_a_changed_file_scores_anew_what_was_submitted(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    first = harness.submit(settings, "toy", predict(settings), entrant="ann")
    toy(f"{SIGNATURE}):\n    return 7.0\n")
    done = harness.rescore(settings, "toy")
    assert done.metric_changed
    assert [(row.old, row.new) for row in done.rows] == [(first.public_score, 7.0)]
    assert len(list(settings.vault.glob("*/metrics/*.py"))) == 2
    new = harness.submit(settings, "toy", predict(settings, 1.0), entrant="bob")
    assert new.public_score == 7.0
    assert harness.start(settings, "toy", tmp_path / "ws").already


def test_a_copy_that_was_changed_or_lost_is_put_back_by_start(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    (copy,) = settings.vault.glob("*/metrics/*.py")
    for spoil in (lambda: copy.write_text("pass"), copy.unlink):
        spoil()
        with pytest.raises(BuildError, match=r"metric\.py (is gone|changed since)") as caught:
            harness.submit(settings, "toy", predict(settings), entrant="ann")
        assert caught.value.hint == "practice start toy puts it back"
        harness.start(settings, "toy", tmp_path / "ws")
        done = harness.submit(settings, "toy", predict(settings), entrant="ann")
        assert done.status == "scored"


def test_the_utilities_are_found_in_the_files_process_alone(
    toy: Toy, predict: Predict, tmp_path: Path
) -> None:
    source = f"""import kaggle_metric_utilities as utilities
import pandas as pd
import sklearn.metrics
{SIGNATURE}):
    utilities.verify_valid_probabilities(pd.DataFrame({{"a": [0.5], "b": [0.5]}}), "made")
    if submission.amount.min() < 0:
        raise utilities.ParticipantVisibleError("no negative rain")
    return utilities.safe_call_score(
        sklearn.metrics.mean_absolute_error, solution.amount, submission.amount
    )
"""
    settings = toy(source)
    harness.start(settings, "toy", tmp_path / "ws")
    done = harness.submit(settings, "toy", predict(settings), entrant="ann")
    assert done.public_score == pytest.approx(1.0)
    told = harness.submit(settings, "toy", predict(settings, -1000.0), entrant="ann")
    assert told.error == "no negative rain"
    assert "kaggle_metric_utilities" not in sys.modules
    assert not any(path.endswith("kaggle") for path in sys.path)


def test_modules_beside_the_participant_are_not_in_the_way(
    toy: Toy, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = toy()
    harness.start(settings, "toy", tmp_path / "ws")
    (tmp_path / "ws" / "pandas.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path / "ws")
    assert harness.submit(settings, "toy", predict(settings), entrant="ann").status == "scored"


def test_an_interrupt_ends_the_process(
    toy: Toy, predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = toy(f"import time\n{SIGNATURE}):\n    time.sleep(600)\n")
    harness.start(settings, "toy", tmp_path / "ws")
    started = []

    class Interrupted(running.subprocess.Popen):  # type: ignore[name-defined,type-arg]
        def wait(self, timeout: float | None = None) -> int:
            if timeout is not None:
                started.append(self)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(running.subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        harness.submit(settings, "toy", predict(settings), entrant="ann")
    (process,) = started
    assert process.returncode is not None
    assert harness.submissions(settings, "toy") == ()


def test_a_bad_file_is_refused_when_the_definition_is_read(toy: Toy) -> None:
    settings = toy("def score(solution, submission): ...")
    with pytest.raises(DefinitionError, match="the first parameters of score"):
        harness.start(settings, "toy")
    (row,) = [row for row in harness.listed(settings) if row.competition == "toy"]
    assert row.summary.startswith("cannot be read: ")


def test_the_package_offers_what_it_lists() -> None:
    assert all(getattr(custom, name) for name in custom.__all__)
    with pytest.raises(AttributeError):
        _ = custom.nothing
