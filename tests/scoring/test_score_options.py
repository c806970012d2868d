"""Weights, masks, groups and further columns of a solution: two files, and no competition."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from practice.errors import MetricError, PracticeError, UsageError
from practice.scoring import SubmissionRefusedError, score_files


def table(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def score(solution: bytes, submission: bytes, metric: str, **parameters: Any) -> tuple[float, int]:
    named = {name: parameters.pop(name) for name in ("target", "prediction") if name in parameters}
    done = score_files(solution, submission, metric, parameters=parameters, **named)
    return done.score, done.rows


SOLUTION = table(
    "id,y,keep,weight,city",
    "1,1.0,True,1,a",
    "2,2.0,False,5,a",
    "3,4.0,1,2,b",
    "4,-1,true,1,b",
    "5,,TRUE,1,b",
)
GUESS = table("id,y", "1,2.0", "2,2.5", "3,4.0", "4,9.0", "5,1.0")
# Absolute errors: 1, .5, 0, 10, none.


@pytest.mark.parametrize(
    ("parameters", "expected", "rows"),
    [
        ({}, 11.5 / 4, 4),  # a missing answer is not scored
        ({"ignore": -1}, 1.5 / 3, 3),
        ({"ignore": "-1.0"}, 1.5 / 3, 3),
        ({"mask": "keep"}, 11 / 3, 3),
        ({"mask": "keep", "ignore": "-1"}, 0.5, 2),
        ({"sample_weight": "weight"}, (1 + 2.5 + 0 + 10) / 9, 4),
        ({"sample_weight": "weight", "ignore": -1}, 3.5 / 8, 3),
        ({"group": "city"}, (0.75 + 5.0) / 2, 4),
        ({"group": "city", "sample_weight": "weight"}, (3.5 / 6 + 10 / 3) / 2, 4),
    ],
)
def test_rows_count_as_the_options_say(
    parameters: dict[str, Any], expected: float, rows: int
) -> None:
    found = score(SOLUTION, GUESS, "mae", **parameters)
    assert found == (pytest.approx(expected, abs=1e-12), rows)


def test_a_weight_of_0_is_a_row_left_out() -> None:
    solution = table("id,y,w", "1,0,0", "2,1,1", "3,2,2")
    assert score(solution, table("id,y", "1,9", "2,2", "3,2"), "mae", sample_weight="w") == (
        pytest.approx(1 / 3),
        2,
    )


def test_labels_can_be_weighted_masked_and_ignored() -> None:
    solution = table("id,y,w,keep", "1,cat,1,1", "2,dog,3,1", "3,cat,1,0", "4,none,1,1")
    guess = table("id,y", "1,cat", "2,cat", "3,dog", "4,dog")
    assert score(solution, guess, "accuracy", sample_weight="w", mask="keep", ignore="none") == (
        0.25,
        2,
    )


def test_some_of_the_target_columns_are_scored() -> None:
    solution = table("id,a,b,c", "1,0,0,0", "2,0,0,0")
    guess = table("id,a,b,c", "1,1,5,2", "2,1,5,2")
    assert score(solution, guess, "rmse", columns="c,a") == (1.5, 2)
    with pytest.raises(UsageError, match="no target 'd'; targets: a, b, c"):
        score(solution, guess, "rmse", columns="d")


def test_rows_of_unknown_ids_are_refused_or_left_out() -> None:
    solution = table("id,y", "1,0", "2,1")
    guess = table("id,y", "9,5", "2,1", "1,3")
    with pytest.raises(SubmissionRefusedError, match="unknown id"):
        score(solution, guess, "mae")
    assert score(solution, guess, "mae", extra_ids="ignore") == (1.5, 2)
    short = table("id,y", "9,5", "2,1")
    with pytest.raises(SubmissionRefusedError, match="1 id is missing"):
        score(solution, short, "mae", extra_ids="ignore")
    again = table("id,y", "9,5", "9,6", "2,1", "2,1", "1,0")
    with pytest.raises(SubmissionRefusedError, match="more than once"):
        score(solution, again, "mae", extra_ids="ignore")
    texts = table("id,y", "x1,5", "b,1", '"a",3')
    assert score(table("id,y", "a,0", "b,1"), texts, "mae", extra_ids="ignore") == (1.5, 2)
    odd = table("id,y", "x1,5", "b, 1", '"a",3')  # the slow pass says the same
    assert score(table("id,y", "a,0", "b,1"), odd, "mae", extra_ids="ignore") == (1.5, 2)


def test_a_mask_of_pixels_has_the_size_that_the_solution_says() -> None:
    solution = table("id,m,h,w", "1,1 2,2,2", "2,-,2,2", "3,,3,1")
    guess = table("id,m", "1,2 2", "2,", "3,-")
    found = score(solution, guess, "dice", height="h", width="w", target="m", prediction="m")
    assert found == (pytest.approx((0.5 + 1 + 1) / 3), 3)
    far = table("id,m", "1,2 9", "2,", "3,-")
    with pytest.raises(PracticeError, match="row 1 of the submission"):
        score(solution, far, "dice", height="h", width="w", target="m", prediction="m")


def test_boxes_and_points() -> None:
    solution = table("id,cells", "1,cat 0 0 10 10", "2,")
    guess = table("id,cells", "1,cat 5 5 dog 5 5", "2,")
    assert score(solution, guess, "points_in_boxes_f1") == (pytest.approx(2 / 3), 2)


def test_a_value_and_a_confidence_are_two_columns_for_one_target() -> None:
    solution = table("id,FVC", "1,2000", "2,2500")
    guess = table("id,FVC,Confidence", "1,2100,100", "2,2500,70")
    expected = np.mean(
        [
            -math.sqrt(2) * 100 / 100 - math.log(math.sqrt(2) * 100),
            -math.log(math.sqrt(2) * 70),
        ]
    )
    found = score(solution, guess, "laplace_log_likelihood")
    assert found == (pytest.approx(expected, abs=1e-12), 2)
    with pytest.raises(UsageError, match=r"one column of answers and 2 of predictions \(value"):
        score(solution, table("id,FVC", "1,1", "2,2"), "laplace_log_likelihood")


def test_quantiles_are_columns() -> None:
    solution = table("id,y", "1,10", "2,20")
    guess = table("id,q1,q2,q3", "1,8,10,12", "2,18,21,22")
    found, rows = score(solution, guess, "crps", quantiles="0.25,0.5,0.75")
    assert rows == 2
    assert 0 < found < 2


@pytest.mark.parametrize(
    ("metric", "parameters", "message"),
    [
        ("max_error", {"sample_weight": "weight"}, "does not take weights"),
        ("mae", {"mask": "nothing"}, "no column 'nothing'"),
        ("mae", {"group": "city", "weights": 1}, "weights"),
        ("mae", {"extra_ids": "maybe"}, "extra_ids must be refuse or ignore"),
        ("mae", {"columns": "x"}, "no target 'x'; targets: y"),
        ("group_log_mae", {"group": "city", "sample_weight": 5}, "sample_weight must be"),
        ("mase", {"period": 1}, "compares with the training series"),
    ],
)
def test_an_option_that_means_nothing_is_refused_by_name(
    metric: str, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        score(SOLUTION, GUESS, metric, **parameters)


@pytest.mark.parametrize(
    ("solution", "parameters", "message"),
    [
        (
            table("id,y,k", "1,0,yes", "2,1,1"),
            {"mask": "k"},
            r"mask 'k' is not true or false.*row 1",
        ),
        (table("id,y,k", "1,0,0", "2,1,0"), {"mask": "k"}, "no rows to score"),
        (table("id,y,k", "1,0,-1", "2,1,1"), {"sample_weight": "k"}, "weight is negative"),
        (table("id,y,k", "1,0,x", "2,1,1"), {"sample_weight": "k"}, "row 1, column k"),
    ],
)
def test_a_column_that_is_not_what_it_should_be_is_refused(
    solution: bytes, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(PracticeError) as caught:
        score(solution, table("id,y", "1,0", "2,1"), "mae", **parameters)
    assert re.search(message, caught.value.message), caught.value.message


def test_a_group_that_cannot_be_scored_is_told_by_its_size() -> None:
    solution = table("id,y,g", "1,0,a", "2,1,a", "3,1,secret")
    with pytest.raises(MetricError, match=r"only one class.*in a group \(g\) of 1 row") as caught:
        score(solution, table("id,y", "1,0", "2,1", "3,1"), "roc_auc", group="g")
    assert "secret" not in caught.value.message
