"""What every test shares: a home of its own, and the mark for tests on real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from practice import settings as practice_settings
from practice.settings import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("PRACTICE_MIRROR"):
        return
    skip = pytest.mark.skip(reason="needs real raw files: set PRACTICE_MIRROR to a mirror folder")
    for item in items:
        if item.get_closest_marker("mirror"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty PRACTICE_HOME."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("PRACTICE_HOME", str(folder))
    for name in ("PRACTICE_DATABASE_URL", "PRACTICE_COMPETITIONS", "PRACTICE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    practice_settings.load.cache_clear()
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """Return the settings that the test's environment gives."""
    return practice_settings.from_environment(os.environ)
