"""From raw text to the files of a competition."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace

import pytest

from practice.build.raw import read
from practice.build.tables import assemble
from practice.definition import Drop, MetricSpec, SubmissionSpec
from practice.errors import BuildError


def tables(case, salt=b""):
    competition, files = case
    return assemble(competition, read(competition, files), salt)


def rows_of(built, name):
    return list(csv.DictReader(io.StringIO(built.files[f"{name}.csv"].decode(), newline="")))


def answers_of(built):
    return list(csv.DictReader(io.StringIO(built.answers.decode(), newline="")))


def hidden_features(built):
    return {(row["a"], row["b"]) for row in rows_of(built, "test")}


def test_the_same_text_on_every_machine(toy, table):
    built = tables(toy(table()))
    assert built.sha256 == {
        "train": "d37089b6276518deb6cb7f20f3b7dc0dfc0e972a8c0296550b1c34787025345c",
        "test": "2b8e85a3dc2ffbf8a025db1e5984cbd8a12c276e4eeb963a3ce281c3509fd00f",
        "sample_submission": "165186b634d921f14fb2c29f8ef92c7c541c136edf92fd2b2679f070e7f35cdb",
        "folds": "0781be8dbb9b6efd3885646b8b1518ccfe6a706e31ec017c35240fa28d1ebf3a",
    }
    assert built.answers.startswith(b"id,y,Usage\n36,0,Public\n37,0,Public\n38,0,Public\n39,1,")


@pytest.mark.parametrize("kind", ["random", "stratified", "group", "time", "given"])
def test_the_order_of_raw_rows_does_not_matter(toy, table, kind):
    order = list(range(60))
    random.Random(1).shuffle(order)
    changes = {"data": {"group": "a", "time": "a"}, "split": {"kind": kind}}
    if kind == "given":
        changes = {"split": {"kind": kind, "column": "part"}}

    def raw(order):
        lines = table(order)
        if kind != "given":
            return lines
        rows = list(csv.reader(io.StringIO(lines, newline="")))
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(
            [[*rows[0], "part"]]
            + [[*row, "train" if float(row[0]) < 40 else "test"] for row in rows[1:]]
        )
        return stream.getvalue()

    one, other = tables(toy(raw(None), **changes)), tables(toy(raw(order), **changes))
    assert one.files == other.files
    assert one.answers == other.answers
    assert one.solution.equals(other.solution)


@pytest.mark.parametrize("kind", ["random", "group", "time"])
def test_the_answers_do_not_decide_who_is_hidden(toy, table, kind):
    changes = {"data": {"group": "a", "time": "a"}, "split": {"kind": kind}}
    one, other = tables(toy(table(), **changes)), tables(toy(table(flip=True), **changes))
    assert one.files["test.csv"] == other.files["test.csv"]
    assert one.files["folds.csv"] == other.files["folds.csv"]
    usage = [[row["Usage"] for row in answers_of(each)] for each in (one, other)]
    assert usage[0] == usage[1]


def test_swapped_classes_hide_the_same_rows_when_stratified(toy, table):
    one, other = tables(toy(table())), tables(toy(table(flip=True)))
    # Twins with both labels belong to the smaller of two equals, which swapping changes.
    assert len(hidden_features(one) ^ hidden_features(other)) <= 4


def test_the_name_does_not_decide_but_seed_and_salt_do(toy, table):
    competition, files = toy(table())
    raw = read(competition, files)
    first = assemble(competition, raw)
    assert assemble(replace(competition, slug="other"), raw).files == first.files
    assert hidden_features(assemble(competition, raw, b"secret")) != hidden_features(first)
    seeded = replace(competition, split=replace(competition.split, seed=1))
    assert hidden_features(assemble(seeded, raw)) != hidden_features(first)


@pytest.mark.parametrize("kind", ["random", "stratified", "group", "time"])
def test_twins_stay_together(toy, table, kind):
    changes = {"data": {"group": "b" if kind == "group" else None, "time": "a"}}
    built = tables(toy(table(), split={"kind": kind}, **changes))
    train = [(row["a"], row["b"]) for row in rows_of(built, "train")]
    assert not set(train) & hidden_features(built)
    usage = {}
    for row, answer in zip(rows_of(built, "test"), answers_of(built), strict=True):
        usage.setdefault((row["a"], row["b"]), set()).add(answer["Usage"])
    assert all(len(each) == 1 for each in usage.values())
    folds = {}
    for features, row in zip(train, rows_of(built, "folds"), strict=True):
        folds.setdefault(features, set()).add(row["fold"])
    assert all(len(each) == 1 for each in folds.values())


def test_every_row_is_somewhere_with_its_cells_unchanged(toy, table):
    built = tables(toy(table()))
    raw = [tuple(row.values()) for row in csv.DictReader(io.StringIO(table(), newline=""))]
    found = [(r["a"], r["b"], r["y"]) for r in rows_of(built, "train")]
    for row, answer in zip(rows_of(built, "test"), answers_of(built), strict=True):
        assert row["id"] == answer["id"]
        found.append((row["a"], row["b"], answer["y"]))
    assert sorted(found) == sorted(raw)


def test_the_columns_of_each_file(toy):
    raw = "y,late,k,b,a\n" + "".join(f"{i % 2},x,k{i},{i},{-i}\n" for i in range(40))
    built = tables(toy(raw, data={"id": "k", "drop": (Drop("late", "known afterwards"),)}))
    headers = {name: data.split(b"\n")[0] for name, data in built.files.items()}
    assert headers == {
        "train.csv": b"k,b,a,y",
        "test.csv": b"k,b,a",
        "sample_submission.csv": b"k,y",
        "folds.csv": b"k,fold",
    }
    assert built.answers.startswith(b"k,y,Usage\n")
    assert [r["k"] for r in rows_of(built, "folds")] == [r["k"] for r in rows_of(built, "train")]
    samples = rows_of(built, "sample_submission")
    assert [r["k"] for r in samples] == [r["k"] for r in rows_of(built, "test")]
    assert {r["b"] for r in rows_of(built, "train")} | {r["b"] for r in rows_of(built, "test")} == {
        str(i) for i in range(40)
    }


def test_made_ids_count_up_and_say_nothing(toy):
    raw = "a,y\n" + "".join(f"{i},{int(i < 1000)}\n" for i in range(2000))
    built = tables(toy(raw))
    ids = [row["id"] for name in ("train", "test") for row in rows_of(built, name)]
    assert ids == [str(i) for i in range(2000)]
    assert (built.id_column, built.id_kind) == ("id", "integer")
    ones = [i for i, row in enumerate(answers_of(built)) if row["y"] == "1"]
    assert abs(sum(ones) / len(ones) - 399.5) < 35  # three standard errors of a mean of 400
    source = [int(row["a"]) for row in rows_of(built, "train")]
    inverted = sum(source[i] > source[i + 1] for i in range(len(source) - 1))
    assert abs(inverted / len(source) - 0.5) < 0.05


def test_the_order_of_mixed_twins_does_not_sort_by_the_answer(toy):
    raw = "a,y\n" + "".join(f"{i // 2},{i % 2}\n" for i in range(800))
    built = tables(toy(raw, split={"kind": "random"}))
    first = [row["y"] for row in answers_of(built)][::2]
    assert 0.35 < first.count("1") / len(first) < 0.65


def test_rows_in_time_have_ids_in_time(toy):
    raw = "t,y\n" + "".join(f"2024-01-{31 - i:02},{i % 3}\n" for i in range(30))
    built = tables(
        toy(
            raw,
            task="regression",
            metric="rmse",
            data={"time": "t"},
            split={"kind": "time", "test": 0.3, "purge": "2d"},
        )
    )
    train, test = rows_of(built, "train"), rows_of(built, "test")
    assert [row["t"] for row in train] == [f"2024-01-{day:02}" for day in range(2, 22)]
    assert [row["t"] for row in test] == [f"2024-01-{day:02}" for day in range(23, 32)]
    assert [row["id"] for row in train + test] == [str(i) for i in range(29)]
    assert built.solution["unit"].to_pylist() == list(range(9))
    assert built.solution["public"].to_pylist() == [1] * 4 + [0] * 5
    assert [row["fold"] for row in rows_of(built, "folds")] == [
        *["-1"] * 3, *["0"] * 4, *["1"] * 3, *["2"] * 3, *["3"] * 4, *["4"] * 3,
    ]  # fmt: skip


def test_groups_are_whole_and_told_to_the_scorer(toy):
    raw = "who,a,y\n" + "".join(f"p{i % 20},{i},{i // 20 % 2}\n" for i in range(200))
    built = tables(toy(raw, data={"group": "who"}, split={"kind": "group"}))
    train = {row["who"] for row in rows_of(built, "train")}
    groups = built.solution["group"].to_pylist()
    assert groups == [row["who"] for row in rows_of(built, "test")]
    assert not train & set(groups)
    units = built.solution["unit"].to_pylist()
    assert len(set(zip(units, groups, strict=True))) == len(set(groups)) == 8
    assert list(dict.fromkeys(units)) == list(range(8))


def test_the_group_is_the_unit_of_a_stratified_split_too(toy):
    raw = "who,a,y\n" + "".join(f"p{i % 20},{i},{i % 20 % 2}\n" for i in range(200))
    built = tables(toy(raw, data={"group": "who"}))
    assert not {r["who"] for r in rows_of(built, "train")} & {
        r["who"] for r in rows_of(built, "test")
    }


def test_given_parts_and_a_column_that_goes(toy):
    parts = ["train", "public", "private", "train"]
    raw = "a,part,y\n" + "".join(f"{i},{parts[i // 2 % 4]},{i % 2}\n" for i in range(80))
    built = tables(toy(raw, split={"kind": "given", "column": "part"}))
    assert built.files["test.csv"].startswith(b"id,a\n")
    by_part = {int(r["a"]): parts[int(r["a"]) // 2 % 4] for r in rows_of(built, "test")}
    usage = [row["Usage"].lower() for row in answers_of(built)]
    assert usage == [by_part[int(row["a"])] for row in rows_of(built, "test")]
    assert all(parts[int(r["a"]) // 2 % 4] == "train" for r in rows_of(built, "train"))


def test_slices_are_told_to_the_scorer_even_where_they_are_dropped(toy, table):
    competition, files = toy(table(), data={"drop": (Drop("b", "not for models"),)})
    built = tables((replace(competition, metric=MetricSpec("accuracy", slices=("b",))), files))
    assert "b" not in built.files["test.csv"].decode().splitlines()[0].split(",")
    assert built.solution["slice:b"].null_count == 0


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (lambda i: str(i - 20), "integer"),
        (lambda i: f"{i:03}", "text"),
        (lambda i: f"{i}.0", "text"),
        (lambda i: f"+{i}", "text"),
        (lambda i: str(10**18 + i), "integer"),
        (lambda i: str(10**19 + i), "text"),
        (lambda i: ["0", "-0"][i] if i < 2 else str(i), "text"),
        (lambda i: f"id {i}", "text"),
    ],
)
def test_ids_are_integers_only_where_all_are_plain(toy, ids, kind):
    raw = "k,part,a,y\n" + "".join(
        f"{ids(i)},{'test' if i < 20 else 'train'},{i},{i % 2}\n" for i in range(40)
    )
    built = tables(toy(raw, data={"id": "k"}, split={"kind": "given", "column": "part"}))
    assert built.id_kind == kind
    assert [str(x) for x in built.solution["id"].to_pylist()] == [
        row["k"] for row in rows_of(built, "test")
    ]


def column(values, head="a,y"):
    return f"{head}\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))


def test_labels_are_sorted_as_numbers_and_stored_as_small_codes(toy):
    built = tables(toy(column([9, 10, 100] * 20), task="multiclass"))
    (target,) = built.targets
    assert (target.type, target.labels, target.positive) == ("label", ("9", "10", "100"), None)
    stored = built.solution["target:y"]
    assert str(stored.type) == "int8"
    assert [target.labels[code] for code in stored.to_pylist()] == [
        row["y"] for row in answers_of(built)
    ]


def test_two_hundred_labels_need_two_bytes(toy):
    built = tables(toy(column([f"c{i}" for i in range(200)] * 5), task="multiclass"))
    assert str(built.solution["target:y"].type) == "int16"


def test_the_positive_class(toy):
    raw = column(["yes", "no"] * 20)
    assert tables(toy(raw)).targets[0].positive == "yes"
    assert tables(toy(raw, data={"positive": "no"})).targets[0].positive == "no"


def test_numbers_are_stored_as_floats(toy):
    built = tables(
        toy(
            column([f"{i}.10" for i in range(40)]),
            task="regression",
            metric="rmse",
            split={"kind": "random"},
        )
    )
    assert str(built.solution["target:y"].type) == "double"
    assert [f"{value:.2f}" for value in built.solution["target:y"].to_pylist()] == [
        row["y"] for row in answers_of(built)
    ]


def test_other_targets_are_text(toy):
    raw = "a,y,z\n" + "".join(f"{i},x y,\n" for i in range(40))
    built = tables(
        toy(
            raw,
            task="multilabel",
            data={"target": ("y", "z")},
            split={"kind": "random"},
        )
    )
    assert [target.type for target in built.targets] == ["text", "text"]
    assert set(built.solution["target:z"].to_pylist()) == {""}
    assert built.files["sample_submission.csv"].splitlines()[1].endswith(b",x y,")


def test_rows_with_a_missing_target_are_left_out_where_na_says_so(toy):
    raw = column(["1", "0", "?", ""] * 20)
    built = tables(toy(raw, data={"na": ("?", "")}))
    assert built.train_rows + built.solution.num_rows == 40
    assert {row["y"] for row in answers_of(built)} == {"0", "1"}


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"metric": "accuracy"}, "1"),
        ({"metric": "f1", "data": {"positive": "0"}}, "1"),
        ({"metric": "roc_auc"}, "0.75"),
        ({"metric": "roc_auc", "data": {"positive": "0"}}, "0.25"),
        ({"metric": "log_loss"}, "0.75"),
        ({"metric": "rmse", "task": "regression"}, "0.75"),
        ({"task": "multiclass"}, "1"),
    ],
)
def test_the_sample_holds_what_the_metric_takes(toy, changes, cell):
    raw = "part,a,y\n" + "".join(
        f"{'test' if i % 3 == 0 else 'train'},{i},{int(i // 3 % 4 != 0)}\n" for i in range(240)
    )
    built = tables(toy(raw, split={"kind": "given", "column": "part"}, **changes))
    assert {row["y"] for row in rows_of(built, "sample_submission")} == {cell}


def test_the_sample_of_probabilities_has_a_column_per_class(toy):
    raw = column(["u", "v", "v", "w"] * 25)
    built = tables(toy(raw, task="multiclass", metric="log_loss"))
    header, first, *_ = built.files["sample_submission.csv"].decode().splitlines()
    assert header == "id,u,v,w"
    assert first.split(",")[1:] == ["0.25", "0.5", "0.25"]
    named = SubmissionSpec(columns=("p_u", "p_v", "p_w"))
    built = tables(toy(raw, task="multiclass", metric="log_loss", submission=named))
    assert built.files["sample_submission.csv"].startswith(b"id,p_u,p_v,p_w\n")


NUMBERS = {"task": "regression", "metric": "rmse", "split": {"kind": "random"}}


@pytest.mark.parametrize(
    ("raw", "changes", "message"),
    [
        ("a,y\n1,2\n", {"data": {"target": ("z",)}}, "data.target names 'z', which the raw data"),
        ("a,y\n1,2\n", {"data": {"id": "k"}}, "data.id names 'k', which the raw data does not"),
        ("a,y\n1,2\n", {"data": {"drop": (Drop("c", ""),)}}, "data.drop names 'c'"),
        ("a,y\n1,2\n", {"data": {"time": "t"}}, "data.time names 't'"),
        ("a,y\n1,2\n", {"data": {"group": "g"}}, "data.group names 'g'"),
        ("a,y\n1,2\n", {"split": {"column": "s"}}, "split.column names 's'"),
        ("y\n1\n0\n", {}, "no column is left for participants to predict from"),
        ("id,y\n1,2\n", {}, "the raw data has a column 'id', which is the name of the ids"),
        (
            "k,a,y\n1,1,0\n1,2,1\n2,3,0\n3,4,1\n4,5,0\n5,6,1\n6,7,0\n7,8,1\n8,9,0\n9,10,1\n",
            {"data": {"id": "k"}},
            "id column 'k': 1 ids occur more than once: '1'",
        ),
        (
            "k,a,y\n" + "".join(f"{i or ''},{i},{i % 2}\n" for i in range(40)),
            {"data": {"id": "k"}},
            "id column 'k': 1 cells are empty",
        ),
        (column(["1", "", "0", " "] * 9), {}, "target 'y': 18 of 36 cells are empty (first: '')"),
        (
            column(["1", "nan", "2", "x", "1_0", "inf", "1e999"]),
            NUMBERS,
            "target 'y': 5 of 7 cells are not finite numbers (first: 'nan')",
        ),
        (column(["?"] * 9), {"data": {"na": ("?",)}}, "every row of the raw data has a missing"),
        (column(["a"] * 40), {}, "target 'y' is binary but has 1 classes in the training data: a"),
        (
            column(["a", "b", "c"] * 20),
            {},
            "target 'y' is binary but has 3 classes in the training data: a, b, c",
        ),
        (
            column(["1", "0"] * 20),
            {"data": {"positive": "yes"}},
            "data.positive is 'yes', but 'y' holds '0' and '1'",
        ),
        (
            column(["1"] + ["0"] * 40),
            {},
            "target 'y': the public part does not have both classes",
        ),
        (
            "p,a,y\n"
            + "".join(f"{'train' if i < 9 else 'test'},{i},{i // 8}\n" for i in range(40)),
            {"task": "multiclass", "split": {"kind": "given", "column": "p"}},
            "target 'y': a class has hidden rows and no training rows",
        ),
        (
            column(["u", "v", "w"] * 20),
            {
                "task": "multiclass",
                "metric": "log_loss",
                "submission": SubmissionSpec(columns=("u", "v")),
            },
            "submission.columns names 2 columns; 3 are due: one for each of u, v, w",
        ),
    ],
)
def test_raw_data_that_gives_no_competition(toy, raw, changes, message):
    with pytest.raises(BuildError) as caught:
        tables(toy(raw, **changes))
    assert caught.value.message.startswith(message)
