"""Search spaces: every solution's default is a point of its space, and values keep to ranges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.errors import PracticeError, UsageError
from practice.solutions import get
from practice.solutions.boosting import DEFAULTS
from practice.solutions.columns import Roles
from practice.solutions.data import Dataset
from practice.tuning import LIGHTGBM, Parameter, Space, shared_points, space_for
from practice.tuning.spaces import tunable

TABLE, TEXT = Roles(numbers=("a",)), Roles(texts=("sms",))
SPACE = Space(
    (
        Parameter("rate", 0.01, 1.0, log=True),
        Parameter("leaves", 2, 9, log=True, whole=True),
        Parameter("penalty", 1e-8, 10.0, log=True, zero=True),
        Parameter("share", 0.2, 1.0),
        Parameter("kind", choices=("a", "b", 3)),
    ),
    {"rate": 0.1, "leaves": 4, "penalty": 0.0, "share": 1.0, "kind": "b"},
)


def test_lightgbm_has_seven_parameters_that_hold_its_defaults() -> None:
    assert len(LIGHTGBM) == 7
    assert space_for(get("lightgbm"), TABLE).default == {p.name: DEFAULTS[p.name] for p in LIGHTGBM}


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        *((name, TABLE) for name in tunable() if name != "nb"),
        *((name, TEXT) for name in ("lightgbm", "linear", "nb", "knn")),
    ],
)
def test_the_default_is_a_point_of_the_space(name: str, roles: Roles) -> None:
    space = space_for(get(name), roles)
    assert space.canonical(space.default) == space.default
    get(name).with_parameters(**space.default)


def test_what_has_nothing_to_tune_in_words() -> None:
    with pytest.raises(PracticeError, match="'dummy' has nothing to tune") as caught:
        space_for(get("dummy"), TABLE)
    assert "lightgbm" in caught.value.hint


def test_only_what_suits_is_proposed_instead() -> None:
    with pytest.raises(PracticeError, match="'features' has nothing to tune on text") as caught:
        space_for(get("features"), TEXT, ("lightgbm", "linear", "knn", "dummy"))
    assert caught.value.hint == "--solution one of lightgbm, linear, knn"
    with pytest.raises(PracticeError) as caught:
        space_for(get("features"), TEXT)
    assert caught.value.hint == "--solution one of lightgbm, linear, nb, knn"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.array([1, 2]), None, True, "3"])
@pytest.mark.parametrize("name", ["rate", "leaves", "penalty", "kind"])
def test_whatever_is_no_value_is_outside_its_range(name: str, value: object) -> None:
    with pytest.raises(UsageError, match=f"{name} = .* is outside its range"):
        SPACE.canonical({**SPACE.default, name: value})


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_every_point_of_the_cube_is_a_configuration(places: list[float]) -> None:
    found = SPACE.at(np.array(places))
    assert SPACE.canonical(found) == found
    assert SPACE.at(SPACE.places(found)) == found
    assert SPACE.from_optuna(SPACE.to_optuna(found)) == found
    for name, value in SPACE.to_optuna(found).items():
        distribution = SPACE.distributions[name]
        assert distribution._contains(distribution.to_internal_repr(value))


def test_whole_numbers_are_equally_likely_on_their_scale() -> None:
    flat = Parameter("n", 1, 4, whole=True)
    values = [flat.at(x) for x in np.linspace(0, 1, 4001)]
    assert [round(values.count(n) / 4001, 2) for n in (1, 2, 3, 4)] == [0.25] * 4


def test_the_lower_end_of_a_logarithm_stands_for_zero() -> None:
    penalty = SPACE.parameters[2]
    assert penalty.at(0.0) == 0.0
    assert penalty.at(0.5) == pytest.approx(10**-3.5, rel=1e-5)
    assert penalty.place(0.0) == 0.0
    assert SPACE.to_optuna(SPACE.default)["penalty"] == 1e-8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": 2.0}, "rate = 2.0 is outside its range"),
        ({"leaves": 2.5}, "leaves = 2.5 is outside its range"),
        ({"share": True}, "share = True is outside its range"),
        ({"kind": "c"}, "kind = 'c' is outside its range"),
        ({"rate": float("nan")}, "rate = nan is outside its range"),
        ({"colour": 1}, "does not have the space's parameters"),
    ],
)
def test_what_is_no_configuration_in_words(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SPACE.canonical({**SPACE.default, **change})
    with pytest.raises(UsageError, match="does not have the space's parameters"):
        SPACE.canonical({"rate": 0.1})


def test_numbers_of_numpy_are_taken() -> None:
    found = SPACE.canonical({**SPACE.default, "rate": np.float64(0.5), "leaves": np.int64(3)})
    assert (type(found["rate"]), type(found["leaves"])) == (float, int)


def test_a_grid_has_every_combination_once() -> None:
    grid = SPACE.grid(3)
    assert len(grid) == 3**5
    assert len({tuple(point.values()) for point in grid}) == 3**5
    assert all(SPACE.canonical(point) == point for point in grid)


def test_shared_points_begin_with_the_default_and_depend_on_the_seed_alone() -> None:
    first, *others = shared_points(SPACE, 4)
    assert first == SPACE.default
    assert len(others) == 10
    assert shared_points(SPACE, 4) == [first, *others]
    assert shared_points(SPACE, 5)[1:] != others
    with pytest.raises(PracticeError, match="nothing to tune"):
        shared_points(Space((), {}), 0)


def test_words_and_splines_are_parameters_of_the_solutions(small: Callable[[str], Dataset]) -> None:
    words = get("linear").with_parameters(ngrams=1)
    assert words.parameters_for(TEXT) == {
        "C": 10.0, "numbers": "standard", "ngrams": 1, "min_df": 2,
    }  # fmt: skip
    assert "ngrams" not in words.parameters_for(TABLE)
    from practice.solutions import cross_validate

    dataset = small("regression")
    plain = cross_validate(dataset, get("linear"))
    curved = cross_validate(dataset, get("linear").with_parameters(numbers="spline"))
    usual = cross_validate(dataset, get("forest").with_parameters(trees=20))
    all_columns = cross_validate(dataset, get("forest").with_parameters(trees=20, columns=1.0))
    assert plain.fold_scores != curved.fold_scores
    assert usual.fold_scores != all_columns.fold_scores
