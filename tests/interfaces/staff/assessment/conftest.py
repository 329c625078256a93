from __future__ import annotations

from pathlib import Path

import pytest

from tests.interfaces.staff.people.conftest import _clock, browser
from tests.record.assessments.conftest import answer, everything_clear

__all__ = ["_clock", "answer", "browser", "everything_clear"]


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
