"""Who is hidden: whole units, the shares asked for, and nothing that follows the answers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from practice.build import split as module
from practice.build.split import PRIVATE, PUBLIC, PURGED, TRAIN, classes_of, divide, rank, units
from practice.build.timeline import timeline
from practice.definition import SplitSpec
from practice.errors import BuildError


def keys(*texts: str) -> pa.Array:
    return pa.array(texts, pa.large_string())


def many(rows: int) -> pa.Array:
    return keys(*(f"row {i}" for i in range(rows)))


def counts(part: np.ndarray) -> list[int]:
    return [int((part == code).sum()) for code in (PURGED, TRAIN, PUBLIC, PRIVATE)]


def test_the_order_is_that_of_every_machine():
    some = units(many(6))
    assert some.hashes.tolist()[:2] == [17694156058074618973, 18390465032210468167]
    assert rank(some, 0, "test").tolist() == [5, 1, 2, 0, 4, 3]
    assert rank(some, 1, "test").tolist() == [1, 5, 2, 0, 4, 3]
    assert rank(some, 0, "fold").tolist() == [1, 5, 3, 4, 2, 0]
    assert rank(units(many(6), b"salt"), 0, "test").tolist() == [1, 3, 0, 5, 2, 4]


def test_splitmix64_is_that_of_its_authors():
    """The first outputs of the generator seeded with 0 and 1234567."""
    seeds = np.array([0, 1234567], np.uint64)
    assert module._splitmix64(seeds).tolist() == [0xE220A8397B1DCDAF, 6457827717110365317]


def test_units_that_share_a_hash_go_by_their_text(monkeypatch):
    real = module._hashes
    monkeypatch.setattr(module, "_hashes", lambda texts, salt: real(texts, salt) % np.uint64(4))
    shuffled = np.random.default_rng(0).permutation(50)
    texts = [f"row {i}" for i in range(50)]
    one, other = units(keys(*texts)), units(keys(*(texts[i] for i in shuffled)))
    order = [one.keys[u] for u in np.argsort(rank(one, 0, "test"))]
    assert order == [other.keys[u] for u in np.argsort(rank(other, 0, "test"))]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.4, 0.5])
def test_shares_of_single_rows_are_exact(share):
    part = divide(SplitSpec("random", share, 0.5), units(many(200)))
    hidden = round(200 * share)
    assert counts(part) == [0, 200 - hidden, hidden // 2, hidden - hidden // 2]


def test_orders_of_different_purposes_do_not_go_together():
    some = units(many(2000))
    first, second = (rank(some, 0, purpose) for purpose in ("test", "public"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.06


def test_whole_units_are_hidden():
    of = units(keys(*(f"group {i % 37 if i % 2 else i}" for i in range(400))))
    part = divide(SplitSpec("group", 0.3, 0.5), of)
    for unit in range(len(of.keys)):
        assert len(set(part[of.of == unit])) == 1
    assert abs((part > TRAIN).mean() - 0.3) < 0.03


def test_a_large_unit_goes_to_the_nearer_side():
    of = units(keys(*["big"] * 90, *(f"{i}" for i in range(10))))
    part = divide(SplitSpec("random", 0.08, 0.5), of)
    assert set(part[:90]) == {TRAIN}


def stratified(labels: np.ndarray, of: module.Units, **changes: float) -> np.ndarray:
    spec = SplitSpec("stratified", **{"test": 0.3, "public": 0.5} | changes)
    return divide(spec, of, classes_of(of, labels))


def test_each_class_is_cut_by_itself():
    labels = np.array([0] * 100 + [1] * 40 + [2] * 10)
    part = stratified(labels, units(many(150)))
    assert [counts(part[labels == each]) for each in range(3)] == [
        [0, 70, 15, 15],
        [0, 28, 6, 6],
        [0, 7, 1, 2],
    ]


@pytest.mark.parametrize("size", [3, 4, 5, 9])
def test_a_class_of_three_units_is_everywhere(size):
    labels = np.array([0] * 100 + [1] * size)
    part = stratified(labels, units(many(100 + size)), test=0.1)
    assert set(part[labels == 1]) == {TRAIN, PUBLIC, PRIVATE}


@pytest.mark.parametrize("size", [1, 2])
def test_a_smaller_class_stays_visible(size):
    labels = np.array([0] * 100 + [1] * size)
    part = stratified(labels, units(many(100 + size)), test=0.3)
    assert TRAIN in part[labels == 1]


def test_the_class_of_mixed_twins_is_the_more_frequent_then_the_smaller():
    of = units(keys("a", "a", "a", "b", "b", "c"))
    assert classes_of(of, np.array([2, 1, 2, 3, 1, 0])).tolist() == [2, 1, 0]


def test_the_order_within_a_class_does_not_follow_the_target():
    """Moving one unit to another class moves no others but those at the border of the cut."""
    of = units(many(300))
    labels = np.arange(300) % 3
    before = stratified(labels, of)
    changed = labels.copy()
    changed[17] = (changed[17] + 1) % 3
    after = stratified(changed, of)
    assert (before != after).sum() <= 5


def test_given_train_public_private():
    words = ["train", "private", "public", "train"]
    part = divide(SplitSpec("given", column="s"), units(many(4)), given=words)
    assert part.tolist() == [TRAIN, PRIVATE, PUBLIC, TRAIN]


def test_given_train_and_test_draws_the_public_half():
    words = ["train"] * 50 + ["test"] * 40
    part = divide(SplitSpec("given", column="s", public=0.25), units(many(90)), given=words)
    assert set(part[:50]) == {TRAIN}
    assert counts(part[50:]) == [0, 0, 10, 30]


@pytest.mark.parametrize(
    "words", [["train", "valid"], ["train"], ["train", "test", "public", "private"], ["Train", ""]]
)
def test_given_other_words(words):
    with pytest.raises(BuildError, match=r"split column 's' holds .* it must say train, public"):
        divide(SplitSpec("given", column="s"), units(many(len(words))), given=words)


@pytest.mark.parametrize(
    ("rows", "test", "public", "empty"),
    [(1, 0.3, 0.5, "public"), (2, 0.9, 0.5, "train"), (3, 0.4, 0.4, "public")],
)
def test_a_part_without_rows(rows, test, public, empty):
    with pytest.raises(BuildError, match=f"leaves the {empty} part without rows"):
        divide(SplitSpec("random", test, public), units(many(rows)))


def by_time(cells: list[str], **changes: object) -> list[int]:
    spec = SplitSpec("time", **{"test": 0.4, "public": 0.5} | changes)
    return divide(spec, units(many(len(cells))), times=timeline(cells, "t")).tolist()


def test_the_latest_rows_are_hidden_and_their_earlier_half_is_public():
    days = [f"2024-01-{day:02}" for day in (10, 1, 9, 2, 8, 3, 7, 4, 6, 5)]
    assert by_time(days) == [2, 0, 2, 0, 1, 0, 1, 0, 0, 0]


def test_ties_in_time_stay_together():
    hours = [str(hour) for hour in (1, 1, 1, 2, 2, 3, 3, 3, 3, 4)]
    assert by_time(hours) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert by_time([f"{h}.0" if i % 2 else h for i, h in enumerate(hours)]) == by_time(hours)


def test_purge_of_rows_takes_ties_with_it():
    hours = [str(hour) for hour in (1, 2, 3, 4, 4, 5, 6, 7, 8, 9)]
    assert by_time(hours, purge=1) == [0, 0, 0, 0, 0, -1, 1, 1, 2, 2]
    assert by_time(hours, purge=2) == [0, 0, 0, -1, -1, -1, 1, 1, 2, 2]


def test_purge_of_time():
    days = [f"2024-01-{day:02}" for day in range(1, 11)]
    assert by_time(days, purge="2d") == [0, 0, 0, 0, 0, -1, 1, 1, 2, 2]
    assert by_time(days, purge="49h") == [0, 0, 0, 0, -1, -1, 1, 1, 2, 2]
    assert by_time(days, purge="30min") == [0, 0, 0, 0, 0, 0, 1, 1, 2, 2]


def test_a_purge_that_takes_all():
    with pytest.raises(BuildError, match="leaves the train part without rows"):
        by_time([f"{i}" for i in range(10)], purge=6)


def test_a_purge_of_time_between_numbers():
    with pytest.raises(BuildError, match="purge '7d' is a time, but the time column holds numbers"):
        by_time([f"{i}" for i in range(10)], purge="7d")


@pytest.mark.parametrize(
    ("cells", "places"),
    [
        (["10", "9", "-1"], [2, 1, 0]),
        (["1.5", "1e0", "9007199254740993"], [1, 0, 2]),
        (["9007199254740993", "9007199254740992"], [1, 0]),
        (["2024-02-01", "2024-01-31T23:59:59", "2024-02-01 00:00"], [1, 0, 1]),
        (["2024-01-01T01:00+01:00", "2024-01-01T00:00Z"], [0, 0]),
        (["20240201", "20240131"], [1, 0]),
    ],
)
def test_times(cells, places):
    assert timeline(cells, "t").of.tolist() == places


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["2024-01-01", ""], "time column 't', row 2 of the raw data: '' is neither"),
        (["2024-01-01", "01/02/2024"], "row 2 of the raw data: '01/02/2024' is neither"),
        (["1", "2024-01-01"], "row 1 of the raw data: '1' is neither"),
        (["1", "1e999"], "row 2 of the raw data: '1e999' is neither"),
        (["2024-01-01T00:00", "2024-01-01T00:00Z"], "mixes dates with and without a time zone"),
    ],
)
def test_times_that_cannot_be_read(cells, message):
    with pytest.raises(BuildError) as caught:
        timeline(cells, "t")
    assert message in caught.value.message
