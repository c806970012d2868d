"""Frames, results and the utilities, without a competition."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from practice import custom, scoring
from practice.custom.kaggle import kaggle_metric_utilities as utilities
from practice.definition import SubmissionSpec
from practice.errors import DefinitionError
from practice.scoring._arrow import int64_array, text_array
from practice.scoring.records import Answers, Target

HEAD = "def score(solution, submission, row_id_column_name"
TELL = "class ParticipantVisibleError(Exception): ...\n"


def run(
    source: str,
    targets: list[Target],
    predictions: dict[str, Any],
    folder: Path,
    takes: Any = None,
    ids: Any = None,
    **more: Any,
) -> tuple[float, float]:
    rows = len(targets[0].values)
    answers = Answers(
        int64_array(np.arange(rows)) if ids is None else ids,
        ("id",),
        tuple(targets),
        np.arange(rows) < rows / 2,
        more.pop("extras", {}),
    )
    metric = custom.FileMetric("m", "metric.py", source.encode(), True, takes, **more)
    layout = custom.layout(answers, metric, SubmissionSpec())
    return custom.score_splits(metric, answers, layout, predictions, folder)


def told(body: str, *arguments: Any, **more: Any) -> str:
    source = f"{TELL}{HEAD}):\n    raise ParticipantVisibleError({body})\n"
    with pytest.raises(custom.UnscorableError) as caught:
        run(source, *arguments, **more)
    assert caught.value.report == ""
    return caught.value.message


def texts(*cells: str) -> Any:
    return np.array(cells, dtype=object)


def test_texts_stay_texts_and_empty_ones_are_missing(tmp_path: Path) -> None:
    target = Target("t", "text", texts("1 2", "", "NA", "x"))
    body = "f'{solution.t.isna().tolist()} {submission.t.tolist()} {solution.id.tolist()}'"
    said = told(
        body,
        [target],
        {"t": texts("3", "4", "5", "6")},
        tmp_path,
        ids=text_array(["007", "a", "b", "c"]),
    )
    assert said == "[False, True] ['3', '4'] ['007', 'a']"


@pytest.mark.parametrize(
    ("cells", "kind"), [(("0", "1", "1", "0"), "int64"), (("0", "", "0.5", "1"), "float64")]
)
def test_targets_kept_as_text_are_numbers_where_numbers_are_taken(
    cells: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    targets = [Target(name, "text", texts(*cells)) for name in ("a", "b")]
    given = {name: np.array([0.1, 0.2, 0.3, 0.4]) for name in ("a", "b")}
    assert told("solution.a.dtype", targets, given, tmp_path, takes="probability") == kind


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (("0", "1", "2"), "int64"),
        (("0.5", "1", "2"), "float64"),
        (("False", "True", "True "), "str"),
        (("False", "True"), "bool"),
        (("NA", "None", "x, y\n"), "str"),
    ],
)
def test_labels_are_typed_as_in_a_csv_file(
    labels: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    codes = np.array([0, 1, 0, len(labels) - 1], np.int8)
    body = "f'{solution.y.dtype} {submission.y.dtype} {(solution.y == submission.y).all()}'"
    said = told(body, [Target("y", "label", codes, labels)], {"y": codes}, tmp_path)
    assert said.replace("object", "str") == f"{kind} {kind} True"


def test_weights_and_slices_are_given_and_groups_are_not(tmp_path: Path) -> None:
    target = Target("y", "number", np.arange(4.0))
    extras = {
        "weight": np.array([1.0, 2, 3, 4]),
        "group": texts("a", "a", "b", "b"),
        "area": texts("n", "s", "n", "s"),
    }
    said = told(
        "f'{list(solution)} {list(submission)} {solution.weight.tolist()}'",
        [target],
        {"y": np.arange(4.0)},
        tmp_path,
        extras=extras,
        slices=("area",),
    )
    assert said == "['id', 'y', 'weight', 'area'] ['id', 'y'] [1.0, 2.0]"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3", 3.0),
        ("np.float32(0.5)", 0.5),
        ("np.int64(7)", 7.0),
        ("1e-300", 1e-300),
        ("0.1 + 0.2", 0.1 + 0.2),
    ],
)
def test_numbers_that_are_accepted(expression: str, value: float, tmp_path: Path) -> None:
    source = f"import numpy as np\n{HEAD}):\n    return {expression}\n"
    target = Target("y", "number", np.arange(4.0))
    assert run(source, [target], {"y": np.arange(4.0)}, tmp_path) == (value, value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_use_what_modules_use(tmp_path: Path) -> None:
    source = f"""from __future__ import annotations
