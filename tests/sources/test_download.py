"""Downloads: fine, wrong, cut off, refused, slow, unreachable, and on a full disk."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
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
MIRROR = "set PRACTICE_MIRROR to a folder or address that holds the file, named by its sha256"
LATER = f"run the command again later; or {MIRROR}"
NETWORK = f"check the network and the proxy settings, and run the command again; or {MIRROR}"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def patience(waits: list[float]) -> Patience:
    """Wait in a list instead of in time; it is 1 January 2026, 00:00:00."""
    return Patience(sleep=waits.append, now=lambda: 1767225600.0)


@pytest.fixture
def get(
    competition: Make, settings: Settings, patience: Patience, sha256: str
) -> Callable[..., bytes]:
    """Fetch one address in this process and return the bytes."""

    def fetched(url: str, **changes: Any) -> bytes:
        toy = competition("url", url=(url,), sha256=(changes.pop("sha256", sha256),))
        files = fetch(toy, settings, patience=replace(patience, **changes))
        return files[0].path.read_bytes()

    return fetched


def cache(settings: Settings) -> set[str]:
    """Return the endings of what the cache holds, beside locks."""
    return {p.name[64:] or "file" for p in settings.cache.iterdir() if p.suffix != ".lock"}


def refused(call: Callable[..., bytes], *args: Any, **keywords: Any) -> tuple[str, str]:
    with pytest.raises(SourceError) as caught:
        call(*args, **keywords)
    return caught.value.message, caught.value.hint


def run(url: str, sha256: str, home: Path, before: str = "") -> subprocess.Popen[str]:
    """Fetch in a process of its own; it prints the sha256, or the error's two lines."""
    script = f"""
import sys
from pathlib import Path
from practice.definition import *
from practice.errors import SourceError
from practice.settings import from_environment
from practice.sources import fetch
{before}
toy = Competition("toy", Path(), "", "", "binary", (), 1, "", "", "",
                  DataSpec("url", ("y",), url=({url!r},), sha256=({sha256!r},)),
                  SplitSpec("random"), MetricSpec("accuracy"))
try:
    print(fetch(toy, from_environment({{"PRACTICE_HOME": {str(home)!r}}}))[0].sha256)
except SourceError as error:
    print(error.message, error.hint, sep="\\n")
"""
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def test_fine(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings, competition: Make
) -> None:
    url = stub.say("/raw/toy%20set.csv", stub.Answer(body))
    told: list[tuple[str, float, float | None]] = []
    toy = competition("url", url=(url,), sha256=(sha256,))
    (file,) = fetch(toy, settings, lambda *said: told.append(said))
    assert (file.path, file.sha256, file.name) == (settings.cache / sha256, sha256, "toy set.csv")
    assert file.path.read_bytes() == body
    assert cache(settings) == {"file"}
    assert told[0] == ("download toy set.csv", 0, 300000)
    assert told[-1] == ("download toy set.csv", 300000, 300000)
    if os.name == "posix":
        assert file.path.stat().st_mode & 0o777 == 0o600
        assert settings.cache.stat().st_mode & 0o777 == 0o700
    assert get(url) == body
    assert len(stub.asked) == 1  # the second time comes from the cache
    headers = stub.asked[0][1]
    assert headers["User-Agent"].startswith("practice/")
    assert headers["Accept-Encoding"] == "identity"


def test_several_files_come_in_order(
    stub: Any, competition: Make, settings: Settings, body: bytes, sha256: str
) -> None:
    other = b"second"
    urls = (stub.say("/a", stub.Answer(body)), stub.say("/b", stub.Answer(other)))
    hashes = (sha256, hashlib.sha256(other).hexdigest())
    files = fetch(competition("url", url=urls, sha256=hashes), settings)
    assert [f.name for f in files] == ["a", "b"]
    assert [f.path.read_bytes() for f in files] == [body, other]


def test_damaged_cache_is_brought_again(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings, caplog: Any
) -> None:
    url = stub.say("/a.csv", stub.Answer(body))
    get(url)
    (settings.cache / sha256).write_bytes(body[:-1])
    assert get(url) == body
    assert caplog.messages == [
        f"a.csv: the copy in the cache is damaged ({settings.cache / sha256}); bringing it again"
    ]


