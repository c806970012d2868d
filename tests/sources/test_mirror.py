"""PRACTICE_MIRROR: a folder or an address that is asked first, and passed over when wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from practice.definition import Competition
from practice.errors import SourceError
from practice.settings import Settings
from practice.sources import fetch
from practice.sources.download import Patience

Make = Callable[..., Competition]


@pytest.fixture
def get(competition: Make, settings: Settings, sha256: str) -> Callable[[str, str], bytes]:
    """Fetch an address with a mirror set and return the bytes."""

    def fetched(url: str, mirror: str) -> bytes:
        toy = competition("url", url=(url,), sha256=(sha256,))
        patience = Patience(tries=2, sleep=lambda seconds: None)
        files = fetch(toy, replace(settings, mirror=mirror), patience=patience)
        return files[0].path.read_bytes()

    return fetched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "the mirror"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("form", ["path", "file"])
def test_folder(
    stub: Any, get: Any, folder: Path, body: bytes, sha256: str, form: str, settings: Settings
) -> None:
    (folder / sha256).write_bytes(body)
    mirror = str(folder) if form == "path" else folder.as_uri()
    assert get(stub.base + "/a.csv", mirror) == body
    assert stub.asked == []
    assert sorted(p.name for p in settings.cache.iterdir()) == [sha256, f"{sha256}.lock"]
    assert (settings.cache / sha256).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", ["", "/"])
def test_address(stub: Any, get: Any, body: bytes, sha256: str, end: str) -> None:
    stub.say(f"/mirror/{sha256}", stub.Answer(body))
    assert get(stub.base + "/a.csv", f"{stub.base}/mirror{end}") == body
    assert [path for path, _ in stub.asked] == [f"/mirror/{sha256}"]


def test_folder_without_the_file(
    stub: Any, get: Any, folder: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert get(stub.say("/a.csv", stub.Answer(body)), str(folder)) == body
    assert caplog.messages == []


def test_address_without_the_file(
    stub: Any, get: Any, body: bytes, sha256: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert get(stub.say("/a.csv", stub.Answer(body)), f"{stub.base}/mirror") == body
    assert [path for path, _ in stub.asked] == [f"/mirror/{sha256}", "/a.csv"]
    assert caplog.messages == []


def test_no_such_folder(
    stub: Any, get: Any, folder: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = str(folder / "nowhere")
    assert get(stub.say("/a.csv", stub.Answer(body)), nowhere) == body
    assert caplog.messages == [f"mirror passed over: PRACTICE_MIRROR is no folder: {nowhere}"]


def test_folder_with_a_corrupt_file(
    stub: Any,
    get: Any,
    folder: Path,
    body: bytes,
    sha256: str,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (folder / sha256).write_bytes(b"corrupt")
    got = hashlib.sha256(b"corrupt").hexdigest()
    assert get(stub.say("/a.csv", stub.Answer(body)), str(folder)) == body
    assert caplog.messages == [
        f"mirror passed over: a.csv: wrong hash: expected sha256 {sha256}, got {got} "
        f"({folder / sha256})"
    ]
    assert (folder / sha256).read_bytes() == b"corrupt"  # a mirror is only read
    assert sorted(p.name for p in settings.cache.iterdir()) == [sha256, f"{sha256}.lock"]


def test_address_with_a_corrupt_file(
    stub: Any, get: Any, body: bytes, sha256: str, caplog: pytest.LogCaptureFixture
) -> None:
    mirrored = stub.say(f"/mirror/{sha256}", stub.Answer(b"corrupt"))
    got = hashlib.sha256(b"corrupt").hexdigest()
    assert get(stub.say("/a.csv", stub.Answer(body)), f"{stub.base}/mirror") == body
    assert caplog.messages == [
        f"mirror passed over: a.csv: wrong hash, deleted: expected sha256 {sha256}, got {got} "
        f"({mirrored})"
    ]


def test_address_that_fails(
    stub: Any, get: Any, body: bytes, sha256: str, caplog: pytest.LogCaptureFixture
) -> None:
    mirrored = stub.say(f"/mirror/{sha256}", stub.Answer(status=500))
    assert get(stub.say("/a.csv", stub.Answer(body)), f"{stub.base}/mirror") == body
    assert caplog.messages == [
        "mirror passed over: a.csv: the server answers 500 Internal Server Error; gave up after "
        f"2 tries ({mirrored})"
    ]


def test_part_from_elsewhere_is_neither_used_nor_left(
    stub: Any, get: Any, folder: Path, body: bytes, sha256: str, settings: Settings
) -> None:
    url = stub.say("/a.csv", stub.Answer(body, etag='"1"', cut=131_072))
    with pytest.raises(SourceError):
        get(url, str(folder))
    assert (settings.cache / f"{sha256}.part").exists()
    (folder / sha256).write_bytes(body)
    assert get(url, str(folder)) == body
    assert sorted(p.name for p in settings.cache.iterdir()) == [sha256, f"{sha256}.lock"]


def test_neither_mirror_nor_address(stub: Any, get: Any, folder: Path) -> None:
    with pytest.raises(SourceError) as caught:
        get(stub.base + "/a.csv", str(folder))
    assert caught.value.message == (
        f"a.csv: not there: the server answers 404 Not Found ({stub.base}/a.csv)"
    )


def test_pinned_address_may_be_a_file(
    competition: Make, settings: Settings, tmp_path: Path, body: bytes, sha256: str
) -> None:
    raw = tmp_path / "raw data.csv"
    toy = competition("url", url=(raw.as_uri(),), sha256=(sha256,))
    with pytest.raises(SourceError) as caught:
        fetch(toy, settings)
    assert caught.value.message == f"raw data.csv: no file {raw}"
    raw.write_bytes(body)
    (file,) = fetch(toy, settings)
    assert (file.path.read_bytes(), file.name) == (body, "raw data.csv")
