"""What ``practice doctor`` looks at: settings, home, database, libraries, network."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from practice.errors import PracticeError
from practice.settings import Settings

__all__ = ["Finding", "examine", "without_password"]

LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn", "lightgbm", "optuna", "SQLAlchemy")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "lustre", "gpfs", "beegfs", "glusterfs")
SPARE = 1_000_000_000  # bytes; below it, downloads and submissions may not fit
LEAST = 100_000_000
SECONDS = 5.0  # how long the mirror may take to answer


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Parameters
    ----------
    name : str
    state : {"ok", "warn", "fail"}
    message : str
    fix : str
        What to do; empty where nothing is to be done.
    """

    name: str
    state: Literal["ok", "warn", "fail"]
    message: str
    fix: str = ""


def examine(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything, one finding after the other.

    Parameters
    ----------
    settings : Settings
    environ : mapping of str to str
        Usually ``os.environ``.

    Yields
    ------
    Finding
        Never a password, a token or an answer.
    """
    yield from _versions()
    yield from _libraries()
    yield from _home(settings.home)
    yield _database(settings)
    yield _profile(settings)
    yield _definitions(settings)
    yield _references(settings.references)
    yield _mirror(settings.mirror)
    yield from _network(environ)
    yield _kaggle(environ)


def without_password(address: str) -> str:
    """Hide the password in a URL.

    Examples
    --------
    >>> without_password("postgresql+psycopg://ada:secret@db:5432/practice")
    'postgresql+psycopg://ada:***@db:5432/practice'
    >>> without_password("http://proxy:3128")
    'http://proxy:3128'
    """
    head, at, tail = address.rpartition("@")
    if not at:
        return address
    scheme, slashes, login = head.rpartition("//")
    user, colon, _ = login.partition(":")
    return f"{scheme}{slashes}{user}{':***' if colon else ''}@{tail}"


def _versions() -> Iterator[Finding]:
    from practice import __version__

    yield Finding("practice", "ok", f"{__version__} in {Path(__file__).parents[1]}")
    python = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    yield Finding("python", "ok", f"{python}, {os.cpu_count()} cores")


def _libraries() -> Iterator[Finding]:
    for name in LIBRARIES:
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(name, "fail", "not installed", f"pip install {name}")
            continue
        if name == "lightgbm":
            yield _lightgbm(found)
        else:
            yield Finding(name, "ok", found)


def _lightgbm(found: str) -> Finding:
    try:
        import lightgbm  # noqa: F401 (its system library is what matters)
    except OSError as error:
        fix = "apt-get install libgomp1 (macOS: brew install libomp)"
        return Finding("lightgbm", "fail", f"{found} does not load: {error}", fix)
    except ImportError as error:
        fix = "pip install --force-reinstall lightgbm"
        return Finding("lightgbm", "fail", f"{found} does not load: {error}", fix)
    return Finding("lightgbm", "ok", f"{found}, loads")


def _home(home: Path) -> Iterator[Finding]:
    if not home.exists():
        yield Finding("home", "ok", f"{home} (made by the first practice start)")
        return
    try:
        with tempfile.NamedTemporaryFile(dir=home):
            pass
    except OSError as error:
        fix = "set PRACTICE_HOME to a folder of your own"
        yield Finding("home", "fail", f"{home}: {error.strerror}", fix)
        return
    yield Finding("home", "ok", f"{home}, writable")
    yield _space(home)
    yield _file_system(home)


def _space(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    text = f"{free / 1e9:.1f} GB free"
    fix = "make room, or set PRACTICE_HOME to a larger disk"
    if free < LEAST:
        return Finding("space", "fail", text, fix)
    return Finding("space", "warn", text, fix) if free < SPARE else Finding("space", "ok", text)


def _file_system(home: Path) -> Finding:
    kind = _kind(home)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        try:
            link = sqlite3.connect(Path(folder) / "probe.db")
            mode = link.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            link.close()
        except sqlite3.Error as error:
            fix = "set PRACTICE_HOME to a local disk, or PRACTICE_DATABASE_URL to PostgreSQL"
            return Finding("file system", "fail", f"{kind}: SQLite cannot write: {error}", fix)
    text = f"{kind}, SQLite journal {mode}"
    if mode != "wal" or kind.startswith(REMOTE):
        fix = "one process at a time, or PRACTICE_HOME on a local disk"
        return Finding("file system", "warn", text, fix)
    return Finding("file system", "ok", text)


def _kind(home: Path) -> str:
    """Return the type of the file system, where the system tells it."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "file system of unknown type"
    best, kind = "", "file system of unknown type"
    for line in lines:
        point, found = line.split(" ")[1:3]
        point = point.replace("\\040", " ")
        if home.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind


def _database(settings: Settings) -> Finding:
    shown = without_password(settings.database_url)
    path = settings.database_url.removeprefix("sqlite:///")
    if path != settings.database_url and not Path(path).exists():
        return Finding("database", "ok", f"{shown} (made by the first practice start)")
    from practice.store import open_store

    try:
        with open_store(settings):
            pass
    except PracticeError as error:
        return Finding("database", "fail", f"{shown}: {error.message}", error.hint)
    return Finding("database", "ok", f"{shown}, opens")


def _profile(settings: Settings) -> Finding:
    from practice.api.names import entrant

    try:
        return Finding("entrant", "ok", entrant(settings, None))
    except PracticeError as error:
        return Finding("entrant", "fail", error.message, error.hint)


def _definitions(settings: Settings) -> Finding:
    from practice import catalog

    names = catalog.names(settings)
    for name in names:
        try:
            catalog.load(name, settings)
        except PracticeError as error:
            return Finding("competitions", "fail", error.message, error.hint)
    where = ", ".join(str(folder) for folder in settings.competitions)
    if not names:
        fix = "reinstall practice, or set PRACTICE_COMPETITIONS"
        return Finding("competitions", "fail", f"none in {where}", fix)
    return Finding("competitions", "ok", f"{len(names)} in {where}")


def _references(folder: Path) -> Finding:
    count = len(list(folder.glob("*/*.toml")))
    if not count:
        text = f"no entries in {folder}"
        return Finding("references", "warn", text, "reinstall practice: boards have no opponents")
    return Finding("references", "ok", f"{count} entries in {folder}")


def _mirror(mirror: str | None) -> Finding:
    if mirror is None:
        return Finding("mirror", "ok", "none (PRACTICE_MIRROR is not set)")
    shown = without_password(mirror)
    fix = "unset PRACTICE_MIRROR, or set it to a folder or address that is there"
    if urlsplit(mirror).scheme not in ("http", "https"):
        if Path(mirror).expanduser().is_dir():
            return Finding("mirror", "ok", f"{shown}, a folder")
        return Finding("mirror", "fail", f"{shown} is no folder", fix)
    import requests

    try:
        answer = requests.head(mirror, timeout=SECONDS, allow_redirects=True)
    except requests.RequestException as error:
        return Finding("mirror", "fail", f"{shown}: {type(error).__name__}", fix)
    if answer.status_code >= 500:
        return Finding("mirror", "fail", f"{shown} answers {answer.status_code}", fix)
    return Finding("mirror", "ok", f"{shown}, answers")


def _network(environ: Mapping[str, str]) -> Iterator[Finding]:
    names = [name for each in PROXIES for name in (each, each.lower()) if environ.get(name)]
    shown = ", ".join(f"{name}={without_password(environ[name])}" for name in names)
    yield Finding("proxies", "ok", shown or "none")
    for name in BUNDLES:
        path = environ.get(name)
        if path and not Path(path).exists():
            fix = f"set {name} to the certificates of your network"
            yield Finding("certificates", "fail", f"{name}: no such file {path}", fix)
        elif path:
            yield Finding("certificates", "ok", f"{name}={path}")


def _kaggle(environ: Mapping[str, str]) -> Finding:
    """Say whether there are credentials, never which."""
    named = environ.get("KAGGLE_API_TOKEN") or (
        environ.get("KAGGLE_USERNAME") and environ.get("KAGGLE_KEY")
    )
    if named:
        return Finding("kaggle", "ok", "credentials: yes, in the environment")
    folder = Path(environ.get("KAGGLE_CONFIG_DIR") or "~/.kaggle").expanduser()
    for path in (folder / "kaggle.json", folder / "access_token"):
        if not path.is_file():
            continue
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            return Finding("kaggle", "warn", f"others can read {path}", f"chmod 600 {path}")
        return Finding("kaggle", "ok", f"credentials: yes, {path}")
    return Finding("kaggle", "ok", "credentials: no (needed only for sources on Kaggle)")
