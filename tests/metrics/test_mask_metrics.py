"""Metrics of masks and boxes against painted pixels and a loop over points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice import metrics
from practice.errors import MetricError, UsageError

HEIGHT, WIDTH = 9, 13
FORMS: list[tuple[str, dict[str, Any]]] = [
    ("dice", {}),
    ("dice", {"average": "global"}),
    ("dice", {"order": "row"}),
    ("iou_precision", {}),
    ("iou_precision", {"thresholds": (0.0, 0.25, 0.6)}),
    ("f_beta_mask", {"beta": 0.5}),
    ("f_beta_mask", {"beta": 2.0}),
]


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


def encode(image: np.ndarray, order: str) -> str:
    """Write a mask as runs, walking the image pixel by pixel."""
    runs: list[list[int]] = []
    for pixel, on in enumerate(image.ravel("F" if order == "column" else "C"), start=1):
        if on and runs and sum(runs[-1]) == pixel:
            runs[-1][1] += 1
        elif on:
            runs.append([pixel, 1])
    return " ".join(f"{start} {length}" for start, length in runs)


def row_value(name: str, a: np.ndarray, b: np.ndarray, parameters: dict[str, Any]) -> float:
    both, either = int((a & b).sum()), int((a | b).sum())
    if not either:
        return 1.0
    if name == "dice":
        return 2 * both / (int(a.sum()) + int(b.sum()))
    if name == "iou_precision":
        hundredths = [round(100 * t) for t in parameters.get("thresholds", ())]
        above = [Fraction(both, either) > Fraction(t, 100) for t in hundredths or range(50, 100, 5)]
        return sum(above) / len(above)
    square = parameters["beta"] ** 2
    return (1 + square) * both / (square * int(a.sum()) + int(b.sum()))


@st.composite
def images(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of masks from empty to full, equal, apart or mixed; weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = draw(st.integers(1, 12))
    share = rng.choice([0.0, 0.1, 0.5, 0.9, 1.0], (2, rows, 1, 1))
    pair = rng.random((2, rows, HEIGHT, WIDTH)) < share
    kind = rng.integers(0, 4, rows)
    pair[1, kind == 0] = pair[0, kind == 0]
    pair[1, kind == 1] = pair[0, kind == 1] & (rng.random((HEIGHT, WIDTH)) < 0.8)
    return pair[0], pair[1], rng.uniform(0.5, 2.0, rows)


@pytest.mark.parametrize(("name", "parameters"), FORMS)
@settings(max_examples=40, deadline=None)
@given(data=images(), weighted=st.booleans())
def test_masks_are_scored_as_painted_pixels(
    name: str, parameters: dict[str, Any], data: tuple[np.ndarray, ...], weighted: bool
) -> None:
    true, predicted, weights = data
    weight = weights if weighted else np.ones(len(true))
    cells = [
        [encode(image, parameters.get("order", "column")) for image in each]
        for each in (true, predicted)
    ]
    if parameters.get("average") == "global":
        pixels = [
            (each * weight[:, None, None]).sum() for each in (true & predicted, true, predicted)
        ]
        expected = 2 * pixels[0] / (pixels[1] + pixels[2]) if pixels[1] + pixels[2] else 1.0
    else:
        pairs = zip(true, predicted, strict=True)
        values = [row_value(name, a, b, parameters) for a, b in pairs]
        expected = float(np.average(values, weights=weight))
    plain = metrics.get(name, **parameters)
    assert close(plain.score(*cells, weight=weight if weighted else None), expected)
    assert plain.score(cells[0], cells[0]) == 1
    bounded = metrics.get(name, **parameters, height="h", width="w")
    sizes = {"h": np.full(len(true), HEIGHT), "w": np.full(len(true), WIDTH)}
    assert close(bounded.score(*cells, extras=sizes, weight=weight), expected)


def test_dice_by_hand() -> None:
    # Pixels 1-4 and 3-6 share 2 of 8; both empty counts 1; one wrong pixel on an empty answer 0.
    true, predicted = ["1 4", "-", ""], ["3 4", "", "5 1"]
    assert metrics.get("dice").score(true, predicted) == (0.5 + 1 + 0) / 3
    assert metrics.get("dice", average="global").score(true, predicted) == 4 / 9
    assert metrics.get("dice", average="global").score(["", "-"], ["-", " "]) == 1
    assert metrics.get("dice").score(["1 2 3 2"], ["1 4"]) == 1  # runs may touch


def test_an_overlap_at_the_threshold_is_not_above_it() -> None:
    metric = metrics.get("iou_precision")
    for shared in range(50, 100):
        steps = len([t for t in range(50, 100, 5) if shared > t])
        assert metric.score(["1 100"], [f"1 {shared}"]) == steps / 10
    assert metric.score(["1 5"], ["1 3"]) == 0.2  # 3/5 is above .50 and .55, not .60
    assert metric.score(["1 100"], ["1 100"]) == 1
    assert metric.score(["", "1 1", ""], ["", "", "1 1"]) == 1 / 3
    only = metrics.get("iou_precision", thresholds=[0])
    assert only.score(["1 2", "1 2"], ["2 9", "3 1"]) == 0.5


def test_f_beta_of_masks_by_hand() -> None:
    # 2 of 4 true pixels, nothing wrong: 1.25 * 2 / (.25 * 4 + 2), and 5 * 2 / (4 * 4 + 2).
    assert close(metrics.get("f_beta_mask", beta=0.5).score(["1 4"], ["1 2"]), 2.5 / 3)
    assert close(metrics.get("Mask F2").score(["1 4"], ["1 2"]), 10 / 18)
    assert metrics.get("f_beta_mask", beta=1).score(["1 4"], ["3 4"]) == 0.5
    with pytest.raises(UsageError, match="above 0"):
        metrics.get("f_beta_mask", beta=0)


@pytest.mark.parametrize("beta", [1e-200, 1e-3, 1e3, 1e200, 1.7e308])
def test_an_extreme_beta_is_recall_or_precision(beta: float) -> None:
    metric = metrics.get("f_beta_mask", beta=beta)
    expected = 0.5 if beta > 1 else 1.0  # half of the true pixels, all of the predicted ones
    assert abs(metric.score(["1 4"], ["1 2"]) - expected) < 1e-5
    assert metric.score(["1 1", "", ""], ["", "1 1", ""]) == 1 / 3
    assert metric.score(["1 7 11 1"], ["1 7 11 1"]) == 1


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 3 3 1", "two runs of {} overlap"),
        ("1 3 1 3", "two runs of {} overlap"),
        ("5 2 1 2", "the runs of {} are not in ascending order"),
        ("0 2", "a run of {} starts at 0: pixels are counted from 1"),
        ("2 0", "a run of {} has a length of 0"),
        ("1 2 3", "{} has an odd number of numbers: a mask is pairs of start and length"),
        ("1 -2", "{} has something else than whole numbers"),
        ("1 2.0", "{} has something else than whole numbers"),
        ("1 x", "{} has something else than whole numbers"),
        ("- 1", "{} has something else than whole numbers"),
        ("1 12345678901", "{} has something else than whole numbers below 10\\^10"),
        ("١ ٢", "{} has something else than whole numbers"),
        (None, "{} is missing"),
    ],
)
@pytest.mark.parametrize("name", ["dice", "iou_precision", "f_beta_mask"])
def test_what_is_no_mask_is_refused_with_its_row(name: str, cell: str | None, message: str) -> None:
    metric = metrics.get(name, **({"beta": 1} if name == "f_beta_mask" else {}))
    good, bad = ["", "1 2 9 4", "-"], np.array(["", "1 2 9 4", cell], object)
    for pair, what in (((bad, good), "an answer"), ((good, bad), "a prediction")):
        with pytest.raises(MetricError, match=message.format(what)) as caught:
            metric.score(*pair)
        assert caught.value.row == 2
        with pytest.raises(MetricError, match=message.format(what)) as caught:
            metric.score(*pair, weight=[0, 1, 1])
        assert caught.value.row == 2


@pytest.mark.parametrize("name", ["dice", "iou_precision", "f_beta_mask"])
def test_a_run_that_leaves_its_image_is_refused(name: str) -> None:
    beta = {"beta": 1} if name == "f_beta_mask" else {}
    metric = metrics.get(name, **beta, height="rows", width="columns")
    sizes = {"rows": [2, 3], "columns": [5, 4]}  # images of 10 and 12 pixels
    assert metric.score(["10 1", "9 4"], ["10 1", "9 4"], extras=sizes) == 1
    for cells in (["10 2", "1 1"], ["11 1", "1 1"]):
        with pytest.raises(
            MetricError, match="a run of a prediction ends outside of its image"
        ) as e:
            metric.score(["1 1", "1 1"], cells, extras=sizes)
        assert e.value.row == 0
    with pytest.raises(MetricError, match="a run of an answer ends outside of its image") as e:
        metric.score(["", "1 1 9 5"], ["", ""], extras=sizes)
    assert e.value.row == 1
    for rows in ([2, 0], [2, 1.5]):
        with pytest.raises(MetricError, match="a height is not a whole number above 0") as e:
            metric.score(["", ""], ["", ""], extras={**sizes, "rows": rows})
        assert e.value.row == 1
    with pytest.raises(UsageError, match="height and width go together"):
        metrics.get(name, **beta, height="rows")
    with pytest.raises(MetricError, match="needs a column 'columns' of the solution"):
        metric.score(["1 1"], ["1 1"], extras={"rows": [2]})


def test_masks_of_billions_of_pixels_are_exact() -> None:
    huge = "1 9999999998"
    assert metrics.get("dice").score([huge, huge], [huge, "1 1"]) == (1 + 2 / 9999999999) / 2


# Points in boxes


def points_f1(true: list[str], predicted: list[str]) -> float:
    """Kaggle's counts: each point takes the first free box of its label that it is inside."""
    hits = things = 0
    for answer, prediction in zip(true, predicted, strict=True):
        a, p = answer.split(), prediction.split()
        boxes = [(a[i], *map(float, a[i + 1 : i + 5])) for i in range(0, len(a), 5)]
        points = [(p[i], *map(float, p[i + 1 : i + 3])) for i in range(0, len(p), 3)]
        things += len(boxes) + len(points)
        for label, x, y in points:
            for box in boxes:
                if (
                    box[0] == label
                    and box[1] < x < box[1] + box[3]
                    and box[2] < y < box[2] + box[4]
                ):
                    boxes.remove(box)
                    hits += 1
                    break
    return 2 * hits / things if things else 1.0


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 15), labels=st.integers(1, 3))
def test_points_take_boxes_in_order(seed: int, rows: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    true, predicted = [], []
    for _ in range(rows):
        boxes, points = (
            np.column_stack([rng.integers(0, labels, n), rng.integers(0, 6, (n, 4))])
            for n in rng.integers(0, 8, 2)
        )
        true.append(" ".join(f"U{b[0]} {b[1]} {b[2]} {b[3]} {b[4]}" for b in boxes))
        predicted.append(" ".join(f"U{p[0]} {p[1]} {p[2]}.5" for p in points))
    expected = points_f1(true, predicted)
    assert close(metrics.get("points_in_boxes_f1").score(true, predicted), expected)


def test_points_in_boxes_by_hand() -> None:
    metric = metrics.get("points_in_boxes_f1")
    box = "a 0 0 4 4"
    assert metric.score([box], ["a 2 2"]) == 1
    for edge in ("a 0 2", "a 4 2", "a 2 0", "a 2 4", "b 2 2"):
        assert metric.score([box], [edge]) == 0
    assert metric.score([box], ["a 1 1 a 2 2"]) == 2 / 3  # the second point finds no free box
    # The first point takes the first box it is in, which leaves the second point none.
    assert metric.score([f"{box} a 1 1 4 4"], ["a 2 2 a 1 0.5"]) == 0.5
    assert metric.score([f"{box} a 1 1 4 4"], ["a 1 0.5 a 2 2"]) == 1
    assert metric.score([box, "a 0 0 9 9"], ["", "a 1 1 a 20 1"]) == 0.5  # pooled: 2 * 1 / (2 + 2)
    assert metric.score(["", ""], ["", " "]) == 1
    assert metric.score([box], [""]) == metric.score([""], ["a 1 1"]) == 0
    assert metric.score(["a -1. .5 1e1 +2"], ["a 0 1"]) == 1
    weighted = metric.score([box, box], ["a 1 1", "b 1 1"], weight=[3, 1])
    assert weighted == 2 * 3 / (3 * 2 + 1 * 2)


@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ("a 1 2 3", "", "an answer is not a list of 'label x y width height'"),
        ("", "a 1", "a prediction is not a list of 'label x y'"),
        ("", "a 1 b", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a 1_0 1", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a ١ 1", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a 1 nan", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a 1 inf", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a 1 \ud800", "a prediction is not a list of 'label x y': it lacks a number"),
        ("", "a 1 1e999", "a prediction has a number that is infinite, missing or too small"),
        ("a 1 2 -3 4", "", "an answer has a number that is infinite, missing or too small"),
        (None, "", "an answer is missing"),
        ("", None, "a prediction is missing"),
    ],
)
def test_what_is_no_list_of_boxes_or_points_is_refused(
    true: str | None, predicted: str | None, message: str
) -> None:
    pair = (np.array(["a 0 0 4 4", true], object), np.array(["a 2 2 a 3 3", predicted], object))
    with pytest.raises(MetricError, match=f"^{message}") as caught:
        metrics.get("points_in_boxes_f1").score(*pair)
    assert caught.value.row == 1
