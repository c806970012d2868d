"""The README of a workspace: what is asked, what is where, what to type next."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from practice.build.text import NUMBER
from practice.build.vault import VaultInfo
from practice.definition import Competition
from practice.metrics import options

__all__ = ["ColumnFacts", "column_facts", "readme"]

_SHOWN = 30  # characters of an example


@dataclass(frozen=True)
class ColumnFacts:
    """What a reader wants to know of a column of ``train.csv``.

    Parameters
    ----------
    name : str
    kind : str
        "numbers", "text", or "N different texts" where there are few.
    missing : int
        Cells that are blank or stand for a missing value.
    example : str
        Its first cell that is not missing.
    words : float
        Mean number of words in a cell.
    """

    name: str
    kind: str
    missing: int
    example: str
    words: float


def column_facts(file: Path, na: Sequence[str]) -> list[ColumnFacts]:
    """Read the columns of a canonical csv file.

    Parameters
    ----------
    file : Path
    na : sequence of str
        Cells that stand for a missing value.

    Returns
    -------
    list of ColumnFacts
    """
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        names = next(reader)
        columns = list(zip(*reader, strict=True))
    return [_facts(name, cells, {"", *na}) for name, cells in zip(names, columns, strict=True)]


def _facts(name: str, cells: Sequence[str], missing: set[str]) -> ColumnFacts:
    there = [cell for cell in cells if cell.strip() and cell not in missing]
    different = set(there)
    if there and all(NUMBER.fullmatch(cell) for cell in different):
        kind = "numbers"
    else:
        kind = f"{len(different)} different texts" if len(different) <= 100 else "text"
    words = sum(len(cell.split()) for cell in there) / max(len(there), 1)
    return ColumnFacts(name, kind, len(cells) - len(there), there[0] if there else "", words)


def readme(competition: Competition, info: VaultInfo, facts: Sequence[ColumnFacts]) -> str:
    """Write the README of a workspace.

    Parameters
    ----------
    competition : Competition
    info : VaultInfo
    facts : sequence of ColumnFacts
        Of ``train.csv``.

    Returns
    -------
    str
        Markdown.
    """
    return "\n".join(
        [
            f"# {competition.title}",
            "",
            competition.summary,
            "",
            *_question(competition, info),
            "",
            "## What to type",
            "",
            "    python starter.py                                  # a first solution",
            "    practice check submission.csv                      # costs nothing",
            '    practice submit submission.csv -m "first try"',
            "    practice leaderboard",
            "",
            f"`practice show {competition.slug}` tells the whole story of the data.",
            "",
            "## Files",
            "",
            "- `data/train.csv`: the rows to learn from, with the answers",
            "- `data/test.csv`: the rows to predict",
            "- `data/sample_submission.csv`: a valid submission; put your predictions into it",
            f"- `data/folds.csv`: {_folds(info)}",
            "- `starter.py` and `starter.ipynb`: the same first solution, as script and notebook",
            "",
            *_columns(competition, info, facts),
            "",
            f"Licence: {competition.license or 'see the source'}. {competition.citation}".rstrip(),
            "",
        ]
    )


def _folds(info: VaultInfo) -> str:
    if info.split == "time":
        return (
            "which of five folds validates a training row; -1 marks the earliest rows, which "
            "none does. Learn only from rows before the fold"
        )
    return "which of five folds validates a training row; baselines and tuning use the same"


def _question(competition: Competition, info: VaultInfo) -> list[str]:
    """Say what is predicted, how it is scored, and what the rules are."""
    targets = ", ".join(f"`{target.name}`" for target in info.targets)
    positive = info.targets[0].positive
    asked = f"- Predict: {targets} ({competition.task}"
    asked += f"; `{positive}` is the positive class)" if positive is not None else ")"
    rules, spec = competition.rules, competition.metric
    lines = [asked]
    if spec.name is not None:
        metric = options.split(spec.name, spec.parameters)[0]
        better = "greater is better" if metric.greater_is_better else "less is better"
        said = "".join(f", {key} = {value}" for key, value in spec.parameters.items())
        lines.append(f"- Metric: `{metric.name}`{said} ({better}). {metric.summary}")
    else:
        better = "greater is better" if spec.greater_is_better else "less is better"
        lines.append(f"- Metric: the competition's own, `{spec.title or spec.file}` ({better})")
    latest = "; they are the latest rows" if info.split == "time" else ""
    lines += [
        f"- Rows: {info.train_rows} to learn from, {info.rows} to predict{latest}",
        f"- Leaderboard: {info.public_rows} of these are behind the public scores; the other "
        f"{info.rows - info.public_rows} decide in the end",
        f"- Limits: {rules.daily_limit} submissions a day, {rules.final_selections} of them final",
    ]
    if rules.feedback != "full":
        lines.append(f"- Feedback on public scores: {rules.feedback}")
    if rules.deadline is not None:
        lines.append(f"- Deadline: {rules.deadline:%Y-%m-%d %H:%M} UTC")
    return lines


def _columns(competition: Competition, info: VaultInfo, facts: Sequence[ColumnFacts]) -> list[str]:
    """List the columns, and those that were left out with the reason."""
    targets = {target.name for target in info.targets}
    lines = ["## Columns", "", "| column | holds | missing | for example |", "|---|---|---|---|"]
    for each in facts:
        role = " (id)" if each.name == info.id else " (to predict)" if each.name in targets else ""
        lines.append(
            f"| `{each.name}`{role} | {each.kind} | {each.missing or ''} | {_example(each)} |"
        )
    if competition.data.na:
        marks = ", ".join(f"`{mark}`" if mark else "an empty cell" for mark in competition.data.na)
        lines += ["", f"Missing values are written as {marks}."]
    if competition.data.drop:
        lines += ["", "Left out of the data:", ""]
        lines += [f"- `{entry.column}`: {entry.reason}" for entry in competition.data.drop]
    return lines


def _example(facts: ColumnFacts) -> str:
    """Return an example that a table in Markdown can hold."""
    text = " ".join(facts.example.split()).replace("|", "\\|").replace("`", "'")
    return f"`{text[:_SHOWN]}{'...' if len(text) > _SHOWN else ''}`" if text else ""
