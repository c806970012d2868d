"""The one downloader: resumes, retries, verifies, and says in words what went wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from practice import __version__
from practice.errors import SourceError
from practice.progress import Progress
from practice.sources.files import digest, holds, writing

if TYPE_CHECKING:
    import requests

__all__ = ["NotThereError", "Patience", "download"]

_PIECE = 1 << 16  # bytes asked for at a time; a connection cut off loses less than one
_MIRROR = "or set PRACTICE_MIRROR to a folder or address that holds the file, named by its sha256"
_LATER = f"run the command again later; {_MIRROR}"
_NETWORK = f"check the network and the proxy settings, and run the command again; {_MIRROR}"


class NotThereError(SourceError):
    """The server answers, and does not have the file."""


@dataclass(frozen=True)
class Patience:
    """How long a download is tried.

    Parameters
    ----------
    tries : int
        Requests at most.
    longest : float
        Seconds to wait at most before another try.
    connect, read : float
        Seconds to wait at most for a connection, and for the next bytes.
    sleep : callable
        Waits so many seconds.
    now : callable
        Seconds since 1970, for a Retry-After that is a date.
    """

    tries: int = 5
    longest: float = 60.0
    connect: float = 10.0
    read: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


class _FailedError(Exception):
    """One try failed; ``again`` says whether another may help, ``after`` how many seconds on."""

    def __init__(
        self, why: str, hint: str = _LATER, *, again: bool = True, after: float | None = None
    ) -> None:
        super().__init__(why)
        self.why, self.hint, self.again, self.after = why, hint, again, after


@dataclass(frozen=True)
class _Part:
    """A download that is not finished: the bytes so far, and what they are a part of."""

    path: Path
    url: str
    name: str

    @property
    def note(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def begun(self) -> tuple[int, str]:
        """Return how many bytes are there, and the version of the file (its ETag)."""
        try:
            said = json.loads(self.note.read_text(encoding="utf-8"))
            if said["url"] == self.url and said["etag"]:
                return self.path.stat().st_size, str(said["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no note, or one that a crash left half-written: begin anew
        return 0, ""

    def begin(self, etag: str | None) -> None:
        """Forget the bytes so far and note what comes now."""
        with writing(self.path, self.name):
            self.drop()
            self.path.touch(mode=0o600)
            strong = etag if etag and etag.startswith('"') else ""  # If-Range knows no weak ones
            self.note.write_text(json.dumps({"url": self.url, "etag": strong}), encoding="utf-8")

    def drop(self) -> None:
        """Forget the bytes so far."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def download(
    url: str, sha256: str, part: Path, name: str, progress: Progress, patience: Patience
) -> None:
    """Bring a file from the web to ``part``; what a stopped try left there is gone on with.

    Parameters
    ----------
    url : str
        http or https. Proxies and certificates are those of requests' environment variables.
    sha256 : str
        The hash that the file must have.
    part : Path
        Where the bytes gather; ``<part>.json`` beside says which version they are of.
    name : str
        The raw file, as messages name it.
    progress : Progress
        Told the bytes done.
    patience : Patience

    Raises
    ------
    NotThereError
        404 or 410.
    SourceError
        All else: which address, why, what to do. A file with a wrong hash is deleted.
    """
    import requests

    kept = _Part(part, url, name)
    with requests.Session() as session:
        session.headers.update(
            {"User-Agent": f"practice/{__version__}", "Accept-Encoding": "identity"}
        )
        for attempt in range(1, patience.tries + 1):
            try:
                resumed = not holds(part, sha256) and _try(session, kept, progress, patience)
                _verify(kept, sha256, resumed)
                kept.note.unlink(missing_ok=True)
                return
            except _FailedError as failure:
                _pause(failure, attempt, kept, progress, patience)


def _pause(
    failure: _FailedError, attempt: int, kept: _Part, progress: Progress, patience: Patience
) -> None:
    """Wait for the next try, or raise where there is none."""
    if not failure.again:
        raise SourceError(f"{kept.name}: {failure.why} ({kept.url})", failure.hint)
    if attempt == patience.tries:
        tries = "1 try" if attempt == 1 else f"{attempt} tries"
        raise SourceError(
            f"{kept.name}: {failure.why}; gave up after {tries} ({kept.url})", failure.hint
        )
    wait = 2.0 ** (attempt - 1) if failure.after is None else failure.after
    if wait > patience.longest:
        raise SourceError(
            f"{kept.name}: {failure.why}, and asks to wait {wait:.0f} s ({kept.url})", failure.hint
        )
    if wait > 0:
        task = f"{kept.name}: {failure.why}; trying again"
        progress(task, 0, wait)
        patience.sleep(wait)
        progress(task, wait, wait)


