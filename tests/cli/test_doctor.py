"""The doctor says what is in force and what is wrong, with the fix, and no secret."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from practice.cli.health import Finding, examine, without_password
from practice.settings import Settings


def look(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, Finding]:
    given = {"KAGGLE_CONFIG_DIR": str(settings.home / "kaggle"), **(environ or {})}
    return {each.name: each for each in examine(settings, given)}


def test_all_is_well(settings: Settings) -> None:
    found = look(dataclasses.replace(settings, mirror=None))
    assert {each.state for each in found.values()} <= {"ok", "warn"}
    for name in ("numpy", "pandas", "pyarrow", "scikit-learn", "lightgbm", "optuna", "SQLAlchemy"):
        assert found[name].message
    assert found["lightgbm"].message.endswith(", loads")
    assert found["mirror"].message == "none (PRACTICE_MIRROR is not set)"
    assert found["proxies"].message == "none"
    assert found["kaggle"].message.startswith("credentials: no")
    assert list(settings.home.iterdir()) == [], "looking leaves nothing behind"


def test_the_verb(run: Callable[..., Any], home: Path) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].startswith("All is well")
    found = run("doctor", "--json").json
    assert found["ok"] is True
    assert {"name", "state", "message", "fix"} == set(found["findings"][0])


def test_a_failure_has_a_fix_and_exit_code_1(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRACTICE_MIRROR", str(tmp_path / "gone"))
    done = run("doctor")
    assert done.code == 1
    assert f"fail mirror       {tmp_path / 'gone'} is no folder" in done.out
    assert "fix: unset PRACTICE_MIRROR" in done.out
    assert " things are wrong.\n" in done.out
    assert run("doctor", "--json").json["ok"] is False


def test_no_password_is_shown(settings: Settings) -> None:
    given = dataclasses.replace(settings, mirror="http://ada:mirrorpass@127.0.0.1:9/x")
    environ = {
        "HTTPS_PROXY": "http://ada:proxypass@proxy:3128",
        "KAGGLE_USERNAME": "ada",
        "KAGGLE_KEY": "kagglesecret",
    }
    found = look(given, environ)
    text = repr(found)
    for secret in ("mirrorpass", "proxypass", "kagglesecret"):
        assert secret not in text
    assert found["proxies"].message == "HTTPS_PROXY=http://ada:***@proxy:3128"
    assert found["kaggle"].message == "credentials: yes, in the environment"
    assert found["mirror"].state == "fail"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:////home/a@b/practice.db", "sqlite:////home/a@b/practice.db"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u:p@ss@h/d", "postgresql+psycopg://u:***@h/d"),
        ("proxy.local:3128", "proxy.local:3128"),
        ("ada:secret@proxy:3128", "ada:***@proxy:3128"),
    ],
)
def test_addresses_without_password(address: str, shown: str) -> None:
    assert without_password(address) == shown


def test_a_home_that_is_a_file(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = look(dataclasses.replace(settings, home=file))
    assert found["home"].state == "fail"
    assert "PRACTICE_HOME" in found["home"].fix


def test_a_home_that_is_not_there_yet(settings: Settings, tmp_path: Path) -> None:
    found = look(dataclasses.replace(settings, home=tmp_path / "new"))
    assert found["home"].state == "ok"
    assert not (tmp_path / "new").exists()


def test_a_database_that_is_none(settings: Settings) -> None:
    (settings.home / "practice.db").write_bytes(b"this is no database, but long enough" * 50)
    found = look(settings)["database"]
    assert found.state == "fail"
    assert found.fix


def test_a_database_that_opens(started: Settings) -> None:
    assert look(started)["database"].message.endswith(", opens")


def test_a_database_of_something_else(settings: Settings) -> None:
    link = sqlite3.connect(settings.home / "practice.db")
    link.execute("CREATE TABLE other (x)")
    link.commit()
    link.close()
    assert look(settings)["database"].state in ("ok", "fail"), "never an exception"


def test_a_broken_definition_is_named(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "defs" / "broken"
    folder.mkdir(parents=True)
    (folder / "competition.toml").write_text("title = ")
    found = look(dataclasses.replace(settings, competitions=(tmp_path / "defs",)))["competitions"]
    assert found.state == "fail"
    assert "broken" in found.message
    empty = dataclasses.replace(settings, competitions=(tmp_path / "nothing",))
    assert look(empty)["competitions"].state == "fail"


def test_a_profile_that_is_broken(settings: Settings) -> None:
    (settings.home / "profile.json").write_text("{")
    assert look(settings)["entrant"].state == "fail"


def test_a_mirror_that_answers(settings: Settings) -> None:
    class Quiet(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(503 if self.path.startswith("/down") else 404)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        up = look(dataclasses.replace(settings, mirror=f"{base}/files"))["mirror"]
        down = look(dataclasses.replace(settings, mirror=f"{base}/down"))["mirror"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (up.state, up.message) == ("ok", f"{base}/files, answers")
    assert (down.state, down.message) == ("fail", f"{base}/down answers 503")


def test_certificates_that_are_missing(settings: Settings) -> None:
    found = look(settings, {"REQUESTS_CA_BUNDLE": "/gone.pem"})["certificates"]
    assert (found.state, found.message) == ("fail", "REQUESTS_CA_BUNDLE: no such file /gone.pem")


def test_kaggle_credentials_others_can_read(settings: Settings) -> None:
    folder = settings.home / "kaggle"
    folder.mkdir()
    (folder / "kaggle.json").write_text('{"key": "s3cr3t"}')
    (folder / "kaggle.json").chmod(0o644)
    found = look(settings)["kaggle"]
    assert (found.state, found.fix) == ("warn", f"chmod 600 {folder / 'kaggle.json'}")
    (folder / "kaggle.json").chmod(0o600)
    assert look(settings)["kaggle"].state == "ok"


def test_a_library_without_libgomp(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    class Refusing:
        def find_spec(self, name: str, *rest: object) -> None:
            if name == "lightgbm":
                raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "lightgbm", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    found = look(settings)["lightgbm"]
    assert found.state == "fail"
    assert "libgomp.so.1" in found.message
    assert found.fix.startswith("apt-get install libgomp1")
