"""What a metric file's score function may look like, and what [metric] may give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practice import catalog
from practice.definition import DefinitionError
from practice.definition.signature import read_signature
from practice.settings import Settings

HEAD = "def score(solution, submission, row_id_column_name"


def signature(rest: str) -> Any:
    return read_signature(f"{HEAD}{rest}): ...".encode())


@pytest.mark.parametrize(
    ("annotation", "value", "made"),
    [
        ("str", "macro", "macro"),
        ("int", 3, 3),
        ("float", 3, 3.0),
        ("float", 0.5, 0.5),
        ("bool", True, True),
        ("Optional[float]", 2, 2.0),
        ("typing.Optional[str]", "a", "a"),
        ("float | None", 1, 1.0),
        ("None | int", 1, 1),
        ("int | float", 1, 1),
        ("Union[str, int]", 4, 4),
        ("'float'", 1, 1.0),
        ("'Optional[List[float]]'", [1, 2.5], [1.0, 2.5]),
        ("list", ["a", 1], ["a", 1]),
        ("list[str]", [], []),
        ("List[int]", [1, 2], [1, 2]),
        ("Sequence[bool]", [True], [True]),
        ("list[list[int]]", [[1], [2, 3]], [[1], [2, 3]]),
        ("Any", [1, ["x"]], [1, ["x"]]),
    ],
)
def test_values_that_fit(annotation: str, value: Any, made: Any) -> None:
    found = signature(f", *, k: {annotation}").bind({"k": value})["k"]
    assert found == made
    assert type(found) is type(made)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("str", 1),
        ("int", 1.0),
        ("int", True),
        ("float", "1"),
        ("float", True),
        ("float", float("nan")),
        ("float", float("inf")),
        ("float", 10**400),
        ("bool", 1),
        ("Optional[float]", "x"),
        ("list[str]", ["a", 1]),
        ("list[str]", "a"),
        ("List[float]", [float("nan")]),
        ("Any", {"a": 1}),
        ("pd.DataFrame", 1),
        ("dict[str, int]", 1),
        ("Literal['a']", "a"),
        ("'1 +'", 1),
        ("3", 3),
    ],
)
def test_values_that_do_not_fit(annotation: str, value: Any) -> None:
    with pytest.raises(DefinitionError, match=r"^k: score\(\) (takes k|annotates it with) ?"):
        signature(f", k: {annotation} = None").bind({"k": value})


def test_parameters_are_known_and_given() -> None:
    found = signature(", beta: float, average: str = 'binary', plain=1")
    assert str(found) == (
        "score(solution, submission, row_id_column_name, beta: float, average: str = 'binary', "
        "plain = 1)"
    )
    assert found.bind({"beta": 2, "plain": "x"}) == {"beta": 2.0, "plain": "x"}
    with pytest.raises(DefinitionError, match=r"^beta: missing: score\(\) takes beta: float$"):
        found.bind({})
    with pytest.raises(DefinitionError, match="parameters: beta, average, plain"):
        found.bind({"beta": 1, "bta": 1})
    assert signature(", **more").bind({"x": 1}) == {"x": 1}
    assert str(signature(", /, *rest, **more")).endswith("row_id_column_name, **)")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "has no function score"),
        ("class score: ...", "has no function score"),
        ("if True:\n    def score(a): ...", "has no function score"),
        ("def score(solution, submission): ...", "the first parameters of score"),
        ("def score(submission, solution, row_id_column_name): ...", "the first parameters"),
        ("def score(solution, submission, *, row_id_column_name): ...", "the first parameters"),
        (f"{HEAD}, beta, /): ...", "takes 'beta' by position only"),
        (f"async {HEAD}): ...", "must not be async"),
        ("import x\ndef score(:", "line 2: "),
        ("a = 1\0", "not Python: |line 1: "),
        ("# coding: klingon\n", "line 1: |not Python: "),
        ("(" * 5000, "line 1: |not Python: "),
    ],
)
def test_files_that_cannot_be_called(source: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        read_signature(source.encode())


def test_the_last_definition_counts_and_nothing_is_run(tmp_path: Path) -> None:
    source = f"def score(): ...\nraise SystemExit\n{HEAD}, k: int = 1): ..."
    assert [each.name for each in read_signature(source.encode()).parameters] == ["k"]


@pytest.mark.parametrize(
    ("parameters", "said", "message"),
    [
        ("", "beta = 1", "metric.beta: score() has no parameter of that name; parameters: none"),
        (", beta: float", "", "metric.beta: missing: score() takes beta: float"),
        (", beta: float", 'beta = "x"', "metric.beta: score() takes beta: float"),
        (", day: str", "day = 2026-01-01", "metric.day: score() takes day: str"),
        (
            ", title: str",
            'title = "x"',
            "metric.file: metric.py: score() has a parameter 'title', which [metric] uses itself",
        ),
        ("", 'takes = "labl"', "metric.takes: must be one of label, number, probability, labels"),
        ("", 'title = ""', "metric.title: must not be empty"),
        ("", 'secondary = ["accuracy"]', "metric.secondary: accuracy takes a label, but"),
        ("(", "", "metric.file: metric.py: line 1: "),
    ],
)
def test_definitions_that_do_not_fit_their_file(
    parameters: str, said: str, message: str, toy: Callable[..., Settings]
) -> None:
    settings = toy(f"{HEAD}{parameters}):\n    raise SystemExit\n", said)
    with pytest.raises(DefinitionError) as caught:
        catalog.load("toy", settings)
    assert f"competition.toml: {message}" in caught.value.message


def test_the_direction_must_be_said(toy: Callable[..., Settings], tmp_path: Path) -> None:
    settings = toy()
    file = tmp_path / "definitions" / "toy" / "competition.toml"
    text = file.read_text()
    file.write_text(text.replace("greater_is_better = false", ""))
    with pytest.raises(DefinitionError, match=r"metric\.greater_is_better: missing: true or false"):
        catalog.load("toy", settings)
    file.write_text(text.replace("= false", '= "no"'))
    with pytest.raises(DefinitionError, match="must be true or false, not a text"):
        catalog.load("toy", settings)
