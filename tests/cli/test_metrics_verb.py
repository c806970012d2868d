"""``practice metrics``: the list, and what is said of one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from practice import metrics


def test_the_list_fits_80_columns_and_names_every_metric(run: Callable[..., Any]) -> None:
    done = run("metrics")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(names) == list(metrics.names())
    rmse = next(line for line in lines if line.startswith("  rmse "))
    assert rmse.split()[1:3] == ["↓", "number"]


def test_the_list_as_csv_and_json(run: Callable[..., Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("metrics", "--csv").out)))
    assert sorted(row["name"] for row in rows) == list(metrics.names())
    assert {row["greater_is_better"] for row in rows} == {"true", "false"}
    listed = run("metrics", "--json").json["metrics"]
    assert [each["name"] for each in listed] == [row["name"] for row in rows]
    (f_beta,) = [each for each in listed if each["name"] == "f_beta"]
    assert f_beta["parameters"] == ["beta", "average", "pos_label", "unknown", "multilabel"]


@pytest.mark.parametrize("name", metrics.names())
def test_every_metric_is_explained_within_80_columns(name: str, run: Callable[..., Any]) -> None:
    done = run("metrics", name)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == name
    assert max(map(len, lines)) <= 80 or "--param" in max(lines, key=len)
    for due in ("  Formula ", "  Better ", "  Takes ", "  A sample ", "  Watch ", "  Source "):
        assert any(line.startswith(due) for line in lines), due
    assert f"--metric {name}" in done.err


def test_an_alias_and_parameters_are_understood(run: Callable[..., Any]) -> None:
    found = run("metrics", "MAP@5", "--json").json
    assert found["name"] == "map_at_k"
    assert run("metrics", "f_beta", "--param", "beta=2").err.rstrip().endswith("--param beta=2")


def test_what_a_parameter_means_is_said_where_it_is_asked(run: Callable[..., Any]) -> None:
    told = {
        each["name"]: each["meaning"]
        for each in run("metrics", "f_beta", "--json").json["parameters"]
    }
    assert "As for" not in " ".join(told.values())
    assert "positive class" in told["pos_label"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("rmsee",), 1, "no metric 'rmsee'"),
        (("f1", "--param", "avrage=macro"), 2, "avrage"),
        (("f1", "--check", "m.py"), 2, "exclude each other"),
        (("f1", "--csv"), 2, "--csv is for the list"),
        (("-c", "titanic"), 2, "--competition belongs to --check FILE"),
        (("--json", "--csv"), 2, "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(
    words: tuple[str, ...], code: int, message: str, run: Callable[..., Any]
) -> None:
    done = run("metrics", *words)
    assert (done.code, done.out) == (code, "") or "--json" in words
    assert message in done.err + done.out
