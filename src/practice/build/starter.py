"""The first solution of a workspace, as a script and as a notebook with the same cells.

What a competition does not need is not in its file: the pieces are chosen by its task and metric
when the workspace is written, so that a learner reads straight code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from practice.build.starter_parts import LOSSES, MODELS, WAYS, Scorer, Way, scorer_for
from practice.build.timeline import duration
from practice.build.vault import TargetInfo, VaultInfo
from practice.definition import Competition
from practice.metrics import options

__all__ = ["cells", "notebook", "script"]


@dataclass(frozen=True)
class _Plan:
    """What the starter of one competition does."""

    competition: Competition
    info: VaultInfo
    target: TargetInfo
    goal: str  # a key of WAYS
    scorer: Scorer
    text: str | None
    when: str | None

    @property
    def way(self) -> Way:
        return WAYS[self.goal]

    @property
    def in_time(self) -> bool:
        return self.info.split == "time"


def _quote(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def script(parts: list[str]) -> str:
    r"""Join cells to a script.

    Examples
    --------
    >>> script(["a = 1", "b = 2"])
    'a = 1\n\n\nb = 2\n'
    """
    return "\n\n\n".join(parts) + "\n"


def notebook(parts: list[str]) -> str:
    """Return cells as the text of a Jupyter notebook (nbformat 4.5), not yet run.

    Examples
    --------
    >>> json.loads(notebook(["a = 1"]))["cells"][0]["source"]
    ['a = 1']
    """
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": part.splitlines(keepends=True),
            }
            for number, part in enumerate(parts)
        ],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def cells(
    competition: Competition, info: VaultInfo, text: str | None = None, when: str | None = None
) -> list[str]:
    """Write the starter of a competition.

    Parameters
    ----------
    competition : Competition
    info : VaultInfo
    text : str, optional
        The column with the text, for a competition about text.
    when : str, optional
        The column with the dates by which rows are split.

    Returns
    -------
    list of str
        Pieces of Python that run one after the other, in the workspace.
    """
    target = info.targets[0]
    simple = len(info.targets) == 1 and target.type != "text"
    strange = competition.metric.file is not None and len(competition.submission.columns) > 1
    if not simple or strange or competition.submission.kind != "table":
        parts = _bare(competition)
    else:
        goal = _goal(competition, target)
        scorer = scorer_for(competition.metric.name, goal, competition.metric.parameters)
        plan = _Plan(competition, info, target, goal, scorer, text, when)
        parts = [
            _head(plan),
            _load(plan),
            _features(plan),
            _model(plan),
            _validate(plan),
            _score(plan),
            _write(plan),
        ]
    return ["\n".join(part) for part in parts]


def _goal(competition: Competition, target: TargetInfo) -> str:
    """Choose the way to go by target and metric."""
    spec = competition.metric
    metric = options.split(spec.name, spec.parameters)[0] if spec.name is not None else None
    if target.type == "number":
        return "log" if spec.name == "rmsle" else "number"
    if spec.name == "quadratic_weighted_kappa":
        return "rating"
    if target.positive is None:
        return "classes" if metric is not None and metric.per_class else "class"
    takes = metric.takes if metric is not None else spec.takes
    if takes not in ("label", None):
        return "positive"
    return "half" if spec.name in ("accuracy", None) else "threshold"


def _title(competition: Competition) -> list[str]:
    title = competition.title.replace("\\", "/").replace('"', "'")
    return [
        f'"""{title}',
        "",
        "From data/ to submission.csv; run me with: python starter.py",
        '"""',
    ]


def _head(plan: _Plan) -> list[str]:
    imports = {MODELS[plan.text is not None, plan.way.model][0]}
    if plan.scorer.function:
        imports.add(f"from sklearn.metrics import {plan.scorer.function}")
    if plan.text is not None:
        imports.add("from sklearn.feature_extraction.text import TfidfVectorizer")
        imports.add("from sklearn.pipeline import make_pipeline")
    imports |= {"import numpy as np", "import pandas as pd"}
    names = [f"ID, TARGET = {_quote(plan.info.id)}, {_quote(plan.target.name)}"]
    if plan.target.positive is not None:
        (negative,) = set(plan.target.labels or ()) - {plan.target.positive}
        names.append(f"POSITIVE, NEGATIVE = {_quote(plan.target.positive)}, {_quote(negative)}")
    elif plan.target.labels is not None:
        names += _listed("LABELS = np.array([", plan.target.labels, "])")
    ordered = sorted(imports, key=lambda line: (line.startswith("from"), line))
    return [*_title(plan.competition), "", *ordered, "", *names]


