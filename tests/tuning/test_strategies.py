"""Strategies by name, what is recorded of them, and classes in files."""

from __future__ import annotations

import builtins
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from practice.errors import NotFoundError, PracticeError
from practice.tuning import Exhausted, Parameter, Problem, Row, Space, Strategy, make, names
from practice.tuning.sampling import SAMPLERS
from practice.tuning.strategies import SUMMARIES

PROBLEM = Problem(
    Space((Parameter("x"), Parameter("y", 1, 9, whole=True)), {"x": 0.5, "y": 3}), 7, 5
)


@pytest.mark.parametrize(
    ("name", "proposer", "stopper", "order"),
    [
        ("tpe", "tpe", "forgiving", "folds"),
        ("random", "random", "forgiving", "folds"),
        ("tpe+none", "tpe", "none", "rounds"),
        ("halving", "random", "halving", "rounds"),
        ("hyperband", "random", "hyperband", "rounds"),
        ("cmaes+halving", "cmaes", "halving", "rounds"),
        ("grid+median", "grid", "median", "rounds"),
    ],
)
def test_a_name_says_what_proposes_and_what_stops(
    name: str, proposer: str, stopper: str, order: str
) -> None:
    made = make(name, PROBLEM)
    described = made.described()
    assert (described["proposer"]["name"], described["stopper"]["name"]) == (proposer, stopper)
    assert made.order == order


def test_the_two_kinds_of_tpe_are_told_apart_by_their_arguments() -> None:
    new, old = (make(name, PROBLEM).described()["proposer"] for name in ("tpe", "tpe-univariate"))
    assert new["sampler"] == old["sampler"] == "optuna.TPESampler"
    assert (new["arguments"]["multivariate"], old["arguments"]["multivariate"]) == (True, False)


@pytest.mark.parametrize("name", SAMPLERS)
def test_arguments_are_those_of_the_sampler(name: str) -> None:
    import inspect

    import optuna

    sampler, arguments = SAMPLERS[name]
    known = inspect.signature(getattr(optuna.samplers, sampler).__init__).parameters
    assert set(arguments) <= set(known)


def test_every_strategy_has_a_sentence() -> None:
    assert set(names()) == set(SUMMARIES)
    assert all(len(text) <= 75 for text in SUMMARIES.values())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tpee", "no strategy 'tpee'; did you mean 'tpe'?"),
        ("tpe+later", "no way of stopping 'later'"),
        ("+none", "no strategy ''"),
        ("a+b.py", r"a\+b\.py: cannot be read"),
    ],
)
def test_names_that_are_none_in_words(name: str, message: str) -> None:
    with pytest.raises(NotFoundError, match=message):
        make(name, PROBLEM)


@pytest.mark.parametrize(
    ("name", "library"), [("gp", "torch"), ("cmaes", "cmaes"), ("flaml-cfo", "flaml")]
)
def test_a_missing_library_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, library: str
) -> None:
    def absent(asked: str) -> Any:
        return None if asked == library else builtins.object()

    monkeypatch.setattr("practice.tuning.sampling.find_spec", absent)
    with pytest.raises(PracticeError, match=f"strategy '{name}' needs {library}") as caught:
        make(name, PROBLEM)
    assert caught.value.hint.startswith(f"pip install {library}")


OWN = """
class Own:
    {order}

    def __init__(self, problem):
        self.problem = problem

    def ask(self):
        return self.problem.space.default

    def tell(self, row):
        self.told = row

    {stop}
"""


def own(tmp_path: Path, order: str = "", stop: str = "") -> str:
    path = tmp_path / "own.py"
    path.write_text(OWN.format(order=order, stop=stop), encoding="utf-8")
    return str(path)


def test_a_class_of_ones_own_is_stopped_forgivingly_or_as_asked(tmp_path: Path) -> None:
    path = own(tmp_path)
    assert make(path, PROBLEM).described()["stopper"]["name"] == "forgiving"
    assert make(f"{path}+halving", PROBLEM).described()["stopper"]["name"] == "halving"
    described = make(path, PROBLEM).described()["proposer"]
    assert described["name"] == "own.py"
    before = described["sha256"]
    own(tmp_path, stop="changed = True")
    assert make(path, PROBLEM).described()["proposer"]["sha256"] != before


def test_a_class_of_ones_own_may_stop_trials_by_itself(tmp_path: Path) -> None:
    stop = "def should_stop(self, row): return row.score > 1"
    made = make(own(tmp_path, "order = 'rounds'", stop), PROBLEM)
    rows = [Row(1, 25, "rounds", "running", {}, score) for score in (0.5, 1.5)]
    assert made.order == "rounds"
    assert [made.should_stop(row) for row in rows] == [False, True]
    assert make(own(tmp_path, "", stop), PROBLEM).order == "folds"
    bad = make(own(tmp_path, "", "def should_stop(self, row): return row.colour"), PROBLEM)
    with pytest.raises(PracticeError, match=r"should_stop\(row\) fails: AttributeError"):
        bad.should_stop(rows[0])


def wrong(tmp_path: Path, method: str, body: str) -> Strategy:
    """Make a strategy of which one method is another."""
    source = OWN.format(order="", stop="").replace(f"    def {method}(", f"    def _{method}(")
    (tmp_path / "wrong.py").write_text(f"{source}\n    {body}\n", encoding="utf-8")
    return make(str(tmp_path / "wrong.py"), PROBLEM)


