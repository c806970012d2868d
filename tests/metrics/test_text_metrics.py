"""Metrics of texts, and how cells are split, against plain Python."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice import metrics
from practice.errors import MetricError, UsageError
from practice.metrics.edits import characters, edit_distances
from practice.metrics.tokens import split

# Every kind of white space, a letter beyond 16 bits, a surrogate by itself, case pairs.
ALPHABET = st.sampled_from("abAB éÉßİ.\t\n\u00a0\u3000\u2028\x1c\x85\U0001f600\ud800")
TEXTS = st.lists(
    st.tuples(st.text(ALPHABET, max_size=90), st.text(ALPHABET, max_size=90)),
    min_size=1,
    max_size=12,
)


def close(ours: float, theirs: float) -> bool:
    return bool(abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs)))


def distance(left: object, right: object) -> int:
    """Wagner and Fischer's table, row by row."""
    left, right = list(left), list(right)
    before = list(range(len(right) + 1))
    for i, one in enumerate(left, start=1):
        row = [i]
        for j, other in enumerate(right, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (one != other)))
        before = row
    return before[-1]


@settings(max_examples=100, deadline=None)
@given(pairs=TEXTS, seed=st.integers(0, 1000))
def test_levenshtein_is_the_table_of_wagner_and_fischer(
    pairs: list[tuple[str, str]], seed: int
) -> None:
    true, predicted = [list(each) for each in zip(*pairs, strict=True)]
    weight = np.random.default_rng(seed).uniform(0.5, 2.0, len(pairs))
    for unit, parts in (("characters", list), ("tokens", str.split)):
        edits = [distance(parts(t), parts(p)) for t, p in pairs]
        lengths = [len(parts(t)) for t in true]
        mean, total = (metrics.get("levenshtein", unit=unit, normalize=n) for n in (None, "total"))
        assert close(mean.score(true, predicted), float(np.mean(edits)))
        expected = float(np.average(edits, weights=weight))
        assert close(mean.score(true, predicted, weight=weight), expected)
        if not sum(lengths):
            continue
        assert close(total.score(true, predicted), sum(edits) / sum(lengths))
        expected = float(np.dot(weight, edits) / np.dot(weight, lengths))
        assert close(total.score(true, predicted, weight=weight), expected)


@pytest.mark.parametrize("symbols", [2, 5, 300, 50_000])
def test_long_sequences_carry_from_word_to_word(symbols: int) -> None:
    rng = np.random.default_rng(symbols)
    sizes = [
        (0, 0),
        (0, 70),
        (63, 64),
        (64, 64),
        (65, 64),
        (128, 129),
        (200, 150),
        (300, 20),
        (330, 300),
    ]
    cells: list[list[str]] = [[], []]
    for pair in sizes:
        for column, size in zip(cells, pair, strict=True):
            column.append("".join(chr(200 + n) for n in rng.integers(0, symbols, size)))
    same = cells[0][5]
    cells[0].append(same), cells[1].append("x" + same[:60] + same[61:] + "y")
    expected = [distance(*pair) for pair in zip(*cells, strict=True)]
    assert edit_distances(*map(characters, cells)).tolist() == expected
    assert edit_distances(*map(characters, reversed(cells))).tolist() == expected


def test_many_different_tokens_are_counted_row_by_row() -> None:
    rng = np.random.default_rng(7)
    words = rng.integers(0, 50_000, (3000, 8)).astype(str)
    changed = words.copy()
    edits = rng.integers(0, 5, 3000)
    for row, count in enumerate(edits):
        changed[row, rng.permutation(8)[:count]] = [f"new{n}" for n in range(count)]
    true, predicted = ([" ".join(row) for row in each] for each in (words, changed))
    ours = metrics.get("levenshtein", unit="tokens").score(true, predicted)
    expected = np.mean(
        [distance(a.split(), b.split()) for a, b in zip(true, predicted, strict=True)]
    )
    assert close(ours, float(expected))
    assert close(ours, float(edits.mean()))


