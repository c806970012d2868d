"""The documentation holds: links lead somewhere, commands exist, tables name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from practice.cli import app as cli

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
VERBS = {verb.name for verb in cli.VERBS}


def blocks(text: str) -> list[str]:
    """Return the shell lines of a page that begin with practice."""
    found = []
    for block in re.findall(r"^```(?:console|sh|bash)\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            found += [part.strip() for part in line.removeprefix("$ ").split("&&")]
    found += re.findall(r"`(practice [^`]*)`", text)
    return [line for line in found if line.startswith("practice ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    for line in blocks(page.read_text(encoding="utf-8")):
        words = shlex.split(line.split("  #")[0])
        if words[1].startswith("-"):
            continue
        verb = words[1].rstrip(",.:")
        assert verb in VERBS, f"{page.name}: {line}"
        known = {name for param in cli.load(verb).params for name in param.opts} | {"--help"}
        used = {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
        assert used <= known, f"{page.name}: {line}: {used - known}"


def test_every_verb_is_in_the_command_reference() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert {verb for verb in VERBS if f"practice {verb}" in text} == VERBS


def test_the_readme_names_every_competition_and_every_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shipped = {p.parent.name for p in (ROOT / "competitions").glob("*/competition.toml")}
    assert {slug for slug in shipped if f"`{slug}`" in text} == shipped
    pages = {p.name for p in (ROOT / "docs").glob("*.md")}
    assert {name for name in pages if f"docs/{name}" in text} == pages


def test_the_repository_speaks_of_the_project_alone() -> None:
    wrong = re.compile(r"pypi\.org|registry\.npmjs|deb\.debian|/(work|tmp|root)/", re.I)
    for path in [*PAGES, ROOT / "pyproject.toml", *(ROOT / "src").rglob("*.py")]:
        assert not wrong.search(path.read_text(encoding="utf-8")), path