def _listed(start: str, labels: Sequence[str], end: str) -> list[str]:
    """Write a list of texts on one line, or on several where they do not fit."""
    whole = start + ", ".join(map(_quote, labels)) + end
    if len(whole) <= 100:
        return [whole]
    lines = ["   "]
    for label in labels:
        if len(lines[-1]) + len(_quote(label)) > 95:
            lines.append("   ")
        lines[-1] += f" {_quote(label)},"
    return [start, *lines, end]


def _load(plan: _Plan) -> list[str]:
    kinds = ["ID: str"] if plan.info.id_kind == "text" else []
    every = f", dtype={{{kinds[0]}}}" if kinds else ""
    if plan.target.labels is not None:
        kinds.append("TARGET: str")
    train = f", dtype={{{', '.join(kinds)}}}" if kinds else ""
    na = plan.competition.data.na
    also = f", na_values={_quote(list(na))}" if na else ""
    return [
        "# The rows to learn from, those to predict, and a valid submission to fill in.",
        f'train = pd.read_csv("data/train.csv"{train}{also})',
        f'test = pd.read_csv("data/test.csv"{every}{also})',
        f'submission = pd.read_csv("data/sample_submission.csv"{every})',
        "# Which fold validates which training row; the rows are those of train.csv.",
        'folds = pd.read_csv("data/folds.csv")["fold"].to_numpy()',
        f"y = {plan.way.answer}",
        'print(f"{len(train)} rows to learn from, {len(test)} to predict")',
    ]


def _features(plan: _Plan) -> list[str]:
    if plan.text is not None:
        column = _quote(plan.text)
        return [
            "# The text is what there is to learn from; a missing one is empty.",
            f'X, X_test = train[{column}].fillna(""), test[{column}].fillna("")',
        ]
    when = [
        f"    when = pd.to_datetime(table[{_quote(plan.when)}])",
        '    columns |= {"hour": when.dt.hour, "weekday": when.dt.day_of_week}',
        '    columns |= {"month": when.dt.month, "year": when.dt.year}',
    ]
    return [
        "def make_features(table):",
        '    """Keep numbers, turn words into categories; the place for ideas of your own."""',
        "    columns = {}",
        "    for name in table.columns:",
        '        numbers = pd.to_numeric(table[name], errors="coerce")',
        "        if numbers.notna().sum() >= 0.9 * table[name].notna().sum():",
        "            columns[name] = numbers",
        "        elif table[name].nunique() <= 100:  # not names and free text",
        '            columns[name] = table[name].astype("category")',
        *(when if plan.when else []),
        "    return pd.DataFrame(columns)",
        "",
        "",
        "# Both tables at once, so that a category has the same code in both.",
        "both = pd.concat([train.drop(columns=[ID, TARGET]), test.drop(columns=ID)])",
        "features = make_features(both.reset_index(drop=True))",
        "X, X_test = features.iloc[: len(train)], features.iloc[len(train) :]",
    ]


def _model(plan: _Plan) -> list[str]:
    code = MODELS[plan.text is not None, plan.way.model][1]
    code = code.replace("LOSS", LOSSES.get(plan.competition.metric.name or "", ""))
    return [
        "def fit_predict(X_fit, y_fit, X_new):",
        f'    """Learn from some rows, and say {plan.way.says}."""',
        *(f"    {line}" for line in (*code.splitlines(), *plan.way.learn)),
    ]


def _validate(plan: _Plan) -> list[str]:
    """Predict each training row by a model that has not seen it."""
    return [
        "# Out-of-fold predictions: each row is predicted by a model that has not seen it.",
        f"oof = np.full({plan.way.shape}, np.nan)",
        *([f"when = pd.to_datetime(train[{_quote(plan.when)}])"] if _gap(plan) else []),
        "for fold in np.unique(folds[folds >= 0]):",
        "    valid = np.flatnonzero(folds == fold)",
        *_earlier(plan),
        "    oof[valid] = fit_predict(X.iloc[fit], y[fit], X.iloc[valid])",
        '    print(f"fold {fold}: {len(fit)} rows to learn from, {len(valid)} to validate")',
        *(["known = folds >= 0  # the earliest rows are never predicted"] if plan.in_time else []),
    ]


