"""Where definitions are found, and what one broken definition does to the others: nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from practice import catalog
from practice.errors import DefinitionError, NotFoundError
from practice.settings import Settings

TOML = """
title = "{title}"
summary = "A toy."
task = "regression"
data = {{source = "local", path = "toy.csv", target = "y"}}
split = {{kind = "random"}}
metric = {{name = "rmse"}}
"""


def put(parent: Path, slug: str, title: str = "Toy") -> Path:
    folder = parent / slug
    folder.mkdir(parents=True)
    (folder / "competition.toml").write_text(TOML.format(title=title), encoding="utf-8")
    return folder


@pytest.fixture
def both(tmp_path: Path, settings: Settings) -> Settings:
    """Settings with a folder of one's own before another, and one that is not there."""
    folders = (tmp_path / "own", tmp_path / "nowhere", tmp_path / "shipped")
    return replace(settings, competitions=folders)


def test_names_are_sorted_and_the_first_folder_wins(both: Settings) -> None:
    own, _, shipped = both.competitions
    put(shipped, "zebra")
    put(shipped, "apple", "shipped")
    put(own, "apple", "own")
    put(own, "mango")
    (own / "notes").mkdir()
    (own / "README.md").touch()
    assert catalog.names(both) == ("apple", "mango", "zebra")
    assert catalog.folders(both)["apple"] == own / "apple"
    assert catalog.load("apple", both).title == "own"
    assert catalog.load("zebra", both).folder == shipped / "zebra"


def test_a_broken_definition_is_listed_and_refused(both: Settings) -> None:
    own = both.competitions[0]
    put(own, "fine")
    (put(own, "broken") / "competition.toml").write_text("title = ", encoding="utf-8")
    put(own, "Bad Name")
    assert catalog.names(both) == ("Bad Name", "broken", "fine")
    assert catalog.load("fine", both).slug == "fine"
    with pytest.raises(DefinitionError):
        catalog.load("broken", both)
    with pytest.raises(DefinitionError):
        catalog.load("Bad Name", both)


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("mangoo", "no competition 'mangoo'; did you mean 'mango'?"),
        ("zzz", "no competition 'zzz'"),
        ("../own/mango", "no competition '../own/mango'"),
        ("", "no competition ''"),
    ],
)
def test_unknown(both: Settings, slug: str, message: str) -> None:
    put(both.competitions[0], "mango")
    with pytest.raises(NotFoundError) as caught:
        catalog.load(slug, both)
    assert caught.value.message == message
    assert caught.value.hint == "practice list"


def test_no_folders_at_all(settings: Settings) -> None:
    assert catalog.names(replace(settings, competitions=())) == ()