def test_levenshtein_by_hand() -> None:
    metric = metrics.get("levenshtein")
    assert metric.score(["kitten"], ["sitting"]) == 3
    assert metric.score(["", "abc", "abc"], ["abc", "", "abc"]) == 2
    assert metric.score(["Abc"], ["abc "]) == 2  # case and spaces count
    assert metric.score(["", ""], ["", ""]) == 0
    total = metrics.get("levenshtein", normalize="total")
    assert total.score(["abcd", "ab"], ["abcx", "xyz"]) == (1 + 3) / 6
    assert total.score(["", "ab"], ["abcd", "ab"]) == 2  # above 1: more edits than letters
    tokens = metrics.get("Word Error Rate")
    assert tokens.score(["the cat sat", "on"], ["the  hat", "on a"]) == (2 + 1) / 4
    numbers = metrics.get("levenshtein", unit="tokens")
    assert numbers.score(["12 3"], ["1 2 3"]) == 2


def test_the_names_of_error_rates_set_the_parameters() -> None:
    assert metrics.get("Character Error Rate").parameters == {
        "unit": "characters",
        "normalize": "total",
    }
    assert metrics.get("Mean Levenshtein").parameters["normalize"] is None
    with pytest.raises(UsageError, match="characters or tokens"):
        metrics.get("levenshtein", unit="words")


def test_without_a_true_character_there_is_no_rate() -> None:
    with pytest.raises(MetricError, match="no row of the answers counts for levenshtein"):
        metrics.get("levenshtein", normalize="total").score(["", ""], ["", "ab"])


@pytest.mark.parametrize("name", ["levenshtein", "jaccard_words"])
@pytest.mark.parametrize("absent", [None, np.nan])
def test_a_missing_text_is_refused_and_an_empty_one_is_not(name: str, absent: object) -> None:
    metric = metrics.get(name)
    assert metric.score(["a", ""], ["a", ""]) == (0 if name == "levenshtein" else 1)
    with pytest.raises(MetricError, match="a prediction is missing") as caught:
        metric.score(["a", "b"], np.array(["a", absent], object))
    assert caught.value.row == 1
    with pytest.raises(MetricError, match="an answer is missing") as caught:
        metric.score(np.array([absent, "b"], object), ["a", "b"])
    assert caught.value.row == 0


def overlap(true: str, predicted: str) -> float:
    a, b = set(true.lower().split()), set(predicted.lower().split())
    return len(a & b) / len(a | b) if a | b else 1.0


@settings(max_examples=150, deadline=None)
@given(pairs=TEXTS, seed=st.integers(0, 1000))
def test_jaccard_of_words_is_that_of_the_sets(pairs: list[tuple[str, str]], seed: int) -> None:
    true, predicted = [list(each) for each in zip(*pairs, strict=True)]
    weight = np.random.default_rng(seed).uniform(0.5, 2.0, len(pairs))
    values = [overlap(*pair) for pair in pairs]
    metric = metrics.get("jaccard_words")
    assert close(metric.score(true, predicted), float(np.mean(values)))
    expected = float(np.average(values, weights=weight))
    assert close(metric.score(true, predicted, weight=weight), expected)


def test_jaccard_of_words_by_hand() -> None:
    metric = metrics.get("jaccard_words")
    assert metric.score(["A b a"], ["B c"]) == 1 / 3
    assert metric.score(["", " ", "a", ""], ["", "\t", "", "a"]) == 0.5  # both empty: 1
    assert metric.score(["day."], ["day"]) == 0


def test_cells_are_split_as_python_splits_them() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(every), 1 << 17):
        cells = [f"{each}a{each}b" for each in every[start : start + (1 << 17)]]
        tokens = split(cells)
        assert tokens.words.to_pylist() == [word for cell in cells for word in cell.split()]
        assert tokens.lengths.sum() == len(tokens.words)