def _gap(plan: _Plan) -> str | None:
    """Return the purge, where it is a time."""
    purge = plan.competition.split.purge
    return purge if plan.when and isinstance(purge, str) else None


def _earlier(plan: _Plan) -> list[str]:
    """Say which rows a fold learns from."""
    if not plan.in_time:
        return ["    fit = np.flatnonzero(folds != fold)"]
    lines = ["    fit = np.flatnonzero(folds < fold)  # only the past; fold -1 comes first"]
    gap, purge = _gap(plan), plan.competition.split.purge
    if gap:
        unit, number = duration(gap)
        lines += [
            "    # A gap before the fold, as there is before the test data.",
            f"    border = when.iloc[valid].min() - pd.Timedelta({unit}={number})",
            "    fit = fit[(when.iloc[fit] <= border).to_numpy()]",
        ]
    elif isinstance(purge, int) and purge:
        lines.append(
            f"    fit = fit[: max(len(fit) - {purge}, 0)]  # a gap, as before the test data"
        )
    return lines


def _score(plan: _Plan) -> list[str]:
    """Choose the threshold where one is due, and score what would be submitted."""
    lines = []
    if plan.goal == "threshold":
        rows = "[known]" if plan.in_time else ""
        tried = plan.scorer.call(f"y{rows}", f"oof{rows} >= t").replace(", pos_label=POSITIVE", "")
        lines += [
            f"# {plan.scorer.name} is of labels: take the threshold that does best out of fold.",
            "thresholds = np.linspace(0.05, 0.95, 91)",
            f"tried = [{tried} for t in thresholds]",
            "threshold = thresholds[np.argmax(tried)]",
            'print(f"threshold {threshold:.2f}")',
            "",
            "",
        ]
    answers = "y"
    if plan.way.decide:
        words, code = plan.way.decide
        lines += ["def decide(said):", f'    """Return {words}."""', f"    return {code}", "", ""]
        answers = "train[TARGET].to_numpy()"
    call = plan.scorer.call("answers[rows]", "said[rows]")
    counted = plan.competition.metric.name or "a metric of its own"
    if plan.scorer.name != counted:
        lines.append(f"# The board counts {counted}; {plan.scorer.name} is a stand-in.")
    return [
        *lines,
        f"answers, said = {answers}, {_submitted(plan, 'oof')}",
        "scores = []",
        "for fold in np.unique(folds[folds >= 0]):",
        "    rows = folds == fold",
        f"    scores.append({call})",
        "mean, spread = np.mean(scores), np.std(scores, ddof=1)",
        f'print(f"{plan.scorer.name}: {{mean:.4f}} +- {{spread:.4f}} over the folds")',
    ]


def _submitted(plan: _Plan, said: str) -> str:
    return f"decide({said})" if plan.way.decide else said


def _write(plan: _Plan) -> list[str]:
    rows = "[known]" if plan.in_time else ""
    columns = plan.competition.submission.columns or (plan.target.name,)
    column = _quote(list(columns)) if plan.goal == "classes" else _quote(columns[0])
    if plan.goal == "classes" and not plan.competition.submission.columns:
        column = "LABELS"
    return [
        "# Out-of-fold predictions are worth keeping: for thresholds, blends and comparisons.",
        f"kept = pd.DataFrame({{ID: train[ID]{rows}}})",
        f"kept[{column}] = said{rows}",
        'kept.to_csv("oof.csv", index=False)',
        "",
        "# The model for the submission learns from all rows.",
        f"submission[{column}] = {_submitted(plan, 'fit_predict(X, y, X_test)')}",
        'submission.to_csv("submission.csv", index=False)',
        'print("wrote oof.csv and submission.csv; next: practice check submission.csv")',
        "print('then: practice submit submission.csv --oof oof.csv -m \"first try\"')",
    ]


def _bare(competition: Competition) -> list[list[str]]:
    """Write a starter for a task without a ready model: the sample is sent in."""
    return [
        [*_title(competition), "", "import pandas as pd"],
        [
            'train = pd.read_csv("data/train.csv")',
            'submission = pd.read_csv("data/sample_submission.csv")',
            "print(train.head())",
        ],
        [
            "# The sample is a valid submission; put predictions of your own into it.",
            'submission.to_csv("submission.csv", index=False)',
            'print("wrote submission.csv; next: practice check submission.csv")',
            "print('then: practice submit submission.csv -m \"first try\"')",
        ],
    ]
