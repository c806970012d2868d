"""Solutions and tuning read what participants read: never the vault's answers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "practice"
FILES = sorted([*(PACKAGE / "solutions").glob("*.py"), *(PACKAGE / "tuning").glob("*.py")])
FORBIDDEN = {"load_answers", "read_vault", "SOLUTION", "KEY", "solution.parquet"}
FROM_VAULT = {"TargetInfo", "VaultInfo"}


def words(path: Path) -> set[str]:
    """Return the names, attributes and texts of a module, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_module_names_the_answers(path: Path) -> None:
    assert not words(path) & FORBIDDEN


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_only_the_description_of_a_build_is_read_from_its_vault(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "practice.build.vault":
            assert {alias.name for alias in node.names} <= FROM_VAULT


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 12
    assert "VaultInfo" in words(PACKAGE / "solutions" / "data.py")