STOP = "def should_stop(self, row): return "
ROW = Row(0, 1, "folds", "running", {}, 0.5, (0.5,))


@pytest.mark.parametrize("order", ["'sideways'", "None", "['folds']"])
def test_an_order_that_there_is_none_of_in_words(tmp_path: Path, order: str) -> None:
    with pytest.raises(PracticeError, match=r"own\.py: Own\.order is .*, not 'rounds' or 'folds'"):
        make(own(tmp_path, f"order = {order}", STOP + "False"), PROBLEM)
    make(own(tmp_path, f"order = {order}"), PROBLEM)  # it does not stop: its own affair


def test_a_class_that_stops_the_default_in_words(tmp_path: Path) -> None:
    made = make(own(tmp_path, "", STOP + "True"), PROBLEM)
    with pytest.raises(PracticeError, match=r"Own\.should_stop\(row\) gives up trial 0") as caught:
        made.should_stop(ROW)
    assert caught.value.hint == "return False where row.trial == 0"
    assert made.should_stop(replace(ROW, trial=1)) is True


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return {'x': 2, 'y': 3}", "proposes what is not in the space: x = 2 is outside its ran"),
        ("return {'x': float('nan'), 'y': 3}", "proposes what is not in the space: x = nan is ou"),
        ("return {'x': 0.5, 'y': float('nan')}", "not in the space: y = nan is outside its range"),
        ("return {}", "proposes what is not in the space: configuration {} does not have"),
        ("return None", "fails: TypeError: 'NoneType' object is not iterable"),
        ("raise KeyError('boom')", "fails: KeyError: 'boom' (line "),
        ("import sys; sys.exit(7)", "fails: SystemExit: 7 (line "),
        ("raise StopIteration", "fails: StopIteration: no message (line "),
    ],
)
def test_an_ask_that_is_wrong_names_file_and_class(tmp_path: Path, body: str, message: str) -> None:
    made = wrong(tmp_path, "ask", f"def ask(self): {body}")
    with pytest.raises(PracticeError) as caught:
        made.ask()
    assert caught.value.message.startswith(f"{tmp_path / 'wrong.py'}: Own.ask() ")
    assert message in caught.value.message
    assert caught.value.exit_code == 1
    assert "python" not in caught.value.hint


def test_an_ask_may_say_that_nothing_is_left(tmp_path: Path) -> None:
    body = "def ask(self):\n        from practice.tuning import Exhausted\n        raise Exhausted"
    with pytest.raises(Exhausted):
        wrong(tmp_path, "ask", body).ask()
    made = wrong(tmp_path, "tell", body.replace("ask(self)", "tell(self, row)"))
    with pytest.raises(PracticeError, match=r"Own\.tell\(row\) fails: Exhausted"):
        made.tell(ROW)


def test_a_file_that_exits_in_words(tmp_path: Path) -> None:
    path = tmp_path / "exits.py"
    path.write_text("import sys\nsys.exit(3)\n", encoding="utf-8")
    with pytest.raises(PracticeError, match=r"exits\.py fails: SystemExit: 3 \(line 2\)") as caught:
        make(str(path), PROBLEM)
    assert caught.value.hint == f"python {path}"


def test_the_traceback_is_there_for_who_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = wrong(tmp_path, "ask", "def ask(self): raise KeyError('boom')")
    for wanted in (False, True):
        if wanted:
            monkeypatch.setenv("PRACTICE_DEBUG", "1")
        with pytest.raises(PracticeError) as caught:
            made.ask()
        assert "PRACTICE_DEBUG=1" in caught.value.hint
        assert ("Traceback" in capsys.readouterr().err) is wanted


def test_what_a_class_prints_goes_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prints.py").write_text(
        "print('imported')\n"
        "class Prints:\n"
        "    def __init__(self, problem): self.space = problem.space; print('made')\n"
        "    def ask(self): print('asked'); return self.space.default\n"
        "    def tell(self, row): print('told')\n"
        "    def should_stop(self, row): print('stopped'); return False\n",
        encoding="utf-8",
    )
    made = make(str(tmp_path / "prints.py"), PROBLEM)
    made.ask()
    made.tell(ROW)
    made.should_stop(ROW)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.split() == ["imported", "made", "asked", "told", "stopped"]


def test_a_file_with_two_classes_in_words(tmp_path: Path) -> None:
    path = own(tmp_path)
    text = Path(path).read_text(encoding="utf-8")
    Path(path).write_text(text + text.replace("Own", "Other"), encoding="utf-8")
    with pytest.raises(PracticeError, match="it holds Own, Other"):
        make(path, PROBLEM)


def test_the_strategy_that_is_documented_works(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "tuning.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    (source,) = [block for block in blocks if "class Nearby" in block]
    path = tmp_path / "nearby.py"
    path.write_text(source, encoding="utf-8")
    made = make(str(path), PROBLEM)
    best = {"x": 0.9, "y": 9}
    made.tell(Row(0, 5, "folds", "complete", best, 0.1, (0.1,) * 5))
    made.tell(Row(1, 5, "folds", "complete", {"x": 0.1, "y": 1}, 0.5, (0.5,) * 5))
    asked = [PROBLEM.space.canonical(made.ask()) for _ in range(50)]
    assert min(each["x"] for each in asked) >= 0.8  # type: ignore[type-var]
