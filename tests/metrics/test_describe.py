"""What is said of every metric, and the page that is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from practice import metrics
from practice.metrics.describe import describe, overview, page

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.parametrize("name", metrics.names())
def test_everything_is_said_of_every_metric(name: str) -> None:
    facts = describe(name)
    for said in (facts.summary, facts.formula, facts.source, facts.warning):
        assert len(said) > 10
    assert facts.takes
    assert facts.summary.endswith(".")
    for parameter in facts.parameters:
        assert len(parameter.meaning) > 10, parameter.name
        assert not parameter.meaning.startswith("As for"), parameter.name


@pytest.mark.parametrize("name", metrics.names())
def test_fair_predictions_beat_shuffled_ones_and_a_constant(name: str) -> None:
    facts = describe(name)
    assert facts.fair.score is not None
    sign = 1 if facts.greater_is_better else -1
    # Of generated samples the distribution counts, not which row is which.
    others = (facts.constant,) if name == "frechet_distance" else (facts.shuffled, facts.constant)
    for other in others:
        assert other.score is None or sign * facts.fair.score > sign * other.score
        assert (other.score is None) == bool(other.refusal)


def test_all_metrics_are_in_the_overview_once() -> None:
    assert sorted(line.name for line in overview()) == list(metrics.names())


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m practice.metrics.describe > docs/metrics.md"
    )