def test_wrong_hash(stub: Any, get: Any, sha256: str, settings: Settings) -> None:
    url = stub.say("/a.csv", stub.Answer(b"changed"))
    got = hashlib.sha256(b"changed").hexdigest()
    message, hint = refused(get, url)
    assert message == (f"a.csv: wrong hash, deleted: expected sha256 {sha256}, got {got} ({url})")
    assert hint == f"the file at this address has changed, or a proxy has; {MIRROR}"
    assert cache(settings) == set()
    assert len(stub.asked) == 1


def test_cut_off_and_resumed_at_once(
    stub: Any, get: Any, body: bytes, waits: list[float], settings: Settings
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072), stub.Answer(body, etag='"1"'))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=131072-"]
    assert stub.asked[1][1]["If-Range"] == '"1"'
    assert waits == [1.0]
    assert cache(settings) == {"file"}


def test_cut_off_and_resumed_by_the_next_command(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072))
    message, hint = refused(get, url, tries=1)
    assert message == f"a: the connection was cut off; gave up after 1 try ({url})"
    assert hint == LATER
    assert cache(settings) == {".part", ".part.json"}
    assert (settings.cache / f"{sha256}.part").read_bytes() == body[:131_072]
    stub.say("/a", stub.Answer(body, etag='"1"'))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=131072-"]
    assert cache(settings) == {"file"}


def test_cut_off_every_time_still_gets_on(stub: Any, get: Any, body: bytes) -> None:
    url = stub.say(
        "/a",
        *(stub.Answer(body, etag='"1"', cut=65_536) for _ in range(3)),
        stub.Answer(body, etag='"1"'),
    )
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=65536-", "bytes=131072-", "bytes=196608-"]


def test_changed_etag_starts_anew(stub: Any, get: Any, body: bytes) -> None:
    old = bytes(len(body))
    url = stub.say("/a", stub.Answer(old, etag='"1"', cut=131_072), stub.Answer(body, etag='"2"'))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=131072-"]


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_no_strong_etag_starts_anew(stub: Any, get: Any, body: bytes, etag: str | None) -> None:
    url = stub.say("/a", stub.Answer(body, etag=etag, cut=131_072), stub.Answer(body))
    assert get(url) == body
    assert stub.ranges() == [None, None]


def test_wrong_beginning_is_dropped(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072))
    refused(get, url, tries=1)
    part = settings.cache / f"{sha256}.part"
    part.write_bytes(bytes(131_072))
    stub.say("/a", stub.Answer(body, etag='"1"'))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=131072-", None]


def test_part_longer_than_the_file_is_dropped(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings, waits: list[float]
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072))
    refused(get, url, tries=1)
    (settings.cache / f"{sha256}.part").write_bytes(bytes(400_000))
    stub.say("/a", stub.Answer(body, etag='"1"'))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=400000-", None]
    assert waits == []


def test_server_that_sends_another_range(stub: Any, get: Any, body: bytes) -> None:
    off = stub.Answer(body[:5], status=206, headers={"Content-Range": "bytes 0-4/300000"})
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072), off, stub.Answer(body))
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=131072-", None]


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"url": 1}', '{"url": "x", "etag": "y"}'])
def test_unreadable_note_starts_anew(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings, note: str
) -> None:
    settings.cache.mkdir(parents=True)
    (settings.cache / f"{sha256}.part").write_bytes(body[:10])
    (settings.cache / f"{sha256}.part.json").write_text(note)
    assert get(stub.say("/a", stub.Answer(body, etag='"1"'))) == body
    assert stub.ranges() == [None]


def test_finished_part_is_not_asked_for(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings
) -> None:
    settings.cache.mkdir(parents=True)
    (settings.cache / f"{sha256}.part").write_bytes(body)
    assert get(stub.base + "/a") == body
    assert stub.asked == []
    assert cache(settings) == {"file"}


