"""Small tables that a physician can sign: read from the reference pages, so that the page is the test."""

from __future__ import annotations

import re
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def rows(text: str) -> list[dict[str, str]]:
    """A `|` table as dicts by heading; empty lines are skipped."""
    cells = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines() if line.strip()]
    head, *body = cells
    assert all(len(row) == len(head) for row in body), text
    return [dict(zip(head, row, strict=True)) for row in body]


def cases(page: str, name: str) -> list[dict[str, str]]:
    """The fenced block ```cases NAME of a reference page."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    found = re.search(rf"^```cases {re.escape(name)}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no cases called {name}"
    return rows(found[1])


def case_names(page: str) -> list[str]:
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return re.findall(r"^```cases (\S+)$", text, re.MULTILINE)


def generated(page: str) -> dict[str, str]:
    """The generated parts of a page, by name, as they stand between their markers."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    pattern = r"<!-- generated: (\S+) -->\n(.*?)<!-- end -->"
    return dict(re.findall(pattern, text, re.DOTALL))


def rewrite(page: str, parts: dict[str, str]) -> None:
    """Put fresh generated parts into a page (run `python -m tests.domain.reference`)."""
    path = REFERENCE / page
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda m, p=part: m[1] + p + m[2], text, flags=re.DOTALL)  # type: ignore[misc]
    path.write_text(text, encoding="utf-8")
