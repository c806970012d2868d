"""A server on loopback that answers as it is told, and definitions that point to it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from practice.definition import Competition, DataSpec, MetricSpec, SplitSpec


@dataclass(frozen=True)
class Answer:
    """What the server says to one request.

    With an ``etag`` and status 200, Range and If-Range are honoured. ``cut`` stops after so many
    bytes of the body and closes the connection; ``stall`` keeps it open instead, until the test
    ends.
    """

    body: bytes = b""
    status: int = 200
    etag: str | None = None
    cut: int | None = None
    stall: bool = False
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Stub:
    """The server: ``say`` scripts a path (the last answer repeats), ``asked`` is what came."""

    base: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    Answer = Answer

    def say(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.base + path

    def next(self, path: str, headers: dict[str, str]) -> Answer:
        with self.lock:
            self.asked.append((path, headers))
            left = self.answers.get(path, [Answer(status=404)])
            return left.pop(0) if len(left) > 1 else left[0]

    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.asked]


def handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            answer = stub.next(self.path, dict(self.headers))
            stub.over.wait(answer.delay)
            body, status, extra = answer.body, answer.status, dict(answer.headers)
            if answer.etag:
                extra.setdefault("ETag", answer.etag)
                wanted = self.headers.get("Range")
                if status == 200 and wanted and self.headers.get("If-Range") == answer.etag:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                    status = 206 if start < len(body) else 416
                    extra["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                    body = body[start:] if status == 206 else b""
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if answer.cut is None else body[: answer.cut])
            if answer.stall:
                self.wfile.flush()
                stub.over.wait(30)
            if answer.cut is not None:
                self.close_connection = True

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Be silent about clients that hang up, which is what some tests are about."""


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    server = Server(("127.0.0.1", 0), handler(stub))
    stub.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield stub
    stub.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no mirror but those a test names."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("PRACTICE_MIRROR", raising=False)


@pytest.fixture
def competition(tmp_path: Path) -> Callable[..., Competition]:
    """Make a competition whose [data] is as given."""

    def make(source: str, **data: Any) -> Competition:
        return Competition(
            slug="toy",
            folder=tmp_path,
            title="Toy",
            summary="",
            task="binary",
            skills=(),
            difficulty=1,
            license="",
            citation="",
            homepage="",
            data=DataSpec(source=source, target=("y",), **data),  # type: ignore[arg-type]
            split=SplitSpec("random"),
            metric=MetricSpec("accuracy"),
        )

    return make


@pytest.fixture
def body() -> bytes:
    """Return 300,000 bytes that are no repetition of each other."""
    return b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(9375))


@pytest.fixture
def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
