"""Every control of the hazard log names a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOG = (ROOT / "docs" / "safety" / "hazard-log.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", LOG)
ROWS = re.findall(r"^\| H\d+ \|.*$", LOG, flags=re.MULTILINE)


def test_every_hazard_has_a_control_with_a_test() -> None:
    assert len(ROWS) >= 30
    assert [row for row in ROWS if "::test_" not in row] == []


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _path, name in NAMED])
def test_the_named_test_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in names