import dataclasses, pickle

@dataclasses.dataclass
class Pair:
    a: float

{HEAD}, k: float = 1.0) -> float:
    assert __name__ == "metric"
    return pickle.loads(pickle.dumps(Pair(k))).a
"""
    target = Target("y", "number", np.arange(4.0))
    found = run(source, [target], {"y": np.arange(4.0)}, tmp_path, parameters={"k": 2.5})
    assert found == (2.5, 2.5)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    answers = Answers(None, ("id",), (Target("y", "number", np.arange(4.0)),), np.arange(4) < 2)
    metric = custom.FileMetric("m", "metric.py", b"", True, "number")
    with pytest.raises(DefinitionError, match="two columns of one name"):
        custom.layout(answers, metric, SubmissionSpec(columns=("a", "id")))
    found = custom.layout(answers, metric, SubmissionSpec(columns=("a", "b")))
    assert [(column.name, column.kind) for column in found.columns] == [
        ("a", "number"),
        ("b", "number"),
    ]


def test_the_process_that_submits_loads_no_pandas(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
import numpy as np
from practice import custom
from practice.definition import SubmissionSpec
from practice.scoring._arrow import text_array
from practice.scoring.records import Answers, Target

ids = text_array(["a", "b"])
target = Target("y", "label", np.array([0, 1], np.int8), ("n", "p"), "p")
answers = Answers(ids, ("id",), (target,), np.array([True, False]))
source = b"def score(solution, submission, row_id_column_name): return 1"
metric = custom.FileMetric("m", "metric.py", source, True)
layout = custom.layout(answers, metric, SubmissionSpec())
print(custom.score_splits(metric, answers, layout, {"y": target.values}, Path(sys.argv[1])))
print({"pandas", "sklearn", "scipy"} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "(1.0, 1.0)\nset()\n"


def refused(**columns: list[Any]) -> str:
    with pytest.raises(utilities.ParticipantVisibleError) as caught:
        utilities.verify_valid_probabilities(pd.DataFrame(columns), "the table")
    return str(caught.value)


def test_probabilities_that_are_none() -> None:
    assert refused(a=["x"], b=[0.5]) == "the table: every target column must hold numbers"
    assert refused(a=[float("nan")], b=[0.5]) == "the table: a probability is missing"
    assert refused(a=[-0.5], b=[1.5]) == "the table: a probability is below 0"
    assert refused(a=[0.0], b=[1.5]) == "the table: a probability is above 1"
    assert refused(a=[0.5, 0.1], b=[0.5, 0.1]).endswith("of a row must add up to 1")
    utilities.verify_valid_probabilities(pd.DataFrame({"a": [1, 0], "b": [0, 1]}), "the table")


def call(error: Exception, solution: Any) -> str:
    def metric(solution: Any, submission: Any) -> float:
        raise error

    with pytest.raises(Exception) as caught:
        utilities.safe_call_score(metric, solution, solution)
    return type(caught.value).__name__


@pytest.mark.parametrize(
    ("error", "solution", "raised"),
    [
        (ValueError("too few classes"), [0.5, 1.0], "ParticipantVisibleError"),
        (ValueError("class 1 is missing"), [0.5, 1.0], "ValueError"),
        (ValueError("class ½ is missing"), [0.5, 1.0], "ValueError"),
        (ValueError("found True"), [True, False], "ValueError"),
        (ValueError("found none"), [True, False], "ParticipantVisibleError"),
        (ValueError("found a"), ["a", "b"], "ValueError"),
        (utilities.HostVisibleError("setup"), [0.5], "HostVisibleError"),
        (utilities.ParticipantVisibleError("row 3"), ["a"], "ParticipantVisibleError"),
    ],
)
def test_safe_calls_tell_what_is_safe(error: Exception, solution: list[Any], raised: str) -> None:
    assert call(error, np.array(solution)) == raised
    assert call(error, pd.DataFrame({"y": solution})) == raised


def test_a_named_metric_is_due_where_a_file_cannot_be() -> None:
    from practice.definition import MetricSpec

    answers = Answers(None, ("id",), (), np.array([True]))
    with pytest.raises(DefinitionError, match="this needs a metric by name"):
        scoring.bind(MetricSpec(None, "metric.py"), answers)
