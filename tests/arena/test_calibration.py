"""How often verdicts are right, in small: copies, planted differences, what splits share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from practice.arena.paired import common_and_rows, variance

RUNS = 1000
ROWS, REPLICATES = 60, 60


def called(differences: NDArray[np.float64], moments: list[tuple[float, float]]) -> float:
    """Return the share of tables (runs, splits, seeds) whose interval is beyond zero, above."""
    beyond = 0
    for table, (common, rows) in zip(differences, moments, strict=True):
        found = variance(table, common, rows)
        assert found is not None
        half = stats.t.ppf(0.975, found.freedom) * np.sqrt(found.value)
        beyond += table.mean() > half
    return beyond / len(differences)


def drawn(split: float) -> NDArray[np.float64]:
    """Return differences of variance 1, of which splits have a share."""
    generator = np.random.default_rng(11)
    shared = np.sqrt(split) * generator.standard_normal((RUNS, 4, 1))
    return shared + np.sqrt(1 - split) * generator.standard_normal((RUNS, 4, 5))


NOTHING = [(0.0, 0.0)] * RUNS


def naive(differences: NDArray[np.float64]) -> float:
    """Return the share of errors of Student's t that takes all pairs as independent."""
    flat = differences.reshape(len(differences), -1)
    return float((stats.ttest_1samp(flat, 0, axis=1).pvalue < 0.05).mean())


def test_copies_are_hardly_ever_called_different() -> None:
    copies = drawn(0.0)
    assert called(copies, NOTHING) + called(-copies, NOTHING) <= 0.06


def test_a_difference_of_one_standard_deviation_is_found() -> None:
    assert called(drawn(0.0) + 1.0, NOTHING) >= 0.85


def test_splits_that_differ_are_no_finding() -> None:
    for share in (0.2, 0.6):
        copies = drawn(share)
        assert naive(copies) > 0.12
        assert called(copies, NOTHING) + called(-copies, NOTHING) <= 0.09


def test_rows_that_flatter_one_strategy_are_no_finding() -> None:
    generator = np.random.default_rng(12)
    values = np.sqrt(0.5 * ROWS) * generator.standard_normal((RUNS, 4, ROWS))
    seeds = np.sqrt(0.5) * generator.standard_normal((RUNS, 4, 5))
    differences = values.mean(axis=2)[:, :, None] + seeds
    counts = generator.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=REPLICATES) / ROWS
    moments = []
    for table, run in zip(values, seeds, strict=True):
        replicates = [rows @ counts.T + run[j][:, None] for j, rows in enumerate(table)]
        common, rows = common_and_rows(replicates)
        assert common is not None
        assert rows is not None
        moments.append((common, rows))
    assert naive(differences) > 0.2
    assert called(differences, moments) + called(-differences, moments) <= 0.06
    # One split for all seeds: the scatter of seeds says nothing of its rows.
    single = differences[:, :1]
    blind = called(single, NOTHING) + called(-single, NOTHING)
    alone = [common_and_rows([values[i, 0] @ counts.T + seeds[i, 0][:, None]]) for i in range(RUNS)]
    known = [(common or 0.0, rows or 0.0) for common, rows in alone]
    assert blind > 0.25
    assert called(single, known) + called(-single, known) <= 0.07
