"""The competitions that ship: complete, pinned, and telling the truth about their data."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from practice import build, catalog, metrics, sources
from practice.definition import Competition
from practice.settings import Settings

CHECKOUT = Path(__file__).parents[1] / "competitions"
OFFLINE = ("breast-cancer", "diabetes", "digits")
ONLINE = (
    "ames-houses",
    "bike-sharing",
    "credit-risk",
    "sms-spam",
    "telco-churn",
    "titanic",
    "wine-quality",
)
ALL = tuple(sorted(OFFLINE + ONLINE))
SECTIONS = (
    "The question",
    "Evaluation",
    "Data",
    "What to learn",
    "Traps",
    "Licence and citation",
)
# slug: task, metric, positive class, split, id, target, columns of the raw table beside the target
EXPECTED = {
    "ames-houses": ("regression", "rmsle", None, "random", "Id", "SalePrice"),
    "bike-sharing": ("regression", "rmsle", None, "time", None, "count"),
    "breast-cancer": ("binary", "f1", "1", "stratified", None, "malignant"),
    "credit-risk": ("binary", "roc_auc", "2", "stratified", None, "default"),
    "diabetes": ("regression", "rmse", None, "random", None, "progression"),
    "digits": ("multiclass", "accuracy", None, "stratified", None, "digit"),
    "sms-spam": ("binary", "f1", "spam", "stratified", None, "type"),
    "telco-churn": ("binary", "roc_auc", "Yes", "stratified", "customerID", "Churn"),
    "titanic": ("binary", "accuracy", "1", "stratified", None, "survived"),
    "wine-quality": ("multiclass", "quadratic_weighted_kappa", None, "stratified", None, "quality"),
}


@pytest.fixture
def competition(request: pytest.FixtureRequest, settings: Settings) -> Competition:
    return catalog.load(request.getfixturevalue("slug"), settings)


def description(slug: str) -> str:
    return (CHECKOUT / slug / "description.md").read_text(encoding="utf-8")


def table(competition: Competition, settings: Settings) -> pd.DataFrame:
    """Return the raw table as text, through prepare.py where there is one."""
    files = sources.fetch(competition, settings)
    prepare = competition.folder / "prepare.py"
    if prepare.is_file():
        scope: dict[str, Any] = {}
        exec(compile(prepare.read_text(encoding="utf-8"), prepare, "exec"), scope)
        frame = scope["prepare"]([file.path for file in files])
        assert isinstance(frame, pd.DataFrame)
        return frame
    names = list(competition.data.names) or None
    return pd.read_csv(
        files[0].path,
        dtype=str,
        keep_default_na=False,
        header=0 if competition.data.header else None,
        names=names,
    )


def test_ten_ship(settings: Settings) -> None:
    assert catalog.names(settings) == ALL
    assert {folder.parent for folder in catalog.folders(settings).values()} == {CHECKOUT}


@pytest.mark.parametrize("slug", ALL)
def test_definition_is_complete(slug: str, competition: Competition) -> None:
    assert competition.slug == slug
    for text in ("title", "summary", "license", "citation"):
        value = getattr(competition, text)
        assert value
        assert value == value.strip()
    assert competition.summary.endswith(".")
    assert len(competition.summary) <= 100
    assert competition.homepage.startswith("https://")
    assert 2 <= len(competition.skills) <= 4
    assert all(drop.reason for drop in competition.data.drop)


@pytest.mark.parametrize("slug", ALL)
def test_definition_is_as_agreed(slug: str, competition: Competition) -> None:
    task, metric, positive, split, id_, target = EXPECTED[slug]
    assert competition.task == task
    assert competition.metric.name == metric
    assert competition.data.positive == positive
    assert competition.split.kind == split
    assert competition.data.id == id_
    assert competition.data.target == (target,)
    assert competition.split.public == 0.5
    assert competition.rules.feedback == "full"
    assert competition.rules.daily_limit == (10 if slug == "titanic" else 5)
    assert competition.rules.final_selections == 2


def test_particulars(settings: Settings) -> None:
    bikes = catalog.load("bike-sharing", settings)
    assert [drop.column for drop in bikes.data.drop] == ["casual", "registered"]
    assert bikes.data.time == "datetime"
    assert bikes.split.purge == "1d"
    assert catalog.load("breast-cancer", settings).split.test == 0.4
    assert catalog.load("diabetes", settings).data.arguments == {"as_frame": True, "scaled": False}
    assert catalog.load("wine-quality", settings).data.names[-1] == "quality"


@pytest.mark.parametrize("slug", ALL)
def test_secondary_metrics_add_something(slug: str, competition: Competition) -> None:
    primary = metrics.get(competition.metric.name or "", **competition.metric.parameters)
    for spec in competition.metric.secondary:
        metric = metrics.get(spec.name or "", **spec.parameters)
        assert (metric.name, metric.parameters) != (primary.name, primary.parameters)


@pytest.mark.parametrize("slug", ALL)
def test_sources_are_pinned(slug: str, competition: Competition) -> None:
    data = competition.data
    assert len(data.sha256) == 1
    assert re.fullmatch(r"[0-9a-f]{64}", data.sha256[0])
    if slug in OFFLINE:
        assert data.source == "python"
        assert data.function
        assert data.function.startswith("sklearn.datasets:load_")
        return
    assert data.source == "url"
    (url,) = data.url
    assert re.match(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/", url)


@pytest.mark.parametrize("slug", ALL)
def test_description_is_worth_reading(slug: str, competition: Competition) -> None:
    text = description(slug)
    lines = text.splitlines()
    assert lines[0] == f"# {competition.title}"
    assert tuple(line[3:] for line in lines if line.startswith("## ")) == SECTIONS
    assert 50 <= len(lines) <= 90
    assert max(map(len, lines)) <= 100
    assert text == "\n".join(line.rstrip() for line in lines) + "\n"
    header = ",".join((competition.data.id or "id", *competition.data.target))
    assert re.search(rf"^    {header}\n    .+\n    .+\n    \.\.\.$", text, re.MULTILINE)
    evaluation = text.split("## ")[2]
    assert re.search(r"^    .+ = .+$", evaluation, re.MULTILINE)  # the formula
    licence = " ".join(text.split("## ")[-1].split())
    assert competition.citation[:20] in licence


@pytest.mark.parametrize("slug", OFFLINE)
def test_offline_tables_are_what_was_pinned(
    slug: str, competition: Competition, settings: Settings
) -> None:
    (file,) = sources.fetch(competition, settings)
    assert file.sha256 == competition.data.sha256[0]
    frame = table(competition, settings)
    assert competition.data.target[0] in frame.columns
    assert "target" not in frame.columns


def test_malignant_is_one(settings: Settings) -> None:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    frame = table(catalog.load("breast-cancer", settings), settings)
    names = [bunch.target_names[code] for code in bunch.target]
    assert ["malignant" if v == 1 else "benign" for v in frame["malignant"]] == names


@pytest.mark.mirror
@pytest.mark.parametrize("slug", ALL)
def test_raw_files_hold_the_named_columns(
    slug: str, competition: Competition, settings: Settings
) -> None:
    (file,) = sources.fetch(competition, settings)
    assert file.sha256 == competition.data.sha256[0]
    frame = table(competition, settings)
    data = competition.data
    named = {*data.target, *(drop.column for drop in data.drop)}
    named |= {column for column in (data.id, data.time, data.group) if column}
    assert named <= set(frame.columns)
    if data.positive is not None:
        assert data.positive in set(frame[data.target[0]].astype(str))
    if data.id is not None:
        assert frame[data.id].is_unique
    # Every column is explained: by its name, or by the family it belongs to.
    families = {
        "digits": r"pixel_\d_\d",
        "breast-cancer": r"(mean|worst)_\w+|\w+_error",
        "ames-houses": r"Bsmt\w+|Garage\w+",
    }
    text = description(slug)
    for column in frame.columns:
        family = families.get(slug)
        if not (family and re.fullmatch(family, column)) and column not in (*named, "id"):
            assert f"`{column}`" in text, column


@pytest.mark.mirror
@pytest.mark.parametrize("slug", ALL)
def test_descriptions_say_how_many_rows(
    slug: str, competition: Competition, settings: Settings
) -> None:
    info = build.make(competition, sources.fetch(competition, settings), settings)
    unit = "hours" if slug == "bike-sharing" else "rows"
    text = " ".join(description(slug).split())
    assert re.search(rf"`train\.csv` has {info.train_rows} {unit}\b", text)
    assert re.search(rf"`test\.csv` {info.rows}\b", text)
    for public in re.findall(r"[Ww]ith (\d+) public rows", text):
        assert int(public) == info.public_rows


def number(frame: pd.DataFrame, column: str) -> Any:
    return pd.to_numeric(frame[column], errors="coerce")


def spans(column: str, low: float, high: float) -> Callable[[pd.DataFrame], bool]:
    return lambda f: (number(f, column).min(), number(f, column).max()) == (low, high)


def counts(column: str, value: str, times: int) -> Callable[[pd.DataFrame], bool]:
    return lambda f: (f[column] == value).sum() == times


def repeats(frame: pd.DataFrame, *but: str) -> Any:
    return frame.drop(columns=list(but)).duplicated()


def nearly(value: float, due: float, digits: int) -> bool:
    return round(float(value), digits) == due


# What the descriptions say, and what must then be so in the raw table.
CLAIMS: list[tuple[str, str, Callable[[pd.DataFrame], Any]]] = [
    ("breast-cancer", "Of the 569 lumps here, 212 are", lambda f: (f.malignant == 1).sum() == 212),
    (
        "breast-cancer",
        "and scores .543",
        lambda f: nearly(2 * f.malignant.mean() / (1 + f.malignant.mean()), 0.543, 3),
    ),
    (
        "breast-cancer",
        "correlate at .998",
        lambda f: nearly(number(f, "mean_radius").corr(number(f, "mean_perimeter")), 0.998, 3),
    ),
    (
        "breast-cancer",
        "Thirteen lumps have concavity",
        lambda f: (number(f, "worst_concavity") == 0).sum() == 13,
    ),
    ("breast-cancer", "no missing value and no duplicate", lambda f: not repeats(f).any()),
    ("digits", "from 174 eights to 183 threes of 1797", counts("digit", "8", 174)),
    ("digits", "from 174 eights to 183 threes of 1797", counts("digit", "3", 183)),
    (
        "digits",
        "Almost half of all cells (49 %) are 0",
        lambda f: nearly((f.drop(columns="digit") == "0.0").mean().mean(), 0.49, 2),
    ),
    ("digits", "`pixel_0_0`, `pixel_4_0` and `pixel_4_7`", spans("pixel_4_7", 0, 0)),
    (
        "diabetes",
        "a mean of 152.1 and a standard deviation of 77.1",
        lambda f: nearly(number(f, "progression").std(), 77.1, 1),
    ),
    ("diabetes", "19 to 79", spans("age", 19, 79)),
    ("diabetes", "18.0 to 42.2", spans("bmi", 18.0, 42.2)),
    ("diabetes", "whole numbers from 25 to 346", spans("progression", 25, 346)),
    (
        "diabetes",
        "86 % of its values are whole numbers",
        lambda f: nearly((number(f, "s4") % 1 == 0).mean(), 0.86, 2),
    ),
    (
        "diabetes",
        "(correlated at .90)",
        lambda f: nearly(number(f, "s1").corr(number(f, "s2")), 0.9, 2),
    ),
    ("titanic", "Of the 891 passengers 342 survived", counts("survived", "1", 342)),
    (
        "titanic",
        "scores .787 over the whole list",
        lambda f: nearly(((f.sex == "female") == (f.survived == "1")).mean(), 0.787, 3),
    ),
    ("titanic", "missing for 177", counts("age", "", 177)),
    ("titanic", "missing for 687", counts("cabin", "", 687)),
    ("titanic", "missing for 2", counts("embarked", "", 2)),
    ("titanic", "681 different ones", lambda f: f.ticket.nunique() == 681),
    (
        "titanic",
        "344 passengers share their ticket",
        lambda f: f.ticket.duplicated(keep=False).sum() == 344,
    ),
    ("titanic", "18 ages end in .5", lambda f: (f.age.str.endswith(".5")).sum() == 18),
    ("titanic", "Master 40", lambda f: f.name.str.contains(r", Master\.").sum() == 40),
    ("telco-churn", "1869 (26.5 %) left", counts("Churn", "Yes", 1869)),
    ("telco-churn", "11 customers have a single blank", counts("TotalCharges", " ", 11)),
    (
        "telco-churn",
        "40 rows repeat an earlier one",
        lambda f: repeats(f, "Churn", "customerID").sum() == 40,
    ),
    (
        "telco-churn",
        "18 groups of such twins carry both answers",
        lambda f: (
            (
                f.groupby([c for c in f if c not in ("Churn", "customerID")]).Churn.nunique() > 1
            ).sum()
            == 18
        ),
    ),
    ("telco-churn", "18.25 to 118.75", spans("MonthlyCharges", 18.25, 118.75)),
    ("telco-churn", "18.8 to 8684.8", spans("TotalCharges", 18.8, 8684.8)),
    ("credit-risk", "300 did not", counts("default", "2", 300)),
    ("credit-risk", "no row occurs twice", lambda f: not repeats(f, "default").any()),
    ("credit-risk", "250 to 18424, the median 2319.5", spans("amount", 250, 18424)),
    ("credit-risk", "`age`: 19 to 75", spans("age", 19, 75)),
    ("credit-risk", '"mangement self-employed"', counts("job", "mangement self-employed", 148)),
    ("ames-houses", "from 34,900 to 755,000 dollars", spans("SalePrice", 34900, 755000)),
    ("ames-houses", "19 columns hold", lambda f: (f == "NA").any().sum() == 19),
    ("ames-houses", "the 1453 houses without a pool", counts("PoolQC", "NA", 1453)),
    (
        "ames-houses",
        "has 872 missing values where the file has 8",
        lambda f: (
            (f.MasVnrType == "NA").sum() == 8 and f.MasVnrType.isin(["NA", "None"]).sum() == 872
        ),
    ),
    (
        "ames-houses",
        "both hold in every row",
        lambda f: (
            number(f, "1stFlrSF") + number(f, "2ndFlrSF") + number(f, "LowQualFinSF")
            == number(f, "GrLivArea")
        ).all(),
    ),
    (
        "ames-houses",
        "nine garages are older than their house",
        lambda f: (number(f, "GarageYrBlt") < number(f, "YearBuilt")).sum() == 9,
    ),
    ("ames-houses", "178 houses carry 1950", counts("YearRemodAdd", "1950", 178)),
    ("sms-spam", "Of 5574 messages 747 are spam", counts("type", "spam", 747)),
    ("sms-spam", "414 messages repeat", lambda f: f.text.duplicated().sum() == 414),
    ("sms-spam", "stands there 30 times", lambda f: f.text.value_counts().iloc[0] == 30),
    (
        "sms-spam",
        "487 messages repeat an earlier one",
        lambda f: (
            (
                f.text.str.lower().str.replace(r"[^a-z]+", " ", regex=True).str.strip().duplicated()
            ).sum()
            == 487
        ),
    ),
    ("sms-spam", "455 messages hold", lambda f: (~f.text.map(str.isascii)).sum() == 455),
    ("sms-spam", "2 to 910 characters", lambda f: set(f.text.str.len()) >= {2, 910}),
    ("wine-quality", "5: 1457, 6: 2198", counts("quality", "6", 2198)),
    ("wine-quality", "9: 5", counts("quality", "9", 5)),
    ("wine-quality", "937 rows repeat", lambda f: repeats(f, "quality").sum() == 937),
    (
        "wine-quality",
        "always with the same grade",
        lambda f: repeats(f, "quality").sum() == repeats(f).sum(),
    ),
    ("wine-quality", "The value .49 occurs 215 times", counts("citric_acid", "0.49", 215)),
    ("wine-quality", ".98711 to 1.03898", spans("density", 0.98711, 1.03898)),
    ("wine-quality", "34 values of `alcohol`", lambda f: (f.alcohol.str.len() > 5).sum() == 34),
    (
        "bike-sharing",
        "their sum is the target",
        lambda f: (number(f, "casual") + number(f, "registered") == number(f, "count")).all(),
    ),
    ("bike-sharing", "first 19 days of each month", lambda f: f.datetime.str[8:10].max() == "19"),
    ("bike-sharing", "58 hours are missing", lambda f: 24 * 19 * 24 - len(f) == 58),
    ("bike-sharing", "0 in 1313 hours", counts("windspeed", "0", 1313)),
    (
        "bike-sharing",
        "0 throughout 10 March 2011",
        lambda f: set(f.datetime.str[:10][f.humidity == "0"]) == {"2011-03-10"},
    ),
    (
        "bike-sharing",
        "stuck at 12.12",
        lambda f: (f.atemp[f.datetime.str[:10] == "2012-08-17"] == "12.12").all(),
    ),
    (
        "bike-sharing",
        "January to March here",
        lambda f: set(f.datetime.str[5:7][f.season == "1"]) == {"01", "02", "03"},
    ),
]


@pytest.mark.mirror
@pytest.mark.parametrize("slug", ALL)
def test_descriptions_tell_the_truth(
    slug: str, competition: Competition, settings: Settings
) -> None:
    text = " ".join(description(slug).split())
    frame = table(competition, settings)
    claims = [(phrase, holds) for named, phrase, holds in CLAIMS if named == slug]
    assert claims
    for phrase, holds in claims:
        assert phrase in text
        assert holds(frame), phrase
