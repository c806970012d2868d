"""The order of the rooms: imports point one way only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "practice"
ORDER = (
    "errors",
    "progress",
    "settings",
    "metrics",
    "definition",
    "catalog",
    "references",
    "sources",
    "build",
    "scoring",
    "custom",
    "store",
    "board",
    "harness",
    "solutions",
    "tuning",
    "arena",
    "analysis",
    "charts",
    "api",
    "cli",
)
LIMIT = 400


def room(module: str) -> str:
    """Return the room of a dotted name such as ``practice.build.split``."""
    return module.split(".")[1]


def imports(path: Path) -> set[str]:
    """Return the rooms that a module names anywhere, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {room(a.name) for a in node.names if a.name.startswith("practice.")}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "practice":
                found |= {a.name for a in node.names}
            elif node.module and node.module.startswith("practice."):
                found.add(room(node.module))
    return found


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_upwards_only(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert own in ORDER
    above = set(ORDER[: ORDER.index(own) + 1]) | {"__version__"}
    assert imports(path) <= above


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LIMIT


def test_the_check_can_fail(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from practice.cli import main\n")
    assert imports(wrong) == {"cli"}