def test_gzip_on_the_way_is_unpacked_and_not_resumed(
    stub: Any, get: Any, body: bytes, settings: Settings, sha256: str
) -> None:
    packed = gzip.compress(body)
    headers = {"Content-Encoding": "gzip"}
    url = stub.say("/a", stub.Answer(packed, etag='"1"', headers=headers))
    assert get(url) == body
    (settings.cache / sha256).unlink()
    cut = stub.Answer(packed, headers=headers | {"ETag": '"1"'}, cut=131_072)
    stub.say("/a", cut, stub.Answer(packed, headers=headers))
    assert get(url) == body
    assert stub.ranges() == [None, None, None]


@pytest.mark.parametrize(("status", "reason"), [(404, "Not Found"), (410, "Gone")])
def test_not_there(
    stub: Any, get: Any, waits: list[float], status: int, reason: str, settings: Settings
) -> None:
    url = stub.say("/a.csv", stub.Answer(status=status))
    message, hint = refused(get, url)
    assert message == f"a.csv: not there: the server answers {status} {reason} ({url})"
    assert hint == MIRROR
    assert (waits, len(stub.asked), cache(settings)) == ([], 1, set())


def test_forbidden_is_not_tried_again(stub: Any, get: Any, waits: list[float]) -> None:
    url = stub.say("/a.csv", stub.Answer(status=403))
    message, hint = refused(get, url)
    assert message == f"a.csv: the server answers 403 Forbidden ({url})"
    assert hint == LATER
    assert (waits, len(stub.asked)) == ([], 1)


def test_500_then_fine(stub: Any, get: Any, body: bytes, waits: list[float]) -> None:
    url = stub.say("/a", stub.Answer(status=500), stub.Answer(status=502), stub.Answer(body))
    assert get(url) == body
    assert waits == [1.0, 2.0]


def test_500_forever(stub: Any, get: Any, waits: list[float]) -> None:
    url = stub.say("/a.csv", stub.Answer(status=500))
    message, hint = refused(get, url)
    assert message == (
        f"a.csv: the server answers 500 Internal Server Error; gave up after 5 tries ({url})"
    )
    assert hint == LATER
    assert (waits, len(stub.asked)) == ([1.0, 2.0, 4.0, 8.0], 5)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", 7.0),
        ("0", None),
        ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0),
        ("Wed, 31 Dec 2025 23:59:00 GMT", None),
        ("soon", 1.0),
        ("-3", 1.0),
    ],
)
def test_retry_after(
    stub: Any,
    get: Any,
    body: bytes,
    waits: list[float],
    status: int,
    value: str,
    wait: float | None,
) -> None:
    busy = stub.Answer(status=status, headers={"Retry-After": value})
    assert get(stub.say("/a", busy, stub.Answer(body))) == body
    assert waits == ([] if wait is None else [wait])


def test_waiting_is_shown(
    stub: Any, competition: Make, settings: Settings, body: bytes, sha256: str, patience: Patience
) -> None:
    busy = stub.Answer(status=429, headers={"Retry-After": "7"})
    url = stub.say("/a", busy, stub.Answer(body))
    told: list[tuple[str, float, float | None]] = []
    toy = competition("url", url=(url,), sha256=(sha256,))
    fetch(toy, settings, lambda *said: told.append(said), patience)
    task = "a: the server answers 429 Too Many Requests; trying again"
    assert told[:2] == [(task, 0, 7.0), (task, 7.0, 7.0)]


def test_retry_after_an_hour_is_not_waited_for(stub: Any, get: Any, waits: list[float]) -> None:
    url = stub.say("/a.csv", stub.Answer(status=429, headers={"Retry-After": "3600"}))
    message, hint = refused(get, url)
    assert message == (
        f"a.csv: the server answers 429 Too Many Requests, and asks to wait 3600 s ({url})"
    )
    assert (hint, waits, len(stub.asked)) == (LATER, [], 1)


def test_no_answer_in_time(stub: Any, get: Any) -> None:
    url = stub.say("/a", stub.Answer(b"late", delay=5))
    message, hint = refused(get, url, read=0.1, tries=2)
    host = stub.base.removeprefix("http://")
    assert message == f"a: {host} does not answer in time; gave up after 2 tries ({url})"
    assert hint == NETWORK


def test_stalls_in_the_middle(stub: Any, get: Any, body: bytes, sha256: str) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=1000, stall=True))
    message, hint = refused(get, url, read=0.2, tries=1)
    host = stub.base.removeprefix("http://")
    assert message == f"a: cannot reach {host}: no answer in time; gave up after 1 try ({url})"
    assert hint == NETWORK


