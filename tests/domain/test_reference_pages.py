"""The reference pages are drawn from the data files: they must say what the files say."""

from __future__ import annotations

import pytest

from tests.domain.pharmacology.models_page import model_parts
from tests.domain.pharmacology.validation_page import validation_parts
from tests.domain.reference import instrument_parts, protocol_parts
from tests.domain.tables import generated

HINT = "run: python -m tests.domain.reference"


@pytest.mark.parametrize("name", list(instrument_parts()))
def test_instruments_page(name: str) -> None:
    assert generated("instruments.md")[name] == instrument_parts()[name], HINT


@pytest.mark.parametrize("name", list(protocol_parts()))
def test_protocols_page(name: str) -> None:
    assert generated("protocols.md")[name] == protocol_parts()[name], HINT


@pytest.mark.parametrize("page", ["pharmacology-models.md", "pharmacology-validation.md"])
def test_pharmacology_pages(page: str) -> None:
    parts = model_parts() if page == "pharmacology-models.md" else validation_parts()
    assert generated(page) == parts, HINT
