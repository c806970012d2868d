"""What competition.toml may say, and what it hears when it says something else."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.definition import (
    Competition,
    DataSpec,
    Drop,
    MetricSpec,
    Rules,
    SplitSpec,
    SubmissionSpec,
    load,
    parse,
)
from practice.errors import DefinitionError

HASH = "0123456789abcdef" * 4
TOML = f"""
title = "Toy"
summary = "A toy."
task = "binary"

[data]
source = "url"
url = "https://data.example/toy.csv"
sha256 = "{HASH}"
target = "y"
positive = "1"

[split]
kind = "stratified"

[metric]
name = "f1"
"""
DATA_KEYS = (
    "keys of [data]: source, url, sha256, function, arguments, path, dataset, version, header, "
    "names, separator, encoding, na, decompress, id, target, positive, drop, time, group, "
    "train_series, solution"
)


def read(text: str, folder: Path = Path("toy")) -> Competition:
    return parse(text, "toy", folder)


def changed(*changes: str) -> str:
    """Return the toy definition with ``old -> new`` done to it, each where it occurs once."""
    text = TOML
    for change in changes:
        old, _, new = change.partition(" -> ")
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def refused(text: str, folder: Path = Path("toy")) -> tuple[str, str]:
    with pytest.raises(DefinitionError) as caught:
        read(text, folder)
    return caught.value.message, caught.value.hint


def test_least() -> None:
    toy = read(TOML)
    assert toy == Competition(
        slug="toy",
        folder=Path("toy"),
        title="Toy",
        summary="A toy.",
        task="binary",
        skills=(),
        difficulty=1,
        license="",
        citation="",
        homepage="",
        data=DataSpec(
            "url",
            ("y",),
            url=("https://data.example/toy.csv",),
            sha256=(HASH,),
            positive="1",
        ),
        split=SplitSpec("stratified"),
        metric=MetricSpec("f1"),
    )
    assert dataclasses.asdict(toy.rules) == {
        "feedback": "full",
        "daily_limit": 5,
        "final_selections": 2,
        "deadline": None,
    }


def test_everything(tmp_path: Path) -> None:
    toy = read(
        f"""
        title = "Toy"
        summary = "A toy."
        task = "multiclass"
        skills = ["classification", "time"]
        difficulty = 3
        license = "CC0"
        citation = "Nobody (2000)"
        homepage = "https://data.example"

        [data]
        source = "url"
        url = ["https://data.example/a.txt", "file:///tmp/b.txt"]
        sha256 = ["{HASH}", "{HASH[::-1].upper()}"]
        header = false
        names = ["key", "when", "who", "casual", "y"]
        separator = "\\t"
        encoding = "latin-1"
        na = ["NA", ""]
        decompress = "gzip"
        id = "key"
        target = ["y"]
        drop = [{{column = "casual", reason = "part of y"}}]
        time = "when"
        group = "who"
        train_series = "y2"

        [split]
        kind = "time"
        test = 0.25
        public = 0.4
        seed = 7
        purge = "36h"

        [metric]
        name = "f1"
        average = "macro"
        secondary = ["accuracy", {{name = "f1", average = "micro"}}]
        slices = ["who"]

        [submission]
        kind = "table"
        columns = ["guess"]

        [rules]
        feedback = "rounded:3"
        daily_limit = 1
        final_selections = 3
        deadline = 2030-01-01T12:00:00+02:00
        """,
        tmp_path,
    )
    assert toy.skills == ("classification", "time")
    assert toy.difficulty == 3
    assert toy.data == DataSpec(
        "url",
        ("y",),
        url=("https://data.example/a.txt", "file:///tmp/b.txt"),
        sha256=(HASH, HASH[::-1]),
        header=False,
        names=("key", "when", "who", "casual", "y"),
        separator="\t",
        encoding="latin-1",
        na=("NA", ""),
        decompress="gzip",
        id="key",
        drop=(Drop("casual", "part of y"),),
        time="when",
        group="who",
        train_series="y2",
    )
    assert toy.split == SplitSpec("time", 0.25, 0.4, 7, None, "36h")
    assert toy.metric == MetricSpec(
        "f1",
        None,
        {"average": "macro"},
        (MetricSpec("accuracy"), MetricSpec("f1", None, {"average": "micro"})),
        ("who",),
    )
    assert toy.submission == SubmissionSpec("table", ("guess",))
    assert toy.rules == Rules("rounded:3", 1, 3, datetime(2030, 1, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            'source = "python"\nfunction = "a.b:c.d"\narguments = {n = 1}',
            DataSpec("python", ("y",), function="a.b:c.d", arguments={"n": 1}),
        ),
        ('source = "local"\npath = "a.csv"', DataSpec("local", ("y",), path=("a.csv",))),
        (
            'source = "local"\npath = ["a.csv", "b.csv"]',
            DataSpec("local", ("y",), path=("a.csv", "b.csv")),
        ),
        (
            'source = "openml"\ndataset = 61\nversion = 1',
            DataSpec("openml", ("y",), dataset="61", version="1"),
        ),
        (
            'source = "kaggle"\ndataset = "a/b"\nversion = "3"',
            DataSpec("kaggle", ("y",), dataset="a/b", version="3"),
        ),
    ],
)
def test_sources(data: str, expected: DataSpec) -> None:
    head, rest = TOML.split("[data]")
    toy = read(f'{head}[data]\n{data}\ntarget = "y"\n[split]{rest.split("[split]")[1]}')
    assert toy.data == expected


@pytest.mark.parametrize(
    ("written", "deadline"),
    [
        ("2030-05-01", datetime(2030, 5, 1, 23, 59, 59, tzinfo=UTC)),
        ("2030-05-01T10:00:00", datetime(2030, 5, 1, 10, tzinfo=UTC)),
        ("2030-05-01T10:00:00Z", datetime(2030, 5, 1, 10, tzinfo=UTC)),
        ("2030-05-01T10:00:00-05:00", datetime(2030, 5, 1, 15, tzinfo=UTC)),
    ],
)
def test_deadline(written: str, deadline: datetime) -> None:
    assert read(f"{TOML}\n[rules]\ndeadline = {written}").rules.deadline == deadline


@pytest.mark.parametrize("feedback", ["full", "ladder", "blind", "rounded:0", "rounded:12"])
def test_feedback(feedback: str) -> None:
    assert read(f'{TOML}\n[rules]\nfeedback = "{feedback}"').rules.feedback == feedback


@pytest.mark.parametrize(
    ("kind", "purge"), [("random", "0"), ("time", "0"), ("time", "24"), ("time", '"7d"')]
)
def test_purge(kind: str, purge: str) -> None:
    text = changed(
        f'kind = "stratified" -> kind = "{kind}"\npurge = {purge}',
        'target = "y" -> target = "y"\ntime = "t"',
    )
    assert read(text).split.purge == (purge.strip('"') if '"' in purge else int(purge))


def test_given_and_group_split() -> None:
    text = changed('kind = "stratified" -> kind = "given"\ncolumn = "Usage"')
    assert read(text).split == SplitSpec("given", column="Usage")
    text = changed(
        'kind = "stratified" -> kind = "group"', 'target = "y" -> target = "y"\ngroup = "who"'
    )
    assert read(text).split == SplitSpec("group")


def test_metric_file(tmp_path: Path) -> None:
    source = b"def score(solution, submission, row_id_column_name, beta: float): ..."
    (tmp_path / "metric.py").write_bytes(source)
    said = 'file = "metric.py"\ngreater_is_better = true\ntitle = "F2"\nbeta = 2'
    toy = read(changed(f'name = "f1" -> {said}'), tmp_path)
    assert toy.metric == MetricSpec(
        None,
        "metric.py",
        {"beta": 2.0},
        greater_is_better=True,
        title="F2",
        sha256=hashlib.sha256(source).hexdigest(),
    )


def test_probabilities_may_be_ranked_beside() -> None:
    toy = read(changed('name = "f1" -> name = "log_loss"\nsecondary = ["roc_auc"]'))
    assert toy.metric.secondary == (MetricSpec("roc_auc"),)


def test_prepare_makes_its_own_columns(tmp_path: Path) -> None:
    (tmp_path / "prepare.py").touch()
    headless = changed('positive = "1" -> header = false')
    assert read(headless, tmp_path).data.names == ()
    named = changed('positive = "1" -> header = false\nnames = ["a", "b"]')
    assert read(named, tmp_path).data.names == ("a", "b")


# What is done to the toy definition, the message after "toy/competition.toml: ", and the hint.
BROKEN = [
    ('"Toy" -> Toy', "not valid TOML: Invalid value (at line 2, column 9)", "?toml"),
    ('title = "Toy" -> title "Toy"', None, "?toml"),
    ('title = "Toy" -> titel = "Toy"', "titel: unknown key; did you mean 'title'?", "?top"),
    ('title = "Toy" -> xyz = 1', "xyz: unknown key", "?top"),
    ("[data] -> [date]", "date: unknown key; did you mean 'data'?", "?top"),
    ('title = "Toy" -> ', "title: missing: the competition's title", ""),
    ('summary = "A toy." -> ', "summary: missing: one sentence about it", ""),
    ('title = "Toy" -> title = ""', "title: must not be empty", ""),
    ('title = "Toy" -> title = 7', "title: must be a text, not a whole number (7)", ""),
    (
        'task = "binary" -> ',
        "task: missing: one of binary, multiclass, multilabel, regression, ranking, forecast, "
        "clustering, generation, control",
        "",
    ),
    (
        'task = "binary" -> task = "binery"',
        "task: must be one of binary, multiclass, multilabel, regression, ranking, forecast, "
        "clustering, generation, control, not 'binery'; did you mean 'binary'?",
        "",
    ),
    (
        'task = "binary" -> task = ["binary"]',
        "task: must be one of binary, multiclass, multilabel, regression, ranking, forecast, "
        "clustering, generation, control, not a list",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\ndifficulty = 4',
        "difficulty: must be a whole number from 1 to 3, not 4",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\ndifficulty = "easy"',
        "difficulty: must be a whole number from 1 to 3, not a text ('easy')",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\ndifficulty = true',
        "difficulty: must be a whole number from 1 to 3, not true or false (true)",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\nskills = "time"',
        "skills: must be a list of texts, not a text ('time')",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\nskills = ["time", 2]',
        "skills: must be a list of texts; it holds a whole number (2)",
        "",
    ),
    (
        'title = "Toy" -> title = "Toy"\nrules = 3',
        "rules: must be a table, not a whole number (3)",
        "",
    ),
    # [data]
    (
        'target = "y" -> taget = "y"',
        "data.taget: unknown key; did you mean 'target'?",
        DATA_KEYS,
    ),
    (
        'source = "url" -> ',
        "data.source: missing: one of python, url, openml, kaggle, local",
        "",
    ),
    (
        'source = "url" -> source = "web"',
        "data.source: must be one of python, url, openml, kaggle, local, not 'web'",
        "",
    ),
    ('target = "y" -> ', "data.target: missing: the column (or columns) to predict", ""),
    ('target = "y" -> target = []', "data.target: must not be an empty list", ""),
    ('target = "y" -> target = ["y", "y"]', "data.target: names 'y' twice", ""),
    (
        'target = "y" -> target = 3',
        "data.target: must be a text or a list of texts, not a whole number (3)",
        "",
    ),
    ('url = "https://data.example/toy.csv" -> ', "data.url: missing: source url needs it", ""),
    (
        f'sha256 = "{HASH}" -> ',
        "data.sha256: missing: source url needs the sha256 of each file",
        "",
    ),
    (
        f'sha256 = "{HASH}" -> sha256 = ["{HASH}", "{HASH[::-1]}"]',
        "data.sha256: 2 given for 1 of data.url; one each is due",
        "",
    ),
    (
        f'sha256 = "{HASH}" -> sha256 = "{HASH[:-1]}"',
        f"data.sha256: must be 64 hexadecimal digits, not '{HASH[:-1]}'",
        "",
    ),
    (
        f'sha256 = "{HASH}" -> sha256 = "{HASH[:-1]}g"',
        f"data.sha256: must be 64 hexadecimal digits, not '{HASH[:-1]}g'",
        "",
    ),
    (
        "https://data.example/toy.csv -> ftp://data.example/toy.csv",
        "data.url: must begin with https://, http:// or file:///, not 'ftp://data.example/toy.csv'",
        "",
    ),
    (
        "https://data.example/toy.csv -> toy.csv",
        "data.url: must begin with https://, http:// or file:///, not 'toy.csv'",
        "",
    ),
    (
        'url = "https://data.example/toy.csv" -> path = "a.csv"',
        "data.path: belongs to source local, not to url",
        "",
    ),
    (
        'source = "url" -> source = "local"',
        "data.url: belongs to source url, not to local",
        "",
    ),
    (
        'positive = "1" -> dataset = "a/b"',
        "data.dataset: belongs to source openml and kaggle, not to url",
        "",
    ),
    (
        'positive = "1" -> header = "no"',
        "data.header: must be true or false, not a text ('no')",
        "",
    ),
    (
        'positive = "1" -> names = ["x", "y"]',
        "data.names: needs header = false: the file's own header gives the names",
        "",
    ),
    (
        'positive = "1" -> header = false',
        "data.names: missing: the columns' names, since header = false",
        "",
    ),
    (
        'positive = "1" -> header = false\nnames = ["x", "z"]',
        "data.target: 'y' is not among data.names",
        "",
    ),
    (
        'positive = "1" -> header = false\nnames = ["x", "y"]\ngroup = "who"',
        "data.group: 'who' is not among data.names",
        "",
    ),
    ('positive = "1" -> separator = "::"', "data.separator: must be one character, not '::'", ""),
    (
        'positive = "1" -> encoding = "utf-9"',
        "data.encoding: must be an encoding Python knows (utf-8, latin-1), not 'utf-9'",
        "",
    ),
    (
        'positive = "1" -> decompress = "xz"',
        "data.decompress: must be one of gzip, zip, not 'xz'",
        "",
    ),
    ('positive = "1" -> id = "y"', "data.id: 'y' is also the target", ""),
    ('positive = "1" -> time = "y"', "data.time: 'y' is also the target", ""),
    ('positive = "1" -> id = ["a", "b"]', "data.id: must be a text, not a list", ""),
    (
        'positive = "1" -> positive = 1',
        "data.positive: must be a text, not a whole number (1)",
        "",
    ),
    (
        'task = "binary" -> task = "multiclass"',
        "data.positive: needs the task binary, not multiclass",
        "",
    ),
    (
        'positive = "1" -> drop = ["leak"]',
        'data.drop: must be a list of {column = "...", reason = "..."}; it holds a text (\'leak\')',
        "",
    ),
    (
        'positive = "1" -> drop = "leak"',
        'data.drop: must be a list of {column = "...", reason = "..."}, not a text (\'leak\')',
        "",
    ),
    (
        'positive = "1" -> drop = [{column = "a", reason = "b"}, {column = "leak"}]',
        "data.drop[2].reason: missing: why participants do not get the column",
        "",
    ),
    (
        'positive = "1" -> drop = [{column = "leak", reason = ""}]',
        "data.drop[1].reason: must not be empty",
        "",
    ),
    (
        'positive = "1" -> drop = [{column = "leak", because = "x"}]',
        "data.drop[1].because: unknown key",
        "keys of [data.drop[1]]: column, reason",
    ),
    (
        'positive = "1" -> drop = [{column = "y", reason = "x"}]',
        "data.drop: 'y' is the target, which is never given anyway",
        "",
    ),
    (
        'positive = "1" -> id = "k"\ndrop = [{column = "k", reason = "x"}]',
        "data.drop: 'k' is the id, which participants need",
        "",
    ),
    (
        'positive = "1" -> drop = [{column = "k", reason = "x"}, {column = "k", reason = "z"}]',
        "data.drop: names 'k' twice",
        "",
    ),
    # [split]
    (
        'kind = "stratified" -> kind = "stratify"',
        "split.kind: must be one of random, stratified, group, time, given, not 'stratify'; "
        "did you mean 'stratified'?",
        "",
    ),
    (
        'kind = "stratified" -> ',
        "split.kind: missing: one of random, stratified, group, time, given",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\ntests = 0.2',
        "split.tests: unknown key; did you mean 'test'?",
        "keys of [split]: kind, column, test, public, seed, purge",
    ),
    (
        'kind = "stratified" -> kind = "random"\ntest = 1.5',
        "split.test: must be a number between 0 and 1 (neither included), not 1.5",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\ntest = 0',
        "split.test: must be a number between 0 and 1 (neither included), not 0",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\ntest = nan',
        "split.test: must be a number between 0 and 1 (neither included), not nan",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\npublic = 1.0',
        "split.public: must be a number between 0 and 1 (neither included), not 1.0",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\npublic = "half"',
        "split.public: must be a number between 0 and 1 (neither included), not a text ('half')",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\nseed = -1',
        "split.seed: must be a whole number from 0 to 9223372036854775807, not -1",
        "",
    ),
    (
        'kind = "stratified" -> kind = "group"',
        "split.kind: group needs data.group, the column that names the group",
        "",
    ),
    (
        'kind = "stratified" -> kind = "time"',
        "split.kind: time needs data.time, the column to order the rows by",
        "",
    ),
    (
        'kind = "stratified" -> kind = "given"',
        "split.column: missing: split given needs the column that says train, public or private",
        "",
    ),
    (
        'kind = "stratified" -> kind = "given"\ncolumn = "y"',
        "split.column: 'y' is the target or the id",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\ncolumn = "Usage"',
        "split.column: belongs to split given, not to random",
        "",
    ),
    (
        'target = "y" -> target = ["y", "z"]',
        "split.kind: stratified needs one target of the task binary or multiclass",
        "",
    ),
    (
        'kind = "stratified" -> kind = "random"\npurge = 3',
        "split.purge: belongs to split time, not to random",
        "",
    ),
    (
        'positive = "1"\n\n[split]\nkind = "stratified" -> time = "t"\n[split]\nkind = "time"\n'
        "purge = -3",
        "split.purge: must be a number of rows (0 or more) or a time such as '7d', '24h', '30min' "
        "or '10s', not -3",
        "",
    ),
    (
        'positive = "1"\n\n[split]\nkind = "stratified" -> time = "t"\n[split]\nkind = "time"\n'
        'purge = "-7d"',
        "split.purge: must be a number of rows (0 or more) or a time such as '7d', '24h', '30min' "
        "or '10s', not '-7d'",
        "",
    ),
    (
        'positive = "1"\n\n[split]\nkind = "stratified" -> time = "t"\n[split]\nkind = "time"\n'
        "purge = 1.5",
        "split.purge: must be a number of rows (0 or more) or a time such as '7d', '24h', '30min' "
        "or '10s', not a number (1.5)",
        "",
    ),
    # [metric]
    (
        'name = "f1" -> ',
        "metric.name: either name or file is due, and neither is there",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\nfile = "metric.py"',
        "metric.name: either name or file is due, and both are there",
        "",
    ),
    (
        'name = "f1" -> file = "metric.py"',
        "metric.file: no file 'metric.py' beside competition.toml",
        "",
    ),
    ('name = "f1" -> name = "rmsel"', "metric.name: no metric 'rmsel'", "?metric"),
    (
        'name = "f1" -> name = "f1"\nbeta = 2',
        "metric.name: metric f1 has no parameter 'beta'; parameters: ",
        "?prefix",
    ),
    (
        'name = "f1" -> name = "f1"\naverage = "mean"',
        "metric.name: metric f1: average must be ",
        "?prefix",
    ),
    (
        'name = "f1" -> name = "f1"\nsecondary = "accuracy"',
        "metric.secondary: must be a list of metric names, or of tables with a name, not a text "
        "('accuracy')",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\nsecondary = [{average = "macro"}]',
        "metric.secondary: must be a list of metric names, or of tables with a name; it holds a "
        "table",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\nsecondary = ["accuracy", "accuracy"]',
        "metric.secondary: names accuracy twice",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\nsecondary = ["acuracy"]',
        "metric.secondary: no metric 'acuracy'",
        "?metric",
    ),
    (
        'name = "f1" -> name = "f1"\nsecondary = ["log_loss"]',
        "metric.secondary: log_loss takes a probability, but submissions hold a label for the "
        "metric",
        "",
    ),
    (
        'name = "f1" -> name = "roc_auc"\nsecondary = ["log_loss"]',
        "metric.secondary: log_loss takes a probability, but submissions hold a number for the "
        "metric",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\nslices = "who"',
        "metric.slices: must be a list of texts, not a text ('who')",
        "",
    ),
    # [submission]
    (
        'name = "f1" -> name = "f1"\n[submission]\nkind = "zip"',
        "submission.kind: must be one of table, rows, json, not 'zip'",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[submission]\ncolumn = "y"',
        "submission.column: unknown key; did you mean 'columns'?",
        "keys of [submission]: kind, columns",
    ),
    # [rules]
    (
        'name = "f1" -> name = "f1"\n[rules]\nlimit = 3',
        "rules.limit: unknown key; did you mean 'daily_limit'?",
        "keys of [rules]: feedback, daily_limit, final_selections, deadline",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\ndaily_limit = 0',
        "rules.daily_limit: must be a whole number of at least 1, not 0",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\ndaily_limit = 2.5',
        "rules.daily_limit: must be a whole number of at least 1, not a number (2.5)",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\nfinal_selections = 0',
        "rules.final_selections: must be a whole number of at least 1, not 0",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\nfeedback = "some"',
        "rules.feedback: must be full, rounded:N (N decimals), ladder or blind, not 'some'",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\nfeedback = "rounded:"',
        "rules.feedback: must be full, rounded:N (N decimals), ladder or blind, not 'rounded:'",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\ndeadline = "soon"',
        "rules.deadline: must be a date or a date with a time (2026-03-01), not a text ('soon')",
        "",
    ),
    (
        'name = "f1" -> name = "f1"\n[rules]\ndeadline = 10:00:00',
        "rules.deadline: must be a date or a date with a time (2026-03-01), not a date or time "
        "(10:00:00)",
        "",
    ),
]


@pytest.mark.parametrize(("change", "message", "hint"), BROKEN)
def test_broken(change: str, message: str | None, hint: str) -> None:
    said, advice = refused(changed(change))
    assert said.startswith("toy/competition.toml: ")
    rest = said.removeprefix("toy/competition.toml: ")
    assert "\n" not in said + advice
    match hint:
        case "?toml":
            assert rest.startswith("not valid TOML: ")
            assert "(at line 2, column " in rest
            assert advice == "texts stand in quotes, tables in [brackets]"
        case "?top":
            assert rest == message
            assert advice.startswith("keys of the top level: title, summary, task, ")
        case "?metric":
            assert rest == message
            assert advice
        case "?prefix":
            assert message is not None
            assert rest.startswith(message)
            assert len(rest) > len(message)
            assert advice == ""
        case _:
            assert (rest, advice) == (message, hint)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('source = "python"', "data.function: missing: source python needs it"),
        (
            'source = "python"\nfunction = "sklearn.datasets.load_iris"',
            "data.function: must read 'module:function', not 'sklearn.datasets.load_iris'",
        ),
        (
            'source = "python"\nfunction = "os:system(1)"',
            "data.function: must read 'module:function', not 'os:system(1)'",
        ),
        (
            'source = "python"\nfunction = "a:b"\narguments = ["x"]',
            "data.arguments: must be a table, not a list",
        ),
        (
            f'source = "python"\nfunction = "a:b"\nsha256 = ["{HASH}", "{HASH[::-1]}"]',
            "data.sha256: 2 given for 1 of data.function; one each is due",
        ),
        ('source = "local"', "data.path: missing: source local needs it"),
        (
            f'source = "local"\npath = ["a", "b"]\nsha256 = "{HASH}"',
            "data.sha256: 1 given for 2 of data.path; one each is due",
        ),
        ('source = "openml"', "data.dataset: missing: source openml needs it"),
        (
            'source = "kaggle"\ndataset = 1.5',
            "data.dataset: must be a text, not a number (1.5)",
        ),
    ],
)
def test_broken_sources(data: str, message: str) -> None:
    head, rest = TOML.split("[data]")
    text = f'{head}[data]\n{data}\ntarget = "y"\n[split]{rest.split("[split]")[1]}'
    assert refused(text) == (f"toy/competition.toml: {message}", "")


@pytest.mark.parametrize("slug", ["Toy", "toy set", "toy_set", "-toy", "", "töy", "a/b"])
def test_slug(slug: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(TOML, slug, Path("toy"))
    assert caught.value.message == (
        "toy/competition.toml: the folder's name is the competition's, and may hold only "
        f"lower-case letters, digits and hyphens, not {slug!r}"
    )


def test_load(tmp_path: Path) -> None:
    folder = tmp_path / "toy-2"
    folder.mkdir()
    file = folder / "competition.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    assert load(folder).slug == "toy-2"
    file.write_bytes(b'title = "\xff"')
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    assert caught.value.message == f"{file}: byte 9 is not UTF-8"
    file.unlink()
    file.mkdir()
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    assert caught.value.message == f"{file}: cannot be read: Is a directory"


VALUES = st.recursive(
    st.one_of(
        st.booleans().map(lambda v: str(v).lower()),
        st.integers(-(2**70), 2**70).map(str),
        st.floats().map(repr),
        st.sampled_from(["2030-01-01", "10:00:00", "0001-01-01T00:00:00+10:00", '"7d"', '"y"']),
        st.text(max_size=8).map(json.dumps),
        st.sampled_from(["http://[", "file://", "a:b", "f1", HASH, "gzip"]).map(json.dumps),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(["name", "column", "reason", "a b"]), inner).map(
            lambda d: "{" + ", ".join(f"{json.dumps(k)} = {v}" for k, v in d.items()) + "}"
        ),
    ),
    max_leaves=5,
)
KEYS = [
    *(("", key) for key in ("title", "task", "skills", "difficulty", "data", "split", "x\ny")),
    *(("data", key) for key in DATA_KEYS.removeprefix("keys of [data]: ").split(", ")),
    *(("split", key) for key in ("kind", "column", "test", "public", "seed", "purge")),
    *(("metric", key) for key in ("name", "file", "secondary", "slices", "average", "pos_label")),
    *(("submission", key) for key in ("kind", "columns")),
    *(("rules", key) for key in ("feedback", "daily_limit", "final_selections", "deadline")),
]


@given(st.sampled_from(KEYS), VALUES)
def test_any_value_is_read_or_refused_in_one_line(key: tuple[str, str], value: str) -> None:
    tables: dict[str, dict[str, str]] = {"": {}, "rules": {}, "submission": {}}
    lines = tables[""]
    for line in TOML.strip().splitlines():
        if line.startswith("["):
            lines = tables.setdefault(line.strip("[]"), {})
        elif line:
            name, _, written = line.partition(" = ")
            lines[name] = written
    if key[0] == "":
        tables.pop(key[1], None)  # the value stands for the table
    tables[key[0]][json.dumps(key[1])] = value
    tables[key[0]].pop(key[1], None)
    text = "".join(
        (f"[{name}]\n" if name else "") + "".join(f"{k} = {v}\n" for k, v in lines.items())
        for name, lines in tables.items()
    )
    said = "toy/competition.toml: fine"
    try:
        read(text)
    except DefinitionError as error:
        said = f"{error.message} {error.hint}"
    assert said.startswith("toy/competition.toml: ")
    assert "\n" not in said
