"""What the replicates of every registered metric are: its score on the rows that were drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from practice import metrics
from practice.errors import MetricError, UsageError
from practice.metrics import Metric
from practice.metrics.drawing import draw
from practice.metrics.extras import SERIES, VALUES
from practice.metrics.parameters import parameters_of
from practice.metrics.plan import Plan
from practice.metrics.registry import definition
from practice.metrics.samples import TYPICAL, example

REPLICATES = 12

# Parameters without which a metric does not know what it is to do.
DUE = {"crps": {"quantiles": (0.1, 0.5, 0.9)}}

# Further forms of metrics that also stand with their typical parameters.
FORMS: dict[str, list[dict[str, Any]]] = {
    "f1": [{"average": a} for a in ("macro", "micro", "weighted", "samples")],
    "jaccard": [{"average": "macro"}, {"average": "samples"}],
    "precision": [{"average": "weighted"}, {"average": "micro", "multilabel": True}],
    "recall": [{"average": "macro"}, {"average": "samples", "unknown": "ignore"}],
    "hamming_loss": [{"multilabel": True}],
    "cohen_kappa": [{"weights": "linear"}, {"weights": "quadratic"}],
    "log_loss": [{"positive_weight": 3.0}],
    "haversine": [{"group": "group"}],
    "levenshtein": [{"unit": "tokens"}, {"normalize": "total"}],
    "dice": [{"average": "global"}],
    "weighted_roc_auc": [{"tpr": (0.1, 0.5, 0.9), "weights": (1.0, 3.0)}],
}


@dataclass(frozen=True)
class Case:
    """A metric with what to score, and the rows that are drawn together."""

    metric: Metric
    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    extras: dict[str, NDArray[Any]]
    labels: tuple[str, ...] | None = None
    group: str | None = None
    weight: NDArray[np.float64] | None = None

    @property
    def units(self) -> NDArray[np.intp]:
        if self.group is None:
            return np.arange(len(self.y_true))
        return np.unique(self.extras[self.group], return_inverse=True)[1]

    def plan(self, *, few: bool = False) -> Plan:
        """Draw a plan, or one with so few rows in each replicate that some have no score."""
        plan = draw(self.units, seed=3, replicates=REPLICATES, kind="groups")
        if not few:
            return plan
        counts = np.zeros((REPLICATES, int(self.units.max()) + 1), np.uint8)
        for replicate, row in enumerate(counts):
            row[draw(np.arange(counts.shape[1]), seed=replicate).counts[0] >= 3] = 2
            row[np.flatnonzero(row)[1 + replicate // 2 :]] = 0
        return replace(plan, counts=counts[:, self.units])

    def replicates(self, plan: Plan | NDArray[np.uint8]) -> NDArray[np.float64] | None:
        return self.metric.replicates(
            self.y_true,
            self.y_pred,
            plan,
            weight=self.weight,
            labels=self.labels,
            extras=self.extras,
            budget=np.inf,
        )

    def score(self, rows: NDArray[np.intp]) -> float:
        """Score rows, repeats being rows (and groups) of their own; NaN where it is refused."""
        try:
            return self.metric.score(
                self.y_true[rows],
                self.y_pred[rows],
                weight=None if self.weight is None else self.weight[rows],
                labels=self.labels,
                extras=self._columns(rows),
            )
        except MetricError:
            return float("nan")

    def _columns(self, rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        own = (VALUES, SERIES)
        columns = {name: each[rows] for name, each in self.extras.items() if name not in own}
        if self.group is None:
            return columns
        copy = np.zeros(len(rows), np.intp)
        seen: dict[int, int] = {}
        for place, row in enumerate(rows.tolist()):
            copy[place] = seen[row] = seen.get(row, -1) + 1
        names = [f"{name}#{number}" for name, number in zip(columns[self.group], copy, strict=True)]
        columns[self.group] = np.array(names, object)
        if SERIES in self.extras:
            copies = range(int(copy.max(initial=0)) + 1)
            series = [[f"{name}#{number}" for name in self.extras[SERIES]] for number in copies]
            columns[SERIES] = np.array([name for each in series for name in each], object)
            columns[VALUES] = np.tile(self.extras[VALUES], len(series))
        return columns


def forms() -> Iterator[Metric]:
    for name in metrics.names():
        known = parameters_of(definition(name).function)
        due = {key: TYPICAL[key] for key, parameter in known.items() if parameter.required}
        due |= DUE.get(name, {})
        yield metrics.get(name, **due)
        for parameters in FORMS.get(name, []):
            yield metrics.get(name, **due, **parameters)


def cases() -> Iterator[Case]:
    for metric in forms():
        made = example(metric)
        labels = None
        if metric.takes == "label":
            labels = tuple(map(str, range(int(np.max(made.y_true)) + 1)))
        elif metric.name == "hamming_loss":
            labels = tuple("abcdef")
        group = str(metric.parameters[metric.needs[0]]) if metric.unit == "groups" else None
        case = Case(metric, made.y_true, made.fair, dict(made.extras), labels, group)
        yield case
        if metric.weighted:
            share = 0.25 + np.arange(len(made.y_true)) % 7
            yield replace(case, weight=share if group is None else 0.25 + case.units)
        if (
            metric.several == "mean"
            and metric.takes in ("label", "number")
            and made.y_true.ndim == 1
        ):
            two = [np.column_stack([each, each[::-1]]) for each in (made.y_true, made.fair)]
            if not metric.needs:
                yield replace(case, y_true=two[0], y_pred=two[1])


def many_classes() -> Iterator[Case]:
    """Three classes, each against the rest."""
    codes = np.arange(60) * 7 % 5 % 3
    chances = np.abs(np.sin(np.arange(180.0).reshape(60, 3) ** 2)) + 0.5 * np.eye(3)[codes]
    chances /= chances.sum(axis=1, keepdims=True)
    for name, parameters in (
        *(("roc_auc", {"average": average}) for average in ("macro", "weighted", "micro")),
        ("average_precision", {}),
        ("partial_roc_auc", {"min_tpr": 0.5}),
        ("weighted_roc_auc", {}),
        ("log_loss", {"weights": (1.0, 2.0, 4.0)}),
        ("brier", {}),
    ):
        metric = metrics.get(name, **parameters)
        yield Case(metric, codes, chances, {}, ("a", "b", "c"))
        yield Case(metric, codes, chances, {}, ("a", "b", "c"), weight=1.0 + np.arange(60) % 3)


def named(case: Case) -> str:
    return f"{case.metric.name}-{case.metric.parameters}-{case.y_true.ndim}-{case.weight is None}"


CASES = [pytest.param(case, id=named(case)) for case in (*cases(), *many_classes())]
DRAWN = [param for param in CASES if param.values[0].metric.unit != "none"]


def drawn_rows(plan: Plan, replicate: int) -> NDArray[np.intp]:
    return np.repeat(np.arange(plan.rows), plan.drawn(replicate, replicate + 1)[0])


def near(values: NDArray[np.float64], others: NDArray[np.float64], within: float) -> bool:
    assert np.array_equal(np.isnan(values), np.isnan(others)), (values, others)
    apart = np.abs(values - others) / np.maximum(1.0, np.abs(others))
    return bool(np.nanmax(apart, initial=0.0) <= within)


@pytest.mark.parametrize("case", DRAWN)
@pytest.mark.parametrize("few", [False, True], ids=["bootstrap", "few rows"])
def test_replicates_are_scores_of_the_rows_drawn(case: Case, few: bool) -> None:
    plan = case.plan(few=few)
    values = case.replicates(plan)
    assert values is not None
    assert (values.shape, values.dtype) == ((REPLICATES,), np.float64)
    loop = [case.score(drawn_rows(plan, replicate)) for replicate in range(REPLICATES)]
    assert near(values, np.array(loop), within=1e-10)


@pytest.mark.parametrize("case", DRAWN)
def test_each_row_once_is_the_score(case: Case) -> None:
    rows = len(case.y_true)
    values = case.replicates(np.ones((2, rows), np.uint8))
    assert values is not None
    assert near(values, np.repeat(case.score(np.arange(rows)), 2), within=1e-12)


@pytest.mark.parametrize("case", DRAWN)
def test_the_order_of_rows_does_not_matter(case: Case) -> None:
    plan, rows = case.plan(), len(case.y_true)
    order = np.argsort(np.arange(rows) * 7919 % 211, kind="stable")
    moved = replace(
        case,
        y_true=case.y_true[order],
        y_pred=case.y_pred[order],
        weight=None if case.weight is None else case.weight[order],
        extras={
            name: each if name in (VALUES, SERIES) else each[order]
            for name, each in case.extras.items()
        },
    )
    values = case.replicates(plan)
    assert values is not None
    for other in (plan.take(order), plan.counts[:, order]):
        same = moved.replicates(other)
        assert same is not None
        assert near(same, values, within=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_what_may_not_be_drawn_has_no_replicates(case: Case) -> None:
    plan = draw(np.arange(len(case.y_true)), seed=1, replicates=REPLICATES)
    values = case.replicates(plan)
    assert (values is None) == (case.metric.unit != "rows")


@pytest.mark.parametrize("case", DRAWN)
def test_what_cannot_be_scored_has_no_replicates(case: Case) -> None:
    with pytest.raises(MetricError, match="there are no rows to score"):
        replace(case, y_true=case.y_true[:0], y_pred=case.y_pred[:0]).replicates(case.plan())
    with pytest.raises(UsageError, match=r"\d+ rows, but a plan for 5"):
        case.replicates(np.ones((2, 5), np.uint8))


@pytest.mark.parametrize("case", DRAWN)
def test_inputs_are_not_changed(case: Case) -> None:
    plan = case.plan()
    arrays = [case.y_true.copy(), case.y_pred.copy(), plan.counts.copy()]
    for array in arrays:
        array.setflags(write=False)
    replace(case, y_true=arrays[0], y_pred=arrays[1]).replicates(replace(plan, counts=arrays[2]))
    for array, before in zip(arrays, (case.y_true, case.y_pred, plan.counts), strict=True):
        assert np.array_equal(array, before)
