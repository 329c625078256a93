from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from unittest.mock import patch

import pytest


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """The pages' clock stands at the cast's Thursday morning."""
    with patch("django.utils.timezone.now", return_value=now):
        yield
