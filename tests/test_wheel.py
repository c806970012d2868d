"""The built wheel, installed elsewhere, works without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), wheel],
        check=True,
        capture_output=True,
    )
    # -S and an explicit path keep the editable install of the checkout out of the way.
    libraries = [p for p in sys.path if p.endswith("site-packages")]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site), *libraries]),
        "PRACTICE_HOME": str(tmp_path / "home"),
    }

    def practice(*words: str) -> str:
        code = "import sys; from practice.cli import main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-S", "-c", code, *words],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = json.loads(practice("list", "--json"))
    shipped = {p.parent.name for p in (ROOT / "competitions").glob("*/competition.toml")}
    assert {row["competition"] for row in listed["competitions"]} == shipped
    practice("start", "diabetes")
    board = json.loads(practice("leaderboard", "diabetes", "--json"))
    assert {entry["kind"] for entry in board["entries"]} == {"reference"}
    where = practice("doctor", "--json")
    assert str(ROOT) not in where
