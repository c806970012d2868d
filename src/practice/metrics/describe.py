"""What there is to know about a metric, for a terminal and for the page ``docs/metrics.md``.

``python -m practice.metrics.describe > docs/metrics.md``
"""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from practice.errors import MetricError
from practice.metrics.base import Metric
from practice.metrics.parameters import parameters_of
from practice.metrics.registry import MODULES, definition, find, get
from practice.metrics.samples import TYPICAL, Example, example

__all__ = ["Description", "Line", "ParameterInfo", "Trial", "describe", "overview", "page"]

_TAKES = {
    "label": "one label to a cell",
    "number": "a number to a cell",
    "probability": "a probability in [0, 1] to a cell",
    "labels": "labels or items separated by spaces",
    "text": "any text",
}
# What a text has to be, where it cannot be any.
_MASK = (
    "a run-length mask: `start length` pairs, pixels counted from 1; empty or `-` is the empty mask"
)
_CELLS = {
    "dice": _MASK,
    "iou_precision": _MASK,
    "f_beta_mask": _MASK,
    "points_in_boxes_f1": "a list of `label x y` (the answer: `label x y width height`)",
    "kendall_tau": "the items of the row in some order, separated by spaces",
    **dict.fromkeys(
        ("adjusted_rand", "adjusted_mutual_info", "v_measure"), "the name of a cluster"
    ),
}
_SEVERAL = {
    "mean": "the mean over columns",
    "joint": "together one answer",
    "none": "refused: it takes one",
}
_UNITS = {
    "rows": "rows (or what the build keeps together)",
    "groups": "groups, whole",
    "none": "nothing: there is no interval",
}


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of a metric.

    Parameters
    ----------
    name : str
    type : str
        What it may be, in words.
    default : str
        Empty where it has to be given.
    meaning : str
        From the docstring; empty where that refers to another metric.
    """

    name: str
    type: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Trial:
    """What a kind of prediction scores on a small sample.

    Parameters
    ----------
    score : float or None
        None where it is refused.
    refusal : str
        Why it is.
    """

    score: float | None
    refusal: str = ""

    def __str__(self) -> str:
        return (
            f"refused ({self.refusal})"
            if self.score is None
            else f"{round(self.score, 12) + 0.0:.3g}"
        )


@dataclass(frozen=True)
class Description:
    """The facts about a metric.

    Parameters
    ----------
    name, summary, formula, source, warning : str
    greater_is_better : bool
    range : tuple of float
    takes, several, resampled : str
        What a prediction is, what several target columns mean, what a replicate draws; in words.
    needs : tuple of str
        Columns of the solution, and training series, that it needs.
    weighted : bool
        Whether rows may have weights.
    parameters : tuple of ParameterInfo
    aliases : tuple of str
    fair, shuffled, constant : Trial
        On a seeded sample of 200 rows: predictions that know something, the same for other rows,
        and one prediction for all.
    """

    name: str
    summary: str
    formula: str
    source: str
    warning: str
    greater_is_better: bool
    range: tuple[float, float]
    takes: str
    several: str
    resampled: str
    needs: tuple[str, ...]
    weighted: bool
    parameters: tuple[ParameterInfo, ...]
    aliases: tuple[str, ...]
    fair: Trial
    shuffled: Trial
    constant: Trial


def describe(name: str, **given: Any) -> Description:
    """Say all there is to say about a metric.

    Parameters
    ----------
    name : str
        Or an alias.
    **given
        Parameters; those that have no default get a typical value.

    Returns
    -------
    Description

    Raises
    ------
    NotFoundError, UsageError
        As :func:`practice.metrics.registry.get`.

    Examples
    --------
    >>> facts = describe("mae")
    >>> facts.formula, str(facts.constant)
    ('MAE = mean(|y - p|)', '...')
    """
    metric = _typical(name, given)
    made = example(metric)
    return Description(
        name=metric.name,
        summary=metric.summary,
        formula=metric.formula,
        source=metric.source,
        warning=metric.warning,
        greater_is_better=metric.greater_is_better,
        range=metric.range,
        takes=_takes(metric),
        several=_SEVERAL[metric.several],
        resampled=_UNITS[metric.unit],
        needs=metric.columns,
        weighted=metric.weighted,
        parameters=_parameters(metric),
        aliases=metric.aliases,
        fair=_trial(metric, made, made.fair),
        shuffled=_trial(metric, made, made.shuffled),
        constant=_trial(metric, made, made.constant),
    )


@dataclass(frozen=True)
class Line:
    """A metric in a list.

    Parameters
    ----------
    name, family, takes, summary : str
    greater_is_better : bool
    parameters, aliases : tuple of str
        Names.
    """

    name: str
    family: str
    greater_is_better: bool
    takes: str
    summary: str
    parameters: tuple[str, ...]
    aliases: tuple[str, ...]


def overview() -> tuple[Line, ...]:
    """List all metrics, family by family.

    Returns
    -------
    tuple of Line

    Examples
    --------
    >>> overview()[0].name
    'accuracy'
    """
    lines = []
    for module, contents in MODULES.items():
        for name in contents:
            metric = _typical(name, {})
            takes, up = metric.takes, metric.greater_is_better
            known = tuple(metric.parameters)
            lines.append(
                Line(name, _title(module), up, takes, metric.summary, known, metric.aliases)
            )
    return tuple(lines)


def _title(module: str) -> str:
    """Return what the metrics of a module have in common: the first line of its docstring."""
    said = importlib.import_module(f"practice.metrics.{module}").__doc__ or ""
    return said.partition("\n")[0].rstrip(".")


def page() -> str:
    """Write the page about all metrics.

    Returns
    -------
    str
        Markdown.

    Examples
    --------
    >>> page().startswith("# Metrics")
    True
    """
    parts = [_HEAD]
    for module, contents in MODULES.items():
        parts.append(f"## {_title(module)}")
        parts.extend(_section(describe(name)) for name in contents)
    return "\n\n".join(parts).replace("``", "`") + "\n"


def _typical(name: str, given: dict[str, Any]) -> Metric:
    own, preset = find(name)
    known = parameters_of(definition(own).function)
    due = {key: TYPICAL[key] for key, parameter in known.items() if parameter.required}
    if own == "crps" and not {"quantiles", "thresholds"} & set(given):
        due["quantiles"] = (0.1, 0.25, 0.5, 0.75, 0.9)
    return get(own, **{**due, **preset, **given})


def _takes(metric: Metric) -> str:
    words = _CELLS.get(metric.name, _TAKES[metric.takes])
    if metric.per_class:
        return f"{words}; of three classes or more a column for each"
    if metric.name == "crps":
        return f"{words}, in a column per quantile or threshold"
    if metric.outputs:
        return f"{words}, in the columns {', '.join(metric.outputs)}"
    return words


def _parameters(metric: Metric) -> tuple[ParameterInfo, ...]:
    text = (inspect.getdoc(metric.function) or "").partition("\nParameters\n")[2]
    text = text.partition("\nReturns\n")[0]
    made = []
    for name, parameter in parameters_of(metric.function).items():
        entry = re.search(rf"^(?:\w+, )*{name}(?:, \w+)*(?: : .*)?\n((?:    .*\n?)+)", text, re.M)
        meaning = " ".join(entry[1].split()) if entry else ""
        other = re.fullmatch(r"As for ``(\w+)``\.", meaning)
        if other is not None:  # said once in the code, but everywhere to a reader
            there = _parameters(_typical(other[1], {}))
            meaning = next((each.meaning for each in there if each.name == name), meaning)
        default = "" if parameter.required else _written(parameter.default)
        made.append(ParameterInfo(name, parameter.describe(), default, meaning))
    return tuple(made)


def _written(value: Any) -> str:
    """Write a default as ``--param`` takes it."""
    if isinstance(value, tuple):
        return ",".join(_written(each) for each in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _trial(metric: Metric, made: Example, predictions: Any) -> Trial:
    try:
        return Trial(metric.score(made.y_true, predictions, extras=made.extras))
    except MetricError as error:
        return Trial(None, error.message)


def _section(facts: Description) -> str:
    lines = [
        f"### {facts.name}",
        "",
        facts.summary,
        "",
        f"    {facts.formula}",
        "",
        f"- Better: {'greater' if facts.greater_is_better else 'smaller'}; "
        f"from {_limit(facts.range[0])} to {_limit(facts.range[1])}.",
        f"- Takes: {facts.takes}.",
        f"- Several target columns: {facts.several}.",
    ]
    if facts.needs:
        lines.append(f"- Needs: {', '.join(f'`{column}`' for column in facts.needs)}.")
    if not facts.weighted:
        lines.append("- Weights of rows: refused.")
    lines += [
        f"- Resampled: {facts.resampled}.",
        f"- On the sample: fair predictions {facts.fair}, shuffled ones {facts.shuffled}, "
        f"a constant {facts.constant}.",
        f"- Watch: {facts.warning}",
        f"- Also called: {', '.join(facts.aliases)}.",
        f"- Source: {facts.source}",
    ]
    if facts.parameters:
        lines += ["", "| parameter | is | default | |", "|---|---|---|---|"]
        lines += [
            f"| `{p.name}` | {p.type} | {f'`{p.default}`' if p.default else 'due'} | {p.meaning} |"
            for p in facts.parameters
        ]
    return "\n".join(lines)


def _limit(value: float) -> str:
    if np.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    return f"{value:.4g}"


_HEAD = """# Metrics

<!-- Written by `python -m practice.metrics.describe > docs/metrics.md`; do not edit. -->

The names are what `[metric] name` and `practice score --metric` take. Case, spaces, hyphens and
underscores do not matter, and an alias may stand for a metric with parameters: "Macro F1",
"MAP@5".

"On the sample" says what predictions score on 200 rows made for the metric: fair ones, the same
shuffled between rows, and one constant for all. A good model is far from the last two.

What can be said of any metric: `sample_weight` names a column of weights, `mask` one that keeps
rows, `group` one whose groups are scored apart and averaged; rows whose target is `ignore` or
missing are not scored; `columns` are the targets that are."""


if __name__ == "__main__":
    print(page(), end="")
