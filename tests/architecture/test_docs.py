"""What the documents name exists: linked files, make targets, commands, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interlude.interfaces.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT[document])
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_exists(document: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)", TEXT[document]))
    assert {target for target in named if not re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)} == set()


def test_every_command_is_documented_and_no_other() -> None:
    commands = {name for name, _module, _line in COMMANDS}
    said = {word for text in TEXT.values() for word in re.findall(r"`interlude ([a-z]+)", text)}
    assert said <= commands
    assert commands <= said


def test_every_environment_variable_of_the_settings_is_documented() -> None:
    settings = (ROOT / "src" / "interlude" / "config" / "settings.py").read_text()
    head = settings.split('"""')[1]
    assert set(re.findall(r'environ\.get\("(INTERLUDE_\w+)"', settings)) <= set(re.findall(r"INTERLUDE_\w+", head))


def test_nothing_names_an_index_or_a_path_of_a_machine() -> None:
    lines = [
        f"{path.name}: {line}"
        for path in sorted((ROOT / "requirements").iterdir())
        for line in path.read_text().splitlines()
        if re.match(r"\s*(--(extra-)?index|--find-links|-i |-f |https?://)", line)
    ]
    assert lines == []
