"""From answers and predictions to what a metric is given, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from practice import metrics, scoring
from practice.definition import MetricSpec, SubmissionSpec
from practice.errors import DefinitionError, MetricError, UsageError
from practice.metrics.options import Options
from practice.scoring.records import Answers, Column, Target

ROWS = 6


@dataclass(frozen=True)
class Recorder:
    """A metric that keeps what it is given and scores 0.5."""

    takes: str = "number"
    per_class: bool = False
    name: str = "recorder"
    greater_is_better: bool = True
    given: dict[str, Any] = field(default_factory=dict)
    failure: MetricError | None = None
    needs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    def score(self, y_true: Any, y_pred: Any, **more: Any) -> float:
        self.given.update(y_true=y_true, y_pred=y_pred, **more)
        if self.failure:
            raise self.failure
        return 0.5


def answers_of(*targets: Target, **extras: Any) -> Answers:
    public = np.array([True, True, False, True, False, False])
    return Answers(None, ("id",), targets, public, extras)


def label(values: list[int], labels: tuple[str, ...], positive: str | None = None) -> Target:
    return Target("y", "label", np.array(values, np.int8), labels, positive)


NUMBERS = Target("y", "number", np.arange(ROWS) / 2)
PREDICTED = np.array([0.1, 0.9, 0.3, 0.4, 0.8, 0.2])


def given(
    answers: Answers,
    predictions: Any,
    metric: Recorder,
    rows: Any = None,
    used: Options = scoring.PLAIN,
) -> dict[str, Any]:
    assert scoring.score(answers, predictions, metric, rows, used) == 0.5  # type: ignore[arg-type]
    return metric.given


def test_numbers() -> None:
    seen = given(answers_of(NUMBERS), {"y": PREDICTED}, Recorder())

    assert seen["y_true"] is NUMBERS.values
    assert seen["y_pred"] is PREDICTED
    assert (seen["weight"], seen["labels"]) == (None, None)


def test_only_the_rows_asked_for() -> None:
    answers = answers_of(NUMBERS, weight=np.arange(ROWS) + 1.0)

    used = Options(sample_weight="weight")
    seen = given(answers, {"y": PREDICTED}, Recorder(), answers.public, used)

    assert seen["y_true"].tolist() == [0.0, 0.5, 1.5]
    assert seen["y_pred"].tolist() == [0.1, 0.9, 0.4]
    assert seen["weight"].tolist() == [1.0, 2.0, 4.0]


def test_labels_are_codes_with_their_names() -> None:
    target = label([0, 2, 1, 1, 0, 2], ("a", "b", "c"))

    seen = given(answers_of(target), {"y": np.array([0, 1, 1, 2, 0, 2])}, Recorder("label"))

    assert seen["y_true"] is target.values
    assert seen["labels"] == ("a", "b", "c")


@pytest.mark.parametrize(
    ("positive", "due"), [("no", [1, 0, 0, 1, 0, 1]), ("yes", [0, 1, 1, 0, 1, 0])]
)
def test_a_binary_target_is_one_where_it_is_positive(positive: str, due: list[int]) -> None:
    target = label([0, 1, 1, 0, 1, 0], ("no", "yes"), positive)

    seen = given(answers_of(target), {"y": PREDICTED}, Recorder("number"))

    assert seen["y_true"].astype(int).tolist() == due


def test_without_a_positive_class_the_last_label_is_it() -> None:
    target = label([0, 1, 1, 0, 1, 0], ("no", "yes"))

    seen = given(answers_of(target), {"y": PREDICTED}, Recorder("probability", per_class=True))

    assert seen["y_true"].astype(int).tolist() == [0, 1, 1, 0, 1, 0]


def test_numeric_labels_are_numbers_for_a_numeric_metric() -> None:
    target = label([0, 1, 2, 0, 1, 2], ("1", "2.5", "10"))

    seen = given(answers_of(target), {"y": PREDICTED}, Recorder("number"))

    assert seen["y_true"].tolist() == [1.0, 2.5, 10.0, 1.0, 2.5, 10.0]


def test_labels_that_are_no_numbers_do_not_go_with_a_numeric_metric() -> None:
    target = label([0, 1, 2, 0, 1, 2], ("a", "b", "c"))

    with pytest.raises(MetricError, match="takes numbers, but the labels are not numbers"):
        scoring.score(answers_of(target), {"y": PREDICTED}, Recorder("number"))  # type: ignore[arg-type]


def test_a_column_per_class() -> None:
    target = label([0, 1, 2, 0, 1, 2], ("a", "b", "c"))
    columns = {name: PREDICTED + place for place, name in enumerate(("p", "q", "r"))}

    seen = given(answers_of(target), columns, Recorder("probability", per_class=True))

    assert seen["y_true"] is target.values
    assert seen["labels"] == ("a", "b", "c")
    assert seen["y_pred"].tolist() == np.column_stack(list(columns.values())).tolist()


def test_several_targets_are_a_table() -> None:
    other = Target("z", "number", np.ones(ROWS))

    seen = given(answers_of(NUMBERS, other), {"y": PREDICTED, "z": PREDICTED}, Recorder())

    assert seen["y_true"].shape == seen["y_pred"].shape == (ROWS, 2)


def test_names_for_metrics_of_lists_and_texts() -> None:
    target = label([0, 1, 1, 0, 1, 0], ("cat", "dog"))
    lists = np.array(["cat dog"] * ROWS, dtype=object)

    seen = given(answers_of(target), {"y": lists}, Recorder("labels"))

    assert seen["y_true"].tolist() == ["cat", "dog", "dog", "cat", "dog", "cat"]


@pytest.mark.parametrize(
    "target",
    [
        label([0, -1, 1, -1, 1, 0], ("no", "yes")),
        Target("y", "number", np.array([0, np.nan, 1, np.nan, 1, 0])),
    ],
)
def test_a_row_without_an_answer_is_not_scored(target: Target) -> None:
    answers = answers_of(target)

    seen = given(answers, {"y": PREDICTED}, Recorder("number"))
    assert seen["y_true"].astype(int).tolist() == [0, 1, 1, 0]
    seen = given(answers, {"y": PREDICTED}, Recorder("number"), answers.public)
    assert seen["y_pred"].tolist() == [0.1]
    with pytest.raises(MetricError, match="there are no rows to score"):
        scoring.score(answers, {"y": PREDICTED}, Recorder(), np.arange(ROWS) == 1)  # type: ignore[arg-type]


def test_the_row_of_an_error_is_a_position_among_all_answers() -> None:
    answers = answers_of(NUMBERS)
    metric = Recorder(failure=MetricError("a prediction is too low", "raise it", row=2))

    with pytest.raises(MetricError) as caught:
        scoring.score(answers, {"y": PREDICTED}, metric, answers.public)  # type: ignore[arg-type]

    assert (caught.value.message, caught.value.hint) == ("a prediction is too low", "raise it")
    assert caught.value.row == 3


def test_scores_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(5)
    rows = 500
    public = draw.random(rows) < 0.5
    truth, guess = draw.integers(0, 3, rows), draw.integers(0, 3, rows)
    chances = draw.dirichlet([1, 1, 1], rows)
    target = Target("y", "label", truth.astype(np.int8), ("a", "b", "c"))
    answers = Answers(None, ("id",), (target,), public)

    accuracy = scoring.score(answers, {"y": guess}, metrics.get("accuracy"), public)
    by_class = dict(zip("abc", chances.T, strict=True))
    loss = scoring.score(answers, by_class, metrics.get("log_loss"), ~public)

    assert accuracy == sklearn_metrics.accuracy_score(truth[public], guess[public])
    assert loss == pytest.approx(sklearn_metrics.log_loss(truth[~public], chances[~public]))


def test_f1_of_the_positive_class() -> None:
    target = label([0, 1, 1, 0, 1, 0], ("no", "yes"), "no")
    answers = answers_of(target)
    guess = np.array([0, 1, 0, 0, 1, 1])

    bound = scoring.bind(MetricSpec("f1"), answers)
    assert bound.parameters["pos_label"] == "no"
    assert scoring.score(answers, {"y": guess}, bound) == sklearn_metrics.f1_score(
        target.values, guess, pos_label=0
    )
    chosen = scoring.bind(MetricSpec("f1", parameters={"pos_label": "yes"}), answers)
    assert chosen.parameters["pos_label"] == "yes"


def test_binding_what_is_not_there() -> None:
    answers = answers_of(NUMBERS)

    assert scoring.bind(MetricSpec("rmse"), answers).name == "rmse"
    with pytest.raises(UsageError, match="no parameter 'sigma'"):
        scoring.bind(MetricSpec("rmse", parameters={"sigma": 1}), answers)
    with pytest.raises(DefinitionError, match=r"metric\.py"):
        scoring.bind(MetricSpec(None, file="metric.py"), answers)


BINARY = label([0, 1, 1, 0, 1, 0], ("no", "yes"), "yes")
THREE = label([0, 1, 2, 0, 1, 2], ("a", "b", "c"))


@pytest.mark.parametrize(
    ("target", "metric", "due"),
    [
        (NUMBERS, "rmse", [Column("y", "number")]),
        (BINARY, "f1", [Column("y", "label", ("no", "yes"))]),
        (BINARY, "roc_auc", [Column("y", "number")]),
        (BINARY, "log_loss", [Column("y", "probability")]),
        (THREE, "accuracy", [Column("y", "label", ("a", "b", "c"))]),
        (THREE, "log_loss", [Column(name, "probability") for name in "abc"]),
        (THREE, "roc_auc", [Column(name, "number") for name in "abc"]),
        (NUMBERS, "accuracy", [Column("y", "number")]),
        (Target("y", "text", np.array(["a b"] * ROWS, object)), "accuracy", [Column("y", "text")]),
    ],
)
def test_layouts(target: Target, metric: str, due: list[Column]) -> None:
    found = scoring.layout(answers_of(target), metrics.get(metric), SubmissionSpec())

    assert found.id_columns == ("id",)
    assert list(found.columns) == due


def test_columns_that_differ_from_the_target() -> None:
    answers = answers_of(THREE)
    spec = SubmissionSpec(columns=("p_a", "p_b", "p_c"))

    found = scoring.layout(answers, metrics.get("log_loss"), spec)
    assert [column.name for column in found.columns] == ["p_a", "p_b", "p_c"]
    named = scoring.layout(answers, metrics.get("accuracy"), SubmissionSpec(columns=("guess",)))
    assert named.columns == (Column("guess", "label", ("a", "b", "c")),)
    with pytest.raises(DefinitionError, match="2 names, but log_loss takes 3"):
        scoring.layout(answers, metrics.get("log_loss"), SubmissionSpec(columns=("p", "q")))
    with pytest.raises(DefinitionError, match="two columns of one name"):
        scoring.layout(answers, metrics.get("accuracy"), SubmissionSpec(columns=("id",)))


@pytest.mark.parametrize(
    ("name", "told"),
    [("mse", "mse of these values is too large for a number"), ("pearson", "all predictions are")],
)
def test_a_refusal_says_the_same_whichever_part_is_at_fault(name: str, told: str) -> None:
    answers, metric, said = answers_of(NUMBERS), metrics.get(name), []
    for rows in (answers.public, ~answers.public):
        guesses = np.where(rows, 1e300 if name == "mse" else 1.0, PREDICTED)
        with pytest.raises(MetricError) as caught:
            scoring.score_parts(answers, {"y": guesses}, metric)
        said.append((caught.value.message, caught.value.hint, caught.value.row))
    hint = f"practice metrics {metric.name} says what it takes; look at the largest and smallest"
    assert said == [("the predictions could not be scored", hint, None)] * 2
    with pytest.raises(MetricError, match=told):
        scoring.score_parts(answers, {"y": np.full(ROWS, guesses[~answers.public][0])}, metric)
