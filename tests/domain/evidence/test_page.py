"""The evidence page says what the data files say."""

from __future__ import annotations

import pytest

from tests.domain.evidence.page import evidence_parts
from tests.domain.tables import generated

PARTS = evidence_parts()


@pytest.mark.parametrize("name", list(PARTS))
def test_the_evidence_page(name: str) -> None:
    assert generated("evidence.md")[name] == PARTS[name], "run: python -m tests.domain.reference"


def test_every_part_of_the_page_is_generated() -> None:
    assert set(generated("evidence.md")) == set(PARTS)