def test_no_network(get: Any, waits: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/a.csv"
    message, hint = refused(get, url)
    assert message == (
        f"a.csv: cannot reach 127.0.0.1:{port}: Connection refused; gave up after 5 tries ({url})"
    )
    assert hint == NETWORK
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_proxy_is_used(stub: Any, get: Any, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", stub.base)
    stub.say("http://data.example/a.csv", stub.Answer(body))
    assert get("http://data.example/a.csv") == body


def test_proxy_that_does_not_answer(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    message, hint = refused(get, "http://data.example/a.csv", tries=1)
    assert message == (
        "a.csv: the proxy does not answer: Connection refused; gave up after 1 try "
        "(http://data.example/a.csv)"
    )
    assert hint == NETWORK


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_certificate_nobody_signed(get: Any, tmp_path: Path) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.server_address[1]}/a.csv"
        message, hint = refused(get, url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert "a.csv: no secure connection to 127.0.0.1:" in message
    assert "certificate verify failed: self" in message
    assert hint == (
        f"where a proxy has its own certificate, name its file in REQUESTS_CA_BUNDLE; or {MIRROR}"
    )


def test_redirected(stub: Any, get: Any, body: bytes) -> None:
    there = stub.say("/there", stub.Answer(body))
    assert get(stub.say("/a", stub.Answer(status=302, headers={"Location": there}))) == body


def test_redirected_forever(stub: Any, get: Any) -> None:
    url = stub.base + "/a"
    stub.say("/a", stub.Answer(status=302, headers={"Location": url}))
    message, _ = refused(get, url)
    assert message == f"a: TooManyRedirects: Exceeded 30 redirects. ({url})"


def test_two_processes_at_once(stub: Any, body: bytes, sha256: str, tmp_path: Path) -> None:
    url = stub.say("/a", stub.Answer(body, delay=0.5))
    both = [run(url, sha256, tmp_path) for _ in range(2)]
    assert [p.communicate(timeout=60)[0] for p in both] == [f"{sha256}\n"] * 2
    assert len(stub.asked) == 1


def test_killed_and_gone_on_with(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"', cut=131_072, stall=True))
    process = run(url, sha256, settings.home)
    part = settings.cache / f"{sha256}.part"
    until = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    have = part.stat().st_size
    assert have
    stub.say("/a", stub.Answer(body, etag='"1"'))
    assert get(url) == body
    assert stub.ranges() == [None, f"bytes={have}-"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes")
def test_full_disk_then_gone_on_with(
    stub: Any, get: Any, body: bytes, sha256: str, settings: Settings
) -> None:
    url = stub.say("/a", stub.Answer(body, etag='"1"'))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    said = run(url, sha256, settings.home, before=limit).communicate(timeout=60)[0]
    part = settings.cache / f"{sha256}.part"
    assert said.splitlines() == [
        f"a: the disk is full: cannot write {part}",
        "free some space and run the command again; a download goes on where it stopped",
    ]
    assert part.stat().st_size == 100_000
    assert json.loads(part.with_name(f"{part.name}.json").read_text())["etag"] == '"1"'
    assert get(url) == body
    assert stub.ranges() == [None, "bytes=100000-"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_full_file_system(stub: Any, body: bytes, sha256: str, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        url = stub.say("/a", stub.Answer(body))
        said = run(url, sha256, small / "home").communicate(timeout=60)[0].splitlines()
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert said[0].startswith("a: the disk is full: cannot write ")


@pytest.mark.skipif(os.name != "posix", reason="a file where a folder is due")
def test_home_that_cannot_be_made(
    stub: Any, competition: Make, settings: Settings, sha256: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    broken = replace(settings, home=tmp_path / "file")
    toy = competition("url", url=(stub.base + "/a",), sha256=(sha256,))
    with pytest.raises(SourceError) as caught:
        fetch(toy, broken)
    assert caught.value.message == f"a: cannot write {tmp_path / 'file' / 'cache'}: File exists"
    assert caught.value.hint == "PRACTICE_HOME says where files are kept; practice doctor checks it"