def _verify(kept: _Part, sha256: str, resumed: bool) -> None:
    """Check the hash of a finished download; delete what is wrong."""
    found = digest(kept.path)
    if found == sha256:
        return
    kept.drop()
    if resumed:  # the beginning may have been at fault: once more from the start
        raise _FailedError(_wrong(sha256, found), after=0)
    raise _FailedError(
        _wrong(sha256, found),
        f"the file at this address has changed, or a proxy has; {_MIRROR.removeprefix('or ')}",
        again=False,
    )


def _wrong(sha256: str, found: str) -> str:
    return f"wrong hash, deleted: expected sha256 {sha256}, got {found}"


def _try(session: requests.Session, kept: _Part, progress: Progress, patience: Patience) -> bool:
    """Ask once and gather the bytes; say whether they continue earlier ones."""
    have, etag = kept.begun()
    headers = {"Range": f"bytes={have}-", "If-Range": etag} if have else {}
    with _in_words(kept.url):
        response = session.get(
            kept.url, headers=headers, stream=True, timeout=(patience.connect, patience.read)
        )
    with response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            kept.drop()
            raise _FailedError("the part that is here does not fit", after=0)
        _check(response, kept, patience)
        start = response.headers.get("Content-Range", "")
        resumed = have > 0 and response.status_code == HTTPStatus.PARTIAL_CONTENT
        if resumed and not start.startswith(f"bytes {have}-"):
            kept.drop()
            raise _FailedError("the part that came does not fit", after=0)
        if not resumed:
            have = 0
            # Bytes unpacked on the way have other positions than the server's: no going on.
            packed = "Content-Encoding" in response.headers
            kept.begin(None if packed else response.headers.get("ETag"))
        _gather(response, kept, have, progress)
    return resumed


def _check(response: requests.Response, kept: _Part, patience: Patience) -> None:
    """Refuse an answer that is not the file."""
    code = response.status_code
    if code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    said = f"{code} {response.reason}".strip()
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise NotThereError(
            f"{kept.name}: not there: the server answers {said} ({kept.url})",
            _MIRROR.removeprefix("or "),
        )
    busy = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
    after = _retry_after(response.headers.get("Retry-After"), patience.now())
    raise _FailedError(f"the server answers {said}", again=code >= 500 or code in busy, after=after)


def _retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds a Retry-After asks for: a number or an HTTP date; None: not readable.

    Examples
    --------
    >>> _retry_after("7", 0.0), _retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 2.0)
    (7.0, 7.0)
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _gather(response: requests.Response, kept: _Part, have: int, progress: Progress) -> None:
    """Append what comes to the part."""
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else None
    task = f"download {kept.name}"
    progress(task, have, total)
    with writing(kept.path, kept.name), kept.path.open("ab") as file:
        for chunk in _chunks(response, kept.url):
            file.write(chunk)
            have += len(chunk)
            progress(task, have, total)


def _chunks(response: requests.Response, url: str) -> Iterator[bytes]:
    with _in_words(url):
        yield from response.iter_content(_PIECE)


@contextmanager
def _in_words(url: str) -> Iterator[None]:
    """Turn what requests raises into a failed try that says what happened."""
    import requests

    host = urlsplit(url).netloc
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise _FailedError(
            f"no secure connection to {host}: {_reason(error)}",
            "where a proxy has its own certificate, name its file in REQUESTS_CA_BUNDLE; "
            + _MIRROR,
            again=False,
        ) from None
    except requests.exceptions.ProxyError as error:
        raise _FailedError(f"the proxy does not answer: {_reason(error)}", _NETWORK) from None
    except requests.exceptions.ChunkedEncodingError:
        raise _FailedError("the connection was cut off", _LATER) from None
    except requests.exceptions.Timeout:
        raise _FailedError(f"{host} does not answer in time", _NETWORK) from None
    except requests.exceptions.ConnectionError as error:
        raise _FailedError(f"cannot reach {host}: {_reason(error)}", _NETWORK) from None
    except requests.exceptions.RequestException as error:
        raise _FailedError(f"{type(error).__name__}: {error}", again=False) from None


def _reason(error: BaseException) -> str:
    """Find the system's own words in a chain of exceptions."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, TimeoutError):
            return "no answer in time"
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
        link = link.__cause__ or link.__context__
    return "no connection"
